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

Two resonators, or two points, share one division: a/b + c/d = (a d + c b)/(b d) and
1/b = d/(b d). The caller keeps |u| below 1e9, so that the product of two 1 + u^2 is at most
1e36, which single precision holds. Up to 1e12 the answer is still finite, but what two
distant resonators hear may be lost. Every chain is worked on alone, and in the same order wherever it stands.
"""

ctypedef fused real:
    float
    double

cdef enum:
    LANES = 16    # points, or resonators, that are worked on side by side


cdef inline const real* whole_block(
    const real* values,        # IN  (n_values,)
    Py_ssize_t n_values,
    real* room,                # OUT (LANES,) used if there are fewer values than LANES
) noexcept nogil:
    """Where LANES values can be read; zeros follow the last one."""
    cdef Py_ssize_t lane
    if n_values >= LANES:
        return values
    for lane in range(LANES):
        room[lane] = 0
    for lane in range(n_values):
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


cdef inline void slopes_of_block(
    const real* offsets,       # IN  (n_points, stride) from the first resonator on
    Py_ssize_t stride,
    Py_ssize_t n_resonators,   # of this block, at most LANES are worked on
    const real* detunings,     # IN  (n_resonators,)
    const real* strengths,     # IN  (n_resonators,)
    const real* wanted,        # IN  (n_points,)
    Py_ssize_t n_points,
    real stretch,
    real two_cosine,
    real two_sine,
    real* slopes,              # OUT (LANES,)
) noexcept nogil:
    """Slopes of up to LANES resonators, summed over the points, two after two."""
    cdef real[LANES] first_room
    cdef real[LANES] second_room
    cdef real[LANES] shift
    cdef real[LANES] scale
    cdef real[LANES] total
    cdef const real* first
    cdef const real* second
    cdef real u, v, a, b, inverse, wanted_u, wanted_v, one = 1
    cdef Py_ssize_t i, other, lane
    first = whole_block(detunings, n_resonators, first_room)
    for lane in range(LANES):
        shift[lane] = first[lane]
        scale[lane] = one + stretch * shift[lane]
        total[lane] = 0
    for i in range(0, n_points, 2):
        other = i + 1 if i + 1 < n_points else i    # the last may stand alone
        wanted_u = wanted[i]
        wanted_v = wanted[other] if other > i else 0
        first = whole_block(offsets + i * stride, n_resonators, first_room)
        second = whole_block(offsets + other * stride, n_resonators, second_room)
        for lane in range(LANES):
            u = first[lane] * scale[lane] + shift[lane]
            v = second[lane] * scale[lane] + shift[lane]
            a = one + u * u
            b = one + v * v
            inverse = one / (a * b)
            a = a * inverse    # 1/(1 + v^2), and below 1/(1 + u^2)
            b = b * inverse
            u = (two_cosine - u * (two_cosine * u + two_sine)) * (b * b)
            v = (two_cosine - v * (two_cosine * v + two_sine)) * (a * a)
            u = (u * wanted_u) * (one + stretch * first[lane])
            v = (v * wanted_v) * (one + stretch * second[lane])
            total[lane] += u + v
    first = whole_block(strengths, n_resonators, first_room)
    for lane in range(LANES):
        slopes[lane] = total[lane] * first[lane]


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
    cdef Py_ssize_t chain, bus, line, size, n_points, block, place, lane
    cdef real[LANES] sums
    with nogil:
        for bus in range((n_lines + per_bus - 1) // per_bus):
            line = bus * per_bus
            size = min(per_bus, n_lines - line)
            n_points = size * n_nodes
            for block in range((n_points + LANES - 1) // LANES):
                # The last block may repeat some points of the one before.
                place = max(min(block * LANES, n_points - LANES), <Py_ssize_t> 0)
                for chain in range(detunings.shape[0]):
                    sum_block(
                        &offsets[0, place], stride, n_points - place,
                        &detunings[chain, line], &strengths[chain, line], size,
                        <real> stretch, <real> (2 * cosine), <real> sine, sums,
                    )
                    for lane in range(min(n_points - place, <Py_ssize_t> LANES)):
                        weights[chain, line * n_nodes + place + lane] = sums[lane]


def chain_slopes(
    const real[:, ::1] offsets,      # IN  (lines_per_bus * n_nodes, lines_per_bus): point,
                                     #     resonator; in half linewidths of the resonator
    const real[:, ::1] detunings,    # IN  (n_chains, n_lines) in half linewidths
    const real[:, ::1] strengths,    # IN  (n_chains, n_lines) polarity; 0 where it is dead
    double stretch,                  # damping, or 0 where the half linewidth is constant
    double cosine,                   # of the angle of the line shape
    double sine,
    const real[:, ::1] wanted,       # IN  (n_chains, n_lines * n_nodes) dL/dweight
    real[:, ::1] slopes,             # OUT (n_chains, n_lines) dL/ddetuning
):
    """How a loss L changes with each detuning, from how it changes with each weight."""
    cdef Py_ssize_t per_bus = offsets.shape[1]
    cdef Py_ssize_t n_nodes = offsets.shape[0] // per_bus
    cdef Py_ssize_t n_lines = detunings.shape[1]
    cdef Py_ssize_t chain, bus, line, size, block, place, lane
    cdef real[LANES] found
    with nogil:
        for chain in range(detunings.shape[0]):
            for bus in range((n_lines + per_bus - 1) // per_bus):
                line = bus * per_bus
                size = min(per_bus, n_lines - line)
                for block in range((size + LANES - 1) // LANES):
                    # The last block may repeat some resonators of the one before.
                    place = max(min(block * LANES, size - LANES), <Py_ssize_t> 0)
                    slopes_of_block(
                        &offsets[0, place], per_bus, size - place,
                        &detunings[chain, line + place], &strengths[chain, line + place],
                        &wanted[chain, line * n_nodes], size * n_nodes, <real> stretch,
                        <real> (2 * cosine), <real> (2 * sine), found,
                    )
                    for lane in range(min(size - place, <Py_ssize_t> LANES)):
                        slopes[chain, line + place + lane] = found[lane]
