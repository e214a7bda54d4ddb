"""A bank of gammatone filters in parallel: where are they, and what are their sections?"""

from collections.abc import Callable

import numpy as np

from reservoir._core import cochlea
from reservoir._types import Floats, Integers


def erb_spaced(low_frequency: float, high_frequency: float, n_channels: int) -> Floats:
    """Frequencies that are equally spaced on the ERB-rate scale.

    Parameters
    ----------
    low_frequency, high_frequency : float
        The first and the last frequency, in Hz.
    n_channels : int

    Returns
    -------
    ndarray of shape (n_channels,)
        In Hz.
    """
    first, last = np.log1p(np.array([low_frequency, high_frequency]) * 4.37e-3)
    frequencies: Floats = np.expm1(np.linspace(first, last, n_channels)) / 4.37e-3
    return frequencies


def gammatone_sections(
    frequencies: Floats, sample_rate: float
) -> tuple[Floats, Floats, Floats]:
    """Slaney's four second-order sections for each centre frequency.

    Parameters
    ----------
    frequencies : ndarray of shape (n_channels,)
        In Hz.
    sample_rate : float
        In Hz.

    Returns
    -------
    zeros : ndarray of shape (4, n_channels)
        Coefficient of x[n-1] in each section; the coefficient of x[n] is 1.
    poles : ndarray of shape (2, n_channels)
        Coefficients of y[n-1] and y[n-2], the same in all sections.
    gain : ndarray of shape (n_channels,)
        Factor that makes the gain 1 at the centre.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import gammatone_sections
    >>> zeros, poles, gain = gammatone_sections(np.array([500.0, 1000.0]), 8000.0)
    >>> zeros.shape, poles.shape, gain.shape
    ((4, 2), (2, 2), (2,))
    """
    angle = 2 * np.pi * frequencies / sample_rate
    bandwidth = 2 * np.pi * 1.019 * 24.7 * (1 + 4.37e-3 * frequencies)
    radius = np.exp(-bandwidth / sample_rate)
    roots = np.array([1, -1, 1, -1]) * np.sqrt(3 + np.array([1, 1, -1, -1]) * 2**1.5)
    zeros = -radius * (np.cos(angle) + roots[:, None] * np.sin(angle))
    poles = np.stack([-2 * radius * np.cos(angle), radius**2])
    delay = np.exp(-1j * angle)
    response = np.prod(
        (1 + zeros * delay) / (1 + poles[0] * delay + poles[1] * delay**2), axis=0
    )
    return zeros, poles, 1 / np.abs(response)


def gammatone_ear(
    frequencies: Floats, sample_rate: float, smoothing_frequency: float
) -> Callable[[Floats, Integers], Floats]:
    """A function from a waveform and instants to the smoothed outputs of the bank there.

    Parameters
    ----------
    frequencies : ndarray of shape (n_channels,)
        Centres, in Hz.
    sample_rate : float
        In Hz.
    smoothing_frequency : float
        Corner of a second-order Butterworth low-pass, in Hz.

    Returns
    -------
    callable
        ``ear(waveform, instants)`` gives an array of shape (n_instants, n_channels).
    """
    from scipy.signal import butter

    zeros, poles, gain = gammatone_sections(frequencies, sample_rate)
    numerator, denominator = butter(2, smoothing_frequency, fs=sample_rate)
    smoothing = np.concatenate([numerator, denominator[1:]])

    def ear(waveform: Floats, instants: Integers) -> Floats:
        output = np.empty((len(instants), len(frequencies)))
        cochlea.gammatone(waveform, zeros, poles, gain, smoothing, instants, output)
        return output

    return ear
