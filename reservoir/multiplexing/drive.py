"""From frames to currents: what does the oscillator receive?

A frame of n_channels numbers, joined by earlier frames (taps), is centred channel by
channel, multiplied by the mask, and scaled to the range of currents. Everything is learned
from training data once and then held: channel means (and spreads), and the range.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from reservoir._scaling import units_of
from reservoir._types import Array, Floats
from reservoir.devices import Device
from reservoir.multiplexing.sequences import Entry, Sequences

QUANTILE = 1e-3  # of the masked drive that lies beyond either end of the range
MAX_OFFSET = 8.0  # of a channel, over its size, that single precision may round with it
MIN_SINGLE = 1e-30  # size that single precision holds with room for products
MIN_SIZE, MAX_SIZE = 1e-290, 1e290  # of the data: beyond, sums and inverses lose digits
DIFFERENT_UNITS = 30.0  # ratio of the largest spread of a channel to the middle one
N_JUDGED = 64  # new sequences that tell whether the data are far too small
N_SAMPLE_FRAMES = 4096  # training frames, evenly spread, from which the range is learned


@dataclass(frozen=True)
class Drive:
    """How frames become currents; currents in A.

    Attributes
    ----------
    mask : ndarray of shape (n_channels * n_taps, n_nodes)
        If oscillators have masks of their own, the columns of the first oscillator come
        first, and n_nodes is the number of all columns, here and in `bias`.
    center, scale : ndarray of shape (n_channels,)
        A channel enters as (value - center) * scale.
    taps : tuple of int
        Delays in frames, the first is 0.
    gain, offset : float
        Current = gain * masked drive + offset.
    bias : ndarray of shape (n_nodes,), or empty
        Constant current of each node, added to the masked drive; empty: none.
    lowest, highest : float
        Range to which the current is clipped.
    feedback : float
        Current that is added for each unit by which the mean of the amplitudes `delays`
        nodes earlier exceeds `reference`.
    delays : tuple of int
        Nodes from an amplitude to the current it acts on; empty for no feedback.
    middle : float
        Current in the middle of the drive's range.
    reference : float
        Amplitude at rest there, which feeds back nothing.
    initial_power : float
        Power at the start of every sequence.
    """

    mask: Floats
    center: Floats
    scale: Floats
    taps: tuple[int, ...]
    gain: float
    offset: float
    bias: Floats
    lowest: float
    highest: float
    feedback: float
    delays: tuple[int, ...]
    middle: float
    reference: float
    initial_power: float

    def __post_init__(self) -> None:
        """Check that the shapes agree, because the kernels do not check them."""
        n_channels = len(self.center)
        if (
            np.shape(self.scale) != (n_channels,)
            or np.ndim(self.mask) != 2
            or len(self.mask) != n_channels * len(self.taps)
            or 0 in self.mask.shape
        ):
            raise ValueError(
                f"The drive has a mask of shape {np.shape(self.mask)} for {n_channels} "
                f"centres, {np.size(self.scale)} scales and {len(self.taps)} taps; the "
                "mask must have one row for each channel and tap."
            )
        if np.shape(self.bias) not in ((0,), (self.mask.shape[1],)):
            raise ValueError(
                f"The drive has a bias of shape {np.shape(self.bias)} for "
                f"{self.mask.shape[1]} nodes; it must hold one current for each, or none."
            )
        if min(self.taps) < 0 or min(self.delays, default=1) < 1:
            raise ValueError(
                f"The drive has the taps {self.taps} and the delays {self.delays}; a tap is "
                "not negative, and a delay at least 1."
            )

    def masked(self, frames: Array) -> Floats:
        """Masked drive of the frames of one sequence, before the range.

        Parameters
        ----------
        frames : ndarray of shape (n_frames, n_channels)

        Returns
        -------
        ndarray of shape (n_frames, n_nodes)
        """
        masked: Floats = join_taps((frames - self.center) * self.scale, self.taps) @ self.mask
        return masked

    def entering(self, dtype: np.dtype[Any]) -> tuple[Entry, "Drive"]:
        """What to do to frames before they are rounded, and the drive that plays the result.

        In single precision a channel that is far from zero, or whose size single precision
        cannot hold, is centred and scaled beforehand, so that it keeps its digits. All other
        channels enter as they are, and the kernel centres and scales them.

        Parameters
        ----------
        dtype : float64 or float32

        Returns
        -------
        entry : Entry
        drive : Drive
        """
        center, scale = self.center, self.scale
        far = np.zeros(len(center), dtype=bool)
        if dtype == np.float32:
            plain = (np.abs(center) < 1 / MIN_SINGLE) & (scale < 1 / MIN_SINGLE)
            plain &= (scale > MIN_SINGLE) | (scale == 0)
            plain[plain] = np.abs(center[plain]) * scale[plain] <= MAX_OFFSET
            far = ~plain
        offset, unit = np.where(far, center, 0.0), np.where(far, scale, 1.0)
        played = replace(
            self, center=np.where(far, 0.0, center), scale=np.where(far, 1.0, scale)
        )
        most = float(np.finfo(dtype).max) / 16
        weights = np.abs(self.mask / self.weight_unit(dtype))
        weight = max(float(weights.sum(axis=0).max()), 1.0)
        with np.errstate(divide="ignore", over="ignore"):
            largest = np.minimum(most / weight / played.scale, most)
        return Entry(offset, unit, largest), played

    def weight_unit(self, dtype: np.dtype[Any]) -> float:
        """What the weights are divided by, so that single precision holds them."""
        size = float(np.abs(self.mask).max())
        held = dtype == np.float64 or MIN_SINGLE <= size <= 1 / MIN_SINGLE
        return 1.0 if held else size

    def currents(self, frames: Array) -> Floats:
        """Currents of the nodes without feedback, in A; parameters as for `masked`."""
        currents = self.gain * self.masked(frames) + self.offset
        if len(self.bias):
            currents += self.bias
        return np.clip(currents, self.lowest, self.highest)


def join_taps(frames: Array, taps: Sequence[int]) -> Array:
    """Join each frame with earlier ones; the first frame repeats before the start.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_channels)
    taps : sequence of int
        Delays in frames.

    Returns
    -------
    ndarray of shape (n_frames, n_channels * n_taps)
    """
    time = np.arange(len(frames))
    return np.concatenate([frames[np.maximum(time - tap, 0)] for tap in taps], axis=1)


@dataclass(frozen=True)
class DriveSettings:
    """What an estimator's parameters say about its drive.

    Attributes
    ----------
    mask : ndarray of shape (n_channels * n_taps, n_nodes)
    taps : tuple of int
        Delays in frames; the first is 0.
    drive_range : tuple of float
        Lowest and highest current, in units of the threshold current.
    standardize : bool or None
        Whether each channel is divided by its own standard deviation. A channel that is
        constant in the training data is then left out. Otherwise all channels keep their
        common unit. None chooses by how much the channels vary.
    bias : ndarray of shape (n_nodes,), or empty
        Constant current of each node, in units of the threshold current.
    current_limits : tuple of float or None
        Range to which currents are clipped, in units of the threshold current. None stands
        for the `drive_range`.
    feedback_gain : float
        Current in units of the threshold current for each unit of amplitude.
    feedback_delays : tuple of int
        Delays in nodes.
    """

    mask: Floats
    taps: tuple[int, ...]
    drive_range: tuple[float, float]
    standardize: bool | None
    bias: Floats = field(default_factory=lambda: np.zeros(0))
    current_limits: tuple[float, float] | None = None
    feedback_gain: float = 0.0
    feedback_delays: tuple[int, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What a drive is learned from.

    Attributes
    ----------
    center, scale : ndarray of shape (n_channels,)
        Mean and inverse standard deviation of each channel; 0 for a constant one.
    size : float
        Largest deviation of any channel from its mean.
    frames : ndarray of shape (n_sample_frames, n_channels * n_taps)
        A sample of the frames as they are, each joined by its taps.
    longest : int
        Frames of the longest sequence.
    """

    center: Floats
    scale: Floats
    size: float
    frames: Array
    longest: int

    @classmethod
    def of(cls, sequences: Sequences, taps: Sequence[int]) -> "Seen":
        """What training sequences show, of which all are at hand."""
        center, scale = _channel_statistics(sequences)
        return cls(
            center,
            scale,
            _typical_size(sequences, center),
            _sample_frames(sequences, taps),
            int(sequences.lengths.max()),
        )


