"""What has become of the nodes, the noise and the converter of a fitted reservoir?"""

from dataclasses import dataclass

import numpy as np

from reservoir._randomness import stream_of
from reservoir._types import Array, Floats
from reservoir.multiplexing.sequences import Packed

STRAY_SEED_OFFSET = 2**41  # makes it independent of readout noise


@dataclass(frozen=True)
class Wear:
    """How the reading of a fitted reservoir differs from the reading that it learned with.

    A reading is amplified, gets its noise, and is converted. Then each node has a gain and an
    offset. The last step is a correction that a user has chosen.

    Attributes
    ----------
    gains, offsets : ndarray of shape (n_oscillators * n_nodes,)
        The readout sees gain * reading + offset of each node. Where the offset is not 0 the
        gain is 0, which says that the node is stuck.
    amplification : float
        Factor of all readings, before noise and converter.
    correction : float
        Factor of all that the readout sees.
    thermal_noise : float
        Mean power without a current, which is added to the parameter of this name.
    noise_seed, thermal_seed, stray_seed : int or None
        Seeds of readout noise, of thermal noise and of stray readings. None: `seed_`.
    bits : int or None
        Of the converter, in place of the parameter of this name.
    strays : ndarray of the shape of `gains`, or None
        Largest reading of each node that is read as noise, and 0 of all others. Its gain and
        its offset are 0.

    Raises
    ------
    ValueError
        If the shapes disagree, or a node has two of gain, offset and largest stray reading.
    """

    gains: Floats
    offsets: Floats
    amplification: float = 1.0
    correction: float = 1.0
    thermal_noise: float = 0.0
    noise_seed: int | None = None
    bits: int | None = None
    strays: Floats | None = None
    thermal_seed: int | None = None
    stray_seed: int | None = None

    def __post_init__(self) -> None:
        """Check what `hand_on` relies on."""
        if np.ndim(self.gains) != 1 or np.shape(self.gains) != np.shape(self.offsets):
            raise ValueError(
                f"The wear has gains of shape {np.shape(self.gains)} and offsets of shape "
                f"{np.shape(self.offsets)}; both must be (n_nodes,)."
            )
        if np.any(self.gains * self.offsets != 0):
            raise ValueError("A node of the wear has a gain and an offset; one must be 0.")
        if self.strays is None:
            return
        if np.shape(self.strays) != np.shape(self.gains):
            raise ValueError("The strays of the wear must be (n_nodes,), as its gains are.")
        if np.any(self.strays * (self.gains + np.abs(self.offsets)) != 0):
            raise ValueError("A node of the wear is stray, and has a gain or an offset.")

    def amplify(self, readings: Array, n_squared: int = 0) -> None:
        """Make readings those behind the amplifier, in place.

        Parameters
        ----------
        readings : ndarray of shape (n_rows, n_ranges, n_nodes)
            Means of readings, and in the last `n_squared` ranges means of their squares.
        n_squared : int, default=0
        """
        if self.amplification != 1:
            n_plain = readings.shape[1] - n_squared
            readings[:, :n_plain] *= self.amplification
            readings[:, n_plain:] *= self.amplification**2

    def hand_on(self, readings: Array, n_squared: int = 0) -> None:
        """Make converted readings what the readout sees, in place.

        Parameters are those of `amplify`. The mean of (gain * reading + offset)^2 has no
        mixed term, as one of the two is 0.
        """
        gains, offsets = self.correction * self.gains, self.correction * self.offsets
        n_plain = readings.shape[1] - n_squared
        parts = (readings[:, :n_plain], 1), (readings[:, n_plain:], 2)
        for part, power in parts:
            part *= (gains**power).astype(readings.dtype)
            if offsets.any():
                part += (offsets**power).astype(readings.dtype)

    def stray(self, readings: Array, packed: Packed, seed: int) -> None:
        """Let stray nodes be read as noise between 0 and their largest reading, in place.

        Parameters
        ----------
        readings : ndarray of shape (n_frames, n_nodes)
            Of all sequences.
        packed : Packed
            The sequences, whose own bytes the noise depends on.
        seed : int
        """
        if self.strays is None:
            return
        which, largest = self.strays > 0, self.correction * self.strays[self.strays > 0]
        views = Packed(readings, packed.starts, packed.lengths)
        for frames, view in zip(packed, views, strict=True):
            drawn = stream_of(seed + STRAY_SEED_OFFSET, frames)
            view[:, which] = largest * drawn.uniform(size=(len(view), len(largest)))
