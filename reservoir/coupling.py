"""The door to the kernel of coupled oscillators: lay out lanes, call, name what failed."""

import math
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed

from reservoir._core import coupling as kernel
from reservoir.exceptions import SimulationError
from reservoir.memory import aligned_zeros

FIELD = kernel.layout
LANES = FIELD["lanes"]
ACROSS = 32  # from so many oscillators on, lanes are oscillators instead of inputs
GROUPS = 32  # groups of lanes that one call works on
NOISE_MEMORY = 2**20  # numbers of noise that are drawn at a time


@dataclass(frozen=True)
class Oscillators:
    """Rates of every oscillator, in the frame that turns at the reference frequency.

    All of shape (n_oscillators,), or (n_inputs, n_oscillators) if inputs change them.

    Attributes
    ----------
    growth, saturation : ndarray
        a/2 and b/2 of dp/dt = a p - b p^2, in 1/s.
    power : ndarray
        Power at rest, without unit.
    turn : ndarray
        Angular frequency at rest less the reference, in rad/s.
    shift : ndarray
        Change of the angular frequency per unit of power, in rad/s.
    diffusion : ndarray
        D of the noise, <f f*> = 2 D delta, in 1/s.
    """

    growth: np.ndarray
    saturation: np.ndarray
    power: np.ndarray
    turn: np.ndarray
    shift: np.ndarray
    diffusion: np.ndarray

    def __len__(self):
        """How many oscillators."""
        return self.growth.shape[-1]

    def under(self, inputs):
        """Those under some of the inputs, a slice."""
        if self.growth.ndim == 1:
            return self
        return Oscillators(**{name: rates[inputs] for name, rates in vars(self).items()})


@dataclass(frozen=True)
class Links:
    """Who feels whom: K_ij = mean for every pair, plus what is listed row by row.

    Attributes
    ----------
    mean : complex
        In 1/s; without the diagonal.
    first : ndarray of int of shape (n_oscillators + 1,)
        Where the links of each oscillator begin.
    source : ndarray of int of shape (n_links,)
        The oscillator that is felt.
    strength : ndarray of complex of shape (n_links,)
        In 1/s.
    """

    mean: complex
    first: np.ndarray
    source: np.ndarray
    strength: np.ndarray


@dataclass(frozen=True)
class Response:
    """What a run leaves behind; the first axis is that of the inputs.

    Attributes
    ----------
    amplitude : ndarray of complex of shape (n_inputs, n_oscillators)
        At the end, in the turning frame.
    power : ndarray of shape (n_inputs, n_oscillators)
        Mean over the measured steps.
    turn : ndarray of shape (n_inputs, n_oscillators)
        Mean angular frequency over the measured steps less the reference, in rad/s.
    overlap : ndarray of complex of shape (n_inputs, n_oscillators, n_tones)
        Mean of c times the conjugate of the tone.
    record : ndarray of complex of shape (n_inputs, n_records, n_oscillators)
        Amplitudes after every `steps_per_record` measured steps.
    """

    amplitude: np.ndarray
    power: np.ndarray
    turn: np.ndarray
    overlap: np.ndarray
    record: np.ndarray


def integrate(
    oscillators,
    links,
    start,
    tones,
    force,
    step,
    n_settling,
    n_measured,
    *,
    steps_per_record=0,
    streams=None,
    overlap=True,
    dtype=np.float64,
    n_jobs=None,
):
    """Follow the network under every input.

    Parameters
    ----------
    oscillators : Oscillators
    links : Links
    start : ndarray of complex of shape (n_oscillators,) or (n_inputs, n_oscillators)
        Amplitudes before the first step.
    tones : ndarray of shape (n_inputs, n_tones)
        Angular frequencies of the injected tones less the reference, in rad/s.
    force : float
        F of every tone, in 1/s.
    step : float
        In s.
    n_settling, n_measured : int
        Steps before the measurement, and measured ones.
    steps_per_record : int, default=0
        0 keeps no record.
    streams : list of numpy.random.Generator, default=None
        One for each input; draws the noise. None: no noise.
    overlap : bool, default=True
        Whether to compare with the tones.
    dtype : float64 or float32
    n_jobs : int, default=None
        Threads.

    Returns
    -------
    Response

    Raises
    ------
    SimulationError
        If an amplitude leaves the finite numbers.
    """
    across = len(oscillators) >= ACROSS
    inputs_per_call = GROUPS * (1 if across else LANES)
    settings = (
        links,
        force,
        step,
        n_settling,
        n_measured,
        steps_per_record,
        overlap,
        np.dtype(dtype),
        across,
    )

    def work(begin):
        rows = slice(begin, min(begin + inputs_per_call, len(tones)))
        return _integrate_block(
            tones[rows],
            streams and streams[rows],
            begin,
            oscillators.under(rows),
            start if start.ndim == 1 else start[rows],
            *settings,
        )

    blocks = range(0, len(tones), inputs_per_call)
    if n_jobs in (None, 1) or len(blocks) == 1:
        parts = [work(begin) for begin in blocks]
    else:
        parts = Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(work)(begin) for begin in blocks
        )
    return Response(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Response.__dataclass_fields__
        )
    )


