"""How well does one oscillator recognise spoken digits, and how well do others?"""

import time
from dataclasses import dataclass, field

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier, RidgeClassifierCV
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from reservoir import datasets
from reservoir.audio import MFCC, Cochleagram, Spectrogram, Speed, Trim
from reservoir.audio.copies import average_decision, fit_to_copies, labels_of
from reservoir.devices.catalogue import resolve_oscillator
from reservoir.experiments.controls import control
from reservoir.experiments.results import Row
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.multiplexing.pooling import frame_ranges

CONTEXT = (4, 8)
NOISE = 0.01
COUPLINGS = (
    0.0,
    0.02,
    0.05,
    0.1,
    0.2,
    0.4,
    0.8,
)  # of several oscillators, over the damping rate
CHOSEN = 0.2  # of these, for the rows with taps
DETUNING = 5e4  # Hz between neighbours
MIDDLE = 1.1  # of the default range of currents, in units of the threshold
FRONT_ENDS = {
    "cochleagram": lambda rate: Cochleagram(rate),
    "cochleagram-lyon": lambda rate: Cochleagram(rate, model="lyon"),
    "mfcc": lambda rate: MFCC(rate),
    "spectrogram-signed": lambda rate: Spectrogram("signed"),
    "spectrogram-magnitude": lambda rate: Spectrogram("magnitude"),
    "spectrogram-log-power": lambda rate: Spectrogram("log-power"),
}
DATASETS = {
    "synthetic": datasets.load_spoken_digits,
    "fsdd": datasets.fetch_fsdd,
    "ti46": lambda: datasets.load_ti46(subset="five-women"),
}
PROTOCOLS = ("official", "index", "speaker")
READOUTS = ("segments", "mean", "last", "vote")
QUICK = ("majority", "control", "oscillator", "oscillator-taps", "ridge", "svm-rbf")
QUICK_COUPLED = ("coupled-0", f"coupled-{CHOSEN:g}")
# Rows with copies of every clip at other speeds: for training, and asked for their mean
# vote; "-once" asks the clip itself only.
COPIED = (
    "control-taps-copies",
    "oscillator-taps-copies-once",
    "oscillator-taps-copies",
    "ridge-copies",
    "svm-rbf-copies",
)


