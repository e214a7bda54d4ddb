"""One oscillator as a classifier of frames: a label for each frame of a time series."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import as_array, refuse_masked
from reservoir._classes import classes_of, refuse_one_class
from reservoir._types import Array, ArrayLike, Floats
from reservoir.multiplexing.block_learning import AfterFirstPass
from reservoir.multiplexing.classifier import labels_of
from reservoir.multiplexing.first_pass import FirstPass
from reservoir.multiplexing.labels import (
    classes_to_learn,
    codes_of_known,
    learn_classes,
)
from reservoir.multiplexing.parameters import document_parameters
from reservoir.multiplexing.sequences import Sequences, is_table
from reservoir.multiplexing.series import SeriesReservoir, as_one_series, refuse_one_row


@document_parameters
class ReservoirFrameClassifier(ClassifierMixin, SeriesReservoir):
    r"""A label for each frame of a time series, read linearly from the virtual nodes.

    `ReservoirClassifier` gives one label to each sequence.

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
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
    readout_ : reservoir.readout.LinearReadout
    alpha_ : float
    oscillator_, node_time_, drive_, ensemble_, loop_gain_, readout_noise_, seed_
        As for `TimeMultiplexedReservoir`.

    Notes
    -----
    Each class has an output, which ridge regression fits to 1 in frames of the class and to 0
    in all others; the largest output is the answer. So the papers on sine and square waves
    read their device [1]_. The outputs are no probabilities, hence there is no
    `predict_proba`.

    A table is one time series with its rows in time order, so their order matters. A list
    holds several series.

    References
    ----------
    .. [1] M. Riou et al., Phys. Rev. Applied 12, 024049 (2019).

    Examples
    --------
    Is a point one of a sine wave or of a square wave? At the extremes of a wave both have the
    same value, so the reservoir must remember the points before.

    >>> from reservoir import ReservoirFrameClassifier, datasets
    >>> waves = datasets.make_sine_square(120, random_state=0)
    >>> names = ["sine", "square"]
    >>> X = waves.data.reshape(-1, 1)
    >>> y = [names[int(label)] for label in waves.target.ravel()]
    >>> model = ReservoirFrameClassifier(n_nodes=60, washout=10, random_state=0)
    >>> model.fit(X[:600], y[:600]).score(X[600:], y[600:]) > 0.95
    True
    """

    @all_or_nothing
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn the drive's range and the readout.

        Parameters
        ----------
        X : table, or list of series of shape (n_frames, n_channels)
        y : array-like of shape (n_frames,), or a list of them
            A label for each frame, numbers or strings.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the data or a parameter is not as described, or y holds one class only.
        """
        self._check_parameters()
        series, labels = self._fit_labels(X, y)
        self._check_washout(series)
        self.classes_, codes = classes_of("y", np.concatenate(labels))
        refuse_one_class(self.classes_)
        columns = self._columns_of(codes, series)
        self._learn(series, columns)
        self._fit_readout(series, columns)
        return self

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
        """Add a block of series to the sums that the readout follows from.

        Parameters
        ----------
        X, y
            As for `fit`.
        classes : array-like of shape (n_classes,), default=None
            All classes there will be. Before the first block it may name more than the first
            pass saw; later it may be omitted.
        groups, block
            As for `ReservoirRegressor.partial_fit`.

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

    def _check_block(
        self, X: ArrayLike, y: ArrayLike, reset: bool
    ) -> tuple[Sequences, Array, None]:
        series, labels = self._fit_labels(X, y, reset)
        self._check_washout(series)
        return series, np.concatenate(labels), None

    def _prepare_targets(self, first: FirstPass) -> None:
        learn_classes(self, first)

    def _begin_sums(self, features: Array, target_size: Floats) -> None:
        super()._begin_sums(features, np.ones(len(self.classes_)))

    def _columns(self, targets: Array, sequences: Sequences) -> list[Array]:
        return self._columns_of(codes_of_known(self, targets), sequences)

    def _refit_readout(
        self, X: ArrayLike, y: ArrayLike, through: Sequence[Self] = ()
    ) -> None:
        """As `_fit_readout`, from new series with labels that were learned."""
        series, labels = self._fit_labels(X, y, reset=False)
        self._check_washout(series)
        columns = self._columns(np.concatenate(labels), series)
        self._fit_readout(series, columns, through)

    def _columns_of(self, codes: Any, series: Sequences) -> list[Array]:
        """For each series 1 in the column of each frame's class, and 0 in the others."""
        targets = np.eye(len(self.classes_))[codes]
        return np.split(targets, np.cumsum(series.lengths)[:-1])

    def decision_function(self, X: ArrayLike) -> Floats | list[Floats]:
        """Outputs of the readout for each frame.

        Parameters
        ----------
        X : table, or list of series

        Returns
        -------
        ndarray of shape (n_frames, n_classes), or (n_frames,) for two classes, or a list of \
them
            For two classes, the output of the second less the output of the first.
        """
        decisions = self._decisions(X)
        return decisions[0] if is_table(X) else decisions

    def predict(self, X: ArrayLike) -> Array | list[Array]:
        """Label of each frame.

        Parameters
        ----------
        X : table, or list of series

        Returns
        -------
        ndarray of shape (n_frames,), or a list of them
        """
        decisions = self._decisions(X)
        labels = [labels_of(self.classes_, decision) for decision in decisions]
        return labels[0] if is_table(X) else labels

    def _decisions(self, X: ArrayLike) -> list[Floats]:
        """As `decision_function`, always in a list."""
        outputs = self._outputs(X)
        if len(self.classes_) == 2:
            return [output[:, 1] - output[:, 0] for output in outputs]
        return outputs

    def score(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Share of the frames, of all series together, whose label is predicted.

        Parameters
        ----------
        X : table, or list of series
        y : array-like of shape (n_frames,), or a list of them
            True labels.
        sample_weight : array-like of shape (n_frames,), default=None
            What each frame counts. None counts all alike.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If labels or weights are masked, or are not one for each frame.
        """
        refuse_masked("sample_weight", sample_weight, ("frame",))
        predicted = self.predict(X)
        if is_table(X):
            refuse_masked("y", y, ("frame",))
            labels: Any = y
        else:
            labels = np.concatenate(_check_labels(y, self._series(X)))
            predicted = np.concatenate(predicted)
        return float(accuracy_score(labels, predicted, sample_weight=sample_weight))

    def _fit_labels(
        self, X: ArrayLike, y: Any, reset: bool = True
    ) -> tuple[Sequences, list[Array]]:
        """Checked series and their labels; a table is one series."""
        refuse_masked("y", y, ("frame",))
        if not is_table(X):
            series, y = self._validate(X, y, reset)
            return series, _check_labels(y, series)
        if y is None:
            raise ValueError(
                "y is None, but a classifier requires y to be passed, but the target y is "
                "None: give one label a frame."
            )
        rows, y = self._validate(X, y, reset)
        refuse_one_row(rows)
        series = as_one_series(rows)
        return series, [_checked(y, "y")]


def _check_labels(y: Any, series: Sequences) -> list[Array]:
    """Labels of every series, one for each frame."""
    n_labels = len(y) if hasattr(y, "__len__") and not isinstance(y, str) else 0
    if n_labels == len(series) and all(np.ndim(labels) == 0 for labels in y):
        if (series.lengths > 1).any():
            raise ValueError(
                "y holds one label a series, but ReservoirFrameClassifier needs one a frame: "
                "a list of arrays of shape (n_frames,). For one label a series, use "
                "ReservoirClassifier."
            )
        y = [[label] for label in y]
    if n_labels != len(series):
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: X holds "
            f"{len(series)} series and y {n_labels or repr(y)[:60]}; give one array of "
            "labels a series."
        )
    found = []
    for index, (labels, length) in enumerate(zip(y, series.lengths, strict=True)):
        name = f"The array of labels of series {index}"
        refuse_masked(name, labels, ("frame",))
        array = as_array(name, labels)
        if array.shape not in ((length,), (length, 1)):
            raise ValueError(
                f"{name} has shape {array.shape}; its {length} frames need one label each."
            )
        found.append(array.ravel())
    kinds = {labels.dtype.kind in "US" for labels in found}
    if len(kinds) > 1:
        raise TypeError(
            "y mixes labels that are texts with others, which have no order; give labels of "
            "one type, for instance all as text."
        )
    _checked(np.concatenate(found), "y")
    return found


def _checked(labels: Any, name: str) -> Array:
    """Labels that are classes, or a sentence."""
    array: Array = column_or_1d(labels, warn=True)
    if array.dtype.kind in "Mm":
        raise ValueError(
            f"{name} holds dates or durations, which are no classes; give them as text, for "
            "instance with .astype(str)."
        )
    if array.dtype == object:
        classes_of(name, array)
    check_classification_targets(array)
    return array
