"""What if some synapses, neurons or input lines are dead?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from reservoir._checks import Rule
from reservoir._types import Array
from reservoir.faults.layered import SHARE, LayeredFault, Wiring
from reservoir.layers import ChainLayer


@dataclass(frozen=True)
class DeadSynapses(LayeredFault):
    """Some synapses make no voltage at all.

    Parameters
    ----------
    share : float
        Of all n synapses of the network. Exactly ``round(share * n)`` are chosen.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1.

    Notes
    -----
    Neighbouring synapses have opposite polarity, so that what they hear of far lines cancels.
    Next to a dead one it does not. This costs the more, the closer the lines are.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import DeadSynapses, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, DeadSynapses(share=1.0))
    >>> len(set(worse.predict(X / 8)))           # nothing is heard: all samples are alike
    1
    """

    share: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": SHARE}

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """As for `LayeredFault`."""
        strengths = _silenced([layer.strengths for layer in layers], self.share, generator)
        return [
            replace(layer, strengths=array)
            for layer, array in zip(layers, strengths, strict=True)
        ]


@dataclass(frozen=True)
class DeadNeurons(LayeredFault):
    """Some neurons emit no power, whatever their current.

    Parameters
    ----------
    share : float
        Of all n neurons of the hidden layers. Exactly ``round(share * n)`` are chosen.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1.

    Notes
    -----
    A dead neuron is silent for the layer above and for the recurrent chains of its own
    layer. In a convolution one neuron stands behind each filter and serves all positions, so
    that a dead one takes the lines of all segments with it.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import DeadNeurons, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, DeadNeurons(share=1.0))
    >>> len(set(worse.predict(X / 8)))           # nothing is heard: all samples are alike
    1
    """

    share: float

    needs_neurons = True
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": SHARE}

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """As for `LayeredFault`."""
        neurons = [np.ones(len(layer.settings)) for layer in layers[: len(wiring.listeners)]]
        return wiring.with_gains(layers, _silenced(neurons, self.share, generator))


@dataclass(frozen=True)
class DeadInputs(LayeredFault):
    """Some of the lines that enter the network carry no power.

    Parameters
    ----------
    share : float
        Of the n lines of the first layer: one for each feature or channel, in a convolution
        one for each place of a patch. Exactly ``round(share * n)`` are chosen.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import DeadInputs, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, DeadInputs(share=0.5), random_state=0)
    >>> bool(worse.score(X / 8, y) <= network.score(X / 8, y))
    True
    """

    share: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": SHARE}

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """As for `LayeredFault`."""
        (gains,) = _silenced([layers[0].line_gains], self.share, generator)
        return [replace(layers[0], line_gains=gains), *layers[1:]]


def _silenced(
    arrays: Sequence[Array], share: float, generator: np.random.Generator
) -> list[Array]:
    """Copies of arrays with a share of all their entries set to 0."""
    sizes = [array.size for array in arrays]
    dead = np.zeros(sum(sizes), bool)
    dead[generator.choice(dead.size, round(share * dead.size), replace=False)] = True
    parts = np.split(dead, np.cumsum(sizes)[:-1])
    return [
        np.where(part.reshape(array.shape), array.dtype.type(0), array)
        for array, part in zip(arrays, parts, strict=True)
    ]
