"""How do powers travel through the layers, and how do derivatives travel back?

A layer receives powers on lines, in units of the full power. Its chains make the sums
V = x W of them; an amplifier adds a bias and multiplies. In a hidden layer the result is the
current of a neuron, as overdrive z = z0 + g (V + b), whose power goes to the next layer. In
the last layer it is the output.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reservoir._types import Array, Floats
from reservoir.layers.hearing import Hearing
from reservoir.layers.neuron import NeuronCurve

MIN_SPREAD = 1e-6  # of the sums of a layer over their size; below it they are constant


@dataclass(frozen=True, eq=False)
class ChainLayer:
    """What is set in one layer, and how its devices are off their design.

    Attributes
    ----------
    settings : ndarray of shape (n_chains, n_lines)
        Detuning of each diode from its line, in half linewidths; the weight itself for ideal
        synapses.
    strengths : ndarray of shape (n_chains, n_lines)
        Polarity of each synapse times what a defect leaves of it: 0 is a dead one.
    biases : ndarray of shape (n_chains,)
        What is added to each chain's sum of powers times weights.
    gain : float
        Overdrive, or output, per unit of that sum.
    line_gains : ndarray of shape (n_lines,)
        Power of each line over the power that it should have; 0 is a dead line.
    line_offsets : ndarray of shape (n_lines,)
        By how much the frequency of each line is off, in Hz.
    thresholds : ndarray of shape (n_chains,)
        Threshold of each neuron over the one that it should have; all 1 in the last layer.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> [layer.settings.shape for layer in network.layers_]      # chains and lines
    [(10, 4), (3, 10)]
    """

    settings: Array
    strengths: Array
    biases: Array
    gain: float
    line_gains: Array
    line_offsets: Floats
    thresholds: Array


@dataclass(frozen=True, eq=False)
class Pass:
    """What one pass forward leaves for the way back.

    Attributes
    ----------
    inputs : list of ndarray
        For each layer the powers that entered it, shape (n_samples, n_lines).
    kept : list
        What the hearing of each layer needs.
    places : list
        For the first layer the factors of its powers; for others the derivatives of powers
        and shifts by the overdrive of the layer before.
    outputs : ndarray of shape (n_samples, n_outputs)
    """

    inputs: list[Array]
    kept: list[Any]
    places: list[Any]
    outputs: Array


class Stack:
    """Layers of chains with neurons between them.

    Parameters
    ----------
    hearings : sequence of Hearing
        For each layer.
    curve : NeuronCurve
    overdrive : float
        Working point of the neurons, z0.
    dtype : dtype
    """

    def __init__(
        self, hearings: Sequence[Hearing], curve: NeuronCurve, overdrive: float, dtype: Any
    ) -> None:
        self.hearings = hearings
        self.dtype = np.dtype(dtype)
        self.curve = curve.astype(self.dtype)
        self.overdrive = overdrive

    # ------------------------------------------------------------------ forward

    def weights(self, layers: Sequence[ChainLayer]) -> list[Any]:
        """What the settings of each layer make of its lines, as its hearing takes it."""
        return [
            hearing.weights(layer.settings, layer.strengths)
            for hearing, layer in zip(self.hearings, layers, strict=True)
        ]

    def forward(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        X: Array,
        noise: Sequence[Array] | None = None,
    ) -> Pass:
        """Outputs of a batch, with BLAS products, and what the way back needs.

        Parameters
        ----------
        layers : sequence of ChainLayer
        weights : sequence
            From `weights`.
        X : ndarray of shape (n_samples, n_features)
            Powers of the input lines, in units of the full power.
        noise : sequence of ndarray of shape (n_samples, n_lines), optional
            For each layer, factors of its powers.
        """
        inputs: list[Array] = []
        kept: list[Any] = []
        places: list[Any] = []
        power, shift, slopes = X, None, None
        for index, layer in enumerate(layers):
            factor = layer.line_gains if noise is None else layer.line_gains * noise[index]
            power = power * factor
            inputs.append(power)
            places.append(factor if slopes is None else (slopes[0] * factor, slopes[1]))
            sums, needed = self.hearings[index].forward(weights[index], power, shift)
            kept.append(needed)
            sums += layer.biases
            sums *= self.dtype.type(layer.gain)
            if index + 1 < len(layers):
                power, shift, slopes = self._neurons(sums, layer, index + 1)
        return Pass(inputs, kept, places, sums)

    def predict(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        X: Array,
        noise: Sequence[Array] | None = None,
    ) -> tuple[Array, list[Array], list[Array]]:
        """Outputs whose bits do not depend on the other rows; overdrives; powers.

        Returns
        -------
        outputs : ndarray of float64 of shape (n_samples, n_outputs)
        overdrives, powers : list of ndarray
            Of the neurons of each hidden layer.
        """
        power, shift = X, None
        overdrives, powers = [], []
        for index, layer in enumerate(layers):
            power = power * layer.line_gains
            if noise is not None:
                power = power * noise[index]
            sums = self.hearings[index].predict(weights[index], power, shift)
            outputs = (sums + layer.biases) * layer.gain
            if index + 1 < len(layers):
                outputs = outputs.astype(self.dtype)
                overdrives.append(self.overdrive_of(outputs, layer))
                power, shift, _ = self._neurons(outputs, layer, index + 1)
                powers.append(power)
        return outputs, overdrives, powers

    def overdrive_of(self, outputs: Array, layer: ChainLayer) -> Array:
        """Current over threshold of the neurons behind the chains' outputs."""
        overdrive: Array = (outputs + self.dtype.type(self.overdrive)) / layer.thresholds
        return overdrive

    def _neurons(
        self, outputs: Array, layer: ChainLayer, index: int
    ) -> tuple[Array, Any, Any]:
        """Power and shift of the neurons before layer `index`, and their slopes."""
        curve = self.curve
        overdrive = self.overdrive_of(outputs, layer)
        power, slope = curve.read(curve.powers, overdrive)
        slope /= layer.thresholds
        if not self.hearings[index].band.moves:
            return power, None, (slope, None)
        shift, shift_slope = curve.read(curve.shifts, overdrive)
        shift_slope /= layer.thresholds
        return power, shift, (slope, shift_slope)

    # ------------------------------------------------------------------ back

    def backward(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        passed: Pass,
        slope: Array,
        *,
        straight: bool = False,
    ) -> tuple[list[Array], list[Array]]:
        """Derivatives of a loss by settings and biases.

        Parameters
        ----------
        layers, weights
            As for `forward`.
        passed : Pass
            From `forward`.
        slope : ndarray of shape (n_samples, n_outputs)
            Derivative of the loss by the outputs.
        straight : bool, default=False
            Whether the derivative is by the weight of each synapse for its own line, as if it
            heard no other; else by its setting.

        Returns
        -------
        by_settings, by_biases : list of ndarray
        """
        return self.backward_to_lines(
            layers, weights, passed, slope, straight=straight, to_lines=False
        )[:2]

    def backward_to_lines(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        passed: Pass,
        slope: Array,
        *,
        straight: bool = False,
        to_lines: bool = True,
    ) -> tuple[list[Array], list[Array], Array]:
        """As `backward`, and the derivative by the powers that enter the first layer."""
        by_settings: list[Array] = []
        by_biases: list[Array] = []
        for index in range(len(layers) - 1, -1, -1):
            layer, hearing, kept = layers[index], self.hearings[index], passed.kept[index]
            slope = slope * self.dtype.type(layer.gain)
            by_biases.append(slope.sum(axis=0))
            if straight:
                by_settings.append(slope.T @ passed.inputs[index] * layer.strengths)
            else:
                by_settings.append(hearing.slopes(weights[index], kept, slope))
            if index == 0:
                break
            by_power, by_shift = hearing.back(weights[index], kept, slope)
            power_slope, shift_slope = passed.places[index]
            slope = by_power * power_slope
            if by_shift is not None:
                slope += by_shift * shift_slope
        if to_lines:
            by_power, _ = self.hearings[0].back(weights[0], passed.kept[0], slope)
            slope = by_power * passed.places[0]
        return by_settings[::-1], by_biases[::-1], slope

    def noise_shapes(self, layers: Sequence[ChainLayer], X: Array) -> list[tuple[int, ...]]:
        """Shapes of the factors that `forward` takes as noise."""
        return [(len(X), layer.settings.shape[1]) for layer in layers]


