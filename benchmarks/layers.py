"""How fast are layers of resonators? Ratios, measured in one run on one thread.

    python benchmarks/layers.py [--chains 64] [--lines 64] [--rounds 5]

Kernels: the work is one Lorentzian, what one resonator of one chain makes of one line, or how
that changes with its detuning. A layer of `chains` times `lines` resonators, each of which
hears every line, has chains x lines x lines of them. numpy works on all of them in one
broadcast, in the same precision as the kernel. The half linewidth is 0.01 of the resonance,
and the lines are one half linewidth apart. Agreement is checked before anything is timed.

Fits: 40 passes over 1617 handwritten digits in batches of 64, by a `SpintronicClassifier` and
by the MLPClassifier of scikit-learn with as many hidden units. The lines of the neurons stand
still, move by 5 half linewidths (interpolated), or by 47 (followed).

Steps: forward and gradient of a batch of 64 in single precision, for square layers of 10^4 to
10^6 synapses on buses of 64 lines, and the whole step with noise and Adam.

Methods take turns, each after a run of its own that warms the caches. Kernels are compared by
the medians of their rounds. Fits and steps are compared by the least time of the processor,
which other programs on the machine disturb less.
"""

import argparse
import math
import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import time
import warnings
from dataclasses import replace
from functools import partial

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from reservoir import SpinTorqueOscillator, _core
from reservoir.layers import SpintronicClassifier
from reservoir.layers.design import make_design
from reservoir.layers.training import Settings, Trainer, squared_error

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


def least_times(methods, rounds):
    """Least time of the processor of each method, in s; they take turns."""
    times = {name: [] for name in methods}
    for _ in range(rounds):
        for name, run in methods.items():
            start = time.process_time()
            run()
            times[name].append(time.process_time() - start)
    return {name: min(found) for name, found in times.items()}


def compare_fits(rounds):
    digits, labels = load_digits(return_X_y=True)
    X, y = digits[:1617] / 16, labels[:1617]
    narrow = replace(
        SpinTorqueOscillator.from_preset("romera2018"),
        nonlinear_frequency_shift=16e6,
        current_tuning=0.0,
    )

    def ours(hidden, **parameters):
        return lambda: SpintronicClassifier(hidden, random_state=0, **parameters).fit(X, y)

    def theirs(dtype):
        network = MLPClassifier(
            (128,), batch_size=64, max_iter=40, n_iter_no_change=40, random_state=0
        )
        return lambda: network.fit(X.astype(dtype), y)

    warnings.simplefilter("ignore", ConvergenceWarning)  # 40 passes are what is timed

    methods = {
        "MLPClassifier, 128, float64": theirs("float64"),
        "MLPClassifier, 128, float32": theirs("float32"),
        "still lines, 128": ours((128,), power_noise=0.3),
        "still lines, 64": ours((64,), synapse="vortex"),
        "interpolated lines, 64": ours((64,), synapse="vortex", neuron=narrow),
        "followed lines, 64": ours((64,), synapse="vortex", neuron="romera2018"),
    }
    times = least_times(methods, rounds)
    print(f"\n{'fit':<30}{'s':>8}{'this/MLP':>10}{'this/still 64':>15}")
    for name, found in times.items():
        to_mlp = found / times["MLPClassifier, 128, float64"]
        to_still = found / times["still lines, 64"]
        print(f"{name:<30}{found:>8.3f}{to_mlp:>10.2f}{to_still:>15.2f}")


def steps_of(n_lines):
    """Gradient, and whole step, of a square layer."""
    generator = np.random.default_rng(0)
    estimator = SpintronicClassifier((), dtype="float32")
    design = make_design(estimator, n_lines)
    layers = [design.draw(n_lines, n_lines, estimator, generator)]
    stack = design.stack(layers, "float32", 1)
    settings = Settings(
        rate=0.03, batch_size=64, power_noise=0.2, setting_noise=0.0, limit=1.0
    )
    trainer = Trainer(stack, settings, squared_error, layers)
    X = generator.uniform(size=(64, n_lines)).astype("float32")
    target = generator.normal(size=(64, n_lines)).astype("float32")

    def gradient():
        weights = stack.weights(trainer.layers)
        passed = stack.forward(trainer.layers, weights, X)
        _, slope = squared_error(passed.outputs, target)
        stack.backward(trainer.layers, weights, passed, slope)

    return gradient, lambda: trainer.step(X, target, generator, 1e-3)


def compare_steps(rounds):
    print(f"\n{'synapses':<12}{'gradient, ms':>14}{'step, ms':>12}{'ns/synapse':>12}")
    with threadpool_limits(1):
        for n_lines in (100, 320, 1024):
            gradient, step = steps_of(n_lines)
            times = least_times({"gradient": gradient, "step": step}, 3 * rounds)
            per_synapse = 1e9 * times["gradient"] / n_lines**2
            print(
                f"{n_lines**2:<12}{1e3 * times['gradient']:>14.2f}"
                f"{1e3 * times['step']:>12.2f}{per_synapse:>12.1f}"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chains", type=int, default=64)
    parser.add_argument("--lines", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print(f"Fits and steps use the build {_core.instruction_set}.")
    for dtype in ("float64", "float32"):
        compare(arguments.chains, arguments.lines, dtype)
    compare_fits(arguments.rounds)
    compare_steps(arguments.rounds)


if __name__ == "__main__":
    main()
