"""What did the recorder write down? A trace, its sampling rate, and its envelope."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

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
from reservoir._types import Floats
from reservoir._units import with_prefix
from reservoir.exceptions import RecordingError
from reservoir.laboratory.array_trace import read_npy, read_raw
from reservoir.laboratory.clock import MAX_RATE_ERROR
from reservoir.laboratory.mat_trace import read_mat
from reservoir.laboratory.text_trace import read_text
from reservoir.laboratory.trace import Trace

RATE = Real(above=0, what="rate in Hz")
RAW_SUFFIXES = (".bin", ".raw", ".dat")
SCOPE_SUFFIXES = (".wfm", ".trc", ".isf", ".tdms")
BLOCK = 1 << 20  # samples that are checked at a time


@dataclass(frozen=True, eq=False, repr=False)
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
        for begin in range(0, len(voltage), BLOCK):
            finite = np.isfinite(voltage[begin : begin + BLOCK])
            if not finite.all():
                raise RecordingError(
                    f"Sample {begin + int(np.argmin(finite))} of the recording is NaN or "
                    "infinite: the recorder dropped it. Record again."
                )
        object.__setattr__(self, "voltage", voltage)

    def __repr__(self) -> str:
        """Duration, largest value and rate."""
        duration = with_prefix(len(self.voltage) / self.sample_rate, "s")
        peak = max(-self.voltage.min(), self.voltage.max())
        return (
            f"Recording({duration}, {len(self.voltage)} samples, peak "
            f"{with_prefix(float(peak), 'V')}, {with_prefix(self.sample_rate, 'Hz')})"
        )

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        sample_rate: float | None = None,
        *,
        channel: str | int | None = None,
        scale: float = 1.0,
        dtype: Any = None,
    ) -> Self:
        r"""Read a trace.

        Parameters
        ----------
        path : str or path-like
            ``.h5``, ``.hdf5``: the data set ``voltage``, with its attribute ``sample_rate``
            if it is known. ``.npy``: an array of shape (n_samples,) or (n_samples,
            n_channels). ``.mat``: vectors of a MATLAB file of version 5 (-v6, -v7). ``.bin``,
            ``.raw``, and ``.dat`` with a `dtype`: raw binary. Any other file is text with
            columns of numbers, such as the CSV files of oscilloscopes: the dialect, the
            columns, their units and the rate are found from its names and its preamble. Of
            two columns without names the first holds times in s.
        sample_rate : float, default=None
            In Hz; needed where the file does not say it.
        channel : str or int, default=None
            Which channel is read if there are several: its name, or its number from 1 on. In
            HDF5 it is the name of the data set.
        scale : float, default=1.0
            What the numbers of the file are multiplied with to be in V, such as the voltage
            of one code of a converter.
        dtype : dtype-like, default=None
            Of the numbers of a raw binary file, with their byte order: "<i2", ">f4".

        Returns
        -------
        Recording

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        RecordingError
            If the rate is not known, if it is not the one that the file says, if there are
            several channels and none is chosen, if the file claims more than it holds, or if
            the times in the file jump, which means that samples were lost.
        StorageError
            If an HDF5 file is damaged, or is not HDF5.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> from reservoir.laboratory import Recording
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "scope.csv"
        >>> lines = ["Sample Interval;2,0E-9;s", "Zeit (us);CH1 (mV);CH2 (mV)"]
        >>> lines += [f"{k * 2e-3:.3f};{k % 5},5;0,25".replace(".", ",") for k in range(50)]
        >>> _ = file.write_text("\n".join(lines))
        >>> Recording.from_file(file, channel="CH1")
        Recording(100 ns, 50 samples, peak 4.5 mV, 500 MHz)
        """
        check_value("sample_rate", sample_rate, OrNone(RATE))
        check_value("scale", scale, Real(what="number of V"))
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}.")
        voltage, written = _read(path, channel, dtype)
        if scale != 1:
            voltage *= scale
        rate = _agreed_rate(path, sample_rate, written)
        if rate is None:
            raise RecordingError(f"{path} does not say its sampling rate; give sample_rate.")
        try:
            return cls(voltage, float(rate))
        except RecordingError as error:
            raise RecordingError(f"{path}: {error}") from None

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


def _read(path: Path, channel: str | int | None, dtype: Any) -> Trace:
    """The trace of a file, by the end of its name."""
    suffix = path.suffix.lower()
    raw = suffix in RAW_SUFFIXES and (dtype is not None or suffix != ".dat")
    if dtype is not None and not raw:
        raise ValueError(
            f"dtype is {dtype!r:.60}, but {path} says of what type its numbers are; leave it "
            "out, or end the name of a raw binary file in .bin."
        )
    if suffix in SCOPE_SUFFIXES:
        raise RecordingError(
            f"{path} is written in a format of its maker; export the trace as CSV, or as "
            "MAT of version 7."
        )
    if raw:
        return read_raw(path, dtype)
    if suffix in (".h5", ".hdf5"):
        return _read_hdf5(path, channel)
    return READERS.get(suffix, read_text)(path, channel)


def _read_hdf5(path: Path, channel: str | int | None) -> Trace:
    """Voltages, and the rate if the data set or the file says it."""
    name = "voltage" if channel is None else str(channel)
    with opened_hdf5(path) as file:
        voltage = array_of(file, name, str(path))
        rate = None if voltage is None else file[name].attrs.get("sample_rate")
        if rate is None:
            rate = file.attrs.get("sample_rate")
        names = ", ".join(map(repr, file))
    if voltage is None:
        raise RecordingError(
            f"{path} has no data set {name!r:.60}. It holds {names or 'nothing'}; name one "
            "with channel."
        )
    if voltage.dtype.kind not in "iuf":
        raise RecordingError(
            f"{path}: {name!r} holds {voltage.dtype}; it must hold real numbers."
        )
    if rate is not None and (np.ndim(rate) != 0 or np.asarray(rate).dtype.kind not in "iuf"):
        raise RecordingError(
            f"{path} gives the sampling rate {rate!r:.80}; it must be one number, in Hz."
        )
    return Trace(voltage.astype(float), rate)


READERS = {".npy": read_npy, ".mat": read_mat}
