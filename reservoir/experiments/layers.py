"""What do layers of spin diodes and oscillators learn? Ross et al. 2023, with controls.

The networks [1]_, [2]_: features are powers on microwave lines, synapses are spin diodes
whose resonances are tuned, neurons are oscillators, and learning is backpropagation through
their physics (`reservoir.layers`).

Ours: the folds and all other settings. ``docs/layers.md`` says what was chosen on which data.

References
----------
.. [1] A. Ross, N. Leroux et al., "Multilayer spintronic neural networks with radiofrequency
   connections", Nat. Nanotechnol. 18, 1273 (2023).
.. [2] N. Leroux et al., "Radio-frequency multiply-and-accumulate operations with spintronic
   synapses", Phys. Rev. Applied 15, 034067 (2021).
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import StratifiedKFold

from reservoir._checks import (
    Choice,
    Flag,
    Integer,
    OrNone,
    Rule,
    check_parameters,
    check_value,
)
from reservoir._progress import Progress, no_progress
from reservoir._types import Array, Floats, Integers
from reservoir.experiments.layers_figure import figure_of, learned, tuned
from reservoir.experiments.layers_methods import (
    QUICK_METHODS,
    Outcomes,
    method_names,
    network,
    run_fold,
    sides,
)
from reservoir.experiments.layers_tasks import TASKS
from reservoir.experiments.new_voices import wrapped
from reservoir.experiments.provenance import DataUsed, digest_of
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import SEED_RANGE
from reservoir.experiments.speech import Fold
from reservoir.plotting.layers import LayersFigure
from reservoir.plotting.layers_video import LayersLearningVideo

# What the methods are, unless the task says it.
NOTES = {
    "layers": "layers: powers enter on lines, spin diodes weigh them by their resonances, "
    "oscillators are the neurons, and resonances and biases are learned by backpropagation. "
    "-64, -8: that many neurons.",
    "one-layer": "one-layer: no neurons.",
    "control": "control: the same sizes, calibration, noise and steps, with weights that are "
    "set directly and rectifiers.",
    "shuffled": "shuffled: the network layers, whose detunings got each other's signs, and "
    "whose biases were then set anew.",
    "other-task": "other-task: the same network has learned in which group of equal size the "
    "total power of a sample is. -last: its last layer has then learned the task.",
    "mlp": "mlp: a perceptron of scikit-learn of the same sizes.",
}
# Whose differences are printed.
PAIRS = (("layers", "control"), ("convolution", "convolution-control"))


@dataclass
class LayersExperiment:
    """A task learned by layers of spin diodes, and by what stands beside them.

    Parameters
    ----------
    task : str
        Name in `reservoir.experiments.layers_tasks.TASKS`.
    dataset : str or None
        Name of one of the task's data sets, or the path of the file of the drones. None: the
        first one.
    seed : int
        Seed of the first repeat; each repeat has a seed of its own for folds and methods.
    n_jobs : int
        Processes that share the folds, as for joblib.
    quick : bool
        Two folds, drawn once, some methods, and for some tasks fewer passes: a try, not the
        protocol.
    n_repeats : int or None
        How often folds are drawn, or the methods start anew if the data have a split. None:
        as the task says.
    methods : tuple of str or None
        Rows of the table. None: all of `method_names()`.

    Attributes
    ----------
    accuracies_, trained_ : dict of str to ndarray of shape (n_repeats, n_folds)
        Accuracies of every method on test and on training data; after `run`.
    predictions_ : dict of str to ndarray
        Labels of every method for the test samples of the first repeat, in the order of
        `tested_`; after `run`.
    data_, target_, folds_, tested_ : sequences
        After `load`.

    Examples
    --------
    >>> from reservoir.experiments import LayersExperiment
    >>> experiment = LayersExperiment("wedge", quick=True, methods=("majority", "logistic"))
    >>> [round(row.value, 2) for row in experiment.run()]
    [0.75, 0.92]
    """

    task: str = "digits"
    dataset: str | None = None
    _: KW_ONLY
    seed: int = 0
    n_jobs: int = 1
    quick: bool = False
    n_repeats: int | None = None
    methods: tuple[str, ...] | None = None
    accuracies_: dict[str, Floats] = field(default_factory=dict, init=False, repr=False)
    trained_: dict[str, Floats] = field(default_factory=dict, init=False, repr=False)
    predictions_: dict[str, Array] = field(default_factory=dict, init=False, repr=False)

    summary = (
        "Layers of spin diodes and oscillators that learn by backpropagation (Ross et al., "
        "Nat. Nanotechnol. 18, 1273)"
    )
    datasets = tuple(name for task in TASKS.values() for name in task.datasets)
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "seed": SEED_RANGE,
        "quick": Flag(),
        "n_repeats": OrNone(Integer(1)),
    }

    def __post_init__(self) -> None:
        """Check the parameters."""
        check_parameters(self, self._parameter_ranges)
        check_value("LayersExperiment.task", self.task, Choice(tuple(TASKS)))
        self._task = TASKS[self.task].for_a_try() if self.quick else TASKS[self.task]
        names = tuple(self._task.datasets)
        if names:
            self.dataset = names[0] if self.dataset is None else self.dataset
            if self.dataset not in names:
                raise ValueError(
                    f"dataset is {self.dataset!r}; for the task {self.task!r} it must be one "
                    f"of {', '.join(map(repr, names))}."
                )
        elif self.dataset is None:
            raise ValueError(
                f"dataset is None; the task {self.task!r} needs the path of a file, because "
                "its data are not part of this package."
            )

    def method_names(self) -> tuple[str, ...]:
        """Methods of the table in its order."""
        if self.methods is not None:
            return tuple(self.methods)
        names = method_names(self._task)
        return tuple(name for name in names if not self.quick or name in QUICK_METHODS)

    def run(self, progress: Progress = no_progress) -> list[Row]:
        """Run all methods on all folds and repeats.

        Parameters
        ----------
        progress : callable
            Wraps the iterator of finished tasks, e.g. in a tqdm bar.

        Returns
        -------
        list of Row
        """
        self.load()
        names = self.method_names()
        keys = [
            (repeat, fold)
            for repeat, folds in enumerate(self.folds_)
            for fold in range(len(folds))
        ]
        results = Parallel(n_jobs=self.n_jobs, return_as="generator_unordered")(
            delayed(run_fold)(
                key,
                (self.task, self.quick),
                names,
                self.seed + key[0],
                self._data,
                self.folds_[key[0]][key[1]],
            )
            for key in keys
        )
        outcomes = dict(progress(results, len(keys)))
        return [self._row(method, outcomes) for method in names]

    def load(self) -> None:
        """Load samples and draw the folds: `data_`, `target_`, `folds_`, `tested_`."""
        assert self.dataset is not None
        self._data = self._task.load(self.dataset)
        self.data_: Floats = self._data.X
        self.target_: Array = self._data.y
        n_repeats = self._task.n_repeats if self.n_repeats is None else self.n_repeats
        if self.quick:
            n_repeats = 1 if self._data.n_train is None else 2
        self.folds_: list[list[Fold]] = []
        for repeat in range(n_repeats):
            folds = self._draw(self.seed + repeat)
            self.folds_.append(folds[:2] if self.quick else folds)
        self.tested_: Integers = np.concatenate([test for _, test in self.folds_[0]])

    def _draw(self, seed: int) -> list[Fold]:
        """Training and test samples of each fold."""
        data = self._data
        if data.n_train is not None:
            order = np.arange(len(data.y))
            return [(order[: data.n_train], order[data.n_train :])]
        if data.groups is not None:
            left_out = [data.groups == group for group in np.unique(data.groups)]
            return [(np.flatnonzero(~out), np.flatnonzero(out)) for out in left_out]
        kind = StratifiedKFold(self._task.n_folds, shuffle=True, random_state=seed)
        return list(kind.split(data.y, data.y))

    def heading(self) -> str:
        """What was run, to stand above the table."""
        n_repeats, n_folds = len(self.folds_), len(self.folds_[0])
        title = self._task.datasets.get(str(self.dataset), str(self.dataset))
        sizes = self._sizes()
        lines = [
            f"Layers of spin diodes: {self._task.description}",
            f"{title}; layers is a network of {'-'.join(map(str, sizes))}",
        ]
        times = f"{n_repeats} {'time' if n_repeats == 1 else 'times'}"
        groups = self._data.groups
        if groups is not None:
            lines.append(
                f"{len(self.target_)} samples; each of {len(np.unique(groups))} voices is "
                f"left out in turn, {times}"
            )
        elif n_folds == 1:
            train, test = self.folds_[0][0]
            lines.append(
                f"{len(train)} samples train and {len(test)} test, {n_repeats} starts of "
                "each method"
            )
        else:
            lines.append(
                f"{len(self.target_)} samples, {self._task.n_folds} stratified folds, drawn "
                f"{times}"
            )
        if self.quick:
            lines.append("QUICK: two folds or starts, some methods; not the protocol.")
        return "\n".join(lines) + "\n"

    def footnotes(self) -> str:
        """Training accuracies, those by group, pair differences, what the methods are."""
        columns: tuple[str, ...] = ("training",)
        if len(self.folds_[0]) == 1:
            columns = ("training", "median", "best")
        lines = ["", f"{'accuracy':<24}" + "".join(f"{name:>10}" for name in columns)]
        for method, values in self.accuracies_.items():
            numbers = (self.trained_[method].mean(), np.median(values), values.max())
            row = "".join(f"{100 * n:>9.2f}%" for n in numbers[: len(columns)])
            lines.append(f"{method:<24}{row}")
        lines += self._by_group()
        for mine, other in PAIRS:
            lines += self._difference(mine, other)
        notes = {**NOTES, **self._task.notes}
        shown = [note for name, note in notes.items() if name in self.accuracies_]
        lines += ["", *map(wrapped, shown)]
        lines.append("parameters: for networks, detunings or weights, and biases.")
        lines.append(f"spread: the standard deviation over {self.spread_over}.")
        return "\n".join(lines)

    def _by_group(self) -> list[str]:
        """Test accuracies by the group that was left out, for tasks with groups."""
        if self._data.groups is None:
            return []
        names = np.unique(self._data.groups)[: len(self.folds_[0])]
        lines = ["", f"{'accuracy on':<24}" + "".join(f"{name:>10}" for name in names)]
        for method, values in self.accuracies_.items():
            row = "".join(f"{100 * n:>9.2f}%" for n in values.mean(axis=0))
            lines.append(f"{method:<24}{row}")
        return lines

    @property
    def spread_over(self) -> str:
        """What the spread is taken over; after `run`."""
        return "all starts" if len(self.folds_[0]) == 1 else "all folds"

    def data_used(self) -> DataUsed:
        """From which samples and seeds the rows come; after `run`."""
        seeds = tuple(range(self.seed, self.seed + len(self.folds_)))
        return DataUsed(str(self.dataset), digest_of(self.data_, self.target_), seeds)

    def arrays(self) -> dict[str, Array]:
        """What goes into the result file besides the rows.

        The network of the first fold is there as it is made and as it has learned: `before`
        and `after` hold resonances in Hz, shape (n_chains, n_lines), for each layer.
        """
        arrays: dict[str, Array] = {"target": self.target_[self.tested_]}
        arrays |= {f"accuracies/{name}": v for name, v in self.accuracies_.items()}
        arrays |= {f"training/{name}": v for name, v in self.trained_.items()}
        arrays |= {f"predictions/{name}": v for name, v in self.predictions_.items()}
        if "layers" in self.predictions_:
            arrays["confusion"] = confusion_matrix(
                self.target_[self.tested_], self.predictions_["layers"]
            )
            model = learned(self._task, self._first_fold(), self.seed)
            start = tuned(self._task, self._first_fold(), self.seed)
            arrays["loss_curve"] = np.array(model.loss_curve_)
            for index, frequencies in enumerate(model.line_frequencies_):
                arrays[f"lines/{index}"] = frequencies
                arrays[f"before/{index}"] = start.resonances_[index]
                arrays[f"after/{index}"] = model.resonances_[index]
        return arrays

    def figure_data(self) -> LayersFigure:
        """Train the network of the first fold, and put it off its resonances."""
        confusion = None
        if "layers" in self.predictions_:
            confusion = confusion_matrix(
                self.target_[self.tested_], self.predictions_["layers"]
            )
        return figure_of(self._task, self._first_fold(), self.seed, confusion, self.quick)

    def animation_data(self, progress: Progress = no_progress) -> LayersLearningVideo:
        """The network of the first fold after each pass, by `partial_fit`.

        Parameters
        ----------
        progress : callable
            Wraps the iterator of passes, e.g. in a tqdm bar.

        Returns
        -------
        LayersLearningVideo
        """
        return LayersLearningVideo.from_estimator(
            network(self._task, self.seed), *self._first_fold(), progress=progress
        )

    def _first_fold(self) -> tuple[Floats, Array, Floats, Array]:
        """Training data and labels, test data and labels of the first fold."""
        known, new = sides(self._task, self._data, self.folds_[0][0])
        return *known.table, new.copies[0], new.y

    def _sizes(self) -> list[int]:
        n_classes = len(np.unique(self.target_))
        return [self.data_.shape[-1], *self._task.sizes, n_classes]

    def _difference(self, mine: str, other: str) -> list[str]:
        """A line on the difference of two methods, fold by fold."""
        if not {mine, other} <= set(self.accuracies_):
            return []
        apart = 100 * (self.accuracies_[mine] - self.accuracies_[other])
        kind = "start by start" if len(self.folds_[0]) == 1 else "fold by fold"
        if self._data.groups is not None:
            # What two starts have of one voice in common would count twice.
            apart, kind = apart.mean(axis=0), "voice by voice"
        error = apart.std(ddof=1) / np.sqrt(apart.size)
        return [
            f"{mine} minus {other}, {kind}: {apart.mean():+.2f} points, standard error "
            f"{error:.2f},",
            "which is rather too small, because they share training data.",
        ]

    def _row(self, method: str, outcomes: Mapping[tuple[int, int], Outcomes]) -> Row:
        """Mean over folds and repeats; accuracies and first predictions are kept."""
        shape = len(self.folds_), len(self.folds_[0])
        accuracies, trained = np.empty(shape), np.empty(shape)
        for key, found in outcomes.items():
            test = self.folds_[key[0]][key[1]][1]
            accuracies[key] = np.mean(found[method].predicted == self.target_[test])
            trained[key] = found[method].trained
        self.accuracies_[method], self.trained_[method] = accuracies, trained
        self.predictions_[method] = np.concatenate(
            [outcomes[0, fold][method].predicted for fold in range(shape[1])]
        )
        mine = [found[method] for found in outcomes.values()]
        return Row(
            task=f"layers-{self.task}",
            protocol=f"{shape[1]}x{shape[0]}",
            frontend="powers",
            method=method,
            metric="accuracy",
            value=float(accuracies.mean()),
            spread=float(accuracies.std()),
            n_folds=accuracies.size,
            seconds=float(np.mean([outcome.seconds for outcome in mine])),
            n_parameters=max(outcome.n_parameters for outcome in mine),
        )