@dataclass
class DigitsExperiment:
    """Spoken digits by one oscillator, its control, and classical classifiers.

    Parameters
    ----------
    dataset : {"synthetic", "fsdd"}
    protocol : {"official", "index", "speaker"}
        One fold with the lowest tenth of the recording numbers as the test set; ten folds
        by recording number; a speaker left out. In the last, inner folds leave out
        speakers too.
    readout : {"segments", "mean", "last", "vote"}
    frontend : str
        Key of `FRONT_ENDS`.
    n_nodes : int
    n_segments : int
        Equal parts of a clip whose means the readouts and the classical learners see.
    n_oscillators : int
        More than one: rows for so many coupled oscillators that share the masked drive, with
        `n_nodes` / `n_oscillators` nodes each, over a range of couplings.
    seeds : tuple of int
        Masks to average over; the first also seeds random forest and perceptron.
    trim : float or None
        Cut what is so many decibels below the loudest part of a clip, or farther, at both
        ends, before any front end (`reservoir.audio.Trim`).
    speeds : tuple of float
        Not empty: rows ending in "-copies", whose classifier is fitted to every training
        clip and its copies at these speeds (`reservoir.audio.Speed`), and whose decision
        values are averaged over the same copies of the test clip.
    n_jobs : int
        Threads that share folds and methods.
    quick : bool
        Fewer clips, folds and methods: a try, not the protocol.
    methods : tuple of str or None
        None: all of `method_names()`.

    Examples
    --------
    >>> from reservoir.experiments import DigitsExperiment
    >>> experiment = DigitsExperiment(quick=True, n_nodes=50, methods=("majority",))
    >>> [row.value for row in experiment.run()]
    [0.1]
    """

    dataset: str = "synthetic"
    protocol: str = "index"
    readout: str = "segments"
    frontend: str = "cochleagram"
    n_nodes: int = 400
    n_segments: int = 4
    n_oscillators: int = 1
    seeds: tuple = (0,)
    trim: float | None = None
    speeds: tuple = ()
    n_jobs: int = 1
    quick: bool = False
    methods: tuple | None = None
    confusion_: np.ndarray | None = field(default=None, init=False, repr=False)
    predictions_: dict = field(default_factory=dict, init=False, repr=False)

    def method_names(self):
        """Methods of the table in its order."""
        if self.methods is not None:
            return tuple(self.methods)
        coupled = []
        if self.n_oscillators > 1:
            coupled = [f"coupled-{strength:g}" for strength in COUPLINGS]
            kinds = ("-own", "-taps", "-sparse-taps", "-own-taps")
            coupled += [f"coupled-{CHOSEN:g}{kind}" for kind in kinds]
            coupled += ["coupled-0-own-taps"]  # their control: four that hear nobody
        copied = COPIED if self.speeds else ()
        if self.quick:
            coupled = (name for name in coupled if name in QUICK_COUPLED)
            return (*QUICK, *coupled, *copied)
        oscillators = [
            "majority",
            "control",
            "oscillator",
            "oscillator-noise",
            "oscillator-sparse",
            "oscillator-sparse-noise",
            "control-taps",
            "oscillator-taps",
            "oscillator-taps-noise",
            "oscillator-sparse-taps",
        ]
        return (*oscillators, *coupled, *_CLASSICAL, *copied)

    def run(self, progress=lambda tasks, total: tasks):
        """Run all methods on all folds and seeds.

        Parameters
        ----------
        progress : callable
            Wraps the iterator of finished tasks, e.g. in a tqdm bar.

        Returns
        -------
        list of Row
        """
        self.load()
        tasks = [
            (method, fold, seed)
            for method in self.method_names()
            for fold in range(len(self.folds_))
            for seed in (self.seeds if _is_random(method) else self.seeds[:1])
        ]
        # The longest first, so that no thread is left with one at the end.
        slow = ("svm-rbf-copies", "random-forest", "svm-rbf")
        tasks.sort(key=lambda task: task[0] not in slow)
        results = Parallel(
            n_jobs=self.n_jobs, prefer="threads", return_as="generator_unordered"
        )(delayed(self._run_one)(*task) for task in tasks)
        # Threads share folds and methods; each does its linear algebra alone.
        with threadpool_limits(1, user_api="blas"):
            outcomes = dict(progress(results, len(tasks)))
        self._keep_predictions(outcomes)
        return [self._row(method, outcomes) for method in self.method_names()]

    def estimator(self, method, seed=0):
        """The classifier behind one of the oscillator or control methods."""
        base = ReservoirClassifier(
            n_nodes=self.n_nodes,
            pooling=self.readout,
            n_segments=self.n_segments,
            context=CONTEXT if "taps" in method else (),
            readout_noise=NOISE if "noise" in method else 0.0,
            mask="sparse" if "sparse" in method else "binary",
            standardize="sparse" in method,
            random_state=seed,
        )
        if method.startswith("coupled"):
            strength = float(method.split("-")[1])
            base.set_params(
                n_nodes=self.n_nodes // self.n_oscillators,
                n_oscillators=self.n_oscillators,
                own_masks="own" in method,
                coupling=pulling_coupling(resolve_oscillator(base.oscillator), strength),
                detuning=DETUNING,
            )
        return control(base) if method.startswith("control") else base

    def load(self):
        """Load clips, front end and folds: `frames_`, `target_`, `speakers_`, `folds_`."""
        bunch = DATASETS[self.dataset]()
        if self.quick:
            keep = bunch.indices < min(10, bunch.indices.max() + 1)
            keep &= np.isin(bunch.speakers, np.unique(bunch.speakers)[:3])
        else:
            keep = np.ones(len(bunch.data), dtype=bool)
        chosen = np.flatnonzero(keep)
        self.target_ = bunch.target[chosen]
        self.speakers_ = bunch.speakers[chosen]
        self.folds_ = _split(self.protocol, bunch.indices[chosen], self.speakers_)
        if self.quick:
            self.folds_ = self.folds_[:2]
        front_end = FRONT_ENDS[self.frontend](bunch.sample_rate)
        front_end.set_params(n_jobs=self.n_jobs)
        clips = [bunch.data[i] for i in chosen]
        if self.trim is not None:
            clips = Trim(bunch.sample_rate, self.trim).fit_transform(clips)
        # A front end hears every clip by itself, so once for all folds is enough.
        self.copies_ = [
            _as_array(front_end.fit_transform(Speed(speed).fit_transform(clips)))
            for speed in (1.0, *self.speeds)
        ]
        self.segment_copies_ = [
            segment_means(frames, self.n_segments) for frames in self.copies_
        ]
        self.frames_, self.segments_ = self.copies_[0], self.segment_copies_[0]

    def _run_one(self, method, fold, seed):
        train, test = self.folds_[fold]
        start = time.perf_counter()
        groups = self.speakers_[train] if self.protocol == "speaker" else None
        base = method.removesuffix("-once").removesuffix("-copies")
        if base == "majority":
            copies, model = self.segment_copies_, DummyClassifier()
        elif base in _CLASSICAL:
            copies, model = self.segment_copies_, _CLASSICAL[base](seed)
        else:
            copies, model = self.copies_, self.estimator(base, seed)
        learnt = copies if "-copies" in method else copies[:1]
        fit_to_copies(model, [copy[train] for copy in learnt], self.target_[train], groups)
        if method.endswith("-copies"):
            decision = average_decision(model, [copy[test] for copy in copies])
            predicted = labels_of(model.classes_, decision)
        else:
            predicted = model.predict(copies[0][test])
        seconds = time.perf_counter() - start
        outcome = (predicted, seconds, _count_parameters(model))
        return (method, fold, seed), outcome

    def _row(self, method, outcomes):
        by_fold = [
            [
                np.mean(outcomes[key][0] == self.target_[test])
                for key in outcomes
                if key[:2] == (method, fold)
            ]
            for fold, (_, test) in enumerate(self.folds_)
        ]
        accuracies = [np.mean(values) for values in by_fold]
        mine = [outcome for key, outcome in outcomes.items() if key[0] == method]
        return Row(
            task="digits",
            protocol=self.protocol,
            frontend=self.frontend,
            method=method,
            metric="accuracy",
            value=float(np.mean(accuracies)),
            spread=float(np.std(accuracies)),
            n_folds=len(self.folds_),
            seconds=float(np.mean([seconds for _, seconds, _ in mine])),
            n_parameters=int(max(count for _, _, count in mine)),
        )

    def _keep_predictions(self, outcomes):
        """Predictions of the first seed, and the oscillator's confusion matrix."""
        self.predictions_ = {}
        for method in self.method_names():
            predicted = np.full(len(self.target_), -1)
            for fold, (_, test) in enumerate(self.folds_):
                predicted[test] = outcomes[method, fold, self.seeds[0]][0]
            self.predictions_[method] = predicted
        shown = "oscillator-taps" if self.protocol == "speaker" else "oscillator"
        if shown in self.predictions_:
            predicted = self.predictions_[shown]
            tested = predicted >= 0
            self.confusion_ = confusion_matrix(
                self.target_[tested], predicted[tested], labels=np.arange(10)
            )


