"""How fast are coupled oscillators? Ratios to numba and JAX, measured in one run.

    python benchmarks/networks.py [map] [many] [multiplexed] [classifier]
                                   (needs: pip install ".[bench]"; "jax[cpu]" for its line;
                                    the classifier RESERVOIR_DATA with Hillenbrand's vowels)

Without arguments all four cases run. `docs/speed.md` holds what they gave.

map: four oscillators under two tones, for 10^4 pairs of the tones' frequencies.
many: one network of up to 10^5 oscillators in a mean field.
multiplexed: four coupled oscillators of 100 nodes each, on sequences like spoken digits.
classifier: five-fold cross-validation on seven vowels.

The rivals solve the same equations with the same integrating-factor Runge-Kutta step of
4 ns (for multiplexed, of one part of a hold). Agreement is checked before anything is timed.
Methods take turns, and medians of CPU time on one thread are compared. JAX 0.10 may use
other threads, and their time counts as its CPU time.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import math
import sys
import time

import numba
import numpy as np

from reservoir import (
    SpinTorqueOscillator,
    SynchronizationClassifier,
    TimeMultiplexedReservoir,
    _core,
    datasets,
    multiplexing,
    simulation,
)
from reservoir.couplings import Links, spread_phases
from reservoir.networks.integration import Run, integrate
from reservoir.networks.rates import Oscillators, Tones

try:
    import jax

    jax.config.update("jax_enable_x64", True)
except ImportError:
    jax = None

ROUNDS = 5
STEP = 4e-9
N = 4  # constants, which numba may unroll over
LANES = 16
VOWELS = ("ae", "ah", "aw", "er", "ih", "iy", "uw")


# ------------------------------------------------------------------- one step, five times


@numba.njit
def split(n_steps, amplitude, growth, saturation, shift, turn, rotate, mean, tones):
    """One network, real and imaginary parts apart: the natural loops."""
    n, n_tones = len(growth), tones.shape[0]
    re, im = amplitude[:, 0].copy(), amplitude[:, 1].copy()
    tone_re, tone_im = tones[:, 0].copy(), tones[:, 1].copy()
    base_re, base_im, sum_re, sum_im = np.empty((4, n))
    for _ in range(n_steps):
        for stage in range(4):
            if stage == 1 or stage == 3:
                for s in range(n_tones):
                    x, y = tone_re[s], tone_im[s]
                    tone_re[s] = x * tones[s, 2] - y * tones[s, 3]
                    tone_im[s] = x * tones[s, 3] + y * tones[s, 2]
            total_re, total_im = 0.0, 0.0
            for i in range(n):
                total_re += re[i]
                total_im += im[i]
            field_re = mean[0] * total_re - mean[1] * total_im
            field_im = mean[0] * total_im + mean[1] * total_re
            for s in range(n_tones):
                field_re += tone_re[s]
                field_im += tone_im[s]
            for i in range(n):
                power = re[i] * re[i] + im[i] * im[i]
                gain = growth[i] - saturation[i] * power
                angle = turn[i] - shift[i] * power
                k_re = gain * re[i] - angle * im[i] + field_re
                k_im = gain * im[i] + angle * re[i] + field_im
                c, s = rotate[i, 0], rotate[i, 1]
                if stage == 0:
                    base_re[i] = c * re[i] - s * im[i]
                    base_im[i] = c * im[i] + s * re[i]
                    x, y = c * k_re - s * k_im, c * k_im + s * k_re
                    sum_re[i] = base_re[i] + x / 6
                    sum_im[i] = base_im[i] + y / 6
                    re[i] = base_re[i] + x / 2
                    im[i] = base_im[i] + y / 2
                elif stage == 1:
                    sum_re[i] += k_re / 3
                    sum_im[i] += k_im / 3
                    re[i] = base_re[i] + k_re / 2
                    im[i] = base_im[i] + k_im / 2
                elif stage == 2:
                    x, y = sum_re[i] + k_re / 3, sum_im[i] + k_im / 3
                    sum_re[i], sum_im[i] = c * x - s * y, c * y + s * x
                    x, y = base_re[i] + k_re, base_im[i] + k_im
                    re[i], im[i] = c * x - s * y, c * y + s * x
                else:
                    re[i] = sum_re[i] + k_re / 6
                    im[i] = sum_im[i] + k_im / 6
    amplitude[:, 0], amplitude[:, 1] = re, im


@numba.njit
def split_pairs(n_steps, amplitudes, tones, *rates):
    for row in range(len(amplitudes)):
        split(n_steps, amplitudes[row], *rates, tones[row])


@numba.njit
def on_complex(n_steps, c, growth, saturation, shift, turn, rotate, mean):
    """One network without tones on complex numbers: the natural loops."""
    n = len(c)
    base, total = np.empty_like(c), np.empty_like(c)
    for _ in range(n_steps):
        field = mean * c.sum()
        for i in range(n):
            power = c[i].real * c[i].real + c[i].imag * c[i].imag
            gain = growth[i] - saturation[i] * power
            k = complex(gain, turn[i] - shift[i] * power) * c[i] + field
            base[i] = rotate[i] * c[i]
            k *= rotate[i]
            total[i] = base[i] + k / 6
            c[i] = base[i] + k / 2
        field = mean * c.sum()
        for i in range(n):
            power = c[i].real * c[i].real + c[i].imag * c[i].imag
            gain = growth[i] - saturation[i] * power
            k = complex(gain, turn[i] - shift[i] * power) * c[i] + field
            total[i] += k / 3
            c[i] = base[i] + k / 2
        field = mean * c.sum()
        for i in range(n):
            power = c[i].real * c[i].real + c[i].imag * c[i].imag
            gain = growth[i] - saturation[i] * power
            k = complex(gain, turn[i] - shift[i] * power) * c[i] + field
            total[i] = rotate[i] * (total[i] + k / 3)
            c[i] = rotate[i] * (base[i] + k)
        field = mean * c.sum()
        for i in range(n):
            power = c[i].real * c[i].real + c[i].imag * c[i].imag
            gain = growth[i] - saturation[i] * power
            k = complex(gain, turn[i] - shift[i] * power) * c[i] + field
            c[i] = total[i] + k / 6


@numba.njit(fastmath=True, error_model="numpy")
def in_lanes(n_steps, amplitudes, tones, growth, saturation, shift, turn, rotate, mean):
    """N oscillators under LANES inputs side by side: the fastest numba found."""
    n_tones = tones.shape[1]
    y = np.empty((N, 2, LANES))
    base, total = np.empty((N, 2, LANES)), np.empty((N, 2, LANES))
    tone, half = np.empty((n_tones, 2, LANES)), np.empty((n_tones, 2, LANES))
    field, force = np.empty((2, LANES)), np.empty((2, LANES))
    for row in range(0, len(amplitudes), LANES):
        for lane in range(LANES):
            source = min(row + lane, len(amplitudes) - 1)
            for i in range(N):
                y[i, 0, lane], y[i, 1, lane] = amplitudes[source, i]
            for s in range(n_tones):
                tone[s, 0, lane], tone[s, 1, lane] = tones[source, s, :2]
                half[s, 0, lane], half[s, 1, lane] = tones[source, s, 2:]
        for _ in range(n_steps):
            for stage in range(4):
                if stage == 1 or stage == 3:
                    for s in range(n_tones):
                        for lane in range(LANES):
                            x, z = tone[s, 0, lane], tone[s, 1, lane]
                            c, d = half[s, 0, lane], half[s, 1, lane]
                            tone[s, 0, lane] = x * c - z * d
                            tone[s, 1, lane] = x * d + z * c
                if stage != 2:
                    force[:] = 0.0
                    for s in range(n_tones):
                        for lane in range(LANES):
                            force[0, lane] += tone[s, 0, lane]
                            force[1, lane] += tone[s, 1, lane]
                for lane in range(LANES):
                    x, z = 0.0, 0.0
                    for i in range(N):
                        x += y[i, 0, lane]
                        z += y[i, 1, lane]
                    field[0, lane] = mean[0] * x - mean[1] * z + force[0, lane]
                    field[1, lane] = mean[0] * z + mean[1] * x + force[1, lane]
                for i in range(N):
                    c, s = rotate[i, 0], rotate[i, 1]
                    a, b, m, w = growth[i], saturation[i], shift[i], turn[i]
                    for lane in range(LANES):
                        re, im = y[i, 0, lane], y[i, 1, lane]
                        power = re * re + im * im
                        gain = a - b * power
                        angle = w - m * power
                        k_re = gain * re - angle * im + field[0, lane]
                        k_im = gain * im + angle * re + field[1, lane]
                        if stage == 0:
                            base_re, base_im = c * re - s * im, c * im + s * re
                            x, z = c * k_re - s * k_im, c * k_im + s * k_re
                            base[i, 0, lane], base[i, 1, lane] = base_re, base_im
                            total[i, 0, lane] = base_re + x * (1 / 6)
                            total[i, 1, lane] = base_im + z * (1 / 6)
                            y[i, 0, lane] = base_re + x * 0.5
                            y[i, 1, lane] = base_im + z * 0.5
                        elif stage == 1:
                            total[i, 0, lane] += k_re * (1 / 3)
                            total[i, 1, lane] += k_im * (1 / 3)
                            y[i, 0, lane] = base[i, 0, lane] + k_re * 0.5
                            y[i, 1, lane] = base[i, 1, lane] + k_im * 0.5
                        elif stage == 2:
                            x = total[i, 0, lane] + k_re * (1 / 3)
                            z = total[i, 1, lane] + k_im * (1 / 3)
                            total[i, 0, lane] = c * x - s * z
                            total[i, 1, lane] = c * z + s * x
                            x = base[i, 0, lane] + k_re
                            z = base[i, 1, lane] + k_im
                            y[i, 0, lane] = c * x - s * z
                            y[i, 1, lane] = c * z + s * x
                        else:
                            y[i, 0, lane] = total[i, 0, lane] + k_re * (1 / 6)
                            y[i, 1, lane] = total[i, 1, lane] + k_im * (1 / 6)
        for lane in range(min(LANES, len(amplitudes) - row)):
            for i in range(N):
                amplitudes[row + lane, i, 0] = y[i, 0, lane]
                amplitudes[row + lane, i, 1] = y[i, 1, lane]


def with_jax(n_steps, growth, saturation, shift, turn, rotate, mean):
    """Compiled function of amplitudes (n_pairs, n) and tones (n_pairs, n_tones, 2)."""

    def one(c, tones):
        def slope(c, tone):
            power = c.real**2 + c.imag**2
            own = jax.lax.complex(growth - saturation * power, turn - shift * power)
            return own * c + mean * c.sum() + tone.sum()

        def step(_, state):
            c, tone = state
            base, first = rotate * c, rotate * slope(c, tone)
            tone = tone * tones[:, 1]
            second = slope(base + first / 2, tone)
            third = slope(base + second / 2, tone)
            tone = tone * tones[:, 1]
            fourth = slope(rotate * (base + third), tone)
            c = rotate * (base + first / 6 + (second + third) / 3) + fourth / 6
            return c, tone

        return jax.lax.fori_loop(0, n_steps, step, (c, tones[:, 0]))[0]

    return jax.jit(jax.vmap(one))


# ------------------------------------------------------------------------------ the cases


def crowd(n_oscillators, frequencies, coupling):
    """Oscillators like those of `OscillatorNetwork`, and their mean field."""
    device = SpinTorqueOscillator.from_preset("romera2018")
    current = np.full(n_oscillators, 2 * device.threshold_current)
    reference = frequencies.mean()
    oscillators = Oscillators(
        growth=device.growth_rate(current) / 2,
        saturation=device.saturation_rate(current) / 2,
        power=device.stationary_power(current),
        turn=2 * np.pi * (frequencies - reference),
        shift=np.full(n_oscillators, 2 * np.pi * device.nonlinear_frequency_shift),
        diffusion=np.zeros(n_oscillators),
    )
    nothing = np.zeros(0, dtype=np.intp)
    links = Links(coupling, np.zeros(n_oscillators + 1, np.intp), nothing, nothing + 0j)
    start = np.sqrt(oscillators.power) * spread_phases(n_oscillators)
    return oscillators, links, start, reference


def per_step(oscillators, links, real=np.float64):
    """Growth, saturation, shift, turn, rotation and mean field as rates per step."""
    mean = links.mean * STEP
    return (
        (oscillators.growth * STEP - mean.real).astype(real),
        (oscillators.saturation * STEP).astype(real),
        (oscillators.shift * STEP).astype(real),
        (oscillators.shift * oscillators.power * STEP - mean.imag).astype(real),
        np.exp(-0.5j * oscillators.turn * STEP),
        mean,
    )


def parts(values):
    return np.stack([values.real, values.imag], axis=-1)


def race(methods, reference, aims):
    """Let methods take turns; print CPU time per unit of work, ratios, and missed aims.

    methods: name -> (units of work, function); aims: (slow, fast, at least).
    """
    seconds = {name: [] for name in methods}
    for _ in range(ROUNDS):
        for name, (units, run) in methods.items():
            start = time.process_time()
            run()
            seconds[name].append((time.process_time() - start) / units)
    print(f"{'work':<44}{'ns':>9}{'x ' + reference:>24}")
    median = {name: float(np.median(values)) for name, values in seconds.items()}
    for name, value in median.items():
        ratio = median[reference] / value
        print(f"{name:<44}{1e9 * value:>9.2f}{ratio:>24.2f}")
    print()
    for slow, fast, aim in aims:
        if slow in seconds:
            ratio = np.median(np.array(seconds[slow]) / np.array(seconds[fast]))
            print_aim(f"{fast} against {slow}", f">= {aim}", ratio, ratio >= aim)
        else:
            print(f"  {slow}: not installed")
    print()
    return median


def print_aim(what, aim, measured, reached):
    verdict = "" if reached else "   MISSED"
    print(f"  {what}: aim {aim}, measured {measured:.2f}{verdict}")


def race_map(n_pairs=10_000, n_steps=1500):
    """Two tones, each anywhere between 325 and 385 MHz."""
    print(f"{N} oscillators, two tones, {n_pairs} pairs, per oscillator-step\n")
    oscillators, links, start, reference = crowd(
        N, np.linspace(333.5e6, 366.5e6, N), 1e6 + 0.5e6j
    )
    tones = np.random.default_rng(0).uniform(325e6, 385e6, (n_pairs, 2))
    tones = 2 * np.pi * (tones - reference)
    force = 1e7
    *rates, rotate, mean = per_step(oscillators, links)
    phasors = np.concatenate(
        [np.full((n_pairs, 2, 1), force * STEP), np.exp(-0.5j * tones * STEP)[..., None]], -1
    )
    packed = parts(phasors).reshape(n_pairs, 2, 4)
    numbers = (*rates, parts(rotate), parts(np.array(mean)))
    starts = np.tile(parts(start), (n_pairs, 1, 1))

    def ours(dtype, n_steps, measured=0):
        run = Run(STEP, n_steps - measured, measured, dtype=dtype)
        return integrate(oscillators, links, start, Tones(tones, force), run).amplitude

    def by_numba(function, n_pairs, n_steps):
        amplitudes = starts[:n_pairs].copy()
        function(n_steps, amplitudes, packed[:n_pairs], *numbers)
        return amplitudes[..., 0] + 1j * amplitudes[..., 1]

    expected = by_numba(split_pairs, n_pairs, 250)
    assert np.abs(by_numba(in_lanes, n_pairs, 250) - expected).max() < 1e-10
    assert np.abs(ours("float64", 250) - expected).max() < 1e-10
    assert np.median(np.abs(ours("float32", 250) - expected)) < 1e-3
    work, few = n_pairs * n_steps * N, n_pairs // 10
    methods = {
        "numba, split": (work // 10, lambda: by_numba(split_pairs, few, n_steps)),
        f"numba, {LANES} lanes": (work // 10, lambda: by_numba(in_lanes, few, n_steps)),
        "float64": (work, lambda: ours("float64", n_steps)),
        "float64, all measured": (work, lambda: ours("float64", n_steps, n_steps)),
        "float32": (work, lambda: ours("float32", n_steps)),
    }
    if jax:
        vmapped = with_jax(250, *rates, rotate, mean)
        together = np.tile(start, (n_pairs, 1)), phasors

        def by_jax():
            return np.asarray(vmapped(*together))

        assert np.abs(by_jax() - expected).max() < 1e-10
        methods["JAX vmap"] = (n_pairs * 250 * N, by_jax)
    race(
        methods,
        "numba, split",
        [
            ("numba, split", "float64", 9),
            (f"numba, {LANES} lanes", "float64", 3),
            ("JAX vmap", "float64", 15),
        ],
    )


def race_many():
    """One network in a mean field, from 10^2 to 10^5 oscillators."""
    print("one network in a mean field, per oscillator-step\n")
    methods = {}
    sizes = 100, 1000, 10_000, 100_000
    for n in sizes:
        frequencies = np.random.default_rng(1).uniform(330e6, 380e6, n)
        case = crowd(n, frequencies, (8e6 + 4e6j) / n)[:3]
        n_steps = 10_000_000 // n
        if n == 10_000:
            methods["numba, complex128"] = rival(*case, n_steps, np.float64)
            methods["numba, complex64"] = rival(*case, n_steps, np.float32)
        expected = rival(*case, 50, np.float64)[1]()
        for dtype, close in (("float64", 1e-10), ("float32", 1e-3)):
            assert np.abs(ours(*case, 50, dtype)[1]() - expected).max() < close
            methods[f"{dtype}, N = {n}"] = ours(*case, n_steps, dtype)
    median = race(
        methods,
        "numba, complex128",
        [
            ("numba, complex128", "float64, N = 10000", 3.2),
            ("numba, complex128", "float32, N = 10000", 6.5),
        ],
    )
    for dtype in ("float64", "float32"):
        costs = [median[f"{dtype}, N = {n}"] for n in sizes]
        print_aim(
            f"{dtype}, N = 10^5 to N = 10^4", "<= 2.5", costs[3] / costs[2],
            costs[3] <= 2.5 * costs[2],
        )  # fmt: skip
    print()


def ours(oscillators, links, start, n_steps, dtype):
    """Units of work, and the kernel's run without tones."""

    def run():
        silent = Tones(np.zeros((1, 0)))
        return integrate(
            oscillators, links, start, silent, Run(STEP, n_steps, 0, dtype=dtype)
        ).amplitude[0]

    return n_steps * len(start), run


