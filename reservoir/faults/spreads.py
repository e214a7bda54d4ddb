"""What if synapses and neurons of one kind are not equally strong?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from reservoir._checks import Rule
from reservoir.faults.layered import RELATIVE_RMS, LayeredFault, Wiring, factors, times
from reservoir.layers import ChainLayer

MIN_THRESHOLD = 0.1  # of the threshold that a neuron should have


@dataclass(frozen=True)
class SynapseGainSpread(LayeredFault):
    """Each synapse makes more or less voltage of a power than it should.

    Parameters
    ----------
    share : float
        Relative rms of the normal errors. A synapse whose factor would be negative is dead.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1000.

    Notes
    -----
    Neighbouring synapses have opposite polarity, so that what they hear of far lines cancels.
    Unequal ones leave a rest of it. This costs the more, the closer the lines are.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import SynapseGainSpread, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, SynapseGainSpread(share=0.1), random_state=0)
    >>> bool((worse.weights_[0] != network.weights_[0]).any())
    True
    """

    share: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": RELATIVE_RMS}

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """As for `LayeredFault`."""
        return [
            replace(layer, strengths=times(layer.strengths, gains))
            for layer in layers
            for gains in [factors(layer.strengths.shape, self.share, generator)]
        ]


@dataclass(frozen=True)
class NeuronGainSpread(LayeredFault):
    """Each neuron emits more or less power than it should.

    Parameters
    ----------
    share : float
        Relative rms of the normal errors. A neuron whose factor would be negative is dead.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1000.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import NeuronGainSpread, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, NeuronGainSpread(share=0.1), random_state=0)
    >>> bool((worse.predict_proba(X / 8) != network.predict_proba(X / 8)).any())
    True
    """

    share: float

    needs_neurons = True
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": RELATIVE_RMS}

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """As for `LayeredFault`."""
        sizes = [len(layer.settings) for layer in layers[: len(wiring.listeners)]]
        gains = [factors(size, self.share, generator) for size in sizes]
        return wiring.with_gains(layers, gains)


@dataclass(frozen=True)
class ThresholdSpread(LayeredFault):
    """Each neuron begins to oscillate at another current.

    Parameters
    ----------
    share : float
        Relative rms of the normal errors. No threshold is lower than a tenth of what it
        should be.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1000.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import ThresholdSpread, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, ThresholdSpread(share=0.02), random_state=0)
    >>> bool((worse.predict_proba(X / 8) != network.predict_proba(X / 8)).any())
    True
    """

    share: float

    needs_neurons = True
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": RELATIVE_RMS}

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """As for `LayeredFault`."""
        n_hidden = len(wiring.listeners)
        found = []
        for layer in layers[:n_hidden]:
            ratios = factors(len(layer.thresholds), self.share, generator)
            thresholds = times(layer.thresholds, np.maximum(ratios, MIN_THRESHOLD))
            found.append(replace(layer, thresholds=thresholds))
        return [*found, *layers[n_hidden:]]
