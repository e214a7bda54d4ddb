"""Where do data sets live on this computer, and how do they get there safely?"""

import hashlib
import lzma
import os
import shutil
import sys
import tarfile
import tempfile
import zlib
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from urllib.error import URLError
from urllib.request import urlopen

VARIABLE = "RESERVOIR_DATA"
LARGEST_MEMBER = 10_000_000  # bytes; the longest recording has about 40 000


class DatasetError(RuntimeError):
    """A data set is missing, partial or altered."""


class DatasetWarning(UserWarning):
    """A data set can be used, but is less than what was asked for."""


def data_home(data_home=None):
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


@contextmanager
def new_folder(target):
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


def download(url, path, cure):
    """Download a file with a progress bar.

    Raises
    ------
    DatasetError
        If the server cannot be reached, refuses, or sends less than it announced; the
        message ends with `cure`.
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


def unpack(archive, folder, wanted):
    """Unpack the wanted files of a tar archive into one folder, without sub-folders.

    Parameters
    ----------
    archive, folder : path-like
    wanted : callable
        Says of a member's path (`PurePosixPath`) whether it is wanted.

    Raises
    ------
    DatasetError
        If the archive is damaged, or a member, wanted or not, climbs out of its folder.
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
                if not member.isfile() or member.size > LARGEST_MEMBER:
                    raise DatasetError(
                        f"The archive's {member.name!r} is not a plain file of at most "
                        f"{LARGEST_MEMBER} bytes; it is not the data set. Nothing was "
                        "kept."
                    )
                (Path(folder) / path.name).write_bytes(members.extractfile(member).read())
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise DatasetError(
            f"The downloaded archive is damaged ({error}); try again. Nothing was kept."
        ) from error


def digest_of(contents):
    """SHA-256 of the sorted lines ``name sha256-of-content``.

    Parameters
    ----------
    contents : dict of str to bytes

    Returns
    -------
    str
    """
    total = hashlib.sha256()
    for name in sorted(contents):
        total.update(f"{name} {hashlib.sha256(contents[name]).hexdigest()}\n".encode())
    return total.hexdigest()
