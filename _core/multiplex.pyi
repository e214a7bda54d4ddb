from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

layout: dict[str, int]

def simulate(
    current: NDArray[np.floating],
    state: NDArray[np.float64],
    flow: Mapping[str, float],
    amplitude: NDArray[np.floating],
) -> int: ...
def simulate_lanes(
    current: NDArray[np.floating],
    state: float,
    flow: Mapping[str, float],
    amplitude: NDArray[np.floating],
) -> None: ...
def multiplex(
    frames: NDArray[np.floating],
    starts: NDArray[np.intp],
    lengths: NDArray[np.intp],
    members: NDArray[np.intp],
    center: NDArray[np.floating],
    scale: NDArray[np.floating],
    taps: NDArray[np.intp],
    rows: NDArray[np.int32],
    grouped: bool,
    weights: NDArray[np.floating],
    bias: NDArray[np.floating],
    delays: NDArray[np.intp],
    wander: NDArray[np.floating],
    keys: NDArray[np.uint64],
    reading: Mapping[str, float],
    variable: int,
    flow: Mapping[str, float],
    drive: Mapping[str, float],
    ensemble: Mapping[str, float],
    matrix: NDArray[np.floating],
    beginning: NDArray[np.floating],
    first: NDArray[np.intp],
    last: NDArray[np.intp],
    inputs: NDArray[np.floating],
    table: NDArray[np.floating],
    history: NDArray[np.floating],
    amplitudes: NDArray[np.floating],
    responses: NDArray[np.floating],
    sums: NDArray[np.floating],
    states: NDArray[np.floating],
    pooled: NDArray[np.floating],
    clipped: NDArray[np.intp],
) -> None: ...
