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
from reservoir._types import Array, Floats, Integers
from reservoir.experiments.contract import Progress, no_progress
from reservoir.experiments.layers_figure import figure_of, frames_of, learned, tuned
from reservoir.experiments.layers_methods import (
    QUICK_METHODS,
    Outcomes,
    method_names,
    run_fold,
    scaled_parts,
)
from reservoir.experiments.layers_tasks import TASKS
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import SEED_RANGE
from reservoir.plotting.layers import LayersFigure, LayersFrame

FOOTNOTES = """
layers: powers enter on lines, spin diodes weigh them by their resonances, oscillators are
the neurons, and resonances and biases are learned by backpropagation. -64, -8: that many
neurons. one-layer: no neurons. control: the same sizes, calibration, noise and steps, with
weights that are set directly and rectifiers. shuffled: the network layers, whose detunings
got each other's signs, and whose biases were then set anew. other-task: the same network has
learned in which group of equal size the total power of a sample is. -last: its last layer has
then learned the task. mlp: a perceptron of scikit-learn of the same sizes.
parameters: for networks, detunings or weights, and biases."""


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
        Two folds, drawn once, and some methods: a try, not the protocol.
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
        self._task = TASKS[self.task]
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
        return QUICK_METHODS if self.quick else method_names(self._task)

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
                self.task,
                names,
                self.seed + key[0],
                (self.data_, self.target_, *self.folds_[key[0]][key[1]]),
            )
            for key in keys
        )
        outcomes = dict(progress(results, len(keys)))
        return [self._row(method, outcomes) for method in names]

    def load(self) -> None:
        """Load samples and draw the folds: `data_`, `target_`, `folds_`, `tested_`."""
        task = self._task
        assert self.dataset is not None
        data = task.load(self.dataset)
        self.data_: Floats = data.X
        self.target_: Array = data.y
        n_repeats = task.n_repeats if self.n_repeats is None else self.n_repeats
        if self.quick:
            n_repeats = 1 if data.n_train is None else 2
        order = np.arange(len(data.y))
        self.folds_: list[list[tuple[Integers, Integers]]] = []
        for repeat in range(n_repeats):
            if data.n_train is not None:
                self.folds_.append([(order[: data.n_train], order[data.n_train :])])
                continue
            kind = StratifiedKFold(
                task.n_folds, shuffle=True, random_state=self.seed + repeat
            )
            folds = list(kind.split(data.X, data.y))
            self.folds_.append(folds[:2] if self.quick else folds)
        self.tested_: Integers = np.concatenate([test for _, test in self.folds_[0]])

    def heading(self) -> str:
        """What was run, to stand above the table."""
        n_repeats, n_folds = len(self.folds_), len(self.folds_[0])
        title = self._task.datasets.get(str(self.dataset), str(self.dataset))
        sizes = self._sizes()
        lines = [
            f"Layers of spin diodes: {self._task.description}",
            f"{title}; layers is a network of {'-'.join(map(str, sizes))}",
        ]
        if n_folds == 1:
            train, test = self.folds_[0][0]
            lines.append(
                f"{len(train)} samples train and {len(test)} test, {n_repeats} starts of "
                "each method"
            )
        else:
            lines.append(
                f"{len(self.target_)} samples, {self._task.n_folds} stratified folds, drawn "
                f"{n_repeats} {'time' if n_repeats == 1 else 'times'}"
            )
        if self.quick:
            lines.append("QUICK: two folds or starts, some methods; not the protocol.")
        return "\n".join(lines) + "\n"

    def footnotes(self) -> str:
        """Training accuracies, pair differences, and what the methods are."""
        columns: tuple[str, ...] = ("training",)
        if len(self.folds_[0]) == 1:
            columns = ("training", "median", "best")
        lines = ["", f"{'accuracy':<24}" + "".join(f"{name:>10}" for name in columns)]
        for method, values in self.accuracies_.items():
            numbers = (self.trained_[method].mean(), np.median(values), values.max())
            shown = "".join(f"{100 * n:>9.2f}%" for n in numbers[: len(columns)])
            lines.append(f"{method:<24}{shown}")
        lines += self._difference("layers", "control")
        parts = "starts" if len(self.folds_[0]) == 1 else "folds"
        lines += [FOOTNOTES, f"spread: the standard deviation over all {parts}."]
        return "\n".join(lines)

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

    def animation_data(self) -> tuple[LayersFrame, ...]:
        """The network of the first fold after each pass, by `partial_fit`."""
        return frames_of(self._task, self._first_fold(), self.seed)

    def _first_fold(self) -> tuple[Floats, Array, Floats, Array]:
        """Training data and labels, test data and labels of the first fold."""
        train, test = self.folds_[0][0]
        known, new = scaled_parts(self._task, self.data_, train, test)
        return known, self.target_[train], new, self.target_[test]

    def _sizes(self) -> list[int]:
        n_classes = len(np.unique(self.target_))
        return [self.data_.shape[1], *self._task.sizes, n_classes]

    def _difference(self, mine: str, other: str) -> list[str]:
        """A line on the difference of two methods, fold by fold."""
        if not {mine, other} <= set(self.accuracies_):
            return []
        apart = 100 * (self.accuracies_[mine] - self.accuracies_[other]).ravel()
        error = apart.std(ddof=1) / np.sqrt(len(apart))
        kind = "start by start" if len(self.folds_[0]) == 1 else "fold by fold"
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
