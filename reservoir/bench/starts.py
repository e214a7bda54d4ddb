"""Where does the fit of a bench table begin? Column by column, each with what is known before.

These are no results: the fit of all columns together goes on from here.
"""

import math
from collections.abc import Mapping

import numpy as np

from reservoir._types import Floats
from reservoir.bench.model import Numbers, device_of, predicted
from reservoir.bench.table import BenchTable
from reservoir.devices import linewidth

BRIGHT = 0.25  # share of the amplitude's range above which a point is emission for sure
MIN_BRIGHT = 4
THRESHOLDS = np.r_[np.linspace(0.2, 0.9, 8), np.linspace(0.92, 0.999, 12)]
DAMPINGS = np.expm1(np.linspace(-1.0, 3.0, 33))  # Q from -0.63 to 19
RATES = np.geomspace(1e4, 1e11, 141)  # 1/s


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


def start_of_relaxation(table: BenchTable, numbers: Numbers) -> None:
    """Damping rate, from the relaxation times; as above."""
    assert table.relaxation_time is not None
    known = np.isfinite(table.relaxation_time)
    current, times = table.current[known], table.relaxation_time[known]
    ratio = predicted(numbers, "relaxation_time", current) / times
    ratio = ratio[np.isfinite(ratio)]
    if ratio.size:
        numbers["damping_rate"] *= float(np.exp(np.median(np.log(ratio))))


def starts_of_linewidth(
    table: BenchTable, numbers: Numbers, rates: Floats = RATES
) -> list[tuple[float, Numbers]]:
    """Damping rates at which the misfit of the linewidths has a minimum, the least first.

    Parameters
    ----------
    table : BenchTable
        With linewidths.
    numbers : dict
    rates : ndarray, default=RATES
        Damping rates that are tried, in 1/s.

    Returns
    -------
    list of (float, dict)
        Misfit and numbers. A minimum at an end of the rates is none, unless there is but
        one rate.
    """
    assert table.linewidth is not None
    known = np.isfinite(table.linewidth)
    above = known & (table.current > 1.02 * numbers["threshold_current"])
    if not above.any():
        return []
    current, widths = table.current[above], table.linewidth[above]
    tried = []
    for rate in rates:
        trial = {**numbers, "damping_rate": float(rate)}
        logs = np.log(widths / linewidth(device_of(trial), 1.0, current))
        center = float(np.median(logs))
        trial["thermal_noise"] = min(math.exp(center), 0.5)
        below = known & (table.current < 0.98 * numbers["threshold_current"])
        if below.any():
            model = predicted(trial, "linewidth", table.current[below])
            logs = np.r_[logs - center, np.log(table.linewidth[below] / model)] + center
        tried.append((float(np.mean((logs - center) ** 2)), trial))
    if len(tried) == 1:
        return tried
    misfits = np.array([misfit for misfit, _ in tried])
    inner = (misfits[1:-1] <= misfits[:-2]) & (misfits[1:-1] <= misfits[2:])
    return sorted((tried[i + 1] for i in np.flatnonzero(inner)), key=lambda pair: pair[0])
