"""Where do data sets live on this computer, and how do they get there safely?"""

import bz2
import gzip
import hashlib
import lzma
import os
import shutil
import sys
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias
from urllib.error import URLError
from urllib.request import urlopen

FilePath: TypeAlias = str | os.PathLike[str]

VARIABLE = "RESERVOIR_DATA"
MAX_MEMBER_SIZE = 10_000_000  # bytes; the longest recording has about 40 000
MAX_READ = 1 << 20  # bytes that are taken from an archive at once, such as a head
# An archive may unpack to so many bytes, and so many times its own length more.
FREE_LENGTH, MAX_RATIO = 64 << 20, 20
PART = 1 << 16  # bytes
LONG_AGO = 86_400  # seconds; no download takes a day
OTHER_HOME = (
    f"Pass data_home=, another folder, or set {VARIABLE} to a folder that holds the data set."
)


class DatasetError(RuntimeError):
    """A data set is missing, partial or altered.

    Examples
    --------
    >>> from reservoir.datasets import DatasetError, load_recordings
    >>> try:
    ...     load_recordings("no such folder", "{label}.wav")
    ... except DatasetError as error:
    ...     print("refused")
    refused
    """


class DatasetWarning(UserWarning):
    """A data set can be used, but lacks a part of what was asked for.

    Examples
    --------
    >>> import warnings
    >>> from reservoir.datasets import DatasetWarning
    >>> warnings.simplefilter("error", DatasetWarning)       # doctest: +SKIP
    >>> issubclass(DatasetWarning, UserWarning)
    True
    """


def data_home(data_home: FilePath | None = None) -> Path:
    r"""Folder of the per-user cache; it need not exist yet.

    Parameters
    ----------
    data_home : str or path-like, default=None
        Another folder to use instead.

    Returns
    -------
    pathlib.Path
        ``$XDG_CACHE_HOME/oscillator-reservoir`` (or ``~/.cache/...``) on Linux,
        ``~/Library/Caches/...`` on macOS, ``%LOCALAPPDATA%\\...`` on Windows.

    Raises
    ------
    DatasetError
        If there is no home folder (as in some containers).

    Examples
    --------
    >>> from reservoir.datasets import data_home
    >>> data_home("corpora").name
    'corpora'
    """
    if data_home is not None:
        return expanded(data_home)
    if sys.platform == "darwin":
        base: FilePath = "~/Library/Caches"
    elif sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return expanded(base) / "oscillator-reservoir"


def expanded(path: FilePath) -> Path:
    """A path in which ``~`` and ``~user`` stand for a home folder, as in a shell.

    Raises
    ------
    DatasetError
        If there is no such home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise DatasetError(
            f"{path} cannot be found: there is no such home folder. Give a path without ~. "
            f"{OTHER_HOME}"
        ) from error


def data_folder() -> Path | None:
    """The folder that RESERVOIR_DATA names, or None if it is not set.

    Raises
    ------
    DatasetError
        If it is set and names no folder.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    folder = expanded(named)
    if not os.path.isdir(folder):
        raise DatasetError(
            f"{VARIABLE} names {named}, which is no folder. Set it to the folder that holds "
            "the data sets, or leave it unset."
        )
    return folder


