"""One oscillator as a regressor of time series: a target for each frame."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted

from reservoir._checks import Integer, OrNone, Real, as_array, real_array, refuse_masked
from reservoir._columns import compare_columns, learn_columns
from reservoir._types import Array, ArrayLike, Integers, RandomState
from reservoir.devices import Device
from reservoir.masks import Ripple
from reservoir.multiplexing.base import BaseReservoir
from reservoir.multiplexing.drive import join_taps
from reservoir.multiplexing.parameters import RANGES, document_parameters
from reservoir.multiplexing.sequences import Packed, Sequences, is_table
from reservoir.readout import (
    MAX_KEPT_BYTES,
    fit_folds,
    fit_given,
    fit_leave_one_out,
    keep,
)

MAX_TAPS = 9  # that nobody asked for
NODES_PER_INPUT = 20  # nodes for each channel of each of those taps
MAX_REST = 0.95  # of the linear error, that they must leave at most
MAX_CHECKED = 5000  # frames, of which is seen whether they do
N_FOLDS = 5

Rows = Iterator[tuple[Array, Array, Integers]]


@document_parameters
class ReservoirRegressor(RegressorMixin, BaseReservoir):
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

    _parameter_ranges = {
        **RANGES,
        "washout": Integer(0),
        "alpha": OrNone(Real(above=0)),
    }
    _target_checks = {"multi_output": True, "y_numeric": True}
    _table_is_series = True

    def __init__(
        self,
        oscillator: Device | str | None = None,
        n_nodes: int = 400,
        *,
        node_time: float | None = None,
        mask: str | Ripple | ArrayLike = "binary",
        drive_range: tuple[float, float] = (0.6, 1.6),
        current_limits: tuple[float, float] | None = None,
        node_bias: float | ArrayLike = 0.0,
        standardize: bool | None = None,
        context: Sequence[int] | None = None,
        feedback_gain: float = 0.0,
        loop_gain: float | None = None,
        feedback_delay: int | Sequence[int] | None = None,
        n_oscillators: int = 1,
        own_masks: bool = False,
        coupling: Any = 0.0,
        detuning: float | ArrayLike = 0.0,
        read: str = "amplitude",
        thermal_noise: float = 0.0,
        drift: float = 0.0,
        bits: int | None = None,
        washout: int = 0,
        alpha: float | None = None,
        readout_noise: float = 0.0,
        dtype: Any = "float64",
        random_state: RandomState = None,
        n_jobs: int | None = None,
    ) -> None:
        self.oscillator = oscillator
        self.n_nodes = n_nodes
        self.node_time = node_time
        self.mask = mask
        self.drive_range = drive_range
        self.current_limits = current_limits
        self.node_bias = node_bias
        self.standardize = standardize
        self.context = context
        self.feedback_gain = feedback_gain
        self.loop_gain = loop_gain
        self.feedback_delay = feedback_delay
        self.n_oscillators = n_oscillators
        self.own_masks = own_masks
        self.coupling = coupling
        self.detuning = detuning
        self.read = read
        self.thermal_noise = thermal_noise
        self.drift = drift
        self.bits = bits
        self.washout = washout
        self.alpha = alpha
        self.readout_noise = readout_noise
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs

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

    def _fit_readout(
        self, series: Sequences, columns: list[Array], through: Sequence[Self] = ()
    ) -> None:
        """Fit the readout through mask, drive and device as they are.

        With `through`, it is fitted to what several copies make of the series.
        """
        copies = through or (self,)
        n_frames = int(series.lengths.sum())
        # Equal stretches of time, of which one is left out of all copies.
        folds = np.arange(n_frames) * N_FOLDS // n_frames

        def rows() -> Rows:
            for one in copies:
                first = 0
                for part, packed, states, _ in one._state_blocks(series):
                    fitted = np.concatenate(
                        [np.arange(length) >= self.washout for length in packed.lengths]
                    )
                    fold = folds[first : first + len(fitted)][fitted]
                    first += len(fitted)
                    if len(fold):  # not all in the washout
                        yield states[fitted], np.concatenate(columns[part])[fitted], fold

        n_bytes = len(copies) * n_frames * self._n_columns * 8
        kept = keep(rows) if n_bytes <= MAX_KEPT_BYTES else rows
        if self.alpha is not None:
            self.readout_ = fit_given(kept, self.alpha)
        elif len(copies) == 1:
            self.readout_ = fit_leave_one_out(kept)
        else:
            self.readout_ = fit_folds(kept, kept)
        self.alpha_ = self.readout_.alpha

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

    def _check_washout(self, series: Sequences) -> None:
        """Refuse series of which nothing is left behind the washout."""
        if (series.lengths <= self.washout).all():
            raise ValueError(
                f"washout is {self.washout}, but the longest series has "
                f"{series.lengths.max()} frames; nothing would be left to fit."
            )

    def predict(self, X: ArrayLike) -> Array | list[Array]:
        """Target of each frame.

        Parameters
        ----------
        X : table, or list of series

        Returns
        -------
        ndarray of shape (n_frames,) or (n_frames, n_targets), or a list of them
        """
        check_is_fitted(self)
        series = self._series(X)
        outputs: list[Array] = []
        n_clipped = 0
        for _, packed, states, clipped in self._state_blocks(series):
            whole = self.readout_(states)
            if self._single_target:
                whole = whole[:, 0]
            outputs.extend(Packed(whole, packed.starts, packed.lengths))
            n_clipped += clipped.sum()
        self._warn_of_clipping(n_clipped, series.lengths.sum())
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

    def _default_context(self, series: Sequences, targets: Any) -> Sequence[int]:
        """As many frames as the nodes tell apart, if the targets depend on earlier ones."""
        n_taps = int(self.n_nodes) // (NODES_PER_INPUT * self.n_features_in_)
        delays = range(1, 1 + min(n_taps, MAX_TAPS))
        return delays if len(delays) and _depends(series, targets, delays) else ()

    def _series(self, X: ArrayLike) -> Sequences:
        """Checked series to predict; a table is one series."""
        series = super()._series(X)
        return _as_one_series(series) if is_table(X) else series

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
        if len(rows) == 1:
            raise ValueError(
                f"X is one series of 1 sample (n_samples = 1) of {rows.n_channels} channels; "
                "a series has its frames in rows: X.reshape(-1, 1) makes one channel."
            )
        if y.shape == (len(rows), rows.n_channels) and len(rows) < rows.n_channels:
            raise ValueError(
                f"X and y are tables of shape {y.shape}, which would be one series of "
                f"{len(rows)} frames of {rows.n_channels} channels. If that is meant, say so "
                "with fit([X], [y]). If their rows are series of one channel, give lists of "
                "arrays of shape (n_frames, 1)."
            )
        return _as_one_series(rows), [y]

    def __sklearn_tags__(self) -> Any:
        """Say that there may be several targets."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _depends(series: Sequences, targets: list[Array], delays: Sequence[int]) -> bool:
    """Whether earlier frames tell a linear map more of the targets than frames alone."""
    rests = []
    for taps in ((0,), (0, *delays)):
        inputs = np.concatenate([join_taps(frames, taps) for frames in series.arrays])
        table = np.column_stack([inputs, np.ones(len(inputs))])[:MAX_CHECKED]
        wanted = np.concatenate(targets)[:MAX_CHECKED]
        # Of ordinary size, whatever the units are.
        table = table / (np.abs(table).max(axis=0) + np.finfo(float).tiny)
        wanted = wanted / (np.abs(wanted).max(axis=0) + np.finfo(float).tiny)
        errors = wanted - table @ np.linalg.lstsq(table, wanted, rcond=None)[0]
        n_free = len(table) - table.shape[1]
        if n_free < 1:
            return False
        rests.append(np.sum(errors**2) / n_free)
    return bool(rests[1] < MAX_REST * rests[0])


def _as_one_series(rows: Sequences) -> Sequences:
    """One series of the rows of a table, which are sequences of one frame."""
    return Sequences(np.transpose(rows.arrays, (1, 0, 2)))


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
