"""Chains of resonators that hear every line of their bus: weights, and their slopes.

A chain adds the rectified voltages of its resonators (spin diodes in series), and each
resonator k hears the power at every point i of frequency. With t_ki, the distance of the
point from the line of the resonator in half linewidths of the latter, and the detuning d_k,

    u_ik = t_ki (1 + stretch d_k) + d_k,    w(u) = (2 u cosine + sine)/(1 + u^2)
    weight_i = sum_k strength_k w(u_ik)

`stretch` is the damping where a half linewidth is damping times resonance. Then u is
exactly (f_i - f_k)/(damping f_k), because f_k = line_k/(1 + damping d_k). It is 0 where the
half linewidth is constant. The table of t and the detunings come apart because u would lose
digits in single precision if it were the difference of two large numbers.

The lines are cut into buses of `lines_per_bus` neighbours, the last of which may be shorter.
All of them use the same table, and nothing is heard across buses. A line may stand at
several points of frequency (its nodes), which are neighbours.

Two resonators share one division: a/b + c/d = (a d + c b)/(b d), 1/b = d/(b d). The caller
keeps |u| below 1e9, so that the product of two 1 + u^2 is at most 1e36, which single precision
holds. Up to 1e12 the answer is still finite, but what two distant resonators hear may be
lost. Every chain is worked on alone, and in the same order wherever it stands.
"""

ctypedef fused real:
    float
    double

cdef enum:
    LANES = 16    # points that are worked on side by side


cdef inline const real* whole_block(
    const real* values,        # IN  (n_points,)
    Py_ssize_t n_points,
    real* room,                # OUT (LANES,) used if there are fewer points than LANES
) noexcept nogil:
    """Where LANES values can be read; zeros follow the last point."""
    cdef Py_ssize_t lane
    if n_points >= LANES:
        return values
    for lane in range(LANES):
        room[lane] = 0
    for lane in range(n_points):
        room[lane] = values[lane]
    return room


cdef inline void sum_block(
    const real* offsets,       # IN  (n_resonators, stride) from the first point on
    Py_ssize_t stride,
    Py_ssize_t n_points,       # of this block, at most LANES are worked on
    const real* detunings,     # IN  (n_resonators,)
    const real* strengths,     # IN  (n_resonators,)
    Py_ssize_t n_resonators,
    real stretch,
    real two_cosine,
    real sine,
    real* sums,                # OUT (LANES,) weights
) noexcept nogil:
    """Weights of up to LANES points, two resonators after two."""
    cdef real[LANES] first_room
    cdef real[LANES] second_room
    cdef real[LANES] total
    cdef const real* first
    cdef const real* second
    cdef real u, v, a, b, scale_u, scale_v, shift_u, shift_v
    cdef real odd_u, odd_v, even_u, even_v, strength, one = 1
    cdef Py_ssize_t k, other, lane
    for lane in range(LANES):
        total[lane] = 0
    for k in range(0, n_resonators, 2):
        other = k + 1 if k + 1 < n_resonators else k    # the last may stand alone
        first = whole_block(offsets + k * stride, n_points, first_room)
        second = whole_block(offsets + other * stride, n_points, second_room)
        shift_u = detunings[k]
        shift_v = detunings[other]
        scale_u = one + stretch * shift_u
        scale_v = one + stretch * shift_v
        strength = strengths[k]
        odd_u = two_cosine * strength
        even_u = sine * strength
        strength = strengths[other] if other > k else 0
        odd_v = two_cosine * strength
        even_v = sine * strength
        for lane in range(LANES):
            u = first[lane] * scale_u + shift_u
            v = second[lane] * scale_v + shift_v
            a = one + u * u
            b = one + v * v
            total[lane] += ((odd_u * u + even_u) * b + (odd_v * v + even_v) * a) / (a * b)
    for lane in range(LANES):
        sums[lane] = total[lane]


