"""Which networks of oscillators recognise vowels?"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from reservoir.devices import SpinTorqueOscillator
from reservoir.experiments.classical import Classifier
from reservoir.networks.network import OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier

DETUNING = 3e6  # Hz rms of the errors of the four oscillators that learn online
COUPLING = 1e6  # 1/s
LINEWIDTH = 3e5  # Hz


# From a seed and a device, or None for the default one, to an unfitted classifier.
NetworkMaker: TypeAlias = Callable[[int, SpinTorqueOscillator | None], Classifier]


def four_oscillators(
    seed: int, device: SpinTorqueOscillator | None = None, **changes: Any
) -> OscillatorNetwork:
    """Four oscillators whose frequencies are wrong by 3 MHz rms, as in real devices.

    Parameters
    ----------
    seed : int
        Seed of the errors.
    device : SpinTorqueOscillator or None, default=None
        None: the default one of `OscillatorNetwork`.
    **changes : parameters of the network

    Returns
    -------
    OscillatorNetwork
    """
    network = OscillatorNetwork(device)
    wrong = np.random.default_rng(seed).standard_normal(4)
    wrong *= DETUNING / np.sqrt(np.mean(wrong**2))
    tuned: OscillatorNetwork = network.set_params(
        frequencies=network.natural_frequencies() + wrong, **changes
    )
    return tuned


def many_oscillators(
    n_oscillators: int, injection: float, device: SpinTorqueOscillator | None = None
) -> OscillatorNetwork:
    """More oscillators in the band of the four, at equal distances of 1.6 half-widths.

    Parameters
    ----------
    n_oscillators : int
    injection : float
        Strength of the sources, in 1/s.
    device : SpinTorqueOscillator or None, default=None
        None: the default one of `OscillatorNetwork`.

    Returns
    -------
    OscillatorNetwork
    """
    network = OscillatorNetwork(device, n_oscillators, injection=injection)
    middle = network.natural_frequencies().mean()
    spacing = 1.6 * network.locking_half_width()
    slots = np.arange(n_oscillators) - (n_oscillators - 1) / 2
    spread: OscillatorNetwork = network.set_params(frequencies=middle + spacing * slots)
    return spread


def stiff_device(device: SpinTorqueOscillator | None = None) -> SpinTorqueOscillator:
    """A device whose frequency the current moves through the nonlinear shift only.

    That is a seventh of what it moves the default one by.
    """
    own: SpinTorqueOscillator = device or SpinTorqueOscillator.from_preset("romera2018")
    return replace(own, current_tuning=0.0)


def _online(seed: int, network: OscillatorNetwork, **changes: Any) -> Classifier:
    settings: dict[str, Any] = {"learning": "online", "random_state": seed, **changes}
    return SynchronizationClassifier(network, **settings)


def _search(
    seed: int, network: OscillatorNetwork | None = None, **changes: Any
) -> Classifier:
    return SynchronizationClassifier(network, learning="search", random_state=seed, **changes)


def _designed(
    seed: int, device: SpinTorqueOscillator | None, network: Any = None, **changes: Any
) -> Classifier:
    """Four oscillators, of the default parameters but for some."""
    alone = OscillatorNetwork(device, **(network or {}))
    return _search(seed, alone if device or network else None, **changes)


def _gradient(seed: int, network: OscillatorNetwork, n_sources: int) -> Classifier:
    return SynchronizationClassifier(network, n_sources, random_state=seed)


def _ten(seed: int, device: SpinTorqueOscillator | None) -> Classifier:
    network = many_oscillators(10, 1e7, device)
    return _search(seed, network, n_sources=4, readout="linear", n_starts=4)


def _sixteen(seed: int, device: SpinTorqueOscillator | None) -> Classifier:
    network = many_oscillators(16, 8e6, device)
    return _search(seed, network, n_sources=6, readout="linear", n_starts=4)


NETWORKS: dict[str, NetworkMaker] = {
    "network-online-untrained": lambda seed, device: _online(
        seed, four_oscillators(seed, device), n_presentations=0
    ),
    "network-online": lambda seed, device: _online(seed, four_oscillators(seed, device)),
    "network-online-pattern": lambda seed, device: _online(
        seed, four_oscillators(seed, device), readout="pattern"
    ),
    "network-online-coupled": lambda seed, device: _online(
        seed, four_oscillators(seed, device, coupling=COUPLING)
    ),
    "network-online-stiff": lambda seed, device: _online(
        seed, four_oscillators(seed, device, oscillator=stiff_device(device))
    ),
    "network-online-noise": lambda seed, device: _online(
        seed, four_oscillators(seed, device, linewidth=LINEWIDTH, random_state=seed)
    ),
    "network-search": _designed,
    "network-search-pattern": lambda seed, device: _designed(seed, device, readout="pattern"),
    "network-search-coupled": lambda seed, device: _designed(
        seed, device, {"coupling": COUPLING}
    ),
    "network-search-noise": lambda seed, device: _designed(
        seed, device, {"linewidth": LINEWIDTH, "random_state": seed}
    ),
    "network-search-linear": lambda seed, device: _designed(seed, device, readout="linear"),
    "network-search-10": _ten,
    "network-gradient": lambda seed, device: _gradient(seed, OscillatorNetwork(device), 2),
    "network-gradient-10": lambda seed, device: _gradient(
        seed, OscillatorNetwork(device, 10), 4
    ),
    "network-gradient-16": lambda seed, device: _gradient(
        seed, OscillatorNetwork(device, 16), 6
    ),
}
# For the twelve vowels.
LARGE_NETWORKS: dict[str, NetworkMaker] = {
    "network-search-16": _sixteen,
    "network-gradient-16": NETWORKS["network-gradient-16"],
}
