"""What does a time-multiplexed reservoir play for one inference, counted and summed?"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from reservoir._types import ArrayLike, Floats
from reservoir.devices import Ability, Device
from reservoir.multiplexing.base import BaseReservoir
from reservoir.multiplexing.drive import join_taps
from reservoir.multiplexing.played import played_currents
from reservoir.multiplexing.series import SeriesReservoir


@dataclass(frozen=True)
class Plays:
    """What one inference plays and reads: sums over all masks and copies.

    Attributes
    ----------
    n_plays : float
        How often a sequence is played.
    time : float
        In s.
    squared_current : float or None
        Integral of the squared current over time, over all devices, in A2 s; None if the
        drive is no current.
    n_frames : float
    n_holds : float
        Currents that are played one after the other, on each drive.
    n_conversions_in, n_conversions_out : float
    n_mask_products, n_mask_sums : float
        Multiplications and additions of the mask.
    n_readout_products : float
    effective : float
        Products of mask and readout of which no factor is 0.
    n_echo_products : float
        Of an echo-state network with as many nodes.
    n_states, n_silent : float
        States that are read, and how many of them are 0.
    """

    n_plays: float
    time: float
    squared_current: float | None
    n_frames: float
    n_holds: float
    n_conversions_in: float
    n_conversions_out: float
    n_mask_products: float
    n_mask_sums: float
    n_readout_products: float
    effective: float
    n_echo_products: float
    n_states: float
    n_silent: float

    def __add__(self, other: "Plays") -> "Plays":
        """What both play, one after the other."""
        sums: dict[str, Any] = {}
        for each in fields(self):
            one, two = getattr(self, each.name), getattr(other, each.name)
            sums[each.name] = None if one is None or two is None else one + two
        return Plays(**sums)


def carries_current(device: Device) -> bool:
    """Whether the drive of a device is a current in A: its unit is its threshold current."""
    return type(device).drive_unit is Device.drive_unit


def squared_currents(estimator: BaseReservoir, X: ArrayLike) -> Floats:
    """Integral of the squared current over the time of each sequence, over all devices.

    Parameters
    ----------
    estimator : ReservoirClassifier, ReservoirRegressor or TimeMultiplexedReservoir
    X : sequences or table

    Returns
    -------
    ndarray of shape (n_sequences,)
        In A2 s. Currents are held, so the integral is an exact sum. Times the resistance it
        is the energy of the direct current.
    """
    ensemble = estimator.ensemble_
    n_copies = len(ensemble) // ensemble.n_drives
    sums = [np.square(each).sum() for each in played_currents(estimator, X)]
    return n_copies * estimator.node_time_ * np.array(sums)


def plays_of(estimator: BaseReservoir, X: ArrayLike) -> Plays:
    """What one inference of an estimator plays, as the mean over some sequences.

    An inference is a sequence; of a regressor or a frame classifier it is a frame.
    """
    sequences, drive, ensemble = estimator._series(X), estimator.drive_, estimator.ensemble_
    lengths = sequences.lengths.astype(float)
    by_frame = isinstance(estimator, SeriesReservoir)
    n_inferences = float(lengths.sum()) if by_frame else float(len(lengths))
    device, n = estimator.oscillator_, len(ensemble)
    n_columns = drive.mask.shape[1]
    n_nodes = n_columns // ensemble.n_drives
    is_device = Ability.TRANSPARENT not in device.abilities()
    squared: float | None = None
    if is_device and carries_current(device) and _is_known(estimator):
        squared = float(squared_currents(estimator, X).sum()) / n_inferences
    n_frames = float(lengths.sum()) / n_inferences
    heard = np.count_nonzero(drive.mask, axis=1)
    inputs = [
        join_taps((np.asarray(frames, dtype=float) - drive.center) * drive.scale, drive.taps)
        for frames in sequences.arrays
    ]
    effective = sum(float((np.count_nonzero(each, axis=0) * heard).sum()) for each in inputs)
    one_size = len(np.unique(np.abs(drive.mask[drive.mask != 0]))) <= 1
    n_products = n_frames * float(heard.sum())
    states = estimator.node_states(X)
    n_silent = float(sum(np.count_nonzero(each == 0) for each in states)) / n_inferences
    n_readout, n_readout_effective = _readout_products(estimator, n_frames)
    n_squares = float(n_nodes * n) ** 2 + drive.mask.size
    return Plays(
        n_plays=1.0,
        time=n_frames * n_nodes * estimator.node_time_ if is_device else 0.0,
        squared_current=squared,
        n_frames=n_frames,
        n_holds=n_frames * n_nodes,
        n_conversions_in=n_frames * n_columns if is_device else 0.0,
        n_conversions_out=n_frames * n_nodes * n if is_device else 0.0,
        n_mask_products=0.0 if one_size else n_products,
        n_mask_sums=n_products,
        n_readout_products=n_readout,
        effective=effective / n_inferences + n_readout_effective,
        n_echo_products=n_frames * n_squares + n_readout,
        n_states=n_frames * n_nodes * n,
        n_silent=n_silent,
    )


def _is_known(estimator: BaseReservoir) -> bool:
    """Whether the currents that were played can be told."""
    plain = estimator.read == "amplitude" and estimator.thermal_noise == 0
    return plain or not estimator.drive_.delays


def _readout_products(estimator: Any, n_frames: float) -> tuple[float, float]:
    """Products of the readout for one inference, and those whose weight is not 0."""
    readout = getattr(estimator, "readout_", None)
    if readout is None:
        return 0.0, 0.0
    every_frame = isinstance(estimator, SeriesReservoir) or estimator.pooling == "vote"
    times = n_frames if every_frame else 1.0
    weights = readout.coefficients
    return times * float(weights.size), times * float(np.count_nonzero(weights))


def summed(parts: Sequence[Plays]) -> Plays:
    """What several plays take together."""
    total = parts[0]
    for each in parts[1:]:
        total = total + each
    return total


@dataclass(frozen=True)
class Size:
    """How large the fitted reservoirs of an estimator are together.

    Attributes
    ----------
    n_parameters, n_bytes : float
        Numbers of masks, drives and readouts.
    n_connections, n_zero : float
        Weights of masks and readouts, and how many of them are 0.
    """

    n_parameters: float
    n_bytes: float
    n_connections: float
    n_zero: float


def size_of(members: Sequence[Any]) -> Size:
    """Size of some fitted reservoirs."""
    arrays: list[Any] = []
    matrices: list[Any] = []
    for member in members:
        drive = member.drive_
        arrays += [drive.mask, drive.center, drive.scale, drive.bias]
        matrices.append(drive.mask)
        if hasattr(member, "readout_"):
            arrays += [member.readout_.coefficients, member.readout_.intercept]
            matrices.append(member.readout_.coefficients)
    n_connections = sum(each.size for each in matrices)
    return Size(
        n_parameters=float(sum(each.size for each in arrays)),
        n_bytes=float(sum(each.nbytes for each in arrays)),
        n_connections=float(n_connections),
        n_zero=float(n_connections - sum(np.count_nonzero(each) for each in matrices)),
    )
