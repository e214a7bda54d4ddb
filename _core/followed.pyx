"""Chains of resonators that hear lines which stand elsewhere for each sample.

As in `lorentzian.pyx`, resonator k of a chain has the detuning d_k and hears line i at the
distance t from its own line, in its half linewidths. Sample n moves line i by x_ni, so that

    t = t_ki + x_ni rate_k,    u = t (1 + stretch d_k) + d_k,
    weight_ni = sum_k strength_k w(u),    w(u) = (2 u cosine + sine)/(1 + u^2)

with rate_k one over the half linewidth. This is one bus; the other buses are other calls.

Two resonators share one division. The caller keeps |u| below 1e9. Every chain and every
sample is worked on alone.
"""

ctypedef fused real:
    float
    double

cdef enum:
    LANES = 32    # lines that are worked on side by side


cdef inline void sum_block(
    const real* offsets,       # IN  (n_resonators, n_resonators) from the first line on
    const real* shifts,        # IN  (size,)
    Py_ssize_t size,           # at most LANES
    const real* detunings,     # IN  (n_resonators,)
    const real* strengths,     # IN  (n_resonators,)
    const real* rates,         # IN  (n_resonators,)
    Py_ssize_t n_resonators,
    real stretch,
    real two_cosine,
    real sine,
    real* weights,             # OUT (size,)
    real* slopes,              # OUT (size,)
) noexcept nogil:
    """What one chain makes of some lines of one sample, two resonators after two."""
    cdef real[LANES] total
    cdef real[LANES] change
    cdef const real* first
    cdef const real* second
    cdef real u, v, a, b, inverse, scale_u, scale_v, shift_u, shift_v, rate_u, rate_v
    cdef real odd_u, odd_v, even_u, even_v, turn_u, turn_v, strength, one = 1
    cdef Py_ssize_t k, other, lane
    for lane in range(LANES):
        total[lane] = 0
        change[lane] = 0
    for k in range(0, n_resonators, 2):
        other = k + 1 if k + 1 < n_resonators else k    # the last may stand alone
        first = offsets + k * n_resonators
        second = offsets + other * n_resonators
        shift_u = detunings[k]
        shift_v = detunings[other]
        scale_u = one + stretch * shift_u
        scale_v = one + stretch * shift_v
        rate_u = rates[k] * scale_u
        rate_v = rates[other] * scale_v
        strength = strengths[k]
        odd_u = two_cosine * strength
        even_u = sine * strength
        strength = strengths[other] if other > k else 0
        odd_v = two_cosine * strength
        even_v = sine * strength
        turn_u = 2 * even_u
        turn_v = 2 * even_v
        for lane in range(size):
            u = first[lane] * scale_u + (shifts[lane] * rate_u + shift_u)
            v = second[lane] * scale_v + (shifts[lane] * rate_v + shift_v)
            a = one + u * u
            b = one + v * v
            inverse = one / (a * b)
            a = a * inverse    # 1/(1 + v^2), and below 1/(1 + u^2)
            b = b * inverse
            total[lane] += (odd_u * u + even_u) * b + (odd_v * v + even_v) * a
            u = (odd_u - u * (odd_u * u + turn_u)) * (b * b)
            v = (odd_v - v * (odd_v * v + turn_v)) * (a * a)
            change[lane] += u * rate_u + v * rate_v
    for lane in range(size):
        weights[lane] = total[lane]
        slopes[lane] = change[lane]


