"""What has a fault of a layered network to do, and which networks can have it?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from reservoir._checks import Real
from reservoir._types import Array, Floats
from reservoir.devices.spin_diode import SpinDiode
from reservoir.faults.fault import Fault
from reservoir.layers import (
    ChainLayer,
    SpintronicClassifier,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
    SpintronicRegressor,
)
from reservoir.layers.design import Design, synapse_of

SHARE = Real(at_least=0, at_most=1, what="share")
# Beyond it single precision may not hold the powers.
RELATIVE_RMS = Real(at_least=0, at_most=1000, what="relative rms")


@dataclass(frozen=True)
class Wiring:
    """The devices of a network, and who hears whom.

    Attributes
    ----------
    make_design : callable
        Gives the `Design`, which few faults ask for.
    listeners : list of lists of int
        For each layer of neurons, in their order, the places among all layers of the chains
        that hear it. The chains of the layer above come first. Recurrent chains, which hear
        the same lines, follow.
    """

    make_design: Callable[[], Design]
    listeners: list[list[int]]

    @cached_property
    def design(self) -> Design:
        """The devices."""
        return self.make_design()

    def with_gains(
        self, layers: Sequence[ChainLayer], gains: Sequence[Floats]
    ) -> list[ChainLayer]:
        """Layers that hear neurons of which each emits other powers, by one factor for each.

        A filter of a convolution has a line in every segment, and all of them change.
        """
        found = list(layers)
        for places, factors_of_neurons in zip(self.listeners, gains, strict=True):
            for place in places:
                layer = found[place]
                on_lines = np.resize(factors_of_neurons, len(layer.line_gains))
                found[place] = replace(layer, line_gains=times(layer.line_gains, on_lines))
        return found


class LayeredFault(Fault):
    """A fault of the devices of a layered network.

    Notes
    -----
    A subclass says in `changed` what its fault makes of the layers.

    Attributes
    ----------
    needs_resonances : bool
        Whether the fault is of the frequencies of spin diodes and lines.
    needs_neurons : bool
        Whether the fault is of neurons. A subclass may state it as a property.
    """

    hosts = (
        SpintronicClassifier,
        SpintronicRegressor,
        SpintronicRecurrentClassifier,
        SpintronicConvolutionalClassifier,
    )
    needs_resonances: ClassVar[bool] = False
    needs_neurons: ClassVar[bool] = False

    def check_parts(self, estimator: Any) -> None:
        """Refuse a network without resonances, or without neurons, if they are needed.

        Raises
        ------
        ValueError
        """
        synapse = synapse_of(estimator.synapse)
        if self.needs_resonances and not isinstance(synapse, SpinDiode):
            raise ValueError(
                f"{type(self).__name__} is a fault of resonances, and the synapses of this "
                f"{type(estimator).__name__} are a {type(synapse).__name__}, which has none; "
                "it must be a SpinDiode. Weights that are set directly can have a "
                "SynapseGainSpread, DeadSynapses or WeightLevels."
            )
        if self.needs_neurons and len(estimator.layers_) == 1:
            raise ValueError(
                f"{type(self).__name__} is a fault of neurons, and this "
                f"{type(estimator).__name__} has hidden_layer_sizes="
                f"{estimator.hidden_layer_sizes!r:.40}; it must have one hidden layer at "
                "least."
            )

    def put_into(self, estimator: Any, generator: np.random.Generator) -> None:
        """Give a network this fault."""
        before = estimator._all_layers()
        wiring = Wiring(estimator._design, estimator._listeners())
        after = self.changed(before, wiring, generator)
        estimator._keep_layers(after)
        # The moments of `partial_fit` belong to the devices without the fault.
        estimator.__dict__.pop("adam_", None)
        pairs = zip(before, after, strict=True)
        if any(old.settings is not new.settings for old, new in pairs):
            # What was learned before rounding is no longer what the devices are set to.
            estimator.__dict__.pop("latent_weights_", None)

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """Layers with this fault.

        Parameters
        ----------
        layers : sequence of ChainLayer
            All of the network, recurrent chains last.
        wiring : Wiring
        generator : numpy.random.Generator

        Returns
        -------
        list of ChainLayer
            New ones where something changes.
        """
        raise NotImplementedError


def factors(
    shape: int | tuple[int, ...], share: float, generator: np.random.Generator
) -> Floats:
    """Random factors around 1 with a relative rms `share`, none of them negative."""
    drawn: Floats = np.maximum(1 + share * generator.standard_normal(shape), 0.0)
    return drawn


def times(array: Array, other: Floats) -> Array:
    """A product in the precision of the first factor."""
    product: Array = (array * other).astype(array.dtype)
    return product
