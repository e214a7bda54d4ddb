"""How much memory does a fit add to the memory of its data?

    python benchmarks/memory.py clips                       (needs FSDD)
    python benchmarks/memory.py series --frames 1000000

"clips" fits a `ReservoirClassifier` to the frames of all clips of FSDD. "series" fits a
`ReservoirRegressor` to one series, and predicts it; what the states of all frames would take
at once is printed beside. Linux only. Run one alone, in a fresh process each.
"""

import argparse
import time
from pathlib import Path

from reservoir import ReservoirClassifier, ReservoirRegressor, datasets
from reservoir.audio import Cochleagram


def memory(entry):
    """Memory of this process in MB: "VmRSS" now, "VmHWM" at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(entry)]
    return int(line.split()[1]) / 1024


def measure(name, method, *arguments):
    """Print what a call adds at most, and the processor's time."""
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
    before, start = memory("VmRSS"), time.process_time()
    method(*arguments)
    seconds = time.process_time() - start
    print(f"{name} adds {memory('VmHWM') - before:.0f} MB, {seconds:.1f} s of processor")


def clips(options):
    digits = datasets.fetch_fsdd()
    frames = Cochleagram(digits.sample_rate).fit_transform(digits.data)
    model = ReservoirClassifier(n_nodes=options.nodes, random_state=0)
    model.set_params(n_nodes=10).fit(frames[::30], digits.target[::30])  # loads libraries
    model.set_params(n_nodes=options.nodes)
    print(f"{sum(f.nbytes for f in frames) / 2**20:.0f} MB of frames")
    measure("fit", model.fit, frames, digits.target)
    measure("predict", model.predict, frames)


def series(options):
    data = datasets.make_narma10(options.frames, random_state=0)
    u, y = data.data.reshape(-1, 1), data.target.ravel()
    model = ReservoirRegressor(n_nodes=options.nodes, random_state=0)
    model.fit(u[:3000], y[:3000]).predict(u[:3000])  # loads libraries
    print(f"all states at once: {8 * options.frames * options.nodes / 2**20:.0f} MB")
    measure("fit", model.fit, u, y)
    measure("predict", model.predict, u)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("clips", "series"))
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--nodes", type=int, default=400)
    options = parser.parse_args()
    {"clips": clips, "series": series}[options.what](options)


if __name__ == "__main__":
    main()
