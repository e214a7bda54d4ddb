"""Which numbers stand in a text whose dialect is known? Read block by block.

Memory does not grow with the file. A line that does not fit the dialect is refused with its
number, because its numbers would move to other columns.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import NoReturn

import numpy as np

from reservoir._dialects import (
    COMMA_FOR_POINT,
    ONE_COLUMN,
    Layout,
    TableError,
    cells_of,
    is_comment,
    is_number,
    numbered_lines,
    refuse_cell,
)
from reservoir._types import Floats

BLOCK_LINES = 1 << 16
PIECE = 1 << 20  # bytes that are counted at a time


def most_rows(layout: Layout) -> int:
    """Number of lines in a file from its first line of numbers on, and one more."""
    feeds = returns = 0
    with layout.path.open("rb") as file:
        while piece := file.read(PIECE):
            feeds += piece.count(b"\n")
            returns += piece.count(b"\r")
    return max(feeds, returns) + 2 - layout.first


def blocks(
    layout: Layout, wanted: Sequence[int], *, comments: bool = True
) -> Iterator[Floats]:
    """Numbers of some columns, a block of lines at a time.

    Parameters
    ----------
    layout : Layout
    wanted : sequence of int
        Which of the columns of numbers, from 0.
    comments : bool, default=True
        Whether lines that begin with # may stand among the numbers.

    Yields
    ------
    ndarray of shape (n_rows, n_wanted)

    Raises
    ------
    TableError
        If a line has more or fewer cells than the others, or a cell is no number; the
        message names the line.
    """
    with layout.path.open(encoding=layout.encoding, errors="replace") as file:
        source = numbered_lines(layout.path, file)
        source = itertools.dropwhile(lambda line: line[0] < layout.first, source)
        while chunk := list(itertools.islice(source, BLOCK_LINES)):
            kept = [line for line in chunk if not (comments and is_comment(line[1]))]
            if kept:
                yield _numbers_of(layout, kept)[:, list(wanted)]


def _numbers_of(layout: Layout, lines: list[tuple[int, str]]) -> Floats:
    """Numbers of all columns of some lines."""
    _refuse_counts(layout, lines)
    texts = [text for _, text in lines]
    if layout.decimal == ",":
        texts = [text.translate(COMMA_FOR_POINT) for text in texts]
    try:
        numbers: Floats = np.loadtxt(
            texts,
            delimiter=None if layout.delimiter in (" ", ONE_COLUMN) else layout.delimiter,
            usecols=layout.columns,
            comments=None,
            ndmin=2,
        )
    except ValueError:
        _refuse_cells(layout, lines)
    return numbers


def _refuse_counts(layout: Layout, lines: list[tuple[int, str]]) -> None:
    """Refuse lines with more or fewer cells than the others."""
    if layout.beside:
        return
    n_between, delimiter = layout.n_cells - 1, layout.delimiter
    if delimiter == " ":
        odd = (line for line in lines if len(line[1].split()) != layout.n_cells)
    else:
        odd = (line for line in lines if line[1].count(delimiter) != n_between)
    for number, text in odd:
        n_cells = len(cells_of(text, delimiter))
        raise TableError(
            f"{layout.path}, line {number} has {n_cells} cells, but the others have "
            f"{layout.n_cells}: {text[:40]!r}. Every line must have as many; separators of "
            "thousands must be left out, and with commas between the cells numbers must have "
            "a decimal point."
        )


def _refuse_cells(layout: Layout, lines: list[tuple[int, str]]) -> NoReturn:
    """Name the first cell that is no number."""
    for number, text in lines:
        cells = cells_of(text, layout.delimiter)
        for place in layout.columns:
            cell = cells[place] if place < len(cells) else ""
            if not is_number(cell, layout.decimal):
                refuse_cell(layout.path, number, cell)
    raise TableError(f"{layout.path} holds something else than numbers.")
