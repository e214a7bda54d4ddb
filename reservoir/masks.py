"""With which weights does each virtual node hear the channels of the input?

A mask has shape (n_channels, n_nodes): during virtual node n the current follows the sum of
the channels, weighted with column n. The mask of signs of the first experiments comes from
Appeltant et al., Nat. Commun. 2, 468 (2011) and Torrejon et al., Nature 547, 428 (2017).
"""

from collections.abc import Callable, Mapping

import numpy as np

from reservoir._checks import Integer, check_value, real_array
from reservoir._randomness import generator_of
from reservoir._types import ArrayLike, Floats, RandomState

SIZE = Integer(1)


def binary(n_channels: int, n_nodes: int, random_state: RandomState = None) -> Floats:
    """Random signs, +1 or -1 with equal chance.

    Parameters
    ----------
    n_channels, n_nodes : int
        Shape of the mask; at least 1.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=None
        Seed; an integer gives the same mask each time.

    Returns
    -------
    ndarray of shape (n_channels, n_nodes)

    Examples
    --------
    >>> from reservoir import masks
    >>> masks.binary(2, 4, random_state=0)
    array([[ 1.,  1.,  1., -1.],
           [-1., -1., -1., -1.]])
    """
    n_channels, n_nodes = _checked_shape(n_channels, n_nodes)
    heads = generator_of(random_state).integers(0, 2, size=(n_channels, n_nodes))
    return np.asarray(2.0 * heads - 1.0, dtype=np.float64)


def uniform(n_channels: int, n_nodes: int, random_state: RandomState = None) -> Floats:
    """Random weights between -1 and 1; parameters and result are those of `binary`."""
    n_channels, n_nodes = _checked_shape(n_channels, n_nodes)
    weights: Floats = generator_of(random_state).uniform(-1, 1, (n_channels, n_nodes))
    return weights


def sparse(n_channels: int, n_nodes: int, random_state: RandomState = None) -> Floats:
    """Random signs for a few channels of each node, zero for the others.

    Each node hears 15 % of the channels, drawn anew for each node, but at least 4 (or all of
    them if there are fewer). A node that hears few channels follows single channels instead
    of an average over all, so the oscillator's curvature acts on each of them.

    Parameters
    ----------
    n_channels, n_nodes : int
        Shape of the mask; at least 1.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=None
        Seed.

    Returns
    -------
    ndarray of shape (n_channels, n_nodes)

    Examples
    --------
    >>> from reservoir import masks
    >>> abs(masks.sparse(80, 5, random_state=0)).sum(axis=0)
    array([12., 12., 12., 12., 12.])
    """
    n_channels, n_nodes = _checked_shape(n_channels, n_nodes)
    generator = generator_of(random_state)
    n_heard = min(max(4, round(0.15 * n_channels)), n_channels)
    order = generator.random((n_channels, n_nodes)).argsort(axis=0).argsort(axis=0)
    return np.where(order < n_heard, binary(n_channels, n_nodes, generator), 0.0)


def maximum_length(n_channels: int, n_nodes: int, random_state: RandomState = None) -> Floats:
    """Shifted copies of one maximum-length sequence of signs.

    A maximum-length sequence has period L = 2^m - 1 and autocorrelation -1/L at every
    shift but 0, so with ``n_nodes = L`` any two channels are nearly orthogonal: their
    mean product is exactly -1/L. Channels are spread evenly over the shifts, and m is
    the smallest number with L >= n_nodes and L >= n_channels. At least m nodes are needed:
    fewer cannot tell the channels apart.

    Parameters
    ----------
    n_channels, n_nodes : int
        Shape of the mask; at least 1.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=None
        Chooses where the sequence starts.

    Returns
    -------
    ndarray of shape (n_channels, n_nodes)

    Raises
    ------
    ValueError
        If there are more channels than so few nodes can tell apart.

    Examples
    --------
    >>> from reservoir import masks
    >>> mask = masks.maximum_length(3, 7, random_state=0)
    >>> (mask @ mask.T).astype(int)
    array([[ 7, -1, -1],
           [-1,  7, -1],
           [-1, -1,  7]])
    """
    from scipy.signal import max_len_seq

    n_channels, n_nodes = _checked_shape(n_channels, n_nodes)
    n_bits = 2
    while 2**n_bits - 1 < max(n_channels, n_nodes):
        n_bits += 1
    if n_nodes < n_bits and n_channels > 1:
        raise ValueError(
            f"{n_nodes} nodes are too few for {n_channels} channels: some would get the "
            f"same signs. Use at least {n_bits} nodes, or another mask."
        )
    sequence = 2.0 * max_len_seq(n_bits)[0] - 1.0
    period = len(sequence)
    origin = generator_of(random_state).integers(period)
    shifts = origin + np.arange(n_channels) * period // n_channels
    mask: Floats = sequence[(shifts[:, None] + np.arange(n_nodes)) % period]
    return mask


KINDS: Mapping[str, Callable[[int, int, RandomState], Floats]] = {
    "binary": binary,
    "sparse": sparse,
    "uniform": uniform,
    "maximum_length": maximum_length,
}


def make_mask(
    mask: str | ArrayLike, n_channels: int, n_nodes: int, random_state: RandomState = None
) -> Floats:
    """The mask that an estimator's `mask` parameter stands for.

    Parameters
    ----------
    mask : {"binary", "sparse", "uniform", "maximum_length"} or array of (n_channels, n_nodes)
        The name of a kind of mask, or the weights, which are copied.
    n_channels, n_nodes : int
        Shape that is needed.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=None
        Seed of the named masks.

    Returns
    -------
    ndarray of shape (n_channels, n_nodes)

    Raises
    ------
    ValueError
        If the name is unknown, if the weights have another shape or are not finite, or if a
        node hears no channel.

    Examples
    --------
    >>> from reservoir.masks import make_mask
    >>> make_mask([[1, -1, 1]], 1, 3)
    array([[ 1., -1.,  1.]])
    """
    if isinstance(mask, str):
        if mask not in KINDS:
            raise ValueError(
                f"mask is {mask!r}; it must be one of {', '.join(KINDS)}, or an array."
            )
        return KINDS[mask](n_channels, n_nodes, random_state)
    # In one order of memory, because products with it round by that order.
    values = real_array("The mask", mask, booleans=True).astype(float, order="C")
    if values.shape != (n_channels, n_nodes):
        raise ValueError(
            f"The mask has shape {values.shape}, but the data and n_nodes need "
            f"({n_channels}, {n_nodes}): one row for each channel (and tap), one column "
            "for each node (of every oscillator, if each has its own)."
        )
    if not np.isfinite(values).all():
        raise ValueError("The mask holds NaN or infinity; every weight must be finite.")
    if not values.any(axis=0).all():
        raise ValueError(
            f"Column {int(np.argmin(values.any(axis=0)))} of the mask is zero: that node "
            "would hear nothing."
        )
    return values


def _checked_shape(n_channels: int, n_nodes: int) -> tuple[int, int]:
    """The shape in Python's integers, which do not overflow."""
    check_value("n_channels", n_channels, SIZE)
    check_value("n_nodes", n_nodes, SIZE)
    return int(n_channels), int(n_nodes)
