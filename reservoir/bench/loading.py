"""Which device does a user mean by a text: a preset, a bench table, or a file?"""

import os
from pathlib import Path
from typing import Any

from reservoir._hdf5 import opened_hdf5
from reservoir._warnings import warn_user
from reservoir.bench.dialect import BenchTableError
from reservoir.bench.fit import BenchFit, fit_bench_table
from reservoir.bench.table import BenchTable, read_bench_table
from reservoir.devices import Device, MeasuredOscillator, find_device, preset_names
from reservoir.storage import load

HDF5 = (".h5", ".hdf5")
TEXTS = (".csv", ".txt", ".dat", ".tsv", ".asc")
A_TABLE = (
    "A table has a line that names its columns, such as current_mA, amplitude_mV, "
    "frequency_MHz, linewidth_kHz, and a row of numbers for each current."
)


def load_device(text: str, **units: str) -> Device:
    """The device that a text stands for.

    Parameters
    ----------
    text : str
        The name of a preset; or a bench table (.csv, .txt, .dat, .tsv), to which a
        `SpinTorqueOscillator` is fitted; or an HDF5 file (.h5), which holds a device that
        `reservoir.save` wrote, or the table of a `MeasuredOscillator`.
    **units : str
        Units of a bench table's columns whose names say none, as in ``current="mA"``.

    Returns
    -------
    device

    Raises
    ------
    FileNotFoundError
        If the text ends like a file, and there is none.
    ValueError
        If it is neither a preset nor a file of these kinds, or if a table cannot be read or
        fitted. The message lists the presets, or names file, line and cure.
    StorageError
        If an HDF5 file is damaged.

    Warns
    -----
    UserWarning
        If numbers of the device are assumed, because a bench table does not tell them.

    Examples
    --------
    >>> from reservoir.bench import load_device
    >>> load_device("riou2017").threshold_current
    0.003
    """
    path = Path(text)
    suffix = path.suffix.lower()
    if suffix in HDF5:
        _require_file(path)
        return _stored(path)
    if is_bench_table(text):
        _require_file(path)
        fit = fit_of_file(path, read_bench_table(path, units))
        _warn_of_assumed(path, fit)
        return fit.oscillator
    if units:
        raise ValueError(f"{text} is no bench table, so it has no units; leave them out.")
    if suffix and text not in preset_names():
        raise ValueError(
            f"{text} is no file of a device: those end in {', '.join((*HDF5, *TEXTS))}. "
            f"{A_TABLE}"
        )
    try:
        return find_device(text)
    except ValueError as error:
        raise ValueError(
            f"{str(error).rstrip('.')}. A device is also a bench table (TABLE.csv) or a file "
            f"(FILE.h5). {A_TABLE}"
        ) from None


def is_bench_table(text: str) -> bool:
    """Whether a text names a file that is read as a bench table, by its suffix.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool

    Examples
    --------
    >>> from reservoir.bench import is_bench_table
    >>> is_bench_table("chip7.csv"), is_bench_table("torrejon2017")
    (True, False)
    """
    return Path(text).suffix.lower() in TEXTS


def fit_of_file(path: str | os.PathLike[str], table: BenchTable, **options: Any) -> BenchFit:
    """`fit_bench_table`, whose refusals name the file.

    Parameters
    ----------
    path : str or path-like
        From which the table comes.
    table : BenchTable
    **options
        As for `fit_bench_table`.

    Returns
    -------
    BenchFit

    Raises
    ------
    BenchTableError
        If the table cannot be fitted.
    """
    try:
        return fit_bench_table(table, **options)
    except ValueError as error:
        raise BenchTableError(f"{path}: {error}") from None


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {path}. A device is a bench table, a file, or one of the "
            f"presets {', '.join(preset_names())}."
        )


def _stored(path: Path) -> Device:
    """A device that was saved, or the table of a measured one."""
    with opened_hdf5(path) as file:
        is_table = "current" in file
    if is_table:
        return MeasuredOscillator.from_file(path)
    found = load(path)
    if not isinstance(found, Device):
        raise ValueError(
            f"{path} holds a {type(found).__name__}, and no device; name a file to which "
            "reservoir.save or `reservoir device --out` wrote a device."
        )
    return found


def _warn_of_assumed(path: Path, fit: BenchFit) -> None:
    assumed = [name for name, found in fit.estimates.items() if found.standing == "assumed"]
    if assumed:
        warn_user(
            f"{path} does not tell {', '.join(assumed)} of the device, so those of a preset "
            "are assumed. `reservoir device` says which values, and takes better ones.",
            UserWarning,
        )
