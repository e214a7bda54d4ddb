"""Is a parameter a number of the kind that is needed? If not: who, what, what is allowed."""

import numbers

import numpy as np


def check_integer(owner, name, lowest):
    """Refuse an attribute that is not an integer of at least `lowest`."""
    value = getattr(owner, name)
    if not isinstance(value, numbers.Integral) or value < lowest:
        raise ValueError(
            f"{type(owner).__name__}.{name} is {value!r}; it must be an integer of at "
            f"least {lowest}."
        )


def check_number(owner, name, lowest=-np.inf, rule="finite"):
    """Refuse an attribute that is not a finite number of at least `lowest`."""
    value = getattr(owner, name)
    if not (isinstance(value, numbers.Real) and np.isfinite(value) and value >= lowest):
        raise ValueError(f"{type(owner).__name__}.{name} is {value!r}; it must be {rule}.")


def check_positive(owner, name, rule="a positive, finite number"):
    """Refuse an attribute that is not a positive, finite number."""
    value = getattr(owner, name)
    if not (isinstance(value, numbers.Real) and np.isfinite(value) and value > 0):
        raise ValueError(f"{type(owner).__name__}.{name} is {value!r}; it must be {rule}.")
