"""What can be read of an oscillator under held currents, with and without thermal noise?"""

from dataclasses import dataclass

import numpy as np
from sklearn.utils import check_random_state

from reservoir._core import thermal as kernel
from reservoir._randomness import key_of
from reservoir.devices.spin_torque import check_spin_torque
from reservoir.simulation import VARIABLES, held_flow, initial_inverse_power, reading


@dataclass(frozen=True)
class Observation:
    """What was read, each an array of the shape of the currents.

    Attributes
    ----------
    amplitude : ndarray
        At the end of every hold.
    power : ndarray
        Mean over the hold: what a diode with the time constant of a hold shows.
    frequency : ndarray
        Mean over the hold, less the reference, in Hz.
    phase : ndarray
        At the end of the hold, less that of the reference, in rad; not wrapped.
    """

    amplitude: np.ndarray
    power: np.ndarray
    frequency: np.ndarray
    phase: np.ndarray


def observe(
    oscillator,
    current,
    hold_time,
    *,
    thermal_noise=0.0,
    reference=None,
    initial_power=None,
    random_state=None,
):
    r"""Everything that can be read of an oscillator, with thermal noise if wanted.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
    current : array-like of shape (..., n_steps)
        In A, each value held for `hold_time`; the rows are independent.
    hold_time : float
        In s.
    thermal_noise : float, default=0.0
        Mean power without a current; see `reservoir.devices.noise_from_linewidth`. To be
        well below the power at rest: the kick of a hold is exact to first order in it.
    reference : float or None, default=None
        Frequency of the reference in Hz; None: that at threshold.
    initial_power : float or array-like of shape (...), default=None
        None: the thermal floor.
    random_state : None, int or RandomState, default=None
        Of the noise, which also depends on the row's own bytes: equal rows get equal noise.

    Returns
    -------
    Observation

    Raises
    ------
    ValueError
        If a current or another argument is not as described.

    Notes
    -----
    .. math:: \dot c = \tfrac12 (a - b |c|^2) c - i \omega c + f,\quad
              \langle f f^* \rangle = 2 \eta G (1 + Q |c|^2) \delta

    A hold is its exact flow, then a kick whose variance is the integral along that flow, so
    it may be long beside the relaxation time. The noise has as many numbers as there are
    holds, from a counter-based generator (Philox-4x32-10): it does not depend on order.

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
    current = np.asarray(current, dtype=np.float64)
    if current.ndim == 0 or not np.isfinite(current).all():
        raise ValueError(
            "current must be an array of finite values, one for every hold; it "
            + ("is a single number." if current.ndim == 0 else "holds NaN or infinity.")
        )
    if not (np.isscalar(thermal_noise) and 0 <= thermal_noise < 1):
        raise ValueError(
            f"thermal_noise is {thermal_noise!r}; it must be a power from 0 to below 1."
        )
    check_spin_torque(oscillator, "observe")
    if reference is not None and not np.isfinite(reference):
        raise ValueError(f"reference is {reference!r}; it must be a finite frequency in Hz.")
    if not current.size:
        return Observation(*(np.empty(current.shape) for _ in VARIABLES))
    rows = np.ascontiguousarray(current.reshape(-1, current.shape[-1]))
    seed = int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
    keys = [key_of(seed, row) for row in rows] if thermal_noise else [[0]] * len(rows)
    reference = oscillator.frequency if reference is None else reference
    offset = reference - oscillator.frequency
    offset += oscillator.current_tuning * oscillator.threshold_current
    outputs = [np.empty_like(rows) for _ in VARIABLES]
    kernel.observe(
        rows,
        initial_inverse_power(oscillator, initial_power, current.shape[:-1]),
        np.array(keys, dtype=np.uint64).reshape(-1),
        held_flow(oscillator, hold_time),
        reading(oscillator, hold_time, thermal_noise, offset),
        *outputs,
    )
    return Observation(*(output.reshape(current.shape) for output in outputs))
