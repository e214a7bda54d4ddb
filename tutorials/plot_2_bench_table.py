"""
2. From my bench table to a reservoir
=====================================

A laboratory has measured amplitude and frequency of an oscillator at some currents, and how
it comes to rest after a step of the current. The fit makes a device of the table, with an
error for each number, and the device takes the place of the preset in any estimator.
"""

# %%
# The table
# ---------
# Here the table is made from a known oscillator with errors of 1 %, so that the truth is
# known. A file of your own is read by `reservoir.bench.read_bench_table`, whatever its
# columns, units, decimal signs and separators are.
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from reservoir import ReservoirClassifier, SpinTorqueOscillator, datasets, simulate
from reservoir.audio import Cochleagram
from reservoir.bench import (
    device_sheet,
    fit_bench_table,
    read_bench_table,
    read_transient,
)
from reservoir.plotting import figure_style

truth = SpinTorqueOscillator.from_preset("torrejon2017")
random = np.random.default_rng(0)
current = np.linspace(2e-3, 8e-3, 25)
volts = 10 * truth.stationary_amplitude(current) * random.normal(1, 0.01, 25)
megahertz = truth.stationary_frequency(current) / 1e6 + random.normal(0, 0.02, 25)
held = np.repeat([4e-3, 7e-3], [30, 170])
step = 10 * simulate(truth, held, 20e-9, initial_power=truth.stationary_power(4e-3))
step += random.normal(0, 0.05, 200)

folder = Path(tempfile.mkdtemp())
megahertz[current < truth.threshold_current] = np.nan  # silent there
rows = [
    f"{1e3 * i:.3f};{a:.4f};{f:.4f}"
    for i, a, f in zip(current, volts, megahertz, strict=True)
]
(folder / "bench.csv").write_text("\n".join(["I (mA);A (mV);f (MHz)", *rows]))
rows = [f"{20 * k},{volt:.4f}" for k, volt in enumerate(step, 1)]
(folder / "step.csv").write_text("\n".join(["time_ns,voltage_mV", *rows]))
print((folder / "bench.csv").read_text()[:120])

# %%
# The fit
# -------
# A table of amplitudes and frequencies holds no time. So a step of the current is measured,
# too: how fast the amplitude comes to rest tells the rate of damping. Each number then says
# where it comes from. *Fitted* ones have a standard error, *given* ones were known before,
# and what nothing tells is *assumed*.
table = read_bench_table(folder / "bench.csv")
first = fit_bench_table(table)
step = read_transient(folder / "step.csv")
error = first.estimates["threshold_current"].error
rate = step.damping_rate(7e-3, first.oscillator, error)
fit = fit_bench_table(table, given={"damping_rate": rate.value})
device = fit.oscillator
print(f"damping rate {rate.value:.3g} 1/s, in truth {truth.damping_rate:.3g} 1/s")
for line in device_sheet(device, bias=7e-3, fit=fit):
    print("  ".join(f"{cell:26}" for cell in line.cells()).rstrip())

# %%
# Does the curve fit?
# -------------------
fine = np.linspace(2e-3, 8e-3, 300)
scale = fit.estimates["scale"].value
with figure_style():
    figure, (amplitude, frequency) = plt.subplots(
        1, 2, figsize=(7, 2.8), layout="constrained"
    )
    amplitude.plot(1e3 * current, volts, "o", color="#D55E00", label="measured")
    amplitude.plot(1e3 * fine, 1e3 * scale * device.stationary_amplitude(fine), label="fit")
    amplitude.set(xlabel="current (mA)", ylabel="amplitude (mV)", title="(a)")
    amplitude.legend()
    frequency.plot(1e3 * current, megahertz, "o", color="#D55E00")
    fine = fine[fine > device.threshold_current]
    frequency.plot(1e3 * fine, device.stationary_frequency(fine) / 1e6)
    frequency.set(xlabel="current (mA)", ylabel="frequency (MHz)", title="(b)")

# %%
# Compute with it
# ---------------
# The device goes where the name of a preset would. Currents count in *its* threshold, and
# times in *its* relaxation, so the defaults suit it.
digits = datasets.load_spoken_digits()
frames = Cochleagram(digits.sample_rate).fit_transform(digits.data)
new = digits.speakers == "ewan"
for name, oscillator in (("my device", device), ("the true one", truth)):
    model = ReservoirClassifier(oscillator, n_nodes=100, random_state=0)
    model.fit(frames[~new], digits.target[~new])
    print(
        f"{name}: {100 * model.score(frames[new], digits.target[new]):.0f} % of a new voice"
    )
plt.show()

# %%
# The page `From my bench table to a reservoir <../bench.html>`_ has more: linewidths,
# locking, what is refused, and whether the errors are right.
