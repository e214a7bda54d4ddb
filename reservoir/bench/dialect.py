"""Which cells does a text file of a laboratory hold, in whatever dialect it was saved?

A file may begin with any lines. Below them there is one line that names the columns, perhaps
a line of units, and then rows of numbers. Coding, separator and decimal sign are found from
the file. A row that does not fit is refused with its line, because its numbers would move to
other columns.
"""

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from reservoir._dialects import encoding_of

MAX_BYTES = 100_000_000
SEPARATORS = ("\t", ";", ",", " ")
COMMENTS = ("#", "%", "!", "//")
POINT = re.compile(
    r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)", re.ASCII | re.IGNORECASE
)
COMMA = re.compile(
    r"[+-]?(?:(?:\d+,?\d*|,\d+)(?:e[+-]?\d+)?|inf(?:inity)?)", re.ASCII | re.IGNORECASE
)
NUMBERS = {".": POINT, ",": COMMA}
# What stands where nothing was measured.
BLANK = {"", "-", "--", "---", "nan", "na", "n/a", "#n/a", "null", "none", "missing"}


class BenchTableError(ValueError):
    """A file is no table that can be read; the message names file, line and cure."""


class Line(NamedTuple):
    """Cells of a line, and its number from 1."""

    number: int
    cells: list[str]


class Grid(NamedTuple):
    """Cells of a file.

    Attributes
    ----------
    names : list of str
        Of the columns.
    units : list of str
        What a line of units below the names says; empty texts where there is none.
    rows : list of Line
        With as many cells as there are names.
    decimal : str
        The decimal sign, "." or ",".
    name_line : int
        Number of the line of names.
    """

    names: list[str]
    units: list[str]
    rows: list[Line]
    decimal: str
    name_line: int


def read_grid(
    path: Path, is_name: Callable[[str], bool], is_unit: Callable[[str], bool]
) -> Grid:
    """Names, units and rows of a text file.

    Parameters
    ----------
    path : Path
    is_name : callable
        Whether a cell names a column that is looked for.
    is_unit : callable
        Whether a cell is a unit.

    Returns
    -------
    Grid

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    BenchTableError
        If it is no text, if no line names the columns, or if a row does not fit them.
    """
    lines = re.split("\r\n|\r|\n", _text_of(path))
    separator, name_line, names = _names_of(path, lines, is_name)
    decimal = _decimal_of(path, lines[name_line:], separator)
    units: list[str] = []
    rows: list[Line] = []
    for number in range(name_line + 1, len(lines) + 1):
        text = lines[number - 1]
        if text.strip().startswith(COMMENTS) and (rows or not _has_unit(text, is_unit)):
            continue
        cells = _cells(_plain(text), separator)
        if not any(cells):
            continue
        if not rows and not units and all(not c or is_unit(c) for c in cells):
            units = cells
            continue
        rows.append(Line(number, _row(path, number, cells, names)))
    if not rows:
        raise BenchTableError(
            f"{path} holds no numbers below line {name_line}, which names the columns."
        )
    units = [*units, *[""] * len(names)][: len(names)]
    return Grid(names, units, rows, decimal, name_line)


