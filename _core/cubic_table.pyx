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
    cdef const real* table = &pieces[0, 0]
    cdef int cell, last = <int> (n_cells - 1)
    cdef real start = <real> lowest, stop = <real> highest, zero = 0
    cdef real scale = <real> (n_cells / (highest - lowest))
    cdef real place, inside, x, c1, c2, c3, value
    with nogil:
        for i in range(places.shape[0]):
            place = places[i]
            inside = scale if start <= place <= stop else zero
            x = place if place > start else start    # the start for NaN
            x = stop if x > stop else x
            x = (x - start) * scale
            cell = <int> x
            cell = last if cell > last else cell
            x = x - cell
            c1 = table[4 * cell + 1]
            c2 = table[4 * cell + 2]
            c3 = table[4 * cell + 3]
            value = table[4 * cell] + x * (c1 + x * (c2 + x * c3))
            values[i] = value if place == place else place
            slopes[i] = (c1 + x * (2 * c2 + 3 * x * c3)) * inside