def read_file(path: Path) -> bytes:
    """Content of a file of a data set.

    Raises
    ------
    DatasetError
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"{path} cannot be read ({error.strerror}). Make it readable, or use "
            "another copy."
        ) from error


@dataclass(frozen=True)
class Place:
    """Where a data set is looked for, and what is said if it is not there.

    Attributes
    ----------
    path : str
        Path of its file or folder, below the folder that RESERVOIR_DATA names and below
        the cache.
    is_folder : bool
        Whether the data set is a folder of files, not one file.
    beginning : str
        Subject and verb of the message, such as "The corpus is".
    cure : str
        End of the message. "{folder}" stands for the folder of the cache that the file
        belongs into.
    """

    path: str
    is_folder: bool
    beginning: str
    cure: str

    def cached(self, home: FilePath | None) -> Path:
        """The place in the cache; it need not exist yet."""
        return data_home(home) / self.path

    def find(self, home: FilePath | None) -> Path | None:
        """The file or folder below RESERVOIR_DATA, else in the cache, else None."""
        is_there = os.path.isdir if self.is_folder else os.path.isfile
        own = data_folder()
        if own is not None and is_there(own / self.path):
            return own / self.path
        cached = self.cached(home)
        return cached if is_there(cached) else None

    def find_or_refuse(self, path: FilePath | None, home: FilePath | None) -> Path:
        """The file or folder that the user names, or else the one that `find` gives.

        Parameters
        ----------
        path : str or path-like, or None
            What the user names. For a file, this may be the folder that holds it.
        home : str or path-like, or None
            Another folder than the per-user cache.

        Returns
        -------
        pathlib.Path

        Raises
        ------
        DatasetError
            If it is not there.
        """
        if path is None:
            found = self.find(home)
            if found is None:
                raise self.missing(home)
            return found
        given = expanded(path)
        if self.is_folder:
            if not os.path.isdir(given):
                raise DatasetError(
                    f"There is no folder {given}; path must be the folder of the corpus."
                )
            return given
        name = PurePosixPath(self.path).name
        file = given / name if os.path.isdir(given) else given
        if not os.path.isfile(file):
            raise DatasetError(
                f"There is no file {file}; path must be {name} or a folder that holds it."
            )
        return file

    def missing(self, home: FilePath | None) -> DatasetError:
        """The error that says where the data set was looked for, and the cure."""
        cached = self.cached(home)
        kind = "folder" if self.is_folder else "file"
        return DatasetError(
            f"{self.beginning} not here: neither ${VARIABLE}/{self.path} nor {cached} is a "
            f"{kind}. {self.cure.format(folder=cached.parent)}"
        )


@contextmanager
def new_folder(target: Path) -> Iterator[Path | None]:
    """A temporary folder beside `target` that takes its place when all went well.

    Only one process, and one thread, makes the folder: the others wait, and find it made.

    Parameters
    ----------
    target : pathlib.Path

    Yields
    ------
    pathlib.Path or None
        None if another one made the folder meanwhile, so that nothing is left to do.

    Raises
    ------
    DatasetError
        If the folder cannot be made.
    """
    with _writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(target.parent) as is_alone:
        if target.is_dir():
            yield None
            return
        _remove_remains(target, is_alone)
        with _writing(target.parent):
            temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=_prefix(target)))
        try:
            yield temporary
            with _writing(target):
                _put_in_place(temporary, target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _prefix(target: Path) -> str:
    return f".{target.name}-"


def _put_in_place(temporary: Path, target: Path) -> None:
    try:
        os.replace(temporary, target)
    except OSError:
        # Another one was quicker, where folders cannot be locked. Its folder is as good.
        if not target.is_dir():
            raise


def _remove_remains(target: Path, is_alone: bool) -> None:
    """Remove what a process left behind that was killed.

    If others may be at work, only what is old.
    """
    for remains in target.parent.glob(f"{_prefix(target)}*"):
        try:
            is_old = time.time() - remains.stat().st_mtime > LONG_AGO
        except OSError:
            continue
        if is_alone or is_old:
            shutil.rmtree(remains, ignore_errors=True)


@contextmanager
def _alone_in(folder: Path) -> Iterator[bool]:
    """Wait until nobody else is at work in a folder; False where that cannot be known.

    The folder itself is locked, so nothing is left in it. The system ends the lock with the
    process, however that ends.
    """
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):  # Windows; a folder that may not be read
        yield False
        return
    is_alone = False
    try:
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
            is_alone = True
        yield is_alone
    finally:
        if is_alone:
            # Not only closed: a process that was forked meanwhile has it open, too.
            fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Say in a sentence why something cannot be written, and what can be done."""
    try:
        yield
    except OSError as error:
        raise DatasetError(
            f"{error.filename or place} cannot be written "
            f"({error.strerror or error}). Nothing was kept. {OTHER_HOME}"
        ) from error


def download(url: str, path: FilePath, cure: str) -> None:
    """Download a file with a progress bar.

    Parameters
    ----------
    url : str
    path : path-like
        Where the file goes.
    cure : str
        What the user can do if it fails; the last sentence of the message.

    Raises
    ------
    DatasetError
        If the server cannot be reached, refuses, or sends less than it announced, or the
        file cannot be written.
    """
    with _writing(Path(path)), open(path, "wb") as file:
        for part in _received(url, cure):
            file.write(part)


