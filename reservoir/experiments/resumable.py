"""An experiment of many points that can be interrupted and goes on where it stopped."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from reservoir._version import __version__
from reservoir.exceptions import StorageError
from reservoir.experiments.results import load_rows, save_results


@dataclass
class ResumableExperiment:
    """Points that are measured one by one, each giving a row of results.

    A kind of experiment gives its `points()`, each with the attributes `protocol`, `frontend`
    and `method` of its row, and `_measure(point)`, which may run in another process.

    Parameters
    ----------
    seed : int
        Of everything random.
    n_jobs : int
        Threads that share the points.
    quick : bool
        A try, not the protocol.
    store : str or None
        HDF5 file of results. Points that it holds are not measured again, and it is
        replaced by a fuller one after each point, so that an interrupted run goes on.

    After `run`, `rows_` holds the rows of the points, `stored_` these and what else the
    store held, and `traces_` arrays that points leave besides their rows.
    """

    seed: int = 0
    n_jobs: int = 1
    quick: bool = False
    store: str | None = None
    rows_: list = field(default_factory=list, init=False, repr=False)
    stored_: list = field(default_factory=list, init=False, repr=False)
    traces_: dict = field(default_factory=dict, init=False, repr=False)

    def points(self):
        """All points of the experiment, in the order of the table."""
        raise NotImplementedError

    def settings(self):
        """What results must share to stand in one file."""
        return {
            "experiment": type(self).__name__,
            "version": __version__,
            "seed": self.seed,
            "quick": self.quick,
        }

    def run(self, progress=lambda tasks, total: tasks):
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

    def _prepare(self, left):
        """What all points that are left need; may put them in another order."""

    def _measure(self, point):
        """The row of a point, and arrays that it leaves, by name."""
        raise NotImplementedError

    def _stored(self):
        if self.store is None or not Path(self.store).exists():
            return []
        rows, settings = load_rows(self.store)
        if {key: settings.get(key) for key in self.settings()} != self.settings():
            raise StorageError(
                f"{self.store} holds results of other settings ({json.dumps(settings)}); "
                "name another file, or remove this one."
            )
        return rows


def key_of(row):
    """What tells the points, or rows, of an experiment apart."""
    return row.protocol, row.frontend, row.method
