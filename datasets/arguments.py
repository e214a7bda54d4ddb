"""Is an argument of a generator what it must be? If not: which, what, what is allowed."""

import numbers

import numpy as np


def check_count(name, value, lowest=1):
    """Refuse what is not an integer of at least `lowest`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < lowest:
        raise ValueError(f"{name} is {value!r}; it must be an integer of at least {lowest}.")


def check_real(name, value, lowest=-np.inf, highest=np.inf):
    """Refuse what is not a finite number from `lowest` to `highest`."""
    if (
        isinstance(value, bool)
        or not isinstance(value, numbers.Real)
        or not (np.isfinite(value) and lowest <= value <= highest)
    ):
        limits = [f"from {lowest}"] * (lowest > -np.inf) + [f"to {highest}"] * (
            highest < np.inf
        )
        rule = " ".join(["a finite number", *limits])
        raise ValueError(f"{name} is {value!r}; it must be {rule}.")


def check_delays(delays):
    """Delays as a list of integers, each of at least 0 and there once."""
    try:
        listed = list(delays)
    except TypeError:
        listed = []
    if (
        not listed
        or not all(isinstance(d, numbers.Integral) and d >= 0 for d in listed)
        or len(set(listed)) < len(listed)
    ):
        raise ValueError(
            f"delays is {delays!r}; it must hold different integers of at least 0, such as "
            "range(1, 101)."
        )
    return listed