def gain_for(spread: float, sums: Array) -> float:
    """Gain that gives sums a standard deviation, averaged over the chains.

    Sums that differ by rounding only, as those of equal samples, get the gain 1.

    Parameters
    ----------
    spread : float
    sums : ndarray of shape (n_samples, n_chains)

    Returns
    -------
    float
    """
    found = float(sums.std(axis=0).mean())
    return spread / found if found > MIN_SPREAD * float(np.abs(sums).max()) else 1.0


def calibrate(
    stack: Stack, layers: Sequence[ChainLayer], X: Array, spreads: Sequence[float]
) -> list[ChainLayer]:
    """Layer by layer, biases that centre each chain and a gain that gives a spread.

    Parameters
    ----------
    stack : Stack
    layers : sequence of ChainLayer
        Their biases and gains are replaced.
    X : ndarray of shape (n_samples, n_features)
        Powers of the input lines.
    spreads : sequence of float
        For each layer the standard deviation of its outputs over the samples, averaged over
        the chains: of the overdrive in hidden layers, of the output in the last.

    Returns
    -------
    list of ChainLayer
    """
    found: list[ChainLayer] = []
    weights = stack.weights(layers)
    power, shift = X, None
    for index, layer in enumerate(layers):
        power = power * layer.line_gains
        sums = stack.hearings[index].predict(weights[index], power, shift)
        gain = gain_for(spreads[index], sums)
        biases = (-sums.mean(axis=0)).astype(stack.dtype)
        layer = replace(layer, biases=biases, gain=gain)
        found.append(layer)
        if index + 1 < len(layers):
            outputs = ((sums + biases) * gain).astype(stack.dtype)
            power, shift, _ = stack._neurons(outputs, layer, index + 1)
    return found
