"""A laboratory's own oscillator: what do a response curve and a relaxation time predict?"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import ClassVar, Self, TypeAlias

import numpy as np

from reservoir._checks import Real, Rule, real_array
from reservoir._core import relaxation as kernel
from reservoir._hdf5 import opened_hdf5
from reservoir._hdf5_tree import array_of
from reservoir._tables import read_columns, read_head
from reservoir._types import Array, Floats
from reservoir.devices.device import NODE_TIME, Device

COLUMNS = ("current", "amplitude", "relaxation_time")
MAX_ROWS = 1_000_000  # of a table in a text file
SILENCE = 1e-9  # Lowest amplitude, in units of the largest.
Column: TypeAlias = tuple[float, ...]


@dataclass(frozen=True)
class MeasuredOscillator(Device):
    r"""An oscillator known by its steady amplitude and relaxation time at some currents.

    Between the measured currents the amplitude A and the rate 1/T are interpolated along
    lines. The power :math:`p = A^2` follows the equation of an auto-oscillator under a held
    current,

    .. math:: \dot p = a p - b p^2,

    with rates from the table. Above the threshold :math:`a = 1/T` and :math:`b = a/A^2`, so
    that the power rests at the measured amplitude. Below the threshold :math:`a = -2/T`, and
    the power stops at the measured amplitude; no steady state shows b there, so b continues
    the line that it follows above.

    Parameters
    ----------
    current : tuple of float
        In A, ascending; at least 3.
    amplitude : tuple of float
        Steady amplitude at each, in any unit; not negative.
    relaxation_time : float or tuple of float
        Time in which a small deviation of the amplitude falls to 1/e, in s: one number for
        all currents, or one for each.
    threshold_current : float
        In A; the unit of the estimators' `drive_range`.

    Raises
    ------
    ValueError
        If the table is too short, not ascending in current, holds NaN or infinity, a negative
        amplitude or a relaxation time that is not positive; the message names the row.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import simulate
    >>> from reservoir.devices import MeasuredOscillator
    >>> device = MeasuredOscillator(
    ...     current=(2e-3, 3e-3, 4e-3, 6e-3), amplitude=(0.0, 0.001, 0.006, 0.010),
    ...     relaxation_time=4e-7, threshold_current=3e-3)
    >>> simulate(device, np.full(50, 5e-3), hold_time=1e-7)[-1].round(4)
    np.float64(0.008)
    """

    current: Column
    amplitude: Column
    relaxation_time: float | Column
    _: KW_ONLY
    threshold_current: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "threshold_current": Real(above=0, what="current in A"),
    }

    def __post_init__(self) -> None:
        """Check the threshold, then the table; a message names the column and the row."""
        super().__post_init__()
        name = type(self).__name__
        for column in COLUMNS:
            values = real_array(f"{name}.{column}", getattr(self, column)).astype(float)
            whole: object = tuple(values.tolist()) if values.ndim == 1 else values.tolist()
            object.__setattr__(self, column, whole)
        current = np.asarray(self.current)
        if current.ndim != 1 or len(current) < 3:
            raise ValueError(
                f"{name}.current has shape {current.shape}; the table needs at least 3 rows."
            )
        for column in COLUMNS:
            values = np.asarray(getattr(self, column))
            one_for_all = column == "relaxation_time" and values.shape == ()
            if values.shape != current.shape and not one_for_all:
                raise ValueError(
                    f"{name}.{column} has shape {values.shape}, but there are "
                    f"{len(current)} currents; give one value for each."
                )
            values = np.atleast_1d(values)
            self._refuse_row(column, ~np.isfinite(values), values, "it must be finite")
            if column == "amplitude":
                self._refuse_row(column, values < 0, values, "it must not be negative")
            if column == "relaxation_time":
                self._refuse_row(column, values <= 0, values, "it must be positive")
        falls = np.r_[False, np.diff(current) <= 0]
        self._refuse_row(
            "current",
            falls,
            current,
            "it must exceed the one before: sort the rows by current, average equal ones",
        )
        if not max(self.amplitude) > 0:
            raise ValueError(f"{name}.amplitude is 0 everywhere; there is nothing to read.")

    def _refuse_row(self, column: str, wrong: Array, values: Floats, rule: str) -> None:
        if wrong.any():
            row = int(np.argmax(wrong))
            raise ValueError(
                f"{type(self).__name__}.{column} is {values[row]} in row {row}; {rule}."
            )

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        *,
        relaxation_time: float | None = None,
        threshold_current: float | None = None,
    ) -> Self:
        """Read the table from a CSV or HDF5 file.

        Parameters
        ----------
        path : str or path-like
            A text file whose first line names the columns, separated by semicolons, tabs or
            commas, or an HDF5 file (``.h5``, ``.hdf5``) with a data set for each column. The
            columns are ``current`` in A, ``amplitude`` in any unit and, unless it is given
            here, ``relaxation_time`` in s. Other columns are ignored.
        relaxation_time : float or None, default=None
            One number for all currents, in s, in place of the column.
        threshold_current : float or None, default=None
            In A. None stands for the current at which the squared amplitude, which grows
            along a line above the threshold, extrapolates to 0. The line goes through the
            points at a tenth and at a half of the largest square.

        Returns
        -------
        MeasuredOscillator

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If a column is missing or holds something else than numbers, or if the table is
            refused.
        StorageError
            If an HDF5 file is damaged, or is not an HDF5 file.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}.")
        wanted = COLUMNS[: 2 if relaxation_time is not None else 3]
        hdf5 = path.suffix.lower() in (".h5", ".hdf5")
        columns = _from_hdf5(path, wanted) if hdf5 else _from_csv(path, wanted)
        current, amplitude = columns["current"], columns["amplitude"]
        time = columns["relaxation_time"] if relaxation_time is None else relaxation_time
        if threshold_current is None:
            # A table with any threshold: this line refuses what is wrong with the columns.
            cls(current, amplitude, time, threshold_current=1.0)
            threshold_current = _extrapolated_threshold(current, amplitude)
        return cls(current, amplitude, time, threshold_current=threshold_current)

    def default_node_time(self, n_nodes: int) -> float:
        """1.67 times the median relaxation time, in s."""
        return NODE_TIME * float(np.median(self.relaxation_time))

    def respond(self, current: Floats, hold_time: float) -> Floats:
        """Amplitude at the end of every hold, for rows of held currents.

        Parameters
        ----------
        current : ndarray of shape (n_rows, n_steps)
            In A, within the measured currents.
        hold_time : float
            In s.

        Returns
        -------
        ndarray of shape (n_rows, n_steps)

        Raises
        ------
        ValueError
            If a current lies outside the table.
        """
        low, high = self.current[0], self.current[-1]
        outside = (current < low) | (current > high)
        if outside.any():
            raise ValueError(
                f"A current of {current[outside][0]:.6g} A lies outside the measured ones, "
                f"{low:.6g} to {high:.6g} A; narrow the drive_range to at most "
                f"{low / self.threshold_current:.4g} to {high / self.threshold_current:.4g}, "
                "or measure further."
            )
        times = np.broadcast_to(self.relaxation_time, len(self.current))
        rest = np.interp(current, self.current, self.amplitude)
        rest = 1.0 / np.maximum(rest, SILENCE * max(self.amplitude)) ** 2
        rate = np.interp(current, self.current, 1.0 / times)
        above = current > self.threshold_current
        # Far below the threshold one hold reaches the limit from anywhere, so the exponent is
        # bounded and nothing overflows.
        exponent = np.where(above, -rate, 2 * rate) * hold_time
        factor = np.exp(np.minimum(exponent, 100.0))
        saturation = np.where(above, rate * rest, self._saturation_below(current, times))
        source = saturation * np.abs(1.0 - factor) / np.where(above, rate, 2 * rate)
        limit = np.where(above, np.inf, rest)
        middle = float(np.interp((low + high) / 2, self.current, self.amplitude))
        start = 1.0 / max(middle, SILENCE * max(self.amplitude)) ** 2
        response = np.empty_like(current)
        kernel.follow(factor, source, limit, start, response)
        return response

    def _saturation_below(self, current: Floats, times: Floats) -> Floats:
        """The rate b = 1/(T A^2) along the line that fits it above the threshold."""
        amplitude = np.asarray(self.amplitude)
        bright = amplitude**2 > 0.1 * amplitude.max() ** 2
        rates = 1.0 / (times * np.maximum(amplitude, SILENCE * amplitude.max()) ** 2)
        unit = self.threshold_current
        degree = min(1, bright.sum() - 1)
        line = np.polyfit(np.array(self.current)[bright] / unit, rates[bright], degree)
        saturation: Floats = np.maximum(np.polyval(line, current / unit), 0.0)
        return saturation


