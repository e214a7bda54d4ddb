"""One oscillator as a regressor of time series: a target for each frame."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import as_array, real_array, refuse_masked
from reservoir._columns import compare_columns, learn_columns
from reservoir._types import Array, ArrayLike, Floats
from reservoir.multiplexing.block_learning import AfterFirstPass
from reservoir.multiplexing.first_pass import FirstPass
from reservoir.multiplexing.parameters import document_parameters
from reservoir.multiplexing.sequences import Sequences, is_table
from reservoir.multiplexing.series import SeriesReservoir, as_one_series, refuse_one_row


@document_parameters
class ReservoirRegressor(RegressorMixin, SeriesReservoir):
    r"""A target for each frame of a time series, read linearly from the virtual nodes.

    Parameters
    ----------
    {parameters}

    *The readout*

    washout : int, default=0
        Number of first frames of every series that the fit leaves out.
    alpha : float or None, default=None
        Ridge strength: the penalty beside the mean squared error, for standardised features.
        None stands for a choice by the closed-form leave-one-out error in the training data.
    readout_noise : float, default=0.0
        Noise that is added to every reading, as for `TimeMultiplexedReservoir`.
    dtype : {"float64", "float32"}, default="float64"
        Precision of the simulation.
    random_state : None, int, RandomState or Generator, default=None
        Seed of mask and noise. `fit` stores it as `seed_`.
    n_jobs : int or None, default=None
        Number of threads. The answers do not depend on it.

    Attributes
    ----------
    n_features_in_ : int
    readout_ : reservoir.readout.LinearReadout
    alpha_ : float
    oscillator_, node_time_, drive_, ensemble_, loop_gain_, readout_noise_, seed_
        As for `TimeMultiplexedReservoir`.

    Notes
    -----
    A table is one time series with its rows in time order, so their order matters. A list
    holds several series.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirRegressor
    >>> u = np.random.default_rng(0).uniform(-1, 1, size=(600, 1))
    >>> y = np.concatenate([[0.0], u[:-1, 0] * u[1:, 0]])     # needs memory of one step
    >>> model = ReservoirRegressor(n_nodes=100, context=(1,), washout=10, random_state=0)
    >>> model.fit(u[:400], y[:400]).score(u[400:], y[400:]) > 0.95
    True
    """

    _target_checks = {"multi_output": True, "y_numeric": True}

    @all_or_nothing
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn the drive's range and the readout.

        Parameters
        ----------
        X : table, or list of series of shape (n_frames, n_channels)
        y : array-like of shape (n_frames,) or (n_frames, n_targets), or a list of them

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the data or a parameter is not as described.
        """
        self._check_parameters()
        series, targets = self._fit_series(X, y)
        self._check_washout(series)
        self._single_target = targets[0].ndim == 1
        columns = [target.reshape(len(target), -1) for target in targets]
        self._check_columns(X, y, reset=True)
        self._learn(series, columns)
        self._fit_readout(series, columns)
        return self

    @AfterFirstPass
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        *,
        block: int | None = None,
    ) -> Self:
        """Add a block of series to the sums that the readout follows from.

        It can be called after `fit_drive` or `take_drive`. The order of the blocks changes no
        bit of the readout. The oscillator begins anew with every series, so a block does not
        go on where the one before it ended. If `alpha` is None, the ridge strength is chosen
        by folds of blocks, or of groups if the first pass saw groups.

        Parameters
        ----------
        X, y
            As for `fit`.
        groups : array-like of shape (n_series,), default=None
            Groups of series that are left out together when the ridge strength is chosen.
        block : int, default=None
            Number of the block, from 0. None stands for one more than the largest so far.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the data are not as described, the block was learned from already, or a
            parameter was changed since the first pass.
        """
        self._learn_block(block, X, y, groups)
        return self

    def _check_block(
        self, X: ArrayLike, y: ArrayLike, reset: bool
    ) -> tuple[Sequences, list[Array], Floats]:
        series, targets = self._fit_series(X, y, reset)
        self._check_washout(series)
        if reset:
            self._single_target = targets[0].ndim == 1
        columns = [target.reshape(len(target), -1) for target in targets]
        return series, columns, np.max([np.abs(part).max(axis=0) for part in columns], axis=0)

    def _prepare_targets(self, first: FirstPass) -> None:
        self._single_target = first.single_target

    def _columns(self, targets: list[Array], sequences: Sequences) -> list[Array]:
        n_targets = len(self.sums_.target_units)
        if targets[0].shape[1] != n_targets:
            raise ValueError(
                f"y has {targets[0].shape[1]} targets, but the first pass saw {n_targets}; "
                "every block must have as many."
            )
        return targets

    def _refit_readout(
        self, X: ArrayLike, y: ArrayLike, through: Sequence[Self] = ()
    ) -> None:
        """As `_fit_readout`, from new series with as many targets as were learned."""
        series, targets = self._fit_series(X, y, reset=False)
        self._check_washout(series)
        columns = [target.reshape(len(target), -1) for target in targets]
        n_targets = len(self.readout_.intercept)
        if columns[0].shape[1] != n_targets:
            raise ValueError(
                f"y has {columns[0].shape[1]} targets, but this {type(self).__name__} has "
                f"learned {n_targets}; it must have as many."
            )
        self._fit_readout(series, columns, through)

    def predict(self, X: ArrayLike) -> Array | list[Array]:
        """Target of each frame.

        Parameters
        ----------
        X : table, or list of series

        Returns
        -------
        ndarray of shape (n_frames,) or (n_frames, n_targets), or a list of them
        """
        outputs = self._outputs(X)
        if self._single_target:
            outputs = [output[:, 0] for output in outputs]
        return outputs[0] if is_table(X) else outputs

    def score(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Coefficient of determination, over the frames of all series together.

        Parameters
        ----------
        X : table, or list of series
        y : array-like of targets, or a list of them
        sample_weight : array-like of shape (n_frames,), default=None

        Returns
        -------
        float
        """
        refuse_masked("sample_weight", sample_weight, ("frame",))
        predicted = self.predict(X)
        if is_table(X):
            refuse_masked("y", y, ("frame", "target"))
            targets = real_array("y", y, booleans=True)
        else:
            targets = np.concatenate(_check_targets(y, self._series(X)))
            predicted = np.concatenate(predicted)
        self._check_columns(X, y, reset=False)
        return float(r2_score(targets, predicted, sample_weight=sample_weight))

    def _check_columns(self, X: ArrayLike, y: Any, reset: bool) -> None:
        """Learn or compare the columns of targets that are data frames."""
        one = is_table(X)
        frames = [part for part in ([y] if one else y) if hasattr(part, "columns")]
        if reset:
            learn_columns(self, "target_columns_", frames[0] if frames else None)
        for frame in frames:
            compare_columns(self, "target_columns_", frame, "y" if one else "A part of y")

    def _fit_series(
        self, X: ArrayLike, y: Any, reset: bool = True
    ) -> tuple[Sequences, list[Array]]:
        """Checked series and their targets; a table is one series."""
        if not is_table(X):
            series, y = self._validate(X, y, reset)
            return series, _check_targets(y, series)
        refuse_masked("y", y, ("frame", "target"))
        if y is not None and as_array("y", y).dtype.kind != "c":
            y = real_array("y", y, booleans=True)
        rows, y = self._validate(X, y, reset)
        refuse_one_row(rows)
        if y.shape == (len(rows), rows.n_channels) and len(rows) < rows.n_channels:
            raise ValueError(
                f"X and y are tables of shape {y.shape}, which would be one series of "
                f"{len(rows)} frames of {rows.n_channels} channels. If that is meant, say so "
                "with fit([X], [y]). If their rows are series of one channel, give lists of "
                "arrays of shape (n_frames, 1)."
            )
        return as_one_series(rows), [y]

    def __sklearn_tags__(self) -> Any:
        """Say that there may be several targets."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _check_targets(y: Any, series: Sequences) -> list[Array]:
    found = len(y) if hasattr(y, "__len__") else repr(y)
    if found != len(series):
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: X holds "
            f"{len(series)} series and y {found}; give one array of targets a series."
        )
    targets = [_check_target(index, target) for index, target in enumerate(y)]
    for index, (target, length) in enumerate(zip(targets, series.lengths, strict=True)):
        if target.ndim not in (1, 2) or len(target) != length or not target.size:
            lying = target.ndim > 0 and target.shape[-1] == series.n_channels > 1 == length
            cure = (
                " Is the series transposed? series.T makes frames of rows." if lying else ""
            )
            raise ValueError(
                f"The targets of series {index} have shape {target.shape}; its {length} "
                f"frames need one row each.{cure}"
            )
        if target.shape[1:] != targets[0].shape[1:]:
            raise ValueError(
                f"The targets of series {index} have shape {target.shape}, those of series "
                f"0 {targets[0].shape}; all must have the same columns."
            )
        if not np.isfinite(target).all():
            raise ValueError(
                f"The targets of series {index} hold NaN or infinity; every target must "
                "be finite."
            )
    if series.lengths.max() == 1 and targets[0].shape[1:] == (series.n_channels,) != (1,):
        raise ValueError(
            f"Every series has one frame of {series.n_channels} channels and as many "
            "targets. If they are series of one channel, give series.T and its targets as "
            "one column."
        )
    return targets


def _check_target(index: int, target: Any) -> Array:
    name = f"The array of targets of series {index}"
    refuse_masked(name, target, ("frame", "target"))
    if as_array(name, target).dtype.kind == "c":
        raise ValueError(f"Complex data not supported: {name} is complex.")
    return real_array(name, target, booleans=True).astype(np.float64)
