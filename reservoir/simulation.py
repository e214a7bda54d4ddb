"""What does an oscillator answer to a series of held currents?

`simulate` checks, converts, allocates, calls the kernel, and names what failed. The other
functions do parts of this for the modules that call other kernels.
"""

import math
import sys
from functools import lru_cache
from typing import Any

import numpy as np

from reservoir._checks import Real, check_value, real_array
from reservoir._core import multiplex as kernel
from reservoir._plausibility import warn_of_current, warn_of_hold
from reservoir._types import Array, ArrayLike, Floats
from reservoir.devices.device import Device
from reservoir.devices.logistic import LogisticOscillator, RateCoefficients, has_rates
from reservoir.devices.spin_torque import SpinTorqueOscillator
from reservoir.exceptions import SimulationError

__all__ = ["simulate"]

VARIABLES = ("amplitude", "power", "frequency", "phase")  # They can be read of a node.
FLOW_FIELDS = (  # of `HeldFlow` in `_core/oscillator.pxd`
    "exponent_slope",
    "exponent_offset",
    "source_slope",
    "source_offset",
    "largest",
    "lowest_current",
    "lowest_single",
    "highest_current",
)
# Fields of `Reading` in `_core/thermal.pxd`.
READING_FIELDS = ("bath", "damping", "hold", "shift", "tuning", "reference")
HOLD_TIME = Real(above=0, what="time in s")
MAX_CURRENTS_SEEN = 4096  # so that the look at the units costs nothing
SETTLED = 1e20  # Hold over the slowest time constant after which nothing changes any more.
LONG = 1e6  # Hold over the slowest time constant from which the floor is reached at once.
LARGEST_EXPONENT = 1e36  # of a hold; what `reciprocal` in `_core/elementary.pxd` takes.


def simulate(
    oscillator: Device,
    current: ArrayLike,
    hold_time: float,
    *,
    initial_power: ArrayLike | None = None,
    out: Array | None = None,
) -> Array:
    r"""Amplitude of an oscillator after each of a series of held currents.

    Exact: under a constant current the power equation dp/dt = a p - b p^2 is linear in
    q = 1/p and is solved in closed form, so `hold_time` may have any length.

    .. math:: q(t + h) = e^{-a h} q(t) + b (1 - e^{-a h})/a,\quad A = 1/\sqrt{q}

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
        Or any other device (`reservoir.devices`, or one of your own, see
        `reservoir.devices.device`). A device that runs its own kernel takes no
        `initial_power`, and its own documentation says what is read of it.
    current : array-like of shape (..., n_steps)
        In A; each value is held for `hold_time`. Any finite value is legal: below the
        threshold, and for negative currents, the amplitude decays to the power floor.
        The rows are independent. Of type float64 or float32; the arithmetic is in double
        precision for both.
    hold_time : float
        In s; positive.
    initial_power : float, array-like of shape (...) or None, default=None
        Power at the start, between the power floor and 1; None stands for the floor.
    out : ndarray or None, default=None
        Where to write: C-contiguous, with the shape and the dtype of `current`. It may be
        `current` itself, or overlap it.

    Returns
    -------
    ndarray
        Amplitude sqrt(p) at the end of every hold, with the shape and dtype of `current`.

    Raises
    ------
    ValueError
        If `current` is masked or holds something else than real numbers, or if `hold_time`,
        `initial_power` or `out` is not as described.
    SimulationError
        If a current or an amplitude is not finite; the message says which one.

    Warns
    -----
    UnitsWarning
        If the currents are hundreds of thresholds, or a hold millions of relaxation times, as
        happens when mA are given in the place of A, or ns in the place of s.

    References
    ----------
    .. [1] A. Slavin and V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import SpinTorqueOscillator, simulate
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> current = np.full(100, 7e-3)
    >>> amplitude = simulate(vortex, current, hold_time=100e-9, initial_power=1e-4)
    >>> bool(abs(amplitude[-1] - vortex.stationary_amplitude(7e-3)) < 1e-6)
    True
    """
    if not isinstance(oscillator, Device):
        raise TypeError(
            f"oscillator is of type {type(oscillator).__name__}; it must be a device, such "
            'as SpinTorqueOscillator.from_preset("torrejon2017").'
        )
    current = real_array("current", current)
    if current.ndim == 0:
        raise ValueError("current is a single number; give an array of held values.")
    dtype = np.float32 if current.dtype == np.float32 else np.float64
    current = np.ascontiguousarray(current, dtype=dtype)
    if out is None:
        out = np.empty_like(current)
    else:
        _check_out(out, current)
        if np.may_share_memory(current, out) and current.ctypes.data != out.ctypes.data:
            current = current.copy()  # The answers would overwrite currents still to be read.
    if has_rates(oscillator):
        _simulate_exactly(oscillator, current, hold_time, initial_power, out)
    elif initial_power is not None:
        raise ValueError(
            f"initial_power is {initial_power!r}, but a {type(oscillator).__name__} "
            "chooses its own start; leave it at None."
        )
    elif current.size:
        rows = current.reshape(-1, current.shape[-1])
        out[...] = respond(oscillator, rows, hold_time).reshape(out.shape)
    return out


