"""Which waveforms are accepted, and what do all front ends do with them?"""

from collections.abc import Callable, Mapping, Sequence, Set
from itertools import chain
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import gen_even_slices

from reservoir._checks import (
    Real,
    Rule,
    check_parameters,
    real_array,
)
from reservoir._threads import in_threads, thread_count
from reservoir._types import Array, ArrayLike, Floats, Objects
from reservoir._warnings import warn_user

# Clips: a list or tuple of arrays, a 1-D object array of them, or one array of equal ones.
Clips: TypeAlias = Sequence[ArrayLike] | Array

N_PARTS_PER_THREAD = 8  # enough that no thread waits long for the last one
# An array of so many rows of so few samples is one recording with a few channels.
MANY_ROWS, FEW_COLUMNS = 100, 8
SHARE = Real(at_least=0, at_most=1, what="share")
SMALLEST, LARGEST = 1e-140, 1e140  # of a clip's greatest sample, for squares without loss


class Stateless(TransformerMixin, BaseEstimator):
    """A transformer of clips that learns nothing: `fit` only checks the parameters."""

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {}

    def fit(self, X: object = None, y: object = None) -> Self:
        """Check the parameters; nothing is learned.

        Parameters
        ----------
        X, y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not allowed.
        """
        self._check_parameters()
        return self

    def _check_parameters(self) -> None:
        check_parameters(self, self._parameter_ranges)

    def __sklearn_tags__(self) -> Any:
        """Say that the input is a container of clips and that `fit` learns nothing."""
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        """Nothing is learned, so it is always fitted."""
        return True


class FrontEnd(Stateless):
    """Check the parameters and the waveforms, and turn each waveform into frames.

    A front end defines `_prepare`. The waveforms are shared among `n_jobs` threads if the
    work is done in a kernel. Then `mean_subtraction` times the mean over a clip is taken
    from its frames.
    """

    mean_subtraction: float
    n_jobs: int | None
    channels_are_ordered: ClassVar[bool] = True  # by frequency, so that neighbours belong
    works_in_kernel: ClassVar[bool] = False  # which leaves Python's lock to others

    def _prepare(self) -> Callable[[Floats], Floats]:
        """The function that turns one float64 waveform into frames."""
        raise NotImplementedError

    def highest_frequency(self, sample_rate: float) -> float:
        """Up to which frequency waveforms are heard.

        Parameters
        ----------
        sample_rate : float
            Sampling rate of the waveforms, in Hz.

        Returns
        -------
        float
            In Hz; half of `sample_rate` for a front end that leaves nothing out.
        """
        return sample_rate / 2

    def transform(self, X: Clips) -> Objects:
        """Turn waveforms into frames.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms
            All waveforms have one sampling rate. An array does not know its rate, so a clip
            of another rate is not noticed. Floats are taken as they are. Integer samples
            are divided by the full scale of their type (32768 for int16; uint8 is centred
            at 128 first). A clip that was cut off at full scale when it was recorded is
            taken as it is.

        Returns
        -------
        ndarray of object of shape (n_clips,)
            Each entry is an array of shape (n_frames, n_channels). A mask or an array of
            indices chooses clips: ``frames[is_new]``.

        Raises
        ------
        ValueError
            If a parameter is not allowed, there is no clip, or a clip is empty, not 1-D,
            complex, masked, or not finite.
        TypeError
            If a clip does not hold numbers.
        """
        self._check_parameters()
        clips = check_waveforms(X)
        if not self.works_in_kernel:
            self._refuse_jobs()
            return object_array(self._hear(clips))
        # A clip takes less than a millisecond, so one part for each clip would only queue.
        n_parts = min(N_PARTS_PER_THREAD * thread_count(self.n_jobs), len(clips))
        parts = [clips[part] for part in gen_even_slices(len(clips), n_parts)]
        heard = in_threads(self._hear, parts, self.n_jobs)
        return object_array(list(chain.from_iterable(heard)))

    def _refuse_jobs(self) -> None:
        """Say that more jobs would take longer: numpy works on a clip for 0.2 ms only."""
        if self.n_jobs not in (None, 1):
            name = type(self).__name__
            warn_user(
                f"{name}.n_jobs is {self.n_jobs!r}, but a {name} hears all clips in one job, "
                "because neither threads nor processes are faster. Leave it at None."
            )

    def _hear(self, clips: Sequence[Floats]) -> list[Floats]:
        """The frames of some clips."""
        frames_of = self._prepare()
        subtracted = float(self.mean_subtraction)
        if subtracted == 0:
            return [frames_of(clip) for clip in clips]
        return [frames - subtracted * frames.mean(axis=0) for frames in map(frames_of, clips)]


def object_array(clips: Sequence[Array]) -> Objects:
    """Clips as the entries of a 1-D array, whatever their shapes are.

    ``np.array(clips)`` would stack clips of equal shape into one array of numbers.

    Parameters
    ----------
    clips : sequence of ndarray

    Returns
    -------
    ndarray of object of shape (n_clips,)
    """
    entries = np.empty(len(clips), dtype=object)
    for index, clip in enumerate(clips):
        entries[index] = clip
    return entries


