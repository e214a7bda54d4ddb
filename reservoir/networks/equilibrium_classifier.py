"""A network of oscillators that learns from its own settled states."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import (
    POSITIVE,
    Choice,
    Integer,
    Real,
    Rule,
    check_complete,
    check_parameters,
    refuse_masked,
)
from reservoir._classes import classes_of, refuse_one_class
from reservoir._columns import checked_table
from reservoir._randomness import seed_of
from reservoir._scoring import CheckedClassifier
from reservoir._types import Array, ArrayLike, Floats, Integers, RandomState
from reservoir._warnings import warn_user
from reservoir.exceptions import SimulationError, UnlockedWarning
from reservoir.layers.training import Adam
from reservoir.networks.auto_oscillators import AutoOscillators
from reservoir.networks.equilibrium_propagation import (
    Settled,
    Slopes,
    implicit_slopes,
    loss,
    settle,
    two_state_slopes,
)
from reservoir.networks.layered_circuit import LayeredCircuit
from reservoir.networks.phase_oscillators import PhaseOscillators

LEARNABLE = ("couplings", "frequencies")
MAX_SHARE_UNLOCKED = 0.5  # of the samples, beyond which learning is called unstable


class EquilibriumClassifier(CheckedClassifier, BaseEstimator):
    r"""Classify with coupled oscillators that learn from two settled states.

    Every feature is the phase of an input oscillator, held between a quarter turn behind and
    a quarter turn ahead of a reference. Hidden oscillators and one output for each class
    settle. Each output should be an eighth of a turn ahead for its class and as much behind
    for the others. To learn, the outputs are nudged toward their targets and away from them
    with weak injections, and couplings and frequencies move by the difference of the phases
    of both settled states [1]_ [2]_ [3]_. No slope is computed.

    Parameters
    ----------
    n_hidden : int, default=8
        Number of hidden oscillators.
    oscillators : PhaseOscillators or AutoOscillators, default=None
        What the oscillators are. None stands for ``PhaseOscillators()``: phases without a
        nonlinear frequency shift.

    *How it learns*

    learn : sequence of {"couplings", "frequencies"}, default=("couplings", "frequencies")
        What learns; the rest keeps its random start.
    rule : {"two states", "implicit"}, default="two states"
        "implicit" takes the exact slopes of the settled state instead, as a control: it needs
        the equations, which a device does not know.
    coupling : float, default=5e5
        Unit of couplings and frequencies, in 1/s: the rate at which the first reference pulls
        every oscillator at the start. Auto-oscillators should relax much faster.
    nudge : float, default=0.05
        Strength of the injections, in units of `coupling`.
    learning_rate : float, default=0.05
        Step of Adam in units of `coupling`, which falls linearly to 0.
    n_epochs : int, default=60
        Passes over the data.
    batch_size : int, default=32
    random_state : None, int, RandomState or Generator, default=None

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
    center_, half_range_ : ndarray of shape (n_features,)
        Feature values of phase 0, and from there to a quarter turn.
    wiring_ : LayeredCircuit
    parameters_ : ndarray of shape (n_parameters,)
        Couplings and then frequencies, in units of `coupling`, in the order of `wiring_`.
    loss_curve_ : ndarray of shape (n_epochs,)
        Mean loss in every epoch, of each batch before its step.
    unlocked_curve_ : ndarray of shape (n_epochs,)
        Share of the samples for which a state did not settle. They have no slope, and move
        all frequencies toward that of the reference instead.

    References
    ----------
    .. [1] B. Scellier and Y. Bengio, Front. Comput. Neurosci. 11, 24 (2017).
    .. [2] T. Rageau and J. Grollier, arXiv:2504.11884 (2025).
    .. [3] M. R. Ahmadi, arXiv:2604.10272 (2026).

    Examples
    --------
    >>> from reservoir.networks import EquilibriumClassifier
    >>> X = [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    >>> y = [0, 1, 1, 0]
    >>> classifier = EquilibriumClassifier(6, learning_rate=0.1, random_state=0).fit(X, y)
    >>> classifier.predict(X)
    array([0, 1, 1, 0])
    """

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "n_hidden": Integer(1),
        "rule": Choice(("two states", "implicit")),
        "coupling": Real(above=0, what="rate in 1/s"),
        "nudge": POSITIVE,
        "learning_rate": POSITIVE,
        "n_epochs": Integer(0),
        "batch_size": Integer(1),
    }

    def __init__(
        self,
        n_hidden: int = 8,
        oscillators: PhaseOscillators | AutoOscillators | None = None,
        *,
        learn: Sequence[str] = LEARNABLE,
        rule: str = "two states",
        coupling: float = 5e5,
        nudge: float = 0.05,
        learning_rate: float = 0.05,
        n_epochs: int = 60,
        batch_size: int = 32,
        random_state: RandomState = None,
    ) -> None:
        self.n_hidden = n_hidden
        self.oscillators = oscillators
        self.learn = learn
        self.rule = rule
        self.coupling = coupling
        self.nudge = nudge
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.random_state = random_state

    @all_or_nothing
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn couplings and frequencies.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If X has missing values or y has one class only.
        SimulationError
            If learning is unstable: there is no common frequency for more than half of the
            samples, or the couplings are as fast as auto-oscillators relax.
        """
        self._check_parameters()
        refuse_masked("y", y, ("row",))
        features, labels = checked_table(
            self, X, y, reset=True, dtype=np.float64, ensure_all_finite=False
        )
        check_complete(features)
        check_classification_targets(labels)
        self.classes_, codes = classes_of("y", labels)
        refuse_one_class(self.classes_)
        low, high = features.min(axis=0), features.max(axis=0)
        self.center_: Floats = low / 2 + high / 2
        half_range = high / 2 - low / 2
        self.half_range_: Floats = np.where(half_range > 0, half_range, 1.0)
        n_outputs = 1 if len(self.classes_) == 2 else len(self.classes_)
        self.wiring_ = LayeredCircuit(features.shape[1], int(self.n_hidden), n_outputs)
        generator = np.random.default_rng(seed_of(self.random_state))
        self.parameters_: Floats = self.wiring_.start(generator)
        self._train(self._phases(features), self._wanted(codes), generator)
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """How far the output of each class is ahead of the reference.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or (n_samples,) for two classes
            The sine of the phase times the amplitude, without unit. For two classes it is
            that of the second.

        Warns
        -----
        UnlockedWarning
            If the oscillators find no common frequency for a sample.
        """
        check_is_fitted(self)
        self._check_parameters()  # They may have been set since the fit.
        features: Floats = checked_table(
            self, X, reset=False, dtype=np.float64, ensure_all_finite=False
        )
        check_complete(features)
        settled = self._settled(self._phases(features))
        drifting = np.flatnonzero(~settled.at_rest)
        if len(drifting):
            warn_user(
                f"The oscillators find no common frequency for {len(drifting)} of "
                f"{len(features)} samples, the first of them sample {drifting[0]}; their "
                "labels have no meaning.",
                UnlockedWarning,
            )
        outputs = self.wiring_.outputs(settled.z)
        return outputs[:, 0] if len(self.classes_) == 2 else outputs

    def predict(self, X: ArrayLike) -> Array:
        """Label of each sample: the class whose output is farthest ahead.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        outputs = self.decision_function(X)
        if outputs.ndim == 1:
            chosen = (outputs > 0).astype(np.intp)
        else:
            chosen = outputs.argmax(axis=1)
        labels: Array = self.classes_[chosen]
        return labels

    # ------------------------------------------------------------------ inside

    def _check_parameters(self) -> None:
        check_parameters(self, self._parameter_ranges)
        listed = np.iterable(self.learn) and not isinstance(self.learn, str)
        if not (listed and len(self.learn) and set(self.learn) <= set(LEARNABLE)):
            raise ValueError(
                f"EquilibriumClassifier.learn is {self.learn!r}; choose from "
                f"{', '.join(LEARNABLE)}, as a list."
            )
        if not isinstance(self._kind(), PhaseOscillators | AutoOscillators):
            raise TypeError(
                "EquilibriumClassifier.oscillators is of type "
                f"{type(self.oscillators).__name__}; it must be PhaseOscillators, "
                "AutoOscillators, for instance AutoOscillators.from_device(device, current), "
                "or None."
            )

    def _kind(self) -> Any:
        return PhaseOscillators() if self.oscillators is None else self.oscillators

    def _phases(self, features: Floats) -> Floats:
        """Phases of the inputs; features beyond those of the training data are clipped."""
        scaled = (features - self.center_) / self.half_range_
        phases: Floats = np.pi / 2 * np.clip(scaled, -1, 1)
        return phases

    def _wanted(self, codes: Integers) -> Floats:
        """1 where an output should be ahead, and -1 where it should be behind."""
        if len(self.classes_) == 2:
            return np.where(codes[:, None] == 1, 1.0, -1.0)
        return np.where(codes[:, None] == np.arange(len(self.classes_)), 1.0, -1.0)

    def _settled(self, phases: Floats) -> Settled:
        circuit = self.wiring_.circuit(self.parameters_, phases, float(self.coupling))
        return settle(self._kind(), circuit)

    def _train(self, phases: Floats, wanted: Floats, generator: np.random.Generator) -> None:
        """Steps of Adam against the slopes, over batches in random order."""
        rate, n_epochs = float(self.coupling), int(self.n_epochs)
        targets = self.wiring_.targets(wanted)
        learning = np.zeros(len(self.parameters_))
        n_couplings = self.wiring_.n_couplings
        learning[:n_couplings] = "couplings" in self.learn
        learning[n_couplings:] = "frequencies" in self.learn
        adam = Adam(np.zeros_like(learning), np.zeros_like(learning))
        no_limits = np.full(len(learning), np.inf)
        n_batches = -(-len(phases) // int(self.batch_size))
        losses, unlocked = np.zeros(n_epochs), np.zeros(n_epochs)
        for epoch in range(n_epochs):
            order = generator.permutation(len(phases))
            for batch in np.array_split(order, n_batches):
                free, slopes = self._slopes(phases[batch], targets[batch])
                losses[epoch] += loss(free.z, targets[batch])[slopes.at_rest].sum()
                unlocked[epoch] += (~slopes.at_rest).sum()
                step = learning * self.wiring_.mean_slopes(slopes, self.parameters_, rate)
                left = 1 - epoch / n_epochs
                adam.step(self.parameters_, step, no_limits, self.learning_rate * left)
        self.loss_curve_: Floats = losses / np.maximum(len(phases) - unlocked, 1)
        self.unlocked_curve_: Floats = unlocked / len(phases)
        if n_epochs:
            self._check_stable(self.unlocked_curve_[-1])

    def _slopes(self, phases: Floats, targets: Array) -> tuple[Settled, Slopes]:
        rate, kind = float(self.coupling), self._kind()
        circuit = self.wiring_.circuit(self.parameters_, phases, rate)
        free = settle(kind, circuit)
        if self.rule == "implicit":
            return free, implicit_slopes(kind, circuit, free, targets)
        nudge = rate * float(self.nudge)
        return free, two_state_slopes(kind, circuit, free, targets, nudge)

    def _check_stable(self, share: float) -> None:
        if share > MAX_SHARE_UNLOCKED:
            raise SimulationError(
                "Learning is unstable: at its end the oscillators find no common frequency "
                f"for {100 * share:.0f} % of the samples. Take a learning_rate below "
                f"{self.learning_rate:g} or a nudge below {self.nudge:g}, or cancel a "
                "nonlinear_shift with coupling_phase = arctan(nonlinear_shift)."
            )
