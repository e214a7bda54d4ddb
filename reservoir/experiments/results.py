"""How is a result written down? As rows that a person and a program can read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from reservoir._files import FilePath
from reservoir._hdf5 import Form, opened_form, written_hdf5
from reservoir._hdf5_tree import Item, parse_json
from reservoir._types import Array, ArrayLike
from reservoir._version import __version__

RESULTS = Form(
    "oscillator-reservoir results",
    "file of results",
    "save_results",
    version=3,
    first_digest=2,
    first_numbered=2,
)
ERROR_METRICS = ("nmse", "nrmse", "ser")  # their first digits tell their size


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a result table.

    Attributes
    ----------
    task, protocol, frontend, method, metric : str
    value : float
        Mean over folds and seeds; an accuracy lies between 0 and 1, on test data.
    spread : float
        Standard deviation over folds, of the population, after seeds were averaged.
    n_folds : int
    seconds : float
        Wall time of fit and predict, mean over folds and seeds. Other work may have run
        at the same time.
    n_parameters : int
        Numbers that fitting set; the largest over folds.
    title : str
        The method in words.
    dataset, digest : str
        The data, and a digest of them.
    seeds : tuple of int
    versions : dict of str to str
        Of packages, by their names.
    command : str
        The command line; empty if it was none.

    Notes
    -----
    The last six are filled in by `reservoir.experiments.provenance.traced`.

    Examples
    --------
    >>> from reservoir.experiments import Row
    >>> row = Row(task="vowels", protocol="5x5", frontend="formants", method="lda",
    ...           metric="accuracy", value=0.96, spread=0.02, n_folds=25, seconds=0.1,
    ...           n_parameters=91)
    >>> row.method, row.value
    ('lda', 0.96)
    """

    task: str
    protocol: str
    frontend: str
    method: str
    metric: str
    value: float
    spread: float
    n_folds: int
    seconds: float
    n_parameters: int
    title: str = ""
    dataset: str = ""
    digest: str = ""
    seeds: tuple[int, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""


def format_table(rows: Sequence[Row]) -> str:
    """Rows as aligned text, accuracies in per cent, other measures as they are.

    Task, protocol and front end get a column each if the rows differ in them.

    Parameters
    ----------
    rows : list of Row

    Returns
    -------
    str

    Examples
    --------
    >>> from reservoir.experiments import Row, format_table
    >>> row = Row(task="digits", protocol="index", frontend="mfcc", method="ridge",
    ...           metric="accuracy", value=0.9, spread=0.01, n_folds=10, seconds=0.2,
    ...           n_parameters=530)
    >>> print(format_table([row]))
    method                   accuracy  spread  seconds  parameters
    ridge                      90.00%   1.00%     0.20         530
    """
    varied = [
        name
        for name in ("task", "protocol", "frontend")
        if len({getattr(row, name) for row in rows}) > 1
    ]
    widths = {
        name: max(len(name), *(len(getattr(row, name)) for row in rows)) + 2
        for name in varied
    }
    title = rows[0].metric if len({row.metric for row in rows}) == 1 else "value"
    heads = [
        "".join(
            f"{text:<{width}}" for text, width in zip(texts, widths.values(), strict=True)
        )
        for texts in (widths, *([getattr(row, name) for name in widths] for row in rows))
    ]
    lines = [format_row(row, head) for row, head in zip(rows, heads[1:], strict=True)]
    return "\n".join([format_table_head(title, heads[0]), *lines])


def format_table_head(title: str = "accuracy", head: str = "") -> str:
    """The line above the rows of a table, whose values have a title."""
    return f"{head}{'method':<24}{title:>9}{'spread':>8}{'seconds':>9}{'parameters':>12}"


def format_row(row: Row, head: str = "") -> str:
    """One row as a line of a table, behind its first columns."""
    unit = "%" * (row.metric == "accuracy")
    value, spread = (text + unit for text in number_texts(row))
    numbers = f"{value:>9}{spread:>8}{row.seconds:>9.2f}{row.n_parameters:>12d}"
    return f"{head}{row.method:<24}{numbers}"


def number_texts(row: Row) -> tuple[str, str]:
    """Value and spread of a row with the digits that every table shows.

    Parameters
    ----------
    row : Row

    Returns
    -------
    value, spread : str
        Accuracies in per cent. A severity has no spread.
    """
    if row.metric == "accuracy":
        return f"{100 * row.value:.2f}", f"{100 * row.spread:.2f}"
    if row.metric in ERROR_METRICS:
        return f"{row.value:.2g}", f"{row.spread:.1g}"
    if row.metric == "severity":
        return f"{row.value:.3g}", ""
    return f"{row.value:.3f}", f"{row.spread:.3f}"


def wilson_interval(accuracy: float, n_clips: int) -> tuple[float, float]:
    """95 % interval of an accuracy that was measured on `n_clips` clips (Wilson 1927).

    Parameters
    ----------
    accuracy : float
        Between 0 and 1.
    n_clips : int

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> from reservoir.experiments.results import wilson_interval
    >>> [round(100 * limit, 1) for limit in wilson_interval(297 / 300, 300)]
    [97.1, 99.7]
    """
    z = 1.959964
    center = accuracy + z**2 / (2 * n_clips)
    half = z * np.sqrt(accuracy * (1 - accuracy) / n_clips + z**2 / (4 * n_clips**2))
    scale = 1 + z**2 / n_clips
    return float((center - half) / scale), float((center + half) / scale)


def rows_to_json(rows: Sequence[Row]) -> str:
    """Rows as a JSON list of objects."""
    return json.dumps([asdict(row) for row in rows], indent=2)


@dataclass(frozen=True)
class Results:
    """What a file of results holds.

    Attributes
    ----------
    rows : list of Row
    arrays : dict of str to ndarray
        By the names under which they were saved. Texts are arrays of bytes.
    settings : dict
        What was run.
    """

    rows: list[Row]
    arrays: dict[str, Array]
    settings: dict[str, Any]


def save_results(
    path: FilePath,
    rows: Sequence[Row],
    arrays: Mapping[str, ArrayLike],
    settings: Mapping[str, Any],
) -> None:
    """Write rows, arrays and settings to an HDF5 file that appears when it is complete.

    Parameters
    ----------
    path : str or path-like
    rows : list of Row
    arrays : dict of str to array-like
        Confusion matrices, predictions and the like. A name with a slash leads into a group.
    settings : dict
        What was run; stored as JSON.

    Raises
    ------
    OSError
        If the file cannot be written, as on a full disk; an earlier file is then as it was.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from reservoir.experiments import load_results, save_results
    >>> from reservoir.experiments import Row
    >>> row = Row(task="vowels", protocol="5x5", frontend="formants", method="lda",
    ...           metric="accuracy", value=0.96, spread=0.02, n_folds=25, seconds=0.1,
    ...           n_parameters=91)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "results.h5"
    >>> save_results(path, [row], {"confusion": [[9, 1], [0, 10]]}, {"seed": 0})
    >>> load_results(path).settings
    {'seed': 0}
    """
    with written_hdf5(path, RESULTS) as file:
        file.attrs["package_version"] = __version__
        file.attrs["settings"] = json.dumps(settings)
        file.attrs["rows"] = rows_to_json(rows)
        for name, values in arrays.items():
            array = np.asarray(values)
            file[name] = np.char.encode(array, "utf-8") if array.dtype.kind == "U" else array


def load_results(path: FilePath) -> Results:
    """Everything in a file that `save_results` wrote.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    Results

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StorageError
        If another program wrote the file, or it was changed after it was written.

    Warns
    -----
    StorageWarning
        If the file is of version 1, which had no digest of its content.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from reservoir.experiments import load_results, save_results
    >>> from reservoir.experiments import Row
    >>> row = Row(task="vowels", protocol="5x5", frontend="formants", method="lda",
    ...           metric="accuracy", value=0.96, spread=0.02, n_folds=25, seconds=0.1,
    ...           n_parameters=91)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "results.h5"
    >>> save_results(path, [row], {}, {})
    >>> [row.method for row in load_results(path).rows]
    ['lda']
    """
    with opened_form(path, RESULTS) as (file, _):
        rows, settings = (
            parse_json(file.attributes[name], name, file.allowance)
            for name in ("rows", "settings")
        )
        found = [Row(**row | {"seeds": tuple(row.get("seeds", ()))}) for row in rows]
        return Results(found, _arrays_in(file), settings)


def load_rows(path: FilePath) -> tuple[list[Row], dict[str, Any]]:
    """Rows and settings of a file that `save_results` wrote; raises as `load_results`.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    rows : list of Row
    settings : dict
    """
    results = load_results(path)
    return results.rows, results.settings


def load_arrays(path: FilePath) -> dict[str, Array]:
    """Arrays of a file that `save_results` wrote, by name; raises as `load_results`."""
    return load_results(path).arrays


def _arrays_in(group: Item, prefix: str = "") -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for name, item in group.children.items():
        if item.value is not None:
            arrays[prefix + name] = item.value
        else:
            arrays |= _arrays_in(item, f"{prefix}{name}/")
    return arrays
