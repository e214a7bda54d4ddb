import numpy as np
from numpy.typing import NDArray

def spread(
    factors: NDArray[np.floating],
    places: NDArray[np.floating],
    n_terms: int,
    features: NDArray[np.floating],
) -> None: ...
def collect(
    coefficients: NDArray[np.floating],
    places: NDArray[np.floating],
    values: NDArray[np.floating],
    slopes: NDArray[np.floating],
) -> None: ...
