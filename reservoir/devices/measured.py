"""A laboratory's own oscillator: what do a response curve and a relaxation time predict?"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reservoir._core import relaxation as kernel
from reservoir._files import open_hdf5
from reservoir.devices.device import NODE_TIME, Device

COLUMNS = ("current", "amplitude", "relaxation_time")
FLOOR = 1e-9  # of the largest amplitude; what is called silence


@dataclass(frozen=True)
class MeasuredOscillator(Device):
    r"""An oscillator known by its steady amplitude and relaxation time at some currents.

    Between the measured currents A and 1/T are interpolated along lines. The power
    :math:`p = A^2` is that of an auto-oscillator under a held current,

    .. math:: \dot p = a p - b p^2,

    with rates from the table: above the threshold :math:`a = 1/T` and :math:`b = a/A^2`, so
    that the measured amplitude is where the power rests; below it :math:`a = -2/T`, the power
    stops at the measured amplitude, and b, which no steady state shows there, continues the
    line that b follows above.

    Parameters
    ----------
    current : tuple of float
        In A, ascending; at least 3.
    amplitude : tuple of float
        Steady amplitude at each, in any unit; not negative.
    relaxation_time : float or tuple of float
        Time in which a small deviation of the amplitude falls to 1/e, in s: one for all
        currents, or one for each.
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

    current: tuple
    amplitude: tuple
    relaxation_time: float | tuple
    threshold_current: float

    def __post_init__(self):
        """Check the table, naming what is wrong in which row."""
        self._check_numbers(positive=("threshold_current",), other=COLUMNS)
        name = type(self).__name__
        current = np.asarray(self.current, dtype=float)
        if current.ndim != 1 or len(current) < 3:
            raise ValueError(
                f"{name}.current has shape {current.shape}; the table needs at least 3 rows."
            )
        for column in COLUMNS:
            values = np.asarray(getattr(self, column), dtype=float)
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

    def _refuse_row(self, column, wrong, values, rule):
        if wrong.any():
            row = int(np.argmax(wrong))
            raise ValueError(
                f"{type(self).__name__}.{column} is {values[row]} in row {row}; {rule}."
            )

    @classmethod
    def from_file(cls, path, *, relaxation_time=None, threshold_current=None):
        """Read the table from a CSV or HDF5 file.

        Parameters
        ----------
        path : str or path-like
            A text file whose first line names the columns, separated by commas, or an HDF5
            file (``.h5``, ``.hdf5``) with a data set for each: ``current`` in A,
            ``amplitude`` in any unit and, unless it is given here, ``relaxation_time`` in s.
            Other columns are ignored.
        relaxation_time : float, default=None
            One for all currents, in s, in place of the column.
        threshold_current : float, default=None
            In A. None: where the squared amplitude, which grows along a line above the
            threshold, extrapolates to 0 from a tenth and a half of its largest value.

        Returns
        -------
        MeasuredOscillator

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If a column is missing or holds something else than numbers, or the table is not
            as it must be.
        StorageError
            If an HDF5 file is damaged, or none.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}.")
        wanted = COLUMNS[: 2 if relaxation_time is not None else 3]
        hdf5 = path.suffix.lower() in (".h5", ".hdf5")
        columns = _from_hdf5(path, wanted) if hdf5 else _from_csv(path, wanted)
        columns.setdefault("relaxation_time", relaxation_time)
        if threshold_current is None:
            table = cls(**columns, threshold_current=1.0)  # says what is wrong with it
            threshold_current = _extrapolated_threshold(table.current, table.amplitude)
        return cls(**columns, threshold_current=threshold_current)

    def default_node_time(self, n_nodes):
        """Median relaxation time, times what the oscillators take."""
        return NODE_TIME * float(np.median(self.relaxation_time))

    def respond(self, current, hold_time):
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
        rest = 1.0 / np.maximum(rest, FLOOR * max(self.amplitude)) ** 2
        rate = np.interp(current, self.current, 1.0 / times)
        above = current > self.threshold_current
        # Far below, one hold reaches the limit from anywhere: bounded, so nothing overflows.
        exponent = np.where(above, -rate, 2 * rate) * hold_time
        factor = np.exp(np.minimum(exponent, 100.0))
        saturation = np.where(above, rate * rest, self._saturation_below(current, times))
        source = saturation * np.abs(1.0 - factor) / np.where(above, rate, 2 * rate)
        limit = np.where(above, np.inf, rest)
        start = np.interp((low + high) / 2, self.current, self.amplitude)
        start = 1.0 / max(float(start), FLOOR * max(self.amplitude)) ** 2
        response = np.empty_like(current)
        kernel.follow(factor, source, limit, start, response)
        return response

    def _saturation_below(self, current, times):
        """Continue b = 1/(T A^2) along a line fitted above the threshold."""
        amplitude = np.asarray(self.amplitude)
        bright = amplitude**2 > 0.1 * amplitude.max() ** 2
        rates = 1.0 / (times * np.maximum(amplitude, FLOOR * amplitude.max()) ** 2)
        unit = self.threshold_current
        degree = min(1, bright.sum() - 1)
        line = np.polyfit(np.array(self.current)[bright] / unit, rates[bright], degree)
        return np.maximum(np.polyval(line, current / unit), 0.0)


def _from_csv(path, wanted):
    with path.open(encoding="utf-8") as file:
        names = [name.strip() for name in file.readline().split(",")]
        missing = [name for name in wanted if name not in names]
        if missing:
            raise ValueError(_missing(path, missing, names))
        try:
            table = np.loadtxt(
                file, delimiter=",", usecols=[names.index(name) for name in wanted], ndmin=2
            )
        except ValueError as error:
            raise ValueError(
                f"{path}: below the columns' names there must be numbers only ({error})."
            ) from None
    return {
        name: tuple(column.tolist()) for name, column in zip(wanted, table.T, strict=True)
    }


def _from_hdf5(path, wanted):
    with open_hdf5(path) as file:
        missing = [name for name in wanted if not hasattr(file.get(name), "dtype")]
        if missing:
            raise ValueError(_missing(path, missing, list(file)))
        return {name: tuple(np.asarray(file[name], dtype=float).tolist()) for name in wanted}


def _missing(path, missing, names):
    return (
        f"{path} has no column {missing[0]!r}; it has {', '.join(map(repr, names))}. Columns "
        f"must be called {', '.join(COLUMNS)}; the last may be given as an argument instead."
    )


def _extrapolated_threshold(current, amplitude):
    power = np.square(amplitude)
    first, second = (np.argmax(power >= share * power.max()) for share in (0.1, 0.5))
    slope = (power[second] - power[first]) / (current[second] - current[first] or np.inf)
    if first == 0 or not slope > 0:
        raise ValueError(
            "The table does not show where the amplitude rises from a tenth to a half of its "
            "largest square; give threshold_current, or measure there."
        )
    return float(current[first] - power[first] / slope)
