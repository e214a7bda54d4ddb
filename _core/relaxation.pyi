import numpy as np
from numpy.typing import NDArray

def follow(
    factor: NDArray[np.float64],
    target: NDArray[np.float64],
    start: NDArray[np.float64],
    response: NDArray[np.float64],
) -> None: ...
