"""What is common to all frozen descriptions in SI units: presets, and the check of ranges."""

import numbers
from collections.abc import Mapping
from typing import ClassVar, Self

from reservoir._checks import Integer, Real, Rule, check_value
from reservoir.devices.presets import Preset


class Description:
    """Base of the dataclasses that describe a device, or a fault of one.

    Notes
    -----
    A subclass states the ranges of its fields in a table ``_parameter_ranges``, which is
    checked when a description is made.
    """

    presets: ClassVar[Mapping[str, Preset]] = {}
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {}

    def __post_init__(self) -> None:
        """Check every parameter that the table of ranges names."""
        for name, rule in self._parameter_ranges.items():
            value = getattr(self, name)
            full_name = f"{type(self).__name__}.{name}"
            is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
            if isinstance(rule, Real) and not is_number:
                raise TypeError(f"{full_name} is {value!r:.80}; it must be {rule}.")
            check_value(full_name, value, rule)
            if is_number and type(value) not in (int, float):
                # A single-precision number would make all that follows single precision, and
                # would be another one in a file.
                number = int(value) if isinstance(rule, Integer) else float(value)
                object.__setattr__(self, name, number)

    @classmethod
    def from_preset(cls, name: str) -> Self:
        """A published or illustrative device by its name.

        Parameters
        ----------
        name : str
            One of the keys of `presets`.

        Raises
        ------
        ValueError
            If there is no such preset; the message lists the names.
        """
        return cls(**cls._find(name).parameters)

    @classmethod
    def provenance(cls, name: str) -> str:
        """Where the values of the preset `name` come from, and how sure they are."""
        return cls._find(name).provenance

    @classmethod
    def _find(cls, name: str) -> Preset:
        if name not in cls.presets:
            raise ValueError(
                f"{cls.__name__} has no preset {name!r}; its presets are "
                f"{', '.join(sorted(cls.presets))}."
            )
        return cls.presets[name]

    def _refuse(self, name: str, rule: str) -> None:
        """Refuse the value of a field, with a rule that concerns other fields too."""
        raise ValueError(f"{type(self).__name__}.{name} is {getattr(self, name)!r}; {rule}.")
