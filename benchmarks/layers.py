"""How fast are layers of resonators? Ratios to numpy, measured in one run on one thread.

    python benchmarks/layers.py [--chains 64] [--lines 64]

The work is one Lorentzian: what one resonator of one chain makes of one line, or how that
changes with its detuning. A layer of `chains` times `lines` resonators, each of which hears
every line, has chains x lines x lines of them. numpy works on all of them in one broadcast,
in the same precision as the kernel. The half linewidth is 0.01 of the resonance, and the
lines are one half linewidth apart. Agreement is checked before anything is timed. Methods
take turns, each after a run of its own that warms the caches, and medians of 9 rounds are
compared.
"""

import argparse
import math
import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import time
from functools import partial

import numpy as np

from reservoir import _core

DAMPING, COSINE, SINE = 0.01, math.cos(0.4), math.sin(0.4)
ROUNDS = 9


def numpy_weights(offsets, detunings, strengths):
    u = offsets * (1 + DAMPING * detunings[:, :, None]) + detunings[:, :, None]
    w = (2 * COSINE * u + SINE) / (1 + u * u)
    return np.einsum("jk,jki->ji", strengths, w)


def numpy_slopes(offsets, detunings, strengths, wanted):
    u = offsets * (1 + DAMPING * detunings[:, :, None]) + detunings[:, :, None]
    square = u * u
    slope = (2 * COSINE * (1 - square) - 2 * SINE * u) / (1 + square) ** 2
    return strengths * np.einsum("jki,ji->jk", slope * (1 + DAMPING * offsets), wanted)


def methods_of(n_chains, n_lines, dtype):
    """What is timed: functions without arguments that return weights, or slopes."""
    generator = np.random.default_rng(0)
    lines = 1.01 ** np.arange(n_lines)
    offsets = ((lines[None, :] - lines[:, None]) / (DAMPING * lines[:, None])).astype(dtype)
    detunings = generator.uniform(-1, 1, (n_chains, n_lines)).astype(dtype)
    strengths = np.tile((-1.0) ** np.arange(n_lines), (n_chains, 1)).astype(dtype)
    wanted = generator.normal(size=(n_chains, n_lines)).astype(dtype)
    layer = (offsets, detunings, strengths)
    across = np.ascontiguousarray(offsets.T)

    def kernel_weights(kernel):
        weights = np.empty_like(wanted)
        kernel.chain_weights(*layer, DAMPING, COSINE, SINE, weights)
        return weights

    def kernel_slopes(kernel):
        slopes = np.empty_like(wanted)
        kernel.chain_slopes(across, *layer[1:], DAMPING, COSINE, SINE, wanted, slopes)
        return slopes

    methods = {
        ("weights", "numpy"): lambda: numpy_weights(*layer),
        ("slopes", "numpy"): lambda: numpy_slopes(*layer, wanted),
    }
    for name in _core.available_instruction_sets():
        kernel = _core.load_kernel("lorentzian", name)
        methods["weights", name] = partial(kernel_weights, kernel)
        methods["slopes", name] = partial(kernel_slopes, kernel)
    return methods


def nanoseconds(run, n_lorentzians):
    """Time of one Lorentzian, in as many runs as the kernel makes in some milliseconds."""
    run()  # brings its data back into the cache
    n_runs = max(1, int(5e-3 / (0.3e-9 * n_lorentzians)))
    start = time.perf_counter()
    for _ in range(n_runs):
        run()
    return 1e9 * (time.perf_counter() - start) / (n_runs * n_lorentzians)


def compare(n_chains, n_lines, dtype):
    methods = methods_of(n_chains, n_lines, dtype)
    for (part, _), run in methods.items():
        expected = methods[part, "numpy"]()
        bound = 100 * np.finfo(dtype).eps * abs(expected).max()
        assert abs(run() - expected).max() <= bound
    times = {key: [] for key in methods}
    for _ in range(ROUNDS):
        for key, run in methods.items():
            times[key].append(nanoseconds(run, n_chains * n_lines**2))
    print(f"\n{n_chains} chains x {n_lines} resonators x {n_lines} lines, {dtype}\n")
    print(f"{'work':<10}{'by':<10}{'ns/Lorentzian':>15}{'numpy/this':>12}")
    for part, by in sorted(times, key=lambda key: key[0] != "weights"):
        median = np.median(times[part, by])
        ratio = np.median(times[part, "numpy"]) / median
        print(f"{part:<10}{by:<10}{median:>15.3f}{ratio:>12.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chains", type=int, default=64)
    parser.add_argument("--lines", type=int, default=64)
    arguments = parser.parse_args()
    for dtype in ("float64", "float32"):
        compare(arguments.chains, arguments.lines, dtype)


if __name__ == "__main__":
    main()
