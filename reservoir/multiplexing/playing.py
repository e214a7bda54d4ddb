"""The door to the kernel of virtual nodes: every kind of device plays a masked drive here."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from reservoir._aligned import aligned_zeros
from reservoir._core import multiplex as kernel
from reservoir._plausibility import warn_of_node_time
from reservoir._types import Array, Complexes, Floats, Integers
from reservoir.devices import Ability, Device, LogisticOscillator, SpinTorqueOscillator
from reservoir.exceptions import SimulationError
from reservoir.multiplexing.drive import Drive
from reservoir.multiplexing.ensemble import Ensemble
from reservoir.multiplexing.mask_layout import mask_for_kernel, padded
from reservoir.multiplexing.pooling import Ranges
from reservoir.multiplexing.sequences import Packed
from reservoir.simulation import (
    FLOW_FIELDS,
    READING_FIELDS,
    VARIABLES,
    held_flow,
    reading,
    respond,
)

N_LANES = kernel.layout["lanes"]
MAX_DRIVES = kernel.layout["nodes"]  # of oscillators with masks of their own
MAX_STEPS = 1000  # in a hold of coupled oscillators
MAX_CHANGE = 0.5  # of coupled oscillators in one step: the fastest rate times the step
ONE_OSCILLATOR = Ensemble(np.zeros((1, 1), dtype=complex), np.zeros(1))


@dataclass(frozen=True)
class Bath:
    """What is read of the oscillator, and what disturbs it in each sequence.

    Attributes
    ----------
    variable : str
        One of `VARIABLES`.
    thermal_noise : float
        Mean power that the oscillator would have without a current.
    keys : ndarray of uint64 of shape (n_sequences,)
        Keys of the noise.
    wander : ndarray of shape (n_frames,), or empty
        Current added in each frame, in A.
    """

    variable: str = "amplitude"
    thermal_noise: float = 0.0
    keys: Array | None = None
    wander: Floats = field(default_factory=lambda: np.zeros(0))


QUIET = Bath()


@dataclass(frozen=True)
class Player:
    """Oscillators together with their drive: packed sequences in, amplitudes out.

    Attributes
    ----------
    oscillator : device
    ensemble : Ensemble
        How many oscillators there are, and how they are coupled.
    drive : Drive
    node_time : float
        In s.
    """

    oscillator: Device
    ensemble: Ensemble
    drive: Drive
    node_time: float

    @property
    def pools_in_kernel(self) -> bool:
        """Whether `pooled` can be asked; else the states have to be averaged afterwards."""
        return Ability.RATES in self.oscillator.abilities() or self._transparent

    @property
    def _transparent(self) -> bool:
        """Whether the masked drive itself is read, in the place of an answer to it."""
        return Ability.TRANSPARENT in self.oscillator.abilities()

    def states(self, packed: Packed, bath: Bath = QUIET) -> tuple[Array, Integers]:
        """What is read of every node in every frame.

        Parameters
        ----------
        packed : Packed
            float64 or float32 frames; the result has their type.
        bath : Bath

        Returns
        -------
        states : ndarray of shape (n_frames, n_oscillators * n_nodes)
            All nodes of the first oscillator, then those of the second, and so on.
        clipped : ndarray of int of shape (n_sequences,)
            Number of node values whose current was clipped.
        """
        if not self.pools_in_kernel:
            return self._answers(packed)
        nothing = np.zeros((len(packed.lengths), 0), dtype=np.intp)
        parts = self._simulate(packed, (nothing, nothing), bath)
        return self._side_by_side([states for states, _, _ in parts]), _sum_of_clipped(parts)

    def pooled(
        self, packed: Packed, ranges: Ranges, bath: Bath = QUIET, n_squared: int = 0
    ) -> tuple[Array, Integers]:
        """What is read of every node, averaged over ranges of frames.

        Parameters
        ----------
        packed : Packed
        ranges : tuple of two ndarrays of int of shape (n_sequences, n_ranges)
            First frame of each range, and one past its last.
        bath : Bath
        n_squared : int, default=0
            Over so many of the last ranges the squares are averaged.

        Returns
        -------
        pooled : ndarray of shape (n_sequences, n_ranges * n_oscillators * n_nodes)
        clipped : ndarray of int of shape (n_sequences,)
        """
        parts = self._simulate(packed, ranges, bath, n_squared=n_squared)
        pooled = self._side_by_side([pooled for _, pooled, _ in parts])
        return pooled.reshape(len(pooled), -1), _sum_of_clipped(parts)

    def windows(
        self, packed: Packed, n_together: int, bath: Bath = QUIET
    ) -> Iterator[tuple[Array, int]]:
        """The states of one sequence, window after window, as `states` gives them at once.

        Parameters
        ----------
        packed : Packed
            One sequence.
        n_together : int
            Frames of a window.
        bath : Bath

        Yields
        ------
        states : ndarray of shape (n_window_frames, n_oscillators * n_nodes)
            A device that runs its own kernel answers at once, and its answer is cut.
        clipped : int
            Number of node values of the window whose current was clipped.
        """
        if not self.pools_in_kernel:
            states, clipped = self.states(packed, bath)
            for begin in range(0, len(states), n_together):
                yield states[begin : begin + n_together], 0 if begin else int(clipped[0])
            return
        nothing = np.zeros((1, 0), dtype=np.intp)
        players = [
            player._windows(packed, (nothing, nothing), bath, 0, n_together)
            for player in self._players()
        ]
        for parts in zip(*players, strict=True):
            states = self._side_by_side([states for states, _, _ in parts])
            yield states, int(_sum_of_clipped(list(parts))[0])

    # ------------------------------------------------------------------ kinds of devices

    def _answers(self, packed: Packed) -> tuple[Array, Integers]:
        """Answers of a device that runs its own kernel."""
        device, drive = self.oscillator, self.drive
        n_nodes = drive.mask.shape[1]
        states = np.empty((len(packed.frames), n_nodes), packed.frames.dtype)
        clipped = np.empty(len(packed.lengths), dtype=np.intp)
        for members in _batches(packed.lengths, device.takes_padding):
            longest = packed.lengths[members[-1]] * n_nodes
            rows = np.full((len(members), longest), drive.middle)
            for row, member in zip(rows, members, strict=True):
                first = packed.starts[member]
                frames = packed.frames[first : first + packed.lengths[member]]
                currents = drive.currents(frames.astype(float)).ravel()
                row[: currents.size] = currents
                at_end = (currents <= drive.lowest) | (currents >= drive.highest)
                clipped[member] = np.count_nonzero(at_end)
            answers = respond(device, rows, self.node_time)
            for row, member in zip(answers, members, strict=True):
                first, length = packed.starts[member], packed.lengths[member]
                whole = row[: length * n_nodes]
                states[first : first + length] = whole.reshape(length, n_nodes)
        return states, clipped

    def _simulate(
        self, packed: Packed, ranges: Ranges, bath: Bath, n_squared: int = 0
    ) -> list[tuple[Array, Array, Integers]]:
        """States or pooled amplitudes, and clipped values, of what must be simulated.

        Uncoupled oscillators are simulated one by one: their frequencies change no
        amplitude, and those that share a drive have the same amplitudes. Only feedback joins
        oscillators with drives of their own, because it carries the mean of all of them.
        """
        return [
            player._multiplex(packed, ranges, bath, n_squared) for player in self._players()
        ]

    def _players(self) -> "list[Player]":
        """Those whose answers, side by side, are the answer of all oscillators."""
        n_drives, drive = self.ensemble.n_drives, self.drive
        if self._transparent:
            drive = replace(
                drive, bias=np.zeros(0), delays=(), lowest=-math.inf, highest=math.inf
            )
        elif self.ensemble.coupled or (n_drives > 1 and drive.delays):
            return [self]
        masks = np.split(drive.mask, n_drives, axis=1)
        biases = np.split(drive.bias, n_drives)
        return [
            replace(
                self,
                ensemble=ONE_OSCILLATOR,
                drive=replace(drive, mask=mask, bias=bias),
            )
            for mask, bias in zip(masks, biases, strict=True)
        ]

    def _side_by_side(self, parts: list[Array]) -> Array:
        """Columns of all oscillators, from those that were simulated."""
        values = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
        coupled = self.ensemble.coupled and not self._transparent
        if coupled or self.ensemble.n_drives > 1 or len(self.ensemble) == 1:
            return values
        return np.tile(values, len(self.ensemble))

    # ------------------------------------------------------------------ the kernel

    def _multiplex(
        self, packed: Packed, ranges: Ranges, bath: Bath, n_squared: int
    ) -> tuple[Array, Array, Integers]:
        """States or pooled amplitudes, and clipped values, of whole sequences."""
        longest = int(packed.lengths.max())
        (whole,) = self._windows(packed, ranges, bath, n_squared, longest)
        return whole

    def _windows(
        self, packed: Packed, ranges: Ranges, bath: Bath, n_squared: int, n_together: int
    ) -> Iterator[tuple[Array, Array, Integers]]:
        """Allocate, and call the kernel. Without ranges the states are wanted.

        If `n_together` frames are fewer than the longest sequence has, there is one sequence.
        """
        if packed.frames.shape[1] != len(self.drive.center):
            raise ValueError(
                f"The frames have {packed.frames.shape[1]} channels, but the drive was "
                f"learned from {len(self.drive.center)}."
            )
        dtype, n_ranges = packed.frames.dtype, ranges[0].shape[1]
        n_oscillators = len(self.ensemble)
        n_features = n_oscillators * (self.drive.mask.shape[1] // self.ensemble.n_drives)
        arguments = self._arguments(packed, ranges, bath, n_squared)
        pooled = np.empty((len(packed.lengths), n_ranges, n_features), dtype)
        longest = int(packed.lengths.max())
        for begin in range(0, longest, n_together):
            end = min(begin + n_together, longest)
            n_rows = len(packed.frames) if n_together >= longest else end - begin
            states = np.empty((n_rows, 0 if n_ranges else n_features), dtype)
            clipped = np.empty(len(packed.lengths), dtype=np.intp)
            kernel.multiplex(
                **arguments,
                begin=begin,
                end=end,
                states=states,
                pooled=pooled,
                clipped=clipped,
            )
            finite = n_oscillators == 1 or (
                np.isfinite(pooled).all() and np.isfinite(states).all()
            )
            if not finite:
                raise SimulationError(
                    "The amplitudes of the coupled oscillators grow without bound; weaken "
                    "the coupling, or raise the lowest current."
                )
            yield states, pooled, clipped

    def _arguments(
        self, packed: Packed, ranges: Ranges, bath: Bath, n_squared: int
    ) -> dict[str, Any]:
        """What the kernel gets, but the frames to play now and the results."""
        drive, ensemble, dtype = self.drive, self.ensemble, packed.frames.dtype
        n_oscillators, n_ranges = len(ensemble), ranges[0].shape[1]
        n_nodes = drive.mask.shape[1] // ensemble.n_drives
        n_padded = padded(len(drive.mask))
        mask, bias = self._node_by_node()
        bath = QUIET if self._transparent else bath
        rows, rows_are_sums, weights, unit = mask_for_kernel(
            mask, n_padded, dtype, drive.weight_unit(dtype)
        )
        n_steps = self._n_steps()
        step = self.node_time / n_steps
        flow, shift = self._device_fields(step)
        gain = drive.gain * unit
        keys = np.zeros(len(packed.lengths), np.uint64) if bath.keys is None else bath.keys
        scratch = kernel.scratch_shapes(
            n_inputs=n_padded,
            rows_are_sums=rows_are_sums,
            longest_delay=max(drive.delays, default=0),
            n_oscillators=n_oscillators,
            n_ranges=n_ranges,
            n_nodes=n_nodes,
        )
        return dict(
            frames=packed.frames,
            starts=packed.starts,
            lengths=packed.lengths,
            # Lanes end together when they have about the same length.
            members=np.argsort(packed.lengths, kind="stable").astype(np.intp),
            center=drive.center.astype(dtype),
            scale=drive.scale.astype(dtype),
            taps=np.array(drive.taps, dtype=np.intp),
            mask_rows=rows,
            rows_are_sums=rows_are_sums,
            mask_weights=weights,
            bias=(bias / gain).astype(dtype),
            wander=(bath.wander / gain).astype(dtype),
            feedback_delays=np.array(drive.delays, dtype=np.intp),
            drive=self._drive_fields(gain),
            flow=flow,
            ensemble={
                "n_oscillators": n_oscillators,
                "n_drives": ensemble.n_drives,
                "n_parts": n_steps,
                "shift": shift,
                "alike": ensemble.alike,
            },
            exchange=_real_and_imaginary(ensemble.exchange() * step, dtype),
            beginning=_real_and_imaginary(ensemble.beginning(drive.initial_power), dtype),
            noise_keys=keys,
            reading=self._reading(bath),
            variable=VARIABLES.index(bath.variable),
            transparent=self._transparent,
            range_starts=ranges[0],
            range_ends=ranges[1],
            n_squared=n_squared,
            **{name: aligned_zeros(shape, dtype) for name, shape in scratch.items()},
            carried=np.zeros((3, N_LANES)),
        )

    def _device_fields(self, step: float) -> tuple[dict[str, float], float]:
        """The fields of the kernel's `HeldFlow`, and N times the step.

        The kernel plays logistic devices, see `states`; transparent ones have no such fields.
        """
        if self._transparent:
            return dict.fromkeys(FLOW_FIELDS, 0.0), 0.0
        oscillator = cast(LogisticOscillator, self.oscillator)
        shift = 2 * math.pi * oscillator.nonlinear_frequency_shift * step
        return held_flow(oscillator, step), shift

    def _drive_fields(self, gain: float) -> dict[str, float]:
        """The fields of the kernel's `Drive`; `gain` includes the size of the weights."""
        drive = self.drive
        return {
            "gain": gain,
            "offset": drive.offset,
            "lowest": drive.lowest,
            "highest": drive.highest,
            "state": 1.0 / drive.initial_power,
            "feedback_gain": drive.feedback / max(len(drive.delays), 1),
            "reference": drive.reference,
        }

    def _node_by_node(self) -> tuple[Floats, Floats]:
        """Mask and bias in the kernel's order: node by node, all oscillators in each."""
        n_inputs, n_columns = self.drive.mask.shape
        n_drives = self.ensemble.n_drives
        mask = self.drive.mask.reshape(n_inputs, n_drives, -1).swapaxes(1, 2)
        bias = self.drive.bias.reshape(n_drives, -1).T.ravel()
        return np.ascontiguousarray(mask).reshape(n_inputs, n_columns), bias

    def _n_steps(self) -> int:
        """Steps in a hold; refuses rates that no allowed number of steps follows."""
        ensemble, drive = self.ensemble, self.drive
        if len(ensemble) == 1:
            return 1
        oscillator = cast(LogisticOscillator, self.oscillator)
        if not oscillator.saturation_rate(drive.lowest) > 0:
            raise SimulationError(
                f"At the lowest current, {drive.lowest:.3g} A, nothing limits the power that "
                "oscillators give each other; raise the low end of drive_range (or of "
                "current_limits), or leave coupling at 0 (with masks of their own, feedback "
                "too)."
            )
        n_steps = ensemble.n_parts(
            oscillator, self.node_time, drive.lowest, drive.highest, MAX_CHANGE
        )
        if n_steps > MAX_STEPS:
            strength = np.abs(ensemble.coupling).sum(axis=1).max()
            raise SimulationError(
                f"The coupling (in all {strength:.3g} 1/s) or the detuning (up to "
                f"{np.abs(ensemble.detuning).max() / (2 * np.pi):.3g} Hz) changes amplitudes "
                f"too fast: a hold of {self.node_time:.3g} s would take {n_steps} steps, "
                f"{MAX_STEPS} are allowed. Weaken them, or shorten node_time."
            )
        return n_steps

    def _reading(self, bath: Bath) -> dict[str, float]:
        """Frequencies and phases count from those at rest in the middle of the drive."""
        if bath.thermal_noise == 0 and bath.variable == "amplitude":
            return dict.fromkeys(READING_FIELDS, 0.0)
        # Only a device with the ability of noise comes here, see `check_relations`.
        oscillator = cast(SpinTorqueOscillator, self.oscillator)
        middle = self.drive.reference**2 * oscillator.nonlinear_frequency_shift
        tuned = oscillator.current_tuning * self.drive.middle
        return reading(oscillator, self.node_time, bath.thermal_noise, middle + tuned)


