"""From which data, seeds, versions and command does a row of a table come?"""

import hashlib
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from reservoir._version import __version__
from reservoir.experiments.results import Row
from reservoir.experiments.titles import title_of

N_DIGITS = 12  # of the digest


@dataclass(frozen=True)
class DataUsed:
    """What an experiment computed from.

    Attributes
    ----------
    dataset : str
        Its name, or the folder or file.
    digest : str
        See `digest_of`.
    seeds : tuple of int
    """

    dataset: str
    digest: str
    seeds: tuple[int, ...]


class Traceable(Protocol):
    """What says from which data its rows come."""

    def data_used(self) -> DataUsed:
        """The data of the rows; after `run`."""


def digest_of(*contents: Any) -> str:
    """The first digits of the SHA-256 digest of arrays, their shapes and their order.

    Parameters
    ----------
    *contents : array-like, or sequence of arrays
        Numbers count as 64-bit floats or integers and texts in UTF-8, so that a digest is
        the same on every machine.

    Returns
    -------
    str
        Twelve hexadecimal digits.

    Examples
    --------
    >>> from reservoir.experiments.provenance import digest_of
    >>> digest_of([1.0, 2.0], ["yes", "no"]) == digest_of([1.0, 2.0], ["yes", "no"])
    True
    >>> digest_of([1.0, 2.0]) == digest_of([2.0, 1.0])
    False
    """
    digest = hashlib.sha256()
    for content in contents:
        for array in _arrays_of(content):
            digest.update(f"{array.dtype.kind}{array.shape}".encode())
            digest.update(array.tobytes())
    return digest.hexdigest()[:N_DIGITS]


def _arrays_of(content: Any) -> Iterable[Any]:
    """Arrays of one form: little-endian, 64 bits, in C order."""
    is_ragged = isinstance(content, list | tuple) and any(map(np.ndim, content))
    if is_ragged or (isinstance(content, np.ndarray) and content.dtype.kind == "O"):
        yield np.array([len(content)], dtype="<i8")
        for item in content:
            yield from _arrays_of(item)
        return
    array = np.asarray(content)
    if array.dtype.kind in "USO":
        texts = [str(text).encode() for text in array.ravel()]
        yield np.array([len(text) for text in texts], dtype="<i8")
        yield np.frombuffer(b"".join(texts), dtype=np.uint8)
        return
    yield np.ascontiguousarray(array, "<f8" if array.dtype.kind == "f" else "<i8")


def versions() -> dict[str, str]:
    """Versions of this package and of those whose numbers it uses."""
    import sklearn

    return {
        "oscillator-reservoir": __version__,
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "python": platform.python_version(),
    }


def traced(experiment: Traceable, rows: Sequence[Row], command: str = "") -> list[Row]:
    """Rows that say what they are called, and where they come from.

    Parameters
    ----------
    experiment : experiment
        After `run`.
    rows : list of Row
        What a row says already is kept, as that of an earlier run which a sweep resumed.
    command : str, default=""
        The command line.

    Returns
    -------
    list of Row

    Examples
    --------
    >>> from reservoir.experiments import VowelsExperiment
    >>> from reservoir.experiments.provenance import traced
    >>> experiment = VowelsExperiment(quick=True, methods=("majority",))
    >>> row, = traced(experiment, experiment.run())
    >>> row.title, row.dataset, row.seeds
    ('majority class', 'synthetic', (0,))
    """
    if all(row.title for row in rows):
        return list(rows)
    data, used = experiment.data_used(), versions()
    return [
        replace(
            row,
            title=title_of(row.method, row.task),
            dataset=row.dataset or data.dataset,
            digest=row.digest or data.digest,
            seeds=row.seeds or data.seeds,
            versions=row.versions or used,
            command=command,
        )
        if not row.title
        else row
        for row in rows
    ]
