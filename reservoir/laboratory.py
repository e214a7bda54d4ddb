"""A device in the loop: what must a generator play, and what did the device answer?

A fitted estimator knows the currents of all its virtual nodes. `Waveform.of` lays them out as
samples of an arbitrary-waveform generator, each sequence behind a synchronisation burst; the
laboratory plays them and records what the device emits; `Waveform.nodes` finds the bursts in
the recording, counts what was lost between them, and reads the amplitude of every node.
`RecordedOscillator` then takes the place of the simulated device in the same estimator.

    bias ...| burst | gap | sequence 0 | gap | burst | gap | sequence 1 | ... | burst | gap

The burst is a maximum-length sequence of two currents, so its correlation with a recording
has one peak. It is compared with what a device would answer that relaxes to each of the two
with a time of its own; both times are fitted, so a slow answer does not count as a shift.
"""

import numbers
import os
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from sklearn.base import RegressorMixin

from reservoir.checks import check_number_value, check_positive_value
from reservoir.devices import Device
from reservoir.exceptions import RecordingError, StorageError
from reservoir.multiplexing import BaseReservoir, runs_in_exact_kernel
from reservoir.sequences import is_table
from reservoir.simulation import simulate
from reservoir.storage import atomic_hdf5

FORMAT = "oscillator-reservoir waveform"
VERSION = 1
BURST_BITS = 6  # a burst has 2^6 - 1 values ...
BURST_NODES = 3  # ... each held for so many nodes, or the time the stand-in device takes
GAP_NODES = 32  # nodes of rest around bursts and sequences, or ...
GAP_TIMES = 20  # ... so many times what the stand-in device takes
ALIKE = 0.75  # least correlation of a burst with what it should look like
DRIFT = 0.2  # node times by which the distance of two bursts may be wrong
RELAXATION = (0.1, 0.3, 1.0, 3.0)  # first guesses, in values of a burst
RATIOS = (0.25, 0.4, 0.5, 0.8, 1.25, 2.0, 2.5, 4.0)  # of sampling rates that people mix up


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
    def read(cls, path, sample_rate=None):
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
            import h5py

            try:
                with h5py.File(path, "r") as file:
                    data = file.get("voltage")
                    if not isinstance(data, h5py.Dataset):
                        raise RecordingError(f"{path} has no data set 'voltage'.")
                    voltage, written = data[()], data.attrs.get("sample_rate")
            except OSError as error:
                raise StorageError(
                    f"{path} is damaged or not an HDF5 file ({error})."
                ) from error
            sample_rate = _agreed_rate(path, sample_rate, written)
        else:
            voltage, sample_rate = _read_text(path, sample_rate)
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


