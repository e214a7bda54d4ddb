"""How do sequences travel through layers whose neurons take time to follow?

At every frame the currents of all neurons are held, and their powers relax. A chain hears the
lines of the layer before, and a recurrent chain the lines of its own layer one frame before.
The last layer hears the powers of the last neurons averaged over the sequence.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reservoir._types import Array, Floats
from reservoir.layers.flow import PowerFlow
from reservoir.layers.grids import Padded
from reservoir.layers.hearing import Product, StillLines, blas_product, row_product
from reservoir.layers.stack import ChainLayer, gain_for

MAX_NORM = 1.0  # of the derivatives of a batch, which long sequences can make large
N_CENTRINGS = 4  # passes in which the biases find the means of recurrent chains


@dataclass(frozen=True, eq=False)
class Trace:
    """What one hidden layer leaves for the way back; arrays of (frames, sequences, ...).

    Attributes
    ----------
    inputs : ndarray of shape (n_frames, n_samples, n_lines)
    emitted : ndarray of shape (n_frames + 1, n_samples, n_neurons)
        Powers over the full power, noise included; the first is that before the sequence.
    by_power, by_drive : ndarray of shape (n_frames, n_samples, n_neurons)
        Derivatives of each power by the power before, and by the chain's sum.
    factors : ndarray of shape (n_frames, n_samples, n_neurons), or float
        Of the powers: their noise, over the full power.
    """

    inputs: Array
    emitted: Array
    by_power: Array
    by_drive: Array
    factors: Any


@dataclass(frozen=True, eq=False)
class RecurrentPass:
    """What one pass forward leaves for the way back."""

    traces: list[Trace]
    shares: Array
    means: Array
    outputs: Array


class RecurrentStack:
    """Hidden layers of neurons with their own time, and a last layer that hears their means.

    Parameters
    ----------
    hearings : sequence of StillLines
        Of the hidden layers and the last one, then of the recurrent chains of each hidden
        layer, if there are any.
    flow : PowerFlow
    n_hidden : int
    overdrive : float
        Working point of the neurons.
    limits : tuple of two floats
        Between which the clamp holds the overdrive.
    dtype : dtype
    """

    def __init__(
        self,
        hearings: Sequence[StillLines],
        flow: PowerFlow,
        n_hidden: int,
        overdrive: float,
        limits: tuple[float, float],
        dtype: Any,
    ) -> None:
        self.hearings = hearings
        self.flow = flow
        self.n_hidden = n_hidden
        self.overdrive = overdrive
        self.limits = limits
        self.dtype = np.dtype(dtype)
        self.start = float(flow.rest(np.array(overdrive)))
        self.full = float(flow.rest(np.array(limits[1])))

    def weights(self, layers: Sequence[ChainLayer]) -> list[Any]:
        """What each set of chains makes of its lines, as `StillLines` takes it."""
        return [
            hearing.weights(layer.settings, layer.strengths)
            for hearing, layer in zip(self.hearings, layers, strict=True)
        ]

    def recurrent_weights(
        self, layers: Sequence[ChainLayer], weights: Sequence[Any], index: int
    ) -> Array | None:
        """What the recurrent chains of a hidden layer make of emitted powers, if any."""
        place = self.n_hidden + 1 + index
        return weights[place][2] * layers[place].line_gains if place < len(weights) else None

    def forward(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        X: Padded,
        noise: Sequence[Array] | None = None,
        product: Product = blas_product,
    ) -> RecurrentPass:
        """Outputs of a batch, and what the way back needs.

        Parameters
        ----------
        layers, weights : sequences
        X : Padded
        noise : sequence of ndarray, optional
            For each hidden layer and the last one, factors of the powers on its lines, of
            shape (n_frames, n_samples, n_lines).
        product : callable
            Of powers and weights.
        """
        lines = np.ascontiguousarray(X.frames.transpose(1, 0, 2))
        lines = lines * layers[0].line_gains
        if noise is not None:
            lines = lines * noise[0]
        traces = []
        for index in range(self.n_hidden):
            factors: Any = self.dtype.type(1 / self.full)
            if noise is not None:
                factors = factors * noise[index + 1]
            traces.append(self._hidden(layers, weights, index, (lines, factors), product))
            lines = traces[-1].emitted[1:] * layers[index + 1].line_gains
        shares = X.shares
        means = _mean(lines, shares)
        last = layers[self.n_hidden]
        sums = product(means, weights[self.n_hidden][2]) + last.biases
        outputs = sums * self.dtype.type(last.gain)
        return RecurrentPass(traces, shares, means, outputs)

    def _hidden(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        index: int,
        entering: tuple[Array, Any],
        product: Product,
    ) -> Trace:
        """All frames of one hidden layer."""
        inputs, factors = entering
        flat = inputs.reshape(-1, inputs.shape[2])
        sums = product(flat, weights[index][2]).reshape(*inputs.shape[:2], -1)
        layer, back = layers[index], self.recurrent_weights(layers, weights, index)
        n_frames, n_samples, n_neurons = sums.shape
        power = np.full((n_samples, n_neurons), self.start, self.dtype)
        emitted = np.empty((n_frames + 1, n_samples, n_neurons), self.dtype)
        emitted[0] = power * self.dtype.type(1 / self.full)
        by_power, by_drive = np.empty_like(sums), np.empty_like(sums)
        gain = (layer.gain / layer.thresholds).astype(self.dtype)
        working = (self.overdrive / layer.thresholds).astype(self.dtype)
        moving = np.ndim(factors) == 3
        for frame in range(n_frames):
            total = sums[frame] + layer.biases
            if back is not None:
                total += product(emitted[frame], back)
            free = working + gain * total
            z = np.clip(free, *self.limits)
            power, by_power[frame], by_z = self.flow.step(power, z)
            by_drive[frame] = by_z * (free == z) * gain
            emitted[frame + 1] = power * (factors[frame] if moving else factors)
        return Trace(inputs, emitted, by_power, by_drive, factors)

    def backward(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        passed: RecurrentPass,
        slope: Array,
        *,
        straight: bool = False,
    ) -> tuple[list[Array], list[Array]]:
        """Derivatives of a loss by settings and biases, through time.

        Parameters and results are those of `reservoir.layers.stack.Stack.backward`. The norm
        of all derivatives together is at most `MAX_NORM`.
        """
        by_settings: list[Any] = [None] * len(layers)
        by_biases = [np.zeros_like(layer.biases) for layer in layers]

        def learn(place: int, inputs: Array, by_sum: Array) -> None:
            if straight:
                by_settings[place] = by_sum.T @ inputs * layers[place].strengths
            else:
                by_settings[place] = self.hearings[place].slopes(
                    weights[place], inputs, by_sum
                )

        slope = slope * self.dtype.type(layers[self.n_hidden].gain)
        by_biases[self.n_hidden] = slope.sum(axis=0)
        learn(self.n_hidden, passed.means, slope)
        by_mean = slope @ weights[self.n_hidden][2]
        heard = passed.shares.T[:, :, None] * by_mean
        for index in range(self.n_hidden - 1, -1, -1):
            trace, back = passed.traces[index], self.recurrent_weights(layers, weights, index)
            heard = heard * layers[index + 1].line_gains
            by_sum = self._back_in_time(trace, heard, back)
            by_biases[index] = by_sum.sum(axis=(0, 1))
            flat = by_sum.reshape(-1, by_sum.shape[2])
            learn(index, trace.inputs.reshape(len(flat), -1), flat)
            if back is not None:
                place = self.n_hidden + 1 + index
                lines = trace.emitted[:-1] * layers[place].line_gains
                learn(place, lines.reshape(len(flat), -1), flat)
            heard = by_sum @ weights[index][2]
        return _shortened(by_settings, by_biases)

    def _back_in_time(self, trace: Trace, heard: Array, back: Array | None) -> Array:
        """Derivative by the sum of each chain at each frame, from that by emitted powers."""
        by_sum = np.empty_like(trace.by_drive)
        # Derivative by the power, from later frames.
        carried = np.zeros_like(trace.by_drive[0])
        emitted_later: Any = 0.0  # and by the emitted power, through recurrent chains
        moving = np.ndim(trace.factors) == 3
        for frame in range(len(by_sum) - 1, -1, -1):
            factor = trace.factors[frame] if moving else trace.factors
            by_power = carried + (heard[frame] + emitted_later) * factor
            by_sum[frame] = by_power * trace.by_drive[frame]
            carried = by_power * trace.by_power[frame]
            if back is not None:
                emitted_later = by_sum[frame] @ back
        return by_sum

    def heard(
        self, layers: Sequence[ChainLayer], weights: Sequence[Any], X: Padded
    ) -> list[Array]:
        """Powers on the lines of each set of chains, over the full power.

        Parameters
        ----------
        layers, weights : sequences
        X : Padded
            Without padding.

        Returns
        -------
        list of ndarray of shape (n_heard, n_lines)
            Hidden layers and their recurrent chains hear each frame, the last layer means.
        """
        passed = self.forward(layers, weights, X, None, row_product)
        found = [trace.inputs for trace in passed.traces] + [passed.means]
        for trace, layer in zip(passed.traces, layers[self.n_hidden + 1 :], strict=False):
            found.append(trace.emitted[:-1] * layer.line_gains)
        return [powers.reshape(-1, powers.shape[-1]) for powers in found]

    def noise_shapes(self, layers: Sequence[ChainLayer], X: Padded) -> list[tuple[int, ...]]:
        """Shapes of the factors that `forward` takes as noise."""
        return [
            (X.frames.shape[1], len(X), layer.settings.shape[1])
            for layer in layers[: self.n_hidden + 1]
        ]

    def predict(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        X: Padded,
        noise: Sequence[Array] | None = None,
    ) -> tuple[Floats, list[Array], list[Array]]:
        """Outputs whose bits do not depend on the other sequences.

        Returns
        -------
        outputs : ndarray of float64 of shape (n_samples, n_outputs)
        overdrives : list
            Empty; they differ from frame to frame.
        powers : list of ndarray of shape (n_samples, n_neurons)
            Of the neurons of each hidden layer, averaged over each sequence.
        """
        passed = self.forward(layers, weights, X, noise, row_product)
        powers = [_mean(trace.emitted[1:], passed.shares) for trace in passed.traces]
        return passed.outputs.astype(np.float64), [], powers


def _mean(frames: Array, shares: Array) -> Array:
    """Mean of each sequence, (n_samples, n_lines), of powers frame by frame.

    The frames are added one by one, so that padding changes no bit.
    """
    means: Array = np.zeros_like(frames[0])
    for frame, share in zip(frames, shares.T, strict=True):
        means += share[:, None] * frame
    return means


def _shortened(
    by_settings: list[Array], by_biases: list[Array]
) -> tuple[list[Array], list[Array]]:
    """Derivatives whose common norm is at most `MAX_NORM`."""
    parts = [*by_settings, *by_biases]
    norm = math.sqrt(sum(float(np.vdot(part, part)) for part in parts))
    if norm <= MAX_NORM:
        return by_settings, by_biases
    factor = by_biases[0].dtype.type(MAX_NORM / norm)
    return [part * factor for part in by_settings], [part * factor for part in by_biases]


def calibrate_recurrent(
    stack: RecurrentStack, layers: Sequence[ChainLayer], X: Padded, spreads: Sequence[float]
) -> list[ChainLayer]:
    """Layer by layer, biases that centre each chain and a gain that gives a spread.

    Parameters
    ----------
    stack : RecurrentStack
    layers : sequence of ChainLayer
        Their biases and gains are replaced.
    X : Padded
    spreads : sequence of float
        For each hidden layer the standard deviation of the overdrive that the lines of the
        layer before make, over all frames, averaged over the neurons; and that of the
        outputs.

    Returns
    -------
    list of ChainLayer
    """
    found, weights = list(layers), stack.weights(layers)
    inside = X.shares.T > 0
    for index in range(stack.n_hidden):
        inputs = stack.forward(found, weights, X).traces[index].inputs
        sums = (inputs @ weights[index][2].T)[inside].astype(float)
        gain = gain_for(spreads[index], sums)
        back = stack.recurrent_weights(layers, weights, index)
        means = sums.mean(axis=0)
        biases = -means
        if back is not None:
            biases = biases - stack.start / stack.full * back.sum(axis=1)
            for _ in range(N_CENTRINGS):
                found[index] = _with(found[index], biases, gain)
                emitted = stack.forward(found, weights, X).traces[index].emitted[:-1]
                heard = (emitted[inside] @ back.T).mean(axis=0, dtype=float)
                biases = (biases - means - heard) / 2  # halfway, so that it settles
        found[index] = _with(found[index], biases, gain)
    last = stack.n_hidden
    sums = (stack.forward(found, weights, X).means @ weights[last][2].T).astype(float)
    found[last] = _with(found[last], -sums.mean(axis=0), gain_for(spreads[last], sums))
    return found


def _with(layer: ChainLayer, biases: Array, gain: float) -> ChainLayer:
    return replace(layer, biases=biases.astype(layer.biases.dtype), gain=gain)
