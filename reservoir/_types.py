"""What do the annotations of this package call the things that users hand over?"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[Any]
Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.intp]
Complexes: TypeAlias = NDArray[np.complex128]
Objects: TypeAlias = NDArray[np.object_]
# A number for a number, an array for an array.
FloatOrArray: TypeAlias = Any
# What `random_state` may be; `reservoir._randomness` says what becomes of it.
RandomState: TypeAlias = int | np.random.RandomState | np.random.Generator | None

__all__ = [
    "Array",
    "ArrayLike",
    "Complexes",
    "FloatOrArray",
    "Floats",
    "Integers",
    "Objects",
    "RandomState",
]
