"""To which class, and to which group, does each sample belong?

Labels and names of groups may be numbers or texts. They are numbered in their order.
"""

from typing import Any

import numpy as np

from reservoir._checks import as_array, refuse_masked
from reservoir._types import Array, Integers


def classes_of(name: str, labels: Array) -> tuple[Array, Integers]:
    """Classes in their order, and the number of each label's class."""
    try:
        classes, codes = np.unique(labels, return_inverse=True)
    except TypeError:
        kinds = sorted({type(label).__name__ for label in labels})
        raise TypeError(
            f"{name} mixes labels of the types {', '.join(kinds)}, which have no order; give "
            "labels of one type, for instance all as text."
        ) from None
    return classes, codes


def refuse_one_class(classes: Array, where: str = "y holds") -> None:
    """Refuse labels between which there is nothing to tell apart.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
    where : str, default="y holds"
        Where the classes were found, for the message.

    Raises
    ------
    ValueError
        If there is one class only.
    """
    if len(classes) < 2:
        raise ValueError(
            f"{where} one class only, {classes.tolist()[0]!r:.40}; a classifier needs two."
        )


def check_groups(
    groups: Any, n_samples: int, sample: str, name: str = "groups"
) -> tuple[Array, Integers]:
    """Groups of samples, and the number of each sample's group.

    Parameters
    ----------
    groups : array-like of shape (n_samples,)
    n_samples : int
    sample : str
        What one of them is called, for messages.
    name : str, default="groups"
        What the groups are called.

    Returns
    -------
    groups : ndarray of shape (n_samples,)
    codes : ndarray of int of shape (n_samples,)

    Raises
    ------
    ValueError
        If a group is missing or masked, or there is not one for each sample.
    TypeError
        If the groups have no order, because their types differ.
    """
    refuse_masked(name, groups, (sample,))
    names = as_array(name, groups)
    if names.shape != (n_samples,):
        raise ValueError(
            f"{name} has shape {names.shape}; it must be ({n_samples},), one for each "
            f"{sample}."
        )
    # A list of texts would turn a missing value into the text "nan".
    given = groups if isinstance(groups, (list, tuple)) else names
    missing = [index for index, group in enumerate(given) if _is_missing(group)]
    if missing:
        raise ValueError(
            f"{name} holds {given[missing[0]]!r} for {sample} {missing[0]}; name the group "
            f"of every {sample}, or leave out each {sample} of which it is not known."
        )
    return names, classes_of(name, names)[1]


def _is_missing(group: Any) -> bool:
    if isinstance(group, (np.datetime64, np.timedelta64)):
        return bool(np.isnat(group))
    named = type(group).__name__ in ("NAType", "NaTType", "MaskedConstant")
    return (
        named or group is None or (isinstance(group, (float, np.floating)) and group != group)
    )
