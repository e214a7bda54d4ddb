"""Is a parameter a number of the kind that is needed? If not: who, what, what is allowed."""

import numbers

import numpy as np


def check_integer(owner, name, lowest):
    """Refuse an attribute that is not an integer of at least `lowest`."""
    check_integer_value(_full(owner, name), getattr(owner, name), lowest)


def check_number(owner, name, lowest=-np.inf, rule="finite"):
    """Refuse an attribute that is not a finite number of at least `lowest`."""
    check_number_value(_full(owner, name), getattr(owner, name), lowest, rule)


def check_positive(owner, name, rule="a positive, finite number"):
    """Refuse an attribute that is not a positive, finite number."""
    check_positive_value(_full(owner, name), getattr(owner, name), rule)


def check_integer_value(name, value, lowest):
    """Refuse an argument that is not an integer of at least `lowest`."""
    if not isinstance(value, numbers.Integral) or value < lowest:
        raise ValueError(f"{name} is {value!r}; it must be an integer of at least {lowest}.")


def check_number_value(name, value, lowest=-np.inf, rule="finite"):
    """Refuse an argument that is not a finite number of at least `lowest`."""
    if not (isinstance(value, numbers.Real) and np.isfinite(value) and value >= lowest):
        raise ValueError(f"{name} is {value!r}; it must be {rule}.")


def check_positive_value(name, value, rule="a positive, finite number"):
    """Refuse an argument that is not a positive, finite number."""
    if not (isinstance(value, numbers.Real) and np.isfinite(value) and value > 0):
        raise ValueError(f"{name} is {value!r}; it must be {rule}.")


def _full(owner, name):
    return f"{type(owner).__name__}.{name}"
