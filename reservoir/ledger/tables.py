"""How does a laboratory hand in its own figures? As a small table, checked line by line."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from reservoir._dialects import delimiter_of, encoding_of
from reservoir._units import plain_unit
from reservoir.ledger.line import STANDINGS, Figure
from reservoir.ledger.units import allowed_units

NEEDED = ("name", "value", "unit")
COLUMNS = (*NEEDED, "source", "standing")


def read_figures(path: str | os.PathLike[str], units: Mapping[str, str]) -> dict[str, Figure]:
    """Figures of a CSV table.

    Parameters
    ----------
    path : str or path-like
        Between the columns stand semicolons, tabs or commas, as in the line of names. Where
        commas do not, numbers may have decimal commas. Lines that begin with # are comments.
    units : mapping of str to str
        SI units of the figures that there are, by name.

    Returns
    -------
    dict of str to Figure
        Values are in SI units.

    Raises
    ------
    ValueError
        If a line is not as it must be.
    """
    name = os.fspath(path)
    found: dict[str, Figure] = {}
    columns: list[str] = []
    try:
        with open(path, newline="", encoding=encoding_of(Path(path))) as file:
            delimiter = delimiter_of(
                next((line for line in file if not _is_empty(line)), ",")
            )
            file.seek(0)
            for number, cells in enumerate(csv.reader(file, delimiter=delimiter), start=1):
                cells = [cell.strip() for cell in cells]
                if _is_empty("".join(cells)):
                    continue
                place = f"{name}, line {number}"
                if not columns:
                    columns = _columns(place, cells)
                    continue
                if len(cells) != len(columns):
                    _refuse(
                        place,
                        f"has {len(cells)} cells, but there are {len(columns)} columns; put "
                        "a text that holds a comma into quotation marks",
                    )
                row = dict(zip(columns, cells, strict=True))
                if delimiter != "," and "." not in row["value"]:
                    row["value"] = row["value"].replace(",", ".")
                if row["name"] in found:
                    _refuse(place, f"gives {row['name']!r} a second time; leave one out")
                found[row["name"]] = _figure(place, row, units)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(
            f"{name} is no table of text in UTF-8 ({str(error)[:60]}); save it as CSV."
        ) from None
    if not columns:
        raise ValueError(
            f"{name} is empty; its first line must name the columns {', '.join(COLUMNS)}."
        )
    return found


def _is_empty(line: str) -> bool:
    """Whether a line is a comment, or holds nothing but what stands between cells."""
    return not line.strip(" ;\t,\r\n") or line.lstrip().startswith("#")


def _columns(place: str, cells: list[str]) -> list[str]:
    names = [cell.lower() for cell in cells]
    missing = [column for column in NEEDED if column not in names]
    strange = [column for column in names if column not in COLUMNS]
    if missing or strange or len(set(names)) < len(names):
        wrong = f"has no column {missing[0]!r}" if missing else f"has the columns {names}"
        _refuse(
            place,
            f"{wrong}; the first line names the columns {', '.join(NEEDED)} and, if one "
            f"wishes, {', '.join(COLUMNS[len(NEEDED) :])}",
        )
    return names


def _figure(place: str, row: Mapping[str, str], units: Mapping[str, str]) -> Figure:
    """The figure of a row, in its SI unit."""
    name = row["name"]
    if name not in units:
        _refuse(place, f"names {name!r}; the figures are {', '.join(units)}")
    allowed = allowed_units(units[name])
    unit = plain_unit(row["unit"])
    if unit not in allowed:
        _refuse(
            place,
            f"gives {name} in {row['unit']!r}, which is no unit of it; allowed are "
            f"{', '.join(allowed)}",
        )
    source = row.get("source") or place
    standing = row.get("standing", "").lower()
    if standing and standing not in STANDINGS:
        _refuse(
            place,
            f"has the standing {standing!r}; it must be one of {', '.join(STANDINGS)}, or "
            "empty",
        )
    text = row["value"].lower()
    if text in ("", "unknown"):
        if standing not in ("", "unknown"):
            _refuse(place, f"calls {name} {standing}, but gives no value; give one")
        return Figure(None, units[name], source, "unknown")
    if standing == "unknown":
        _refuse(place, f"calls {name} unknown, but gives {row['value']}; leave one out")
    try:
        value = float(text) * allowed[unit]
        return Figure(value, units[name], source, standing or "assumed")
    except ValueError:
        _refuse(
            place,
            f"gives {name} as {row['value']!r}; it must be a finite number of at least 0 "
            "with a decimal point, or unknown",
        )


def _refuse(place: str, fault: str) -> NoReturn:
    raise ValueError(f"{place} {fault}.")
