"""What does one oscillator compute from a time series, and what do simpler things?

Settings were found on other sequences and other masks (`benchmarks/tune_series.py`); the
ridge strength is chosen anew for every sequence, inside its training part, for the oscillator
and for all controls alike. Every value is on test data, a mean over sequences and masks.
"""

import dataclasses
import textwrap
import time
from dataclasses import dataclass

import numpy as np

from reservoir.experiments.controls import control
from reservoir.experiments.results import Row, load_arrays
from reservoir.experiments.resumable import ResumableExperiment
from reservoir.experiments.series_protocol import (
    NOISE,
    echo_states,
    judge,
    make_reservoir,
    reservoir_states,
    run_freely,
    tap_states,
    test_data,
    train,
    training_data,
)
from reservoir.experiments.series_settings import (
    ECHO_STATE,
    LINEAR_TAPS,
    OSCILLATOR,
    QUADRATIC_TAPS,
)
from reservoir.experiments.series_tasks import HORIZON, TASKS, WASHOUT

N_SEEDS = 3
QUICK_NODES, QUICK_TEST = 50, 4000
SHOWN = 150  # test steps in the figure


@dataclass(frozen=True)
class Point:
    """A row to measure."""

    protocol: str
    method: str
    frontend: str = "none"


@dataclass
class SeriesExperiment(ResumableExperiment):
    """One task on a time series: the oscillator, with and without noise, and its controls.

    Parameters
    ----------
    task : str
        Key of `reservoir.experiments.series_tasks.TASKS`.
    methods : tuple of str or None
        None: all of `method_names()`.
    seed : int
        The first of three that are averaged.
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
    methods: tuple | None = None

    def points(self):
        """See `ResumableExperiment.points`."""
        return [Point(self.protocol(), method) for method in self.method_names()]

    def method_names(self):
        """Methods of the table: controls first, then the oscillator."""
        if self.methods is not None:
            return tuple(self.methods)
        task = TASKS[self.task]
        methods = ["mean" if task.metric in ("nmse", "nrmse", "capacity") else "majority"]
        methods += ["memoryless"] if self.task == "sine_square" else []
        methods += ["control", "linear-taps", "quadratic-taps"]
        methods += [f"echo-state-{n}" for n in self._sizes(ECHO_STATE, False)]
        methods += [f"echo-state-{n}-noise" for n in self._sizes(ECHO_STATE, True)]
        if self._loop_gain():
            methods += [f"no-feedback-{n}" for n in self._sizes(OSCILLATOR, False)[-1:]]
        methods += [f"oscillator-{n}" for n in self._sizes(OSCILLATOR, False)]
        methods += [f"oscillator-{n}-noise" for n in self._sizes(OSCILLATOR, True)]
        if self.task == "mackey_glass":
            methods += [
                f"{kind}-{n}-free"
                for kind, settings in (("echo-state", ECHO_STATE), ("oscillator", OSCILLATOR))
                for n in self._sizes(settings, False, "mackey_glass_free")
            ]
        return tuple(methods)

    def protocol(self):
        """Name in the result rows: steps that train and test."""
        task = TASKS[self.task]
        lengths = f"{task.n_train}-{self._n_test()}"
        return f"28dB-{lengths}" if self.task == "channel" else lengths

    def settings(self):
        """What results must share to stand in one file."""
        return super().settings() | {"task": self.task}

    def heading(self):
        """Lines above the table."""
        task = TASKS[self.task]
        quick = "\nQUICK: one seed, few nodes, short test; not the protocol." * self.quick
        return (
            f"{task.description}\n{task.n_train} steps train, {self._n_test()} test, after a "
            f"washout of {WASHOUT}; {len(self._seeds())} seeds{quick}\n"
        )

    def footnotes(self):
        """Lines below the table."""
        better = "higher" if TASKS[self.task].better_high else "lower"
        text = (
            f"{TASKS[self.task].metric}: {better} is better. -N: nodes or units. -noise: 1 % "
            "readout noise, relative to the mean spread of the nodes, in training and test. "
            "no-feedback: the same setting without the loop. control: the masked drive. "
            "taps: the last inputs, their number chosen inside the training data; quadratic: "
            "and their products. spread: standard deviation over seeds."
        )
        if self.task == "mackey_glass":
            text += (
                f" -free: one step ahead, fed back {HORIZON} times; the others read "
                f"{HORIZON} steps ahead at once."
            )
        if self.task == "channel":
            text += " No error in n symbols: a rate below 3/n with 95 % confidence."
        return textwrap.fill(text, 94)

    def arrays(self):
        """Target and outputs of the first test steps, for the figure."""
        return self.traces_

    def _stored(self):
        rows = super()._stored()
        if rows:
            self.traces_ = load_arrays(self.store) | self.traces_
        return rows

    def _seeds(self):
        return range(self.seed, self.seed + (1 if self.quick else N_SEEDS))

    def _n_test(self):
        n_test = TASKS[self.task].n_test
        return min(n_test, QUICK_TEST) if self.quick else n_test

    def _loop_gain(self):
        return any(
            setting.loop_gain for key, setting in OSCILLATOR.items() if key[0] == self.task
        )

    def _sizes(self, settings, noisy, task=None):
        """Numbers of nodes for which there are settings."""
        sizes = sorted(key[2] for key in settings if key[:2] == (task or self.task, noisy))
        return [min(size, QUICK_NODES) for size in sizes[-1:]] if self.quick else sizes

    def _setting(self, settings, noisy, n_nodes, task=None):
        task = task or self.task
        sizes = [key[2] for key in settings if key[:2] == (task, noisy)]
        return settings[task, noisy, n_nodes if n_nodes in sizes else max(sizes)]

    def _measure(self, point):
        start = time.perf_counter()
        found = [self._value(point.method, seed) for seed in self._seeds()]
        values = [value for value, _, _ in found]
        row = Row(
            task=self.task,
            protocol=point.protocol,
            frontend=point.frontend,
            method=point.method,
            metric=TASKS[self.task].metric,
            value=float(np.mean(values)),
            spread=float(np.std(values)),
            n_folds=len(values),
            seconds=(time.perf_counter() - start) / len(values),
            n_parameters=max(n_parameters for _, n_parameters, _ in found),
        )
        return row, found[0][2]

    def _value(self, method, seed):
        """Value on test data, trained numbers, and outputs for the figure, by name."""
        task = TASKS[self.task]
        if method in ("mean", "majority", "memoryless"):
            return self._trivial(method, seed), 0, {}
        if method.endswith("-free"):
            return *self._free(method, seed), {}
        if method.endswith("-taps"):
            prepare = self._best_taps(method, seed)
        else:
            prepare = self._prepare_states(method, seed)
        level = NOISE * method.endswith("-noise")
        states_of, noise, readout, _ = train(self.task, prepare, seed, level)
        targets, outputs = judge(self.task, states_of, noise, readout, seed, self._n_test())
        shown = {"target": targets[:SHOWN, 0], method: outputs[:SHOWN, 0]}
        return task.score(targets, outputs), readout.n_parameters, shown

    def _prepare_states(self, method, seed, task=None):
        """From the inputs to the function that makes states of series."""
        if method == "control":
            (n_nodes,) = self._sizes(OSCILLATOR, False)[-1:]
            setting = self._setting(OSCILLATOR, False, n_nodes)
            reservoir = control(make_reservoir(setting, n_nodes, seed))
            return lambda inputs: reservoir_states(reservoir, inputs)
        noisy = method.endswith("-noise")
        words = method.removesuffix("-noise").removesuffix("-free")
        kind, _, number = words.rpartition("-")
        if kind == "echo-state":
            setting = self._setting(ECHO_STATE, noisy, int(number), task)
            return lambda inputs: echo_states(TASKS[self.task], setting, int(number), seed)
        setting = self._setting(OSCILLATOR, noisy, int(number), task)
        if kind == "no-feedback":
            setting = dataclasses.replace(setting, loop_gain=0.0)
        reservoir = make_reservoir(setting, int(number), seed)
        return lambda inputs: reservoir_states(reservoir, inputs)

    def _best_taps(self, method, seed):
        """As many taps as are best on the validation stretch."""
        degree = 1 if method == "linear-taps" else 2
        numbers = LINEAR_TAPS if degree == 1 else QUADRATIC_TAPS

        def prepare(n_taps):
            return lambda inputs: tap_states(TASKS[self.task], n_taps, degree)

        losses = [train(self.task, prepare(n), seed)[-1] for n in numbers]
        return prepare(numbers[int(np.argmin(losses))])

    def _trivial(self, method, seed):
        """What is right without an input, or from the last input alone."""
        task = TASKS[self.task]
        if task.metric == "capacity":
            return 0.0
        inputs, targets = (part[WASHOUT:] for part in training_data(self.task, seed))
        scores = []
        for test_inputs, wanted in test_data(self.task, seed, self._n_test()):
            wanted = wanted[:, WASHOUT:].reshape(-1, wanted.shape[-1])
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

    def _free(self, method, seed):
        """Error at the last of `HORIZON` steps that feed on their own predictions."""
        prepare = self._prepare_states(method, seed, "mackey_glass_free")
        return run_freely(prepare, seed)
