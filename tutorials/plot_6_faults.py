"""
6. How faults and drift are survived
====================================

Devices fail, their properties drift, and their answers are measured with errors. This
lesson shows how much accuracy each fault costs a trained reservoir, how it can be brought
back, and what each cure needs. Faults are put into a copy of a fitted estimator. Its
readout was trained without them.
"""

# %%
# A trained reservoir
# -------------------
# One oscillator recognises spoken digits, as in the first lesson. It learns from four
# recordings of each word by each voice, and is tested on a fifth.
import matplotlib.pyplot as plt
import numpy as np

from reservoir import ReservoirClassifier, datasets
from reservoir.audio import Cochleagram
from reservoir.faults import (
    ConverterBits,
    DeadNodes,
    ReadNoise,
    ThresholdDrift,
    leave_out_dead_nodes,
    recalibrate_drive,
    refit_readout,
    train_over_faults,
    with_faults,
)
from reservoir.plotting import figure_style

digits = datasets.load_spoken_digits()
frames = Cochleagram(digits.sample_rate).fit_transform(digits.data)
known, new = digits.indices < 4, digits.indices == 4
X, y = frames[known], digits.target[known]
X_new, y_new = frames[new], digits.target[new]
model = ReservoirClassifier(n_nodes=100, random_state=0).fit(X, y)


def right(estimator):
    """Share of the new clips that are right, in %."""
    return 100 * estimator.score(X_new, y_new)


print(f"without faults: {right(model):.1f} %")

# %%
# What each fault costs
# ---------------------
# Four faults are tried:
#
# - *read noise*: each amplitude is read with a random error;
# - *converter*: each amplitude is rounded to one of 32 values;
# - *dead nodes*: two of the 100 nodes are always read as zero;
# - *threshold*: the current at which the oscillator starts is 5 % higher than in training.
#
# The first two do little harm here. The other two cost much, because the readout relies on
# the exact answer of every node.
faults = {
    "read noise, 2 %": ReadNoise(0.02),
    "converter, 5 bits": ConverterBits(5),
    "dead nodes, 2 %": DeadNodes(0.02),
    "threshold, +5 %": ThresholdDrift(0.05),
}
cost = {
    name: right(with_faults(model, fault, random_state=0)) for name, fault in faults.items()
}
for name, score in cost.items():
    print(f"{name}: {score:.1f} %")

# %%
# What brings it back
# -------------------
# - *Leaving out* needs to know which nodes are dead. The readout replaces their answers by
#   their means in training.
# - *Calibrating* needs one measured curve of the amplitude against the current. It tells
#   the new threshold, and all currents are multiplied by the factor by which it has moved.
# - *Refitting* needs labelled examples. They are played on the faulty device, and the
#   readout is fitted to its answers.
# - *Training over faults* is done before a fault occurs. The readout is fitted to several
#   faulty copies at once. It is tested below with a threshold that moved by 4 %, which is
#   none of the shifts of its training. The other cures are tested with 5 %.
dead = with_faults(model, faults["dead nodes, 2 %"], random_state=0)
moved = with_faults(model, faults["threshold, +5 %"], random_state=0)
current = np.linspace(0.5, 2.2, 240) * moved.oscillator_.threshold_current
curve = moved.oscillator_.stationary_amplitude(current)
expected = [ThresholdDrift(share) for share in (-0.05, -0.025, 0.0, 0.025, 0.05)]
ready = train_over_faults(model, X, y, expected)
cured = {
    "dead: left out": right(leave_out_dead_nodes(dead)),
    "dead: refitted": right(refit_readout(dead, X[::2], y[::2])),
    "moved: calibrated": right(recalibrate_drive(moved, current, curve)),
    "moved: refitted": right(refit_readout(moved, X[::2], y[::2])),
    "moved: trained for it": right(with_faults(ready, ThresholdDrift(0.04), random_state=0)),
}
for name, score in cured.items():
    print(f"{name}: {score:.1f} %")

# %%
with figure_style():
    figure, (left, right_) = plt.subplots(
        1, 2, sharey=True, figsize=(7, 3.2), layout="constrained"
    )
    for ax, scores, title in (
        (left, cost, "(a) Faults, nothing done"),
        (right_, cured, "(b) Cured"),
    ):
        ax.bar(range(len(scores)), list(scores.values()), color="#0072B2")
        ax.set_xticks(range(len(scores)), list(scores), rotation=30, ha="right")
        ax.axhline(right(model), color="#999999", ls="--")
        ax.set(title=title)
    left.set(ylabel="new clips right (%)", ylim=(0, 100))
plt.show()

# %%
# The dashed line is the model without faults. The report `Faults <../robustness.html>`_ has
# recordings of people, and the same faults in other networks.
