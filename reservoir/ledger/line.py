"""What is one line of a ledger? A value that says how it was found, or that it is unknown."""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

from reservoir._checks import Choice, OrNone, Real, Rule, check_parameters
from reservoir.ledger.units import UNITS, written

# From the surest to the least sure. What is found from several numbers is as sure as the
# least sure of them, and not surer than "derived".
STANDINGS = ("measured", "published", "derived", "assumed", "unknown")
# Lines of "instead" stand in the place of another line, and those of "beside" belong to
# something else: neither is part of a total.
SECTIONS = ("time", "energy", "instead", "training", "counts", "beside")
OPERATORS: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


@dataclass(frozen=True)
class Figure:
    """A number that goes into a ledger, and where it comes from.

    Attributes
    ----------
    value : float or None
        In the SI unit; None is unknown.
    unit : str
        One of `reservoir.ledger.units.UNITS`.
    source : str
    standing : str
        One of `STANDINGS`. It is "unknown" where the value is None, and only there.

    Examples
    --------
    >>> from reservoir.ledger import Figure
    >>> Figure(30.0, "W", "data sheet", "published").value
    30.0
    """

    value: float | None
    unit: str
    source: str = ""
    standing: str = "assumed"

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "value": OrNone(Real(at_least=0)),
        "unit": Choice(UNITS),
        "standing": Choice(STANDINGS),
    }

    def __post_init__(self) -> None:
        """Check value, unit and standing."""
        check_parameters(self, self._parameter_ranges)
        _check_standing(self)
        if self.value is not None:
            object.__setattr__(self, "value", float(self.value))

    def __str__(self) -> str:
        """The value with its unit, as a table shows it."""
        return written(self.value, self.unit)


@dataclass(frozen=True, repr=False)
class Line:
    """One line of a ledger.

    Attributes
    ----------
    section : str
        One of `SECTIONS`.
    name : str
    value : float or None
        In the SI unit; None is unknown. An unknown value is never taken for 0.
    unit : str
        One of `reservoir.ledger.units.UNITS`.
    formula : str
        How the value follows from the inputs, by + - * / ** and brackets.
    inputs : mapping of str to tuple of (float or None, str)
        Values and units of the names in the formula.
    source : str
        Where the inputs come from.
    standing : str
        One of `STANDINGS`.

    Raises
    ------
    ValueError
        If a field is not as described.

    Examples
    --------
    >>> from reservoir.ledger import Line
    >>> line = Line("energy", "device", 2.8e-6, "J", "power * time",
    ...             {"power": (1.7e-3, "W"), "time": (1.64e-3, "s")}, "", "derived")
    >>> print(line)
    device: 2.8 uJ (derived)
    """

    section: str
    name: str
    value: float | None
    unit: str
    formula: str
    inputs: Mapping[str, tuple[float | None, str]] = field(default_factory=dict)
    source: str = ""
    standing: str = "derived"

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "section": Choice(SECTIONS),
        **Figure._parameter_ranges,
    }

    def __post_init__(self) -> None:
        """Check the fields, and keep a copy of the inputs that nobody changes."""
        check_parameters(self, self._parameter_ranges)
        _check_standing(self)
        inputs = {name: (value, unit) for name, (value, unit) in self.inputs.items()}
        object.__setattr__(self, "inputs", MappingProxyType(inputs))
        if self.value is not None:
            object.__setattr__(self, "value", float(self.value))

    def __repr__(self) -> str:
        """The call that makes this line."""
        parts: list[Any] = [self.section, self.name, self.value, self.unit, self.formula]
        parts += [dict(self.inputs), self.source, self.standing]
        return f"Line({', '.join(map(repr, parts))})"

    def __str__(self) -> str:
        """Name, value and standing."""
        return f"{self.name}: {self.written()} ({self.standing})"

    def written(self) -> str:
        """The value with its unit, as a table shows it."""
        return written(self.value, self.unit)

    def as_figure(self) -> Figure:
        """The value of this line, as an input of another one."""
        return Figure(self.value, self.unit, self.source, self.standing)

    def as_dict(self) -> dict[str, Any]:
        """The fields, as JSON takes them."""
        fields = ("section", "name", "value", "unit", "formula", "source", "standing")
        found: dict[str, Any] = {name: getattr(self, name) for name in fields}
        found["inputs"] = {name: list(pair) for name, pair in self.inputs.items()}
        return found

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "Line":
        """The line of which `as_dict` gave the fields."""
        inputs = {name: tuple(pair) for name, pair in fields["inputs"].items()}
        return cls(**{**fields, "inputs": inputs})


def _check_standing(owner: Any) -> None:
    if (owner.value is None) != (owner.standing == "unknown"):
        raise ValueError(
            f"{type(owner).__name__} has the value {owner.value!r} and the standing "
            f"{owner.standing!r}; the standing of None is 'unknown', and that of a number is "
            f"one of {', '.join(map(repr, STANDINGS[:-1]))}."
        )


def counted(value: float | None, unit: str = "1", source: str = "") -> Figure:
    """A number that follows from the estimator or the data, or None if nobody can know it."""
    return Figure(value, unit, source, "unknown" if value is None else "derived")


def reckoned(
    section: str, name: str, unit: str, formula: str, inputs: Mapping[str, Figure]
) -> Line:
    """The line whose value the formula gives; unknown if an input is.

    Parameters
    ----------
    section, name, unit, formula : str
        As for `Line`.
    inputs : mapping of str to Figure
        All names in the formula.

    Returns
    -------
    Line
        Its standing is that of the least sure input. One input alone keeps its own.

    Raises
    ------
    ValueError
        If the formula divides by 0, or gives a number beyond all that can be written.
    """
    values = {key: figure.value for key, figure in inputs.items()}
    try:
        value = None if None in values.values() else evaluate(formula, values)
        if value is not None and not math.isfinite(value):
            raise OverflowError
    except (OverflowError, ZeroDivisionError):
        given = ", ".join(f"{key} = {figure}" for key, figure in inputs.items())
        raise ValueError(
            f"The line {name!r} has no number: {formula} with {given} divides by 0 or is "
            "beyond all numbers. Give a figure of ordinary size, or make it unknown."
        ) from None
    standings = [figure.standing for figure in inputs.values()]
    if formula not in inputs:
        standings.append("derived")
    sources = [figure.source for figure in inputs.values() if figure.source]
    return Line(
        section,
        name,
        value,
        unit,
        formula,
        {key: (figure.value, figure.unit) for key, figure in inputs.items()},
        " ".join(dict.fromkeys(sources)),
        max(standings, key=STANDINGS.index),
    )


def evaluate(formula: str, values: Mapping[str, float | None]) -> float:
    """The value of a formula of + - * / ** and brackets.

    Parameters
    ----------
    formula : str
    values : mapping of str to float
        Of the names in it.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the formula holds anything else, or a name without a value.
    """

    def found(node: ast.AST) -> float:
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](found(node.left), found(node.right))
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return float(node.value)
        value = values.get(node.id) if isinstance(node, ast.Name) else None
        if value is None:
            raise ValueError(
                f"{ast.unparse(node)!r:.60} in the formula {formula!r:.80} has no value; a "
                f"formula has numbers, + - * / ** and the names {', '.join(values)}."
            )
        return float(value)

    return found(ast.parse(formula, mode="eval").body)
