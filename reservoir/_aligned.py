"""Where do the kernels' arrays begin? On a cache line."""

import math

import numpy as np
from numpy.typing import DTypeLike

from reservoir._types import Array


def aligned_zeros(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Zeros that start on a cache line: vector loads that straddle lines cost double."""
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    buffer = np.zeros(n_bytes + 64, dtype=np.uint8)
    begin = -buffer.ctypes.data % 64
    return buffer[begin : begin + n_bytes].view(dtype).reshape(shape)
