"""How much of a result is the physics? The same network without it."""

from typing import TypeVar

from sklearn.base import clone

from reservoir.devices.spin_diode import IdealSynapse
from reservoir.devices.static import StaticNode
from reservoir.layers.base import BaseSpintronic

Network = TypeVar("Network", bound=BaseSpintronic)


def control(network: Network) -> Network:
    """The same network in software: bounded weights that are set directly, and rectifiers.

    Sizes, calibration, noise, steps and passes are those of the network. Without the same
    calibration a perceptron does worse, which would flatter the physics.

    Parameters
    ----------
    network : SpintronicClassifier or SpintronicRegressor

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
    changed: Network = clone(network).set_params(
        neuron=StaticNode("rectifier"), synapse=IdealSynapse(), thermal_noise=None
    )
    return changed
