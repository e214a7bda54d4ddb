"""Are coupled oscillators better reservoirs than one? Kanao et al. 2019.

The paper: an array of oscillators, coupled by their stray fields and all under one drive,
computes best at the edge between synchronisation and disorder [1]_.

Ours: four oscillators of the default preset, 50 kHz apart, with one coupling for all pairs.
Each is time-multiplexed into a quarter of the nodes, and one oscillator with all the nodes
stands beside them, so that all have as many features. They recognise spoken digits (ten
folds by recording number), and remember random inputs and compute their parity.

References
----------
.. [1] T. Kanao et al., Phys. Rev. Applied 12, 024052 (2019).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from reservoir import datasets
from reservoir._checks import Choice, Flag, Rule, check_parameters
from reservoir._progress import Progress, no_progress
from reservoir._types import Floats
from reservoir.experiments.digits import DigitsExperiment
from reservoir.experiments.operation import (
    COUPLINGS,
    DETUNING,
    MIDDLE_CURRENT,
    default_device,
    pulling_coupling,
)
from reservoir.experiments.provenance import DataUsed, digest_of
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import SEED_RANGE
from reservoir.experiments.speech import DATASETS
from reservoir.metrics import squared_correlations
from reservoir.multiplexing.regressor import ReservoirRegressor
from reservoir.networks.network import OscillatorNetwork
from reservoir.plotting.coupled import CoupledCurve, CoupledFigure

N_OSCILLATORS = 4
QUICK_COUPLINGS = (0.0, 0.2)
N_SERIES, N_STEPS, WASHOUT = 32, 250, 12  # of each half, training and test
TASKS: dict[str, Callable[[Any], Any]] = {
    "memory": lambda seed: datasets.make_memory(N_STEPS, range(1, 11), random_state=seed),
    "parity": lambda seed: datasets.make_parity(N_STEPS, range(1, 7), random_state=seed),
}


@dataclass
class CoupledExperiment:
    """Four coupled oscillators against one, over a range of couplings.

    Parameters
    ----------
    dataset : {"synthetic", "fsdd", "ti46"}
        The digits.
    seed : int
    n_jobs : int
        Threads that share folds and methods, as for joblib.
    quick : bool
        Fewer clips, folds, nodes and couplings: a try, not the protocol.

    Attributes
    ----------
    rows_ : list of Row
        After `run`.
    digits_ : DigitsExperiment
        The experiment behind the rows of the digits; after `run`.

    Examples
    --------
    >>> from reservoir.experiments import CoupledExperiment
    >>> CoupledExperiment(quick=True).method_names()
    ('oscillator', 'coupled-0', 'coupled-0.2')
    """

    dataset: str = "synthetic"
    _: KW_ONLY
    seed: int = 0
    n_jobs: int = 1
    quick: bool = False
    rows_: list[Row] = field(default_factory=list, init=False, repr=False)
    _group_sizes: dict[float, int] = field(default_factory=dict, init=False, repr=False)

    summary = (
        "Four coupled oscillators as one reservoir (Kanao et al., PR Applied 12, 024052)"
    )
    spread_over = "folds (of the digits only)"
    datasets = tuple(DATASETS)
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "dataset": Choice(tuple(DATASETS)),
        "seed": SEED_RANGE,
        "quick": Flag(),
    }

    def __post_init__(self) -> None:
        """Check the parameters."""
        check_parameters(self, self._parameter_ranges)

    def strengths(self) -> tuple[float, ...]:
        """Couplings over the damping rate."""
        return QUICK_COUPLINGS if self.quick else COUPLINGS

    def method_names(self) -> tuple[str, ...]:
        """One oscillator, and four at every coupling."""
        return ("oscillator", *(f"coupled-{strength:g}" for strength in self.strengths()))

    def run(self, progress: Progress = no_progress) -> list[Row]:
        """Digits, then memory and parity.

        Parameters
        ----------
        progress : callable
            Wraps the iterator of finished tasks, e.g. in a tqdm bar.

        Returns
        -------
        list of Row
        """
        self.digits_ = DigitsExperiment(
            dataset=self.dataset,
            n_nodes=80 if self.quick else 400,
            n_oscillators=N_OSCILLATORS,
            seeds=(self.seed,),
            n_jobs=self.n_jobs,
            quick=self.quick,
            methods=("majority", "control", *self.method_names()),
        )
        rows = self.digits_.run(progress)
        methods = ("control", *self.method_names())
        tasks = [(task, method) for task in TASKS for method in methods]
        results = Parallel(n_jobs=self.n_jobs, prefer="threads", return_as="generator")(
            delayed(self._measure)(*task) for task in tasks
        )
        with threadpool_limits(1, user_api="blas"):
            self.rows_ = rows + list(progress(results, len(tasks)))
        return self.rows_

    def synchronized(self, strength: float) -> int:
        """How many of the oscillators run at one frequency at rest, in mid-range.

        Parameters
        ----------
        strength : float
            Coupling over the damping rate.

        Returns
        -------
        int
            Size of the largest group. It is simulated once and kept.
        """
        if strength not in self._group_sizes:
            self._group_sizes[strength] = _largest_group(strength)
        return self._group_sizes[strength]

    def curve(self, task: str) -> tuple[Floats, Floats, float]:
        """Couplings, values of a task, and the value of the single oscillator.

        Parameters
        ----------
        task : {"digits", "memory", "parity"}

        Returns
        -------
        strengths, values : ndarray
        single : float
        """
        values = {row.method: row.value for row in self.rows_ if row.task == task}
        coupled = [values[name] for name in self.method_names()[1:]]
        return np.array(self.strengths()), np.array(coupled), values["oscillator"]

    def heading(self) -> str:
        """Line above the table."""
        quick = (
            "\nQUICK: fewer clips, folds and nodes; not the protocol." if self.quick else ""
        )
        return f"{self.summary}{quick}\n"

    def footnotes(self) -> str:
        """Lines below the table."""
        groups = ", ".join(
            f"{strength:g}: {self.synchronized(strength)}" for strength in self.strengths()
        )
        return (
            f"coupled-X: {N_OSCILLATORS} oscillators share the drive and the nodes. X is "
            "their coupling over the\ndamping rate. At rest in mid-range, so many of the "
            f"{N_OSCILLATORS} run at one frequency, for each X:\n{groups}.\n"
            "digits: ten folds are made by recording number. The spread is over the folds.\n"
            "memory: the delays are 1 to 10. parity: the delays are 1 to 6. Delay 0 is left "
            "out.\nHalf of the series train the readout, and half test it."
        )

    def data_used(self) -> DataUsed:
        """From which clips and seed the rows of the digits come; after `run`."""
        return self.digits_.data_used()

    def arrays(self) -> dict[str, Floats]:
        """Curves of the figure."""
        return {
            task: np.stack(self.curve(task)[:2]) for task in ("digits", "memory", "parity")
        }

    def figure_data(self) -> CoupledFigure:
        """Curves, and the couplings at which all oscillators run at one frequency."""
        strengths = self.strengths()
        whole = [x for x in strengths if self.synchronized(x) == N_OSCILLATORS]
        return CoupledFigure(
            {task: self._drawn_curve(task) for task in ("digits", "memory", "parity")},
            (min(whole), max(strengths)) if whole else None,
        )

    def _drawn_curve(self, task: str) -> CoupledCurve:
        spreads = {row.method: row.spread for row in self.rows_ if row.task == task}
        strengths, values, single = self.curve(task)
        coupled = np.array([spreads[name] for name in self.method_names()[1:]])
        return CoupledCurve(strengths, values, coupled, single, spreads["oscillator"])

    def _measure(self, task: str, method: str) -> Row:
        start = time.perf_counter()
        series = [
            TASKS[task](np.random.default_rng([self.seed, number]))
            for number in range(2 * N_SERIES)
        ]
        X, y = [bunch.data for bunch in series], [bunch.target for bunch in series]
        template = self.digits_.estimator(method, self.seed)
        names = ("oscillator", "n_nodes", "n_oscillators", "coupling", "detuning")
        model = ReservoirRegressor(
            washout=WASHOUT,
            context=(),
            random_state=self.seed,
            **{name: getattr(template, name) for name in names},
        )
        model.fit(X[:N_SERIES], y[:N_SERIES])
        predicted = np.concatenate(
            [output[WASHOUT:] for output in model.predict(X[N_SERIES:])]
        )
        target = np.concatenate([rows[WASHOUT:] for rows in y[N_SERIES:]])
        values = squared_correlations(target, predicted)
        return Row(
            task=task,
            protocol="series",
            frontend="none",
            method=method,
            metric="capacity",
            value=float(values.sum()),
            spread=0.0,
            n_folds=1,
            seconds=time.perf_counter() - start,
            n_parameters=model.readout_.n_parameters,
            dataset="random inputs",
            digest=digest_of(X, y),
        )


def _largest_group(strength: float) -> int:
    """Size of the largest group of oscillators that run at one frequency at rest."""
    device = default_device()
    middle = device.stationary_frequency(MIDDLE_CURRENT * device.threshold_current)
    offsets = np.arange(N_OSCILLATORS) - (N_OSCILLATORS - 1) / 2
    network = OscillatorNetwork(
        device,
        N_OSCILLATORS,
        frequencies=middle + DETUNING * offsets,
        bias=MIDDLE_CURRENT,
        coupling=pulling_coupling(device, strength),
        step=2e-8,
        settling_time=100e-6,
        measuring_time=200e-6,
    )
    groups, _ = network.mutual_synchronization()
    return int(np.bincount(groups).max())
