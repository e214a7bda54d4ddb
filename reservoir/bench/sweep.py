"""Between which frequencies of a source is the oscillator locked? Read from spectra.

A source is swept across the oscillator's line while a spectrum analyser looks. A locked
oscillator has one line, at the frequency of the source. One that is not locked has its line,
or sidebands of it, elsewhere.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reservoir._checks import Real, check_value
from reservoir._types import Floats
from reservoir.bench.columns import read_quantities
from reservoir.bench.dialect import BenchTableError
from reservoir.bench.quantities import FREQUENCY, POWER, SOURCE

MIN_SPECTRA = 3


@dataclass(frozen=True, eq=False)
class SourceSweep:
    """Spectra of an oscillator under a source that is swept across its line.

    Parameters
    ----------
    source : ndarray of shape (n_sources,)
        Frequencies of the source, in Hz, rising.
    frequency : ndarray of shape (n_frequencies,)
        Of the spectra, in Hz, rising.
    power : ndarray of shape (n_sources, n_frequencies)
        In W, or in any unit that is proportional to it; not in dB.

    Raises
    ------
    ValueError
        If the arrays do not fit together, or are no such numbers.
    """

    source: Floats
    frequency: Floats
    power: Floats

    def __post_init__(self) -> None:
        """Check the arrays."""
        shape = (np.size(self.source), np.size(self.frequency))
        if np.shape(self.power) != shape or shape[0] < MIN_SPECTRA:
            raise ValueError(
                f"power has the shape {np.shape(self.power)}, with {shape[0]} frequencies of "
                f"the source and {shape[1]} of the spectra; give a row for each of at least "
                f"{MIN_SPECTRA} frequencies of the source."
            )
        for name in ("source", "frequency"):
            if not (np.diff(getattr(self, name)) > 0).all():
                raise ValueError(f"{name} does not rise; sort the spectra by it.")
        if not (np.isfinite(self.power).all() and (self.power >= 0).all()):
            raise ValueError(
                "power holds a negative number, NaN or infinity; give W, and not dBm."
            )

    def edges(self, resolution: float, *, drop: float = 10.0) -> tuple[float, float]:
        """Frequencies of the source between which the oscillator is locked.

        Parameters
        ----------
        resolution : float
            Resolution bandwidth of the analyser, in Hz. Lines closer than two of them to the
            source are those of the source, or of the locked oscillator.
        drop : float, default=10.0
            In dB. The oscillator is locked where the strongest line beside the source is
            weaker by so much than at the ends of the sweep, where it is free.

        Returns
        -------
        lower, upper : float
            In Hz: halfway between a spectrum with locking and its neighbour without, for the
            widest range of locking.

        Raises
        ------
        ValueError
            If the oscillator is locked nowhere, or still locked where the sweep ends.
        """
        check_value("resolution", resolution, Real(above=0, what="bandwidth in Hz"))
        check_value("drop", drop, Real(above=0, what="number of decibels"))
        beside = np.abs(self.frequency - self.source[:, None]) > 2 * resolution
        if not beside.any(axis=1).all():
            raise ValueError(
                f"The spectra reach no farther than two resolution bandwidths of "
                f"{resolution:g} Hz beside the source; take wider spectra."
            )
        line = np.where(beside, self.power, 0.0).max(axis=1)
        share = 10 ** (-drop / 10)
        ends = [0, -1]
        locked = line < share * line[ends].max()
        if (locked | (line < share * self.power.max(axis=1)))[ends].any():
            raise ValueError(
                f"At one end of the sweep no line beside the source comes within {drop:g} dB "
                "of the strongest one, so the edge of locking lies beyond it; sweep the "
                "source farther. If it is the source itself that is so strong there, take "
                "its power out of the spectra."
            )
        changes = np.flatnonzero(np.diff(locked.astype(int)))
        if not len(changes):
            raise ValueError(
                f"A line stands beside the source in each spectrum, less than {drop:g} dB "
                "below that of the free oscillator, so it is locked nowhere; raise the "
                "power of the source, or take smaller steps."
            )
        halfway = (self.source[changes] + self.source[changes + 1]) / 2
        lower, upper = halfway[::2], halfway[1::2]
        widest = int(np.argmax(upper - lower))
        return float(lower[widest]), float(upper[widest])


def read_sweep(
    path: str | os.PathLike[str], units: Mapping[str, str] | None = None
) -> SourceSweep:
    """Spectra under a swept source, from a table with a row for each point.

    Parameters
    ----------
    path : str or path-like
        A text file with the columns ``source_MHz``, ``frequency_MHz`` and ``power_dBm``, in
        any dialect that `read_bench_table` reads. Each spectrum has the same frequencies.
    units : mapping of str to str, default=None
        Units of columns whose names say none.

    Returns
    -------
    SourceSweep

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no such table.
    """
    path = Path(path)
    quantities = (SOURCE, FREQUENCY, POWER)
    names = [quantity.name for quantity in quantities]
    values = read_quantities(path, quantities, units, needed=names).values
    source, rows = np.unique(values["source"], return_inverse=True)
    frequency, columns = np.unique(values["frequency"], return_inverse=True)
    power = np.full((len(source), len(frequency)), np.nan)
    power[rows, columns] = values["power"]
    if np.isnan(power).any() or len(rows) != power.size:
        raise BenchTableError(
            f"{path} has {len(rows)} rows, but {len(source)} frequencies of the source and "
            f"{len(frequency)} of the spectra; give one row for each pair of them."
        )
    try:
        return SourceSweep(source, frequency, power)
    except ValueError as error:
        raise BenchTableError(f"{path}: {error}") from None
