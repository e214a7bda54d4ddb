"""How much memory and time do large waveforms and recordings take beside their samples?

Run it alone:

    python benchmarks/large_traces.py            (10^8 samples, 10^7 as text; 1 GB of disk)
    python benchmarks/large_traces.py --quick    (a tenth of that)

Each row is a process of its own. It prints the peak of its resident memory less what the
samples themselves take (8 bytes each, and one for each marker where it writes) and less what
Python and the package take before they begin.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from reservoir.laboratory import Recording, Waveform

RATE = 1e9
CASES = {
    "raw, 8 bytes": (".bin", {"marker": "none"}, {"dtype": "<f8"}, 1.0),
    "raw, 14-bit codes with marker": (
        ".bin",
        {"bits": 14, "marker": "bit"},
        {"dtype": "<i2"},
        1.0,
    ),
    "npy": (".npy", {"marker": "none"}, {}, 1.0),
    "csv": (".csv", {}, {}, 0.1),
    "csv with times": (".csv", {"times": True}, {}, 0.1),
}


def peak():
    """Peak of the resident memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write(name, n_samples, path):
    """Make a waveform and write it."""
    voltage = np.empty(n_samples)
    for begin in range(0, n_samples, 1 << 20):
        part = voltage[begin : begin + (1 << 20)]
        part[:] = np.sin(np.arange(begin, begin + len(part)) / 9)
    marker = np.full(n_samples, 0, dtype=np.uint8)
    marker[1] = 1
    waveform = Waveform(
        voltage=voltage,
        marker=marker,
        current=np.full(2, 6e-3),
        lengths=np.array([1, 1]),
        starts=np.array([1, n_samples // 2]),
        bursts=np.array([0, 2, n_samples - 1]),
        burst_holds=3,
        gap=1,
        samples_per_node=1,
        sample_rate=RATE,
        volts_per_ampere=50.0,
        bias_current=4e-3,
        drive_unit=3.5e-3,
    )
    return waveform.write(path, **CASES[name][1])


def child(task, name, n_samples, path):
    """Write or read one file, and print the peak of memory in MB, and the time in s."""
    before, begin = peak(), time.perf_counter()
    if task == "write":
        write(name, n_samples, path)
    else:
        rate = RATE if path.suffix != ".csv" else None
        recording = Recording.from_file(path, rate, **CASES[name][2])
        assert len(recording.voltage) == n_samples
    held = n_samples * (9 if task == "write" else 8) / 2**20
    print(f"{peak() - before - held:.0f} {time.perf_counter() - begin:.1f}")


def main():
    """Write and read each format, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    most = 10**7 if options.quick else 10**8
    print(f"{'format':32}{'samples':>12}{'task':>8}{'MB beside':>12}{'s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for name, (suffix, _, _, share) in CASES.items():
            n_samples, path = int(most * share), Path(folder) / f"play{suffix}"
            for task in ("write", "read"):
                command = [sys.executable, __file__, task, name, str(n_samples), str(path)]
                found = subprocess.run(command, capture_output=True, text=True, check=True)
                extra, seconds = found.stdout.split()
                print(f"{name:32}{n_samples:12}{task:>8}{extra:>12}{seconds:>8}", flush=True)
            path.unlink()


if __name__ == "__main__":
    if len(sys.argv) == 5:
        child(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
