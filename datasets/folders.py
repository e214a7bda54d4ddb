"""Which files of a folder may be clips? What people put there, not what systems keep."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from .cache import DatasetError

# Folders that systems make beside the files of people. Others of them begin with a dot.
KEPT_BY_SYSTEMS = frozenset(
    ["__MACOSX", "$RECYCLE.BIN", "System Volume Information", "lost+found", "@eaDir"]
)


def files_below(folder: Path) -> Iterator[Path]:
    """The files in a folder and those below it, in the order of their names.

    Names that begin with a dot, and what systems keep (`KEPT_BY_SYSTEMS`), are left out, at
    any depth; the folder itself may be called as it likes. Links to files and to folders are
    followed, but no folder is entered twice, nor one that holds the folder itself: a link
    back would lead round and round, or to everything else on the disk. Pipes, devices and
    links to nothing are given like files, for the caller to say so; see `is_plain`.

    Parameters
    ----------
    folder : pathlib.Path

    Yields
    ------
    pathlib.Path

    Raises
    ------
    DatasetError
        If a folder cannot be read.
    """
    home = folder.resolve()
    entered = {_identity(parent) for parent in home.parents}
    files, own, linked = list[Path](), [folder], list[Path]()
    while own or linked:
        # All folders before all links, so that a folder keeps its own name.
        here = own.pop() if own else linked.pop(0)
        if _identity(here) in entered:
            continue
        entered.add(_identity(here))
        for path in _entries(here):
            if not _is_folder(path):
                files.append(path)
            elif path.is_symlink():
                linked.append(path)
            else:
                own.append(path)
    yield from sorted(files)


def _entries(folder: Path) -> list[Path]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise DatasetError(
            f"The folder {folder} cannot be read ({error.strerror}). Make it readable, or "
            "move it elsewhere."
        ) from error
    return [
        folder / name
        for name in names
        if not name.startswith(".") and name not in KEPT_BY_SYSTEMS
    ]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # what cannot be looked at is no plain file either; the caller says so
        return False


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def skipped_as_strange(folder: Path, names: Sequence[str]) -> str:
    """Sentence about names that stand for no file, see `is_plain`.

    Parameters
    ----------
    folder : pathlib.Path
    names : sequence of str
        Not empty.

    Returns
    -------
    str
        Without a full stop.
    """
    return (
        f"{len(names)} files in {folder} are links to nothing, pipes or devices and were "
        f"skipped, such as {names[0]}"
    )


def is_plain(path: Path) -> bool:
    """Whether a path leads to a file that can be read to its end.

    To open a pipe or a device may wait for ever.
    """
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
