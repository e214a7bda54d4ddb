"""May a parameter have this value? If not: which one, what was found, what is allowed.

A class states what its parameters may be in one table, ``_parameter_ranges``, from names to
the rules below. `check_parameters` compares an object with its table, and the words of the
messages come from the same rules. `real_array` does the same for the data.
"""

import math
import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import sparse

from reservoir._types import Array


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
        try:
            number = float(value)
        except OverflowError:  # An integer beyond all floating-point numbers.
            return False
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


@dataclass(frozen=True)
class Threads:
    """A number of threads as joblib counts them: negative numbers count from all cores."""

    def admits(self, value: object) -> bool:
        """Whether a value is allowed."""
        is_integer = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        return value is None or (is_integer and value != 0)

    def __str__(self) -> str:
        """The words that follow "it must be"."""
        return "an integer other than 0, or None"


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


# What an array holds that is no real number: the words for it, and the cure.
_STRANGERS = {
    "b": ("True or False", "give 1.0 and 0.0 if that is what they stand for"),
    "c": ("complex numbers", "give the real part, the modulus or the phase of each"),
    "U": ("text", "convert it first, for instance with np.asarray(..., dtype=float)"),
    "S": ("bytes", "convert them first, for instance with np.asarray(..., dtype=float)"),
    "M": ("dates", "subtract a start and divide by a unit of time"),
    "m": ("durations", "divide them by a unit of time"),
    "V": ("records with named fields", "give the columns as one plain array"),
}

_MISSING = "a missing value has no number; fill it, or leave out what it belongs to"
# The same for single Python objects, by their type.
_CURES_OF_OBJECTS = {
    "NoneType": _MISSING,
    "NAType": _MISSING,
    "NaTType": _MISSING,
    "bool": _STRANGERS["b"][1],
    "bool_": _STRANGERS["b"][1],
    "complex": _STRANGERS["c"][1],
    "str": _STRANGERS["U"][1],
    "bytes": _STRANGERS["S"][1],
    "list": "give rows of equal length",
    "ndarray": "give rows of equal length",
}


def real_array(name: str, value: object, *, booleans: bool = False) -> Array:
    """An array of real numbers, of the type that it came in; anything else is refused.

    numpy alone takes the number below a mask for a measured one, drops imaginary parts, and
    reads text, dates and truth values as numbers.

    Parameters
    ----------
    name : str
        What the messages call the array.
    value : array-like
        Python objects are taken where every one of them is a real number.
    booleans : bool, default=False
        Whether True and False may stand for 1 and 0.

    Returns
    -------
    ndarray of integers, floating-point numbers or booleans
        Not copied where it is an array already. NaN and infinity are left for the caller.

    Raises
    ------
    ValueError
        The message names the array, what it holds, and the cure.
    """
    _refuse_hidden(name, value, booleans)
    try:
        array = np.asarray(value)
    except Exception as error:  # Whatever the container's own conversion raises.
        raise ValueError(
            f"{name} cannot be read as one array of real numbers ({error!s:.80}); give rows "
            "of equal length."
        ) from None
    if array.dtype.kind == "O":
        array = _real_objects(name, array)
    if array.dtype.kind in "iuf" or (booleans and array.dtype.kind == "b"):
        return array
    held, cure = _STRANGERS.get(
        array.dtype.kind, (f"values of type {array.dtype}", "convert it")
    )
    raise ValueError(f"{name} holds {held}, but it must hold real numbers: {cure}.")


def _refuse_hidden(name: str, value: object, booleans: bool) -> None:
    """Refuse what numpy would drop or convert without a word, also inside lists."""
    place = hidden_place(value)
    if place is not None:
        index = ", ".join(map(str, place))
        at = f" at index ({index})" if place else ""
        raise ValueError(
            f"{name} is masked{at}, so nothing is known there; fill the gaps, or leave out "
            "what they belong to."
        )
    if not booleans:
        refuse_booleans(name, value)


def refuse_booleans(name: str, value: object) -> None:
    """Refuse truth values inside lists, which numpy would make 1 and 0.

    Parameters
    ----------
    name : str
        For messages.
    value : array-like
    """
    if isinstance(value, (list, tuple)):
        for part in value:
            if isinstance(part, (bool, np.bool_)):
                raise ValueError(
                    f"{name} holds {part}, but it must hold real numbers: give 1.0 or 0.0 if "
                    "that is what it stands for."
                )
            if isinstance(part, (list, tuple)):
                refuse_booleans(name, part)


def hidden_place(value: object) -> tuple[int, ...] | None:
    """Where the first value is that a mask hides, also in lists of masked arrays.

    Parameters
    ----------
    value : array-like

    Returns
    -------
    tuple of int or None
        Index into the array that numpy makes of the value. None stands for no such value.
    """
    if isinstance(value, np.ma.MaskedArray):
        hidden = np.ma.getmaskarray(value)
        if hidden.dtype != bool or not hidden.any():
            return None
        return tuple(np.argwhere(hidden)[0].tolist())
    if isinstance(value, (list, tuple)):
        for index, part in enumerate(value):
            if isinstance(part, (list, tuple, np.ma.MaskedArray)):
                place = hidden_place(part)
                if place is not None:
                    return index, *place
    return None


