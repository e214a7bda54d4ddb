"""Which outputs of a command are refused before its work begins?"""

import argparse
import os
from collections.abc import Iterable, Iterator


def outputs_of(
    options: argparse.Namespace, names: Iterable[str]
) -> Iterator[tuple[str, str, str]]:
    """Option, path and place of every file that is to be written.

    Parameters
    ----------
    options : argparse.Namespace
    names : iterable of str
        Options of outputs, each with one path, a list of them, or None. A '-' is no file.

    Yields
    ------
    tuple of three str
        Equal places are one file.
    """
    for name in names:
        given = getattr(options, name, None)
        for path in given if isinstance(given, list) else [given]:
            if path is not None and path != "-":
                yield name, path, place_of(path)


def place_of(path: str) -> str:
    """The place of a file, by whatever name."""
    return os.path.normcase(os.path.realpath(path))


def refuse_replacing(
    options: argparse.Namespace, names: Iterable[str], read: Iterable[str | None]
) -> None:
    """End the program if an output would replace a file that is to be read.

    Parameters
    ----------
    options : argparse.Namespace
        With `parser`.
    names : iterable of str
        Options of outputs, as for `outputs_of`.
    read : iterable of str or None
        Files that are read.
    """
    places = {place_of(path) for path in read if path}
    for name, path, place in outputs_of(options, names):
        if place in places:
            options.parser.error(
                f"--{name} would replace {path}, which is to be read; name another file"
            )


def require_matplotlib(options: argparse.Namespace) -> None:
    """End the program if a figure is wanted where it cannot be drawn.

    Parameters
    ----------
    options : argparse.Namespace
        With `parser`.
    """
    wanted = next(
        (name for name in ("plot", "animate") if getattr(options, name, None)), None
    )
    if wanted:
        try:
            import matplotlib  # noqa: F401
        except ImportError:
            options.parser.error(
                f"--{wanted} needs matplotlib: pip install 'oscillator-reservoir[plot]'"
            )