def rival(oscillators, links, start, n_steps, real):
    """Units of work, and numba's run without tones."""
    *rates, rotate, mean = per_step(oscillators, links, real)
    number = np.result_type(real, np.complex64).type

    def run():
        c = start.astype(number)
        on_complex(n_steps, c, *rates, rotate.astype(number), number(mean))
        return c

    run()
    return n_steps * len(start), run


# -------------------------------------------------------------- time-multiplexed networks


@numba.njit
def slopes(c_re, c_im, growth, saturation, shift, matrix_re, matrix_im, d_re, d_im):
    """What a part changes; the frame turns with the mean power of its start, `shift[1]`."""
    for i in range(len(c_re)):
        power = c_re[i] * c_re[i] + c_im[i] * c_im[i]
        gain = growth - saturation * power
        turn = shift[0] * (power - shift[1])
        d_re[i] = gain * c_re[i] + turn * c_im[i]
        d_im[i] = gain * c_im[i] - turn * c_re[i]
        for j in range(len(c_re)):
            d_re[i] += matrix_re[i, j] * c_re[j] - matrix_im[i, j] * c_im[j]
            d_im[i] += matrix_re[i, j] * c_im[j] + matrix_im[i, j] * c_re[j]


@numba.njit
def hold_after_hold(current, flow, floor, turn, n_parts, matrix_re, matrix_im, c, amplitude):
    """Amplitudes of one sequence, real and imaginary parts apart: the natural loops."""
    n = c.shape[1]
    begin, stage, total, slope = c.copy(), c.copy(), c.copy(), c.copy()
    shift = np.array([turn, 0.0])
    for step in range(len(current)):
        growth = -(flow[0] * current[step] + flow[1]) / 2
        saturation = (flow[2] * current[step] + flow[3]) / 2
        for _ in range(n_parts):
            shift[1] = 0
            for i in range(n):
                shift[1] += (begin[0, i] ** 2 + begin[1, i] ** 2) / n
            stage[:] = begin
            total[:] = begin
            for weight, ahead in ((1 / 6, 0.5), (1 / 3, 0.5), (1 / 3, 1.0), (1 / 6, 0.0)):
                slopes(
                    stage[0], stage[1], growth, saturation, shift, matrix_re, matrix_im,
                    slope[0], slope[1],
                )  # fmt: skip
                for part in range(2):
                    for i in range(n):
                        total[part, i] += weight * slope[part, i]
                        stage[part, i] = begin[part, i] + ahead * slope[part, i]
            for i in range(n):
                power = total[0, i] ** 2 + total[1, i] ** 2
                factor = math.sqrt(floor / power) if power < floor else 1.0
                begin[0, i] = factor * total[0, i]
                begin[1, i] = factor * total[1, i]
        for i in range(n):
            amplitude[step, i] = math.sqrt(begin[0, i] ** 2 + begin[1, i] ** 2)


