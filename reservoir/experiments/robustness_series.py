"""Time series under faults, read by regressors."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np

from reservoir.experiments.controls import control
from reservoir.experiments.echo_state import EchoStateRegressor
from reservoir.experiments.own_device import require_feedback
from reservoir.experiments.robustness_bench import Trial
from reservoir.experiments.robustness_faults import RESERVOIRS, SERIES_KINDS
from reservoir.experiments.robustness_reservoirs import ReservoirBench
from reservoir.experiments.series_protocol import (
    NOISE,
    judging_data,
    make_reservoir,
    training_data,
)
from reservoir.experiments.series_tasks import TASKS, WASHOUT
from reservoir.metrics import nrmse
from reservoir.multiplexing.regressor import ReservoirRegressor

N_NODES, QUICK_NODES = 400, 50
N_SEEDS = 3
QUICK_STEPS = 1500


class SeriesBench(ReservoirBench):
    """A time series read from one oscillator with 1 % of readout noise.

    A fold is one seed of the training series and the test series.
    """

    kinds = SERIES_KINDS
    default_kinds = ("dead-nodes", "dead-weights", "readout-bits", "threshold", "gain")
    datasets: ClassVar[Mapping[str, str]] = {
        "narma10": TASKS["narma10"].description,
        "mackey_glass": TASKS["mackey_glass"].description,
    }
    title = "time series"
    metric = "nrmse"
    sizes = N_NODES, QUICK_NODES

    def check_device(self) -> None:
        """Refuse what is no device, or cannot hear its own delayed answer."""
        super().check_device()
        if TASKS[self.dataset].settings.oscillator[True, N_NODES].loop_gain:
            why = f"The task {self.dataset} has a loop of delayed feedback"
            require_feedback("RobustnessExperiment", self.oscillator, why)

    def load(self) -> None:
        """Load `samples`, `target` and `folds`."""
        seeds = range(self.seed, self.seed + (1 if self.quick else N_SEEDS))
        n_test = QUICK_STEPS if self.quick else None
        series, targets = [], []
        for seed in seeds:
            inputs, wanted = training_data(self.dataset, seed)
            (test,) = judging_data(self.dataset, seed, n_test)
            n_train = QUICK_STEPS if self.quick else len(inputs)
            series += [inputs[:n_train, np.newaxis], test[0].T]
            targets += [wanted[:n_train, 0], test[1][0, :, 0]]
        self.samples = dict.fromkeys(RESERVOIRS, _objects(series))
        self.target = _objects(targets)
        self.folds = [(np.array([2 * k]), np.array([2 * k + 1])) for k in range(len(seeds))]

    def estimator(self, method: str) -> Any:
        """The unfitted regressor of a method."""
        settings = TASKS[self.dataset].settings
        common: dict[str, Any] = {
            "washout": WASHOUT,
            "readout_noise": NOISE,
            "random_state": self.seed,
        }
        if method == "echo-state":
            setting = asdict(settings.echo_state[True, N_NODES])
            setting["node_bias"] = setting.pop("bias_scale")
            return EchoStateRegressor(self.n_nodes, **setting, **common)
        like = make_reservoir(
            settings.oscillator[True, N_NODES], self.n_nodes, self.seed, self.oscillator
        )
        names = ReservoirRegressor().get_params(deep=False)
        shared = {k: v for k, v in like.get_params(deep=False).items() if k in names}
        model = ReservoirRegressor(**{**shared, "context": (), **common})
        return control(model) if method == "control" else model

    def judged(self, fold: int, predicted: Any) -> float:
        """The NRMSE behind the washout of the test series."""
        wanted = self.target[self.folds[fold][1][0]]
        return nrmse(wanted[WASHOUT:], predicted[0][WASHOUT:])

    def examples(self, trial: Trial) -> tuple[Any, Any]:
        """The first steps of the training series, behind the washout."""
        X, y = self.training(trial)
        n_steps = WASHOUT + trial.n_examples
        return [X[0][:n_steps]], [y[0][:n_steps]]


def _objects(series: list[Any]) -> Any:
    """Series in an array of objects, of which parts can be chosen."""
    found = np.empty(len(series), object)
    found[:] = series
    return found
