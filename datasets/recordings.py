"""Your own recordings: from a folder of clips, labels in their names, to arrays."""

import os
import warnings
from collections import Counter
from pathlib import Path
from typing import NoReturn

import numpy as np

from .bunch import Bunch
from .cache import DatasetError, DatasetWarning, FilePath, expanded
from .folders import files_below, is_plain, skipped_as_strange
from .patterns import NamePattern
from .waveforms import one_rate, read_waveform

DESCRIPTION = """Your own recordings: {n_clips} clips from {folder}

Files named as {pattern}; {n_skipped} others of the same kind were skipped.
"""

PATTERN = "{label}_{speaker}_{index}.wav"


def load_recordings(folder: FilePath, pattern: str = PATTERN) -> Bunch:
    """Your own clips, with labels and speakers taken from the names of the files.

    RIFF WAVE and NIST SPHERE files are read as they are: linear, float, A-law and mu-law
    samples, also of programs that wrote to a pipe and could not know the length. FLAC, Ogg
    and AIFF files need the package soundfile (``pip install 'oscillator-reservoir[audio]'``).
    Other codecs and containers (ADPCM, MP3, M4A, ...) are named, with the command that
    converts them.

    Parameters
    ----------
    folder : str or path-like
        The folder of clips; its sub-folders are searched, too. Links are followed, but no
        folder is searched twice. Files and folders whose names begin with a dot, and those
        that systems keep (such as ``__MACOSX``), are left out.
    pattern : str, default="{label}_{speaker}_{index}.wav"
        Path of a clip below the folder, with ``/`` between folders. ``{label}`` is needed;
        ``{speaker}``, ``{session}`` and ``{index}`` (a whole number) may be left out. Each
        part ends where the character that follows it in the pattern first appears: with the
        default pattern no part holds ``_``. The rest (``.wav``) may be written in capitals
        or small letters. Names are compared, and become labels, in Unicode's composed form
        (NFC): a Mac may write the same word in another form than Linux and Windows do.

        Or a regular expression of Python with a named group ``(?P<label>...)``, and groups
        named ``speaker``, ``session`` and ``index`` if the names say so. It must fit the
        whole path below the folder. Groups of other names, and what stands in no group, are
        passed over: ``r"(?P<speaker>[a-z]+)/take.*-(?P<label>[a-z]+)[.]wav"``.

    Returns
    -------
    sklearn.utils.Bunch
        data : list of 1-D float64 arrays, full scale 1, sorted by label, speaker, session,
        index; target : ndarray of str; speakers, sessions : ndarray of str, indices :
        ndarray of int, each only if the pattern names it; names : ndarray of str (paths
        below the folder, as the disk has them); skipped : list of such paths that end like
        the pattern and do not fit it, or are no plain files; sample_rate : int in Hz;
        DESCR : str.

    Raises
    ------
    ValueError
        If the pattern is not as described.
    DatasetError
        If no file fits the pattern; the message names the three nearest names and why they
        do not fit. If a file that fits is no audio, damaged, empty, not mono, or of another
        sampling rate than the others; the message names the file and the cure.

    Warns
    -----
    DatasetWarning
        If files were skipped.

    Examples
    --------
    >>> import tempfile, wave
    >>> from pathlib import Path
    >>> from reservoir import datasets
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("yes_ann_0.wav", "no_ann_0.wav", "no_bob_0.wav"):
    ...         with wave.open(str(Path(folder, name)), "wb") as file:
    ...             file.setparams((1, 2, 8000, 0, "NONE", ""))
    ...             file.writeframes(bytes(400))
    ...     clips = datasets.load_recordings(folder)
    >>> clips.target.tolist(), clips.speakers.tolist(), len(clips.data[0])
    (['no', 'no', 'yes'], ['ann', 'bob', 'ann'], 200)
    """
    meaning = NamePattern.of(pattern)
    parts = meaning.parts
    folder = expanded(folder)
    if not os.path.isdir(folder):
        raise DatasetError(f"There is no folder {folder}.")
    matches, skipped = matching_files(folder, meaning)
    warn_of_skipped(folder, skipped, pattern, stacklevel=3)

    def labels_of(name: str) -> list[str | int]:
        values = matches[name]
        return [int(values[p]) if p == "index" else values[p] for p in parts]

    names = sorted(matches, key=labels_of)
    clips = [read_waveform(folder / name) for name in names]
    rates = [rate for _, rate in clips]
    columns = dict(zip(parts, zip(*map(labels_of, names), strict=True), strict=True))
    plural = {"label": "target", "index": "indices"}
    return Bunch(
        data=[samples for samples, _ in clips],
        **{plural.get(part, part + "s"): np.array(columns[part]) for part in parts},
        names=np.array(names),
        skipped=skipped,
        sample_rate=one_rate(dict(zip(names, rates, strict=True))),
        DESCR=DESCRIPTION.format(
            n_clips=len(names), folder=folder, pattern=pattern, n_skipped=len(skipped)
        ),
    )


