"""What does the figure of a device show: which points, which curves, and in which units?"""

import numpy as np

from reservoir._types import Floats
from reservoir._units import MICRO_SIGNS, PREFIXES, prefix_of
from reservoir.bench.fit import BenchFit
from reservoir.bench.model import BELOW, measured
from reservoir.bench.transient import Transient
from reservoir.devices import LogisticOscillator
from reservoir.plotting.device import DeviceFigure, DevicePanel
from reservoir.simulation import simulate

N_CURVE = 400
# Distance from the threshold, in thresholds, within which a curve is not drawn.
NEAR = {"amplitude": 0.0, "frequency": 0.0, "linewidth": 0.02, "relaxation_time": 1e-3}
HIGHEST = 2.5  # thresholds, in the figure of a device without a table
NAMES = {
    "amplitude": ("amplitude", "V"),
    "frequency": ("frequency", "Hz"),
    "linewidth": ("linewidth", "Hz"),
    "relaxation_time": ("relaxation time", "s"),
}


def device_figure(
    device: LogisticOscillator,
    bias: float,
    title: str,
    fit: BenchFit | None = None,
    transient: Transient | None = None,
) -> DeviceFigure:
    """The figure of a device: steady amplitude, frequency and linewidth, and a transient.

    Parameters
    ----------
    device : device
        With `reservoir.devices.Ability.RATES`.
    bias : float
        Current to which the transient leads, in A.
    title : str
    fit : BenchFit, default=None
        Whose points are drawn.
    transient : Transient, default=None
        Which is drawn in place of a simulated one.

    Returns
    -------
    DeviceFigure
    """
    columns = ["amplitude", "frequency", "relaxation_time"]
    if fit is not None and "linewidth" in fit.table.columns() and fit.thermal_noise:
        columns[2] = "linewidth"
    panels = [
        _of_device(device, name) if fit is None else _of_fit(fit, name) for name in columns
    ]
    last = _of_simulation(device, bias) if transient is None else _of_transient(transient)
    return DeviceFigure(title, [*panels, last])


def _scaled(values: Floats, unit: str) -> tuple[float, str]:
    """A factor and a unit with a prefix that suit the largest of some values."""
    known = np.abs(values[np.isfinite(values)])
    prefix = prefix_of(float(known.max())) if unit and known.size else ""
    return PREFIXES[prefix], prefix.replace("u", MICRO_SIGNS[0]) + unit


def _of_fit(fit: BenchFit, name: str) -> DevicePanel:
    """A column of a table with its fit and what that leaves over."""
    table = fit.table
    label, unit = NAMES[name]
    if name == "amplitude" and not table.units.get("amplitude", "V").endswith("V"):
        unit = ""
    current, found = table.current, measured(table, name)
    curve, model = _curve(fit, name)
    known = np.isfinite(found)
    factor, y_unit = _scaled(found if known.any() else model[-1:], unit)
    divide, x_unit = _scaled(current, "A")
    nothing = np.zeros(len(current), dtype=bool)
    used = fit.used.get(name, nothing)
    if name == "linewidth":
        used = used | fit.used.get(BELOW, nothing)
    rest, residue_unit, residue_factor = np.zeros(0), "", 1.0
    if used.any():
        rest = found[used] - fit.predict(name, current[used])
        residue_factor, residue_unit = _scaled(rest, unit)
    left_out = known & ~used
    return DevicePanel(
        f"current ({x_unit})",
        f"{label}{_in(y_unit)}",
        (curve / divide, model / factor),
        (current[used] / divide, found[used] / factor),
        (current[left_out] / divide, found[left_out] / factor),
        (current[used] / divide, rest / residue_factor) if used.any() else ((), ()),
        f"residue{_in(residue_unit)}",
        fit.oscillator.threshold_current / divide,
        logarithmic=name in ("linewidth", "relaxation_time"),
    )


def _curve(fit: BenchFit, name: str) -> tuple[Floats, Floats]:
    """Currents and what the fit has there; NaN near the threshold, where it does not hold."""
    table, threshold = fit.table, fit.oscillator.threshold_current
    current = np.linspace(max(table.current.min(), 0.0), table.current.max(), N_CURVE)
    if name == "amplitude" and "scale" not in fit.estimates:
        return current, np.full(N_CURVE, np.nan)
    near = np.abs(current / threshold - 1) < NEAR[name]
    model = np.where(near, np.nan, fit.predict(name, np.where(near, 2 * threshold, current)))
    below = current < threshold
    if (
        name == "linewidth"
        and not np.isfinite(measured(table, name)[table.current < threshold]).any()
    ):
        model[below] = np.nan
    return current, model


def _in(unit: str) -> str:
    return f" ({unit})" if unit else ""


def _of_device(device: LogisticOscillator, name: str) -> DevicePanel:
    """A quantity of a device that no table is known of."""
    threshold = device.threshold_current
    current = np.linspace(0, HIGHEST, N_CURVE + 1)[1:] * threshold
    current = current[np.abs(current / threshold - 1) > 1e-3]
    label, unit = NAMES[name]
    values: Floats = {
        "amplitude": device.stationary_amplitude,
        "frequency": device.stationary_frequency,
        "relaxation_time": device.relaxation_time,
    }[name](current)
    if name == "amplitude":
        label, unit = "amplitude sqrt(p)", ""
    factor, y_unit = _scaled(values[-1:], unit)
    divide, x_unit = _scaled(current, "A")
    return DevicePanel(
        f"current ({x_unit})",
        f"{label}{_in(y_unit)}",
        (current / divide, values / factor),
        mark=threshold / divide,
        logarithmic=name == "relaxation_time",
    )


def _of_transient(transient: Transient) -> DevicePanel:
    divide, x_unit = _scaled(transient.time, "s")
    factor, y_unit = _scaled(transient.amplitude, "V")
    model = transient.predict(transient.time)
    rest = transient.amplitude - model
    residue_factor, residue_unit = _scaled(rest, "V")
    time = transient.time / divide
    return DevicePanel(
        f"time ({x_unit})",
        f"amplitude ({y_unit})",
        (time, model / factor),
        (time, transient.amplitude / factor),
        residue=(time, rest / residue_factor),
        residue_label=f"residue ({residue_unit})",
    )


def _of_simulation(device: LogisticOscillator, bias: float) -> DevicePanel:
    """The answer to a step of the current, from 1.2 thresholds to the bias and back."""
    low = 1.2 * device.threshold_current
    slow = max(float(device.relaxation_time(bias)), float(device.relaxation_time(low)))
    step = 8 * slow / N_CURVE
    current = np.repeat([low, bias, low], [N_CURVE // 8, N_CURVE // 2, N_CURVE])
    power = float(device.stationary_power(low))
    amplitude = simulate(device, current, step, initial_power=min(power, 1.0))
    time = step * np.arange(len(current), dtype=float)
    divide, x_unit = _scaled(time, "s")
    return DevicePanel(
        f"time ({x_unit})", "simulated amplitude sqrt(p)", (time / divide, amplitude)
    )
