"""An experiment of many points that can be interrupted and goes on where it stopped."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from reservoir._checks import Flag, Integer, Rule, check_parameters
from reservoir._files import FilePath, check_place, locked, mark_of
from reservoir._progress import Progress, no_progress
from reservoir._types import Array
from reservoir._version import __version__
from reservoir._warnings import warn_user
from reservoir.exceptions import StorageError, StorageWarning
from reservoir.experiments.provenance import versions
from reservoir.experiments.results import Row, load_results, save_results

Key: TypeAlias = tuple[str, str, str]

# Rows by their keys, and arrays by their names.
Content: TypeAlias = tuple[dict[Key, Row], dict[str, Array]]

SEED_RANGE = Integer(0, 2**32 - 1)


@dataclass(frozen=True)
class Point:
    """One row to measure.

    Attributes
    ----------
    protocol, method, frontend : str
        As in the row. They tell the points of an experiment apart.
    """

    protocol: str
    method: str
    frontend: str = "none"


@dataclass
class ResumableExperiment:
    """Points that are measured one by one, each giving a row of results.

    A subclass says which `points()` there are, and measures one of them in
    `_measure(point)`, which may run in another process.

    Parameters
    ----------
    seed : int
        Seed of everything random.
    n_jobs : int
        Threads that share the points, as for joblib.
    quick : bool
        True runs a few points only: a try, not the protocol.
    store : str, path-like or None
        HDF5 file of results. Points that it holds are not measured again. After each point
        a fuller file takes its place, so that an interrupted run goes on where it stopped.
        Several runs of the same settings may share one file: each adds its rows to those
        that it finds there.

    Attributes
    ----------
    rows_ : list of Row
        Rows of the points; after `run`, as what follows.
    traces_ : dict of str to ndarray
        Arrays that points leave besides their rows, and those that the store held.
    """

    _: KW_ONLY
    seed: int = 0
    n_jobs: int = 1
    quick: bool = False
    store: FilePath | None = None
    rows_: list[Row] = field(default_factory=list, init=False, repr=False)
    traces_: dict[str, Array] = field(default_factory=dict, init=False, repr=False)
    # The store as this object last read or wrote it: its mark, the settings, the content.
    _seen: tuple[Any, dict[str, Any], Content] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"seed": SEED_RANGE, "quick": Flag()}

    def __post_init__(self) -> None:
        """Check the parameters."""
        check_parameters(self, self._parameter_ranges)

    def points(self) -> Sequence[Point]:
        """All points of the experiment, in the order of the table."""
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """The settings in which the results of one file must agree."""
        return {
            "experiment": type(self).__name__,
            "version": __version__,
            "seed": self.seed,
            "quick": self.quick,
        }

    def run(self, progress: Progress = no_progress) -> list[Row]:
        """Measure every point that the store does not hold.

        Parameters
        ----------
        progress : callable
            Wraps the iterator of finished points, e.g. in a tqdm bar. If points have
            something in common that takes long, it wraps that before.

        Returns
        -------
        list of Row

        Raises
        ------
        StorageError
            If the store holds results of other settings, or something else.
        OSError
            If no file can be written where the store should be.

        Warns
        -----
        StorageWarning
            If the store cannot be written later, as on a disk that is full by then. The
            points that are left are measured all the same, and each tries to write again.
        """
        found, self.traces_ = self._stored()
        points = self.points()
        left = [point for point in points if key_of(point) not in found]
        self.rows_ = list(found.values())
        if self.store:
            check_place(self.store)
        if left:
            self._prepare(left, progress)
        results = Parallel(
            n_jobs=self.n_jobs, prefer="threads", return_as="generator_unordered"
        )(delayed(self._measure)(point) for point in left)
        used = versions()  # Who resumes the run may have others.
        with threadpool_limits(1, user_api="blas"):
            for row, traces in progress(results, len(left)):
                found[key_of(row)] = replace(row, versions=used)
                self.rows_ = list(found.values())
                self.traces_ |= traces
                if self.store:
                    self._try_to_keep()
        self.rows_ = [found[key_of(point)] for point in points]
        return self.rows_

    def count_kept(self) -> int:
        """How many points the store holds now; raises `StorageError` as `run` does.

        After an interruption the last finished point may be among them or not.
        """
        return len(self._stored()[0])

    def write(self, settings: Mapping[str, Any]) -> None:
        """Write all rows and `arrays` to the store, beside what other runs left there.

        Parameters
        ----------
        settings : dict
            What else was set, for the reader of the file.

        Raises
        ------
        StorageError
            If another run of other settings has written the store.
        OSError
            If the store cannot be written; an earlier file is then as it was.
        """
        self._keep(self.arrays(), settings)

    def arrays(self) -> Mapping[str, Array]:
        """What goes into the result file besides the rows, by name; after `run`."""
        raise NotImplementedError

    def _keep(
        self, arrays: Mapping[str, Array], settings: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        """Write rows and arrays to the store, joined with what other runs left there."""
        assert self.store is not None
        with locked(self.store):
            rows, others = self._stored()
            rows |= {key_of(row): row for row in self.rows_}
            mine = [key_of(point) for point in self.points()]
            order = dict.fromkeys([*mine, *rows])
            rows = {key: rows[key] for key in order if key in rows}
            others |= arrays
            save_results(
                self.store, list(rows.values()), others, {**settings, **self.settings()}
            )
            self._seen = mark_of(self.store), self.settings(), (rows, others)

    def _try_to_keep(self) -> None:
        try:
            self._keep(self.traces_)
        except OSError as error:
            warn_user(
                f"{error} The points that are left are measured all the same.",
                StorageWarning,
            )

    def _prepare(self, left: list[Any], progress: Progress) -> None:
        """Make what all points that are left need; may put them in another order."""

    def _measure(self, point: Any) -> tuple[Row, dict[str, Array]]:
        """The row of a point, and arrays that it leaves, by name."""
        raise NotImplementedError

    def _stored(self) -> Content:
        """What the store holds, read if it may be new; refuses that of other settings."""
        if self.store is None or not os.path.lexists(self.store):
            return {}, {}
        mark = None
        with contextlib.suppress(OSError):  # `load_results` says what is wrong.
            mark = mark_of(self.store)  # Before reading: what comes later is new.
        if self._seen is not None and self._seen[:2] == (mark, self.settings()):
            rows, arrays = self._seen[2]
            return dict(rows), dict(arrays)
        try:
            results = load_results(self.store)
        except FileNotFoundError:  # a link to a file that will be made
            return {}, {}
        differing = [
            f"{key} {results.settings.get(key)!r} instead of {value!r}"
            for key, value in self.settings().items()
            if results.settings.get(key) != value
        ]
        if differing:
            raise StorageError(
                f"{self.store} holds results of other settings ({', '.join(differing)}); "
                "name another file, or remove this one."
            )
        rows, arrays = {key_of(row): row for row in results.rows}, dict(results.arrays)
        self._seen = mark, self.settings(), (rows, arrays)
        return dict(rows), dict(arrays)


def key_of(row: Row | Point) -> Key:
    """What tells the points, or rows, of an experiment apart."""
    return row.protocol, row.frontend, row.method
