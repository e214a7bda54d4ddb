"""How fast is thermal noise, and how does its error shrink with the hold?

    python benchmarks/thermal_noise.py [--order | --linewidth]
                                                   (needs: pip install ".[bench]")

Without an option the speed is measured: `observe` against the same stochastic step in numba
(closed-form flow, kicks, mean power, phase), with the same four normal numbers a hold. numba
draws them as users do (np.random, Mersenne twister), or from numpy's new generator (PCG64,
ziggurat). numpy alone makes only the draws. There is one thread, methods take turns, and the
result is a median of nine rounds of processor time.

--order prints the error of the mean power some time after a start at low power. It is
compared with a stochastic Heun run (Stratonovich) from the same law, whose steps are 1/100
of the shortest hold.

--linewidth compares the linewidth from which the noise was calibrated with the linewidth of
the simulated phase. The latter follows from the diffusion of the phase over 10 us, in which
a vortex relaxes 24 times.

`docs/thermal-noise.md` holds what all three gave.
"""

import dataclasses
import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import math
import time

import numba
import numpy as np

from reservoir import SpinTorqueOscillator, _core
from reservoir.devices import noise_from_linewidth
from reservoir.observation import observe
from reservoir.simulation import VARIABLES, held_flow, reading

DEVICE = dataclasses.replace(
    SpinTorqueOscillator.from_preset("torrejon2017"),
    threshold_current=1.0,
    damping_rate=1.0,
    nonlinear_damping=1.0,
    frequency=1.0,
    nonlinear_frequency_shift=0.3,
    current_tuning=0.0,
)
NOISE = 1e-3
ROUNDS = 9


@numba.njit
def twister(_):
    return np.random.standard_normal()  # noqa: NPY002


@numba.njit
def ziggurat(generator):
    return generator.standard_normal()


@numba.njit
def stochastic_step(
    current, p, h, noise, draw, generator, amplitude, power, frequency, phase
):
    """The same numbers from the same formulas, hold after hold."""
    angle = 0.0
    for i in range(current.size):
        a = 2 * (current[i] - 1)
        b = 2 * (current[i] + 1)
        factor = math.exp(-a * h)
        q = factor / p + b * -math.expm1(-a * h) / a
        p1 = 1 / q
        mean = (a * h + math.log(q * p)) / (b * h)
        kappa = p1 * b / a
        rho = 1 - kappa
        growth = factor - 1
        half = 0.5 * growth * (2 + growth)
        even = kappa * kappa * half + 2 * kappa * rho * growth - rho * rho * a * h
        odd = kappa * kappa * (kappa * half + 3 * rho * growth) + rho * rho * (
            -3 * kappa * a * h + rho / factor * growth
        )
        size = math.sqrt(noise * h * (odd + p1 * even) / (-a * h))
        n1 = draw(generator)
        n2 = draw(generator)
        n3 = draw(generator)
        draw(generator)
        re = math.sqrt(p1) + size * n1
        im = size * n2
        rate = abs(a) * h
        decay = math.exp(-rate)
        own = 0.5 * (1 - decay) * (1 + decay) / rate
        shared = ((1 - decay) / rate - own) / rate
        whole = (1 - 2 * (1 - decay) / rate + own) / rate**2
        along = shared / math.sqrt(own)
        across = math.sqrt(max(whole - along * along, 0.0))
        bath = noise * h * (1 + mean)
        turn = math.sqrt(bath / mean) * n2
        mean += 2 * math.sqrt(bath * mean) * (along * n1 + across * n3)
        mean += 2 * bath * (1 - (1 - decay) / rate) / rate
        p = re * re + im * im
        amplitude[i] = math.sqrt(p)
        power[i] = mean
        frequency[i] = 0.3 * mean + turn / (2 * math.pi * h)
        angle += 2 * math.pi * h * frequency[i]
        phase[i] = angle


@numba.njit
def heun(current, p, h, n_steps, noise, n_rows, generator):
    """Mean power of many runs of the Stratonovich equation in both parts of c."""
    total, squares = 0.0, 0.0
    a = 2 * (current - 1)
    b = 2 * (current + 1)
    for _ in range(n_rows):
        x, y = math.sqrt(p), 0.0
        for _ in range(n_steps):
            wx = generator.standard_normal() * math.sqrt(h)
            wy = generator.standard_normal() * math.sqrt(h)
            # Ito's drift less the correction: D'(p) of 2 D = 2 noise (1 + p) for each part.
            r = x * x + y * y
            d = math.sqrt(noise * (1 + r))
            f = 0.5 * (a - b * r) - 0.5 * noise
            x1 = x + f * x * h + d * wx
            y1 = y + f * y * h + d * wy
            r1 = x1 * x1 + y1 * y1
            d1 = math.sqrt(noise * (1 + r1))
            f1 = 0.5 * (a - b * r1) - 0.5 * noise
            x += 0.5 * h * (f * x + f1 * x1) + 0.5 * (d + d1) * wx
            y += 0.5 * h * (f * y + f1 * y1) + 0.5 * (d + d1) * wy
        r = x * x + y * y
        total += r
        squares += r * r
    mean = total / n_rows
    return mean, math.sqrt((squares / n_rows - mean * mean) / n_rows)


