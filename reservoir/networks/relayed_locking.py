r"""How do oscillators that hear each other follow a source? Adler's law with relayed tones.

An oscillator j that follows a source with the complex coherence q_js emits a part of the tone
of this source. An oscillator i that is coupled to it hears the source itself and what all
others relay, together

.. math:: F_{is} = 1 + \sum_j C_{ij} q_{js}, \qquad
    q_{is} = \frac{F_{is}}{|F_{is}|}\, r^*\!\left(\frac{u_{is}}{|F_{is}|}\right)

in units of one source. Here u is the detuning in half-widths of locking, and r the mean of
exp(i psi) under Adler's equation dpsi/dt = u - sin psi, that is

    r(u) = sqrt(1 - u^2) + i u for |u| <= 1,    i (u -+ sqrt(u^2 - 1)) beyond.

The mean of each tone obeys this law where tones do not beat in one band of locking, to first
order in what the oscillators emit at other frequencies. C is the coupling K over the strength
of a source, conjugated, times exp(i arctan nu): a device whose frequency depends on its power
with the slope nu shifts the phase at which a tone pulls it. A fixed number of rounds stands
for the fixed point, so that the slopes are exact.
"""

from dataclasses import dataclass

import numpy as np

from reservoir._types import Complexes, Floats

N_ROUNDS = 3  # the next one changes F by the fourth power of the couplings
FAINTEST = 0.01  # of the squared sum of tones, below which it counts no less


def felt_couplings(coupling: Complexes, injection: float, slope: float) -> Complexes:
    """Couplings C of the formula, from couplings K of a network.

    Parameters
    ----------
    coupling : ndarray of complex of shape (n_oscillators, n_oscillators)
        In 1/s.
    injection : float
        Strength of a source, in 1/s.
    slope : float
        nu, how the frequency of the device depends on its power.

    Returns
    -------
    ndarray of complex of shape (n_oscillators, n_oscillators)
    """
    felt: Complexes = np.conj(coupling) * np.exp(1j * np.arctan(slope)) / injection
    return felt


def network_couplings(felt: Complexes, injection: float, slope: float) -> Complexes:
    """Couplings K of a network in 1/s: the inverse of `felt_couplings`."""
    coupling: Complexes = np.conj(felt * np.exp(-1j * np.arctan(slope))) * injection
    return coupling


def following(u: Floats, rounding: float) -> tuple[Complexes, Complexes]:
    """Smoothed conjugate of r(u) and its slope, of the shape of u.

    Its size is the smoothed coherence of `adler_training`.
    """
    x = u * u - 1
    root = np.sqrt(x * x + rounding)
    s = np.sqrt((x + root) / 2)
    ds = u * s / root
    c = np.sqrt(1 + s * s)
    inside = np.sqrt(rounding) / (2 * s)
    r = inside - 1j * u
    weight = 1 - s / c
    slope = weight * (-inside * ds / s - 1j) - r * (ds / c**3)
    return weight * r, slope


@dataclass(frozen=True)
class _Round:
    """What one round knew of each oscillator and source."""

    heard: Complexes  # F
    size: Floats  # |F|, smoothed at 0
    u: Floats  # detuning in units of the band that F makes
    r: Complexes
    r_slope: Complexes
    relayed: Complexes  # q


@dataclass(frozen=True)
class Heard:
    """Detunings in units of the band that each oscillator has for each source.

    Attributes
    ----------
    scaled : ndarray of shape (n_samples, n_sources, n_oscillators)
        Detunings over |F|.
    couplings : ndarray of complex of shape (n_oscillators, n_oscillators)
        C of the formula. Row i holds what oscillator i hears.
    heard : ndarray of complex of the shape of `scaled`
        F.
    rounds : list
        How it came about, for `slopes`.
    """

    scaled: Floats
    couplings: Complexes
    heard: Complexes
    rounds: list[_Round]

    def slopes(self, of_scaled: Floats) -> tuple[Floats, Complexes]:
        """Slopes of a number over detunings and couplings, from those over `scaled`.

        The slope over a coupling is that over its real part plus i times that over its
        imaginary part.
        """
        n_oscillators = len(self.couplings)
        size = _size(self.heard)
        of_u = of_scaled / size
        of_heard = _through_size(-of_u * self.scaled, self.heard, size)
        of_couplings = np.zeros_like(self.couplings)
        for now in reversed(self.rounds):
            relayed = now.relayed.reshape(-1, n_oscillators)
            of_couplings += of_heard.reshape(-1, n_oscillators).T @ relayed.conj()
            of_relayed = of_heard @ self.couplings.conj()
            back = of_relayed.conj()
            along_u = (back * now.heard * now.r_slope).real / now.size**2
            of_size = -(back * now.relayed).real / now.size - along_u * now.u
            of_u += along_u
            of_heard = of_relayed * now.r.conj() / now.size
            of_heard += _through_size(of_size, now.heard, now.size)
        return of_u, of_couplings


def hear(u: Floats, couplings: Complexes, rounding: float) -> Heard:
    """What oscillators hear of each source, and how far they are from following it.

    Parameters
    ----------
    u : ndarray of shape (n_samples, n_sources, n_oscillators)
        Detunings in half-widths of locking to a single source.
    couplings : ndarray of complex of shape (n_oscillators, n_oscillators)
        C of the formula.
    rounding : float
        How much the edge of locking is smoothed, as in `adler_training.Softness`.

    Returns
    -------
    Heard
    """
    rounds = []
    heard = np.ones(u.shape, complex)
    for _ in range(N_ROUNDS):
        size = _size(heard)
        r, r_slope = following(u / size, rounding)
        relayed = heard / size * r
        rounds.append(_Round(heard, size, u / size, r, r_slope, relayed))
        heard = 1 + relayed @ couplings.T
    return Heard(u / _size(heard), couplings, heard, rounds)


def _size(heard: Complexes) -> Floats:
    """|F|, smoothed so that it has a slope at 0; 1 for F = 1."""
    squared = heard.real**2 + heard.imag**2
    size: Floats = np.sqrt((squared + FAINTEST) / (1 + FAINTEST))
    return size


def _through_size(of_size: Floats, heard: Complexes, size: Floats) -> Complexes:
    """Slope over F of what depends on its size."""
    slope: Complexes = of_size * heard / (size * (1 + FAINTEST))
    return slope