@dataclass(frozen=True, eq=False)
class Waveform:
    """What a generator should play, and to which nodes it belongs.

    Attributes
    ----------
    voltage : ndarray of shape (n_samples,)
        In V: ``volts_per_ampere * (current - bias_current)``. The bias current itself comes
        from a source of its own.
    marker : ndarray of uint8 of shape (n_samples,)
        1 during the first node of every sequence.
    current : ndarray of shape (n_holds,)
        Currents of all nodes, in A, sequence after sequence.
    lengths : ndarray of int of shape (n_sequences,)
        Holds of every sequence.
    starts : ndarray of int of shape (n_sequences,)
        Sample at which every sequence begins.
    bursts : ndarray of int of shape (n_sequences + 1,)
        Sample at which every synchronisation burst begins.
    burst_holds, gap : int
        Holds of every value of a burst, and of the rest around bursts and sequences.
    samples_per_node : int
    sample_rate : float
        Of the generator, in Hz.
    volts_per_ampere, bias_current, threshold_current : float
        In V/A, A and A; the threshold is the unit of the estimator's `drive_range`.
    """

    voltage: np.ndarray
    marker: np.ndarray
    current: np.ndarray
    lengths: np.ndarray
    starts: np.ndarray
    bursts: np.ndarray
    burst_holds: int
    gap: int
    samples_per_node: int
    sample_rate: float
    volts_per_ampere: float
    bias_current: float
    threshold_current: float

    @property
    def node_time(self):
        """Time for which each current is held, in s."""
        return self.samples_per_node / self.sample_rate

    @classmethod
    def of(
        cls,
        estimator,
        *containers,
        sample_rate,
        volts_per_ampere=50.0,
        bias_current=None,
        largest_voltage=None,
    ):
        """Lay out the masked drive of a fitted estimator.

        Parameters
        ----------
        estimator : ReservoirClassifier, ReservoirRegressor or TimeMultiplexedReservoir
            Fitted, with any device in the place of the real one: its range, mask and node
            time are what will be played. Give it an integer `random_state`, so that it draws
            the same mask when it is fitted again to the recording.
        *containers : sequences or tables
            All data that will be needed: those of the fit, those to predict.
        sample_rate : float
            Of the generator, in Hz; a whole number of samples must fit a node time.
        volts_per_ampere : float, default=50.0
            Volts of the generator for each ampere through the device.
        bias_current : float, default=None
            Current at which the generator plays 0 V, in A; None: mid-range.
        largest_voltage : float, default=None
            What the generator can play either way, in V.

        Returns
        -------
        Waveform

        Raises
        ------
        ValueError
            If a number is none that can be, a node time is no whole number of samples, the
            voltage exceeds what can be played, or the estimator feeds amplitudes back, which
            cannot be known beforehand.
        """
        if not isinstance(estimator, BaseReservoir) or not hasattr(estimator, "drive_"):
            raise TypeError(
                f"estimator is a {type(estimator).__name__} that is not a fitted reservoir; "
                "fit it with a simulated device first, so that mask and range are known."
            )
        if estimator.drive_.feedback or estimator.n_oscillators != 1:
            raise ValueError(
                "This estimator feeds amplitudes back or couples oscillators; what would be "
                "played depends on answers that are not known yet. Use feedback_gain=0, "
                "loop_gain=None and n_oscillators=1, and build feedback into the experiment."
            )
        check_positive_value("sample_rate", sample_rate, "a positive rate in Hz")
        check_positive_value("volts_per_ampere", volts_per_ampere, "a positive number of V/A")
        if bias_current is not None:
            check_number_value("bias_current", bias_current, rule="a finite current in A")
        if largest_voltage is not None:
            check_positive_value(
                "largest_voltage", largest_voltage, "a positive voltage in V"
            )
        exact = estimator.node_time_ * sample_rate
        per_node = round(exact)
        if per_node < 1 or abs(exact - per_node) > 1e-6 * per_node:
            better = max(per_node, 1) / estimator.node_time_
            raise ValueError(
                f"A node takes {estimator.node_time_:.6g} s, which is {exact:.6g} samples at "
                f"{sample_rate:.6g} Hz; it must be a whole number. Use sample_rate="
                f"{better:.12g}, or node_time={max(per_node, 1) / sample_rate:.12g}."
            )
        drive = estimator.drive_
        rows = [row for X in containers for row in _currents(estimator, X)]
        if not rows:
            raise ValueError("There is nothing to play; give at least one container of data.")
        middle = (drive.lowest + drive.highest) / 2
        bias = middle if bias_current is None else float(bias_current)
        device = estimator.oscillator_
        usual = device.default_node_time(estimator.n_nodes) / estimator.node_time_
        burst_holds = max(BURST_NODES, round(usual))
        gap = max(GAP_NODES, round(GAP_TIMES * usual))
        burst = np.where(_signs() > 0, drive.highest, middle)
        pause = np.full(gap, middle)
        parts, starts, bursts, time = [pause], [], [], gap
        for row in [*rows, None]:
            bursts.append(time)
            parts += [np.repeat(burst, burst_holds), pause]
            time += burst_holds * len(burst) + gap
            if row is not None:
                starts.append(time)
                parts += [row, pause]
                time += len(row) + gap
        holds = np.concatenate(parts)
        marker = np.zeros(len(holds), dtype=np.uint8)
        marker[starts] = 1
        voltage = volts_per_ampere * (holds - bias)
        most = np.abs(voltage).max()
        if largest_voltage is not None and most > largest_voltage:
            raise ValueError(
                f"The waveform needs {most:.4g} V, but the generator plays at most "
                f"{largest_voltage:.4g} V; narrow the drive_range, or set bias_current to "
                f"{middle:.6g} A, the middle of the range."
            )
        return cls(
            voltage=np.repeat(voltage, per_node),
            marker=np.repeat(marker, per_node),
            current=np.concatenate(rows),
            lengths=np.array([len(row) for row in rows]),
            starts=np.array(starts) * per_node,
            bursts=np.array(bursts) * per_node,
            burst_holds=burst_holds,
            gap=gap,
            samples_per_node=per_node,
            sample_rate=float(sample_rate),
            volts_per_ampere=float(volts_per_ampere),
            bias_current=bias,
            threshold_current=float(device.threshold_current),
        )

    def write(self, path):
        """Write the waveform; it appears under its name only when it is complete.

        Parameters
        ----------
        path : str or path-like
            ``.csv``: for the generator, lines of voltage and marker below comments with rate
            and scale. Else HDF5, from which `read` makes the waveform again.
        """
        path = Path(path)
        if path.suffix.lower() == ".csv":
            _write_csv(self, path)
            return
        with atomic_hdf5(path) as file:
            file.attrs["format"], file.attrs["version"] = FORMAT, VERSION
            for name, value in vars(self).items():
                if isinstance(value, np.ndarray):
                    file[name] = value
                else:
                    file.attrs[name] = value

    @classmethod
    def read(cls, path):
        """Read a waveform that `write` wrote to HDF5.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        StorageError
            If it is not a waveform of this version.
        """
        import h5py

        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}.")
        try:
            with h5py.File(path, "r") as file:
                attributes = dict(file.attrs)
                arrays = {
                    name: data[()] for name, data in file.items() if hasattr(data, "dtype")
                }
        except OSError as error:
            raise StorageError(f"{path} is damaged or not an HDF5 file ({error}).") from error
        if (attributes.pop("format", None), attributes.pop("version", None)) != (
            FORMAT,
            VERSION,
        ):
            raise StorageError(f"{path} is not a waveform that this version can read.")
        found = arrays | {name: value.item() for name, value in attributes.items()}
        missing = [field.name for field in fields(cls) if field.name not in found]
        if missing:
            raise StorageError(f"{path} is not a whole waveform: it has no {missing[0]}.")
        return cls(**{field.name: found[field.name] for field in fields(cls)})

    def nodes(self, recording, *, window=0.1):
        """Amplitude of every node in a recording of this waveform.

        Parameters
        ----------
        recording : Recording
            Of any rate, shift, gain and offset; at least two samples a node.
        window : float, default=0.1
            Part of each hold, at its end, over which the recording is averaged; with 0 the
            value at the very end is read.

        Returns
        -------
        ndarray of shape (n_holds,)
            In the unit of the recording, like `current`.

        Raises
        ------
        RecordingError
            If no burst is found where it must be, the rate is not the one that is stated, the
            recording ends early, or samples were lost; the message says what was found.
        """
        if not (isinstance(window, numbers.Real) and 0 <= window <= 1):
            raise ValueError(f"window is {window!r}; it must be a part of a hold, 0 to 1.")
        node = self.node_time * recording.sample_rate
        if node < 2:
            raise RecordingError(
                f"The recording has {node:.3g} samples a node; it needs at least 2, which is "
                f"{2 / self.node_time:.4g} Hz."
            )
        places = self._locate(recording, node)[:-1]
        origins = places + (self.starts - self.bursts[:-1]) / self.samples_per_node * node
        ends = np.concatenate(
            [
                origin + node * np.arange(1, length + 1)
                for origin, length in zip(origins, self.lengths, strict=True)
            ]
        )
        samples, trace = np.arange(len(recording.voltage)), recording.voltage
        width = window * node
        if width == 0:
            return np.interp(ends, samples, trace)
        integral = np.r_[0.0, np.cumsum((trace[1:] + trace[:-1]) / 2 - trace.mean())]
        upper, lower = (np.interp(ends - back, samples, integral) for back in (0.0, width))
        return (upper - lower) / width + trace.mean()

    def _locate(self, recording, node):
        """Place of every burst in samples of the recording, checked against each other."""
        trace = recording.voltage
        template, first, likeness = _first_burst(trace, self.burst_holds * node)
        if likeness < ALIKE:
            raise RecordingError(
                f"No synchronisation burst is in the recording (likeness {likeness:.2f}, "
                f"{ALIKE} is needed): it misses the beginning, the device does not answer, "
                f"or the rate is wrong. {self._rate_hint(recording)}"
            )
        distances = np.diff(self.bursts) / self.samples_per_node * node
        n_needed = int(first + distances.sum() + len(template))
        if len(trace) < n_needed - self.gap * node:
            raise RecordingError(
                f"The recording has {len(trace)} samples, but {n_needed} are needed from its "
                "beginning to the last burst. Record from before the waveform begins to "
                f"after its end. {self._rate_hint(recording)}"
            )
        # All places in the same way: what the match alone finds of the first is its zero.
        begin = max(int(first - node), 0)
        match, _ = _best_match(trace[begin : int(first + node) + len(template)], template)
        zero = first - begin - match
        places, drifts = [first], []
        for index, distance in enumerate(distances):
            expected = places[-1] + distance
            reach = self.gap / 2 * node + 0.02 * distance
            begin = max(int(expected - reach), 0)
            piece = trace[begin : int(expected + reach) + len(template)]
            match, likeness = _best_match(piece, template)
            if likeness < ALIKE:
                raise RecordingError(
                    f"The burst after sequence {index} is not within {reach:.0f} samples of "
                    f"where it should be (likeness {likeness:.2f}): many samples were lost "
                    f"before it, or the rate is wrong. {self._rate_hint(recording)}"
                )
            places.append(begin + match + zero)
            drifts.append(places[-1] - expected)
        self._check_drifts(np.array(drifts), distances, node, recording.sample_rate)
        return np.array(places)

    def _check_drifts(self, drifts, distances, node, sample_rate):
        wrong = np.abs(drifts) > max(DRIFT * node, 1.0)
        stretch = drifts / distances
        if wrong.sum() > 1 and np.ptp(stretch) < 0.1 * np.abs(stretch).min():
            true_rate = sample_rate * (1 + stretch.mean())
            raise RecordingError(
                f"The recording runs at {true_rate:.6g} Hz, not at {sample_rate:.6g} Hz: all "
                "bursts are too far apart, or too close, by one share. State the true rate."
            )
        if wrong.any():
            found = ", ".join(
                f"{abs(drift):.0f} {'lost' if drift < 0 else 'too many'} in sequence {index}"
                for index, drift in enumerate(drifts)
                if wrong[index]
            )
            raise RecordingError(
                f"The recording does not hold all samples: {found}. Record again."
            )

    def _rate_hint(self, recording):
        """Whether another sampling rate would make more of the recording."""
        hold = self.burst_holds * self.node_time
        rates = recording.sample_rate * np.array([1.0, *RATIOS])
        likeness = [_first_burst(recording.voltage, hold * rate)[2] for rate in rates]
        best = int(np.argmax(likeness))
        if best == 0 or likeness[best] < ALIKE:
            return f"It was read as sampled at {recording.sample_rate:.6g} Hz."
        return (
            f"It was read as sampled at {recording.sample_rate:.6g} Hz; at "
            f"{rates[best]:.6g} Hz the first burst would fit better (likeness "
            f"{likeness[best]:.2f})."
        )


