"""How does a layered network learn, and how does it answer?"""

import copy
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from reservoir._checks import Choice, Integer, Real, check_value
from reservoir._columns import checked_table
from reservoir._randomness import seed_of, stream_of
from reservoir._types import Array, ArrayLike, Floats
from reservoir.exceptions import DriveClippingWarning
from reservoir.layers.design import Design, make_design
from reservoir.layers.parameters import RANGES, check_layered, hidden_sizes
from reservoir.layers.physical import PhysicalUnits
from reservoir.layers.stack import ChainLayer, Stack, calibrate
from reservoir.layers.training import Adam, Loss, Settings, Trainer, quantizer

MAX_CALIBRATED = 4096  # rows that set biases and gains
MAX_CLIPPED_SHARE = 0.02  # of the powers at predict; more of them call for a warning
OF_FAULTS = ("faults_", "read_noise_", "read_noise_seed_")  # learned anew without them
MAX_HELD_SHARE = 0.1  # of the neurons' currents in training that the clamp holds; likewise


class BaseSpintronic(PhysicalUnits, BaseEstimator):
    """Layers of spin-diode synapses and oscillator neurons; a subclass has the loss."""

    _parameter_ranges = RANGES
    _target_checks: ClassVar[dict[str, Any]] = {}
    _loss: ClassVar[Loss]
    adam_: tuple[Array, Array, int]

    # ------------------------------------------------------------------ learning

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Calibrate all layers on the training data, then learn detunings and biases.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Powers, none negative. A column that is constant in training is a line without a
            signal.
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
            powers, held_powers, target, held_target = self._split(powers, target)
            held = held_powers, held_target
        self._begin(powers, generator, again)
        trainer = self._trainer(self.learning_rate_init)
        self.loss_curve_: list[float] = []
        with threadpool_limits(1, user_api="blas"):
            self._run(trainer, (powers, target), generator, held)
        self.n_iter_ = len(self.loss_curve_)
        self.__dict__.pop("adam_", None)
        self._finish(trainer, learned[0])
        self._warn_of_failure(*learned)
        return self

    def _partial_fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """One pass over the data, with steps of constant length."""
        again = hasattr(self, "layers_")
        powers, target = self._start(X, y, again)
        number = self.n_iter_ if again else 0
        generator = np.random.default_rng([self.seed_, number])
        self._begin(powers, generator, again)
        trainer = self._trainer(self.learning_rate_init)
        if again and hasattr(self, "adam_"):
            trainer.adam = Adam(self.adam_[0].copy(), self.adam_[1].copy(), self.adam_[2])
        if not again:
            self.loss_curve_ = []
        rates = [self.learning_rate_init] * trainer.n_batches(len(powers))
        with threadpool_limits(1, user_api="blas"):
            self.loss_curve_.append(trainer.epoch(powers, target, generator, rates))
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
        X : array-like of shape (n_samples, n_features)
        y : array-like
            Labels or targets, as for `fit`.
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
        """
        check_is_fitted(self)
        rate = self.learning_rate_init if learning_rate_init is None else learning_rate_init
        check_value("layers", layers, Choice(("all", "last")))
        check_value("max_iter", max_iter, Integer(1))
        check_value("learning_rate_init", rate, Real(above=0, what="step in half linewidths"))
        other = copy.deepcopy(self)
        other.__dict__.pop("latent_weights_", None)
        powers, target = other._start(X, y, again=True)
        frozen = range(len(self.layers_) - 1) if layers == "last" else range(0)
        trainer = other._trainer(float(rate), frozenset(frozen))
        generator = np.random.default_rng([self.seed_, self.n_iter_])
        with threadpool_limits(1, user_api="blas"):
            for epoch in range(max_iter):
                rates = trainer.cosine(epoch, max_iter, len(powers))
                other.loss_curve_.append(trainer.epoch(powers, target, generator, rates))
        other.n_iter_ += max_iter
        other._finish(trainer, powers)
        return other

    def recalibrate(self, X: ArrayLike) -> Self:
        """A copy whose biases bring each chain back to its mean in training; no labels.

        The mean voltage of each chain over `X` is measured, layer by layer, and the bias of
        its amplifier is moved until the mean is that of the training data, `chain_means_`.
        This is one number for each chain.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data as in training.

        Returns
        -------
        estimator
            A copy; this estimator is unchanged.
        """
        check_is_fitted(self)
        other = copy.deepcopy(self)
        powers = self._powers(X)
        for index, designed in enumerate(self.chain_means_):
            layer = other.layers_[index]
            change = designed - other._means_of_chains(powers)[index]
            biases = (layer.biases + change).astype(self.dtype)
            other.layers_[index] = replace(layer, biases=biases)
        return other

    # ------------------------------------------------------------------ answers

    def currents(self, X: ArrayLike) -> list[Floats]:
        """Currents of the neurons of each hidden layer.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        list of ndarray of shape (n_samples, n_neurons)
            In A, before the clamp.
        """
        check_is_fitted(self)
        unit = self._design().drive_unit
        _, overdrives, _ = self._answer(self._powers(X))
        return [
            unit * overdrive.astype(float) * layer.thresholds
            for overdrive, layer in zip(overdrives, self.layers_, strict=False)
        ]

    def powers(self, X: ArrayLike) -> list[Floats]:
        """Powers on the lines that enter each layer: of the inputs first, then of neurons.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        list of ndarray of shape (n_samples, n_lines)
            In W.
        """
        check_is_fitted(self)
        powers = self._powers(X)
        entering = [powers, *self._answer(powers)[2]]
        return [
            self.line_power * power.astype(float) * layer.line_gains
            for power, layer in zip(entering, self.layers_, strict=True)
        ]

    def voltages(self, X: ArrayLike) -> list[Floats]:
        """Voltage of each chain, with the bias of its amplifier.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        list of ndarray of shape (n_samples, n_chains)
            For each layer, in V. The outputs of the network are those of the last layer times
            its gain in `gains_`.
        """
        check_is_fitted(self)
        gains = self.gains_
        outputs, overdrives, _ = self._answer(self._powers(X))
        unit = self._design().drive_unit
        voltages = [
            unit * (z.astype(float) * layer.thresholds - self.overdrive) / gain
            for z, layer, gain in zip(overdrives, self.layers_, gains, strict=False)
        ]
        return [*voltages, outputs / gains[-1]]

    def _outputs(self, X: ArrayLike) -> Floats:
        """Outputs of the last layer for data to predict."""
        check_is_fitted(self)
        return self._answer(self._powers(X, warn=True))[0]

    def _answer(self, powers: Array) -> tuple[Floats, list[Array], list[Array]]:
        stack = self._stack(self.layers_)
        noise = self._read_noise(powers)
        outputs, overdrives, emitted = stack.predict(
            self.layers_, stack.weights(self.layers_), powers, noise
        )
        return outputs, overdrives, emitted

    def _read_noise(self, powers: Array) -> list[Array] | None:
        """Factors of the powers, from a seed and each row's own numbers."""
        rms = getattr(self, "read_noise_", 0.0)
        if rms == 0:
            return None
        sizes = [layer.settings.shape[1] for layer in self.layers_]
        seed = getattr(self, "read_noise_seed_", self.seed_)
        rows = [stream_of(seed, row).standard_normal(sum(sizes)) for row in powers]
        factors = (1 + rms * np.array(rows).reshape(len(powers), -1)).astype(self.dtype)
        return np.split(factors, np.cumsum(sizes)[:-1], axis=1)

    # ------------------------------------------------------------------ the data

    def _check_target(self, y: Any, again: bool) -> Array:
        """Targets as the loss takes them; keeps what a subclass learns of them."""
        raise NotImplementedError

    def _n_outputs(self) -> int:
        """Chains of the last layer."""
        raise NotImplementedError

    def _score_of(self, outputs: Floats, target: Array) -> float:
        """Score of outputs, of which more is better."""
        raise NotImplementedError

    def _chance(self, target: Array) -> float:
        """Score of an answer that does not look at the data."""
        raise NotImplementedError

    def _start(self, X: ArrayLike, y: Any, again: bool) -> tuple[Array, Array]:
        """Checked powers and targets."""
        check_layered(self)
        features, labels = checked_table(
            self, X, y, reset=not again, dtype=np.float64, **self._target_checks
        )
        self._check_signs(features)
        target = self._check_target(labels, again)
        if not again:
            for stale in (*OF_FAULTS, "latent_weights_", "layers_"):
                self.__dict__.pop(stale, None)
            self.seed_ = seed_of(self.random_state)
            low, high = self.input_range or (features.min(), features.max())
            self.input_range_ = float(low), float(high)
        return self._in_units(features), target

    def _powers(self, X: ArrayLike, warn: bool = False) -> Array:
        """Checked powers to answer, in units of the full power."""
        features = checked_table(self, X, reset=False, dtype=np.float64)
        self._check_signs(features)
        powers = self._in_units(features)
        low, high = self.input_range_
        share = np.mean((features < low) | (features > high)) if high > low else 0.0
        if warn and share > MAX_CLIPPED_SHARE:
            warnings.warn(
                f"{100 * share:.1f} % of the powers lie beyond the range from {low:.3g} to "
                f"{high:.3g} that stands for no and for full power, and were clipped.",
                DriveClippingWarning,
                stacklevel=4,
            )
        return powers

    def _in_units(self, features: Floats) -> Array:
        """Values of X as shares of the full power."""
        low, high = self.input_range_
        width = high - low if high > low else 1.0
        return np.clip((features - low) / width, 0.0, 1.0).astype(self.dtype)

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

    def _stack(self, layers: Sequence[ChainLayer]) -> Stack:
        return self._design().stack(layers, self.dtype, effective_n_jobs(self.n_jobs))

    def _begin(self, powers: Array, generator: np.random.Generator, again: bool) -> None:
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
        stack = design.stack(layers, self.dtype, effective_n_jobs(self.n_jobs))
        self.layers_ = calibrate(stack, layers, powers[:MAX_CALIBRATED], spreads)

    def _trainer(self, rate: float, frozen: frozenset[int] = frozenset()) -> Trainer:
        """What learns, from `layers_` on."""
        design = self._design()
        layers, quantize, limit = list(self.layers_), None, design.synapse.tuning
        if self.weight_levels is not None:
            limit = max(map(abs, design.synapse.weight_range()))
            quantize = quantizer(design.synapse, int(self.weight_levels), self.dtype)
            kept = getattr(self, "latent_weights_", None) or [
                np.asarray(design.synapse.weight(layer.settings), self.dtype)
                for layer in layers
            ]
            layers = [
                replace(layer, settings=latent)
                for layer, latent in zip(layers, kept, strict=True)
            ]
        settings = Settings(
            rate=rate,
            batch_size=int(self.batch_size),
            power_noise=float(self.power_noise),
            setting_noise=float(self.detuning_noise),
            limit=float(limit),
            quantize=quantize,
        )
        stack = design.stack(layers, self.dtype, effective_n_jobs(self.n_jobs))
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

    def _split(self, powers: Array, target: Array) -> list[Array]:
        """Training and held-out data, with the classes of a classifier in equal shares."""
        stratify = target if target.ndim == 1 else None
        parts: list[Array] = train_test_split(
            powers,
            target,
            test_size=self.validation_fraction,
            random_state=self.seed_,
            stratify=stratify,
        )
        return parts

    def _finish(self, trainer: Trainer, powers: Array) -> None:
        """Keep what was learned, apart from the trainer's buffers."""
        if self.weight_levels is not None:
            self.latent_weights_ = [layer.settings.copy() for layer in trainer.layers]
        self.layers_ = trainer.fixed_layers()
        self.chain_means_ = self._means_of_chains(powers[:MAX_CALIBRATED])

    def _means_of_chains(self, powers: Array) -> list[Floats]:
        """Mean of each chain's sum and bias over some data."""
        outputs, overdrives, _ = self._answer(powers)
        sums = [
            (z * layer.thresholds - self.overdrive) / layer.gain
            for z, layer in zip(overdrives, self.layers_, strict=False)
        ]
        sums.append(outputs / self.layers_[-1].gain)
        return [each.mean(axis=0, dtype=np.float64) for each in sums]

    def _warn_of_failure(self, powers: Array, target: Array) -> None:
        """Say so if the network did not learn, and what may be the reason."""
        if not np.isfinite(self.loss_curve_[-1]):
            raise ValueError(
                f"The loss became {self.loss_curve_[-1]}; lower learning_rate_init or "
                "power_noise."
            )
        outputs, overdrives, _ = self._answer(powers)
        curve = self._design().curve
        held = [np.mean((z < curve.lowest) | (z > curve.highest)) for z in overdrives]
        reached, chance = self._score_of(outputs, target), self._chance(target)
        if reached < chance:
            warnings.warn(
                f"The network scores {reached:.3f} on its own training data, and an answer "
                f"that does not look at them {chance:.3f}. Try more passes (max_iter) or "
                "other calibration (drive_spread, output_spread).",
                ConvergenceWarning,
                stacklevel=3,
            )
        elif held and max(held) > MAX_HELD_SHARE:
            warnings.warn(
                f"The clamp holds {100 * max(held):.0f} % of the neurons' currents, and "
                "those do not learn. Lower drive_spread, or raise max_overdrive.",
                ConvergenceWarning,
                stacklevel=3,
            )
