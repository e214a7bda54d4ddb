"""May a parameter have this value? If not: which one, what was found, what is allowed.

A class states what its parameters may be in one table, ``_parameter_ranges``, from names to
the rules below. `check_parameters` compares an object with its table, and the words of the
messages come from the same rules.
"""

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Rule(Protocol):
    """What a parameter may be: a test, and the words for it."""

    def admits(self, value: object) -> bool:
        """Whether a value is allowed."""

    def __str__(self) -> str:
        """The words that follow "it must be"."""


@dataclass(frozen=True)
class Integer:
    """A whole number between two limits, both allowed. True and False are refused."""

    lowest: int
    highest: int | None = None

    def admits(self, value: object) -> bool:
        """Whether a value is allowed."""
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            return False
        number = int(value)
        return self.lowest <= number and (self.highest is None or number <= self.highest)

    def __str__(self) -> str:
        """The words that follow "it must be"."""
        if self.highest is None:
            return f"an integer of at least {self.lowest}"
        return f"an integer from {self.lowest} to {self.highest}"


@dataclass(frozen=True)
class Real:
    """A finite number between limits. True and False are refused.

    Attributes
    ----------
    at_least, at_most : float or None
        Limits that are allowed.
    above, below : float or None
        Limits that are not.
    what : str
        What the number is, with its unit.
    """

    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None
    what: str = "number"

    def admits(self, value: object) -> bool:
        """Whether a value is allowed."""
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            return False
        number = float(value)
        return (
            math.isfinite(number)
            and (self.at_least is None or number >= self.at_least)
            and (self.at_most is None or number <= self.at_most)
            and (self.above is None or number > self.above)
            and (self.below is None or number < self.below)
        )

    def __str__(self) -> str:
        """The words that follow "it must be"."""
        if self.at_least is not None and self.at_most is not None:
            return f"a finite {self.what} from {self.at_least:g} to {self.at_most:g}"
        limits = {
            "of at least": self.at_least,
            "above": self.above,
            "of at most": self.at_most,
            "below": self.below,
        }
        stated = [f"{word} {limit:g}" for word, limit in limits.items() if limit is not None]
        return " ".join([f"a finite {self.what}", " and ".join(stated)]).strip()


@dataclass(frozen=True)
class Flag:
    """True or False."""

    def admits(self, value: object) -> bool:
        """Whether a value is allowed."""
        return isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")

    def __str__(self) -> str:
        """The words that follow "it must be"."""
        return "True or False"


@dataclass(frozen=True)
class Choice:
    """One of a few words, or None where it is among them."""

    choices: tuple[str | None, ...]

    def admits(self, value: object) -> bool:
        """Whether a value is allowed."""
        return (value is None or isinstance(value, str)) and value in self.choices

    def __str__(self) -> str:
        """The words that follow "it must be"."""
        return f"one of {', '.join(map(repr, self.choices))}"


@dataclass(frozen=True)
class OrNone:
    """What another rule allows, or None."""

    rule: Rule

    def admits(self, value: object) -> bool:
        """Whether a value is allowed."""
        return value is None or self.rule.admits(value)

    def __str__(self) -> str:
        """The words that follow "it must be"."""
        return f"{self.rule}, or None"


POSITIVE = Real(above=0)
NOT_NEGATIVE = Real(at_least=0)


def check_parameters(owner: object, ranges: Mapping[str, Rule]) -> None:
    """Refuse the first attribute of an object that its table does not allow.

    Parameters
    ----------
    owner : object
    ranges : mapping of str to Rule

    Raises
    ------
    ValueError
        The message names the class, the attribute, its value and what is allowed.
    """
    for name, rule in ranges.items():
        check_value(f"{type(owner).__name__}.{name}", getattr(owner, name), rule)


def check_value(name: str, value: Any, rule: Rule) -> None:
    """Refuse one argument that a rule does not allow; as `check_parameters`."""
    if not rule.admits(value):
        raise ValueError(f"{name} is {value!r:.80}; it must be {rule}.")