def _check_out(out: object, current: Array) -> None:
    """Refuse an `out` that answers to these currents cannot be written to."""
    if not (
        isinstance(out, np.ndarray)
        and out.shape == current.shape
        and out.dtype == current.dtype
        and out.flags.c_contiguous
        and out.flags.writeable
    ):
        raise ValueError(
            f"out must be a writeable C-contiguous {current.dtype.name} array of shape "
            f"{current.shape}, like current."
        )


def _simulate_exactly(
    oscillator: LogisticOscillator,
    current: Array,
    hold_time: float,
    initial_power: ArrayLike | None,
    out: Array,
) -> None:
    """Write the amplitudes of an oscillator with `Ability.RATES` to `out`."""
    flow = held_flow(oscillator, hold_time)
    starts = initial_inverse_power(oscillator, initial_power, current.shape[:-1])
    if not current.size:
        return
    rows = current.reshape(-1, current.shape[-1])
    warn_of_units(oscillator, rows, hold_time)
    answers = out.reshape(rows.shape)
    failed = kernel.simulate(rows, starts, flow, answers)
    if failed >= 0:
        step = int(np.argmin(np.isfinite(rows[failed])))
        raise SimulationError(
            f"The current is {rows[failed, step]} at step {step} of row {failed}; "
            "every current must be finite."
        )
    if not _stays_bounded(oscillator) and not np.isfinite(answers).all():
        row, step = np.argwhere(~np.isfinite(answers))[0]
        raise SimulationError(
            f"The power of this {type(oscillator).__name__} grows without limit at step "
            f"{step} of row {row}: its saturation_rate is negative at that current. Keep the "
            "currents where it is positive."
        )


def _stays_bounded(oscillator: LogisticOscillator) -> bool:
    """Whether b exceeds a at every current, so that the power never leaves 1."""
    rates = oscillator.rate_coefficients()
    parallel = rates.saturation_slope == rates.growth_slope
    return parallel and rates.saturation_offset > rates.growth_offset


def warn_of_units(oscillator: LogisticOscillator, rows: Array, hold_time: float) -> None:
    """Warn of currents and holds that look as if they were not given in A and s.

    Parameters
    ----------
    oscillator : device
        With `reservoir.devices.Ability.RATES`.
    rows : ndarray of shape (n_rows, n_steps)
        Currents, in A; the first ones are looked at.
    hold_time : float
        In s.

    Warns
    -----
    UnitsWarning
        If a current or the hold is too large by what a prefix of a unit makes out. What is
        larger still is meant as it is.
    """
    largest = float(rows.reshape(-1)[:MAX_CURRENTS_SEEN].max())
    warn_of_current(largest, float(oscillator.threshold_current))
    warn_of_hold(float(hold_time), float(oscillator.damping_rate))


