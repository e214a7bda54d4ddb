"""What did the recorder write down? A trace, its sampling rate, and its envelope."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reservoir._checks import check_positive_value
from reservoir._files import open_hdf5
from reservoir.exceptions import RecordingError


@dataclass(frozen=True, eq=False)
class Recording:
    """What was recorded: a trace and its sampling rate.

    Attributes
    ----------
    voltage : ndarray of shape (n_samples,)
        Envelope of the emission, in V or any unit.
    sample_rate : float
        In Hz.
    """

    voltage: np.ndarray
    sample_rate: float

    def __post_init__(self):
        """Check that there are numbers only."""
        check_positive_value("sample_rate", self.sample_rate, "a positive rate in Hz")
        voltage = np.ascontiguousarray(self.voltage, dtype=float)
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
    def from_file(cls, path, sample_rate=None):
        """Read a trace.

        Parameters
        ----------
        path : str or path-like
            HDF5 (``.h5``, ``.hdf5``): the data set ``voltage``, with its attribute
            ``sample_rate`` if it is known. Else text with one or two columns, separated
            by commas, and at most one line of names: voltage, or time in s and voltage.
        sample_rate : float, default=None
            In Hz; where the file does not say it.

        Returns
        -------
        Recording

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        RecordingError
            If the rate is not known, or not the one that the file says, or the times in the
            file jump: samples were lost.
        StorageError
            If an HDF5 file is damaged, or none.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}.")
        if path.suffix.lower() in (".h5", ".hdf5"):
            with open_hdf5(path) as file:
                data = file.get("voltage")
                if not hasattr(data, "dtype"):
                    raise RecordingError(f"{path} has no data set 'voltage'.")
                voltage, written = data[()], data.attrs.get("sample_rate")
            sample_rate = agreed_rate(path, sample_rate, written)
        else:
            voltage, sample_rate = read_text(path, sample_rate)
        if sample_rate is None:
            raise RecordingError(f"{path} does not say its sampling rate; give sample_rate.")
        return cls(voltage, float(sample_rate))

    def envelope(self, cutoff):
        """The amplitude of an oscillating trace.

        Parameters
        ----------
        cutoff : float
            In Hz, above which changes of the amplitude are filtered out; well below the
            frequency of the oscillation, well above one over the node time.

        Returns
        -------
        Recording
            Magnitude of the analytic signal, low-passed without delay (Gaussian, -3 dB at
            `cutoff`).
        """
        from scipy.fft import next_fast_len
        from scipy.signal import hilbert

        check_positive_value("cutoff", cutoff, "a positive frequency in Hz")
        size, n_samples = next_fast_len(len(self.voltage)), len(self.voltage)
        magnitude = np.abs(hilbert(self.voltage - self.voltage.mean(), size)[:n_samples])
        frequency = np.fft.rfftfreq(size, 1 / self.sample_rate)
        passed = np.fft.rfft(magnitude, size) * 0.5 ** (0.5 * (frequency / cutoff) ** 2)
        return Recording(np.fft.irfft(passed, size)[:n_samples], self.sample_rate)


def agreed_rate(path, stated, written):
    """The rate that a file says, if it says one, or else what the user states."""
    if written is None:
        return stated
    if stated is not None and not abs(stated / written - 1) <= 1e-3:
        raise RecordingError(
            f"sample_rate is {stated:.6g} Hz, but {path} says {written:.6g} Hz; leave it out."
        )
    return written


def read_text(path, sample_rate):
    try:
        with path.open(encoding="utf-8") as file:
            names = file.readline()
            has_names = any(letter.isalpha() for letter in names.replace("e", ""))
            table = np.loadtxt(path, delimiter=",", skiprows=int(has_names), ndmin=2)
    except ValueError as error:
        raise RecordingError(
            f"{path}: below a line of names there must be numbers only ({error})."
        ) from None
    if table.shape[1] not in (1, 2):
        raise RecordingError(
            f"{path} has {table.shape[1]} columns; it must have one (voltage) or two (time "
            "in s, voltage)."
        )
    if table.shape[1] == 2:
        steps = np.diff(table[:, 0])
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
        written = (len(table) - 1) / (table[-1, 0] - table[0, 0])
        sample_rate = agreed_rate(path, sample_rate, written)
    return table[:, -1], sample_rate
