import numpy as np
from numpy.typing import NDArray

def adam_step(
    parameters: NDArray[np.floating],
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    slopes: NDArray[np.floating],
    limits: NDArray[np.floating],
    first_decay: float,
    second_decay: float,
    length: float,
    tiny: float,
) -> None: ...
