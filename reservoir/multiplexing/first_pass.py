"""What must be known of all blocks before the first one is learned from?

Centre, scale and range of the drive, the level of the noise, the classes and the groups. One
pass over the blocks finds them. What it finds is kept block by block, or chosen by a number
that depends on the place of a frame only, so that the blocks may come in any order and be
looked at by several workers.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from reservoir._types import Array, Floats
from reservoir.multiplexing.drive import N_SAMPLE_FRAMES, Seen
from reservoir.multiplexing.sequences import Sequences

N_SAMPLE_SEQUENCES = 64  # from which the level of the noise is learned
MAX_SAMPLE_LENGTH = 2000  # frames that are kept of each of them


@dataclass(frozen=True)
class BlockSeen:
    """What is kept of each block.

    Attributes
    ----------
    digest : str
        Of all frames that the block holds.
    n_frames, longest : int
        Frames of all sequences together, and of the longest.
    mean, squares, lowest, highest : ndarray of shape (n_channels,)
        Mean, sum of squared deviations from it, and limits of each channel.
    """

    digest: str
    n_frames: int
    longest: int
    mean: Floats
    squares: Floats
    lowest: Floats
    highest: Floats


@dataclass(frozen=True)
class Sample:
    """The entries with the lowest lots, of all that were drawn for.

    Attributes
    ----------
    size : int
        How many entries are kept at most.
    lots : ndarray of shape (n_entries,)
        In rising order.
    entries : list
        What they were drawn for.
    """

    size: int
    lots: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    entries: list[Array] = field(default_factory=list)

    def chosen(self, lots: Floats) -> NDArray[np.intp]:
        """Which new lots may be among the lowest."""
        return np.argsort(lots, kind="stable")[: self.size]

    def joined(self, lots: Floats, entries: Iterable[Array]) -> "Sample":
        """The sample of these entries and others."""
        every = np.concatenate([self.lots, lots])
        order = self.chosen(every)
        both = [*self.entries, *entries]
        return Sample(self.size, every[order], [both[index] for index in order])


@dataclass(frozen=True)
class FirstPass:
    """What a first pass over some blocks found.

    Attributes
    ----------
    taps : tuple of int
        Delays in frames, the first is 0.
    blocks : dict of int to BlockSeen
        By the number of the block.
    frames, sequences : Sample
        Frames with their taps, and whole sequences.
    labels, groups : frozenset
        Of all blocks. Both are empty where there are none.
    target_size : ndarray of shape (n_targets,), or empty
        Largest size of each target that is a number.
    single_target : bool
        Whether targets come without an axis for their number.
    """

    taps: tuple[int, ...]
    blocks: dict[int, BlockSeen]
    frames: Sample
    sequences: Sample
    labels: frozenset[Any] = frozenset()
    groups: frozenset[Any] = frozenset()
    target_size: Floats = field(default_factory=lambda: np.zeros(0))
    single_target: bool = True

    @classmethod
    def of(
        cls,
        sequences: Sequences,
        number: int,
        taps: tuple[int, ...],
        labels: Any = (),
        groups: Any = (),
        target_size: Floats | None = None,
        single_target: bool = True,
    ) -> Self:
        """What one block shows.

        Parameters
        ----------
        sequences : Sequences
        number : int
            Of the block.
        taps : tuple of int
        labels, groups : sequences of labels and groups, which may be empty
        target_size : ndarray of shape (n_targets,) or None
        single_target : bool
        """
        mean, squares = _moments(sequences.arrays)
        arrays = sequences.arrays
        seen = BlockSeen(
            digest_of_block(sequences),
            int(sequences.lengths.sum()),
            int(sequences.lengths.max()),
            mean,
            squares,
            np.min([array.min(axis=0) for array in arrays], axis=0).astype(float),
            np.max([array.max(axis=0) for array in arrays], axis=0).astype(float),
        )
        generator = np.random.default_rng([number, 0])
        frames, several = Sample(N_SAMPLE_FRAMES), Sample(N_SAMPLE_SEQUENCES)
        lots = generator.random(len(arrays))
        kept = several.chosen(lots)
        several = several.joined(
            lots[kept], [arrays[index][:MAX_SAMPLE_LENGTH].copy() for index in kept]
        )
        lots = generator.random(seen.n_frames)
        kept = frames.chosen(lots)
        frames = frames.joined(lots[kept], _frames_at(sequences, kept, taps))
        sizes = np.zeros(0) if target_size is None else target_size
        return cls(
            taps,
            {number: seen},
            frames,
            several,
            frozenset(np.asarray(labels).tolist()),
            frozenset(np.asarray(groups).tolist()),
            sizes,
            single_target,
        )

    @classmethod
    def joined(cls, parts: Iterable["FirstPass"]) -> "FirstPass":
        """What all parts found together, in whatever order they come.

        Raises
        ------
        ValueError
            If two of them saw the same block, or blocks that cannot be of one set.
        """
        whole: FirstPass | None = None
        for part in parts:
            whole = part if whole is None else whole._with(part)
        if whole is None:
            raise ValueError("There is no block; give at least one.")
        return whole

    def _with(self, other: "FirstPass") -> "FirstPass":
        refuse_twice(
            {number: seen.digest for number, seen in self.blocks.items()},
            {number: seen.digest for number, seen in other.blocks.items()},
        )
        here, there = self.n_channels, other.n_channels
        if here != there:
            raise ValueError(
                f"Block {min(other.blocks)} has {there} channels, but block "
                f"{min(self.blocks)} has {here}; all blocks must have the same."
            )
        alike = self.single_target == other.single_target
        alike &= self.target_size.shape == other.target_size.shape
        if self.taps != other.taps or not alike:
            raise ValueError(
                f"Blocks {min(self.blocks)} and {min(other.blocks)} were looked at for "
                "different delays (context), or have different numbers of targets."
            )
        return FirstPass(
            self.taps,
            {**self.blocks, **other.blocks},
            self.frames.joined(other.frames.lots, other.frames.entries),
            self.sequences.joined(other.sequences.lots, other.sequences.entries),
            self.labels | other.labels,
            self.groups | other.groups,
            np.maximum(self.target_size, other.target_size),
            self.single_target,
        )

    @property
    def n_channels(self) -> int:
        """Channels of each frame."""
        return len(next(iter(self.blocks.values())).mean)

    @property
    def longest(self) -> int:
        """Frames of the longest sequence."""
        return max(seen.longest for seen in self.blocks.values())

    def seen(self, taps: Sequence[int]) -> Seen:
        """What a drive is learned from.

        Parameters
        ----------
        taps : sequence of int
            Those of the first pass, or (0,) alone.
        """
        seen = [self.blocks[number] for number in sorted(self.blocks)]
        n_frames = sum(block.n_frames for block in seen)
        center = seen[0].mean + (
            np.sum([block.n_frames * (block.mean - seen[0].mean) for block in seen], axis=0)
            / n_frames
        )
        squares = np.sum(
            [block.squares + block.n_frames * (block.mean - center) ** 2 for block in seen],
            axis=0,
        )
        lowest = np.min([block.lowest for block in seen], axis=0)
        highest = np.max([block.highest for block in seen], axis=0)
        varies = squares / n_frames > 1e-20 * center**2
        scale = np.zeros_like(center)
        scale[varies] = np.sqrt(n_frames / squares[varies])
        size = float(np.maximum(highest - center, center - lowest).max())
        frames = np.array(self.frames.entries)[:, : len(taps) * self.n_channels]
        return Seen(center, scale, size or 1.0, frames, self.longest)


def refuse_twice(known: dict[int, str], new: dict[int, str]) -> None:
    """Refuse blocks of which one was there already, by its number or by what it holds.

    Parameters
    ----------
    known, new : dict of int to str
        Digest of each block by its number.

    Raises
    ------
    ValueError
    """
    again = sorted(known.keys() & new.keys())
    if again:
        raise ValueError(
            f"Block {again[0]} came twice. Each block is learned from once: number the "
            "blocks from 0 on, and merge the sums of each worker once."
        )
    numbers = {digest: number for number, digest in known.items()}
    for number, digest in new.items():
        if digest in numbers:
            raise ValueError(
                f"Block {number} holds the same data as block {numbers[digest]}. Does the "
                "iterable begin again? Leave the second one out."
            )


def digest_of_block(sequences: Sequences) -> str:
    """Digest of the frames of a block, sequence by sequence."""
    digest = hashlib.blake2b(digest_size=16)
    for array in sequences.arrays:
        digest.update(repr((array.shape, array.dtype.str)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _moments(arrays: Sequence[Array] | Array) -> tuple[Floats, Floats]:
    """Mean of each channel over all frames, and sum of squared deviations from it."""
    n_frames, origin = 0, np.asarray(arrays[0][0], dtype=float)
    sums, squares = np.zeros(len(origin)), np.zeros(len(origin))
    for array in arrays:
        difference = array - origin
        n_frames += len(array)
        sums += difference.sum(axis=0)
        squares += np.einsum("ij,ij->j", difference, difference)
    mean = sums / n_frames
    return origin + mean, np.maximum(squares - n_frames * mean**2, 0.0)


def _frames_at(
    sequences: Sequences, places: NDArray[np.intp], taps: Sequence[int]
) -> list[Array]:
    """Frames with their taps, by their places among the frames of all sequences."""
    ends = np.cumsum(sequences.lengths)
    owners = np.searchsorted(ends, places, side="right")
    found: dict[int, Array] = {}
    for owner in np.unique(owners):
        mine = places[owners == owner]
        times = mine - (ends[owner] - sequences.lengths[owner])
        array = sequences.arrays[owner]
        rows = np.concatenate(
            [array[np.maximum(times - tap, 0)] for tap in taps], axis=1
        ).astype(float)
        found.update(zip(mine.tolist(), rows, strict=True))
    return [found[place] for place in places.tolist()]