def _received(url: str, cure: str) -> Iterator[bytes]:
    """What a server sends, part by part."""
    from tqdm import tqdm

    try:
        with urlopen(url, timeout=30) as response:
            announced = int(response.headers.get("Content-Length") or 0)
            with tqdm(
                total=announced or None,
                unit="B",
                unit_scale=True,
                desc=url.rpartition("/")[2],
                leave=False,
            ) as progress:
                received = 0
                while part := response.read(PART):
                    yield part
                    received += len(part)
                    progress.update(len(part))
    except (URLError, OSError, HTTPException, ValueError) as error:
        raise DatasetError(f"{url} could not be downloaded ({error}). {cure}") from error
    if announced and received != announced:
        raise DatasetError(
            f"{url} ended after {received} of {announced} bytes; try again. {cure}"
        )


def unpack(
    archive: FilePath, folder: FilePath, wanted: Callable[[PurePosixPath], bool]
) -> None:
    """Unpack the wanted files of a tar archive into one folder, without sub-folders.

    Parameters
    ----------
    archive, folder : path-like
    wanted : callable
        ``wanted(path)`` says whether the member with this `PurePosixPath` is wanted.

    Raises
    ------
    DatasetError
        If the archive is damaged, any member climbs out of its folder, or a wanted member
        is not a plain file of reasonable size, or a file cannot be written.
    """
    for name, content in _members(archive, wanted):
        with _writing(Path(folder) / name):
            (Path(folder) / name).write_bytes(content)


def _members(
    archive: FilePath, wanted: Callable[[PurePosixPath], bool]
) -> Iterator[tuple[str, bytes]]:
    """Name and content of every wanted member, one after the other."""
    try:
        with _unpacked(archive) as stream, tarfile.open(fileobj=stream, mode="r:") as members:
            while (member := members.next()) is not None:
                # Millions of empty members would take gigabytes.
                members.members.clear()  # type: ignore[attr-defined]
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts or "\\" in member.name:
                    raise DatasetError(
                        f"The archive holds {member.name!r}, which climbs out of its "
                        "folder; it is not the data set. Nothing was kept."
                    )
                if not wanted(path):
                    continue
                file = members.extractfile(member) if member.isfile() else None
                if file is None or member.size > MAX_MEMBER_SIZE:
                    raise DatasetError(
                        f"The archive's {member.name!r} is not a plain file of at most "
                        f"{MAX_MEMBER_SIZE} bytes; it is not the data set. Nothing was "
                        "kept."
                    )
                yield path.name, b"".join(iter(partial(file.read, PART), b""))
    except (
        *(tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError),
        *(ValueError, OverflowError, RecursionError),  # of tarfile, from senseless heads
    ) as error:
        raise DatasetError(
            f"The downloaded archive is damaged ({error}); try again. Nothing was kept."
        ) from error


class _Bounded:
    """A stream from which no more than `MAX_READ` bytes are taken at once.

    The heads of a tar archive state their own sizes, and tarfile takes each head as a whole:
    a gigabyte of zeros is a megabyte of gzip. Nor is what nobody wants passed over for ever.
    """

    def __init__(self, stream: Any, length: int) -> None:
        self.stream, self.length = stream, length
        self.tell = stream.tell

    def read(self, size: int) -> bytes:
        """Read so many bytes."""
        if size > MAX_READ:
            raise ValueError(f"a head claims {size} bytes")
        content: bytes = self.stream.read(size)
        return content

    def seek(self, place: int) -> None:
        """Go to a place."""
        if place > self.length:
            raise ValueError(f"it unpacks to more than {self.length} bytes")
        self.stream.seek(place)


@contextmanager
def _unpacked(archive: FilePath) -> Iterator[Any]:
    """The tar archive itself, by whatever it is compressed."""
    openers = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
    with open(archive, "rb") as file:
        beginning = file.read(5)
    opener: Any = open
    for magic, compressed in openers.items():
        if beginning.startswith(magic):
            opener = compressed
    with opener(archive, "rb") as stream:
        yield _Bounded(stream, FREE_LENGTH + MAX_RATIO * os.path.getsize(archive))


def digest_of(contents: Mapping[str, bytes]) -> str:
    """SHA-256 of the sorted lines ``name sha256-of-content``.

    Parameters
    ----------
    contents : dict of str to bytes
        Contents of files by their names.

    Returns
    -------
    str
    """
    total = hashlib.sha256()
    for name in sorted(contents):
        total.update(f"{name} {hashlib.sha256(contents[name]).hexdigest()}\n".encode())
    return total.hexdigest()
