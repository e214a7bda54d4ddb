"""Oscillators that hear each other and microwave sources, and who locks to whom."""

from reservoir.networks.network import NetworkResponse, OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier

__all__ = ["NetworkResponse", "OscillatorNetwork", "SynchronizationClassifier"]
