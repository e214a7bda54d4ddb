"""
From a pillar's material and geometry to a reservoir: what does a thicker disc change?
======================================================================================

Thiele's equation turns thickness, radius and field into a threshold, a frequency and a
relaxation time. The duration of a virtual node is chosen by the relaxation time just above
the threshold, so a thicker vortex computes faster, at a higher current.
"""

# %%
import dataclasses

import matplotlib.pyplot as plt
import numpy as np

from reservoir.devices import VortexOscillator

vortex = VortexOscillator.from_preset("grimaldi2014")
discs = [dataclasses.replace(vortex, thickness=t) for t in (4e-9, 6e-9, 9e-9)]

figure, (orbits, times) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
for disc, color, style in zip(discs, ("#0072B2", "#D55E00", "#009E73"), "-s^", strict=True):
    threshold = disc.threshold_current
    current = threshold * np.linspace(1.01, 1.3, 15)
    label = f"{disc.thickness * 1e9:.0f} nm"
    style = style if style == "-" else style + "-"
    orbits.plot(current * 1e3, disc.stationary_amplitude(current), style, color=color)
    times.plot(
        current * 1e3, disc.relaxation_time(current) * 1e9, style, color=color, label=label
    )
    print(
        f"{label}: threshold {threshold * 1e3:.2f} mA, {disc.frequency / 1e6:.0f} MHz, "
        f"relaxation {disc.relaxation_time(1.1 * threshold) * 1e9:.0f} ns at 10 % above"
    )

# %%
# The equation itself, integrated: one orbit of the core, with nothing expanded.
current = 1.2 * vortex.threshold_current
time = np.linspace(0, 3e-6, 3001)
x, y = vortex.orbit(current, time, start=0.1).T
print(
    f"orbit at 20 % above: {np.hypot(x, y)[-1]:.3f} R integrated, "
    f"{vortex.stationary_amplitude(current):.3f} R from the expansion"
)
orbits.set(xlabel="current (mA)", ylabel="radius of the orbit (R)")
times.set(xlabel="current (mA)", ylabel="relaxation time (ns)", yscale="log")
times.legend(title="thickness")
plt.show()
