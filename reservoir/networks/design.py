"""At which frequencies should oscillators and sources be, for patterns that differ?"""

import numpy as np

from reservoir._types import Floats
from reservoir.networks.network import OscillatorNetwork

BANDS_PER_SPACING = 1.24  # width of a locking band, over the spacing of the oscillators
SOURCE_MARGIN = 1.8  # half-widths by which sources may leave the outermost oscillators


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
