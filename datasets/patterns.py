"""What does the name of a clip mean? Read by a pattern, or told why it cannot be."""

import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .matching_time import refuse_endless

PARTS = ("label", "speaker", "session", "index")
PART_PATTERN = re.compile(r"\{([^{}]*)\}")
GROUP_PATTERN = re.compile(r"\(\?P<(\w+)>")
SUFFIX_PATTERN = re.compile(r"\\?(\.\w+)\$?$")  # at the end of a regular expression
MAX_CANDIDATES = 1000  # names among which the nearest are looked for
INDEX = "[0-9]{1,15}"


@dataclass(frozen=True)
class Step:
    """A piece of a pattern, for the sentence that says where a name departs from it.

    Attributes
    ----------
    prefix : re.Pattern
        The pattern up to this piece, and with it.
    wanted : str
        What the piece asks for.
    """

    prefix: re.Pattern[str]
    wanted: str


@dataclass(frozen=True)
class NamePattern:
    """What names mean.

    Attributes
    ----------
    text : str
        As it was given.
    expression : re.Pattern
        Has a group for each part.
    parts : tuple of str
        Those of `PARTS` that the pattern gives.
    suffix : str or None
        How the names end, in small letters; None if the pattern does not say.
    """

    text: str
    expression: re.Pattern[str]
    parts: tuple[str, ...]
    suffix: str | None

    @classmethod
    def of(cls, text: str) -> "NamePattern":
        """Understand a pattern of either form.

        Parameters
        ----------
        text : str
            Parts in braces, such as ``{label}_{speaker}_{index}.wav``, or a regular
            expression with named groups, such as ``(?P<label>[a-z]+)-.*[.]wav``.

        Returns
        -------
        NamePattern

        Raises
        ------
        ValueError
            If it gives no label, names a part twice, or is no regular expression.
        """
        if isinstance(text, str) and GROUP_PATTERN.search(text):
            return _of_expression(text)
        return _of_braces(text)

    def read(self, name: str) -> dict[str, str] | None:
        """The parts of a name, or None if it does not fit.

        Parameters
        ----------
        name : str
            Path of a file below the folder, with ``/`` between folders.

        Returns
        -------
        dict of str to str, or None
        """
        match = self.expression.fullmatch(unicodedata.normalize("NFC", name))
        if match is None:
            return None
        parts = {part: match.group(part) for part in self.parts}
        if not all(parts.values()):  # an optional group that took no part, or an empty one
            return None
        if "index" in parts and not re.fullmatch(INDEX, parts["index"]):
            return None
        return parts

    def refuse_endless(self, names: Sequence[str]) -> None:
        """Refuse a regular expression that does not come to an end on some names.

        Parameters
        ----------
        names : sequence of str
            As for `read`.

        Raises
        ------
        DatasetError
        """
        if GROUP_PATTERN.search(self.text):
            composed = [unicodedata.normalize("NFC", name) for name in names]
            refuse_endless(self.expression.pattern, composed)

    def nearest(self, names: Sequence[str], n_names: int = 3) -> list[tuple[str, str]]:
        """The names that depart from the pattern latest, and where they do.

        Parameters
        ----------
        names : sequence of str
            Names that do not fit. The first thousand are looked at.
        n_names : int, default=3

        Returns
        -------
        list of (name, reason)
        """
        steps = list(self._steps())
        found = []
        for name in names[:MAX_CANDIDATES]:
            composed = unicodedata.normalize("NFC", name)
            reached, end = 0, 0
            for number, step in enumerate(steps, start=1):
                match = step.prefix.match(composed)
                if match:
                    reached, end = number, match.end()
            found.append((-reached, -end, name, _reason(self, steps, composed, reached, end)))
        return [(name, reason) for _, _, name, reason in sorted(found)[:n_names]]

    def _steps(self) -> Iterator[Step]:
        if GROUP_PATTERN.search(self.text):
            yield from _steps_of_expression(self.text)
        else:
            yield from _steps_of_braces(self.text)


