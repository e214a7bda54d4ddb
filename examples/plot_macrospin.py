"""
When does one magnet start to turn, and how far? Landau-Lifshitz-Gilbert against theory.
========================================================================================

A disc that is magnetised along its normal, with the polarizer along the normal too, has a
closed solution. Below the threshold its magnetization rests. Above, it turns on a circle
whose power grows linearly with the current. The integrated equation is compared with it.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

from reservoir import simulate
from reservoir.devices import MacrospinOscillator

disc = MacrospinOscillator.from_preset("perpendicular")
print(
    f"resonance {disc.frequency / 1e9:.2f} GHz, "
    f"threshold {disc.threshold_current * 1e3:.3f} mA, "
    f"small precessions decay in {1e9 / disc.damping_rate:.2f} ns"
)

overdrive = np.linspace(0.6, 2.0, 15)
hold = 5 / disc.damping_rate
current = disc.threshold_current * np.repeat(overdrive[:, None], 30, axis=1)
power = simulate(disc, current, hold)[:, -1] ** 2
field, saturation = disc.field[2], -disc.anisotropy[2]
theory = np.maximum(overdrive - 1, 0) * (field - saturation) / (2 * saturation)
print(f"largest distance from the closed form: {np.abs(power - theory).max():.4f}")

# %%
figure, (orbit, rise) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
orbit.plot(overdrive, theory, color="#0072B2", label="closed form")
orbit.plot(overdrive, power, "o", color="#D55E00", label="integrated")
orbit.set(xlabel="current (thresholds)", ylabel="power, (1 - m_z)/2")
orbit.legend()

period = 1 / disc.frequency
path = disc.trajectory(
    1.5 * disc.threshold_current, period / 8, [[0.05, 0.0, 1.0]], n_steps=(500, 6)
)[0]
rise.plot(np.arange(500) / 8 * period * 1e9, path[:, 0], color="#009E73", linewidth=0.8)
rise.set(xlabel="time (ns)", ylabel="m_x at 1.5 thresholds")
plt.show()
