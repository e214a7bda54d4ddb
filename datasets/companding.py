"""Which sample does a telephone's byte stand for? The two tables of ITU-T G.711.

Both laws write a sign, an exponent (the segment) and four bits of mantissa, so that the
step grows with the loudness. ``MU_LAW[byte]`` and ``A_LAW[byte]`` are the sample as a
fraction of full scale.
"""

import numpy as np
from numpy.typing import NDArray


def _mu_law() -> NDArray[np.float64]:
    code = ~np.arange(256, dtype=np.uint8)  # all bits are sent inverted
    exponent, mantissa = code >> 4 & 7, (code & 15).astype(int)
    size = ((2 * mantissa + 33) << exponent) - 33
    table: NDArray[np.float64] = np.where(code & 128, -size, size) / 8192.0
    return table


def _a_law() -> NDArray[np.float64]:
    code = np.arange(256, dtype=np.uint8) ^ 0x55  # every other bit is sent inverted
    exponent, mantissa = code >> 4 & 7, (code & 15).astype(int)
    # The two lowest segments have the same step.
    size = (2 * mantissa + np.where(exponent, 33, 1)) << np.maximum(exponent, 1) - 1
    table: NDArray[np.float64] = np.where(code & 128, size, -size) / 4096.0
    return table


MU_LAW = _mu_law()
A_LAW = _a_law()
