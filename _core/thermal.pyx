"""Everything that can be read of one oscillator, with and without thermal noise."""

from libc.stdint cimport uint64_t

from .normal cimport normal_pair, philox
from .oscillator cimport HeldFlow
from .thermal cimport Reading, thermal_hold

cdef enum:
    LANES = 32


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
    cdef Py_ssize_t first, row, lane, step, size
    cdef Py_ssize_t n_rows = current.shape[0], n_steps = current.shape[1]
    cdef double[LANES] drive
    cdef double[LANES] q
    cdef double[LANES] angle
    cdef double[LANES] end
    cdef double[LANES] mean
    cdef double[LANES] speed
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
            for step in range(n_steps):
                for lane in range(LANES):
                    drive[lane] = current[min(first + lane, n_rows - 1), step]
                for lane in range(LANES):
                    thermal_hold(
                        drive[lane], flow, reading, key[lane], step, &q[lane],
                        &angle[lane], &end[lane], &mean[lane], &speed[lane],
                    )
                for lane in range(size):
                    amplitude[first + lane, step] = end[lane]
                    power[first + lane, step] = mean[lane]
                    frequency[first + lane, step] = speed[lane]
                    phase[first + lane, step] = angle[lane]
            first += LANES


def normals(const uint64_t[::1] keys, Py_ssize_t n_steps, double[:, :, ::1] out):
    """Four normal numbers for every key and step, (n_keys, n_steps, 4); for tests."""
    cdef Py_ssize_t i, step
    cdef uint64_t[4] words
    for i in range(keys.shape[0]):
        for step in range(n_steps):
            philox(keys[i], step, words)
            normal_pair(words[0], words[1], &out[i, step, 0], &out[i, step, 1])
            normal_pair(words[2], words[3], &out[i, step, 2], &out[i, step, 3])


def random_words(uint64_t key, uint64_t counter):
    """The four words of one counter, for tests."""
    cdef uint64_t[4] words
    philox(key, counter, words)
    return [words[0], words[1], words[2], words[3]]
