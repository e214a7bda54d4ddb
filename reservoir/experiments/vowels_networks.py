"""Which networks of oscillators recognise vowels?"""

from dataclasses import replace
from typing import Any

import numpy as np

from reservoir.devices import SpinTorqueOscillator
from reservoir.experiments.classical import Classifier, Maker
from reservoir.networks.network import OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier

DETUNING = 3e6  # Hz rms of the errors of the four oscillators that learn online
COUPLING = 1e6  # 1/s
LINEWIDTH = 3e5  # Hz


def four_oscillators(seed: int, **changes: Any) -> OscillatorNetwork:
    """Four oscillators whose frequencies are wrong by 3 MHz rms, as in real devices.

    Parameters
    ----------
    seed : int
        Seed of the errors.
    **changes : parameters of the network

    Returns
    -------
    OscillatorNetwork
    """
    network = OscillatorNetwork()
    wrong = np.random.default_rng(seed).standard_normal(4)
    wrong *= DETUNING / np.sqrt(np.mean(wrong**2))
    tuned: OscillatorNetwork = network.set_params(
        frequencies=network.natural_frequencies() + wrong, **changes
    )
    return tuned


def many_oscillators(n_oscillators: int, injection: float) -> OscillatorNetwork:
    """More oscillators in the band of the four, at equal distances of 1.6 half-widths.

    Parameters
    ----------
    n_oscillators : int
    injection : float
        Strength of the sources, in 1/s.

    Returns
    -------
    OscillatorNetwork
    """
    network = OscillatorNetwork(n_oscillators=n_oscillators, injection=injection)
    middle = network.natural_frequencies().mean()
    spacing = 1.6 * network.locking_half_width()
    slots = np.arange(n_oscillators) - (n_oscillators - 1) / 2
    spread: OscillatorNetwork = network.set_params(frequencies=middle + spacing * slots)
    return spread


def stiff_device() -> SpinTorqueOscillator:
    """A device whose frequency moves with the current a seventh as much as the default's.

    The current moves it through the nonlinear shift only.
    """
    device: SpinTorqueOscillator = SpinTorqueOscillator.from_preset("romera2018")
    return replace(device, current_tuning=0.0)


def _online(seed: int, network: OscillatorNetwork, **changes: Any) -> Classifier:
    settings: dict[str, Any] = {"learning": "online", "random_state": seed, **changes}
    return SynchronizationClassifier(network, **settings)


def _search(
    seed: int, network: OscillatorNetwork | None = None, **changes: Any
) -> Classifier:
    return SynchronizationClassifier(network, learning="search", random_state=seed, **changes)


def _ten(seed: int) -> Classifier:
    return _search(seed, many_oscillators(10, 1e7), n_sources=4, readout="linear", n_starts=4)


def _gradient(seed: int, network: OscillatorNetwork | None, n_sources: int) -> Classifier:
    return SynchronizationClassifier(network, n_sources, random_state=seed)


def _sixteen(seed: int) -> Classifier:
    return _search(seed, many_oscillators(16, 8e6), n_sources=6, readout="linear", n_starts=4)


NETWORKS: dict[str, Maker] = {
    "network-online-untrained": lambda seed: _online(
        seed, four_oscillators(seed), n_presentations=0
    ),
    "network-online": lambda seed: _online(seed, four_oscillators(seed)),
    "network-online-pattern": lambda seed: _online(
        seed, four_oscillators(seed), readout="pattern"
    ),
    "network-online-coupled": lambda seed: _online(
        seed, four_oscillators(seed, coupling=COUPLING)
    ),
    "network-online-stiff": lambda seed: _online(
        seed, four_oscillators(seed, oscillator=stiff_device())
    ),
    "network-online-noise": lambda seed: _online(
        seed, four_oscillators(seed, linewidth=LINEWIDTH, random_state=seed)
    ),
    "network-search": _search,
    "network-search-pattern": lambda seed: _search(seed, readout="pattern"),
    "network-search-coupled": lambda seed: _search(
        seed, OscillatorNetwork(coupling=COUPLING)
    ),
    "network-search-noise": lambda seed: _search(
        seed, OscillatorNetwork(linewidth=LINEWIDTH, random_state=seed)
    ),
    "network-search-linear": lambda seed: _search(seed, readout="linear"),
    "network-search-10": _ten,
    "network-gradient": lambda seed: _gradient(seed, OscillatorNetwork(), 2),
    "network-gradient-10": lambda seed: _gradient(
        seed, OscillatorNetwork(n_oscillators=10), 4
    ),
    "network-gradient-16": lambda seed: _gradient(seed, None, 6),
}
# For the twelve vowels.
LARGE_NETWORKS: dict[str, Maker] = {
    "network-search-16": _sixteen,
    "network-gradient-16": NETWORKS["network-gradient-16"],
}