def held_flow(oscillator: LogisticOscillator, hold_time: float) -> dict[str, float]:
    """A device and a hold, as the kernels take them.

    Parameters
    ----------
    oscillator : device
        With `reservoir.devices.Ability.RATES`.
    hold_time : float
        In s; positive and finite.

    Returns
    -------
    dict
        The fields of `HeldFlow` in `_core/oscillator.pxd`.

    Raises
    ------
    ValueError
        If the hold time is not positive.
    """
    check_value("hold_time", hold_time, HOLD_TIME)
    rates = oscillator.rate_coefficients()
    # Numbers of every kind, such as an array without axes, which is no key of a cache.
    flow = _fields_of_flow(
        RateCoefficients(*map(float, rates)),
        float(oscillator.threshold_current),
        float(oscillator.power_floor),
        float(hold_time),
    )
    if not all(map(math.isfinite, flow.values())):
        raise ValueError(
            f"The rates of this {type(oscillator).__name__} times the hold_time of "
            f"{hold_time:.3g} s leave the range of numbers; check its parameters, which are "
            "in SI units."
        )
    return dict(flow)


@lru_cache(maxsize=64)
def _fields_of_flow(
    rates: RateCoefficients, threshold: float, floor: float, hold_time: float
) -> dict[str, float]:
    """The fields of `HeldFlow`, which a loop asks for again and again."""
    hold_time = min(hold_time, _settling_time(rates, threshold))
    return {
        "exponent_slope": -hold_time * rates.growth_slope,
        "exponent_offset": -hold_time * rates.growth_offset,
        "source_slope": hold_time * rates.saturation_slope,
        "source_offset": hold_time * rates.saturation_offset,
        "largest": 1.0 / floor,
        "lowest_current": _lowest_current(rates, threshold, floor, hold_time, 1e-14),
        "lowest_single": _lowest_current(rates, threshold, floor, hold_time, 1e-6),
        "highest_current": min(
            LARGEST_EXPONENT / (hold_time * rates.growth_slope or 1e-300),
            sys.float_info.max,
        ),
    }


def _settling_time(rates: RateCoefficients, threshold: float) -> float:
    """Hold in s after which every state is at rest, to all digits and under any current.

    Near the threshold the relaxation is slow; the nearest current to it that is a number
    differs by one part in 10^16, and at it the power falls as 1/(b t), to the floor.
    """
    decay = -rates.growth_offset
    at_threshold = rates.saturation_slope * threshold + rates.saturation_offset
    return SETTLED / max(min(decay, at_threshold), 1e-4 * decay)


def _lowest_current(
    rates: RateCoefficients,
    threshold: float,
    floor: float,
    hold_time: float,
    precision: float,
) -> float:
    """Current at which, and below which, any state falls to the floor in one hold, in A.

    `precision` is the least part of 1 that the numbers can tell.
    """
    largest = 1.0 / floor
    # A state q falls to the floor in one hold when E (q - b/a) >= q_max for every q >= 1.
    steepest = math.log(largest) + 1.0
    current = 0.0
    for _ in range(5):
        # The exponentials end at 700. A hold of next to nothing has no such current.
        growth = -min(steepest, 700.0) / max(hold_time, 1e-290)
        current = (growth - rates.growth_offset) / rates.growth_slope
        # 1 - b/a as one quotient: far below the threshold b/a is 1 but for the last digits.
        difference = (
            (rates.growth_slope - rates.saturation_slope) * current
            + rates.growth_offset
            - rates.saturation_offset
        )
        share = min(max(difference / growth, 1e-300), 1.0)
        steepest = math.log(largest) + 1.0 - math.log(share)
    if share < precision and difference < 0:
        # Beyond, q - b/a of a power near 1 has no digits left.
        weakest = (difference / precision - rates.growth_offset) / rates.growth_slope
        current = max(current, weakest)
    if hold_time * -rates.growth_offset > LONG:
        # That current is the threshold but for the last digits; the exponent has a bound too.
        current = min(current, 0.5 * threshold)
    return max(current, -sys.float_info.max)


