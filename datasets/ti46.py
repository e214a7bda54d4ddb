"""TI 46-Word: digits, letters and commands of sixteen speakers, from a licensed copy."""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from .arguments import check_choice, chosen
from .bunch import Bunch
from .cache import DatasetError, DatasetWarning, FilePath, Place
from .folders import files_below, is_plain, skipped_as_strange
from .waveforms import one_rate, read_waveform

DESCRIPTION = """TI 46-Word, LDC93S9: {n_tokens} tokens of {n_speakers} speakers

Recorded at Texas Instruments in 1980: eight men (m1 to m8) and eight women (f1 to f8) said
46 words (ten digits, 26 letters, ten commands), each ten times in a training session ("se")
and twice in each of eight test sessions ("s1" to "s8"). The published corpus lacks some
tokens: it has 1594 of 1600 digits in training and 2542 of 2560 in the test.

Read from {folder}; of the {n_expected} tokens asked for, {n_missing} are not there.

M. Liberman et al., TI 46-Word LDC93S9, Linguistic Data Consortium, Philadelphia (1993).
Licensed by the Linguistic Data Consortium; it is not part of this package.
"""

PLACE = Place(
    path="ti46",
    is_folder=True,
    beginning="The TI-46 corpus is",
    cure="It cannot be downloaded: the Linguistic Data Consortium licenses it (LDC93S9). "
    "Pass path=, the folder of your copy. load_spoken_digits() needs no file, and "
    "fetch_fsdd() gets free recordings.",
)
WORDS = {
    "digits": {
        f"0{digit}": word
        for digit, word in enumerate(
            "zero one two three four five six seven eight nine".split()
        )
    },
    "letters": {f"0{letter}": letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    "commands": {
        "EN": "enter",
        "ER": "erase",
        "GO": "go",
        "HP": "help",
        "NO": "no",
        "RB": "rubout",
        "RP": "repeat",
        "SP": "stop",
        "ST": "start",
        "YS": "yes",
    },
}
SPEAKERS = tuple(f"{sex}{number}" for sex in "fm" for number in range(1, 9))
TEST_SESSIONS = tuple(f"s{number}" for number in range(1, 9))
SESSIONS = {"training": ("se",), "test": TEST_SESSIONS, "all": ("se", *TEST_SESSIONS)}
SUBSETS = {  # speakers of the 500 digits that reservoirs are mostly tried on
    "five-women": ("f1", "f2", "f5", "f6", "f7"),
    "first-five-women": ("f1", "f2", "f3", "f4", "f5"),
}
# Test digits that the published corpus lacks. The test list of Sphinx-4
# (tests/performance/ti46/ti46.batch), which has fifteen speakers, leaves them out.
ABSENT_TOKENS = frozenset(
    "00f1s1t0 00f1s1t1 00f2s1t0 00f3s1t0 00f4s1t0 00m4s4t1 01m7s4t1 02m5s4t1 03m6s4t1 "
    "03m7s4t1 04m4s8t0 04m5s6t1 05m4s7t0 05m6s4t1 06m5s2t1 06m7s7t0 09m4s5t1 "
    "09m5s1t0".split()
)
TOKEN_NAME = re.compile(
    r"((?:0[0-9a-z]|en|er|go|hp|no|rb|rp|sp|st|ys)[fm][1-8](?:set[0-9]|s[1-8]t[01]))"
    r"\.(wav|sph)",
    re.IGNORECASE | re.ASCII,
)


def load_ti46(
    path: FilePath | None = None,
    data_home: FilePath | None = None,
    *,
    subset: str | None = None,
    words: str = "digits",
    speakers: Sequence[str] | None = None,
    sessions: str = "all",
) -> Bunch:
    """Words of the TI-46 corpus, from your own licensed copy.

    The folder may be laid out in any way: files are found by their names, such as
    ``00f1set0.wav`` (word, speaker, session, token), in any sub-folder and case, and the
    labels are taken from the names. NIST SPHERE and RIFF WAVE are told apart by the first
    bytes. If a folder holds a SPHERE file and a WAVE file of the same name, the WAVE file is
    taken for a converted copy and read. Links are followed, but no folder is searched twice;
    hidden folders, pipes and devices are left out.

    Parameters
    ----------
    path : str or path-like, default=None
        The folder. None stands for ``$RESERVOIR_DATA/ti46`` if that variable is set and the
        folder exists, else for ``<data_home>/ti46``.
    data_home : str or path-like, default=None
        Another folder than the per-user cache, see `reservoir.datasets.data_home`.
    subset : {"five-women", "first-five-women"}, default=None
        The 500 digits of five women's training session on which most reservoirs were
        tried: f1 f2 f5 f6 f7 (as Tanaka and Nakane 2022 [1]_) or f1 to f5. A subset fixes
        words, speakers and sessions, which must then be left alone.
    words : {"digits", "letters", "commands", "all"}, default="digits"
        The words that are kept.
    speakers : list of str, default=None
        The speakers that are kept, of ``f1`` to ``f8`` and ``m1`` to ``m8``; None keeps all.
    sessions : {"training", "test", "all"}, default="all"
        "training" is the session of enrolment, with ten tokens of each word; "test" are the
        eight other sessions, with two tokens of each word.

    Returns
    -------
    sklearn.utils.Bunch
        data : list of 1-D float64 arrays in [-1, 1], sorted by word, speaker, index;
        target : ndarray of int (digit) for ``words="digits"``, else of str (word);
        speakers : ndarray of str; indices : ndarray of int, 0 to 9 in training, 10 to 25
        in the test; sessions : ndarray of str ("se", "s1" to "s8"); names : ndarray of str
        such as "00f1set0"; missing : list of the names of tokens that are not there;
        sample_rate : int in Hz, 12500 unless the files were resampled; DESCR : str.

    Raises
    ------
    ValueError
        If an argument is not as described.
    DatasetError
        If there is no token, or a file is damaged, compressed, not mono, there twice, or
        of another sampling rate than the others. The message names the file and the cure.

    Warns
    -----
    DatasetWarning
        If tokens are missing that are not known to be missing from the published corpus.

    Notes
    -----
    Samples are divided by the full scale of the bytes they take. They are small if the
    corpus uses twelve of sixteen bits; the front ends normalize every clip.

    References
    ----------
    .. [1] G. Tanaka, R. Nakane, Scientific Reports 12, 9868 (2022).

    Examples
    --------
    >>> from reservoir import datasets
    >>> women = datasets.load_ti46("~/corpora/ti46", subset="five-women")  # doctest: +SKIP
    >>> len(women.data), women.sample_rate                                # doctest: +SKIP
    (500, 12500)
    """
    check_choice("subset", subset, (None, *SUBSETS))
    if subset is not None:
        if (words, speakers, sessions) != ("digits", None, "all"):
            raise ValueError(
                f"subset {subset!r} stands for words, speakers and sessions; leave those "
                "out, or leave subset out."
            )
        speakers, sessions = list(SUBSETS[subset]), "training"
    check_choice("words", words, ("all", *WORDS))
    check_choice("sessions", sessions, SESSIONS)
    tokens = _tokens(words, chosen("speakers", speakers, SPEAKERS), sessions)
    folder = PLACE.find_or_refuse(path, data_home)
    files, strange = _tokens_in(folder)
    strange = {name: path for name, path in strange.items() if name in tokens}
    found = [name for name in tokens if name in files]
    missing = [name for name in tokens if name not in files]
    if not found:
        raise DatasetError(
            f"None of the {len(tokens)} tokens asked for is in {folder} ({len(files)} "
            f"others are). Files with names such as {missing[0]}.wav are looked for, in "
            f"any sub-folder.{_said_of(strange, folder)}"
        )
    _warn_of_missing(missing, len(tokens), folder, strange)
    clips = {name: read_waveform(files[name]) for name in found}
    sample_rate = one_rate({str(files[name]): rate for name, (_, rate) in clips.items()})
    word, speaker, session, index = zip(*(tokens[name] for name in found), strict=True)
    digits = [int(name[1]) for name in found] if words == "digits" else None
    return Bunch(
        data=[clips[name][0] for name in found],
        target=np.array(word if digits is None else digits),
        speakers=np.array(speaker),
        indices=np.array(index),
        sessions=np.array(session),
        names=np.array(found),
        missing=missing,
        sample_rate=sample_rate,
        DESCR=DESCRIPTION.format(
            n_tokens=len(found),
            n_speakers=len(set(speaker)),
            folder=folder,
            n_expected=len(tokens),
            n_missing=len(missing),
        ),
    )


def _tokens(
    words: str, speakers: Sequence[str], sessions: str
) -> dict[str, tuple[str, str, str, int]]:
    """Word, speaker, session and index of every token that is asked for, by its name."""
    return {
        f"{code.lower()}{speaker}{session}t{take}": (word, speaker, session, first + take)
        for kind in (WORDS if words == "all" else [words])
        for code, word in WORDS[kind].items()
        for speaker in speakers
        for session, first, n_takes in _takes(sessions)
        for take in range(n_takes)
    }


def _takes(sessions: str) -> Iterator[tuple[str, int, int]]:
    """Sessions, each with the index of its first token and the number of its tokens."""
    for session in SESSIONS[sessions]:
        yield (session, 0, 10) if session == "se" else (session, 8 + 2 * int(session[1]), 2)


def _tokens_in(folder: Path) -> tuple[dict[str, Path], dict[str, Path]]:
    """Tokens in a folder and those below it, {name: path}: files, and what is no file."""
    files: dict[str, Path] = {}
    strange: dict[str, Path] = {}
    for path in files_below(folder):
        match = TOKEN_NAME.fullmatch(path.name)
        if not match:
            continue
        token = match[1].lower()
        if not is_plain(path):
            strange[token] = path
            continue
        known = files.get(token)
        if known is not None and known.parent == path.parent:
            riff = [p for p in (known, path) if _begins_with_riff(p)]
            if len(riff) == 1:
                files[token] = riff[0]
                continue
        if known is not None:
            raise DatasetError(
                f"The token {token} is there twice: {known} and {path}. Remove one of "
                "them, or pass the folder that holds one copy of the corpus."
            )
        files[token] = path
    return files, {token: path for token, path in strange.items() if token not in files}


def _said_of(strange: Mapping[str, Path], folder: Path) -> str:
    """A sentence about what is there but no file; empty if there is no such thing."""
    names = [path.relative_to(folder).as_posix() for path in strange.values()]
    return f" {skipped_as_strange(folder, names)}." if names else ""


def _begins_with_riff(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(4) == b"RIFF"


def _warn_of_missing(
    missing: Sequence[str], n_expected: int, folder: Path, strange: Mapping[str, Path]
) -> None:
    unknown = [name for name in missing if name not in ABSENT_TOKENS or name in strange]
    if unknown:
        warnings.warn(
            f"{len(missing)} of {n_expected} tokens are not in {folder}, such as "
            f"{unknown[0]}; the published corpus lacks some, your copy may lack more. They "
            f"are listed in the result's 'missing'.{_said_of(strange, folder)}",
            DatasetWarning,
            stacklevel=3,
        )
