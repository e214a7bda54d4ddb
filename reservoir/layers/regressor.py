"""A layered network of oscillators and spin diodes that predicts numbers."""

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import real_array, refuse_masked
from reservoir._types import Array, ArrayLike, Floats
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

    @all_or_nothing
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
