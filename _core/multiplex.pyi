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
def scratch_shapes(
    *,
    n_inputs: int,
    rows_are_sums: bool,
    longest_delay: int,
    n_oscillators: int,
    n_ranges: int,
    n_nodes: int,
) -> dict[str, tuple[int, ...]]: ...
def multiplex(
    *,
    frames: NDArray[np.floating],
    starts: NDArray[np.intp],
    lengths: NDArray[np.intp],
    members: NDArray[np.intp],
    center: NDArray[np.floating],
    scale: NDArray[np.floating],
    taps: NDArray[np.intp],
    mask_rows: NDArray[np.int32],
    rows_are_sums: bool,
    mask_weights: NDArray[np.floating],
    bias: NDArray[np.floating],
    wander: NDArray[np.floating],
    feedback_delays: NDArray[np.intp],
    drive: Mapping[str, float],
    flow: Mapping[str, float],
    ensemble: Mapping[str, float],
    exchange: NDArray[np.floating],
    beginning: NDArray[np.floating],
    noise_keys: NDArray[np.uint64],
    reading: Mapping[str, float],
    variable: int,
    transparent: bool,
    range_starts: NDArray[np.intp],
    range_ends: NDArray[np.intp],
    n_squared: int,
    inputs: NDArray[np.floating],
    table: NDArray[np.floating],
    history: NDArray[np.floating],
    amplitudes: NDArray[np.floating],
    responses: NDArray[np.floating],
    inside: NDArray[np.floating],
    n_inside: NDArray[np.floating],
    sums: NDArray[np.floating],
    begin: int,
    end: int,
    carried: NDArray[np.float64],
    states: NDArray[np.floating],
    pooled: NDArray[np.floating],
    clipped: NDArray[np.intp],
) -> None: ...
