"""Coupled oscillators under microwave sources, and what their locking tells."""

from reservoir.networks.auto_oscillators import AutoOscillators
from reservoir.networks.cuts import Cut, cut_network, maximum_cut
from reservoir.networks.equilibrium_classifier import EquilibriumClassifier
from reservoir.networks.network import NetworkResponse, OscillatorNetwork
from reservoir.networks.phase_oscillators import PhaseOscillators
from reservoir.networks.synchronization import SynchronizationClassifier

__all__ = [
    "AutoOscillators",
    "Cut",
    "EquilibriumClassifier",
    "NetworkResponse",
    "OscillatorNetwork",
    "PhaseOscillators",
    "SynchronizationClassifier",
    "cut_network",
    "maximum_cut",
]
