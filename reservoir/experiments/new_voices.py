"""What does one oscillator add, with voices that it never heard, and as it was published?"""

import textwrap
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from joblib import Parallel, delayed
from sklearn.dummy import DummyClassifier
from threadpoolctl import threadpool_limits

from reservoir._checks import Choice, Integer, Rule
from reservoir._progress import Progress, no_progress
from reservoir.audio import Spectrogram, SpeechClassifier, Trim
from reservoir.audio.copies import fit_to_copies
from reservoir.devices import StaticNode
from reservoir.experiments.classical import DIGITS_LEARNERS, count_parameters
from reservoir.experiments.controls import control
from reservoir.experiments.digits import (
    SHOWN_FRAME,
    SHOWN_NODES,
    DigitsExperiment,
    Outcome,
    Task,
)
from reservoir.experiments.echo_state import EchoStateClassifier
from reservoir.experiments.own_device import heading_of
from reservoir.experiments.own_recordings import (
    check_folds,
    corpus_name,
    corpus_title,
    few_clips_note,
    groups_of,
    load_corpus,
    parts_of,
)
from reservoir.experiments.results import Row, format_row, format_table_head
from reservoir.experiments.speech import Fold, segment_means
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.plotting.digits import DigitsFigure
from reservoir.plotting.drive import MaskedDriveDisplay
from reservoir.plotting.response import AmplitudeResponseDisplay

VOICES = "voices"  # the name of the protocol
N_VOTE_FOLDS = 5
N_QUICK_VOICES, N_QUICK_FOLDS = 5, 2
CONTROLS = ("majority", "control", "oscillator")
RIVALS = ("rectifier", "echo-state", "echo-state-taps")
VOTES = ("control-vote", "oscillator-vote")
LEARNERS = ("ridge", "svm-rbf")


# What a note explains, and the note.
FOOTNOTES = {
    (
        "control",
    ): "control: ear, mask, taps and readout are the same, without the oscillator. "
    "What 'oscillator' has beyond it is what the oscillator adds.",
    ("rectifier",): "rectifier: a static curve in the oscillator's place, without memory. "
    "Where it does as well, the oscillator helps because it rectifies, not because it "
    "remembers.",
    ("echo-state", "echo-state-taps"): "echo-state: a network of as many software units "
    "behind the same ear, with settings that are usual and not tuned; without and with the "
    "same taps.",
    VOTES: "-vote: the spectrogram is linear in the sound, each frame is trained to the "
    "digit, and the frames of a clip vote. The front end alone is then near chance.",
    LEARNERS: "ridge, svm-rbf: these classifiers read the means of the ear's segments.",
    (*CONTROLS, *RIVALS, *VOTES, *LEARNERS): "spread: the standard deviation over folds (of "
    "the population: divided by their number).",
}


