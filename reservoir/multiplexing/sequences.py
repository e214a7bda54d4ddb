"""Which containers hold sequences, and how do the kernels get them?

Sequences of unequal length come as a list or tuple of ``(n_frames, n_channels)`` arrays, as
a 1-D object array of them, or as one 3-D array. The kernels want packed frames with
offsets; packing a block at a time keeps memory independent of the number of sequences.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from reservoir._types import Array, Integers

BLOCK_SIZE = 512  # sequences that are packed and simulated together


@dataclass(frozen=True)
class Packed:
    """Sequences one after the other in one array.

    Attributes
    ----------
    frames : ndarray of shape (n_frames, n_channels)
    starts, lengths : ndarray of int of shape (n_sequences,)
    """

    frames: Array
    starts: Integers
    lengths: Integers

    def __iter__(self) -> Iterator[Array]:
        """Each sequence as a view."""
        for start, length in zip(self.starts, self.lengths, strict=True):
            yield self.frames[start : start + length]


class Sequences:
    """Checked sequences, as references to the user's arrays.

    Parameters
    ----------
    arrays : list of ndarray of shape (n_frames, n_channels), or one 3-D array
    """

    def __init__(self, arrays: list[Array] | Array) -> None:
        self.arrays = arrays
        self.lengths = np.array([len(array) for array in arrays], dtype=np.intp)
        self.n_channels = arrays[0].shape[1]

    def __len__(self) -> int:
        """Number of sequences."""
        return len(self.arrays)

    def pack(self, indices: Integers | slice, dtype: np.dtype[Any]) -> Packed:
        """Copy some sequences into one array.

        Parameters
        ----------
        indices : ndarray of int, or slice
        dtype : float64 or float32

        Returns
        -------
        Packed
        """
        lengths = self.lengths[indices]
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)
        frames = np.empty((lengths.sum(), self.n_channels), dtype=dtype)
        numbers = np.arange(len(self))[indices]
        for index, start, length in zip(numbers, starts, lengths, strict=True):
            frames[start : start + length] = self.arrays[index]
        return Packed(frames, starts, lengths)

    def blocks(self) -> list[slice]:
        """Slices of the sequences, BLOCK_SIZE at a time."""
        begins = range(0, len(self), BLOCK_SIZE)
        return [slice(begin, min(begin + BLOCK_SIZE, len(self))) for begin in begins]

    def sample(self, n_sequences: int) -> Integers:
        """Indices of at most `n_sequences` sequences, evenly spread."""
        count = min(n_sequences, len(self))
        return np.arange(count) * len(self) // count


def is_table(X: Any) -> bool:
    """Whether X is a 2-D table of numbers rather than a container of sequences.

    Everything that is not clearly a container of sequences counts as a table, so that
    scikit-learn's own checks name what is wrong with it.
    """
    if isinstance(X, np.ndarray):
        holds_sequences = (
            X.ndim == 1 and X.dtype == object and len(X) > 0 and np.ndim(X[0]) > 0
        )
        return not (X.ndim == 3 or holds_sequences)
    if isinstance(X, (list, tuple)):
        return not (len(X) > 0 and any(np.ndim(item) >= 2 for item in X))
    return True


def check_sequences(
    X: Any, n_channels: int | None = None, owner: str = "This estimator"
) -> Sequences:
    """Check a container of sequences.

    Parameters
    ----------
    X : list, tuple, 1-D object array or 3-D array
    n_channels : int or None
        Channels that the sequences must have; None takes those of the first.
    owner : str
        Name for messages.

    Returns
    -------
    Sequences

    Raises
    ------
    ValueError
        Naming the first sequence that is empty, not finite, not 2-D, complex, or has
        another number of channels.
    TypeError
        If a sequence does not hold numbers.
    """
    arrays = [_check_sequence(item, index) for index, item in enumerate(X)]
    if not arrays:
        raise ValueError("There is no sequence in X; give at least one.")
    expected = arrays[0].shape[1] if n_channels is None else n_channels
    for index, array in enumerate(arrays):
        if array.shape[1] != expected:
            if n_channels is None:
                raise ValueError(
                    f"Sequence {index} has {array.shape[1]} channels, but sequence 0 has "
                    f"{expected}; all must have the same."
                )
            raise ValueError(
                f"X has {array.shape[1]} features, but {owner} is expecting {expected} "
                f"features as input (sequence {index})."
            )
    return Sequences(arrays)


def _check_sequence(item: Any, index: int) -> Array:
    array = np.asarray(item)
    if array.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: sequence {index} is complex.")
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"Sequence {index} holds {array.dtype} values; a sequence holds numbers."
        )
    if array.ndim != 2:
        raise ValueError(
            f"Sequence {index} has shape {array.shape}; it must be (n_frames, "
            "n_channels). Reshape your data: sequence.reshape(-1, 1) makes one channel."
        )
    if 0 in array.shape:
        raise ValueError(f"Sequence {index} is empty (shape {array.shape}); leave it out.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        frame, channel = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"Sequence {index} holds NaN or infinity (frame {frame}, channel {channel}: "
            f"{array[frame, channel]}); every value must be finite."
        )
    return array
