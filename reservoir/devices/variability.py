"""How do two devices of the same kind differ?"""

import dataclasses
import math

import numpy as np

from reservoir.devices.spin_torque import check_spin_torque

VARIED = (
    "threshold_current",
    "damping_rate",
    "nonlinear_damping",
    "frequency",
    "nonlinear_frequency_shift",
    "current_tuning",
)


def vary(oscillator, spread, random_state=None):
    """Another device of the same kind, as fabrication makes it.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
    spread : float or dict of str to float
        Relative spread of every parameter, or of those that are named: each is multiplied
        by exp(spread x), x normal, so that no sign changes.
    random_state : int, numpy.random.Generator or None, default=None

    Returns
    -------
    SpinTorqueOscillator

    Raises
    ------
    ValueError
        If a spread is negative or not finite, or names no parameter that can vary.

    See Also
    --------
    reservoir.TimeMultiplexedReservoir.on_device : A fitted estimator on another device.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.devices import vary
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> other = vary(vortex, {"threshold_current": 0.05}, random_state=0)
    >>> round(other.threshold_current / vortex.threshold_current, 4)
    1.0063
    """
    check_spin_torque(oscillator, "vary")
    spreads = spread if isinstance(spread, dict) else dict.fromkeys(VARIED, spread)
    for name, value in spreads.items():
        if name not in VARIED:
            raise ValueError(f"{name!r} does not vary; these do: {', '.join(VARIED)}.")
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"The spread of {name} is {value!r}; it must not be negative.")
    generator = np.random.default_rng(random_state)
    factors = dict(zip(VARIED, generator.standard_normal(len(VARIED)), strict=True))
    changed = {
        name: float(getattr(oscillator, name) * math.exp(value * factors[name]))
        for name, value in spreads.items()
    }
    return dataclasses.replace(oscillator, **changed)
