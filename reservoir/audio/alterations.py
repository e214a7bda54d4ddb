"""Altered clips: what might another voice, another pace, another room have been?

Each step is a transformer, so steps and front ends compose in a pipeline:
``make_pipeline(Speed(1.15), Noise(20), Cochleagram(8000))``. None is used unless asked for.
"""

from fractions import Fraction

import numpy as np
from sklearn.pipeline import make_pipeline

from reservoir._checks import check_integer, check_number, check_positive
from reservoir._randomness import stream_of
from reservoir.audio.waveforms import Stateless, check_waveforms


class Alteration(Stateless):
    """A step that learns nothing from the clips: `fit` only checks the parameters."""

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


class Speed(Alteration):
    """Play waveforms faster: pitch and formants rise, the word becomes shorter.

    Parameters
    ----------
    factor : float, default=1.0
        Frequencies are multiplied by it and durations divided, between 0.1 and 10. It is
        rounded to the nearest ratio of integers of at most 100; 1 changes nothing.

    Notes
    -----
    Band-limited resampling (`scipy.signal.resample_poly`). It changes the apparent length
    of the vocal tract and the pace of speech together, the usual augmentation in speech
    recognition [1]_. What a factor below 1 would lower from beyond half the sampling rate
    is not there: the top of the band falls silent.

    References
    ----------
    .. [1] T. Ko, V. Peddinti, D. Povey, S. Khudanpur, "Audio augmentation for speech
       recognition", Interspeech 2015, 3586.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Speed
    >>> len(Speed(1.25).transform([np.ones(1000)])[0])
    800
    """

    def __init__(self, factor=1.0):
        self.factor = factor

    def _check_parameters(self):
        check_positive(self, "factor")
        if not 0.1 <= self.factor <= 10:
            raise ValueError(
                f"Speed.factor is {self.factor}; it must lie between 0.1 and 10."
            )

    def transform(self, X):
        """Resample waveforms.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms

        Returns
        -------
        list of ndarray of shape (ceil(n_samples / factor),)
        """
        from scipy.signal import resample_poly

        self._check_parameters()
        ratio = Fraction(self.factor).limit_denominator(100)
        clips = check_waveforms(X)
        if ratio == 1:
            return clips
        return [resample_poly(clip, ratio.denominator, ratio.numerator) for clip in clips]


class Trim(Alteration):
    """Cut what is quiet before and after the word.

    Parameters
    ----------
    sample_rate : float
        Of the waveforms, in Hz.
    decibels : float, default=40.0
        What is so far below the loudest 25 ms of the clip, or farther, is quiet.

    Notes
    -----
    The level is that of windows of 25 ms every 10 ms. The clip is kept from the beginning
    of the first window that is not quiet to the end of the last; pauses inside stay. Silence
    and what is shorter than a window are left as they are. It belongs to the front end:
    behind it, segments of equal length mean the same parts of a word, whether a speaker's
    clips were cut tightly or not.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Trim
    >>> clip = np.concatenate([np.zeros(4000), np.sin(np.arange(2000)), np.zeros(3000)])
    >>> len(Trim(8000).transform([clip])[0])
    2280
    """

    def __init__(self, sample_rate, decibels=40.0):
        self.sample_rate = sample_rate
        self.decibels = decibels

    def _check_parameters(self):
        check_positive(self, "sample_rate")
        check_positive(self, "decibels")
        if self.sample_rate < 100:
            raise ValueError(
                f"Trim.sample_rate is {self.sample_rate} Hz; 10 ms are less than one sample "
                "then. Is it right?"
            )

    def transform(self, X):
        """Cut waveforms.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms

        Returns
        -------
        list of ndarray of shape (n_kept,)
        """
        self._check_parameters()
        return [self._trimmed(clip) for clip in check_waveforms(X)]

    def _trimmed(self, clip):
        window, hop = round(0.025 * self.sample_rate), round(0.01 * self.sample_rate)
        energy = np.concatenate([[0.0], np.cumsum(clip**2)])
        begins = np.arange(0, max(len(clip) - window, 0) + hop, hop)
        ends = np.minimum(begins + window, len(clip))
        power = energy[ends] - energy[np.minimum(begins, len(clip))]
        loud = np.flatnonzero(power > power.max() * 10 ** (-self.decibels / 10))
        return clip[begins[loud[0]] : ends[loud[-1]]] if len(loud) else clip


