"""What did the recorder write down? A trace, its sampling rate, and its envelope."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from reservoir._checks import (
    OrNone,
    Real,
    Rule,
    check_parameters,
    check_value,
    real_array,
)
from reservoir._hdf5 import opened_hdf5
from reservoir._hdf5_tree import array_of
from reservoir._tables import TableError, read_head, read_numbers
from reservoir._types import Floats
from reservoir.exceptions import RecordingError

RATE = Real(above=0, what="rate in Hz")
MAX_RATE_ERROR = 1e-3  # relative, between the rate that is stated and that in the file


@dataclass(frozen=True, eq=False)
class Recording:
    """What was recorded: a trace and its sampling rate.

    Attributes
    ----------
    voltage : ndarray of shape (n_samples,)
        Envelope of the emission, in V or any other unit.
    sample_rate : float
        In Hz.

    Raises
    ------
    RecordingError
        If the trace is not one row of at least 2 finite numbers.
    ValueError
        If the rate is not a positive number.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.laboratory import Recording
    >>> time = np.arange(1000) / 1e9  # 1 us, a sample each ns
    >>> emission = 0.2 * np.cos(2 * np.pi * 250e6 * time)
    >>> envelope = Recording(emission, 1e9).envelope(cutoff=20e6)
    >>> round(float(envelope.voltage[500]), 6)
    0.2
    """

    voltage: Floats
    sample_rate: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"sample_rate": RATE}

    def __post_init__(self) -> None:
        """Check the rate, and that the trace holds finite numbers only."""
        check_parameters(self, self._parameter_ranges)
        try:
            voltage = np.ascontiguousarray(real_array("The recording", self.voltage), float)
        except ValueError as error:
            raise RecordingError(str(error)) from None
        if voltage.ndim != 1 or len(voltage) < 2:
            raise RecordingError(
                f"The recording has shape {voltage.shape}; it must be one trace of at least "
                "2 samples."
            )
        if not np.isfinite(voltage).all():
            raise RecordingError(
                f"Sample {int(np.argmin(np.isfinite(voltage)))} of the recording is NaN or "
                "infinite: the recorder dropped it. Record again."
            )
        object.__setattr__(self, "voltage", voltage)

    @classmethod
    def from_file(
        cls, path: str | os.PathLike[str], sample_rate: float | None = None
    ) -> Self:
        """Read a trace.

        Parameters
        ----------
        path : str or path-like
            HDF5 (``.h5``, ``.hdf5``): the data set ``voltage``, with its attribute
            ``sample_rate`` if it is known. Any other file is text with one column (voltage)
            or two (time in s, voltage), separated by commas, below at most one line of names.
        sample_rate : float, default=None
            In Hz; needed where the file does not say it.

        Returns
        -------
        Recording

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        RecordingError
            If the rate is not known, if it is not the one that the file says, or if the times
            in the file jump, which means that samples were lost.
        StorageError
            If an HDF5 file is damaged, or is not HDF5.
        """
        check_value("sample_rate", sample_rate, OrNone(RATE))
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}.")
        if path.suffix.lower() in (".h5", ".hdf5"):
            voltage, written = _read_hdf5(path)
        else:
            voltage, written = _read_text(path)
        rate = _agreed_rate(path, sample_rate, written)
        if rate is None:
            raise RecordingError(f"{path} does not say its sampling rate; give sample_rate.")
        return cls(voltage, float(rate))

    def envelope(self, cutoff: float) -> "Recording":
        r"""Amplitude of an oscillating trace.

        Parameters
        ----------
        cutoff : float
            In Hz. Changes of the amplitude that are faster are filtered out. It should lie
            well below the frequency of the oscillation and well above one over the node time.

        Returns
        -------
        Recording
            Of the same shape and rate.

        Notes
        -----
        The magnitude of the analytic signal passes a Gaussian filter without delay, whose
        amplitude response at the frequency f is

        .. math:: 2^{-(f / f_c)^2 / 2}

        so that it is -3 dB at the cutoff :math:`f_c`.
        """
        from scipy.fft import next_fast_len
        from scipy.signal import hilbert

        check_value("cutoff", cutoff, Real(above=0, what="frequency in Hz"))
        size, n_samples = next_fast_len(len(self.voltage)), len(self.voltage)
        magnitude = np.abs(hilbert(self.voltage - self.voltage.mean(), size)[:n_samples])
        frequency = np.fft.rfftfreq(size, 1 / self.sample_rate)
        passed = np.fft.rfft(magnitude, size) * 0.5 ** (0.5 * (frequency / cutoff) ** 2)
        return Recording(np.fft.irfft(passed, size)[:n_samples], self.sample_rate)


def _agreed_rate(path: Path, stated: float | None, written: float | None) -> float | None:
    """The rate that the file says if it says one, else the rate that the user states."""
    if written is None:
        return stated
    if stated is not None and not abs(stated / written - 1) <= MAX_RATE_ERROR:
        raise RecordingError(
            f"sample_rate is {stated:.6g} Hz, but {path} says {written:.6g} Hz; leave it out."
        )
    return written


def _read_hdf5(path: Path) -> tuple[Floats, float | None]:
    """Voltages, and the rate if the file says it."""
    with opened_hdf5(path) as file:
        voltage = array_of(file, "voltage", str(path))
        rate = None if voltage is None else file["voltage"].attrs.get("sample_rate")
    if voltage is None:
        raise RecordingError(f"{path} has no data set 'voltage'.")
    if voltage.dtype.kind not in "iuf":
        raise RecordingError(
            f"{path}: 'voltage' holds {voltage.dtype}; it must hold real numbers."
        )
    if rate is not None and (np.ndim(rate) != 0 or np.asarray(rate).dtype.kind not in "iuf"):
        raise RecordingError(
            f"{path} gives the sampling rate {rate!r:.80}; it must be one number, in Hz."
        )
    return voltage, rate


def _read_text(path: Path) -> tuple[Floats, float | None]:
    """Voltages, and the rate if there is a column of times."""
    try:
        head = read_head(path)
        if head.n_columns not in (1, 2):
            raise RecordingError(
                f"{path} has {head.n_columns} columns; it must have one (voltage) or two "
                "(time in s, voltage)."
            )
        # Without times nothing says whether a comment stands in the place of a sample.
        table = read_numbers(path, head, comments=head.n_columns == 2)
    except TableError as error:
        raise RecordingError(str(error)) from None
    rate = _rate_of_times(path, table[:, 0]) if table.shape[1] == 2 else None
    return table[:, -1], rate


def _rate_of_times(path: Path, times: Floats) -> float:
    """Sampling rate of equidistant times, in Hz."""
    steps = np.diff(times)
    step = float(np.median(steps)) if len(steps) else 0.0
    if not step > 0:
        raise RecordingError(f"{path}: the times must ascend.")
    jumps = np.abs(steps - step) > 0.5 * step
    if jumps.any():
        row = int(np.argmax(jumps))
        raise RecordingError(
            f"{path}: the time jumps by {steps[row]:.4g} s after row {row}, where a step "
            f"is {step:.4g} s: about {steps[row] / step - 1:.0f} samples were lost "
            f"there, and there are {int(jumps.sum())} such jumps. Record again."
        )
    rate: float = (len(times) - 1) / (times[-1] - times[0])
    return rate
