"""What is read of the nodes, and what disturbs the oscillator and the reading?"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from reservoir._randomness import key_of, stream_of
from reservoir._types import Array, Integers
from reservoir.devices import Device
from reservoir.exceptions import SimulationError
from reservoir.multiplexing.drive import Drive
from reservoir.multiplexing.ensemble import Ensemble
from reservoir.multiplexing.playing import Bath, Player
from reservoir.multiplexing.pooling import (
    average,
    change_ranges,
    frame_ranges,
    pool,
    with_whole,
)
from reservoir.multiplexing.sequences import Entry, Packed, Sequences
from reservoir.multiplexing.wear import Wear

N_DRIFT_FRAMES = 1000  # after which a drift has its stated rms
DRIFT_SEED_OFFSET = 2**40  # makes drift and readout noise independent
N_SPREAD_SEQUENCES = 64  # evenly spread, from which the amplitude's spread is learned
MAX_STATES_BYTES = 2**26  # of states that are held together, if they are of several sequences
WINDOW_BYTES = 2**23  # of the states of a longer sequence that are held together


class WithReading:
    """Reads the nodes of a fitted reservoir, with the noise and the steps of the reading."""

    dtype: Any
    read: str
    thermal_noise: float
    drift: float
    bits: Any
    readout_noise: float
    seed_: int
    oscillator_: Device
    drive_: Drive
    ensemble_: Ensemble
    node_time_: float
    longest_: int
    levels_: tuple[float, float]
    readout_noise_: float

    # ------------------------------------------------------------------ what is played

    def _entering(self) -> tuple[Entry, Drive]:
        """How frames enter the kernel, and the drive that plays them then."""
        return self.drive_.entering(np.dtype(self.dtype))

    def _pack(self, sequences: Sequences, part: Integers | slice) -> Packed:
        """Some sequences, as the kernel gets them."""
        return sequences.pack(part, np.dtype(self.dtype), self._entering()[0])

    def _player(self) -> Player:
        return Player(self.oscillator_, self.ensemble_, self._entering()[1], self.node_time_)

    def _most_frames(self, n_bytes: int) -> int:
        """Frames whose states fit into so many bytes, at least one."""
        return max(n_bytes // (8 * self._n_columns), 1)

    @property
    def _n_segments(self) -> int:
        """Number of segments, which a classifier of short sequences has learned."""
        wanted = int(getattr(self, "n_segments", 1))
        return min(wanted, self.longest_) if hasattr(self, "n_segments_") else wanted

    @property
    def _pools_squares(self) -> bool:
        """Whether mean squares are read, which tell of a single frame nothing new."""
        wanted = getattr(self, "pool_squares", False) and getattr(self, "longest_", 2) > 1
        return bool(wanted) and getattr(self, "pooling", None) != "vote"

    @property
    def _n_columns(self) -> int:
        """Number of states of a frame."""
        n_nodes: int = self.drive_.mask.shape[1] // self.ensemble_.n_drives
        return len(self.ensemble_) * n_nodes

    def _check_finite(self, what: str, index: int, values: Array) -> None:
        """Refuse currents or states of a sequence that are no numbers."""
        if np.isfinite(values).all():
            return
        precision = np.dtype(self.dtype)
        cure = ", or set dtype to 'float64'" if precision == np.float32 else ""
        raise SimulationError(
            f"The {what} of sequence {index} are not finite: the numbers of this "
            f"{type(self.oscillator_).__name__}, of its drive or of the noise are too large "
            f"or too small for {precision} precision. Choose parameters of ordinary size, "
            f"all in SI units{cure}."
        )

    # ------------------------------------------------------------------ what is read

    def _learn_reading(self, sequences: Sequences) -> None:
        """Learn how large readout noise and the steps of the converter are."""
        self.readout_noise_ = 0.0
        self.levels_ = (0.0, 0.0)
        if self.readout_noise > 0 or self.bits is not None:
            sample = sequences.sample(N_SPREAD_SEQUENCES)
            packed = self._pack(sequences, sample)
            longest = self._most_frames(MAX_STATES_BYTES) // len(sample)
            if packed.lengths.max() > longest:  # The beginnings say enough.
                packed = packed.beginnings(max(longest, 1))
            states = self._player().states(packed, self._bath(packed))[0]
            if not np.isfinite(states).all():
                for index, view in zip(
                    sample, Packed(states, packed.starts, packed.lengths), strict=True
                ):
                    self._check_finite("states", index, view)
            with np.errstate(over="ignore"):  # Noise without end is refused when it is added.
                self.readout_noise_ = float(float(self.readout_noise) * np.std(states))
            if self.bits is not None:
                self.levels_ = float(states.min()), float(states.max())

    def _bath(self, packed: Packed) -> Bath:
        """What is read, and thermal noise and drift from the sequences' own bytes."""
        keys, wander = None, np.zeros(0)
        wear = self._wear
        noise = float(self.thermal_noise) + (wear.thermal_noise if wear else 0.0)
        if noise > 0:
            seed = self._seed_for("thermal_seed")
            keys = np.concatenate([key_of(seed, frames) for frames in packed])
        if self.drift > 0:
            step = float(self.drift) * self.oscillator_.drive_unit / np.sqrt(N_DRIFT_FRAMES)
            walks = [
                stream_of(self.seed_ + DRIFT_SEED_OFFSET, frames).standard_normal(len(frames))
                for frames in packed
            ]
            wander = step * np.concatenate([np.cumsum(walk) for walk in walks])
        return Bath(self.read, noise, keys, wander)

    @property
    def _wear(self) -> Wear | None:
        """What `reservoir.faults` has put into a fitted estimator, if anything."""
        return getattr(self, "wear_", None)

    def _seed_for(self, name: str) -> int:
        """Seed of a noise, by its name in `Wear`."""
        seed = getattr(self._wear, name, None)
        return self.seed_ if seed is None else int(seed)

    @property
    def _bits(self) -> Any:
        """Bits of the converter that reads the nodes, or None."""
        return (self._wear and self._wear.bits) or self.bits

    def _noisy_states(self, packed: Packed) -> tuple[Array, Integers]:
        states, clipped = self._player().states(packed, self._bath(packed))
        wear = self._wear
        if wear is not None:
            wear.amplify(states[:, np.newaxis])
        if self.readout_noise_ > 0:
            views = Packed(states, packed.starts, packed.lengths)
            for frames, view in zip(packed, views, strict=True):
                view += self._noise_of(frames)
        states = self._quantized(states)
        if wear is not None:
            wear.hand_on(states[:, np.newaxis])
            wear.stray(states, packed, self._seed_for("stray_seed"))
        return states, clipped

    def _windows(self, packed: Packed) -> Iterator[tuple[Array, int]]:
        """States of one sequence and clipped values, window after window.

        They are those of `_noisy_states`, which holds the states of all frames.
        """
        wear, n_columns = self._wear, self._n_columns
        if wear is not None and wear.strays is not None:  # drawn for a whole sequence
            states, clipped = self._noisy_states(packed)
            yield states, int(clipped[0])
            return
        drawn = stream_of(self._seed_for("noise_seed"), packed.frames)
        n_together = self._most_frames(WINDOW_BYTES)
        for states, n_clipped in self._player().windows(
            packed, n_together, self._bath(packed)
        ):
            kind = states.dtype.type
            if wear is not None:
                wear.amplify(states[:, np.newaxis])
            if self.readout_noise_ > 0:
                noise = drawn.standard_normal((len(states), n_columns), dtype=kind)
                states += noise * kind(self.readout_noise_)
            states = self._quantized(states)
            if wear is not None:
                wear.hand_on(states[:, np.newaxis])
            yield states, n_clipped

    def _quantized(self, states: Array) -> Array:
        """The states as a converter of `bits` bits over the learned range reports them."""
        lowest, highest = self.levels_
        if highest == lowest:
            return states
        last = 2 ** int(self._bits) - 1
        step = (highest - lowest) / last
        codes = np.clip(np.rint((states - lowest) / step), 0, last)
        quantized: Array = (lowest + step * codes).astype(states.dtype)
        return quantized

    def _noisy_pooled(self, packed: Packed, pooling: str) -> tuple[Array, Integers]:
        player, n_segments, wear = self._player(), self._n_segments, self._wear
        squares = self._pools_squares
        ranges = (
            change_ranges(packed, player.drive.scale, n_segments)
            if pooling == "change"
            else frame_ranges(packed.lengths, pooling, n_segments)
        )
        if squares:
            ranges = with_whole(ranges, packed)
        # Noise and steps of the reading come before a square is taken.
        noise_alone = self._bits is None and not (squares and self.readout_noise_ > 0)
        if not (player.pools_in_kernel and noise_alone) or (wear and wear.strays is not None):
            states, clipped = self._noisy_states(packed)
            return pool(states, packed, ranges, int(squares)), clipped
        pooled, clipped = player.pooled(packed, ranges, self._bath(packed), int(squares))
        by_range = pooled.reshape(len(pooled), -1, self._n_columns)
        if wear is not None:
            wear.amplify(by_range, int(squares))
        if self.readout_noise_ > 0:
            for row, frames, first, last in zip(pooled, packed, *ranges, strict=True):
                row += average(self._noise_of(frames), first, last)
        if wear is not None:
            wear.hand_on(by_range, int(squares))
        return pooled, clipped

    def _noise_of(self, frames: Array) -> Array:
        """Readout noise of one sequence, from the seed and the sequence's own bytes."""
        shape, kind = (len(frames), self._n_columns), frames.dtype.type
        drawn = stream_of(self._seed_for("noise_seed"), frames)
        noise = drawn.standard_normal(shape, dtype=kind)
        scaled: Array = noise * kind(self.readout_noise_)
        return scaled
