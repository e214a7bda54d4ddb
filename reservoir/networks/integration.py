"""The door to the kernel of coupled oscillators: lay out lanes, call, name what failed."""

import math
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed

from reservoir._aligned import aligned_zeros
from reservoir._core import coupling as kernel
from reservoir.exceptions import SimulationError

FIELD = kernel.layout
LANES = FIELD["lanes"]
ACROSS = 32  # from so many oscillators on, lanes are oscillators instead of inputs
INPUTS = 1024  # inputs that one call works on, in groups of LANES ...
NETWORKS = 32  # ... or each alone, if lanes are oscillators
MEMORY = 2**20  # numbers of noise, or of records, that are held at a time
WINDOW = 2**12  # steps whose power is added up in the precision of the run
FASTEST = 1.0  # change in one step, in e-folds or radians, that is still followed


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
        Amplitudes after every `steps_per_record` measured steps; (..., 1) for their sum.
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
    record_sum=False,
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
    record_sum : bool, default=False
        Whether to record the sum over the oscillators only.
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
        If an amplitude leaves the finite numbers, or changes too fast for the step.
    """
    _check_followed(oscillators, links, force * tones.shape[1], step)
    across = len(oscillators) >= ACROSS
    inputs_per_call = NETWORKS if across else INPUTS
    settings = (
        links,
        force,
        step,
        n_settling,
        n_measured,
        steps_per_record,
        record_sum,
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
    response = Response(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Response.__dataclass_fields__
        )
    )
    _check_followed(oscillators, links, force * tones.shape[1], step, response.power)
    return response


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
    record_sum,
    overlap,
    dtype,
    across,
):
    layout = _Layout(len(tones), len(oscillators), across)
    cells = _cells(layout, oscillators, links, start, step, dtype)
    kernel_tones = _tones(layout, tones, force, step)
    coupling = {
        "mean_re": links.mean.real * step / 2,
        "mean_im": links.mean.imag * step / 2,
        "listed": len(links.source) > 0,
        "across": across,
        "n_used": (len(oscillators) - 1) % LANES + 1 if across else LANES,
    }
    strength = np.stack([links.strength.real, links.strength.imag], axis=1) * step / 2
    strength = np.ascontiguousarray(strength, dtype=dtype)
    felt = aligned_zeros((layout.n_blocks, 2, LANES), dtype)
    n_records = n_measured // steps_per_record if steps_per_record else 0
    record = np.zeros(
        (layout.n_inputs, n_records, 1 if record_sum else layout.n_oscillators), complex
    )
    n_compared = tones.shape[1] if overlap else 0
    sums = np.zeros((layout.n_groups, layout.n_blocks, n_compared, 2, LANES))
    power = np.zeros((layout.n_inputs, layout.n_oscillators))
    failed = np.empty(layout.n_groups, dtype=np.intp)
    no_record = np.zeros((layout.n_groups, 0, layout.n_blocks, 2, LANES), dtype)
    done = 0

    def follow(groups, n_steps, noise, measure, kept):
        kernel.integrate(
            cells[groups],
            kernel_tones[groups],
            coupling,
            links.first,
            links.source,
            strength,
            n_steps,
            noise,
            measure,
            sums[groups],
            kept,
            max(steps_per_record, 1),
            felt,
            failed[groups],
        )

    def refuse(group, noise):
        """Say who left the finite numbers, and when: step by step from the last portion."""
        alone = _Layout(1 if across else LANES, len(oscillators), across)
        one = slice(group, group + 1)
        for now in range(failed[group] + 1):
            before = np.hypot(cells[one, :, FIELD["RE"]], cells[one, :, FIELD["IM"]])
            follow(one, 1, noise[one, now : now + 1], False, no_record[one])
            if failed[group] >= 0:
                break
        # Soon everyone is affected; the first to go had the largest amplitude.
        after = np.isfinite(cells[one, :, FIELD["RE"]]) & np.isfinite(
            cells[one, :, FIELD["IM"]]
        )
        row = np.flatnonzero(~alone.gather(after).all(axis=1))[0]
        first = first_input + min(group if across else group * LANES + row, len(tones) - 1)
        raise SimulationError(
            f"The amplitude of oscillator {alone.gather(before)[row].argmax()} under input "
            f"{first} is no longer finite after {(done + now + 1) * step * 1e6:.3g} us: "
            + _cure(oscillators, links, force * tones.shape[1], step)
        )

    def run(n_steps, measure):
        """Follow n_steps; return what was recorded on the way."""
        nonlocal done
        n_kept = n_steps // steps_per_record if measure and n_records else 0
        kept = np.zeros((layout.n_groups, n_kept, layout.n_blocks, 2, LANES), dtype)
        noise = _draw(layout, streams, n_steps, dtype)
        start = cells.copy(), kernel_tones.copy()
        follow(slice(None), n_steps, noise, measure, kept)
        if (failed >= 0).any():
            cells[:], kernel_tones[:] = start
            refuse(int(np.argmax(failed >= 0)), noise)
        done += n_steps
        kept = layout.gather(kept[:, :, :, 0] + 1j * kept[:, :, :, 1])
        return kept.sum(axis=2, keepdims=True) if record_sum else kept

    # Portions fit the memory, windows do not depend on it: sums must not either.
    unit = math.lcm(FIELD["look"], max(steps_per_record, 1))
    window = -(-WINDOW // unit) * unit
    kept_per_step = (streams is not None) + (1 / steps_per_record if n_records else 0)
    kept_per_step *= 2 * layout.n_inputs * layout.n_oscillators
    portion = max(int(MEMORY / max(kept_per_step, 1)) // unit, 1) * unit
    portion = min(portion, window)
    for begin in range(0, n_settling, portion):
        run(min(portion, n_settling - begin), False)
    before = _angle(layout, cells)
    for begin in range(0, n_measured, window):
        end = min(begin + window, n_measured)
        for now in range(begin, end, portion):
            kept = run(min(portion, end - now), True)
            if n_records:
                first = now // steps_per_record
                record[:, first : first + kept.shape[1]] = kept
        power += layout.gather(cells[:, :, FIELD["POWER"]])
        cells[:, :, FIELD["POWER"]] = 0
    power /= max(n_measured, 1)
    turns = layout.gather(cells[:, :, FIELD["TURNS"]]).astype(float)
    advance = _angle(layout, cells) - before + 2 * np.pi * turns
    n_looks = max(n_measured // FIELD["look"], 1)
    complex_sums = sums[:, :, :, 0] + 1j * sums[:, :, :, 1]
    return Response(
        amplitude=layout.gather(cells[:, :, 0] + 1j * cells[:, :, 1]),
        power=power,
        turn=-advance / (max(n_measured, 1) * step),
        overlap=np.stack(
            [layout.gather(complex_sums[:, :, tone]) for tone in range(n_compared)],
            axis=-1,
        )
        / (n_looks * max(force * step / 2, np.finfo(float).tiny))
        if n_compared
        else np.zeros((layout.n_inputs, layout.n_oscillators, 0), dtype=complex),
        record=record,
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
        """(n_groups, ..., n_blocks, LANES) -> (n_inputs, ..., n_oscillators)."""
        if not self.across:
            lanes = np.moveaxis(lanes, -1, 1)
            shape = (self.n_groups * LANES, *lanes.shape[2:])
            return lanes.reshape(shape)[: self.n_inputs]
        shape = (*lanes.shape[:-2], self.n_blocks * LANES)
        return lanes.reshape(shape)[..., : self.n_oscillators]

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
    """Amplitudes and parameters in the kernel's order, all rates per half step."""
    cells = aligned_zeros((layout.n_groups, layout.n_blocks, FIELD["fields"], LANES), dtype)
    half = step / 2
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
        "NOISE": np.sqrt(oscillators.diffusion * step),
    }
    for name, values in fields.items():
        cells[:, :, FIELD[name]] = layout.scatter_oscillators(values)
    return cells


