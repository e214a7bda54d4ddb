"""How are numbers kept in an HDF5 file, so that a changed file is noticed?

A file of this package is an HDF5 file behind a block of 512 bytes, which HDF5 leaves to its
users. The block is a text with the SHA-256 digest of all bytes that follow. Damage is found
by it; it is no signature, since whoever changes the file on purpose can compute it again.
Therefore a file is also examined before anything is read from it (`_examine_tree`).
"""

import contextlib
import hashlib
import io
import math
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reservoir._files import FilePath, read_file, replace_file
from reservoir.exceptions import StorageError, StorageWarning

BLOCK = 512
TITLE = b"oscillator-reservoir file\n"
SIGNATURE = b"\x89HDF\r\n\x1a\n"

# Limits of what is read, so that a file never takes more memory than 64 MB and 20 times its
# own size: that size twice for the file itself, and the data as often as these allow.
MAX_DEPTH = 24  # groups within groups
MAX_ATTRIBUTE_BYTES = 1 << 16
SPARE_BYTES = 16 << 20
EXPANSION = 4  # bytes of compressed data for each byte of the file
NUMBERS_AND_TEXTS = "biufcS"  # kinds of numpy's dtypes; texts of a fixed length


@dataclass(frozen=True)
class Form:
    """A kind of file of this package.

    Attributes
    ----------
    title : str
        What stands in the file's attribute ``format``.
    name : str
        What a message calls it: "model".
    writer : str
        The function that writes it.
    version : int
        Of the files that are written.
    first_digest : int
        The first version whose files have a digest.
    first_numbered : int, default=1
        The first version whose files say their version.
    """

    title: str
    name: str
    writer: str
    version: int
    first_digest: int
    first_numbered: int = 1


@contextlib.contextmanager
def written_hdf5(path: FilePath, form: Form) -> Iterator[Any]:
    """Fill a new HDF5 file, which appears under its name when it is complete.

    Parameters
    ----------
    path : str or path-like
        As for `reservoir._files.replace_file`.
    form : Form

    Yields
    ------
    h5py.File
        It lies in memory: HDF5 itself writes nothing to the disk, since it cannot close a
        file on a full one.

    Raises
    ------
    OSError
        As for `reservoir._files.replace_file`.
    """
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=BLOCK) as file:
        file.attrs["format"] = form.title
        file.attrs["version"] = form.version
        yield file
    with buffer.getbuffer() as content:
        content[:BLOCK] = _block_of(content)
        replace_file(path, content)


@contextlib.contextmanager
def opened_form(path: FilePath, form: Form) -> Iterator[tuple[Any, int]]:
    """Open a file of this package.

    Parameters
    ----------
    path : str or path-like
    form : Form
        The kind of file that is wanted.

    Yields
    ------
    file : h5py.File
    version : int
        The version of the file's form.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StorageError
        If it is another kind of file, if its version cannot be read, if it was changed after
        it was written, or if the block of code within finds something else wrong with it.

    Warns
    -----
    StorageWarning
        If the file is of a version that had no digest.
    """
    name = os.fspath(path)
    content = read_file(path)
    checked = content.startswith(TITLE)
    if not checked and not content.startswith(SIGNATURE):
        raise StorageError(f"{name} is damaged or not an HDF5 file.")
    with _opened(content, name) as file:
        if file.attrs.get("format") != form.title:
            raise StorageError(
                f"{name} is an HDF5 file, but no {form.name} that {form.writer} wrote."
            )
        version = _version_of(file, form, name)
        if not checked and version >= form.first_digest:
            raise StorageError(
                f"{name} has lost the digest of its content, so it was changed by another "
                f"program after {form.writer} wrote it. Copy it again, or make it anew."
            )
        _examine_tree(file, name)
        if not checked:
            warnings.warn(
                f"{name} is of version {version}, which had no digest of its content; "
                "damage to it is not noticed. Write it again to give it one.",
                StorageWarning,
                stacklevel=6,
            )
        yield file, version


@contextlib.contextmanager
def opened_hdf5(path: FilePath) -> Iterator[Any]:
    """Open an HDF5 file of any program to read it.

    Parameters
    ----------
    path : str or path-like

    Yields
    ------
    h5py.File
        It lies in memory; no other program is disturbed. Read data with `array_of`, which
        knows what must not be read.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StorageError
        If the file is damaged or no HDF5 file, if it has a digest that is wrong, or if the
        block of code within finds something else than it expects.
    """
    name = os.fspath(path)
    content = read_file(path)
    if not content.startswith(SIGNATURE) and not _has_late_signature(content):
        raise StorageError(f"{name} is damaged or not an HDF5 file.")
    with _opened(content, name) as file:
        yield file


@contextlib.contextmanager
def _opened(content: bytes, name: str) -> Iterator[Any]:
    """Open the content of an HDF5 file in memory, after its digest was checked if it has one.

    Whatever goes wrong in the block of code within is an error of the file.
    """
    import h5py

    if content.startswith(TITLE):
        _check_digest(content, name)
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            yield file
    except (StorageError, Warning):
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise StorageError(
            f"{name} is damaged, or is not what it should be ({reason:.200}). Copy it again, "
            "or make it anew."
        ) from error


