"""What does one oscillator compute from a time series, and what do simpler methods?

The settings were found on other sequences and other masks (`studies/tune_series.py`). The
ridge strength is chosen anew for every sequence, inside its training part, for the oscillator
and for all controls alike. Every value is on test data, a mean over sequences and masks.
"""

import dataclasses
import textwrap
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reservoir._checks import Choice, check_value
from reservoir._types import Array, Floats
from reservoir.devices import Device
from reservoir.experiments.controls import control
from reservoir.experiments.own_device import (
    chosen_device,
    heading_of,
    require_feedback,
    settings_of,
)
from reservoir.experiments.provenance import DataUsed, digest_of
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import Point, ResumableExperiment
from reservoir.experiments.series_protocol import (
    NOISE,
    Prepare,
    echo_states,
    judge,
    judging_data,
    make_reservoir,
    reservoir_states,
    run_freely,
    tap_states,
    train,
    training_data,
)
from reservoir.experiments.series_settings import LINEAR_TAPS, QUADRATIC_TAPS, Settings
from reservoir.experiments.series_tasks import TASKS, WASHOUT, Task
from reservoir.experiments.titles import titles_of
from reservoir.plotting.series import SeriesFigure

N_SEEDS = 3
QUICK_NODES, QUICK_TEST = 50, 4000
N_SHOWN_STEPS = 150  # test steps in the figure