def pulling_coupling(device, strength):
    """Coupling of the phase that pulls phases together most, arctan(nu) in mid-range.

    Parameters
    ----------
    device : SpinTorqueOscillator
    strength : float
        Over the damping rate.

    Returns
    -------
    complex
        In 1/s.
    """
    slope = device.nonlinear_shift(MIDDLE * device.threshold_current)
    return complex(strength * device.damping_rate * np.exp(1j * np.arctan(slope)))


def _split(protocol, indices, speakers):
    """Training and test clips of every fold."""
    if protocol == "speaker":
        marks = np.unique(speakers, return_inverse=True)[1]
        held_out = range(marks.max() + 1)
    else:
        marks = indices % 10
        held_out = range(10)
    if protocol == "official":
        marks = (indices >= np.ceil((indices.max() + 1) / 10)).astype(int)
        held_out = [0]
    return [(np.flatnonzero(marks != k), np.flatnonzero(marks == k)) for k in held_out]


def segment_means(frames, n_segments):
    """Means of equal parts of every clip.

    Parameters
    ----------
    frames : list of ndarray of shape (n_frames, n_channels)
    n_segments : int

    Returns
    -------
    ndarray of shape (n_clips, n_segments * n_channels)
    """
    first, last = frame_ranges([len(clip) for clip in frames], "segments", n_segments)
    return np.array(
        [
            np.concatenate([clip[a:b].mean(axis=0) for a, b in zip(*ends, strict=True)])
            for clip, *ends in zip(frames, first, last, strict=True)
        ]
    )


