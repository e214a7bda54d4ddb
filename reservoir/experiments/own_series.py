"""How well does one oscillator compute a target of one's own from an input of one's own?"""

import textwrap
import time
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

import numpy as np
from joblib import Parallel, delayed
from sklearn.linear_model import RidgeCV
from threadpoolctl import threadpool_limits

from reservoir._checks import Flag, Integer, Rule, check_parameters
from reservoir._progress import Progress, no_progress
from reservoir._types import Array, ArrayLike, Floats
from reservoir.datasets import DatasetError
from reservoir.devices import Device
from reservoir.experiments.controls import control
from reservoir.experiments.own_device import chosen_device, heading_of
from reservoir.experiments.own_tables import Source, check_rows, read_features
from reservoir.experiments.provenance import DataUsed, digest_of
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import SEED_RANGE
from reservoir.experiments.titles import titles_of
from reservoir.metrics import nmse
from reservoir.multiplexing.regressor import ReservoirRegressor
from reservoir.plotting.series import SeriesFigure

TEST_SHARE = 1 / 3  # of the rows, at the end
N_TAPS = (1, 4, 16, 64)
ALPHAS = 10.0 ** np.arange(-8, 4)
CONTEXT = tuple(range(1, 8))  # frames by which the taps are late
NOISE = 0.01
N_SEEDS, QUICK_NODES, N_SHOWN_STEPS = 3, 50, 150
MIN_STEPS = 60
METHODS = (
    "mean",
    "linear-taps",
    "control",
    "oscillator",
    "oscillator-noise",
    "control-taps",
    "oscillator-taps",
)
NOTE = (
    "nmse: lower is better, and 1 is what the mean of the target gives. control: the masked "
    "drive is read, without the oscillator. -taps: each row is joined by the seven rows "
    "before it. -noise: the readout noise is 1 %. linear-taps: the last rows are read "
    "directly; their number is chosen on the last fifth of the training rows. The ridge "
    "strengths are chosen inside the training rows."
)