@dataclass
class SeriesExperiment(ResumableExperiment):
    """One task on a time series: the oscillator, with and without noise, and its controls.

    Parameters
    ----------
    task : str
        Key of `reservoir.experiments.series_tasks.TASKS`.
    methods : tuple of str or None
        Rows of the table. None: all of `method_names()`.
    oscillator : device, preset name or None
        What is played, with the settings that were found for the preset "torrejon2017", in
        units of its own threshold and damping rate. None: that preset.
    seed : int
        The first of three seeds over which values are averaged.
    n_jobs, quick, store
        As for `reservoir.experiments.resumable.ResumableExperiment`.

    Examples
    --------
    >>> from reservoir.experiments import SeriesExperiment
    >>> experiment = SeriesExperiment(task="narma10", quick=True)
    >>> [point.method for point in experiment.points()][:3]
    ['mean', 'control', 'linear-taps']
    """

    task: str = "narma10"
    methods: tuple[str, ...] | None = None
    oscillator: Device | str | None = None

    summary = "Compute from a time series with one oscillator"
    spread_over = "seeds"

    def __post_init__(self) -> None:
        """Check the parameters."""
        super().__post_init__()
        # Tasks may have been added since this class was made.
        check_value("SeriesExperiment.task", self.task, Choice(tuple(TASKS)))
        chosen_device(self.oscillator)
        loops = [setting.loop_gain for setting in self._task().settings.oscillator.values()]
        if any(loops):
            why = f"The task {self.task} has a loop of delayed feedback"
            require_feedback("SeriesExperiment", self.oscillator, why)

    def points(self) -> list[Point]:
        """All points of the experiment, in the order of the table."""
        return [Point(self.protocol(), method) for method in self.method_names()]

    def method_names(self) -> tuple[str, ...]:
        """Methods of the table: controls first, then the oscillator."""
        if self.methods is not None:
            return tuple(self.methods)
        task = self._task()
        methods = ["mean" if task.metric in ("nmse", "nrmse", "capacity") else "majority"]
        methods += ["memoryless"] if task.memoryless else []
        methods += ["control", "linear-taps", "quadratic-taps"]
        methods += [f"echo-state-{n}" for n in self._sizes("echo-state", False)]
        methods += [f"echo-state-{n}-noise" for n in self._sizes("echo-state", True)]
        if any(setting.loop_gain for setting in task.settings.oscillator.values()):
            methods += [f"no-feedback-{n}" for n in self._sizes("oscillator", False)[-1:]]
        methods += [f"oscillator-{n}" for n in self._sizes("oscillator", False)]
        methods += [f"oscillator-{n}-noise" for n in self._sizes("oscillator", True)]
        if task.free_run:
            methods += [
                f"{kind}-{n}-free"
                for kind in ("echo-state", "oscillator")
                for n in self._sizes(kind, False, free=True)
            ]
        return tuple(methods)

    def protocol(self) -> str:
        """Name in the result rows: condition, if any, and steps that train and test."""
        task = self._task()
        return f"{task.condition}{task.n_train}-{self._n_test()}"

    def settings(self) -> dict[str, Any]:
        """The settings in which the results of one file must agree."""
        return super().settings() | {"task": self.task} | settings_of(self.oscillator)

    def heading(self) -> str:
        """Lines above the table."""
        task = self._task()
        quick = "\nQUICK: one seed, few nodes, short test; not the protocol." * self.quick
        return (
            f"{task.description}\n{task.n_train} steps train, {self._n_test()} test, after a "
            f"washout of {WASHOUT}; {len(self._seeds())} seeds{quick}"
            f"{heading_of(self.oscillator)}\n"
        )

    def footnotes(self) -> str:
        """Lines below the table."""
        task = self._task()
        better = "higher" if task.better_high else "lower"
        text = (
            f"{task.metric}: {better} is better. -N: N is the number of nodes or units. "
            "-noise: the readout noise is 1 % of the mean spread of the nodes, in training "
            "and test. no-feedback: the setting is the same, without the loop. control: the "
            "masked drive is read. linear-taps: the last inputs are read; their number is "
            "chosen inside the training data. quadratic-taps: their products are read too. "
            "spread: the standard deviation over seeds."
        )
        if task.free_run:
            horizon = task.free_run.horizon
            text += (
                " -free: the readout predicts one step ahead, and its output is fed back "
                f"{horizon} times. The other rows predict {horizon} steps ahead at once."
            )
        if task.footnote:
            text += f" {task.footnote}"
        return textwrap.fill(text, 94)

    def data_used(self) -> DataUsed:
        """From which series and seeds the rows come.

        The digest is that of the training series and the first block of test series.
        """
        series = [
            part
            for seed in self._seeds()
            for pair in (
                training_data(self.task, seed),
                next(judging_data(self.task, seed, self._n_test())),
            )
            for part in pair
        ]
        return DataUsed(self.task, digest_of(*series), tuple(self._seeds()))

    def arrays(self) -> dict[str, Array]:
        """Target and outputs of the first test steps, for the figure."""
        return self.traces_

    def figure_data(self) -> SeriesFigure:
        """The values of all methods, and outputs of the first test steps."""
        return SeriesFigure(
            self.heading().split("\n")[0],
            self._task().metric,
            tuple(row.method for row in self.rows_),
            np.array([row.value for row in self.rows_]),
            np.array([row.spread for row in self.rows_]),
            self.traces_,
            self._shown_inputs(),
            self._task().target_label,
            titles_of(self.rows_),
        )

    def _shown_inputs(self) -> Floats:
        """Inputs of the test steps that the figure shows."""
        inputs, _ = next(judging_data(self.task, self.seed, self._n_test()))
        shown: Floats = inputs[0, WASHOUT : WASHOUT + N_SHOWN_STEPS]
        return shown

    def _task(self) -> Task:
        return TASKS[self.task]

    def _seeds(self) -> range:
        return range(self.seed, self.seed + (1 if self.quick else N_SEEDS))

    def _n_test(self) -> int:
        n_test = self._task().n_test
        return min(n_test, QUICK_TEST) if self.quick else n_test

    def _settings_of(self, kind: str, free: bool) -> Mapping[tuple[bool, int], Any]:
        """Settings of one kind of reservoir, by noise and number of nodes."""
        task = self._task()
        settings: Settings = task.settings
        if free and task.free_run:
            settings = task.free_run.settings
        return settings.echo_state if kind == "echo-state" else settings.oscillator

    def _sizes(self, kind: str, noisy: bool, free: bool = False) -> list[int]:
        """Numbers of nodes for which there are settings."""
        sizes = sorted(n for loud, n in self._settings_of(kind, free) if loud == noisy)
        return [min(size, QUICK_NODES) for size in sizes[-1:]] if self.quick else sizes

    def _setting(self, kind: str, noisy: bool, n_nodes: int, free: bool = False) -> Any:
        """The setting for a number of nodes, or for the largest number that has one."""
        settings = self._settings_of(kind, free)
        sizes = [n for loud, n in settings if loud == noisy]
        return settings[noisy, n_nodes if n_nodes in sizes else max(sizes)]

    def _measure(self, point: Point) -> tuple[Row, dict[str, Array]]:
        start = time.perf_counter()
        found = [self._value(point.method, seed) for seed in self._seeds()]
        values = [value for value, _, _ in found]
        row = Row(
            task=self.task,
            protocol=point.protocol,
            frontend=point.frontend,
            method=point.method,
            metric=self._task().metric,
            value=float(np.mean(values)),
            spread=float(np.std(values)),
            n_folds=len(values),
            seconds=(time.perf_counter() - start) / len(values),
            n_parameters=max(n_parameters for _, n_parameters, _ in found),
        )
        return row, found[0][2]

    def _value(self, method: str, seed: int) -> tuple[float, int, dict[str, Array]]:
        """Value on test data, trained numbers, and outputs for the figure, by name."""
        if method in ("mean", "majority", "memoryless"):
            return self._trivial(method, seed), 0, {}
        if method.endswith("-free"):
            return *run_freely(self.task, self._prepare_states(method, seed), seed), {}
        if method.endswith("-taps"):
            prepare = self._best_taps(method, seed)
        else:
            prepare = self._prepare_states(method, seed)
        level = NOISE * method.endswith("-noise")
        states_of, noise, readout, _ = train(self.task, prepare, seed, level)
        targets, outputs = judge(self.task, states_of, noise, readout, seed, self._n_test())
        shown = {"target": targets[:N_SHOWN_STEPS, 0], method: outputs[:N_SHOWN_STEPS, 0]}
        return self._task().score(targets, outputs), readout.n_parameters, shown

    def _prepare_states(self, method: str, seed: int) -> Prepare:
        """From the inputs to the function that makes states of series."""
        if method == "control":
            (n_nodes,) = self._sizes("oscillator", False)[-1:]
            setting = self._setting("oscillator", False, n_nodes)
            bare = control(make_reservoir(setting, n_nodes, seed, self.oscillator))
            return lambda inputs: reservoir_states(bare, inputs)
        noisy, free = method.endswith("-noise"), method.endswith("-free")
        words = method.removesuffix("-noise").removesuffix("-free")
        kind, _, number = words.rpartition("-")
        n_nodes = int(number)
        if kind == "echo-state":
            setting = self._setting(kind, noisy, n_nodes, free)
            return lambda inputs: echo_states(self._task(), setting, n_nodes, seed)
        setting = self._setting("oscillator", noisy, n_nodes, free)
        if kind == "no-feedback":
            setting = dataclasses.replace(setting, loop_gain=0.0)
        reservoir = make_reservoir(setting, n_nodes, seed, self.oscillator)
        return lambda inputs: reservoir_states(reservoir, inputs)

    def _best_taps(self, method: str, seed: int) -> Prepare:
        """As many taps as are best on the validation stretch."""
        degree = 1 if method == "linear-taps" else 2
        numbers = LINEAR_TAPS if degree == 1 else QUADRATIC_TAPS

        def prepare(n_taps: int) -> Prepare:
            return lambda inputs: tap_states(self._task(), n_taps, degree)

        losses = [train(self.task, prepare(n), seed)[-1] for n in numbers]
        return prepare(numbers[int(np.argmin(losses))])

    def _trivial(self, method: str, seed: int) -> float:
        """What is right without an input, or from the last input alone."""
        task = self._task()
        if task.metric == "capacity":
            return 0.0
        inputs, targets = (part[WASHOUT:] for part in training_data(self.task, seed))
        scores = []
        for test_inputs, wanted in judging_data(self.task, seed, self._n_test()):
            wanted = wanted[:, WASHOUT:].reshape(-1, wanted.shape[-1])
            outputs: Array
            if method == "memoryless":
                levels, where = np.unique(inputs.round(6), return_inverse=True)
                means = np.bincount(where, targets[:, 0]) / np.bincount(where)
                place = np.searchsorted(levels, test_inputs[:, WASHOUT:].ravel().round(6))
                outputs = means[place][:, None]
            elif method == "majority":
                values, counts = np.unique(targets, return_counts=True)
                outputs = np.full(wanted.shape, values[counts.argmax()])
            else:
                outputs = np.broadcast_to(targets.mean(axis=0), wanted.shape)
            scores.append(task.score(wanted, outputs))
        return float(np.mean(scores))
