"""How many oscillators and sources, at which frequencies, and how finely followed?"""

import copy

import numpy as np
from sklearn.base import clone

from reservoir._types import Floats
from reservoir.exceptions import SimulationError
from reservoir.networks.locking import MEASURING, SETTLING
from reservoir.networks.network import NetworkResponse, OscillatorNetwork
from reservoir.networks.pattern_readout import oscillators_for

BANDS_PER_SPACING = 1.24  # width of a locking band, over the spacing of the oscillators
SOURCE_MARGIN = 1.8  # half-widths by which sources may leave the outermost oscillators
MAX_SOURCES = 6  # unless more are asked for
OSCILLATORS_PER_SOURCE = 2  # beside MIN_OSCILLATORS
MIN_OSCILLATORS = 4
MAX_TURN = 1.3  # rad in a step of a tone; the network allows 1.5
MAX_STEPS = 1_000_000  # under one input, which take some milliseconds for each oscillator
MAX_HALVINGS = 4  # of the step
MAX_HEARD = 5.0  # what an oscillator hears of all others, over the strength of a source


def sources_for(n_classes: int, n_features: int) -> int:
    """How many sources tell so many classes apart, if nobody says.

    Linear discriminants have n_classes - 1 directions. Few oscillators need as many sources
    as many do, although sources then meet in one band of locking.

    Parameters
    ----------
    n_classes, n_features : int

    Returns
    -------
    int
    """
    return min(n_classes - 1, n_features, MAX_SOURCES)


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

    Raises
    ------
    ValueError
        If the sources are so weak that locking to them takes too many steps.
    """
    middle = network.natural_frequencies().mean()
    farthest = max(high - middle, middle - low)
    step = min(float(network.step), MAX_TURN / (2 * np.pi * farthest))
    locking_time = 1 / (2 * np.pi * network.locking_half_width())
    n_steps = (SETTLING + MEASURING) * locking_time / step
    if n_steps > MAX_STEPS:
        injection = float(network.injection)
        raise ValueError(
            f"OscillatorNetwork.injection is {injection:.3g} /s: an oscillator locks to so "
            f"weak a source within {locking_time:.2g} s, and {n_steps:.1e} steps under each "
            "token would take too long. It must be above "
            f"{injection * n_steps / MAX_STEPS:.1e} /s."
        )
    if step == network.step:
        return network
    finer: OscillatorNetwork = copy.copy(network).set_params(step=step)
    return finer


def answer_to(
    network: OscillatorNetwork, sources: Floats
) -> tuple[OscillatorNetwork, NetworkResponse]:
    """The response to sources, in steps that are halved until they follow it.

    Amplitudes that sources and learned couplings drive up change faster than those of a free
    oscillator, for which the step was chosen.

    Parameters
    ----------
    network : OscillatorNetwork
    sources : ndarray of shape (n_inputs, n_sources)
        In Hz.

    Returns
    -------
    network : OscillatorNetwork
        A copy with a finer step, unless the network follows the sources as it is.
    response : NetworkResponse

    Raises
    ------
    SimulationError
        If no step that is at most 16 times as fine follows.
    """
    for _ in range(MAX_HALVINGS):
        try:
            return network, network.measure(sources)
        except SimulationError:
            network = copy.copy(network).set_params(step=float(network.step) / 2)
    return network, network.measure(sources)


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


def designed_for(network: OscillatorNetwork, learning: str) -> OscillatorNetwork:
    """The network for which combinations are learned.

    Parameters
    ----------
    network : OscillatorNetwork
        From which learning starts.
    learning : {"gradient", "search", "online"}

    Returns
    -------
    OscillatorNetwork
        Tuned to equal distances, as far as the oscillators can be. "online" gets the network
        that the oscillators should have been.
    """
    spaced = equal_distances(network)
    if learning == "gradient":
        within: Floats = np.clip(spaced, *network.tuning_ranges().T)
        return network.tune(within)
    if learning == "search":
        return network.tune(spaced)
    wanted: OscillatorNetwork = clone(network).set_params(frequencies=spaced, currents=None)
    return wanted


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


def check_capacity(network: OscillatorNetwork, n_sources: int, n_classes: int) -> None:
    """Refuse a network that cannot have as many patterns as there are classes."""
    n_oscillators = int(network.n_oscillators)
    n_patterns = (n_sources + 1) ** n_oscillators
    if n_patterns < n_classes:
        raise ValueError(
            f"y has {n_classes} classes, but {n_oscillators} oscillator(s) under {n_sources} "
            f"source(s) have only {n_patterns} patterns of locking; "
            f"{oscillators_for(n_classes, n_sources)} oscillators would do: set "
            "OscillatorNetwork.n_oscillators, or use more sources."
        )


def check_hearing(network: OscillatorNetwork) -> None:
    """Refuse couplings so strong that oscillators follow each other, and not the sources."""
    heard = np.abs(network.coupling_matrix()).sum(axis=1)
    oscillator, limit = int(heard.argmax()), MAX_HEARD * float(network.injection)
    if heard[oscillator] > limit:
        raise ValueError(
            f"OscillatorNetwork.coupling adds up to {heard[oscillator]:.3g} /s at oscillator "
            f"{oscillator}, {heard[oscillator] / float(network.injection):.3g} times the "
            "injection: the oscillators then follow each other and not the sources, and "
            f"learning is unstable. The sum must be at most {limit:.3g} /s: weaken the "
            "coupling, or raise the injection."
        )


def check_sizes(
    network: OscillatorNetwork, n_sources: int, last: OscillatorNetwork, n_last: int
) -> None:
    """Refuse to go on from a fit with other numbers of sources or oscillators."""
    if (n_last, last.n_oscillators) != (n_sources, network.n_oscillators):
        raise ValueError(
            f"The last fit had {n_last} sources and {last.n_oscillators} oscillators, now "
            f"there are {n_sources} and {network.n_oscillators}; set warm_start=False, or "
            "keep the numbers."
        )
