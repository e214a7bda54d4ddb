"""How does a file appear whole or not at all, and who may write it at one time?"""

import contextlib
import errno
import hashlib
import io
import itertools
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from reservoir.exceptions import StorageError

try:
    import fcntl
except ImportError:  # Windows has no such locks, and no folder can be opened there.
    fcntl = None  # type: ignore[assignment]

FilePath: TypeAlias = str | os.PathLike[str]

PIECE = 1 << 20  # bytes that are read back at a time
MAX_NAME = 255  # bytes
MAX_WAITS = 200  # for a passing name, each of PASSING_PAUSE
PASSING_PAUSE = 1e-3  # s
LOCK_TIMEOUT = 60.0  # s
LOCK_PAUSE = 0.01  # s
KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a link that leads in a circle",
}


def replace_file(
    path: FilePath, content: bytes | memoryview | Iterator[bytes | memoryview]
) -> None:
    """Write a file that appears under its name only when it is complete.

    The content goes to a file of another name in the same folder. It is flushed to the disk
    and read back, and only then takes the place of what stood under `path`.

    Parameters
    ----------
    path : str or path-like
        A link is followed: the file to which it leads is replaced, and the link stays. The
        permissions of an earlier file are kept.
    content : bytes, or iterator of bytes
        An iterator is gone through once, so that a large file needs little memory.

    Raises
    ------
    FileNotFoundError
        If there is no folder to write into.
    OSError
        If something else than a file stands under `path`, if the file may not be written, or
        if the disk is full. What stood there before is as it was.
    """
    mode = check_place(path)
    target = Path(os.path.realpath(os.fsdecode(path)))
    pieces = content if isinstance(content, Iterator) else iter([content])
    try:
        _write_and_replace(target, pieces, mode)
    except OSError as error:
        before = "there was none before" if mode is None else "the earlier file is as it was"
        reason = error.strerror or str(error)
        message = f"{os.fsdecode(path)} could not be written ({reason}); {before}."
        raise _same_kind(error, message) from error


def check_place(path: FilePath) -> int | None:
    """Refuse a place where no file can be written, before the work that would fill it.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    int or None
        Permissions of the file that would be replaced; None if there is none.

    Raises
    ------
    FileNotFoundError
        If there is no folder to write into.
    OSError
        If something else than a file stands there, or it may not be written.
    ValueError
        If no file can have the name.
    """
    name = _checked_name(path)
    place = os.path.abspath(name)
    if place.startswith(("/dev/fd/", "/dev/std", "/proc/")) or name.endswith(("/", os.sep)):
        raise _same_kind(
            OSError(errno.EINVAL, ""),
            f"{name} is the name of a folder or of a stream, and only a file is written; "
            "name a file.",
        )
    target = Path(os.path.realpath(name))
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"There is no folder {target.parent} to write {target.name} into; make it first."
        )
    try:
        mode = _mode_to_keep(name, target)
    except OSError as error:
        if error.strerror is None:  # It is a sentence already.
            raise
        message = f"{name} cannot be written ({error.strerror}); name another file."
        raise _same_kind(error, message) from error
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise _same_kind(
            OSError(errno.EACCES, ""),
            f"The folder {target.parent} may not be written, as its permissions say. Change "
            f"them, or write {target.name} elsewhere.",
        )
    return mode


