"""Coupled oscillators under microwave sources, and what their locking tells."""

from reservoir.networks.auto_oscillators import AutoOscillators
from reservoir.networks.equilibrium_classifier import EquilibriumClassifier
from reservoir.networks.network import NetworkResponse, OscillatorNetwork
from reservoir.networks.phase_oscillators import PhaseOscillators
from reservoir.networks.synchronization import SynchronizationClassifier

__all__ = [
    "AutoOscillators",
    "EquilibriumClassifier",
    "NetworkResponse",
    "OscillatorNetwork",
    "PhaseOscillators",
    "SynchronizationClassifier",
]
