"""Is an argument what it must be? If not: which argument, its value, and what is allowed."""

import numbers
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np

# What `random_state` may be; `generator_of` says what becomes of it.
RandomState: TypeAlias = int | np.random.RandomState | np.random.Generator | None


def check_count(name: str, value: object, lowest: int = 1) -> None:
    """Refuse what is not an integer of at least `lowest`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < lowest:
        raise ValueError(f"{name} is {value!r}; it must be an integer of at least {lowest}.")


def check_real(
    name: str, value: object, lowest: float = -np.inf, highest: float = np.inf
) -> None:
    """Refuse what is not a finite number from `lowest` to `highest`."""
    if (
        isinstance(value, bool)
        or not isinstance(value, numbers.Real)
        or not (np.isfinite(float(value)) and lowest <= float(value) <= highest)
    ):
        limits = [f"from {lowest}"] * (lowest > -np.inf) + [f"to {highest}"] * (
            highest < np.inf
        )
        rule = " ".join(["a finite number", *limits])
        raise ValueError(f"{name} is {value!r}; it must be {rule}.")


def check_choice(name: str, value: object, choices: Iterable[str | None]) -> None:
    """Refuse what is not one of a few words, or None where it is among them."""
    allowed = list(choices)
    if not (value is None or isinstance(value, str)) or value not in allowed:
        words = ", ".join(map(repr, allowed))
        raise ValueError(f"{name} is {value!r}; it must be one of {words}.")


def chosen(name: str, values: Any, allowed: Iterable[str]) -> list[str]:
    """The words of `allowed`, in its order, that are among `values`; None means all."""
    words = list(allowed)
    if values is None:
        return words
    if isinstance(values, str) or not len(values) or not set(values) <= set(words):
        raise ValueError(
            f"{name} is {values!r}; it must be None or a list of some of {', '.join(words)}."
        )
    return [word for word in words if word in set(values)]


def check_delays(delays: Iterable[int]) -> list[int]:
    """Delays as a list of different integers, each of at least 0."""
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


def generator_of(random_state: RandomState) -> np.random.Generator:
    """The generator that a function draws from.

    Parameters
    ----------
    random_state : None, int, numpy RandomState or Generator
        None stands for a fresh seed. A Generator is used itself. A RandomState
        shares its stream with the generator that is made of it.

    Returns
    -------
    numpy.random.Generator
    """
    if isinstance(random_state, np.random.RandomState):
        # As newer versions of numpy do it themselves: both then share one stream.
        return np.random.Generator(random_state._bit_generator)
    return np.random.default_rng(random_state)
