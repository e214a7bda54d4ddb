"""How much memory does a regressor take for one long series?

    python benchmarks/long_series.py --frames 1000000

fits 400 nodes to so many frames, and predicts them, in a process that holds nothing else. It
prints the memory that both add, and what the states of all frames would take at once.
"""

import argparse
import time
from pathlib import Path

from reservoir import ReservoirRegressor, datasets


def reset_peak():
    """Forget the largest memory so far (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def memory(entry):
    """Memory of this process in MB: "VmRSS" now, "VmHWM" at most since `reset_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(entry)]
    return int(line.split()[1]) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--nodes", type=int, default=400)
    parser.add_argument("--alpha", type=float, default=None)
    options = parser.parse_args()
    data = datasets.make_narma10(options.frames, random_state=0)
    u, y = data.data.reshape(-1, 1), data.target.ravel()
    model = ReservoirRegressor(n_nodes=options.nodes, alpha=options.alpha, random_state=0)
    model.fit(u[:3000], y[:3000]).predict(u[:3000])
    for name, work in (
        ("fit", lambda: model.fit(u, y)),
        ("predict", lambda: model.predict(u)),
    ):
        reset_peak()
        before, start = memory("VmRSS"), time.process_time()
        work()
        seconds = time.process_time() - start
        print(f"{name}: adds {memory('VmHWM') - before:.0f} MB, {seconds:.0f} s of processor")
    print(f"all states at once: {8 * options.frames * options.nodes / 2**20:.0f} MB")
    print(f"R2 on the training data: {model.score(u, y):.4f}")


if __name__ == "__main__":
    main()
