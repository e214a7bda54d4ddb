"""One step of Adam (Kingma and Ba, 2015): running means of the slopes and of their squares."""

from libc.math cimport sqrt, sqrtf

ctypedef fused real:
    float
    double


def adam_step(
    real[::1] parameters,          # INOUT (n_parameters,)
    real[::1] first,               # INOUT (n_parameters,) mean of the slopes
    real[::1] second,              # INOUT (n_parameters,) mean of their squares
    const real[::1] slopes,        # IN    (n_parameters,)
    const real[::1] limits,        # IN    (n_parameters,) largest size of each parameter
    double first_decay,
    double second_decay,
    double length,                 # of the step, corrected for the start of both means
    double tiny,                   # is added to the root of the second mean
):
    """Move the parameters against their slopes, but not beyond their limits."""
    cdef Py_ssize_t i
    cdef real keep_1 = <real> first_decay, take_1 = <real> (1 - first_decay)
    cdef real keep_2 = <real> second_decay, take_2 = <real> (1 - second_decay)
    cdef real step = <real> length, floor = <real> tiny, root, value
    with nogil:
        for i in range(parameters.shape[0]):
            first[i] = keep_1 * first[i] + take_1 * slopes[i]
            second[i] = keep_2 * second[i] + take_2 * (slopes[i] * slopes[i])
            if real is float:
                root = sqrtf(second[i])
            else:
                root = sqrt(second[i])
            value = parameters[i] - step * first[i] / (root + floor)
            value = limits[i] if value > limits[i] else value    # NaN stays
            parameters[i] = -limits[i] if value < -limits[i] else value
