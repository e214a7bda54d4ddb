"""Where do data sets live on this computer, and how do they get there safely?"""

import hashlib
import lzma
import os
import shutil
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import TypeAlias
from urllib.error import URLError
from urllib.request import urlopen

FilePath: TypeAlias = str | os.PathLike[str]

VARIABLE = "RESERVOIR_DATA"
MAX_MEMBER_SIZE = 10_000_000  # bytes; the longest recording has about 40 000


class DatasetError(RuntimeError):
    """A data set is missing, partial or altered."""


class DatasetWarning(UserWarning):
    """A data set can be used, but lacks a part of what was asked for."""


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
    """
    if data_home is not None:
        return Path(data_home).expanduser()
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "oscillator-reservoir"


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
        candidates = [self.cached(home)]
        if os.environ.get(VARIABLE):
            candidates.insert(0, Path(os.environ[VARIABLE]) / self.path)
        for candidate in candidates:
            if candidate.is_dir() if self.is_folder else candidate.is_file():
                return candidate
        return None

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
        given = Path(path).expanduser()
        if self.is_folder:
            if not given.is_dir():
                raise DatasetError(
                    f"There is no folder {given}; path must be the folder of the corpus."
                )
            return given
        name = PurePosixPath(self.path).name
        file = given / name if given.is_dir() else given
        if not file.is_file():
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
def new_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its place when all went well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        yield temporary
        if target.exists():
            raise DatasetError(
                f"{target} appeared while it was being downloaded; call again to use it."
            )
        os.replace(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


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
        If the server cannot be reached, refuses, or sends less than it announced.
    """
    from tqdm import tqdm

    try:
        with urlopen(url, timeout=30) as response, open(path, "wb") as file:
            announced = int(response.headers.get("Content-Length") or 0)
            with tqdm(
                total=announced or None,
                unit="B",
                unit_scale=True,
                desc=url.rpartition("/")[2],
                leave=False,
            ) as progress:
                received = 0
                while chunk := response.read(1 << 16):
                    file.write(chunk)
                    received += len(chunk)
                    progress.update(len(chunk))
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
        is not a plain file of reasonable size.
    """
    try:
        with tarfile.open(archive) as members:
            for member in members:
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
                (Path(folder) / path.name).write_bytes(file.read())
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise DatasetError(
            f"The downloaded archive is damaged ({error}); try again. Nothing was kept."
        ) from error


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
