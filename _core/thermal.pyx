"""Everything that can be read of one oscillator, with and without thermal noise."""

from libc.stdint cimport uint64_t

from .mask cimport LANES
from .normal cimport normal_pair, philox
from .oscillator cimport HeldFlow
from .thermal cimport Reading, thermal_hold


cdef enum:
    BLOCK = 16       # holds that are read and written together: rows lie far apart


cdef inline void write_rows(
    const double* lanes,      # IN  (BLOCK, LANES)
    Py_ssize_t first,
    Py_ssize_t n_rows,
    Py_ssize_t begin,
    Py_ssize_t n_steps,
    double[:, ::1] rows,      # OUT
) noexcept nogil:
    cdef Py_ssize_t lane, step
    cdef double* row
    for lane in range(n_rows):
        row = &rows[first + lane, begin]
        for step in range(n_steps):
            row[step] = lanes[step * LANES + lane]


def observe(
    const double[:, ::1] current,      # IN  (n_rows, n_steps)
    const double[::1] state,           # IN  (n_rows,) inverse power at the start
    const uint64_t[::1] keys,          # IN  (n_rows,) of the noise
    HeldFlow flow,
    Reading reading,
    double[:, ::1] amplitude,          # OUT (n_rows, n_steps)
    double[:, ::1] power,              # OUT
    double[:, ::1] frequency,          # OUT
    double[:, ::1] phase,              # OUT
):
    """LANES rows side by side, hold after hold."""
    cdef Py_ssize_t first, row, lane, step, size, begin, block
    cdef Py_ssize_t n_rows = current.shape[0], n_steps = current.shape[1]
    cdef const double* held
    cdef double[BLOCK * LANES] drive
    cdef double[BLOCK * LANES] end
    cdef double[BLOCK * LANES] mean
    cdef double[BLOCK * LANES] speed
    cdef double[BLOCK * LANES] turned
    cdef double[LANES] q
    cdef double[LANES] angle
    cdef uint64_t[LANES] key
    with nogil:
        first = 0
        while first < n_rows:
            size = min(<Py_ssize_t> LANES, n_rows - first)
            for lane in range(LANES):
                row = min(first + lane, n_rows - 1)
                q[lane] = state[row]
                key[lane] = keys[row]
                angle[lane] = 0
            begin = 0
            while begin < n_steps:
                block = min(<Py_ssize_t> BLOCK, n_steps - begin)
                for lane in range(LANES):
                    held = &current[min(first + lane, n_rows - 1), begin]
                    for step in range(block):
                        drive[step * LANES + lane] = held[step]
                for step in range(block):
                    thermal_hold(
                        flow, reading, key, begin + step, &drive[step * LANES], q, angle,
                        &end[step * LANES], &mean[step * LANES], &speed[step * LANES],
                    )
                    for lane in range(LANES):
                        turned[step * LANES + lane] = angle[lane]
                write_rows(end, first, size, begin, block, amplitude)
                write_rows(mean, first, size, begin, block, power)
                write_rows(speed, first, size, begin, block, frequency)
                write_rows(turned, first, size, begin, block, phase)
                begin += block
            first += LANES


def normals(const uint64_t[::1] keys, double[:, :, ::1] out):
    """Words and normal numbers of LANES keys and counters 0, 1, ...; for tests.

    `out` has shape (n_steps, 8, LANES): four words, then four normal numbers.
    """
    cdef Py_ssize_t step, lane, i
    cdef uint64_t[4 * LANES] words
    for step in range(out.shape[0]):
        philox(&keys[0], step, words)
        for i in range(4):
            for lane in range(LANES):
                out[step, i, lane] = words[i * LANES + lane]
        for i in (0, 2):
            for lane in range(LANES):
                normal_pair(
                    words[i * LANES + lane], words[(i + 1) * LANES + lane],
                    &out[step, 4 + i, lane], &out[step, 5 + i, lane],
                )