def _as_array(frames):
    """A list of clips as an array, from which a fold can be picked."""
    clips = np.empty(len(frames), dtype=object)
    clips[:] = frames
    return clips


class _Search(ClassifierMixin, BaseEstimator):
    """A grid search whose inner folds hold groups apart if there are any.

    `plain` is fitted instead where there are none, if it is given.
    """

    def __init__(self, model, grid, n_folds, plain=None):
        self.model, self.grid, self.n_folds, self.plain = model, grid, n_folds, plain

    def fit(self, X, y, groups=None):
        if groups is None and self.plain is not None:
            self.fitted_ = clone(self.plain).fit(X, y)
        else:
            folds = StratifiedKFold(self.n_folds)
            if groups is not None:
                folds = GroupKFold(min(self.n_folds, len(np.unique(groups))))
            search = GridSearchCV(self.model, self.grid, cv=folds).fit(X, y, groups=groups)
            self.fitted_ = search.best_estimator_
        self.classes_ = self.fitted_.classes_
        return self

    def predict(self, X):
        return self.fitted_.predict(X)

    def decision_function(self, X):
        return self.fitted_.decision_function(X)


def _support_vectors(seed):
    """RBF support-vector machine with an inner grid over C."""
    model = make_pipeline(StandardScaler(), SVC())
    return _Search(model, {"svc__C": [1.0, 10.0, 100.0]}, 3)


def _ridge(seed):
    """Ridge classifier; its strength is chosen by leaving clips out, or groups of them."""
    alphas = np.logspace(-1, 5, 13)
    return _Search(
        make_pipeline(StandardScaler(), RidgeClassifier()),
        {"ridgeclassifier__alpha": alphas},
        5,
        plain=make_pipeline(StandardScaler(), RidgeClassifierCV(alphas)),
    )


_CLASSICAL = {
    "ridge": _ridge,
    "logistic": lambda seed: make_pipeline(
        StandardScaler(), LogisticRegression(C=0.1, max_iter=1000)
    ),
    "svm-rbf": _support_vectors,
    "random-forest": lambda seed: RandomForestClassifier(500, random_state=seed),
    "k-neighbors": lambda seed: make_pipeline(StandardScaler(), KNeighborsClassifier(3)),
    "mlp": lambda seed: make_pipeline(
        StandardScaler(), MLPClassifier((100,), max_iter=300, random_state=seed)
    ),
}


def _is_random(method):
    """Whether a method is averaged over seeds; a linear control hardly feels its mask."""
    return method.startswith(("oscillator", "coupled"))


def _count_parameters(model):
    """Numbers that fitting set (for neighbours and support vectors: that it keeps)."""
    model = getattr(model, "fitted_", model)
    model = model[-1] if hasattr(model, "steps") else model
    if isinstance(model, ReservoirClassifier):
        return model.readout_.n_parameters
    if isinstance(model, SVC):
        return model.support_vectors_.size + model.dual_coef_.size
    if isinstance(model, RandomForestClassifier):
        return sum(tree.tree_.node_count for tree in model.estimators_)
    if isinstance(model, KNeighborsClassifier):
        return model._fit_X.size
    if isinstance(model, MLPClassifier):
        return sum(w.size for w in (*model.coefs_, *model.intercepts_))
    if hasattr(model, "coef_"):
        return model.coef_.size + np.size(model.intercept_)
    return 1
