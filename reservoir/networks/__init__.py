"""Coupled oscillators under microwave sources, and what their locking tells."""

from reservoir.networks.network import NetworkResponse, OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier

__all__ = ["NetworkResponse", "OscillatorNetwork", "SynchronizationClassifier"]
