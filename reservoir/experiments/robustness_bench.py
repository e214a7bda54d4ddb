"""How is a method fitted to a fold, given a fault, mended and judged?

A `Bench` is a task with its samples, folds and methods. Each method is fitted once a fold,
and faults are put into copies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from reservoir._types import Array
from reservoir.datasets.recordings import PATTERN
from reservoir.devices import Device
from reservoir.experiments.classical import count_parameters
from reservoir.experiments.robustness_faults import Kind
from reservoir.experiments.robustness_rivals import perceptron_with
from reservoir.experiments.robustness_states import (
    clean_features,
    seen_decision,
    states_stay,
)
from reservoir.experiments.speech import Fold
from reservoir.faults import Fault, train_over_faults, with_faults
from reservoir.multiplexing.classifier import ReservoirClassifier, labels_of

PROTOCOLS = ("after", "before", "repaired", "refitted")
MITIGATIONS = ("none", "drawn-faults")
N_TRAINED = 11  # copies of the devices over which a readout is trained


@dataclass(frozen=True, eq=False)
class Clean:
    """A method that has learned one fold, without a fault.

    Attributes
    ----------
    model : classifier
    accuracy : float
        On the test samples of the fold, or their error.
    n_parameters : int
    features : ndarray of shape (n_test, n_features) or None
        What the readout of a reservoir sees of the test samples.
    """

    model: Any
    accuracy: float
    n_parameters: int
    features: Array | None = None


@dataclass(frozen=True, eq=False)
class Trial:
    """A fault that is put into one fitted copy.

    Attributes
    ----------
    kind : Kind
    protocol : {"after", "before", "repaired", "refitted"}
    method : str
    fold : int
    fault : Fault
    seed : int
        Of the fault, of the examples, and of the errors of a measured curve.
    n_examples : int
        Training samples that the repair may use.
    """

    kind: Kind
    protocol: str
    method: str
    fold: int
    fault: Fault
    seed: int
    n_examples: int


class Bench:
    """A task, its samples and its folds.

    A subclass says in `load` and `estimator` what is learned by what, and in `mended` what is
    done about a fault, if anything is.

    Parameters
    ----------
    dataset : str
        One of `datasets`, or a folder if the task takes folders.
    seed : int
        Of masks, networks and folds.
    quick : bool
        Whether it is a try: fewer samples, folds and nodes.
    pattern : str
        What the names in a folder mean.
    oscillator : device, preset name or None
        What is played. None: that of the experiment.

    Attributes
    ----------
    kinds : dict of str to Kind
    default_kinds : tuple of str
        Those that are swept if nobody names others.
    datasets : dict of str to str
        Titles by names, the default first.
    title, frontend : str
    takes_folders : bool
        Whether the data may be a folder of recordings.
    n_repeats : int
        How often the channels stand in the features of the perceptron.
    trainable : tuple of str
        Methods whose readout can be trained over drawn faults.
    metric : {"accuracy", "nrmse"}
        What is measured; of an error less is better.
    n_nodes : int
        Virtual nodes of the reservoirs, for the heading; 0 if there are none.
    samples : dict of str to sequence
        What each method hears; after `load`.
    target : ndarray
    folds : list of (train, test)
    """

    kinds: ClassVar[Mapping[str, Kind]]
    default_kinds: ClassVar[tuple[str, ...]]
    datasets: ClassVar[Mapping[str, str]]
    title: ClassVar[str]
    frontend: ClassVar[str] = "none"
    takes_folders: ClassVar[bool] = False
    n_repeats: ClassVar[int] = 1
    trainable: ClassVar[tuple[str, ...]] = ()
    metric: ClassVar[str] = "accuracy"
    n_nodes: int = 0

    def __init__(
        self,
        dataset: str,
        seed: int,
        quick: bool,
        pattern: str = PATTERN,
        oscillator: Device | str | None = None,
    ) -> None:
        self.dataset, self.seed, self.quick = dataset, seed, quick
        self.pattern, self.oscillator = pattern, oscillator
        self.check_device()
        self.samples: dict[str, Any] = {}
        self.target: Array = np.zeros(0)
        self.folds: list[Fold] = []

    def load(self) -> None:
        """Load `samples`, `target` and `folds`."""
        raise NotImplementedError

    def estimator(self, method: str) -> Any:
        """The unfitted classifier of a method."""
        raise NotImplementedError

    def check_device(self) -> None:
        """Refuse a device that the task cannot take; raises ValueError."""
        if self.oscillator is not None:
            raise ValueError(
                f"The {self.title} are learned by diodes and oscillators of their own, so "
                "there is no oscillator to be chosen; leave it out."
            )

    def is_mended(self, method: str) -> bool:
        """Whether a method takes part in the other protocols than "after"."""
        return True

    def mended(self, trial: Trial, model: Any, clean: Any) -> Any:
        """What becomes of a faulty model by every protocol but "after".

        Parameters
        ----------
        trial : Trial
        model, clean : classifier
            With the fault and without.
        """
        raise NotImplementedError

    def trained_over(
        self, kind: Kind, severity: float, method: str, fold: int, clean: Clean
    ) -> Clean:
        """A method whose readout was trained over drawn faults.

        A drift gets sizes between both ends. Another fault is drawn several times, and once
        there is none.

        Parameters
        ----------
        kind : Kind
        severity : float
            Of the faults, or the largest one of a drift.
        method : str
        fold : int
        clean : Clean
            What `fit` gave.
        """
        train, test = self.folds[fold]
        X = self.samples[method]
        scenarios: list[Any] = [[]]
        if kind.is_signed:
            sizes = np.linspace(-severity, severity, N_TRAINED)
            scenarios = [
                self.fault(kind, abs(size), 1 if size > 0 else -1, method) for size in sizes
            ]
        else:
            scenarios += (N_TRAINED - 1) * [self.fault(kind, severity, 1, method)]
        model = train_over_faults(
            clean.model,
            X[train],
            self.target[train],
            scenarios,
            random_state=np.random.default_rng((self.seed, fold, 3)),
        )
        accuracy = self.judged(fold, model.predict(X[test]))
        return replace(clean, model=model, accuracy=accuracy)

    def check(self, name: str, severity: float) -> None:
        """Refuse a severity that no fault of this kind, or no network, can have.

        Raises
        ------
        ValueError
        """
        kind = self.kinds[name]
        if kind.is_whole and severity != int(severity):
            raise ValueError(
                f"The severity {severity:g} of {name} is the number of {kind.label}; it must "
                "be a whole number."
            )
        for method in kind.methods:
            fault = self.fault(kind, severity, 1, method)
            self.fault(kind, severity, -1, method)
            n_parts = self.n_parts(name, method)
            if n_parts and round(fault.share * n_parts) == n_parts:  # type: ignore[attr-defined]
                raise ValueError(
                    f"{fault!r} leaves none of {n_parts} alive; give a smaller severity."
                )

    def fault(self, kind: Kind, severity: float, sign: int, method: str) -> Fault:
        """The fault of a kind that the devices of a method get.

        Parameters
        ----------
        kind : Kind
        severity : float
        sign : {1, -1}
            Direction of a drift.
        method : str
        """
        return kind.make(severity, sign)

    def n_parts(self, name: str, method: str) -> int:
        """Of how many parts of a method one at least has to be left; 0: all may be lost."""
        return 0

    def fit(self, method: str, fold: int) -> Clean:
        """Fit a method to the training samples of a fold."""
        train, test = self.folds[fold]
        X = self.samples[method]
        model = self.estimator(method).fit(X[train], self.target[train])
        features = None
        if isinstance(model, ReservoirClassifier):
            features = clean_features(model, X[test])
        accuracy = self.judged(fold, model.predict(X[test]))
        return Clean(model, accuracy, count_parameters(model), features)

    def judged(self, fold: int, predicted: Any) -> float:
        """What answers for the test samples of a fold are worth."""
        return float(np.mean(predicted == self.target[self.folds[fold][1]]))

    def accuracy(self, trial: Trial, clean: Clean) -> float:
        """Accuracy on the test samples of a fold with a fault.

        Parameters
        ----------
        trial : Trial
        clean : Clean
            What `fit` gave for the method and fold of the trial.

        Returns
        -------
        float
        """
        test = self.folds[trial.fold][1]
        model = self._damaged(trial, clean.model)
        if trial.protocol != "after":
            model = self.mended(trial, model, clean.model)
        if clean.features is not None and states_stay(trial.kind, model):
            predicted = labels_of(model.classes_, seen_decision(model, clean.features))
        else:
            predicted = model.predict(self.samples[trial.method][test])
        return self.judged(trial.fold, predicted)

    def examples(self, trial: Trial) -> tuple[Any, Array]:
        """A few training samples for a repair, as many of each class as can be."""
        train = self.folds[trial.fold][0]
        order = np.random.default_rng((trial.seed, 1)).permutation(train)
        classes = np.unique(self.target[train], return_inverse=True)[0]
        by_class = [order[self.target[order] == label] for label in classes]
        turns = [(turn, k) for k, own in enumerate(by_class) for turn in range(len(own))]
        chosen = [by_class[k][turn] for turn, k in sorted(turns)[: trial.n_examples]]
        return self.samples[trial.method][chosen], self.target[chosen]

    def training(self, trial: Trial) -> tuple[Any, Array]:
        """All training samples of a fold."""
        train = self.folds[trial.fold][0]
        return self.samples[trial.method][train], self.target[train]

    def _damaged(self, trial: Trial, model: Any) -> Any:
        if isinstance(model, trial.fault.hosts):
            return with_faults(model, trial.fault, random_state=trial.seed)
        return perceptron_with(model, trial.fault, trial.seed, self.n_repeats)
