"""What must a device offer so that the estimators can use it?

A device is a frozen description in SI units. It derives from `Device` and says

``drive_unit``
    what the estimators' `drive_range` is measured in: the threshold current in A of an
    oscillator, a frequency in Hz where a frequency is the drive, 1 where the drive has no
    unit;
``silent_below_threshold``
    whether a drive that stays below that unit would give nothing to read;
``default_node_time(n_nodes)``
    how long a current is held, in s, unless the user says so;
``stationary_power(current)``
    the power in which every sequence starts, if the device has one;
``abilities()``
    what the estimators may ask of it beyond an answer to held currents, a set of `Ability`.

A device without abilities runs its own kernel: ``respond(current, hold_time)`` gets rows of
held currents, an array of shape (n_rows, n_steps), and returns what is read at the end of
every hold, an array of the same shape. Every row begins anew, and no row depends on another.
With ``takes_padding`` a row may go on after the end of its sequence, and nobody reads those
answers; without it, a row is never longer than its sequence. Such a device is a class of some
forty lines in a file of its own; `examples/plot_own_device.py` shows one.

A device with `Ability.RATES` hands four numbers to the exact kernel instead; the base class
`reservoir.devices.logistic.LogisticOscillator` says which.
"""

import enum
import math
import numbers
from dataclasses import fields
from typing import ClassVar

from reservoir.devices.presets import Preset


class Ability(enum.Enum):
    """What the estimators may ask of a device beyond its answer to held currents."""

    RATES = "rates"
    """Its power is logistic: ``rate_coefficients()`` lets the exact kernel play it, with
    feedback, coupling, a drift of the current, and a power to start from."""

    NOISE = "noise"
    """The exact kernel can add thermal noise, and read power, frequency and phase."""

    TRANSPARENT = "transparent"
    """There is no device: the masked drive itself is read."""


NODE_TIME = 1.67  # of an oscillator, in units of 1 / damping_rate


class Device:
    """Base of the frozen descriptions: presets, and the checks that all of them share."""

    presets: ClassVar[dict[str, Preset]] = {}
    silent_below_threshold: ClassVar[bool] = True
    takes_padding: ClassVar[bool] = True
    damping_rate: float

    @property
    def drive_unit(self) -> float:
        """Unit of the estimators' `drive_range`: the threshold current, in A."""
        return self.threshold_current

    def abilities(self) -> frozenset[Ability]:
        """What the estimators may ask of this device: nothing but ``respond``."""
        return frozenset()

    @classmethod
    def from_preset(cls, name):
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
