"""Coupled oscillators under one common current: the exact flows that a hold alternates.

Complex amplitudes c = sqrt(p) exp(i phi) of identical oscillators up to their frequencies
(Slavin and Tiberkevich, IEEE Trans. Magn. 45, 1875, 2009), in a frame that turns with what
all frequencies have in common:

    dc_i/dt = (a/2 - b/2 p_i - i N p_i) c_i + sum_j (K_ij - i D_i delta_ij) c_j

The first term is the single oscillator: its power follows the affine map of 1/p exactly (see
`oscillator.pxd`), and its phase turns by N times the integral of p, here by Simpson's rule
on the exact powers at the start, the middle and the end. The second term, coupling and
detuning, is linear: c <- exp((K - i D) h) c, a matrix. A hold is cut into parts of equal
length, and the two flows alternate symmetrically (Strang, SIAM J. Numer. Anal. 5, 506, 1968):
half a part of the second, a part of the first, a part of the second, ..., half a part of the
second. The error falls with the square of the part; without coupling there is none, and
strong damping or coupling never makes it unstable.
"""

from .elementary cimport real, reciprocal, reciprocal_root, rotation


ctypedef struct Ensemble:
    Py_ssize_t n_oscillators
    Py_ssize_t n_parts         # of a hold
    double turn                # N times the length of a part


cdef inline void flow_alone(
    real factor,               # the map q <- factor q + source of half a part
    real source,
    real turn,
    real largest,              # q_max, the inverse of the thermal floor
    real* re,                  # INOUT amplitude
    real* im,
) noexcept nogil:
    """One oscillator on its own over a part of a hold."""
    cdef real tiny = <real> 1e-30, smallest = 1 / largest
    cdef real four = 4, sixth = <real> (1.0 / 6.0)
    cdef real power, root, before, middle, after, later, angle, size, turned
    cdef real cosine = 0, sine = 0
    power = re[0] * re[0] + im[0] * im[0]
    power = tiny if power < tiny else power
    root = reciprocal_root(power)
    before = root * root
    before = largest if before > largest else before
    power = smallest if power < smallest else power
    middle = factor * before + source
    middle = largest if middle > largest else middle
    after = factor * middle + source
    after = largest if after > largest else after
    later = reciprocal_root(after)
    angle = -turn * sixth * (power + four * reciprocal(middle) + later * later)
    rotation(angle, &cosine, &sine)
    size = later * root
    turned = size * (cosine * re[0] - sine * im[0])
    im[0] = size * (cosine * im[0] + sine * re[0])
    re[0] = turned