def speed():
    generator = np.random.default_rng(0)
    current = generator.uniform(0.6, 1.6, (64, 4000))
    outs = [np.empty_like(current) for _ in VARIABLES]
    rows = [np.empty(current.shape[1]) for _ in VARIABLES]
    flow, read = held_flow(DEVICE, 1.0), reading(DEVICE, 1.0, NOISE, 0.0)
    keys = np.arange(len(current), dtype=np.uint64)
    state = np.full(len(current), 5.0)

    def in_numba(draw):
        for row in current:
            stochastic_step(row, 0.2, 1.0, NOISE, draw, generator, *rows)

    methods = {
        "numba, np.random": lambda: in_numba(twister),
        "numba, numpy's ziggurat": lambda: in_numba(ziggurat),
        "kernel": lambda: _core.thermal.observe(current, state, keys, flow, read, *outs),
        "observe (keys, checks)": lambda: observe(
            DEVICE, current, 1.0, thermal_noise=NOISE, random_state=0, initial_power=0.2
        ),
        "numpy, only the four draws": lambda: generator.standard_normal((*current.shape, 4)),
    }
    seconds = {name: [] for name in methods}
    for run in methods.values():
        run()
    for _ in range(ROUNDS):
        for name, run in methods.items():
            start = time.process_time()
            run()
            seconds[name].append((time.process_time() - start) / current.size)
    reference = np.median(seconds["numba, np.random"])
    print(f"instruction set: {_core.instruction_set}\n")
    print(f"{'work':<30}{'ns/hold':>9}{'x numba':>9}")
    for name, values in seconds.items():
        median = np.median(values)
        print(f"{name:<30}{1e9 * median:>9.1f}{reference / median:>9.1f}")


def order(current=1.5, noise=0.02, start=0.02, duration=2.0, n_rows=400_000):
    step, generator = duration / 1600, np.random.default_rng(1)
    fine, fine_error = heun(current, start, step, 1600, noise, n_rows, generator)
    print(f"Heun, steps of {step:g}: mean power {fine:.6f} +- {fine_error:.6f}")
    for n_holds in (1, 2, 4, 8, 16):
        held = np.full((n_rows, n_holds), current)
        held[:, 0] += 1e-12 * np.arange(n_rows)  # rows of their own noise
        read = observe(
            DEVICE,
            held,
            duration / n_holds,
            thermal_noise=noise,
            initial_power=start,
            random_state=0,
        )
        power = read.amplitude[:, -1] ** 2
        error = power.mean() - fine
        spread = math.hypot(power.std() / math.sqrt(n_rows), fine_error)
        print(f"holds of {duration / n_holds:<6g} error {error:+.6f} +- {spread:.6f}")


def linewidths(current=7e-3, n_rows=2048, n_spans=15, span=10e-6):
    print("linewidth in, hold, N: linewidth out, difference")
    for width in (500.0, 2e3, 1e4):
        for shift in (0.0, 2e6):
            device = dataclasses.replace(
                SpinTorqueOscillator.from_preset("torrejon2017"),
                nonlinear_frequency_shift=shift,
            )
            noise = noise_from_linewidth(device, width, current)
            for hold in (50e-9, 500e-9):
                part = round(span / hold)
                held = np.full((n_rows, (n_spans + 1) * part), current)
                held[:, 0] += 1e-15 * np.arange(n_rows)  # rows of their own noise
                read = observe(
                    device,
                    held,
                    hold,
                    thermal_noise=noise,
                    initial_power=device.stationary_power(current),
                    random_state=0,
                )
                steps = np.diff(read.phase[:, part::part], axis=1)
                found = np.var(steps) / span / (2 * np.pi)
                print(
                    f"{width:6.0f} Hz, {1e9 * hold:3.0f} ns, {shift / 1e6:.0f} MHz: "
                    f"{found:8.1f} Hz, {100 * (found / width - 1):+.1f} %"
                )


if __name__ == "__main__":
    if "--order" in sys.argv:
        order()
    elif "--linewidth" in sys.argv:
        linewidths()
    else:
        speed()
