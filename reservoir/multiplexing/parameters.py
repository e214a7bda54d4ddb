"""Which parameters do the transformer and the estimators share, and what may they be?"""

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
    real_array,
)
from reservoir._docstrings import with_parts
from reservoir.devices import Ability, Device
from reservoir.multiplexing.playing import MAX_DRIVES
from reservoir.simulation import VARIABLES

Documented = TypeVar("Documented")

RANGES: Mapping[str, Rule] = {
    "n_nodes": Integer(1),
    "node_time": OrNone(Real(above=0, what="time in s")),
    "standardize": OrNone(Flag()),
    "feedback_gain": Real(),
    "loop_gain": OrNone(Real()),
    "n_oscillators": Integer(1),
    "own_masks": Flag(),
    "read": Choice(VARIABLES),
    "thermal_noise": Real(at_least=0, below=1, what="power"),
    "drift": NOT_NEGATIVE,
    "bits": OrNone(Integer(1, 32)),
    "readout_noise": NOT_NEGATIVE,
    "n_jobs": Threads(),
}
# Values that ask nothing of a device but an answer to held currents.
PLAIN_VALUES = {
    "feedback_gain": 0,
    "loop_gain": None,
    "n_oscillators": 1,
    "read": "amplitude",
    "thermal_noise": 0,
    "drift": 0,
}

PARAMETERS = """oscillator : device, preset name or None, default=None
        None stands for `SpinTorqueOscillator.from_preset("torrejon2017")`. Values of the
        device are reachable as ``oscillator__threshold_current`` and so on.
    n_nodes : int, default=400
        Number of virtual nodes, which are the held currents of each frame.

    *The drive: how frames become currents*

    node_time : float or None, default=None
        Time for which each current is held, in s. None stands for a time that suits the
        device, which is ``1.67 / damping_rate`` for an oscillator.
    mask : {"binary", "sparse", "uniform", "maximum_length", "ripple"}, Ripple or array, \
            default="binary"
        Weights from channels to nodes. "ripple" stands for `reservoir.masks.Ripple`, whose
        values are reachable as ``mask__widths`` and so on. It needs channels in the order of
        frequency, as a cochleagram has them, and is meant for inputs with taps (`context`);
        the estimator sees arrays only and cannot check the order. An array has shape
        ``(n_channels * (1 + len(context)), n_nodes)``.
    drive_range : tuple of two floats, default=(0.6, 1.6)
        Lowest and highest current in units of the threshold current. The 0.1 % and 99.9 %
        quantiles of the masked drive in the training data are mapped to them. A device
        without a threshold states its own unit as `drive_unit`.
    current_limits : tuple of two floats or None, default=None
        Lowest and highest current in the same unit, beyond which the sum of drive, bias and
        feedback is clipped. None stands for the `drive_range`. A small drive with feedback
        needs more room than its own range.
    node_bias : float or array of shape (n_nodes,), default=0.0
        Constant current added to each node, in the same unit, so that nodes work at
        different operating points. A number is the half width of the uniform law from which
        the biases are drawn.
    standardize : bool or None, default=None
        Whether each channel is divided by its standard deviation in the training data.
        Channels are always centred. None stands for True if they seem to come in different
        units, because one of them varies more than 30 times as much as the middle one (of
        an even number the lower of both).
    context : tuple of int or None, default=None
        Delays in frames. The frames that are so much older are joined to each frame as input
        taps. Before the start of a sequence its first frame is repeated. () stands for no
        taps. None stands for (2, 4) in the classifier, and for (1, 2, ..., 9) in the
        regressor: fewer if it has less than 20 nodes for each channel and tap, none if a
        linear map of earlier frames tells nothing of the targets. None stands for no taps in
        the transformer, with delayed feedback, with a mask that is an array, and for frames
        that are alone in their sequence.

    *Delayed feedback*

    feedback_gain : float, default=0.0
        Current that each unit of amplitude adds to the node `feedback_delay` later, in the
        unit of the `drive_range`. Amplitudes count from the one at rest in mid-range.
    loop_gain : float or None, default=None
        Feedback without a unit, in place of `feedback_gain`: the factor by which a slow
        change of the amplitude has grown after one turn of the loop. It is `feedback_gain`
        times the mean slope of the amplitude at rest over the `drive_range`. It must lie
        between -1 and 1, and the memory fades the more slowly the closer it is to them.
    feedback_delay : int, tuple of int or None, default=None
        Delay in nodes. The mean over several delays is fed back. None stands for
        ``n_nodes + 1``. With a delay of exactly `n_nodes` every node hears only its own
        past, and fit warns.

    *Several oscillators*

    n_oscillators : int, default=1
        Number of oscillators under the masked drive. Each is time-multiplexed. The states
        are the amplitudes of all of them, first all nodes of the first oscillator, then
        those of the second, and so on. Delayed feedback carries their mean.
    own_masks : bool, default=False
        Whether each oscillator has a mask, and so a current, of its own. An array as `mask`
        then has ``n_oscillators * n_nodes`` columns, the columns of the first oscillator
        first. At most 64 oscillators may have masks of their own.
    coupling : complex, or matrix of shape (n_oscillators, n_oscillators), default=0.0
        K_ij of dc_i/dt = ... + sum_j K_ij c_j, in 1/s, dense or sparse. A number couples
        every pair alike. Without coupling all oscillators under one drive have the same
        states.
    detuning : float, or array of shape (n_oscillators,), default=0.0
        Distance between the frequencies of neighbours in Hz, or the frequencies themselves
        up to their mean.

    *What is read, and what disturbs it*

    read : {"amplitude", "power", "frequency", "phase"}, default="amplitude"
        Quantity that is read of each node: the amplitude at the end of its hold, the mean
        power over the hold, the mean frequency over the hold in Hz, or the phase at the end
        in rad. Frequency and phase count from a reference at the frequency at rest in
        mid-range.
    thermal_noise : float, default=0.0
        Mean power that the oscillator would have without a current, which states the
        strength of its own noise. `reservoir.devices.noise_from_linewidth` computes it.
    drift : float, default=0.0
        Rms of the drift of the current after 1000 frames, in the unit of the `drive_range`.
        The drift is a random walk that begins anew in every sequence.
    bits : int or None, default=None
        Resolution of the converter that reads the nodes, over the range of the training
        data. None means that nothing is rounded."""


