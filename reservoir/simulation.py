"""The one door to the kernels: check, convert units, allocate, call, name what failed."""

import math

import numpy as np

from reservoir._core import multiplex as kernel
from reservoir.devices.device import Ability
from reservoir.exceptions import SimulationError

VARIABLES = ("amplitude", "power", "frequency", "phase")  # what can be read of a node
READING = ("bath", "damping", "hold", "shift", "tuning", "reference")


def simulate(oscillator, current, hold_time, *, initial_power=None, out=None):
    r"""Amplitude of an oscillator after each of a series of held currents.

    Exact: under a constant current the power equation dp/dt = a p - b p^2 is linear in
    q = 1/p and is solved in closed form, so `hold_time` may have any length.

    .. math:: q(t + h) = e^{-a h} q(t) + b (1 - e^{-a h})/a,\quad A = 1/\sqrt{q}

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
        Or any other device, see `reservoir.devices.device`; one that runs its own kernel
        takes no `initial_power`, and what it reads is in its own words.
    current : array-like of shape (..., n_steps)
        In A; each value is held for `hold_time`. Any finite value is legal: below the
        threshold, and for negative currents, the amplitude decays to the thermal floor.
        The rows are independent. float64, or float32 (converted on the fly; the
        arithmetic is in double precision).
    hold_time : float
        In s; positive.
    initial_power : float or array-like of shape (...), default=None
        Power at the start, between the thermal floor and 1; None stands for the floor.
    out : ndarray, default=None
        Where to write: same shape and dtype as `current`, C-contiguous. It may be
        `current` itself, or overlap it.

    Returns
    -------
    ndarray
        Amplitude sqrt(p) at the end of every hold, same shape and dtype as `current`.

    Raises
    ------
    ValueError
        If `hold_time`, `initial_power` or `out` is not as described.
    SimulationError
        If a current is not finite; the message says which.

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
    current = np.asarray(current)
    if current.ndim == 0:
        raise ValueError("current is a single number; give an array of held values.")
    dtype = np.float32 if current.dtype == np.float32 else np.float64
    current = np.ascontiguousarray(current, dtype=dtype)
    if out is None:
        out = np.empty_like(current)
    elif not (
        isinstance(out, np.ndarray)
        and out.shape == current.shape
        and out.dtype == dtype
        and out.flags.c_contiguous
        and out.flags.writeable
    ):
        raise ValueError(
            f"out must be a writeable C-contiguous {np.dtype(dtype).name} array of shape "
            f"{current.shape}, like current."
        )
    elif np.may_share_memory(current, out) and current.ctypes.data != out.ctypes.data:
        current = current.copy()  # the answers would overwrite currents still to be read
    if Ability.RATES not in oscillator.abilities():
        if initial_power is not None:
            raise ValueError(
                f"initial_power is {initial_power!r}, but a {type(oscillator).__name__} "
                "begins where it says itself; leave it at None."
            )
        if current.size:
            rows = current.reshape(-1, current.shape[-1])
            out[...] = respond(oscillator, rows, hold_time).reshape(out.shape)
        return out
    flow = held_flow(oscillator, hold_time)
    starts = initial_inverse_power(oscillator, initial_power, current.shape[:-1])
    if current.size:
        rows = current.reshape(-1, current.shape[-1])
        failed = kernel.simulate(rows, starts, flow, out.reshape(rows.shape))
        if failed >= 0:
            step = int(np.argmin(np.isfinite(rows[failed])))
            raise SimulationError(
                f"The current is {rows[failed, step]} at step {step} of row {failed}; "
                "every current must be finite."
            )
    return out


def held_flow(oscillator, hold_time):
    """What the kernels need to know of a device and a hold.

    Parameters
    ----------
    oscillator : device
    hold_time : float
        In s; positive and finite.

    Returns
    -------
    dict
        The fields of `HeldFlow` in `_core/oscillator.pxd`.
    """
    _check_hold(hold_time)
    rates = oscillator.rate_coefficients()
    largest = 1.0 / oscillator.power_floor
    # A state q falls to the floor in one hold when E (q - b/a) >= q_max for every q >= 1.
    steepest = math.log(largest) + 1.0
    for _ in range(5):
        growth = -steepest / hold_time
        current = (growth - rates.growth_offset) / rates.growth_slope
        fixed_point = (rates.saturation_slope * current + rates.saturation_offset) / growth
        steepest = math.log(largest) + 1.0 - math.log(1.0 - max(fixed_point, 0.0))
    return {
        "exponent_slope": -hold_time * rates.growth_slope,
        "exponent_offset": -hold_time * rates.growth_offset,
        "source_slope": hold_time * rates.saturation_slope,
        "source_offset": hold_time * rates.saturation_offset,
        "largest": largest,
        "lowest_current": current,
    }


def _check_hold(hold_time):
    if not (np.isscalar(hold_time) and math.isfinite(hold_time) and hold_time > 0):
        raise ValueError(
            f"hold_time is {hold_time!r}; it must be a positive, finite time in seconds."
        )


def initial_inverse_power(oscillator, initial_power, shape):
    """Checked 1/p at the start of every row; None stands for the floor."""
    floor = oscillator.power_floor
    power = np.asarray(floor if initial_power is None else initial_power, dtype=float)
    if not np.all((power >= floor) & (power <= 1)):
        raise ValueError(
            f"initial_power is {initial_power!r}; it must lie between the thermal floor "
            f"({floor}) and 1."
        )
    try:
        power = np.broadcast_to(power, shape)
    except ValueError:
        raise ValueError(
            f"initial_power has shape {power.shape}; it must be a number or fit the rows "
            f"of the current, {shape}."
        ) from None
    return 1.0 / np.ascontiguousarray(power).reshape(-1)


def respond(device, rows, hold_time):
    """What a device that runs its own kernel answers to rows of held currents.

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
    SimulationError
        If a current, or an answer, is not finite.
    """
    _check_hold(hold_time)
    rows = np.ascontiguousarray(rows, dtype=np.float64)
    if not np.isfinite(rows).all():
        row, step = np.argwhere(~np.isfinite(rows))[0]
        raise SimulationError(
            f"The current is {rows[row, step]} at step {step} of row {row}; every current "
            "must be finite."
        )
    answers = device.respond(rows, hold_time)
    if not np.isfinite(answers).all():
        row, step = np.argwhere(~np.isfinite(answers))[0]
        raise SimulationError(
            f"The {type(device).__name__} answered {answers[row, step]} at step {step} of "
            f"row {row}, to {rows[row, step]:.3g}; drive it less."
        )
    return answers


def reading(oscillator, hold_time, thermal_noise, reference):
    """What the kernels need for noise, power, frequency and phase, besides the flow.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
    hold_time : float
        In s.
    thermal_noise : float
    reference : float
        Frequency to count from, in Hz, less that at threshold and zero current.

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
    return dict(zip(READING, values, strict=True))
