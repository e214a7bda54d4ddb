"""Which clips are recognised: a corpus that is known by name, or recordings of one's own?

What a protocol needs of them is checked here, before the work: `speaker` needs to know who
speaks, `index` and `official` need the numbers of the recordings.
"""

import os
import textwrap
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from reservoir import datasets
from reservoir._files import FilePath
from reservoir._types import Array, Integers
from reservoir.datasets.patterns import PARTS, NamePattern
from reservoir.datasets.recordings import PATTERN
from reservoir.experiments.speech import DATASET_TITLES, DATASETS, Fold

# The name of a corpus, a folder of clips, or what `reservoir.datasets.load_recordings` gives.
Corpus: TypeAlias = Any

NEEDS = {"official": "index", "index": "index", "speaker": "speaker", "voices": "speaker"}
FIELDS = {"label": "target", "speaker": "speakers", "session": "sessions", "index": "indices"}
N_QUICK_INDICES = 10
MAX_NAMED = 12


def load_corpus(corpus: Corpus, pattern: str = PATTERN) -> Any:
    """The clips of a corpus.

    Parameters
    ----------
    corpus : str, path-like or sklearn.utils.Bunch
    pattern : str
        What the names of the clips in a folder mean.

    Returns
    -------
    sklearn.utils.Bunch
        With data, target and sample_rate, and with speakers and indices if they are known.

    Raises
    ------
    DatasetError
        If there is no such folder, no file fits the pattern, a clip cannot be read or is
        silent, or all clips have one label.
    """
    if is_named(corpus):
        return DATASETS[corpus]()
    if _is_folder(corpus):
        return load_folder(corpus, pattern)
    return _checked(corpus, corpus_title(corpus))


def load_folder(folder: FilePath, pattern: str = PATTERN) -> Any:
    """The clips of a folder, none of which is silent; raises as `load_corpus`."""
    return _checked(datasets.load_recordings(folder, pattern), f"the folder {folder}")


def _checked(clips: Any, where: str) -> Any:
    names = clips.get("names", [f"clip {number}" for number in range(len(clips.data))])
    silent = [name for name, clip in zip(names, clips.data, strict=True) if not np.any(clip)]
    if silent:
        count = "a silent clip" if len(silent) == 1 else f"{len(silent)} silent clips"
        raise datasets.DatasetError(
            f"There is {count} in {where}, of which nothing can be learned: "
            f"{listed(silent)}. Move what is silent elsewhere."
        )
    labels = np.unique(clips.target)
    if len(labels) < 2:
        raise datasets.DatasetError(
            f"All {len(clips.data)} clips of {where} have the label {labels[0]!s}, so there "
            "is nothing to tell apart; give clips of two labels at least."
        )
    return clips


def is_named(corpus: Corpus) -> bool:
    """Whether a corpus is one that the package knows by name."""
    return isinstance(corpus, str) and corpus in DATASETS


def _is_folder(corpus: Corpus) -> bool:
    return isinstance(corpus, str | os.PathLike)


def corpus_name(corpus: Corpus) -> str:
    """A few words for the rows of a table: the name, the folder, or that it was given."""
    return os.fsdecode(corpus) if _is_folder(corpus) else "recordings"


def corpus_title(corpus: Corpus) -> str:
    """A few words for the head of a table."""
    if is_named(corpus):
        return DATASET_TITLES[corpus]
    return f"the folder {os.fsdecode(corpus)}" if _is_folder(corpus) else "your recordings"


def parts_of(corpus: Corpus, pattern: str = PATTERN) -> tuple[str, ...]:
    """What is known of each clip: some of label, speaker, session and index.

    Raises
    ------
    ValueError
        If the pattern cannot be understood.
    """
    if is_named(corpus):
        return PARTS
    if _is_folder(corpus):
        return NamePattern.of(pattern).parts
    return tuple(part for part, field in FIELDS.items() if field in corpus)


