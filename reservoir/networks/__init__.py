"""Coupled oscillators under microwave sources, and what their locking tells."""

from reservoir.networks.cuts import Cut, cut_network, maximum_cut
from reservoir.networks.network import NetworkResponse, OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier

__all__ = [
    "Cut",
    "NetworkResponse",
    "OscillatorNetwork",
    "SynchronizationClassifier",
    "cut_network",
    "maximum_cut",
]
