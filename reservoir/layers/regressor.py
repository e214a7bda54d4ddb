"""A layered network of oscillators and spin diodes that predicts numbers."""

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from reservoir._checks import real_array, refuse_masked
from reservoir._types import Array, ArrayLike, Floats, RandomState
from reservoir.devices.device import Device
from reservoir.devices.spin_diode import Synapse
from reservoir.layers.base import BaseSpintronic
from reservoir.layers.parameters import document_layers
from reservoir.layers.tables import TableInput
from reservoir.layers.training import squared_error


@document_layers
class SpintronicRegressor(RegressorMixin, TableInput, BaseSpintronic):
    """Layers of auto-oscillators and spin diodes that predict numbers.

    The network is that of `SpintronicClassifier`. Its outputs are the targets, less their
    mean and over their standard deviation, and learning lowers the mean squared error.

    Parameters
    ----------
    {sizes}

    *The devices*

    {devices}
    {shift}
    {working_point}
    {emission}
    {input}

    *How it learns*

    {learning}

    Attributes
    ----------
    target_mean_, target_scale_ : ndarray of shape (n_outputs,)
        Mean and standard deviation of the targets of the first training data.
    chain_means_ : list of ndarray of shape (n_chains,)
        Mean of each chain over the training data after learning; `recalibrate` restores it.
    {attributes}

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.layers import SpintronicRegressor
    >>> X = np.random.default_rng(0).uniform(size=(600, 2))
    >>> y = np.maximum(X[:, 0], X[:, 1])
    >>> network = SpintronicRegressor((16,), power_noise=0.0, random_state=0)
    >>> network.fit(X[:500], y[:500]).score(X[500:], y[500:]) > 0.9
    True
    """

    _loss = staticmethod(squared_error)
    _target_checks: ClassVar[dict[str, Any]] = {"multi_output": True, "y_numeric": True}

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

    def partial_fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from one pass over some data, with steps of constant length.

        The first call draws and calibrates the network on its data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the data are not as described.
        """
        return self._partial_fit(X, y)

    def predict(self, X: ArrayLike) -> Floats:
        """Targets of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
        """
        outputs = self._outputs(X)
        targets: Floats = outputs * self.target_scale_ + self.target_mean_
        return targets[:, 0] if self._single_target else targets

    def score(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Coefficient of determination.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        float
        """
        refuse_masked("y", y, ("row", "target"))
        refuse_masked("sample_weight", sample_weight, ("row",))
        return float(super().score(X, y, sample_weight))

    def _check_target(self, y: Any, again: bool) -> Array:
        targets = real_array("y", y, booleans=True).astype(np.float64)
        single = targets.ndim == 1
        targets = targets.reshape(len(targets), -1)
        if not again:
            self._single_target = single
            self.target_mean_: Floats = targets.mean(axis=0)
            scale = targets.std(axis=0)
            self.target_scale_: Floats = np.where(scale > 0, scale, 1.0)
        elif targets.shape[1] != len(self.target_mean_):
            raise ValueError(
                f"y has {targets.shape[1]} columns, but the network has "
                f"{len(self.target_mean_)} outputs."
            )
        return ((targets - self.target_mean_) / self.target_scale_).astype(self.dtype)

    def _n_outputs(self) -> int:
        return len(self.target_mean_)

    def _score_of(self, outputs: Floats, target: Array) -> float:
        return float(r2_score(target, outputs)) if len(target) > 1 else 0.0

    def _chance(self, target: Array) -> float:
        return 0.0 if np.ptp(target) > 0 else -np.inf

    def __sklearn_tags__(self) -> Any:
        """Say that there may be several targets."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