def followed_weights(
    const real[:, ::1] offsets,        # IN  (n_lines, n_lines) t: resonator, line
    const real[::1] rates,             # IN  (n_lines,) half linewidths per unit of frequency
    const real[:, ::1] shifts,         # IN  (n_samples, n_lines) x, of frequency
    const real[:, ::1] detunings,      # IN  (n_chains, n_lines) in half linewidths
    const real[:, ::1] strengths,      # IN  (n_chains, n_lines) polarity; 0 where it is dead
    double stretch,                    # damping, or 0 where the half linewidth is constant
    double cosine,                     # of the angle of the line shape
    double sine,
    real[:, :, ::1] weights,           # OUT (n_chains, n_samples, n_lines)
    real[:, :, ::1] slopes,            # OUT (n_chains, n_samples, n_lines) per unit of
                                       #     frequency
):
    """What each chain makes of a power of 1 on each line of each sample, and its slope."""
    cdef Py_ssize_t n_lines = shifts.shape[1]
    cdef Py_ssize_t chain, sample, block, line, size
    with nogil:
        for chain in range(detunings.shape[0]):
            for sample in range(shifts.shape[0]):
                for block in range((n_lines + LANES - 1) // LANES):
                    line = block * LANES
                    size = min(n_lines - line, <Py_ssize_t> LANES)
                    sum_block(
                        &offsets[0, line], &shifts[sample, line], size, &detunings[chain, 0],
                        &strengths[chain, 0], &rates[0], n_lines, <real> stretch,
                        <real> (2 * cosine), <real> sine, &weights[chain, sample, line],
                        &slopes[chain, sample, line],
                    )


cdef void slopes_of_pair(
    const real* first,         # IN  (n_lines,) offsets of one resonator, ...
    const real* second,        # IN  (n_lines,) ... and of the other
    const real* shifts,        # IN  (n_samples, n_lines)
    const real* wanted,        # IN  (n_samples, n_lines)
    Py_ssize_t n_samples,
    Py_ssize_t n_lines,
    real shift_u,              # detunings
    real shift_v,
    real rate_u,
    real rate_v,
    real stretch,
    real two_cosine,
    real two_sine,
    real* sums,                # OUT (2,) slopes for strengths of 1
) noexcept nogil:
    """Slopes of two resonators, summed over samples and lines."""
    cdef real[LANES] sum_u
    cdef real[LANES] sum_v
    cdef real t, s, u, v, a, b, inverse, one = 1
    cdef real scale_u = one + stretch * shift_u
    cdef real scale_v = one + stretch * shift_v
    cdef Py_ssize_t sample, block, line, lane, i
    for lane in range(LANES):
        sum_u[lane] = 0
        sum_v[lane] = 0
    for sample in range(n_samples):
        for block in range((n_lines + LANES - 1) // LANES):
            for lane in range(min(n_lines - block * LANES, <Py_ssize_t> LANES)):
                line = block * LANES + lane
                i = sample * n_lines + line
                t = first[line] + shifts[i] * rate_u
                s = second[line] + shifts[i] * rate_v
                u = t * scale_u + shift_u
                v = s * scale_v + shift_v
                a = one + u * u
                b = one + v * v
                inverse = one / (a * b)
                a = a * inverse    # 1/(1 + v^2), and below 1/(1 + u^2)
                b = b * inverse
                u = (two_cosine - u * (two_cosine * u + two_sine)) * (b * b)
                v = (two_cosine - v * (two_cosine * v + two_sine)) * (a * a)
                sum_u[lane] += (u * wanted[i]) * (one + stretch * t)
                sum_v[lane] += (v * wanted[i]) * (one + stretch * s)
    sums[0] = sums[1] = 0
    for lane in range(LANES):
        sums[0] += sum_u[lane]
        sums[1] += sum_v[lane]


def followed_slopes(
    const real[:, ::1] offsets,        # IN  (n_lines, n_lines) t: resonator, line
    const real[::1] rates,             # IN  (n_lines,) half linewidths per unit of frequency
    const real[:, ::1] shifts,         # IN  (n_samples, n_lines) x, of frequency
    const real[:, ::1] detunings,      # IN  (n_chains, n_lines) in half linewidths
    const real[:, ::1] strengths,      # IN  (n_chains, n_lines) polarity; 0 where it is dead
    double stretch,                    # damping, or 0 where the half linewidth is constant
    double cosine,                     # of the angle of the line shape
    double sine,
    const real[:, :, ::1] wanted,      # IN  (n_chains, n_samples, n_lines) dL/dweight
    real[:, ::1] slopes,               # OUT (n_chains, n_lines) dL/ddetuning
):
    """How a loss L changes with each detuning, from how it changes with each weight."""
    cdef Py_ssize_t n_samples = shifts.shape[0], n_lines = shifts.shape[1]
    cdef Py_ssize_t chain, k, other
    cdef real[2] sums
    with nogil:
        for chain in range(detunings.shape[0]):
            for k in range(0, n_lines, 2):
                other = k + 1 if k + 1 < n_lines else k    # the last may stand alone
                sums[0] = sums[1] = 0
                if n_samples > 0:
                    slopes_of_pair(
                        &offsets[k, 0], &offsets[other, 0], &shifts[0, 0],
                        &wanted[chain, 0, 0], n_samples, n_lines, detunings[chain, k],
                        detunings[chain, other], rates[k], rates[other], <real> stretch,
                        <real> (2 * cosine), <real> (2 * sine), sums,
                    )
                slopes[chain, k] = strengths[chain, k] * sums[0]
                slopes[chain, other] = strengths[chain, other] * sums[0 if other == k else 1]
