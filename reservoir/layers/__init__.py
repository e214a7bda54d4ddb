"""Layers of auto-oscillators and spin diodes that learn by backpropagation."""

from reservoir.layers.classifier import SpintronicClassifier
from reservoir.layers.control import control
from reservoir.layers.convolutional_classifier import SpintronicConvolutionalClassifier
from reservoir.layers.recurrent_classifier import SpintronicRecurrentClassifier
from reservoir.layers.regressor import SpintronicRegressor
from reservoir.layers.stack import ChainLayer

__all__ = [
    "ChainLayer",
    "SpintronicClassifier",
    "SpintronicConvolutionalClassifier",
    "SpintronicRecurrentClassifier",
    "SpintronicRegressor",
    "control",
]
