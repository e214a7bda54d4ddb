"""Which frequencies do the lines of a layer have, and how far are they from each resonance?

The lines that enter a layer are dealt to buses. A bus is one microwave line: the diodes on it
hear all of its frequencies and none of another bus. All buses use the same frequencies.
"""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from reservoir._types import Floats
from reservoir.devices.spin_diode import SpinDiode

MAX_NODES = 64  # between which a moving line is interpolated; else it is followed


@dataclass(frozen=True, eq=False)
class Band:
    """The band over which the frequency of every line moves, and the nodes in it.

    A weight is a smooth function of the line's frequency. In a band with nodes it is computed
    at these Chebyshev nodes and interpolated by the polynomial through them. In a wider band
    it is computed at the frequency that the line has for each sample.

    Attributes
    ----------
    lowest, highest : float
        Least and largest shift, in Hz. They are equal if the lines stand still.
    nodes : ndarray of shape (n_nodes,)
        Shifts at which weights are computed, in Hz. One node, 0, if the lines stand still or
        are followed.
    """

    lowest: float
    highest: float
    nodes: Floats

    @property
    def moves(self) -> bool:
        """Whether the lines move at all."""
        return self.highest > self.lowest

    @property
    def middle(self) -> float:
        """Shift in the middle, in Hz."""
        return (self.highest + self.lowest) / 2

    @property
    def half(self) -> float:
        """Half the width, in Hz."""
        return (self.highest - self.lowest) / 2

    @cached_property
    def to_polynomials(self) -> Floats:
        """Matrix (n_nodes, n_nodes) from values at the nodes to Chebyshev coefficients."""
        n = len(self.nodes)
        angles = np.pi * (np.arange(n) + 0.5) / n
        matrix = 2.0 / n * np.cos(np.arange(n)[:, None] * angles)
        matrix[0] /= 2
        return matrix


def still_band() -> Band:
    """The band of lines whose frequencies stand still."""
    return Band(0.0, 0.0, np.zeros(1))


def moving_band(lowest: float, highest: float, half_linewidth: float, error: float) -> Band:
    r"""A band with nodes that are dense enough for the narrowest resonance.

    A Lorentzian line of half linewidth h is analytic up to the distance h from the real axis.
    The error of its interpolation over a band of half width w therefore falls as
    :math:`\rho^{-n}` with :math:`\rho = h/w + \sqrt{1 + (h/w)^2}` and n nodes. Where that
    takes more than `MAX_NODES` nodes, the lines are followed: it is then less work to compute
    the weights for each sample, and they have no error.

    Parameters
    ----------
    lowest, highest : float
        In Hz.
    half_linewidth : float
        Of the narrowest resonance, in Hz.
    error : float
        That a weight of order one may have.

    Returns
    -------
    Band
    """
    half_band = (highest - lowest) / 2
    if half_band == 0:
        return still_band()
    growth = math.asinh(half_linewidth / half_band)  # log of rho
    n_nodes = max(math.ceil(math.log(4 / error) / growth), 3)
    if n_nodes > MAX_NODES:
        return Band(lowest, highest, np.zeros(1))
    angles = np.pi * (np.arange(n_nodes) + 0.5) / n_nodes
    nodes = (highest + lowest) / 2 + half_band * np.cos(angles)
    return Band(lowest, highest, nodes)


@lru_cache(maxsize=64)
def line_frequencies(
    synapse: SpinDiode, n_lines: int, spacing: float, lowest: float, highest: float
) -> Floats:
    """Frequencies of the lines of one bus, neighbours `spacing` half linewidths apart.

    Parameters
    ----------
    synapse : SpinDiode
        The diode that hears them.
    n_lines : int
    spacing : float
        In half linewidths at the lower of two neighbours.
    lowest, highest : float
        Frequency of the first line, and the largest that is allowed, in Hz.

    Returns
    -------
    ndarray of shape (n_lines,)
        In Hz, rising. It is read only, as the next call gives the same.

    Raises
    ------
    ValueError
        If the last line would lie above `highest`.
    """
    frequencies = np.empty(n_lines)
    frequencies[0] = lowest
    with np.errstate(over="ignore"):
        for line in range(1, n_lines):
            below = frequencies[line - 1]
            frequencies[line] = below + spacing * synapse.half_linewidth_at(below)
    if not frequencies[-1] <= highest:
        raise ValueError(
            f"{n_lines} lines on a bus, {spacing:g} half linewidths apart from {lowest:.3g} "
            f"Hz up, span a factor {frequencies[-1] / lowest:.3g} in frequency and end at "
            f"{frequencies[-1]:.3g} Hz, above highest_frequency = {highest:.3g} Hz. Lower "
            "spacing or lines_per_bus, or raise highest_frequency."
        )
    frequencies.flags.writeable = False
    return frequencies


def offset_table(widths: Floats, frequencies: Floats, moved: Floats, nodes: Floats) -> Floats:
    """Distances of the points of the lines from each line, in half linewidths.

    Parameters
    ----------
    widths : ndarray of shape (n_lines,)
        Half linewidths of the resonances, in Hz.
    frequencies : ndarray of shape (n_lines,)
        The frequencies that the resonances are designed for, in Hz.
    moved : ndarray of shape (n_lines,)
        By how much the lines are off, in Hz.
    nodes : ndarray of shape (n_nodes,)
        Shifts at which weights are computed, in Hz.

    Returns
    -------
    ndarray of shape (n_lines, n_lines * n_nodes)
        First axis: resonance; second: points, those of a line side by side.
    """
    points = ((frequencies + moved)[:, None] + nodes).ravel()
    return np.ascontiguousarray((points - frequencies[:, None]) / widths[:, None])
