"""What does a text file with columns of numbers hold? Read exactly, or refused with the cure.

Cells are separated by commas, numbers have a decimal point, and every line has as many cells
as the others. A file of another dialect is refused: its numbers would move to other columns.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn, TextIO

from reservoir._dialects import LOST, MARKS, MAX_LINE, NUMBER, TableError

NAME = re.compile(r"\s*[^\W\d]")  # starts with a letter


class Table(NamedTuple):
    """Where the numbers of a file begin.

    Attributes
    ----------
    names : list of str or None
        Of the columns, if a line above the numbers says them.
    n_columns : int
    n_above : int
        Lines above the numbers.
    """

    names: list[str] | None
    n_columns: int
    n_above: int


def read_head(path: Path) -> Table:
    """The names of the columns, if there are any, and where the numbers begin.

    Lines that begin with # and empty ones are passed over.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Table

    Raises
    ------
    TableError
        If the file is empty, is no text in UTF-8, or if its first line is neither one of
        numbers nor one of names.
    """
    names, n_above = None, 0
    for number, cells in _lines(path):
        numeric = [NUMBER.fullmatch(cell) is not None for cell in cells]
        if all(numeric) or names is not None:
            if names is not None and len(names) != len(cells):
                _refuse_count(path, number, len(cells), len(names))
            return Table(names, len(cells), number - 1)
        words = [cell.strip().strip('"') for cell in cells]
        named = all(NAME.match(word) for word in words) and not any(numeric)
        if not named or words[0].lower() in LOST:
            _refuse_cell(path, number, cells[numeric.index(False)])
        names, n_above = words, number
    if names is None:
        raise TableError(f"{path} holds no numbers.")
    return Table(names, len(names), n_above)


def read_columns(
    path: Path, head: Table, wanted: Sequence[str], most: int
) -> list[list[float]]:
    """The numbers of some columns; the others may hold anything.

    Parameters
    ----------
    path : Path
    head : Table
        With names, of this file.
    wanted : sequence of str
        Names of columns.
    most : int
        Number of rows that are read at most.

    Returns
    -------
    list of list of float
        A column for each name.

    Raises
    ------
    TableError
        If a line has more or fewer cells than there are names, or one of them is no number;
        the message names the line.
    """
    columns: list[list[float]] = [[] for _ in wanted]
    for number, cells in _wanted_cells(path, head, wanted, most):
        for column, cell in zip(columns, cells, strict=True):
            if not NUMBER.fullmatch(cell):
                _refuse_cell(path, number, cell)
            column.append(float(cell))
    return columns


def read_texts(path: Path, head: Table, wanted: str, most: int) -> list[str]:
    """One column as texts, without blanks and quotation marks around them.

    Parameters
    ----------
    path : Path
    head : Table
        With names, of this file.
    wanted : str
        Name of the column.
    most : int
        Number of rows that are read at most.

    Returns
    -------
    list of str

    Raises
    ------
    TableError
        If a line has more or fewer cells than there are names; the message names the line.
    """
    rows = _wanted_cells(path, head, [wanted], most)
    return [cell.strip().strip('"') for _, (cell,) in rows]


def _wanted_cells(
    path: Path, head: Table, wanted: Sequence[str], most: int
) -> Iterator[tuple[int, list[str]]]:
    """Number of each line below the head, and its cells in some columns."""
    names = head.names or []
    places = [names.index(name) for name in wanted]
    n_rows = 0
    for number, cells in _lines(path):
        if number <= head.n_above:
            continue
        if len(cells) != len(names):
            _refuse_count(path, number, len(cells), len(names))
        n_rows += 1
        if n_rows > most:
            raise TableError(f"{path} has more than {most} rows; leave some of them out.")
        yield number, [cells[place] for place in places]


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number, from 1, and cells of every line but empty ones and comments."""
    with path.open("rb") as raw:
        mark = MARKS.get(raw.read(2))
    if mark:
        raise TableError(f"{path} is written in {mark}; save it again as CSV in UTF-8.")
    number = 1
    with path.open(encoding="utf-8-sig") as file:
        while line := _line(path, file, number):
            text = line.strip()
            if text and not text.startswith("#"):
                if ";" in text or "\t" in text:
                    found = "semicolons" if ";" in text else "tabs"
                    raise TableError(
                        f"{path}, line {number}: {text[:40]!r} holds {found}. Save the file "
                        "with commas between the columns and points in the numbers."
                    )
                yield number, text.split(",")
            number += 1


def _line(path: Path, file: TextIO, number: int) -> str:
    """The next line; '' after the last."""
    try:
        line = file.readline(MAX_LINE)
    except UnicodeDecodeError:
        _refuse_bytes(path)
    if "\0" in line or len(line) == MAX_LINE:
        found = "a zero byte" if "\0" in line else f"more than {MAX_LINE} characters"
        raise TableError(
            f"{path}, line {number} holds {found}: this is no text file with columns."
        )
    return line


def _refuse_bytes(path: Path) -> NoReturn:
    """Name the first line that is no UTF-8; the decoder reads ahead and does not know it."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise TableError(
                    f"{path}, line {number} holds the byte {line[error.start]:#x}, which is "
                    "no text in UTF-8; save the file again as CSV in UTF-8."
                ) from None
    raise TableError(f"{path} is no text in UTF-8; save it again as CSV in UTF-8.")


def _refuse_count(path: Path, number: int, found: int, wanted: int) -> NoReturn:
    raise TableError(
        f"{path}, line {number} has {found} cells, but there are {wanted} columns. Commas "
        "stand between the columns only: write numbers with a decimal point, and without "
        "separators of thousands."
    )


def _refuse_cell(path: Path, number: int, cell: str) -> NoReturn:
    raise TableError(
        f"{path}, line {number}: {cell.strip()[:40]!r} is no number. Below at most one line "
        "of names there must be numbers only, with a decimal point and commas between the "
        "columns."
    )
