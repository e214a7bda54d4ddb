"""Which networks learn a task in layers, and what stands beside them?"""

import copy
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from reservoir._types import Array, Floats
from reservoir.audio.copies import fit_to_copies
from reservoir.experiments.classical import Classifier, count_parameters
from reservoir.experiments.layers_tasks import TASKS, Data, Task
from reservoir.experiments.speech import Fold as Indices
from reservoir.layers import SpintronicClassifier, control
from reservoir.multiplexing.classifier import labels_of

# Methods that are made of the fitted model of another.
SOURCES = {"shuffled": "layers", "other-task-last": "other-task"}
QUICK_METHODS = ("majority", "logistic", "control", "one-layer", "layers")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one method gives on one fold.

    Attributes
    ----------
    predicted : ndarray of shape (n_test,)
        Labels.
    trained : float
        Accuracy on the training data.
    seconds : float
        Wall time of fit and predict.
    n_parameters : int
    """

    predicted: Array
    trained: float
    seconds: float
    n_parameters: int


# Outcomes of a fold by method.
Outcomes: TypeAlias = dict[str, Outcome]


@dataclass(frozen=True, eq=False)
class Side:
    """The training or the test samples of a fold.

    Attributes
    ----------
    copies : list of ndarray of shape (n_samples, ...)
        The samples, then their copies if the task has any, scaled.
    y : ndarray of shape (n_samples,)
    groups : ndarray of shape (n_samples,) or None
    frames : list of ndarray of object of shape (n_samples,)
        The sequences from which `copies` were made.
    """

    copies: list[Any]
    y: Array
    groups: Array | None = None
    frames: list[Any] = field(default_factory=list)

    @property
    def table(self) -> tuple[Floats, Array]:
        """Samples and copies one after the other, and their labels."""
        return np.concatenate(self.copies), np.tile(self.y, len(self.copies))


def network(task: Task, seed: int, sizes: Sequence[int] | None = None) -> Any:
    """The network of a task, not fitted.

    Parameters
    ----------
    task : Task
    seed : int
    sizes : sequence of int or None, default=None
        Neurons of each hidden layer; None: those of the task.

    Returns
    -------
    SpintronicClassifier, or what the task has in its place
    """
    sizes = task.sizes if sizes is None else tuple(sizes)
    return task.kind(sizes, random_state=seed, **task.settings)


def method_names(task: Task) -> tuple[str, ...]:
    """Rows of the table of a task in their order."""
    if not task.is_taken_apart:
        return ("majority", *task.learners, "control", "layers")
    return (
        "majority",
        *task.learners,
        "control",
        "one-layer",
        "layers",
        *(f"layers-{size}" for size in task.more_sizes),
        "shuffled",
        "other-task",
        "other-task-last",
    )


def shuffle_signs(model: SpintronicClassifier, X: Floats, seed: int) -> SpintronicClassifier:
    """A copy whose detunings have each other's signs; its amplifiers are set anew.

    The detunings of a layer keep their sizes, and their signs are dealt out at random. The
    mean of each chain is then brought back by its bias, so that what is lost is what the
    signs knew.

    Parameters
    ----------
    model : SpintronicClassifier
        Fitted.
    X : ndarray of shape (n_samples, n_features)
        Its training data.
    seed : int

    Returns
    -------
    SpintronicClassifier
    """
    generator = np.random.default_rng(seed)
    other = copy.deepcopy(model)
    for index, layer in enumerate(model.layers_):
        sizes, signs = np.abs(layer.settings), np.sign(layer.settings)
        signs = generator.permutation(signs.ravel()).reshape(signs.shape)
        other.layers_[index] = replace(layer, settings=sizes * signs)
    return other.recalibrate(X)


def other_labels(X: Floats, classes: Array) -> Array:
    """Labels of another task on the same data: groups of equal size by the total power.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    ranks = np.argsort(np.argsort(X.sum(axis=1), kind="stable"))
    labels: Array = classes[ranks * len(classes) // len(X)]
    return labels


class Fold:
    """The fitted models of one fold; what several methods need is fitted once.

    Parameters
    ----------
    task : Task
    known : Side
        The training samples.
    seed : int
    """

    def __init__(self, task: Task, known: Side, seed: int) -> None:
        self.task = task
        self.known = known
        self.seed = seed
        self._fitted: dict[str, tuple[Classifier, float]] = {}

    def fitted(self, method: str) -> tuple[Classifier, float]:
        """The model of a method, and the seconds that its fit and those before it took."""
        if method not in self._fitted:
            before, seconds = None, 0.0
            if method in SOURCES:
                before, seconds = self.fitted(SOURCES[method])
            start = time.perf_counter()
            model = self._fit(method, before)
            self._fitted[method] = model, seconds + time.perf_counter() - start
        return self._fitted[method]

    def _fit(self, method: str, before: Classifier) -> Classifier:
        """Fit a method to the data, or make it of the model `before`."""
        X, y = self.known.table
        if method == "shuffled":
            return shuffle_signs(before, X, self.seed)
        if method == "other-task":
            return self.estimator("layers").fit(X, other_labels(X, np.unique(y)))
        if method == "other-task-last":
            passes = int(before.max_iter)
            return before.retrain(X, y, layers="last", max_iter=passes)
        inputs = self.inputs(method, self.known)
        return fit_to_copies(self.estimator(method), inputs, self.known.y, self.known.groups)

    def inputs(self, method: str, side: Side) -> list[Any]:
        """What a method takes of some samples, for them and for each of their copies."""
        return side.frames if method in self.task.frame_learners else side.copies

    def predict(self, method: str, side: Side) -> Array:
        """Labels that a method gives; decisions on copies of a sample are averaged."""
        model, copies = self.fitted(method)[0], self.inputs(method, side)
        if len(copies) == 1:
            alone: Array = model.predict(copies[0])
            return alone
        mean = np.mean([_decisions(model, each) for each in copies], axis=0)
        return labels_of(model.classes_, mean)

    def estimator(self, method: str) -> Classifier:
        """The unfitted classifier of a method that is not derived from another."""
        task, seed = self.task, self.seed
        if method == "majority":
            return DummyClassifier()
        if method in task.learners:
            return task.learners[method](seed)
        if method == "control":
            return control(network(task, seed))
        if method == "one-layer":
            return network(task, seed, ())
        _, _, size = method.partition("-")
        return network(task, seed, (int(size),) if size else None)


def _decisions(model: Classifier, X: Any) -> Floats:
    """Logarithms of the probabilities of classes, or what a model has in their place."""
    name = "predict_log_proba" if hasattr(model, "predict_log_proba") else "decision_function"
    decisions: Floats = getattr(model, name)(X)
    return decisions


def sides(task: Task, data: Data, fold: Indices) -> tuple[Side, Side]:
    """Training and test samples, scaled over the training data if the task asks for it.

    Parameters
    ----------
    task : Task
    data : Data
    fold : tuple of two ndarrays of int
        Training and test samples.

    Returns
    -------
    known, new : Side
    """
    copies = [data.X, *data.copies]
    scale: Any = np.asarray
    if task.scaler is not None:
        scaler = task.scaler().fit(np.concatenate([copy[fold[0]] for copy in copies]))
        scale = scaler.transform
    known, new = (
        Side(
            [scale(copy[part]) for copy in copies],
            data.y[part],
            None if data.groups is None else data.groups[part],
            [frames[part] for frames in data.frames],
        )
        for part in fold
    )
    return known, new


def run_fold(
    key: tuple[int, int],
    task: tuple[str, bool],
    methods: Sequence[str],
    seed: int,
    data: Data,
    fold: Indices,
) -> tuple[tuple[int, int], Outcomes]:
    """Fit and test all methods on one fold.

    Parameters
    ----------
    key : tuple of two int
        Numbers of the repeat and the fold; handed back.
    task : tuple of str and bool
        Name in `TASKS`, because a task itself does not travel to another process; and
        whether this is a try.
    methods : sequence of str
    seed : int
        Of the repeat.
    data : Data
    fold : tuple of two ndarrays of int
        Training and test samples.

    Returns
    -------
    key : tuple of two int
    outcomes : dict of str to Outcome
    """
    name, quick = task
    described = TASKS[name].for_a_try() if quick else TASKS[name]
    known, new = sides(described, data, fold)
    models = Fold(described, known, seed)
    outcomes: Outcomes = {}
    # A small network that is stuck in its learning is a result here, and no fault.
    with threadpool_limits(1, user_api="blas"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for method in methods:
            model, seconds = models.fitted(method)
            start = time.perf_counter()
            predicted = models.predict(method, new)
            seconds += time.perf_counter() - start
            trained = float(np.mean(models.predict(method, known) == known.y))
            outcomes[method] = Outcome(predicted, trained, seconds, count_parameters(model))
    return key, outcomes
