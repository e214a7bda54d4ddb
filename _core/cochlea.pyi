import numpy as np
from numpy.typing import NDArray

def gammatone(
    waveform: NDArray[np.float64],
    zeros: NDArray[np.float64],
    poles: NDArray[np.float64],
    gain: NDArray[np.float64],
    smoothing: NDArray[np.float64],
    instants: NDArray[np.intp],
    frames: NDArray[np.float64],
) -> None: ...
