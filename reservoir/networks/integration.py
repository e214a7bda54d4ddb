"""How do coupled oscillators move under every input? The door to their compiled kernel.

The kernel works on LANES numbers side by side. These lanes hold one oscillator under LANES
inputs. In a network of many oscillators they hold LANES oscillators under one input instead.
"""

import math
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import DTypeLike

from reservoir._aligned import aligned_zeros
from reservoir._core import coupling as kernel
from reservoir._threads import in_threads
from reservoir._types import Array, Complexes, Floats
from reservoir.couplings import Links
from reservoir.exceptions import SimulationError
from reservoir.networks.rates import NO_PUMP, Oscillators, Pump, Tones, advice, check_followed

FIELD = kernel.layout
LANES = FIELD["lanes"]
MIN_OSCILLATORS_ACROSS = 32  # from so many on, lanes hold oscillators instead of inputs
N_INPUTS_PER_CALL = 1024  # in groups of LANES, if lanes hold inputs ...
N_NETWORKS_PER_CALL = 32  # ... or each alone, if lanes hold oscillators
MAX_HELD_NUMBERS = 2**20  # numbers of noise, or of records, that are held at a time
N_WINDOW_STEPS = 2**12  # steps whose power is added up in the precision of the run


@dataclass(frozen=True)
class Run:
    """How long a run is, how fine, and what it keeps.

    Attributes
    ----------
    step : float
        In s.
    n_settling, n_measured : int
        Steps before the measurement, and measured steps.
    steps_per_record : int, default=0
        Measured steps from one record to the next. 0 keeps no record.
    record_sum : bool, default=False
        Whether to record the sum over the oscillators in place of each of them.
    overlap : bool, default=True
        Whether to compare the amplitudes with the tones.
    dtype : float64 or float32, default=float64
    """

    step: float
    n_settling: int
    n_measured: int
    steps_per_record: int = 0
    record_sum: bool = False
    overlap: bool = True
    dtype: DTypeLike = np.float64

    @property
    def n_records(self) -> int:
        """How many records the measured steps give."""
        return self.n_measured // self.steps_per_record if self.steps_per_record else 0

    @property
    def time_measured(self) -> float:
        """How long the measured steps take, in s."""
        return self.n_measured * self.step


@dataclass(frozen=True)
class Response:
    """What a run leaves behind. The first axis counts the inputs.

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
        Amplitudes after every `steps_per_record` measured steps; (..., 1) for their sum.
    """

    amplitude: Complexes
    power: Floats
    turn: Floats
    overlap: Complexes
    record: Complexes

    @classmethod
    def joined(cls, parts: list["Response"]) -> Self:
        """One response of the inputs of all parts, in their order."""
        return cls(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in cls.__dataclass_fields__
            )
        )


def integrate(
    oscillators: Oscillators,
    links: Links,
    start: Complexes,
    tones: Tones,
    run: Run,
    *,
    pump: Pump = NO_PUMP,
    streams: list[np.random.Generator] | None = None,
    n_jobs: int | None = None,
) -> Response:
    """Follow the network under every input.

    Parameters
    ----------
    oscillators : Oscillators
    links : Links
    start : ndarray of complex of shape (n_oscillators,) or (n_inputs, n_oscillators)
        Amplitudes before the first step.
    tones : Tones
    run : Run
    pump : Pump, default=NO_PUMP
    streams : list of numpy.random.Generator, default=None
        One for each input, which draws its noise. None stands for no noise.
    n_jobs : int, default=None
        Number of threads.

    Returns
    -------
    Response

    Raises
    ------
    SimulationError
        If an amplitude leaves the finite numbers, or changes too fast for the step.
    """
    check_followed(oscillators, links, tones, pump, run.step)
    across = len(oscillators) >= MIN_OSCILLATORS_ACROSS
    inputs_per_call = N_NETWORKS_PER_CALL if across else N_INPUTS_PER_CALL

    def work(begin: int) -> Response:
        rows = slice(begin, min(begin + inputs_per_call, len(tones)))
        block = _Block(
            oscillators.under(rows),
            links,
            start if start.ndim == 1 else start[rows],
            tones.under(rows),
            pump,
            run,
            streams and streams[rows],
            begin,
        )
        return block.response()

    blocks = range(0, len(tones), inputs_per_call)
    response = Response.joined(list(in_threads(work, blocks, n_jobs)))
    check_followed(oscillators, links, tones, pump, run.step, response.power)
    return response


