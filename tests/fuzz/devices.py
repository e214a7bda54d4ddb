"""Random devices, and the exact answer of an oscillator to held currents in forty digits."""

import mpmath
import numpy as np
from harness import pick

from reservoir import SpinTorqueOscillator
from reservoir.devices import VortexOscillator

mpmath.mp.dps = 40
EPS = 2.0**-52
# Relative errors that `_core/elementary.pxd` states.
EXPONENTIAL, RECIPROCAL = 2.6e-15, 1e-14
LEAST = 0.5  # inverse power: no power exceeds 1, so here an answer has no digits left


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

    The inverse power is carried along as an interval. In each hold it takes in what rounding
    may do, and the map of the hold, which is monotone, widens or narrows it. So the bound
    follows the condition number: a long hold next to the threshold multiplies the last digit
    of the current, and far below the threshold a power near 1 decays by as much as its last
    digits say. Where the floor is only just reached, the interval holds powers above it, too.

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
    low = q = high = 1 / mpmath.mpf(float(power))
    amplitudes, bounds = [], []
    for current in currents:
        low, q, high = _held(rates, mpmath.mpf(float(current)), h, (low, q, high))
        low, q, high = max(min(low, largest), LEAST), min(q, largest), min(high, largest)
        amplitudes.append(float(1 / mpmath.sqrt(q)))
        bounds.append(float(max(mpmath.sqrt(q / low) - 1, 1 - mpmath.sqrt(q / high))))
    return np.array(amplitudes), np.array(bounds)


def _held(rates, current, h, inverse_powers):
    """The least, the exact and the largest inverse power after a hold, from those before.

    Growth and saturation are each the difference of two terms, so that their rounding errors
    are those of the terms. The inverse power after a hold rises with that before it, and
    with the exponent. The exponential and the reciprocal have errors of their own.
    """
    growth_slope, growth_offset, saturation_slope, saturation_offset = rates
    exponent = -(growth_slope * current + growth_offset) * h
    source = (saturation_slope * current + saturation_offset) * h
    error_exponent = (abs(growth_slope * current) + abs(growth_offset)) * h * EPS
    error_source = (abs(saturation_slope * current) + abs(saturation_offset)) * h * EPS
    after = []
    for q, side in zip(inverse_powers, (-1, 0, 1), strict=True):
        x = exponent + side * error_exponent
        factor = mpmath.exp(x)
        growth = (factor - 1) / x if x else mpmath.mpf(1)
        error = error_source * growth + factor * q * EXPONENTIAL
        error += abs(source) * growth * (EXPONENTIAL + RECIPROCAL)
        after.append(factor * q + source * growth + side * error)
    return after
