"""Coupled oscillators under one common current: the equations that a hold follows.

Complex amplitudes c = sqrt(p) exp(i phi) of identical oscillators up to their frequencies
(Slavin and Tiberkevich, IEEE Trans. Magn. 45, 1875, 2009):

    dc_i/dt = (a/2 - b/2 p_i - i N p_i) c_i + sum_j M_ij c_j,    M_ij = K_ij - i D_i delta_ij

with the coupling K, the detunings D and the a, b of `oscillator.pxd`. To turn all of them
together changes no amplitude and no difference of phases, so the frame turns with what all
frequencies have in common: the mean of D, and N times the mean power, anew for every part
of a hold. What is left varies slowly and is followed by the classical Runge-Kutta step of
fourth order.
"""

from .elementary cimport real, reciprocal, reciprocal_root
from .mask cimport LANES
from .oscillator cimport HeldFlow


ctypedef struct Ensemble:
    Py_ssize_t n_oscillators
    Py_ssize_t n_drives        # of the masked kind: 1 for all, or one for each
    Py_ssize_t n_parts         # of a hold
    double shift               # N times the length of a part
    bint alike                 # whether every pair is coupled alike: K_ij = K for i != j


cdef inline void add_own_change(
    real growth,               # a/2, b/2 and N times the length of a part
    real saturation,
    real shift,
    real common,               # mean power, with which the frame turns
    real re,
    real im,
    real* change_re,           # INOUT
    real* change_im,
) noexcept nogil:
    """Add what an oscillator does on its own: c (a/2 - b/2 p - i N (p - common))."""
    cdef real power = re * re + im * im
    cdef real gain = growth - saturation * power
    cdef real turn = shift * (power - common)
    change_re[0] += gain * re
    change_re[0] += turn * im
    change_im[0] += gain * im
    change_im[0] -= turn * re


cdef inline void add_product(
    real weight_re,
    real weight_im,
    const real* amplitude,    # IN    (2, LANES)
    real* change,             # INOUT (2, LANES)
) noexcept nogil:
    """Add a complex weight times the amplitudes."""
    cdef Py_ssize_t lane
    for lane in range(LANES):
        change[lane] += weight_re * amplitude[lane]
        change[lane] -= weight_im * amplitude[LANES + lane]
        change[LANES + lane] += weight_re * amplitude[LANES + lane]
        change[LANES + lane] += weight_im * amplitude[lane]


cdef inline void sum_over_oscillators(
    Py_ssize_t n_oscillators,
    const real* amplitudes,   # IN  (n_oscillators, 2, LANES)
    real* total,              # OUT (2, LANES)
) noexcept nogil:
    cdef Py_ssize_t i, k
    for k in range(2 * LANES):
        total[k] = 0
    for i in range(n_oscillators):
        for k in range(2 * LANES):
            total[k] += amplitudes[i * 2 * LANES + k]


cdef inline void take_stage(
    const Ensemble ensemble,
    const real* exchange,     # IN  (n_oscillators, n_oscillators, 2) M times a part
    const real* rates,        # IN  (n_drives, 2, LANES) growth and saturation per part
    const real* common,       # IN  (LANES,)
    real weight,              # of this stage in the result
    real ahead,               # where the next stage stands, as a share of the part
    const real* begin,        # IN  (n_oscillators, 2, LANES), as the following
    const real* estimate,     # IN  where this stage stands
    real* result,             # INOUT
    real* following,          # OUT where the next stage stands
) noexcept nogil:
    """One stage of a Runge-Kutta step over a part of a hold."""
    cdef Py_ssize_t i, j, k, lane, n = ensemble.n_oscillators
    cdef real shift = <real> ensemble.shift, pair_re = 0, pair_im = 0
    cdef const real* re
    cdef const real* im
    cdef const real* own = rates     # growth and saturation under the oscillator's drive
    cdef const real* weights
    cdef real[2 * LANES] change
    cdef real[2 * LANES] total
    cdef real[2 * LANES] field       # what all oscillators hear of all, if all are alike
    if ensemble.alike:
        pair_re = exchange[2]
        pair_im = exchange[3]
        sum_over_oscillators(n, estimate, total)
        for k in range(2 * LANES):
            field[k] = 0
        add_product(pair_re, pair_im, total, field)
    for i in range(n):
        weights = exchange + 2 * i * n
        if ensemble.alike:
            for k in range(2 * LANES):
                change[k] = field[k]
            add_product(
                weights[2 * i] - pair_re, weights[2 * i + 1] - pair_im,
                estimate + i * 2 * LANES, change,
            )
        else:
            for k in range(2 * LANES):
                change[k] = 0
            for j in range(n):
                add_product(
                    weights[2 * j], weights[2 * j + 1], estimate + j * 2 * LANES, change
                )
        re = estimate + i * 2 * LANES
        im = re + LANES
        if ensemble.n_drives > 1:
            own = rates + i * 2 * LANES
        for lane in range(LANES):
            add_own_change(
                own[lane], own[LANES + lane], shift, common[lane],
                re[lane], im[lane], &change[lane], &change[LANES + lane],
            )
        for k in range(2 * LANES):
            result[i * 2 * LANES + k] += weight * change[k]
            following[i * 2 * LANES + k] = begin[i * 2 * LANES + k] + ahead * change[k]


cdef inline void set_rates(
    const HeldFlow flow,      # of a part of a hold
    Py_ssize_t n_drives,
    const real* current,      # IN  (n_drives, LANES)
    real* rates,              # OUT (n_drives, 2, LANES) growth and saturation per part
) noexcept nogil:
    """What the currents of one hold make of an oscillator on its own: a/2 and b/2."""
    cdef Py_ssize_t i, lane
    cdef real held, half = <real> 0.5
    for i in range(n_drives):
        for lane in range(LANES):
            held = current[i * LANES + lane]
            rates[i * 2 * LANES + lane] = -half * (
                <real> flow.exponent_slope * held + <real> flow.exponent_offset
            )
            rates[(i * 2 + 1) * LANES + lane] = half * (
                <real> flow.source_slope * held + <real> flow.source_offset
            )


