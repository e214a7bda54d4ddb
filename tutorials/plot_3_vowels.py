"""
3. Four oscillators learn vowels
================================

Four oscillators of different frequencies hear two microwave sources, whose frequencies are
two combinations of the formants of a vowel. Each oscillator locks to a source or to none.
The pattern of locking is the answer, and learning is to tune the currents until each vowel
has its pattern. It is the experiment of Romera et al., Nature 563, 230 (2018), with
invented tokens.
"""

# %%
# The vowels
# ----------
# A formant is a resonance of the vocal tract. A token has twelve numbers: pitch and
# formants at some times. Here they are drawn around measured means, of women.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from reservoir import OscillatorNetwork, SynchronizationClassifier, datasets
from reservoir.plotting import LockingMapDisplay, OnlineLearningDisplay, figure_style

names = ("ae", "ah", "aw", "er", "ih", "iy", "uw")
train = datasets.make_vowels(30, names, random_state=0, kinds=("woman",))
test = datasets.make_vowels(50, names, random_state=1, kinds=("woman",))
print(train.data.shape, "tokens and numbers")

# %%
# Learning
# --------
# Oscillators come out of the laboratory with frequencies that are some megahertz off. One
# token of each vowel is presented after another. If an oscillator does not lock as it should,
# its current is moved a little, and its frequency with it. That is all that is learned in the
# device.
wanted = OscillatorNetwork().natural_frequencies()  # in Hz
errors = np.random.default_rng(1).normal(0, 4e6, 4)
made = OscillatorNetwork(frequencies=wanted + errors)
print("errors in MHz:", (errors / 1e6).round(1))
network = SynchronizationClassifier(
    made, learning="online", n_presentations=40, random_state=0
)
network.fit(train.data, train.target)
for name in names:
    print(
        f"{name}: oscillators 1 to 4 follow the sources {network.pattern_[name]} (-1: none)"
    )

with figure_style():
    OnlineLearningDisplay.from_estimator(network)

# %%
# The map
# -------
# Each point of the map is a pair of frequencies of the two sources, and its colour the
# pattern of locking there. The tokens are the marks. Learning has moved the regions to the
# tokens. White and grey regions belong to no vowel.
with figure_style():
    LockingMapDisplay.from_estimator(network, test.data, test.target)

# %%
# How good is that?
# -----------------
# The control is a learner that has the same two numbers as the network, and no oscillators.
plain = LinearDiscriminantAnalysis()
plain.fit(network.input_frequencies(train.data), train.target)
discriminated = plain.score(network.input_frequencies(test.data), test.target)
print(f"four oscillators: {100 * network.score(test.data, test.target):.1f} % of new tokens")
print(f"linear discriminants of the two frequencies: {100 * discriminated:.1f} %")
plt.show()

# %%
# So the oscillators read these two frequencies nearly as well as an ideal reader does, and no
# better. `Vowels <../vowels.html>`_ has the same with tokens of people, and ten oscillators.
