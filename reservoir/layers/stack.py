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

from reservoir import _core
from reservoir._types import Array, Floats
from reservoir.layers.chains import Chains
from reservoir.layers.neuron import NeuronCurve


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
    bases : list of ndarray or None
        Polynomials of the moving lines; see `_polynomials`.
    places : list
        For the first layer the factors of its powers; for others the derivatives of powers
        and places by the overdrive of the layer before.
    outputs : ndarray of shape (n_samples, n_outputs)
    """

    inputs: list[Array]
    bases: list[Any]
    places: list[Any]
    outputs: Array


class Stack:
    """Layers of chains with neurons between them.

    Parameters
    ----------
    chains : sequence of Chains
        For each layer.
    curve : NeuronCurve
    overdrive : float
        Working point of the neurons, z0.
    dtype : dtype
    """

    def __init__(
        self, chains: Sequence[Chains], curve: NeuronCurve, overdrive: float, dtype: Any
    ) -> None:
        self.chains = chains
        self.curve = curve
        self.overdrive = overdrive
        self.dtype = np.dtype(dtype)

    # ------------------------------------------------------------------ forward

    def weights(self, layers: Sequence[ChainLayer]) -> list[Array]:
        """Weights of each layer as polynomials of the place of its lines.

        Returns
        -------
        list of ndarray of shape (n_chains, n_nodes * n_lines)
        """
        return [
            self._as_polynomials(
                index, self.chains[index].weights(each.settings, each.strengths)
            )
            for index, each in enumerate(layers)
        ]

    def forward(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Array],
        X: Array,
        noise: Sequence[Array] | None = None,
    ) -> Pass:
        """Outputs of a batch, with BLAS products, and what the way back needs.

        Parameters
        ----------
        layers : sequence of ChainLayer
        weights : sequence of ndarray
            From `weights`.
        X : ndarray of shape (n_samples, n_features)
            Powers of the input lines, in units of the full power.
        noise : sequence of ndarray of shape (n_samples, n_lines), optional
            For each layer, factors of its powers.
        """
        inputs: list[Array] = []
        bases: list[Any] = []
        places: list[Any] = []
        power, shift = X, None
        slopes = None
        for index, layer in enumerate(layers):
            factor = layer.line_gains if noise is None else layer.line_gains * noise[index]
            power = power * factor
            inputs.append(power)
            places.append(factor if slopes is None else (slopes[0] * factor, slopes[1]))
            basis = self._polynomials(index, shift)
            bases.append(basis)
            sums = _spread(power, basis) @ weights[index].T
            outputs = (sums + layer.biases) * self.dtype.type(layer.gain)
            if index + 1 < len(layers):
                power, shift, slopes = self._neurons(outputs, layer, index + 1)
        return Pass(inputs, bases, places, outputs)

    def predict(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Array],
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
            features = _spread(power, self._polynomials(index, shift))
            outputs = row_by_row(features, weights[index], layer.biases) * layer.gain
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
        free = self.overdrive_of(outputs, layer)
        z = curve.clip(free)
        inside = (free == z) / layer.thresholds
        where = curve.cells(z)
        power, slope = curve.read(curve.powers, where)
        band = self.chains[index].band
        if not band.moves:
            return power, None, (slope * inside, None)
        shift, shift_slope = curve.read(curve.shifts, where)
        half = (band.highest - band.lowest) / 2
        return power, shift, (slope * inside, shift_slope * inside / self.dtype.type(half))

    # ------------------------------------------------------------------ back

    def backward(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Array],
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
        weights: Sequence[Array],
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
            layer = layers[index]
            slope = slope * self.dtype.type(layer.gain)
            power, basis = passed.inputs[index], passed.bases[index]
            by_biases.append(slope.sum(axis=0))
            wanted = slope.T @ _spread(power, basis)
            wanted = self._from_polynomials(index, wanted)
            if straight:
                own = wanted.reshape(*layer.settings.shape, -1).sum(axis=2)
                by_settings.append(own * layer.strengths)
            else:
                chains = self.chains[index]
                by_settings.append(chains.slopes(layer.settings, layer.strengths, wanted))
            if index == 0:
                break
            heard = slope @ weights[index]
            by_power, by_shift = passed.places[index]
            if basis is None:
                slope = heard * by_power
            else:
                terms = heard.reshape(basis[0].shape)
                slope = (terms * basis[0]).sum(axis=1) * by_power
                slope += (terms * basis[1]).sum(axis=1) * power * by_shift
        if to_lines:
            slope = (slope @ weights[0]) * passed.places[0]
        return by_settings[::-1], by_biases[::-1], slope

    # ------------------------------------------------------------------ moving lines

    def _polynomials(self, index: int, shift: Array | None) -> tuple[Array, Array] | None:
        """Chebyshev polynomials of the lines' places, and their slopes, if they move.

        Returns
        -------
        tuple of two ndarrays of shape (n_samples, n_nodes, n_lines), or None
        """
        band = self.chains[index].band
        if not band.moves:
            return None
        assert shift is not None
        place = band.place(shift)
        n_nodes = len(band.nodes)
        shape = (len(place), n_nodes, place.shape[1])
        values, slopes = np.ones(shape, self.dtype), np.zeros(shape, self.dtype)
        values[:, 1], slopes[:, 1] = place, 1
        for n in range(2, n_nodes):
            values[:, n] = 2 * place * values[:, n - 1] - values[:, n - 2]
            slopes[:, n] = (
                2 * values[:, n - 1] + 2 * place * slopes[:, n - 1] - slopes[:, n - 2]
            )
        return values, slopes

    def _as_polynomials(self, index: int, weights: Array) -> Array:
        """Weights at the nodes as polynomials, of shape (n_chains, n_nodes * n_lines)."""
        band = self.chains[index].band
        if not band.moves:
            return weights
        matrix = band.to_polynomials().astype(self.dtype)
        cubes = weights.reshape(len(weights), -1, len(band.nodes)) @ matrix.T
        return np.ascontiguousarray(cubes.transpose(0, 2, 1)).reshape(len(weights), -1)

    def _from_polynomials(self, index: int, wanted: Array) -> Array:
        """The adjoint of `_as_polynomials`."""
        band = self.chains[index].band
        if not band.moves:
            return wanted
        matrix = band.to_polynomials().astype(self.dtype)
        cubes = wanted.reshape(len(wanted), len(band.nodes), -1).transpose(0, 2, 1) @ matrix
        return np.ascontiguousarray(cubes).reshape(len(wanted), -1)


def _spread(power: Array, basis: tuple[Array, Array] | None) -> Array:
    """Powers times the polynomials of their lines, (n_samples, n_nodes * n_lines)."""
    if basis is None:
        return power
    return (power[:, None, :] * basis[0]).reshape(len(power), -1)


def row_by_row(features: Array, weights: Array, biases: Array) -> Floats:
    """Sums of weighted features plus biases; a row's bits do not depend on the others."""
    sums = np.empty((len(features), len(weights)))
    _core.readout.weighted_sums(
        np.ascontiguousarray(features),
        np.ascontiguousarray(weights.T, dtype=np.float64),
        biases.astype(np.float64),
        sums,
    )
    return sums


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
        features = _spread(power * layer.line_gains, stack._polynomials(index, shift))
        sums = row_by_row(features, weights[index], np.zeros(len(weights[index])))
        spread = sums.std(axis=0).mean()
        gain = float(spreads[index] / spread) if spread > 0 else 1.0
        biases = (-sums.mean(axis=0)).astype(stack.dtype)
        layer = replace(layer, biases=biases, gain=gain)
        found.append(layer)
        if index + 1 < len(layers):
            outputs = ((sums + biases) * gain).astype(stack.dtype)
            power, shift, _ = stack._neurons(outputs, layer, index + 1)
    return found
