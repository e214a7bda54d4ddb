"""Which currents did a reservoir really play, feedback and drift included?"""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from reservoir._types import Array, ArrayLike, Floats
from reservoir.multiplexing.base import BaseReservoir
from reservoir.multiplexing.drive import Drive
from reservoir.multiplexing.playing import Bath
from reservoir.multiplexing.sequences import Packed


def played_currents(estimator: BaseReservoir, X: ArrayLike) -> list[Floats]:
    """Currents that a fitted estimator plays, each held for `node_time_`.

    Parameters
    ----------
    estimator : ReservoirClassifier, ReservoirRegressor or TimeMultiplexedReservoir
    X : sequences or table

    Returns
    -------
    list of ndarray of shape (n_frames * n_nodes, n_drives)
        In the unit of the drive, which is A for an oscillator. There is one drive for all
        oscillators, or one for each if they have masks of their own.

    Raises
    ------
    ValueError
        If amplitudes are fed back, but something else than them is read, or thermal noise
        changes them. The currents then depend on what is not kept.
    """
    check_is_fitted(estimator)
    sequences, drive = estimator._series(X), estimator._entering()[1]
    if drive.delays and (estimator.read != "amplitude" or estimator.thermal_noise > 0):
        raise ValueError(
            "This estimator feeds amplitudes back and has read="
            f"{estimator.read!r} and thermal_noise={estimator.thermal_noise:g}; the currents "
            "that are played are known for read='amplitude' without thermal noise."
        )
    found: list[Floats] = []
    for part in sequences.blocks():
        packed = estimator._pack(sequences, part)
        bath = estimator._bath(packed)
        heard = _heard(estimator, packed, bath)
        for index, (start, length) in enumerate(
            zip(packed.starts, packed.lengths, strict=True)
        ):
            frames = packed.frames[start : start + length].astype(float)
            wander = bath.wander[start : start + length] if len(bath.wander) else None
            found.append(
                _currents(drive, frames, wander, heard[index], estimator.ensemble_.n_drives)
            )
    return found


def _heard(estimator: BaseReservoir, packed: Packed, bath: Bath) -> list[Any]:
    """Mean amplitude of the oscillators after each node, where it is fed back."""
    if not estimator.drive_.delays:
        return [None] * len(packed.lengths)
    states: Array = estimator._player().states(packed, bath)[0]
    n = len(estimator.ensemble_)
    return [
        each.reshape(len(each), n, -1).mean(axis=1, dtype=float).ravel()
        for each in Packed(states, packed.starts, packed.lengths)
    ]


def _currents(
    drive: Drive, frames: Floats, wander: Floats | None, heard: Any, n_drives: int
) -> Floats:
    """Currents of one sequence, node after node."""
    free = drive.gain * drive.masked(frames) + drive.offset
    if len(drive.bias):
        free = free + drive.bias
    if wander is not None:
        free = free + wander[:, None]
    columns = free.reshape(len(frames), n_drives, -1).swapaxes(1, 2).reshape(-1, n_drives)
    if heard is not None:
        share = drive.feedback / len(drive.delays)
        for delay in drive.delays:
            earlier = np.concatenate([np.full(delay, drive.reference), heard])[: len(heard)]
            columns = columns + share * (earlier - drive.reference)[:, None]
    currents: Floats = np.clip(columns, drive.lowest, drive.highest)
    return currents
