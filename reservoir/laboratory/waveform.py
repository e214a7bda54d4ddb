"""What must a generator play, and where are the nodes in what was recorded?"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from reservoir._checks import Integer, OrNone, Real, Rule, check_parameters, check_value
from reservoir._hdf5 import Form, opened_form, written_hdf5
from reservoir._types import Array, ArrayLike, Floats, Integers
from reservoir._units import with_prefix
from reservoir.exceptions import RecordingError, StorageError
from reservoir.laboratory.burst import BurstPlan, burst_signs, find_bursts
from reservoir.laboratory.node_samples import samples_in_node
from reservoir.laboratory.playable import WRITERS, write_playable
from reservoir.laboratory.playable import Form as PlayableForm
from reservoir.laboratory.recording import RATE, Recording
from reservoir.laboratory.soundness import Played, check_whole
from reservoir.multiplexing.base import BaseReservoir

WAVEFORM = Form(
    "oscillator-reservoir waveform", "waveform", "Waveform.write", version=3, first_digest=3
)
# What older versions of the file called an attribute.
OLD_NAMES: dict[int, dict[str, str]] = {1: {"threshold_current": "drive_unit"}}
# Nodes for each value of a burst, and of rest around bursts and sequences. Both are longer if
# the device that stands in for the real one is slow: then they last 1 and 20 times as long as
# it would hold a current by itself.
MIN_BURST_HOLDS = 3
MIN_GAP = 32
GAP_RATIO = 20
HDF5_SUFFIXES = (".h5", ".hdf5")


@dataclass(frozen=True, eq=False, repr=False)
class Waveform:
    """What a generator should play, and to which nodes it belongs.

    `from_estimator` makes one.

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
        Number of nodes of every sequence.
    starts : ndarray of int of shape (n_sequences,)
        Sample at which every sequence begins.
    bursts : ndarray of int of shape (n_sequences + 1,)
        Sample at which every synchronisation burst begins.
    burst_holds : int
        Nodes for which each value of a burst is held.
    gap : int
        Nodes of rest around bursts and sequences.
    samples_per_node : int
    sample_rate : float
        Of the generator, in Hz.
    volts_per_ampere : float
        Volts of the generator for each ampere through the device.
    bias_current : float
        Current at 0 V, in A.
    drive_unit : float
        Unit of the estimator's `drive_range`, in A: the threshold current of an oscillator.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.laboratory import Waveform
    >>> X = [np.random.default_rng(0).normal(size=(20, 2))]
    >>> model = TimeMultiplexedReservoir(n_nodes=20, node_time=0.3e-6, random_state=0).fit(X)
    >>> waveform = Waveform.from_estimator(model, X, sample_rate=20e6)
    >>> waveform.lengths, waveform.samples_per_node              # 20 frames of 20 nodes
    (array([400]), 6)
    """

    voltage: Floats
    marker: Array
    current: Floats
    _: KW_ONLY
    lengths: Integers
    starts: Integers
    bursts: Integers
    burst_holds: int
    gap: int
    samples_per_node: int
    sample_rate: float
    volts_per_ampere: float
    bias_current: float
    drive_unit: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "burst_holds": Integer(1),
        "gap": Integer(1),
        "samples_per_node": Integer(1),
        "sample_rate": RATE,
        "volts_per_ampere": Real(above=0, what="number of V/A"),
        "bias_current": Real(what="current in A"),
        "drive_unit": Real(above=0, what="unit of the drive"),
    }

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_parameters(self, self._parameter_ranges)
        _check_layout(self)

    @property
    def node_time(self) -> float:
        """Time for which each current is held, in s."""
        return self.samples_per_node / self.sample_rate

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseReservoir,
        *containers: ArrayLike,
        sample_rate: float,
        volts_per_ampere: float = 50.0,
        bias_current: float | None = None,
        largest_voltage: float | None = None,
    ) -> Self:
        """Lay out the masked drive of a fitted estimator.

        Parameters
        ----------
        estimator : ReservoirClassifier, ReservoirRegressor or TimeMultiplexedReservoir
            Fitted, with any device that stands in for the real one. Its range, mask and node
            time are what will be played. Give it an integer `random_state`, so that it draws
            the same mask when it is fitted again to the recording.
        *containers : sequences or tables
            All data that will be needed: those to fit, and those to predict.
        sample_rate : float
            Of the generator, in Hz; a node time must be a whole number of samples.
        volts_per_ampere : float, default=50.0
            Volts of the generator for each ampere through the device.
        bias_current : float, default=None
            Current at which the generator plays 0 V, in A. None is the middle of the range.
        largest_voltage : float, default=None
            Largest voltage that the generator can play, of either sign, in V. None sets no
            limit.

        Returns
        -------
        Waveform

        Raises
        ------
        TypeError
            If the estimator is not a fitted reservoir.
        ValueError
            If a number is outside its range, a node time is not a whole number of samples,
            the voltage exceeds what can be played, or the estimator feeds amplitudes back,
            which cannot be known beforehand.

        Examples
        --------
        >>> import numpy as np
        >>> from reservoir import TimeMultiplexedReservoir
        >>> from reservoir.laboratory import Waveform
        >>> frames = np.random.default_rng(0).uniform(-1, 1, (30, 1))
        >>> model = TimeMultiplexedReservoir(n_nodes=10, node_time=1e-6, random_state=0)
        >>> waveform = Waveform.from_estimator(model.fit([frames]), [frames], sample_rate=5e6)
        >>> waveform.current.shape, waveform.samples_per_node
        ((300,), 5)
        """
        _check_estimator(estimator)
        ranges = cls._parameter_ranges
        check_value("sample_rate", sample_rate, ranges["sample_rate"])
        check_value("volts_per_ampere", volts_per_ampere, ranges["volts_per_ampere"])
        check_value("bias_current", bias_current, OrNone(ranges["bias_current"]))
        voltages = OrNone(Real(above=0, what="voltage in V"))
        check_value("largest_voltage", largest_voltage, voltages)
        per_node = samples_in_node(estimator.node_time_, sample_rate)
        rows = [row for X in containers for row in estimator.drive_currents(X)]
        if not rows:
            raise ValueError("There is nothing to play; give at least one container of data.")
        drive, device = estimator.drive_, estimator.oscillator_
        middle = (drive.lowest + drive.highest) / 2
        bias = middle if bias_current is None else float(bias_current)
        usual = device.default_node_time(estimator.n_nodes) / estimator.node_time_
        track = _lay_out(rows, middle, drive.highest, usual)
        voltage = volts_per_ampere * (track.current - bias)
        _check_voltage(voltage, largest_voltage, middle)
        marker = np.zeros(len(voltage), dtype=np.uint8)
        marker[track.starts] = 1
        return cls(
            voltage=np.repeat(voltage, per_node),
            marker=np.repeat(marker, per_node),
            current=np.concatenate(rows),
            lengths=np.array([len(row) for row in rows]),
            starts=track.starts * per_node,
            bursts=track.bursts * per_node,
            burst_holds=track.burst_holds,
            gap=track.gap,
            samples_per_node=per_node,
            sample_rate=float(sample_rate),
            volts_per_ampere=float(volts_per_ampere),
            bias_current=bias,
            drive_unit=float(device.drive_unit),
        )

    def __repr__(self) -> str:
        """Sequences, duration, peak and rate."""
        n_sequences = len(self.lengths)
        duration = with_prefix(len(self.voltage) / self.sample_rate, "s")
        peak = float(max(self.voltage.max(), -self.voltage.min()))
        return (
            f"Waveform({n_sequences} sequence{'s' if n_sequences != 1 else ''}, {duration}, "
            f"peak {with_prefix(peak, 'V')}, {with_prefix(self.sample_rate, 'Hz')})"
        )

    def write(
        self,
        path: str | os.PathLike[str],
        *,
        scale: str = "volts",
        full_scale: float | None = None,
        bits: int | None = None,
        justify: str = "left",
        marker: str = "own",
        dtype: Any = None,
        times: bool = False,
    ) -> float:
        """Write the waveform; a file appears under its name only when it is complete.

        Parameters
        ----------
        path : str or path-like
            ``.h5`` and ``.hdf5`` hold everything, in volts, and `from_file` reads them; the
            parameters below do not apply. All other formats are for generators, and
            `Recording.from_file` reads them. ``.csv``: columns below their names, and below
            comments with the rate and the scale. ``.txt``: the columns alone. ``.npy``: an
            array of numpy. ``.mat``: variables of a MATLAB file of version 5. ``.bin``,
            ``.dat``, ``.raw``: numbers one after the other.
        scale : {"volts", "unit"}, default="volts"
            Whether the numbers are voltages in V, or lie between -1 and 1.
        full_scale : float, default=None
            Voltage of the number 1, or of the largest code, in V: the amplitude to which the
            generator must be set. None is the peak of the waveform.
        bits : int, default=None
            Bits of the generator's converter, 2 to 16. The numbers are then its codes, as
            16-bit integers; full scale is the code 2^(bits-1) - 1, and 0 V is the code 0.
        justify : {"left", "right"}, default="left"
            Whether a code stands in the highest or in the lowest of the 16 bits.
        marker : {"own", "bit", "none"}, default="own"
            "own" gives the marker a second column in text, a variable in ``.mat``, and a
            second file elsewhere (``play-marker.bin`` beside ``play.bin``, of bytes 0 and 1).
            "bit" is bit 0 of codes that are justified to the left.
        dtype : dtype-like, default=None
            Of the numbers in ``.npy`` and raw binary, with their byte order. None is "<f8",
            and "<i2" for codes: the lowest byte first.
        times : bool, default=False
            Whether the first column of a text holds times in s.

        Returns
        -------
        float
            Voltage of the number 1 in the file, in V: the `scale` with which
            `Recording.from_file` reads ``.npy`` and raw binary. Other files say it.

        Raises
        ------
        ValueError
            If the suffix is another one, a parameter does not fit it, or the waveform
            exceeds the full scale.
        OSError
            If the file cannot be written.
        """
        form = PlayableForm(scale, full_scale, bits, justify, marker, dtype, times)
        suffix = Path(os.fsdecode(path)).suffix.lower()
        if suffix in WRITERS:
            return write_playable(self, path, form)
        if suffix not in HDF5_SUFFIXES:
            raise ValueError(
                f"{os.fsdecode(path)} ends in {suffix or 'no suffix'}, which is no format of "
                f"a waveform; end the name in {', '.join((*HDF5_SUFFIXES, *WRITERS))}."
            )
        if form != PlayableForm():
            raise ValueError(
                f"{os.fsdecode(path)} holds the whole waveform in volts; leave scale, "
                "full_scale, bits, justify, marker, dtype and times out, or end the name in "
                f"{', '.join(WRITERS)}."
            )
        with written_hdf5(path, WAVEFORM) as file:
            for name, value in vars(self).items():
                if isinstance(value, np.ndarray):
                    file[name] = value
                else:
                    file.attrs[name] = value
        return 1.0

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """Read a waveform that `write` wrote to HDF5, in this version or an older one.

        Parameters
        ----------
        path : str or path-like

        Returns
        -------
        Waveform

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        StorageError
            If the file is damaged, is not a waveform, or comes from a newer version.
        """
        with opened_form(path, WAVEFORM) as (file, version):
            names = OLD_NAMES.get(version, {})
            found = {names.get(name, name): value for name, value in file.attributes.items()}
            scalars = cls._parameter_ranges
            found = {name: value.item() for name, value in found.items() if name in scalars}
            found |= {name: item.value for name, item in file.children.items()}
            missing = [field.name for field in fields(cls) if field.name not in found]
            if missing:
                raise StorageError(
                    f"{os.fsdecode(path)} is not a whole waveform: it has no {missing[0]}."
                )
            return cls(**{field.name: found[field.name] for field in fields(cls)})

    def nodes(self, recording: Recording, *, window: float = 0.1) -> Floats:
        """Amplitude of every node in a recording of this waveform.

        Parameters
        ----------
        recording : Recording
            Of any rate, shift, gain and offset, with at least two samples a node.
        window : float, default=0.1
            Part of each hold, at its end, over which the recording is averaged. With 0 the
            value at the very end is read.

        Returns
        -------
        ndarray of shape (n_holds,)
            In the unit of the recording; in the order of `current`.

        Raises
        ------
        RecordingError
            If a burst is not found where it must be, the rate is not the one that is stated,
            the recording ends early, samples were lost, the recorder was saturated, its
            value stood still while the currents changed, or a single sample lies far from
            all others; the message says what was found.
        """
        check_value("window", window, Real(at_least=0, at_most=1, what="part of a hold"))
        node = self.node_time * recording.sample_rate
        if node < 2:
            raise RecordingError(
                f"The recording has {node:.3g} samples a node; it needs at least 2, which is "
                f"{2 / self.node_time:.4g} Hz."
            )
        per_node = self.samples_per_node
        plan = BurstPlan(self.bursts // per_node, self.burst_holds, self.gap, self.node_time)
        places = find_bursts(recording, plan)[:-1]
        origins = places + (self.starts - self.bursts[:-1]) / per_node * node
        ends = np.concatenate(
            [
                origin + node * np.arange(1, length + 1)
                for origin, length in zip(origins, self.lengths, strict=True)
            ]
        )
        played = Played(ends - node, node, self.current, self.lengths, self.drive_unit)
        check_whole(recording.voltage, played)
        return _means_before(ends, window * node, recording.voltage)


@dataclass(frozen=True, eq=False)
class _Track:
    """What is played, node by node.

    Attributes
    ----------
    current : ndarray of shape (n_nodes,)
        Bursts, rests and sequences, in A.
    starts : ndarray of int of shape (n_sequences,)
        Node with which every sequence begins.
    bursts : ndarray of int of shape (n_sequences + 1,)
        Node with which every burst begins.
    burst_holds, gap : int
        As for `Waveform`.
    """

    current: Floats
    starts: Integers
    bursts: Integers
    burst_holds: int
    gap: int


def _check_layout(waveform: Waveform) -> None:
    """Refuse arrays that do not belong together; positions are in samples."""
    per_node, lengths = waveform.samples_per_node, np.asarray(waveform.lengths)
    n_samples = len(waveform.voltage)
    agreeing = {
        "markers": (len(waveform.marker), n_samples),
        "currents": (len(waveform.current), int(lengths.sum())),
        "starts": (len(waveform.starts), len(lengths)),
        "bursts": (len(waveform.bursts), len(lengths) + 1),
    }
    for name, (found, wanted) in agreeing.items():
        if found != wanted:
            raise ValueError(
                f"The waveform has {found} {name}, but its other parts need {wanted}; make "
                "it with Waveform.from_estimator."
            )
    ends = waveform.starts + per_node * lengths
    places = np.column_stack([waveform.bursts[:-1], waveform.starts, ends]).ravel()
    if (np.diff(np.r_[0, places, waveform.bursts[-1], n_samples]) < 0).any():
        raise ValueError(
            "The sequences and bursts of the waveform do not follow each other within its "
            f"{n_samples} samples; make it with Waveform.from_estimator."
        )


def _check_estimator(estimator: object) -> None:
    """Refuse what is not a fitted reservoir whose currents are known beforehand."""
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


def _lay_out(rows: Sequence[Floats], rest: float, high: float, usual: float) -> _Track:
    """Put sequences of currents between bursts and rests.

    `rest` and `high` are the two currents of a burst; `usual` is the time for which the
    device would hold a current by itself, in nodes.
    """
    burst_holds = max(MIN_BURST_HOLDS, round(usual))
    gap = max(MIN_GAP, round(GAP_RATIO * usual))
    burst = np.repeat(np.where(burst_signs() > 0, high, rest), burst_holds)
    pause = np.full(gap, rest)
    parts, starts, bursts, time = [pause], [], [], gap
    for row in [*rows, None]:
        bursts.append(time)
        parts += [burst, pause]
        time += len(burst) + gap
        if row is not None:
            starts.append(time)
            parts += [row, pause]
            time += len(row) + gap
    return _Track(np.concatenate(parts), np.array(starts), np.array(bursts), burst_holds, gap)


def _check_voltage(voltage: Floats, largest: float | None, middle: float) -> None:
    """Refuse voltages that the generator cannot play; `middle` is that of the range in A."""
    most = np.abs(voltage).max()
    if largest is not None and most > largest:
        raise ValueError(
            f"The waveform needs {most:.4g} V, but the generator plays at most "
            f"{largest:.4g} V; narrow the drive_range, or set bias_current to "
            f"{middle:.6g} A, the middle of the range."
        )


def _means_before(ends: Floats, width: float, trace: Floats) -> Floats:
    """Mean of a trace over a width before each end, all in samples with fractions.

    The trace is linear between its samples; with a width of 0 its value at the end is taken.
    """
    samples = np.arange(len(trace))
    if width == 0:
        return np.interp(ends, samples, trace)
    # About the mean, so that a long integral does not lose digits.
    integral = np.r_[0.0, np.cumsum((trace[1:] + trace[:-1]) / 2 - trace.mean())]
    upper, lower = (np.interp(ends - back, samples, integral) for back in (0.0, width))
    means: Floats = (upper - lower) / width + trace.mean()
    return means