def multiplexed_by_numba(reservoir, clips):
    """Function that answers like `reservoir.transform(clips)`."""
    device, drive, ensemble = reservoir.oscillator_, reservoir.drive_, reservoir.ensemble_
    hold = reservoir.node_time_
    n_parts = ensemble.n_parts(
        device, hold, drive.lowest, drive.highest, multiplexing.playing.MAX_CHANGE
    )
    part = hold / n_parts
    flow = simulation.held_flow(device, part)
    names = "exponent_slope", "exponent_offset", "source_slope", "source_offset"
    numbers = np.array([flow[name] for name in names])
    turn = 2 * np.pi * device.nonlinear_frequency_shift * part
    matrix = ensemble.exchange() * part
    matrix_re, matrix_im = matrix.real.copy(), matrix.imag.copy()

    def states(clip):
        current = drive.gain * (((clip - drive.center) * drive.scale) @ drive.mask)
        current = np.clip(current + drive.offset, drive.lowest, drive.highest).ravel()
        amplitude = np.empty((len(current), len(ensemble)))
        start = ensemble.beginning(drive.initial_power)
        hold_after_hold(
            current, numbers, 1 / flow["largest"], turn, n_parts, matrix_re, matrix_im,
            np.array([start.real, start.imag]), amplitude,
        )  # fmt: skip
        nodes = amplitude.reshape(len(clip), -1, len(ensemble))
        return nodes.transpose(0, 2, 1).reshape(len(clip), -1)

    print(f"{n_parts} parts of a hold, per state\n")
    return lambda: [states(clip) for clip in clips]


