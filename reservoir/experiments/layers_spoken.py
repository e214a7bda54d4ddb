"""How do layers of spin diodes hear spoken digits of voices that are new to them?

Each clip becomes twelve segments of equal change. The means of the ear's twenty channels over
a segment are powers on lines.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from reservoir._all_or_nothing import all_or_nothing
from reservoir._types import Array, Floats, Objects
from reservoir.audio import SpeechClassifier, Speed, Trim
from reservoir.experiments.classical import DIGITS_LEARNERS, Classifier, Maker
from reservoir.experiments.speech import DATASETS
from reservoir.layers import (
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
    control,
)
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.multiplexing.pooling import change_ranges, pool
from reservoir.multiplexing.sequences import Sequences

N_SEGMENTS, N_CHANNELS = 12, 20
SPEEDS = (1.0, 0.85, 1.15)
SHARES_BEYOND = (0.002, 0.998)  # quantiles that stand for no and for full power


def hear(dataset: str) -> tuple[list[Floats], list[Objects], Array, Array]:
    """Spoken digits, and their copies at other speeds, as the ear hears them.

    Parameters
    ----------
    dataset : str
        In `reservoir.experiments.speech.DATASETS`.

    Returns
    -------
    means : list of ndarray of shape (n_clips, N_SEGMENTS * N_CHANNELS)
        For each speed, the first of which is that of the recording.
    frames : list of ndarray of object of shape (n_clips,)
        For each speed, the frames that were averaged.
    digits, speakers : ndarray of shape (n_clips,)
    """
    bunch = DATASETS[dataset]()
    clips = Trim(bunch.sample_rate).fit_transform(bunch.data)
    ear = SpeechClassifier(bunch.sample_rate).make_front_end()
    frames = [ear.fit_transform(Speed(speed).fit_transform(clips)) for speed in SPEEDS]
    means = [changing_means(heard, N_SEGMENTS) for heard in frames]
    return means, frames, bunch.target, bunch.speakers


def changing_means(frames: Objects, n_segments: int) -> Floats:
    """Means of each clip over segments in which it changes by equal amounts.

    Parameters
    ----------
    frames : ndarray of object of shape (n_clips,)
        Of arrays of shape (n_frames, n_channels).
    n_segments : int

    Returns
    -------
    ndarray of shape (n_clips, n_segments * n_channels)

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.experiments.layers_spoken import changing_means
    >>> clip = np.repeat([[0.0, 4.0], [1.0, 4.0]], [10, 30], axis=0)
    >>> changing_means([clip], 2).shape
    (1, 4)
    """
    packed = Sequences(list(frames)).pack(slice(None), np.dtype(float))
    ranges = change_ranges(packed, np.ones(packed.frames.shape[1]), n_segments)
    means: Floats = pool(packed.frames, packed, ranges)
    return means


class SharedRange(TransformerMixin, BaseEstimator):
    """Scale all features by one range to 0 to 1, and clip what lies beyond.

    The range reaches from one to the other quantile `SHARES_BEYOND` of all numbers of the
    training data. Unlike a range for each feature it keeps how loud the channels are beside
    each other.

    Attributes
    ----------
    low_, high_ : float
    """

    @all_or_nothing
    def fit(self, X: Floats, y: Any = None) -> Self:
        """Take the range from training data."""
        self.low_, self.high_ = np.quantile(X, SHARES_BEYOND)
        return self

    def transform(self, X: Floats) -> Floats:
        """Shares of the range, between 0 and 1."""
        shares: Floats = np.clip((X - self.low_) / (self.high_ - self.low_), 0, 1)
        return shares


def as_images(classifier: Classifier) -> Classifier:
    """A classifier of segments by channels, behind what makes them of a table."""
    shape = (-1, N_SEGMENTS, N_CHANNELS)
    return make_pipeline(FunctionTransformer(lambda table: table.reshape(shape)), classifier)


def convolution(seed: int) -> SpintronicConvolutionalClassifier:
    """Filters over three segments and all channels, unfitted."""
    return SpintronicConvolutionalClassifier(
        32,
        kernel=(3, N_CHANNELS),
        segments=(N_SEGMENTS - 2, 1),
        power_noise=0.5,
        max_iter=6,
        random_state=seed,
    )


def recurrent(seed: int) -> SpintronicRecurrentClassifier:
    """Oscillators that hear the segments one after the other, unfitted."""
    return SpintronicRecurrentClassifier(
        (64,),
        spacing=1.0,
        learning_rate_init=0.03,
        power_noise=0.3,
        max_iter=8,
        random_state=seed,
    )


def oscillator(seed: int) -> ReservoirClassifier:
    """One oscillator that is played through one mask, as in `SpeechClassifier`, unfitted."""
    recipe = SpeechClassifier(8000).make_classifier()  # a rate that only the ear would use
    return recipe.set_params(random_state=seed, n_jobs=1)


ROWS: Mapping[str, Maker] = {
    "logistic": DIGITS_LEARNERS["logistic"],
    "oscillator": oscillator,
    "recurrent": lambda seed: as_images(recurrent(seed)),
    "convolution-control": lambda seed: as_images(control(convolution(seed))),
    "convolution": lambda seed: as_images(convolution(seed)),
}
NOTES = {
    "layers": "layers: the means of 20 channels of the ear over 12 segments of equal change "
    "are powers on 240 lines. Each clip has copies at the speeds 0.85 and 1.15. Copies of "
    "training clips are learned from, and the decisions on a test clip and its copies are "
    "averaged; so for all methods.",
    "logistic": "logistic: logistic regression on the same 240 means.",
    "convolution": "convolution: 32 chains slide over the segments, three at a time.",
    "convolution-control": "convolution-control: a small convolutional network in software, "
    "with the same sizes, calibration, noise and steps.",
    "recurrent": "recurrent: 64 oscillators hear the segments one after the other.",
    "oscillator": "oscillator: one oscillator through one mask of 400 nodes, as in "
    "SpeechClassifier, on all frames of the same clips and copies.",
}
