"""Random devices, and the exact answer of an oscillator to held currents in forty digits."""

import mpmath
import numpy as np
from harness import pick

from reservoir import SpinTorqueOscillator
from reservoir.devices import VortexOscillator

mpmath.mp.dps = 40
EPS = 2.0**-52


def device(rng: np.random.Generator) -> SpinTorqueOscillator | VortexOscillator:
    """An oscillator anywhere in its legal range, or one of the presets."""
    if rng.random() < 0.15:
        return VortexOscillator.from_preset("grimaldi2014")
    if rng.random() < 0.2:
        name = pick(rng, "torrejon2017", "riou2017", "romera2018", "uniform")
        return SpinTorqueOscillator.from_preset(name)
    return SpinTorqueOscillator(
        threshold_current=float(10 ** rng.uniform(-6, 1)),
        damping_rate=float(10 ** rng.uniform(3, 11)),
        nonlinear_damping=pick(rng, -0.999, -0.9, -0.5, 0.0, 1.0, 3.0, 100.0, 1e6),
        frequency=float(10 ** rng.uniform(6, 11)),
        nonlinear_frequency_shift=float(rng.normal() * 10 ** rng.uniform(4, 10)),
        power_floor=pick(rng, 1e-18, 1e-3, 1e-12, float(10 ** rng.uniform(-18, -3))),
    )


def exact_amplitudes(oscillator, currents, hold, power):
    """Amplitudes after each hold, and the relative error that double precision may make.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator or VortexOscillator
    currents : array of float
    hold : float
    power : float
        Before the first hold.

    Returns
    -------
    amplitudes, bounds : ndarray
    """
    rates = [mpmath.mpf(float(rate)) for rate in oscillator.rate_coefficients()]
    h = mpmath.mpf(float(hold))
    largest = 1 / mpmath.mpf(float(oscillator.power_floor))
    q, doubt = 1 / mpmath.mpf(float(power)), 0.0
    amplitudes, bounds = [], []
    for current in currents:
        q, doubt = _held(rates, mpmath.mpf(float(current)), h, q, doubt)
        if q >= largest:
            q, doubt = largest, EPS
        amplitudes.append(float(1 / mpmath.sqrt(q)) if q > 0 else np.nan)
        bounds.append(doubt)
    return np.array(amplitudes), np.array(bounds)


def _held(rates, current, h, q, doubt):
    """The inverse power after a hold, and its doubt.

    Growth and saturation are each the difference of two terms, so that their rounding errors
    are those of the terms; an error of the power before the hold shrinks or grows with it.
    """
    growth_slope, growth_offset, saturation_slope, saturation_offset = rates
    a = growth_slope * current + growth_offset
    b = saturation_slope * current + saturation_offset
    x = -a * h
    if x == 0:
        e, s = mpmath.mpf(1), b * h
    else:
        e, s = mpmath.exp(x), b * (1 - mpmath.exp(x)) / a
    after = e * q + s
    error_x = float((abs(growth_slope * current) + abs(growth_offset)) * h) * EPS
    error_b = float((abs(saturation_slope * current) + abs(saturation_offset)) * h) * EPS
    weight = min(abs(float(e * q / after)) if after else 1.0, 1e3)
    share = min(abs(float(s / after)) if after else 1.0, 1e3)
    relative_b = float(error_b / abs(b * h)) if b else 1.0
    relative_a = error_x / max(abs(float(x)), 1e-300) if abs(x) > 1e-3 else error_x
    steep = error_x * abs(float(e)) if x < 700 and abs(float(e)) < 1e3 else 0.0
    doubt = doubt * weight + weight * error_x + share * (relative_b + relative_a + steep)
    return after, doubt + 8 * EPS
