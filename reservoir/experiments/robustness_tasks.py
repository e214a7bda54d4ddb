"""What is learned before faults come, by which methods, and how is it repaired?

A `Bench` is a task with its samples, folds and methods. Each method is fitted once a fold,
and faults are put into copies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier

from reservoir._types import Array, Floats
from reservoir.datasets.recordings import PATTERN
from reservoir.devices import Device, SpinTorqueOscillator
from reservoir.experiments.classical import count_parameters, perceptron, scaled
from reservoir.experiments.controls import control
from reservoir.experiments.digits import DigitsExperiment
from reservoir.experiments.layers_tasks import TASKS as LAYERS_TASKS
from reservoir.experiments.new_voices import echo_state_like
from reservoir.experiments.own_device import chosen_device, require_spin_torque
from reservoir.experiments.robustness_faults import (
    DIGITS_KINDS,
    LAYERED,
    LAYERS_KINDS,
    NETWORKS_SWEPT,
    RESERVOIRS,
    VOWELS_KINDS,
    Kind,
)
from reservoir.experiments.robustness_rivals import perceptron_with
from reservoir.experiments.robustness_states import (
    clean_features,
    seen_decision,
    states_stay,
)
from reservoir.experiments.speech import DATASET_TITLES, Fold
from reservoir.experiments.vowels import DATASET_TITLES as VOWELS_TITLES
from reservoir.experiments.vowels import VowelsExperiment
from reservoir.experiments.vowels_networks import NETWORKS
from reservoir.faults import (
    Fault,
    leave_out_dead_nodes,
    recalibrate_drive,
    refit_readout,
    with_faults,
)
from reservoir.layers import SpintronicClassifier
from reservoir.layers import control as software
from reservoir.multiplexing.classifier import ReservoirClassifier, labels_of

PROTOCOLS = ("after", "before", "repaired")
N_NODES, QUICK_NODES = 400, 100
QUICK_SIZES, QUICK_PASSES = (32,), 10
# Of the measured curve: points, currents over the threshold, and errors.
N_CURVE_POINTS, CURVE_RANGE, CURVE_NOISE = 240, (0.4, 2.0), 0.02


@dataclass(frozen=True, eq=False)
class Clean:
    """A method that has learned one fold, without a fault.

    Attributes
    ----------
    model : classifier
    accuracy : float
        On the test samples of the fold.
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
    protocol : {"after", "before", "repaired"}
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

    def mended(self, trial: Trial, model: Any) -> Any:
        """What becomes of a faulty model by the protocols "before" and "repaired"."""
        raise ValueError(f"The {self.title} are measured with the protocol 'after' only.")

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
        fault = kind.make(severity, 1)
        kind.make(severity, -1)
        for n_parts in self.n_parts(name):
            if round(severity * n_parts) == n_parts:
                raise ValueError(
                    f"{fault!r} leaves none of {n_parts} alive; give a smaller severity."
                )

    def n_parts(self, name: str) -> Sequence[int]:
        """Of how many parts one at least has to be left; empty if all may be lost."""
        return ()

    def fit(self, method: str, fold: int) -> Clean:
        """Fit a method to the training samples of a fold."""
        train, test = self.folds[fold]
        X = self.samples[method]
        model = self.estimator(method).fit(X[train], self.target[train])
        features = None
        if isinstance(model, ReservoirClassifier):
            features = clean_features(model, X[test])
        predicted = model.predict(X[test])
        accuracy = float(np.mean(predicted == self.target[test]))
        return Clean(model, accuracy, count_parameters(model), features)

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
            model = self.mended(trial, model)
        if clean.features is not None and states_stay(trial.kind, model):
            predicted = labels_of(model.classes_, seen_decision(model, clean.features))
        else:
            predicted = model.predict(self.samples[trial.method][test])
        return float(np.mean(predicted == self.target[test]))

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


