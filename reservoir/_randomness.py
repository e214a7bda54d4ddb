"""Random numbers: from what a user gives as `random_state`, or from the data themselves.

Every public function and estimator takes the same `random_state`: None for a fresh seed, an
integer, or a generator of numpy of either kind. What follows from an integer never changes:
estimators draw a seed from it and store it, functions make a generator of it.
"""

import hashlib

import numpy as np
from sklearn.utils import check_random_state

from reservoir._types import Array, RandomState


def seed_of(random_state: RandomState) -> int:
    """A seed below 2^31 that an estimator stores when it is fitted.

    Parameters
    ----------
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator

    Returns
    -------
    int
    """
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(np.iinfo(np.int32).max))
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))


def generator_of(random_state: RandomState) -> np.random.Generator:
    """A generator for a function that draws numbers at once.

    Parameters
    ----------
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator

    Returns
    -------
    numpy.random.Generator
        The one that was given, if it is of this kind.
    """
    if isinstance(random_state, np.random.RandomState):
        # As newer versions of numpy do it themselves: both then share one stream.
        return np.random.Generator(random_state._bit_generator)
    return np.random.default_rng(random_state)


def stream_of(seed: int, values: Array) -> np.random.Generator:
    """A generator keyed by a seed and the bytes of an array: equal arrays, equal noise.

    Parameters
    ----------
    seed : int
        Not negative, below 2^64.
    values : ndarray

    Returns
    -------
    numpy.random.Generator
    """
    return np.random.Generator(np.random.Philox(key=key_of(seed, values, 2)))


def key_of(seed: int, values: Array, n_words: int = 1) -> Array:
    """Words of 64 bits that depend on a seed and the bytes of an array.

    Parameters
    ----------
    seed : int
        Not negative, below 2^64.
    values : ndarray
    n_words : int

    Returns
    -------
    ndarray of uint64 of shape (n_words,)
    """
    digest = hashlib.blake2b(
        np.ascontiguousarray(values).tobytes(),
        digest_size=8 * n_words,
        key=seed.to_bytes(8, "little"),
    ).digest()
    return np.frombuffer(digest, dtype=np.uint64)
