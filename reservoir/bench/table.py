"""What did the bench measure at each current? A table in SI units, read from a text file."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np

from reservoir._checks import real_array
from reservoir._types import Floats
from reservoir.bench.columns import read_quantities
from reservoir.bench.dialect import BenchTableError
from reservoir.bench.quantities import BENCH_QUANTITIES, LOAD

MEASURED = ("amplitude", "frequency", "linewidth", "relaxation_time")
POSITIVE = ("frequency", "linewidth", "relaxation_time")


@dataclass(frozen=True)
class BenchTable:
    """What was measured of an oscillator at each of some currents.

    Attributes
    ----------
    current : ndarray of shape (n_rows,)
        In A, ascending. A current may occur more than once.
    amplitude : ndarray of shape (n_rows,) or None
        In V, or in a unit of the user's own. In this and in the other columns NaN stands
        where nothing was measured, and None for a column that there is not.
    frequency : ndarray of shape (n_rows,) or None
        Of the emitted line, in Hz.
    linewidth : ndarray of shape (n_rows,) or None
        Full width of the line at half maximum, in Hz.
    relaxation_time : ndarray of shape (n_rows,) or None
        Time in which a small deviation of the amplitude falls to 1/e, in s.
    units : dict of str to str
        Units in which the user counts current, amplitude, frequency, linewidth and
        relaxation time.
    notes : tuple of str
        What was done with the table that its reader should know, in sentences.

    Raises
    ------
    ValueError
        If a column does not fit the currents, holds infinity or a value that must be
        positive and is not, or if nothing was measured.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.bench import BenchTable
    >>> table = BenchTable(np.array([2e-3, 4e-3]), frequency=np.array([np.nan, 303e6]))
    >>> table.columns()
    ['frequency']
    """

    current: Floats
    amplitude: Floats | None = None
    frequency: Floats | None = None
    linewidth: Floats | None = None
    relaxation_time: Floats | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the columns, and bring them into the order of the currents."""
        current = real_array("current", self.current).astype(float)
        if current.ndim != 1 or not np.isfinite(current).all():
            raise ValueError(
                f"current has shape {current.shape}; it must be one column of finite numbers."
            )
        order = np.argsort(current, kind="stable")
        object.__setattr__(self, "current", current[order])
        for name in MEASURED:
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, self._checked(name, values)[order])
        if not self.columns():
            raise ValueError(f"The table has none of the columns {', '.join(MEASURED)}.")

    def _checked(self, name: str, values: Floats) -> Floats:
        column: Floats = real_array(name, values).astype(float)
        if column.shape != self.current.shape:
            raise ValueError(
                f"{name} has shape {column.shape}, but there are {len(self.current)} "
                "currents; give one value for each, and nan where nothing was measured."
            )
        wrong = np.isinf(column) | (column < 0)
        if name in POSITIVE:
            wrong |= column == 0
        if wrong.any():
            row = int(np.argmax(wrong))
            rule = "positive" if name in POSITIVE else "at least 0"
            raise ValueError(
                f"{name} is {column[row]:g} in row {row}; it must be finite and {rule}. "
                "Write nan where nothing was measured."
            )
        return column

    def columns(self) -> list[str]:
        """Names of the columns in which something was measured."""
        found = ((name, getattr(self, name)) for name in MEASURED)
        return [name for name, v in found if v is not None and np.isfinite(v).any()]


def read_bench_table(
    path: str | os.PathLike[str], units: Mapping[str, str] | None = None
) -> BenchTable:
    """Read a table that a laboratory saved as text.

    Parameters
    ----------
    path : str or path-like
        A text file with any lines at its top, then one line that names the columns, and rows
        of numbers. Tabs, semicolons, commas or spaces stand between the cells, and a point
        or a comma is the decimal sign; the file itself shows which. The names say quantity
        and unit, as in ``current_mA``, ``Current (mA)`` or ``I [mA]``; a line of units may
        stand below them. The quantities are current, amplitude or power, frequency,
        linewidth and relaxation_time. Other columns are ignored, and `notes` says so.
    units : mapping of str to str, default=None
        Units of columns whose names say none, as in ``{"current": "mA"}``.

    Returns
    -------
    BenchTable
        A power becomes the rms voltage into 50 ohm.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no such table; the message names file, line and cure.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from reservoir.bench import read_bench_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "bench.csv"
    ...     _ = path.write_text(chr(10).join(["I [mA];f [MHz]", "4,5;307,0", "6;317,4"]))
    ...     table = read_bench_table(path)
    >>> table.current, table.frequency
    (array([0.0045, 0.006 ]), array([3.070e+08, 3.174e+08]))
    """
    path = Path(path)
    columns = read_quantities(path, BENCH_QUANTITIES, units, needed=("current",))
    values, shown, notes = dict(columns.values), dict(columns.units), []
    ignored = list(columns.ignored)
    if "power" in values:
        voltage, unit = np.sqrt(LOAD * values.pop("power")), shown.pop("power")
        if "amplitude" in values:
            ignored.append("power")
        else:
            values["amplitude"], shown["amplitude"] = voltage, "mV"
            notes.append(f"The power in {unit} is read as that into {LOAD:g} ohm.")
    if ignored:
        notes.insert(0, f"These columns are ignored: {', '.join(map(repr, ignored))}.")
    if not any(
        np.isfinite(column).any() for name, column in values.items() if name in MEASURED
    ):
        _refuse_unmeasured(path, values, columns.ignored)
    current, sign = _positive(values.pop("current"), values)
    if sign < 0:
        notes.append("The sign of the currents was turned, so that they are positive.")
    for name, column in values.items():
        _refuse_negative(path, name, column, columns.lines)
    try:
        return BenchTable(current, units=shown, notes=tuple(notes), **values)
    except ValueError as error:
        raise BenchTableError(f"{path}: {error}") from None


def _refuse_unmeasured(
    path: Path, known: Mapping[str, Floats], others: Sequence[str]
) -> NoReturn:
    """Refuse a table of currents alone."""
    empty = [name for name in known if name in MEASURED]
    found = f"no numbers in the column {empty[0]}" if empty else "no column that was measured"
    more = f"; its other columns are {', '.join(map(repr, others))}" if others else ""
    raise BenchTableError(
        f"{path} has {found}{more}. Besides the current name a column like amplitude_mV, "
        "power_dBm, frequency_MHz, linewidth_kHz or relaxation_time_ns, and fill it."
    )


def _positive(current: Floats, values: Mapping[str, Floats]) -> tuple[Floats, int]:
    """Currents of the polarity at which the device oscillates, and their sign before."""
    strength = np.nan_to_num(values.get("amplitude", np.abs(current)))
    sign = (
        -1 if current[np.argmax(np.abs(current) * (strength > strength.max() / 2))] < 0 else 1
    )
    return sign * current, sign


def _refuse_negative(path: Path, name: str, column: Floats, lines: Sequence[int]) -> None:
    """Refuse a value that cannot be one of its quantity, with its line."""
    wrong = np.isinf(column) | (column < 0) | ((column == 0) & (name in POSITIVE))
    if wrong.any():
        row = int(np.argmax(wrong))
        rule = "positive" if name in POSITIVE else "at least 0"
        raise BenchTableError(
            f"{path}, line {lines[row]}: {name} is {column[row]:g}; it must be finite and "
            f"{rule}. Write nan where nothing was measured."
        )
