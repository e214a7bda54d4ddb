"""The oscillator as a classifier of sequences and as a regressor of time series."""

import numbers

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from reservoir.checks import check_integer
from reservoir.multiplexing import BaseReservoir, document_parameters
from reservoir.readout import KEPT, fit_folds, fit_given, fit_leave_one_out, keep
from reservoir.sequences import Packed, is_table

N_FOLDS = 5
POOLINGS = ("segments", "mean", "last", "vote")


@document_parameters
class ReservoirClassifier(ClassifierMixin, BaseReservoir):
    r"""One label for each sequence, read linearly from one oscillator's virtual nodes.

    Parameters
    ----------
    {parameters}
    pooling : {"segments", "mean", "last", "vote"}, default="segments"
        What the readout sees of a sequence: the mean amplitudes of `n_segments` equal
        segments, of the whole, or its last frame. "vote" is the published protocol:
        every frame is trained to the label, the outputs are averaged over the sequence.
    n_segments : int, default=4
        For ``pooling="segments"``.
    alpha : float or None, default=None
        Ridge strength: penalty beside the mean squared error, for standardised features.
        None: chosen inside the training data by the closed-form leave-one-out error, or
        by folds if `groups` are given to `fit` or pooling is "vote".
    noise : float, default=0.0
        Readout noise added to every amplitude, as the ratio of its rms to the standard
        deviation of the amplitudes in the training data. It is drawn from the seed and
        the sequence's own bytes: equal sequences get equal noise, in any order.
    dtype : {"float64", "float32"}, default="float64"
        Precision of the simulation; the readout is always fitted in double precision.
    random_state : None, int or RandomState, default=None
        Seed of mask and noise; stored at fit as `seed_`.
    n_jobs : int or None, default=None
        Threads. The answers do not depend on it.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
        Channels of each frame.
    readout_ : reservoir.readout.LinearReadout
    alpha_ : float
        Ridge strength that was used.
    oscillator_, node_time_, drive_, ensemble_, loop_gain_, noise_, seed_
        As for `TimeMultiplexedReservoir`.

    Notes
    -----
    The readout is fitted from Gram matrices that are accumulated block by block, so memory
    does not grow with the number of sequences. `predict` has no side effect, and a
    sequence's answer depends neither on the others nor on `n_jobs`, to the last bit.

    References
    ----------
    .. [1] J. Torrejon et al., Nature 547, 428 (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirClassifier
    >>> generator = np.random.default_rng(0)
    >>> y = np.array(["rise", "fall"] * 20)
    >>> X = [np.linspace(0, 1 if label == "rise" else -1, 20)[:, None]
    ...      + 0.3 * generator.normal(size=(20, 1)) for label in y]
    >>> classifier = ReservoirClassifier(n_nodes=20, random_state=0).fit(X[:30], y[:30])
    >>> classifier.score(X[30:], y[30:])
    1.0
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
        pooling="segments",
        n_segments=4,
        alpha=None,
        noise=0.0,
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
        self.pooling = pooling
        self.n_segments = n_segments
        self.alpha = alpha
        self.noise = noise
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X, y, groups=None):
        """Learn the drive's range and the readout.

        Parameters
        ----------
        X : sequences or table
            A list or tuple of ``(n_frames, n_channels)`` arrays, a 1-D object array of
            them, a 3-D array, or a table whose rows are sequences of one frame.
        y : array-like of shape (n_sequences,)
            One label for each sequence, numbers or strings.
        groups : array-like of shape (n_sequences,), default=None
            Groups (speakers, say) that are left out together when the ridge strength is
            chosen; give them when unseen groups are to be recognised. In scikit-learn,
            ``cross_val_score(..., groups=g)`` only splits by them; add
            ``params={"groups": g}`` to hand them to `fit` as well, or for a grid search
            enable its metadata routing and call ``set_fit_request(groups=True)``.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the data or a parameter is not as described, or y holds one class only.
        """
        if self.pooling not in POOLINGS:
            raise ValueError(
                f"ReservoirClassifier.pooling is {self.pooling!r}; it must be one of "
                f"{', '.join(POOLINGS)}."
            )
        check_integer(self, "n_segments", 1)
        _check_alpha(self)
        sequences, y = self._validate(X, y)
        y = _check_labels(y, len(sequences))
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "y holds one class only, so there is nothing to tell apart: this "
                "classifier needs samples of at least 2 classes."
            )
        targets = np.eye(len(self.classes_))[codes]
        folds = _folds(groups, len(sequences))
        self._learn(sequences)

        def pooled_rows():
            for part, pooled, _ in self._pooled_blocks(sequences, self.pooling):
                yield pooled, targets[part], folds[part]

        n_ranges = self.n_segments if self.pooling == "segments" else 1
        if len(sequences) * n_ranges * self.n_oscillators * self.n_nodes * 8 <= KEPT:
            pooled_rows = keep(pooled_rows)

        def frame_rows():
            for part, packed, states, _ in self._state_blocks(sequences):
                yield (
                    states,
                    np.repeat(targets[part], packed.lengths, axis=0),
                    np.repeat(folds[part], packed.lengths),
                )

        rows = frame_rows if self.pooling == "vote" else pooled_rows
        if self.alpha is not None:
            self.readout_ = fit_given(rows, self.alpha)
        elif (groups is None and self.pooling != "vote") or folds.max() == 0:
            self.readout_ = fit_leave_one_out(rows)
        else:
            self.readout_ = fit_folds(rows, pooled_rows)
        self.alpha_ = self.readout_.alpha
        return self

    def decision_function(self, X):
        """Outputs of the readout.

        Parameters
        ----------
        X : sequences or table

        Returns
        -------
        ndarray of shape (n_sequences, n_classes), or (n_sequences,) for two classes
            In the latter case the output of the second class less that of the first.
        """
        check_is_fitted(self)
        sequences = self._validate(X, reset=False)
        outputs, n_clipped = [], 0
        for _, pooled, clipped in self._pooled_blocks(sequences, self.pooling):
            outputs.append(self.readout_(pooled))
            n_clipped += clipped.sum()
        self._warn_of_clipping(n_clipped, sequences.lengths.sum())
        outputs = np.concatenate(outputs)
        return outputs[:, 1] - outputs[:, 0] if len(self.classes_) == 2 else outputs

    def predict(self, X):
        """Label of each sequence.

        Parameters
        ----------
        X : sequences or table

        Returns
        -------
        ndarray of shape (n_sequences,)
        """
        outputs = self.decision_function(X)
        if outputs.ndim == 1:
            return self.classes_[(outputs > 0).astype(int)]
        return self.classes_[outputs.argmax(axis=1)]


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
    noise : float, default=0.0
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
    oscillator_, node_time_, drive_, ensemble_, loop_gain_, noise_, seed_
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
        noise=0.0,
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
        self.noise = noise
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


def _check_alpha(owner):
    alpha = owner.alpha
    if alpha is not None and not (
        isinstance(alpha, numbers.Real) and np.isfinite(alpha) and alpha > 0
    ):
        raise ValueError(
            f"{type(owner).__name__}.alpha is {alpha!r}; it must be a positive number, or "
            "None to choose it inside the training data."
        )


def _check_labels(y, n_sequences):
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    if len(y) != n_sequences:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: X holds "
            f"{n_sequences} sequences and y {len(y)} labels; give one label a sequence."
        )
    return y


def _folds(groups, n_sequences):
    """Number of the fold of every sequence: by group, else every fifth one."""
    if groups is None:
        return np.arange(n_sequences) % min(N_FOLDS, n_sequences)
    groups = np.asarray(groups)
    if groups.shape != (n_sequences,):
        raise ValueError(
            f"groups has shape {groups.shape}; it must hold one group for each of the "
            f"{n_sequences} sequences."
        )
    numbers_ = np.unique(groups, return_inverse=True)[1]
    if numbers_.max() == 0:
        raise ValueError(
            "groups holds one group only; at least 2 are needed to leave one out. Omit "
            "groups to choose the ridge strength by leaving single sequences out."
        )
    return numbers_ % N_FOLDS if numbers_.max() >= 2 * N_FOLDS else numbers_


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
