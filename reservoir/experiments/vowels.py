"""How well do synchronising oscillators recognise vowels? Romera et al. 2018, controls."""

import time
from dataclasses import dataclass, field, replace
from itertools import chain

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
from sklearn.neighbors import NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from reservoir import datasets
from reservoir.devices import SpinTorqueOscillator
from reservoir.experiments.results import Row
from reservoir.networks.network import OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier

SEVEN = ("ae", "ah", "aw", "er", "ih", "iy", "uw")
DETUNING = 3e6  # Hz rms by which the oscillators of "online" are made wrong
COUPLING = 1e6  # 1/s
LINEWIDTH = 3e5  # Hz
DATASETS = ("synthetic", "hillenbrand")
TASKS = ("seven", "twelve")
PROTOCOLS = ("5x5", "speaker")
QUICK = ("majority", "network-online-untrained", "network-online", "network-search", "lda")


@dataclass
class VowelsExperiment:
    """Vowels by the pattern of synchronisation, and by classical classifiers.

    Parameters
    ----------
    dataset : {"synthetic", "hillenbrand"}
    task : {"seven", "twelve"}
        Seven vowels of women, or all twelve of everybody. Only tokens all of whose
        twelve formants could be measured.
    protocol : {"5x5", "speaker"} or None
        Five stratified folds of tokens, drawn five times; or folds of speakers, as often.
        None: "5x5" for seven vowels, "speaker" for twelve.
    seed : int
        Of the first repeat; every repeat has one of its own for folds, classifiers and
        what is wrong with the oscillators.
    n_repeats : int
    n_jobs : int
        Processes that share folds and methods.
    quick : bool
        One repeat and some methods: a try, not the protocol.
    methods : tuple of str or None
        None: all of `method_names()`.

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
    seed: int = 0
    n_repeats: int = 5
    n_jobs: int = 1
    quick: bool = False
    methods: tuple | None = None
    predictions_: dict = field(default_factory=dict, init=False, repr=False)
    repeats_: dict = field(default_factory=dict, init=False, repr=False)

    def method_names(self):
        """Methods of the table in its order."""
        if self.methods is not None:
            return tuple(self.methods)
        if self.task == "twelve":
            controls = ("centroid-2", "lda", "mlp-same-16", "svm-rbf")
            return ("majority", "network-search-16", "lda-sources-16", *controls)
        if self.quick:
            return QUICK
        return ("majority", *_NETWORKS, "lda-sources", "lda-sources-10", *_CONTROLS)

    def run(self, progress=lambda tasks, total: tasks):
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

    def load(self):
        """Load tokens and draw the folds: `data_`, `target_`, `talkers_`, `folds_`."""
        vowels = SEVEN if self.task == "seven" else None
        kinds = ("woman",) if self.task == "seven" else None
        if self.dataset == "hillenbrand":
            bunch = datasets.fetch_hillenbrand(
                vowels=vowels, kinds=kinds, columns="formants", complete=True
            )
        else:
            n_speakers = 48 if self.task == "seven" else 139
            bunch = datasets.make_vowels(n_speakers, vowels, random_state=0, kinds=kinds)
        self.data_, self.target_, self.talkers_ = bunch.data, bunch.target, bunch.talkers
        self.protocol = self.protocol or {"seven": "5x5", "twelve": "speaker"}[self.task]
        kind = StratifiedKFold if self.protocol == "5x5" else StratifiedGroupKFold
        self.folds_ = [
            list(
                kind(5, shuffle=True, random_state=self.seed + repeat).split(
                    self.data_,
                    self.target_,
                    None if self.protocol == "5x5" else self.talkers_,
                )
            )
            for repeat in range(1 if self.quick else self.n_repeats)
        ]

    def estimator(self, method, seed=0):
        """The classifier behind a method."""
        return _estimator(method, seed)

    def protocol_name(self):
        """For the result rows: 5x5, or speaker-5x5 when speakers are left out."""
        name = f"5x{len(self.folds_)}"
        return name if self.protocol == "5x5" else f"speaker-{name}"

    def _row(self, method, outcomes):
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
            task="vowels" if self.task == "seven" else "vowels-12",
            protocol=self.protocol_name(),
            frontend="formants",
            method=method,
            metric="accuracy",
            value=float(accuracies.mean()),
            spread=float(accuracies.std()),
            n_folds=accuracies.size,
            seconds=float(np.mean([seconds for _, seconds, _ in mine])),
            n_parameters=int(max(count for _, _, count in mine)),
        )


def four_oscillators(seed, **changes):
    """Four oscillators that are wrong by 3 MHz rms, as devices are."""
    network = OscillatorNetwork()
    wrong = np.random.default_rng(seed).standard_normal(4)
    wrong *= DETUNING / np.sqrt(np.mean(wrong**2))
    return network.set_params(frequencies=network.natural_frequencies() + wrong, **changes)


def many_oscillators(n_oscillators, injection):
    """More oscillators, closer together, in the band of the four."""
    network = OscillatorNetwork(n_oscillators=n_oscillators, injection=injection)
    middle = network.natural_frequencies().mean()
    spacing = 1.6 * network.locking_half_width()
    slots = np.arange(n_oscillators) - (n_oscillators - 1) / 2
    return network.set_params(frequencies=middle + spacing * slots)


def stiff_device():
    """Currents move its frequency through the nonlinear shift only, a seventh as much."""
    return replace(SpinTorqueOscillator.from_preset("romera2018"), current_tuning=0.0)


def _online(seed, network, **changes):
    settings = {"learning": "online", "random_state": seed} | changes
    return SynchronizationClassifier(network, **settings)


def _search(seed, network=None, **changes):
    return SynchronizationClassifier(network, random_state=seed, **changes)


def _ten(seed):
    return _search(seed, many_oscillators(10, 1e7), n_sources=4, readout="linear", n_starts=4)


def _sixteen(seed):
    return _search(seed, many_oscillators(16, 8e6), n_sources=6, readout="linear", n_starts=4)


def _scaled(classifier):
    return make_pipeline(StandardScaler(), classifier)


def _perceptron(n_hidden, seed):
    small = {"solver": "lbfgs", "max_iter": 3000} if n_hidden < 10 else {"max_iter": 1000}
    return _scaled(MLPClassifier((n_hidden,), alpha=0.1, random_state=seed, **small))


_NETWORKS = {
    "network-online-untrained": lambda seed: _online(
        seed, four_oscillators(seed), n_presentations=0
    ),
    "network-online": lambda seed: _online(seed, four_oscillators(seed)),
    "network-online-pattern": lambda seed: _online(
        seed, four_oscillators(seed), readout="pattern"
    ),
    "network-online-coupled": lambda seed: _online(
        seed, four_oscillators(seed, coupling=COUPLING)
    ),
    "network-online-stiff": lambda seed: _online(
        seed, four_oscillators(seed, oscillator=stiff_device())
    ),
    "network-online-noise": lambda seed: _online(
        seed, four_oscillators(seed, linewidth=LINEWIDTH, random_state=seed)
    ),
    "network-search": _search,
    "network-search-pattern": lambda seed: _search(seed, readout="pattern"),
    "network-search-coupled": lambda seed: _search(
        seed, OscillatorNetwork(coupling=COUPLING)
    ),
    "network-search-noise": lambda seed: _search(
        seed, OscillatorNetwork(linewidth=LINEWIDTH, random_state=seed)
    ),
    "network-search-linear": lambda seed: _search(seed, readout="linear"),
    "network-search-10": _ten,
}
_LARGE = {
    "network-search-16": _sixteen,
    "mlp-same-16": lambda seed: _perceptron(96, seed),
}
_CONTROLS = {
    "centroid-2": lambda seed: make_pipeline(
        LinearDiscriminantAnalysis(n_components=2), NearestCentroid()
    ),
    "lda": lambda seed: LinearDiscriminantAnalysis(),
    "mlp-same": lambda seed: _perceptron(1, seed),
    "mlp-two": lambda seed: _perceptron(2, seed),
    "mlp-large": lambda seed: _perceptron(64, seed),
    "svm-rbf": lambda seed: GridSearchCV(
        _scaled(SVC()), {"svc__C": [0.3, 1.0, 10.0], "svc__gamma": [0.01, 0.03, 0.1]}, cv=3
    ),
}


# Controls on what a network is told, without it: on the input frequencies of which method?
_SOURCES = {
    "lda-sources": "network-search",
    "lda-sources-10": "network-search-10",
    "lda-sources-16": "network-search-16",
}


def _estimator(method, seed):
    if method == "majority":
        return DummyClassifier()
    return (_NETWORKS | _LARGE | _CONTROLS)[method](seed)


def _run_one(task, seed, X, y, talkers, train, test):
    """One fit and prediction; inner folds leave speakers out if the outer ones do.

    With the control on its input frequencies, if the method has one.
    """
    method, repeat, fold = task
    start = time.perf_counter()
    with threadpool_limits(1, user_api="blas"):
        model = _estimator(method, seed + repeat)
        if talkers is not None and isinstance(model, GridSearchCV):
            model.set_params(cv=GroupKFold(3)).fit(X[train], y[train], groups=talkers[train])
        else:
            model.fit(X[train], y[train])
        predicted = model.predict(X[test])
        outcome = predicted, time.perf_counter() - start, _count_parameters(model)
        outcomes = [(task, outcome)]
        control = next((name for name, source in _SOURCES.items() if source == method), None)
        if control is not None:
            linear = LinearDiscriminantAnalysis()
            linear.fit(model.input_frequencies(X[train]), y[train])
            predicted = linear.predict(model.input_frequencies(X[test]))
            count = model.coef_.size + model.intercept_.size + _count_parameters(linear)
            outcome = predicted, time.perf_counter() - start, count
            outcomes.append(((control, repeat, fold), outcome))
    return outcomes


def _count_parameters(model):
    """Numbers that fitting set (of support vectors: that it keeps)."""
    model = getattr(model, "best_estimator_", model)
    if hasattr(model, "steps"):
        return sum(_count_parameters(step) for _, step in model.steps)
    if isinstance(model, SynchronizationClassifier):
        count = model.coef_.size + model.intercept_.size + model.network_.n_oscillators
        if model.readout == "linear":
            count += model.readout_coef_.size + model.readout_intercept_.size
        return count
    if isinstance(model, SVC):
        return model.support_vectors_.size + model.dual_coef_.size
    if isinstance(model, MLPClassifier):
        return sum(w.size for w in (*model.coefs_, *model.intercepts_))
    if isinstance(model, NearestCentroid):
        return model.centroids_.size
    if isinstance(model, LinearDiscriminantAnalysis):
        return model.coef_.size + model.intercept_.size
    return 0
