"""Your own recordings: from a folder of clips, labels in their names, to arrays."""

import os
import re
import unicodedata
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from .cache import DatasetError, DatasetWarning, FilePath, expanded
from .folders import files_below, is_plain, skipped_as_strange
from .waveforms import one_rate, read_waveform

DESCRIPTION = """Your own recordings: {n_clips} clips from {folder}

Files named as {pattern}; {n_skipped} others of the same kind were skipped.
"""

PARTS = ("label", "speaker", "session", "index")
PART_PATTERN = re.compile(r"\{([^{}]*)\}")


def load_recordings(
    folder: FilePath, pattern: str = "{label}_{speaker}_{index}.wav"
) -> Bunch:
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
        If no file fits the pattern, or if a file that fits it is no audio, damaged, empty,
        not mono, or of another sampling rate than the others. The message names the file
        and the cure.

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
    expression, parts = _expression(pattern)
    folder = expanded(folder)
    if not os.path.isdir(folder):
        raise DatasetError(f"There is no folder {folder}.")
    matches, skipped = _matches(folder, expression, pattern)
    if skipped:
        warnings.warn(
            f"{_reasons(folder, skipped, pattern)}; what was skipped is listed in the "
            "result's 'skipped'.",
            DatasetWarning,
            stacklevel=2,
        )

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


def _reasons(folder: Path, skipped: list[str], pattern: str) -> str:
    """Why files were skipped: their names, or that there is nothing to be read."""
    strange = [name for name in skipped if not is_plain(folder / name)]
    named = [name for name in skipped if name not in strange]
    reasons = []
    if named:
        reasons.append(
            f"{len(named)} files in {folder} do not fit the pattern {pattern!r} and were "
            f"skipped, such as {named[0]}"
        )
    if strange:
        reasons.append(skipped_as_strange(folder, strange))
    return "; ".join(reasons)


def _matches(
    folder: Path, expression: re.Pattern[str], pattern: str
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Labels of every clip, {path below the folder: {part: text}}, and the skipped paths."""
    suffix = Path(pattern).suffix.lower()
    matches, skipped, others = {}, [], Counter[str]()
    for path in files_below(folder):
        if path.suffix.lower() != suffix:
            others[path.suffix.lower()] += 1
            continue
        name = path.relative_to(folder).as_posix()
        match = expression.fullmatch(unicodedata.normalize("NFC", name))
        if match and is_plain(path):
            matches[name] = match.groupdict()
        else:
            skipped.append(name)
    if not matches:
        found = f"{len(skipped)} (the first is {skipped[0]})" if skipped else "no file"
        strange = [name for name in skipped if not is_plain(folder / name)]
        if strange:
            found += f", of which {len(strange)} are links to nothing, pipes or devices,"
        most = [f"{count} in {end!r}" for end, count in others.most_common(3) if end]
        also = f" ({', '.join(most)})" if most and not skipped else ""
        raise DatasetError(
            f"No file in {folder} fits the pattern {pattern!r}; it holds {found} ending in "
            f"{suffix!r}{also}. Rename the files, or say with pattern= what their names mean."
        )
    return matches, skipped


def _expression(pattern: str) -> tuple[re.Pattern[str], list[str]]:
    """Regular expression of a pattern, and the parts it names, in the order of `PARTS`."""
    if not isinstance(pattern, str):
        raise ValueError(f"pattern is {pattern!r}; it must be a text that holds {{label}}.")
    # Odd places hold the names of the parts, even places the text between them.
    pieces = PART_PATTERN.split(unicodedata.normalize("NFC", pattern))
    names = pieces[1::2]
    if (
        "label" not in names
        or len(set(names)) < len(names)
        or not set(names) <= set(PARTS)
        or "" in pieces[2::2]
    ):
        raise ValueError(
            f"pattern is {pattern!r}; it must hold {{label}} and may hold {{speaker}}, "
            "{session} and {index}, each once, with something between and after them, as "
            "in '{label}_{speaker}_{index}.wav' or '{speaker}/{label}.wav'."
        )
    expression = re.escape(pieces[0])
    for name, rest in zip(names, pieces[2::2], strict=True):
        kind = "[0-9]{1,15}" if name == "index" else f"[^/{re.escape(rest[0])}]+"
        expression += f"(?P<{name}>{kind}){re.escape(rest)}"
    return re.compile(expression, re.IGNORECASE), [p for p in PARTS if p in names]
