"""
An oscillator dies: what is lost, and what brings it back?
==========================================================

Four oscillators recognise vowels by the pattern in which they lock. If one of them dies, all
patterns in which it locked are lost. Tuning the other three does not help, because they are
asked for patterns that need four. If sources and patterns are learned anew for the three that
live, they are almost as good as the four were.
"""

# %%
from copy import deepcopy

import matplotlib.pyplot as plt
import numpy as np

from reservoir import OscillatorNetwork, SynchronizationClassifier, datasets
from reservoir.faults import DeadOscillators, with_faults
from reservoir.plotting import figure_style

names = ("ae", "ah", "aw", "er", "ih", "iy", "uw")
train = datasets.make_vowels(24, names, random_state=0, kinds=("woman",))
test = datasets.make_vowels(40, names, random_state=1, kinds=("woman",))
settings = {"learning": "online", "n_presentations": 30, "random_state": 0}
classifier = SynchronizationClassifier(OscillatorNetwork(), warm_start=True, **settings)
classifier.fit(train.data, train.target)
scores = {"all four live": 4 * [classifier.score(test.data, test.target)]}
for label in ("one is dead", "others tuned again", "learned anew with three"):
    scores[label] = []

# %%
frequencies = classifier.network.natural_frequencies()
copies = [with_faults(classifier, DeadOscillators(share=0.25), seed) for seed in range(20)]
dead = [int(np.flatnonzero(copy.network_.dead_)[0]) for copy in copies]
for number in range(4):
    wrong = copies[dead.index(number)]
    tuned = deepcopy(wrong).fit(train.data, train.target)
    living = OscillatorNetwork(n_oscillators=3, frequencies=np.delete(frequencies, number))
    anew = SynchronizationClassifier(living, **settings).fit(train.data, train.target)
    for label, model in zip(list(scores)[1:], (wrong, tuned, anew), strict=True):
        scores[label].append(model.score(test.data, test.target))

# %%
with figure_style():
    figure, ax = plt.subplots(figsize=(5.2, 2.6), layout="constrained")
    for shift, (label, values) in enumerate(scores.items()):
        print(f"{label}: {np.round(100 * np.array(values), 1).tolist()} % of new tokens")
        places = np.arange(4) + 0.2 * (shift - 1.5)
        ax.bar(places, 100 * np.array(values), 0.18, label=label)
    ax.axhline(100 / 7, color="black", ls=":", lw=1, label="guessing")
    ax.set_xticks(range(4), ["1", "2", "3", "4"])
    ax.set(xlabel="oscillator that dies", ylabel="new tokens right (%)", ylim=(0, 100))
    figure.legend(loc="outside right center")
    plt.show()