def at_unit_level(clip: Floats) -> Floats:
    """A clip divided by its root mean square; silence stays silent.

    Parameters
    ----------
    clip : ndarray of shape (n_samples,)

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    clip, _ = of_safe_size(clip)
    root_mean_square = float(np.sqrt(np.mean(clip**2)))
    scaled: Floats = clip / (root_mean_square or np.inf)
    return scaled


def of_safe_size(clip: Floats) -> tuple[Floats, int]:
    """A clip whose squares are numbers above 0, and the power of two that makes it the given.

    Parameters
    ----------
    clip : ndarray of shape (n_samples,)

    Returns
    -------
    clip : ndarray of shape (n_samples,)
        The given one, unless its greatest sample is extremely large or small. It is divided
        by a power of two then, which changes no digit.
    exponent : int
    """
    greatest = float(max(clip.max(), -clip.min()))
    if greatest == 0 or SMALLEST < greatest < LARGEST:
        return clip, 0
    exponent = int(np.frexp(greatest)[1])
    return np.ldexp(clip, -exponent), exponent


def check_waveforms(waveforms: Clips) -> list[Floats]:
    """Waveforms as float64 arrays, or an error that names the first bad one.

    Parameters
    ----------
    waveforms : list, tuple or array of 1-D waveforms

    Returns
    -------
    list of ndarray of shape (n_samples,)

    Raises
    ------
    ValueError
        If there is no clip, or a clip is empty, not 1-D, complex, masked, or not finite.
    TypeError
        If a clip does not hold numbers.
    """
    clips = entries_of(waveforms, "waveform", 1)
    if (
        isinstance(clips, np.ndarray)
        and clips.ndim == 2
        and len(clips) >= MANY_ROWS
        and clips.shape[1] <= FEW_COLUMNS
    ):
        raise ValueError(
            f"The waveforms are an array of shape {clips.shape}, which would be "
            f"{len(clips)} clips of {clips.shape[1]} samples; give one row for each clip. If "
            "the columns are the channels of one recording, give "
            f"[{mixed_down('recording', clips)}]."
        )
    return [_check_waveform(clip, index) for index, clip in enumerate(clips)]


def entries_of(clips: Clips, name: str, n_dimensions: int) -> Clips:
    """The clips of a container, which is refused if it is one clip or no container.

    Parameters
    ----------
    clips : list, tuple, array, or series or table of pandas or polars
    name : str
        What the message calls a clip.
    n_dimensions : int
        Of each clip.

    Returns
    -------
    sequence of array-like

    Raises
    ------
    ValueError
        If there is no clip, or a single one in place of a list.
    TypeError
        If it is no container.
    """
    what = f"{n_dimensions}-D arrays, one for each clip"
    if hasattr(clips, "to_numpy"):  # of a table, iteration would give the names of columns
        clips = clips.to_numpy()
    if isinstance(clips, (str, bytes, Mapping, Set)) or not hasattr(clips, "__len__"):
        raise TypeError(f"The {name}s are a {type(clips).__name__}; give a list of {what}.")
    if isinstance(clips, np.ndarray) and (
        not 0 < clips.ndim <= n_dimensions + 1
        or (clips.ndim <= n_dimensions and clips.dtype != object)
    ):
        raise ValueError(
            f"The {name}s are an array of shape {clips.shape}; give a list of {what} "
            f"([{name}] for a single one)."
        )
    if len(clips) == 0:
        raise ValueError("There is no clip; give at least one.")
    return clips


def _check_waveform(clip: ArrayLike, index: int) -> Floats:
    name = f"Clip {index}"
    dtype = _type_of(clip)
    if dtype.kind in "USMmV":
        raise TypeError(
            f"{name} holds {dtype} values; a waveform holds numbers. Files are read with "
            "reservoir.datasets.load_recordings."
        )
    if dtype.kind == "c":
        raise ValueError(f"{name} is complex; a waveform is real. Take its real part.")
    samples = real_array(name, clip)
    if samples.ndim != 1:
        raise ValueError(f"{name} {_shape_advice(samples)}")
    if len(samples) == 0:
        raise ValueError(f"{name} is empty; leave it out.")
    if samples.dtype.kind == "i":
        samples = samples / -float(np.iinfo(samples.dtype).min)
    elif samples.dtype.kind == "u":
        half = (np.iinfo(samples.dtype).max + 1) / 2
        samples = (samples - half) / half
    samples = np.ascontiguousarray(samples, dtype=np.float64)
    if not np.isfinite(samples).all():
        where = int(np.argmin(np.isfinite(samples)))
        raise ValueError(
            f"{name} is {samples[where]} at sample {where}; every sample must be finite."
        )
    return samples


def _type_of(clip: ArrayLike) -> np.dtype[Any]:
    try:
        return np.asarray(clip).dtype
    except Exception:  # `real_array` says what is wrong
        return np.dtype(object)


def _shape_advice(samples: Array) -> str:
    """What is wrong with a clip that is not 1-D, and what makes it one."""
    if samples.ndim == 0:
        return (
            "is a single number; a waveform is a 1-D array of samples. Give [waveform] for a "
            "single clip, without its sampling rate."
        )
    fault = f"has shape {samples.shape}; a waveform is 1-D (mono)."
    if samples.ndim > 2:
        return f"{fault} Give one 1-D array for each clip and choose a channel, or average."
    if samples.shape[0] == samples.shape[1]:
        return f"{fault} Average the channels, or choose one."
    return f"{fault} Average the channels or choose one: {mixed_down('clip', samples)}."


def mixed_down(name: str, samples: Array) -> str:
    """The expression that averages the channels of a 2-D clip.

    Sound has more samples than channels, so the shorter axis holds the channels. An average
    of integers is no longer divided by their full scale, so the expression divides.
    """
    mean = f"{name}.mean(axis={0 if samples.shape[0] < samples.shape[1] else 1})"
    if samples.dtype.kind not in "iu":
        return mean
    half = 2 ** (8 * samples.dtype.itemsize - 1)
    return f"{mean} / {half}" if samples.dtype.kind == "i" else f"{mean} / {half} - 1"
