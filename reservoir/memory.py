"""Where do the kernels' arrays begin?"""

import math

import numpy as np


def aligned_zeros(shape, dtype):
    """Zeros that start on a cache line: vector loads that straddle lines cost double."""
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    buffer = np.zeros(n_bytes + 64, dtype=np.uint8)
    begin = -buffer.ctypes.data % 64
    return buffer[begin : begin + n_bytes].view(dtype).reshape(shape)
