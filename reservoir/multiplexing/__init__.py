"""One oscillator, or a few coupled ones, played in time as a whole layer of nodes."""

from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.multiplexing.frame_classifier import ReservoirFrameClassifier
from reservoir.multiplexing.mask_ensemble import MaskEnsembleClassifier
from reservoir.multiplexing.regressor import ReservoirRegressor
from reservoir.multiplexing.transformer import TimeMultiplexedReservoir

__all__ = [
    "MaskEnsembleClassifier",
    "ReservoirClassifier",
    "ReservoirFrameClassifier",
    "ReservoirRegressor",
    "TimeMultiplexedReservoir",
]
