"""Which trace does a file of MATLAB hold? Its numbers are read, and nothing else of it.

A file of version 5 (which `save` of MATLAB writes with -v6 and -v7) is a row of elements,
each with a tag that says its type and its number of bytes. A matrix is an element that holds
four others: flags, sizes, name and numbers. It may be compressed. Here every size is compared
with the bytes that are there before memory is taken, and what is unpacked is bounded by the
size of the file. Texts, cells, structures and objects are passed over.

References
----------
MathWorks, MAT-File Format (the format of version 5 MAT-files).
"""

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from reservoir._files import read_file
from reservoir._hdf5_tree import Allowance, UnsafeFileError
from reservoir._types import Array, Floats
from reservoir.exceptions import RecordingError
from reservoir.laboratory.clock import Clock
from reservoir.laboratory.trace import VOLTS_PER_UNIT, Trace, chosen

HEAD = 128  # bytes
MATRIX, COMPRESSED = 14, 15  # types of elements
NUMBERS = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
NUMERIC_CLASSES = range(6, 16)  # from double to 64-bit integers without sign
COMPLEX = 0x0800  # among the flags
RATES = {"sample_rate", "samplerate", "samplingrate", "fs"}
INTERVALS = {"tinterval", "sample_interval", "sampleinterval", "dt", "xinc"}
TIMES = {"t", "time", "times"}
OTHERS = {"marker"}

Tag = tuple[int, int, int, int]  # type, begin and end of the content, begin of the next


def read_mat(path: Path, channel: str | int | None) -> Trace:
    """Read one channel of a MAT file: a vector, or a column of a matrix.

    Parameters
    ----------
    path : Path
    channel : str, int or None
        Name of a variable.

    Returns
    -------
    Trace
        The rate is that of a variable `sample_rate` or `Fs` in Hz, or of a sample interval
        (`Tinterval`, `dt`) or a vector of times (`t`, `time`) in s.

    Raises
    ------
    RecordingError
        If the file is damaged, claims more than it holds, is of another version, or holds no
        such vector.
    """
    content = read_file(path)
    try:
        variables = _variables(path, content, Allowance(len(content)))
    except (UnsafeFileError, struct.error, zlib.error, ValueError) as error:
        if isinstance(error, RecordingError):
            raise
        raise RecordingError(
            f"{path} is damaged, or claims more than it holds ({error!s:.120}). Save it "
            "again."
        ) from None
    scalars = {
        name.lower(): float(array.flat[0])
        for name, array in variables.items()
        if array.size == 1
    }
    columns = _columns(variables)
    rate = _rate(path, scalars, columns)
    names = [name for name in columns if name.lower() not in TIMES | OTHERS]
    if not names:
        raise RecordingError(
            f"{path} holds no vector of real numbers for a trace; it holds "
            f"{', '.join(map(repr, variables)) or 'no numbers'}."
        )
    voltage: Floats = columns[names[chosen(path, names, channel)]].astype(float)
    voltage *= scalars.get(VOLTS_PER_UNIT, 1.0)
    return Trace(voltage, rate)


def _columns(variables: dict[str, Array]) -> dict[str, Array]:
    """All vectors and columns of matrices, by name."""
    found = {}
    for name, array in variables.items():
        if array.size < 2 or array.ndim != 2:
            continue
        if 1 in array.shape:
            found[name] = array.ravel(order="F")
        elif array.shape[0] > array.shape[1]:
            found |= {
                f"{name} column {number}": column for number, column in enumerate(array.T, 1)
            }
    return found


def _rate(path: Path, scalars: dict[str, float], columns: dict[str, Array]) -> float | None:
    """Sampling rate in Hz, from whichever variable says it."""
    rates = [scalars[name] for name in scalars if name in RATES]
    rates += [
        1 / scalars[name] for name in scalars if name in INTERVALS and scalars[name] > 0
    ]
    for name, column in columns.items():
        if name.lower() in TIMES and not rates:
            clock = Clock(path)
            clock.add(column.astype(float))
            rates.append(clock.rate())
    if rates and not (0 < rates[0] < np.inf):
        raise RecordingError(f"{path} says a sampling rate of {rates[0]!r} Hz.")
    return rates[0] if rates else None


def _variables(path: Path, content: bytes, allowance: Allowance) -> dict[str, Array]:
    """All matrices of real numbers in a file, by name."""
    mark = content[126:128]
    if b"MATLAB 7.3" in content[:HEAD] or b"\x89HDF\r\n\x1a\n" in content[:520]:
        raise RecordingError(
            f"{path} is a MAT file of version 7.3; save it in MATLAB with '-v7', or write "
            "the trace to the data set 'voltage' of an .h5 file."
        )
    if len(content) < HEAD or mark not in (b"IM", b"MI"):
        raise RecordingError(
            f"{path} is no MAT file of version 5; save it in MATLAB with '-v7', or with "
            "scipy.io.savemat."
        )
    order = "<" if mark == b"IM" else ">"
    found = {}
    for kind, begin, end, _ in _elements(content, order, HEAD):
        part = content[begin:end]
        if kind == COMPRESSED:
            part = _unpacked(part, allowance)
            tag = next(_elements(part, order, 0), None)
            if tag is None:
                continue
            kind, part = tag[0], part[tag[1] : tag[2]]
        if kind == MATRIX:
            matrix = _matrix(part, order)
            if matrix is not None:
                allowance.spend(8 * matrix[1].size, f"The variable {matrix[0]!r:.60}")
                found[matrix[0]] = matrix[1]
    return found


def _elements(content: bytes, order: str, begin: int) -> Iterator[Tag]:
    """Tags of the elements that follow each other."""
    while begin + 8 <= len(content):
        kind, size = struct.unpack_from(order + "II", content, begin)
        if kind >> 16:  # a small element: its content stands within the tag
            kind, size, first, after = kind & 0xFFFF, kind >> 16, begin + 4, begin + 8
            if size > 4:
                raise ValueError(f"a small element claims {size} bytes")
        else:
            first = begin + 8
            after = first + size
            if kind != COMPRESSED:
                after += -size % 8
        if first + size > len(content):
            raise ValueError(f"an element claims {size} bytes, {len(content) - first} follow")
        yield kind, first, first + size, after
        begin = after


def _unpacked(part: bytes, allowance: Allowance) -> bytes:
    """A compressed element, if the size of the file allows for what is in it."""
    packer = zlib.decompressobj()
    found = packer.decompress(part, allowance.left + 1)
    allowance.spend(len(found), "A compressed variable")
    return found


def _matrix(part: bytes, order: str) -> tuple[str, Array] | None:
    """Name and values of a matrix of real numbers; None for anything else."""
    tags = list(_elements(part, order, 0))
    if len(tags) < 4:
        return None
    (_, flags, _, _), (_, *shape, _), (_, *name, _), (kind, begin, end, _) = tags[:4]
    word = struct.unpack_from(order + "I", part, flags)[0]
    if word & 0xFF not in NUMERIC_CLASSES or word & COMPLEX or kind not in NUMBERS:
        return None
    sizes = np.frombuffer(part[shape[0] : shape[1]], order + "i4").tolist()
    values = np.frombuffer(part[begin:end], order + NUMBERS[kind])
    if min(sizes, default=0) < 0 or math.prod(sizes) != len(values):
        raise ValueError(f"a matrix of the sizes {sizes} holds {len(values)} numbers")
    text = part[name[0] : name[1]].decode("latin-1")
    return text, values.reshape(sizes, order="F")
