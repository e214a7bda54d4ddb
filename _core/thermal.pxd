r"""One oscillator in a thermal bath under held currents, and what can be read of it.

    dc/dt = (a - b p)/2 c - i w(p) c + f,   <f f*> = 2 D delta,   D(p) = eta G (1 + Q p)

(Slavin and Tiberkevich 2009), p = |c|^2; eta = k T / (energy at p = 1) is the power that the
oscillator would have on average without a current. A hold is its exact flow without noise,
then a kick. In q = 1/p the flow is linear, so a small disturbance at time s of a hold of
length h reaches its end as exp(-a (h - s)), and the kick's variance is an integral along the
exact flow. With t = exp(-a (h - s)) as the variable, E = exp(-a h), p1 the power after the
flow, kappa = p1 b/a and rho = 1 - kappa,

    sigma^2 = eta G/a int_E^1 (kappa t + rho)^2 [(kappa t + rho)/t^2 + Q p1/t] dt

for each of the two parts of c. It is right for long holds too: at rest above threshold the
kicks add up to the linear theory's amplitude noise, below threshold to p = eta/(1 - z).

The integral of the power over the hold is ln(1 + b p0 (exp(a h) - 1)/a)/b without noise, of the
flow itself: the floor bounds the power at the end of a hold only. What the noise adds to it is
drawn together with the kick along the amplitude (for a relaxation rate |a|, as
at rest), because it makes most of the linewidth. The kick across moves the phase.
"""

from libc.math cimport sqrt
from libc.stdint cimport uint64_t

from .elementary cimport exponentials, reciprocal, reciprocal_root
from .mask cimport LANES
from .normal cimport logarithm, normal_pair, philox
from .oscillator cimport HeldFlow, bounded, held_exponent, held_map

ctypedef struct Reading:
    double bath               # eta G h; 0: no noise
    double damping            # Q
    double hold               # h, in s
    double shift              # frequency = shift p + tuning I - reference, in Hz
    double tuning
    double reference


cdef inline double whole_exponent(double current, const HeldFlow flow) noexcept nogil:
    """x = -a h of a hold far below threshold too, which may be long.

    That of the map, `held_exponent`, ends where any state falls to the floor.
    """
    cdef double held = current
    held = flow.highest_current if held > flow.highest_current else held
    held = -flow.highest_current if held < -flow.highest_current else held
    return flow.exponent_slope * held + flow.exponent_offset + 1e-30


cdef inline double kick_variance(
    double x, double within, double ratio, double power, double damping
) noexcept nogil:
    """sigma^2 over eta G h, from x = -a h and the power after the flow.

    `within` is the x of the map, whose exponential and power belong together, and `ratio` its
    -b/a. A longer hold has the same integral: its beginning is forgotten.
    """
    cdef double small = 1e-3
    cdef double factor, growth, kappa, rho, tau, half, even, odd
    # Near the threshold the formula loses its digits, but hardly depends on x: its value
    # there is that at 1e-3. Far above it, E^2 is 0 to every digit.
    cdef double b = ratio * within    # b h
    x = (small if x >= 0 else -small) if -small < x < small else x
    within = x if -small <= x <= small else within
    within = -50.0 if within < -50.0 else within
    within = 300.0 if within > 300.0 else within
    exponentials(within, &factor, &growth)
    kappa = -b * reciprocal(x) * power
    rho = 1.0 - kappa
    tau = rho * reciprocal(factor)
    half = 0.5 * growth * (2.0 + growth)
    even = kappa * kappa * half + 2.0 * kappa * rho * growth + rho * rho * x
    odd = (
        kappa * kappa * (kappa * half + 3.0 * rho * growth)
        + rho * rho * (3.0 * kappa * x + tau * growth)
    )
    return (odd + damping * power * even) * reciprocal(x)


cdef inline double mean_power(
    double current, const HeldFlow flow, double before
) noexcept nogil:
    """Mean power of the flow over a hold, from the inverse power at its beginning.

    In the power p0 at the beginning it is p0 g ln(1 + w)/w with g = (1 - exp(-x))/x and
    w = b h p0 g. Nothing is subtracted that is nearly equal: for small w the quotient tends
    to 1 with all digits, however the logarithm of 1 + w was rounded. The floor is not used,
    so the end of a hold that is caught by it does not enter.
    """
    cdef double held = current, x, bh, rise, beyond, unused, less, gain, one, change
    held = flow.highest_current if held > flow.highest_current else held
    held = -flow.highest_current if held < -flow.highest_current else held
    x = whole_exponent(current, flow)
    bh = flow.source_slope * held + flow.source_offset
    # In a long hold above threshold ln(1 + w) is ln(w), which grows with -x.
    rise = 300.0 if x < -300.0 else -x
    beyond = -300.0 - x if x < -300.0 else 0.0
    exponentials(-700.0 if rise < -700.0 else rise, &unused, &less)
    gain = -less / (x * before)
    one = 1.0 + bh * gain
    one = one if one > 1e-300 else 1e-300
    change = one - 1.0
    return (
        gain * (logarithm(one) / change if change != 0.0 else 1.0)
        + beyond / (bh if beyond > 0.0 else 1.0)
    )


