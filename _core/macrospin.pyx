"""One magnet as a single unit vector m: how does it turn under field and spin torque?

The equation of Landau, Lifshitz, Gilbert and Slonczewski, all fields in T:

    dm/dt = -gamma m x B + alpha m x dm/dt - gamma s m x (p x m)
    B = field + anisotropy * m  (component by component),   s = torque I / (1 + lambda m.p)

With T = -gamma m x (B + s p x m), the right-hand side without damping, it is explicit:

    dm/dt = (T + alpha m x T) / (1 + alpha^2)

A step is the classical Runge-Kutta step of order four, then m is scaled back to length 1,
which moves it by less than the step's own error.

At the start of every hold the power (1 - m.axis)/2 is raised to a floor, so that a magnet
that lay along its axis can start again. What is read is the mean power over the hold.
"""

from libc.math cimport sqrt

cdef enum:
    LANES = 16

layout = {"lanes": LANES}

ctypedef struct Magnet:
    double gamma              # rad / (s T)
    double alpha
    double torque             # T for each A
    double asymmetry          # lambda
    double field_x
    double field_y
    double field_z
    double anisotropy_x
    double anisotropy_y
    double anisotropy_z
    double polarizer_x        # p, of length 1
    double polarizer_y
    double polarizer_z
    double axis_x             # of length 1
    double axis_y
    double axis_z
    double floor              # of the power, at the start of a hold


cdef inline void velocity(
    const Magnet magnet,
    const double* strength,   # IN  (LANES,) torque times current
    const double* m,          # IN  (3, LANES)
    double* rate,             # OUT (3, LANES)
) noexcept nogil:
    """dm/dt of every lane."""
    cdef Py_ssize_t lane
    cdef double x, y, z, s, b_x, b_y, b_z, t_x, t_y, t_z
    cdef double turn = -magnet.gamma / (1 + magnet.alpha * magnet.alpha)
    cdef double p_x = magnet.polarizer_x, p_y = magnet.polarizer_y, p_z = magnet.polarizer_z
    for lane in range(LANES):
        x = m[lane]
        y = m[LANES + lane]
        z = m[2 * LANES + lane]
        s = strength[lane] / (1 + magnet.asymmetry * (p_x * x + p_y * y + p_z * z))
        b_x = magnet.field_x + magnet.anisotropy_x * x + s * (p_y * z - p_z * y)
        b_y = magnet.field_y + magnet.anisotropy_y * y + s * (p_z * x - p_x * z)
        b_z = magnet.field_z + magnet.anisotropy_z * z + s * (p_x * y - p_y * x)
        t_x = turn * (y * b_z - z * b_y)
        t_y = turn * (z * b_x - x * b_z)
        t_z = turn * (x * b_y - y * b_x)
        rate[lane] = t_x + magnet.alpha * (y * t_z - z * t_y)
        rate[LANES + lane] = t_y + magnet.alpha * (z * t_x - x * t_z)
        rate[2 * LANES + lane] = t_z + magnet.alpha * (x * t_y - y * t_x)


cdef inline void one_step(
    const Magnet magnet,
    double step,
    const double* strength,   # IN    (LANES,)
    double* m,                # INOUT (3, LANES)
) noexcept nogil:
    """Runge-Kutta of order four, then back to length 1."""
    cdef double[3 * LANES] first
    cdef double[3 * LANES] second
    cdef double[3 * LANES] third
    cdef double[3 * LANES] fourth
    cdef double[3 * LANES] middle
    cdef Py_ssize_t i, lane
    cdef double scale
    velocity(magnet, strength, m, first)
    for i in range(3 * LANES):
        middle[i] = m[i] + 0.5 * step * first[i]
    velocity(magnet, strength, middle, second)
    for i in range(3 * LANES):
        middle[i] = m[i] + 0.5 * step * second[i]
    velocity(magnet, strength, middle, third)
    for i in range(3 * LANES):
        middle[i] = m[i] + step * third[i]
    velocity(magnet, strength, middle, fourth)
    for i in range(3 * LANES):
        m[i] += step / 6 * (first[i] + 2 * (second[i] + third[i]) + fourth[i])
    for lane in range(LANES):
        scale = 1 / sqrt(
            m[lane] * m[lane]
            + m[LANES + lane] * m[LANES + lane]
            + m[2 * LANES + lane] * m[2 * LANES + lane]
        )
        m[lane] *= scale
        m[LANES + lane] *= scale
        m[2 * LANES + lane] *= scale


