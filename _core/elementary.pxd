"""exp(x), exp(x) - 1, 1/x, 1/sqrt(q), cos and sin from additions and multiplications alone.

The library versions are calls, and a call stops the compiler from working on 4 to 16
numbers at a time. What stands here has no branch and no call, so loops over it vectorise.

exp(x) - 1:  x = k ln 2 + r with k an integer and |r| <= (ln 2)/2, so that

    exp(x) - 1 = 2^k (exp(r) - 1) + (2^k - 1),   exp(r) - 1 = r + r^2 P(r)

P is a Chebyshev fit on that interval (relative error of exp(r) - 1: 2.6e-15 in double,
2.4e-8 in single precision; `tools/fit_elementary.py` makes the coefficients).
Adding 1.5 x 2^52 rounds a double to the nearest integer and leaves that integer in the low
bits, from where 2^k is a shift. The caller keeps x between -700 and 700 (-80 and 80).

1/sqrt(q):  half the bits of q, taken off those of a constant, are the bits of an estimate y
within 8 %, because the bits of a number are nearly its logarithm. q y^2 lies between 3/4 and
27/32 then, where a quadratic Chebyshev fit of the inverse root leaves 1.7e-5. A step of
third order, y (1 + e/2 + 3 e^2/8 + 5 e^3/16) with e = 1 - q y^2, leaves less than 1e-18; in
single precision one of first order leaves 5e-10. Neither divides: a processor divides and takes
roots a few numbers at a time only. The caller keeps q between 1e-36 and 1e36.

1/x:  a single-precision estimate, then one Newton step in double precision (error below
1e-14). The caller keeps |x| between 1e-36 and 1e36.

cos and sin:  Taylor's polynomials of a quarter of the angle, which lies within pi/4 once whole
turns are taken off, then twice the formulas of the double angle.
"""

from libc.math cimport NAN

ctypedef fused real:
    float
    double

cdef extern from *:
    """
    #include <stdint.h>

    static inline double two_to_the_double(double shifted) {
        union { double value; uint64_t bits; } number;
        number.value = shifted;
        number.bits <<= 52;
        return number.value;
    }

    static inline float two_to_the_float(float shifted) {
        union { float value; uint32_t bits; } number;
        number.value = shifted;
        number.bits <<= 23;
        return number.value;
    }

    static inline double root_estimate_double(double q) {
        union { double value; uint64_t bits; } number;
        number.value = q;
        number.bits = 0x5fe4000000000000u - (number.bits >> 1);
        return number.value;
    }

    static inline float root_estimate_float(float q) {
        union { float value; uint32_t bits; } number;
        number.value = q;
        number.bits = 0x5f200000u - (number.bits >> 1);
        return number.value;
    }
    """
    double two_to_the_double(double shifted) noexcept nogil
    float two_to_the_float(float shifted) noexcept nogil
    double root_estimate_double(double q) noexcept nogil
    float root_estimate_float(float q) noexcept nogil


cdef inline void exponentials(real x, real* exponential, real* less_one) noexcept nogil:
    """exp(x) and exp(x) - 1 for x in [-700, 700], or [-80, 80] in single precision.

    Each with all its digits: neither follows from the other without losing some.
    """
    cdef real shift, shifted, k, r, r2, power, low, high, part
    cdef real one = 1
    if real is double:
        shift = 6755399441055744.0 + 1023.0
        shifted = x * 1.4426950408889634 + shift
        k = shifted - shift
        r = x - k * 0.6931471805599453
        r2 = r * r
        power = two_to_the_double(shifted)
        high = (
            (0.0013888888905881542497 + r * 0.00019841208732536383125)
            + r2 * (
                (0.000024801536388690767814 + r * 2.7625115578287629342e-6)
                + r2 * 2.7613806861538288093e-7
            )
        )
        low = (
            (0.5 + r * 0.16666666666648288149)
            + r2 * (0.041666666666651355025 + r * 0.0083333333537293971516)
        )
        part = r + r2 * (low + (r2 * r2) * high)
    else:
        shift = <float> (12582912.0 + 127.0)
        shifted = x * <float> 1.4426950408889634 + shift
        k = shifted - shift
        r = (x - k * <float> 0.69140625) - k * <float> 0.00174093055995
        r2 = r * r
        power = two_to_the_float(shifted)
        low = <float> 0.5 + r * <float> 0.16666576989698775683
        high = <float> 0.041666554617204574203 + r * <float> 0.0083631790527225773704
        high = high + r2 * <float> 0.0013926183587713494542
        part = r + r2 * (low + r2 * high)
    exponential[0] = power * part + power
    less_one[0] = power * part + (power - one)


cdef inline real reciprocal(real x) noexcept nogil:
    """1/x for |x| in [1e-36, 1e36]."""
    cdef real y
    y = <float> 1.0 / <float> x
    if real is double:
        y = y + y * (1.0 - x * y)
    return y


cdef inline real reciprocal_root(real q) noexcept nogil:
    """1/sqrt(q) for q in [1e-36, 1e36]; NaN if q is negative or NaN."""
    cdef real y, t, e
    cdef real one = 1
    y = root_estimate_double(q) if real is double else root_estimate_float(q)
    t = q * y * y
    y = y * (
        <real> 2.1021271042552513835
        + t * (<real> -1.7603560074921213994 + t * <real> 0.66279399029902233941)
    )
    e = one - q * y * y
    if real is double:
        y = y + y * e * (0.5 + e * (0.375 + e * 0.3125))
    else:
        y = y + y * e * <float> 0.5
    return y if q > 0 else <real> NAN


cdef inline void rotation(real angle, real* cosine, real* sine) noexcept nogil:
    """cos and sin of an angle of less than a million turns.

    Its absolute error is about that of the angle itself: 1e-15 for one turn in double, 1e-6
    in single precision.
    """
    cdef real shift = 6755399441055744.0 if real is double else <float> 12582912.0
    cdef real turns = angle * <real> 0.15915494309189535 + shift
    cdef real x = (angle - (turns - shift) * <real> 6.283185307179586) * <real> 0.25
    cdef real y = x * x
    cdef real c, s, double_c
    cdef real one = 1, two = 2
    if real is double:
        s = x * (
            (1.0 - y * (1.0 / 6.0))
            + y * y * (
                (1.0 / 120.0 - y * (1.0 / 5040.0))
                + y * y * (
                    (1.0 / 362880.0 - y * (1.0 / 39916800.0))
                    + y * y * (1.0 / 6227020800.0)
                )
            )
        )
        c = (1.0 - y * 0.5) + y * y * (
            (1.0 / 24.0 - y * (1.0 / 720.0))
            + y * y * (
                (1.0 / 40320.0 - y * (1.0 / 3628800.0))
                + y * y * (1.0 / 479001600.0 - y * (1.0 / 87178291200.0))
            )
        )
    else:
        s = x * (
            (one - y * <float> (1.0 / 6.0))
            + y * y * (<float> (1.0 / 120.0) - y * <float> (1.0 / 5040.0))
        )
        c = (one - y * <float> 0.5) + y * y * (
            (<float> (1.0 / 24.0) - y * <float> (1.0 / 720.0))
            + y * y * <float> (1.0 / 40320.0)
        )
    double_c = one - two * s * s
    s = two * s * c
    cosine[0] = one - two * s * s
    sine[0] = two * s * double_c
