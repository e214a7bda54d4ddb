import numpy as np
from numpy.typing import NDArray

def read_table(
    places: NDArray[np.floating],
    lowest: float,
    highest: float,
    pieces: NDArray[np.floating],
    values: NDArray[np.floating],
    slopes: NDArray[np.floating],
) -> None: ...
