"""Mel-frequency cepstra: the envelope of the spectrum, as speech recognisers take it."""

from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np

from reservoir._checks import Flag, Integer, OrNone, Real, Rule
from reservoir._types import Array, Floats
from reservoir.audio.spectrogram import map_spectra, window_of
from reservoir.audio.waveforms import SHARE, FrontEnd, at_unit_level

MIN_POWER = 1e-10  # of a mel band; fainter bands are raised to it


class MFCC(FrontEnd):
    """Mel-frequency cepstral coefficients.

    Parameters
    ----------
    sample_rate : float
        Sampling rate of the waveforms, in Hz.

    *The coefficients*

    n_coefficients : int, default=13
        Coefficients of the cosine transform that are kept. The first one is the mean level.
    n_mels : int, default=26
        Triangular bands, equally spaced on the mel scale.
    window_length : int or None, default=None
        Samples in a window; None stands for 25 ms.
    hop_length : int or None, default=None
        Samples from one window to the next; None stands for 10 ms.
    window : str, default="hann"
        Any name that `scipy.signal.get_window` knows.
    low_frequency : float, default=0.0
        Where the lowest band begins, in Hz.
    high_frequency : float or None, default=None
        Where the highest band ends, in Hz; None stands for half of `sample_rate`.
    dynamic_range : float, default=80.0
        Levels are raised to this distance below the loudest level of the clip, in dB.

    *What is made of the coefficients*

    n_deltas : {0, 1, 2}, default=0
        Time derivatives that are joined to the coefficients as further channels.
    standardize : bool, default=False
        Whether every channel is brought to mean 0 and standard deviation 1 in each clip.

    *The clips*

    normalize : bool, default=True
        Whether each clip is first divided by its own root mean square.
    mean_subtraction : float, default=0.0
        Share, from 0 to 1, of each channel's mean over the clip that is taken from its
        frames. The mean carries the voice and the microphone, but also a long vowel, so a
        half often serves speakers that were not heard before better than 0 or 1.
    n_jobs : int or None, default=None
        Anything but None or 1 makes a warning: one job hears all clips, because neither
        threads nor processes are faster.

    Notes
    -----
    Windows are centred on every `hop_length`-th sample, with zeros around the clip: a clip
    of n samples gives ``1 + n // hop_length`` frames. The length of the Fourier transform is
    the next power of two. Its powers are summed in bands of unit area on Slaney's mel scale
    [1]_ (linear below 1 kHz, logarithmic above), taken in dB above 1e-10, and transformed by
    an orthonormal DCT-II. A derivative is the slope of a line through five frames, where the
    first and the last frame are repeated [2]_. A silent clip gives a constant, or zeros if
    it is standardized.

    References
    ----------
    .. [1] M. Slaney, "Auditory toolbox", Interval Research Technical Report 1998-010.
    .. [2] S. Young et al., The HTK Book (2006), section 5.9.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import MFCC
    >>> noise = np.random.default_rng(0).normal(size=4000)
    >>> MFCC(8000).fit_transform([noise])[0].shape
    (51, 13)
    >>> MFCC(8000, n_deltas=2, standardize=True).fit_transform([noise])[0].shape
    (51, 39)
    """

    channels_are_ordered: ClassVar[bool] = False
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "sample_rate": Real(above=0, what="rate in Hz"),
        "n_coefficients": Integer(1),
        "n_mels": Integer(1),
        "window_length": OrNone(Integer(2)),
        "hop_length": OrNone(Integer(1)),
        "low_frequency": Real(at_least=0, what="frequency in Hz"),
        "high_frequency": OrNone(Real(above=0, what="frequency in Hz")),
        "dynamic_range": Real(above=0, what="range in dB"),
        "n_deltas": Integer(0, 2),
        "standardize": Flag(),
        "normalize": Flag(),
        "mean_subtraction": SHARE,
    }

    def __init__(
        self,
        sample_rate: float,
        *,
        n_coefficients: int = 13,
        n_mels: int = 26,
        window_length: int | None = None,
        hop_length: int | None = None,
        window: str = "hann",
        low_frequency: float = 0.0,
        high_frequency: float | None = None,
        dynamic_range: float = 80.0,
        n_deltas: int = 0,
        standardize: bool = False,
        normalize: bool = True,
        mean_subtraction: float = 0.0,
        n_jobs: int | None = None,
    ) -> None:
        self.sample_rate = sample_rate
        self.n_coefficients = n_coefficients
        self.n_mels = n_mels
        self.window_length = window_length
        self.hop_length = hop_length
        self.window = window
        self.low_frequency = low_frequency
        self.high_frequency = high_frequency
        self.dynamic_range = dynamic_range
        self.n_deltas = n_deltas
        self.standardize = standardize
        self.normalize = normalize
        self.mean_subtraction = mean_subtraction
        self.n_jobs = n_jobs

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.n_coefficients > self.n_mels:
            raise ValueError(
                f"MFCC.n_coefficients is {self.n_coefficients}; there are no more than "
                f"n_mels = {self.n_mels} of them."
            )
        window_length, hop_length = self._lengths()
        if window_length < 2 or hop_length < 1:
            raise ValueError(
                f"MFCC.sample_rate is {self.sample_rate} Hz; 25 ms are fewer than two "
                "samples then. Is it right? If so, give window_length and hop_length."
            )
        window_of(self, window_length)
        high = self._end_of_bands()
        if not self.low_frequency < high <= self.sample_rate / 2:
            raise ValueError(
                f"MFCC.high_frequency is {high} Hz; it must lie above low_frequency "
                f"({self.low_frequency} Hz) and at most at half the sampling rate "
                f"({self.sample_rate / 2} Hz). Is sample_rate right?"
            )
        silent = ~self._mel_bands().any(axis=1)
        if silent.any():
            raise ValueError(
                f"MFCC.n_mels is {self.n_mels}; band {int(silent.argmax())} is so narrow "
                f"that no point of the transform of {self._transform_length()} samples "
                "falls into it. Take fewer bands or a longer window_length."
            )

    def _lengths(self) -> tuple[int, int]:
        """Samples in a window, and from one window to the next."""
        window_length, hop_length = self.window_length, self.hop_length
        if window_length is None:
            window_length = round(0.025 * self.sample_rate)
        if hop_length is None:
            hop_length = round(0.01 * self.sample_rate)
        return int(window_length), int(hop_length)

    def _transform_length(self) -> int:
        return 1 << (self._lengths()[0] - 1).bit_length()

    def highest_frequency(self, sample_rate: float) -> float:
        """Up to which frequency waveforms are heard.

        Parameters
        ----------
        sample_rate : float
            Sampling rate of the waveforms, in Hz.

        Returns
        -------
        float
            Where the highest band ends, in Hz.
        """
        return self._end_of_bands()

    def _end_of_bands(self) -> float:
        return self.sample_rate / 2 if self.high_frequency is None else self.high_frequency

    def _mel_bands(self) -> Floats:
        points: Array = np.fft.rfftfreq(self._transform_length(), 1 / self.sample_rate)
        return mel_bands(points, int(self.n_mels), self.low_frequency, self._end_of_bands())

    def _prepare(self) -> Callable[[Floats], Floats]:
        from scipy.fft import dct

        window_length, hop_length = self._lengths()
        window = window_of(self, window_length)
        bands = self._mel_bands().T
        before = (window_length + 1) // 2

        def powers(spectra: Array) -> Floats:
            summed: Floats = (spectra.real**2 + spectra.imag**2) @ bands
            return summed

        def frames(clip: Floats) -> Floats:
            if self.normalize:
                clip = at_unit_level(clip)
            clip = np.pad(clip, (before, window_length - before))
            power = map_spectra(powers, clip, window, hop_length, self._transform_length())
            loudness = 10 * np.log10(np.maximum(power, MIN_POWER))
            loudness = np.maximum(loudness, loudness.max() - self.dynamic_range)
            channels = [dct(loudness, norm="ortho")[:, : self.n_coefficients]]
            for _ in range(self.n_deltas):
                channels.append(slopes(channels[-1]))
            joined = np.concatenate(channels, axis=1)
            return standardized(joined) if self.standardize else joined

        return frames