class DigitsBench(Bench):
    """Spoken digits by one oscillator: ten folds by the number of the recording."""

    kinds = DIGITS_KINDS
    default_kinds = (
        "dead-nodes",
        "dead-weights",
        "readout-bits",
        "threshold",
        "dead-channels",
    )
    datasets = DATASET_TITLES
    title = "spoken digits"
    frontend = "cochleagram"
    takes_folders = True
    n_repeats = 4  # segments

    def load(self) -> None:
        """Load `samples`, `target` and `folds`."""
        self._experiment = DigitsExperiment(
            self.dataset,
            "index",
            pattern=self.pattern,
            n_nodes=self.n_nodes,
            oscillator=self.oscillator,
            quick=self.quick,
        )
        self._experiment.load()
        frames = self._experiment.frames_
        self.samples = dict.fromkeys(RESERVOIRS, frames)
        self.samples["mlp"] = self._experiment.segments_
        self.target, self.folds = self._experiment.target_, self._experiment.folds_

    def check_device(self) -> None:
        """Refuse what is no device."""
        chosen_device(self.oscillator)

    def check(self, name: str, severity: float) -> None:
        """As for `Bench`, and a fault that the device cannot have."""
        super().check(name, severity)
        kinds = getattr(self.kinds[name].make(severity, 1), "devices", (object,))
        device = chosen_device(self.oscillator)
        if not isinstance(device, kinds):
            names = " or ".join(kind.__name__ for kind in kinds)
            raise ValueError(
                f"The fault {name} moves what a {type(device).__name__} does not have; it "
                f"needs a {names}. Choose other faults, or another device."
            )

    @property
    def n_nodes(self) -> int:
        """Virtual nodes of the reservoir, and units of its rivals."""
        return QUICK_NODES if self.quick else N_NODES

    def n_parts(self, name: str) -> Sequence[int]:
        """The nodes, of which the readout needs one that lives."""
        return (self.n_nodes,) if name in ("dead-nodes", "stuck-nodes") else ()

    def estimator(self, method: str) -> Any:
        """The unfitted classifier of a method."""
        if method == "mlp":
            network = MLPClassifier((self.n_nodes,), max_iter=300, random_state=self.seed)
            return scaled(network)
        model = self._experiment.estimator("oscillator", self.seed)
        if method == "control":
            return control(model)
        return echo_state_like(model, taps=False) if method == "echo-state" else model

    def mended(self, trial: Trial, model: Any) -> Any:
        """As for `Bench`."""
        if trial.protocol == "before":
            return refit_readout(model, *self.training(trial))
        if trial.kind.repair == "leave-out":
            return leave_out_dead_nodes(model)
        if trial.kind.repair == "recalibrate":
            device: Any = chosen_device(self.oscillator)
            threshold = device.threshold_current
            return recalibrate_drive(model, *measured_curve(model, threshold, trial.seed))
        return refit_readout(model, *self.examples(trial))


class VowelsBench(Bench):
    """Vowels by the pattern in which oscillators lock: five folds of tokens."""

    kinds = VOWELS_KINDS
    default_kinds = tuple(VOWELS_KINDS)
    datasets = VOWELS_TITLES
    title = "vowels"
    frontend = "formants"

    def check_device(self) -> None:
        """Refuse what no network is made of."""
        require_spin_torque("RobustnessExperiment", self.oscillator, "A network is made of")

    def load(self) -> None:
        """Load `samples`, `target` and `folds`."""
        experiment = VowelsExperiment(self.dataset, seed=self.seed, quick=True)
        experiment.load()
        self.samples = dict.fromkeys((*NETWORKS_SWEPT, "mlp"), experiment.data_)
        self.target = experiment.target_
        self.folds = experiment.folds_[0][: 2 if self.quick else None]

    def n_parts(self, name: str) -> Sequence[int]:
        """The oscillators of both networks, of which one has to live."""
        return (4, 10) if name == "dead-oscillators" else ()

    def estimator(self, method: str) -> Any:
        """The unfitted classifier of a method."""
        if method == "mlp":
            return perceptron(4, self.seed)
        own = None if self.oscillator is None else chosen_device(self.oscillator)
        return NETWORKS[method](self.seed, cast(SpinTorqueOscillator | None, own))


class LayersBench(Bench):
    """Images of digits by layers of spin diodes: five stratified folds."""

    kinds = LAYERS_KINDS
    default_kinds = tuple(LAYERS_KINDS)
    datasets: ClassVar[Mapping[str, str]] = LAYERS_TASKS["digits"].datasets
    title = "handwritten digits in layers"
    frontend = "powers"

    def load(self) -> None:
        """Load `samples`, `target` and `folds`."""
        data = LAYERS_TASKS["digits"].load(self.dataset)
        self.samples = dict.fromkeys(LAYERED, data.X)
        self.target = data.y
        kind = StratifiedKFold(5, shuffle=True, random_state=self.seed)
        self.folds = list(kind.split(data.y, data.y))[: 1 if self.quick else None]

    def estimator(self, method: str) -> Any:
        """The unfitted classifier of a method."""
        task = LAYERS_TASKS["digits"]
        sizes = QUICK_SIZES if self.quick else task.sizes
        if method == "mlp":
            return MLPClassifier(sizes, max_iter=500, random_state=self.seed)
        network = SpintronicClassifier(sizes, random_state=self.seed, **task.settings)
        if self.quick:
            network.set_params(max_iter=QUICK_PASSES)
        return software(network) if method == "control" else network

    def mended(self, trial: Trial, model: Any) -> Any:
        """As for `Bench`."""
        if trial.protocol == "before":
            return model.retrain(*self.training(trial))
        return model.recalibrate(self.examples(trial)[0])


BENCHES: dict[str, type[Bench]] = {
    "digits": DigitsBench,
    "vowels": VowelsBench,
    "layers": LayersBench,
}


def measured_curve(
    model: ReservoirClassifier, threshold: float, seed: int
) -> tuple[Floats, Floats]:
    """Currents and amplitudes at rest of an oscillator, as a laboratory measures them.

    Parameters
    ----------
    model : ReservoirClassifier
        Fitted, with the oscillator as it is now.
    threshold : float
        Of the oscillator as it was, in A.
    seed : int
        Of the errors, whose rms is 2 % of the largest amplitude.

    Returns
    -------
    currents, amplitudes : ndarray of shape (240,)
    """
    currents = threshold * np.linspace(*CURVE_RANGE, N_CURVE_POINTS)
    device: Any = model.oscillator_
    curve = np.asarray(device.stationary_amplitude(currents))
    errors = np.random.default_rng((seed, 2)).standard_normal(len(curve))
    return currents, curve + CURVE_NOISE * curve.max() * errors
