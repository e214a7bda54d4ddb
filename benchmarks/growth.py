"""How do time and memory grow with the work? One figure, and the exponents.

    python benchmarks/growth.py [FIGURE.png] [--quick]

Each panel changes one size and keeps the others: virtual nodes, channels, frames of one
series, clips, coupled oscillators, layers. Every point runs in a process of its own, on one
thread, and gives its processor time (the least of three runs) and what it adds to the memory
in use. An exponent is the slope of a straight line through the logarithms; it is fitted to
the upper half of the sizes, where the fixed cost of a call is small. `docs/speed.md` explains
the knees.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import multiprocessing
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from reservoir import (
    OscillatorNetwork,
    ReservoirClassifier,
    ReservoirRegressor,
    TimeMultiplexedReservoir,
)
from reservoir.layers import SpintronicClassifier


def clips(n_clips, n_frames, n_channels):
    generator = np.random.default_rng(0)
    return list(generator.random((n_clips, n_frames, n_channels)))


def nodes(size):
    X = clips(256, 40, 20)
    model = TimeMultiplexedReservoir(n_nodes=size, pooling="mean", random_state=0).fit(X)
    return lambda: model.transform(X)


def channels(size):
    X = clips(256, 40, size)
    model = TimeMultiplexedReservoir(n_nodes=400, pooling="mean", random_state=0).fit(X)
    return lambda: model.transform(X)


def frames(size):
    series = np.random.default_rng(0).random((size, 1))
    model = ReservoirRegressor(n_nodes=100, alpha=1e-6, random_state=0)
    return lambda: model.fit([series], [series])


def number_of_clips(size):
    X, y = clips(size, 20, 20), np.arange(size) % 10
    model = ReservoirClassifier(n_nodes=100, alpha=1e-3, context=(), random_state=0)
    return lambda: model.fit(X, y)


def oscillators(size):
    network = OscillatorNetwork(
        n_oscillators=size,
        frequencies=np.linspace(330e6, 380e6, size),
        coupling=8e6 / size if size > 1 else 0.0,
    )
    duration = 100 * network.step
    return lambda: network.simulate(duration=duration, steps_per_record=100)


def layers(size):
    generator = np.random.default_rng(0)
    X, y = generator.random((640, 64)), np.arange(640) % 10
    model = SpintronicClassifier((64,) * size, max_iter=3, random_state=0)
    warnings.simplefilter("ignore", ConvergenceWarning)  # Noise cannot be learned.
    return lambda: model.fit(X, y)


# Name on the axis, sizes, and what makes the work of one size.
PANELS = {
    "virtual nodes": ((50, 100, 200, 400, 800, 1600, 3200, 5000), nodes),
    "channels": ((5, 10, 20, 40, 80, 160, 320, 640, 1280), channels),
    "frames of one series": ((10, 100, 1000, 10_000, 100_000, 1_000_000), frames),
    "clips": ((100, 1000, 10_000, 100_000), number_of_clips),
    "coupled oscillators": ((1, 10, 100, 1000, 10_000, 100_000, 1_000_000), oscillators),
    "layers of 64 neurons": ((1, 2, 4, 8), layers),
}


def status(field):
    """A number of megabytes that Linux knows of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


def point(make, size, pipe):
    run = make(size)
    Path("/proc/self/clear_refs").write_text("5")  # sets the peak back to what is in use
    before = status("VmRSS")
    seconds = []
    for _ in range(3):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    pipe.send((min(seconds), status("VmHWM") - before))


def measured(make, sizes):
    """Seconds and megabytes of every size."""
    context = multiprocessing.get_context("fork")
    found = []
    for size in sizes:
        ours, theirs = context.Pipe()
        process = context.Process(target=point, args=(make, size, theirs))
        process.start()
        theirs.close()
        found.append(ours.recv())
        process.join()
    return np.array(found).T


def exponent(sizes, values):
    """Slope of the logarithms over the upper half of the sizes."""
    upper = len(sizes) // 2
    return np.polyfit(np.log(sizes[upper:]), np.log(np.maximum(values[upper:], 1e-9)), 1)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("figure", nargs="?", metavar="FIGURE.png")
    parser.add_argument("--quick", action="store_true", help="leave out the largest sizes")
    options = parser.parse_args()
    results = {}
    for name, (sizes, make) in PANELS.items():
        sizes = sizes[:-2] if options.quick else sizes
        seconds, megabytes = measured(make, sizes)
        results[name] = sizes, seconds, megabytes
        print(f"{name}: time grows with the power {exponent(sizes, seconds):.2f}")
        print(f"{'size':>10}{'ms':>12}{'us for each':>13}{'MB added':>10}")
        for size, second, megabyte in zip(sizes, seconds, megabytes, strict=True):
            each = 1e6 * second / size
            print(f"{size:>10}{1e3 * second:>12.2f}{each:>13.3f}{megabyte:>10.1f}")
        print(flush=True)
    if options.figure:
        draw(results, options.figure)


def draw(results, path):
    from matplotlib.ticker import NullFormatter, ScalarFormatter

    from reservoir.plotting.colors import BLUE, ORANGE
    from reservoir.plotting.style import PAGE_WIDTH, figure_style, letter_panels, new_figure

    with figure_style():
        figure = new_figure(PAGE_WIDTH, 105)
        panels = figure.subplots(2, 3)
        for place, (panel, (name, (sizes, seconds, megabytes))) in enumerate(
            zip(panels.flat, results.items(), strict=True)
        ):
            panel.loglog(sizes, seconds, "o-", color=BLUE)
            panel.set_ylim(5e-4, 20)
            panel.set_xlabel(name)
            panel.set_title(f"time: power {exponent(sizes, seconds):.2f}", loc="left")
            memory = panel.twinx()
            memory.loglog(sizes, np.maximum(megabytes, 0.1), "s--", color=ORANGE)
            memory.set_ylim(0.5, 20_000)  # as many decades as of time
            if place % 3 == 0:
                panel.set_ylabel("processor time (s)", color=BLUE)
            if place % 3 == 2:
                memory.set_ylabel("memory added (MB)", color=ORANGE)
            if sizes[-1] < 10:
                panel.set_xticks(sizes)
                panel.xaxis.set_major_formatter(ScalarFormatter())
                panel.xaxis.set_minor_formatter(NullFormatter())
        letter_panels(panels.flat)
        figure.savefig(path)


if __name__ == "__main__":
    main()
