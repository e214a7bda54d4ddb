"""Do the intervals of a fitted bench table hold what they should, as often as they should?

Tables of 31 currents from 0.5 to 2.5 thresholds are simulated by the closed forms of
`reservoir.bench.model`, with thermal amplitudes below the threshold, and errors are drawn for
every point. A damping rate that a table does not tell is assumed, and here it is the true
one. For each number of the device the script prints in how many tables the interval of
95 % holds the true value, and the median of the standard error over the value.

    python studies/bench_fit.py                     # every case, 200 tables each: 6 minutes
    python studies/bench_fit.py --case range --tables 50
"""

import argparse

import numpy as np

from reservoir import SpinTorqueOscillator
from reservoir.bench import BenchTable, fit_bench_table
from reservoir.bench.model import OF_DEVICE, predicted

SCALE, NOISE = 0.01, 1e-5  # V per sqrt(p), and the mean power without a current
PARTS = {
    "range": "2 % of each column's range; linewidths 2 % of their value",
    "value": "2 % of each value; frequencies 2 % of their range",
    "sharp": "as range, but frequencies to 0.05 % of their range",
    "times": "as sharp, with relaxation times to 2 %",
}
DEVICES = ("torrejon2017", "romera2018")


def simulated(device, case, seed, n_points=31):
    """A table with errors, and the numbers behind it."""
    random = np.random.default_rng(seed)
    numbers = {name: getattr(device, name) for name in OF_DEVICE}
    numbers |= {"scale": SCALE, "thermal_noise": NOISE}
    current = np.linspace(0.5, 2.5, n_points) * device.threshold_current
    above = current > device.threshold_current
    amplitude = predicted(numbers, "amplitude", current)
    amplitude[~above] = SCALE * np.sqrt(NOISE / (1 - current[~above] / current[above][0]))
    frequency = predicted(numbers, "frequency", current)
    size = amplitude if case == "value" else amplitude.max()
    amplitude = np.abs(amplitude + 0.02 * size * random.normal(size=n_points))
    share = 0.02 if case in ("range", "value") else 5e-4
    frequency = frequency + share * np.ptp(frequency) * random.normal(size=n_points)
    linewidth = np.full(n_points, np.nan)
    linewidth[above] = predicted(numbers, "linewidth", current[above])
    columns = {
        "amplitude": amplitude,
        "frequency": np.where(above, frequency, np.nan),
        "linewidth": linewidth * (1 + 0.02 * random.normal(size=n_points)),
    }
    if case == "times":
        times = predicted(numbers, "relaxation_time", current)
        columns["relaxation_time"] = times * (1 + 0.02 * random.normal(size=n_points))
    return BenchTable(current, **columns), numbers


def coverage(preset, case, n_tables, first_seed=0):
    """For each number, whether its interval held it, and its relative error, by table."""
    device = SpinTorqueOscillator.from_preset(preset)
    held, errors = {}, {}
    for seed in range(first_seed, first_seed + n_tables):
        table, numbers = simulated(device, case, seed)
        for name, found in fit_bench_table(table, like=preset).estimates.items():
            if found.standing == "fitted":
                low, high = found.interval
                held.setdefault(name, []).append(low <= numbers[name] <= high)
                errors.setdefault(name, []).append(found.error / abs(numbers[name]))
    return held, errors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", choices=tuple(PARTS), action="append")
    parser.add_argument("--device", choices=DEVICES, action="append")
    parser.add_argument("--tables", type=int, default=200)
    options = parser.parse_args()
    for preset in options.device or DEVICES:
        for case in options.case or PARTS:
            print(f"{preset}, {PARTS[case]}")
            held, errors = coverage(preset, case, options.tables)
            for name, hits in held.items():
                print(
                    f"  {name:26} {100 * np.mean(hits):5.1f} % of {len(hits):3} intervals, "
                    f"standard error {100 * np.median(errors[name]):.2g} %",
                    flush=True,
                )


if __name__ == "__main__":
    main()