cdef inline void raise_to_floor(const Magnet magnet, double* m) noexcept nogil:
    """Give every lane at least the power of the floor, in the direction it leans to."""
    cdef Py_ssize_t lane
    cdef double along, x, y, z, across2, least2, stretch
    least2 = 4 * magnet.floor * (1 - magnet.floor)     # sin^2 of the angle at the floor
    for lane in range(LANES):
        along = (
            m[lane] * magnet.axis_x
            + m[LANES + lane] * magnet.axis_y
            + m[2 * LANES + lane] * magnet.axis_z
        )
        if (1 - along) / 2 >= magnet.floor:
            continue
        x = m[lane] - along * magnet.axis_x
        y = m[LANES + lane] - along * magnet.axis_y
        z = m[2 * LANES + lane] - along * magnet.axis_z
        across2 = x * x + y * y + z * z
        if across2 < 1e-30:
            # Leaning nowhere: any direction across the axis will do.
            x = magnet.axis_y - magnet.axis_z
            y = magnet.axis_z - magnet.axis_x
            z = magnet.axis_x - magnet.axis_y
            across2 = x * x + y * y + z * z
            if across2 < 1e-3:
                x = magnet.axis_y
                y = -magnet.axis_x
                z = 0
                across2 = x * x + y * y
        stretch = sqrt(least2 / across2)
        along = 1 - 2 * magnet.floor
        m[lane] = along * magnet.axis_x + stretch * x
        m[LANES + lane] = along * magnet.axis_y + stretch * y
        m[2 * LANES + lane] = along * magnet.axis_z + stretch * z


def respond(
    const double[:, ::1] current,     # IN    (n_rows, n_holds)
    double[:, ::1] state,             # INOUT (n_rows, 3) unit vectors at the start, at the end
    Magnet magnet,
    double step,                      # s
    Py_ssize_t n_steps,               # of every hold
    double[:, ::1] power,             # OUT   (n_rows, n_holds) mean over every hold
):
    """Turn many magnets, LANES at a time; rows know nothing of each other."""
    cdef Py_ssize_t n_rows = current.shape[0], group, lane, row, hold, i, _step
    cdef double[3 * LANES] m
    cdef double[LANES] strength
    cdef double[LANES] total
    with nogil:
        for group in range((n_rows + LANES - 1) // LANES):
            for lane in range(LANES):
                row = min(group * LANES + lane, n_rows - 1)
                for i in range(3):
                    m[i * LANES + lane] = state[row, i]
            for hold in range(current.shape[1]):
                for lane in range(LANES):
                    row = min(group * LANES + lane, n_rows - 1)
                    strength[lane] = magnet.torque * current[row, hold]
                raise_to_floor(magnet, m)
                for lane in range(LANES):
                    total[lane] = 0
                for _step in range(n_steps):
                    one_step(magnet, step, strength, m)
                    for lane in range(LANES):
                        total[lane] += (
                            m[lane] * magnet.axis_x
                            + m[LANES + lane] * magnet.axis_y
                            + m[2 * LANES + lane] * magnet.axis_z
                        )
                for lane in range(min(<Py_ssize_t> LANES, n_rows - group * LANES)):
                    power[group * LANES + lane, hold] = (1 - total[lane] / n_steps) / 2
            for lane in range(min(<Py_ssize_t> LANES, n_rows - group * LANES)):
                for i in range(3):
                    state[group * LANES + lane, i] = m[i * LANES + lane]
