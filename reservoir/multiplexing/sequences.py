"""Which containers hold sequences, and how do the kernels get them?

Sequences of unequal length come as a list or tuple of ``(n_frames, n_channels)`` arrays or
data frames, as a 1-D object array or a column (Series) of them, or as one 3-D array. A list
of lists of numbers is a table, but a list of 1-D arrays is not: such arrays are series that
lack the axis of channels. Booleans count as 0 and 1. The kernels want packed frames with
offsets; packing a block at a time keeps memory independent of the number of sequences.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Any

import numpy as np

from reservoir._checks import as_array, refuse_masked
from reservoir._types import Array, Floats, Integers

BLOCK_SIZE = 256  # sequences that are packed and simulated together
N_TOGETHER = 32  # of them fill the lanes of the kernel
N_IN_PART = 128  # that are packed together if they are sorted
N_PARTS_PER_JOB = 4  # so that no job waits long for the last one
N_SORTED = 512  # sequences among which those of about the same length are put together


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

    def beginnings(self, n_frames: int) -> "Packed":
        """The sequences, each cut to its first frames."""
        lengths = np.minimum(self.lengths, n_frames)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)
        return Packed(np.concatenate([each[:n_frames] for each in self]), starts, lengths)


class Sequences:
    """Checked sequences, as references to the user's arrays.

    Parameters
    ----------
    arrays : list of ndarray of shape (n_frames, n_channels), or one 3-D array
    norms : list of float, default=None
        Euclidean norm of each sequence, which none of its values exceeds; infinity where it
        is not known. None stands for infinity.
    """

    def __init__(
        self, arrays: list[Array] | Array, norms: Sequence[float] | None = None
    ) -> None:
        self.arrays = arrays
        self.lengths = np.array([len(array) for array in arrays], dtype=np.intp)
        self.n_channels = arrays[0].shape[1]
        self.norms = np.full(len(arrays), np.inf) if norms is None else np.array(norms)

    def __len__(self) -> int:
        """Number of sequences."""
        return len(self.arrays)

    def pack(
        self, indices: Integers | slice, dtype: np.dtype[Any], entry: "Entry | None" = None
    ) -> Packed:
        """Copy some sequences into one array.

        Parameters
        ----------
        indices : ndarray of int, or slice
        dtype : float64 or float32
        entry : Entry, default=None
            What is done to the frames on the way. None stands for nothing.

        Returns
        -------
        Packed

        Raises
        ------
        ValueError
            If a value is larger than `entry` allows.
        """
        lengths = self.lengths[indices]
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)
        frames = np.empty((lengths.sum(), self.n_channels), dtype=dtype)
        numbers = np.arange(len(self))[indices]
        change = entry.entered if entry is not None and entry.changes else None
        with np.errstate(over="ignore"):  # `_check_size` refuses what is too large.
            if isinstance(self.arrays, np.ndarray):
                chosen = self.arrays[indices].reshape(frames.shape)
                frames[...] = chosen if change is None else change(chosen)
            else:
                for index, start, length in zip(numbers, starts, lengths, strict=True):
                    array = self.arrays[index]
                    frames[start : start + length] = (
                        array if change is None else change(array)
                    )
        packed = Packed(frames, starts, lengths)
        if entry is not None:
            known = 0.0 if change else entry.largest.min()
            if not self.norms[indices].max() <= known:
                self._check_size(packed, numbers, entry.largest)
        return packed

    def _check_size(self, packed: Packed, indices: Integers, largest: Floats) -> None:
        """Refuse values with which the sums of the drive would overflow."""
        frames = packed.frames
        if (frames.max(axis=0) <= largest).all() and (frames.min(axis=0) >= -largest).all():
            return
        row, channel = np.argwhere(~(np.abs(frames) <= largest))[0]
        member = int(np.searchsorted(packed.starts, row, side="right")) - 1
        index, frame = indices[member], row - packed.starts[member]
        precision = "single" if frames.dtype == np.float32 else "double"
        cure = " or set dtype to 'float64'" if precision == "single" else ""
        raise ValueError(
            f"Sequence {index} holds {float(self.arrays[index][frame, channel]):.6g} (frame "
            f"{frame}, channel {channel}), which is beyond {precision} precision for a drive "
            f"that was learned from data of ordinary size. Correct or rescale it{cure}."
        )

    def blocks(self, max_frames: int | None = None) -> list[slice]:
        """Slices of the sequences, at most BLOCK_SIZE at a time.

        Parameters
        ----------
        max_frames : int or None
            Frames that the sequences of a slice have together, unless there is one only.
        """
        begins, n_frames = [0], 0
        for index, length in enumerate(self.lengths.tolist()):
            n_frames += length
            many = max_frames is not None and n_frames > max_frames
            if index > begins[-1] and (many or index == begins[-1] + BLOCK_SIZE):
                begins.append(index)
                n_frames = length
        return [slice(*ends) for ends in pairwise([*begins, len(self)])]

    def sorted_parts(
        self, n_jobs: int = 1, n_sorted: int | None = None
    ) -> Iterator[tuple[slice, list[Integers]]]:
        """Slices of `n_sorted` sequences, and the parts to simulate each of them in.

        Sequences that are simulated side by side take as long as the longest of them. So a
        part holds at most N_IN_PART sequences of about the same length.

        Parameters
        ----------
        n_jobs : int, default=1
            Of few sequences, every job gets several parts.
        n_sorted : int, default=None
            None stands for N_SORTED.

        Yields
        ------
        whole : slice
        parts : list of ndarray of int
            Indices of sequences.
        """
        n_sorted = n_sorted or N_SORTED
        for begin in range(0, len(self), n_sorted):
            end = min(begin + n_sorted, len(self))
            size = N_IN_PART
            if n_jobs > 1:
                shared = -(-(end - begin) // (N_PARTS_PER_JOB * n_jobs * N_TOGETHER))
                size = min(N_IN_PART, shared * N_TOGETHER)
            order = begin + np.argsort(self.lengths[begin:end], kind="stable")
            yield (
                slice(begin, end),
                [order[k : k + size] for k in range(0, len(order), size)],
            )

    def sample(self, n_sequences: int) -> Integers:
        """Indices of at most `n_sequences` sequences, evenly spread."""
        count = min(n_sequences, len(self))
        return np.arange(count) * len(self) // count


@dataclass(frozen=True)
class Entry:
    """What is done to frames, in double precision, before they are rounded for a kernel.

    Attributes
    ----------
    offset, unit : ndarray of shape (n_channels,)
        A value enters as (value - offset) * unit.
    largest : ndarray of shape (n_channels,)
        Largest size that may result.
    """

    offset: Floats
    unit: Floats
    largest: Floats

    @property
    def changes(self) -> bool:
        """Whether frames enter as anything else than they are."""
        return bool(self.offset.any() or (self.unit != 1).any())

    def entered(self, frames: Array) -> Array:
        """What becomes of frames."""
        return (frames - self.offset) * self.unit


def is_table(X: Any) -> bool:
    """Whether X is a 2-D table of numbers rather than a container of sequences.

    Everything that is not clearly a container of sequences counts as a table, so that
    scikit-learn's own checks name what is wrong with it.
    """
    if isinstance(X, np.ndarray):
        return not (X.ndim == 3 or (X.dtype == object and X.ndim == 1 and _holds_arrays(X)))
    if isinstance(X, (list, tuple)) or _is_column(X):
        return not _holds_arrays(X)
    return True


def _is_column(X: Any) -> bool:
    """Whether X is a column of a data frame, a Series."""
    shape = getattr(X, "shape", None)
    return hasattr(X, "to_numpy") and isinstance(shape, tuple) and len(shape) == 1


def _holds_arrays(X: Any) -> bool:
    """Whether any item has an axis of its own, other than a list of numbers."""
    return any(
        any(isinstance(row, (list, tuple)) or np.ndim(row) > 0 for row in item)
        if isinstance(item, (list, tuple))
        else len(getattr(item, "shape", ())) > 0
        for item in X
    )


def check_sequences(
    X: Any, n_channels: int | None = None, owner: str = "This estimator"
) -> Sequences:
    """Check a container of sequences.

    Parameters
    ----------
    X : list, tuple, 1-D object array, column of a data frame, or 3-D array
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
        Naming the first sequence that is empty, not finite, masked, not 2-D, complex, or has
        another number of channels.
    TypeError
        If a sequence does not hold numbers.
    """
    arrays, norms = [], []
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # of a norm
        for index, item in enumerate(X):
            array, norm = _check_sequence(item, index)
            arrays.append(array)
            norms.append(norm)
    if not arrays:
        raise ValueError("There is no sequence in X; give at least one.")
    expected = arrays[0].shape[1] if n_channels is None else n_channels
    for index, array in enumerate(arrays):
        if array.shape[1] != expected:
            cure = _transposed(arrays, array, None if n_channels is None else expected)
            if n_channels is None:
                raise ValueError(
                    f"Sequence {index} has {array.shape[1]} channels, but sequence 0 has "
                    f"{expected}; all must have the same.{cure}"
                )
            raise ValueError(
                f"X has {array.shape[1]} features, but {owner} is expecting {expected} "
                f"features as input (sequence {index}).{cure}"
            )
    return Sequences(arrays, norms)


def _transposed(arrays: list[Array], array: Array, n_channels: int | None) -> str:
    """A cure for sequences that come with channels first, if that is what they seem."""
    n_rows = len(arrays[0]) if n_channels is None else n_channels
    if len(array) != n_rows or any(len(other) != n_rows for other in arrays):
        return ""
    return f" Each has {n_rows} rows: if those are the channels, give sequence.T."


def _check_sequence(item: Any, index: int) -> tuple[Array, float]:
    """A sequence as an array, and its norm."""
    if type(item) is np.ndarray and item.dtype.kind == "f" and item.ndim == 2 and item.size:
        norm = _norm(item)
        if math.isfinite(norm):  # as nearly always; nothing else need be looked at
            return item, norm
    name = f"Sequence {index}"
    array = as_array(name, item)
    if array.dtype == object and all(isinstance(value, Real) for value in array.flat):
        array = array.astype(float)  # as data frames of several types of columns are
    if array.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: sequence {index} is complex.")
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} holds {array.dtype} values; a sequence holds numbers. Convert it, for "
            "instance with .astype(float), or .toarray() if it is sparse."
        )
    if array.ndim != 2:
        raise ValueError(
            f"{name} has shape {array.shape}; it must be (n_frames, n_channels). Reshape "
            "your data: sequence.reshape(-1, 1) makes one channel. The rows of a table "
            "come as one array, np.stack(rows)."
        )
    if 0 in array.shape:
        raise ValueError(f"{name} is empty (shape {array.shape}); leave it out.")
    refuse_masked(name, item, ("frame", "channel"))
    if array.dtype.kind != "f":
        return array, math.inf
    norm = _norm(array)
    if not math.isfinite(norm) and not np.isfinite(array).all():
        frame, channel = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"{name} holds NaN or infinity (frame {frame}, channel {channel}: "
            f"{array[frame, channel]}); every value must be finite."
        )
    return array, norm


def _norm(array: Array) -> float:
    """Euclidean norm: one pass, where to ask each value whether it is finite takes two."""
    flat = array.ravel(order="K")
    return math.sqrt(np.dot(flat, flat))


def check_lengths(X: Any, y: Any) -> None:
    """Refuse a table that lies on its side, as far as its targets tell.

    Parameters
    ----------
    X : table
    y : array-like of targets, or None

    Raises
    ------
    ValueError
    """
    shape: tuple[int, ...] = getattr(X, "shape", ())
    if len(shape) == 2 and hasattr(y, "__len__") and len(y) != shape[0]:
        cure = " Is X transposed? X.T has as many rows." if shape[1] == len(y) else ""
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: [{shape[0]}, "
            f"{len(y)}]. A table has a row for each entry of y.{cure}"
        )
