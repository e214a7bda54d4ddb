"""Can oscillators bind events by synchronising with each other? Romera et al. 2022.

What is the paper's: three oscillators without sources bind consecutive events: they are to
run at one frequency for the sequences of a class and at different ones otherwise [1]_. A
network for each of the vowels aw, er, iy, uw tells it from the others. The authors' published
comparison with one sigmoid neuron [2]_ holds their inputs, 40 tokens as two delays each;
to all digits these are 1200 Hz / F2 (for oscillator 2) and 600 Hz / F1 (oscillator 3) of ten
women for each vowel in Hillenbrand's measurements, where the vowel is steadiest (found by
comparing the numbers; the names are in `PAPER`). It dispersed them by R = 10, 50, 100 in
units of which one delay unit has 400, trained 100 epochs on all tokens without a test set, or
without dispersion and tested with it.

What is ours: device and coupling; that oscillator 1 keeps its current and the delays move the
currents of 2 and 3 linearly; how those lines are trained (`BindingClassifier`); test folds;
and the reading of R as the rms of normal numbers. The paper's accuracies were not found.

References
----------
.. [1] M. Romera et al., "Binding events through the mutual synchronization of spintronic
   nano-neurons", Nat. Commun. 13, 883 (2022).
.. [2] The repository ernoult/VOWEL-BENCHMARK on GitHub.
"""

import copy
import time
from dataclasses import dataclass, field

import numpy as np
from joblib import Parallel, delayed
from scipy import ndimage
from scipy.optimize import minimize
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from reservoir import datasets
from reservoir.devices import SpinTorqueOscillator
from reservoir.experiments.results import Row
from reservoir.networks.network import OscillatorNetwork

VOWELS = ("aw", "er", "iy", "uw")
PAPER = {  # the women whose tokens the authors used
    "aw": (1, 2, 3, 4, 6, 7, 8, 10, 11, 13),
    "er": (1, 2, 4, 5, 7, 9, 10, 11, 12, 13),
    "iy": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    "uw": (1, 5, 6, 7, 9, 10, 12, 13, 14, 15),
}
DELAY_UNIT = 400  # of R
DISPERSIONS = (0, 10, 50, 100)
COUPLING = 3e6  # 1/s
LINEWIDTH = 3e5  # Hz
COMPARATOR = 2e6  # Hz; about what two oscillators with this coupling may be detuned by
REACH = 6  # half-widths of mutual locking that currents may leave that of oscillator 1
N_GRID = 61


def three_oscillators(coupling=COUPLING):
    """Three equal oscillators that feel each other at the phase that pulls most.

    Parameters
    ----------
    coupling : float, default=3e6
        Size of K_ij in 1/s; its phase is arctan(nu), at which two phases are pulled
        together sqrt(1 + nu^2) times as much as those of oscillators with fixed frequency.

    Returns
    -------
    OscillatorNetwork
    """
    device = SpinTorqueOscillator.from_preset("romera2018")
    slope = device.nonlinear_shift(2 * device.threshold_current)
    return OscillatorNetwork(
        device,
        n_oscillators=3,
        frequencies=np.full(3, device.stationary_frequency(2 * device.threshold_current)),
        coupling=coupling * np.exp(1j * np.arctan(slope)),
    )


