"""How does a layered network learn, and how does it answer?"""

import copy
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import Choice, Integer, Real, Rule, check_value, refuse_masked
from reservoir._randomness import seed_of
from reservoir._threads import thread_count
from reservoir._types import Array, ArrayLike, Floats
from reservoir._warnings import warn_user
from reservoir.exceptions import DriveClippingWarning
from reservoir.layers.design import Design, make_design
from reservoir.layers.parameters import RANGES, check_layered, check_step, hidden_sizes
from reservoir.layers.physical import PhysicalUnits
from reservoir.layers.stack import ChainLayer, calibrate
from reservoir.layers.training import Adam, Loss, Settings, Trainer, quantizer

MAX_CALIBRATED = 4096  # rows that set biases and gains
MAX_CLIPPED_SHARE = 0.02  # of the powers at predict; more of them call for a warning
OF_FAULTS = ("faults_", "read_noise_", "read_noise_seed_")  # learned anew without them
MAX_HELD_SHARE = 0.1  # of the neurons' currents in training that the clamp holds; likewise


class BaseSpintronic(PhysicalUnits, BaseEstimator):
    """Layers of spin-diode synapses and oscillator neurons; a subclass has the loss."""

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = RANGES
    _target_checks: ClassVar[dict[str, Any]] = {}
    _loss: ClassVar[Loss]
    adam_: tuple[Array, Array, int]

    # ------------------------------------------------------------------ learning

    @all_or_nothing
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Calibrate all layers on the training data, then learn detunings and biases.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or sequences
            For a network of tables powers, none negative. A column that is constant in
            training is a line without a signal. For a network of sequences a container of
            arrays of shape (n_frames, n_channels), or one array of three axes, with any
            numbers.
        y : array-like of shape (n_samples,), or for a regressor (n_samples, n_outputs)

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the data or a parameter is not as described.

        Warns
        -----
        ConvergenceWarning
            If the network does not learn.
        FrequencyShiftWarning
            If the neurons' frequencies move and `frequency_shift` is False.
        """
        again = bool(self.warm_start) and hasattr(self, "layers_")
        powers, target = self._start(X, y, again)
        generator = np.random.default_rng(self.seed_)
        held = None
        learned = powers, target
        if self.early_stopping:
            kept, aside = self._split(target)
            held = powers[aside], target[aside]
            powers, target = powers[kept], target[kept]
        self.loss_curve_: list[float] = []
        with threadpool_limits(1, user_api="blas"):
            self._begin(powers, generator, again)
            trainer = self._trainer(self.learning_rate_init)
            self._run(trainer, (powers, target), generator, held)
        self.n_iter_ = len(self.loss_curve_)
        self.__dict__.pop("adam_", None)
        self._check_loss()
        self._finish(trainer, learned[0])
        self._warn_of_failure(*learned)
        return self

    def _partial_fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """One pass over the data, with steps of constant length."""
        again = hasattr(self, "layers_")
        powers, target = self._start(X, y, again)
        number = self.n_iter_ if again else 0
        generator = np.random.default_rng([self.seed_, number])
        with threadpool_limits(1, user_api="blas"):
            self._begin(powers, generator, again)
        trainer = self._trainer(self.learning_rate_init)
        if again and hasattr(self, "adam_"):
            trainer.adam = Adam(self.adam_[0].copy(), self.adam_[1].copy(), self.adam_[2])
        if not again:
            self.loss_curve_ = []
        rates = [self.learning_rate_init] * trainer.n_batches(len(powers))
        with threadpool_limits(1, user_api="blas"):
            loss = trainer.epoch(powers, target, generator, rates)
        self.loss_curve_ = [*self.loss_curve_, loss]
        self._check_loss()
        self.n_iter_ = number + 1
        self._finish(trainer, powers)
        self.adam_ = trainer.adam.first, trainer.adam.second, trainer.adam.n_steps
        return self

    def retrain(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        layers: str = "all",
        max_iter: int = 5,
        learning_rate_init: float | None = None,
    ) -> Self:
        """A copy that learns on from where this network stands, with its defects.

        Parameters
        ----------
        X, y
            As for `fit`.
        layers : {"all", "last"}, default="all"
            Which layers learn.
        max_iter : int, default=5
            Passes over the data. The step falls to 0 along a cosine.
        learning_rate_init : float, optional
            First step, in half linewidths. None stands for that of the estimator.

        Returns
        -------
        estimator
            A copy; this estimator is unchanged.

        Raises
        ------
        ValueError
            If the data or an argument is not as described.

        Warns
        -----
        DriveClippingWarning
            If more than 2 % of the powers lie beyond the range of training.
        """
        check_is_fitted(self)
        rate = self.learning_rate_init if learning_rate_init is None else learning_rate_init
        check_value("layers", layers, Choice(("all", "last")))
        check_value("max_iter", max_iter, Integer(1))
        check_value("learning_rate_init", rate, Real(above=0, what="step in half linewidths"))
        check_step(float(rate), self.initial_weight)
        other = copy.deepcopy(self)
        for stale in ("latent_weights_", "adam_"):
            other.__dict__.pop(stale, None)
        powers, target = other._start(X, y, again=True)
        other._powers(X, warn=True)
        last = len(self.layers_) - 1
        others = set(range(len(self._all_layers()))) - {last}
        trainer = other._trainer(float(rate), frozenset(others if layers == "last" else ()))
        generator = np.random.default_rng([self.seed_, self.n_iter_])
        with threadpool_limits(1, user_api="blas"):
            for epoch in range(max_iter):
                rates = trainer.cosine(epoch, max_iter, len(powers))
                other.loss_curve_.append(trainer.epoch(powers, target, generator, rates))
        other._check_loss()
        other.n_iter_ += max_iter
        other._finish(trainer, powers)
        return other

    # ------------------------------------------------------------------ answers

    def _outputs(self, X: ArrayLike) -> Floats:
        """Outputs of the last layer for data to predict."""
        check_is_fitted(self)
        return self._answer(self._powers(X, warn=True))[0]

    def _answer(self, powers: Any) -> tuple[Floats, list[Array], list[Array]]:
        """Outputs for checked data; overdrives and powers of the neurons."""
        raise NotImplementedError

    # ------------------------------------------------------------------ the data

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        """Checked data and labels, of which no power is negative."""
        raise NotImplementedError

    def _range_of(self, features: Any) -> tuple[float, float]:
        """Least and largest value of checked training data."""
        raise NotImplementedError

    def _in_units(self, features: Any) -> Any:
        """Checked data as shares of the full power."""
        raise NotImplementedError

    def _powers(self, X: ArrayLike, warn: bool = False) -> Any:
        """Data to answer, checked and as shares of the full power."""
        raise NotImplementedError

    def _after_learning(self, powers: Any) -> None:
        """Keep what a later calibration needs."""

    def _check_target(self, y: Any, again: bool) -> Array:
        """Targets as the loss takes them; keeps what a subclass learns of them."""
        raise NotImplementedError

    def _n_outputs(self) -> int:
        """Chains of the last layer."""
        raise NotImplementedError

    def _score_of(self, outputs: Floats, target: Array) -> float:
        """Score of outputs, of which more is better."""
        raise NotImplementedError

    def _is_constant(self, outputs: Floats) -> bool:
        """Whether all samples get one answer."""
        return not np.ptp(outputs, axis=0).any()

    def _chance(self, target: Array) -> float:
        """Score of an answer that does not look at the data."""
        raise NotImplementedError

    def _start(self, X: ArrayLike, y: Any, again: bool) -> tuple[Array, Array]:
        """Checked powers and targets."""
        check_layered(self)
        refuse_masked("y", y, ("row", "column"))
        features, labels = self._checked(X, y, reset=not again)
        target = self._check_target(labels, again)
        if again:
            self._check_sizes()
        else:
            for stale in (*OF_FAULTS, "latent_weights_", "layers_"):
                self.__dict__.pop(stale, None)
            self.seed_ = seed_of(self.random_state)
            given = self.input_range
            low, high = self._range_of(features) if given is None else given
            self.input_range_ = float(low), float(high)
        return self._in_units(features), target

    def _check_sizes(self) -> None:
        """Refuse parameters that the network which learns on does not have."""
        found, wanted = self._learned_sizes(), hidden_sizes(self)
        if found != wanted:
            raise ValueError(
                f"hidden_layer_sizes is {wanted}, but the network that learns on has "
                f"{found}; set warm_start to False, or fit a clone."
            )

    def _learned_sizes(self) -> list[int]:
        """Neurons of each hidden layer that was learned."""
        return [len(layer.settings) for layer in self.layers_[:-1]]

    def _warn_of_clipping(self, features: Array) -> None:
        low, high = self.input_range_
        share = np.mean((features < low) | (features > high)) if high > low else 0.0
        if share > MAX_CLIPPED_SHARE:
            warn_user(
                f"{100 * share:.1f} % of the powers lie beyond the range from {low:.3g} to "
                f"{high:.3g} that stands for no and for full power, and were clipped.",
                DriveClippingWarning,
            )

    def _check_signs(self, features: Floats) -> None:
        if features.size and features.min() < 0:
            row, column = np.argwhere(features < 0)[0]
            raise ValueError(
                f"Negative values in data passed to {type(self).__name__}: X holds "
                f"{features[row, column]:.4g} in row {row}, column {column}. X holds powers "
                "of microwaves, and a power is not negative. Scale it first, for instance "
                "with sklearn.preprocessing.MinMaxScaler(clip=True)."
            )

    def __sklearn_tags__(self) -> Any:
        """Say that powers are not negative."""
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags

    # ------------------------------------------------------------------ the network

    def _design(self) -> Design:
        sizes = [layer.settings.shape[1] for layer in self.layers_]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `fit` has said it
            return make_design(self, max(sizes))

    def _all_layers(self) -> list[ChainLayer]:
        """All layers that learn, in the order of the stack."""
        return list(self.layers_)

    def _keep_layers(self, layers: list[ChainLayer]) -> None:
        """Store what `_all_layers` gives."""
        self.layers_ = layers

    def _listeners(self) -> list[list[int]]:
        """For each layer of neurons, the places in all layers of the chains that hear it."""
        return [[index + 1] for index in range(len(self.layers_) - 1)]

    def _stack(self, layers: Sequence[ChainLayer]) -> Any:
        if layers[0].settings.dtype != np.dtype(self.dtype):
            raise ValueError(
                f"dtype is {self.dtype!r}, but the network was fitted in "
                f"{layers[0].settings.dtype}; fit again."
            )
        return self._stack_of(self._design(), layers)

    def _stack_of(self, design: Design, layers: Sequence[ChainLayer]) -> Any:
        """The chains of some layers, with what stands between them."""
        return design.stack(layers, self.dtype, thread_count(self.n_jobs))

    def _begin(self, powers: Any, generator: np.random.Generator, again: bool) -> None:
        """Draw and calibrate the layers, unless learning goes on from the last fit."""
        if again:
            return
        sizes = [powers.shape[1], *hidden_sizes(self), self._n_outputs()]
        design = make_design(self, max(sizes[:-1]))
        layers = [
            design.draw(n_chains, n_lines, self, generator)
            for n_lines, n_chains in zip(sizes[:-1], sizes[1:], strict=True)
        ]
        spreads = [self.drive_spread] * (len(layers) - 1) + [self.output_spread]
        stack = self._stack_of(design, layers)
        self.layers_ = calibrate(stack, layers, powers[:MAX_CALIBRATED], spreads)

    def _trainer(self, rate: float, frozen: frozenset[int] = frozenset()) -> Trainer:
        """What learns, from `layers_` on."""
        design = self._design()
        layers, quantize, limit = self._all_layers(), None, design.synapse.tuning
        if self.weight_levels is not None:
            limit = max(map(abs, design.synapse.weight_range()))
            quantize = quantizer(design.synapse, int(self.weight_levels), self.dtype)
            kept = getattr(self, "latent_weights_", None) or [
                np.asarray(design.synapse.weight(layer.settings), self.dtype)
                for layer in layers
            ]
            layers = [
                layer if index in frozen else replace(layer, settings=latent)
                for index, (layer, latent) in enumerate(zip(layers, kept, strict=True))
            ]
        settings = Settings(
            rate=rate,
            batch_size=int(self.batch_size),
            power_noise=float(self.power_noise),
            setting_noise=float(self.detuning_noise),
            limit=float(limit),
            quantize=quantize,
        )
        stack = self._stack_of(design, layers)
        return Trainer(stack, settings, type(self)._loss, layers, frozen)

    def _run(
        self,
        trainer: Trainer,
        data: tuple[Array, Array],
        generator: np.random.Generator,
        held: tuple[Array, Array] | None,
    ) -> None:
        """All passes, or those until held-out data show no progress."""
        self.__dict__.pop("validation_scores_", None)
        best, best_score, n_idle = trainer.parameters(), -np.inf, 0
        if held is not None:
            self.validation_scores_: list[float] = []
        for epoch in range(self.max_iter):
            rates = trainer.cosine(epoch, self.max_iter, len(data[0]))
            self.loss_curve_.append(trainer.epoch(*data, generator, rates))
            if held is None:
                continue
            layers = trainer.fixed_layers()
            outputs, _, _ = trainer.stack.predict(
                layers, trainer.stack.weights(layers), held[0]
            )
            score = self._score_of(outputs, held[1])
            self.validation_scores_.append(score)
            n_idle = 0 if score > best_score + self.tol else n_idle + 1
            if score > best_score:
                best, best_score = trainer.parameters(), score
            if n_idle >= self.n_iter_no_change:
                break
        if held is not None:
            trainer.flat[...] = best

    def _split(self, target: Array) -> list[Array]:
        """Rows to learn from and rows to hold out, with classes in equal shares."""
        stratify = target if target.ndim == 1 else None
        counts = np.bincount(target) if stratify is not None else np.zeros(0)
        single = np.flatnonzero(counts == 1)
        if len(single):
            raise ValueError(
                f"Class {single[0]} of y, counted from 0, has one sample only, and "
                "early_stopping holds out a share of each class; give it two samples at "
                "least, or set early_stopping to False."
            )
        parts: list[Array] = train_test_split(
            np.arange(len(target)),
            test_size=self.validation_fraction,
            random_state=self.seed_,
            stratify=stratify,
        )
        return parts

    def _finish(self, trainer: Trainer, powers: Array) -> None:
        """Keep what was learned, apart from the trainer's buffers."""
        if self.weight_levels is not None:
            self.latent_weights_ = [layer.settings.copy() for layer in trainer.layers]
        self._keep_layers(trainer.fixed_layers())
        self._after_learning(powers[:MAX_CALIBRATED])

    def _check_loss(self) -> None:
        """Refuse to keep a network whose numbers left all bounds."""
        if not np.isfinite(self.loss_curve_[-1]):
            raise ValueError(
                f"The loss became {self.loss_curve_.pop()}; lower learning_rate_init, "
                "output_spread or power_noise."
            )

    def __sklearn_is_fitted__(self) -> bool:
        """Whether there is a network."""
        return hasattr(self, "layers_")

    def _warn_of_failure(self, powers: Array, target: Array) -> None:
        """Say so if the network did not learn, and what may be the reason."""
        outputs, overdrives, _ = self._answer(powers)
        curve = self._design().curve
        held = [np.mean((z < curve.lowest) | (z > curve.highest)) for z in overdrives]
        reached, chance = self._score_of(outputs, target), self._chance(target)
        if reached < chance or (reached == chance and self._is_constant(outputs)):
            warn_user(
                f"The network scores {reached:.3f} on its own training data, and an answer "
                f"that does not look at them {chance:.3f}. Try more passes (max_iter) or "
                "other calibration (drive_spread, output_spread).",
                ConvergenceWarning,
            )
        elif held and max(held) > MAX_HELD_SHARE:
            warn_user(
                f"The clamp holds {100 * max(held):.0f} % of the neurons' currents, and "
                "those do not learn. Lower drive_spread, or raise max_overdrive.",
                ConvergenceWarning,
            )
