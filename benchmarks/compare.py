"""Has a change cost speed? Two installations take turns at the same work.

    python benchmarks/compare.py OLD_PYTHON NEW_PYTHON [--pairs 15] [--only WORD]

OLD_PYTHON and NEW_PYTHON are interpreters of two environments in which the package is
installed. The work is what `benchmarks/kernels.py`, `benchmarks/networks.py` and
`benchmarks/speech.py` time. For every work the two alternate, `--pairs` times, and each pair
gives one ratio new / old of processor times, so a slow moment of the machine hits both. The
table shows the median ratio and the interval that holds the true median with at least 95 %
confidence (order statistics of the ratios). A work passes if its median is at most 1.03 or
its interval includes 1.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

MAX_RATIO = 1.03
MIN_SECONDS = 0.15  # of processor time in one measurement


def works():
    """Name -> function that does the work once; made in the worker's own process."""
    import numpy as np

    import reservoir
    from reservoir import (
        OscillatorNetwork,
        ReservoirClassifier,
        SpinTorqueOscillator,
        SynchronizationClassifier,
        TimeMultiplexedReservoir,
        _core,
        datasets,
        simulate,
    )
    from reservoir.audio import Cochleagram
    from reservoir.simulation import held_flow

    make = getattr(SpinTorqueOscillator, "from_preset", None) or SpinTorqueOscillator.preset
    device = make("torrejon2017")
    generator = np.random.default_rng(0)
    threshold = device.threshold_current
    long = threshold * generator.uniform(0.6, 1.6, 1 << 17)
    many = threshold * generator.uniform(0.6, 1.6, (512, 4000))
    lanes = _core.multiplex.layout["lanes"]
    blocks = threshold * generator.uniform(0.6, 1.6, (512 // lanes, 32, lanes))
    single = blocks.astype(np.float32)
    hold = 1 / device.damping_rate
    flow = held_flow(device, hold)
    outs = [np.empty_like(x) for x in (long, many, blocks, single)]

    words = datasets.load_spoken_digits()
    frames = Cochleagram(words.sample_rate).fit_transform(words.data)
    clips, labels = list(frames[::2]), words.target[::2]
    halves = [clip.astype(np.float32) for clip in clips]

    def features(data, **options):
        reservoir_ = TimeMultiplexedReservoir(
            n_nodes=400, pooling="segments", random_state=0, **options
        ).fit(data)
        return lambda: reservoir_.transform(data)

    pairs = generator.uniform(330e6, 380e6, (2000, 2))
    four, four_single = OscillatorNetwork(), OscillatorNetwork(dtype="float32")
    crowd = {
        dtype: OscillatorNetwork(
            n_oscillators=10_000,
            frequencies=np.linspace(340e6, 372e6, 10_000),
            coupling=1e2,
            settling_time=0.0,
            measuring_time=4e-7,
            dtype=dtype,
        )
        for dtype in ("float64", "float32")
    }
    vowels = datasets.make_vowels(20, ("ae", "er", "iy", "uw"), random_state=0)
    assert reservoir.__version__
    return {
        "kernel, 512 sequences, float64": lambda: _core.multiplex.simulate_lanes(
            blocks, 5.0, flow, outs[2]
        ),
        "kernel, 512 sequences, float32": lambda: _core.multiplex.simulate_lanes(
            single, 5.0, flow, outs[3]
        ),
        "simulate, one long sequence": lambda: simulate(
            device, long, hold, initial_power=0.2, out=outs[0]
        ),
        "simulate, 512 x 4000, out=": lambda: simulate(
            device, many, hold, initial_power=0.2, out=outs[1]
        ),
        "pooled features, float64": features(clips),
        "pooled features, float32": features(halves, dtype="float32"),
        "pooled features, sparse mask": features(clips, mask="sparse"),
        "pooled features, uniform mask": features(clips, mask="uniform"),
        "pooled features, taps": features(clips, context=(4, 8)),
        "pooled features, feedback": features(clips[::4], feedback_gain=0.3),
        "states, thermal noise": features(clips[::4], thermal_noise=1e-4),
        "four coupled oscillators": features(clips[::20], n_oscillators=4, coupling=1e5),
        "classifier, fit": lambda: ReservoirClassifier(n_nodes=400, random_state=0).fit(
            clips, labels
        ),
        "map, N = 4, two tones, float64": lambda: four.measure(pairs),
        "map, N = 4, two tones, float32": lambda: four_single.measure(pairs),
        "N = 10^4, mean field, float64": lambda: crowd["float64"].measure(),
        "N = 10^4, mean field, float32": lambda: crowd["float32"].measure(),
        "synchronisation classifier, fit": lambda: SynchronizationClassifier(
            learning="search", n_starts=3, random_state=0
        ).fit(vowels.data, vowels.target),
    }


def work_on_demand():
    """Read names from standard input; answer with processor seconds for each run."""
    known = works()
    print(json.dumps(list(known)), flush=True)
    for line in sys.stdin:
        name, repeats = json.loads(line)
        start = time.process_time()
        for _ in range(repeats):
            known[name]()
        print(json.dumps((time.process_time() - start) / repeats), flush=True)


class Worker:
    """One installation, in a process of its own."""

    def __init__(self, python):
        self.process = subprocess.Popen(
            [python, "-P", __file__, "--worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.names = json.loads(self.process.stdout.readline())

    def seconds(self, name, repeats):
        """Processor seconds of one run, the mean of some."""
        self.process.stdin.write(json.dumps([name, repeats]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def interval_of_median(values):
    """Order statistics between which the true median lies with 95 % confidence or more."""
    from math import comb

    values, n = sorted(values), len(values)
    below = 0.0
    for k in range(n // 2):
        below += comb(n, k) / 2**n
        if 2 * below > 0.05:
            break
    else:
        k = n // 2
    rank = max(k - 1, 0)
    return values[rank], values[n - 1 - rank]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", nargs="?")
    parser.add_argument("new", nargs="?")
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--only", default="", help="works whose name contains this")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work_on_demand()
        return 0
    old, new = Worker(options.old), Worker(options.new)
    failed = 0
    print(f"{'work':<36}{'old, ms':>9}{'new / old':>11}   95 % interval")
    for name in (name for name in old.names if options.only in name):
        once = min(old.seconds(name, 1) for _ in range(2))
        repeats = max(1, round(MIN_SECONDS / max(once, 1e-9)))
        new.seconds(name, 1)
        times = []
        for pair in range(options.pairs):
            order = (old, new) if pair % 2 == 0 else (new, old)
            taken = {worker: worker.seconds(name, repeats) for worker in order}
            times.append((taken[old], taken[new]))
        ratios = [b / a for a, b in times]
        low, high = interval_of_median(ratios)
        median = statistics.median(ratios)
        passed = median <= MAX_RATIO or low <= 1 <= high
        failed += not passed
        print(
            f"{name:<36}{1e3 * statistics.median(a for a, _ in times):>9.2f}{median:>11.3f}"
            f"   {low:.3f} to {high:.3f}{'' if passed else '   SLOWER'}",
            flush=True,
        )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