@dataclass
class OwnSeriesExperiment:
    """A target from an input, row by row in time, by one oscillator and its controls.

    The last third of the rows tests what is learned from the rows before it.

    Parameters
    ----------
    dataset : str
        What the series is called in the results.
    X : array-like of shape (n_steps, n_channels)
    y : array-like of shape (n_steps, n_targets)
    oscillator : device, preset name or None
        What is played. None: the preset "torrejon2017".
    n_nodes : int
    seed : int
        The first of three seeds of masks over which values are averaged.
    n_jobs : int
        Threads that share methods and seeds.
    quick : bool
        One seed and few nodes: a try.
    methods : tuple of str or None
        Rows of the table. None: all of `method_names()`.

    Raises
    ------
    DatasetError
        From `run`, if there are too few rows, or a target does not change.

    Examples
    --------
    >>> from reservoir import datasets
    >>> from reservoir.experiments.own_series import OwnSeriesExperiment
    >>> series = datasets.make_narma10(900, random_state=0)
    >>> experiment = OwnSeriesExperiment(
    ...     "narma", X=series.data, y=series.target, quick=True, methods=("mean", "control"))
    >>> [row.method for row in experiment.run()], experiment.rows_[0].value > 0.9
    (['mean', 'control'], True)
    """

    dataset: str = "table"
    _: KW_ONLY
    X: ArrayLike = field(default=(), repr=False)
    y: ArrayLike = field(default=(), repr=False)
    oscillator: Device | str | None = None
    n_nodes: int = 200
    seed: int = 0
    n_jobs: int = 1
    quick: bool = False
    methods: tuple[str, ...] | None = None
    rows_: list[Row] = field(default_factory=list, init=False, repr=False)
    traces_: dict[str, Array] = field(default_factory=dict, init=False, repr=False)

    summary: ClassVar[str] = "Compute a target of your own from an input"
    spread_over: ClassVar[str] = "seeds"

    def __post_init__(self) -> None:
        """Check the parameters."""
        ranges: dict[str, Rule] = {"n_nodes": Integer(1), "seed": SEED_RANGE, "quick": Flag()}
        check_parameters(self, ranges)
        chosen_device(self.oscillator)

    def method_names(self) -> tuple[str, ...]:
        """Methods of the table in its order."""
        return METHODS if self.methods is None else tuple(self.methods)

    def load(self) -> None:
        """Check the series, and divide it: `data_`, `target_`, `n_train_`."""
        self.data_: Floats = np.asarray(self.X, dtype=float)
        target = np.asarray(self.y, dtype=float)
        self.target_: Floats = target.reshape(len(target), -1)
        n_steps = len(self.data_)
        if n_steps < MIN_STEPS or len(self.target_) != n_steps:
            raise DatasetError(
                f"{self.dataset} has {n_steps} rows of input and {len(self.target_)} of "
                f"target; there must be equally many, and {MIN_STEPS} at least."
            )
        self.n_train_ = n_steps - int(n_steps * TEST_SHARE)
        self.washout_ = min(50, self.n_train_ // 10)
        for name, part in (("input", self.data_), ("target", self.target_)):
            still = np.flatnonzero(np.ptp(part[: self.n_train_], axis=0) == 0)
            if len(still):
                raise DatasetError(
                    f"Column {still[0] + 1} of the {name} of {self.dataset} does not change "
                    "in the training rows, so nothing can be learned of it; leave it out."
                )

    def run(self, progress: Progress = no_progress) -> list[Row]:
        """Fit and judge every method with every seed.

        Parameters
        ----------
        progress : callable
            Wraps the iterator of finished tasks, e.g. in a tqdm bar.

        Returns
        -------
        list of Row
        """
        self.load()
        tasks = [
            (method, seed)
            for method in self.method_names()
            for seed in (self._seeds() if _is_random(method) else (self.seed,))
        ]
        results = Parallel(
            n_jobs=self.n_jobs, prefer="threads", return_as="generator_unordered"
        )(delayed(self._run_one)(*task) for task in tasks)
        with threadpool_limits(1, user_api="blas"):
            found = dict(progress(results, len(tasks)))
        self.rows_ = [self._row(method, found) for method in self.method_names()]
        return self.rows_

    def estimator(self, method: str, seed: int = 0) -> ReservoirRegressor:
        """The regressor behind one of the methods with an oscillator or its control."""
        base = ReservoirRegressor(
            self.oscillator,
            QUICK_NODES if self.quick else self.n_nodes,
            context=CONTEXT if method.endswith("-taps") else (),
            washout=self.washout_,
            readout_noise=NOISE if method.endswith("-noise") else 0.0,
            random_state=seed,
        )
        return control(base) if method.startswith("control") else base

    def _seeds(self) -> tuple[int, ...]:
        return tuple(range(self.seed, self.seed + (1 if self.quick else N_SEEDS)))

    def _run_one(self, method: str, seed: int) -> tuple[tuple[str, int], Any]:
        start = time.perf_counter()
        known, new = slice(self.n_train_), slice(self.n_train_, None)
        if method == "mean":
            mean = self.target_[known].mean(axis=0)
            outputs, count = np.broadcast_to(mean, self.target_[new].shape), 0
        elif method == "linear-taps":
            outputs, count = self._by_taps()
        else:
            model = self.estimator(method, seed).fit(self.data_[known], self.target_[known])
            # The test goes on where the training ended.
            outputs = np.reshape(model.predict(self.data_), self.target_.shape)[new]
            count = model.readout_.n_parameters
        value = nmse(self.target_[new], outputs)
        return (method, seed), (value, time.perf_counter() - start, count, outputs)

    def _by_taps(self) -> tuple[Floats, int]:
        """Test outputs of a ridge regression of the last rows, and its trained numbers."""
        cut = self.n_train_ - self.n_train_ // 5
        losses = {}
        for n_taps in N_TAPS:
            if n_taps * self.data_.shape[1] < cut // 2:
                outputs, _ = self._ridge(n_taps, cut, self.n_train_)
                losses[n_taps] = nmse(self.target_[cut : self.n_train_], outputs)
        best = min(losses, key=losses.__getitem__, default=1)
        return self._ridge(best, self.n_train_, len(self.data_))

    def _ridge(self, n_taps: int, end: int, last: int) -> tuple[Floats, int]:
        padded = np.concatenate([np.zeros((n_taps - 1, self.data_.shape[1])), self.data_])
        taps = np.concatenate(
            [padded[n_taps - 1 - d : len(padded) - d] for d in range(n_taps)], axis=1
        )
        mean, scale = taps[:end].mean(axis=0), taps[:end].std(axis=0)
        taps = (taps - mean) / np.where(scale > 0, scale, 1.0)
        model = RidgeCV(ALPHAS).fit(
            taps[self.washout_ : end], self.target_[self.washout_ : end]
        )
        outputs = model.predict(taps[end:last]).reshape(last - end, -1)
        return outputs, int(model.coef_.size + np.size(model.intercept_))

    def _row(self, method: str, found: dict[tuple[str, int], Any]) -> Row:
        mine = [outcome for key, outcome in found.items() if key[0] == method]
        values = [value for value, _, _, _ in mine]
        self.traces_["target"] = self.target_[self.n_train_ :][:N_SHOWN_STEPS, 0]
        self.traces_[method] = np.array(found[method, self.seed][3][:N_SHOWN_STEPS, 0])
        return Row(
            task="series",
            protocol=f"{self.n_train_}-{len(self.data_) - self.n_train_}",
            frontend="none",
            method=method,
            metric="nmse",
            value=float(np.mean(values)),
            spread=float(np.std(values)),
            n_folds=len(values),
            seconds=float(np.mean([seconds for _, seconds, _, _ in mine])),
            n_parameters=max(count for _, _, count, _ in mine),
        )

    def heading(self) -> str:
        """What was run, to stand above the table."""
        quick = "\nQUICK: one seed, few nodes; a try." * self.quick
        n_test = len(self.data_) - self.n_train_
        return (
            f"A series: {self.dataset}{heading_of(self.oscillator)}\n"
            f"{self.data_.shape[1]} inputs, {self.target_.shape[1]} targets; "
            f"{self.n_train_} rows train, of which {self.washout_} are washout, and the "
            f"{n_test} after them test; {len(self._seeds())} seeds{quick}\n"
        )

    def footnotes(self) -> str:
        """What the methods are."""
        return "\n" + textwrap.fill(f"{NOTE} spread: the standard deviation over seeds.", 94)

    def data_used(self) -> DataUsed:
        """From which series and seeds the rows come; after `run`."""
        return DataUsed(self.dataset, digest_of(self.data_, self.target_), self._seeds())

    def arrays(self) -> dict[str, Array]:
        """Target and outputs of the first test steps."""
        return self.traces_

    def figure_data(self) -> SeriesFigure:
        """The values of all methods, and outputs of the first test steps."""
        return SeriesFigure(
            f"A series: {self.dataset}",
            "nmse",
            tuple(row.method for row in self.rows_),
            np.array([row.value for row in self.rows_]),
            np.array([row.spread for row in self.rows_]),
            self.traces_,
            self.data_[self.n_train_ :][:N_SHOWN_STEPS, 0],
            "target",
            titles_of(self.rows_),
        )


def series_of(X: str, y: str) -> dict[str, Any]:
    """The parameters of an `OwnSeriesExperiment` that stand in files.

    Parameters
    ----------
    X, y : str
        As for `reservoir.experiments.own_tables.Source.of`.

    Returns
    -------
    dict
        dataset, X and y.

    Raises
    ------
    ValueError
        If there is no such file.
    DatasetError
        If a table cannot be read, or the tables do not fit each other.
    """
    inputs, targets = Source.of(X), Source.of(y)
    table, target = read_features(inputs, targets), read_features(targets, inputs)
    check_rows(inputs, table.shape, targets, len(target))
    return {"dataset": X, "X": table, "y": target}


def _is_random(method: str) -> bool:
    """Whether a method has a mask, over which it is averaged."""
    return method.startswith(("oscillator", "control"))
