"""
The drive is a source's frequency: how do amplitude, phase and frequency answer to it?
======================================================================================

An oscillator that is locked to a microwave source answers with its amplitude, its phase and
its frequency, and each of the three can be read (Markovic et al. 2019). Here each of them
tells sines from squares, point by point.
"""

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np

from reservoir import ReservoirRegressor, datasets, simulate
from reservoir.devices import PhaseLockedOscillator

device = PhaseLockedOscillator.from_preset("markovic2019")
reads = ("amplitude", "phase", "frequency")
train, test = (datasets.make_sine_square(200, 0.0, random_state=seed) for seed in (0, 1))
for read in reads:
    model = ReservoirRegressor(
        replace(device, read=read),
        n_nodes=24,
        node_time=400e-9,
        drive_range=(-0.6, 0.6),
        random_state=0,
    )
    model.fit(train.data, train.target)
    right = (model.predict(test.data) > 0.5) == test.target
    print(f"{read}: {100 * right.mean():.2f} % of points right")

# %%
detuning = np.linspace(-2.5, 2.5, 201)
sources = np.repeat(detuning[:, None], 40, axis=1) * device.locking_half_width
figure, axes = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained", sharex=True)
units = {"amplitude": 1.0, "phase": np.pi, "frequency": device.locking_half_width}
labels = {
    "amplitude": "amplitude",
    "phase": "phase ahead of the source (half turns)",
    "frequency": "frequency, less that without source\n(half-widths of locking)",
}
for ax, read in zip(axes, reads, strict=True):
    answer = simulate(replace(device, read=read), sources, 1e-6)[:, 20:] / units[read]
    ax.axvspan(-1, 1, color="#56B4E9", alpha=0.25, lw=0)
    ax.plot(detuning, answer, ".", color="#666666", ms=1)
    ax.plot(detuning, answer.mean(axis=1), color="#D55E00")
    ax.set(xlabel="source less oscillator (half-widths)", ylabel=labels[read])
plt.show()
