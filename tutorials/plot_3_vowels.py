"""
3. Four oscillators learn vowels
================================

An oscillator that receives a microwave near its own frequency takes over the frequency of
the microwave. It is then *locked* to it. Four oscillators of different frequencies can
classify by locking:

- Two numbers are computed from each vowel. They set the frequencies of two microwave
  *sources*, which all oscillators receive.
- Each oscillator locks to the first source, to the second one, or to none. This is the
  *pattern* of the vowel.
- Learning tunes the current of each oscillator, and so its frequency, until each vowel has
  a pattern of its own.

This is the experiment of Romera et al., Nature 563, 230 (2018), with invented data.
"""

# %%
# The vowels
# ----------
# A *token* is one spoken vowel. It is given by twelve numbers: the pitch, and the
# *formants* at some times. A formant is a resonance of the vocal tract, in Hz. Here tokens
# are drawn at random around the means that were measured for women. The seven names stand
# for vowels, such as "iy" for that of "heed".
import matplotlib.pyplot as plt
import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from reservoir import OscillatorNetwork, SynchronizationClassifier, datasets
from reservoir.plotting import LockingMapDisplay, OnlineLearningDisplay, figure_style

names = ("ae", "ah", "aw", "er", "ih", "iy", "uw")
train = datasets.make_vowels(30, names, random_state=0, kinds=("woman",))
test = datasets.make_vowels(50, names, random_state=1, kinds=("woman",))
print(train.data.shape, "(tokens, numbers)")

# %%
# Learning
# --------
# The frequencies of real oscillators are some megahertz away from those that were wanted.
# So the network here begins with such errors. Learning presents tokens one after the other.
# If an oscillator does not lock as it should, its current is changed a little, and its
# frequency changes with it. Nothing else in the devices is learned.
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
        f"{name}: oscillators 1 to 4 lock to the sources {network.pattern_[name]} (-1: none)"
    )

with figure_style():
    OnlineLearningDisplay.from_estimator(network)

# %%
# The map
# -------
# The axes of the map are the frequencies of the two sources. The colour of a point is the
# pattern of locking at these frequencies. The marks are tokens. Learning has moved the
# region of each vowel to its tokens. White and grey regions belong to no vowel.
with figure_style():
    LockingMapDisplay.from_estimator(network, test.data, test.target)

# %%
# How good is that?
# -----------------
# The control is linear discriminant analysis of the same two numbers, without oscillators.
plain = LinearDiscriminantAnalysis()
plain.fit(network.input_frequencies(train.data), train.target)
discriminated = plain.score(network.input_frequencies(test.data), test.target)
print(f"four oscillators: {100 * network.score(test.data, test.target):.1f} % of new tokens")
print(f"linear discriminants of the two frequencies: {100 * discriminated:.1f} %")
plt.show()

# %%
# So the oscillators classify these two frequencies nearly as well as linear discriminants do,
# and no better. The report `Vowels <../vowels.html>`_ has the same experiment with vowels of
# people, and with ten oscillators.
