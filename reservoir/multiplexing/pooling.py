"""Over which frames of a sequence are the states averaged?"""

import numpy as np

from reservoir._types import Array, ArrayLike, Integers
from reservoir.multiplexing.sequences import Packed

Ranges = tuple[Integers, Integers]


def frame_ranges(lengths: ArrayLike, pooling: str, n_segments: int) -> Ranges:
    """First frame, and one past the last, of every range that pooling averages over.

    Segment k of K over T frames takes the frames floor(k T / K) to ceil((k + 1) T / K),
    at least one. Neighbouring segments may share a frame.

    Parameters
    ----------
    lengths : ndarray of int of shape (n_sequences,)
    pooling : {"segments", "mean", "vote", "last"}
    n_segments : int

    Returns
    -------
    tuple of two ndarrays of int of shape (n_sequences, n_ranges)
    """
    lengths = np.asarray(lengths, dtype=np.intp)[:, None]
    if pooling == "last":
        return lengths - 1, lengths.copy()
    count = int(n_segments) if pooling == "segments" else 1
    k = np.arange(count, dtype=np.intp)
    return k * lengths // count, -(-(k + 1) * lengths // count)


def n_ranges(pooling: str | None, n_segments: int) -> int:
    """Number of ranges of one sequence, see `frame_ranges`."""
    return int(n_segments) if pooling == "segments" else 1


def average(rows: Array, first: Integers, last: Integers) -> Array:
    """Means over ranges of rows, joined one after the other."""
    return np.concatenate([rows[a:b].mean(axis=0) for a, b in zip(first, last, strict=True)])


def pool(states: Array, packed: Packed, ranges: Ranges) -> Array:
    """Means over the ranges of every sequence, one row for each sequence."""
    views = Packed(states, packed.starts, packed.lengths)
    return np.stack([average(*view) for view in zip(views, *ranges, strict=True)])
