"""Which networks learn a task in layers, and what stands beside them?"""

import copy
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import MinMaxScaler
from threadpoolctl import threadpool_limits

from reservoir._types import Array, Floats, Integers
from reservoir.experiments.classical import Classifier, count_parameters
from reservoir.experiments.layers_tasks import TASKS, Task
from reservoir.layers import SpintronicClassifier, control

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


def network(
    task: Task, seed: int, sizes: Sequence[int] | None = None
) -> SpintronicClassifier:
    """The network of a task, not fitted.

    Parameters
    ----------
    task : Task
    seed : int
    sizes : sequence of int or None, default=None
        Neurons of each hidden layer; None: those of the task.

    Returns
    -------
    SpintronicClassifier
    """
    sizes = task.sizes if sizes is None else tuple(sizes)
    return SpintronicClassifier(sizes, random_state=seed, **task.settings)


def method_names(task: Task) -> tuple[str, ...]:
    """Rows of the table of a task in their order."""
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
    X : ndarray of shape (n_train, n_features)
        Training data.
    y : ndarray of shape (n_train,)
    seed : int
    """

    def __init__(self, task: Task, X: Floats, y: Array, seed: int) -> None:
        self.task = task
        self.X = X
        self.y = y
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
        if method == "shuffled":
            return shuffle_signs(before, self.X, self.seed)
        if method == "other-task":
            labels = other_labels(self.X, np.unique(self.y))
            return self.estimator("layers").fit(self.X, labels)
        if method == "other-task-last":
            passes = int(before.max_iter)
            return before.retrain(self.X, self.y, layers="last", max_iter=passes)
        return self.estimator(method).fit(self.X, self.y)

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


def scaled_parts(
    task: Task, X: Floats, train: Integers, test: Integers
) -> tuple[Floats, Floats]:
    """Training and test data, scaled over the training data if the task asks for it."""
    if not task.is_scaled:
        return X[train], X[test]
    scaler = MinMaxScaler(clip=True).fit(X[train])
    return scaler.transform(X[train]), scaler.transform(X[test])


def run_fold(
    key: tuple[int, int],
    task_name: str,
    methods: Sequence[str],
    seed: int,
    data: tuple[Floats, Array, Integers, Integers],
) -> tuple[tuple[int, int], Outcomes]:
    """Fit and test all methods on one fold.

    Parameters
    ----------
    key : tuple of two int
        Numbers of the repeat and the fold; handed back.
    task_name : str
        In `TASKS`; a task itself does not travel to another process.
    methods : sequence of str
    seed : int
        Of the repeat.
    data : tuple
        X, y, and the indices of training and test samples.

    Returns
    -------
    key : tuple of two int
    outcomes : dict of str to Outcome
    """
    task = TASKS[task_name]
    X, y, train, test = data
    known, new = scaled_parts(task, X, train, test)
    fold = Fold(task, known, y[train], seed)
    outcomes: Outcomes = {}
    # A small network that is stuck in its learning is a result here, and no fault.
    with threadpool_limits(1, user_api="blas"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for method in methods:
            model, seconds = fold.fitted(method)
            start = time.perf_counter()
            predicted = model.predict(new)
            seconds += time.perf_counter() - start
            trained = float(np.mean(model.predict(known) == y[train]))
            outcomes[method] = Outcome(predicted, trained, seconds, count_parameters(model))
    return key, outcomes
