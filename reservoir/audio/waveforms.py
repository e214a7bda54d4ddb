"""Which waveforms are accepted, and what do all front ends do with them?"""

from itertools import chain

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import gen_even_slices
from sklearn.utils.parallel import Parallel, delayed

TASKS = 8  # for each thread, so that none waits long for the last


class Stateless(TransformerMixin, BaseEstimator):
    """A transformer of lists that learns nothing."""

    def __sklearn_tags__(self):
        """Say that the input is a list and that `fit` learns nothing."""
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags

    def __sklearn_is_fitted__(self):
        """Nothing is learned, so it is always fitted."""
        return True


class FrontEnd(Stateless):
    """Check the parameters and the waveforms, turn each into frames, in threads.

    A front end has `_check_parameters`, which raises a ValueError, and `_prepare`, which
    returns the function that turns one float64 waveform into frames.
    """

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
            All of one sampling rate, which the arrays cannot tell: nothing notices a clip
            of another. Floats are taken as they are. Integer samples are divided by the
            full scale of their type (32768 for int16; uint8 is centred at 128 first). A
            clip that was cut off at full scale when it was recorded is taken as it is.

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
        clips = check_waveforms(X)
        frames = self._prepare()
        # A clip takes less than a millisecond: as tasks of their own they would queue.
        n_tasks = min(TASKS * effective_n_jobs(self.n_jobs), len(clips))
        tasks = Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(_turn)(frames, clips[part])
            for part in gen_even_slices(len(clips), n_tasks)
        )
        return list(chain.from_iterable(tasks))


def _turn(frames, clips):
    return [frames(clip) for clip in clips]


def level(clip):
    """Root mean square of a clip; infinite for silence, which then stays silent."""
    return np.sqrt(np.mean(clip**2)) or np.inf


def check_waveforms(waveforms):
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
        If there is no clip, or one is empty, not 1-D, complex, or not finite.
    TypeError
        If a clip does not hold numbers.
    """
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
