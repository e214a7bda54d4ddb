"""
A device of one's own: can a dye that light bleaches compare a pulse with the one before?
=========================================================================================

The class below says which share of the dye still absorbs at the end of every hold of an
intensity, and the reservoir takes it in the place of an oscillator. The dye follows the
masked pulses (top) with a delay (middle), so it still shows something of the last pulse while
it answers the next. A linear readout of twelve virtual nodes tells nearly every time whether
two pulses in a row are alike (bottom). The control reads the same masked pulses without the
dye, and is right as often as a coin.
"""

# %%
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

from reservoir import ReservoirRegressor, simulate
from reservoir.devices import Device
from reservoir.experiments import control


@dataclass(frozen=True)
class BleachingDye(Device):
    """A saturable absorber: T dn/dt = 1 - n - J n, with n the share that absorbs.

    Light of intensity J, in units of the saturation intensity, lifts molecules into a state
    that does not absorb, and each falls back after the lifetime T. Under a held J the share
    relaxes to 1/(1 + J) with the rate (1 + J)/T, so the step is exact for any hold.
    """

    lifetime: float = 1e-6  # T, in s

    silent_below_threshold = False  # There is an answer to every intensity.
    drive_unit = 1.0  # The drive_range is in saturation intensities.

    @property
    def damping_rate(self):
        """Rate of relaxation in the dark, in 1/s; it sets the default node time."""
        return 1 / self.lifetime

    def respond(self, current, hold_time):
        """Share that absorbs at the end of every hold, for rows of intensities."""
        if (current < 0).any():
            raise ValueError("An intensity is negative; raise the low end of drive_range.")
        rest = 1 / (1 + current)
        decay = np.exp(-hold_time * (1 + current) / self.lifetime)
        answer = np.empty_like(current)
        share = np.ones(len(current))  # Every row begins in the dark.
        for k in range(current.shape[1]):
            share = rest[:, k] + (share - rest[:, k]) * decay[:, k]
            answer[:, k] = share
        return answer


# %%
pulses = np.random.default_rng(0).choice([0.0, 1.0], 1200)
alike = np.r_[1, pulses[1:] == pulses[:-1]]
model = ReservoirRegressor(
    BleachingDye(),
    n_nodes=12,
    node_time=2e-7,
    mask="uniform",
    drive_range=(0.0, 3.0),
    readout_noise=0.01,
    washout=10,
    random_state=0,
)
told = {}
for name, estimator in (("dye", model), ("control", control(model))):
    estimator.fit(pulses[:800, None], alike[:800])
    told[name] = estimator.predict(pulses[800:, None])[10:]
    right = (told[name] > 0.5) == alike[810:]
    print(f"{name}: {100 * right.mean():.1f} % of the pairs told right")

# %%
n_shown = 10
drive = model.drive_.currents(pulses[800:, None]).ravel()
share = simulate(model.oscillator_, drive, model.node_time_)
shown = slice(10 * model.n_nodes, (10 + n_shown) * model.n_nodes)
edges = np.arange(shown.stop - shown.start + 1) / model.n_nodes
centres = np.arange(n_shown) + 0.5
figure, axes = plt.subplots(3, 1, figsize=(8, 5), layout="constrained", sharex=True)
axes[0].stairs(drive[shown], edges, fill=True, color="#56B4E9")
axes[1].plot(edges[1:], share[shown], color="#D55E00")
axes[2].plot(centres, alike[810 : 810 + n_shown], "ks", mfc="none", ms=10, label="true")
for (name, answer), color, mark in zip(
    told.items(), ("#D55E00", "#0072B2"), "ox", strict=True
):
    axes[2].plot(centres, answer[:n_shown], mark, color=color, label=name)
axes[0].set(ylabel="intensity\n(saturations)")
axes[1].set(ylabel="share that\nabsorbs")
axes[2].set(xlabel="pulse", ylabel="like the pulse\nbefore? (1: yes)")
axes[2].legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
