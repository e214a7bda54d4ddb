import numpy as np
from numpy.typing import NDArray

def change_ranges(
    frames: NDArray[np.floating],
    starts: NDArray[np.intp],
    lengths: NDArray[np.intp],
    scale: NDArray[np.float64],
    floor_share: float,
    running: NDArray[np.float64],
    range_starts: NDArray[np.intp],
    range_ends: NDArray[np.intp],
) -> None: ...
