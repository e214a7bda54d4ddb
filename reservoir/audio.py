"""From waveforms to frames: what does the oscillator hear of a word?

Each transformer takes a list of 1-D waveforms and gives a list of
``(n_frames, n_channels)`` arrays. Nothing is learned from the data, so nothing leaks from
one clip to another; what a classifier gains must be told from what these front ends do on
their own (`reservoir.experiments.control`).
"""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.parallel import Parallel, delayed

from reservoir._core import cochlea
from reservoir.checks import check_integer, check_positive


class _FrontEnd(TransformerMixin, BaseEstimator):
    """Check the waveforms, hand each to `_frames`, collect the results."""

    def fit(self, X=None, y=None):
        """Check the parameters; nothing is learned.

        Parameters
        ----------
        X, y : ignored

        Returns
        -------
        self
        """
        self._check_parameters()
        return self

    def transform(self, X):
        """Turn waveforms into frames.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms
            Floats are taken as they are. Integer samples are divided by the full scale
            of their type (32768 for int16; uint8 is centred at 128 first).

        Returns
        -------
        list of ndarray of shape (n_frames, n_channels)

        Raises
        ------
        ValueError
            If there is no clip, or one is empty, not 1-D, complex, or not finite.
        TypeError
            If a clip does not hold numbers.
        """
        self._check_parameters()
        clips = _check_waveforms(X)
        frames = self._prepare()
        return Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(frames)(clip) for clip in clips
        )

    def __sklearn_tags__(self):
        """Say that the input is a list of waveforms and that `fit` learns nothing."""
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags

    def __sklearn_is_fitted__(self):
        """Nothing is learned, so it is always fitted."""
        return True


class Spectrogram(_FrontEnd):
    """Short-time Fourier transform.

    Parameters
    ----------
    kind : {"signed", "magnitude", "power", "log-power"}, default="signed"
        What is kept of each bin: its real part (linear in the waveform, so that a linear
        readout alone stays at chance), modulus, squared modulus, or the logarithm of the
        latter plus 1e-10.
    window_length : int, default=128
        Samples in a window; gives ``window_length // 2 + 1`` channels (65).
    hop_length : int, default=64
        Samples from one window to the next.
    window : str, default="hann"
        Any name that `scipy.signal.get_window` knows.
    normalize : bool, default=True
        Divide each clip by its own root mean square first.
    n_jobs : int or None, default=None
        Threads that share the clips. The frames do not depend on it.

    Notes
    -----
    A clip of n samples gives ``1 + (n - window_length) // hop_length`` frames; a clip
    shorter than a window is padded with zeros to one frame. A silent clip gives zeros
    (for "log-power" the logarithm of 1e-10).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Spectrogram
    >>> tone = np.sin(2 * np.pi * np.arange(1000) / 8)
    >>> frames = Spectrogram("magnitude").fit_transform([tone])[0]
    >>> frames.shape, int(frames[3].argmax())      # 1/8 of the rate: bin 16 of 128
    ((14, 65), 16)
    """

    def __init__(
        self,
        kind="signed",
        window_length=128,
        hop_length=64,
        window="hann",
        normalize=True,
        n_jobs=None,
    ):
        self.kind = kind
        self.window_length = window_length
        self.hop_length = hop_length
        self.window = window
        self.normalize = normalize
        self.n_jobs = n_jobs

    _KINDS = {
        "signed": np.real,
        "magnitude": np.abs,
        "power": lambda spectrum: np.abs(spectrum) ** 2,
        "log-power": lambda spectrum: np.log(np.abs(spectrum) ** 2 + 1e-10),
    }

    def _check_parameters(self):
        if self.kind not in self._KINDS:
            raise ValueError(
                f"Spectrogram.kind is {self.kind!r}; it must be one of "
                f"{', '.join(self._KINDS)}."
            )
        check_integer(self, "window_length", 2)
        check_integer(self, "hop_length", 1)

    def _prepare(self):
        from scipy.signal import get_window

        window = get_window(self.window, self.window_length)
        keep = self._KINDS[self.kind]

        def frames(clip):
            if self.normalize:
                clip = clip / _level(clip)
            if len(clip) < self.window_length:
                clip = np.pad(clip, (0, self.window_length - len(clip)))
            pieces = np.lib.stride_tricks.sliding_window_view(clip, self.window_length)
            return keep(np.fft.rfft(pieces[:: self.hop_length] * window, axis=1))

        return frames