class RecordedOscillator(Device):
    """A device that was recorded: it answers what it was played, and nothing else.

    Parameters
    ----------
    waveform : Waveform
        What was played.
    amplitude : ndarray of shape (n_holds,)
        Amplitude of every node, as `Waveform.nodes` reads it, in any unit.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirRegressor
    >>> from reservoir.laboratory import RecordedOscillator, Waveform, rehearse
    >>> u = np.random.default_rng(0).uniform(-1, 1, (120, 1))
    >>> model = ReservoirRegressor(n_nodes=20, node_time=1e-6, alpha=1e-6, random_state=0)
    >>> model = model.fit(u[:80], u[:80, 0] ** 2)
    >>> waveform = Waveform.of(model, u[:80], u[80:], sample_rate=20e6)
    >>> recording = rehearse(waveform, model.oscillator_, sample_rate=50e6, delay=3.3e-6)
    >>> device = RecordedOscillator(waveform, waveform.nodes(recording))
    >>> model = model.set_params(oscillator=device).fit(u[:80], u[:80, 0] ** 2)
    >>> bool(model.score(u[80:], u[80:, 0] ** 2) > 0.9)
    True
    """

    silent_below_threshold = False
    takes_padding = False

    def __init__(self, waveform, amplitude):
        amplitude = np.ascontiguousarray(amplitude, dtype=float)
        if amplitude.shape != waveform.current.shape:
            raise ValueError(
                f"amplitude has shape {amplitude.shape}, but the waveform holds "
                f"{len(waveform.current)} nodes; read it with Waveform.nodes."
            )
        self.waveform, self.amplitude = waveform, amplitude
        self.threshold_current = waveform.threshold_current

    def default_node_time(self, n_nodes):
        """That of the waveform."""
        return self.waveform.node_time

    def respond(self, current, hold_time):
        """Recorded amplitudes of rows of currents that were played.

        Parameters
        ----------
        current : ndarray of shape (n_rows, n_steps)
            In A; each a whole sequence that was played.
        hold_time : float
            In s; the node time of the waveform.

        Returns
        -------
        ndarray of shape (n_rows, n_steps)

        Raises
        ------
        ValueError
            If a row was not played.
        """
        if abs(hold_time / self.waveform.node_time - 1) > 1e-6:
            raise ValueError(
                f"node_time is {hold_time:.6g} s, but the recording was made with "
                f"{self.waveform.node_time:.6g} s; leave it at None, or use that."
            )
        return np.stack([self.amplitude[self._find(row)] for row in current])

    def _find(self, row):
        """Where the played sequence stands that a row is."""
        waveform = self.waveform
        slack = 1e-6 * np.ptp(waveform.current)
        begins = np.cumsum(waveform.lengths) - waveform.lengths
        for begin in begins[waveform.lengths == len(row)]:
            played = slice(begin, begin + len(row))
            # The first current tells most sequences apart.
            if (
                abs(waveform.current[begin] - row[0]) <= slack
                and np.abs(waveform.current[played] - row).max() <= slack
            ):
                return played
        raise ValueError(
            f"A sequence of {len(row)} nodes whose first current is {row[0]:.6g} A was not "
            "played. Lay out the waveform with all data of the fit and of the prediction, "
            "as the same whole sequences, fit to the same data as then, and give the "
            "estimator the same integer random_state."
        )


