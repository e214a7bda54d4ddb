"""What would the bench measure of an oscillator with these numbers?

The equations are those of `SpinTorqueOscillator` (Slavin and Tiberkevich, IEEE Trans. Magn.
45, 1875, 2009). With the overdrive z = I / I_th and the power at rest p = (z - 1) / (z + Q):

    amplitude        s sqrt(p)
    frequency        f0 + N p + k (I - I_th)
    linewidth        (1 + nu^2) eta G (1 + Q p) / (2 pi p)  above the threshold,
                     G (1 - z) / pi                         below it
    relaxation time  1 / (2 G (z - 1))                      above, 1 / (G (1 - z)) below

with nu = 2 pi N / (G (z + Q)). Near the threshold thermal noise rounds all of them off, and
the formulas do not hold there.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from reservoir._types import Array, Floats
from reservoir.bench.table import BenchTable
from reservoir.devices import SpinTorqueOscillator, linewidth

Numbers = dict[str, float]
OF_DEVICE = (
    "threshold_current",
    "nonlinear_damping",
    "damping_rate",
    "frequency",
    "nonlinear_frequency_shift",
    "current_tuning",
)
# Numbers of the device by the column that tells them; `scale` is amplitude per sqrt(p).
TOLD_BY = {
    "amplitude": ("threshold_current", "nonlinear_damping", "scale"),
    "frequency": ("frequency", "nonlinear_frequency_shift", "current_tuning"),
    "linewidth": ("damping_rate", "thermal_noise"),
    "linewidth below": ("damping_rate",),
    "relaxation_time": ("damping_rate",),
}
BELOW = "linewidth below"  # the threshold, where the formula is another one
LOGARITHMIC = ("threshold_current", "scale", "damping_rate", "thermal_noise")
NEAR = 3.0  # powers below this many rms fluctuations are rounded off by thermal noise
FAINT = (
    0.05  # so are powers below this share of the largest, where a threshold is to be found
)


class Units(NamedTuple):
    """Units in which the unknowns of a fit are of the order of 1.

    Attributes
    ----------
    center, span : float
        Of the frequencies, in Hz.
    current : float
        In A.
    """

    center: float
    span: float
    current: float


def unknown_of(name: str, value: float, units: Units) -> float:
    """A number as the fit varies it: logarithms of what must be positive.

    Parameters
    ----------
    name : str
    value : float
    units : Units

    Returns
    -------
    float
    """
    if name == "nonlinear_damping":
        return math.log1p(value)
    if name in LOGARITHMIC:
        return math.log(value)
    if name == "frequency":
        return (value - units.center) / units.span
    return value / units.span * (units.current if name == "current_tuning" else 1.0)


def value_of(name: str, unknown: float, units: Units) -> float:
    """Inverse of `unknown_of`."""
    if name == "nonlinear_damping":
        return math.expm1(unknown)
    if name in LOGARITHMIC:
        return math.exp(unknown)
    if name == "frequency":
        return units.center + unknown * units.span
    return unknown * units.span / (units.current if name == "current_tuning" else 1.0)


def device_of(numbers: Mapping[str, float]) -> SpinTorqueOscillator:
    """The device with these numbers."""
    return SpinTorqueOscillator(**{name: numbers[name] for name in OF_DEVICE})


def predicted(numbers: Mapping[str, float], column: str, current: Floats) -> Floats:
    """What a column would hold.

    Parameters
    ----------
    numbers : mapping of str to float
        Those of the device, `scale` and `thermal_noise`.
    column : str
        "amplitude", "frequency", "linewidth" or "relaxation_time".
    current : ndarray
        In A.

    Returns
    -------
    ndarray
        In the unit of `scale`, in Hz or in s.
    """
    device = device_of(numbers)
    if column == "amplitude":
        above = current > device.threshold_current
        return np.where(above, numbers["scale"] * device.stationary_amplitude(current), 0.0)
    if column == "frequency":
        return np.asarray(device.stationary_frequency(current))
    if column == "relaxation_time":
        return np.asarray(device.relaxation_time(current))
    widths = device.damping_rate * (1 - current / device.threshold_current) / np.pi
    above = current > device.threshold_current
    if above.any():
        widths[above] = linewidth(device, numbers["thermal_noise"], current[above])
    return widths


def measured(table: BenchTable, column: str) -> Floats:
    """What a table holds in a column; NaN everywhere if it has none."""
    found = getattr(table, "linewidth" if column == BELOW else column)
    return np.full(table.current.shape, np.nan) if found is None else found


def clear_of_threshold(
    numbers: Mapping[str, float], column: str, current: Floats, noise: float
) -> Array:
    """Whether the formula of a column holds at each current.

    Parameters
    ----------
    numbers : mapping of str to float
    column : str
    current : ndarray
    noise : float
        Thermal noise, without unit: that which rounds the threshold off.

    Returns
    -------
    ndarray of bool
    """
    device = device_of(numbers)
    threshold, damping = device.threshold_current, device.nonlinear_damping
    top = float(device.stationary_power(current.max()))
    least = min(max(FAINT * top, NEAR * math.sqrt(noise)), 0.5 * top)
    # The overdrive at which the power is the least that is clear of the noise.
    width = (1 + damping * least) / (1 - least) - 1
    overdrive = current / threshold
    above: Array = overdrive >= 1 + width
    below: Array = overdrive <= 1 - width
    if column in ("amplitude", "linewidth"):
        return above
    return below if column == BELOW else above | below
