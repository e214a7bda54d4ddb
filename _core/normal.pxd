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
from .mask cimport LANES

cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__AVX2__)
    #include <immintrin.h>
    #endif

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

    #define PHILOX_0 0xD2511F53ULL
    #define PHILOX_1 0xCD9E8D57ULL
    #define WEYL_0 0x9E3779B9ULL
    #define WEYL_1 0xBB67AE85ULL
    #define LOW 0xFFFFFFFFULL

    /* One round for n lanes, a multiple of four; then the keys are raised. Compilers do not
       see that the product of two words needs one multiplication, so AVX2 is told. */
    static inline void philox_round(uint64_t* k0, uint64_t* k1, uint64_t* c0, uint64_t* c1,
                                    uint64_t* c2, uint64_t* c3, Py_ssize_t n) {
        Py_ssize_t i;
    #if defined(__AVX2__)
        const __m256i m0 = _mm256_set1_epi64x(PHILOX_0), m1 = _mm256_set1_epi64x(PHILOX_1);
        const __m256i w0 = _mm256_set1_epi64x(WEYL_0), w1 = _mm256_set1_epi64x(WEYL_1);
        const __m256i low = _mm256_set1_epi64x(LOW);
        #define AT(p) _mm256_loadu_si256((const __m256i*) ((p) + i))
        #define PUT(p, v) _mm256_storeu_si256((__m256i*) ((p) + i), v)
        for (i = 0; i < n; i += 4) {
            __m256i a = _mm256_mul_epu32(AT(c0), m0), b = _mm256_mul_epu32(AT(c2), m1);
            __m256i h0 = _mm256_srli_epi64(b, 32), h2 = _mm256_srli_epi64(a, 32);
            PUT(c0, _mm256_xor_si256(_mm256_xor_si256(h0, AT(c1)), AT(k0)));
            PUT(c2, _mm256_xor_si256(_mm256_xor_si256(h2, AT(c3)), AT(k1)));
            PUT(c1, _mm256_and_si256(b, low));
            PUT(c3, _mm256_and_si256(a, low));
            PUT(k0, _mm256_and_si256(_mm256_add_epi64(AT(k0), w0), low));
            PUT(k1, _mm256_and_si256(_mm256_add_epi64(AT(k1), w1), low));
        }
        #undef AT
        #undef PUT
    #else
        for (i = 0; i < n; i++) {
            uint64_t a = PHILOX_0 * c0[i], b = PHILOX_1 * c2[i];
            c0[i] = (b >> 32) ^ c1[i] ^ k0[i];
            c2[i] = (a >> 32) ^ c3[i] ^ k1[i];
            c1[i] = b & LOW;
            c3[i] = a & LOW;
            k0[i] = (k0[i] + WEYL_0) & LOW;
            k1[i] = (k1[i] + WEYL_1) & LOW;
        }
    #endif
    }
    """
    void split_double(double x, double* exponent, double* mantissa) noexcept nogil
    double word_to_double(uint64_t word) noexcept nogil
    void philox_round(
        uint64_t* k0, uint64_t* k1, uint64_t* c0, uint64_t* c1, uint64_t* c2, uint64_t* c3,
        Py_ssize_t n,
    ) noexcept nogil


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
    const uint64_t* key,      # IN  (LANES,)
    uint64_t counter,
    uint64_t* words,          # OUT (4, LANES) 32 bits each
) noexcept nogil:
    """Four random words for each lane; the upper half of the counter is zero."""
    cdef uint64_t low = 0xFFFFFFFFULL
    cdef uint64_t[LANES] k0
    cdef uint64_t[LANES] k1
    cdef uint64_t* c0 = words
    cdef uint64_t* c1 = words + LANES
    cdef uint64_t* c2 = words + 2 * LANES
    cdef uint64_t* c3 = words + 3 * LANES
    cdef Py_ssize_t lane, _round
    for lane in range(LANES):
        k0[lane] = key[lane] & low
        k1[lane] = key[lane] >> 32
        c0[lane] = counter & low
        c1[lane] = counter >> 32
        c2[lane] = 0
        c3[lane] = 0
    for _round in range(10):
        philox_round(k0, k1, c0, c1, c2, c3, LANES)


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
