"""Which spoken digits are recognised, behind which front ends, and in which folds?"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from reservoir import datasets
from reservoir._types import Array, Floats, Integers, Objects
from reservoir.audio import MFCC, Cochleagram, Spectrogram
from reservoir.multiplexing.pooling import frame_ranges

# Training and test clips of a fold.
Fold: TypeAlias = tuple[Integers, Integers]

FRONT_ENDS: dict[str, Callable[[float], Any]] = {
    "cochleagram": lambda rate: Cochleagram(rate),
    "cochleagram-lyon": lambda rate: Cochleagram(rate, model="lyon"),
    "mfcc": lambda rate: MFCC(rate),
    "spectrogram-signed": lambda rate: Spectrogram("signed"),
    "spectrogram-magnitude": lambda rate: Spectrogram("magnitude"),
    "spectrogram-log-power": lambda rate: Spectrogram("log-power"),
}
DATASETS: dict[str, Callable[[], Any]] = {
    "synthetic": datasets.load_spoken_digits,
    "fsdd": datasets.fetch_fsdd,
    "ti46": lambda: datasets.load_ti46(subset="five-women"),
}
DATASET_TITLES = {
    "synthetic": "SYNTHETIC voices (not people), shipped with the package",
    "fsdd": "Free Spoken Digit Dataset",
    "ti46": "TI-46, digits of five women",
}


def split(protocol: str, indices: Integers, speakers: Array) -> list[Fold]:
    """Training and test clips of every fold.

    Parameters
    ----------
    protocol : {"official", "index", "speaker"}
    indices : ndarray of int of shape (n_clips,)
        Recording numbers.
    speakers : ndarray of shape (n_clips,)

    Returns
    -------
    list of (train, test)
        Both ndarrays of int.
    """
    marks: Array
    if protocol == "speaker":
        marks = np.unique(speakers, return_inverse=True)[1]
    else:
        marks = indices % 10
    held_out = np.unique(marks).tolist()
    if protocol == "official":
        marks = (indices >= np.ceil((indices.max() + 1) / 10)).astype(int)
        held_out = [0]
    return [(np.flatnonzero(marks != k), np.flatnonzero(marks == k)) for k in held_out]


def segment_means(frames: Sequence[Floats] | Objects, n_segments: int) -> Floats:
    """Means of equal parts of every clip.

    Parameters
    ----------
    frames : list of ndarray of shape (n_frames, n_channels)
    n_segments : int

    Returns
    -------
    ndarray of shape (n_clips, n_segments * n_channels)
    """
    first, last = frame_ranges([len(clip) for clip in frames], "segments", n_segments)
    return np.array(
        [
            np.concatenate([clip[a:b].mean(axis=0) for a, b in zip(*ends, strict=True)])
            for clip, *ends in zip(frames, first, last, strict=True)
        ]
    )
