import numpy as np
from numpy.typing import NDArray

def chain_weights(
    offsets: NDArray[np.floating],
    detunings: NDArray[np.floating],
    strengths: NDArray[np.floating],
    stretch: float,
    cosine: float,
    sine: float,
    weights: NDArray[np.floating],
) -> None: ...
def chain_slopes(
    offsets: NDArray[np.floating],
    detunings: NDArray[np.floating],
    strengths: NDArray[np.floating],
    stretch: float,
    cosine: float,
    sine: float,
    wanted: NDArray[np.floating],
    slopes: NDArray[np.floating],
) -> None: ...
