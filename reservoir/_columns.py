"""Does a table have the columns that were learned, in the same order?

scikit-learn compares the names of columns only where all of them are texts. Numbers, dates
and the tuples of several levels are names as well, and a column that stands elsewhere answers
another question.
"""

from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from reservoir._checks import check_table


def checked_table(
    estimator: Any, X: Any, y: Any = "no_validation", *, reset: bool, **options: Any
) -> Any:
    """Refuse a table that is none, or whose columns are not those that were learned.

    Parameters
    ----------
    estimator : estimator
        If `reset`, its attributes `n_features_in_`, `feature_names_in_` and `columns_` are
        set; else they are compared.
    X : table
    y : array-like, optional
        Left out where nothing is learned.
    reset : bool
    **options
        For scikit-learn's ``validate_data``.

    Returns
    -------
    ndarray, or a tuple of the ndarrays of X and y

    Raises
    ------
    ValueError or TypeError
        If X or y is not as described.
    """
    check_table(X)
    checked = validate_data(estimator, X, y, reset=reset, **options)
    if reset:
        learn_columns(estimator, "columns_", X)
    else:
        compare_columns(estimator, "columns_", X, "X")
    return checked


def check_columns_of_sequences(estimator: Any, X: Any, reset: bool) -> None:
    """Learn or compare the columns of sequences that are data frames, as for a table.

    Parameters
    ----------
    estimator : estimator
    X : sequences
    reset : bool

    Raises
    ------
    ValueError
        If the columns of two sequences differ, or are not those that were learned.
    """
    items = [] if isinstance(X, np.ndarray) and X.ndim == 3 else list(X)
    named = [index for index, item in enumerate(items) if hasattr(item, "columns")]
    if reset:
        learn_columns(estimator, "columns_", items[named[0]] if named else None)
        if not named:
            return
        columns = _names_of(items[named[0]])
        for index, item in enumerate(items):
            if _names_of(item) != columns:
                raise ValueError(
                    f"Sequence {named[0]} is a data frame with the columns {columns!s:.80}, "
                    f"but sequence {index} is not; give data frames with the same columns in "
                    "the same order, or arrays only."
                )
        validate_data(estimator, items[0], skip_check_array=True)
        return
    known = hasattr(estimator, "feature_names_in_")
    unnamed = [i for i, item in enumerate(items) if not hasattr(item, "columns")]
    for index in named + (unnamed[:1] if known else []):
        validate_data(estimator, items[index], reset=False, skip_check_array=True)
        compare_columns(estimator, "columns_", items[index], f"Sequence {index}")


def learn_columns(estimator: Any, attribute: str, table: Any) -> None:
    """Keep the names of a data frame's columns, as texts; forget those of an earlier fit.

    Names that scikit-learn keeps in `feature_names_in_` are not kept twice.
    """
    names = _names_of(table)
    vars(estimator).pop(attribute, None)
    all_texts = names is not None and all(isinstance(name, str) for name in table.columns)
    if names is not None and not (all_texts and attribute == "columns_"):
        setattr(estimator, attribute, np.array(names, dtype=object))


def compare_columns(estimator: Any, attribute: str, table: Any, name: str) -> None:
    """Refuse a data frame whose columns are not those that were learned.

    Raises
    ------
    ValueError
        The message names both.
    """
    found, learned = _names_of(table), getattr(estimator, attribute, None)
    if found is None or learned is None:
        return
    wanted = np.ravel(learned).tolist()
    if found != wanted:
        raise ValueError(
            f"{name} is a data frame with the columns {found!s:.80}, but this "
            f"{type(estimator).__name__} was fitted to {wanted!s:.80}; give the same columns "
            "in the same order, or arrays if their names mean nothing."
        )


def _names_of(table: Any) -> list[str] | None:
    """Names of a data frame's columns, as texts; None for what has no columns."""
    columns = getattr(table, "columns", None)
    return None if columns is None else [_text_of(label) for label in columns]


def _text_of(label: Any) -> str:
    if isinstance(label, tuple):
        return f"({', '.join(map(_text_of, label))})"
    return str(label)
