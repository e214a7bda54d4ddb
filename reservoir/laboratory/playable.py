"""In which form does a generator take a waveform? As volts, as +-1, or as codes of its DAC.

The suffix of a file's name says the format. Every format is written block by block, so that
beside the waveform itself memory stays small (`.mat` excepted, which scipy writes).

Codes are symmetric: full scale is the code 2^(bits-1) - 1, and 0 V is the code 0. They are
16-bit integers. Justified to the left, a code stands in the highest bits, and the lowest ones
are free for markers. The Keysight M8190A takes 14 bits so, with its sample marker in bit 0
[1]_. Justified to the right, the integer is the code itself.

References
----------
.. [1] Keysight M8190A User's Guide, chapter General Programming, formats BIN, TXT and TXTD.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from reservoir._checks import Choice, Flag, Integer, OrNone, Real, check_value
from reservoir._files import FilePath, check_place, replace_file
from reservoir._types import Array, Floats
from reservoir._units import with_prefix
from reservoir.laboratory.array_trace import real_dtype
from reservoir.laboratory.trace import VOLTS_PER_UNIT

BLOCK = 1 << 17  # samples that are written at a time
WORD = 16  # bits of an integer that holds a code
RAW_SUFFIXES = (".bin", ".dat", ".raw")
MAX_MAT_BYTES = 2**31 - 1  # of one variable


class Samples(Protocol):
    """What is written of a waveform."""

    @property
    def voltage(self) -> Floats:
        """In V."""

    @property
    def marker(self) -> Array:
        """0 or 1."""

    @property
    def sample_rate(self) -> float:
        """In Hz."""

    @property
    def volts_per_ampere(self) -> float:
        """In V/A."""

    @property
    def bias_current(self) -> float:
        """In A."""


class Form(NamedTuple):
    """How the numbers of a file stand for voltages.

    Attributes
    ----------
    scale : {"volts", "unit"}
    full_scale : float or None
        Voltage of the number 1, or of the largest code, in V. None is the peak.
    bits : int or None
        Of a code. None stands for numbers that are no codes.
    justify : {"left", "right"}
        Where in its 16 bits a code stands.
    marker : {"own", "bit", "none"}
        Whether the marker has a column, variable or file of its own, or bit 0 of each code.
    dtype : dtype-like or None
        Of the numbers in `.npy` and raw binary. None is "<f8", or "<i2" for codes.
    times : bool
        Whether a column of times comes first in text.
    """

    scale: str = "volts"
    full_scale: float | None = None
    bits: int | None = None
    justify: str = "left"
    marker: str = "own"
    dtype: Any = None
    times: bool = False


class Coding(NamedTuple):
    """How a voltage becomes the number in a file.

    Attributes
    ----------
    per_volt : float
        Number for each volt, before it is rounded and shifted.
    step : int
        What a code is multiplied with to stand in the highest bits.
    is_code : bool
    with_bit : bool
        Whether bit 0 is the marker.
    dtype : dtype
    name : str
        Of the numbers, with their unit.
    """

    per_volt: float
    step: int
    is_code: bool
    with_bit: bool
    dtype: np.dtype[Any]
    name: str

    @property
    def volts_per_unit(self) -> float:
        """Voltage of the number 1 in the file, in V."""
        return 1 / self.per_volt / self.step

    def blocks(self, waveform: Samples) -> Iterator[tuple[int, Array]]:
        """Begin and numbers of every block of samples."""
        for begin in range(0, len(waveform.voltage), BLOCK):
            part = slice(begin, begin + BLOCK)
            numbers = waveform.voltage[part] * self.per_volt
            if self.is_code:
                numbers = np.rint(numbers) * self.step
                if self.with_bit:
                    numbers += waveform.marker[part]
            yield begin, numbers.astype(self.dtype)


def write_playable(waveform: Samples, path: FilePath, form: Form) -> float:
    """Write a waveform for a generator; a file appears when it is complete.

    Parameters
    ----------
    waveform : Waveform
    path : str or path-like
        Its suffix is one of those in `WRITERS`.
    form : Form

    Returns
    -------
    float
        Voltage of the number 1 in the file, in V.

    Raises
    ------
    ValueError
        If a part of the form is not allowed, or the waveform exceeds the full scale.
    """
    suffix = Path(os.fsdecode(path)).suffix.lower()
    coding = _coding(waveform, suffix, form)
    check_place(path)
    WRITERS[suffix](waveform, path, form, coding)
    return coding.volts_per_unit


def _coding(waveform: Samples, suffix: str, form: Form) -> Coding:
    """The coding that a form means, if it is possible."""
    _check(suffix, form)
    peak = float(max(waveform.voltage.max(), -waveform.voltage.min()))
    full = (peak or 1.0) if form.full_scale is None else float(form.full_scale)
    if peak > full * (1 + 1e-12):
        raise ValueError(
            f"full_scale is {full:.6g} V, but the waveform reaches {peak:.6g} V and would be "
            "clipped; raise full_scale, or lay the waveform out with fewer volts_per_ampere."
        )
    if form.bits is None:
        dtype = real_dtype("<f8" if form.dtype is None else form.dtype)
        if dtype.kind != "f":
            raise ValueError(
                f"dtype is {form.dtype!r:.60}, but numbers that are no codes have decimals; "
                "give '<f4' or '<f8', or the bits of a converter."
            )
        unit = form.scale == "unit"
        name = "value" if unit else "voltage_V"
        return Coding(1 / full if unit else 1.0, 1, False, False, dtype, name)
    dtype = real_dtype("<i2" if form.dtype is None else form.dtype)
    if dtype.kind != "i" or dtype.itemsize != WORD // 8:
        raise ValueError(
            f"dtype is {form.dtype!r:.60}, but codes are 16-bit integers; give '<i2' (lowest "
            "byte first) or '>i2'."
        )
    step = 2 ** (WORD - form.bits) if form.justify == "left" else 1
    largest = 2 ** (form.bits - 1) - 1
    return Coding(largest / full, step, True, form.marker == "bit", dtype, "code")


def _check(suffix: str, form: Form) -> None:
    """Refuse a form that is not allowed by itself, or in files of a suffix."""
    check_value("scale", form.scale, Choice(("volts", "unit")))
    check_value("full_scale", form.full_scale, OrNone(Real(above=0, what="voltage in V")))
    check_value("bits", form.bits, OrNone(Integer(2, WORD)))
    check_value("justify", form.justify, Choice(("left", "right")))
    check_value("marker", form.marker, Choice(("own", "bit", "none")))
    check_value("times", form.times, Flag())
    if form.bits is not None and form.scale != "volts":
        raise ValueError(
            f"bits is {form.bits} and scale is {form.scale!r}; numbers are either codes or "
            "between -1 and 1. Leave one of them out."
        )
    if form.marker == "bit" and (
        form.bits is None or form.bits == WORD or form.justify == "right"
    ):
        raise ValueError(
            "marker is 'bit', but bit 0 is free in codes of at most 15 bits that are "
            "justified to the left only; give such bits, or marker='own'."
        )
    if form.times and suffix not in (".csv", ".txt"):
        raise ValueError(f"times is True, but a {suffix} file has no column of times.")
    if form.dtype is not None and suffix not in (".npy", *RAW_SUFFIXES):
        raise ValueError(
            f"dtype is {form.dtype!r:.60}, but a {suffix} file leaves no choice; leave it "
            "out."
        )


def _write_text(waveform: Samples, path: FilePath, form: Form, coding: Coding) -> None:
    """Columns; below comments and names in `.csv`, and alone in `.txt`."""
    own = form.marker == "own"
    columns = ["%.12g"] * form.times + ["%d" if coding.is_code else "%.9g"] + ["%d"] * own

    def pieces() -> Iterator[bytes]:
        if Path(os.fsdecode(path)).suffix.lower() == ".csv":
            names = ["time_s"] * form.times + [coding.name] + ["marker"] * own
            yield (
                f"# sample_rate_Hz = {waveform.sample_rate!r}\n"
                f"# {VOLTS_PER_UNIT} = {coding.volts_per_unit!r}\n"
                f"# volts_per_ampere = {waveform.volts_per_ampere!r}\n"
                f"# bias_current_A = {waveform.bias_current!r}\n"
                f"{','.join(names)}\n"
            ).encode()
        line = ",".join(columns) + "\n"
        for begin, numbers in coding.blocks(waveform):
            rows = np.arange(begin, begin + len(numbers))
            table = np.column_stack(
                [rows / waveform.sample_rate] * form.times
                + [numbers]
                + [waveform.marker[rows]] * own
            )
            yield (line * len(rows) % tuple(table.ravel().tolist())).encode()

    replace_file(path, pieces())


def _write_npy(waveform: Samples, path: FilePath, form: Form, coding: Coding) -> None:
    """One array of numbers, and one of markers in a file of its own."""

    def pieces(dtype: np.dtype[Any], blocks: Iterator[Array]) -> Iterator[bytes]:
        head = io.BytesIO()
        shape = (len(waveform.voltage),)
        said = {"descr": dtype.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(head, said)
        yield head.getvalue()
        for block in blocks:
            yield block.tobytes()

    if form.marker == "own":
        replace_file(_beside(path), pieces(np.dtype("u1"), _markers(waveform)))
    numbers = (block for _, block in coding.blocks(waveform))
    replace_file(path, pieces(coding.dtype, numbers))


def _write_raw(waveform: Samples, path: FilePath, form: Form, coding: Coding) -> None:
    """Nothing but numbers, and nothing but markers in a file of its own."""
    if form.marker == "own":
        replace_file(_beside(path), (block.tobytes() for block in _markers(waveform)))
    replace_file(path, (block.tobytes() for _, block in coding.blocks(waveform)))


def _write_mat(waveform: Samples, path: FilePath, form: Form, coding: Coding) -> None:
    """Variables of a MATLAB file of version 5."""
    from scipy.io import savemat

    numbers = np.empty(len(waveform.voltage), coding.dtype)
    if numbers.nbytes > MAX_MAT_BYTES:
        raise ValueError(
            f"The waveform takes {with_prefix(float(numbers.nbytes), 'B')}, and a variable "
            "of a MAT file at most 2.147 GB; write it as .npy, .bin or .h5."
        )
    for begin, block in coding.blocks(waveform):
        numbers[begin : begin + len(block)] = block
    variables = {
        coding.name.removesuffix("_V"): numbers,
        "sample_rate": waveform.sample_rate,
        VOLTS_PER_UNIT: coding.volts_per_unit,
        "volts_per_ampere": waveform.volts_per_ampere,
        "bias_current": waveform.bias_current,
    }
    if form.marker == "own":
        variables["marker"] = waveform.marker
    content = io.BytesIO()
    savemat(content, variables, oned_as="column")
    replace_file(path, content.getbuffer())


def _markers(waveform: Samples) -> Iterator[Array]:
    for begin in range(0, len(waveform.marker), BLOCK):
        yield waveform.marker[begin : begin + BLOCK].astype(np.uint8)


def _beside(path: FilePath) -> Path:
    """The name of the file of markers: play.bin has play-marker.bin."""
    target = Path(os.fsdecode(path))
    return target.with_name(f"{target.stem}-marker{target.suffix}")


WRITERS = {
    ".csv": _write_text,
    ".txt": _write_text,
    ".npy": _write_npy,
    ".mat": _write_mat,
    **dict.fromkeys(RAW_SUFFIXES, _write_raw),
}
