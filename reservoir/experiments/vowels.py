"""How well do synchronising oscillators recognise vowels? Romera et al. 2018, controls."""

import time
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from itertools import chain
from typing import ClassVar, TypeAlias, cast

import numpy as np
from joblib import Parallel, delayed
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)
from threadpoolctl import threadpool_limits

from reservoir import datasets
from reservoir._checks import Choice, Flag, Integer, OrNone, Rule, check_parameters
from reservoir._progress import Progress, no_progress
from reservoir._types import Array, Floats, Integers
from reservoir.devices import Device, SpinTorqueOscillator
from reservoir.experiments.classical import (
    TWELVE_VOWELS_LEARNERS,
    VOWELS_LEARNERS,
    Classifier,
    count_parameters,
)
from reservoir.experiments.own_device import chosen_device, heading_of, require_spin_torque
from reservoir.experiments.provenance import DataUsed, digest_of
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import SEED_RANGE
from reservoir.experiments.vowels_networks import LARGE_NETWORKS, NETWORKS
from reservoir.networks.network import OscillatorNetwork
from reservoir.plotting.learning import OnlineLearningDisplay
from reservoir.plotting.learning_video import OnlineLearningVideo
from reservoir.plotting.locking import LockingMapDisplay
from reservoir.plotting.spectrum import EmissionSpectrumDisplay
from reservoir.plotting.vowels import VowelsFigure

# A method, the number of a repeat, the number of a fold.
Task: TypeAlias = tuple[str, int, int]
# Predicted labels, seconds, trained numbers.
Outcome: TypeAlias = tuple[Array, float, int]

SEVEN_VOWELS = ("ae", "ah", "aw", "er", "ih", "iy", "uw")
DATASET_TITLES = {
    "synthetic": "SYNTHETIC tokens around measured means, not recordings",
    "hillenbrand": "Hillenbrand et al. (1995)",
}
DATASETS = tuple(DATASET_TITLES)
TASKS = ("seven", "twelve")
PROTOCOL_TITLES = {"5x5": "five folds of tokens", "speaker": "five folds of speakers"}
PROTOCOLS = tuple(PROTOCOL_TITLES)
DEFAULT_PROTOCOLS = {"seven": "5x5", "twelve": "speaker"}
QUICK_METHODS = (
    "majority",
    "network-online-untrained",
    "network-online",
    "network-search",
    "lda",
)
SEVEN_FOOTNOTES = """
network: two linear combinations of the 12 formants are the frequencies of two sources. Four
oscillators lock to the sources, and the pattern of locking is the answer. A pattern stands
for the class that shows it most often in training. search: the oscillators are tuned to equal
distances. online: the frequencies start with errors of 3 MHz rms and are tuned after each
token. untrained: the frequencies keep their errors. -pattern: each class has one pattern.
-coupled: all oscillators are coupled to each other with 1/us. -stiff: a current moves the
frequencies a seventh as much. -noise: the oscillators have a linewidth of 0.3 MHz.
-linear: a logistic regression reads lock states and coherences. -10: ten oscillators and
four sources take the place of four and two, with the logistic regression. gradient: the
combinations, the frequencies of the oscillators and a logistic regression are trained
together. gradient-16: sixteen oscillators hear six sources. lda-sources: a
linear discriminant analysis reads the frequencies that the network is told. lda: the same
analysis reads the formants. centroid-2: the nearest centroid is found in two linear
combinations. mlp-same: the perceptron has one hidden unit, and about as many parameters as
the network. mlp-two: the perceptron has two hidden units, as many as the network has
combinations."""
TWELVE_FOOTNOTES = """
network-search-16: 16 oscillators hear 6 sources, and a logistic regression reads lock states
and coherences. network-gradient-16: the oscillators are tuned together with the combinations.
lda-sources-16: a linear discriminant analysis reads the six frequencies that the network is
told. lda: the same analysis reads the formants. centroid-2: the nearest centroid is found in
two linear combinations. mlp-same-16: the perceptron has about as many parameters as the
network."""
N_GRID = 120  # points of a map along each axis


