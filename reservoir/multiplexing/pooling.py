"""Over which frames of a sequence are the states averaged?"""

import numpy as np

from reservoir._core import change as kernel
from reservoir._types import Array, ArrayLike, Floats, Integers
from reservoir.multiplexing.sequences import Packed

Ranges = tuple[Integers, Integers]

SEGMENTED = ("segments", "change")  # ways of pooling with `n_segments` ranges
FLOOR_SHARE = 0.7  # of the mean change of a sequence, which is added to every frame's


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


def change_ranges(packed: Packed, scale: Floats, n_segments: int) -> Ranges:
    r"""First frame, and one past the last, of segments in which each sequence changes alike.

    The change :math:`v_t` of frame t is the Euclidean distance between frames t - 1 and t,
    both smoothed over their neighbours with the binomial weights (1, 4, 6, 4, 1)/16, a
    Gaussian with a standard deviation of one frame. The borders lie where the running sum of

    .. math:: \frac{v_t}{\sum_s v_s} + \frac{0.7}{T}

    over the T frames has equal parts. So a pause or a long vowel gets a short segment for
    its length, a transition a long one. The second term bounds how long a segment can
    become. A sequence that does not change has equal segments.

    Parameters
    ----------
    packed : Packed
    scale : ndarray of shape (n_channels,)
        What the channels are multiplied with before distances are taken.
    n_segments : int

    Returns
    -------
    tuple of two ndarrays of int of shape (n_sequences, n_segments)
        A frame in which a border lies belongs to both segments.
    """
    shape = (len(packed.lengths), int(n_segments))
    first, last = np.empty(shape, dtype=np.intp), np.empty(shape, dtype=np.intp)
    running = np.empty(int(packed.lengths.max()) + 1)
    kernel.change_ranges(
        packed.frames,
        packed.starts,
        packed.lengths,
        scale,
        FLOOR_SHARE,
        running,
        first,
        last,
    )
    return first, last


def with_whole(ranges: Ranges, packed: Packed) -> Ranges:
    """The ranges, and after them one that is the whole sequence."""
    first, last = ranges
    return (
        np.column_stack([first, np.zeros_like(packed.lengths)]),
        np.column_stack([last, packed.lengths]),
    )


def n_ranges(pooling: str | None, n_segments: int, pool_squares: bool = False) -> int:
    """Number of ranges of one sequence, see `frame_ranges` and `with_whole`."""
    return (int(n_segments) if pooling in SEGMENTED else 1) + int(pool_squares)


def average(rows: Array, first: Integers, last: Integers, n_squared: int = 0) -> Array:
    """Means over ranges of rows, joined one after the other.

    Over the last `n_squared` ranges the squares are averaged.
    """
    n_plain = len(first) - n_squared
    return np.concatenate(
        [
            (rows[a:b] if k < n_plain else rows[a:b] ** 2).mean(axis=0)
            for k, (a, b) in enumerate(zip(first, last, strict=True))
        ]
    )


def pool(states: Array, packed: Packed, ranges: Ranges, n_squared: int = 0) -> Array:
    """Means over the ranges of every sequence, one row for each sequence."""
    views = Packed(states, packed.starts, packed.lengths)
    return np.stack(
        [average(*view, n_squared=n_squared) for view in zip(views, *ranges, strict=True)]
    )
