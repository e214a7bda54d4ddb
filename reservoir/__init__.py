"""Compute with nonlinear oscillators: exact simulation behind scikit-learn estimators."""

try:
    from reservoir import _core
except ImportError as error:
    raise ImportError(
        "The compiled core of oscillator-reservoir is missing. In a source tree, install "
        "it with `pip install .` and run from another folder, or with plain `pytest` "
        "(`python -m pytest` puts the source folder before the installed package)."
    ) from error

from reservoir import masks, metrics
from reservoir._version import __version__
from reservoir.devices import SpinTorqueOscillator
from reservoir.exceptions import (
    DriveClippingWarning,
    SimulationError,
    StorageError,
    UncoupledNodesWarning,
)
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.multiplexing.regressor import ReservoirRegressor
from reservoir.multiplexing.transformer import TimeMultiplexedReservoir
from reservoir.networks.network import OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier
from reservoir.observation import observe
from reservoir.simulation import simulate
from reservoir.storage import load, save

__all__ = [
    "DriveClippingWarning",
    "OscillatorNetwork",
    "ReservoirClassifier",
    "ReservoirRegressor",
    "SimulationError",
    "SpinTorqueOscillator",
    "StorageError",
    "SynchronizationClassifier",
    "TimeMultiplexedReservoir",
    "UncoupledNodesWarning",
    "__version__",
    "_core",
    "load",
    "masks",
    "metrics",
    "observe",
    "save",
    "simulate",
]
