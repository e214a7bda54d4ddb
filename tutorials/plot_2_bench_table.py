"""
2. From my bench table to a reservoir
=====================================

A laboratory has measured two things. One is a table of the amplitude and the frequency of
an oscillator at some currents. The other is a record of how the amplitude becomes steady
after a step of the current. A fit turns both into a simulated device, with an error for
each number. This device can then be used in any estimator, instead of a preset. A *preset*
is a device that ships with the package.
"""

# %%
# The table
# ---------
# Here the table is computed from a known oscillator, and random errors of 1 % are added to
# the amplitudes. So the true numbers are known, and the fit can be compared with them. The
# lines below write two files as an instrument would. You only need a file of your own.
# `reservoir.bench.read_bench_table` finds its columns, units, decimal signs and separators.
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
# The table does not say how fast the oscillator is. The record of the step does: the faster
# the amplitude becomes steady, the larger is the *damping rate*. It is the rate at which
# the amplitude decays without a current. ``first`` is a fit without it, ``rate`` is the
# damping rate from the step, and ``fit`` is the fit with it.
#
# The sheet that is printed says of each number where it comes from. A *fitted* number has a
# standard error. A *given* number was known before the fit. An *assumed* number is taken
# from a preset, because the measurement does not contain it. A *derived* number follows
# from others.
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
# The figure shows the table (points) and the fitted device (lines).
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
# The first argument of an estimator is its device. The default range of currents is counted
# in the threshold of the device, and the default time per current in its damping rate. So
# the defaults suit any oscillator. The last lines compare the fitted device with the true
# one on spoken digits of a voice that neither model has heard.
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
# The page `From my bench table to a reservoir <../bench.html>`_ says which tables are
# refused, how linewidths and locking are fitted, and whether the standard errors are right.
