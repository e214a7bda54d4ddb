"""What can be read of an oscillator under held currents, with and without thermal noise?"""

from dataclasses import dataclass

import numpy as np

from reservoir._checks import OrNone, Real, check_value, real_array
from reservoir._core import thermal as kernel
from reservoir._randomness import key_of, seed_of
from reservoir._types import ArrayLike, Floats, RandomState
from reservoir.devices.spin_torque import SpinTorqueOscillator, require_noise
from reservoir.exceptions import SimulationError
from reservoir.simulation import (
    VARIABLES,
    held_flow,
    initial_inverse_power,
    reading,
    warn_of_units,
)

__all__ = ["Observation", "observe"]

THERMAL_NOISE = Real(at_least=0, below=1, what="power")


@dataclass(frozen=True)
class Observation:
    """What `observe` reads of an oscillator: arrays with the shape of the currents.

    Attributes
    ----------
    amplitude : ndarray
        Amplitude at the end of every hold, without unit.
    power : ndarray
        Mean power over the hold, as a diode with the time constant of a hold shows it: the
        integral of the exact flow over the hold's length. The power floor bounds the power at
        the end of a hold, so the mean of a long hold below the threshold may be lower.
    frequency : ndarray
        Mean frequency over the hold, less the reference, in Hz.
    phase : ndarray
        Phase at the end of the hold, less the phase of the reference, in rad; not wrapped.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator, observe
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> read = observe(vortex, [[5e-3] * 100, [7e-3] * 100], 200e-9, initial_power=0.1)
    >>> read.frequency.shape, bool(read.power[1, -1] > read.power[0, -1])
    ((2, 100), True)
    """

    amplitude: Floats
    power: Floats
    frequency: Floats
    phase: Floats


def observe(
    oscillator: SpinTorqueOscillator,
    current: ArrayLike,
    hold_time: float,
    *,
    thermal_noise: float = 0.0,
    reference: float | None = None,
    initial_power: ArrayLike | None = None,
    random_state: RandomState = None,
) -> Observation:
    r"""Everything that can be read of an oscillator, with thermal noise if wanted.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
    current : array-like of shape (..., n_steps)
        In A; each value is held for `hold_time`. The rows are independent.
    hold_time : float
        In s; positive.
    thermal_noise : float, default=0.0
        Mean power without a current; see `reservoir.devices.noise_from_linewidth`. It should
        be well below the power at rest, because the kick of a hold is exact to first order
        in it.
    reference : float or None, default=None
        Frequency of the reference, in Hz; None stands for the frequency at the threshold.
    initial_power : float, array-like of shape (...) or None, default=None
        Power at the start; None stands for the power floor.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=None
        Seed of the noise. The noise also depends on the row's own bytes, so that equal rows
        get equal noise.

    Returns
    -------
    Observation

    Raises
    ------
    ValueError
        If a current or another argument is not as described.
    SimulationError
        If what is read is not finite, as the phase after an endless hold.

    Warns
    -----
    UnitsWarning
        As `simulate`.

    Notes
    -----
    .. math:: \dot c = \tfrac12 (a - b |c|^2) c - i \omega c + f,\quad
              \langle f f^* \rangle = 2 \eta G (1 + Q |c|^2) \delta

    A hold is its exact flow, then a kick whose variance is the integral along that flow, so
    a hold may be long beside the relaxation time. The noise of every hold is a number of its
    own from a counter-based generator (Philox-4x32-10), so it does not depend on the order of
    the rows.

    References
    ----------
    .. [1] A. Slavin and V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.observation import observe
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> read = observe(vortex, np.full(200, 7e-3), 100e-9, thermal_noise=1e-5, random_state=0)
    >>> bool(abs(read.power[100:].mean() - vortex.stationary_power(7e-3)) < 2e-3)
    True
    """
    current = real_array("current", current).astype(np.float64, copy=False)
    if current.ndim == 0 or not np.isfinite(current).all():
        raise ValueError(
            "current must be an array of finite values, one for every hold; it "
            + ("is a single number." if current.ndim == 0 else "holds NaN or infinity.")
        )
    check_value("thermal_noise", thermal_noise, THERMAL_NOISE)
    require_noise(oscillator, "observe")
    check_value("reference", reference, OrNone(Real(what="frequency in Hz")))
    if not current.size:
        return Observation(*(np.empty(current.shape) for _ in VARIABLES))
    rows = np.ascontiguousarray(current.reshape(-1, current.shape[-1]))
    flow = held_flow(oscillator, hold_time)
    warn_of_units(oscillator, rows, hold_time)
    seed = seed_of(random_state)
    keys = [key_of(seed, row) for row in rows] if thermal_noise else [[0]] * len(rows)
    reference = oscillator.frequency if reference is None else reference
    offset = reference - oscillator.frequency
    offset += oscillator.current_tuning * oscillator.threshold_current
    outputs = [np.empty_like(rows) for _ in VARIABLES]
    kernel.observe(
        rows,
        initial_inverse_power(oscillator, initial_power, current.shape[:-1]),
        np.array(keys, dtype=np.uint64).reshape(-1),
        flow,
        reading(oscillator, hold_time, thermal_noise, offset),
        *outputs,
    )
    for name, output in zip(VARIABLES, outputs, strict=True):
        if not np.isfinite(output).all():
            row, step = np.argwhere(~np.isfinite(output))[0]
            raise SimulationError(
                f"The {name} is {output[row, step]} at step {step} of row {row}; take a "
                "shorter hold_time, smaller currents or less thermal_noise."
            )
    return Observation(*(output.reshape(current.shape) for output in outputs))