def race_multiplexed(n_clips=32, n_channels=78, n_nodes=100):
    """Clips of 20 to 60 frames of a cochleagram's size."""
    print(f"{N} coupled oscillators, {n_nodes} nodes; {n_clips} clips of 20 to 60 frames,")
    print(f"{n_channels} channels, ", end="")
    generator = np.random.default_rng(0)
    clips = [
        generator.uniform(0, 1, (length, n_channels))
        for length in generator.integers(20, 60, n_clips)
    ]
    work = sum(map(len, clips)) * n_nodes * N
    reservoirs = [
        TimeMultiplexedReservoir(
            n_oscillators=N, coupling=3e5 + 2e5j, detuning=2e5, n_nodes=n_nodes,
            dtype=dtype, random_state=0,
        ).fit(clips)
        for dtype in ("float64", "float32")
    ]  # fmt: skip
    by_numba = multiplexed_by_numba(reservoirs[0], clips)
    expected = np.concatenate(by_numba())
    methods = {"numba, clip by clip": (work, by_numba)}
    for reservoir, close in zip(reservoirs, (1e-10, 1e-3), strict=True):
        answers = np.concatenate(reservoir.transform(clips))
        assert np.abs(answers - expected).max() < close
        methods[reservoir.dtype] = (work, lambda r=reservoir: r.transform(clips))
    race(methods, "numba, clip by clip", [("numba, clip by clip", "float64", 8)])


