"""Weighted sums of features, row by row.

A BLAS product may round a row differently when it stands in another block of rows. Here a
row sees the same additions in the same order wherever it stands.
"""

ctypedef fused real:
    float
    double


def weighted_sums(
    const real[:, ::1] features,             # IN  (n_rows, n_features)
    const double[:, ::1] coefficients,       # IN  (n_features, n_outputs)
    const double[::1] intercept,             # IN  (n_outputs,)
    double[:, ::1] sums,                     # OUT (n_rows, n_outputs)
):
    """sums = features @ coefficients + intercept."""
    cdef Py_ssize_t row, feature, output
    cdef double value
    with nogil:
        for row in range(features.shape[0]):
            for output in range(coefficients.shape[1]):
                sums[row, output] = intercept[output]
            for feature in range(coefficients.shape[0]):
                value = features[row, feature]
                for output in range(coefficients.shape[1]):
                    sums[row, output] += value * coefficients[feature, output]
