import numpy as np
from numpy.typing import NDArray

def follow(
    factor: NDArray[np.float64],
    source: NDArray[np.float64],
    limit: NDArray[np.float64],
    start: float,
    response: NDArray[np.float64],
) -> None: ...
