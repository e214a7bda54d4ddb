"""In which unit is a quantity drawn, and what stands at its axis?"""

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from reservoir.devices.device import Device

TIME_UNITS = ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (math.inf, 1.0, "s"))
LABELS_OF_STATES = {
    "amplitude": r"amplitude $\sqrt{p}$",
    "power": "power $p$",
    "frequency": "frequency (Hz)",
    "phase": "phase (rad)",
}


class Scale(NamedTuple):
    """A factor from SI units to what an axis shows, and the words at the axis."""

    factor: float
    label: str


def time_scale(longest: float) -> Scale:
    """The unit of a time axis.

    Parameters
    ----------
    longest : float
        Latest time on the axis, in s.

    Examples
    --------
    >>> from reservoir.plotting.units import time_scale
    >>> time_scale(4e-7).label
    'time (ns)'
    """
    factor, name = next((f, name) for limit, f, name in TIME_UNITS if longest < limit)
    return Scale(factor, f"time ({name})")


def drive_scale(device: "Device") -> Scale:
    """The unit in which a device is driven: mA, MHz, or none.

    A threshold is a current, so a device that counts its drive in thresholds is driven by
    one. A unit of some kilohertz or more is a frequency, and the unit 1 is none.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.plotting.units import drive_scale
    >>> drive_scale(SpinTorqueOscillator.from_preset("torrejon2017")).label
    'current (mA)'
    """
    if hasattr(device, "threshold_current"):
        return Scale(1e3, "current (mA)")
    if device.drive_unit > 1e3:
        return Scale(1e-6, "frequency of the source (MHz)")
    return Scale(1.0, "drive (no unit)")
