"""Does an array that is to be drawn hold numbers, and fit the others?"""

import numpy as np

from reservoir._checks import real_array
from reservoir._types import ArrayLike, Floats


def drawn(
    name: str, values: ArrayLike, shape: tuple[int, ...] | None, per: str = ""
) -> Floats:
    """Real numbers of a given shape.

    Parameters
    ----------
    name : str
        Of the parameter.
    values : array-like
    shape : tuple of int or None
        None: a list of any length.
    per : str, default=""
        What there must be a number for each of, for the message.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If the values are no numbers, or have another shape. NaN is a gap, and allowed.

    Examples
    --------
    >>> from reservoir.plotting.arrays import drawn
    >>> drawn("amplitude", [1, 2], (3,), "current")
    Traceback (most recent call last):
    ...
    ValueError: amplitude has shape (2,); it must have shape (3,), a number for each current.
    """
    array: Floats = np.asarray(real_array(name, values), dtype=float)
    if shape is None and array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}; it must be a list of numbers.")
    if shape is not None and array.shape != shape:
        reason = f", a number for each {per}" if per else ""
        raise ValueError(
            f"{name} has shape {array.shape}; it must have shape {shape}{reason}."
        )
    return array
