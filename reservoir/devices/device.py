"""What must a device offer so that the estimators can use it?

A device is a frozen description in SI units. The estimators ask it for

``threshold_current``
    the unit of `drive_range`: a current in A, 1 for a device without a threshold, or what
    else drives it (a frequency in Hz);
``silent_below_threshold``
    whether a drive that stays below that unit would give nothing to read;
``default_node_time(n_nodes)``
    how long a current is held, in s, unless the user says so;
``stationary_power(current)``
    where every sequence starts, if the power is logistic;

and for one of two ways to run it. A device whose power is logistic under a held current
hands four numbers to the exact kernel with ``rate_coefficients()`` (and its floor with
``thermal_power``): see `reservoir.devices.logistic`. Any other device runs its own kernel in
``respond(current, hold_time)``, which gets rows of held currents, an array of shape
(n_rows, n_steps), and returns what is read at the end of every hold, an array of the same
shape; every row begins anew, and none knows of the others. With ``takes_padding``, a row may
go on after the end of its sequence, with answers that nobody reads; without, rows are never
longer than their sequences.
"""

import math
import numbers
from dataclasses import fields
from typing import ClassVar

from reservoir.devices.presets import Preset

NODE_TIME = 1.67  # of an oscillator, in units of 1 / damping_rate


class Device:
    """Base of the frozen descriptions: presets, and the checks that all of them share."""

    presets: ClassVar[dict[str, Preset]] = {}
    silent_below_threshold: ClassVar[bool] = True
    takes_padding: ClassVar[bool] = True
    threshold_current: float
    damping_rate: float

    @classmethod
    def preset(cls, name):
        """A published or illustrative device by its name.

        Raises
        ------
        ValueError
            If there is no such preset; the message lists the names.
        """
        return cls(**cls._find(name).parameters)

    @classmethod
    def provenance(cls, name):
        """Where the values of the preset `name` come from, and how sure they are."""
        return cls._find(name).provenance

    @classmethod
    def _find(cls, name):
        if name not in cls.presets:
            raise ValueError(
                f"{cls.__name__} has no preset {name!r}; its presets are "
                f"{', '.join(sorted(cls.presets))}."
            )
        return cls.presets[name]

    def default_node_time(self, n_nodes):
        """Time to hold a current for if nobody says, in s.

        Raises
        ------
        ValueError
            If nothing decays, so that nothing says how long.
        """
        if not self.damping_rate > 0:
            raise ValueError(
                f"This {type(self).__name__} has no damping, so nothing says how long to "
                "hold a current; set node_time."
            )
        return NODE_TIME / self.damping_rate

    def stationary_power(self, current):
        """Power at rest; 1 where the device has no use for it."""
        return 1.0

    def _check_numbers(self, positive=(), other=()):
        """Refuse a field that is no finite number, or not positive where it must be."""
        for field in fields(self):
            if field.name in other:
                continue
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, numbers.Real):
                raise TypeError(
                    f"{type(self).__name__}.{field.name} is {value!r}; it must be a number."
                )
            if not math.isfinite(value):
                self._refuse(field.name, "it must be finite")
        for name in positive:
            if not getattr(self, name) > 0:
                self._refuse(name, "it must be positive")

    def _refuse(self, name, rule):
        raise ValueError(f"{type(self).__name__}.{name} is {getattr(self, name)!r}; {rule}.")
