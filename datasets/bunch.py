"""What does a data set look like when it is printed? Its fields, not their numbers."""

from typing import Any

import numpy as np
from sklearn.utils import Bunch as PlainBunch


class Bunch(PlainBunch):
    """A `sklearn.utils.Bunch` whose text names the fields and their sizes.

    Examples
    --------
    >>> from reservoir.datasets.bunch import Bunch
    >>> Bunch(data=[[1.0, 2.0]] * 300, rate=8000, DESCR="Invented. Not measured.")
    Bunch(data: 300 items, rate: 8000, DESCR: 23 characters)
    """

    def __repr__(self) -> str:
        """The fields and their sizes."""
        return f"Bunch({', '.join(f'{k}: {_size_of(v)}' for k, v in self.items())})"


def _size_of(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array {value.shape} of {value.dtype}"
    if isinstance(value, str):
        return repr(value) if len(value) <= 20 else f"{len(value)} characters"
    if isinstance(value, list | tuple | dict):
        return f"{len(value)} items"
    return repr(value)