class Cochleagram(_FrontEnd):
    """Model of the inner ear: a bank of filters, rectified, smoothed and compressed.

    Parameters
    ----------
    sample_rate : float
        Of the waveforms, in Hz.
    model : {"gammatone"}, default="gammatone"
        The filter bank.
    n_channels : int, default=78
        Filters, equally spaced on the ERB-rate scale.
    low_frequency : float, default=80.0
        Centre of the lowest filter, in Hz.
    high_frequency : float or None, default=None
        Centre of the highest filter, in Hz; None stands for 0.45 `sample_rate`, but at
        most 3600 Hz.
    frame_rate : float, default=100.0
        Frames per second.
    smoothing_frequency : float, default=50.0
        Corner of the second-order Butterworth low-pass after rectification, in Hz.
    compression : float, default=1/3
        Exponent applied to the smoothed output.
    normalize : bool, default=True
        Divide each clip by its own root mean square first.
    n_jobs : int or None, default=None
        Threads that share the clips. The frames do not depend on it.

    Notes
    -----
    Gammatone filters of order four as cascades of four second-order sections [1]_, with
    bandwidths 1.019 ERB(f), ERB(f) = 24.7 (1 + 4.37 f / 1 kHz) Hz [2]_ and unit gain at
    their centre. A clip of n samples gives ``ceil(n * frame_rate / sample_rate)``
    frames; each frame is the smoothed output at the last sample of its interval. A silent
    clip gives zeros.

    References
    ----------
    .. [1] M. Slaney, "An efficient implementation of the Patterson-Holdsworth auditory
       filter bank", Apple Computer Technical Report 35 (1993).
    .. [2] B. R. Glasberg and B. C. J. Moore, Hearing Research 47, 103 (1990).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Cochleagram
    >>> ear = Cochleagram(8000)
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(3520) / 8000)
    >>> frames = ear.fit_transform([tone])[0]
    >>> frames.shape
    (44, 78)
    >>> float(ear.center_frequencies()[frames[30].argmax()].round())
    990.0
    """

    def __init__(
        self,
        sample_rate,
        model="gammatone",
        n_channels=78,
        low_frequency=80.0,
        high_frequency=None,
        frame_rate=100.0,
        smoothing_frequency=50.0,
        compression=1 / 3,
        normalize=True,
        n_jobs=None,
    ):
        self.sample_rate = sample_rate
        self.model = model
        self.n_channels = n_channels
        self.low_frequency = low_frequency
        self.high_frequency = high_frequency
        self.frame_rate = frame_rate
        self.smoothing_frequency = smoothing_frequency
        self.compression = compression
        self.normalize = normalize
        self.n_jobs = n_jobs

    def _check_parameters(self):
        if self.model != "gammatone":
            raise ValueError(
                f"Cochleagram.model is {self.model!r}; the model is 'gammatone'."
            )
        check_integer(self, "n_channels", 1)
        for name in (
            "sample_rate",
            "low_frequency",
            "frame_rate",
            "smoothing_frequency",
            "compression",
        ):
            check_positive(self, name)
        high = self._highest_frequency()
        if not self.low_frequency <= high < self.sample_rate / 2:
            raise ValueError(
                f"Cochleagram.high_frequency is {high} Hz; it must lie between "
                f"low_frequency ({self.low_frequency} Hz) and half the sampling rate "
                f"({self.sample_rate / 2} Hz). Is sample_rate right?"
            )
        for name in ("frame_rate", "smoothing_frequency"):
            if not getattr(self, name) < self.sample_rate / 2:
                raise ValueError(
                    f"Cochleagram.{name} is {getattr(self, name)} Hz; it must be below "
                    f"half the sampling rate ({self.sample_rate / 2} Hz)."
                )

    def _highest_frequency(self):
        if self.high_frequency is None:
            return min(3600.0, 0.45 * self.sample_rate)
        check_positive(self, "high_frequency")
        return self.high_frequency

    def center_frequencies(self):
        """Centres of the filters in Hz, lowest first.

        Returns
        -------
        ndarray of shape (n_channels,)
        """

        def erb_rate(frequency):
            return np.log1p(frequency * 4.37e-3)

        rates = np.linspace(
            erb_rate(self.low_frequency),
            erb_rate(self._highest_frequency()),
            self.n_channels,
        )
        return np.expm1(rates) / 4.37e-3

    def _prepare(self):
        from scipy.signal import butter

        zeros, poles, gain = gammatone_sections(self.center_frequencies(), self.sample_rate)
        numerator, denominator = butter(2, self.smoothing_frequency, fs=self.sample_rate)
        smoothing = np.concatenate([numerator, denominator[1:]])
        interval = self.sample_rate / self.frame_rate

        def frames(clip):
            level = _level(clip) if self.normalize else 1.0
            n_frames = int(np.ceil(len(clip) / interval - 1e-9))
            ends = np.ceil(np.arange(1, n_frames + 1) * interval - 1e-9)
            instants = np.minimum(ends.astype(np.intp), len(clip)) - 1
            output = np.empty((n_frames, self.n_channels))
            cochlea.gammatone(clip / level, zeros, poles, gain, smoothing, instants, output)
            # The tiny signal that keeps the filters from denormals is silence again.
            output[output < 1e-30] = 0.0
            return output**self.compression

        return frames