def _from_csv(path: Path, wanted: Sequence[str]) -> dict[str, Column]:
    head = read_head(path)
    names = head.names or []
    missing = [name for name in wanted if name not in names]
    if missing:
        raise ValueError(_missing(path, missing, names))
    twice = [name for name in wanted if names.count(name) > 1]
    if twice:
        raise ValueError(f"{path} has two columns {twice[0]!r}; leave one of them out.")
    columns = read_columns(path, head, wanted, MAX_ROWS)
    return {name: tuple(column) for name, column in zip(wanted, columns, strict=True)}


def _from_hdf5(path: Path, wanted: Sequence[str]) -> dict[str, Column]:
    with opened_hdf5(path) as file:
        found = {name: array_of(file, name, str(path)) for name in wanted}
        names = list(file)
    missing = [name for name, values in found.items() if values is None]
    if missing:
        raise ValueError(_missing(path, missing, names))
    for name, values in found.items():
        if values.dtype.kind not in "iuf" or values.ndim != 1:
            raise ValueError(
                f"{path}: {name!r} has the shape {values.shape} and the type {values.dtype}; "
                "it must be one column of real numbers."
            )
    return {name: tuple(values.astype(float).tolist()) for name, values in found.items()}


def _missing(path: Path, missing: Sequence[str], names: Sequence[str]) -> str:
    """The message about the first column that is missing."""
    return (
        f"{path} has no column {missing[0]!r}; it has "
        f"{', '.join(map(repr, names)) or 'no names of columns in its first line'}. Columns "
        f"must be called {', '.join(COLUMNS)}; the last one may be an argument instead. A "
        "table whose names say units is fitted by reservoir.bench.fit_bench_table, or by the "
        "command `reservoir device`."
    )


def _extrapolated_threshold(current: Column, amplitude: Column) -> float:
    power = np.square(amplitude)
    first, second = (np.argmax(power >= share * power.max()) for share in (0.1, 0.5))
    slope = (power[second] - power[first]) / (current[second] - current[first] or np.inf)
    if first == 0 or not slope > 0:
        raise ValueError(
            "The threshold is extrapolated from the currents at which the squared amplitude "
            "reaches a tenth and a half of its largest value. The table does not show this "
            "rise; give threshold_current, or measure more currents there."
        )
    return float(current[first] - power[first] / slope)