cdef inline void integral_weights(
    double x, double* along, double* across, double* added
) noexcept nogil:
    """How a hold's noise enters the mean power, for a relaxation rate |a| = |x|/h.

    An Ornstein-Uhlenbeck process with unit noise has the variance `own` after the hold; its
    mean over the hold has `whole`, and their covariance is `shared`.
    """
    cdef double rate = -x if x < 0 else x
    cdef double decay, less, own, shared, whole, inverse
    rate = 1e-2 if rate < 1e-2 else rate
    exponentials(-600.0 if rate > 600.0 else -rate, &decay, &less)
    inverse = reciprocal(rate)
    own = -0.5 * less * (1.0 + decay) * inverse
    shared = (-less * inverse - own) * inverse
    whole = (1.0 + 2.0 * less * inverse + own) * (inverse * inverse)
    along[0] = shared * reciprocal_root(own)
    whole = whole - along[0] * along[0]
    across[0] = sqrt(whole if whole > 0 else 0.0)
    # What both kicks add on average, which is all there is far below threshold.
    added[0] = 2.0 * (1.0 + less * inverse) * inverse


cdef inline void kick_state(
    const HeldFlow flow,
    const Reading reading,
    const double* x,          # IN    (LANES,) -a h
    const double* within,     # IN    (LANES,) the same, of the map
    const double* ratio,      # IN    (LANES,) -b/a
    const double* radial,     # IN    (LANES,) normal numbers, as the next
    const double* tangential,
    double* amplitude,        # INOUT (LANES,) after the flow, then after the kick
    double* state,            # OUT   (LANES,) inverse power
) noexcept nogil:
    """What the bath does to the state at the end of a hold."""
    cdef double size, re, im, p, floor = 1.0 / flow.largest
    cdef Py_ssize_t lane
    for lane in range(LANES):
        p = amplitude[lane] * amplitude[lane]
        size = sqrt(
            reading.bath
            * kick_variance(x[lane], within[lane], ratio[lane], p, reading.damping)
        )
        re = amplitude[lane] + size * radial[lane]
        im = size * tangential[lane]
        p = re * re + im * im
        p = p if p > floor else floor
        state[lane] = 1.0 / p
        amplitude[lane] = sqrt(p)


cdef inline void kick_means(
    const HeldFlow flow,
    const Reading reading,
    const double* x,          # IN    (LANES,) -a h
    const double* radial,     # IN    (LANES,) normal numbers, as the next two
    const double* tangential,
    const double* spread,
    double* power,            # INOUT (LANES,) mean over the hold
    double* frequency,        # OUT   (LANES,) what the bath adds to its mean
) noexcept nogil:
    """What the bath does to the means over a hold."""
    cdef double rounds = 0.15915494309189535 / reading.hold
    cdef double bath, size, along, across, added, held, floor = 1.0 / flow.largest
    cdef Py_ssize_t lane
    for lane in range(LANES):
        integral_weights(x[lane], &along, &across, &added)
        held = power[lane] if power[lane] > floor else floor
        bath = reading.bath * (1.0 + reading.damping * held)
        # The tangential kick turns the phase; it is not damped.
        size = sqrt(bath / held)
        frequency[lane] = rounds * size * tangential[lane]
        power[lane] += (
            2.0 * size * held
            * (along * radial[lane] + across * spread[lane])
        ) + bath * added


cdef inline void thermal_hold(
    const HeldFlow flow,
    const Reading reading,
    const uint64_t* key,      # IN    (LANES,)
    uint64_t step,            # IN    counts the holds of a sequence
    const double* current,    # IN    (LANES,)
    double* state,            # INOUT (LANES,) inverse power
    double* phase,            # INOUT (LANES,) radians, less those of the reference
    double* amplitude,        # OUT   (LANES,) at the end of the hold
    double* power,            # OUT   (LANES,) mean over the hold
    double* frequency,        # OUT   (LANES,) mean over the hold, less the reference
) noexcept nogil:
    """One hold of LANES sequences; a NaN stays a NaN."""
    cdef double[LANES] x
    cdef double[LANES] within
    cdef double[LANES] ratio
    cdef double[LANES] before
    cdef double[LANES] radial
    cdef double[LANES] tangential
    cdef double[LANES] spread
    cdef uint64_t[4 * LANES] words
    cdef double factor, source, unused
    cdef Py_ssize_t lane
    for lane in range(LANES):
        held_exponent(current[lane], flow, &within[lane], &ratio[lane])
        x[lane] = whole_exponent(current[lane], flow)
        before[lane] = state[lane]
    for lane in range(LANES):
        held_map(bounded(within[lane]), ratio[lane], &factor, &source)
        source = factor * before[lane] + source
        source = flow.largest if source > flow.largest else source
        state[lane] = source
        amplitude[lane] = reciprocal_root(source)
    for lane in range(LANES):
        power[lane] = mean_power(current[lane], flow, before[lane])
        frequency[lane] = 0
    if reading.bath > 0:
        philox(key, step, words)
        for lane in range(LANES):
            normal_pair(words[lane], words[LANES + lane], &radial[lane], &tangential[lane])
        for lane in range(LANES):
            normal_pair(
                words[2 * LANES + lane], words[3 * LANES + lane], &spread[lane], &unused
            )
        kick_state(flow, reading, x, within, ratio, radial, tangential, amplitude, state)
        kick_means(flow, reading, x, radial, tangential, spread, power, frequency)
    for lane in range(LANES):
        frequency[lane] += (
            reading.shift * power[lane] + reading.tuning * current[lane]
        ) - reading.reference
        phase[lane] += 6.283185307179586 * reading.hold * frequency[lane]
