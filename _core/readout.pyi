import numpy as np
from numpy.typing import NDArray

def weighted_sums(
    features: NDArray[np.floating],
    coefficients: NDArray[np.float64],
    intercept: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None: ...