def gammatone_sections(frequencies, sample_rate):
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
        Coefficient of x[n-1] in each section; that of x[n] is 1.
    poles : ndarray of shape (2, n_channels)
        Coefficients of y[n-1] and y[n-2], the same in all sections.
    gain : ndarray of shape (n_channels,)
        Factor that makes the gain 1 at the centre.
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


def _level(clip):
    """Root mean square of a clip; infinite for silence, which then stays silent."""
    return np.sqrt(np.mean(clip**2)) or np.inf


def _check_waveforms(waveforms):
    if isinstance(waveforms, (str, bytes, dict)) or not hasattr(waveforms, "__len__"):
        raise TypeError(
            f"The waveforms are a {type(waveforms).__name__}; give a list of 1-D arrays, "
            "one for each clip."
        )
    if isinstance(waveforms, np.ndarray) and (
        waveforms.ndim > 2 or (waveforms.ndim == 1 and waveforms.dtype != object)
    ):
        raise ValueError(
            f"The waveforms are an array of shape {waveforms.shape}; give a list of 1-D "
            "arrays, one for each clip ([waveform] for a single one)."
        )
    if len(waveforms) == 0:
        raise ValueError("There is no clip; give at least one waveform.")
    return [_check_waveform(clip, index) for index, clip in enumerate(waveforms)]


def _check_waveform(clip, index):
    samples = np.asarray(clip)
    if samples.dtype.kind not in "fiubc":
        raise TypeError(
            f"Clip {index} holds {samples.dtype} values; a waveform holds numbers."
        )
    if samples.dtype.kind == "c":
        raise ValueError(f"Clip {index} is complex; a waveform is real. Take its real part.")
    if samples.ndim != 1:
        raise ValueError(
            f"Clip {index} has shape {samples.shape}; a waveform is 1-D (mono). Average "
            "the channels or choose one: clip.mean(axis=1)."
        )
    if len(samples) == 0:
        raise ValueError(f"Clip {index} is empty; leave it out.")
    if samples.dtype.kind == "i":
        samples = samples / -float(np.iinfo(samples.dtype).min)
    elif samples.dtype.kind == "u":
        half = (np.iinfo(samples.dtype).max + 1) / 2
        samples = (samples - half) / half
    samples = np.ascontiguousarray(samples, dtype=np.float64)
    if not np.isfinite(samples).all():
        where = int(np.argmin(np.isfinite(samples)))
        raise ValueError(
            f"Clip {index} is {samples[where]} at sample {where}; every sample must be "
            "finite."
        )
    return samples