class Noise(Alteration):
    """Add white noise at a given distance below each waveform's own level.

    Parameters
    ----------
    decibels : float, default=20.0
        Signal-to-noise ratio: that of the waveform's mean square to the noise's.
    random_state : int, default=0
        Seed. The noise is drawn from it and from the waveform's own bytes: equal
        waveforms get equal noise, in any order.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Noise
    >>> tone = np.sin(np.arange(8000))
    >>> noise = Noise(10).transform([tone])[0] - tone
    >>> float((10 * np.log10(np.mean(tone**2) / np.mean(noise**2))).round(6))
    10.0
    """

    def __init__(self, decibels=20.0, random_state=0):
        self.decibels = decibels
        self.random_state = random_state

    def _check_parameters(self):
        check_number(self, "decibels")
        check_integer(self, "random_state", 0)

    def transform(self, X):
        """Add noise.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms

        Returns
        -------
        list of ndarray of shape (n_samples,)
        """
        self._check_parameters()
        return [self._noisy(clip) for clip in check_waveforms(X)]

    def _noisy(self, clip):
        noise = stream_of(int(self.random_state), clip).normal(size=len(clip))
        # The noise's own level, not its expectation: short clips get what was asked for.
        ratio = np.sqrt(np.mean(clip**2) / np.mean(noise**2))
        return clip + noise * ratio * 10 ** (-self.decibels / 20)


class Warp(Alteration):
    """Stretch the frequency axis of frames: another vocal tract at the same pace.

    Parameters
    ----------
    frequencies : array-like of shape (n_channels,)
        Centres of the channels in Hz, ascending (``Cochleagram.center_frequencies()``).
    factor : float, default=1.0
        What was at f is then at `factor` f; 1 changes nothing.

    Notes
    -----
    The channel at f becomes what was at f / `factor`, interpolated linearly between
    neighbours; beyond the outermost channel it keeps that one's value.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Warp
    >>> frames = [np.array([[0.0, 1.0, 0.0, 0.0, 0.0]])]
    >>> Warp([100, 200, 300, 400, 500], 2.0).transform(frames)
    [array([[0. , 0. , 0.5, 1. , 0.5]])]
    """

    def __init__(self, frequencies, factor=1.0):
        self.frequencies = frequencies
        self.factor = factor

    def _check_parameters(self):
        check_positive(self, "factor")
        check_frequencies(self.frequencies, "Warp.frequencies")

    def transform(self, X):
        """Warp frames.

        Parameters
        ----------
        X : list of ndarray of shape (n_frames, n_channels)

        Returns
        -------
        list of ndarray of shape (n_frames, n_channels)
        """
        self._check_parameters()
        matrix = warp_matrix(self.frequencies, self.factor)
        return [frames @ matrix for frames in check_frames(X, len(matrix))]


def warp_matrix(frequencies, factor):
    """Weights by which channels are mixed when the frequency axis is stretched.

    Parameters
    ----------
    frequencies : array-like of shape (n_channels,)
        In Hz, ascending.
    factor : float
        What was at f is then at factor f.

    Returns
    -------
    ndarray of shape (n_channels, n_channels)
        Warped frames are ``frames @ matrix``.
    """
    frequencies = np.asarray(frequencies, dtype=np.float64)
    channels = np.eye(len(frequencies))
    return np.array([np.interp(frequencies / factor, frequencies, row) for row in channels])


def check_frequencies(frequencies, name):
    """Refuse centres that are not positive and ascending."""
    values = np.asarray(frequencies)
    if (
        values.ndim != 1
        or values.dtype.kind not in "fiu"
        or not (np.isfinite(values).all() and (values > 0).all() and len(values) > 1)
        or not (np.diff(values) > 0).all()
    ):
        raise ValueError(
            f"{name} is {frequencies!r}; it must hold the centres of at least two channels "
            "in Hz, ascending: Cochleagram.center_frequencies() gives them."
        )


def check_frames(clips, n_channels):
    """Clips of frames as arrays, or an error that names the first bad one."""
    if len(clips) == 0:
        raise ValueError("There is no clip; give at least one array of frames.")
    clips = [np.asarray(frames) for frames in clips]
    for index, frames in enumerate(clips):
        if frames.ndim != 2 or frames.shape[1] != n_channels or len(frames) == 0:
            raise ValueError(
                f"Clip {index} has shape {frames.shape}; it must be (n_frames, {n_channels}) "
                "with at least one frame, one channel for each of the frequencies."
            )
        if not np.isfinite(frames).all():
            raise ValueError(f"Clip {index} holds NaN or infinity; it must be finite.")
    return clips


def at_speeds(front_end, factors):
    """Front ends that hear each clip at several speeds.

    Parameters
    ----------
    front_end : transformer of waveforms
    factors : sequence of float
        For `Speed`; 1 stands for the clip as it is.

    Returns
    -------
    list of Pipeline
        For `AugmentedClassifier`.

    Examples
    --------
    >>> from reservoir.audio import Cochleagram, at_speeds
    >>> at_speeds(Cochleagram(8000), (1.0, 1.15))[1]
    Pipeline(steps=[('speed', Speed(factor=1.15)),
                    ('cochleagram', Cochleagram(sample_rate=8000))])
    """
    return [make_pipeline(Speed(factor), front_end) for factor in factors]