class BindingClassifier(ClassifierMixin, BaseEstimator):
    """True where three oscillators run at one frequency, each of two told a delay.

    The current of oscillator 1 stays; that of oscillator 2 is ``center + slope (t2 - mean)``
    and that of oscillator 3 likewise. The four numbers are trained on a map of who locks to
    whom over the two currents: the indicator of common locking is smoothed, and the mean of
    -log(P + 0.1) minimised, where P is its value (or what it leaves to 1) at the training
    tokens. `predict` asks the network itself.

    Parameters
    ----------
    network : OscillatorNetwork
        Such as `three_oscillators` gives: its device stated, one coupling for all pairs.

    Attributes
    ----------
    bias_ : float
        Current of oscillator 1, in A.
    mean_, center_, slope_ : ndarray of shape (2,)
        Delays without unit, currents in A, A per unit of delay.
    limits_ : ndarray of shape (2,)
        Currents stay within, in A.
    classes_ : ndarray of bool, False and True

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.experiments.binding import BindingClassifier, three_oscillators
    >>> delays = np.random.default_rng(0).uniform(0, 2, (200, 2))
    >>> near = ((delays - [1.2, 0.8]) ** 2).sum(axis=1) < 0.2
    >>> classifier = BindingClassifier(three_oscillators()).fit(delays, near)
    >>> bool(classifier.score(delays, near) > 0.9)
    True
    """

    STAGES = ((0.5, 80), (0.15, 250))  # smoothing in half-widths of locking, iterations
    SOFTNESS = 0.1
    STEEPNESS = 0.7  # half-widths for one standard deviation of the class, at first

    def __init__(self, network):
        self.network = network

    def fit(self, X, y):
        """Train the two lines from delays to currents.

        Parameters
        ----------
        X : ndarray of shape (n_samples, 2)
            Delays.
        y : ndarray of bool of shape (n_samples,)

        Returns
        -------
        self
        """
        self.classes_ = np.array([False, True])
        bias, width = bias_and_width(self.network)
        axis = np.linspace(-REACH, REACH, N_GRID)
        self.bias_, self.limits_ = bias, bias + width * axis[[0, -1]]
        self.mean_ = X[y].mean(axis=0)
        scale = X[y].std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        inside = self._bound(self.tongues(bias + width * axis)).astype(float)
        points = (X - self.mean_) / scale

        def loss(flat, table):
            center, slope = flat[:2], flat[2:]
            place = (np.clip(center + slope * points, -REACH, REACH) + REACH) * (
                (N_GRID - 1) / (2 * REACH)
            )
            bound = ndimage.map_coordinates(table, place.T, order=1)
            return -np.log(np.where(y, bound, 1 - bound) + self.SOFTNESS).mean()

        signs = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
        starts = [self.STEEPNESS * np.array([0.0, 0.0, *pair]) for pair in signs]
        for smoothing, n_iterations in self.STAGES:
            table = ndimage.gaussian_filter(inside, smoothing / (axis[1] - axis[0]))
            options = {"maxiter": n_iterations}
            found = [
                minimize(loss, start, (table,), "Nelder-Mead", options=options)
                for start in starts
            ]
            starts = [min(found, key=lambda result: result.fun).x]
        self.center_ = bias + width * starts[0][:2]
        self.slope_ = width * starts[0][2:] / scale
        return self

    def currents(self, X):
        """Currents of the three oscillators for every token, (n_samples, 3), in A."""
        moved = self.center_ + self.slope_ * (np.asarray(X) - self.mean_)
        fixed = np.full(len(moved), self.bias_)
        return np.column_stack([fixed, np.clip(moved, *self.limits_)])

    def tongues(self, axis):
        """Who runs with whom while the currents of oscillators 2 and 3 vary.

        Parameters
        ----------
        axis : ndarray of shape (n_currents,)
            In A; oscillator 1 stays at its current.

        Returns
        -------
        ndarray of int of shape (n_currents, n_currents, 3)
            Equal numbers for equal frequencies; first axis: the current of oscillator 2.
        """
        second, third = np.meshgrid(axis, axis, indexing="ij")
        currents = np.stack([np.full(second.shape, self.bias_), second, third], axis=-1)
        groups, _ = self.network.mutual_synchronization(currents.reshape(-1, 3))
        return groups.reshape(currents.shape)

    def predict(self, X):
        """Whether all three oscillators run at one frequency."""
        groups, _ = self.network.mutual_synchronization(self.currents(X))
        return self._bound(groups)

    @staticmethod
    def _bound(groups):
        return groups.max(axis=-1) == 0


def bias_and_width(network):
    """Current of oscillator 1, and how much current another is detuned by and still locks.

    Parameters
    ----------
    network : OscillatorNetwork

    Returns
    -------
    bias, width : float
        In A. Two equal oscillators lock within 2 |K| sqrt(1 + nu^2) cos(arg K - arctan nu)
        (in rad/s); without a coupling, they pass for locked within the tolerance.
    """
    device = network.oscillator
    bias = network.bias * device.threshold_current
    slope, coupling = device.nonlinear_shift(bias), complex(network.coupling)
    pull = 2 * np.sqrt(1 + slope**2) * (coupling * np.exp(-1j * np.arctan(slope))).real
    step = 1e-4 * bias
    tuning = (
        device.stationary_frequency(bias + step) - device.stationary_frequency(bias - step)
    ) / (2 * step)
    return bias, max(pull / (2 * np.pi), network.tolerance) / tuning


