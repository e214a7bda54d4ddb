"""How much of a result is the physics? The same network without it."""

from typing import TypeVar

from sklearn.base import clone

from reservoir.devices.spin_diode import IdealSynapse
from reservoir.devices.static import StaticNode
from reservoir.layers.base import BaseSpintronic
from reservoir.layers.recurrent_classifier import SpintronicRecurrentClassifier

Network = TypeVar("Network", bound=BaseSpintronic)


def control(network: Network) -> Network:
    """The same network in software: bounded weights that are set directly, and rectifiers.

    Sizes, calibration, noise, steps and passes are those of the network. Without the same
    calibration a perceptron does worse, which would flatter the physics. A recurrent network
    keeps its neurons, because a rectifier has no memory: its control says what the diodes
    cost, and not what the oscillators do.

    Parameters
    ----------
    network : SpintronicClassifier, SpintronicRegressor or one of the networks for sequences

    Returns
    -------
    estimator
        Not fitted, of the same class.

    Examples
    --------
    >>> from reservoir.layers import SpintronicClassifier, control
    >>> control(SpintronicClassifier((32,))).synapse
    IdealSynapse(sensitivity=8840.0, tuning=1.0)
    """
    changed: Network = clone(network).set_params(synapse=IdealSynapse())
    if not isinstance(network, SpintronicRecurrentClassifier):
        changed.set_params(neuron=StaticNode("rectifier"), thermal_noise=None)
    return changed
