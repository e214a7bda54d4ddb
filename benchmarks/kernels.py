"""How fast are the kernels? Ratios to numba, measured in one run on one thread.

    python benchmarks/kernels.py        (needs: pip install ".[bench]")

The work is one driven oscillator whose currents are uniform in 0.6 to 1.6 I_th, with
G = Q = hold time = 1. The reference is the scalar closed form (expm1) compiled by numba.
Agreement is checked before anything is timed. Methods take turns, each after a run of its
own that warms the caches, and medians of 9 rounds are compared. `docs/speed.md` holds what
it gave.
"""

import dataclasses
import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import math
import time

import numba
import numpy as np

from reservoir import SpinTorqueOscillator, _core, simulate
from reservoir.simulation import held_flow

DEVICE = dataclasses.replace(
    SpinTorqueOscillator.from_preset("torrejon2017"),
    threshold_current=1.0,
    damping_rate=1.0,
    nonlinear_damping=1.0,
)
ROUNDS = 9


@numba.njit
def closed_form(current, p, floor, amplitude):
    for i in range(current.size):
        a = 2 * (current[i] - 1)
        b = 2 * (current[i] + 1)
        if a == 0:
            p = p / (1 + b * p)
        else:
            growth = math.expm1(a)
            p = p * (growth + 1) / (1 + (b / a) * p * growth)
        p = max(p, floor)
        amplitude[i] = math.sqrt(p)


@numba.njit
def runge_kutta(current, p, floor, amplitude):
    h = 0.1
    for i in range(current.size):
        a = 2 * (current[i] - 1)
        b = 2 * (current[i] + 1)
        for _ in range(10):
            k1 = p * (a - b * p)
            p2 = p + h / 2 * k1
            k2 = p2 * (a - b * p2)
            p3 = p + h / 2 * k2
            k3 = p3 * (a - b * p3)
            p4 = p + h * k3
            p = p + h / 6 * (k1 + 2 * k2 + 2 * k3 + p4 * (a - b * p4))
        p = max(p, floor)
        amplitude[i] = math.sqrt(p)


def main():
    generator = np.random.default_rng(0)
    long = generator.uniform(0.6, 1.6, 1 << 17)
    many = generator.uniform(0.6, 1.6, (512, 4000))
    lanes = _core.multiplex.layout["lanes"]
    # 512 sequences side by side, in blocks of 32 holds that stay in the cache.
    blocks = generator.uniform(0.6, 1.6, (512 // lanes, 32, lanes))
    blocks_single = blocks.astype(np.float32)
    flow = held_flow(DEVICE, 1.0)
    outs = [np.empty_like(x) for x in (long, long, long, many, blocks, blocks_single)]
    methods = {
        "numba closed form": (long.size, lambda: closed_form(long, 0.2, 1e-12, outs[0])),
        "numba RK4, ten substeps": (
            long.size,
            lambda: runge_kutta(long, 0.2, 1e-12, outs[1]),
        ),
        "simulate, one long sequence": (
            long.size,
            lambda: simulate(DEVICE, long, 1.0, initial_power=0.2, out=outs[2]),
        ),
        "simulate, 512 x 4000, out=": (
            many.size,
            lambda: simulate(DEVICE, many, 1.0, initial_power=0.2, out=outs[3]),
        ),
        "kernel, 512 sequences, float64": (
            blocks.size,
            lambda: _core.multiplex.simulate_lanes(blocks, 5.0, flow, outs[4]),
        ),
        "kernel, 512 sequences, float32": (
            blocks.size,
            lambda: _core.multiplex.simulate_lanes(blocks_single, 5.0, flow, outs[5]),
        ),
    }
    for _, run in methods.values():
        run()
    check = np.empty(32)
    closed_form(np.ascontiguousarray(blocks[0, :, 0]), 0.2, 1e-12, check)
    assert np.abs(outs[2] / outs[0] - 1).max() < 1e-12
    assert np.abs(outs[4][0, :, 0] / check - 1).max() < 1e-12
    assert np.abs(outs[5][0, :, 0] / check - 1).max() < 1e-5

    seconds = {name: [] for name in methods}
    for _ in range(ROUNDS):
        for name, (size, run) in methods.items():
            run()  # brings its data back into the cache
            n_runs = max(1, int(0.05 / (20e-9 * size)))
            start = time.perf_counter()
            for _ in range(n_runs):
                run()
            seconds[name].append((time.perf_counter() - start) / (n_runs * size))
    reference = np.median(seconds["numba closed form"])
    rk4 = np.median(seconds["numba RK4, ten substeps"])
    print(f"instruction set: {_core.instruction_set}\n")
    print(f"{'work':<34}{'ns/hold':>9}{'x closed form':>15}{'x RK4':>9}")
    for name, values in seconds.items():
        median = np.median(values)
        print(
            f"{name:<34}{1e9 * median:>9.2f}{reference / median:>15.1f}{rk4 / median:>9.0f}"
        )


if __name__ == "__main__":
    main()