def document_parameters(cls: Documented) -> Documented:
    """Put the description of the shared parameters into a class's docstring."""
    if cls.__doc__ is not None:  # as it is under python -OO
        cls.__doc__ = with_parts(cls.__doc__, {"parameters": PARAMETERS})
    return cls


def check_relations(owner: Any, device: Device) -> None:
    """Refuse parameters whose rules join several of them, or need the device.

    Parameters
    ----------
    owner : estimator
        Its parameters are within the ranges of their table.
    device : device

    Raises
    ------
    ValueError
        The message names the parameter, its value, what is allowed and what would help.
    """
    if owner.own_masks and owner.n_oscillators > MAX_DRIVES:
        raise ValueError(
            f"{type(owner).__name__}.n_oscillators is {owner.n_oscillators} with masks of "
            f"their own; at most {MAX_DRIVES} may have them. Set own_masks to False."
        )
    _check_range(owner, device)
    _check_limits(owner)
    _check_bias(owner)
    _check_noise(owner, device)
    _check_feedback(owner)
    _check_context(owner)
    try:
        allowed = np.dtype(owner.dtype) in (np.float64, np.float32)
    except TypeError:
        allowed = False
    if not allowed:
        raise ValueError(
            f"{type(owner).__name__}.dtype is {owner.dtype!r}; it must be float64 or float32."
        )


def check_abilities(owner: Any, device: Device) -> None:
    """Refuse what only the exact kernel does, for a device that runs its own.

    Parameters
    ----------
    owner : estimator
    device : device

    Raises
    ------
    ValueError
        The message names the parameter and the value to leave it at.
    """
    if {Ability.RATES, Ability.TRANSPARENT} & device.abilities():
        return
    for name, plain in PLAIN_VALUES.items():
        value = getattr(owner, name)
        if value != plain and not (plain is None and value == 0):
            raise ValueError(
                f"{type(owner).__name__}.{name} is {value!r}, but a {type(device).__name__} "
                "runs its own kernel, which does nothing but answer to held currents: it has "
                "no coupling, no feedback from outside, no noise and no other reading. Leave "
                f"{name} at {plain!r}."
            )


