"""The oscillator as a classifier of sequences and as a regressor of time series."""

import numbers

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from reservoir._checks import check_integer
from reservoir.multiplexing.base import BaseReservoir
from reservoir.multiplexing.parameters import document_parameters
from reservoir.readout import KEPT, fit_folds, fit_given, fit_leave_one_out, keep

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
    readout_noise : float, default=0.0
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
    oscillator_, node_time_, drive_, ensemble_, loop_gain_, readout_noise_, seed_
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
        self.pooling = pooling
        self.n_segments = n_segments
        self.alpha = alpha
        self.readout_noise = readout_noise
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
