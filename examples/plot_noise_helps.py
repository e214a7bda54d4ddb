"""
Noise that helps: can an oscillator below its threshold tell which current it gets?
===================================================================================

Each bit is one of two currents, both below the threshold. Without noise the oscillator is
silent, and a detector with noise of its own sees nothing. Thermal noise makes it oscillate a
little, and the more so the nearer the current is to the threshold. Too much noise drowns the
difference. So there is a best noise, as in stochastic resonance. The mean powers are compared
with the stationary solution of the Fokker-Planck equation, an integral without simulation.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

from reservoir import SpinTorqueOscillator, observe
from reservoir.plotting import figure_style

vortex = SpinTorqueOscillator.from_preset("torrejon2017")
hold = 0.25 / vortex.damping_rate
n_bits, n_holds, detector = 200, 240, 0.01  # the detector's rms noise, in units of the power
levels = np.array([0.5, 0.95])  # thresholds
noises = np.array([0.0, *np.geomspace(1e-4, 0.3, 11)])
right, means = np.empty((len(noises), 10)), np.empty((len(noises), 10, 2))
for seed in range(10):
    generator = np.random.default_rng(seed)
    bits = generator.integers(2, size=n_bits)
    current = np.repeat(levels[bits] * vortex.threshold_current, n_holds)
    for row, noise in enumerate(noises):
        power = observe(vortex, current, hold, thermal_noise=noise, random_state=seed).power
        mean = power.reshape(n_bits, n_holds)[:, n_holds // 2 :].mean(axis=1)
        means[row, seed] = [mean[bits == bit].mean() for bit in (0, 1)]
        read = mean + detector * generator.standard_normal(n_bits)
        known, new = slice(n_bits // 2), slice(n_bits // 2, None)
        border = np.mean([read[known][bits[known] == bit].mean() for bit in (0, 1)])
        right[row, seed] = 100 * ((read[new] > border) == bits[new]).mean()

# %%
# Stationary density, with Q = 1: (1 + p)^(2 level/noise) exp(-(level + 1) p/noise)/(1 + p).
p = 12 * np.linspace(0, 1, 100_001)[1:] ** 3
theory = np.empty((len(noises) - 1, 2))
for row, noise in enumerate(noises[1:]):
    for column, level in enumerate(levels):
        exponent = (2 * level * np.log1p(p) - (level + 1) * p) / noise
        weight = np.exp(exponent - exponent.max()) / (1 + p) * np.gradient(p)
        theory[row, column] = (weight * p).sum() / weight.sum()
apart, expected = np.diff(means.mean(axis=1))[1:, 0], np.diff(theory)[:, 0]
for row in (0, right.mean(axis=1).argmax(), -1):
    share = f"{right[row].mean():.1f} +- {right[row].std():.1f} %"
    print(f"noise {noises[row]:.2g}: {share} of bits right")
print("signal, simulated over theory:", np.round(apart / expected, 3).tolist())

# %%
with figure_style():
    figure, (left, middle) = plt.subplots(1, 2, figsize=(7, 2.6), layout="constrained")
    left.errorbar(noises[1:], right[1:].mean(axis=1), right[1:].std(axis=1), fmt="o-")
    left.axhline(right[0].mean(), color="#999999", ls="--", label="without noise")
    left.set(xscale="log", xlabel="thermal noise (mean power at no current)")
    left.set(ylabel="bits right (%)", title="(a) Bits below the threshold")
    left.legend()
    middle.loglog(noises[1:], expected, color="#D55E00", label="Fokker-Planck")
    middle.loglog(noises[1:], apart, "o", label="simulated")
    middle.set(xlabel="thermal noise (mean power at no current)", ylabel="power apart")
    middle.set(title="(b) Signal: mean powers of the two bits")
    middle.legend()
    plt.show()
