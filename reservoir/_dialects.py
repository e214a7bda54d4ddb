"""How is a text with columns of numbers written? Every instrument has a dialect of its own.

A dialect is an encoding, what stands between the cells, and which sign begins the decimals.
It is found from the first lines of the file that hold nothing but numbers. What stands above
them, or beside them in columns of its own, is the preamble. It is handed on as cells, and
means nothing here.
"""

import codecs
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn, TextIO, TypeAlias

NUMBER = re.compile(
    r"\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?)\s*",
    re.ASCII | re.IGNORECASE,
)
# What recorders write in the place of a sample that they lost.
LOST = {"overload", "overrange", "overflow", "ovl", "clipped", "invalid", "missing", "error"}
LOST |= {"na", "none", "null"}
MAX_LINE = 100_000  # characters
N_SEEN = 200  # lines from which the dialect is found; a preamble is shorter
PIECE = 1 << 20  # bytes
COMMENTS = ("#", "%")
NAME = re.compile(r"\s*[\"'(\[]*[^\W\d_]")  # what a line of a preamble begins with
NOTE = re.compile(r"[#%]+\s*([^=:]*[^=:\s])\s*[=:]\s*(.+)")  # a comment that says a value
# What stands between the cells, and the sign before the decimals; the first that fits counts.
STYLES = (
    (";", "."),
    (";", ","),
    ("\t", "."),
    ("\t", ","),
    (",", "."),
    (" ", "."),
    (" ", ","),
)
ONE_COLUMN = "\n"  # stands between cells where there is one in a line
COMMA_FOR_POINT = str.maketrans({",": ".", ".": "!"})  # a point is no decimal sign then

# Delimiter, decimal sign, places of numbers in a line, and count of its cells.
Style: TypeAlias = tuple[str, str, tuple[int, ...], int]


class TableError(ValueError):
    """A file holds no columns of numbers that can be read."""


class Line(NamedTuple):
    """A line that holds no numbers, or what stands beside its numbers.

    Attributes
    ----------
    number : int
        From 1.
    cells : tuple of str
        Without quotation marks and blanks around them.
    """

    number: int
    cells: tuple[str, ...]


