from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

def observe(
    current: NDArray[np.float64],
    state: NDArray[np.float64],
    keys: NDArray[np.uint64],
    flow: Mapping[str, float],
    reading: Mapping[str, float],
    amplitude: NDArray[np.float64],
    power: NDArray[np.float64],
    frequency: NDArray[np.float64],
    phase: NDArray[np.float64],
) -> None: ...
def normals(keys: NDArray[np.uint64], out: NDArray[np.float64]) -> None: ...