@dataclass
class VowelsExperiment:
    """Vowels by the pattern of synchronisation, and by classical classifiers.

    Parameters
    ----------
    dataset : {"synthetic", "hillenbrand"}
    task : {"seven", "twelve"}
        Seven vowels of women, or all twelve vowels of all speakers. A token takes part if
        all of its twelve formants could be measured.
    protocol : {"5x5", "speaker"} or None
        "5x5": five stratified folds of tokens, drawn `n_repeats` times. "speaker": folds of
        speakers, drawn as often. None: "5x5" for seven vowels, "speaker" for twelve.
    oscillator : SpinTorqueOscillator, preset name or None
        Of which the networks are made. None: the preset "romera2018".
    seed : int
        Seed of the first repeat. Each repeat has a seed of its own for folds, classifiers
        and the errors of the oscillators.
    n_repeats : int
    n_jobs : int
        Processes that share folds and methods, as for joblib.
    quick : bool
        One repeat and some methods: a try, not the protocol.
    methods : tuple of str or None
        Rows of the table. None: all of `method_names()`.

    Attributes
    ----------
    predictions_ : dict of str to ndarray
        Predicted vowels of every method in the first repeat; after `run`.
    repeats_ : dict of str to ndarray of shape (n_repeats, n_folds)
        Accuracies of every method.
    data_, target_, talkers_, folds_ : sequences
        After `load`.

    Examples
    --------
    >>> from reservoir.experiments import VowelsExperiment
    >>> experiment = VowelsExperiment(quick=True, methods=("majority",))
    >>> [round(row.value, 2) for row in experiment.run()]
    [0.13]
    """

    dataset: str = "synthetic"
    task: str = "seven"
    protocol: str | None = None
    _: KW_ONLY
    oscillator: Device | str | None = None
    seed: int = 0
    n_repeats: int = 5
    n_jobs: int = 1
    quick: bool = False
    methods: tuple[str, ...] | None = None
    predictions_: dict[str, Array] = field(default_factory=dict, init=False, repr=False)
    repeats_: dict[str, Floats] = field(default_factory=dict, init=False, repr=False)

    summary = "Vowels by a network of oscillators (Romera et al., Nature 563, 230)"
    spread_over = "all folds of all repeats"
    row_task, frontend = "vowels", "formants"
    datasets = DATASETS
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "dataset": Choice(DATASETS),
        "task": Choice(TASKS),
        "protocol": OrNone(Choice(PROTOCOLS)),
        "seed": SEED_RANGE,
        "n_repeats": Integer(1),
        "quick": Flag(),
    }

    def __post_init__(self) -> None:
        """Check the parameters."""
        check_parameters(self, self._parameter_ranges)
        require_spin_torque("VowelsExperiment", self.oscillator, "A network is made of")

    def method_names(self) -> tuple[str, ...]:
        """Methods of the table in its order."""
        if self.methods is not None:
            return tuple(self.methods)
        if self.task == "twelve":
            controls = ("centroid-2", "lda", "mlp-same-16", "svm-rbf")
            told_16 = ("lda-sources-16", "lda-sources-gradient-16")
            return ("majority", *LARGE_NETWORKS, *told_16, *controls)
        if self.quick:
            return QUICK_METHODS
        told = tuple(name for name in _SOURCES if name != "lda-sources-16")
        return ("majority", *NETWORKS, *told, *VOWELS_LEARNERS)

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
        fitted = dict.fromkeys(_SOURCES.get(name, name) for name in names)
        tasks = [
            (method, repeat, fold)
            for method in fitted
            for repeat in range(len(self.folds_))
            for fold in range(len(self.folds_[repeat]))
        ]
        results = Parallel(n_jobs=self.n_jobs, return_as="generator_unordered")(
            delayed(_run_one)(
                task,
                self.seed,
                self._device(),
                self.data_,
                self.target_,
                None if self.protocol == "5x5" else self.talkers_,
                *self.folds_[task[1]][task[2]],
            )
            for task in tasks
        )
        with threadpool_limits(1, user_api="blas"):
            outcomes = dict(chain.from_iterable(progress(results, len(tasks))))
        return [self._row(method, outcomes) for method in names]

    def load(self) -> None:
        """Load tokens and draw the folds: `data_`, `target_`, `talkers_`, `folds_`."""
        vowels = SEVEN_VOWELS if self.task == "seven" else None
        kinds = ("woman",) if self.task == "seven" else None
        if self.dataset == "hillenbrand":
            bunch = datasets.fetch_hillenbrand(
                vowels=vowels, kinds=kinds, columns="formants", complete=True
            )
        else:
            n_speakers = 48 if self.task == "seven" else 139
            bunch = datasets.make_vowels(n_speakers, vowels, random_state=0, kinds=kinds)
        self.data_: Floats = bunch.data
        self.target_: Array = bunch.target
        self.talkers_: Array = bunch.talkers
        self.protocol = self.protocol or DEFAULT_PROTOCOLS[self.task]
        kind = StratifiedKFold if self.protocol == "5x5" else StratifiedGroupKFold
        self.folds_: list[list[tuple[Integers, Integers]]] = [
            list(
                kind(5, shuffle=True, random_state=self.seed + repeat).split(
                    self.data_,
                    self.target_,
                    None if self.protocol == "5x5" else self.talkers_,
                )
            )
            for repeat in range(1 if self.quick else self.n_repeats)
        ]
        self._trained: Classifier = None

    def estimator(self, method: str, seed: int = 0) -> Classifier:
        """The classifier behind a method."""
        return _estimator(method, seed, self._device())

    def _device(self) -> SpinTorqueOscillator | None:
        if self.oscillator is None:
            return None
        return cast(SpinTorqueOscillator, chosen_device(self.oscillator))

    def protocol_name(self) -> str:
        """For the result rows: 5x5, or speaker-5x5 when speakers are left out."""
        name = f"5x{len(self.folds_)}"
        return name if self.protocol == "5x5" else f"speaker-{name}"

    def heading(self) -> str:
        """What was run, to stand above the table."""
        folds = PROTOCOL_TITLES[self.protocol or DEFAULT_PROTOCOLS[self.task]]
        n_tokens, n_repeats = len(self.target_), len(self.folds_)
        if n_repeats > 1:
            n_speakers, n_vowels = len(set(self.talkers_)), len(set(self.target_))
            tokens = (
                f"{n_tokens} tokens of {n_speakers} speakers, {n_vowels} vowels, {folds}, "
                f"drawn {n_repeats} times"
            )
        else:
            tokens = f"{n_tokens} tokens, {folds}"
        title = f"Vowels: {DATASET_TITLES[self.dataset]}{heading_of(self.oscillator)}"
        lines = [title, tokens]
        if self.quick:
            lines.append("QUICK: folds drawn once, some methods; not the protocol.")
        return "\n".join(lines) + "\n"

    def footnotes(self) -> str:
        """What the methods are."""
        networks = TWELVE_FOOTNOTES if self.task == "twelve" else SEVEN_FOOTNOTES
        return f"{networks}\nspread: the standard deviation over all folds."

    def data_used(self) -> DataUsed:
        """From which tokens and seeds the rows come; after `run`."""
        digest = digest_of(self.data_, self.target_, self.talkers_)
        seeds = tuple(range(self.seed, self.seed + len(self.folds_)))
        return DataUsed(self.dataset, digest, seeds)

    def arrays(self) -> dict[str, Array]:
        """What goes into the result file besides the rows."""
        arrays = {f"predictions/{k}": v for k, v in self.predictions_.items()}
        arrays |= {f"accuracies/{k}": v for k, v in self.repeats_.items()}
        return arrays | {"target": self.target_, "talkers": self.talkers_}

    def figure_data(self) -> VowelsFigure:
        """Train four oscillators online on the first fold; maps, and one token's spectrum.

        Only for seven vowels.
        """
        classifier, X, y = self._trained_online()
        curve = classifier.learning_curve_
        right = classifier.predict(X) == y
        before = f"As made: {100 * curve[0]:.0f} % of the training tokens"
        after = (
            f"After learning: {100 * curve.max():.0f} % of the training,\n"
            f"{100 * right.mean():.0f} % of the {len(y)} test tokens (shown)"
        )
        token = np.flatnonzero(right)[0] if right.any() else 0
        return VowelsFigure(
            self._map(cast(OscillatorNetwork, classifier.network), before),
            self._map(classifier.network_, after),
            OnlineLearningDisplay(curve),
            EmissionSpectrumDisplay.of_network(
                classifier.network_,
                classifier.input_frequencies(X[[token]])[0],
                title=f"Emission during one token of '{y[token]}'",
            ),
        )

    def animation_data(self, progress: Progress = no_progress) -> OnlineLearningVideo:
        """Four oscillators that learn online on the first fold, and its test tokens.

        Parameters
        ----------
        progress : callable
            Wraps the iterator of presentations, e.g. in a tqdm bar.

        Returns
        -------
        OnlineLearningVideo
        """
        return OnlineLearningVideo.from_estimator(*self._trained_online(), progress=progress)

    def _trained_online(self) -> tuple[Classifier, Floats, Array]:
        """The classifier of `network-online` on the first fold, and its test tokens."""
        train, test = self.folds_[0][0]
        X, y = self.data_, self.target_
        if self._trained is None:
            classifier = self.estimator("network-online", self.seed)
            self._trained = classifier.fit(X[train], y[train])
        return self._trained, X[test], y[test]

    def _map(self, network: OscillatorNetwork, title: str) -> LockingMapDisplay:
        classifier, X, y = self._trained_online()
        return LockingMapDisplay.of_estimator(
            classifier, X, y, network=network, n_grid=N_GRID, title=title
        )

    def _row(self, method: str, outcomes: Mapping[Task, Outcome]) -> Row:
        """Mean over folds and repeats; the predictions of the first repeat are kept."""
        accuracies = np.array(
            [
                [
                    np.mean(outcomes[method, repeat, fold][0] == self.target_[test])
                    for fold, (_, test) in enumerate(folds)
                ]
                for repeat, folds in enumerate(self.folds_)
            ]
        )
        predicted = np.empty_like(self.target_)
        for fold, (_, test) in enumerate(self.folds_[0]):
            predicted[test] = outcomes[method, 0, fold][0]
        self.predictions_[method] = predicted
        self.repeats_[method] = accuracies
        mine = [outcome for key, outcome in outcomes.items() if key[0] == method]
        return Row(
            task=self.row_task if self.task == "seven" else "vowels-12",
            protocol=self.protocol_name(),
            frontend=self.frontend,
            method=method,
            metric="accuracy",
            value=float(accuracies.mean()),
            spread=float(accuracies.std()),
            n_folds=accuracies.size,
            seconds=float(np.mean([seconds for _, seconds, _ in mine])),
            n_parameters=int(max(count for _, _, count in mine)),
        )


