"""Normal random numbers that depend on a key and a counter, not on order, threads or lanes.

Philox-4x32-10 (Salmon et al., SC 2011) turns a counter of 128 bits and a key of 64 bits into
four words by ten rounds of

    (c0, c1, c2, c3) <- (hi(M1 c2) ^ c1 ^ k0,  lo(M1 c2),  hi(M0 c0) ^ c3 ^ k1,  lo(M0 c0))

with the key raised by a Weyl constant before every round but the first. Two words make two
normal numbers by the formula of Box and Muller,

    sqrt(-2 ln u) (cos 2 pi v, sin 2 pi v),   u = (word + 1/2) / 2^32

so none exceeds 6.8 in size; of true normals one in 10^11 does.

ln x:  x = 2^k m with m in [1/sqrt 2, sqrt 2), and ln m = 2 atanh((m - 1)/(m + 1)) by its
series; the absolute error is below 1e-13.
"""

from libc.math cimport sqrt
from libc.stdint cimport uint64_t

from .elementary cimport rotation

cdef extern from *:
    """
    #include <stdint.h>

    /* Exponent (as a double) and mantissa in [1/sqrt 2, sqrt 2) of a positive double. */
    static inline void split_double(double x, double* exponent, double* mantissa) {
        union { double value; uint64_t bits; } number, whole;
        number.value = x;
        /* Adding this moves the border between binades from 1 to 1/sqrt 2. */
        uint64_t shifted = number.bits + 0x00095f6200000000ULL;
        whole.bits = (shifted >> 52) | 0x4330000000000000ULL;
        *exponent = whole.value - (4503599627370496.0 + 1023.0);
        number.bits = number.bits - ((shifted & 0x7ff0000000000000ULL)
                                     - 0x3ff0000000000000ULL);
        *mantissa = number.value;
    }

    /* An unsigned word as a double, without a conversion instruction. */
    static inline double word_to_double(uint64_t word) {
        union { double value; uint64_t bits; } number;
        number.bits = word | 0x4330000000000000ULL;
        return number.value - 4503599627370496.0;
    }
    """
    void split_double(double x, double* exponent, double* mantissa) noexcept nogil
    double word_to_double(uint64_t word) noexcept nogil


cdef inline double logarithm(double x) noexcept nogil:
    """ln x for a positive, normal x."""
    cdef double k, m, f, y
    split_double(x, &k, &m)
    f = (m - 1.0) / (m + 1.0)
    y = f * f
    return k * 0.6931471805599453 + 2.0 * f * (
        (1.0 + y * (1.0 / 3.0))
        + y * y * (
            (1.0 / 5.0 + y * (1.0 / 7.0))
            + y * y * ((1.0 / 9.0 + y * (1.0 / 11.0)) + y * y * (1.0 / 13.0))
        )
    )


cdef inline void philox(
    uint64_t key,
    uint64_t counter,
    uint64_t* words,          # OUT (4,) 32 bits each
) noexcept nogil:
    """Four random words; the upper half of the counter is zero."""
    cdef uint64_t low = 0xFFFFFFFFULL
    cdef uint64_t c0 = counter & low, c1 = counter >> 32, c2 = 0, c3 = 0
    cdef uint64_t k0 = key & low, k1 = key >> 32
    cdef uint64_t first, second
    cdef int turn
    for turn in range(10):
        first = 0xD2511F53ULL * c0
        second = 0xCD9E8D57ULL * c2
        c0 = (second >> 32) ^ c1 ^ k0
        c1 = second & low
        c2 = (first >> 32) ^ c3 ^ k1
        c3 = first & low
        k0 = (k0 + 0x9E3779B9ULL) & low
        k1 = (k1 + 0xBB67AE85ULL) & low
    words[0] = c0
    words[1] = c1
    words[2] = c2
    words[3] = c3


cdef inline void normal_pair(
    uint64_t word, uint64_t other, double* one, double* two
) noexcept nogil:
    """Two independent normal numbers from two words of 32 bits."""
    cdef double u = (word_to_double(word) + 0.5) * 2.3283064365386963e-10
    cdef double angle = word_to_double(other) * 1.4629180792671596e-09
    cdef double size = sqrt(-2.0 * logarithm(u))
    cdef double cosine, sine
    rotation(angle, &cosine, &sine)
    one[0] = size * cosine
    two[0] = size * sine
