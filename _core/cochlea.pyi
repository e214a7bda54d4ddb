import numpy as np
from numpy.typing import NDArray

layout: dict[str, int]

def gammatone(
    waveform: NDArray[np.float64],
    zeros: NDArray[np.float64],
    poles: NDArray[np.float64],
    gain: NDArray[np.float64],
    smoothing: NDArray[np.float64],
    instants: NDArray[np.intp],
    frames: NDArray[np.float64],
) -> None: ...
def lyon(
    waveform: NDArray[np.float64],
    sections: NDArray[np.float64],
    n_places: int,
    control: NDArray[np.float64],
    share: float,
    instants: NDArray[np.intp],
    wave: NDArray[np.float64],
    states: NDArray[np.float64],
    gains: NDArray[np.float64],
    sound: NDArray[np.float64],
    means: NDArray[np.float64],
    frames: NDArray[np.float64],
) -> None: ...
