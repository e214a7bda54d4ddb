"""What must a generator play, and where are the nodes in what was recorded?"""

import numbers
import os
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from sklearn.base import RegressorMixin

from reservoir._checks import check_number_value, check_positive_value
from reservoir._files import atomic_hdf5, open_hdf5
from reservoir.exceptions import RecordingError, StorageError
from reservoir.laboratory.burst import ALIKE, best_match, burst_signs, first_burst
from reservoir.multiplexing.base import BaseReservoir
from reservoir.multiplexing.sequences import is_table

FORMAT = "oscillator-reservoir waveform"
VERSION = 2
# What older versions of the file called an attribute.
OLD_NAMES: dict[int, dict[str, str]] = {1: {"threshold_current": "drive_unit"}, 2: {}}
BURST_NODES = 3  # ... each held for so many nodes, or the time the stand-in device takes
GAP_NODES = 32  # nodes of rest around bursts and sequences, or ...
GAP_TIMES = 20  # ... so many times what the stand-in device takes
DRIFT = 0.2  # node times by which the distance of two bursts may be wrong
RATIOS = (0.25, 0.4, 0.5, 0.8, 1.25, 2.0, 2.5, 4.0)  # of sampling rates that people mix up


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
    volts_per_ampere, bias_current, drive_unit : float
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
    drive_unit: float

    @property
    def node_time(self):
        """Time for which each current is held, in s."""
        return self.samples_per_node / self.sample_rate

    @classmethod
    def from_estimator(
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
        burst = np.where(burst_signs() > 0, drive.highest, middle)
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
            drive_unit=float(device.drive_unit),
        )

    def write(self, path):
        """Write the waveform; it appears under its name only when it is complete.

        Parameters
        ----------
        path : str or path-like
            ``.csv``: for the generator, lines of voltage and marker below comments with rate
            and scale. Else HDF5, from which `from_file` makes the waveform again.
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
    def from_file(cls, path):
        """Read a waveform that `write` wrote to HDF5.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        StorageError
            If it is not a waveform of this version.
        """
        with open_hdf5(path) as file:
            attributes = dict(file.attrs)
            arrays = {name: data[()] for name, data in file.items() if hasattr(data, "dtype")}
        form, version = attributes.pop("format", None), attributes.pop("version", None)
        if form != FORMAT or version not in OLD_NAMES:
            raise StorageError(f"{path} is not a waveform that this version can read.")
        names = OLD_NAMES[version]
        found = arrays | {
            names.get(name, name): value.item() for name, value in attributes.items()
        }
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
        template, first, likeness = first_burst(trace, self.burst_holds * node)
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
        match, _ = best_match(trace[begin : int(first + node) + len(template)], template)
        zero = first - begin - match
        places, drifts = [first], []
        for index, distance in enumerate(distances):
            expected = places[-1] + distance
            reach = self.gap / 2 * node + 0.02 * distance
            begin = max(int(expected - reach), 0)
            piece = trace[begin : int(expected + reach) + len(template)]
            match, likeness = best_match(piece, template)
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
        likeness = [first_burst(recording.voltage, hold * rate)[2] for rate in rates]
        best = int(np.argmax(likeness))
        if best == 0 or likeness[best] < ALIKE:
            return f"It was read as sampled at {recording.sample_rate:.6g} Hz."
        return (
            f"It was read as sampled at {recording.sample_rate:.6g} Hz; at "
            f"{rates[best]:.6g} Hz the first burst would fit better (likeness "
            f"{likeness[best]:.2f})."
        )


def _currents(estimator, X):
    """Currents of every sequence of a container."""
    arrays = estimator._validate(X, reset=False).arrays
    if is_table(X) and isinstance(estimator, RegressorMixin):
        arrays = [np.concatenate(list(arrays))]  # a table is one series
    # In the precision in which the estimator will ask for them, if data are far from zero.
    frames = (np.asarray(array, estimator.dtype).astype(float) for array in arrays)
    return [estimator.drive_.currents(array).ravel() for array in frames]


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
