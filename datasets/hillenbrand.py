"""Hillenbrand's vowels: formants of 139 people saying twelve American English vowels."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from . import vowel_sums
from .arguments import check_choice, chosen
from .bunch import Bunch
from .cache import DatasetError, FilePath, Place, read_file

DESCRIPTION = """Acoustic characteristics of American English vowels, vowdata.dat

1668 tokens: 45 men, 48 women, 27 boys and 19 girls said each of twelve vowels once, in a
word of the form h-vowel-d (ae had, ah hod, aw hawed, eh head, er heard, ei haid, ih hid,
iy heed, oa hoed, oo hood, uh hud, uw who'd). Measured by hand-corrected tracking: duration
in ms; in Hz, f0 and F1 to F4 where the vowel is steadiest, F1 to F3 at 20, 50 and 80 % of
its duration. NaN: could not be measured.

J. Hillenbrand, L. A. Getty, M. J. Clark, K. Wheeler, "Acoustic characteristics of American
English vowels", J. Acoust. Soc. Am. 97, 3099-3111 (1995).
(c) 1995 James Hillenbrand; the file states no licence, so it is not part of this package.
"""

FILE = "vowdata.dat"
PLACE = Place(
    path=f"hillenbrand/{FILE}",
    is_folder=False,
    beginning="Hillenbrand's vowels are",
    cure="They cannot be downloaded, because the author's page no longer exists. Get "
    f"{FILE} from a colleague, an archived copy of that page "
    "(homepages.wmich.edu/~hillenbr/voweldata.html) or a repository that keeps it, and put "
    "it into the folder {folder}, or pass path=. make_vowels() gives synthetic vowels "
    "without any file.",
)
VOWELS = ("ae", "ah", "aw", "eh", "ei", "er", "ih", "iy", "oa", "oo", "uh", "uw")
MOMENTS = tuple((f"F1{at}", f"F2{at}", f"F3{at}") for at in ("", "_20", "_50", "_80"))
FORMANTS = tuple(name for moment in MOMENTS for name in moment)
COLUMNS = ("duration", "f0", *MOMENTS[0], "F4", *FORMANTS[3:])
# Kind of talker: letter, highest number, numbers that are not used.
TALKERS = {
    "man": ("m", 50, {5, 12, 15, 43, 46}),
    "woman": ("w", 50, {18, 43}),
    "boy": ("b", 29, {6, 20}),
    "girl": ("g", 21, {3, 16}),
}
KINDS_OF_SUMS = ("talkers", "vowels", "columns")
TOKENS = {  # name in the file: (kind, talker, vowel)
    f"{letter}{number:02d}{vowel}": (kind, f"{letter}{number:02d}", vowel)
    for vowel in VOWELS
    for kind, (letter, highest, unused) in TALKERS.items()
    for number in range(1, highest + 1)
    if number not in unused
}


def fetch_hillenbrand(
    path: FilePath | None = None,
    data_home: FilePath | None = None,
    *,
    vowels: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    columns: str = "all",
    complete: bool = False,
) -> Bunch:
    """Vowels of Hillenbrand et al. (1995): durations, pitch and formants.

    The file ``vowdata.dat`` is read from `path` if given, else from
    ``$RESERVOIR_DATA/hillenbrand`` if that variable is set and the file is there, else
    from ``<data_home>/hillenbrand``. It cannot be downloaded, because the author's page
    no longer exists. Its content is checked every time: every number must be the published
    one. Blanks, the ends of lines, their order and the head may differ.

    Parameters
    ----------
    path : str or path-like, default=None
        The file, or a folder that holds it.
    data_home : str or path-like, default=None
        Another folder than the per-user cache, see `reservoir.datasets.data_home`.
    vowels : list of str, default=None
        The vowels that are kept, of ``ae ah aw eh ei er ih iy oa oo uh uw``; None keeps
        all.
    kinds : list of str, default=None
        The kinds of talkers that are kept, of ``man woman boy girl``; None keeps all.
    columns : {"all", "formants"}, default="all"
        "formants" gives the twelve values F1, F2, F3 where the vowel is steadiest and at
        20, 50 and 80 % of its duration. "all" also gives duration, f0 and F4.
    complete : bool, default=False
        Whether only those tokens are kept of which all twelve formants could be measured,
        whatever `columns` is. f0 and F4 may still be missing.

    Returns
    -------
    sklearn.utils.Bunch
        data : float64 array of shape (n_tokens, 15 or 12), duration in ms, all else in
        Hz, NaN where nothing could be measured; feature_names : list of str;
        target : ndarray of str (vowel); talkers : ndarray of str such as "m01", the
        groups of a cross-validation; kinds : ndarray of str; names : ndarray of str such
        as "m01ae" (names of the author's sound files); DESCR : str.

    Raises
    ------
    ValueError
        If an argument is not as described.
    DatasetError
        If the file is not there, damaged, or altered; the message names the line, or the
        number.

    See Also
    --------
    make_vowels : Synthetic tokens with the same fields, which need no file.

    Examples
    --------
    >>> from reservoir.datasets import fetch_hillenbrand
    >>> women = fetch_hillenbrand(  # doctest: +SKIP
    ...     vowels=["ae", "ah", "aw", "er", "ih", "iy", "uw"],
    ...     kinds=["woman"],
    ...     columns="formants",
    ...     complete=True,
    ... )
    >>> women.data.shape, len(set(women.talkers))  # doctest: +SKIP
    ((316, 12), 48)
    """
    vowels = chosen("vowels", vowels, VOWELS)
    kinds = chosen("kinds", kinds, TALKERS)
    check_choice("columns", columns, ("all", "formants"))
    rows = _read(PLACE.find_or_refuse(path, data_home))
    kind, talker, vowel = np.array([TOKENS[name] for name in rows]).T
    data = np.array(list(rows.values()), dtype=float)
    data[data == 0] = np.nan
    formants = data[:, [COLUMNS.index(name) for name in FORMANTS]]
    keep = np.isin(vowel, vowels) & np.isin(kind, kinds)
    if complete:
        keep &= ~np.isnan(formants).any(axis=1)
    return Bunch(
        data=(data if columns == "all" else formants)[keep],
        feature_names=list(COLUMNS if columns == "all" else FORMANTS),
        target=vowel[keep],
        talkers=talker[keep],
        kinds=kind[keep],
        names=np.array(list(rows))[keep],
        DESCR=DESCRIPTION,
    )


def _read(path: Path) -> dict[str, list[int]]:
    """Numbers of every token, {name: list of int}, checked to be complete."""
    rows: dict[str, list[int]] = {}
    lines = read_file(path).decode("latin-1").splitlines()
    for number, line in enumerate(lines, start=1):
        name, *values = line.split() or [""]
        if not name or (not rows and name not in TOKENS):
            continue  # a blank line, or the head of the file
        fault = _fault(name, values) or ("is there twice" if name in rows else None)
        if fault:
            raise DatasetError(
                f"{path}, line {number}: {name!r} {fault}. The file is damaged or "
                f"another one; use another copy of {FILE}."
            )
        rows[name] = [int(value) for value in values]
    missing = [name for name in TOKENS if name not in rows]
    if missing:
        raise DatasetError(
            f"{len(missing)} of {len(TOKENS)} tokens are missing in {path}, the first is "
            f"{missing[0]}. The file is partial or another one; use another copy of {FILE}."
        )
    rows = {name: rows[name] for name in TOKENS}
    difference = _difference(rows)
    if difference:
        raise DatasetError(
            f"{path}: {difference}. The file was altered; use another copy of {FILE}."
        )
    return rows


def _difference(rows: Mapping[str, Sequence[int]]) -> str | None:
    """What differs from the published numbers, or None; found by sums and a checksum."""
    text = "".join(f"{name} {' '.join(map(str, row))}\n" for name, row in rows.items())
    if hashlib.sha256(text.encode()).hexdigest() == vowel_sums.DIGEST:
        return None
    talkers, vowels = dict.fromkeys(vowel_sums.TALKERS, 0), dict.fromkeys(VOWELS, 0)
    for name, row in rows.items():
        _, talker, vowel = TOKENS[name]
        talkers[talker] += sum(row)
        vowels[vowel] += sum(row)
    totals = zip(*rows.values(), strict=True)
    columns = {column: sum(values) for column, values in zip(COLUMNS, totals, strict=True)}
    wrong = [
        {name: total - right[name] for name, total in found.items() if total != right[name]}
        for found, right in (
            (talkers, vowel_sums.TALKERS),
            (vowels, vowel_sums.VOWELS),
            (columns, vowel_sums.COLUMNS),
        )
    ]
    if [len(set(part.values())) for part in wrong] == [1, 1, 1] == list(map(len, wrong)):
        (talker,), (vowel,), ((column, excess),) = *wrong[:2], wrong[2].items()
        value = rows[talker + vowel][COLUMNS.index(column)]
        return f"the {column} of {talker + vowel!r} is {value}; it must be {value - excess}"
    places = [f"{len(part)} {kind}" for part, kind in zip(wrong, KINDS_OF_SUMS, strict=True)]
    firsts = [next(iter(part)) for part in wrong if part]
    beginning = f", such as {', '.join(firsts)}" if firsts else ""
    return f"numbers of {', '.join(places)} differ from the published ones{beginning}"


def _fault(name: str, values: Sequence[str]) -> str | None:
    """What is wrong with a row, or None."""
    if name not in TOKENS:
        return (
            "is not the name of a token, such as 'm01ae': a letter of m, w, b, g, the "
            f"number of a talker and a vowel of {', '.join(VOWELS)}"
        )
    if len(values) != len(COLUMNS):
        return f"has {1 + len(values)} columns; it must have {1 + len(COLUMNS)}"
    for column, value in zip(COLUMNS, values, strict=True):
        if not value.isdecimal() or len(value) > 5:
            return f"has {column} {value!r}; it must be a whole number, 0 if not measured"
    number = dict(zip(COLUMNS, map(int, values), strict=True))
    for moment in ((*MOMENTS[0], "F4"), *MOMENTS[1:]):
        measured = [number[column] for column in moment if number[column]]
        if measured != sorted(measured):
            return f"has {', '.join(moment)} in another order than from low to high"
    return None
