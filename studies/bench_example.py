"""What would a bench write down of a known oscillator? The tables of docs/bench.md.

The oscillator is the preset torrejon2017 with a thermal noise of 1e-3, as at a linewidth of
some 10 kHz. Amplitudes are the rms of an exact simulation with that noise, also below the
threshold. Errors are 1 % of an amplitude and 10 uV, 20 kHz of a frequency, and 5 % of a
linewidth. The step leads from 4 to 7 mA and is averaged until its noise is 0.05 mV.

    python studies/bench_example.py docs        writes docs/bench.csv and docs/bench-step.csv
"""

import argparse
from pathlib import Path

import numpy as np

from reservoir import SpinTorqueOscillator, simulate
from reservoir.devices import linewidth
from reservoir.observation import observe

SCALE, NOISE = 10.0, 1e-3  # mV per sqrt(p), and the mean power without a current


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path())
    folder = parser.parse_args().folder
    random = np.random.default_rng(7)
    vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    current = np.linspace(2e-3, 8e-3, 31)
    held = np.repeat(current[:, None], 4000, axis=1)
    seen = observe(vortex, held, 200e-9, thermal_noise=NOISE, random_state=1)
    amplitude = SCALE * np.sqrt(seen.power[:, 400:].mean(axis=1))
    amplitude += (0.01 * amplitude + 0.01) * random.normal(size=31)
    frequency = vortex.stationary_frequency(current) / 1e6 + 0.02 * random.normal(size=31)
    above = current > 1.05 * vortex.threshold_current
    width = np.full(31, np.nan)
    width[above] = linewidth(vortex, NOISE, current[above]) / 1e3
    width *= 1 + 0.05 * random.normal(size=31)
    lines = ["Sample;V7;;", "Field (mT);440;;", "I (mA);A (mV);f (MHz);linewidth (kHz)"]
    for i in range(31):
        line = f"{1e3 * current[i]:.2f};{amplitude[i]:.3f};"
        line += f"{frequency[i]:.3f};{width[i]:.2f}" if above[i] else ";"
        lines.append(line.replace(".", ","))
    (folder / "bench.csv").write_text("\n".join(lines) + "\n")
    held = np.repeat([4e-3, 7e-3], [30, 170])
    start = float(vortex.stationary_power(4e-3))
    trace = SCALE * simulate(vortex, held, 20e-9, initial_power=start)
    trace += 0.05 * random.normal(size=200)
    rows = (f"{20 * (i + 1)},{value:.3f}" for i, value in enumerate(trace))
    (folder / "bench-step.csv").write_text("\n".join(["time_ns,voltage_mV", *rows]) + "\n")


if __name__ == "__main__":
    main()
