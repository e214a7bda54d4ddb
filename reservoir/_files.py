"""How do HDF5 files appear only when they are complete, and how are they opened?"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reservoir.exceptions import StorageError


@contextmanager
def atomic_hdf5(path: str | os.PathLike[str]) -> Iterator[Any]:
    """Open a new HDF5 file that appears under `path` only when it is complete.

    Parameters
    ----------
    path : str or path-like

    Yields
    ------
    h5py.File

    Raises
    ------
    FileNotFoundError
        If there is no folder to write into.

    Notes
    -----
    The file has another name while it is written. If anything fails, it is deleted, and what
    stood under `path` before stays as it was.
    """
    import h5py

    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"There is no folder {path.parent} to write {path.name} into; make it first."
        )
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    os.close(handle)
    try:
        with h5py.File(temporary, "w") as file:
            yield file
        # mkstemp makes a file that only its owner may read; this is a file like any other.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


@contextmanager
def open_hdf5(path: str | os.PathLike[str]) -> Iterator[Any]:
    """Open an HDF5 file to read it.

    Parameters
    ----------
    path : str or path-like

    Yields
    ------
    h5py.File

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StorageError
        If the file is damaged, or not an HDF5 file.
    """
    import h5py

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except OSError as error:
        raise StorageError(f"{path} is damaged or not an HDF5 file ({error}).") from error


def plain(value: Any) -> Any:
    """An attribute of a file as Python writes it: a number of numpy as one of Python's."""
    return value.item() if getattr(value, "shape", None) == () else value