def _check_range(owner: Any, device: Device) -> None:
    name = f"{type(owner).__name__}.drive_range"
    low, high = _two_numbers(name, owner.drive_range, "two numbers, (lowest, highest)")
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(
            f"{name} is {owner.drive_range!r}; the highest current must exceed the lowest."
        )
    if high <= 1 and device.silent_below_threshold:
        raise ValueError(
            f"{name} is {owner.drive_range!r}: its top is at or below the threshold (1), "
            "so the oscillator would stay silent. Raise the top above 1; the range counts in "
            "thresholds, not in A."
        )


def _check_limits(owner: Any) -> None:
    if owner.current_limits is None:
        return
    name = f"{type(owner).__name__}.current_limits"
    low, high = _two_numbers(
        name, owner.current_limits, "two numbers, (lowest, highest), or None"
    )
    bottom, top = owner.drive_range
    if not (low <= bottom and top <= high < np.inf and low > -np.inf):
        raise ValueError(
            f"{name} is {owner.current_limits!r}; they must be finite and hold the "
            f"drive_range, {owner.drive_range!r}."
        )


def _two_numbers(name: str, value: Any, allowed: str) -> tuple[float, float]:
    numbers = real_array(name, value).astype(float)
    if numbers.shape != (2,):
        raise ValueError(f"{name} is {value!r:.80}; it must be {allowed}.")
    low, high = numbers.tolist()
    return low, high


def _check_bias(owner: Any) -> None:
    name = f"{type(owner).__name__}.node_bias"
    bias = real_array(name, owner.node_bias).astype(float)
    if bias.shape not in ((), (owner.n_nodes,)):
        raise ValueError(
            f"{name} has shape {bias.shape}; it must be a number, or one for each of the "
            f"{owner.n_nodes} nodes."
        )
    if not np.isfinite(bias).all():
        raise ValueError(f"{name} is {owner.node_bias!r:.80}; every current must be finite.")


def _check_noise(owner: Any, device: Device) -> None:
    """Thermal noise and readings are those of one spin-torque oscillator."""
    if not owner.thermal_noise and owner.read == "amplitude":
        return
    name = type(owner).__name__
    asked = f"thermal_noise={owner.thermal_noise!r} and read={owner.read!r}"
    if owner.n_oscillators > 1:
        raise ValueError(
            f"{name} has n_oscillators={owner.n_oscillators} with {asked}; of several "
            "oscillators only the amplitude without thermal noise is simulated. Use one "
            "oscillator."
        )
    abilities = device.abilities()
    if Ability.RATES in abilities and Ability.NOISE not in abilities:
        raise ValueError(
            f"{name} has {asked}; of a {type(device).__name__} only the amplitude without "
            "thermal noise is simulated. Use a SpinTorqueOscillator, or a device with "
            "Ability.NOISE."
        )


def _check_feedback(owner: Any) -> None:
    name = type(owner).__name__
    if owner.loop_gain is not None and owner.feedback_gain:
        raise ValueError(
            f"{name} has a feedback_gain of {owner.feedback_gain!r} and a loop_gain of "
            f"{owner.loop_gain!r}; they say the same, give one of them."
        )
    delays = owner.feedback_delay
    several = isinstance(delays, tuple | list) and len(delays) > 0
    for delay in delays if several else (delays,):
        if not (OrNone(Integer(1)) if not several else Integer(1)).admits(delay):
            raise ValueError(
                f"{name}.feedback_delay is {delay!r}; it must be {Integer(1)}, a tuple of "
                "them, or None."
            )


def _check_context(owner: Any) -> None:
    if owner.context is None:
        return
    delays = owner.context if np.iterable(owner.context) else (None,)
    for delay in delays:
        if not Integer(1).admits(delay):
            raise ValueError(
                f"{type(owner).__name__}.context is {owner.context!r}; it must hold delays "
                "of at least 1 frame."
            )
