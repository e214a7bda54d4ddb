from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

layout: dict[str, int]

def integrate(
    cells: NDArray[np.floating],
    tones: NDArray[np.float64],
    pump: NDArray[np.float64],
    coupling: Mapping[str, float],
    first_link: NDArray[np.intp],
    source: NDArray[np.intp],
    strength: NDArray[np.floating],
    n_steps: int,
    noise: NDArray[np.floating],
    measure: bool,
    overlap: NDArray[np.float64],
    record: NDArray[np.floating],
    steps_per_record: int,
    felt: NDArray[np.floating],
    failed: NDArray[np.intp],
) -> None: ...
