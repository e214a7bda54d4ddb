"""Which parameters do the transformer and the estimators share, and what may they be?"""

import numpy as np

from reservoir._checks import check_integer, check_number
from reservoir.devices import Ability
from reservoir.simulation import VARIABLES

# What only the exact kernel does, and the values that ask for nothing of it.
ALONE = {
    "feedback_gain": 0,
    "loop_gain": None,
    "n_oscillators": 1,
    "read": "amplitude",
    "thermal_noise": 0,
    "drift": 0,
}
PARAMETERS = """oscillator : device, preset name or None, default=None
        None stands for `SpinTorqueOscillator.from_preset("torrejon2017")`. Values of the device
        are reachable as ``oscillator__threshold_current`` and so on.
    n_nodes : int, default=400
        Virtual nodes: held currents for each frame.
    node_time : float or None, default=None
        Time each current is held, in s; None stands for what suits the device, which is
        ``1.67 / damping_rate`` for an oscillator.
    mask : {"binary", "sparse", "uniform", "maximum_length"} or array, default="binary"
        Weights from channels to nodes; an array has shape
        ``(n_channels * (1 + len(context)), n_nodes)``.
    drive_range : tuple of two floats, default=(0.6, 1.6)
        Lowest and highest current in units of the threshold. The masked drive's 0.1 % and
        99.9 % quantiles in the training data are mapped to them.
    current_limits : tuple of two floats or None, default=None
        Lowest and highest current of all, in units of the threshold: what is beyond, with
        bias and feedback, is clipped. None stands for the `drive_range`. A small drive with
        feedback needs more room than its own range.
    node_bias : float or array of shape (n_nodes,), default=0.0
        Constant current added to each node, in units of the threshold; a number is the
        half width of the even law from which they are drawn. Nodes then work at different
        operating points.
    standardize : bool, default=False
        Divide each channel by its standard deviation in the training data. Channels are
        always centred; choose True when they come in different units.
    context : tuple of int, default=()
        Delays, in frames, of earlier frames that are joined to each frame as explicit
        input taps; before the start the first frame is repeated.
    feedback_gain : float, default=0.0
        Current in units of the threshold that each unit of amplitude adds, above the
        amplitude at rest in mid-range, to the node `feedback_delay` later.
    loop_gain : float or None, default=None
        The same without a unit, in place of `feedback_gain`: what a slow change of the
        amplitude has become once around the loop, `feedback_gain` times the mean slope of
        the amplitude at rest over the `drive_range`. The memory fades if it lies between -1
        and 1, and the slower the closer to them; else fit refuses.
    feedback_delay : int, tuple of int or None, default=None
        In nodes; of several, the mean is fed back. None stands for ``n_nodes + 1``. With a
        delay of exactly `n_nodes` every node hears its own past only, of which fit warns.
    n_oscillators : int, default=1
        Oscillators that share the masked drive. Each is time-multiplexed, and the
        amplitudes of all of them together are the states: first all nodes of the first
        oscillator, then those of the second, and so on. Delayed feedback carries their mean.
    own_masks : bool, default=False
        Whether each oscillator has a mask, and so a current, of its own, instead of sharing
        one. An array as `mask` then has ``n_oscillators * n_nodes`` columns, those of the
        first oscillator first. At most 64 oscillators.
    coupling : complex, or matrix of shape (n_oscillators, n_oscillators), default=0.0
        K_ij of dc_i/dt = ... + sum_j K_ij c_j, in 1/s; a number couples every pair alike.
        Without coupling all oscillators under one drive give the same states.
    read : {"amplitude", "power", "frequency", "phase"}, default="amplitude"
        What is measured of a node: the amplitude at the end of its hold; the power averaged
        over the hold, or the frequency likewise, in Hz from that at rest in mid-range; or
        the phase at the end, in rad from that of a reference with this frequency.
    thermal_noise : float, default=0.0
        Of the oscillator itself: the mean power that it would have without a current. See
        `reservoir.devices.noise_from_linewidth`.
    drift : float, default=0.0
        Of the current, in units of the threshold: rms, after 1000 frames, of a random walk
        that every sequence starts anew.
    bits : int or None, default=None
        Of the converter that reads the nodes, over the range of the training data; None:
        no rounding.
    detuning : float, or array of shape (n_oscillators,), default=0.0
        Distance between the frequencies of neighbours, or the frequencies themselves up
        to their mean, in Hz."""


