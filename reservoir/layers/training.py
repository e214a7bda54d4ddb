"""How are detunings learned? By Adam on mini-batches, with noise on every power."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import Any, Protocol

import numpy as np

from reservoir import _core
from reservoir._types import Array, Floats
from reservoir.devices.spin_diode import Synapse
from reservoir.layers.stack import ChainLayer, Stack

FIRST_DECAY, SECOND_DECAY, TINY = 0.9, 0.999, 1e-8  # of Adam


class Loss(Protocol):
    """What is to become small: the mean over a batch, and its derivative by the outputs."""

    def __call__(self, outputs: Array, target: Array) -> tuple[float, Array]:
        """Mean loss of a batch, and its derivative by each output."""


def cross_entropy(outputs: Array, target: Array) -> tuple[float, Array]:
    """Softmax of the outputs against the numbers of the classes."""
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    slope = np.exp(shifted)
    total = slope.sum(axis=1)
    rows = np.arange(len(target))
    losses = np.log(total) - shifted[rows, target]
    slope /= total[:, None]
    slope[rows, target] -= 1
    slope /= len(target)
    return float(losses.sum()) / len(target), slope


def squared_error(outputs: Array, target: Array) -> tuple[float, Array]:
    """Half the mean squared distance of the outputs from the targets."""
    rest = outputs - target
    loss = float(np.mean(np.sum(rest.astype(float) ** 2, axis=1)) / 2)
    return loss, rest / outputs.dtype.type(len(target))


@dataclass
class Adam:
    """Steps of equal length for every parameter, whatever the size of its slope.

    Attributes
    ----------
    first, second : ndarray of shape (n_parameters,)
        Running means of the slopes and of their squares.
    n_steps : int
    """

    first: Array
    second: Array
    n_steps: int = 0

    def step(self, parameters: Array, slopes: Array, limits: Array, rate: float) -> None:
        """Move the parameters in place, but not beyond limits of their size."""
        self.n_steps += 1
        length = rate * math.sqrt(1 - SECOND_DECAY**self.n_steps)
        length /= 1 - FIRST_DECAY**self.n_steps
        _core.adam.adam_step(
            parameters,
            self.first,
            self.second,
            slopes,
            limits,
            FIRST_DECAY,
            SECOND_DECAY,
            length,
            TINY,
        )


@dataclass(frozen=True)
class Settings:
    """How a network is trained.

    Attributes
    ----------
    rate : float
        Step of Adam, in half linewidths.
    batch_size : int
    power_noise : float
        Rms of the factor of every power, drawn anew for each batch.
    setting_noise : float
        Rms of what is added to every setting, drawn anew for each batch.
    limit : float
        Largest value of what learns.
    quantize : callable or None
        From weights that learn to settings that the devices have. Derivatives pass it as if
        each synapse heard its own line only, a straight-through rule. None: the settings
        themselves learn.
    """

    rate: float
    batch_size: int
    power_noise: float
    setting_noise: float
    limit: float
    quantize: Callable[[Array], Array] | None = None


@dataclass
class Trainer:
    """Parameters of a stack as one flat array, and the passes over the data.

    Attributes
    ----------
    stack : Stack
    settings : Settings
    loss : Loss
    layers : list of ChainLayer
        Their settings and biases are views of `flat`.
    frozen : frozenset of int
        Layers that do not learn.
    """

    stack: Stack
    settings: Settings
    loss: Loss
    layers: list[ChainLayer]
    frozen: frozenset[int] = frozenset()
    adam: Adam = field(init=False)
    flat: Array = field(init=False)

    def __post_init__(self) -> None:
        """Lay the parameters side by side."""
        parts = [p for layer in self.layers for p in (layer.settings, layer.biases)]
        self.flat = np.concatenate([p.ravel() for p in parts]).astype(self.stack.dtype)
        views = self._views(self.flat)
        self.layers = [
            replace(layer, settings=settings, biases=biases)
            for layer, settings, biases in zip(
                self.layers, views[::2], views[1::2], strict=True
            )
        ]
        self.adam = Adam(np.zeros_like(self.flat), np.zeros_like(self.flat))
        self._slopes = np.zeros_like(self.flat)
        self._limits = np.full_like(self.flat, np.inf)
        for index, limits in enumerate(self._views(self._limits)[::2]):
            if index not in self.frozen:
                limits[...] = self.settings.limit

    def _views(self, flat: Array) -> list[Array]:
        """Settings and biases of each layer, as views of a flat array."""
        views, start = [], 0
        for layer in self.layers:
            for shape in (layer.settings.shape, layer.biases.shape):
                size = math.prod(shape)
                views.append(flat[start : start + size].reshape(shape))
                start += size
        return views

    def epoch(
        self, X: Array, target: Array, generator: np.random.Generator, rates: Sequence[float]
    ) -> float:
        """One pass over shuffled data; the mean loss.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
        target : ndarray
            For the loss, row by row.
        generator : Generator
        rates : sequence of float
            The step of each batch.
        """
        order = generator.permutation(len(X))
        X, target = X[order], target[order]
        total = 0.0
        for rate, rows in zip(rates, self._batches(len(X)), strict=True):
            part = X[rows]
            total += len(part) * self.step(part, target[rows], generator, rate)
        return total / len(X)

    def _batches(self, n_samples: int) -> Iterator[slice]:
        """Rows of each batch, one after the other."""
        size = self.settings.batch_size
        for start in range(0, n_samples, size):
            yield slice(start, start + size)

    def n_batches(self, n_samples: int) -> int:
        """Number of batches of an epoch."""
        return -(-n_samples // self.settings.batch_size)

    def step(
        self, X: Array, target: Array, generator: np.random.Generator, rate: float
    ) -> float:
        """Learn from one batch; its loss."""
        layers = [
            self._disturbed(index, layer, generator)
            for index, layer in enumerate(self.layers)
        ]
        weights = self.stack.weights(layers)
        noise = self._power_noise(X, generator)
        passed = self.stack.forward(layers, weights, X, noise)
        loss, slope = self.loss(passed.outputs, target)
        straight = self.settings.quantize is not None
        by_settings, by_biases = self.stack.backward(
            layers, weights, passed, slope, straight=straight
        )
        found = [part for pair in zip(by_settings, by_biases, strict=True) for part in pair]
        for index, (place, part) in enumerate(
            zip(self._views(self._slopes), found, strict=True)
        ):
            if index // 2 not in self.frozen:
                place[...] = part
        self.adam.step(self.flat, self._slopes, self._limits, rate)
        return loss

    def _disturbed(
        self, index: int, layer: ChainLayer, generator: np.random.Generator
    ) -> ChainLayer:
        """The layer as a batch meets it: with levels, and with noise on the settings."""
        settings = layer.settings
        if self.settings.quantize is not None and index not in self.frozen:
            settings = self.settings.quantize(settings)
        if self.settings.setting_noise > 0:
            normal = generator.standard_normal(settings.shape, self.stack.dtype)
            settings = settings + self.stack.dtype.type(self.settings.setting_noise) * normal
        return layer if settings is layer.settings else replace(layer, settings=settings)

    def _power_noise(self, X: Any, generator: np.random.Generator) -> list[Array] | None:
        """Factors of the powers of each layer, spread evenly around 1."""
        rms = self.settings.power_noise
        if rms == 0:
            return None
        shapes = self.stack.noise_shapes(self.layers, X)
        sizes = [math.prod(shape) for shape in shapes]
        factors = generator.random(sum(sizes), self.stack.dtype)
        factors *= self.stack.dtype.type(2 * math.sqrt(3) * rms)
        factors += self.stack.dtype.type(1 - math.sqrt(3) * rms)
        ends = accumulate(sizes, initial=0)
        return [
            factors[start:end].reshape(shape)
            for (start, end), shape in zip(pairwise(ends), shapes, strict=True)
        ]

    def fixed_layers(self) -> list[ChainLayer]:
        """The layers as they stand, with the settings that the devices have."""
        quantize = self.settings.quantize
        return [
            replace(
                layer,
                settings=layer.settings.copy()
                if quantize is None or index in self.frozen
                else quantize(layer.settings),
                biases=layer.biases.copy(),
            )
            for index, layer in enumerate(self.layers)
        ]

    def parameters(self) -> Floats:
        """A copy of what has been learned."""
        return self.flat.copy()

    def cosine(self, epoch: int, n_epochs: int, n_samples: int) -> list[float]:
        """Steps of an epoch's batches, falling along a cosine to 0 over all epochs."""
        n = self.n_batches(n_samples)
        share = (epoch * n + np.arange(n)) / (int(n_epochs) * n)
        rates: Any = self.settings.rate * (1 + np.cos(np.pi * share)) / 2
        return list(rates)


def quantizer(synapse: Synapse, n_levels: int, dtype: Any) -> Callable[[Array], Array]:
    """From weights to the settings whose weights are the nearest of equally spaced levels.

    Parameters
    ----------
    synapse : Synapse
    n_levels : int
        Between the least and the largest weight, which are levels.
    dtype : dtype
        Of the settings.

    Returns
    -------
    callable
    """
    low, high = synapse.weight_range()

    def quantize(weights: Array) -> Array:
        place = np.clip((weights - low) / (high - low), 0.0, 1.0)
        level = np.round(place * (n_levels - 1)) / (n_levels - 1)
        return np.asarray(synapse.detuning(low + (high - low) * level), dtype)

    return quantize