def check_corpus(owner: str, corpus: Corpus, pattern: str, protocol: str) -> None:
    """Refuse what is no corpus, or says too little for a protocol.

    Parameters
    ----------
    owner : str
        The class whose parameter it is.
    corpus : str, path-like or sklearn.utils.Bunch
    pattern : str
    protocol : str
        Key of `NEEDS`.

    Raises
    ------
    TypeError
        If the corpus is of another type.
    ValueError
        If it is no corpus and no folder, if the pattern cannot be understood, or if the
        protocol needs what is not known of the clips.
    """
    names = ", ".join(map(repr, DATASETS))
    if _is_folder(corpus):
        if not is_named(corpus) and not os.path.isdir(corpus):
            raise ValueError(
                f"{owner}.dataset is {os.fsdecode(corpus)!r}; it must be one of {names}, or "
                "a folder of recordings."
            )
    elif not all(hasattr(corpus, name) for name in ("data", "target", "sample_rate")):
        raise TypeError(
            f"{owner}.dataset is of type {type(corpus).__name__}; it must be one of {names}, "
            "a folder of recordings, or what reservoir.datasets.load_recordings gives."
        )
    needed = NEEDS[protocol]
    if needed not in parts_of(corpus, pattern):
        lacks = (
            f"the pattern '{pattern}' does not name" if _is_folder(corpus) else "lack: their"
        )
        kind = {"speaker": "speakers", "index": "numbers of the recordings"}[needed]
        cure = f"{{{needed}}} or (?P<{needed}>...)" if _is_folder(corpus) else FIELDS[needed]
        known = parts_of(corpus, pattern)
        others = [name for name, part in NEEDS.items() if part in known]
        instead = f", or choose a protocol that does without: {', '.join(others)}"
        raise ValueError(
            f"The protocol {protocol!r} needs the {kind}, which {lacks} ({cure}). Say "
            f"them{instead if others else ''}."
        )


def few_clips(clips: Any, n_speakers: int) -> Integers:
    """Numbers of some clips for a try: the first speakers and recordings that are known."""
    kept = np.ones(len(clips.data), dtype=bool)
    if "indices" in clips:
        kept &= clips.indices < min(N_QUICK_INDICES, clips.indices.max() + 1)
    if "speakers" in clips:
        kept &= np.isin(clips.speakers, np.unique(clips.speakers)[:n_speakers])
    return np.flatnonzero(kept)


def few_clips_note(
    speakers: Array, indices: Integers, folds: Sequence[Fold], protocol: str
) -> str:
    """Say which clips a try uses, and which of them it tests."""
    parts = []
    for what, values in (("recording", indices), ("speaker", speakers)):
        if len(np.unique(values)) > 1:
            parts.append(_counted(what, np.unique(values)))
    if NEEDS[protocol] == "speaker":
        what, values = "speaker", speakers
    else:
        what, values = "recording", indices
    tested = [_counted(what, np.unique(values[test])) for _, test in folds]
    used = f"Clips: {' of '.join(parts) or 'all'}. Tested: {', then '.join(tested)}."
    first = "QUICK, a part of the clips and of the methods; not the protocol."
    return f"{first}\n{textwrap.fill(used, 90)}"


def _counted(what: str, values: Array) -> str:
    """Values in words; whole numbers that follow each other as a range."""
    if len(values) == 1:
        return f"{what} {values[0]}"
    if values.dtype.kind in "iu" and np.all(np.diff(values) == 1):
        return f"{what}s {values[0]} to {values[-1]}"
    *others, last = map(str, values)
    return f"{what}s {', '.join(others)} and {last}"


def check_folds(folds: Sequence[Fold], target: Array, protocol: str, title: str) -> None:
    """Refuse folds of which nothing can be learned, or that test nothing.

    Parameters
    ----------
    folds : list of (train, test)
    target : ndarray of shape (n_clips,)
    protocol, title : str
        For the message.

    Raises
    ------
    DatasetError
    """
    for number, (train, test) in enumerate(folds, start=1):
        n_labels = len(np.unique(target[train]))
        if n_labels < 2 or not len(test):
            kind = "speakers" if NEEDS.get(protocol) == "speaker" else "recording numbers"
            raise datasets.DatasetError(
                f"The protocol {protocol!r} leaves {len(train)} clips of {n_labels} labels "
                f"to learn from and {len(test)} to test in fold {number} of {title}. Give "
                f"clips of more {kind}, at least two labels of each."
            )


def groups_of(speakers: Array, train: Integers) -> Array | None:
    """Speakers of training clips, by whom inner folds are made; None if there is one only."""
    groups = speakers[train]
    return groups if len(np.unique(groups)) > 1 else None


def listed(names: Sequence[Any]) -> str:
    """The first names of many, in one line."""
    more = len(names) - MAX_NAMED
    shown = ", ".join(map(str, names[:MAX_NAMED]))
    return f"{shown} and {more} more" if more > 0 else shown