def _real_objects(name: str, array: Array) -> Array:
    """Python objects that are real numbers, as floating-point numbers."""
    for part in array.flat:
        if isinstance(part, (bool, np.bool_)) or not isinstance(part, numbers.Real):
            cure = _CURES_OF_OBJECTS.get(type(part).__name__, "convert it, or leave it out")
            raise ValueError(
                f"{name} holds {part!r:.60} of type {type(part).__name__}, but it must hold "
                f"real numbers: {cure}."
            )
    try:
        return array.astype(np.float64)
    except OverflowError:
        raise ValueError(f"{name} holds an integer too large for a float.") from None


def as_array(name: str, item: Any) -> Array:
    """An array of what a container holds, or a sentence."""
    try:
        return np.asarray(item)
    except Exception as error:  # whatever the container's own conversion raises
        raise ValueError(
            f"{name} cannot be read as one array ({str(error).rstrip('.'):.90}); all of its "
            "rows must hold equally many numbers."
        ) from None


def refuse_masked(name: str, item: Any, axes: tuple[str, ...]) -> None:
    """Refuse values that a mask hides, also in lists: the numbers below it mean nothing.

    Parameters
    ----------
    name : str
        For messages.
    item : array-like
    axes : tuple of str
        What the axes of the array count.
    """
    place = hidden_place(item)
    if place is None:
        return
    where = ", ".join(f"{axis} {i}" for axis, i in zip(axes, place, strict=False)) or "it"
    raise ValueError(
        f"{name} has masked values ({where} is masked), so nothing is known there; fill the "
        "gaps, or leave out what they belong to."
    )


def check_table(X: Any) -> None:
    """Refuse cells of a table that scikit-learn would take for numbers, or not name.

    Raises
    ------
    ValueError
        If cells are masked, text, bytes, dates or durations, or rows have unequal lengths.
    TypeError
        If cells are objects that are no numbers.
    """
    refuse_masked("X", X, ("row", "column"))
    kind = type(X).__name__
    strange = isinstance(X, (str, bytes, Mapping)) or kind.endswith("GroupBy")
    # Sets, views of a dictionary and generators are gone through only.
    strange |= isinstance(X, Iterable) and not hasattr(X, "__getitem__")
    if strange and not (hasattr(X, "shape") or hasattr(X, "__array__")):
        raise TypeError(
            f"X is of type {kind}; give a table, or a list of arrays of shape (n_frames, "
            "n_channels)."
        )
    if sparse.issparse(X) or not (isinstance(X, (list, tuple)) or hasattr(X, "__array__")):
        return  # scikit-learn says what it may be
    array = as_array("X", X)
    if array.dtype.kind in "USMmV":
        real_array("X", array)
    if array.dtype.kind == "c":
        _refuse_complex()
    if array.dtype.kind == "O":
        for cell in array.flat:
            _check_cell(cell)


def _check_cell(cell: Any) -> None:
    """Refuse a Python object that is no number; None is left to scikit-learn."""
    if isinstance(cell, numbers.Real) or cell is None:
        return
    kind = type(cell).__name__
    if kind in _CURES_OF_OBJECTS and _CURES_OF_OBJECTS[kind] == _MISSING:
        raise ValueError(f"X holds {cell!r:.60}, but it must hold real numbers: {_MISSING}.")
    if isinstance(cell, numbers.Complex):
        _refuse_complex()
    if isinstance(cell, (str, bytes, np.datetime64, np.timedelta64)) or np.ndim(cell) > 0:
        raise ValueError(
            f"X holds {cell!r:.60} of type {kind}; the cells of a table are "
            "numbers, and sequences come as a list of arrays of shape (n_frames, n_channels)."
        )
    try:
        float(cell)
    except (TypeError, ValueError) as error:
        raise TypeError(f"X holds {cell!r:.60}, which is no number: {error}.") from None


def _refuse_complex() -> None:
    held, cure = _STRANGERS["c"]
    raise ValueError(f"Complex data not supported: X holds {held}; {cure}.")


def check_complete(X: Array) -> None:
    """Refuse missing values, named by row."""
    rows = np.flatnonzero(~np.isfinite(X).all(axis=1))
    if rows.size:
        named = ", ".join(map(str, rows[:5])) + (", ..." if rows.size > 5 else "")
        count = "row" if rows.size == 1 else f"{rows.size} rows:"
        raise ValueError(
            f"X has missing values (NaN) or infinity in {count} {named}. Drop them, or fill "
            "them with sklearn.impute.SimpleImputer."
        )