def rehearse(
    waveform,
    device,
    *,
    sample_rate,
    delay=0.0,
    gain=1.0,
    offset=0.0,
    noise=0.0,
    random_state=None,
):
    """Simulate the recording that a device would give, to try all before the experiment.

    Parameters
    ----------
    waveform : Waveform
    device : device
    sample_rate : float
        Of the recorder, in Hz.
    delay : float, default=0.0
        Time from the start of the recording to that of the waveform, in s; not negative.
    gain, offset : float
        Recorded voltage = gain * amplitude + offset.
    noise : float, default=0.0
        Rms of added noise over the standard deviation of the trace.
    random_state : None, int or numpy.random.Generator, default=None
        Seed of the noise.

    Returns
    -------
    Recording
    """
    check_positive_value("sample_rate", sample_rate, "a positive rate in Hz")
    check_number_value("delay", delay, 0.0, "a time in s that is not negative")
    current = waveform.bias_current + waveform.voltage / waveform.volts_per_ampere
    start = {}
    if runs_in_exact_kernel(device):
        start = {"initial_power": device.stationary_power(current[0])}
    amplitude = simulate(device, current, 1 / waveform.sample_rate, **start)
    # The amplitude at the end of a sample is that of the time at which the next one begins.
    amplitude = np.r_[amplitude[0], amplitude]
    duration = len(current) / waveform.sample_rate + 2 * delay
    time = np.arange(int(duration * sample_rate)) / sample_rate - delay
    trace = np.interp(time * waveform.sample_rate, np.arange(len(amplitude)), amplitude)
    trace = gain * trace + offset
    generator = np.random.default_rng(random_state)
    trace = trace + noise * trace.std() * generator.standard_normal(len(trace))
    return Recording(trace, sample_rate)


