"""Do the layers of a network that was read from a file fit each other and its parameters?"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from reservoir._checks import NOT_NEGATIVE, Integer
from reservoir.layers import (
    ChainLayer,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
)
from reservoir.layers.parameters import check_layered, hidden_sizes


def check_layers(network: Any) -> None:
    """Refuse a fitted layered network whose arrays do not belong together.

    Parameters
    ----------
    network : BaseSpintronic

    Raises
    ------
    ValueError
        If layers are of other sizes than the parameters or their neighbours say, or if an
        array has another type or shape than its layer, or a number that is not finite.
    """
    check_layered(network)
    if not Integer(1).admits(network.n_features_in_):
        raise ValueError(f"n_features_in_ is {network.n_features_in_!r:.40}")
    shapes = _shapes(network)
    _check_list("layers_", network.layers_, shapes, network.dtype)
    _check_numbers(network)
    if isinstance(network, SpintronicRecurrentClassifier):
        rings = [(size, size) for size in hidden_sizes(network)] if network.recurrent else []
        _check_list("recurrent_layers_", network.recurrent_layers_, rings, network.dtype)
        shapes = shapes + rings
    elif hasattr(network, "chain_means_"):
        means = [(n_chains,) for n_chains, _ in shapes]
        _check_arrays("chain_means_", network.chain_means_, means, "float64")
    if hasattr(network, "latent_weights_"):
        _check_arrays("latent_weights_", network.latent_weights_, shapes, network.dtype)
    if hasattr(network, "adam_"):
        _check_adam(network.adam_, sum(n * (m + 1) for n, m in shapes), network.dtype)


def _shapes(network: Any) -> list[tuple[int, int]]:
    """Chains and lines of each layer, as the parameters say."""
    n_inputs, first = network.n_features_in_, []
    if isinstance(network, SpintronicConvolutionalClassifier):
        geometry = network._geometry()
        if geometry.kernel[1] > n_inputs:
            raise ValueError(f"its kernel is {geometry.kernel}, for {n_inputs} channels")
        first = [(int(network.n_filters), math.prod(geometry.kernel))]
        n_inputs = math.prod(geometry.segments) * first[0][0]
    sizes = [n_inputs, *hidden_sizes(network), _n_outputs(network)]
    return first + list(zip(sizes[1:], sizes[:-1], strict=True))


def _check_list(
    name: str, layers: Any, shapes: Sequence[tuple[int, int]], dtype: str
) -> None:
    """Refuse layers that are none, or of other sizes."""
    if not isinstance(layers, list) or any(type(each) is not ChainLayer for each in layers):
        raise ValueError(f"{name} is no list of ChainLayers")
    if len(layers) != len(shapes):
        raise ValueError(
            f"{name} holds {len(layers)} layers; by its parameters {len(shapes)}"
        )
    for number, (layer, shape) in enumerate(zip(layers, shapes, strict=True)):
        _check_layer(layer, number, shape, dtype)


def _n_outputs(network: Any) -> int:
    """Chains of the last layer; refuses classes or targets that cannot be told apart."""
    if hasattr(network, "target_mean_"):
        n_outputs = np.size(network.target_mean_)
        for name in ("target_mean_", "target_scale_"):
            _check_array(name, getattr(network, name), (n_outputs,), "float64")
        return n_outputs
    classes = network.classes_
    if not isinstance(classes, np.ndarray) or classes.ndim != 1:
        raise ValueError("its classes are no list of labels")
    return len(classes)


def _check_layer(layer: ChainLayer, number: int, shape: tuple[int, int], dtype: str) -> None:
    """Refuse a layer that is not of a shape (n_chains, n_lines)."""
    n_chains, n_lines = shape
    wanted: dict[str, tuple[tuple[int, ...], str]] = {
        "settings": (shape, dtype),
        "strengths": (shape, dtype),
        "biases": ((n_chains,), dtype),
        "line_gains": ((n_lines,), dtype),
        "line_offsets": ((n_lines,), "float64"),
        "thresholds": ((n_chains,), dtype),
    }
    for name, (of_shape, of_type) in wanted.items():
        _check_array(f"{name} of layer {number}", getattr(layer, name), of_shape, of_type)
    if not (isinstance(layer.gain, float) and np.isfinite(layer.gain)):
        raise ValueError(f"gain of layer {number} is {layer.gain!r:.40}, no finite number")
    if not (layer.thresholds > 0).all():
        raise ValueError(f"thresholds of layer {number} are not all positive")


def _check_numbers(network: Any) -> None:
    """Refuse numbers outside their ranges, and lists that are none."""
    limits = network.input_range_
    finite = np.shape(limits) == (2,) and np.isfinite(limits).all()
    if not finite or limits[0] > limits[1]:
        raise ValueError(f"its range of powers is {limits!r:.60}")
    for name in ("seed_", "n_iter_", "read_noise_seed_"):
        value = getattr(network, name, 0)
        if not Integer(0, 2**64 - 1).admits(value):
            raise ValueError(f"{name} is {value!r:.40}, no whole number of at least 0")
    rms = getattr(network, "read_noise_", 0.0)
    if not NOT_NEGATIVE.admits(rms):
        raise ValueError(f"read_noise_ is {rms!r:.40}, no number of at least 0")
    if not isinstance(network.loss_curve_, list):
        raise ValueError("loss_curve_ is no list")


def _check_adam(adam: Any, size: int, dtype: str) -> None:
    """Refuse running means of slopes that are of another network."""
    if not isinstance(adam, tuple) or len(adam) != 3 or not Integer(1).admits(adam[2]):
        raise ValueError("adam_ does not hold two arrays and a number of steps")
    _check_arrays("adam_", adam[:2], [(size,)] * 2, dtype)


def _check_arrays(
    name: str, arrays: Any, shapes: Sequence[tuple[int, ...]], dtype: str
) -> None:
    """Refuse a list that does not hold an array of each shape."""
    if not isinstance(arrays, list | tuple) or len(arrays) != len(shapes):
        raise ValueError(f"{name} does not hold {len(shapes)} arrays")
    for array, shape in zip(arrays, shapes, strict=True):
        _check_array(name, array, shape, dtype)


def _check_array(name: str, array: Any, shape: tuple[int, ...], dtype: str) -> None:
    """Refuse what is no array of a shape and type, with finite numbers only."""
    found = getattr(array, "dtype", type(array).__name__)
    if np.shape(array) != shape or found != np.dtype(dtype):
        raise ValueError(
            f"{name} has shape {np.shape(array)} and type {found}; it must be {shape} and "
            f"{dtype}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a number that is not finite")