def _tones(layout, tones, force, step):
    lanes = aligned_zeros((layout.n_groups, tones.shape[1], 4, LANES), np.float64)
    half_turn = layout.scatter_inputs(tones * step / 2)
    lanes[:, :, 0] = force * step / 2
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


def _check_followed(oscillators, links, force, step, power=None):
    """Refuse rates that the step does not follow: at rest, or at the power that was met."""
    power = np.atleast_2d(oscillators.power if power is None else power)
    rates = np.maximum(
        links.weights(),
        2 * oscillators.saturation * power
        + np.abs(oscillators.shift * (power - oscillators.power)),
    )
    row, oscillator = np.unravel_index(rates.argmax(), rates.shape)
    if rates[row, oscillator] * step > FASTEST:
        where = f"of oscillator {oscillator} at power {power[row, oscillator]:.2g}"
        where += f" under input {row}" if len(power) > 1 else ""
        raise SimulationError(
            f"The amplitude {where} changes at {rates[row, oscillator]:.3g} 1/s: "
            + _cure(oscillators, links, force, step)
        )


def _cure(oscillators, links, force, step):
    """A step that would do, and what else would help.

    Growth and coupling, tones and noise drive the power up until saturation balances them:
    s p = g + w + F/sqrt(p) + D/p, so p is at most the sum of what each alone would reach.
    """
    saturation, weights = oscillators.saturation, links.weights()
    powers = {
        "": oscillators.power,
        ", or weaken the coupling": weights / saturation,
        ", or weaken the sources": (force / saturation) ** (2 / 3),
        ", or narrow the linewidth": np.sqrt(oscillators.diffusion / saturation),
    }
    rate = (2 * saturation + np.abs(oscillators.shift)) * sum(powers.values())
    advised = min(0.25 * FASTEST / max(rate.max(), weights.max()), step / 2)
    besides = max(powers, key=lambda cause: powers[cause].max())
    return f"a step of {step:.3g} s is too coarse; {advised:.1e} s would do{besides}."
