"""An oscillator that follows a microwave source whose frequency changes from hold to hold.

In the frame of the source, whose phase is continuous, the complex amplitude, which turns
as exp(-i phase), obeys

    dc/dt = (a/2 - b/2 p - i N (p - rest)) c - i u c + F

with u the angular frequency at rest less that of the source (A. Slavin and V. Tiberkevich,
IEEE Trans. Magn. 45, 1875 (2009)). A hold is cut into steps of the classical Runge-Kutta
method of order four.
"""

from libc.math cimport atan2, sqrt

from .ensemble cimport add_own_change

cdef enum:
    LANES = 8
    AMPLITUDE = 0
    PHASE = 1
    FREQUENCY = 2

# What the caller must know.
variables = {"amplitude": AMPLITUDE, "phase": PHASE, "frequency": FREQUENCY}

ctypedef struct Locked:
    double growth             # a/2, b/2, N and F in 1/s and rad/s, times a step
    double saturation
    double shift
    double force
    double rest               # power without the source


cdef inline void one_step(
    const Locked locked,
    const double* detuning,   # IN    (LANES,) u times a step
    double* c,                # INOUT (2, LANES)
) noexcept nogil:
    """Runge-Kutta of order four."""
    cdef double[2 * LANES] end
    cdef double[2 * LANES] middle
    cdef double re, im, change_re, change_im, weight, reach
    cdef Py_ssize_t stage, lane
    for lane in range(2 * LANES):
        end[lane] = c[lane]
        middle[lane] = c[lane]
    for stage in range(4):
        weight = 1.0 / 3 if stage == 1 or stage == 2 else 1.0 / 6
        reach = 1.0 if stage == 2 else 0.5
        for lane in range(LANES):
            re = middle[lane]
            im = middle[LANES + lane]
            change_re = detuning[lane] * im + locked.force
            change_im = -detuning[lane] * re
            add_own_change(
                locked.growth, locked.saturation, locked.shift, locked.rest,
                re, im, &change_re, &change_im,
            )
            end[lane] += weight * change_re
            end[LANES + lane] += weight * change_im
            middle[lane] = c[lane] + reach * change_re
            middle[LANES + lane] = c[LANES + lane] + reach * change_im
    for lane in range(2 * LANES):
        c[lane] = end[lane]


def respond(
    const double[:, ::1] detuning,    # IN    (n_rows, n_holds) u, in rad/s
    double[:, ::1] state,             # INOUT (n_rows, 2) amplitudes at the start, at the end
    Locked locked,
    double step,                      # s
    Py_ssize_t n_steps,               # of every hold
    int variable,                     # IN    what is read
    double[:, ::1] response,          # OUT   (n_rows, n_holds) at the end of every hold
):
    """Let many oscillators follow their sources, LANES at a time.

    Amplitude; phase ahead of the source, in rad, between -pi and pi; or how many radians the
    phase gained on the source in the hold.
    """
    cdef Py_ssize_t n_rows = detuning.shape[0], group, lane, row, hold, _step
    cdef double[2 * LANES] c
    cdef double[2 * LANES] before
    cdef double[LANES] turn
    cdef double[LANES] gained
    cdef double re, im, answer
    with nogil:
        for group in range((n_rows + LANES - 1) // LANES):
            for lane in range(LANES):
                row = min(group * LANES + lane, n_rows - 1)
                c[lane] = state[row, 0]
                c[LANES + lane] = state[row, 1]
            for hold in range(detuning.shape[1]):
                for lane in range(LANES):
                    row = min(group * LANES + lane, n_rows - 1)
                    turn[lane] = detuning[row, hold] * step
                    gained[lane] = 0
                for _step in range(n_steps):
                    for lane in range(2 * LANES):
                        before[lane] = c[lane]
                    one_step(locked, turn, c)
                    if variable == FREQUENCY:
                        # The angle between two steps, which is far below half a turn.
                        for lane in range(LANES):
                            re = c[lane] * before[lane] + c[LANES + lane] * before[LANES + lane]
                            im = c[lane] * before[LANES + lane] - c[LANES + lane] * before[lane]
                            gained[lane] += atan2(im, re)
                for lane in range(min(<Py_ssize_t> LANES, n_rows - group * LANES)):
                    re = c[lane]
                    im = c[LANES + lane]
                    if variable == AMPLITUDE:
                        answer = sqrt(re * re + im * im)
                    elif variable == PHASE:
                        answer = atan2(-im, re)
                    else:
                        answer = gained[lane]
                    response[group * LANES + lane, hold] = answer
            for lane in range(min(<Py_ssize_t> LANES, n_rows - group * LANES)):
                state[group * LANES + lane, 0] = c[lane]
                state[group * LANES + lane, 1] = c[LANES + lane]