def array_of(file: Any, name: str, what: str) -> Any:
    """A data set of a file of another program, as an array.

    Parameters
    ----------
    file : h5py.File
    name : str
        Of a data set in the file's uppermost group.
    what : str
        The file's name, for messages.

    Returns
    -------
    ndarray or None
        None if there is no such data set.

    Raises
    ------
    StorageError
        If it is a link, lies in another file, was never written, claims more memory than the
        size of the file allows, or holds neither numbers nor texts of a fixed length.
    """
    import h5py

    link = file.get(name, getlink=True)
    if link is None:
        return None
    item = _linked(file, name, link, what)
    if not isinstance(item, h5py.Dataset):
        return None
    place = f"{what}: {name!r}"
    claimed, limit = _claim_of(item, place), SPARE_BYTES + EXPANSION * file.id.get_filesize()
    if item.chunks is not None:
        piece = item.dtype.itemsize * math.prod(item.chunks)
        pieces = math.prod(-(-n // m) for n, m in zip(item.shape, item.chunks, strict=True))
        if item.id.get_num_chunks() != pieces:
            raise StorageError(f"{place} was never written in full.")
        claimed = max(claimed, piece)
    if claimed > limit:
        raise StorageError(
            f"{place} claims {claimed} bytes, but its file has {file.id.get_filesize()}; it "
            "is not read."
        )
    return item[()]


def plain(value: Any) -> Any:
    """An attribute of a file as Python writes it: a number of numpy as one of Python's."""
    return value.item() if getattr(value, "shape", None) == () else value


def _block_of(content: bytes | memoryview) -> bytes:
    """The first block of a file: a text with the digest of what follows the block."""
    with memoryview(content) as whole, whole[BLOCK:] as rest:
        digest = hashlib.sha256(rest).hexdigest()
    text = (
        f"sha256 of all bytes behind this block of {BLOCK}: {digest}\n"
        "It finds damage. It is no signature.\n"
    )
    return (TITLE + text.encode()).ljust(BLOCK, b"\n")


def _check_digest(content: bytes, name: str) -> None:
    if content[:BLOCK] != _block_of(content):
        raise StorageError(
            f"{name} was changed or cut after it was written: its content does not fit the "
            "digest at its beginning. Copy it again, or make it anew."
        )


def _has_late_signature(content: bytes) -> bool:
    """Whether HDF5's signature stands behind a block that another program keeps there."""
    place = BLOCK
    while place < len(content):
        if content.startswith(SIGNATURE, place):
            return True
        place *= 2
    return False


def _version_of(file: Any, form: Form, name: str) -> int:
    """The version of a file, which is one that can be read."""
    unnumbered = 1 if form.first_numbered > 1 else None
    version = plain(file.attrs.get("version", unnumbered))
    if not isinstance(version, int) or version not in range(1, form.version + 1):
        raise StorageError(
            f"{name} has format version {version!r:.40}; this package reads versions 1 to "
            f"{form.version} of a {form.name}. Read it with the package that wrote it, or "
            "make it anew."
        )
    return int(version)


def _examine_tree(file: Any, name: str) -> None:
    """Refuse a file of ours that leads elsewhere, or claims more than it holds.

    Only groups and data sets are allowed. Each hangs in the tree by one hard link, and data
    lie in the file itself, whole and as they are.
    """
    import h5py

    seen: set[int] = set()
    left = file.id.get_filesize()
    waiting = [("", file, 0)]
    while waiting:
        place, item, depth = waiting.pop()
        address = h5py.h5o.get_info(item.id).addr
        if address in seen or depth > MAX_DEPTH:
            raise StorageError(
                f"{name} holds {place} more than once, or in more than {MAX_DEPTH} groups "
                "within groups; such a file is not read."
            )
        seen.add(address)
        _examine_attributes(item, f"{name}: {place or 'the file'}")
        if isinstance(item, h5py.Dataset):
            left -= _claim_of(item, f"{name}: {place}")
            if left < 0:
                raise StorageError(
                    f"{name} claims more data than its size, {file.id.get_filesize()} bytes; "
                    "such a file is not read."
                )
            if item.chunks is not None:
                raise StorageError(
                    f"{name}: {place} was written again by another program (in chunks); such "
                    "a file is not read."
                )
        else:
            for child in item:
                found = _linked(item, child, item.get(child, getlink=True), name)
                waiting.append((f"{place}/{child}", found, depth + 1))


def _linked(group: Any, name: str, link: Any, what: str) -> Any:
    """What hangs in a group under a name; refuses what may lie elsewhere."""
    import h5py

    if not isinstance(link, h5py.HardLink):
        raise StorageError(
            f"{what}: {name!r:.80} is a link to another place or file, and links are not "
            "followed; put a copy in its place."
        )
    item = group[name]
    if not isinstance(item, h5py.Group | h5py.Dataset):
        raise StorageError(f"{what}: {name!r:.80} is neither a group nor data.")
    return item


def _examine_attributes(item: Any, what: str) -> None:
    """Refuse an attribute that claims more memory than a file holds for one."""
    import h5py

    for index in range(h5py.h5o.get_info(item.id).num_attrs):
        attribute = h5py.h5a.open(item.id, index=index)
        claimed = attribute.dtype.itemsize * math.prod(attribute.shape)
        if claimed > MAX_ATTRIBUTE_BYTES:
            raise StorageError(
                f"{what} has an attribute of {claimed} bytes; at most {MAX_ATTRIBUTE_BYTES} "
                "are read."
            )


def _claim_of(data: Any, what: str) -> int:
    """Bytes that a data set takes in memory; refuses one that is not whole in the file."""
    import h5py

    settings = data.id.get_create_plist()
    layout = settings.get_layout()
    if layout not in (h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED):
        raise StorageError(
            f"{what} is put together from other data; put a copy in its place."
        )
    if settings.get_external_count():
        raise StorageError(f"{what} lies in another file, and other files are not read.")
    if data.shape is None or data.dtype.kind not in NUMBERS_AND_TEXTS:
        raise StorageError(f"{what} holds neither numbers nor texts of a fixed length.")
    claimed: int = data.dtype.itemsize * math.prod(data.shape)
    if layout != h5py.h5d.CHUNKED and data.id.get_storage_size() != claimed:
        raise StorageError(f"{what} was never written in full.")
    return claimed