def _of_braces(text: str) -> NamePattern:
    if not isinstance(text, str):
        raise ValueError(f"pattern is {text!r}; it must be a text that holds {{label}}.")
    # Odd places hold the names of the parts, even places the text between them.
    pieces = PART_PATTERN.split(unicodedata.normalize("NFC", text))
    names = pieces[1::2]
    if (
        "label" not in names
        or len(set(names)) < len(names)
        or not set(names) <= set(PARTS)
        or "" in pieces[2::2]
    ):
        raise ValueError(
            f"pattern is {text!r}; it must hold {{label}} and may hold {{speaker}}, "
            "{session} and {index}, each once, with something between and after them, as "
            "in '{label}_{speaker}_{index}.wav' or '{speaker}/{label}.wav'. A regular "
            "expression with named groups can pass over other parts: "
            r"'(?P<label>\w+)-.*[.]wav'."
        )
    expression = "".join(_expressions(pieces))
    suffix = re.search(r"\.[^./]*$", text)
    return NamePattern(
        text,
        re.compile(expression, re.IGNORECASE),
        tuple(part for part in PARTS if part in names),
        suffix.group().lower() if suffix else "",
    )


def _expressions(pieces: Sequence[str]) -> list[str]:
    """Regular expression of each piece of a pattern in braces."""
    found = [re.escape(pieces[0])]
    for name, rest in zip(pieces[1::2], pieces[2::2], strict=True):
        kind = INDEX if name == "index" else f"[^/{re.escape(rest[0])}]+"
        found += [f"(?P<{name}>{kind})", re.escape(rest)]
    return found


def _of_expression(text: str) -> NamePattern:
    try:
        expression = re.compile(unicodedata.normalize("NFC", text))
    except (re.error, OverflowError) as error:
        raise ValueError(
            f"pattern is '{text}', which is no regular expression: {error}. Mend it, or "
            "write the parts in braces, as in '{label}_{speaker}_{index}.wav'."
        ) from None
    if "label" not in expression.groupindex:
        raise ValueError(
            f"pattern is '{text}'; it must hold a group (?P<label>...) and may hold groups "
            "named speaker, session and index. Other groups are passed over."
        )
    suffix = SUFFIX_PATTERN.search(text.replace("[.]", "."))
    return NamePattern(
        text,
        expression,
        tuple(part for part in PARTS if part in expression.groupindex),
        suffix.group(1).lower() if suffix else None,
    )


def _steps_of_braces(text: str) -> Iterator[Step]:
    pieces = PART_PATTERN.split(unicodedata.normalize("NFC", text))
    expressions = _expressions(pieces)
    for number, piece in enumerate(pieces):
        if piece == "":
            continue
        prefix = re.compile("".join(expressions[: number + 1]), re.IGNORECASE)
        if number % 2 == 0:
            yield Step(prefix, repr(piece))
        else:
            whole = " (a whole number)" if piece == "index" else ""
            yield Step(prefix, f"{{{piece}}}{whole}")


def _steps_of_expression(text: str) -> Iterator[Step]:
    """The beginnings of a regular expression that are regular expressions themselves."""
    text = unicodedata.normalize("NFC", text)
    begin = 0
    for end in range(1, len(text) + 1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                prefix = re.compile(text[:end])
        except (re.error, OverflowError):
            continue
        yield Step(prefix, f"'{text[begin:]}'")
        begin = end


def _reason(
    pattern: NamePattern, steps: Sequence[Step], name: str, reached: int, end: int
) -> str:
    """Where a name departs from a pattern, in half a sentence."""
    rest = f"the name goes on with {name[end:]!r}" if name[end:] else "the name ends there"
    so_far = f"it fits up to {name[:end]!r}, then " if end else ""
    if reached < len(steps):
        return f"{so_far}the pattern asks for {steps[reached].wanted} and {rest}"
    if pattern.expression.fullmatch(name) is None:
        return f"{so_far}the pattern ends and {rest}"
    parts = pattern.expression.fullmatch(name)
    assert parts is not None
    empty = [part for part in pattern.parts if not parts.group(part)]
    if empty:
        return f"its {empty[0]} is empty"
    return f"its index is {parts.group('index')!r}, which is no whole number"
