"""With which weights does each virtual node hear the channels of the input?

A mask has shape (n_channels, n_nodes): during virtual node n the current follows the sum of
the channels, weighted with column n. The mask of signs of the first experiments comes from
Appeltant et al., Nat. Commun. 2, 468 (2011) and Torrejon et al., Nature 547, 428 (2017).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reservoir._checks import (
    NOT_NEGATIVE,
    Integer,
    Rule,
    check_parameters,
    check_value,
    real_array,
)
from reservoir._randomness import generator_of
from reservoir._types import ArrayLike, Floats, RandomState

__all__ = ["Ripple", "binary", "make_mask", "maximum_length", "sparse", "uniform"]

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
    """Random weights between -1 and 1.

    Parameters
    ----------
    n_channels, n_nodes : int
        At least 1.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=None
        Seed of the weights.

    Returns
    -------
    ndarray of shape (n_channels, n_nodes)

    Examples
    --------
    >>> from reservoir.masks import uniform
    >>> weights = uniform(3, 50, random_state=0)
    >>> weights.shape, bool((abs(weights) <= 1).all())
    ((3, 50), True)
    """
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


@dataclass(frozen=True)
class Ripple:
    r"""Each node hears neighbouring channels, with a ripple over them and over the taps.

    The weights of a node are a local spectro-temporal receptive field,

    .. math:: e^{-(x - c)^2 / 2 w^2} \cos(2 \pi r (x - c) / w + 2 \pi m t + \phi)

    over the number x of the channel and the time t of the tap, which runs from 0 (the frame
    itself) to 1 (the last tap). They are divided by the root of the sum of their squares.
    The centre c is drawn evenly over the channels, the width w evenly on a logarithmic scale
    between the `widths`, the ripple r between 0 and `ripple`, the modulation m between
    -`modulation` and `modulation`, the phase :math:`\phi` between 0 and 2 pi. Neurons of the
    auditory cortex hear such patches of frequency and time [1]_.

    The channels must stand in the order of frequency, as those of a cochleagram do.
    Cepstral coefficients and the columns of a table have no such order. Without taps
    (``context=()``) there is no modulation.

    Parameters
    ----------
    widths : tuple of two floats, default=(0.04, 0.25)
        Narrowest and widest w, as shares of the number of channels.
    ripple : float, default=0.75
        Most cycles of the ripple over the width of a node.
    modulation : float, default=1.0
        Most cycles over the time of the taps.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    References
    ----------
    .. [1] T. Chi, P. Ru, S. A. Shamma, J. Acoust. Soc. Am. 118, 887 (2005).

    Examples
    --------
    >>> from reservoir.masks import Ripple
    >>> mask = Ripple().draw(20, 400, n_taps=3, random_state=0)
    >>> mask.shape, (mask**2).sum(axis=0).round(12).max()
    ((60, 400), np.float64(1.0))
    """

    widths: tuple[float, float] = (0.04, 0.25)
    ripple: float = 0.75
    modulation: float = 1.0

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "ripple": NOT_NEGATIVE,
        "modulation": NOT_NEGATIVE,
    }

    def __post_init__(self) -> None:
        """Check the parameters."""
        check_parameters(self, self._parameter_ranges)
        widths = real_array("Ripple.widths", self.widths).astype(float)
        if widths.shape != (2,) or not 0 < widths[0] <= widths[1] < np.inf:
            raise ValueError(
                f"Ripple.widths is {self.widths!r:.80}; it must be two shares of the "
                "channels, (narrowest, widest), above 0 and in this order."
            )

    def draw(
        self,
        n_channels: int,
        n_nodes: int,
        *,
        n_taps: int = 1,
        random_state: RandomState = None,
    ) -> Floats:
        """Weights of random nodes.

        Parameters
        ----------
        n_channels, n_nodes : int
            At least 1.
        n_taps : int, default=1
            Frames that a node hears: the present one and the earlier ones.
        random_state : None, int, numpy.random.RandomState or numpy.random.Generator, \
                default=None
            Seed; an integer gives the same mask each time.

        Returns
        -------
        ndarray of shape (n_channels * n_taps, n_nodes)
            The channels of the present frame come first.
        """
        n_channels, n_nodes = _checked_shape(n_channels, n_nodes)
        check_value("n_taps", n_taps, SIZE)
        generator = generator_of(random_state)
        narrowest, widest = (n_channels * float(width) for width in self.widths)
        center = generator.uniform(0, n_channels - 1, n_nodes)
        width = np.exp(generator.uniform(np.log(narrowest), np.log(widest), n_nodes))
        ripple = generator.uniform(0, 1, n_nodes) * self.ripple / width
        modulation = generator.uniform(-1, 1, n_nodes) * self.modulation
        phase = generator.uniform(0, 1, n_nodes)
        distance = np.arange(n_channels)[:, np.newaxis] - center
        # The nearest channel has the weight 1, so that a narrow node hears it at least.
        exponent = (distance / width) ** 2 / 2
        envelope = np.exp(exponent.min(axis=0) - exponent)
        time = np.arange(n_taps)[:, np.newaxis, np.newaxis] / max(n_taps - 1, 1)
        waves = np.cos(2 * np.pi * (ripple * distance + modulation * time + phase))
        weights: Floats = (envelope * waves).reshape(-1, n_nodes)
        weights /= np.sqrt((weights**2).sum(axis=0))
        return weights


KINDS: Mapping[str, Callable[[int, int, RandomState], Floats]] = {
    "binary": binary,
    "sparse": sparse,
    "uniform": uniform,
    "maximum_length": maximum_length,
}


def resolve_mask(mask: str | Ripple | ArrayLike) -> str | Ripple | ArrayLike:
    """The mask itself, or the object that its name stands for ("ripple": `Ripple()`)."""
    return Ripple() if isinstance(mask, str) and mask == "ripple" else mask


def make_mask(
    mask: str | Ripple | ArrayLike,
    n_channels: int,
    n_nodes: int,
    random_state: RandomState = None,
    *,
    n_taps: int = 1,
) -> Floats:
    """The mask that an estimator's `mask` parameter stands for.

    Parameters
    ----------
    mask : {"binary", "sparse", "uniform", "maximum_length", "ripple"}, Ripple, or array of \
            shape (n_channels * n_taps, n_nodes)
        The name of a kind of mask, a kind with its parameters, or the weights, which are
        copied.
    n_channels, n_nodes : int
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=None
        Seed of a mask that is drawn.
    n_taps : int, default=1
        Frames that a node hears: the present one and the earlier ones.

    Returns
    -------
    ndarray of shape (n_channels * n_taps, n_nodes)

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
    mask = resolve_mask(mask)
    if isinstance(mask, Ripple):
        return mask.draw(n_channels, n_nodes, n_taps=n_taps, random_state=random_state)
    n_channels, n_nodes = _checked_shape(n_channels, n_nodes)
    check_value("n_taps", n_taps, SIZE)
    n_inputs = n_channels * int(n_taps)
    if isinstance(mask, str):
        if mask not in KINDS:
            raise ValueError(
                f"mask is {mask!r}; it must be one of {', '.join((*KINDS, 'ripple'))}, or an "
                "array."
            )
        return KINDS[mask](n_inputs, n_nodes, random_state)
    # In one order of memory, because products with it round by that order.
    values = real_array("The mask", mask, booleans=True).astype(float, order="C")
    if values.shape != (n_inputs, n_nodes):
        raise ValueError(
            f"The mask has shape {values.shape}, but the data and n_nodes need "
            f"({n_inputs}, {n_nodes}): one row for each channel (and tap), one column "
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
