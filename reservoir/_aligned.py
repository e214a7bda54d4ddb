"""Where do the kernels' arrays begin? On a cache line."""

import math

import numpy as np
from numpy.typing import DTypeLike

from reservoir._types import Array

N_LINE_BYTES = 64  # of a cache line


def aligned_zeros(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Zeros that begin on a cache line, because vector loads that straddle lines cost double.

    Parameters
    ----------
    shape : tuple of int
    dtype : data type

    Returns
    -------
    ndarray of shape `shape`
    """
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    buffer = np.zeros(n_bytes + N_LINE_BYTES, dtype=np.uint8)
    begin = -buffer.ctypes.data % N_LINE_BYTES
    return buffer[begin : begin + n_bytes].view(dtype).reshape(shape)
