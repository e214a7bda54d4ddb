"""Held maps of an oscillator that is known by a table: q <- min(E q + B, limit), q = 1/A^2.

The maps are those of `oscillator.pxd`; here they come as numbers, one for every hold.
"""

from libc.math cimport sqrt


def follow(
    const double[:, ::1] factor,      # IN  (n_rows, n_holds) E
    const double[:, ::1] source,      # IN  (n_rows, n_holds) B
    const double[:, ::1] limit,       # IN  (n_rows, n_holds) of the inverse squared amplitude
    double start,                     # IN  q at the beginning
    double[:, ::1] response,          # OUT (n_rows, n_holds)
):
    """Amplitude at the end of every hold, row by row."""
    cdef Py_ssize_t row, hold
    cdef double q
    with nogil:
        for row in range(factor.shape[0]):
            q = start
            for hold in range(factor.shape[1]):
                q = min(factor[row, hold] * q + source[row, hold], limit[row, hold])
                response[row, hold] = 1 / sqrt(q)
