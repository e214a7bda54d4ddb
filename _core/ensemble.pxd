"""Coupled oscillators under one common current: the equations that a hold follows.

Complex amplitudes c = sqrt(p) exp(i phi) of identical oscillators up to their frequencies
(Slavin and Tiberkevich, IEEE Trans. Magn. 45, 1875, 2009):

    dc_i/dt = (a/2 - b/2 p_i - i N p_i) c_i + sum_j M_ij c_j,    M_ij = K_ij - i D_i delta_ij

with the coupling K, the detunings D and the a, b of `oscillator.pxd`. To turn all of them
together changes no amplitude and no difference of phases, so the frame turns with what all
frequencies have in common: the mean of D, and N times the mean power, anew for every part
of a hold. What is left varies slowly and is followed by the classical Runge-Kutta step of
fourth order.
"""

from .elementary cimport real


ctypedef struct Ensemble:
    Py_ssize_t n_oscillators
    Py_ssize_t n_drives        # of the masked kind: 1 for all, or one for each
    Py_ssize_t n_parts         # of a hold
    double shift               # N times the length of a part


cdef inline void add_own_change(
    real growth,               # a/2, b/2 and N times the length of a part
    real saturation,
    real shift,
    real common,               # mean power, with which the frame turns
    real re,
    real im,
    real* change_re,           # INOUT
    real* change_im,
) noexcept nogil:
    """Add what an oscillator does on its own: c (a/2 - b/2 p - i N (p - common))."""
    cdef real power = re * re + im * im
    cdef real gain = growth - saturation * power
    cdef real turn = shift * (power - common)
    change_re[0] += gain * re + turn * im
    change_im[0] += gain * im - turn * re
