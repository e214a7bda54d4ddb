"""How does a layered network take a table, and what can be read inside it?"""

import copy
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from reservoir._columns import checked_table
from reservoir._randomness import stream_of
from reservoir._types import Array, ArrayLike, Floats, RandomState
from reservoir.devices.device import Device
from reservoir.devices.spin_diode import Synapse
from reservoir.layers.base import BaseSpintronic


class TableInput(BaseSpintronic):
    """A network whose samples are rows of powers."""

    chain_means_: list[Floats]

    def __init__(
        self,
        hidden_layer_sizes: Any = (64,),
        *,
        neuron: Device | str | None = None,
        synapse: Synapse | str | None = None,
        spacing: float = 1.0,
        alternate: bool = True,
        lines_per_bus: int = 64,
        lowest_frequency: float = 1e8,
        highest_frequency: float = 2e10,
        line_power: float = 1e-6,
        crosstalk: bool = True,
        frequency_shift: bool = True,
        overdrive: float = 1.5,
        drive_spread: float = 0.3,
        output_spread: float = 1.0,
        max_overdrive: float = 4.0,
        thermal_noise: float | None = None,
        emission: str = "power",
        input_range: tuple[float, float] | None = None,
        initial_weight: float = 0.9,
        weight_levels: int | None = None,
        learning_rate_init: float = 0.03,
        max_iter: int = 40,
        batch_size: int = 64,
        power_noise: float = 0.2,
        detuning_noise: float = 0.0,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-4,
        warm_start: bool = False,
        dtype: Any = "float32",
        random_state: RandomState = None,
        n_jobs: int | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.neuron = neuron
        self.synapse = synapse
        self.spacing = spacing
        self.alternate = alternate
        self.lines_per_bus = lines_per_bus
        self.lowest_frequency = lowest_frequency
        self.highest_frequency = highest_frequency
        self.line_power = line_power
        self.crosstalk = crosstalk
        self.frequency_shift = frequency_shift
        self.overdrive = overdrive
        self.drive_spread = drive_spread
        self.output_spread = output_spread
        self.max_overdrive = max_overdrive
        self.thermal_noise = thermal_noise
        self.emission = emission
        self.input_range = input_range
        self.initial_weight = initial_weight
        self.weight_levels = weight_levels
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.power_noise = power_noise
        self.detuning_noise = detuning_noise
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.warm_start = warm_start
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs

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

        Warns
        -----
        DriveClippingWarning
            If more than 2 % of the powers lie beyond the range of training.
        """
        check_is_fitted(self)
        other = copy.deepcopy(self)
        powers = self._powers(X, warn=True)
        for index, designed in enumerate(self.chain_means_):
            layer = other.layers_[index]
            change = designed - other._means_of_chains(powers)[index]
            biases = (layer.biases + change).astype(self.dtype)
            other.layers_[index] = replace(layer, biases=biases)
        return other

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

    # ------------------------------------------------------------------ within

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        """Checked data, of which none is negative."""
        features, labels = checked_table(
            self, X, y, reset=reset, dtype=np.float64, **self._target_checks
        )
        self._check_signs(features)
        return features, labels

    def _range_of(self, features: Any) -> tuple[float, float]:
        """Least and largest value of training data."""
        return features.min(), features.max()

    def _powers(self, X: ArrayLike, warn: bool = False) -> Any:
        """Checked powers to answer, in units of the full power."""
        features = checked_table(self, X, reset=False, dtype=np.float64)
        self._check_signs(features)
        if warn:
            self._warn_of_clipping(features)
        return self._in_units(features)

    def _in_units(self, features: Any) -> Any:
        """Values of X as shares of the full power."""
        low, high = self.input_range_
        width = high - low if high > low else 1.0
        return np.clip((features - low) / width, 0.0, 1.0).astype(self.dtype)

    def _answer(self, powers: Array) -> tuple[Floats, list[Array], list[Array]]:
        layers = self._all_layers()
        stack = self._stack(layers)
        noise = self._read_noise(powers)
        outputs, overdrives, emitted = stack.predict(
            layers, stack.weights(layers), powers, noise
        )
        return outputs, overdrives, emitted

    def _read_noise(self, powers: Array) -> list[Array] | None:
        """Factors of the powers, from the seed and each row's own numbers."""
        rms = getattr(self, "read_noise_", 0.0)
        if rms == 0:
            return None
        sizes = [layer.settings.shape[1] for layer in self.layers_]
        seed = getattr(self, "read_noise_seed_", self.seed_)
        rows = [stream_of(seed, row).standard_normal(sum(sizes)) for row in powers]
        factors = 1 + rms * np.array(rows).reshape(len(powers), -1)
        factors = np.maximum(factors, 0.0).astype(self.dtype)  # no power is negative
        return np.split(factors, np.cumsum(sizes)[:-1], axis=1)

    def _after_learning(self, powers: Array) -> None:
        self.chain_means_ = self._means_of_chains(powers)

    def _means_of_chains(self, powers: Array) -> list[Floats]:
        """Mean of each chain's sum and bias over some data."""
        outputs, overdrives, _ = self._answer(powers)
        sums = [
            (z * layer.thresholds - self.overdrive) / layer.gain
            for z, layer in zip(overdrives, self.layers_, strict=False)
        ]
        sums.append(outputs / self.layers_[-1].gain)
        return [each.mean(axis=0, dtype=np.float64) for each in sums]
