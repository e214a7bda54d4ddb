"""One oscillator under a current that is held for a time h: the physics, once.

Slavin and Tiberkevich (IEEE Trans. Magn. 45, 1875, 2009) write the power p of an
auto-oscillator whose damping is linear in p as

    dp/dt = a p - b p^2,     a = a_1 I + a_0,   b = b_1 I + b_0

In the inverse power q = 1/p this is linear, dq/dt = -a q + b, so a held current is exactly

    q(t + h) = E q(t) + B,   E = exp(x),   B = b h (exp(x) - 1)/x,   x = -a h

and B -> b h at the threshold (x -> 0), where nothing special happens. A thermal floor
p >= 1/q_max makes the map q <- min(E q + B, q_max). Such maps compose into maps of the
same kind,

    first (E1, B1, c1), then (E2, B2, c2):  (E2 E1, E2 B1 + B2, min(E2 c1 + B2, c2))

so that stretches of one long sequence can be worked on side by side.

Far below threshold x is large and any state falls to the floor within one hold. The current
and x are bounded there (`lowest_current`), so that nothing overflows; far above it exp(x) is 0 to
every digit, and x is bounded for the exponential alone. The current is bounded far above, too
(`highest_current`), where b/a has come to its limit, so that x stays within what
`reciprocal` takes.
"""

from libc.math cimport copysign, fabs

from .elementary cimport exponentials, real, reciprocal


ctypedef struct HeldFlow:
    double exponent_slope      # x = exponent_slope I + exponent_offset
    double exponent_offset
    double source_slope        # b h = source_slope I + source_offset
    double source_offset
    double largest             # q_max, the inverse of the thermal floor
    double lowest_current      # here and below, any state falls to the floor in one hold
    double lowest_single       # the same for single precision
    double highest_current     # here and above, the power rests at its limit


cdef inline void held_exponent(
    real current,
    const HeldFlow flow,
    real* exponent,            # OUT  x
    real* ratio,               # OUT  b h / x
) noexcept nogil:
    """What a held current means; a NaN stays a NaN."""
    cdef real lowest = (
        <real> flow.lowest_single if real is float else <real> flow.lowest_current
    )
    cdef real highest = <real> flow.highest_current
    cdef real tiny = <real> 1e-30     # so that x is never 0; (exp(x) - 1)/x is then 1
    current = lowest if current < lowest else current
    current = highest if current > highest else current
    exponent[0] = (
        <real> flow.exponent_slope * current + <real> flow.exponent_offset
    ) + tiny
    ratio[0] = (
        <real> flow.source_slope * current + <real> flow.source_offset
    ) * reciprocal(exponent[0])


cdef inline real bounded(real exponent) noexcept nogil:
    """x within what `exponentials` takes; a NaN stays a NaN.

    At the lower bound exp(x) is 0 to every digit. At the upper one any state falls to the
    floor; without that bound, infinities would cancel. Apply it in the loop before that of
    `held_map`: a compiler that sees these constants and the exponentials in one loop gives
    each bound a result of its own and chooses among the results, which costs more.
    """
    cdef real furthest = 80 if real is float else 700
    cdef real size = <real> fabs(exponent)
    size = furthest if furthest < size else size
    return <real> copysign(size, exponent)


cdef inline void held_map(
    real exponent,             # bounded
    real ratio,
    real* factor,              # OUT  E
    real* source,              # OUT  B
) noexcept nogil:
    """The map q <- E q + B that one held current makes.

    It is apart from `held_exponent` because two short loops keep the processor busier
    than one long one.
    """
    cdef real growth
    exponentials(exponent, factor, &growth)
    source[0] = ratio * growth