@dataclass
class NewVoicesExperiment(DigitsExperiment):
    """Spoken digits of voices that were never heard, and the published protocol.

    Each voice is left out in turn. The oscillator is the one of a
    `reservoir.audio.SpeechClassifier` with one mask and without copies. Its controls and
    rivals hear the same ear and have the same readout.

    The rows that end in "-vote" are the published protocol: all voices are on both sides,
    the front end is a real spectrogram, which is linear in the sound, each frame is trained
    to the digit, and the frames of a clip vote.

    Parameters
    ----------
    dataset, pattern, n_nodes, oscillator, seeds, n_jobs, quick, methods
        See `DigitsExperiment`. Its other parameters are not used here. Speakers must be
        known. If the numbers of the recordings are not, there is no published protocol.

    Attributes
    ----------
    announce : callable or None
        It is called with each row as soon as the row is measured.
    rows_, predictions_, confusion_, frames_, target_, speakers_, folds_
        See `DigitsExperiment`.

    Examples
    --------
    >>> from reservoir.experiments.new_voices import NewVoicesExperiment
    >>> experiment = NewVoicesExperiment(quick=True, n_nodes=20, methods=("majority",))
    >>> [row.method for row in experiment.run()]
    ['majority']
    """

    protocol: str = VOICES
    announce: Callable[[str], None] | None = field(default=None, init=False, repr=False)

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "protocol": Choice((VOICES,)),
        "n_nodes": Integer(1),
    }

    def method_names(self) -> tuple[str, ...]:
        """Methods of the table in its order."""
        if self.methods is not None:
            return tuple(self.methods)
        votes = VOTES if "index" in parts_of(self.dataset, self.pattern) else ()
        if self.quick:
            return (*CONTROLS, *votes)
        return (*CONTROLS, *RIVALS, *votes, *LEARNERS)

    def load(self) -> None:
        """Load clips, ears and folds of both protocols."""
        bunch = load_corpus(self.dataset, self.pattern)
        chosen, self.folds_ = self._choose(bunch, N_QUICK_VOICES)
        clips = [bunch.data[i] for i in chosen]
        self.recipe_ = SpeechClassifier(
            bunch.sample_rate,
            oscillator=self.oscillator,
            n_nodes=self.n_nodes,
            n_masks=1,
            speeds=(),
            n_jobs=self.n_jobs,
        )
        ear = self.recipe_.make_front_end()
        self.frames_ = ear.fit_transform(Trim(bunch.sample_rate).fit_transform(clips))
        self.segments_ = segment_means(self.frames_, self.recipe_.n_segments)
        self.spectra_ = Spectrogram("signed").fit_transform(clips)
        marks = self.indices_ % N_VOTE_FOLDS
        self.vote_folds_: list[Fold] = [
            (np.flatnonzero(marks != k), np.flatnonzero(marks == k)) for k in np.unique(marks)
        ]
        if self.quick:
            self.vote_folds_ = self.vote_folds_[:N_QUICK_FOLDS]
        if set(VOTES) & set(self.method_names()):
            title = corpus_title(self.dataset)
            check_folds(self.vote_folds_, self.target_, "published", title)

    def run(self, progress: Progress = no_progress) -> list[Row]:
        """Run all methods, one after the other, so that rows come as they are ready.

        Parameters
        ----------
        progress : callable
            Wraps the iterator of finished tasks of a method, e.g. in a tqdm bar.

        Returns
        -------
        list of Row
        """
        self.load()
        self._say(f"{self.heading()}\n{format_table_head()}")
        outcomes: dict[Task, Outcome] = {}
        self.rows_ = []
        for method in self.method_names():
            seeds = self.seeds if _is_random(method) else self.seeds[:1]
            tasks = [
                (method, k, s) for k in range(len(self._folds_of(method))) for s in seeds
            ]
            results = Parallel(
                n_jobs=self.n_jobs, prefer="threads", return_as="generator_unordered"
            )(delayed(self._run_one)(*task) for task in tasks)
            with threadpool_limits(1, user_api="blas"):
                outcomes |= dict(progress(results, len(tasks)))
            self.rows_.append(self._row(method, outcomes))
            self._say(format_row(self.rows_[-1]))
        self._keep_predictions(outcomes)
        return self.rows_

    def _say(self, text: str) -> None:
        if self.announce is not None:
            self.announce(text)

    def estimator(self, method: str, seed: int = 0) -> ReservoirClassifier:
        """The classifier of frames behind one of the methods that hear frames."""
        if method.endswith("-vote"):
            base = ReservoirClassifier(
                self.oscillator,
                n_nodes=self.n_nodes,
                context=(),
                standardize=False,
                pooling="vote",
                dtype="float32",
                random_state=seed,
            )
        else:
            base = self.recipe_.make_classifier().set_params(random_state=seed, n_jobs=1)
        if method.startswith("control"):
            return control(base)
        if method == "rectifier":
            base.set_params(oscillator=StaticNode("rectifier"))
        if method.startswith("echo-state"):
            return echo_state_like(base, taps=method.endswith("taps"))
        return base

    def _folds_of(self, method: str) -> list[Fold]:
        return self.vote_folds_ if method.endswith("-vote") else self.folds_

    def _protocol_of(self, method: str) -> str:
        return "published" if method.endswith("-vote") else self.protocol

    def _front_end_of(self, method: str) -> str:
        return "spectrogram-signed" if method.endswith("-vote") else self.frontend

    def _run_one(self, method: str, fold: int, seed: int) -> tuple[Task, Outcome]:
        train, test = self._folds_of(method)[fold]
        start = time.perf_counter()
        is_vote = method.endswith("-vote")
        groups = None if is_vote else groups_of(self.speakers_, train)
        inputs: Any
        model: Any
        if method == "majority":
            inputs, model = self.segments_, DummyClassifier()
        elif method in DIGITS_LEARNERS:
            inputs, model = self.segments_, DIGITS_LEARNERS[method](seed)
        else:
            inputs = self.spectra_ if is_vote else self.frames_
            model = self.estimator(method, seed)
        fit_to_copies(model, [inputs[train]], self.target_[train], groups)
        predicted = model.predict(inputs[test])
        seconds = time.perf_counter() - start
        return (method, fold, seed), (predicted, seconds, count_parameters(model))

    def heading(self) -> str:
        """What is run, to stand above the table."""
        n_voices = len(np.unique(self.speakers_))
        seeds = " ".join(map(str, self.seeds))
        text = (
            f"{len(self.target_)} clips. New voices: each of {n_voices} voices is left out "
            f"in turn; {self.n_nodes} virtual nodes, seeds {seeds}."
        )
        if set(VOTES) & set(self.method_names()):
            n_folds = len(self.vote_folds_)
            of_all = f" of {N_VOTE_FOLDS}" if self.quick else ""
            text += (
                f" Rows with -vote: the published protocol, {n_folds}{of_all} folds by "
                "recording number, all voices on both sides."
            )
        title = f"Spoken digits: {corpus_title(self.dataset)}{heading_of(self.oscillator)}"
        lines = [title, wrapped(text)]
        if self.quick:
            lines.append(
                few_clips_note(self.speakers_, self.indices_, self.folds_, self.protocol)
            )
        return "\n".join(lines) + "\n"

    def footnotes(self) -> str:
        """What the methods are, and what they tell."""
        shown = set(self.method_names())
        notes = [note for methods, note in FOOTNOTES.items() if shown & set(methods)]
        return "\n" + "\n".join(map(wrapped, notes))

    def figure_data(self) -> DigitsFigure:
        """Play a clip of a new voice to the oscillator of the recipe."""
        train, test = self.folds_[0]
        few = train[:: max(len(train) // 100, 1)]
        model = self.estimator("oscillator", self.seeds[0])
        model.fit(self.frames_[few], self.target_[few])
        title = ""
        if self.confusion_ is not None:
            accuracy = np.trace(self.confusion_) / self.confusion_.sum()
            name = corpus_name(self.dataset)
            title = f"oscillator, {name},\nnew voices: {100 * accuracy:.1f} %"
        return DigitsFigure(
            AmplitudeResponseDisplay.of_estimator(model),
            MaskedDriveDisplay.of_estimator(
                model, self.frames_[test[0]], first_frame=SHOWN_FRAME, n_nodes=SHOWN_NODES
            ),
            self.confusion_,
            title,
            tuple(map(str, np.unique(self.target_))),
        )


def wrapped(text: str) -> str:
    """A text in lines of at most 90 characters."""
    return textwrap.fill(text, 90)


def echo_state_like(
    model: ReservoirClassifier, *, taps: bool, **settings: Any
) -> EchoStateClassifier:
    """An echo-state network with the size, pooling, readout and seed of a classifier.

    Parameters
    ----------
    model : ReservoirClassifier
    taps : bool
        Whether it also has the input taps.
    **settings
        Of the network.

    Returns
    -------
    EchoStateClassifier
        Unfitted.
    """
    names = ("n_nodes", "pooling", "n_segments", "pool_squares", "dtype", "random_state")
    shared = {name: getattr(model, name) for name in names}
    context = model.context or () if taps else ()
    return EchoStateClassifier(**shared, context=context, **settings)


def _is_random(method: str) -> bool:
    return method not in ("majority", *LEARNERS)
