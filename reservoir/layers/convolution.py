"""How do the same chains slide over an image or a sequence?

A filter is a chain of diodes that hears the lines of a patch, and its neuron. The same
detunings are used at all positions: either the chain is built once for each position, or one
chain hears the patches one after the other. The powers of the neurons are averaged over
segments of both axes, and these averages are the lines of the layers that follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reservoir._types import Array
from reservoir.layers.grids import Padded
from reservoir.layers.hearing import Product, StillLines, blas_product, row_product
from reservoir.layers.neuron import NeuronCurve
from reservoir.layers.stack import ChainLayer, Pass, Stack, calibrate, gain_for


@dataclass(frozen=True)
class Geometry:
    """Where the filters stand, and over what their powers are averaged.

    Attributes
    ----------
    kernel : tuple of two int
        Frames and channels of a patch.
    strides : tuple of two int
        Distance of neighbouring patches.
    segments : tuple of two int
        Parts of equal size into which the positions along both axes are divided.
    """

    kernel: tuple[int, int]
    strides: tuple[int, int]
    segments: tuple[int, int]

    def positions(self, lengths: Any, axis: int) -> Any:
        """Number of positions along an axis of some length."""
        return (lengths - self.kernel[axis]) // self.strides[axis] + 1

    def averages(self, n_positions: Array, n_most: int, axis: int, dtype: Any) -> Array:
        """What each position counts in the mean of each segment.

        Returns
        -------
        ndarray of shape (n_samples, n_segments, n_most)
        """
        n_segments = self.segments[axis]
        parts = np.arange(n_segments)
        begins = n_positions[:, None] * parts // n_segments
        ends = -(-n_positions[:, None] * (parts + 1) // n_segments)
        places = np.arange(n_most)
        inside = (places >= begins[..., None]) & (places < ends[..., None])
        shares: Array = (inside / (ends - begins)[..., None]).astype(dtype)
        return shares

    def patches(self, frames: Array) -> Array:
        """Patches of a batch, (n_samples, n_times, n_places, kernel size), not copied."""
        view = np.lib.stride_tricks.sliding_window_view(frames, self.kernel, axis=(1, 2))
        return view[:, :: self.strides[0], :: self.strides[1]]


@dataclass(frozen=True, eq=False)
class ConvolutionPass:
    """What one pass forward leaves for the way back.

    Attributes
    ----------
    patches : ndarray of shape (n_samples * n_times * n_places, kernel size)
    slopes : ndarray of shape (n_samples, n_times, n_places, n_filters)
        Derivative of each neuron's power by its chain's sum.
    averages : tuple of two ndarrays
        Of times, (n_samples, n_segments, n_times), and of places, (1, n_segments, n_places).
    above : Pass
        Of the layers that follow.
    """

    patches: Array
    slopes: Array
    averages: tuple[Array, Array]
    above: Pass

    @property
    def outputs(self) -> Array:
        """Outputs of the last layer."""
        return self.above.outputs


class ConvolutionStack:
    """A layer of filters, and the ordinary layers above it.

    Parameters
    ----------
    hearing : StillLines
        Of the filters.
    above : Stack
        Of the layers that follow.
    geometry : Geometry
    """

    def __init__(self, hearing: StillLines, above: Stack, geometry: Geometry) -> None:
        self.hearing = hearing
        self.above = above
        self.geometry = geometry
        self.dtype = above.dtype
        self.curve: NeuronCurve = above.curve

    def weights(self, layers: Sequence[ChainLayer]) -> list[Any]:
        """What the filters and the layers above make of their lines."""
        filters = layers[0]
        own = self.hearing.weights(filters.settings, filters.strengths)
        return [own, *self.above.weights(layers[1:])]

    def forward(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        X: Padded,
        noise: Sequence[Array] | None = None,
    ) -> ConvolutionPass:
        """Outputs of a batch, and what the way back needs.

        Parameters
        ----------
        layers, weights : sequences
        X : Padded
        noise : sequence of ndarray, optional
            Factors of the powers of X, and of the lines of each layer above; see
            `noise_shapes`.
        """
        patches, slopes, averages, lines = self.filtered(
            layers, weights, X, None if noise is None else noise[0], blas_product
        )
        above = self.above.forward(
            layers[1:], weights[1:], lines, None if noise is None else noise[1:]
        )
        return ConvolutionPass(patches, slopes, averages, above)

    def filtered(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        X: Padded,
        noise: Array | None,
        product: Product,
    ) -> tuple[Array, Array, tuple[Array, Array], Array]:
        """Patches, slopes of the neurons, averages, and the lines of the layers above."""
        filters, geometry = layers[0], self.geometry
        frames = X.frames if noise is None else X.frames * noise
        view = geometry.patches(frames)
        shape = view.shape[:3]
        patches = view.reshape(int(np.prod(shape)), -1) * filters.line_gains
        sums = product(patches, weights[0][2]) + filters.biases
        power, slopes = self._neurons(sums, filters)
        power = power.reshape(*shape, -1)
        averages = (
            geometry.averages(geometry.positions(X.lengths, 0), shape[1], 0, self.dtype),
            geometry.averages(np.array([shape[2]]), shape[2], 1, self.dtype),
        )
        lines = _averaged(power, averages)
        return patches, slopes.reshape(power.shape), averages, lines.reshape(len(X), -1)

    def _neurons(self, sums: Array, filters: ChainLayer) -> tuple[Array, Array]:
        """Powers of the filters' neurons, and their derivatives by the chains' sums."""
        gain = self.dtype.type(filters.gain)
        overdrive = self.above.overdrive_of(sums * gain, filters)
        power, slope = self.curve.read(self.curve.powers, overdrive)
        return power, slope * (gain / filters.thresholds)

    def backward(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        passed: ConvolutionPass,
        slope: Array,
        *,
        straight: bool = False,
    ) -> tuple[list[Array], list[Array]]:
        """Derivatives of a loss by settings and biases; as for `Stack.backward`."""
        by_settings, by_biases, by_lines = self.above.backward_to_lines(
            layers[1:], weights[1:], passed.above, slope, straight=straight
        )
        by_power = _spread_back(by_lines, passed.averages, passed.slopes.shape)
        by_sum = (by_power * passed.slopes).reshape(len(passed.patches), -1)
        if straight:
            own = by_sum.T @ passed.patches * layers[0].strengths
        else:
            own = self.hearing.slopes(weights[0], passed.patches, by_sum)
        return [own, *by_settings], [by_sum.sum(axis=0), *by_biases]

    def noise_shapes(self, layers: Sequence[ChainLayer], X: Padded) -> list[tuple[int, ...]]:
        """Shapes of the factors that `forward` takes as noise."""
        above = [(len(X), layer.settings.shape[1]) for layer in layers[1:]]
        return [tuple(X.frames.shape), *above]

    def predict(
        self,
        layers: Sequence[ChainLayer],
        weights: Sequence[Any],
        X: Padded,
        noise: Sequence[Array] | None = None,
    ) -> tuple[Array, list[Array], list[Array]]:
        """As `Stack.predict`, with the lines of the filters as the first powers."""
        factors = None if noise is None else noise[0]
        _, _, _, lines = self.filtered(layers, weights, X, factors, row_product)
        outputs, overdrives, powers = self.above.predict(
            layers[1:], weights[1:], lines, None if noise is None else noise[1:]
        )
        return outputs, overdrives, [lines, *powers]

    def heard(
        self, layers: Sequence[ChainLayer], weights: Sequence[Any], X: Padded
    ) -> list[Array]:
        """Powers on the lines of each layer, over the full power.

        Parameters
        ----------
        layers, weights : sequences
        X : Padded
            Without padding.

        Returns
        -------
        list of ndarray of shape (n_heard, n_lines)
            For each layer; the filters hear each patch.
        """
        patches, _, _, lines = self.filtered(layers, weights, X, None, row_product)
        _, _, powers = self.above.predict(layers[1:], weights[1:], lines)
        pairs = zip([lines, *powers], layers[1:], strict=True)
        return [patches, *(power * layer.line_gains for power, layer in pairs)]


def _averaged(power: Array, averages: tuple[Array, Array]) -> Array:
    """Means of powers over segments, (n_samples, n_segments, n_segments, n_filters).

    The means over times are sums frame by frame, so that padding changes no bit.
    """
    times, places = averages
    n_samples, n_times, n_places, n_filters = power.shape
    means = np.zeros((n_samples, times.shape[1], n_places * n_filters), power.dtype)
    flat = power.reshape(n_samples, n_times, -1)
    for time in range(n_times):
        means += times[:, :, time, None] * flat[:, time, None, :]
    grid = means.reshape(n_samples, -1, n_places, n_filters)
    found: Array = np.matmul(places[0], grid)
    return found


def _spread_back(
    by_lines: Array, averages: tuple[Array, Array], shape: tuple[int, ...]
) -> Array:
    """The adjoint of `_averaged`."""
    times, places = averages
    n_samples, n_times, n_places, n_filters = shape
    grid = by_lines.reshape(n_samples, times.shape[1], places.shape[1], n_filters)
    means = np.matmul(places[0].T, grid).reshape(n_samples, times.shape[1], -1)
    power: Array = np.matmul(times.transpose(0, 2, 1), means).reshape(shape)
    return power


def calibrate_filters(
    stack: ConvolutionStack, layers: Sequence[ChainLayer], X: Padded, spreads: Sequence[float]
) -> list[ChainLayer]:
    """Biases and gains of the filters over all patches, then of the layers above.

    Parameters and result are those of `reservoir.layers.stack.calibrate`, for `Padded` data.
    """
    weights = stack.weights(layers)
    patches, _, averages, _ = stack.filtered(layers, weights, X, None, blas_product)
    inside = np.repeat(averages[0].max(axis=1).ravel() > 0, averages[1].shape[2])
    sums = (patches[inside] @ weights[0][2].T).astype(float)
    dtype = layers[0].biases.dtype
    filters = replace(
        layers[0],
        biases=-sums.mean(axis=0).astype(dtype),
        gain=gain_for(spreads[0], sums),
    )
    _, _, _, lines = stack.filtered([filters, *layers[1:]], weights, X, None, blas_product)
    return [filters, *calibrate(stack.above, layers[1:], lines, spreads[1:])]
