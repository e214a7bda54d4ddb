"""Recordings in a folder that are read block by block: they need not fit into memory."""

import os
import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arguments import check_count
from .cache import DatasetError, DatasetWarning, FilePath, expanded
from .patterns import NamePattern
from .recordings import PATTERN, matching_files, warn_of_skipped
from .waveforms import read_waveform


class OpenedRecordings:
    """Blocks of labelled clips, each read when it is asked for; see `open_recordings`.

    Attributes
    ----------
    folder : pathlib.Path
    blocks : list of list of str
        Paths below the folder of the clips of each block.
    sample_rate : int
        In Hz, of the first file that can be read.
    skipped : list of str
        Names that end like the pattern and do not fit it.
    """

    def __init__(
        self,
        folder: Path,
        matches: dict[str, dict[str, str]],
        skipped: list[str],
        block_size: int,
        groups: str | None,
        skip_damaged: bool,
    ) -> None:
        self.folder, self.skipped = folder, skipped
        self._matches, self._groups, self._skip_damaged = matches, groups, skip_damaged
        names = sorted(matches, key=lambda name: (matches[name]["label"], name))
        n_blocks = -(-len(names) // block_size)
        # Dealt out like cards, so that each block holds about as many of each label.
        self.blocks = [names[number::n_blocks] for number in range(n_blocks)]

    def __len__(self) -> int:
        """Number of blocks."""
        return len(self.blocks)

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        """Clips, labels and, if they were asked for, groups of one block.

        Raises
        ------
        DatasetError
            If a file is damaged, or has another sampling rate; the message names it.

        Warns
        -----
        DatasetWarning
            With ``skip_damaged=True``, for each file that is left out.
        """
        clips, kept = [], []
        for name in self.blocks[number]:
            clip = self._clip(name)
            if clip is not None:
                clips.append(clip)
                kept.append(name)
        if not clips:
            raise DatasetError(
                f"No clip of block {number} of {self.folder} can be read. Repair the files, "
                "or move them away."
            )
        columns = ("label",) if self._groups is None else ("label", self._groups)
        labels = (np.array([self._matches[name][part] for name in kept]) for part in columns)
        return clips, *labels

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Each block after the other."""
        for number in range(len(self)):
            yield self[number]

    @cached_property
    def sample_rate(self) -> int:
        """Sampling rate of the first file that can be read, in Hz."""
        for name in (name for block in self.blocks for name in block):
            try:
                return read_waveform(self.folder / name)[1]
            except DatasetError:
                if not self._skip_damaged:
                    raise
        raise DatasetError(f"No file in {self.folder} can be read.")

    def _clip(self, name: str) -> NDArray[np.float64] | None:
        """The samples of a file; None if it is damaged and may be left out."""
        try:
            clip, rate = read_waveform(self.folder / name)
        except DatasetError as error:
            if not self._skip_damaged:
                raise
            warnings.warn(f"Left out: {error}", DatasetWarning, stacklevel=3)
            return None
        if rate != self.sample_rate:
            raise DatasetError(
                f"{self.folder / name} has {rate} Hz, but the first file has "
                f"{self.sample_rate} Hz; all clips need one rate. Resample it."
            )
        return clip


def open_recordings(
    folder: FilePath,
    pattern: str = PATTERN,
    *,
    block_size: int = 500,
    groups: str | None = None,
    skip_damaged: bool = False,
) -> OpenedRecordings:
    """Your own clips, as `load_recordings` finds them, read block by block.

    Nothing but the names is held in memory. Workers of `fit_blocks` read the blocks that they
    are given themselves, so the folder must have the same path where they run.

    Parameters
    ----------
    folder : str or path-like
    pattern : str
        As for `load_recordings`.
    block_size : int, default=500
        Clips in a block, at most. They are dealt out by their labels, so that each block
        holds about as many of each label.
    groups : {"speaker", "session"} or None, default=None
        Part of the pattern by which clips are left out together when a ridge strength is
        chosen. None: blocks have no groups.
    skip_damaged : bool, default=False
        Whether files that cannot be read are left out, with a warning that names them.

    Returns
    -------
    OpenedRecordings
        ``blocks[number]`` is a tuple of a list of clips, an array of labels and, if they were
        asked for, an array of groups.

    Raises
    ------
    ValueError
        If the pattern has no such part.
    DatasetError
        If no file fits the pattern. When a block is read: if a file is damaged, or has
        another sampling rate.

    Warns
    -----
    DatasetWarning
        If names do not fit the pattern, or files are left out.

    Examples
    --------
    >>> import tempfile, wave
    >>> from pathlib import Path
    >>> from reservoir import datasets
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("yes_ann_0.wav", "no_ann_0.wav", "no_bob_0.wav", "yes_bob_0.wav"):
    ...         with wave.open(str(Path(folder, name)), "wb") as file:
    ...             file.setparams((1, 2, 8000, 0, "NONE", ""))
    ...             file.writeframes(bytes(400))
    ...     blocks = datasets.open_recordings(folder, block_size=2, groups="speaker")
    ...     clips, labels, speakers = blocks[0]
    >>> len(blocks), len(clips), labels.tolist(), speakers.tolist()
    (2, 2, ['no', 'yes'], ['ann', 'ann'])
    """
    meaning = NamePattern.of(pattern)
    check_count("block_size", block_size)
    if groups is not None and (groups == "label" or groups not in meaning.parts):
        raise ValueError(
            f"groups is {groups!r:.40}, which the pattern {pattern!r:.80} does not name; it "
            "must be 'speaker' or 'session', if the pattern has it, or None."
        )
    path = expanded(folder)
    if not os.path.isdir(path):
        raise DatasetError(f"There is no folder {path}.")
    matches, skipped = matching_files(path, meaning)
    warn_of_skipped(path, skipped, pattern, stacklevel=3)
    return OpenedRecordings(path, matches, skipped, int(block_size), groups, skip_damaged)