def _integrate_block(
    tones,
    streams,
    first_input,
    oscillators,
    start,
    links,
    force,
    step,
    n_settling,
    n_measured,
    steps_per_record,
    overlap,
    dtype,
    across,
):
    layout = _Layout(len(tones), len(oscillators), across)
    cells = _cells(layout, oscillators, links, start, step, dtype)
    kernel_tones = _tones(layout, tones, force, step)
    coupling = {
        "mean_re": links.mean.real * step,
        "mean_im": links.mean.imag * step,
        "listed": len(links.source) > 0,
        "across": across,
        "n_used": (len(oscillators) - 1) % LANES + 1 if across else LANES,
    }
    strength = np.stack([links.strength.real, links.strength.imag], axis=1) * step
    strength = np.ascontiguousarray(strength, dtype=dtype)
    field = aligned_zeros((layout.n_blocks, 2, LANES), dtype)
    n_records = n_measured // steps_per_record if steps_per_record else 0
    record = np.zeros((layout.n_groups, n_records, layout.n_blocks, 2, LANES), dtype)
    n_compared = tones.shape[1] if overlap else 0
    sums = np.zeros((layout.n_groups, layout.n_blocks, n_compared, 2, LANES))
    no_record = record[:, :0]
    failed = np.empty(layout.n_groups, dtype=np.intp)
    done = 0

    def run(n_steps, measure, kept):
        nonlocal done
        noise = _draw(layout, streams, n_steps, dtype)
        kernel.integrate(
            cells,
            kernel_tones,
            coupling,
            links.first,
            links.source,
            strength,
            n_steps,
            noise,
            measure,
            sums,
            kept,
            max(steps_per_record, 1),
            field,
            failed,
        )
        if (failed >= 0).any():
            _refuse(layout, cells, failed, first_input, done, step, oscillators, links, force)
        done += n_steps

    stride = n_settling + n_measured
    if streams is not None:
        stride = max(NOISE_MEMORY // (2 * layout.n_inputs * layout.n_oscillators), 1)
        stride = -(-stride // FIELD["look"]) * FIELD["look"]
        if steps_per_record:
            stride = math.lcm(FIELD["look"], steps_per_record)
    for begin in range(0, n_settling, stride):
        run(min(stride, n_settling - begin), False, no_record)
    before = _angle(layout, cells)
    for begin in range(0, n_measured, stride):
        size = min(stride, n_measured - begin)
        if steps_per_record:
            rows = slice(begin // steps_per_record, (begin + size) // steps_per_record)
            kept = np.ascontiguousarray(record[:, rows])
            run(size, True, kept)
            record[:, rows] = kept
        else:
            run(size, True, no_record)
    turns = layout.gather(cells[:, :, FIELD["TURNS"]]).astype(float)
    advance = _angle(layout, cells) - before + 2 * np.pi * turns
    n_looks = max(n_measured // FIELD["look"], 1)
    complex_sums = sums[:, :, :, 0] + 1j * sums[:, :, :, 1]
    complex_record = record[:, :, :, 0] + 1j * record[:, :, :, 1]
    return Response(
        amplitude=layout.gather(cells[:, :, 0] + 1j * cells[:, :, 1]),
        power=layout.gather(cells[:, :, FIELD["POWER"]]).astype(float) / max(n_measured, 1),
        turn=-advance / (max(n_measured, 1) * step),
        overlap=np.stack(
            [layout.gather(complex_sums[:, :, tone]) for tone in range(n_compared)],
            axis=-1,
        )
        / (n_looks * max(force * step, np.finfo(float).tiny))
        if n_compared
        else np.zeros((layout.n_inputs, layout.n_oscillators, 0), dtype=complex),
        record=np.stack(
            [layout.gather(complex_record[:, row]) for row in range(n_records)], axis=1
        )
        if n_records
        else np.zeros((layout.n_inputs, 0, layout.n_oscillators), dtype=complex),
    )


@dataclass(frozen=True)
class _Layout:
    """Where inputs and oscillators sit in the kernel's groups, blocks and lanes."""

    n_inputs: int
    n_oscillators: int
    across: bool

    @property
    def n_groups(self):
        return self.n_inputs if self.across else -(-self.n_inputs // LANES)

    @property
    def n_blocks(self):
        return -(-self.n_oscillators // LANES) if self.across else self.n_oscillators

    def gather(self, lanes):
        """(n_groups, n_blocks, LANES) -> (n_inputs, n_oscillators)."""
        if self.across:
            return lanes.reshape(self.n_groups, -1)[:, : self.n_oscillators]
        rows = lanes.transpose(0, 2, 1).reshape(-1, self.n_oscillators)
        return rows[: self.n_inputs]

    def scatter_oscillators(self, values):
        """What broadcasts to (n_groups, n_blocks, LANES).

        From (n_oscillators,), or (n_inputs, n_oscillators).
        """
        if not self.across:
            return values[None, :, None] if values.ndim == 1 else self.scatter_inputs(values)
        padded = np.zeros((*values.shape[:-1], self.n_blocks * LANES))
        padded[..., : self.n_oscillators] = values
        return padded.reshape(-1, self.n_blocks, LANES)

    def scatter_inputs(self, values):
        """(n_inputs, n) -> (n_groups, n, LANES); unused lanes repeat the last input."""
        if self.across:
            return np.broadcast_to(values[:, :, None], (*values.shape, LANES))
        rows = np.minimum(np.arange(self.n_groups * LANES), self.n_inputs - 1)
        return values[rows].reshape(self.n_groups, LANES, -1).transpose(0, 2, 1)


def _cells(layout, oscillators, links, start, step, dtype):
    """Amplitudes and parameters in the kernel's order, all rates per step."""
    cells = aligned_zeros((layout.n_groups, layout.n_blocks, FIELD["fields"], LANES), dtype)
    half_turn = oscillators.turn * step / 2
    fields = {
        "RE": start.real,
        "IM": start.imag,
        # The mean field includes the oscillator itself, which is taken out here.
        "GROWTH": oscillators.growth * step - links.mean.real * step,
        "SATURATION": oscillators.saturation * step,
        "SHIFT": oscillators.shift * step,
        "TURN": oscillators.shift * oscillators.power * step - links.mean.imag * step,
        "ROTATE_RE": np.cos(half_turn),
        "ROTATE_IM": -np.sin(half_turn),
        "NOISE": np.sqrt(oscillators.diffusion * step),
    }
    for name, values in fields.items():
        cells[:, :, FIELD[name]] = layout.scatter_oscillators(values)
    return cells


def _tones(layout, tones, force, step):
    lanes = aligned_zeros((layout.n_groups, tones.shape[1], 4, LANES), np.float64)
    half_turn = layout.scatter_inputs(tones * step / 2)
    lanes[:, :, 0] = force * step
    lanes[:, :, 2] = np.cos(half_turn)
    lanes[:, :, 3] = -np.sin(half_turn)
    return lanes


def _draw(layout, streams, n_steps, dtype):
    """Standard normal numbers; every input has its own stream, whatever its lane."""
    if streams is None:
        return np.zeros((0, 0, 0, 2, LANES), dtype)
    shape = (layout.n_groups, n_steps, layout.n_blocks, 2, LANES)
    noise = np.zeros(shape, dtype)
    for row, stream in enumerate(streams):
        drawn = stream.standard_normal((n_steps, 2, layout.n_oscillators), dtype=dtype)
        if layout.across:
            padded = np.zeros((n_steps, 2, layout.n_blocks * LANES), dtype)
            padded[:, :, : layout.n_oscillators] = drawn
            padded = padded.reshape(n_steps, 2, layout.n_blocks, LANES)
            noise[row] = padded.transpose(0, 2, 1, 3)
        else:
            noise[row // LANES, :, :, :, row % LANES] = drawn.transpose(0, 2, 1)
    return noise


def _angle(layout, cells):
    """Phase of every amplitude, turned by half a step as the kernel counts it."""
    amplitude = cells[:, :, 0].astype(float) + 1j * cells[:, :, 1]
    rotation = cells[:, :, FIELD["ROTATE_RE"]] + 1j * cells[:, :, FIELD["ROTATE_IM"]]
    return np.angle(layout.gather(amplitude * rotation))


def _refuse(layout, cells, failed, first_input, done, step, oscillators, links, force):
    state = layout.gather(cells[:, :, 0] + cells[:, :, 1])
    row, oscillator = np.argwhere(~np.isfinite(state))[0]
    group = row if layout.across else row // LANES
    steps = done + int(failed[group]) + 1
    weight = abs(links.mean) * len(oscillators) + np.abs(links.strength).sum() / max(
        len(oscillators), 1
    )
    fastest = np.max(
        np.abs(oscillators.growth)
        + oscillators.saturation
        + np.abs(oscillators.shift) * np.maximum(oscillators.power, 0.1)
    )
    advised = 0.25 / (fastest + weight + force)
    raise SimulationError(
        f"The amplitude of oscillator {oscillator} under input {first_input + row} is no "
        f"longer finite after {steps * step * 1e6:.3g} us: a step of {step:.3g} s is too "
        f"coarse for the rates of this network; {min(advised, step / 2):.2g} s would do, "
        "or weaken the coupling."
    )
