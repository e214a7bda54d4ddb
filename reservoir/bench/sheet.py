"""What is a device, in lines for a reader: numbers with errors, and where they are from?"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from reservoir._units import PREFIXES, prefix_of
from reservoir.bench.fit import BenchFit
from reservoir.bench.model import Numbers, device_of
from reservoir.devices import Device, LogisticOscillator, linewidth

NORMAL = 1.96  # half the width of an interval of 95 %, in standard errors
NUMBERS = (
    ("threshold_current", "threshold current", "A"),
    ("damping_rate", "damping rate G", "1/s"),
    ("nonlinear_damping", "nonlinear damping Q", ""),
    ("frequency", "frequency at the threshold", "Hz"),
    ("nonlinear_frequency_shift", "frequency shift N, per power", "Hz"),
    ("current_tuning", "tuning at fixed power", "Hz/A"),
    ("scale", "amplitude per sqrt(p)", "V"),
    ("thermal_noise", "thermal noise", ""),
)


@dataclass(frozen=True)
class SheetLine:
    """One number of a device.

    Attributes
    ----------
    key : str
        Its name in the package, or of what follows from it.
    name : str
        For a reader.
    value : float
        In SI units.
    unit : str
    standing : str
        "fitted", "given", "assumed", "read" from a preset or a file, "chosen" by the user, or
        "derived"; where what is derived rests on an assumed number, "derived from assumed".
    error : float or None
        Standard error.
    interval : tuple of float, or None
        Of 95 %.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.bench import device_sheet
    >>> line = device_sheet(SpinTorqueOscillator.from_preset("torrejon2017"))[0]
    >>> line.key, line.value, line.unit, line.standing
    ('threshold_current', 0.0035, 'A', 'read')
    """

    key: str
    name: str
    value: float
    unit: str
    standing: str
    error: float | None = None
    interval: tuple[float, float] | None = None

    def cells(self) -> tuple[str, str, str, str]:
        """Name, value with error, interval and standing, as texts.

        Value, error and interval have one unit. The value has as many digits as its error
        leaves.
        """
        unit = self.unit
        plain = unit in ("", "1/s")
        prefix = "" if plain else prefix_of(self.value)
        if unit == "Hz/A" and self.value:
            unit, factor = "MHz/mA", 1e9
        else:
            unit, factor = prefix + unit, PREFIXES[prefix]
        text = _number(self.value / factor, 4)
        if self.error is not None:
            text = _with_error(self.value / factor, self.error / factor)
        interval = ""
        if self.interval is not None:
            low, high = (_number(end / factor, 4) for end in self.interval)
            interval = f"{low} to {high}"
        return self.name, f"{text} {unit}".rstrip(), interval, self.standing


def device_sheet(
    device: Device, bias: float | None = None, fit: BenchFit | None = None
) -> list[SheetLine]:
    """Lines about a device.

    Parameters
    ----------
    device : device
    bias : float, default=None
        Current for which the second part of the lines hold, in A; None stands for twice the
        threshold.
    fit : BenchFit, default=None
        The fit to a bench table from which the device comes.

    Returns
    -------
    list of SheetLine

    Raises
    ------
    ValueError
        If the current is not above the threshold.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.bench import device_sheet
    >>> lines = device_sheet(SpinTorqueOscillator.from_preset("torrejon2017"))
    >>> lines[0].cells()
    ('threshold current', '3.5 mA', '', 'read')
    """
    if not isinstance(device, LogisticOscillator):
        return _fields_of(device)
    lines = []
    for key, name, unit in NUMBERS:
        if fit is not None:
            if key in fit.estimates:
                found = fit.estimates[key]
                if key == "scale" and not fit.table.units.get("amplitude", "V").endswith("V"):
                    unit = ""
                lines.append(
                    SheetLine(
                        key,
                        name,
                        found.value,
                        unit,
                        found.standing,
                        found.error,
                        found.interval,
                    )
                )
        elif hasattr(device, key):
            lines.append(SheetLine(key, name, float(getattr(device, key)), unit, "read"))
    bias = 2 * device.threshold_current if bias is None else bias
    if not float(device.growth_rate(bias)) > 0:
        raise ValueError(f"{device.describe(bias)}; name a bias above it.")
    lines.append(SheetLine("bias", "bias", bias, "A", "chosen"))
    return lines + _at_bias(device, bias, fit)


def _fields_of(device: Device) -> list[SheetLine]:
    """Numbers of a device of another kind, as its fields say them."""
    found: Sequence[Any] = (
        dataclasses.fields(device) if dataclasses.is_dataclass(device) else ()
    )
    lines = []
    for field in found:
        value = getattr(device, field.name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            name = field.name.replace("_", " ")
            lines.append(SheetLine(field.name, name, float(value), "", "read"))
    return lines


def _at_bias(
    device: LogisticOscillator, bias: float, fit: BenchFit | None
) -> list[SheetLine]:
    """What follows at a current."""
    rates = ("threshold_current", "damping_rate")
    power = ("threshold_current", "nonlinear_damping")
    line = (*power, "frequency", "nonlinear_frequency_shift", "current_tuning")
    noisy = ("damping_rate", *power, "nonlinear_frequency_shift", "thermal_noise")
    shift = noisy[:-1]
    wanted: list[tuple[str, str, str, tuple[str, ...], Callable[[Any, float], float]]] = [
        ("power", "power at rest", "", power, lambda d, n: d.stationary_power(bias)),
        (
            "relaxation_time",
            "relaxation time",
            "s",
            rates,
            lambda d, n: d.relaxation_time(bias),
        ),
        (
            "frequency_at_bias",
            "frequency",
            "Hz",
            line,
            lambda d, n: d.stationary_frequency(bias),
        ),
        ("tuning", "tuning, df/dI", "Hz/A", line, lambda d, n: _tuning(d, bias)),
        ("nu", "frequency shift nu", "", shift, lambda d, n: d.nonlinear_shift(bias)),
        (
            "locking_half_width",
            "locking half-width per 1/us of injection",
            "Hz",
            shift,
            lambda d, n: math.hypot(1, d.nonlinear_shift(bias)) * 1e6 / (2 * math.pi),
        ),
    ]
    if fit is not None and fit.thermal_noise is not None:
        wanted.append(
            ("linewidth", "linewidth", "Hz", noisy, lambda d, n: linewidth(d, n, bias))
        )
    lines = []
    for key, name, unit, sources, quantity in wanted:
        if fit is None:
            value = float(quantity(device, 0.0))
            lines.append(SheetLine(key, name, value, unit, "derived"))
        else:
            lines.append(_derived(fit, key, name, unit, sources, quantity))
    return lines


def _derived(
    fit: BenchFit,
    key: str,
    name: str,
    unit: str,
    sources: Sequence[str],
    quantity: Callable[[Any, float], float],
) -> SheetLine:
    """What follows from a fit, with its error."""
    noise = fit.thermal_noise or 0.0
    joint = "thermal_noise" in fit.solution.problem.free
    # With a noise of its own the linewidth is that of the table, whatever the rest.
    alone = key == "linewidth" and not joint

    def of_numbers(numbers: Numbers) -> float:
        return float(
            quantity(device_of(numbers), numbers["thermal_noise"] if joint else noise)
        )

    value, error = fit.derived(of_numbers)
    assumed = any(fit.estimates[source].standing == "assumed" for source in sources)
    if assumed and not alone:
        return SheetLine(key, name, value, unit, "derived from assumed")
    if alone:
        return SheetLine(key, name, value, unit, "derived")
    interval = value - NORMAL * error, value + NORMAL * error
    return SheetLine(key, name, value, unit, "derived", error, interval)


def _tuning(device: LogisticOscillator, bias: float) -> float:
    """Slope of the frequency at rest, in Hz/A."""
    step = 1e-4 * device.threshold_current
    high, low = (float(device.stationary_frequency(bias + s)) for s in (step, -step))
    return (high - low) / (2 * step)


def _number(value: float, digits: int) -> str:
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.{digits}g}"
    return f"{value:.{digits - 1}e}"


def _with_error(value: float, error: float) -> str:
    """A value with its error; both end at the error's second digit."""
    if not 0 < error < 1e5 or not 1e-3 <= abs(value) < 1e5:
        return f"{_number(value, 4)} +- {_number(error, 2)}"
    places = min(max(1 - math.floor(math.log10(error)), 0), 8)
    return f"{value:.{places}f} +- {error:.{places}f}"
