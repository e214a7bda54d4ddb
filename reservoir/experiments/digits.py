"""How well does one oscillator recognise spoken digits, and how well do others?"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, TypeAlias, cast

import numpy as np
from joblib import Parallel, delayed
from sklearn.dummy import DummyClassifier
from sklearn.metrics import confusion_matrix
from threadpoolctl import threadpool_limits

from reservoir._checks import (
    Choice,
    Flag,
    Integer,
    OrNone,
    Real,
    Rule,
    check_parameters,
    check_value,
)
from reservoir._progress import Progress, no_progress
from reservoir._types import Array, Integers, Objects
from reservoir.audio import Speed, Trim
from reservoir.audio.copies import average_decision, fit_to_copies
from reservoir.datasets.recordings import PATTERN
from reservoir.devices import Device, SpinTorqueOscillator
from reservoir.experiments.classical import DIGITS_LEARNERS, count_parameters
from reservoir.experiments.controls import control
from reservoir.experiments.digits_methods import (
    CONTEXT,
    COPIES_METHODS,
    NOISE,
    NOTES,
    OSCILLATOR_METHODS,
    POOLINGS,
    PROTOCOL_TITLES,
    PROTOCOLS,
    QUICK_COUPLED_METHODS,
    QUICK_METHODS,
    TAPS_COUPLING,
    copies_note,
    coupled_note,
    interval_note,
)
from reservoir.experiments.operation import (
    COUPLINGS,
    DETUNING,
    pulling_coupling,
)
from reservoir.experiments.own_device import (
    chosen_device,
    heading_of,
    require_spin_torque,
)
from reservoir.experiments.own_recordings import (
    NEEDS,
    Corpus,
    check_corpus,
    check_folds,
    corpus_name,
    corpus_title,
    few_clips,
    few_clips_note,
    groups_of,
    load_corpus,
)
from reservoir.experiments.provenance import DataUsed, digest_of
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import SEED_RANGE
from reservoir.experiments.speech import (
    DATASETS,
    FRONT_ENDS,
    Fold,
    segment_means,
    split,
)
from reservoir.experiments.titles import title_of
from reservoir.multiplexing.classifier import ReservoirClassifier, labels_of
from reservoir.multiplexing.transformer import TimeMultiplexedReservoir
from reservoir.plotting.digits import DigitsFigure
from reservoir.plotting.drive import MaskedDriveDisplay
from reservoir.plotting.response import AmplitudeResponseDisplay

# A method, the number of a fold, the seed of the mask.
Task: TypeAlias = tuple[str, int, int]
# Predicted labels, seconds, trained numbers.
Outcome: TypeAlias = tuple[Array, float, int]

N_QUICK_SPEAKERS = 3
SHOWN_FRAME, SHOWN_NODES = 10, 100  # of a test clip, in the figure
SLOW_METHODS = ("svm-rbf-copies", "random-forest", "svm-rbf")


@dataclass
class DigitsExperiment:
    """Spoken digits by one oscillator, its control, and classical classifiers.

    Parameters
    ----------
    dataset : {"synthetic", "fsdd", "ti46"}, path of a folder, or sklearn.utils.Bunch
        A corpus, a folder of recordings, or what `reservoir.datasets.load_recordings` gives.
    protocol : {"official", "index", "speaker"}
        "official": one fold, whose test set is the lowest tenth of the recording numbers.
        "index": ten folds by recording number. "speaker": each fold leaves one speaker out,
        and the inner folds that choose settings leave speakers out too.
    pattern : str
        What the names of the clips in a folder mean, as for `load_recordings`. The protocols
        "official" and "index" need {index}, and "speaker" needs {speaker}.

    *Front end and oscillators*

    frontend : str
        Key of `FRONT_ENDS`.
    trim : float or None
        Both ends of a clip are cut where they are this many decibels or more below its
        loudest part, before any front end hears it (`reservoir.audio.Trim`). None: no cut.
    pooling : {"segments", "mean", "last", "vote"}
    n_nodes : int
    oscillator : device, preset name or None
        What is played. None: the preset "torrejon2017". Coupled oscillators must be a
        `SpinTorqueOscillator`.
    n_segments : int
        Equal parts of a clip whose means the readouts and the classical learners see.
    n_oscillators : int
        More than one: rows are added for this number of coupled oscillators, over a range of
        couplings. They share the masked drive, and each has `n_nodes` / `n_oscillators`
        nodes.

    *What is run*

    seeds : tuple of int
        Seeds of the masks that results are averaged over. The first also seeds random forest
        and perceptron.
    speeds : tuple of float
        Speeds of the copies of every clip (`reservoir.audio.Speed`). If there are any, rows
        that end in "-copies" are added: the classifier is fitted to every training clip and
        its copies, and decision values are averaged over the copies of the test clip.
    n_jobs : int
        Threads that share folds and methods, as for joblib.
    quick : bool
        Fewer clips, folds and methods: a try, not the protocol.
    methods : tuple of str or None
        Rows of the table. None: all of `method_names()`.

    Attributes
    ----------
    rows_ : list of Row
        After `run`.
    predictions_ : dict of str to ndarray
        Predicted labels of every method with the first seed. Where no fold tests a clip, it
        is -1, or the empty text if labels are texts.
    confusion_ : ndarray of int of shape (n_labels, n_labels) or None
        Counts of true against predicted labels of the oscillator, if it was run.
    frames_, target_, speakers_, folds_ : sequences
        After `load`.

    Examples
    --------
    >>> from reservoir.experiments import DigitsExperiment
    >>> experiment = DigitsExperiment(quick=True, n_nodes=50, methods=("majority",))
    >>> [row.value for row in experiment.run()]
    [0.1]
    """

    dataset: Corpus = field(default="synthetic", repr=False)
    protocol: str = "index"
    _: KW_ONLY
    pattern: str = PATTERN
    frontend: str = "cochleagram"
    trim: float | None = None
    pooling: str = "segments"
    n_nodes: int = 400
    oscillator: Device | str | None = None
    n_segments: int = 4
    n_oscillators: int = 1
    seeds: tuple[int, ...] = (0,)
    speeds: tuple[float, ...] = ()
    n_jobs: int = 1
    quick: bool = False
    methods: tuple[str, ...] | None = None
    confusion_: Array | None = field(default=None, init=False, repr=False)
    predictions_: dict[str, Array] = field(default_factory=dict, init=False, repr=False)
    rows_: list[Row] = field(default_factory=list, init=False, repr=False)

    summary = "Recognise spoken digits with one oscillator"
    spread_over = "folds"
    datasets = tuple(DATASETS)
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "protocol": Choice(PROTOCOLS),
        "frontend": Choice(tuple(FRONT_ENDS)),
        "trim": OrNone(Real(above=0, what="number of decibels")),
        "pooling": Choice(POOLINGS),
        "n_nodes": Integer(1),
        "n_segments": Integer(1),
        "n_oscillators": Integer(1),
        "quick": Flag(),
    }

    def __post_init__(self) -> None:
        """Check the parameters."""
        check_parameters(self, self._parameter_ranges)
        check_corpus(type(self).__name__, self.dataset, self.pattern, self.protocol)
        chosen_device(self.oscillator)
        if self.n_oscillators > 1:
            owner = type(self).__name__
            require_spin_torque(owner, self.oscillator, "Coupled oscillators must each be")
        if len(self.seeds) == 0:
            raise ValueError("DigitsExperiment.seeds is empty; give at least one integer.")
        for seed in self.seeds:
            check_value("DigitsExperiment.seeds: one of the seeds", seed, SEED_RANGE)

    def method_names(self) -> tuple[str, ...]:
        """Methods of the table in its order."""
        if self.methods is not None:
            return tuple(self.methods)
        coupled: list[str] = []
        if self.n_oscillators > 1:
            coupled += [f"coupled-{strength:g}" for strength in COUPLINGS]
            kinds = ("-own", "-taps", "-sparse-taps", "-own-taps")
            coupled += [f"coupled-{TAPS_COUPLING:g}{kind}" for kind in kinds]
            coupled += ["coupled-0-own-taps"]  # control: four oscillators without coupling
        copied = COPIES_METHODS if self.speeds else ()
        if self.quick:
            coupled = [name for name in coupled if name in QUICK_COUPLED_METHODS]
            return (*QUICK_METHODS, *coupled, *copied)
        return (*OSCILLATOR_METHODS, *coupled, *DIGITS_LEARNERS, *copied)

    def run(self, progress: Progress = no_progress) -> list[Row]:
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
        tasks.sort(key=lambda task: task[0] not in SLOW_METHODS)
        results = Parallel(
            n_jobs=self.n_jobs, prefer="threads", return_as="generator_unordered"
        )(delayed(self._run_one)(*task) for task in tasks)
        # Threads share folds and methods; each does its linear algebra alone.
        with threadpool_limits(1, user_api="blas"):
            outcomes = dict(progress(results, len(tasks)))
        self._keep_predictions(outcomes)
        self.rows_ = [self._row(method, outcomes) for method in self.method_names()]
        return self.rows_

    def estimator(self, method: str, seed: int = 0) -> ReservoirClassifier:
        """The classifier behind one of the oscillator or control methods."""
        base = ReservoirClassifier(
            self.oscillator,
            n_nodes=self.n_nodes,
            pooling=self.pooling,
            n_segments=self.n_segments,
            context=CONTEXT if "taps" in method else (),
            readout_noise=NOISE if "noise" in method else 0.0,
            pool_squares=False,
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
                coupling=pulling_coupling(self._coupled_device(), strength),
                detuning=DETUNING,
            )
        return control(base) if method.startswith("control") else base

    def _coupled_device(self) -> SpinTorqueOscillator:
        return cast(SpinTorqueOscillator, chosen_device(self.oscillator))

    def load(self) -> None:
        """Load clips, front end and folds: `frames_`, `target_`, `speakers_`, `folds_`."""
        bunch = load_corpus(self.dataset, self.pattern)
        chosen, folds = self._choose(bunch, N_QUICK_SPEAKERS)
        self.folds_: list[Fold] = folds[:2] if self.quick else folds
        front_end = FRONT_ENDS[self.frontend](bunch.sample_rate)
        if front_end.works_in_kernel:
            front_end.set_params(n_jobs=self.n_jobs)
        clips = [bunch.data[i] for i in chosen]
        if self.trim is not None:
            clips = Trim(bunch.sample_rate, decibels=self.trim).fit_transform(clips)
        # A front end hears every clip by itself, so once for all folds is enough.
        self.copies_: list[Objects] = [
            front_end.fit_transform(Speed(speed).fit_transform(clips))
            for speed in (1.0, *self.speeds)
        ]
        self.segment_copies_ = [
            segment_means(frames, self.n_segments) for frames in self.copies_
        ]
        self.frames_, self.segments_ = self.copies_[0], self.segment_copies_[0]

    def _choose(self, bunch: Any, n_speakers: int) -> tuple[Integers, list[Fold]]:
        """The clips that take part, and the folds; labels, speakers, numbers are kept."""
        chosen = few_clips(bunch, n_speakers) if self.quick else np.arange(len(bunch.data))
        target = np.asarray(bunch.target)[chosen]
        self.target_: Array = target.astype(str) if target.dtype.kind == "O" else target
        self.speakers_, self.indices_ = (
            np.asarray(bunch[name])[chosen] if name in bunch else np.zeros(len(chosen), int)
            for name in ("speakers", "indices")
        )
        folds = split(
            "speaker" if NEEDS[self.protocol] == "speaker" else self.protocol,
            self.indices_,
            self.speakers_,
        )
        title = corpus_title(self.dataset)
        check_folds(folds, self.target_, self.protocol, title)
        clips = [bunch.data[i] for i in chosen]
        self.digest_ = digest_of(clips, self.target_, self.speakers_, self.indices_)
        return chosen, folds

    def data_used(self) -> DataUsed:
        """From which clips and seeds the rows come; after `run`."""
        return DataUsed(corpus_name(self.dataset), self.digest_, self.seeds)

    def heading(self) -> str:
        """What was run, to stand above the table."""
        trimmed = "" if self.trim is None else f" (trimmed at {self.trim:g} dB)"
        pooling = self.pooling
        if pooling == "segments":
            pooling = f"{self.n_segments} segments"
        lines = [
            f"Spoken digits: {corpus_title(self.dataset)}{heading_of(self.oscillator)}",
            f"{len(self.target_)} clips, {self._protocol_title()}, {self.frontend}"
            f"{trimmed}, pooling '{pooling}', {self.n_nodes} virtual nodes, seeds "
            f"{' '.join(map(str, self.seeds))}",
        ]
        if self.quick:
            lines.append(
                few_clips_note(self.speakers_, self.indices_, self.folds_, self.protocol)
            )
        return "\n".join(lines) + "\n"

    def footnotes(self) -> str:
        """How sure the result is, and what the methods are."""
        interval = ""
        if self.protocol == "official":
            values = {row.method: row.value for row in self.rows_}
            value = values.get("oscillator", self.rows_[0].value)
            interval = interval_note(value, len(self.folds_[0][1]))
        coupled = ""
        if self.n_oscillators > 1:
            coupled = coupled_note(self.n_oscillators, self.n_nodes)
        copied = copies_note(self.speeds) if self.speeds else ""
        return interval + coupled + copied + NOTES

    def arrays(self) -> dict[str, Array]:
        """What goes into the result file besides the rows."""
        arrays = {f"predictions/{k}": v for k, v in self.predictions_.items()}
        arrays |= {"target": self.target_, "speakers": self.speakers_}
        if self.confusion_ is not None:
            arrays["confusion"] = self.confusion_
        return arrays

    def figure_data(self) -> DigitsFigure:
        """Play a test clip to the oscillator, which is fitted to a few training clips."""
        reservoir = TimeMultiplexedReservoir(
            self.oscillator, n_nodes=self.n_nodes, random_state=self.seeds[0]
        )
        train, test = self.folds_[0]
        few = train[:: max(len(train) // 50, 1)]
        reservoir.fit(self.frames_[few])
        title = ""
        if self.confusion_ is not None:
            accuracy = np.trace(self.confusion_) / self.confusion_.sum()
            title = (
                f"{title_of(self._shown_method(), 'digits')}, {corpus_name(self.dataset)},\n"
                f"{PROTOCOL_TITLES[self.protocol]}: {100 * accuracy:.1f} %"
            )
        return DigitsFigure(
            AmplitudeResponseDisplay.of_estimator(reservoir),
            MaskedDriveDisplay.of_estimator(
                reservoir, self.frames_[test[0]], first_frame=SHOWN_FRAME, n_nodes=SHOWN_NODES
            ),
            self.confusion_,
            title,
            tuple(map(str, np.unique(self.target_))),
        )

    def _protocol_title(self) -> str:
        title = PROTOCOL_TITLES[self.protocol]
        n_folds = len(np.unique(self.indices_ % 10))
        number = "ten" if n_folds == 10 else str(n_folds)
        if len(self.folds_) < n_folds:
            number = f"{len(self.folds_)} of {number}"
        return title.replace("ten folds", f"{number} folds")

    def _run_one(self, method: str, fold: int, seed: int) -> tuple[Task, Outcome]:
        train, test = self.folds_[fold]
        start = time.perf_counter()
        groups = groups_of(self.speakers_, train) if self.protocol == "speaker" else None
        base = method.removesuffix("-once").removesuffix("-copies")
        copies: Sequence[Array]
        if base == "majority":
            copies, model = self.segment_copies_, DummyClassifier()
        elif base in DIGITS_LEARNERS:
            copies, model = self.segment_copies_, DIGITS_LEARNERS[base](seed)
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
        return (method, fold, seed), (predicted, seconds, count_parameters(model))

    def _row(self, method: str, outcomes: Mapping[Task, Outcome]) -> Row:
        by_fold = [
            [
                np.mean(outcomes[key][0] == self.target_[test])
                for key in outcomes
                if key[:2] == (method, fold)
            ]
            for fold, (_, test) in enumerate(self._folds_of(method))
        ]
        accuracies = [np.mean(values) for values in by_fold]
        mine = [outcome for key, outcome in outcomes.items() if key[0] == method]
        return Row(
            task="digits",
            protocol=self._protocol_of(method),
            frontend=self._front_end_of(method),
            method=method,
            metric="accuracy",
            value=float(np.mean(accuracies)),
            spread=float(np.std(accuracies)),
            n_folds=len(self._folds_of(method)),
            seconds=float(np.mean([seconds for _, seconds, _ in mine])),
            n_parameters=int(max(count for _, _, count in mine)),
        )

    def _shown_method(self) -> str:
        """The method whose confusions are kept and drawn."""
        return "oscillator-taps" if self.protocol == "speaker" else "oscillator"

    def _folds_of(self, method: str) -> list[Fold]:
        return self.folds_

    def _protocol_of(self, method: str) -> str:
        return self.protocol

    def _front_end_of(self, method: str) -> str:
        return self.frontend

    def _keep_predictions(self, outcomes: Mapping[Task, Outcome]) -> None:
        """Predictions of the first seed, and the oscillator's confusion matrix."""
        self.predictions_ = {}
        for method in self.method_names():
            unknown = "" if self.target_.dtype.kind == "U" else -1
            predicted = np.full(len(self.target_), unknown, dtype=self.target_.dtype)
            for fold, (_, test) in enumerate(self._folds_of(method)):
                predicted[test] = outcomes[method, fold, self.seeds[0]][0]
            self.predictions_[method] = predicted
        shown = self._shown_method()
        if shown in self.predictions_:
            predicted = self.predictions_[shown]
            tested = np.concatenate([test for _, test in self._folds_of(shown)])
            self.confusion_ = confusion_matrix(
                self.target_[tested], predicted[tested], labels=np.unique(self.target_)
            )


def _is_random(method: str) -> bool:
    """Whether a method is averaged over seeds; a linear control hardly feels its mask."""
    return method.startswith(("oscillator", "coupled"))