@dataclass
class BindingExperiment:
    """One vowel against three, four times, by three oscillators that synchronise or not.

    Parameters
    ----------
    dataset : {"synthetic", "hillenbrand", "hillenbrand-40"}
        Invented women; all of Hillenbrand's whose twelve formants could be measured; the
        40 tokens of the paper.
    seed : int
        Of the first repeat: folds, dispersion, thermal noise.
    n_jobs : int
        Processes that share folds and vowels.
    quick : bool
        Two folds, drawn once: a try, not the protocol.
    n_repeats : int
        Times that five stratified folds are drawn.

    Examples
    --------
    >>> from reservoir.experiments import BindingExperiment
    >>> experiment = BindingExperiment(quick=True)
    >>> experiment.load()
    >>> experiment.data_.shape, len(experiment.folds_[0])
    ((192, 2), 2)
    """

    summary = "bind two events by the mutual synchronisation of three oscillators"
    datasets = ("synthetic", "hillenbrand", "hillenbrand-40")
    vowels = VOWELS

    dataset: str = "synthetic"
    seed: int = 0
    n_jobs: int = 1
    quick: bool = False
    n_repeats: int = 5
    accuracies_: dict = field(default_factory=dict, init=False, repr=False)

    def run(self, progress=lambda tasks, total: tasks):
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

    def load(self):
        """Load tokens and draw the folds: `data_` (delays), `target_`, `folds_`."""
        if self.dataset == "synthetic":
            bunch = datasets.make_vowels(48, VOWELS, random_state=0, kinds=("woman",))
        else:
            bunch = datasets.fetch_hillenbrand(
                vowels=VOWELS, kinds=("woman",), columns="formants", complete=True
            )
        kept = np.ones(len(bunch.target), dtype=bool)
        if self.dataset == "hillenbrand-40":
            names = [f"w{n:02d}{vowel}" for vowel in VOWELS for n in PAPER[vowel]]
            kept = np.isin(bunch.names, names)
        first, second = (bunch.feature_names.index(name) for name in ("F1", "F2"))
        delays = [1200.0 / bunch.data[kept, second], 600.0 / bunch.data[kept, first]]
        self.data_, self.target_ = np.stack(delays, axis=1), bunch.target[kept]
        self.folds_ = [
            list(
                StratifiedKFold(5, shuffle=True, random_state=self.seed + repeat).split(
                    self.data_, self.target_
                )
            )[: 2 if self.quick else 5]
            for repeat in range(1 if self.quick else self.n_repeats)
        ]

    def classifier(self):
        """The network behind the method "binding"."""
        return _MODELS["binding"]()

    def heading(self):
        """What was run, to stand above the table."""
        kind = {
            "synthetic": "SYNTHETIC tokens around measured means, not recordings",
            "hillenbrand": "women of Hillenbrand et al. (1995)",
            "hillenbrand-40": "Hillenbrand et al. (1995), the 40 tokens of the paper",
        }[self.dataset]
        text = (
            f"Binding of two delays, one vowel of {', '.join(VOWELS)} against the others: "
            f"{kind}\n{len(self.target_)} tokens, five folds drawn {len(self.folds_)} times, "
            "mean over the four vowels\n"
        )
        if self.quick:
            text += "QUICK: two folds, drawn once; not the protocol.\n"
        return text

    def footnotes(self):
        """Accuracy for each vowel, and what the methods are."""
        lines = ["", f"{'accuracy for each vowel':<24}" + "".join(f"{v:>8}" for v in VOWELS)]
        for method in ("majority", "binding", "binding-off", *_CONTROLS):
            means = 100 * self.accuracies_[method].mean(axis=(0, 1))
            lines.append(f"{method:<24}" + "".join(f"{mean:>7.1f}%" for mean in means))
        return (
            "\n".join(lines)
            + """

binding: a token is of the vowel if three mutually coupled oscillators run at one frequency;
two delays, 1200 Hz / F2 and 600 Hz / F1, move the currents of two of them. -off: the same
with the coupling switched off. uncoupled: trained and tested without it; frequencies within
0.3 MHz pass for one. comparator: those within 2 MHz do. -linewidth: 0.3 MHz of thermal noise
in the test. -R10, -R50, -R100: test tokens dispersed by so many 400ths of a delay unit, rms.
logistic (the paper's single neuron), lda, qda: logistic regression, linear and quadratic
discriminants of the delays.
spread: standard deviation over folds."""
        )

    def arrays(self):
        """What goes to the HDF5 file besides the rows."""
        accuracies = {f"accuracies/{name}": v for name, v in self.accuracies_.items()}
        return accuracies | {"delays": self.data_, "target": self.target_}

    def _row(self, method, outcomes):
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


_CONTROLS = {
    "logistic": lambda: LogisticRegression(C=np.inf, max_iter=1000),
    "lda": LinearDiscriminantAnalysis,
    "qda": lambda: make_pipeline(StandardScaler(), QuadraticDiscriminantAnalysis()),
}
_MODELS = {
    "majority": DummyClassifier,
    "binding": lambda: BindingClassifier(three_oscillators()),
    "uncoupled": lambda: BindingClassifier(three_oscillators(0.0)),
    "comparator": lambda: BindingClassifier(
        three_oscillators(0.0).set_params(tolerance=COMPARATOR)
    ),
    **_CONTROLS,
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
METHODS = {
    "majority": ("majority", 0, {}),
    "binding": ("binding", 0, {}),
    "binding-off": ("binding", 0, {"coupling": 0.0}),
    "binding-linewidth": ("binding", 0, {"linewidth": LINEWIDTH}),
    "uncoupled": ("uncoupled", 0, {}),
    "uncoupled-linewidth": ("uncoupled", 0, {"linewidth": LINEWIDTH}),
    "comparator": ("comparator", 0, {}),
    "comparator-linewidth": ("comparator", 0, {"linewidth": LINEWIDTH}),
    **{name: (name, 0, {}) for name in _CONTROLS},
    **{
        f"{name}-R{dispersion}": (name, dispersion, {})
        for dispersion in DISPERSIONS[1:]
        for name in ("binding", *_CONTROLS)
    },
}


def _run_one(task, seed, X, y, train, test):
    """Accuracy and seconds of every method for one fold and vowel."""
    repeat, fold, _ = task
    normal = np.random.default_rng([seed, repeat, fold]).standard_normal((len(test), 2))
    models, fit_seconds, outcome = {}, {}, {}
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
