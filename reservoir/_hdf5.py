"""How are numbers kept in an HDF5 file, so that a changed file is noticed?

A file of this package is an HDF5 file behind a block of 512 bytes, which HDF5 leaves to its
users. The block is a text with the SHA-256 digest of all bytes that follow. Damage is found
by it; it is no signature, since whoever changes the file on purpose can compute it again.
Therefore what a file claims is also examined (`reservoir._hdf5_tree`).
"""

import contextlib
import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reservoir._files import FilePath, read_file, replace_file
from reservoir._hdf5_tree import Tree, UnsafeFileError, read_tree, survives
from reservoir._warnings import warn_user
from reservoir.exceptions import StorageError, StorageWarning

BLOCK = 512
TITLE = b"oscillator-reservoir file\n"
SIGNATURE = b"\x89HDF\r\n\x1a\n"
OPEN_FLAGS = slice(BLOCK + 20, BLOCK + 24)  # of HDF5's first head, behind our block
# Names that promise another kind of file.
OTHER_SUFFIXES = frozenset(
    ".avi .bmp .bz2 .csv .feather .gif .gz .jpeg .jpg .joblib .json .mat .npy .npz .onnx "
    ".parquet .pdf .pickle .pkl .png .svg .tar .tsv .txt .wav .xls .xlsx .xml .xz .yaml "
    ".yml .zip".split()
)


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
    ValueError
        If the name promises another kind of file, or if the content is more than is read.
    """
    import h5py

    check_suffix(path)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=BLOCK) as file:
        file.attrs["format"] = form.title
        file.attrs["version"] = form.version
        yield file
    _check_readable(buffer, form)
    with buffer.getbuffer() as content:
        content[:BLOCK] = _block_of(content)
        replace_file(path, content)


@contextlib.contextmanager
def opened_form(path: FilePath, form: Form) -> Iterator[tuple[Tree, int]]:
    """Read a file of this package.

    Parameters
    ----------
    path : str or path-like
    form : Form
        The kind of file that is wanted.

    Yields
    ------
    file : Tree
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
    name = os.fsdecode(path)
    content = read_file(path)
    checked = content.startswith(TITLE)
    if not checked and not content.startswith(SIGNATURE):
        raise StorageError(f"{name} is damaged or not an HDF5 file.")
    harm = None if checked else survives(content)
    if harm is not None:
        raise StorageError(f"{name} is damaged: {harm}. Copy it again, or make it anew.")
    with _opened(content, name) as file:
        version = _version_of(file, form, name)
        if not checked and version >= form.first_digest:
            raise StorageError(
                f"{name} has lost the digest of its content, so it was changed by another "
                f"program after {form.writer} wrote it. Copy it again, or make it anew."
            )
        yield read_tree(file, name), version
    if not checked:
        warn_user(
            f"{name} is of version {version}, which had no digest of its content; damage to "
            "it is not noticed. Write it again to give it one.",
            StorageWarning,
        )


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
    name = os.fsdecode(path)
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
        content = _checked(content, name)
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            yield file
    except (StorageError, Warning):
        raise
    except UnsafeFileError as error:
        raise StorageError(str(error)) from None
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise StorageError(
            f"{name} is damaged, or is not what it should be ({reason:.200}). Copy it again, "
            "or make it anew."
        ) from error


def _check_readable(buffer: io.BytesIO, form: Form) -> None:
    """Refuse to write what would be refused when it is read."""
    import h5py

    with h5py.File(buffer, "r") as file:
        try:
            read_tree(file, f"this {form.name}")
        except UnsafeFileError as error:
            raise ValueError(
                f"What should be written could not be read again: {error} Nothing was "
                "written."
            ) from None


def check_suffix(path: FilePath) -> None:
    """Refuse a name that promises another kind of file than HDF5.

    Parameters
    ----------
    path : str or path-like

    Raises
    ------
    ValueError
    """
    suffix = Path(os.fsdecode(path)).suffix.lower()
    if suffix in OTHER_SUFFIXES:
        raise ValueError(
            f"{os.fsdecode(path)} ends in {suffix}, but what is written there is HDF5; end "
            "the name in .h5."
        )


def _block_of(content: bytes | memoryview) -> bytes:
    """The first block of a file: a text with the digest of what follows the block."""
    with memoryview(content) as whole, whole[BLOCK:] as rest:
        digest = hashlib.sha256(rest).hexdigest()
    text = (
        f"sha256 of all bytes behind this block of {BLOCK}: {digest}\n"
        "It finds damage. It is no signature.\n"
    )
    return (TITLE + text.encode()).ljust(BLOCK, b"\n")


def _checked(content: bytes, name: str) -> bytes:
    """Content that fits its digest.

    While another program has the file open to write, HDF5 marks that in four bytes, which
    are no part of the content.
    """
    if content[:BLOCK] == _block_of(content):
        return content
    closed = content[: OPEN_FLAGS.start] + bytes(4) + content[OPEN_FLAGS.stop :]
    if closed[:BLOCK] == _block_of(closed):
        return closed
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
    """The version of a file; refuses another kind of file, and what cannot be read."""
    if file.attrs.get("format") != form.title:
        raise StorageError(
            f"{name} is an HDF5 file, but no {form.name} that {form.writer} wrote."
        )
    unnumbered = 1 if form.first_numbered > 1 else None
    version = file.attrs.get("version", unnumbered)
    if getattr(version, "shape", None) == ():  # A number of numpy.
        version = version.item()
    if not isinstance(version, int) or version not in range(1, form.version + 1):
        raise StorageError(
            f"{name} has format version {version!r:.40}; this package reads versions 1 to "
            f"{form.version} of a {form.name}. Read it with the package that wrote it, or "
            "make it anew."
        )
    return int(version)
