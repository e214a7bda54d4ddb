"""How do two devices of the same kind differ?"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from reservoir._checks import Real, check_value
from reservoir._randomness import generator_of
from reservoir._types import RandomState
from reservoir.devices.spin_torque import SpinTorqueOscillator, require_noise

SPREADABLE_FIELDS = (
    "threshold_current",
    "damping_rate",
    "nonlinear_damping",
    "frequency",
    "nonlinear_frequency_shift",
    "current_tuning",
)
SPREAD = Real(at_least=0, what="relative spread")


def vary(
    oscillator: SpinTorqueOscillator,
    spread: float | Mapping[str, float],
    random_state: RandomState = None,
) -> SpinTorqueOscillator:
    """Another device of the same kind, as fabrication makes it.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
    spread : float or dict of str to float
        Relative spread of every parameter, or of those that are named. Each parameter is
        multiplied by exp(spread x) with x normal, so that no sign changes.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=None
        Of the normal numbers x.

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
    require_noise(oscillator, "vary")
    spreads = (
        spread if isinstance(spread, Mapping) else dict.fromkeys(SPREADABLE_FIELDS, spread)
    )
    for name, value in spreads.items():
        if name not in SPREADABLE_FIELDS:
            raise ValueError(
                f"{name!r} does not vary; these do: {', '.join(SPREADABLE_FIELDS)}."
            )
        check_value(f"The spread of {name}", value, SPREAD)
    numbers = generator_of(random_state).standard_normal(len(SPREADABLE_FIELDS))
    factors = dict(zip(SPREADABLE_FIELDS, numbers, strict=True))
    changed: dict[str, Any] = {
        name: float(getattr(oscillator, name) * math.exp(value * factors[name]))
        for name, value in spreads.items()
    }
    return dataclasses.replace(oscillator, **changed)
