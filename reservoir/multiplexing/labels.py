"""Which labels of sequences may be learned, and which of them are left out together?"""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from reservoir._checks import as_array
from reservoir._classes import check_groups, classes_of, refuse_one_class
from reservoir._types import Array, ArrayLike, Integers
from reservoir._warnings import warn_user
from reservoir.multiplexing.first_pass import FirstPass
from reservoir.multiplexing.sequences import Sequences

N_FOLDS = 5
MIN_ROWS_IN_TIME = 100  # of a table, from which on it may be a time series
ORDERED_CORRELATION = 0.5  # of neighbouring rows, from which on their order has a meaning
FORETOLD_SHARE = 0.25  # of the variance of a row, that the next label tells, likewise


def check_labels(y: ArrayLike, sequences: Sequences) -> Array:
    """Labels of sequences, one each.

    Raises
    ------
    ValueError
        If they are not equally many, are no classes, or seem to be meant for frames.
    """
    n_sequences = len(sequences)
    shape: tuple[int, ...] = getattr(y, "shape", ())
    if isinstance(y, (list, tuple)) and any(np.ndim(label) > 0 for label in y):
        sizes = [np.size(label) for label in y]
        shape = len(y), max(sizes)
        if max(sizes) == 1 > min(sizes):
            raise ValueError(
                f"y holds no label for sequence {sizes.index(0)}; give one label a sequence."
            )
        if max(sizes) == 1:  # Each label has a list of its own: a column.
            y = np.asarray([np.ravel(label)[0] for label in y])[:, np.newaxis]
    if len(shape) == 2 and shape[1] != 1:
        raise ValueError(
            f"y should be a 1d array, got an array of shape {shape} instead: give one "
            "label a sequence. For a label a frame, use ReservoirFrameClassifier."
        )
    if y is None:
        raise ValueError("y is None, but a classifier needs y: give one label a sequence.")
    labels: Array = column_or_1d(y, warn=True)
    if labels.dtype.kind in "Mm":
        raise ValueError(
            "y holds dates or durations, which are no classes; give them as text, for "
            "instance with .astype(str)."
        )
    if labels.dtype == object:
        classes_of("y", labels)
    check_classification_targets(labels)
    if len(labels) != n_sequences:
        by_frame = len(labels) == sequences.lengths.sum()
        cure = " For a label a frame, use ReservoirFrameClassifier." if by_frame else ""
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: X holds "
            f"{n_sequences} sequences and y {len(labels)} labels; give one label a "
            f"sequence.{cure}"
        )
    return labels


def warn_of_time_order(rows: Sequences, codes: Integers) -> None:
    """Say that the rows of a table are taken one by one, if they seem to be a time series.

    They do if a row tells of the next one more than its label does, or, with one channel, if
    a row tells of the next label.
    """
    table = np.asarray(rows.arrays)[:, 0].astype(float)
    if len(table) < MIN_ROWS_IN_TIME:
        return
    table = table / (np.abs(table).max() or 1.0)
    counts = np.bincount(codes)[:, None]
    means = np.stack([np.bincount(codes, column) for column in table.T], axis=1) / counts
    rest = table - means[codes]
    total = (rest**2).sum()
    follows = (rest[1:] * rest[:-1]).sum() > ORDERED_CORRELATION * total > 0
    foretells = table.shape[1] == 1 and _told(rest[:-1, 0], codes[1:]) > FORETOLD_SHARE
    if not follows and not foretells:
        return
    warn_user(
        f"X is a table of {len(table)} rows that look like one series in time, but each row "
        "counts as a sequence of one frame, so the reservoir remembers nothing of the rows "
        "before. To label frames by their past, use ReservoirFrameClassifier; for numbers a "
        "frame use ReservoirRegressor.",
    )


def _told(values: Array, codes: Integers) -> float:
    """Share of the variance of some values that lies between the classes."""
    counts = np.maximum(np.bincount(codes), 1)
    values = values - values.mean()
    between = (np.bincount(codes, values) ** 2 / counts).sum()
    return float(between / ((values**2).sum() or 1.0))


def originals_of(copies_of: ArrayLike | None, codes: Integers) -> Integers | None:
    """Number of each sequence's original, from 0, or None if there are no copies."""
    if copies_of is None:
        return None
    _, originals = check_groups(copies_of, len(codes), "sequence", "copies_of")
    _refuse_apart("label", codes, originals)
    return originals


def _refuse_apart(what: str, codes: Integers, originals: Integers) -> None:
    """Refuse copies of one original that differ in their label or group."""
    of_original = np.empty(originals.max() + 1, dtype=int)
    of_original[originals] = codes
    apart = np.flatnonzero(of_original[originals] != codes)
    if len(apart):
        index = int(apart[0])
        others = (originals == originals[index]) & (codes != codes[index])
        other = int(np.argmax(others))
        raise ValueError(
            f"copies_of says that sequences {index} and {other} are copies of one original, "
            f"but each has a {what} of its own; give all copies the {what} of the original."
        )


def folds_of(
    groups: ArrayLike | None, n_sequences: int, originals: Integers | None = None
) -> Integers:
    """Fold of every sequence: by group, or else every fifth sequence with its copies."""
    if groups is None:
        numbers = np.arange(n_sequences) if originals is None else originals
        return numbers % min(N_FOLDS, int(numbers.max()) + 1)
    codes = check_groups(groups, n_sequences, "sequence")[1]
    if originals is not None:
        _refuse_apart("group", codes, originals)
    if codes.max() == 0:
        raise ValueError(
            "groups holds one group only; at least 2 are needed to leave one out. Omit "
            "groups to choose the ridge strength by leaving single sequences out."
        )
    return codes % N_FOLDS if codes.max() >= 2 * N_FOLDS else codes


def learn_classes(model: Any, first: FirstPass) -> None:
    """Learn the classes that a first pass saw.

    Raises
    ------
    ValueError
        If there is one only.
    """
    model.classes_ = classes_of("y", np.array(sorted(first.labels)))[0]
    refuse_one_class(model.classes_, "The blocks hold")


def classes_to_learn(model: Any, classes: ArrayLike | None) -> None:
    """Hold the classes that a call of `partial_fit` names against those that are known.

    Parameters
    ----------
    model : classifier
        After the first pass. If it has learned from no block yet, it may get more classes
        than the first pass saw.
    classes : array-like of labels, or None

    Raises
    ------
    ValueError
    """
    if classes is None:
        return
    given, known = classes_of("classes", as_array("classes", classes))[0], model.classes_
    if np.array_equal(given, known):
        return
    if model.sums_.blocks or not np.isin(known, given).all():
        raise ValueError(
            f"classes is {given.tolist()!r:.80}, but this {type(model).__name__} learns to "
            f"tell {known.tolist()!r:.80} apart. Omit classes, or name the same; more than "
            "the first pass saw may be named before the first block."
        )
    model.classes_ = given
    model.sums_ = replace(model.sums_, plan=model._plan(), target_units=np.ones(len(given)))


def codes_of_known(model: Any, labels: Array) -> Integers:
    """Number of each label's class; refuses labels that were not learned."""
    unknown = labels[~np.isin(labels, model.classes_)]
    if len(unknown):
        raise ValueError(
            f"y holds the label {unknown[:1].tolist()[0]!r:.60}, which this "
            f"{type(model).__name__} has not learned; it must hold labels of classes_."
        )
    codes: Integers = np.searchsorted(model.classes_, labels)
    return codes
