"""What stands in a table of one's own: features and labels, or an input and a target?

A table is a CSV file, an HDF5 file or a ``.npy`` file. Behind a colon stand the columns of a
CSV file (``formants.csv:F1,F2``) or the data set of an HDF5 file (``run.h5:input``).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from reservoir._dialects import read_layout
from reservoir._hdf5 import opened_hdf5
from reservoir._hdf5_tree import array_of
from reservoir._number_rows import blocks
from reservoir._tables import read_columns, read_head, read_texts
from reservoir._types import Array, Floats
from reservoir.datasets import DatasetError

SOURCE = re.compile(r"(.+\.(?:csv|txt|h5|hdf5|npy))(?::(.+))?", re.IGNORECASE)
HDF5 = (".h5", ".hdf5")
MAX_ROWS = 10_000_000


@dataclass(frozen=True)
class Source:
    """Where a table stands.

    Attributes
    ----------
    text : str
        As it was given.
    path : Path
    part : str or None
        Columns of a CSV file, with commas between them, or a data set.
    """

    text: str
    path: Path
    part: str | None

    @classmethod
    def of(cls, text: str) -> "Source":
        """Understand what a user wrote.

        Raises
        ------
        ValueError
            If it names no file of a known kind, or there is none.
        """
        match = SOURCE.fullmatch(text)
        if match is None:
            raise ValueError(
                f"{text!r} is no table; give FILE.csv[:COLUMN,...], FILE.h5[:DATASET] or "
                "FILE.npy."
            )
        source = cls(text, Path(match[1]), match[2])
        if not source.path.is_file():
            raise ValueError(f"There is no file {source.path}.")
        if source.kind == ".npy" and source.part:
            raise ValueError(
                f"{text!r}: a .npy file holds one array, so nothing stands behind a colon."
            )
        return source

    @property
    def kind(self) -> str:
        """The suffix of the file, in small letters."""
        return self.path.suffix.lower()


def read_features(source: Source, *others: Source | None) -> Floats:
    """A table of numbers, with a row for each sample.

    Parameters
    ----------
    source : Source
    *others : Source or None
        What is read besides. Columns of the same CSV file that stand there are left out if
        no columns are named.

    Returns
    -------
    ndarray of shape (n_rows, n_columns)

    Raises
    ------
    DatasetError
        If the table cannot be read, or holds something else than finite numbers. The message
        names the row and the column.
    """
    if source.kind not in (*HDF5, ".npy"):
        taken = [o.part for o in others if o is not None and o.path == source.path and o.part]
        table, names = _csv_numbers(source, [n for part in taken for n in part.split(",")])
    else:
        table, names = _array(source), []
    if table.dtype.kind not in "iufb" or table.ndim not in (1, 2) or not table.size:
        raise DatasetError(
            f"{source.text} holds an array of shape {table.shape} and type {table.dtype}; it "
            "must hold numbers, with a row for each sample and a column for each feature."
        )
    table = np.atleast_2d(table.astype(float).T).T
    bad = np.argwhere(~np.isfinite(table))
    if len(bad):
        row, column = bad[0]
        name = repr(names[column]) if names else str(column + 1)
        more = f" ({len(bad)} cells in all)" if len(bad) > 1 else ""
        raise DatasetError(
            f"{source.text} holds {table[row, column]} in row {row + 1}, column "
            f"{name}{more}; rows are counted below the names. Leave such rows out of all "
            "tables."
        )
    return table


def read_labels(source: Source) -> Array:
    """A column of labels: texts or whole numbers.

    Parameters
    ----------
    source : Source

    Returns
    -------
    ndarray of str or int of shape (n_rows,)

    Raises
    ------
    DatasetError
        If there is more than one column, or a label is missing or no whole number.
    """
    labels = _csv_texts(source) if source.kind not in (*HDF5, ".npy") else _array(source)
    if labels.ndim == 2 and 1 in labels.shape:
        labels = labels.ravel()
    if labels.ndim != 1 or not len(labels):
        raise DatasetError(
            f"{source.text} has the shape {labels.shape}; labels are one column, with a "
            "label for each row of X."
        )
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8")
    if labels.dtype.kind == "U":
        empty = np.flatnonzero(labels == "")
        if len(empty):
            raise DatasetError(
                f"{source.text} has no label in row {empty[0] + 1}; leave the row out of all "
                "tables."
            )
        if not all(re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?(e[+-]?[0-9]+)?", x) for x in labels):
            return labels
        labels = labels.astype(float)
    if labels.dtype.kind not in "iufb":
        raise DatasetError(
            f"{source.text} holds {labels.dtype}; labels are texts or integers."
        )
    wrong = np.flatnonzero(labels != np.round(labels.astype(float)))
    if len(wrong):
        raise DatasetError(
            f"{source.text} holds {labels[wrong[0]]:g} in row {wrong[0] + 1}, which is no "
            "label: labels are texts or whole numbers. To predict numbers there is "
            "`reservoir series`."
        )
    return labels.astype(np.int64)


def check_rows(first: Source, n_first: Sequence[int], second: Source, n_second: int) -> None:
    """Refuse two tables of unequal length, and tell a transposed one.

    Parameters
    ----------
    first : Source
    n_first : shape of the first table
    second : Source
    n_second : int
        Rows of the second table.

    Raises
    ------
    DatasetError
    """
    if n_first[0] == n_second:
        return
    transposed = (
        f" {first.text} has {n_second} columns, so it seems to be transposed: write a row "
        "for each sample."
        if len(n_first) > 1 and n_first[1] == n_second
        else " Give a row of both for each sample."
    )
    raise DatasetError(
        f"{first.text} has {n_first[0]} rows and {second.text} has {n_second}.{transposed}"
    )


def _csv_numbers(source: Source, taken: list[str]) -> tuple[Array, list[str]]:
    """All numbers of a CSV file, or some columns; and the names of the columns."""
    try:
        head = read_head(source.path)
        if source.part is None and not taken:
            return _all_numbers(source.path), head.names or []
        names = _names_in(source, head.names)
        wanted = source.part.split(",") if source.part else names
        for name in [*wanted, *taken]:
            _require_column(source, name, names)
        wanted = [name for name in wanted if source.part or name not in taken]
        columns = read_columns(source.path, head, wanted, MAX_ROWS)
    except ValueError as error:
        cure = (
            f" A column of texts is left out by naming the others, as in "
            f"{source.path.name}:F1,F2, or by naming it for --y or --groups."
        )
        is_text = "is no number" in str(error)
        raise DatasetError(f"{error}{cure if is_text else ''}") from None
    return np.array(columns).T, wanted


def _all_numbers(path: Path) -> Floats:
    """All columns of a file that holds nothing but numbers."""
    layout = read_layout(path)
    columns = range(len(layout.columns))
    return np.concatenate(list(blocks(layout, columns)))


def _csv_texts(source: Source) -> Array:
    try:
        head = read_head(source.path)
        if head.names is None and head.n_columns == 1 and source.part is None:
            return _all_numbers(source.path)[:, 0]
        names = _names_in(source, head.names)
        name = source.part
        if name is None:
            if len(names) > 1:
                raise ValueError(
                    f"{source.text} has {len(names)} columns; name the one that holds the "
                    f"labels, as in {source.path.name}:{names[-1]}."
                )
            name = names[0]
        _require_column(source, name, names)
        return np.array(read_texts(source.path, head, name, MAX_ROWS))
    except ValueError as error:
        raise DatasetError(str(error)) from None


def _names_in(source: Source, names: list[str] | None) -> list[str]:
    if names is None:
        raise ValueError(
            f"{source.path} has no line that names its columns; write one, because columns "
            "are chosen by their names"
        )
    return names


def _require_column(source: Source, name: str, names: list[str]) -> None:
    if names.count(name) != 1:
        found = "has no column" if name not in names else "has more than one column"
        raise ValueError(f"{source.path} {found} {name!r}; it has {', '.join(names)}.")


def _array(source: Source) -> Array:
    if source.kind == ".npy":
        try:
            # Mapped first: a head that claims more than the file holds takes no memory then.
            found = np.load(source.path, mmap_mode="r", allow_pickle=False)
            if not isinstance(found, np.ndarray):
                found.close()
                raise ValueError("It is an archive of several arrays (.npz).")
        except (ValueError, EOFError, OverflowError) as error:
            raise DatasetError(
                f"{source.path} is no .npy file of numbers, or claims more than it holds: "
                f"{error}"
            ) from None
        return np.array(found)
    with opened_hdf5(source.path) as file:
        names = list(file)
        name = source.part or (names[0] if len(names) == 1 else None)
        values: Any = None
        if name is not None and name in names:
            values = array_of(file, name, str(source.path))
    if values is None:
        _refuse_dataset(source, names)
    return np.asarray(values)


def _refuse_dataset(source: Source, names: list[str]) -> NoReturn:
    asked = f"no data set {source.part!r}" if source.part else f"{len(names)} data sets"
    raise DatasetError(
        f"{source.path} has {asked}; name one of {', '.join(names) or 'none'}, as in "
        f"{source.path.name}:{names[0] if names else 'X'}."
    )
