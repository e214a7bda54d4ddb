"""The door to the kernel of virtual nodes: every kind of device plays a masked drive here."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from reservoir._aligned import aligned_zeros
from reservoir._core import multiplex as kernel
from reservoir.exceptions import SimulationError
from reservoir.multiplexing.ensemble import Ensemble
from reservoir.simulation import READING, VARIABLES, held_flow, reading, respond

LANES = kernel.layout["lanes"]
SINGLE = Ensemble(np.zeros((1, 1)), np.zeros(1))
MOST_DRIVES = kernel.layout["nodes"]  # of oscillators with masks of their own
MOST_PARTS = 1000  # of a hold
FINEST = 0.5  # fastest rate times a part of a hold, for coupled oscillators


@dataclass(frozen=True)
class Bath:
    """What is read of the oscillator, and what disturbs it, sequence by sequence.

    Attributes
    ----------
    variable : str
        One of `VARIABLES`.
    thermal_noise : float
        Mean power without a current.
    keys : ndarray of uint64 of shape (n_sequences,)
        Of the noise.
    wander : ndarray of shape (n_frames,), or empty
        Current added in each frame, in A.
    """

    variable: str = "amplitude"
    thermal_noise: float = 0.0
    keys: np.ndarray | None = None
    wander: np.ndarray = field(default_factory=lambda: np.zeros(0))


QUIET = Bath()


def node_states(oscillator, ensemble, drive, node_time, packed, bath=QUIET):
    """Amplitudes of every node in every frame.

    Parameters
    ----------
    oscillator : device
    ensemble : Ensemble
        How many of them, and how they are coupled.
    drive : Drive
    node_time : float
        In s.
    packed : Packed
        float64 or float32 frames; the result has their type.
    bath : Bath

    Returns
    -------
    states : ndarray of shape (n_frames, n_oscillators * n_nodes)
        Oscillator by oscillator.
    clipped : ndarray of int of shape (n_sequences,)
        Node values whose current was clipped.
    """
    nothing = np.zeros((len(packed.lengths), 0), dtype=np.intp)
    ranges = nothing, nothing
    parts = _play(oscillator, ensemble, drive, node_time, packed, ranges, bath, True)
    states = [states for states, _, _ in parts]
    return _side_by_side(states, ensemble), sum(clipped for _, _, clipped in parts)


def played_states(device, drive, node_time, packed):
    """Answers of a device that runs its own kernel, for every node in every frame.

    Parameters
    ----------
    device : device
    drive : Drive
    node_time : float
        In s.
    packed : Packed

    Returns
    -------
    states : ndarray of shape (n_frames, n_nodes)
    clipped : ndarray of int of shape (n_sequences,)
        Node values whose current lies at the end of the range.
    """
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
        answers = respond(device, rows, node_time)
        for row, member in zip(answers, members, strict=True):
            first, length = packed.starts[member], packed.lengths[member]
            states[first : first + length] = row[: length * n_nodes].reshape(length, n_nodes)
    return states, clipped


def _batches(lengths, takes_padding):
    """Sequences that are played side by side: of about the same length, or of the same."""
    order = np.argsort(lengths, kind="stable")
    groups = [order]
    if not takes_padding:
        groups = np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1)
    for group in groups:
        for begin in range(0, len(group), LANES):
            yield group[begin : begin + LANES]


def pooled_nodes(oscillator, ensemble, drive, node_time, packed, ranges, bath=QUIET):
    """Amplitudes averaged over ranges of frames inside the kernel.

    Parameters
    ----------
    oscillator, ensemble, drive, node_time, packed
        As for `node_states`.
    ranges : tuple of two ndarrays of int of shape (n_sequences, n_ranges)
        First frame of each range, and one past its last.
    bath : Bath

    Returns
    -------
    pooled : ndarray of shape (n_sequences, n_ranges * n_oscillators * n_nodes)
    clipped : ndarray of int of shape (n_sequences,)
    """
    parts = _play(oscillator, ensemble, drive, node_time, packed, ranges, bath, False)
    pooled = _side_by_side([pooled for _, pooled, _ in parts], ensemble)
    return pooled.reshape(len(pooled), -1), sum(clipped for _, _, clipped in parts)


def _play(oscillator, ensemble, drive, node_time, packed, ranges, bath, wants_states):
    """States, pooled amplitudes and clipped values of what must be simulated.

    Oscillators that hear nobody are single ones: their frequencies change no amplitude, and
    those that share a drive answer alike. Only feedback, which carries the mean of all of
    them, joins those that have drives of their own.
    """
    plays = [(ensemble, drive)]
    if not ensemble.coupled and (ensemble.n_drives == 1 or not drive.delays):
        masks = np.split(drive.mask, ensemble.n_drives, axis=1)
        biases = np.split(drive.bias, ensemble.n_drives)
        plays = [
            (SINGLE, replace(drive, mask=mask, bias=bias))
            for mask, bias in zip(masks, biases, strict=True)
        ]
    return [
        _multiplex(oscillator, who, what, node_time, packed, ranges, bath, wants_states)
        for who, what in plays
    ]


def _side_by_side(parts, ensemble):
    """Columns of all oscillators, from those that were simulated."""
    values = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
    if ensemble.coupled or ensemble.n_drives > 1:
        return values
    return values if len(ensemble) == 1 else np.tile(values, len(ensemble))


def _multiplex(oscillator, ensemble, drive, node_time, packed, ranges, bath, wants_states):
    """Allocate, translate, call the kernel."""
    dtype = packed.frames.dtype
    first, last = ranges
    n_inputs, n_columns = drive.mask.shape
    n_nodes = n_columns // ensemble.n_drives
    if packed.frames.shape[1] != len(drive.center):
        raise ValueError(
            f"The frames have {packed.frames.shape[1]} channels, but the drive was learned "
            f"from {len(drive.center)}."
        )
    padding = kernel.layout["padding"]
    n_padded = (n_inputs // padding + 1) * padding
    # The kernel plays a node of every oscillator before the next node.
    mask = drive.mask.reshape(n_inputs, ensemble.n_drives, n_nodes).swapaxes(1, 2)
    mask = np.ascontiguousarray(mask).reshape(n_inputs, n_columns)
    bias = drive.bias.reshape(ensemble.n_drives, -1).T.ravel()
    rows, grouped, weights, unit = _mask_for_kernel(mask, n_padded, dtype)
    n_rows = kernel.layout["patterns"] * rows.shape[1] if grouped else 2 * n_padded
    n_oscillators = len(ensemble)
    n_parts = 1
    if n_oscillators > 1:
        n_parts = _parts_of_a_hold(oscillator, ensemble, drive, node_time)
    part = node_time / n_parts
    flow = held_flow(oscillator, part)
    settings = {
        "gain": drive.gain * unit,
        "offset": drive.offset,
        "lowest": drive.lowest,
        "highest": drive.highest,
        "state": 1.0 / drive.initial_power,
        "feedback_gain": drive.feedback / max(len(drive.delays), 1),
        "reference": drive.reference,
    }
    together = {
        "n_oscillators": n_oscillators,
        "n_drives": ensemble.n_drives,
        "n_parts": n_parts,
        "shift": 2 * math.pi * oscillator.nonlinear_frequency_shift * part,
    }
    matrix = ensemble.exchange() * part
    n_features = n_oscillators * n_nodes
    n_ranges = first.shape[1]
    states = np.empty((len(packed.frames), n_features if wants_states else 0), dtype)
    pooled = np.empty((len(packed.lengths), n_ranges, n_features), dtype)
    clipped = np.empty(len(packed.lengths), dtype=np.intp)

    # Lanes end together when they have about the same length.
    members = np.argsort(packed.lengths, kind="stable").astype(np.intp)
    kernel.multiplex(
        packed.frames,
        packed.starts,
        packed.lengths,
        members,
        drive.center.astype(dtype),
        drive.scale.astype(dtype),
        np.array(drive.taps, dtype=np.intp),
        rows,
        grouped,
        weights,
        (bias / settings["gain"]).astype(dtype),
        np.array(drive.delays, dtype=np.intp),
        (bath.wander / settings["gain"]).astype(dtype),
        np.zeros(len(packed.lengths), np.uint64) if bath.keys is None else bath.keys,
        _reading(oscillator, drive, node_time, bath),
        VARIABLES.index(bath.variable),
        flow,
        settings,
        together,
        _parts(matrix, dtype),
        _parts(ensemble.beginning(drive.initial_power), dtype),
        first,
        last,
        aligned_zeros((n_padded, LANES), dtype),
        aligned_zeros((n_rows, LANES), dtype),
        aligned_zeros((max(drive.delays, default=0) + kernel.layout["steps"], LANES), dtype),
        aligned_zeros((5, n_oscillators, 2, LANES), dtype),
        aligned_zeros((n_oscillators, kernel.layout["nodes"], LANES), dtype),
        aligned_zeros((n_ranges, n_features, LANES), dtype),
        states,
        pooled,
        clipped,
    )
    if n_oscillators > 1 and not (np.isfinite(pooled).all() and np.isfinite(states).all()):
        raise SimulationError(
            "The amplitudes of the coupled oscillators grow without bound; weaken the "
            "coupling, or raise the lowest current."
        )
    return states, pooled, clipped


def _parts_of_a_hold(oscillator, ensemble, drive, node_time):
    """Into how many parts a hold is cut; refuses what no step can follow."""
    if not oscillator.saturation_rate(drive.lowest) > 0:
        raise SimulationError(
            f"At the lowest current, {drive.lowest:.3g} A, nothing limits the power that "
            "oscillators give each other; raise the low end of drive_range (or of "
            "current_limits), or leave coupling at 0 (with masks of their own, feedback too)."
        )
    n_parts = ensemble.n_parts(oscillator, node_time, drive.lowest, drive.highest, FINEST)
    if n_parts > MOST_PARTS:
        strength = np.abs(ensemble.coupling).sum(axis=1).max()
        raise SimulationError(
            f"The coupling (in all {strength:.3g} 1/s) or the detuning (up to "
            f"{np.abs(ensemble.detuning).max() / (2 * np.pi):.3g} Hz) changes amplitudes too "
            f"fast: a hold of {node_time:.3g} s would take {n_parts} steps, {MOST_PARTS} are "
            "allowed. Weaken them, or shorten node_time."
        )
    return n_parts


def _reading(oscillator, drive, node_time, bath):
    """Frequencies and phases count from those at rest in the middle of the drive."""
    if bath.thermal_noise == 0 and bath.variable == "amplitude":
        return dict.fromkeys(READING, 0.0)
    middle = drive.reference**2 * oscillator.nonlinear_frequency_shift
    tuned = oscillator.current_tuning * drive.middle
    return reading(oscillator, node_time, bath.thermal_noise, middle + tuned)


def _parts(values, dtype):
    """Complex numbers as real and imaginary parts on a last axis."""
    return np.stack([values.real, values.imag], axis=-1).astype(dtype)


def _mask_for_kernel(mask, n_padded, dtype):
    """What the kernel needs of a mask.

    Returns
    -------
    rows : ndarray of int32 of shape (n_nodes, n_terms)
        Rows of the kernel's table that each node adds, if all weights have one size or
        are 0; else empty.
    grouped : bool
        Whether they are rows of signed sums, or of inputs and their negatives.
    weights : ndarray of shape (n_nodes, n_padded)
        Weights of any other mask; else empty.
    unit : float
        Size of the weights that the rows leave out.
    """
    n_inputs, n_nodes = mask.shape
    unit = np.abs(mask).max()
    heard = mask != 0
    no_rows, no_weights = np.zeros((0, 0), np.int32), np.zeros((0, 0), dtype)
    if not (np.abs(mask[heard]) == unit).all():
        weights = np.zeros((n_nodes, n_padded), dtype)
        weights[:, :n_inputs] = mask.T
        return no_rows, False, weights, 1.0
    group, patterns = kernel.layout["group"], kernel.layout["patterns"]
    if heard.all():
        signs = np.zeros((n_nodes, n_padded), dtype=np.int32)
        signs[:, :n_inputs] = mask.T > 0
        bits = signs.reshape(n_nodes, -1, group) << np.arange(group, dtype=np.int32)
        rows = bits.sum(axis=2, dtype=np.int32)
        rows += patterns * np.arange(rows.shape[1], dtype=np.int32)
        return rows, True, no_weights, unit
    # The last input of the padding is always 0: what a node with fewer terms adds.
    n_terms = -(-heard.sum(axis=0).max() // group) * group
    rows = np.full((n_nodes, n_terms), 2 * (n_padded - 1), dtype=np.int32)
    for node in range(n_nodes):
        inputs = np.flatnonzero(heard[:, node])
        rows[node, : len(inputs)] = 2 * inputs + (mask[inputs, node] < 0)
    return rows, False, no_weights, unit
