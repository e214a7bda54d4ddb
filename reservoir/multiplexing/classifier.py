"""One oscillator as a classifier of sequences: one label for each."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import Choice, Flag, Integer, OrNone, Real, refuse_masked
from reservoir._classes import classes_of, refuse_one_class
from reservoir._scoring import CheckedClassifier
from reservoir._types import Array, ArrayLike, Floats, Integers, RandomState
from reservoir.devices import Device
from reservoir.masks import Ripple
from reservoir.multiplexing.block_learning import AfterFirstPass
from reservoir.multiplexing.block_reservoir import BlockReservoir
from reservoir.multiplexing.first_pass import FirstPass
from reservoir.multiplexing.labels import (
    check_labels,
    classes_to_learn,
    codes_of_known,
    folds_of,
    learn_classes,
    originals_of,
    warn_of_time_order,
)
from reservoir.multiplexing.parameters import RANGES, document_parameters
from reservoir.multiplexing.pooling import n_ranges
from reservoir.multiplexing.sequences import Sequences, is_table
from reservoir.readout import MAX_TABLE_BYTES, fit_folds, fit_given, fit_leave_one_out, keep

DEFAULT_CONTEXT = (2, 4)  # frames

Rows = Iterable[tuple[Array, Array, Integers]]


@document_parameters
class ReservoirClassifier(CheckedClassifier, BlockReservoir):
    r"""One label for each sequence, read linearly from one oscillator's virtual nodes.

    Parameters
    ----------
    {parameters}

    *The readout*

    pooling : {"change", "segments", "mean", "last", "vote"}, default="change"
        What the readout sees of a sequence: the mean states of `n_segments` segments in
        which the sequence changes by equal amounts, those of equal segments, those of the
        whole, or the states of its last frame. "vote" is the published protocol: every frame
        is trained to the label, and the outputs are averaged over the sequence.
    n_segments : int, default=3
        Number of segments, for ``pooling="segments"`` and "change"; as many as the longest
        training sequence has frames, if these are fewer.
    pool_squares : bool, default=True
        Whether the mean over the whole sequence of each node's squared state joins the means;
        for amplitudes it is the mean power. It tells how much a node moves, which means do
        not. It is not read of single frames, nor with ``pooling="vote"``.
    alpha : float or None, default=None
        Ridge strength: the penalty beside the mean squared error, for standardised features.
        None stands for a choice inside the training data, by the closed-form leave-one-out
        error, or by folds if `groups` or `copies_of` are given to `fit` or pooling is "vote".
    readout_noise : float, default=0.0
        Noise that is added to every reading: its rms over the standard deviation of the
        readings in the training data. It is drawn from the seed and the sequence's own
        bytes, so equal sequences get equal noise, in any order.
    dtype : {"float64", "float32"}, default="float64"
        Precision of the simulation. The readout is always fitted in double precision.
    random_state : None, int, RandomState or Generator, default=None
        Seed of mask and noise. `fit` stores it as `seed_`.
    n_jobs : int or None, default=None
        Number of threads. The answers do not depend on it.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
        Channels of each frame.
    n_segments_ : int
        Number of segments for the poolings that have them.
    pooled_ : tuple of str, int and bool
        How sequences were pooled: `pooling`, the number of segments, and whether mean squares
        are read.
    readout_ : reservoir.readout.LinearReadout
    alpha_ : float
        Ridge strength that was used.
    oscillator_, node_time_, drive_, ensemble_, loop_gain_, readout_noise_, seed_
        As for `TimeMultiplexedReservoir`.

    Notes
    -----
    The readout is fitted from Gram matrices that are accumulated block by block, so memory
    does not grow with the number of sequences (with `copies_of` by the outputs alone).
    `predict` has no side effect, and a sequence's answer depends neither on the others nor
    on `n_jobs`, to the last bit.

    How frames are made is no part of this estimator. New frames that are far larger or
    smaller than those of the fit give a `DriveClippingWarning` or a `UnitsWarning`. Frames of
    another front end with as many channels and a similar range are scored without a word:
    they differ from those of the fit no more than one clip differs from all.
    `reservoir.audio.SpeechClassifier` holds its front end.

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

    _parameter_ranges = {
        **RANGES,
        "pooling": Choice(("segments", "change", "mean", "last", "vote")),
        "n_segments": Integer(1),
        "pool_squares": Flag(),
        "alpha": OrNone(Real(above=0)),
    }

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
        pooling: str = "change",
        n_segments: int = 3,
        pool_squares: bool = True,
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
        self.pooling = pooling
        self.n_segments = n_segments
        self.pool_squares = pool_squares
        self.alpha = alpha
        self.readout_noise = readout_noise
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs

    @all_or_nothing
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        copies_of: ArrayLike | None = None,
    ) -> Self:
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
            chosen. Give them when unseen groups are to be recognised. In scikit-learn,
            ``cross_val_score(..., groups=g)`` only splits by them. Add
            ``params={"groups": g}`` to hand them to `fit` as well. For a grid search, enable
            metadata routing and call ``set_fit_request(groups=True)``.
        copies_of : array-like of shape (n_sequences,), default=None
            Name or number of the original that each sequence is a copy of, when several
            altered copies of a sequence are learned from. A copy and its original have one
            label and one group, and stay on one side of every inner fold. If the copies of a
            new sequence are asked as well and their decision values averaged
            (`reservoir.audio.AugmentedClassifier`), then the averaged decision is what
            counts, and the ridge strength is chosen by it.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the data or a parameter is not as described, or y holds one class only.
        """
        self._check_parameters()
        refuse_masked("y", y, ("label",))
        sequences, y = self._validate(X, y)
        y = check_labels(y, sequences)
        self.classes_, codes = classes_of("y", y)
        if is_table(X):
            warn_of_time_order(sequences, codes)
        refuse_one_class(self.classes_)
        targets = np.eye(len(self.classes_))[codes]
        originals = originals_of(copies_of, codes)
        folds = folds_of(groups, len(sequences), originals)
        # More segments than frames would only repeat each other.
        self.n_segments_ = min(int(self.n_segments), self.longest_)
        self.pooled_ = self._pooled_as()
        self._learn(sequences)
        self._fit_readout(sequences, targets, folds, originals, by_itself=groups is None)
        return self

    def _fit_readout(
        self,
        sequences: Sequences,
        targets: Floats,
        folds: Integers,
        originals: Integers | None = None,
        *,
        by_itself: bool = True,
        through: Sequence[Self] = (),
    ) -> None:
        """Fit the readout through mask, drive and device as they are.

        With `through`, it is fitted to what several copies make of the sequences.
        """
        copies = through or (self,)

        def pooled_rows() -> Rows:
            for one in copies:
                yield from one._pooled_rows(sequences, targets, folds)

        def frame_rows() -> Rows:
            for one in copies:
                yield from one._frame_rows(sequences, targets, folds)

        n_columns = self._n_columns * n_ranges(
            self.pooling, self.n_segments_, self._pools_squares
        )
        n_rows = len(copies) * len(sequences)
        n_bytes = n_rows * n_columns * 8
        validated = keep(pooled_rows) if n_bytes <= self._max_kept_bytes else pooled_rows
        rows = frame_rows if self.pooling == "vote" else validated
        few_rows = rows is not frame_rows and n_rows < n_columns
        few_rows &= n_bytes <= MAX_TABLE_BYTES
        by_itself = by_itself and originals is None and self.pooling != "vote"
        by_itself &= len(copies) == 1  # A sequence that is left out is left out of all.
        if self.alpha is not None:
            self.readout_ = fit_given(rows, self.alpha, few_rows=few_rows)
        elif by_itself or folds.max() == 0:
            self.readout_ = fit_leave_one_out(rows, few_rows=few_rows)
        else:
            self.readout_ = fit_folds(rows, validated, decisions=originals, few_rows=few_rows)
        self.alpha_ = self.readout_.alpha

    def _refit_readout(
        self, X: ArrayLike, y: ArrayLike, through: Sequence[Self] = ()
    ) -> None:
        """As `_fit_readout`, from new sequences with labels that were learned."""
        sequences, y = self._validate(X, y, reset=False)
        targets = self._columns(check_labels(y, sequences), sequences)
        folds = folds_of(None, len(sequences))
        self._fit_readout(sequences, targets, folds, through=through)

    def _columns(self, targets: Array, sequences: Sequences) -> Floats:
        """1 in the column of each sequence's class, and 0 in the others."""
        columns: Floats = np.eye(len(self.classes_))[codes_of_known(self, targets)]
        return columns

    def _pooled_rows(self, sequences: Sequences, targets: Floats, folds: Integers) -> Rows:
        """A row for each sequence."""
        for part, pooled, _ in self._pooled_blocks(sequences, self.pooling):
            yield pooled, targets[part], folds[part]

    def _frame_rows(self, sequences: Sequences, targets: Floats, folds: Integers) -> Rows:
        """A row for each frame."""
        for part, packed, states, _ in self._state_blocks(sequences):
            n_frames = packed.lengths
            repeated = np.repeat(targets[part], n_frames, axis=0)
            yield states, repeated, np.repeat(folds[part], n_frames)

    # ------------------------------------------------------------------ block by block

    @AfterFirstPass
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        *,
        block: int | None = None,
    ) -> Self:
        """Add a block of sequences to the sums that the readout follows from.

        It can be called after `fit_drive` or `take_drive`. The order of the blocks changes no
        bit of the readout. If `alpha` is None, the ridge strength is chosen by folds of
        blocks, or of groups if the first pass saw groups.

        Parameters
        ----------
        X, y, groups
            As for `fit`.
        classes : array-like of shape (n_classes,), default=None
            All classes there will be. Before the first block it may name more than the first
            pass saw; later it may be omitted.
        block : int, default=None
            Number of the block, from 0. None stands for one more than the largest so far.
            It says which block came twice, and in which fold a block is.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the data are not as described, a class or group is unknown, the block was
            learned from already, or a parameter was changed since the first pass.
        """
        classes_to_learn(self, classes)
        self._learn_block(block, X, y, groups)
        return self

    def _default_context_of_blocks(self) -> Sequence[int]:
        return DEFAULT_CONTEXT

    def _check_block(
        self, X: ArrayLike, y: ArrayLike, reset: bool
    ) -> tuple[Sequences, Array, None]:
        refuse_masked("y", y, ("label",))
        sequences, y = self._validate(X, y, reset)
        labels = check_labels(y, sequences)
        if self.pooling == "vote" and self.alpha is None:
            raise ValueError(
                'pooling is "vote" and alpha is None, but the ridge strength for votes '
                "cannot be chosen from sums over frames. Give alpha."
            )
        return sequences, labels, None

    def _prepare_targets(self, first: FirstPass) -> None:
        learn_classes(self, first)
        self.n_segments_ = min(int(self.n_segments), self.longest_)
        self.pooled_ = self._pooled_as()

    def _sample_features(self, sample: Sequences) -> Array:
        nothing = np.zeros((len(sample), 1)), np.zeros(len(sample), dtype=np.intp)
        return np.concatenate([features for features, _, _ in self._rows(sample, *nothing)])

    def _begin_sums(self, features: Array, target_size: Floats) -> None:
        super()._begin_sums(features, np.ones(len(self.classes_)))

    def _rows(self, sequences: Sequences, columns: Floats, folds: Integers) -> Rows:
        if self.pooling == "vote":
            return self._frame_rows(sequences, columns, folds)
        return self._pooled_rows(sequences, columns, folds)

    def _pooled_as(self) -> tuple[str, int, bool]:
        """How the states of a sequence become features."""
        return self.pooling, self._n_segments, self._pools_squares

    def _default_context(self, sequences: Sequences, targets: Any) -> Sequence[int]:
        return DEFAULT_CONTEXT

    def decision_function(self, X: ArrayLike) -> Floats:
        """Outputs of the readout, of which `sklearn.calibration` makes probabilities.

        Parameters
        ----------
        X : sequences or table

        Returns
        -------
        ndarray of shape (n_sequences, n_classes), or (n_sequences,) for two classes
            For two classes, the output of the second less the output of the first.
        """
        check_is_fitted(self)
        if self._pooled_as() != tuple(getattr(self, "pooled_", self._pooled_as())):
            raise ValueError(
                f"pooling, n_segments or pool_squares of this {type(self).__name__} were "
                f"changed after fit, from {self.pooled_} to {self._pooled_as()}. Fit again."
            )
        sequences = self._validate(X, reset=False)
        # Votes of frames were learned from frames, and are taken of as many as there are.
        counts_frames = self.pooling == "vote"
        if not counts_frames and sequences.lengths.max() > 1 == getattr(self, "longest_", 2):
            raise ValueError(
                f"This {type(self).__name__} was fitted to single frames, but X holds "
                f"sequences of up to {sequences.lengths.max()} frames, of which it has seen "
                "none. Fit it to sequences, or give the frames as the rows of a table."
            )
        blocks: list[Floats] = []
        n_clipped = 0
        for _, pooled, clipped in self._pooled_blocks(sequences, self.pooling):
            blocks.append(self.readout_(pooled))
            n_clipped += clipped.sum()
        self._warn_of_range(sequences, n_clipped)
        outputs = np.concatenate(blocks)
        return outputs[:, 1] - outputs[:, 0] if len(self.classes_) == 2 else outputs

    def predict(self, X: ArrayLike) -> Array:
        """Label of each sequence.

        Parameters
        ----------
        X : sequences or table

        Returns
        -------
        ndarray of shape (n_sequences,)
        """
        decision = self.decision_function(X)
        return labels_of(self.classes_, decision)


def labels_of(classes: Array, decision: Floats) -> Array:
    """The label with the largest decision value of each sequence.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
    decision : ndarray of shape (n_sequences, n_classes), or (n_sequences,) for two classes
        For two classes, a value above 0 stands for the second label.

    Returns
    -------
    ndarray of shape (n_sequences,)
    """
    columns = (decision > 0).astype(int) if decision.ndim == 1 else decision.argmax(axis=1)
    labels: Array = classes[columns]
    return labels
