"""
My own oscillator: what does a table of amplitudes and relaxation times predict?
================================================================================

The table would come from a laboratory. Here it is taken from the simulated oscillator, with
2 % of noise, and written to a CSV file. The device that is read from the file then takes the
place of the simulated one.
"""

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from reservoir import SpinTorqueOscillator, simulate
from reservoir.devices import MeasuredOscillator

vortex = SpinTorqueOscillator.from_preset("torrejon2017")
generator = np.random.default_rng(0)
current = vortex.threshold_current * np.linspace(0.45, 2.0, 30)
volts = 0.01 * vortex.stationary_amplitude(current) * generator.normal(1, 0.02, 30)
seconds = vortex.relaxation_time(current) * generator.normal(1, 0.02, 30)

with tempfile.TemporaryDirectory() as folder:
    table = Path(folder) / "oscillator.csv"
    np.savetxt(
        table,
        np.column_stack([current, volts, seconds]),
        delimiter=",",
        header="current,amplitude,relaxation_time",
        comments="",
    )
    device = MeasuredOscillator.from_file(table)
print(
    f"threshold {device.threshold_current * 1e3:.2f} mA from the table, "
    f"{vortex.threshold_current * 1e3:.2f} mA in truth"
)

# %%
held = vortex.threshold_current * generator.uniform(0.6, 1.8, 40)
hold = 0.5e-6
predicted = simulate(device, held, hold)
true = 0.01 * simulate(vortex, held, hold, initial_power=vortex.stationary_power(held[0]))
spread = np.sqrt(np.mean((predicted - true)[10:] ** 2)) / true.std()
print(f"error of the predicted amplitudes: {100 * spread:.1f} % of their spread")

figure, (curve, trace) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
curve.plot(current * 1e3, volts * 1e3, "o", color="#D55E00")
curve.set(xlabel="current (mA)", ylabel="measured amplitude (mV)")
time = np.arange(1, 41) * hold * 1e6
trace.plot(time, true * 1e3, color="#0072B2", label="simulated oscillator")
trace.plot(time, predicted * 1e3, "s", markersize=4, color="#D55E00", label="from the table")
trace.set(xlabel="time (us)", ylabel="amplitude (mV)")
trace.legend()
plt.show()
