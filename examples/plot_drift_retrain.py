"""
The oscillators drift: how much does a trained network lose, and what brings it back?
=====================================================================================

Oscillators are tuned in 30 presentations until they recognise vowels. Then the frequencies
of all drift by the same, as with the temperature of the room, and the network is wrong. With
`warm_start` it goes on learning from where it is: it is presented tokens again, and tunes the
currents until the drift is undone.
"""

# %%
from copy import deepcopy

import matplotlib.pyplot as plt
import numpy as np

from reservoir import SynchronizationClassifier, datasets
from reservoir.faults import FrequencyDrift, with_faults
from reservoir.plotting import figure_style

names = ("ae", "ah", "aw", "er", "ih", "iy", "uw")
train = datasets.make_vowels(24, names, random_state=0, kinds=("woman",))
test = datasets.make_vowels(40, names, random_state=1, kinds=("woman",))
classifier = SynchronizationClassifier(
    learning="online", n_presentations=30, warm_start=True, random_state=0
)
classifier.fit(train.data, train.target)
before = 100 * classifier.score(test.data, test.target)

# %%
drifts = np.array([-5e6, -2.5e6, 2.5e6, 5e6])
drifted, again, curves = [], [], []
for drift in drifts:
    wrong = with_faults(classifier, FrequencyDrift(hz=drift))
    drifted.append(100 * wrong.score(test.data, test.target))
    retrained = deepcopy(wrong).fit(train.data, train.target)
    again.append(100 * retrained.score(test.data, test.target))
    curves.append(100 * retrained.learning_curve_)
    print(
        f"{drift / 1e6:+.1f} MHz: {before:.1f} % of new tokens before, {drifted[-1]:.1f} % "
        f"after the drift, {again[-1]:.1f} % after retraining"
    )

# %%
with figure_style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.6), layout="constrained")
    left.axhline(before, color="#999999", ls="--", label="before the drift")
    left.plot(drifts / 1e6, drifted, "o", color="#D55E00", label="after it")
    left.plot(drifts / 1e6, again, "s", color="#0072B2", label="retrained")
    left.set(xlabel="drift of all oscillators (MHz)", ylabel="new tokens right (%)")
    left.set(ylim=(0, 100), title="(a) A network that drifted")
    left.legend(loc="lower center")
    for drift, curve in zip(drifts, curves, strict=True):
        right.plot(curve, label=f"{drift / 1e6:+.1f} MHz")
    right.set(xlabel="presentations", ylabel="training tokens right (%)")
    right.set(title="(b) It learns again")
    right.legend(ncols=2, loc="lower right")
    plt.show()
