"""Can oscillators bind events by synchronising with each other? Romera et al. 2022.

The paper [1]_: three oscillators without sources bind consecutive events. They are to run at
one frequency for the sequences of a class, and at different frequencies otherwise. Each of
the vowels aw, er, iy, uw has a network that tells it from the other three.

The authors published a comparison with one sigmoid neuron [2]_, and in it their inputs: 40
tokens, each as two delays. To all digits these are 1200 Hz / F2 (for oscillator 2) and
600 Hz / F1 (for oscillator 3) of ten women for each vowel in Hillenbrand's measurements,
where the vowel is steadiest. We found this by comparing the numbers; the women are listed in
`PAPER_WOMEN`. The comparison disperses the delays by R = 10, 50, 100, where one unit of delay
is R = 400. It is trained for 100 epochs on all tokens, either with dispersion and without a
test set, or without dispersion and tested with it.

Ours: the device and its coupling; that oscillator 1 keeps its current while the delays move
the currents of 2 and 3 linearly; the training of these lines (`BindingClassifier`); the test
folds; and the reading of R as the rms of normal numbers. We did not find the accuracies of
the paper.

References
----------
.. [1] M. Romera et al., "Binding events through the mutual synchronization of spintronic
   nano-neurons", Nat. Commun. 13, 883 (2022).
.. [2] The repository ernoult/VOWEL-BENCHMARK on GitHub.
"""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, TypeAlias

import numpy as np
from joblib import Parallel, delayed
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from reservoir import datasets
from reservoir._checks import Choice, Flag, Integer, Rule, check_parameters
from reservoir._progress import Progress, no_progress
from reservoir._types import Array, Floats, Integers
from reservoir.experiments.binding_classifier import BindingClassifier, three_oscillators
from reservoir.experiments.classical import BINDING_LEARNERS, Classifier
from reservoir.experiments.provenance import DataUsed, digest_of
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import SEED_RANGE
from reservoir.plotting.binding import BindingFigure, BindingPanel

# Numbers of a repeat, a fold and a vowel.
Task: TypeAlias = tuple[int, int, int]
# Accuracy and seconds of every method.
Outcome: TypeAlias = dict[str, tuple[float, float]]

VOWELS = ("aw", "er", "iy", "uw")
PAPER_WOMEN = {  # numbers of the women whose tokens the authors used
    "aw": (1, 2, 3, 4, 6, 7, 8, 10, 11, 13),
    "er": (1, 2, 4, 5, 7, 9, 10, 11, 12, 13),
    "iy": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    "uw": (1, 5, 6, 7, 9, 10, 12, 13, 14, 15),
}
DELAY_UNIT = 400  # dispersion R that is one unit of delay
DISPERSIONS = (10, 50, 100)
LINEWIDTH = 3e5  # Hz
FINE_WIDTH = 3e5  # Hz; about what a spectrum analyser resolves in 3 us
COMPARATOR_WIDTH = 2e6  # Hz; two oscillators with the coupling lock over about as much
N_GRID = 141  # currents along each axis of the figure
DATASET_TITLES = {
    "synthetic": "SYNTHETIC tokens around measured means, not recordings",
    "hillenbrand": "women of Hillenbrand et al. (1995)",
    "hillenbrand-40": "Hillenbrand et al. (1995), the 40 tokens of the paper",
}
FOOTNOTES = """

binding: two delays, 1200 Hz / F2 and 600 Hz / F1, move the currents of two of three mutually
coupled oscillators. A token belongs to the vowel if all three run at one frequency.
-off: the network is trained with the coupling and tested with the coupling switched off.
uncoupled: the network is trained and tested without the coupling, so that nothing locks, and
a comparator takes frequencies within 0.3 MHz for one. comparator: the same, within 2 MHz.
-linewidth: the oscillators have 0.3 MHz of thermal noise in the test. -R10, -R50, -R100: the
test tokens are dispersed by 10/400, 50/400 or 100/400 of a delay unit, rms.
logistic: a logistic regression, the paper's single neuron, reads the delays. lda, qda: linear
and quadratic discriminants read the delays.
spread: the standard deviation over folds."""