def document_parameters(cls):
    """Put the description of the shared parameters into a class's docstring."""
    cls.__doc__ = cls.__doc__.replace("{parameters}", PARAMETERS)
    return cls


def check_bath(owner, device):
    name = type(owner).__name__
    check_number(owner, "thermal_noise", 0.0, "a power from 0 to below 1")
    if not owner.thermal_noise < 1:
        raise ValueError(
            f"{name}.thermal_noise is {owner.thermal_noise!r}; it must be a power from 0 to "
            "below 1."
        )
    if owner.read not in VARIABLES:
        raise ValueError(
            f"{name}.read is {owner.read!r}; it must be one of {', '.join(VARIABLES)}."
        )
    if owner.bits is not None:
        check_integer(owner, "bits", 1)
        if owner.bits > 32:
            raise ValueError(f"{name}.bits is {owner.bits!r}; it must be at most 32.")
    if not owner.thermal_noise and owner.read == "amplitude":
        return
    asked = f"thermal_noise={owner.thermal_noise!r} and read={owner.read!r}"
    if owner.n_oscillators > 1:
        raise ValueError(
            f"{name} has n_oscillators={owner.n_oscillators} with {asked}; of several "
            "oscillators only the amplitude without thermal noise is simulated. Use one "
            "oscillator."
        )
    if Ability.RATES in device.abilities() and Ability.NOISE not in device.abilities():
        raise ValueError(
            f"{name} has {asked}; of a {type(device).__name__} only the amplitude without "
            "thermal noise is simulated. Use a SpinTorqueOscillator."
        )


def check_bias(owner):
    name = f"{type(owner).__name__}.node_bias"
    try:
        shape = np.asarray(owner.node_bias, dtype=float).shape
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {owner.node_bias!r}; it must hold numbers.") from None
    if shape not in ((), (owner.n_nodes,)):
        raise ValueError(
            f"{name} has shape {shape}; it must be a number, or one for each of the "
            f"{owner.n_nodes} nodes."
        )
    if not np.isfinite(np.asarray(owner.node_bias, dtype=float)).all():
        raise ValueError(f"{name} is {owner.node_bias!r}; every current must be finite.")


def check_limits(owner):
    if owner.current_limits is None:
        return
    name = f"{type(owner).__name__}.current_limits"
    try:
        low, high = (float(limit) for limit in owner.current_limits)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} is {owner.current_limits!r}; it must be two numbers, (lowest, highest), "
            "or None."
        ) from None
    bottom, top = owner.drive_range
    if not (low <= bottom and top <= high < np.inf and low > -np.inf):
        raise ValueError(
            f"{name} is {owner.current_limits!r}; they must be finite and hold the "
            f"drive_range, {owner.drive_range!r}."
        )


def check_alone(owner, device):
    """Refuse what only the exact kernel does, for a device that runs its own."""
    if {Ability.RATES, Ability.TRANSPARENT} & device.abilities():
        return
    for name, neutral in ALONE.items():
        value = getattr(owner, name)
        if value != neutral and not (neutral is None and value == 0):
            raise ValueError(
                f"{type(owner).__name__}.{name} is {value!r}, but a {type(device).__name__} "
                "runs its own kernel, which knows neither coupling, nor feedback and noise "
                f"from outside, nor what else to read; leave {name} at {neutral!r}."
            )


def check_range(owner, device):
    name = f"{type(owner).__name__}.drive_range"
    try:
        low, high = (float(limit) for limit in owner.drive_range)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} is {owner.drive_range!r}; it must be two numbers, (lowest, highest)."
        ) from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(
            f"{name} is {owner.drive_range!r}; the highest current must exceed the lowest."
        )
    if high <= 1 and device.silent_below_threshold:
        raise ValueError(
            f"{name} is {owner.drive_range!r}: its top is at or below the threshold (1), "
            "so the oscillator would stay silent. Raise the top above 1."
        )
