"""Where does the fit of a bench table begin? Column by column, each from those before it.

These are no results: the fit of all columns together goes on from here.
"""

import math
from collections.abc import Mapping

import numpy as np

from reservoir._types import Floats
from reservoir.bench.model import BELOW, Numbers, device_of, measured, predicted
from reservoir.bench.table import BenchTable
from reservoir.devices import linewidth

BRIGHT = 0.25  # share of the amplitude's range above which a point is emission for sure
MIN_BRIGHT = 4
THRESHOLDS = np.r_[np.linspace(0.2, 0.9, 8), np.linspace(0.92, 0.999, 12)]
DAMPINGS = np.expm1(np.linspace(-1.0, 3.0, 33))  # Q from -0.63 to 19
RATES = np.geomspace(1e4, 1e11, 71).tolist()  # 1/s


def start_of_amplitude(
    table: BenchTable, numbers: Numbers, given: Mapping[str, float]
) -> None:
    """Threshold, nonlinear damping and scale, by trial of a grid of the first two.

    Parameters
    ----------
    table : BenchTable
        With amplitudes.
    numbers : dict
        Is changed.
    given : mapping of str to float
        Numbers that stay.

    Raises
    ------
    ValueError
        If too few currents show emission, or all show the same.
    """
    assert table.amplitude is not None
    known = np.isfinite(table.amplitude)
    current, amplitude = table.current[known], table.amplitude[known]
    lowest, top = float(amplitude.min()), float(amplitude.max())
    dark = lowest if lowest < BRIGHT * top else 0.0
    bright = amplitude > dark + BRIGHT * (top - dark)
    if bright.sum() < MIN_BRIGHT or not top > 0:
        raise ValueError(
            f"Only {bright.sum()} of {len(current)} amplitudes exceed a quarter of the "
            f"largest; at least {MIN_BRIGHT} currents well above the threshold are needed. "
            "Measure more of them."
        )
    current, amplitude = current[bright], amplitude[bright]
    thresholds = THRESHOLDS * current[0]
    if "threshold_current" in given:
        thresholds = np.array([given["threshold_current"]])
    dampings = np.array([given.get("nonlinear_damping", q) for q in DAMPINGS])
    overdrive = current / thresholds[:, None, None]
    shape = np.sqrt(np.maximum(overdrive - 1, 0) / (overdrive + dampings[:, None]))
    scales = np.maximum(shape @ amplitude, 0) / np.maximum((shape**2).sum(axis=2), 1e-300)
    misfit = ((scales[:, :, None] * shape - amplitude) ** 2).sum(axis=2)
    i, j = np.unravel_index(misfit.argmin(), misfit.shape)
    numbers["threshold_current"] = float(thresholds[i])
    numbers["nonlinear_damping"] = float(dampings[j])
    numbers["scale"] = max(float(scales[i, j]), 1e-300)


def start_of_frequency(
    table: BenchTable, numbers: Numbers, given: Mapping[str, float]
) -> None:
    """Frequency at the threshold, shift and tuning, by linear least squares; as above."""
    assert table.frequency is not None
    known = np.isfinite(table.frequency)
    current, frequency = table.current[known], table.frequency[known].copy()
    device = device_of(numbers)
    power = np.maximum(np.asarray(device.stationary_power(current)), 0.0)
    detuning = current - device.threshold_current
    terms = {
        "frequency": np.ones(len(current)),
        "nonlinear_frequency_shift": power,
        "current_tuning": detuning / device.threshold_current,
    }
    for name in terms.keys() & given.keys():
        unit = device.threshold_current if name == "current_tuning" else 1.0
        frequency -= given[name] * unit * terms.pop(name)
    if not terms:
        return
    found, *_ = np.linalg.lstsq(np.stack(list(terms.values()), 1), frequency, rcond=1e-9)
    for name, value in zip(terms, found.tolist(), strict=True):
        unit = device.threshold_current if name == "current_tuning" else 1.0
        numbers[name] = value / unit
    if not numbers["frequency"] > 0:
        numbers["frequency"] = float(np.median(frequency))


def start_of_rate(table: BenchTable, column: str, numbers: Numbers) -> None:
    """Damping rate, from relaxation times or from lines below the threshold; as above."""
    found = measured(table, column)
    below = table.current < numbers["threshold_current"]
    known = np.isfinite(found) & (below | (column != BELOW))
    model = predicted(numbers, column, table.current[known])
    with np.errstate(divide="ignore"):
        logs = np.log(found[known] / model)
    logs = logs[np.isfinite(logs)] * (1 if column == BELOW else -1)
    if logs.size:
        numbers["damping_rate"] *= float(np.exp(np.median(logs)))


def starts_of_linewidth(table: BenchTable, numbers: Numbers) -> list[Numbers]:
    """Numbers with damping rates at which the misfit of the linewidths has a minimum.

    Parameters
    ----------
    table : BenchTable
        With linewidths.
    numbers : dict
        All others are taken from here.

    Returns
    -------
    list of dict
        The least misfit first. A minimum at an end of the rates that are tried is none.
    """
    current, widths = _above(table, numbers)
    tried = [with_noise({**numbers, "damping_rate": rate}, current, widths) for rate in RATES]
    misfits = np.array([misfit for misfit, _ in tried])
    inner = (misfits[1:-1] <= misfits[:-2]) & (misfits[1:-1] <= misfits[2:])
    places = sorted(np.flatnonzero(inner) + 1, key=lambda place: misfits[place])
    return [tried[place][1] for place in places]


def start_of_noise(table: BenchTable, numbers: Numbers) -> None:
    """Thermal noise, from the linewidths at the damping rate that there is; as above."""
    numbers |= with_noise(numbers, *_above(table, numbers))[1]


def with_noise(numbers: Numbers, current: Floats, widths: Floats) -> tuple[float, Numbers]:
    """Mean square misfit of the linewidths' logarithms at the best noise, and that noise."""
    logs = np.log(widths / linewidth(device_of(numbers), 1.0, current))
    center = float(np.median(logs))
    noise = min(math.exp(center), 0.5)
    return float(np.mean((logs - center) ** 2)), {**numbers, "thermal_noise": noise}


def _above(table: BenchTable, numbers: Numbers) -> tuple[Floats, Floats]:
    """Currents above the threshold, and their linewidths."""
    assert table.linewidth is not None
    rows = np.isfinite(table.linewidth)
    rows &= table.current > 1.02 * numbers["threshold_current"]
    return table.current[rows], table.linewidth[rows]
