"""What the parameters of layered estimators may be, and their common text."""

import inspect
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from reservoir._checks import (
    NOT_NEGATIVE,
    Choice,
    Flag,
    Integer,
    OrNone,
    Real,
    Rule,
    Threads,
    check_parameters,
    real_array,
)
from reservoir._docstrings import with_parts

MAX_STEP_SHARE = 0.3  # of the largest initial weight, that one step of learning may be
T = TypeVar("T")

RANGES: Mapping[str, Rule] = {
    "spacing": Real(above=0, what="spacing in half linewidths"),
    "alternate": Flag(),
    "lines_per_bus": Integer(1),
    "lowest_frequency": Real(above=0, what="frequency in Hz"),
    "highest_frequency": Real(above=0, what="frequency in Hz"),
    "line_power": Real(above=0, what="power in W"),
    "crosstalk": Flag(),
    "frequency_shift": Flag(),
    "overdrive": Real(what="current in thresholds"),
    "drive_spread": Real(above=0, what="current in thresholds"),
    "output_spread": Real(above=0),
    # Beyond it no junction lives, and the table of the neuron's curve would be too coarse.
    "max_overdrive": Real(above=0, at_most=20, what="current in thresholds"),
    "thermal_noise": OrNone(NOT_NEGATIVE),
    "emission": Choice(("power", "current")),
    "initial_weight": Real(above=0, at_most=1, what="weight"),
    "weight_levels": OrNone(Integer(2)),
    "learning_rate_init": Real(above=0, what="step in half linewidths"),
    "max_iter": Integer(1),
    "batch_size": Integer(1),
    "power_noise": Real(at_least=0, at_most=0.57, what="rms"),  # so that no power is negative
    "detuning_noise": NOT_NEGATIVE,
    "early_stopping": Flag(),
    "validation_fraction": Real(above=0, below=1, what="share"),
    "n_iter_no_change": Integer(1),
    "tol": NOT_NEGATIVE,
    "warm_start": Flag(),
    "dtype": Choice(("float32", "float64")),
    "n_jobs": Threads(),
}

SIZES = """hidden_layer_sizes : int or sequence of int, default=(64,)
        Neurons of each hidden layer; an empty sequence is a network without neurons."""
DEVICES = """neuron : device, str or None, default=None
        The oscillator of every neuron, or the name of a preset; its own frequency is replaced
        by that of the neuron's line. None stands for the preset ``"ross2023"``, whose
        frequency does not move with its power.
    synapse : SpinDiode, IdealSynapse, str or None, default=None
        The diode of every synapse, or the name of one of its presets; None stands for
        ``"ross2023"``.
    spacing : float, default=1.0
        Distance of neighbouring lines of a bus, in half linewidths.
    alternate : bool, default=True
        Whether neighbouring synapses of a chain have opposite polarity. Then the tails of far
        lines cancel, and lines may overlap.
    lines_per_bus : int, default=64
        Lines that share a bus. A diode hears all lines of its bus and none of another.
    lowest_frequency, highest_frequency : float, default=1e8, 2e10
        The first line of each bus, and the limit for the last one, in Hz.
    line_power : float, default=1e-6
        Power of a line at its full strength, in W.
    crosstalk : bool, default=True
        Whether a diode hears the other lines of its bus. False is an idealisation."""
SHIFT = """frequency_shift : bool, default=True
        Whether the model knows that a neuron's frequency moves with its power and current.
        If it does not and they move, `fit` warns."""
WORKING_POINT = """overdrive : float, default=1.5
        Working point of the neurons: their mean current, in thresholds.
    drive_spread : float, default=0.3
        Spread of the neurons' currents after the calibration, in thresholds. A small one
        makes a low gain, for which the weights become large and errors of the resonances
        small.
    output_spread : float, default=1.0
        Spread of the outputs after the calibration.
    max_overdrive : float, default=4.0
        Current at which a clamp protects the neurons, in thresholds.
    thermal_noise : float or None, default=None
        Diffusion constant over damping rate of the neurons, without unit. It rounds the
        threshold. None stands for 1e-2, or for 0 if the neuron is no logistic oscillator."""
EMISSION = """emission : {"power", "current"}, default="power"
        Whether a neuron emits in proportion to its power p, or to p times the square of its
        current."""
INPUT = """input_range : pair of floats or None, default=None
        Values of X that stand for no power and for the full power of a line; values beyond
        are clipped. None takes the least and the largest value of the training data, one
        range for all columns."""