cdef inline void average_power(
    Py_ssize_t n_oscillators,
    const real* amplitudes,   # IN  (n_oscillators, 2, LANES)
    real* common,             # OUT (LANES,)
) noexcept nogil:
    """Mean power of the oscillators, with which their frame turns."""
    cdef Py_ssize_t k, lane
    for lane in range(LANES):
        common[lane] = 0
    for k in range(2 * n_oscillators):
        for lane in range(LANES):
            common[lane] += amplitudes[k * LANES + lane] ** 2
    for lane in range(LANES):
        common[lane] /= n_oscillators


cdef inline void raise_to_floor(
    const HeldFlow flow,
    Py_ssize_t n_oscillators,
    const real* result,       # IN  (n_oscillators, 2, LANES) after the step
    real* amplitudes,         # OUT (n_oscillators, 2, LANES)
) noexcept nogil:
    """Scale what fell below the thermal floor back to it, in the same direction."""
    cdef Py_ssize_t i, k, lane
    cdef const real* re
    cdef const real* im
    cdef real power, factor
    cdef real lowest = <real> (1.0 / flow.largest)
    cdef real tiny = <real> 1e-30
    cdef int n_below
    for i in range(n_oscillators):
        re = result + i * 2 * LANES
        im = re + LANES
        n_below = 0
        for lane in range(LANES):
            n_below += re[lane] * re[lane] + im[lane] * im[lane] < lowest
        if n_below == 0:    # as nearly always, so that it pays to ask
            for k in range(2 * LANES):
                amplitudes[i * 2 * LANES + k] = re[k]
            continue
        for lane in range(LANES):
            power = re[lane] * re[lane] + im[lane] * im[lane]
            factor = tiny if power < tiny else power
            factor = lowest * reciprocal(factor)
            factor = factor * reciprocal_root(factor) if power < lowest else 1
            amplitudes[i * 2 * LANES + lane] = factor * re[lane]
            amplitudes[(i * 2 + 1) * LANES + lane] = factor * im[lane]


cdef inline void follow_part(
    const HeldFlow flow,
    const Ensemble ensemble,
    const real* exchange,     # IN  (n_oscillators, n_oscillators, 2) M times a part
    const real* rates,        # IN  (n_drives, 2, LANES)
    real* amplitudes,         # INOUT (n_oscillators, 2, LANES)
    real* working,            # (3, n_oscillators, 2, LANES) memory
) noexcept nogil:
    """One Runge-Kutta step of order four over a part of a hold, down to the floor."""
    cdef Py_ssize_t k, size = 2 * ensemble.n_oscillators * LANES
    cdef real* result = working
    cdef real* one = working + size
    cdef real* other = working + 2 * size
    cdef real half = <real> 0.5, sixth = <real> (1.0 / 6.0)
    cdef real[LANES] common
    average_power(ensemble.n_oscillators, amplitudes, common)
    for k in range(size):
        result[k] = amplitudes[k]
    take_stage(
        ensemble, exchange, rates, common, sixth, half,
        amplitudes, amplitudes, result, one,
    )
    take_stage(
        ensemble, exchange, rates, common, 2 * sixth, half,
        amplitudes, one, result, other,
    )
    take_stage(
        ensemble, exchange, rates, common, 2 * sixth, 1,
        amplitudes, other, result, one,
    )
    take_stage(
        ensemble, exchange, rates, common, sixth, 0,
        amplitudes, one, result, other,
    )
    raise_to_floor(flow, ensemble.n_oscillators, result, amplitudes)


cdef inline void read_moduli(
    Py_ssize_t n_oscillators,
    Py_ssize_t stride,        # from one oscillator's response to the next one's
    const real* amplitudes,   # IN  (n_oscillators, 2, LANES)
    real* response,           # OUT LANES of each oscillator
) noexcept nogil:
    """Amplitudes without their phases."""
    cdef Py_ssize_t i, lane
    cdef const real* re
    cdef const real* im
    cdef real power
    for i in range(n_oscillators):
        re = amplitudes + i * 2 * LANES
        im = re + LANES
        for lane in range(LANES):
            power = re[lane] * re[lane] + im[lane] * im[lane]
            response[i * stride + lane] = power * reciprocal_root(power)


cdef inline void respond_together(
    Py_ssize_t n_steps,
    const HeldFlow flow,      # of a part of a hold
    const Ensemble ensemble,
    const real* exchange,     # IN  (n_oscillators, n_oscillators, 2) M times a part
    real* amplitudes,         # INOUT (n_oscillators, 2, LANES)
    real* working,            # (4, n_oscillators, 2, LANES) memory
    const real* current,      # IN  (n_steps, n_drives, LANES)
    Py_ssize_t stride,        # from one oscillator's response to the next one's
    real* response,           # OUT (n_steps, LANES) of each oscillator
) noexcept nogil:
    """Amplitudes of coupled oscillators over some holds of LANES sequences."""
    cdef Py_ssize_t step, _part
    cdef real* rates = working + 3 * 2 * ensemble.n_oscillators * LANES
    for step in range(n_steps):
        set_rates(
            flow, ensemble.n_drives, current + step * ensemble.n_drives * LANES, rates
        )
        for _part in range(ensemble.n_parts):
            follow_part(flow, ensemble, exchange, rates, amplitudes, working)
        read_moduli(ensemble.n_oscillators, stride, amplitudes, response + step * LANES)
