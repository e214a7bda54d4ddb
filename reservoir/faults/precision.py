"""What if a diode can be set to a few levels only?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from reservoir._checks import Integer, Rule
from reservoir.faults.layered import LayeredFault, Wiring
from reservoir.layers import ChainLayer
from reservoir.layers.training import quantizer

MAX_BITS = 24  # Beyond them, levels are finer than single precision.


@dataclass(frozen=True)
class DetuningBits(LayeredFault):
    """Each detuning is the nearest of equidistant levels, as of a converter that tunes it.

    Parameters
    ----------
    bits : int
        From 1 to 24. There are ``2**bits`` levels, two of which are the ends of the tuning
        range. Detunings beyond the range go to its ends.

    Raises
    ------
    ValueError
        If it is no such integer.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import DetuningBits, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, DetuningBits(bits=8))
    >>> moved = abs(worse.resonances_[0] - network.resonances_[0]).max()
    >>> coarse = with_faults(network, DetuningBits(bits=3))
    >>> bool(0 < moved < abs(coarse.resonances_[0] - network.resonances_[0]).max())
    True
    """

    bits: int

    needs_resonances = True
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"bits": Integer(1, MAX_BITS)}

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """As for `LayeredFault`."""
        reach, n_steps = wiring.design.synapse.tuning, 2**self.bits - 1
        found = []
        for layer in layers:
            place = (np.clip(layer.settings.astype(float), -reach, reach) + reach) / 2 / reach
            levels = np.round(place * n_steps) / n_steps
            settings = (2 * levels - 1) * reach
            found.append(replace(layer, settings=settings.astype(layer.settings.dtype)))
        return found


@dataclass(frozen=True)
class WeightLevels(LayeredFault):
    """Each synapse has the nearest of equally spaced weights for its own line.

    Parameters
    ----------
    n_levels : int
        At least 2, between the least and the largest weight, which are levels.

    Raises
    ------
    ValueError
        If it is no such integer.

    See Also
    --------
    reservoir.layers.SpintronicClassifier : `weight_levels` learns with the levels.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import WeightLevels, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, WeightLevels(n_levels=16))
    >>> bool((worse.resonances_[0] != network.resonances_[0]).any())
    True
    """

    n_levels: int

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"n_levels": Integer(2)}

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """As for `LayeredFault`."""
        synapse = wiring.design.synapse
        return [
            replace(
                layer,
                settings=quantizer(synapse, self.n_levels, layer.settings.dtype)(
                    np.asarray(synapse.weight(layer.settings))
                ),
            )
            for layer in layers
        ]
