from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

variables: dict[str, int]

def respond(
    detuning: NDArray[np.float64],
    state: NDArray[np.float64],
    locked: Mapping[str, float],
    step: float,
    n_steps: int,
    variable: int,
    response: NDArray[np.float64],
) -> None: ...