def initial_inverse_power(
    oscillator: LogisticOscillator, initial_power: ArrayLike | None, shape: tuple[int, ...]
) -> Floats:
    """Checked 1/p at the start of every row.

    Parameters
    ----------
    oscillator : device
        With `reservoir.devices.Ability.RATES`.
    initial_power : float, array-like or None
        None stands for the floor.
    shape : tuple of int
        Of the rows.

    Returns
    -------
    ndarray of shape (n_rows,)

    Raises
    ------
    ValueError
        If a power is outside its range, or if the shape does not fit the rows.
    """
    floor = oscillator.power_floor
    if initial_power is None:
        return np.full(math.prod(shape), 1.0 / floor)
    if isinstance(initial_power, float) and floor <= initial_power <= 1:
        return np.full(math.prod(shape), 1.0 / initial_power)
    power = real_array("initial_power", initial_power)
    if not np.all((power >= floor) & (power <= 1)):
        raise ValueError(
            f"initial_power is {initial_power!r:.80}; it must lie between the power floor "
            f"({floor}) and 1."
        )
    try:
        power = np.broadcast_to(power, shape)
    except ValueError:
        raise ValueError(
            f"initial_power has shape {power.shape}; it must be a number or fit the rows "
            f"of the current, {shape}."
        ) from None
    starts: Floats = 1.0 / np.ascontiguousarray(power, dtype=float).reshape(-1)
    return starts


def respond(device: Device, rows: Array, hold_time: float) -> Floats:
    """The answer of a device that runs its own kernel, to rows of held currents.

    Parameters
    ----------
    device : device
    rows : ndarray of shape (n_rows, n_steps)
        In A, or in the device's own unit.
    hold_time : float
        In s.

    Returns
    -------
    ndarray of float64 of shape (n_rows, n_steps)

    Raises
    ------
    ValueError
        If the answer does not have the shape of the rows.
    SimulationError
        If a current, or an answer, is not finite.
    """
    check_value("hold_time", hold_time, HOLD_TIME)
    rows = np.ascontiguousarray(real_array("current", rows), dtype=np.float64)
    if not np.isfinite(rows).all():
        row, step = np.argwhere(~np.isfinite(rows))[0]
        raise SimulationError(
            f"The current is {rows[row, step]} at step {step} of row {row}; every current "
            "must be finite."
        )
    # A copy: a device that writes into its rows must not change the caller's currents.
    answers: Any = device.respond(rows.copy(), hold_time)
    if np.iscomplexobj(answers):
        raise ValueError(
            f"The respond of {type(device).__name__} returned complex numbers; it must "
            "return real ones, such as the amplitude."
        )
    if np.shape(answers) != rows.shape:
        raise ValueError(
            f"The {type(device).__name__} answered {rows.shape} currents with an array of "
            f"shape {np.shape(answers)}; its respond must return one number for each current."
        )
    answers = np.asarray(answers, dtype=np.float64)
    if not np.isfinite(answers).all():
        row, step = np.argwhere(~np.isfinite(answers))[0]
        raise SimulationError(
            f"The respond of {type(device).__name__} returned {answers[row, step]} at step "
            f"{step} of row {row}, where the drive was {rows[row, step]:.3g}. Return finite "
            "numbers, or narrow the drive."
        )
    checked: Floats = answers
    return checked


def reading(
    oscillator: SpinTorqueOscillator, hold_time: float, thermal_noise: float, reference: float
) -> dict[str, float]:
    """Noise, power, frequency and phase of a device, as the kernels take them.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
        Or another device with `reservoir.devices.Ability.NOISE`.
    hold_time : float
        In s.
    thermal_noise : float
        Mean power without a current, without unit.
    reference : float
        Frequency from which frequency and phase count, less the frequency at threshold and
        zero current, in Hz.

    Returns
    -------
    dict
        The fields of `Reading` in `_core/thermal.pxd`.
    """
    values = (
        thermal_noise * oscillator.damping_rate * hold_time,
        oscillator.nonlinear_damping,
        hold_time,
        oscillator.nonlinear_frequency_shift,
        oscillator.current_tuning,
        reference,
    )
    return dict(zip(READING_FIELDS, values, strict=True))
