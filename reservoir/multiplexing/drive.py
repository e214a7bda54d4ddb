"""From frames to currents: what does the oscillator receive?

A frame of n_channels numbers, joined by earlier frames (taps), is centred channel by
channel, multiplied by the mask, and scaled to the range of currents. Everything is learned
from training data once and then held: channel means (and spreads), and the range.
"""

from dataclasses import dataclass

import numpy as np

QUANTILE = 1e-3  # of the masked drive that lies beyond either end of the range
N_FRAMES = 4096  # training frames, evenly spread, from which the range is learned


@dataclass(frozen=True)
class Drive:
    """How frames become currents; currents in A.

    Attributes
    ----------
    mask : ndarray of shape (n_channels * n_taps, n_nodes)
        If oscillators have masks of their own: those of the first, then of the second, ...,
        and n_nodes is the number of all columns, here and in `bias`.
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
        Current added for each unit by which the amplitudes `delays` nodes earlier, on
        average, exceed `reference`.
    delays : tuple of int
        Nodes from an amplitude to the current it acts on; empty for no feedback.
    middle : float
        Current in the middle of the drive's range.
    reference : float
        Amplitude at rest there, which feeds back nothing.
    initial_power : float
        Power at the start of every sequence.
    """

    mask: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    taps: tuple
    gain: float
    offset: float
    bias: np.ndarray
    lowest: float
    highest: float
    feedback: float
    delays: tuple
    middle: float
    reference: float
    initial_power: float

    def __post_init__(self):
        """Check that the shapes agree: the kernels do not."""
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

    def masked(self, frames):
        """Masked drive of the frames of one sequence, before the range.

        Parameters
        ----------
        frames : ndarray of shape (n_frames, n_channels)

        Returns
        -------
        ndarray of shape (n_frames, n_nodes)
        """
        return join_taps((frames - self.center) * self.scale, self.taps) @ self.mask

    def currents(self, frames):
        """Currents of the nodes without feedback, in A; parameters as for `masked`."""
        currents = self.gain * self.masked(frames) + self.offset
        if len(self.bias):
            currents += self.bias
        return np.clip(currents, self.lowest, self.highest)


def join_taps(frames, taps):
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


def learn_drive(
    sequences,
    mask,
    taps,
    oscillator,
    drive_range,
    standardize,
    bias=(),
    current_limits=None,
    feedback_gain=0.0,
    feedback_delays=(),
):
    """Learn centre, scale and range from training sequences.

    Parameters
    ----------
    sequences : Sequences
    mask : ndarray of shape (n_channels * n_taps, n_nodes)
    taps : tuple of int
    oscillator : device
    drive_range : tuple of float
        Lowest and highest current, in units of the threshold.
    standardize : bool
        Divide each channel by its own standard deviation; one that is constant in the
        training data is then left out. Else all channels keep their common unit.
    bias : array-like of shape (n_nodes,), or empty
        Constant current of each node, in units of the threshold.
    current_limits : tuple of float or None
        Range to which currents are clipped, in units of the threshold; None: `drive_range`.
    feedback_gain : float
        Current in units of the threshold per unit of amplitude.
    feedback_delays : tuple of int

    Returns
    -------
    Drive
    """
    center, scale = _channel_statistics(sequences)
    if not standardize:
        scale = np.full_like(scale, 1 / _typical_size(sequences, center))
    threshold = oscillator.drive_unit
    lowest, highest = (float(limit) * threshold for limit in drive_range)
    middle = (lowest + highest) / 2
    power = oscillator.stationary_power(middle)
    limits = drive_range if current_limits is None else current_limits
    plain = Drive(
        mask=mask,
        center=center,
        scale=scale,
        taps=taps,
        gain=1.0,
        offset=middle,
        bias=np.asarray(bias, dtype=float) * threshold,
        lowest=float(limits[0]) * threshold,
        highest=float(limits[1]) * threshold,
        feedback=feedback_gain * threshold,
        delays=tuple(feedback_delays) if feedback_gain else (),
        middle=middle,
        reference=float(np.sqrt(power)),
        initial_power=power,
    )
    masked = _masked_sample(sequences, plain)
    low = np.quantile(masked, QUANTILE, method="lower")
    high = np.quantile(masked, 1 - QUANTILE, method="higher")
    if not high - low > 1e-12:
        return plain
    # A value at the very end must not count as clipped because of its last digit, in
    # single precision either.
    low, high = low - 1e-6 * (high - low), high + 1e-6 * (high - low)
    gain = (highest - lowest) / (high - low)
    return Drive(**{**vars(plain), "gain": gain, "offset": lowest - gain * low})


def _channel_statistics(sequences):
    """Mean and inverse standard deviation of every channel over all frames."""
    n_frames = sequences.lengths.sum()
    sums = np.zeros(sequences.n_channels)
    squares = np.zeros(sequences.n_channels)
    shift = np.asarray(sequences.arrays[0][0], dtype=float)
    for array in sequences.arrays:
        difference = array - shift
        sums += difference.sum(axis=0)
        squares += np.einsum("ij,ij->j", difference, difference)
    mean = sums / n_frames
    variance = np.maximum(squares / n_frames - mean**2, 0.0)
    varies = variance > 1e-20 * (shift + mean) ** 2
    scale = np.zeros(sequences.n_channels)
    scale[varies] = 1 / np.sqrt(variance[varies])
    return shift + mean, scale


def _typical_size(sequences, center):
    """Largest deviation from the centre in the first sequences, 1 if there is none."""
    arrays = sequences.arrays[:64]
    return max(float(np.abs(array - center).max()) for array in arrays) or 1.0


def _masked_sample(sequences, drive):
    """Masked drive of at most N_FRAMES training frames, evenly spread."""
    count = min(N_FRAMES, int(sequences.lengths.sum()))
    ends = np.cumsum(sequences.lengths)
    frames = np.arange(count) * int(ends[-1]) // count
    owners = np.searchsorted(ends, frames, side="right")
    rows = []
    for owner in np.unique(owners):
        times = frames[owners == owner] - (ends[owner] - sequences.lengths[owner])
        standard = (sequences.arrays[owner] - drive.center) * drive.scale
        rows.append(join_taps(standard, drive.taps)[times])
    return np.concatenate(rows) @ drive.mask
