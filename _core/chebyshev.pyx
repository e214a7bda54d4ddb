"""Sums of Chebyshev polynomials T_n at places x from -1 to 1, and the way back.

Forward, each line of each sample makes the features factor T_n(x), by the recurrence
T_n = 2 x T_(n-1) - T_(n-2). Back, coefficients h_n of each line and sample are summed to
sum h_n T_n(x) and its slope by x, by Clenshaw's recurrence and its derivative.
"""

ctypedef fused real:
    float
    double

cdef enum:
    LANES = 64    # lines that are worked on side by side, as each term waits for the last


def spread(
    const real[:, ::1] factors,      # IN  (n_samples, n_lines)
    const real[:, ::1] places,       # IN  (n_samples, n_lines) x
    Py_ssize_t n_terms,              # at least 2
    real[:, ::1] features,           # OUT (n_samples, n_terms * n_lines) the lines of a
                                     #     term side by side
):
    """Factors times polynomials."""
    cdef Py_ssize_t sample, n, line, n_lines = places.shape[1]
    cdef real* term
    with nogil:
        for sample in range(places.shape[0]):
            for line in range(n_lines):
                features[sample, line] = factors[sample, line]
                features[sample, n_lines + line] = factors[sample, line] * places[sample, line]
            for n in range(2, n_terms):
                term = &features[sample, n * n_lines]
                for line in range(n_lines):
                    term[line] = (
                        2 * places[sample, line] * term[line - n_lines]
                        - term[line - 2 * n_lines]
                    )


cdef inline void collect_block(
    const real* coefficients,    # IN  (n_terms, n_lines) from the first line on
    const real* places,          # IN  (size,)
    Py_ssize_t n_lines,
    Py_ssize_t n_terms,
    Py_ssize_t size,             # at most LANES
    real* values,                # OUT (size,)
    real* slopes,                # OUT (size,)
) noexcept nogil:
    """Sums and slopes of some neighbouring lines of one sample."""
    cdef real[LANES] sum_1
    cdef real[LANES] sum_2
    cdef real[LANES] slope_1
    cdef real[LANES] slope_2
    cdef real x, next_sum, next_slope
    cdef Py_ssize_t n, lane
    for lane in range(LANES):
        sum_1[lane] = sum_2[lane] = slope_1[lane] = slope_2[lane] = 0
    for n in range(n_terms - 1, 0, -1):
        for lane in range(size):
            x = places[lane]
            next_slope = 2 * (sum_1[lane] + x * slope_1[lane]) - slope_2[lane]
            next_sum = coefficients[n * n_lines + lane] + 2 * x * sum_1[lane] - sum_2[lane]
            slope_2[lane] = slope_1[lane]
            slope_1[lane] = next_slope
            sum_2[lane] = sum_1[lane]
            sum_1[lane] = next_sum
    for lane in range(size):
        values[lane] = coefficients[lane] + places[lane] * sum_1[lane] - sum_2[lane]
        slopes[lane] = sum_1[lane] + places[lane] * slope_1[lane] - slope_2[lane]


def collect(
    const real[:, ::1] coefficients,     # IN  (n_samples, n_terms * n_lines) h, the lines of
                                         #     a term side by side
    const real[:, ::1] places,           # IN  (n_samples, n_lines) x
    real[:, ::1] values,                 # OUT (n_samples, n_lines)
    real[:, ::1] slopes,                 # OUT (n_samples, n_lines)
):
    """Sums of polynomials with these coefficients, and their slopes."""
    cdef Py_ssize_t n_lines = places.shape[1]
    cdef Py_ssize_t n_terms = coefficients.shape[1] // n_lines
    cdef Py_ssize_t sample, line, block
    with nogil:
        for sample in range(places.shape[0]):
            for block in range((n_lines + LANES - 1) // LANES):
                line = block * LANES
                collect_block(
                    &coefficients[sample, line], &places[sample, line], n_lines, n_terms,
                    min(n_lines - line, <Py_ssize_t> LANES), &values[sample, line],
                    &slopes[sample, line],
                )
