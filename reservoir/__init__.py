"""Compute with nonlinear oscillators: exact simulation behind scikit-learn estimators."""

import importlib
from typing import TYPE_CHECKING, Any

try:
    from reservoir import _core
except ImportError as error:
    # Python names a part of the core that is not there. What else went wrong, such as a core
    # built for another machine, the error itself says best.
    _absent = isinstance(error, ModuleNotFoundError) and str(error.name).startswith(
        "reservoir._core"
    )
    if not _absent and error.name not in ("reservoir", "reservoir._core"):
        raise
    raise ImportError(
        "The compiled core of oscillator-reservoir is missing. In a source tree, install "
        "it with `pip install .` and run from another folder, or with plain `pytest` "
        "(`python -m pytest` puts the source folder before the installed package)."
    ) from error

from reservoir._version import __version__
from reservoir.exceptions import (
    DriveClippingWarning,
    SimulationError,
    StorageError,
    StorageWarning,
    UncoupledNodesWarning,
    UnitsWarning,
)

if TYPE_CHECKING:
    from reservoir import masks, metrics
    from reservoir.devices import SpinTorqueOscillator
    from reservoir.multiplexing.classifier import ReservoirClassifier
    from reservoir.multiplexing.frame_classifier import ReservoirFrameClassifier
    from reservoir.multiplexing.mask_ensemble import MaskEnsembleClassifier
    from reservoir.multiplexing.regressor import ReservoirRegressor
    from reservoir.multiplexing.transformer import TimeMultiplexedReservoir
    from reservoir.networks.network import OscillatorNetwork
    from reservoir.networks.synchronization import SynchronizationClassifier
    from reservoir.observation import observe
    from reservoir.simulation import simulate
    from reservoir.storage import load, save

__all__ = [
    "DriveClippingWarning",
    "MaskEnsembleClassifier",
    "OscillatorNetwork",
    "ReservoirClassifier",
    "ReservoirFrameClassifier",
    "ReservoirRegressor",
    "SimulationError",
    "SpinTorqueOscillator",
    "StorageError",
    "StorageWarning",
    "SynchronizationClassifier",
    "TimeMultiplexedReservoir",
    "UncoupledNodesWarning",
    "UnitsWarning",
    "__version__",
    "_core",
    "load",
    "masks",
    "metrics",
    "observe",
    "save",
    "simulate",
]
# Imported when they are first asked for. So `import reservoir` is quick, and a command soon
# comes to the point from which an interrupt ends it with a sentence.
_PLACES = {
    "MaskEnsembleClassifier": "multiplexing.mask_ensemble",
    "OscillatorNetwork": "networks.network",
    "ReservoirClassifier": "multiplexing.classifier",
    "ReservoirFrameClassifier": "multiplexing.frame_classifier",
    "ReservoirRegressor": "multiplexing.regressor",
    "SpinTorqueOscillator": "devices",
    "SynchronizationClassifier": "networks.synchronization",
    "TimeMultiplexedReservoir": "multiplexing.transformer",
    "load": "storage",
    "observe": "observation",
    "save": "storage",
    "simulate": "simulation",
}
_SUBMODULES = (
    "audio",
    "bench",
    "capacity",
    "couplings",
    "datasets",
    "devices",
    "experiments",
    "faults",
    "laboratory",
    "layers",
    "ledger",
    "masks",
    "metrics",
    "multiplexing",
    "networks",
    "observation",
    "plotting",
    "readout",
    "simulation",
    "storage",
)

if not TYPE_CHECKING:  # A type checker would believe that any name exists.

    def __getattr__(name: str) -> Any:
        """A submodule, or a name of one, that nobody has asked for yet."""
        if name in _PLACES:
            module = importlib.import_module(f"reservoir.{_PLACES[name]}")
            found = globals()[name] = getattr(module, name)
            return found
        if name in _SUBMODULES:
            return importlib.import_module(f"reservoir.{name}")
        raise AttributeError(f"module 'reservoir' has no attribute {name!r}")

    def __dir__() -> list[str]:
        """All names, those that nobody has asked for yet among them."""
        return sorted({*globals(), *_PLACES, *_SUBMODULES})