def warn_of_skipped(folder: Path, skipped: list[str], pattern: str, stacklevel: int) -> None:
    """Say which files were skipped, if any.

    Parameters
    ----------
    folder : pathlib.Path
    skipped : list of str
        Paths below the folder.
    pattern : str
    stacklevel : int
        As of `warnings.warn`.
    """
    if skipped:
        warnings.warn(
            f"{_reasons(folder, skipped, pattern)}; what was skipped is listed in the "
            "result's 'skipped'.",
            DatasetWarning,
            stacklevel=stacklevel,
        )


def _reasons(folder: Path, skipped: list[str], pattern: str) -> str:
    """Why files were skipped: their names, or that there is nothing to be read."""
    strange = [name for name in skipped if not is_plain(folder / name)]
    named = [name for name in skipped if name not in strange]
    reasons = []
    if named:
        reasons.append(
            f"{len(named)} files in {folder} do not fit the pattern '{pattern}' and were "
            f"skipped, such as {named[0]}"
        )
    if strange:
        reasons.append(skipped_as_strange(folder, strange))
    return "; ".join(reasons)


def matching_files(
    folder: Path, pattern: NamePattern
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Labels of every clip, {path below the folder: {part: text}}, and the skipped paths.

    A file is passed over in silence if its suffix is not the pattern's, or, of a pattern
    that does not say one, if no clip has it.

    Parameters
    ----------
    folder : pathlib.Path
    pattern : NamePattern

    Raises
    ------
    DatasetError
        If no file fits.
    """
    matches = {}
    left: dict[str, list[str]] = {}  # by suffix
    asked = {
        path.relative_to(folder).as_posix(): pattern.suffix in (None, path.suffix.lower())
        and is_plain(path)
        for path in files_below(folder)
    }
    pattern.refuse_endless([name for name, fits in asked.items() if fits])
    for name, fits in asked.items():
        suffix = Path(name).suffix.lower()
        parts = pattern.read(name) if fits else None
        if parts is None:
            left.setdefault(suffix, []).append(name)
        else:
            matches[name] = parts
    if pattern.suffix is None:
        alike = {Path(name).suffix.lower() for name in matches} or set(left)
    else:
        alike = {pattern.suffix}
    skipped = sorted(name for suffix in alike for name in left.get(suffix, []))
    if not matches:
        _refuse_all(folder, pattern, skipped, left)
    return matches, skipped


def _refuse_all(
    folder: Path, pattern: NamePattern, skipped: list[str], left: dict[str, list[str]]
) -> NoReturn:
    """Say what a folder holds of which no file fits, and why the nearest names do not."""
    ending = "" if pattern.suffix is None else f" ending in {pattern.suffix!r}"
    strange = [name for name in skipped if not is_plain(folder / name)]
    named = [name for name in skipped if name not in strange]
    found = f"{len(skipped)}{ending or ' files'}" if skipped else f"no file{ending}"
    if strange:
        found += f", of which {len(strange)} are links to nothing, pipes or devices"
    others = Counter({suffix: len(names) for suffix, names in left.items() if suffix})
    most = [f"{count} in {suffix!r}" for suffix, count in others.most_common(3)]
    also = f" ({', '.join(most)})" if most and not skipped else ""
    nearest = "; ".join(f"{name}: {reason}" for name, reason in pattern.nearest(named))
    near = f" The nearest names are: {nearest}." if nearest else ""
    raise DatasetError(
        f"No file in {folder} fits the pattern '{pattern.text}'; it holds {found}{also}."
        f"{near} Rename the files, or say with pattern= what their names mean."
    )
