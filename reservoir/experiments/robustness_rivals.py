"""What are the same faults in a perceptron?

It has hidden units in the place of nodes, and features in the place of input lines. So a
claim about oscillators can be compared with what any network would do.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline

from reservoir._types import Array, Floats
from reservoir.faults import (
    DeadChannels,
    DeadInputs,
    DeadNeurons,
    DeadNodes,
    DeadOscillators,
    DeadSynapses,
    Fault,
    SynapseGainSpread,
)
from reservoir.faults.layered import factors
from reservoir.faults.stored_weights import WeightFault
from reservoir.faults.worn import chosen

N_PASSES = 5  # of learning on, as many as layers take
BATCH = 200  # samples of a step, as sklearn's perceptron takes


def perceptron_with(model: Any, fault: Fault, seed: int, n_repeats: int = 1) -> Any:
    """A copy of a perceptron that has a fault.

    Parameters
    ----------
    model : MLPClassifier, or Pipeline that ends with one
        Fitted, with one hidden layer. It is left as it is.
    fault : Fault
        Dead nodes, neurons or oscillators: hidden units that nothing hears. Dead synapses:
        weights of 0, and spread synapses: weights times a factor, in both layers. Dead
        channels or inputs: features that enter as 0, which behind a scaler is their mean in
        training. Faults of stored weights: those of the output layer, from minus to plus the
        largest weight of each output.
    seed : int
    n_repeats : int, default=1
        How often the channels stand one after the other in the features, as the means of
        several segments do.

    Returns
    -------
    the same class

    Raises
    ------
    TypeError
        If a perceptron has nothing that could have the fault.
    """
    other = copy.deepcopy(model)
    network = _network_of(other)
    generator = np.random.default_rng(seed)
    if isinstance(fault, WeightFault):
        network.coefs_[-1] = _stored(network.coefs_[-1], fault, generator)
        return other
    if isinstance(fault, DeadChannels | DeadInputs):
        n_channels = len(network.coefs_[0]) // n_repeats
        dead = np.tile(chosen(n_channels, fault.share, generator), n_repeats)
        network.coefs_[0] = np.where(dead[:, np.newaxis], 0.0, network.coefs_[0])
        return other
    if isinstance(fault, DeadNodes | DeadNeurons | DeadOscillators):
        dead = chosen(len(network.coefs_[1]), fault.share, generator)
        network.coefs_[1] = np.where(dead[:, np.newaxis], 0.0, network.coefs_[1])
        return other
    network.coefs_ = list(_changed(network.coefs_, _law(fault, generator)))
    return other


def perceptron_learning_on(
    model: Any, X: Array, y: Array, seed: int, n_passes: int = N_PASSES
) -> Any:
    """A copy of a perceptron that learns on with its faults, as layers do.

    Weights of 0 are dead, and stay 0 in every step.

    Parameters
    ----------
    model : MLPClassifier, or Pipeline that ends with one
        Fitted by Adam. It is left as it is.
    X : ndarray of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
        Labels that it knows.
    seed : int
        Of the order of the samples.
    n_passes : int

    Returns
    -------
    the same class
    """
    other = copy.deepcopy(model)
    network = _network_of(other)
    table = other[:-1].transform(X) if isinstance(other, Pipeline) else X
    alive = [weights != 0 for weights in network.coefs_]
    generator = np.random.default_rng(seed)
    for _ in range(n_passes):
        order = generator.permutation(len(table))
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            network.partial_fit(table[batch], y[batch])
            for weights, those in zip(network.coefs_, alive, strict=True):
                weights *= those
    return other


def perceptron_recalibrated(model: Any, clean: Any, X: Array) -> Any:
    """A copy of a perceptron whose units get the mean input that they had without faults.

    The bias of each unit is set anew, layer by layer, from samples without labels. If a unit
    below is dead, it then counts as its mean.

    Parameters
    ----------
    model, clean : MLPClassifier, or Pipeline that ends with one
        With faults and without.
    X : ndarray of shape (n_samples, n_features)

    Returns
    -------
    the same class as `model`
    """
    other = copy.deepcopy(model)
    network, wanted = _network_of(other), _network_of(clean)
    table = other[:-1].transform(X) if isinstance(other, Pipeline) else X
    heard = heard_then = table
    for layer, weights in enumerate(network.coefs_):
        then = heard_then @ wanted.coefs_[layer] + wanted.intercepts_[layer]
        now = heard @ weights
        network.intercepts_[layer] = (then - now).mean(axis=0)
        # Both have rectified linear units.
        heard = np.maximum(now + network.intercepts_[layer], 0.0)
        heard_then = np.maximum(then, 0.0)
    return other


def _network_of(model: Any) -> MLPClassifier:
    """The perceptron behind what scales its features, if anything does."""
    return model[-1] if isinstance(model, Pipeline) else model


def _law(fault: Fault, generator: np.random.Generator) -> Callable[[int], Floats]:
    """What gives the factors of a number of weights."""
    if isinstance(fault, DeadSynapses):
        share = fault.share
        return lambda n_weights: np.where(chosen(n_weights, share, generator), 0.0, 1.0)
    if isinstance(fault, SynapseGainSpread):
        spread = fault.share
        return lambda n_weights: factors(n_weights, spread, generator)
    raise TypeError(f"A perceptron has nothing that could have a {type(fault).__name__}.")


def _changed(arrays: list[Floats], law: Callable[[int], Floats]) -> Iterator[Floats]:
    """Arrays of weights times the factors that all of them draw together."""
    sizes = [array.size for array in arrays]
    parts = np.split(law(sum(sizes)), np.cumsum(sizes)[:-1])
    for array, part in zip(arrays, parts, strict=True):
        yield array * part.reshape(array.shape)


def _stored(weights: Floats, fault: WeightFault, generator: np.random.Generator) -> Floats:
    """Weights as cells with a fault hold them."""
    if fault.read_rms() > 0:
        raise TypeError(f"A perceptron has no readings of its weights, as {fault!r} needs.")
    largest = np.abs(weights).max(axis=0)
    unit = np.where(largest > 0, largest, 1.0)
    found: Floats = unit * fault.stored(weights / unit, generator)
    return found
