"""Layers of auto-oscillators and spin diodes that learn by backpropagation."""

from reservoir.layers.classifier import SpintronicClassifier
from reservoir.layers.control import control
from reservoir.layers.regressor import SpintronicRegressor
from reservoir.layers.stack import ChainLayer

__all__ = ["ChainLayer", "SpintronicClassifier", "SpintronicRegressor", "control"]