def _currents(estimator, X):
    """Currents of every sequence of a container."""
    arrays = estimator._validate(X, reset=False).arrays
    if is_table(X) and isinstance(estimator, RegressorMixin):
        arrays = [np.concatenate(list(arrays))]  # a table is one series
    # In the precision in which the estimator will ask for them, if data are far from zero.
    frames = (np.asarray(array, estimator.dtype).astype(float) for array in arrays)
    return [estimator.drive_.currents(array).ravel() for array in frames]


def _signs():
    from scipy.signal import max_len_seq

    return 2.0 * max_len_seq(BURST_BITS)[0] - 1.0


def _template(hold, up, down, shift=0.0):
    """Answer to a burst of a device that relaxes exponentially to its two currents.

    Parameters
    ----------
    hold : float
        Samples for each value of the burst.
    up, down : float
        Relaxation times at the higher and the lower current, in values of the burst.
    shift : float
        Samples by which the burst begins earlier.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    signs = _signs()
    times = np.where(signs > 0, up, down)
    before = np.empty(len(signs))  # what is left at the beginning of each value
    state = -1.0
    for i, (sign, time) in enumerate(zip(signs, times, strict=True)):
        before[i] = state - sign
        state = sign + (state - sign) * np.exp(-1.0 / time)
    position = (np.arange(int(hold * len(signs)) - 1) + shift) / hold
    index = np.clip(position.astype(int), 0, len(signs) - 1)
    return signs[index] + before[index] * np.exp((index - position) / times[index])


def _likeness(trace, template):
    """Correlation coefficient of a template with a trace, at every place."""
    from scipy.signal import fftconvolve

    n = len(template)
    template = (template - template.mean()) / (template.std() * n)
    trace = trace - trace.mean()
    sums, squares = (np.r_[0.0, np.cumsum(values)] for values in (trace, trace**2))
    mean = (sums[n:] - sums[:-n]) / n
    variance = (squares[n:] - squares[:-n]) / n - mean**2
    spread = np.sqrt(np.maximum(variance, 1e-12 * max(trace.var(), 1e-300)))
    return fftconvolve(trace, template[::-1], mode="valid") / spread


def _best_match(trace, template, first=False):
    """Place (with a fraction) and likeness of the best, or the first good, match."""
    if len(trace) < len(template):
        return 0.0, 0.0
    likeness = _likeness(trace, template)
    best = int(np.argmax(likeness))
    if first:
        early = int(np.argmax(likeness > 0.95 * likeness[best]))
        best = early + int(np.argmax(likeness[early : early + len(template) // 4]))
    place = float(best)
    if 0 < best < len(likeness) - 1:
        left, middle, right = likeness[best - 1 : best + 2]
        curvature = left - 2 * middle + right
        place += 0.5 * (left - right) / curvature if curvature < 0 else 0.0
    return place, float(likeness[best])


def _first_burst(trace, hold):
    """Find the first burst: template that suits the device, place, likeness."""
    from scipy.optimize import minimize

    place, likeness, start = max(
        (
            (*_best_match(trace, _template(hold, time, time), first=True), time)
            for time in RELAXATION
        ),
        key=lambda match: match[1],
    )
    if likeness < ALIKE:
        return None, place, likeness
    # Times to rise and to fall pull the place either way, so all three are fitted.
    begin = int(place + hold / 2)
    piece = trace[begin : begin + int(hold * (2**BURST_BITS - 3))]

    def template(parameters):
        shift, up, down = parameters
        return _template(hold, np.exp(up), np.exp(down), np.clip(shift, 0.0, hold))

    def unlikeness(parameters):
        return 1.0 - np.corrcoef(piece, template(parameters)[: len(piece)])[0, 1]

    guess = np.array([begin - place, np.log(start), np.log(start)])
    simplex = guess + np.vstack([np.zeros(3), np.diag([hold / 4, 0.7, 0.7])])
    fit = minimize(
        unlikeness,
        guess,
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "xatol": 1e-3, "fatol": 1e-9},
    )
    return template([0.0, *fit.x[1:]]), begin - fit.x[0], 1.0 - fit.fun


def _agreed_rate(path, stated, written):
    """The rate that a file says, if it says one, or else what the user states."""
    if written is None:
        return stated
    if stated is not None and not abs(stated / written - 1) <= 1e-3:
        raise RecordingError(
            f"sample_rate is {stated:.6g} Hz, but {path} says {written:.6g} Hz; leave it out."
        )
    return written


def _read_text(path, sample_rate):
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
        sample_rate = _agreed_rate(path, sample_rate, written)
    return table[:, -1], sample_rate


def _write_csv(waveform, path):
    temporary = path.with_name(path.name + ".part")
    header = (
        f"# sample_rate_Hz = {waveform.sample_rate!r}\n"
        f"# volts_per_ampere = {waveform.volts_per_ampere!r}\n"
        f"# bias_current_A = {waveform.bias_current!r}\n"
        "voltage_V,marker"
    )
    try:
        np.savetxt(
            temporary,
            np.column_stack([waveform.voltage, waveform.marker]),
            fmt=["%.9g", "%d"],
            delimiter=",",
            header=header,
            comments="",
        )
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
