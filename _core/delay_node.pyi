from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

def respond(
    drive: NDArray[np.float64],
    node: Mapping[str, float],
    delay: int,
    response: NDArray[np.float64],
) -> None: ...
