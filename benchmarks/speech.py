"""How fast is the whole path on recordings? Ratios measured in one run.

    python benchmarks/speech.py        (needs: pip install ".[bench]"; FSDD)

The work is to turn the cochleagrams of all FSDD clips into pooled features (four segments)
of 400 virtual nodes. The peer is ReservoirPy with 400 units, reset and run for each clip. A
unit and a node are different amounts of arithmetic, so compare the times per state. A mask
of ripples over 20 channels stands beside a binary mask of the 78, both with taps. The script
also prints two jobs against one, the memory of a fit when the clips are repeated ten times,
and the time of the import. `docs/speed.md` holds what it gave.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROUNDS = 5


def pooled_features(frames, **options):
    from reservoir import TimeMultiplexedReservoir

    transformer = TimeMultiplexedReservoir(
        n_nodes=400, pooling="segments", random_state=0, **options
    ).fit(frames)
    return lambda: transformer.transform(frames)


def peer_features(frames):
    import reservoirpy
    from reservoirpy.nodes import Reservoir

    from reservoir.multiplexing.pooling import frame_ranges

    if hasattr(reservoirpy, "verbosity"):
        reservoirpy.verbosity(0)
    node = Reservoir(units=400, sr=0.9, lr=0.3, seed=0)
    first, last = frame_ranges([len(clip) for clip in frames], "segments", 4)

    def run():
        pooled = np.empty((len(frames), 1600))
        for i, clip in enumerate(frames):
            node.reset()
            states = node.run(clip)
            pooled[i] = np.concatenate(
                [states[a:b].mean(axis=0) for a, b in zip(first[i], last[i], strict=True)]
            )
        return pooled

    node.run(frames[0])
    return run


def load_frames(n_channels=None):
    from reservoir import datasets
    from reservoir.audio import Cochleagram

    recordings = datasets.fetch_fsdd()
    ear = Cochleagram(recordings.sample_rate, n_channels=n_channels)
    return ear.transform(recordings.data), recordings.target


def speed():
    from reservoir import _core

    frames, _ = load_frames()
    single = [clip.astype(np.float32) for clip in frames]
    methods = {
        "ReservoirPy, 400 units, clip by clip": peer_features(frames),
        "ours, float64, one job": pooled_features(frames),
        "ours, float64, two jobs": pooled_features(frames, n_jobs=2),
        "ours, float32, one job": pooled_features(single, dtype="float32"),
        "ours, float64, uniform mask": pooled_features(frames, mask="uniform"),
        "ours, float64, taps (4, 8)": pooled_features(frames, context=(4, 8)),
        "the same, 20 channels, ripple mask": pooled_features(
            load_frames(20)[0], mask="ripple", context=(4, 8)
        ),
    }
    seconds = {name: [] for name in methods}
    for _ in range(ROUNDS):
        for name, run in methods.items():
            if name.startswith("ours"):
                run()  # brings the clips back into the cache, as its own first half does
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    peer = np.median(seconds["ReservoirPy, 400 units, clip by clip"])
    one = np.median(seconds["ours, float64, one job"])
    n_states = 400 * sum(map(len, frames))
    print(f"instruction set: {_core.instruction_set}; {len(frames)} clips\n")
    print(f"{'work':<40}{'ns/state':>9}{'x ReservoirPy':>15}{'x one job':>11}")
    for name, values in seconds.items():
        median = np.median(values)
        print(
            f"{name:<40}{1e9 * median / n_states:>9.2f}{peer / median:>15.1f}"
            f"{one / median:>11.2f}"
        )


def memory(repeats):
    """Fit in this process and print what it adds to the memory in use, in MB (Linux)."""
    from reservoir import ReservoirClassifier

    def status(field):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(field)).split()[1])

    frames, target = load_frames()
    frames, target = np.tile(frames, repeats), np.tile(target, repeats)
    ReservoirClassifier(n_nodes=10, alpha=1e-3).fit(frames[::30], target[::30])
    Path("/proc/self/clear_refs").write_text("5")  # sets the peak back to what is in use
    before = status("VmRSS")
    ReservoirClassifier(n_nodes=400, random_state=0).fit(frames, target)
    print((status("VmHWM") - before) / 1024)


def imports():
    """Milliseconds that `import reservoir` adds to `import sklearn`."""
    code = (
        "import sklearn, sklearn.base, sklearn.utils.validation, time\n"
        "start = time.perf_counter()\n"
        "import reservoir\n"
        "print(1e3 * (time.perf_counter() - start))"
    )
    command = [sys.executable, "-I", "-c", code]
    added = np.median([float(subprocess.check_output(command)) for _ in range(9)])
    print(f"\nimport reservoir after import sklearn: {added:.0f} ms")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        memory(int(sys.argv[2]))
    else:
        speed()
        for repeats in (1, 10):
            added = subprocess.run(
                [sys.executable, __file__, "--memory", str(repeats)],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            print(f"fit adds {float(added):.0f} MB to the peak, clips x {repeats}")
        imports()
