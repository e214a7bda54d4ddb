"""What does a text file with named columns hold? Read exactly, or refused with the cure.

Cells are separated by semicolons, tabs or commas, as the first line shows, and numbers have a
decimal point or, if the cells are not separated by commas, a decimal comma. Every line has as
many cells as the others. A line of another dialect is refused: its numbers would move to
other columns.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from reservoir._dialects import (
    COMMA_FOR_POINT,
    LOST,
    N_SEEN,
    ONE_COLUMN,
    TableError,
    cells_of,
    delimiter_of,
    encoding_of,
    is_comment,
    is_number,
    text_lines,
)

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
    encoding : str
    delimiter : str
        Between the cells: a semicolon, a tab, a comma, or the end of the line.
    decimal : str
        A point or a comma.
    """

    names: list[str] | None
    n_columns: int
    n_above: int
    encoding: str
    delimiter: str
    decimal: str


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
        If the file is empty, is no text, or if its first line is neither one of numbers nor
        one of names.
    """
    encoding = encoding_of(path)
    seen = list(itertools.islice(_lines(path, encoding), N_SEEN))
    delimiter, decimal = _dialect_of([text for _, text in seen])
    names, n_above = None, 0
    for number, text in seen:
        cells = cells_of(text, delimiter)
        numeric = [is_number(cell, decimal) for cell in cells]
        if all(numeric) or names is not None:
            if names is not None and len(names) != len(cells):
                _refuse_count(path, number, len(cells), len(names))
            return Table(names, len(cells), number - 1, encoding, delimiter, decimal)
        words = [cell.strip().strip('"') for cell in cells]
        named = all(NAME.match(word) for word in words) and not any(numeric)
        if not named or words[0].lower() in LOST:
            _refuse_cell(path, number, cells[numeric.index(False)])
        names, n_above = words, number
    if names is None:
        raise TableError(f"{path} holds no numbers.")
    return Table(names, len(names), n_above, encoding, delimiter, decimal)


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
            if not is_number(cell, head.decimal):
                _refuse_cell(path, number, cell)
            plain = cell.translate(COMMA_FOR_POINT) if head.decimal == "," else cell
            column.append(float(plain))
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
    for number, text in _lines(path, head.encoding):
        if number <= head.n_above:
            continue
        cells = cells_of(text, head.delimiter)
        if len(cells) != len(names):
            _refuse_count(path, number, len(cells), len(names))
        n_rows += 1
        if n_rows > most:
            raise TableError(f"{path} has more than {most} rows; leave some of them out.")
        yield number, [cells[place] for place in places]


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Number, from 1, and text of every line but empty ones and comments."""
    return (line for line in text_lines(path, encoding) if not is_comment(line[1]))


def _dialect_of(lines: Sequence[str]) -> tuple[str, str]:
    """The delimiter that the first line shows, and the decimal sign."""
    delimiter = delimiter_of(lines[0]) if lines else ONE_COLUMN
    if delimiter == ",":
        return delimiter, "."
    cells = (cell for text in lines for cell in cells_of(text, delimiter) if "," in cell)
    return delimiter, "," if any(is_number(cell, ",") for cell in cells) else "."


def _refuse_count(path: Path, number: int, found: int, wanted: int) -> NoReturn:
    raise TableError(
        f"{path}, line {number} has {found} cells, but there are {wanted} columns. Put the "
        "same sign between all cells: semicolons, tabs or commas. Between commas numbers "
        "have a decimal point, and none has separators of thousands."
    )


def _refuse_cell(path: Path, number: int, cell: str) -> NoReturn:
    raise TableError(
        f"{path}, line {number}: {cell.strip()[:40]!r} is no number. Below at most one line "
        "of names there must be numbers only, all with the same decimal sign."
    )
