"""How many oscillators and sources, at which frequencies, and how finely followed?"""

import copy

import numpy as np

from reservoir._types import Floats
from reservoir.networks.network import OscillatorNetwork

BANDS_PER_SPACING = 1.24  # width of a locking band, over the spacing of the oscillators
SOURCE_MARGIN = 1.8  # half-widths by which sources may leave the outermost oscillators
MAX_SOURCES = 6  # unless more are asked for
OSCILLATORS_PER_SOURCE = 2  # beside MIN_OSCILLATORS
MIN_OSCILLATORS = 4
MAX_TURN = 1.3  # rad in a step of a tone; the network allows 1.5


def sources_for(n_classes: int, n_features: int, n_oscillators: int | None) -> int:
    """How many sources tell so many classes apart, if nobody says.

    Linear discriminants have n_classes - 1 directions. Each source needs oscillators.

    Parameters
    ----------
    n_classes, n_features : int
    n_oscillators : int or None
        None if the network is still to be made.

    Returns
    -------
    int
    """
    wanted = min(n_classes - 1, n_features, MAX_SOURCES)
    return wanted if n_oscillators is None else min(wanted, (n_oscillators + 1) // 2)


def network_for(n_sources: int) -> OscillatorNetwork:
    """A network of default oscillators for so many sources."""
    n_oscillators = MIN_OSCILLATORS + OSCILLATORS_PER_SOURCE * n_sources
    return OscillatorNetwork(n_oscillators=n_oscillators)


def followed(network: OscillatorNetwork, low: float, high: float) -> OscillatorNetwork:
    """The network with a step that follows sources between two frequencies.

    Parameters
    ----------
    network : OscillatorNetwork
    low, high : float
        Lowest and highest frequency of a source or an oscillator, in Hz.

    Returns
    -------
    OscillatorNetwork
        A copy, unless the network follows such sources as it is.
    """
    middle = network.natural_frequencies().mean()
    farthest = max(high - middle, middle - low)
    step = min(float(network.step), MAX_TURN / (2 * np.pi * farthest))
    if step == network.step:
        return network
    finer: OscillatorNetwork = copy.copy(network).set_params(step=step)
    return finer


def equal_distances(network: OscillatorNetwork) -> Floats:
    """Frequencies around the mean at which locking bands overlap by a quarter.

    Parameters
    ----------
    network : OscillatorNetwork

    Returns
    -------
    ndarray of shape (n_oscillators,)
        In Hz.

    Raises
    ------
    ValueError
        If the sources are off.
    """
    natural = network.natural_frequencies()
    spacing = 2 * network.locking_half_width() / BANDS_PER_SPACING
    if spacing == 0:
        raise ValueError(
            "OscillatorNetwork.injection is 0: the sources are off, so no oscillator can "
            "lock to them."
        )
    frequencies = np.empty(len(natural))
    slots = np.arange(len(natural)) - (len(natural) - 1) / 2
    frequencies[np.argsort(natural, kind="stable")] = natural.mean() + spacing * slots
    return frequencies


def source_range(
    start: OscillatorNetwork, designed: OscillatorNetwork
) -> tuple[float, float]:
    """Frequencies around the designed network that both networks can be tuned to.

    Parameters
    ----------
    start, designed : OscillatorNetwork

    Returns
    -------
    tuple of two floats
        Lowest and highest frequency of a source, in Hz.
    """
    natural = np.sort(designed.natural_frequencies())
    width = designed.locking_half_width()
    limits = np.array([start.source_limits(), designed.source_limits()])
    return (
        float(max(natural[0] - SOURCE_MARGIN * width, limits[:, 0].max())),
        float(min(natural[-1] + SOURCE_MARGIN * width, limits[:, 1].min())),
    )