def _text_of(path: Path) -> str:
    """The text of a file of any usual coding."""
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    if path.stat().st_size > MAX_BYTES:
        raise BenchTableError(
            f"{path} has more than {MAX_BYTES // 10**6} MB; a table of a bench is smaller. "
            "Name the table, not a trace."
        )
    coding = encoding_of(path)
    try:
        text = path.read_bytes().decode(coding)
    except UnicodeDecodeError as error:
        raise BenchTableError(
            f"{path} begins as {coding} does, but byte {error.start} is no text in it; save "
            "it again as CSV in UTF-8."
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BenchTableError(
            f"{path}, line {line} holds a zero byte, so it is no text with columns; save the "
            "table as CSV in UTF-8."
        )
    return text


def _names_of(
    path: Path, lines: Sequence[str], is_name: Callable[[str], bool]
) -> tuple[str, int, list[str]]:
    """The separator by which one line names most columns; the line's number and its cells."""
    best, found, passed = 0, (",", 0, [""]), ""
    for separator in SEPARATORS:
        for number, text in enumerate(lines, start=1):
            names = _name_cells(_plain(text), separator)
            if sum(bool(POINT.fullmatch(c) or COMMA.fullmatch(c)) for c in names) > 1:
                continue
            count = sum(map(is_name, names))
            if count > best:
                best, found = count, (separator, number, names)
            elif not passed and len(names) > 1:
                passed = f" Line {number} holds {text.strip()[:60]!r}."
    if not best:
        raise BenchTableError(
            f"{path} has no line that names a column which is known.{passed} Name them like "
            "current_mA, amplitude_mV, frequency_MHz, linewidth_kHz, with tabs, semicolons, "
            "commas or spaces between."
        )
    while not found[2][-1]:
        found[2].pop()
    return found


def _decimal_of(path: Path, lines: Sequence[str], separator: str) -> str:
    """The decimal sign by which most cells below the names are numbers."""
    cells = [cell for text in lines for cell in _cells(text, separator)]
    counts = {sign: sum(map(bool, map(n.fullmatch, cells))) for sign, n in NUMBERS.items()}
    best = max(counts, key=lambda sign: counts[sign])
    if not counts[best]:
        raise BenchTableError(f"{path} has no numbers below the line that names the columns.")
    return best


def _has_unit(text: str, is_unit: Callable[[str], bool]) -> bool:
    """Whether a comment is a line of units, as below names that are a comment too."""
    return any(map(is_unit, re.split(r"[\s,;]+", _plain(text))))


def _plain(text: str) -> str:
    """A line without the sign of a comment before it."""
    text = text.strip(" ")
    for sign in COMMENTS:
        text = text.removeprefix(sign)
    return text


def _cells(text: str, separator: str) -> list[str]:
    """Cells of a line, without the spaces around them."""
    if separator == " ":
        return text.split()
    try:
        row = next(csv.reader([text], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:  # a cell that is too long
        row = text.split(separator)
    return [cell.strip().strip('"').strip() for cell in row]


def _name_cells(text: str, separator: str) -> list[str]:
    """Names of a line; between spaces a unit in brackets belongs to the name before it."""
    if separator != " ":
        return _cells(text, separator) or [""]
    names: list[str] = []
    for part in re.split(r"\s{2,}|(?<=[)\]])\s+", text.strip()):
        if re.fullmatch(r"[(\[].*[)\]]", part) and names:
            names[-1] += f" {part}"
        else:
            names += re.findall(r"\S+(?:\s+[(\[][^)\]]*[)\]])?", part)
    return names or [""]


def _row(path: Path, number: int, cells: list[str], names: Sequence[str]) -> list[str]:
    """Cells of a row of numbers; refuses what does not fit the names."""
    while len(cells) > len(names) and not cells[-1]:
        cells = cells[:-1]
    if len(cells) != len(names):
        raise BenchTableError(
            f"{path}, line {number} has {len(cells)} cells, but {len(names)} columns are "
            "named. Write nan where nothing was measured, and # before a line that is none "
            "of the table; where commas are decimal signs, put semicolons between the "
            "columns."
        )
    return cells


def number_of(cell: str, decimal: str) -> float | None:
    """The number in a cell.

    Parameters
    ----------
    cell : str
    decimal : str
        The decimal sign.

    Returns
    -------
    float or None
        NaN where nothing stands, and None if the cell holds anything else.
    """
    if cell.lower() in BLANK:
        return float("nan")
    return float(cell.replace(",", ".")) if NUMBERS[decimal].fullmatch(cell) else None


def refuse_cell(path: Path, number: int, name: str, cell: str) -> NoReturn:
    """Refuse a cell that is no number.

    Parameters
    ----------
    path : Path
    number : int
        Of the line.
    name : str
        Of the column.
    cell : str

    Raises
    ------
    BenchTableError
    """
    cure = "write nan where nothing was measured"
    if re.fullmatch(r"[+-]?[\d.,' \u00a0\u202f]+", cell):
        cure = "write all numbers with one decimal sign and without separators of thousands"
    raise BenchTableError(
        f"{path}, line {number}: {cell[:40]!r} in the column {name!r} is no number; {cure}."
    )
