"""The same sound at another sampling rate."""

from collections.abc import Iterable
from fractions import Fraction

from reservoir._checks import Real, check_value
from reservoir._types import ArrayLike, Floats
from reservoir.audio.waveforms import check_waveforms

RATE = Real(above=0, what="rate in Hz")
MAX_RATIO = 1000  # of two rates; more of it is a mistake, and would take much memory
MAX_DENOMINATOR = 1000
HALF_LENGTH = 10  # of the filter, over the larger factor, as in `scipy.signal.resample_poly`
KAISER = 5.0  # shape of its window there


def at_rate(waveform: ArrayLike, sample_rate: float, new_rate: float) -> Floats:
    """A waveform at another sampling rate, with the same pitch and pace.

    Parameters
    ----------
    waveform : array-like of shape (n_samples,)
        Integer samples are divided by the full scale of their type.
    sample_rate : float
        Its sampling rate, in Hz.
    new_rate : float
        The rate that is wanted, in Hz.

    Returns
    -------
    ndarray of shape (n_new_samples,)
        What lies above half of the lower rate is filtered out
        (`scipy.signal.resample_poly`). The ratio of the rates is rounded to the nearest
        ratio of integers of which the smaller one is at most 1000. It holds all pairs of the
        usual rates exactly; others shift the pitch by less than a part in a thousand.

    Raises
    ------
    ValueError
        If the waveform is not as a front end takes it, a rate is not above 0, or one rate
        is more than 1000 times the other.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import at_rate
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    >>> slow = at_rate(tone, 16000, 8000)
    >>> bool(np.allclose(slow[100:-100], tone[::2][100:-100], atol=1e-3))
    True
    """
    check_value("sample_rate", sample_rate, RATE)
    check_value("new_rate", new_rate, RATE)
    clip = check_waveforms([waveform])[0]
    ratio = Fraction(float(new_rate)) / Fraction(float(sample_rate))
    if not 1 / MAX_RATIO <= ratio <= MAX_RATIO:
        raise ValueError(
            f"sample_rate is {sample_rate} Hz and new_rate {new_rate} Hz; one is more than "
            f"{MAX_RATIO} times the other. Is the rate right?"
        )
    if ratio >= 1:
        ratio = ratio.limit_denominator(MAX_DENOMINATOR)
    else:
        ratio = 1 / (1 / ratio).limit_denominator(MAX_DENOMINATOR)
    if ratio == 1:
        return clip.copy()  # never the array that was given
    return with_more_samples([clip], ratio)[0]


def with_more_samples(clips: Iterable[Floats], ratio: Fraction) -> list[Floats]:
    """Clips of `ratio` times as many samples, filtered within their band.

    The answers are those of `scipy.signal.resample_poly` to the bit. It would design its
    filter anew for each clip, which takes longer than filtering a short word.

    Parameters
    ----------
    clips : iterable of ndarray of shape (n_samples,)
    ratio : Fraction
        Other than 1.

    Returns
    -------
    list of ndarray of shape (n_new_samples,)
    """
    from scipy.signal import firwin, resample_poly

    up, down = ratio.numerator, ratio.denominator
    larger = max(up, down)
    low_pass = firwin(2 * HALF_LENGTH * larger + 1, 1 / larger, window=("kaiser", KAISER))
    return [resample_poly(clip, up, down, window=low_pass) for clip in clips]
