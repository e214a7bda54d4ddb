"""How much power does a neuron emit at a current, and at which frequency?"""

import math
from dataclasses import dataclass, is_dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import erfcx

from reservoir import _core
from reservoir._types import Array, Floats
from reservoir.devices import Device, LogisticOscillator, MeasuredOscillator, StaticNode
from reservoir.devices.logistic import has_rates

LOWEST_OVERDRIVE = -1.0  # Currents below stay there: the junction is not driven backwards.
MIN_SATURATION = 0.1  # of the saturation rate over 2 G, at the lowest overdrive
FAR_BELOW = -25.0  # widths, where series become better than differences
N_CELLS = 2048  # of the table of a curve; its error is below 1e-9 for a rounding of 1e-2
SETTLING_TIMES = 50.0  # over the damping rate, after which a device that is no formula rests


@dataclass(frozen=True, eq=False)
class NeuronCurve:
    """The answer of an oscillator at rest to its overdrive, as a table of cubic pieces.

    Attributes
    ----------
    lowest, highest : float
        Range of the overdrive z, the current over the threshold current. Currents beyond are
        held at its ends.
    powers : ndarray of shape (N_CELLS, 4)
        Coefficients of the emitted power in each cell, over its largest value.
    shifts : ndarray of shape (N_CELLS, 4)
        Coefficients of the shift of the frequency, in Hz, from that at the working point.
    shift_range : tuple of two floats
        Least and largest shift over the range of overdrives, in Hz.
    """

    lowest: float
    highest: float
    powers: Floats
    shifts: Floats
    shift_range: tuple[float, float]

    def astype(self, dtype: Any) -> "NeuronCurve":
        """The curve with tables of another precision."""
        return replace(
            self, powers=self.powers.astype(dtype), shifts=self.shifts.astype(dtype)
        )

    def read(self, table: Array, overdrive: Array) -> tuple[Array, Array]:
        """Value and slope of a table at some overdrives.

        Parameters
        ----------
        table : ndarray of shape (N_CELLS, 4)
            `powers` or `shifts`, of the precision of the overdrives.
        overdrive : ndarray
            Beyond the range, the value is that at its end and the slope is 0.

        Returns
        -------
        value, slope : ndarray
            The slope is per unit of overdrive.
        """
        overdrive = np.ascontiguousarray(overdrive)
        value, slope = np.empty_like(overdrive), np.empty_like(overdrive)
        flat = overdrive.ravel(), value.ravel(), slope.ravel()  # views
        _core.cubic_table.read_table(flat[0], self.lowest, self.highest, table, *flat[1:])
        return value, slope


def neuron_curve(
    device: Device,
    *,
    thermal_noise: float,
    overdrive: float,
    max_overdrive: float,
    emission: str,
) -> NeuronCurve:
    """The curve of a device that is held at currents until it rests.

    Parameters
    ----------
    device : Device
        A `LogisticOscillator` has a closed form with thermal rounding, `rounded_power`, and
        its frequency moves with power and current. Another device is asked for its answer
        after a long hold, which is squared; the answer of a `StaticNode` is taken as a power.
        Both have no shift of frequency. A `MeasuredOscillator` is held within the currents
        that were measured.
    thermal_noise : float
        Diffusion constant over damping rate, d = D/G, without unit; for oscillators only.
    overdrive : float
        Working point, from which shifts of the frequency count.
    max_overdrive : float
        Largest overdrive.
    emission : {"power", "current"}
        Whether the emitted power is p, or p z^2, as for a resistance under the current.

    Returns
    -------
    NeuronCurve
    """
    lowest = LOWEST_OVERDRIVE
    if has_rates(device):
        lowest = max(lowest, _least_overdrive(device))
    if isinstance(device, MeasuredOscillator):
        lowest = max(lowest, device.current[0] / device.drive_unit)
        max_overdrive = min(max_overdrive, device.current[-1] / device.drive_unit)
    z = np.linspace(lowest, max_overdrive, N_CELLS + 1)
    power, slope = _power_at(device, z, thermal_noise)
    shifts = np.zeros((N_CELLS, 4))
    shift_range = (0.0, 0.0)
    if has_rates(device):
        tuning = device.current_tuning * device.threshold_current
        shift = device.nonlinear_frequency_shift * power + tuning * z
        shift_slope = device.nonlinear_frequency_shift * slope + tuning
        at = np.clip([overdrive], lowest, max_overdrive)
        here, _ = _power_at(device, at, thermal_noise)
        shift -= device.nonlinear_frequency_shift * here + tuning * overdrive
        shifts = _cubic_pieces(z, shift, shift_slope)
        shift_range = (float(shift.min()), float(shift.max()))
    if emission == "current":
        power, slope = power * z**2, slope * z**2 + 2 * power * z
    top = float(power.max())
    if not top > 0:
        raise ValueError(
            f"This {type(device).__name__} emits no power up to max_overdrive = "
            f"{max_overdrive:g}; take a larger one."
        )
    powers = _cubic_pieces(z, power / top, slope / top)
    return NeuronCurve(lowest, max_overdrive, powers, shifts, shift_range)