# ------------------------------------------------------------------------- the classifier


def time_classifier():
    """Five folds, four oscillators, seven vowels of women."""
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    vowels = datasets.fetch_hillenbrand(
        vowels=VOWELS, kinds=("woman",), columns="formants", complete=True
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    print(f"five folds, {len(vowels.data)} tokens, seven vowels\n")
    for learning, aim in (("online", 6), ("search", 10)):
        classifier = SynchronizationClassifier(learning=learning, random_state=0)
        start, wall = time.process_time(), time.perf_counter()
        score = cross_val_score(classifier, vowels.data, vowels.target, cv=folds).mean()
        seconds = (time.process_time() - start) / 2
        one = time.perf_counter() - wall
        walls = []
        for _ in range(4):
            wall = time.perf_counter()
            cross_val_score(classifier, vowels.data, vowels.target, cv=folds, n_jobs=2)
            walls.append(time.perf_counter() - wall)
        first, wall = walls[0], np.median(walls[1:])
        print(
            f"{learning}: test {score:.3f}; {one:.1f} s on one core ({seconds:.1f} CPU "
            f"seconds / 2), {first:.1f} s on two the first time, when the workers start"
        )
        print_aim("seconds on two cores", f"< {aim}", wall, wall < aim)
    print()


CASES = {
    "map": race_map,
    "many": race_many,
    "multiplexed": race_multiplexed,
    "classifier": time_classifier,
}


def main():
    print(f"instruction set: {_core.instruction_set}\n")
    for name in sys.argv[1:] or CASES:
        CASES[name]()


if __name__ == "__main__":
    main()
