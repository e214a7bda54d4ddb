"""A smooth curve as a table of cubic pieces: its value and its slope at many places.

The cells of the table are equally wide. In each the curve is c0 + c1 x + c2 x^2 + c3 x^3, with
x from 0 to 1. Places outside of the table have the value at its end, and the slope 0.
"""

ctypedef fused real:
    float
    double


def read_table(
    const real[::1] places,        # IN  (n_places,)
    double lowest,                 # begin of the first cell
    double highest,                # end of the last one
    const real[:, ::1] pieces,     # IN  (n_cells, 4) c0 to c3
    real[::1] values,              # OUT (n_places,) NaN where a place is NaN
    real[::1] slopes,              # OUT (n_places,) per unit of place
):
    """Values and slopes of the curve."""
    cdef Py_ssize_t i, n_cells = pieces.shape[0]
    cdef int cell
    cdef real start = <real> lowest, stop = <real> highest, zero = 0
    cdef real scale = <real> (n_cells / (highest - lowest))
    cdef real place, inside, x, c1, c2, c3, value
    cdef const real* piece
    with nogil:
        for i in range(places.shape[0]):
            place = places[i]
            inside = scale if start <= place <= stop else zero
            x = start
            if place > start:    # not so for NaN
                x = place
            if x > stop:
                x = stop
            x = (x - start) * scale
            cell = min(<int> x, <int> (n_cells - 1))
            x = x - cell
            piece = &pieces[cell, 0]
            c1 = piece[1]
            c2 = piece[2]
            c3 = piece[3]
            value = piece[0] + x * (c1 + x * (c2 + x * c3))
            values[i] = value if place == place else place
            slopes[i] = (c1 + x * (2 * c2 + 3 * x * c3)) * inside