class Layout(NamedTuple):
    """Where in a file which numbers stand.

    Attributes
    ----------
    path : Path
    encoding : str
    delimiter : str
        Between the cells: a semicolon, a tab, a comma, a blank for any number of blanks, or
        the end of the line where there is one column.
    decimal : str
        A point or a comma.
    columns : tuple of int
        Places in a line of the cells that hold numbers.
    n_cells : int
        In a line of numbers.
    first : int
        Number of the first line of numbers.
    preamble : tuple of Line
        What stands above the numbers, or beside them.
    notes : tuple of Line
        Comments above the numbers that say a value: its word, and the value.
    """

    path: Path
    encoding: str
    delimiter: str
    decimal: str
    columns: tuple[int, ...]
    n_cells: int
    first: int
    preamble: tuple[Line, ...]
    notes: tuple[Line, ...]

    @property
    def names(self) -> tuple[str, ...] | None:
        """Names of the columns, if the line above the numbers says them."""
        if not self.preamble or self.beside:
            return None
        cells = self.preamble[-1].cells
        named = [cells[place] for place in self.columns if place < len(cells)]
        fits = len(named) == len(self.columns) and len(cells) <= self.n_cells
        return tuple(named) if fits and not any(map(_is_value, named)) else None

    @property
    def beside(self) -> bool:
        """Whether the preamble stands in columns of its own, beside the numbers."""
        return self.columns[0] > 0

    def entries(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """What the preamble says, by its words in lower case without a colon at the end.

        Returns
        -------
        dict of str to (str, tuple of str)
            "line N", and the cells behind the word. Of a word that comes twice the first
            counts.
        """
        found: dict[str, tuple[str, tuple[str, ...]]] = {}
        for line in (*self.notes, *self.preamble):
            word, *rest = line.cells
            if not any(rest) and ":" in word:
                word, *rest = word.split(":")
            values = tuple(cell.strip() for cell in rest)
            key = word.strip().rstrip(":").lower()
            found.setdefault(key, (f"line {line.number}", values))
        return found


def read_layout(path: Path) -> Layout:
    """Find the dialect of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Layout

    Raises
    ------
    TableError
        If the file is no text, if none of its first 200 lines holds nothing but numbers, or
        if a line above them is neither one of numbers nor one of words.
    """
    encoding = encoding_of(path)
    lines = list(itertools.islice(text_lines(path, encoding), N_SEEN))
    rows = [(number, text) for number, text in lines if not is_comment(text)]
    found = Counter(style for _, text in rows for style in _styles_of(text))
    if not found:
        _refuse_without_numbers(path, rows)
    # Of styles that fit equally many lines the earlier one in STYLES counts.
    usual = max(found, key=lambda style: (found[style], -STYLES.index(style[:2])))
    delimiter, decimal, columns, n_cells = _one_column_if_so(rows, usual)
    layout = Layout(path, encoding, delimiter, decimal, columns, n_cells, 0, (), ())
    first, preamble = _split(layout, rows)
    notes = [
        Line(number, match.groups())
        for number, text in lines
        if number < first and (match := NOTE.fullmatch(text.strip()))
    ]
    layout = layout._replace(first=first, preamble=tuple(preamble), notes=tuple(notes))
    _refuse_other_names(layout)
    _refuse_doubtful_commas(layout, rows)
    return layout


def read_words(path: Path) -> Layout:
    """The preamble of a file that holds nothing else: a layout without columns of numbers.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Layout
        Each line is one cell of its preamble.

    Raises
    ------
    TableError
        If the file is no text.
    """
    encoding = encoding_of(path)
    lines = itertools.islice(text_lines(path, encoding), N_SEEN)
    preamble = tuple(_line(number, [text]) for number, text in lines)
    return Layout(path, encoding, ONE_COLUMN, ".", (), 0, 0, preamble, ())


def refuse_cell(path: Path, number: int, cell: str) -> NoReturn:
    """Refuse a cell, or what stands in its place, that is no number.

    Parameters
    ----------
    path : Path
    number : int
        Of its line.
    cell : str

    Raises
    ------
    TableError
    """
    found = f"{cell.strip()[:40]!r} is no number" if cell.strip() else "a number is missing"
    raise TableError(
        f"{path}, line {number}: {found}. Below the preamble and the names of the columns "
        "there must be numbers only."
    )


def _refuse_without_numbers(path: Path, rows: list[tuple[int, str]]) -> NoReturn:
    for number, text in rows:
        if not NAME.match(text):
            raise TableError(
                f"{path}, line {number}: {text[:40]!r} is no row of numbers, and there is "
                f"none in the first {N_SEEN} lines. Save the file as text with columns of "
                "numbers, separated by commas, semicolons, tabs or blanks."
            )
    raise TableError(f"{path} holds no numbers.")


def _styles_of(text: str) -> Iterator[Style]:
    """Every style in which a line holds nothing but numbers side by side."""
    for delimiter, decimal in STYLES:
        if delimiter not in text and delimiter != ",":
            continue
        cells = cells_of(text, delimiter)
        filled = [place for place, cell in enumerate(cells) if cell.strip()]
        if filled and all(is_number(cells[place], decimal) for place in filled):
            if filled == list(range(filled[0], filled[-1] + 1)):
                yield delimiter, decimal, tuple(filled), len(cells)


def _one_column_if_so(rows: list[tuple[int, str]], style: Style) -> Style:
    """A style with one column of decimal commas, if one name stands above pairs of cells."""
    delimiter, _, columns, n_cells = style
    if (delimiter, columns, n_cells) == (",", (0, 1), 2):
        above = list(itertools.takewhile(lambda row: not any(_styles_of(row[1])), rows))
        if len(above) == 1 and NAME.match(above[0][1]) and "," not in above[0][1]:
            return ONE_COLUMN, ",", (0,), 1
    if delimiter != " " and n_cells == 1:
        return ONE_COLUMN, style[1], columns, n_cells
    return style


def _split(layout: Layout, rows: list[tuple[int, str]]) -> tuple[int, list[Line]]:
    """Number of the first line of numbers, and the preamble."""
    first, preamble = 0, []
    for number, text in rows:
        cells = cells_of(text, layout.delimiter)
        fits = all(
            place < len(cells) and is_number(cells[place], layout.decimal)
            for place in layout.columns
        )
        others = [cell for place, cell in enumerate(cells) if place not in layout.columns]
        said = any(cell.strip() for cell in others)
        if fits and (layout.beside or (not said and len(cells) == layout.n_cells)):
            first = first or number
            if said:
                preamble.append(_line(number, others))
        elif not first:
            words = _line(number, _words(text, layout.delimiter))
            if any(words.cells):
                _check_words(layout.path, words, text)
                preamble.append(words)
    return first, preamble


def _check_words(path: Path, line: Line, text: str) -> None:
    """Refuse a line above the numbers that may stand in the place of a sample."""
    word = next(cell for cell in line.cells if cell)
    if not NAME.match(word) or word.lower() in LOST:
        refuse_cell(path, line.number, text)


def _refuse_other_names(layout: Layout) -> None:
    """Refuse a single line of names that are not as many as the columns."""
    above = layout.preamble
    if len(above) == 1 and not layout.beside and layout.names is None:
        n_names, n_columns = len(above[0].cells), len(layout.columns)
        raise TableError(
            f"{layout.path}, line {above[0].number} has {n_names} cells, but there are "
            f"{n_columns} columns of numbers below it. Give every column one name."
        )


def _refuse_doubtful_commas(layout: Layout, rows: list[tuple[int, str]]) -> None:
    """Refuse pairs of cells that are numbers with decimal commas, as their zeros show."""
    if layout.delimiter != "," or layout.n_cells != 2 or layout.names is not None:
        return
    for number, text in rows:
        if "." not in text and re.match(r"\s*[+-]?\d+,0\d", text):
            raise TableError(
                f"{layout.path}, line {number}: {text[:40]!r} may be one number with a "
                "decimal comma, or two cells. Write decimal points, or put semicolons or "
                "tabs between the columns, or name the column above the numbers."
            )


def is_comment(text: str) -> bool:
    """Whether a line is a comment."""
    return text.lstrip().startswith(COMMENTS)


def delimiter_of(text: str) -> str:
    """What stands between the names of columns: the first of ";", a tab and "," in a line.

    It is `ONE_COLUMN` where none of them does.
    """
    return next((sign for sign in ";\t," if sign in text), ONE_COLUMN)


def cells_of(text: str, delimiter: str) -> list[str]:
    """Cells of a line."""
    return text.split() if delimiter == " " else text.split(delimiter)


def _words(text: str, delimiter: str) -> list[str]:
    """Cells of a line above the numbers, which may need other signs between them."""
    if delimiter in (" ", ONE_COLUMN) and delimiter_of(text) != ONE_COLUMN:
        delimiter = delimiter_of(text)
    return cells_of(text, delimiter)


def _line(number: int, cells: Sequence[str]) -> Line:
    """A line of words; empty cells at its end are left out."""
    words = [cell.strip().strip("\"'").strip() for cell in cells]
    while len(words) > 1 and not words[-1]:
        words.pop()
    return Line(number, tuple(words))


def is_number(cell: str, decimal: str) -> bool:
    """Whether a cell holds nothing but a number with a decimal sign, or with none."""
    plain = cell if decimal == "." else cell.translate(COMMA_FOR_POINT)
    return NUMBER.fullmatch(plain) is not None


def _is_value(cell: str) -> bool:
    """Whether a cell is empty or holds a decimal number, so that it is no name.

    A channel may be called 1.
    """
    return not cell or (NUMBER.fullmatch(cell) is not None and not cell.isdigit())


def encoding_of(path: Path) -> str:
    """UTF-16 by its mark, UTF-8 if the beginning is that, and else Windows' Latin.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        Of the UTF-8, the one that passes over a byte order mark.
    """
    with path.open("rb") as file:
        head = file.read(PIECE)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        # Of the last character there may be a part only.
        head[: head.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def text_lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Number, from 1, and text of every line of a file that is not empty.

    Parameters
    ----------
    path : Path
    encoding : str

    Yields
    ------
    number : int
    text : str

    Raises
    ------
    TableError
        If a line is too long for one of a table, or holds a zero byte.
    """
    with path.open(encoding=encoding, errors="replace") as file:
        yield from numbered_lines(path, file)


def numbered_lines(path: Path, file: TextIO) -> Iterator[tuple[int, str]]:
    """Number, from 1, and text of every line of an open file that is not empty.

    Parameters
    ----------
    path : Path
        For messages.
    file : text file

    Yields
    ------
    number : int
    text : str

    Raises
    ------
    TableError
        If a line is too long for one of a table, or holds a zero byte.
    """
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE or "\0" in line:
            found = "a zero byte" if "\0" in line else f"more than {MAX_LINE} characters"
            raise TableError(
                f"{path}, line {number} holds {found}: this is no text file with columns."
            )
        if not line.isspace():
            yield number, line.rstrip("\n")