def rounded_power(
    growth: Floats, saturation: Floats, thermal_noise: float
) -> tuple[Floats, Floats, Floats]:
    r"""Mean power of an auto-oscillator in thermal noise, and its derivatives.

    The stationary density of the power under
    :math:`\dot p = 2 G (A p - B p^2) + \text{noise}` is a normal one, cut off at p = 0, with
    mean m = A/B and variance d/B [1]_. So with :math:`x = m/\sigma` and
    :math:`\lambda = \phi(x)/\Phi(x)`

    .. math:: \langle p\rangle = m + \sigma\lambda

    In the spin-torque oscillator A = z - 1 and B = z + Q.

    Parameters
    ----------
    growth, saturation : ndarray
        A and B, without unit; B positive.
    thermal_noise : float
        d = D/G. At 0 the power is max(m, 0).

    Returns
    -------
    power, by_growth, by_saturation : ndarray
        The mean power, and its derivatives with respect to A and B.

    References
    ----------
    .. [1] A. Slavin and V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009), with additive
    noise.
    """
    mean = growth / saturation
    if thermal_noise == 0:
        above = growth > 0
        return (
            np.where(above, mean, 0.0),
            np.where(above, 1 / saturation, 0.0),
            np.where(above, -growth / saturation**2, 0.0),
        )
    sigma = np.sqrt(thermal_noise / saturation)
    mean, variance, rest = _positive_normal(mean / sigma)
    return sigma * mean, variance / saturation, -sigma / (2 * saturation) * rest


def _positive_normal(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Of a normal number around x of width 1, if it is positive: mean m, variance v, m + xv.

    Far below 0 these are small differences of large numbers. There they are asymptotic series
    in 1/x^2, from that of Mills' ratio.
    """
    hazard = math.sqrt(2 / math.pi) / erfcx(-x / math.sqrt(2))
    mean = x + hazard
    variance = 1 - hazard * mean
    rest = mean + x * variance
    far = x < FAR_BELOW
    y, q = -x[far], x[far] ** -2
    mean[far] = np.polyval((-8162, 706, -74, 10, -2, 1), q) / y
    variance[far] = np.polyval((-89782, 6354, -518, 50, -6, 1), q) * q
    rest[far] = np.polyval((-1324920, 81620, -5648, 444, -40, 4), q) * q / y
    return mean, variance, rest


def _power_at(device: Device, z: Floats, thermal_noise: float) -> tuple[Floats, Floats]:
    """Power at rest at some overdrives, and its slope."""
    if has_rates(device):
        (a, a_slope), (b, b_slope) = rates_at(device, z)
        power, by_growth, by_saturation = rounded_power(a, b, thermal_noise)
        return power, by_growth * a_slope + by_saturation * b_slope
    rest = _power_at_rest if _never_changes(device) else _power_at_rest.__wrapped__
    power = rest(device, float(z[0]), float(z[-1]))
    return power, np.gradient(power, z)


@lru_cache(maxsize=8)  # every prediction asks again, and a simulation takes seconds
def _power_at_rest(device: Device, lowest: float, highest: float) -> Floats:
    """Power of a device that is no formula at the ends of all cells, after a long hold."""
    z = np.linspace(lowest, highest, N_CELLS + 1)
    rate = getattr(device, "damping_rate", 1.0)
    answer = device.respond((z * device.drive_unit)[:, None], SETTLING_TIMES / rate)[:, 0]
    return answer.astype(float) if isinstance(device, StaticNode) else answer**2


def _never_changes(device: Device) -> bool:
    """Whether a device is frozen, with fields that can be compared at once."""
    try:
        hash(device)
    except TypeError:  # an array among the fields
        return False
    return is_dataclass(device) and bool(device.__dataclass_params__.frozen)


def rates_at(device: LogisticOscillator, z: Any) -> tuple[tuple[Any, float], ...]:
    """Growth and saturation over 2 G at overdrives, and their slopes.

    Parameters
    ----------
    device : LogisticOscillator
    z : float or ndarray
        Overdrives.

    Returns
    -------
    growth, saturation : tuple of two
        The value at each overdrive, and the slope, without unit.
    """
    rates = device.rate_coefficients()
    unit, scale = device.threshold_current, -rates.growth_offset  # -a(0) = 2 G
    growth_slope = rates.growth_slope * unit / scale
    saturation_slope = rates.saturation_slope * unit / scale
    growth = growth_slope * z - 1.0
    saturation = saturation_slope * z + rates.saturation_offset / scale
    return (growth, growth_slope), (saturation, saturation_slope)


def _least_overdrive(device: LogisticOscillator) -> float:
    """Overdrive below which the power would not limit itself."""
    _, (offset, slope) = rates_at(device, 0.0)
    return (MIN_SATURATION - offset) / slope if slope > 0 else LOWEST_OVERDRIVE


def _cubic_pieces(z: Floats, values: Floats, slopes: Floats) -> Floats:
    """Coefficients of the cubic in each cell that has given values and slopes at its ends."""
    step = np.diff(z)
    rise = np.diff(values)
    left, right = slopes[:-1] * step, slopes[1:] * step
    return np.stack(
        [values[:-1], left, 3 * rise - 2 * left - right, left + right - 2 * rise], 1
    )