def learn_drive(seen: Seen, oscillator: Device, settings: DriveSettings) -> Drive:
    """Learn centre, scale and range.

    Parameters
    ----------
    seen : Seen
        Its frames have the taps of the settings.
    oscillator : device
    settings : DriveSettings

    Returns
    -------
    Drive
    """
    center, scale = seen.center, seen.scale
    standardize = settings.standardize
    if standardize is None:
        standardize = _in_different_units(scale)
    if not standardize:
        scale = np.full_like(scale, 1 / seen.size)
    unit = oscillator.drive_unit
    lowest, highest = (float(limit) * unit for limit in settings.drive_range)
    middle = (lowest + highest) / 2
    power = oscillator.stationary_power(middle)
    limits = settings.current_limits
    if limits is None:
        limits = settings.drive_range
    plain = Drive(
        mask=settings.mask,
        center=center,
        scale=scale,
        taps=settings.taps,
        gain=1.0,
        offset=middle,
        bias=np.asarray(settings.bias, dtype=float) * unit,
        lowest=float(limits[0]) * unit,
        highest=float(limits[1]) * unit,
        feedback=settings.feedback_gain * unit,
        delays=tuple(settings.feedback_delays) if settings.feedback_gain else (),
        middle=middle,
        reference=float(np.sqrt(power)),
        initial_power=power,
    )
    masked = _masked_sample(seen.frames, plain)
    low = np.quantile(masked, QUANTILE, method="lower")
    high = np.quantile(masked, 1 - QUANTILE, method="higher")
    size = float(np.abs(settings.mask).max())
    varies = high - low > 1e-12 * size
    # A value at the very end must not count as clipped because of its last digit, in
    # single precision either.
    low, high = low - 1e-6 * (high - low), high + 1e-6 * (high - low)
    with np.errstate(over="ignore"):
        # Where nothing varies, the largest weight alone spans the range.
        gain = (highest - lowest) / (high - low if varies else size)
    if not np.isfinite(gain):
        raise ValueError(
            f"The weighted sums of the channels span {high - low:.3g}, which is too little "
            "for double precision; divide the mask by its largest weight."
        )
    return replace(plain, gain=gain, offset=lowest - gain * low if varies else middle)


