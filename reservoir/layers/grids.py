"""Sequences and images of unequal length, padded so that layers can take them together."""

from typing import Any

import numpy as np

from reservoir._types import Array, Floats
from reservoir.multiplexing.sequences import Sequences


class Padded:
    """Sequences of unequal length, padded to the longest, that rows can be taken of.

    Attributes
    ----------
    frames : ndarray of shape (n_sequences, n_frames, n_channels)
        0 after the end of a sequence.
    lengths : ndarray of int of shape (n_sequences,)
    """

    def __init__(self, frames: Array, lengths: Array) -> None:
        self.frames = frames
        self.lengths = lengths

    def __len__(self) -> int:
        """Number of sequences."""
        return len(self.lengths)

    def __getitem__(self, rows: Any) -> "Padded":
        """Some of the sequences, padded to the longest of them."""
        lengths = self.lengths[rows]
        return Padded(self.frames[rows, : lengths.max()], lengths)

    @property
    def shares(self) -> Array:
        """What each frame counts in a mean over its sequence, (n_sequences, n_frames)."""
        n_frames = self.frames.shape[1]
        inside = np.arange(n_frames) < self.lengths[:, None]
        return (inside / self.lengths[:, None]).astype(self.frames.dtype)


def pad(sequences: Sequences, low: float, high: float, dtype: Any) -> Padded:
    """Sequences as shares of the full power, side by side.

    Parameters
    ----------
    sequences : Sequences
    low, high : float
        Values that stand for no power and for full power; others are clipped.
    dtype : dtype

    Returns
    -------
    Padded
    """
    width = high - low if high > low else 1.0
    shape = (len(sequences), int(sequences.lengths.max()), sequences.n_channels)
    frames = np.zeros(shape, dtype)
    for row, array in enumerate(sequences.arrays):
        values: Floats = (np.asarray(array, dtype=np.float64) - low) / width
        frames[row, : len(array)] = np.clip(values, 0.0, 1.0)
    return Padded(frames, sequences.lengths)