@dataclass
class BindingExperiment:
    """One vowel against three, four times, by three oscillators that synchronise or not.

    Parameters
    ----------
    dataset : {"synthetic", "hillenbrand", "hillenbrand-40"}
        Invented women; all of Hillenbrand's women whose twelve formants could be measured;
        the 40 tokens of the paper.
    seed : int
        Seed of the first repeat: folds, dispersion, thermal noise.
    n_jobs : int
        Processes that share folds and vowels, as for joblib.
    quick : bool
        Two folds, drawn once: a try, not the protocol.
    n_repeats : int
        How often five stratified folds are drawn.

    Attributes
    ----------
    accuracies_ : dict of str to ndarray of shape (n_repeats, n_folds, n_vowels)
        By method; after `run`.
    data_, target_, folds_ : sequences
        Delays, vowels and folds; after `load`.

    Examples
    --------
    >>> from reservoir.experiments import BindingExperiment
    >>> experiment = BindingExperiment(quick=True)
    >>> experiment.load()
    >>> experiment.data_.shape, len(experiment.folds_[0])
    ((192, 2), 2)
    """

    dataset: str = "synthetic"
    _: KW_ONLY
    seed: int = 0
    n_jobs: int = 1
    quick: bool = False
    n_repeats: int = 5
    accuracies_: dict[str, Floats] = field(default_factory=dict, init=False, repr=False)

    summary = (
        "Binding of two events by three oscillators (Romera et al., Nat. Commun. 13, 883)"
    )
    spread_over = "all folds of all repeats, after a mean over the vowels"
    datasets = tuple(DATASET_TITLES)
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "dataset": Choice(tuple(DATASET_TITLES)),
        "seed": SEED_RANGE,
        "quick": Flag(),
        "n_repeats": Integer(1),
    }

    def __post_init__(self) -> None:
        """Check the parameters."""
        check_parameters(self, self._parameter_ranges)

    def run(self, progress: Progress = no_progress) -> list[Row]:
        """Run all methods on all folds, repeats and vowels.

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
            (repeat, fold, number)
            for repeat, folds in enumerate(self.folds_)
            for fold in range(len(folds))
            for number in range(len(VOWELS))
        ]
        results = Parallel(n_jobs=self.n_jobs, return_as="generator_unordered")(
            delayed(_run_one)(
                task,
                self.seed,
                self.data_,
                self.target_ == VOWELS[task[2]],
                *self.folds_[task[0]][task[1]],
            )
            for task in tasks
        )
        outcomes = dict(progress(results, len(tasks)))
        return [self._row(method, outcomes) for method in METHODS]

    def load(self) -> None:
        """Load tokens and draw the folds: `data_` (delays), `target_`, `folds_`."""
        if self.dataset == "synthetic":
            bunch = datasets.make_vowels(48, VOWELS, random_state=0, kinds=("woman",))
        else:
            bunch = datasets.fetch_hillenbrand(
                vowels=VOWELS, kinds=("woman",), columns="formants", complete=True
            )
        kept = np.ones(len(bunch.target), dtype=bool)
        if self.dataset == "hillenbrand-40":
            names = [f"w{n:02d}{vowel}" for vowel in VOWELS for n in PAPER_WOMEN[vowel]]
            kept = np.isin(bunch.names, names)
        first, second = (bunch.feature_names.index(name) for name in ("F1", "F2"))
        delays = [1200.0 / bunch.data[kept, second], 600.0 / bunch.data[kept, first]]
        self.data_: Floats = np.stack(delays, axis=1)
        self.target_: Array = bunch.target[kept]
        self.folds_: list[list[tuple[Integers, Integers]]] = [
            list(
                StratifiedKFold(5, shuffle=True, random_state=self.seed + repeat).split(
                    self.data_, self.target_
                )
            )[: 2 if self.quick else 5]
            for repeat in range(1 if self.quick else self.n_repeats)
        ]

    def classifier(self) -> BindingClassifier:
        """The network behind the method "binding"."""
        return BindingClassifier(three_oscillators())

    def heading(self) -> str:
        """What was run, to stand above the table."""
        text = (
            f"Binding of two delays, one vowel of {', '.join(VOWELS)} against the others: "
            f"{DATASET_TITLES[self.dataset]}\n{len(self.target_)} tokens, five folds drawn "
            f"{len(self.folds_)} times, mean over the four vowels\n"
        )
        if self.quick:
            text += "QUICK: two folds, drawn once; not the protocol.\n"
        return text

    def footnotes(self) -> str:
        """Accuracy for each vowel, and what the methods are."""
        lines = ["", f"{'accuracy for each vowel':<24}" + "".join(f"{v:>8}" for v in VOWELS)]
        for method in ("majority", "binding", "binding-off", *BINDING_LEARNERS):
            means = 100 * self.accuracies_[method].mean(axis=(0, 1))
            lines.append(f"{method:<24}" + "".join(f"{mean:>7.1f}%" for mean in means))
        return "\n".join(lines) + FOOTNOTES

    def data_used(self) -> DataUsed:
        """From which tokens and seeds the rows come; after `run`."""
        seeds = tuple(range(self.seed, self.seed + len(self.folds_)))
        return DataUsed(self.dataset, digest_of(self.data_, self.target_), seeds)

    def arrays(self) -> dict[str, Array]:
        """What goes into the result file besides the rows."""
        accuracies = {f"accuracies/{name}": v for name, v in self.accuracies_.items()}
        return accuracies | {"delays": self.data_, "target": self.target_}

    def figure_data(self) -> BindingFigure:
        """Train the networks of the first fold, and map which of their oscillators lock."""
        train, test = self.folds_[0][0]
        X, y = self.data_, self.target_
        panels = []
        for vowel in VOWELS:
            mine = y == vowel
            classifier = self.classifier().fit(X[train], mine[train])
            share = 100 * classifier.score(X[test], mine[test])
            title = f"'{vowel}' or another: {share:.0f} % of test tokens"
            panels.append(BindingPanel(title, classifier.currents(X)[:, 1:], mine))
        low, high = classifier.limits_
        axis = np.linspace(low, high, N_GRID)
        # The networks of the vowels are equal; only what their oscillators are told differs.
        return BindingFigure(axis, classifier.tongues(axis), train, test, tuple(panels))

    def _row(self, method: str, outcomes: Mapping[Task, Outcome]) -> Row:
        """Mean over vowels and folds; accuracies of every vowel are kept."""
        n_folds = len(self.folds_[0])
        values = np.empty((len(self.folds_), n_folds, len(VOWELS)))
        for task, outcome in outcomes.items():
            values[task] = outcome[method][0]
        self.accuracies_[method] = values
        return Row(
            task="binding",
            protocol=f"{n_folds}x{len(self.folds_)}",
            frontend="delays",
            method=method,
            metric="accuracy",
            value=float(values.mean()),
            spread=float(values.mean(axis=2).std()),
            n_folds=values[..., 0].size,
            seconds=float(np.mean([outcome[method][1] for outcome in outcomes.values()])),
            n_parameters=_N_PARAMETERS[method.split("-")[0]],
        )


_MODELS: dict[str, Callable[[], Classifier]] = {
    "majority": DummyClassifier,
    "binding": lambda: BindingClassifier(three_oscillators()),
    "uncoupled": lambda: BindingClassifier(three_oscillators(0.0), FINE_WIDTH),
    "comparator": lambda: BindingClassifier(three_oscillators(0.0), COMPARATOR_WIDTH),
    **BINDING_LEARNERS,
}
# Two lines; a plane; two means with a common or with one covariance each, and a share.
_N_PARAMETERS = {
    "majority": 0,
    "binding": 4,
    "uncoupled": 4,
    "comparator": 4,
    "logistic": 3,
    "lda": 3,
    "qda": 11,
}
# Model, dispersion of the test tokens, changes to the network in the test.
METHODS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "majority": ("majority", 0, {}),
    "binding": ("binding", 0, {}),
    "binding-off": ("binding", 0, {"coupling": 0.0}),
    "binding-linewidth": ("binding", 0, {"linewidth": LINEWIDTH}),
    "uncoupled": ("uncoupled", 0, {}),
    "uncoupled-linewidth": ("uncoupled", 0, {"linewidth": LINEWIDTH}),
    "comparator": ("comparator", 0, {}),
    "comparator-linewidth": ("comparator", 0, {"linewidth": LINEWIDTH}),
    **{name: (name, 0, {}) for name in BINDING_LEARNERS},
    **{
        f"{name}-R{dispersion}": (name, dispersion, {})
        for dispersion in DISPERSIONS
        for name in ("binding", *BINDING_LEARNERS)
    },
}


def _run_one(
    task: Task, seed: int, X: Floats, y: Array, train: Integers, test: Integers
) -> tuple[Task, Outcome]:
    """Accuracy and seconds of every method for one fold and vowel."""
    repeat, fold, _ = task
    normal = np.random.default_rng([seed, repeat, fold]).standard_normal((len(test), 2))
    models: dict[str, Classifier] = {}
    fit_seconds: dict[str, float] = {}
    outcome: Outcome = {}
    with threadpool_limits(1, user_api="blas"):
        for kind, make in _MODELS.items():
            start = time.perf_counter()
            models[kind] = make().fit(X[train], y[train])
            fit_seconds[kind] = time.perf_counter() - start
        for name, (kind, dispersion, changes) in METHODS.items():
            model = models[kind]
            if changes:
                model = copy.copy(model)
                model.network = copy.copy(model.network).set_params(
                    random_state=seed + repeat, **changes
                )
            start = time.perf_counter()
            predicted = model.predict(X[test] + dispersion / DELAY_UNIT * normal)
            seconds = fit_seconds[kind] + time.perf_counter() - start
            outcome[name] = np.mean(predicted == y[test]), seconds
    return task, outcome