class _Block:
    """Inputs that the kernel follows together: where they are, and what was measured.

    The parameters are those of `integrate`, for some of its inputs. `first_input` is the
    number of the first of them, for messages.
    """

    def __init__(
        self,
        oscillators: Oscillators,
        links: Links,
        start: Complexes,
        tones: Tones,
        pump: Pump,
        run: Run,
        streams: list[np.random.Generator] | None,
        first_input: int,
    ) -> None:
        self.oscillators, self.links, self.tones, self.run = oscillators, links, tones, run
        self.pump, self.streams, self.first_input = pump, streams, first_input
        across = len(oscillators) >= MIN_OSCILLATORS_ACROSS
        self.layout = layout = _Layout(len(tones), len(oscillators), across)
        self.dtype = np.dtype(run.dtype)
        self.cells = _cells(layout, oscillators, links, start, run)
        self.kernel_tones = _kernel_tones(layout, tones, run.step)
        self.kernel_pump = _kernel_pump(layout, pump, run.step)
        self.coupling = {
            "mean_re": links.mean.real * run.step / 2,
            "mean_im": links.mean.imag * run.step / 2,
            "listed": len(links.source) > 0,
            "across": across,
            "n_used": (len(oscillators) - 1) % LANES + 1 if across else LANES,
        }
        strength = np.stack([links.strength.real, links.strength.imag], axis=1) * run.step / 2
        self.strength = np.ascontiguousarray(strength, dtype=self.dtype)
        self.felt = aligned_zeros((layout.n_blocks, 2, LANES), self.dtype)
        n_compared = tones.n_tones if run.overlap else 0
        self.sums = np.zeros((layout.n_groups, layout.n_blocks, n_compared, 2, LANES))
        self.failed = np.empty(layout.n_groups, dtype=np.intp)
        self.n_done = 0  # steps

    def response(self) -> Response:
        """Settle, measure, and put the results in the order of the inputs."""
        layout, run = self.layout, self.run
        portion, window = self._portions()
        for begin in range(0, run.n_settling, portion):
            self._advance(min(portion, run.n_settling - begin), False)
        before = self._angle()
        power, record = self._measure(portion, window)
        turns = layout.gather(self.cells[:, :, FIELD["TURNS"]]).astype(float)
        advance = self._angle() - before + 2 * np.pi * turns
        return Response(
            amplitude=layout.gather(self.cells[:, :, 0] + 1j * self.cells[:, :, 1]),
            power=power,
            turn=-advance / (max(run.n_measured, 1) * run.step),
            overlap=self._overlap(),
            record=record,
        )

    def _portions(self) -> tuple[int, int]:
        """How many steps one call of the kernel takes, and how many one sum of the power.

        Portions fit the memory. Windows do not depend on it, because sums must not either.
        """
        run = self.run
        unit = math.lcm(FIELD["look"], max(run.steps_per_record, 1))
        window = -(-N_WINDOW_STEPS // unit) * unit
        kept_per_step = float(self.streams is not None)
        kept_per_step += 1 / run.steps_per_record if run.n_records else 0
        kept_per_step *= 2 * self.layout.n_inputs * self.layout.n_oscillators
        portion = max(int(MAX_HELD_NUMBERS / max(kept_per_step, 1)) // unit, 1) * unit
        return min(portion, window), window

    def _measure(self, portion: int, window: int) -> tuple[Floats, Complexes]:
        """Mean power and records over the measured steps."""
        layout, run = self.layout, self.run
        width = 1 if run.record_sum else layout.n_oscillators
        record = np.zeros((layout.n_inputs, run.n_records, width), complex)
        power = np.zeros((layout.n_inputs, layout.n_oscillators))
        for begin in range(0, run.n_measured, window):
            end = min(begin + window, run.n_measured)
            for now in range(begin, end, portion):
                kept = self._advance(min(portion, end - now), True)
                if run.n_records:
                    first = now // run.steps_per_record
                    record[:, first : first + kept.shape[1]] = kept
            power += layout.gather(self.cells[:, :, FIELD["POWER"]])
            self.cells[:, :, FIELD["POWER"]] = 0
        power /= max(run.n_measured, 1)
        return power, record

    def _overlap(self) -> Complexes:
        """Mean of c times the conjugate of every tone."""
        layout, run = self.layout, self.run
        n_compared = self.sums.shape[2]
        if not n_compared:
            return np.zeros((layout.n_inputs, layout.n_oscillators, 0), dtype=complex)
        sums = self.sums[:, :, :, 0] + 1j * self.sums[:, :, :, 1]
        joined: Complexes = np.stack(
            [layout.gather(sums[:, :, tone]) for tone in range(n_compared)], axis=-1
        )
        n_looks = max(run.n_measured // FIELD["look"], 1)
        size = max(self.tones.force * run.step / 2, np.finfo(float).tiny)
        overlap: Complexes = joined / (n_looks * size)
        return overlap

    def _advance(self, n_steps: int, measure: bool) -> Complexes:
        """Follow some steps; return what was recorded on the way."""
        layout, run = self.layout, self.run
        n_kept = n_steps // run.steps_per_record if measure and run.n_records else 0
        kept = np.zeros((layout.n_groups, n_kept, layout.n_blocks, 2, LANES), self.dtype)
        noise = _draw(layout, self.streams, n_steps, self.dtype)
        start = self.cells.copy(), self.kernel_tones.copy(), self.kernel_pump.copy()
        self._call(slice(None), n_steps, noise, measure, kept)
        if (self.failed >= 0).any():
            self.cells[:], self.kernel_tones[:], self.kernel_pump[:] = start
            self._refuse(int(np.argmax(self.failed >= 0)), noise)
        self.n_done += n_steps
        record = layout.gather(kept[:, :, :, 0] + 1j * kept[:, :, :, 1])
        return record.sum(axis=2, keepdims=True) if run.record_sum else record

    def _call(
        self, groups: slice, n_steps: int, noise: Array, measure: bool, kept: Array
    ) -> None:
        """Let the kernel follow some groups of inputs."""
        kernel.integrate(
            self.cells[groups],
            self.kernel_tones[groups],
            self.kernel_pump[groups],
            self.coupling,
            self.links.first,
            self.links.source,
            self.strength,
            n_steps,
            noise,
            measure,
            self.sums[groups],
            kept,
            max(self.run.steps_per_record, 1),
            self.felt,
            self.failed[groups],
        )

    def _refuse(self, group: int, noise: Array) -> NoReturn:
        """Say which amplitude left the finite numbers, and when.

        The cells are those before the portion that failed; they go on step by step.
        """
        layout, step = self.layout, self.run.step
        one = slice(group, group + 1)
        no_record = np.zeros((1, 0, layout.n_blocks, 2, LANES), self.dtype)
        for now in range(self.failed[group] + 1):
            before = np.hypot(*self._components(one))
            self._call(one, 1, noise[one, now : now + 1], False, no_record)
            if self.failed[group] >= 0:
                break
        alone = replace(layout, n_inputs=1 if layout.across else LANES)
        after = np.logical_and(*map(np.isfinite, self._components(one)))
        row = np.flatnonzero(~alone.gather(after).all(axis=1))[0]
        # Soon all amplitudes are affected. The first to go had been the largest.
        oscillator = alone.gather(before)[row].argmax()
        row = min(group if layout.across else group * LANES + row, len(self.tones) - 1)
        raise SimulationError(
            f"The amplitude of oscillator {oscillator} under input {self.first_input + row} "
            f"is no longer finite after {(self.n_done + now + 1) * step * 1e6:.3g} us: "
            + advice(self.oscillators, self.links, self.tones, self.pump, step)
        )

    def _components(self, groups: slice) -> tuple[Array, Array]:
        """Real and imaginary parts of the amplitudes, as lanes."""
        return self.cells[groups, :, FIELD["RE"]], self.cells[groups, :, FIELD["IM"]]

    def _angle(self) -> Floats:
        """Phase of every amplitude, turned by half a step as the kernel counts it."""
        cells = self.cells
        amplitude = cells[:, :, 0].astype(float) + 1j * cells[:, :, 1]
        rotation = cells[:, :, FIELD["ROTATE_RE"]] + 1j * cells[:, :, FIELD["ROTATE_IM"]]
        angle: Floats = np.angle(self.layout.gather(amplitude * rotation))
        return angle


@dataclass(frozen=True)
class _Layout:
    """Where inputs and oscillators sit in the kernel's groups, blocks and lanes.

    With `across` the lanes of a block hold LANES oscillators of one network under one input,
    else one oscillator under LANES inputs.
    """

    n_inputs: int
    n_oscillators: int
    across: bool

    @property
    def n_groups(self) -> int:
        return self.n_inputs if self.across else -(-self.n_inputs // LANES)

    @property
    def n_blocks(self) -> int:
        return -(-self.n_oscillators // LANES) if self.across else self.n_oscillators

    def gather(self, lanes: Array) -> Array:
        """(n_groups, ..., n_blocks, LANES) -> (n_inputs, ..., n_oscillators)."""
        if not self.across:
            lanes = np.moveaxis(lanes, -1, 1)
            n_rows = self.n_groups * LANES
            return lanes.reshape(n_rows, *lanes.shape[2:])[: self.n_inputs]
        shape = (*lanes.shape[:-2], self.n_blocks * LANES)
        return lanes.reshape(shape)[..., : self.n_oscillators]

    def scatter_oscillators(self, values: Floats) -> Floats:
        """What broadcasts to (n_groups, n_blocks, LANES).

        From (n_oscillators,), or (n_inputs, n_oscillators).
        """
        if not self.across:
            return values[None, :, None] if values.ndim == 1 else self.scatter_inputs(values)
        padded = np.zeros((*values.shape[:-1], self.n_blocks * LANES))
        padded[..., : self.n_oscillators] = values
        return padded.reshape(-1, self.n_blocks, LANES)

    def scatter_inputs(self, values: Floats) -> Floats:
        """(n_inputs, n) -> (n_groups, n, LANES); unused lanes repeat the last input."""
        if self.across:
            return np.broadcast_to(values[:, :, None], (*values.shape, LANES))
        rows = np.minimum(np.arange(self.n_groups * LANES), self.n_inputs - 1)
        return values[rows].reshape(self.n_groups, LANES, -1).transpose(0, 2, 1)


def _cells(
    layout: _Layout, oscillators: Oscillators, links: Links, start: Complexes, run: Run
) -> Array:
    """Amplitudes and parameters in the kernel's order, all rates per half step."""
    shape = (layout.n_groups, layout.n_blocks, FIELD["fields"], LANES)
    cells = aligned_zeros(shape, run.dtype)
    half = run.step / 2
    half_turn = oscillators.turn * half
    fields = {
        "RE": start.real,
        "IM": start.imag,
        # The mean field includes the oscillator itself, which is taken out here.
        "GROWTH": (oscillators.growth - links.mean.real) * half,
        "SATURATION": oscillators.saturation * half,
        "SHIFT": oscillators.shift * half,
        "TURN": (oscillators.shift * oscillators.power - links.mean.imag) * half,
        "ROTATE_RE": np.cos(half_turn),
        "ROTATE_IM": -np.sin(half_turn),
        "NOISE": np.sqrt(oscillators.diffusion * run.step),
    }
    for name, values in fields.items():
        cells[:, :, FIELD[name]] = layout.scatter_oscillators(values)
    return cells


def _kernel_tones(layout: _Layout, tones: Tones, step: float) -> Floats:
    """Tones in the kernel's order: their values at the start, and half a step's turn."""
    lanes = aligned_zeros((layout.n_groups, tones.n_tones, 4, LANES), np.float64)
    half_turn = layout.scatter_inputs(tones.turn * step / 2)
    lanes[:, :, 0] = tones.force * step / 2
    lanes[:, :, 2] = np.cos(half_turn)
    lanes[:, :, 3] = -np.sin(half_turn)
    return lanes


def _kernel_pump(layout: _Layout, pump: Pump, step: float) -> Floats:
    """The pump in the kernel's order: at the start, and half a step's turn. Empty if off."""
    value, half_turn = pump.rate * step / 2, pump.turn * step / 2
    parts = [value, 0.0, np.cos(half_turn), -np.sin(half_turn)]
    return np.tile(parts, (layout.n_groups if pump.rate else 0, 1))


def _draw(
    layout: _Layout,
    streams: list[np.random.Generator] | None,
    n_steps: int,
    dtype: np.dtype[Any],
) -> Array:
    """Standard normal numbers; every input has its own stream, whatever its lane."""
    if streams is None:
        return np.zeros((0, 0, 0, 2, LANES), dtype)
    noise = np.zeros((layout.n_groups, n_steps, layout.n_blocks, 2, LANES), dtype)
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
