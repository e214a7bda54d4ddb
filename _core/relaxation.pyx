"""Relaxation towards targets: x_k = target_k + E_k (x_{k-1} - target_k)."""


def follow(
    const double[:, ::1] factor,      # IN  (n_rows, n_holds) E, from 0 to 1
    const double[:, ::1] target,      # IN  (n_rows, n_holds)
    const double[::1] start,          # IN  (n_rows,)
    double[:, ::1] response,          # OUT (n_rows, n_holds)
):
    """x at the end of every hold, row by row."""
    cdef Py_ssize_t row, hold
    cdef double x
    with nogil:
        for row in range(factor.shape[0]):
            x = start[row]
            for hold in range(factor.shape[1]):
                x = target[row, hold] + factor[row, hold] * (x - target[row, hold])
                response[row, hold] = x
