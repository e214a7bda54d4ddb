"""Altered clips: what might another voice, another pace, another room have been?

Each step is a transformer, so steps and front ends compose in a pipeline:
``make_pipeline(Speed(1.15), Noise(20), Cochleagram(8000))``. No step is used unless it is
asked for.
"""

import numbers
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from reservoir._checks import POSITIVE, Integer, Real, Rule, real_array
from reservoir._randomness import seed_of, stream_of
from reservoir._types import Array, ArrayLike, Floats, Objects, RandomState
from reservoir.audio.resampling import with_more_samples
from reservoir.audio.waveforms import (
    Clips,
    Stateless,
    check_waveforms,
    entries_of,
    object_array,
    of_safe_size,
)

SEED_RANGE = Integer(0, 2**64 - 1)  # what `stream_of` takes


class Speed(Stateless):
    """Play waveforms faster: pitch and formants rise, the word becomes shorter.

    Parameters
    ----------
    factor : float, default=1.0
        Frequencies are multiplied and durations are divided by this factor, which lies
        between 0.1 and 10. It is rounded to the nearest ratio of integers of at most 100.
        A factor of 1 changes nothing.

    Notes
    -----
    Waveforms are resampled within their band (`scipy.signal.resample_poly`). That changes
    the apparent length of the vocal tract and the pace of speech together, which is the
    usual augmentation in speech recognition [1]_. A factor below 1 leaves the top of the
    band silent, because the recording holds nothing from beyond half the sampling rate.

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

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "factor": Real(at_least=0.1, at_most=10, what="factor of frequency"),
    }

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor

    def transform(self, X: Clips) -> Objects:
        """Resample waveforms.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms

        Returns
        -------
        ndarray of object of shape (n_clips,)
            Each entry is an array of shape (ceil(n_samples / factor),).
        """
        self._check_parameters()
        ratio = Fraction(float(self.factor)).limit_denominator(100)
        clips = check_waveforms(X)
        if ratio != 1:
            clips = with_more_samples(clips, 1 / ratio)
        return object_array(clips)


class Trim(Stateless):
    """Cut what is quiet before and after the word.

    Parameters
    ----------
    sample_rate : float
        Sampling rate of the waveforms, in Hz; at least 100.
    decibels : float, default=40.0
        A window is quiet if its power is at least this far below the power of the loudest
        window of the clip, in dB.

    Notes
    -----
    A window takes 25 ms, and one begins every 10 ms. The clip is kept from the beginning of
    the first window that is not quiet to the end of the last one; pauses inside stay. A
    silent clip and a clip that is shorter than a window are left as they are. Trimming
    belongs to the front end: segments of equal length behind it mean the same parts of a
    word, whether a speaker's clips were cut tightly or not.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Trim
    >>> clip = np.concatenate([np.zeros(4000), np.sin(np.arange(2000)), np.zeros(3000)])
    >>> len(Trim(8000).transform([clip])[0])
    2280
    """

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "sample_rate": Real(at_least=100, what="rate in Hz"),  # 10 ms hold a sample
        "decibels": Real(above=0, what="distance in dB"),
    }

    def __init__(self, sample_rate: float, *, decibels: float = 40.0) -> None:
        self.sample_rate = sample_rate
        self.decibels = decibels

    def transform(self, X: Clips) -> Objects:
        """Cut waveforms.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms

        Returns
        -------
        ndarray of object of shape (n_clips,)
            Each entry is an array of shape (n_kept_samples,).
        """
        self._check_parameters()
        return object_array([self._trimmed(clip) for clip in check_waveforms(X)])

    def _trimmed(self, clip: Floats) -> Floats:
        window, hop = round(0.025 * self.sample_rate), round(0.01 * self.sample_rate)
        energy = np.concatenate([[0.0], np.cumsum(of_safe_size(clip)[0] ** 2)])
        begins = np.arange(0, max(len(clip) - window, 0) + hop, hop)
        ends = np.minimum(begins + window, len(clip))
        power = energy[ends] - energy[np.minimum(begins, len(clip))]
        loud = np.flatnonzero(power > power.max() * 10 ** (-float(self.decibels) / 10))
        return clip[begins[loud[0]] : ends[loud[-1]]] if len(loud) else clip


class Noise(Stateless):
    """Add white noise at a given distance below each waveform's own level.

    Parameters
    ----------
    decibels : float, default=20.0
        Signal-to-noise ratio, in dB: the mean square of the waveform over the mean square
        of the noise.
    random_state : None, int, numpy RandomState or Generator, default=0
        An integer is the seed itself. From None or a generator, each call of `transform`
        draws a new seed. The noise follows from the seed and the waveform's own bytes, so
        that equal waveforms get equal noise in any order.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Noise
    >>> tone = np.sin(np.arange(8000))
    >>> noise = Noise(10).transform([tone])[0] - tone
    >>> float((10 * np.log10(np.mean(tone**2) / np.mean(noise**2))).round(6))
    10.0
    """

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"decibels": Real(what="ratio in dB")}

    def __init__(self, decibels: float = 20.0, *, random_state: RandomState = 0) -> None:
        self.decibels = decibels
        self.random_state = random_state

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if not (
            self.random_state is None
            or isinstance(self.random_state, (np.random.RandomState, np.random.Generator))
            or SEED_RANGE.admits(self.random_state)
        ):
            raise ValueError(
                f"Noise.random_state is {self.random_state!r}; it must be None, "
                f"{SEED_RANGE}, or a RandomState or Generator of numpy."
            )

    def transform(self, X: Clips) -> Objects:
        """Add noise.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms

        Returns
        -------
        ndarray of object of shape (n_clips,)
            Each entry is an array of shape (n_samples,).
        """
        self._check_parameters()
        if isinstance(self.random_state, numbers.Integral):
            seed = int(self.random_state)
        else:
            seed = seed_of(self.random_state)
        return object_array([self._noisy(clip, seed) for clip in check_waveforms(X)])

    def _noisy(self, clip: Floats, seed: int) -> Floats:
        noise = stream_of(seed, clip).normal(size=len(clip))
        # The noise's own level, not its expectation: short clips get what was asked for.
        sound, exponent = of_safe_size(clip)
        ratio = np.sqrt(np.mean(sound**2) / np.mean(noise**2))
        noisy: Floats = sound + noise * ratio * 10 ** (-float(self.decibels) / 20)
        return np.ldexp(noisy, exponent) if exponent else noisy


class Warp(Stateless):
    """Stretch the frequency axis of frames: another vocal tract at the same pace.

    Parameters
    ----------
    frequencies : array-like of shape (n_channels,)
        Centres of the channels in Hz, ascending (``Cochleagram.center_frequencies()``).
    factor : float, default=1.0
        A sound at frequency f moves to `factor` f. A factor of 1 changes nothing.

    Notes
    -----
    The channel at f takes the value at f / `factor`, interpolated linearly between
    neighbouring channels. Beyond the outermost channel, the value of that channel is taken.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Warp
    >>> frames = [np.array([[0.0, 1.0, 0.0, 0.0, 0.0]])]
    >>> Warp([100, 200, 300, 400, 500], factor=2.0).transform(frames)[0]
    array([[0. , 0. , 0.5, 1. , 0.5]])
    """

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"factor": POSITIVE}

    def __init__(self, frequencies: ArrayLike, *, factor: float = 1.0) -> None:
        self.frequencies = frequencies
        self.factor = factor

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_frequencies(self.frequencies, "Warp.frequencies")

    def transform(self, X: Clips) -> Objects:
        """Warp frames.

        Parameters
        ----------
        X : list, tuple or array of ndarray of shape (n_frames, n_channels)

        Returns
        -------
        ndarray of object of shape (n_clips,)
            Each entry is an array of shape (n_frames, n_channels).
        """
        self._check_parameters()
        matrix = warp_matrix(self.frequencies, self.factor)
        return object_array([frames @ matrix for frames in check_frames(X, len(matrix))])


def warp_matrix(frequencies: ArrayLike, factor: float) -> Floats:
    """Weights by which channels are mixed when the frequency axis is stretched.

    Parameters
    ----------
    frequencies : array-like of shape (n_channels,)
        Centres of the channels in Hz, ascending.
    factor : float
        A sound at frequency f moves to factor f.

    Returns
    -------
    ndarray of shape (n_channels, n_channels)
        Warped frames are ``frames @ matrix``.
    """
    centers = np.asarray(frequencies, dtype=np.float64)
    channels = np.eye(len(centers))
    return np.array([np.interp(centers / factor, centers, row) for row in channels])


def check_frequencies(frequencies: ArrayLike, name: str) -> None:
    """Refuse centres that are not positive and ascending.

    Parameters
    ----------
    frequencies : array-like
    name : str
        What the message calls them.

    Raises
    ------
    ValueError
    """
    try:
        values = real_array(name, frequencies)
    except ValueError:
        values = np.zeros(0)
    if (
        values.ndim != 1
        or not (np.isfinite(values).all() and (values > 0).all() and len(values) > 1)
        or not (np.diff(values) > 0).all()
    ):
        raise ValueError(
            f"{name} is {frequencies!r}; it must hold the centres of at least two channels "
            "in Hz, ascending: Cochleagram.center_frequencies() gives them."
        )


def check_frames(clips: Clips, n_channels: int) -> list[Array]:
    """Clips of frames as arrays, or an error that names the first bad one.

    Parameters
    ----------
    clips : list, tuple or array of ndarray of shape (n_frames, n_channels)
    n_channels : int

    Returns
    -------
    list of ndarray of shape (n_frames, n_channels)

    Raises
    ------
    ValueError
        If there is no clip, or a clip has another shape, no frame, NaN or infinity, or does
        not hold real numbers.
    TypeError
        If the clips are no container.
    """
    entries = entries_of(clips, "clip", 2)
    arrays = [real_array(f"Clip {index}", frames) for index, frames in enumerate(entries)]
    for index, frames in enumerate(arrays):
        if frames.ndim != 2 or frames.shape[1] != n_channels or len(frames) == 0:
            raise ValueError(
                f"Clip {index} has shape {frames.shape}; it must be (n_frames, {n_channels}) "
                "with at least one frame, one channel for each of the frequencies."
            )
        if not np.isfinite(frames).all():
            raise ValueError(f"Clip {index} holds NaN or infinity; it must be finite.")
    return arrays


def at_speeds(front_end: Any, factors: Iterable[float]) -> list[Any]:
    """Front ends that hear each clip at several speeds.

    Parameters
    ----------
    front_end : transformer of waveforms
        Each speed gets a clone of its own.
    factors : sequence of float
        Factors of `Speed`; 1 stands for the clip as it is.

    Returns
    -------
    list of Pipeline
        The `front_ends` of an `AugmentedClassifier`.

    Examples
    --------
    >>> from reservoir.audio import Cochleagram, at_speeds
    >>> at_speeds(Cochleagram(8000), (1.0, 1.15))[1]
    Pipeline(steps=[('speed', Speed(factor=1.15)),
                    ('cochleagram', Cochleagram(sample_rate=8000))])
    """
    return [make_pipeline(Speed(factor), clone(front_end, safe=False)) for factor in factors]
