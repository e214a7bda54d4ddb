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

from reservoir._types import Floats
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
    network: MLPClassifier = other[-1] if isinstance(other, Pipeline) else other
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
    largest = np.abs(weights).max(axis=0)
    unit = np.where(largest > 0, largest, 1.0)
    found: Floats = unit * fault.stored(weights / unit, generator)
    return found