LEARNING = """initial_weight : float, default=0.9
        Largest weight that is drawn at the start, over the largest that a synapse has.
    weight_levels : int or None, default=None
        Number of levels of the weight of a synapse for its own line: 2 are binary synapses.
        The learning passes them by a straight-through rule. None: any weight.
    learning_rate_init : float, default=0.03
        First step of Adam, in half linewidths. It falls to 0 along a cosine.
    max_iter : int, default=40
        Number of passes over the training data.
    batch_size : int, default=64
    power_noise : float, default=0.2
        Rms of a factor on every power while learning, drawn anew for each batch.
    detuning_noise : float, default=0.0
        Rms of a noise on every detuning while learning, in half linewidths.
    early_stopping : bool, default=False
        Whether a part of the training data is held out, and the network that is best on it
        kept. Without it all passes are made.
    validation_fraction : float, default=0.1
        Share of the training data that is held out.
    n_iter_no_change : int, default=10
        Passes without progress on the held-out data, after which learning ends.
    tol : float, default=1e-4
        Least rise of the score that counts as progress.
    warm_start : bool, default=False
        Whether `fit` goes on from the network of the last fit.
    dtype : {"float32", "float64"}, default="float32"
        Precision of weights and learning.
    random_state : None, int, RandomState or Generator, default=None
        Seed of the first weights, of the order of the data and of the noise. `fit` stores it
        as `seed_`.
    n_jobs : int or None, default=None
        Number of threads for the weights of large layers. The answers do not depend on it."""
ATTRIBUTES = """n_features_in_ : int
    layers_ : list of ChainLayer
        What is set in each layer, in the units of `reservoir.layers.stack`.
    input_range_ : tuple of two floats
    loss_curve_ : list of float
        Mean loss of each pass.
    n_iter_ : int
        Number of passes.
    validation_scores_ : list of float
        With `early_stopping`: score of the held-out data after each pass.
    latent_weights_ : list of ndarray
        With `weight_levels`: the weights that learned, before they were rounded.
    seed_ : int
    line_frequencies_, resonances_, weights_, biases_, gains_, frequency_range_
        What one would tune in a laboratory, in SI units; see each."""


def document_layers(cls: type[T]) -> type[T]:
    """Put the common text into the docstring of an estimator, with its own defaults."""
    if cls.__doc__ is None:  # as it is with python -OO
        return cls
    text = with_parts(
        cls.__doc__,
        {
            "sizes": SIZES,
            "devices": DEVICES,
            "shift": SHIFT,
            "working_point": WORKING_POINT,
            "emission": EMISSION,
            "input": INPUT,
            "learning": LEARNING,
            "attributes": ATTRIBUTES,
        },
    )
    for name, parameter in inspect.signature(cls.__init__).parameters.items():
        stated = re.compile(rf"^({name} : .*default=).*$", re.MULTILINE)
        text = stated.sub(rf"\g<1>{parameter.default!r}", text)
    cls.__doc__ = text
    return cls


def check_layered(estimator: Any) -> None:
    """Refuse parameters that are outside their ranges, or do not agree.

    Parameters
    ----------
    estimator : BaseSpintronic

    Raises
    ------
    ValueError
    """
    check_parameters(estimator, estimator._parameter_ranges)
    low, high = estimator.lowest_frequency, estimator.highest_frequency
    if high <= low:
        raise ValueError(
            f"highest_frequency is {high:g} Hz; it must be above lowest_frequency = {low:g} "
            "Hz."
        )
    check_step(estimator.learning_rate_init, estimator.initial_weight)
    if estimator.input_range is not None:
        check_input_range(estimator.input_range)
    hidden_sizes(estimator)


def check_step(rate: float, weight: float) -> None:
    """Refuse a step of learning that is large beside the first weights.

    Raises
    ------
    ValueError
    """
    if rate > MAX_STEP_SHARE * weight:
        raise ValueError(
            f"learning_rate_init is {rate:g} half linewidths a step, more than "
            f"{MAX_STEP_SHARE:g} of initial_weight = {weight:g}. The gains are calibrated to "
            "the first weights, so such steps would throw the network about; take at most "
            f"{MAX_STEP_SHARE * weight:.3g}."
        )


def hidden_sizes(estimator: Any) -> list[int]:
    """Neurons of each hidden layer.

    Raises
    ------
    ValueError
        If a size is no whole number above 0.
    """
    given = estimator.hidden_layer_sizes
    sizes = [given] if np.ndim(given) == 0 else list(given)
    for size in sizes:
        if not Integer(1).admits(size):
            raise ValueError(
                f"hidden_layer_sizes is {given!r:.80}; it must be an integer of at least 1, "
                "or a sequence of them. An empty sequence is a network without neurons."
            )
    return [int(size) for size in sizes]


def check_input_range(value: Any) -> None:
    """Refuse a range of powers that is none."""
    limits = real_array("input_range", value).astype(float)
    with np.errstate(over="ignore"):
        is_pair = limits.shape == (2,) and bool(np.isfinite([*limits, np.ptp(limits)]).all())
    if not is_pair or limits[0] >= limits[1]:
        raise ValueError(
            f"input_range is {value!r:.80}; it must be a pair of finite numbers, the lower "
            "one first: the values of X that stand for no power and for full power."
        )