def read_file(path: FilePath) -> bytes:
    """The content of a file.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    bytes

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StorageError
        If it is a folder, a pipe or a device, or may not be read.
    ValueError
        If no file can have the name.
    """
    name = _checked_name(path)
    try:
        kind = _kind_of(os.stat(name).st_mode)
        if kind is not None:
            raise StorageError(f"{name} is {kind}; name a file.")
        with open(name, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no file {name}.") from None
    except OSError as error:
        raise StorageError(
            f"{name} cannot be read ({error.strerror}), which does not mean "
            "that it is damaged. Close it where it is open, or see who may read it."
        ) from error


def mark_of(path: FilePath) -> tuple[int, int, int] | None:
    """What tells whether a file is still the one that was read or written.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    tuple of int or None
        Number, size and time of the last change; None if there is no file.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextlib.contextmanager
def locked(path: FilePath) -> Iterator[None]:
    """Let one program at a time change the file `path`.

    Parameters
    ----------
    path : str or path-like
        The file need not exist; its folder must.

    Raises
    ------
    TimeoutError
        If another program has held the lock for a minute.
    FileNotFoundError
        If there is no such folder.

    Notes
    -----
    The folder is locked, since the file itself is replaced. The lock ends with the program
    that holds it, and leaves nothing behind. It is kept by programs that use this function,
    and by no others; some network disks, and Windows, know no such locks, and there nothing
    is locked.
    """
    folder = Path(os.path.realpath(os.fsdecode(path))).parent
    if fcntl is None:
        yield
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # A folder that may not be listed cannot be locked.
        yield
        return
    except FileNotFoundError:
        raise FileNotFoundError(
            f"There is no folder {folder} to write {os.path.basename(os.fsdecode(path))} "
            "into; make it first."
        ) from None
    try:
        _wait_for_lock(handle, path)
        yield
    finally:
        os.close(handle)  # This ends the lock.


def _checked_name(path: FilePath) -> str:
    """A path as text; refuses what no file can be called."""
    name = os.fsdecode(path)
    try:
        if name and "\0" not in name:
            os.fsencode(name)
            return name
    except UnicodeEncodeError:
        pass
    raise ValueError(f"{name!r} is no name of a file; give one without zero bytes.")


def _mode_to_keep(path: FilePath, target: Path) -> int | None:
    """Permissions of the file that will be replaced; None if there is none."""
    try:
        mode = os.lstat(target).st_mode
    except FileNotFoundError:
        return None
    kind = _kind_of(mode)
    if kind is not None:
        code = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
        raise _same_kind(
            OSError(code, ""),
            f"{os.fsdecode(path)} is {kind}, and only a file is replaced; name another file.",
        )
    if not os.access(target, os.W_OK):
        raise _same_kind(
            OSError(errno.EACCES, ""),
            f"{os.fsdecode(path)} is a file that may not be written, as its permissions say. "
            "Change them, or name another file.",
        )
    return stat.S_IMODE(mode)


def _kind_of(mode: int) -> str | None:
    """What stands under a name if it is no file; None for a file."""
    return None if stat.S_ISREG(mode) else KINDS.get(stat.S_IFMT(mode), "no file")


def _same_kind(error: OSError, message: str) -> OSError:
    """An error of the same class and number as another, which says a sentence only."""
    found = type(error)(message)
    found.errno = error.errno
    return found


def _write_and_replace(
    target: Path, pieces: Iterator[bytes | memoryview], mode: int | None
) -> None:
    """Write beside the target, check what was written, and put it in the target's place."""
    handle, name = _new_file(target.parent)
    try:
        with open(handle, "r+b", buffering=0) as file:
            digest = hashlib.sha256()
            for piece in pieces:
                _write_all(file, piece)
                digest.update(piece)
            if mode is not None and hasattr(os, "fchmod"):
                _keep_owner(handle, target)
                os.fchmod(handle, mode)
            os.fsync(handle)
            _check_written(file, digest.digest())
            if name is None:
                _name_and_replace(handle, target)
        if name is not None:
            os.replace(name, target)
    except BaseException:
        if name is not None:
            name.unlink(missing_ok=True)
        raise
    _flush_folder(target.parent)


def _keep_owner(handle: int, target: Path) -> None:
    """Give a new file the owner of the earlier one, as only root may."""
    with contextlib.suppress(OSError):
        earlier = os.stat(target)
        os.fchown(handle, earlier.st_uid, earlier.st_gid)


def _name_and_replace(handle: int, target: Path) -> None:
    """Give a whole file without a name a passing one, and then the target's.

    All writers of a target use the same passing name, for some microseconds each. Who finds
    it taken waits, and at last takes away what a killed program left there. Should another
    writer live after all, then it finds its name gone, and comes again.
    """
    passing = target.with_name(f".{target.name}.part")
    if len(os.fsencode(passing.name)) > MAX_NAME:
        passing = _free_name(target.parent)
    for attempt in itertools.count(1):
        try:
            # Only with a folder's handle (unused here) does Python follow this link.
            os.link(f"/proc/self/fd/{handle}", passing, src_dir_fd=handle)
            os.replace(passing, target)
        except FileExistsError:
            if attempt % MAX_WAITS == 0:
                passing.unlink(missing_ok=True)
            time.sleep(PASSING_PAUSE)
        except FileNotFoundError:
            if not target.parent.is_dir():
                raise
        else:
            return


def _new_file(folder: Path) -> tuple[int, Path | None]:
    """Open a new file, which has no name yet where the system can do that.

    A file without a name vanishes if the program is killed while it writes.
    """
    unnamed = getattr(os, "O_TMPFILE", None)
    if unnamed is not None and os.path.exists("/proc/self/fd"):
        try:
            return os.open(folder, unnamed | os.O_RDWR, 0o666), None
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
                raise
    name = _free_name(folder)
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
    return os.open(name, flags, 0o666), name


def _free_name(folder: Path) -> Path:
    return folder / f".{os.urandom(8).hex()}.part"


def _write_all(file: io.FileIO, content: bytes | memoryview) -> None:
    """Write every byte; a full disk may take a part only."""
    rest = memoryview(content)
    while len(rest):
        rest = rest[file.write(rest) :]


def _check_written(file: io.FileIO, digest: bytes) -> None:
    """Read back what was written."""
    file.seek(0)
    found = hashlib.sha256()
    while piece := file.read(PIECE):
        found.update(piece)
    if found.digest() != digest:
        raise OSError(errno.EIO, "the disk gives back other bytes than were written")


def _flush_folder(folder: Path) -> None:
    """Let the new name outlive a loss of power, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _wait_for_lock(handle: int, path: FilePath) -> None:
    end = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise TimeoutError(
                    f"Another program has held the lock of {os.fsdecode(path)} for "
                    f"{LOCK_TIMEOUT:.0f} s; let it end, or name another file."
                ) from None
            time.sleep(LOCK_PAUSE)
        except OSError:
            return  # A disk without locks.
        else:
            return
