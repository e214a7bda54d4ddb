"""What does a whole ledger add up to, and how is it read by people and by programs?"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reservoir._types import Array
from reservoir.ledger.line import SECTIONS, Line
from reservoir.ledger.units import written

HEADINGS = {
    "time": "Time of one inference",
    "energy": "Energy of one inference",
    "instead": "In the place of a line above, so not part of the total",
    "training": "Training",
    "counts": "Counts",
    "beside": "Beside it, for comparison",
}
TOTALLED = ("time", "energy")
INDENT = "      "


@dataclass(frozen=True)
class Total:
    """Sum of the known lines of a section.

    Attributes
    ----------
    value : float or None
        None if no line is known.
    unit : str
    n_unknown : int
        Number of lines that are unknown, and so not in the sum.

    Examples
    --------
    >>> from reservoir.ledger import Total
    >>> print(Total(28.9e-6, "J", 6))
    at least 28.9 uJ (6 lines unknown)
    """

    value: float | None
    unit: str
    n_unknown: int

    def __str__(self) -> str:
        """The sum, and how many lines it lacks."""
        if not self.n_unknown:
            return written(self.value, self.unit)
        lines = "1 line" if self.n_unknown == 1 else f"{self.n_unknown} lines"
        least = "" if self.value is None else "at least "
        return f"{least}{written(self.value, self.unit)} ({lines} unknown)"


@dataclass(frozen=True, repr=False)
class Ledger:
    """Lines of time, energy and counts of one inference and of training.

    Attributes
    ----------
    title : str
        Whose ledger it is, and what one inference is.
    lines : tuple of Line

    Examples
    --------
    >>> from reservoir.ledger import Ledger, Line
    >>> ledger = Ledger("a network", (
    ...     Line("energy", "synapses", 2.37e-11, "J", "synapses",
    ...          {"synapses": (2.37e-11, "J")}),
    ...     Line("energy", "amplifiers", None, "J", "amplifiers",
    ...          {"amplifiers": (None, "J")}, "", "unknown")))
    >>> print(ledger.total("energy"))
    at least 23.7 pJ (1 line unknown)
    """

    title: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        """Keep a tuple, and refuse two lines of a name in one section."""
        object.__setattr__(self, "lines", tuple(self.lines))
        seen: set[tuple[str, str]] = set()
        for line in self.lines:
            if not isinstance(line, Line):
                raise TypeError(
                    f"Ledger.lines holds a {type(line).__name__}; it must hold Line."
                )
            if (line.section, line.name) in seen:
                raise ValueError(
                    f"Ledger.lines holds {line.name!r} of {line.section!r} twice; give each "
                    "line a name of its own."
                )
            seen.add((line.section, line.name))

    def __iter__(self) -> Iterator[Line]:
        """The lines."""
        return iter(self.lines)

    def __len__(self) -> int:
        """Number of lines."""
        return len(self.lines)

    def __getitem__(self, name: str) -> Line:
        """The line of a name, the first of that name."""
        for line in self.lines:
            if line.name == name:
                return line
        names = ", ".join(line.name for line in self.lines)
        raise KeyError(f"There is no line {name!r}; there are: {names}.")

    def __repr__(self) -> str:
        """What it is of, and what it adds up to."""
        return f"<Ledger of {self.title}: {len(self)} lines, {self.total('energy')}>"

    def section(self, section: str) -> tuple[Line, ...]:
        """The lines of a section.

        Parameters
        ----------
        section : {"time", "energy", "instead", "training", "counts", "beside"}

        Returns
        -------
        tuple of Line
        """
        if section not in SECTIONS:
            raise ValueError(
                f"section is {section!r}; it must be one of {', '.join(SECTIONS)}."
            )
        return tuple(line for line in self.lines if line.section == section)

    def total(self, section: str = "energy") -> Total:
        """Sum of the known lines of a section, and how many are unknown.

        Parameters
        ----------
        section : {"energy", "time"}, default="energy"
            The lines of other sections do not belong together.

        Returns
        -------
        Total
        """
        if section not in TOTALLED:
            raise ValueError(
                f"section is {section!r}; only {' and '.join(TOTALLED)} have lines that "
                "add up."
            )
        lines = self.section(section)
        known = [line.value for line in lines if line.value is not None]
        unit = "J" if section == "energy" else "s"
        return Total(sum(known) if known else None, unit, len(lines) - len(known))

    # ------------------------------------------------------------------ texts and arrays

    def table(self, *, details: bool = False) -> str:
        """The ledger as text, section by section.

        Parameters
        ----------
        details : bool, default=False
            Whether each line is followed by its inputs and sources.

        Returns
        -------
        str
        """
        wide = max((len(line.name) for line in self.lines), default=0)
        texts = [self.title]
        for section in SECTIONS:
            lines = self.section(section)
            if not lines:
                continue
            texts += ["", HEADINGS[section]]
            for line in lines:
                row = f"  {line.name:<{wide}}  {line.written():>12}  {line.standing:<9}"
                texts.append(f"{row}  {line.formula}")
                if details:
                    texts += _details(line)
            if section in TOTALLED:
                texts.append(f"  {'in all':<{wide}}  {self.total(section)}")
        return "\n".join(texts)

    def to_json(self) -> str:
        """The ledger as JSON; an unknown value is null."""
        lines = [line.as_dict() for line in self.lines]
        return json.dumps({"title": self.title, "lines": lines}, indent=2, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Ledger":
        """The ledger that `to_json` wrote.

        Parameters
        ----------
        text : str

        Returns
        -------
        Ledger

        Raises
        ------
        ValueError
            If the text is no ledger.
        """
        try:
            found = json.loads(text)
            lines = [Line.from_dict(fields) for fields in found["lines"]]
            return cls(found["title"], tuple(lines))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"This JSON is no ledger ({error!r:.60}); give what Ledger.to_json wrote."
            ) from None

    def arrays(self) -> dict[str, Array]:
        """Columns of the ledger as arrays that HDF5 can hold.

        Returns
        -------
        dict of str to ndarray of shape (n_lines,)
            "value" holds NaN where a value is unknown. The others hold bytes in UTF-8:
            "section", "name", "unit", "formula", "inputs" (as JSON), "source", "standing".
        """
        columns: dict[str, Any] = {
            "value": np.array(
                [np.nan if line.value is None else line.value for line in self.lines]
            )
        }
        for name in ("section", "name", "unit", "formula", "inputs", "source", "standing"):
            fields = [line.as_dict()[name] for line in self.lines]
            texts = [json.dumps(each) if name == "inputs" else each for each in fields]
            columns[name] = np.array([text.encode() for text in texts], dtype=np.bytes_)
        return columns


def _details(line: Line) -> list[str]:
    inputs = [f"{name} = {written(*pair)}" for name, pair in line.inputs.items()]
    found = [f"{INDENT}with {', '.join(inputs)}"] if inputs else []
    if line.source:
        found.append(f"{INDENT}from {line.source}")
    return found


def compare(
    ledgers: Mapping[str, Ledger], sections: Sequence[str] = ("time", "energy", "counts")
) -> str:
    """Ledgers side by side, as text.

    Parameters
    ----------
    ledgers : mapping of str to Ledger
        By the heading of their column.
    sections : sequence of str, default=("time", "energy", "counts")

    Returns
    -------
    str
        A line that a ledger does not have is "-", one that nobody knows is "unknown".

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> from reservoir.ledger import compare, cost
    >>> small = SpintronicClassifier((4,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> ledgers = {"ten": cost(network, X / 8), "four": cost(small, X / 8)}
    >>> text = compare(ledgers, sections=("energy",))
    >>> "ten" in text.splitlines()[0] and "four" in text.splitlines()[0]
    True
    """
    rows = [("", *ledgers)]
    for section in sections:
        found = {
            title: {line.name: line for line in ledger.section(section)}
            for title, ledger in ledgers.items()
        }
        for name in dict.fromkeys(name for lines in found.values() for name in lines):
            cells = [
                lines[name].written() if name in lines else "-" for lines in found.values()
            ]
            rows.append((name, *cells))
        if section in TOTALLED:
            totals = [str(ledger.total(section)) for ledger in ledgers.values()]
            rows.append((f"{section} in all", *totals))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    padded = [
        [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)] for row in rows
    ]
    return "\n".join("  ".join(cells).rstrip() for cells in padded)
