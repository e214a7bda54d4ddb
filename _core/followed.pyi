import numpy as np
from numpy.typing import NDArray

def followed_weights(
    offsets: NDArray[np.floating],
    rates: NDArray[np.floating],
    shifts: NDArray[np.floating],
    detunings: NDArray[np.floating],
    strengths: NDArray[np.floating],
    stretch: float,
    cosine: float,
    sine: float,
    weights: NDArray[np.floating],
    slopes: NDArray[np.floating],
) -> None: ...
def followed_slopes(
    offsets: NDArray[np.floating],
    rates: NDArray[np.floating],
    shifts: NDArray[np.floating],
    detunings: NDArray[np.floating],
    strengths: NDArray[np.floating],
    stretch: float,
    cosine: float,
    sine: float,
    wanted: NDArray[np.floating],
    slopes: NDArray[np.floating],
) -> None: ...
