"""An experiment of many points that can be interrupted and goes on where it stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from reservoir._checks import Flag, Integer, Rule, check_parameters
from reservoir._types import Array
from reservoir._version import __version__
from reservoir.exceptions import StorageError
from reservoir.experiments.contract import Progress, no_progress
from reservoir.experiments.results import FilePath, Row, load_rows, save_results

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

    Attributes
    ----------
    rows_ : list of Row
        Rows of the points; after `run`, as what follows.
    stored_ : list of Row
        `rows_`, and behind them the rows of other points that the store held.
    traces_ : dict of str to ndarray
        Arrays that points leave besides their rows.
    """

    _: KW_ONLY
    seed: int = 0
    n_jobs: int = 1
    quick: bool = False
    store: FilePath | None = None
    rows_: list[Row] = field(default_factory=list, init=False, repr=False)
    stored_: list[Row] = field(default_factory=list, init=False, repr=False)
    traces_: dict[str, Array] = field(default_factory=dict, init=False, repr=False)

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
            Wraps the iterator of finished points, e.g. in a tqdm bar.

        Returns
        -------
        list of Row

        Raises
        ------
        StorageError
            If the store holds results of other settings, or something else.
        """
        found = {key_of(row): row for row in self._stored()}
        points = self.points()
        left = [point for point in points if key_of(point) not in found]
        if left:
            self._prepare(left)
        results = Parallel(
            n_jobs=self.n_jobs, prefer="threads", return_as="generator_unordered"
        )(delayed(self._measure)(point) for point in left)
        with threadpool_limits(1, user_api="blas"):
            for row, traces in progress(results, len(left)):
                found[key_of(row)] = row
                self.traces_ |= traces
                if self.store:
                    save_results(
                        self.store, list(found.values()), self.traces_, self.settings()
                    )
        self.rows_ = [found[key_of(point)] for point in points]
        mine = {key_of(point) for point in points}
        others = [row for key, row in found.items() if key not in mine]
        self.stored_ = self.rows_ + others
        return self.rows_

    def _prepare(self, left: list[Any]) -> None:
        """Make what all points that are left need; may put them in another order."""

    def _measure(self, point: Any) -> tuple[Row, dict[str, Array]]:
        """The row of a point, and arrays that it leaves, by name."""
        raise NotImplementedError

    def _stored(self) -> list[Row]:
        if self.store is None or not Path(self.store).exists():
            return []
        rows, settings = load_rows(self.store)
        differing = [
            f"{key} {settings.get(key)!r} instead of {value!r}"
            for key, value in self.settings().items()
            if settings.get(key) != value
        ]
        if differing:
            raise StorageError(
                f"{self.store} holds results of other settings ({', '.join(differing)}); "
                "name another file, or remove this one."
            )
        return rows


def key_of(row: Row | Point) -> tuple[str, str, str]:
    """What tells the points, or rows, of an experiment apart."""
    return row.protocol, row.frontend, row.method
