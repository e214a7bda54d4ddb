"""Are coupled oscillators better reservoirs than one? Kanao et al. 2019.

The paper's: an array of oscillators that hear each other through their stray fields, all
under one drive, computes best at the edge between synchronised and disordered. Ours: four
oscillators of the default preset, each time-multiplexed into a quarter of the nodes, coupled
alike, 50 kHz apart; spoken digits (ten folds by recording number), and short-term memory and
parity of random inputs, beside one oscillator with all the nodes: as many features.

References
----------
.. [1] T. Kanao et al., Phys. Rev. Applied 12, 024052 (2019).
"""

import time
from dataclasses import dataclass, field

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from reservoir import datasets
from reservoir.devices.catalogue import resolve_oscillator
from reservoir.experiments.digits import (
    COUPLINGS,
    DATASETS,
    DETUNING,
    MIDDLE,
    DigitsExperiment,
    pulling_coupling,
)
from reservoir.experiments.results import Row
from reservoir.metrics import squared_correlations
from reservoir.multiplexing.regressor import ReservoirRegressor
from reservoir.networks.network import OscillatorNetwork

N_OSCILLATORS = 4
N_SERIES, N_STEPS, WASHOUT = 32, 250, 12  # of each half, training and test
TASKS = {
    "memory": lambda seed: datasets.make_memory(N_STEPS, range(1, 11), random_state=seed),
    "parity": lambda seed: datasets.make_parity(N_STEPS, range(1, 7), random_state=seed),
}


@dataclass
class CoupledReservoirExperiment:
    """Four coupled oscillators against one, over a range of couplings.

    Parameters
    ----------
    dataset : {"synthetic", "fsdd", "ti46"}
        Of the digits.
    seed : int
    n_jobs : int
        Threads that share folds and methods.
    quick : bool
        Fewer clips, folds, nodes and couplings: a try, not the protocol.

    Examples
    --------
    >>> from reservoir.experiments.coupled import CoupledReservoirExperiment
    >>> CoupledReservoirExperiment(quick=True).method_names()
    ('oscillator', 'coupled-0', 'coupled-0.2')
    """

    dataset: str = "synthetic"
    seed: int = 0
    n_jobs: int = 1
    quick: bool = False
    rows_: list = field(default_factory=list, init=False, repr=False)

    summary = (
        "Four coupled oscillators as one reservoir (Kanao et al., PR Applied 12, 024052)"
    )
    datasets = tuple(DATASETS)

    def method_names(self):
        """One oscillator, and four at every coupling."""
        strengths = (0.0, 0.2) if self.quick else COUPLINGS
        return ("oscillator", *(f"coupled-{strength:g}" for strength in strengths))

    def run(self, progress=lambda tasks, total: tasks):
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

    def synchronized(self, strength):
        """How many of the oscillators run at one frequency at rest, in mid-range.

        Parameters
        ----------
        strength : float
            Coupling over the damping rate.

        Returns
        -------
        int
            Size of the largest group.
        """
        device = resolve_oscillator(None)
        middle = device.stationary_frequency(MIDDLE * device.threshold_current)
        offsets = np.arange(N_OSCILLATORS) - (N_OSCILLATORS - 1) / 2
        network = OscillatorNetwork(
            device,
            N_OSCILLATORS,
            frequencies=middle + DETUNING * offsets,
            bias=MIDDLE,
            coupling=pulling_coupling(device, strength),
            step=2e-8,
            settling_time=100e-6,
            measuring_time=200e-6,
            tolerance=0.05 * DETUNING,
        )
        groups, _ = network.mutual_synchronization()
        return int(np.bincount(groups).max())

    def curve(self, task):
        """Couplings, values of a task, and that of the single oscillator.

        Parameters
        ----------
        task : {"digits", "memory", "parity"}

        Returns
        -------
        strengths, values : ndarray
        alone : float
        """
        values = {row.method: row.value for row in self.rows_ if row.task == task}
        coupled = [name for name in self.method_names() if name != "oscillator"]
        strengths = np.array([float(name.split("-")[1]) for name in coupled])
        return strengths, np.array([values[name] for name in coupled]), values["oscillator"]

    def heading(self):
        """Line above the table."""
        quick = (
            "\nQUICK: fewer clips, folds and nodes; not the protocol." if self.quick else ""
        )
        return f"{self.summary}{quick}\n"

    def footnotes(self):
        """Lines below the table."""
        groups = ", ".join(
            f"{name.split('-')[1]}: {self.synchronized(float(name.split('-')[1]))}"
            for name in self.method_names()[1:]
        )
        return (
            f"coupled-X: {N_OSCILLATORS} oscillators share the drive and the nodes; X is "
            "their coupling over the\ndamping rate. Oscillators that run at one frequency at "
            f"rest in mid-range, of {N_OSCILLATORS}:\n{groups}.\n"
            "digits: ten folds by recording number, spread over them. memory: delays 1 to "
            "10, parity: 1\nto 6 (0 left out); half of the series train, half test."
        )

    def arrays(self):
        """Curves of the figure."""
        return {
            task: np.stack(self.curve(task)[:2]) for task in ("digits", "memory", "parity")
        }

    def _measure(self, task, method):
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
        )