def _batches(lengths: Integers, takes_padding: bool) -> Iterator[Integers]:
    """Sequences that are played side by side: of about the same length, or of the same."""
    order = np.argsort(lengths, kind="stable")
    groups = [order]
    if not takes_padding:
        groups = np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1)
    for group in groups:
        for begin in range(0, len(group), N_LANES):
            yield group[begin : begin + N_LANES]


def _sum_of_clipped(parts: list[tuple[Array, Array, Integers]]) -> Integers:
    total: Integers = np.sum([clipped for _, _, clipped in parts], axis=0)
    return total


def _real_and_imaginary(values: Complexes, dtype: np.dtype[Any]) -> Array:
    """Complex numbers as real and imaginary parts on a last axis."""
    return np.stack([values.real, values.imag], axis=-1).astype(dtype)


def node_time_of(owner: Any, device: Device) -> float:
    """How long an estimator holds each current, in s.

    Parameters
    ----------
    owner : estimator
    device : device
        That it drives.

    Returns
    -------
    float

    Warns
    -----
    UnitsWarning
        If the time that the user gave looks as if it were not in s.
    """
    if owner.node_time is None:
        return device.default_node_time(int(owner.n_nodes))
    try:
        usual = device.default_node_time(int(owner.n_nodes))
    except ValueError:  # a device that has no time of its own
        return float(owner.node_time)
    warn_of_node_time(float(owner.node_time), usual)
    return float(owner.node_time)
