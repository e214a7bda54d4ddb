"""The oscillator as a regressor of time series: one target for each frame."""

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted

from reservoir._checks import check_integer
from reservoir.multiplexing.base import BaseReservoir
from reservoir.multiplexing.classifier import _check_alpha
from reservoir.multiplexing.parameters import document_parameters
from reservoir.multiplexing.sequences import Packed, is_table
from reservoir.readout import KEPT, fit_given, fit_leave_one_out, keep


@document_parameters
class ReservoirRegressor(RegressorMixin, BaseReservoir):
    r"""A target for each frame of a time series, read linearly from the virtual nodes.

    Parameters
    ----------
    {parameters}
    washout : int, default=0
        First frames of every series that the fit leaves out.
    alpha : float or None, default=None
        Ridge strength: penalty beside the mean squared error, for standardised features.
        None: chosen by the closed-form leave-one-out error in the training data.
    readout_noise : float, default=0.0
        Readout noise, as for `TimeMultiplexedReservoir`.
    dtype : {"float64", "float32"}, default="float64"
        Precision of the simulation.
    random_state : None, int or RandomState, default=None
        Seed of mask and noise; stored at fit as `seed_`.
    n_jobs : int or None, default=None
        Threads. The answers do not depend on it.

    Attributes
    ----------
    n_features_in_ : int
    readout_ : reservoir.readout.LinearReadout
    alpha_ : float
    oscillator_, node_time_, drive_, ensemble_, loop_gain_, readout_noise_, seed_
        As for `TimeMultiplexedReservoir`.

    Notes
    -----
    A table is one time series, its rows in time order; a list holds several series. The
    order of rows therefore matters.

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

    def __init__(
        self,
        oscillator=None,
        n_nodes=400,
        node_time=None,
        mask="binary",
        drive_range=(0.6, 1.6),
        current_limits=None,
        node_bias=0.0,
        standardize=False,
        context=(),
        feedback_gain=0.0,
        loop_gain=None,
        feedback_delay=None,
        n_oscillators=1,
        own_masks=False,
        coupling=0.0,
        detuning=0.0,
        read="amplitude",
        thermal_noise=0.0,
        drift=0.0,
        bits=None,
        washout=0,
        alpha=None,
        readout_noise=0.0,
        dtype="float64",
        random_state=None,
        n_jobs=None,
    ):
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

    _target_checks = {"multi_output": True, "y_numeric": True}

    def fit(self, X, y):
        """Learn the drive's range and the readout.

        Parameters
        ----------
        X : table, or list of series of shape (n_frames, n_channels)
        y : array-like of shape (n_frames,) or (n_frames, n_targets), or a list of them

        Returns
        -------
        self
        """
        check_integer(self, "washout", 0)
        _check_alpha(self)
        series, targets = self._fit_series(X, y)
        if (series.lengths <= self.washout).all():
            raise ValueError(
                f"washout is {self.washout}, but the longest series has "
                f"{series.lengths.max()} frames; nothing would be left to fit."
            )
        self._single_target = targets[0].ndim == 1
        columns = [target.reshape(len(target), -1) for target in targets]
        self._learn(series)

        def rows():
            for part, packed, states, _ in self._state_blocks(series):
                fitted = np.concatenate(
                    [np.arange(length) >= self.washout for length in packed.lengths]
                )
                yield states[fitted], np.concatenate(columns[part])[fitted], None

        if series.lengths.sum() * self.n_oscillators * self.n_nodes * 8 <= KEPT:
            rows = keep(rows)
        self.readout_ = (
            fit_leave_one_out(rows) if self.alpha is None else fit_given(rows, self.alpha)
        )
        self.alpha_ = self.readout_.alpha
        return self

    def predict(self, X):
        """Target of each frame.

        Parameters
        ----------
        X : table, or list of series

        Returns
        -------
        ndarray of shape (n_frames,) or (n_frames, n_targets), or a list of them
        """
        check_is_fitted(self)
        series = self._validate(X, reset=False)
        if is_table(X):
            series = _as_one_series(series)
        outputs, n_clipped = [], 0
        for _, packed, states, clipped in self._state_blocks(series):
            whole = self.readout_(states)
            if self._single_target:
                whole = whole[:, 0]
            outputs.extend(Packed(whole, packed.starts, packed.lengths))
            n_clipped += clipped.sum()
        self._warn_of_clipping(n_clipped, series.lengths.sum())
        return outputs[0] if is_table(X) else outputs

    def score(self, X, y, sample_weight=None):
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
        predicted = self.predict(X)
        if not is_table(X):
            y, predicted = np.concatenate(list(y)), np.concatenate(predicted)
        return r2_score(y, predicted, sample_weight=sample_weight)

    def _fit_series(self, X, y):
        """Checked series and their targets; a table is one series."""
        series, y = self._validate(X, y)
        if is_table(X):
            return _as_one_series(series), [y]
        return series, _check_targets(y, series)

    def __sklearn_tags__(self):
        """Say that there may be several targets."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _as_one_series(rows):
    return type(rows)(rows.arrays.transpose(1, 0, 2))


def _check_targets(y, series):
    if len(y) != len(series):
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: X holds "
            f"{len(series)} series and y {len(y)}; give one array of targets a series."
        )
    targets = [np.asarray(target) for target in y]
    if any(target.dtype.kind == "c" for target in targets):
        raise ValueError("Complex data not supported: the targets are complex.")
    targets = [target.astype(np.float64) for target in targets]
    for index, (target, length) in enumerate(zip(targets, series.lengths, strict=True)):
        if target.ndim not in (1, 2) or len(target) != length:
            raise ValueError(
                f"The targets of series {index} have shape {target.shape}; its {length} "
                "frames need one row each."
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
    return targets