# Each of these controls is told the input frequencies of a network, without the network.
_SOURCES = {
    "lda-sources": "network-search",
    "lda-sources-10": "network-search-10",
    "lda-sources-gradient": "network-gradient",
    "lda-sources-gradient-10": "network-gradient-10",
    "lda-sources-16": "network-search-16",
    "lda-sources-gradient-16": "network-gradient-16",
}
_NETWORKS = NETWORKS | LARGE_NETWORKS
_LEARNERS = VOWELS_LEARNERS | TWELVE_VOWELS_LEARNERS


def _estimator(method: str, seed: int, device: SpinTorqueOscillator | None) -> Classifier:
    if method == "majority":
        return DummyClassifier()
    if method in _NETWORKS:
        return _NETWORKS[method](seed, device)
    return _LEARNERS[method](seed)


def _run_one(
    task: Task,
    seed: int,
    device: SpinTorqueOscillator | None,
    X: Floats,
    y: Array,
    talkers: Array | None,
    train: Integers,
    test: Integers,
) -> list[tuple[Task, Outcome]]:
    """One fit and prediction, and the control on the input frequencies, if there is one.

    With `talkers`, the inner folds leave speakers out as the outer ones do.
    """
    method, repeat, fold = task
    start = time.perf_counter()
    with threadpool_limits(1, user_api="blas"):
        model = _estimator(method, seed + repeat, device)
        if talkers is not None and isinstance(model, GridSearchCV):
            model.set_params(cv=GroupKFold(3)).fit(X[train], y[train], groups=talkers[train])
        else:
            model.fit(X[train], y[train])
        predicted = model.predict(X[test])
        outcome = predicted, time.perf_counter() - start, count_parameters(model)
        outcomes = [(task, outcome)]
        control = next((name for name, source in _SOURCES.items() if source == method), None)
        if control is not None:
            linear = LinearDiscriminantAnalysis()
            linear.fit(model.input_frequencies(X[train]), y[train])
            predicted = linear.predict(model.input_frequencies(X[test]))
            count = model.coef_.size + model.intercept_.size + count_parameters(linear)
            outcome = predicted, time.perf_counter() - start, count
            outcomes.append(((control, repeat, fold), outcome))
    return outcomes
