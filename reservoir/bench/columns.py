"""Which numbers, in SI units, stand in the columns of a text file?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from reservoir._types import Floats
from reservoir.bench.dialect import BenchTableError, Grid, number_of, read_grid, refuse_cell
from reservoir.bench.quantities import (
    DBM,
    Column,
    Quantity,
    bare_unit,
    checked_units,
    column_of,
    factor_of,
    is_unit,
)


class Columns(NamedTuple):
    """What a file says of some quantities.

    Attributes
    ----------
    values : dict of str to ndarray of shape (n_rows,)
        By the name of the quantity, in its SI unit; NaN where nothing stands.
    units : dict of str to str
        In which the file gives each.
    ignored : list of str
        Names of the other columns.
    lines : list of int
        Number of the line of each row.
    """

    values: dict[str, Floats]
    units: dict[str, str]
    ignored: list[str]
    lines: list[int]


def read_quantities(
    path: Path,
    quantities: Sequence[Quantity],
    units: Mapping[str, str] | None,
    needed: Sequence[str],
) -> Columns:
    """Columns of a text file by their quantities.

    Parameters
    ----------
    path : Path
    quantities : sequence of Quantity
        Those that are looked for.
    units : mapping of str to str, or None
        Units that the names of columns do not say.
    needed : sequence of str
        Names of quantities without which the file is refused. A row that lacks one of them
        is refused too.

    Returns
    -------
    Columns

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no such table; the message names file, line and cure.
    """
    given = checked_units(units or {}, quantities)
    grid = read_grid(
        path,
        lambda cell: column_of(cell, quantities) is not None,
        lambda cell: is_unit(cell, quantities),
    )
    found = _found(path, grid, quantities, given)
    missing = [name for name in needed if name not in found]
    if missing:
        unit = {q.name: q.usual for q in quantities}[missing[0]]
        raise BenchTableError(
            f"{path}, line {grid.name_line} names no column {missing[0]}; it names "
            f"{', '.join(map(repr, grid.names))}. Call it {missing[0]}_{unit}."
        )
    places = {place for place, _ in found.values()}
    values = {}
    for name, (place, column) in found.items():
        values[name] = _numbers(path, grid, place, column, name in needed)
    return Columns(
        values,
        {name: column.unit for name, (_, column) in found.items()},
        [name for place, name in enumerate(grid.names) if place not in places and name],
        [line.number for line in grid.rows],
    )


def _found(
    path: Path, grid: Grid, quantities: Sequence[Quantity], given: Mapping[str, str]
) -> dict[str, tuple[int, Column]]:
    """Place and unit of each quantity that the file has."""
    found: dict[str, tuple[int, Column]] = {}
    for place, cell in enumerate(grid.names):
        column = column_of(cell, quantities)
        if column is None:
            continue
        name, here = column.quantity.name, f"{path}, line {grid.name_line}"
        if name in found:
            raise BenchTableError(
                f"{here} names two columns of {name}, {grid.names[found[name][0]]!r} and "
                f"{cell!r}; leave one of them out."
            )
        unit = column.unit or bare_unit(grid.units[place])
        if name in given and unit and unit != given[name]:
            raise BenchTableError(
                f"{here} gives {name} in {unit}, but the units given are {given[name]}; "
                "leave one of them out."
            )
        unit = unit or given.get(name, "")
        try:
            factor_of(column.quantity, unit)
        except ValueError as error:
            raise BenchTableError(f"{here}: the column {cell!r} has {error}.") from None
        found[name] = place, Column(column.quantity, unit)
    return found


def _numbers(path: Path, grid: Grid, place: int, column: Column, needed: bool) -> Floats:
    """A column in its SI unit."""
    numbers = np.empty(len(grid.rows))
    for row, line in enumerate(grid.rows):
        number = number_of(line.cells[place], grid.decimal)
        if number is None:
            refuse_cell(path, line.number, grid.names[place], line.cells[place])
        numbers[row] = number
        if needed and not np.isfinite(numbers[row]):
            raise BenchTableError(
                f"{path}, line {line.number} says no {column.quantity.name}; fill the cell, "
                "or leave the line out."
            )
    if column.unit == DBM:
        power: Floats = 1e-3 * 10 ** (numbers / 10)
        return power
    scaled: Floats = numbers * factor_of(column.quantity, column.unit)
    return scaled