def mel_bands(
    frequencies: Floats, n_mels: int, low_frequency: float, high_frequency: float
) -> Floats:
    """Weights of triangular bands of unit area, equally spaced in mel.

    Parameters
    ----------
    frequencies : ndarray of shape (n_points,)
        Where the weights are wanted, in Hz.
    n_mels : int
    low_frequency, high_frequency : float
        Where the lowest band begins and the highest ends, in Hz.

    Returns
    -------
    ndarray of shape (n_mels, n_points)
        In 1/Hz.
    """
    lowest, highest = frequency_to_mel(np.array([low_frequency, high_frequency]))
    edges = mel_to_frequency(np.linspace(lowest, highest, n_mels + 2))
    below, center, above = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (frequencies - below) / (center - below)
    falling = (above - frequencies) / (above - center)
    return np.maximum(np.minimum(rising, falling), 0) * 2 / (above - below)


def frequency_to_mel(frequency: Floats) -> Floats:
    """Slaney's scale: 3/200 mel for each Hz to 1 kHz, then 27 mel for each factor of 6.4.

    Parameters
    ----------
    frequency : ndarray
        In Hz.

    Returns
    -------
    ndarray
    """
    beyond = np.maximum(frequency, 1000) / 1000
    mel: Floats = np.minimum(frequency, 1000) * 3 / 200 + 27 * np.log(beyond) / np.log(6.4)
    return mel


def mel_to_frequency(mel: Floats) -> Floats:
    """The inverse of `frequency_to_mel`.

    Parameters
    ----------
    mel : ndarray

    Returns
    -------
    ndarray
        In Hz.
    """
    frequency: Floats = np.minimum(mel, 15) * 200 / 3 * 6.4 ** (np.maximum(mel - 15, 0) / 27)
    return frequency


def slopes(frames: Floats) -> Floats:
    """Slope of the line through five frames around each frame, the ends repeated.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_channels)

    Returns
    -------
    ndarray of shape (n_frames, n_channels)
        Change from one frame to the next.
    """
    padded = np.pad(frames, ((2, 2), (0, 0)), mode="edge")
    slope: Floats = (padded[3:-1] - padded[1:-3] + 2 * (padded[4:] - padded[:-4])) / 10
    return slope


def standardized(frames: Floats) -> Floats:
    """Channels with mean 0 and standard deviation 1; a constant channel becomes 0.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_channels)

    Returns
    -------
    ndarray of shape (n_frames, n_channels)
    """
    centered = frames - frames.mean(axis=0)
    spread = frames.std(axis=0)
    # The deviation of a constant channel is rounding error.
    constant = spread <= 1e-12 * np.abs(frames).max(axis=0)
    return np.where(constant, 0.0, centered / np.where(constant, 1.0, spread))