def reach_of(sequences: Sequences, drive: Drive) -> float:
    """How far frames drive a node from the middle of the limits, over half their range.

    A current beyond 1 is clipped. A sample of the frames is looked at.
    """
    currents = drive.gain * _masked_sample(_sample_frames(sequences, drive.taps), drive)
    half = (drive.highest - drive.lowest) / 2
    middle = drive.lowest + half - drive.offset - (drive.bias if len(drive.bias) else 0.0)
    return float(np.abs(currents - middle).max()) / half


def variation_of(sequences: Sequences, drive: Drive) -> float:
    """The most by which the current of a node can change from frame to frame.

    In units of the range. It is a bound from the changes of the channels in a sample of the
    sequences, and needs no masked drive.
    """
    sample = [sequences.arrays[index] for index in sequences.sample(N_JUDGED)]
    highest = np.max([array.max(axis=0) for array in sample], axis=0)
    lowest = np.min([array.min(axis=0) for array in sample], axis=0)
    changes = (highest.astype(float) - lowest) * drive.scale
    bound = np.tile(changes, len(drive.taps)) @ np.abs(drive.mask)
    return float(drive.gain * bound.max() / (drive.highest - drive.lowest))


def _channel_statistics(sequences: Sequences) -> tuple[Floats, Floats]:
    """Mean and inverse standard deviation of every channel over all frames."""
    n_frames = sequences.lengths.sum()
    sums = np.zeros(sequences.n_channels)
    squares = np.zeros(sequences.n_channels)
    shift = np.asarray(sequences.arrays[0][0], dtype=float)
    units = _units_of(sequences, shift)
    for array in sequences.arrays:
        difference = (array - shift) / units
        sums += difference.sum(axis=0)
        squares += np.einsum("ij,ij->j", difference, difference)
    mean = sums / n_frames
    variance = np.maximum(squares / n_frames - mean**2, 0.0)
    center = shift + mean * units
    with np.errstate(over="ignore"):  # A spread that is lost beside such a centre is none.
        varies = variance > 1e-20 * (center / units) ** 2
    scale = np.zeros(sequences.n_channels)
    scale[varies] = 1 / np.sqrt(variance[varies]) / units[varies]
    return center, scale


