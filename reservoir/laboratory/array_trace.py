"""Which trace does a numpy or a raw binary file hold? Read block by block, and never run."""

import math
import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from reservoir._types import Floats
from reservoir.exceptions import RecordingError
from reservoir.laboratory.trace import Trace, chosen

BLOCK = 1 << 17  # numbers that are read at a time


def read_npy(path: Path, channel: str | int | None) -> Trace:
    """Read a trace that numpy saved: one array, of one row or with a column for each channel.

    Parameters
    ----------
    path : Path
    channel : str, int or None
        "column 1" or 1 is the first column.

    Returns
    -------
    Trace
        Without a rate.

    Raises
    ------
    RecordingError
        If the file is damaged, claims more than it holds, or holds something else.
    """
    with path.open("rb") as file:
        shape, by_columns, dtype = _header(path, file)
        n_samples, n_channels = _sizes(path, shape)
        _check_size(path, file, math.prod(shape) * dtype.itemsize)
        names = [f"column {number}" for number in range(1, n_channels + 1)]
        place = chosen(path, names, channel)
        if by_columns:
            file.seek(place * n_samples * dtype.itemsize, os.SEEK_CUR)
            return Trace(_filled(path, file, dtype, n_samples, 1, 0), None)
        return Trace(_filled(path, file, dtype, n_samples, n_channels, place), None)


def read_raw(path: Path, dtype: Any) -> Trace:
    """Read a file of nothing but numbers, one after the other.

    Parameters
    ----------
    path : Path
    dtype : dtype-like
        Of each number, with its byte order.

    Returns
    -------
    Trace
        Without a rate.

    Raises
    ------
    RecordingError
        If the file is not a whole number of them.
    ValueError
        If `dtype` is none of real numbers.
    """
    kind = real_dtype(dtype)
    size = path.stat().st_size
    if size % kind.itemsize:
        raise RecordingError(
            f"{path} has {size} bytes, which is no whole number of {kind.name} with "
            f"{kind.itemsize} bytes each. Give the dtype in which it was written."
        )
    with path.open("rb") as file:
        return Trace(_filled(path, file, kind, size // kind.itemsize, 1, 0), None)


def real_dtype(dtype: Any) -> np.dtype[Any]:
    """A type of real numbers, or a sentence.

    Parameters
    ----------
    dtype : dtype-like

    Returns
    -------
    dtype
    """
    kind: np.dtype[Any]
    try:
        kind = np.dtype(dtype)
    except TypeError:
        kind = np.dtype(object)
    if not _is_real(kind) or dtype is None:
        raise ValueError(
            f"dtype is {dtype!r:.60}; it must be a type of real numbers with its byte order, "
            "such as '<i2' (16-bit integers, lowest byte first) or '>f4' (single precision, "
            "highest byte first)."
        )
    return kind


def _is_real(dtype: np.dtype[Any]) -> bool:
    """Whether numbers of a type are real, and no larger than those of double precision."""
    return dtype.kind in "iuf" and dtype.itemsize <= 8


def _header(path: Path, file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether columns lie one after the other, and type of an array in a file."""
    try:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read is None:
            raise ValueError(f"version {version} is for records with named fields")
        shape, by_columns, dtype = read(file)
    except Exception as error:  # Whatever numpy raises where it reads a damaged head.
        reason = str(error).split("\n")[0].rstrip(".") or "it ends early"
        raise RecordingError(
            f"{path} is damaged, or no array that numpy.save wrote ({reason:.100})."
        ) from None
    if dtype.hasobject:
        raise RecordingError(
            f"{path} holds Python objects. They are not read, because they may run code; "
            "save an array of numbers."
        )
    if not _is_real(dtype):
        raise RecordingError(
            f"{path} holds {dtype}; it must hold real numbers of at most 8 bytes."
        )
    return shape, by_columns, dtype


def _sizes(path: Path, shape: tuple[int, ...]) -> tuple[int, int]:
    """Number of samples and of channels."""
    if len(shape) == 1:
        return shape[0], 1
    if len(shape) == 2 and shape[0] >= shape[1] > 0:
        return shape[0], shape[1]
    cure = " Save array.T." if len(shape) == 2 else ""
    raise RecordingError(
        f"{path} has the shape {shape}; it must be (n_samples,), or (n_samples, n_channels) "
        f"with more samples than channels.{cure}"
    )


def _check_size(path: Path, file: BinaryIO, claimed: int) -> None:
    """Refuse an array that is not as long as its file."""
    held = os.fstat(file.fileno()).st_size - file.tell()
    if held != claimed:
        raise RecordingError(
            f"{path} claims {claimed} bytes of numbers, but holds {held}: it was cut, or is "
            "damaged. Copy it again, or save it anew."
        )


def _filled(
    path: Path,
    file: BinaryIO,
    dtype: np.dtype[Any],
    n_samples: int,
    n_columns: int,
    place: int,
) -> Floats:
    """One column of the numbers that follow in a file, in double precision."""
    found = np.empty(n_samples)
    n_rows = max(BLOCK // n_columns, 1)
    for begin in range(0, n_samples, n_rows):
        count = min(n_rows, n_samples - begin) * n_columns
        block = np.fromfile(file, dtype, count)
        if len(block) != count:
            raise RecordingError(f"{path} ended while it was read; copy it again.")
        found[begin : begin + n_rows] = block.reshape(-1, n_columns)[:, place]
    return found
