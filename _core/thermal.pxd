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

The integral of the power over the hold is (a h + ln(q1/q0))/b without noise; what the noise
adds to it is drawn together with the kick along the amplitude (for a relaxation rate |a|, as
at rest), because it makes most of the linewidth. The kick across moves the phase.
"""

from libc.math cimport sqrt
from libc.stdint cimport uint64_t

from .elementary cimport exponentials, reciprocal
from .normal cimport logarithm, normal_pair, philox
from .oscillator cimport HeldFlow, held_exponent, held_map

ctypedef struct Reading:
    double bath               # eta G h; 0: no noise
    double damping            # Q
    double hold               # h, in s
    double shift              # frequency = shift p + tuning I - reference, in Hz
    double tuning
    double reference


cdef inline double kick_variance(
    double x, double ratio, double power, double damping
) noexcept nogil:
    """sigma^2 over eta G h, from x = -a h, ratio = -b/a and the power after the flow."""
    cdef double small = 1e-3
    cdef double factor, growth, kappa, rho, tau, half, even, odd
    # Near the threshold the formula loses its digits, but hardly depends on x: its value
    # there is that at 1e-3. Far above it, E^2 is 0 to every digit.
    cdef double b = ratio * x    # b h
    x = (small if x >= 0 else -small) if -small < x < small else x
    x = -50.0 if x < -50.0 else x
    x = 300.0 if x > 300.0 else x
    exponentials(x, &factor, &growth)
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


cdef inline void thermal_hold(
    double current,
    const HeldFlow flow,
    const Reading reading,
    uint64_t key,
    uint64_t step,            # counts the holds of a sequence
    double* state,            # INOUT inverse power
    double* phase,            # INOUT radians, less those of the reference
    double* amplitude,        # OUT   at the end of the hold
    double* power,            # OUT   mean over the hold
    double* frequency,        # OUT   mean over the hold, less the reference
) noexcept nogil:
    """One held current; a NaN stays a NaN."""
    cdef double x, ratio, factor, source, before = state[0], after, p, mean, bh
    cdef double radial, tangential, spread, size, along, across, re, im, turn
    cdef double decay, less, own, shared, whole, rate, bath
    cdef uint64_t[4] words
    held_exponent(current, flow, &x, &ratio)
    held_map(x, ratio, &factor, &source)
    after = factor * before + source
    after = flow.largest if after > flow.largest else after
    p = 1.0 / after
    # Mean power of the flow: of b h near 0, that of a free decay or growth.
    bh = ratio * x
    if -1e-7 < bh < 1e-7:
        mean = (p - 1.0 / before) / (-x)
    else:
        mean = (-x + logarithm(after / before)) / bh
    # A flow that is caught by the floor has at least its power.
    mean = mean if mean * flow.largest > 1.0 else 1.0 / flow.largest
    turn = 0.0
    if reading.bath > 0:
        philox(key, step, words)
        normal_pair(words[0], words[1], &radial, &tangential)
        normal_pair(words[2], words[3], &spread, &size)
        size = sqrt(reading.bath * kick_variance(x, ratio, p, reading.damping))
        re = sqrt(p) + size * radial
        im = size * tangential
        p = re * re + im * im
        after = 1.0 / p
        after = flow.largest if after > flow.largest else after
        # Of the mean power: variances of an Ornstein-Uhlenbeck process and its integral.
        rate = -x if x < 0 else x
        rate = 1e-2 if rate < 1e-2 else rate
        rate = 600.0 if rate > 600.0 else rate
        exponentials(-rate, &decay, &less)
        own = -0.5 * less * (1.0 + decay) / rate
        shared = (-less / rate - own) / rate
        whole = (1.0 + 2.0 * less / rate + own) / (rate * rate)
        along = shared / sqrt(own)
        across = whole - along * along
        across = sqrt(across if across > 0 else 0.0)
        bath = reading.bath * (1.0 + reading.damping * mean)
        # The tangential kick turns the phase; it is not damped.
        turn = sqrt(bath / mean) * tangential
        mean = mean + 2.0 * sqrt(bath * mean) * (along * radial + across * spread)
        # What both kicks add on average, which is all there is far below threshold.
        mean = mean + 2.0 * bath * (1.0 + less / rate) / rate
    state[0] = after
    amplitude[0] = sqrt(p)
    power[0] = mean
    frequency[0] = (
        reading.shift * mean + reading.tuning * current - reading.reference
        + turn * 0.15915494309189535 / reading.hold
    )
    phase[0] += 6.283185307179586 * reading.hold * frequency[0]
