"""Sums of weighted inputs of several sequences side by side, kept in registers.

    drive[node] = weight[node, 0] input[0] + weight[node, 1] input[1] + ...

Four nodes are summed together, so that an input that was read serves all of them. A compiler
that chooses for itself keeps these sums in memory, and reading and writing them takes longer
than the products. So the loop names vectors of the width of a register, in C. A compiler that
knows no such vectors gets the loop over numbers.
"""

from .elementary cimport real

cdef extern from *:
    """
    #if defined(__GNUC__)

    /* Bytes of a register, and how many of them hold one node's sums: 16 sums fill half the
       registers of AVX-512, 8 half of those of the others. All lanes of 32 numbers divide
       into them. */
    #if defined(__AVX512F__)
    #define REGISTER 64
    #define FOR_A_NODE(NUMBER) (32 * sizeof(NUMBER) / REGISTER)
    #elif defined(__AVX__)
    #define REGISTER 32
    #define FOR_A_NODE(NUMBER) 2
    #else
    #define REGISTER 16
    #define FOR_A_NODE(NUMBER) 2
    #endif

    #define WEIGH_SOME(NAME, NUMBER) \\
        static inline __attribute__((always_inline)) void NAME( \\
            const NUMBER *inputs, Py_ssize_t n_inputs, Py_ssize_t n_lanes, \\
            const NUMBER *weights, const int n_nodes, NUMBER *drive \\
        ) { \\
            typedef NUMBER vector __attribute__((vector_size(REGISTER))); \\
            typedef NUMBER in_memory __attribute__(( \\
                vector_size(REGISTER), aligned(sizeof(NUMBER)), may_alias)); \\
            enum { WIDTH = REGISTER / sizeof(NUMBER), N = FOR_A_NODE(NUMBER) }; \\
            for (Py_ssize_t lane = 0; lane < n_lanes; lane += N * WIDTH) { \\
                vector sums[4][N] = {{{0}}}; \\
                for (Py_ssize_t i = 0; i < n_inputs; i++) { \\
                    const in_memory *input = \\
                        (const in_memory *)(inputs + i * n_lanes + lane); \\
                    _Pragma("GCC unroll 4") \\
                    for (int node = 0; node < n_nodes; node++) \\
                        _Pragma("GCC unroll 4") \\
                        for (int k = 0; k < N; k++) \\
                            sums[node][k] += weights[node * n_inputs + i] * input[k]; \\
                } \\
                _Pragma("GCC unroll 4") \\
                for (int node = 0; node < n_nodes; node++) \\
                    _Pragma("GCC unroll 4") \\
                    for (int k = 0; k < N; k++) \\
                        ((in_memory *)(drive + node * n_lanes + lane))[k] = sums[node][k]; \\
            } \\
        }

    #else

    #define WEIGH_SOME(NAME, NUMBER) \\
        static inline void NAME( \\
            const NUMBER *inputs, Py_ssize_t n_inputs, Py_ssize_t n_lanes, \\
            const NUMBER *weights, const int n_nodes, NUMBER *drive \\
        ) { \\
            for (int node = 0; node < n_nodes; node++) \\
                for (Py_ssize_t lane = 0; lane < n_lanes; lane++) { \\
                    NUMBER sum = 0; \\
                    for (Py_ssize_t i = 0; i < n_inputs; i++) \\
                        sum += weights[node * n_inputs + i] * inputs[i * n_lanes + lane]; \\
                    drive[node * n_lanes + lane] = sum; \\
                } \\
        }

    #endif

    #define WEIGH(NAME, NUMBER) \\
        WEIGH_SOME(NAME##_some, NUMBER) \\
        static inline void NAME( \\
            const NUMBER *inputs, Py_ssize_t n_inputs, Py_ssize_t n_lanes, \\
            const NUMBER *weights, Py_ssize_t n_nodes, NUMBER *drive \\
        ) { \\
            Py_ssize_t node = 0; \\
            for (; node + 4 <= n_nodes; node += 4) \\
                NAME##_some( \\
                    inputs, n_inputs, n_lanes, weights + node * n_inputs, 4, \\
                    drive + node * n_lanes); \\
            for (; node < n_nodes; node++) \\
                NAME##_some( \\
                    inputs, n_inputs, n_lanes, weights + node * n_inputs, 1, \\
                    drive + node * n_lanes); \\
        }

    WEIGH(weigh_doubles, double)
    WEIGH(weigh_floats, float)
    """
    void weigh_doubles(
        const double*, Py_ssize_t, Py_ssize_t, const double*, Py_ssize_t, double*
    ) noexcept nogil
    void weigh_floats(
        const float*, Py_ssize_t, Py_ssize_t, const float*, Py_ssize_t, float*
    ) noexcept nogil


cdef inline void weigh(
    const real* inputs,       # IN  (n_inputs, n_lanes)
    Py_ssize_t n_inputs,
    Py_ssize_t n_lanes,       # a multiple of 32
    const real* weights,      # IN  (n_nodes, n_inputs)
    Py_ssize_t n_nodes,
    real* drive,              # OUT (n_nodes, n_lanes)
) noexcept nogil:
    """Sums of one frame's inputs, for some nodes."""
    if real is double:
        weigh_doubles(inputs, n_inputs, n_lanes, weights, n_nodes, drive)
    else:
        weigh_floats(inputs, n_inputs, n_lanes, weights, n_nodes, drive)