cdef void weigh_bus(
    const real* offsets,       # IN  (n_resonators, stride)
    Py_ssize_t stride,
    Py_ssize_t n_points,
    const real* detunings,     # IN  (n_resonators,)
    const real* strengths,     # IN  (n_resonators,)
    Py_ssize_t n_resonators,
    double stretch,
    double cosine,
    double sine,
    real* weights,             # OUT (n_points,)
) noexcept nogil:
    """Weights of one chain at the points of one bus; the last block may repeat some."""
    cdef real[LANES] sums
    cdef Py_ssize_t block, place, lane
    for block in range((n_points + LANES - 1) // LANES):
        place = max(min(block * LANES, n_points - LANES), <Py_ssize_t> 0)
        sum_block(
            offsets + place, stride, n_points - place, detunings, strengths, n_resonators,
            <real> stretch, <real> (2 * cosine), <real> sine, sums,
        )
        for lane in range(min(n_points - place, <Py_ssize_t> LANES)):
            weights[place + lane] = sums[lane]


cdef inline real total_of(real* values) noexcept nogil:
    """Sum of LANES values, halves on halves."""
    cdef Py_ssize_t lane
    for lane in range(LANES // 2):
        values[lane] += values[LANES // 2 + lane]
    for lane in range(LANES // 4):
        values[lane] += values[LANES // 4 + lane]
    for lane in range(LANES // 8):
        values[lane] += values[LANES // 8 + lane]
    return values[0] + values[1]


cdef inline void add_slopes(
    const real* first,         # IN    (n_blocks, LANES) offsets of one resonator, ...
    const real* second,        # IN    (n_blocks, LANES) ... and of the other
    const real* wanted,        # IN    (n_blocks, LANES)
    Py_ssize_t n_blocks,
    real shift_u,
    real shift_v,
    real stretch,
    real two_cosine,
    real two_sine,
    real* slope_u,             # INOUT (LANES,) sums
    real* slope_v,             # INOUT (LANES,)
) noexcept nogil:
    """Slopes of two resonators for strengths of 1, with the points of each lane summed."""
    cdef real[LANES] sum_u
    cdef real[LANES] sum_v
    cdef real u, v, a, b, inverse, one = 1
    cdef real scale_u = one + stretch * shift_u
    cdef real scale_v = one + stretch * shift_v
    cdef Py_ssize_t block, lane, i
    for lane in range(LANES):
        sum_u[lane] = slope_u[lane]
        sum_v[lane] = slope_v[lane]
    for block in range(n_blocks):
        for lane in range(LANES):
            i = block * LANES + lane
            u = first[i] * scale_u + shift_u
            v = second[i] * scale_v + shift_v
            a = one + u * u
            b = one + v * v
            inverse = one / (a * b)
            a = a * inverse    # 1/(1 + v^2), and below 1/(1 + u^2)
            b = b * inverse
            u = (two_cosine - u * (two_cosine * u + two_sine)) * (b * b)
            v = (two_cosine - v * (two_cosine * v + two_sine)) * (a * a)
            sum_u[lane] += (u * wanted[i]) * (one + stretch * first[i])
            sum_v[lane] += (v * wanted[i]) * (one + stretch * second[i])
    for lane in range(LANES):
        slope_u[lane] = sum_u[lane]
        slope_v[lane] = sum_v[lane]


cdef void slopes_of_bus(
    const real* offsets,       # IN  (n_resonators, stride)
    Py_ssize_t stride,
    Py_ssize_t n_points,
    const real* detunings,     # IN  (n_resonators,)
    const real* strengths,     # IN  (n_resonators,)
    Py_ssize_t n_resonators,
    double stretch,
    double cosine,
    double sine,
    const real* wanted,        # IN  (n_points,)
    real* slopes,              # OUT (n_resonators,)
) noexcept nogil:
    """Slopes of one chain on one bus; the last block hears what no block before it heard."""
    cdef real[LANES] first_room
    cdef real[LANES] second_room
    cdef real[LANES] rest
    cdef real[LANES] slope_u
    cdef real[LANES] slope_v
    cdef const real* first
    cdef const real* second
    cdef Py_ssize_t n_blocks = n_points // LANES
    cdef Py_ssize_t place = max(n_points - LANES, <Py_ssize_t> 0)
    cdef Py_ssize_t k, other, lane
    for lane in range(LANES):
        rest[lane] = 0
    for lane in range(n_blocks * LANES, n_points):
        rest[lane - place] = wanted[lane]
    for k in range(0, n_resonators, 2):
        other = k + 1 if k + 1 < n_resonators else k    # the last may stand alone
        first = offsets + k * stride
        second = offsets + other * stride
        for lane in range(LANES):
            slope_u[lane] = 0
            slope_v[lane] = 0
        add_slopes(
            first, second, wanted, n_blocks, detunings[k], detunings[other],
            <real> stretch, <real> (2 * cosine), <real> (2 * sine), slope_u, slope_v,
        )
        if n_blocks * LANES < n_points:
            add_slopes(
                whole_block(first + place, n_points, first_room),
                whole_block(second + place, n_points, second_room),
                <const real*> rest, 1, detunings[k], detunings[other],
                <real> stretch, <real> (2 * cosine), <real> (2 * sine), slope_u, slope_v,
            )
        slopes[k] = strengths[k] * total_of(<real*> slope_u)
        slopes[other] = strengths[other] * total_of(<real*> slope_v)


def chain_weights(
    const real[:, ::1] offsets,      # IN  (lines_per_bus, lines_per_bus * n_nodes): resonator,
                                     #     point; in half linewidths of the resonator
    const real[:, ::1] detunings,    # IN  (n_chains, n_lines) in half linewidths
    const real[:, ::1] strengths,    # IN  (n_chains, n_lines) polarity; 0 where it is dead
    double stretch,                  # damping, or 0 where the half linewidth is constant
    double cosine,                   # of the angle of the line shape
    double sine,
    real[:, ::1] weights,            # OUT (n_chains, n_lines * n_nodes)
):
    """What each chain makes of a power of 1 at every point of frequency."""
    cdef Py_ssize_t per_bus = offsets.shape[0], stride = offsets.shape[1]
    cdef Py_ssize_t n_nodes = stride // per_bus
    cdef Py_ssize_t n_lines = detunings.shape[1]
    cdef Py_ssize_t chain, bus, line, size
    with nogil:
        for chain in range(detunings.shape[0]):
            for bus in range((n_lines + per_bus - 1) // per_bus):
                line = bus * per_bus
                size = min(per_bus, n_lines - line)
                weigh_bus(
                    &offsets[0, 0], stride, size * n_nodes, &detunings[chain, line],
                    &strengths[chain, line], size, stretch, cosine, sine,
                    &weights[chain, line * n_nodes],
                )


def chain_slopes(
    const real[:, ::1] offsets,      # IN  (lines_per_bus, lines_per_bus * n_nodes): resonator,
                                     #     point; in half linewidths of the resonator
    const real[:, ::1] detunings,    # IN  (n_chains, n_lines) in half linewidths
    const real[:, ::1] strengths,    # IN  (n_chains, n_lines) polarity; 0 where it is dead
    double stretch,                  # damping, or 0 where the half linewidth is constant
    double cosine,                   # of the angle of the line shape
    double sine,
    const real[:, ::1] wanted,       # IN  (n_chains, n_lines * n_nodes) dL/dweight
    real[:, ::1] slopes,             # OUT (n_chains, n_lines) dL/ddetuning
):
    """How a loss L changes with each detuning, from how it changes with each weight."""
    cdef Py_ssize_t per_bus = offsets.shape[0], stride = offsets.shape[1]
    cdef Py_ssize_t n_nodes = stride // per_bus
    cdef Py_ssize_t n_lines = detunings.shape[1]
    cdef Py_ssize_t chain, bus, line, size
    with nogil:
        for chain in range(detunings.shape[0]):
            for bus in range((n_lines + per_bus - 1) // per_bus):
                line = bus * per_bus
                size = min(per_bus, n_lines - line)
                slopes_of_bus(
                    &offsets[0, 0], stride, size * n_nodes, &detunings[chain, line],
                    &strengths[chain, line], size, stretch, cosine, sine,
                    &wanted[chain, line * n_nodes], &slopes[chain, line],
                )
