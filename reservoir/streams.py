"""Random numbers that depend on a seed and on the data, not on order, threads or lanes."""

import hashlib

import numpy as np


def stream_of(seed, values):
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


def key_of(seed, values, n_words=1):
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
