"""Mel-frequency cepstra: the envelope of the spectrum, as speech recognisers take it."""

import numpy as np

from reservoir._checks import check_integer, check_number, check_positive
from reservoir.audio.spectrogram import map_spectra
from reservoir.audio.waveforms import FrontEnd, level

FAINTEST = 1e-10  # power of a mel band below which it counts as silent


class MFCC(FrontEnd):
    """Mel-frequency cepstral coefficients.

    Parameters
    ----------
    sample_rate : float
        Of the waveforms, in Hz.
    n_coefficients : int, default=13
        Coefficients of the cosine transform that are kept, the mean level among them.
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
        Bands more than so many dB below the loudest one of the clip are set there.
    n_deltas : {0, 1, 2}, default=0
        Time derivatives that are joined to the coefficients as further channels.
    standardize : bool, default=False
        Bring every channel to mean 0 and standard deviation 1 in each clip.
    normalize : bool, default=True
        Divide each clip by its own root mean square first.
    n_jobs : int or None, default=None
        Threads that share the clips. The frames do not depend on it.

    Notes
    -----
    Windows are centred on every `hop_length`-th sample, with zeros around the clip: a clip
    of n samples gives ``1 + n // hop_length`` frames. Powers of the transform, whose length
    is the next power of two, are summed in bands of unit area on Slaney's mel scale [1]_
    (linear below 1 kHz, logarithmic above), taken in dB above 1e-10, and transformed by an
    orthonormal DCT-II. A derivative is the slope of a line through five frames, the first
    and the last frame repeated [2]_. A silent clip gives a constant; standardised, zeros.

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

    def __init__(
        self,
        sample_rate,
        n_coefficients=13,
        n_mels=26,
        window_length=None,
        hop_length=None,
        window="hann",
        low_frequency=0.0,
        high_frequency=None,
        dynamic_range=80.0,
        n_deltas=0,
        standardize=False,
        normalize=True,
        n_jobs=None,
    ):
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
        self.n_jobs = n_jobs

    def _check_parameters(self):
        check_positive(self, "sample_rate")
        check_positive(self, "dynamic_range")
        check_number(self, "low_frequency", 0, "a finite number, not negative")
        check_integer(self, "n_mels", 1)
        check_integer(self, "n_coefficients", 1)
        if self.n_coefficients > self.n_mels:
            raise ValueError(
                f"MFCC.n_coefficients is {self.n_coefficients}; there are no more than "
                f"n_mels = {self.n_mels} of them."
            )
        if self.n_deltas not in (0, 1, 2):
            raise ValueError(f"MFCC.n_deltas is {self.n_deltas!r}; it must be 0, 1 or 2.")
        for name, lowest in (("window_length", 2), ("hop_length", 1)):
            if getattr(self, name) is not None:
                check_integer(self, name, lowest)
        window_length, hop_length = self._lengths()
        if window_length < 2 or hop_length < 1:
            raise ValueError(
                f"MFCC.sample_rate is {self.sample_rate} Hz; 25 ms are fewer than two "
                "samples then. Is it right? If so, give window_length and hop_length."
            )
        if self.high_frequency is not None:
            check_positive(self, "high_frequency")
        high = self._highest_frequency()
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

    def _lengths(self):
        window_length, hop_length = self.window_length, self.hop_length
        if window_length is None:
            window_length = round(0.025 * self.sample_rate)
        if hop_length is None:
            hop_length = round(0.01 * self.sample_rate)
        return window_length, hop_length

    def _transform_length(self):
        return 1 << (self._lengths()[0] - 1).bit_length()

    def _highest_frequency(self):
        return self.sample_rate / 2 if self.high_frequency is None else self.high_frequency

    def _mel_bands(self):
        points = np.fft.rfftfreq(self._transform_length(), 1 / self.sample_rate)
        return mel_bands(points, self.n_mels, self.low_frequency, self._highest_frequency())

    def _prepare(self):
        from scipy.fft import dct
        from scipy.signal import get_window

        window_length, hop_length = self._lengths()
        window = get_window(self.window, window_length)
        bands = self._mel_bands().T
        before = (window_length + 1) // 2

        def powers(spectra):
            return (spectra.real**2 + spectra.imag**2) @ bands

        def frames(clip):
            if self.normalize:
                clip = clip / level(clip)
            clip = np.pad(clip, (before, window_length - before))
            power = map_spectra(powers, clip, window, hop_length, self._transform_length())
            loudness = 10 * np.log10(np.maximum(power, FAINTEST))
            loudness = np.maximum(loudness, loudness.max() - self.dynamic_range)
            channels = [dct(loudness, norm="ortho")[:, : self.n_coefficients]]
            for _ in range(self.n_deltas):
                channels.append(slopes(channels[-1]))
            joined = np.concatenate(channels, axis=1)
            return standardized(joined) if self.standardize else joined

        return frames


def mel_bands(frequencies, n_mels, low_frequency, high_frequency):
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
    edges = mel_to_frequency(
        np.linspace(*frequency_to_mel(np.array([low_frequency, high_frequency])), n_mels + 2)
    )
    below, center, above = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (frequencies - below) / (center - below)
    falling = (above - frequencies) / (above - center)
    return np.maximum(np.minimum(rising, falling), 0) * 2 / (above - below)


def frequency_to_mel(frequency):
    """Slaney's scale: 3/200 mel a Hz to 1 kHz, then 27 mel a factor of 6.4.

    Parameters
    ----------
    frequency : ndarray
        In Hz.

    Returns
    -------
    ndarray
    """
    beyond = np.maximum(frequency, 1000) / 1000
    return np.minimum(frequency, 1000) * 3 / 200 + 27 * np.log(beyond) / np.log(6.4)


def mel_to_frequency(mel):
    """The inverse of `frequency_to_mel`.

    Parameters
    ----------
    mel : ndarray

    Returns
    -------
    ndarray
        In Hz.
    """
    return np.minimum(mel, 15) * 200 / 3 * 6.4 ** (np.maximum(mel - 15, 0) / 27)


def slopes(frames):
    """Slope of the line through five frames around each, the ends repeated.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_channels)

    Returns
    -------
    ndarray of shape (n_frames, n_channels)
        Change a frame.
    """
    padded = np.pad(frames, ((2, 2), (0, 0)), mode="edge")
    return (padded[3:-1] - padded[1:-3] + 2 * (padded[4:] - padded[:-4])) / 10


def standardized(frames):
    """Channels with mean 0 and standard deviation 1; one that never changes becomes 0.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_channels)

    Returns
    -------
    ndarray of shape (n_frames, n_channels)
    """
    centered = frames - frames.mean(axis=0)
    spread = frames.std(axis=0)
    # What is left of a constant is its rounding error.
    constant = spread <= 1e-12 * np.abs(frames).max(axis=0)
    return np.where(constant, 0.0, centered / np.where(constant, 1.0, spread))
