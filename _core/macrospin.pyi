from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

layout: dict[str, int]

def respond(
    current: NDArray[np.float64],
    state: NDArray[np.float64],
    magnet: Mapping[str, float],
    step: float,
    n_steps: int,
    power: NDArray[np.float64],
) -> None: ...