def _in_different_units(scale: Floats) -> bool:
    """Whether one channel varies far more than the middle one."""
    spreads = 1 / scale[scale > 0]
    if len(spreads) == 0:
        return False
    middle = np.quantile(spreads, 0.5, method="lower")  # of two channels the smaller one
    return bool(spreads.max() > DIFFERENT_UNITS * middle)


def _units_of(sequences: Sequences, shift: Floats) -> Floats:
    """Powers of two to divide channels by so that their squares are numbers, mostly 1."""
    sizes = np.zeros(sequences.n_channels)
    with np.errstate(over="ignore"):
        for array in sequences.arrays:
            np.maximum(sizes, np.abs(array - shift).max(axis=0), out=sizes)
    size = float(sizes.max())
    if not size < MAX_SIZE:
        raise ValueError(
            f"The channels of X span {size:.3g}, which is too much for double precision; "
            "divide them by their size."
        )
    if 0 < size < MIN_SIZE:
        raise ValueError(
            f"The channels of X change by {size:.3g} at most, which is too little for double "
            "precision; multiply them by a large number."
        )
    return units_of(np.where(sizes < MIN_SIZE, 1.0, sizes))


def _typical_size(sequences: Sequences, center: Floats) -> float:
    """Largest deviation from the centre in the first sequences, 1 if there is none."""
    arrays = sequences.arrays[:64]
    return max(float(np.abs(array - center).max()) for array in arrays) or 1.0


def _sample_frames(sequences: Sequences, taps: Sequence[int]) -> Array:
    """At most N_SAMPLE_FRAMES training frames with their taps, evenly spread."""
    count = min(N_SAMPLE_FRAMES, int(sequences.lengths.sum()))
    ends = np.cumsum(sequences.lengths)
    frames = np.arange(count) * int(ends[-1]) // count
    owners = np.searchsorted(ends, frames, side="right")
    rows = []
    for owner in np.unique(owners):
        times = frames[owners == owner] - (ends[owner] - sequences.lengths[owner])
        array = sequences.arrays[owner]
        earlier = [array[np.maximum(times - tap, 0)] for tap in taps]
        rows.append(np.concatenate(earlier, axis=1))
    return np.concatenate(rows)


def _masked_sample(frames: Array, drive: Drive) -> Floats:
    """Masked drive of frames that are joined by their taps."""
    center, scale = (np.tile(each, len(drive.taps)) for each in (drive.center, drive.scale))
    with np.errstate(over="ignore", invalid="ignore"):
        masked: Floats = ((frames - center) * scale) @ drive.mask
    if not np.isfinite(masked).all():
        raise ValueError(
            "The weighted sums of the channels are beyond double precision; divide the mask "
            "by its largest weight, or the channels by their size."
        )
    return masked
