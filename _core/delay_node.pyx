"""A nonlinear node with a delay line: what does each held input make of it?

    dx/dt = -x + strength f(x(t - tau) + J),   time in units of the response time

The delay line holds one value for every virtual node, as a line of digital samples does:
while the input J_k is held for a time h, the delayed value is that of delay nodes before.
The right-hand side is then constant over the hold, so the step is exact:

    y = x_{k - delay} + J_k,   x_k = E x_{k-1} + (1 - E) strength f(y),   E = exp(-h)

    Mackey-Glass       f(y) = y / (1 + |y|^p)
    optoelectronic     f(y) = sin(y + phase)^2
"""

from libc.math cimport fabs, pow, sin

ctypedef struct Node:
    double strength
    double exponent           # p, if not optoelectronic
    double phase              # rad, if optoelectronic
    bint optoelectronic
    double decay              # E
    double start              # x before the first input


cdef inline double whole_power(double base, Py_ssize_t exponent) noexcept nogil:
    """base^exponent by squaring."""
    cdef double power = 1.0
    while exponent > 0:
        if exponent & 1:
            power *= base
        base *= base
        exponent >>= 1
    return power


cdef inline double nonlinearity(double y, const Node node, Py_ssize_t whole) noexcept nogil:
    """f(y); `whole` is the exponent if it is a whole number, else -1."""
    cdef double s
    if node.optoelectronic:
        s = sin(y + node.phase)
        return s * s
    if whole >= 0:
        return y / (1.0 + whole_power(fabs(y), whole))
    return y / (1.0 + pow(fabs(y), node.exponent))


def respond(
    const double[:, ::1] drive,       # IN  (n_rows, n_holds)
    Node node,
    Py_ssize_t delay,                 # in holds, at least 1
    double[:, ::1] response,          # OUT (n_rows, n_holds) x at the end of every hold
):
    """Rows one after the other; the response itself is the delay line."""
    cdef Py_ssize_t row, hold, whole = -1
    cdef double x, delayed, gain = (1.0 - node.decay) * node.strength
    # Only what fits an integer may be compared with one.
    if node.exponent < 1e9 and node.exponent == <Py_ssize_t> node.exponent:
        whole = <Py_ssize_t> node.exponent
    with nogil:
        for row in range(drive.shape[0]):
            x = node.start
            for hold in range(drive.shape[1]):
                delayed = response[row, hold - delay] if hold >= delay else node.start
                x = node.decay * x + gain * nonlinearity(
                    delayed + drive[row, hold], node, whole
                )
                response[row, hold] = x
