"""
4. A layered network learns by backpropagation
==============================================

This network has two kinds of devices. A *spin diode* receives microwaves near its resonance
frequency, and turns their power into a voltage. It is a synapse: its weight depends on its
resonance frequency. An *oscillator* turns a voltage into a microwave power. It is a neuron.
The equations of both can be differentiated. So the network learns by backpropagation, as a
multilayer perceptron does.
"""

# %%
# The network
# -----------
# The input is a picture of 8 x 8 points, one of scikit-learn's handwritten digits. Each
# point sets the power of one microwave frequency, which is called a *line*. There are 32
# neurons in one hidden layer, and ten outputs. The diodes of a neuron or an output form a
# *chain*: their voltages add up, as a weighted sum does.
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from reservoir.faults import ResonanceOffset, with_faults
from reservoir.layers import SpintronicClassifier, control
from reservoir.plotting import figure_style

X, y = load_digits(return_X_y=True)
X, X_new, y, y_new = train_test_split(X, y, stratify=y, random_state=0)
network = SpintronicClassifier((32,), max_iter=20, random_state=0).fit(X, y)
print(network.describe().splitlines()[0])

# %%
# The control
# -----------
# `control` makes the same network in software. There each weight is a number that is set
# directly. In the devices a diode also receives a little of the lines that are not its own,
# and in the software it does not. If both scores are equal, the physics costs no accuracy.
software = control(network).fit(X, y)
print(f"diodes and oscillators: {100 * network.score(X_new, y_new):.1f} % of new pictures")
print(f"the same in software:   {100 * software.score(X_new, y_new):.1f} %")

# %%
# What was learned
# ----------------
# The resonance frequency of each diode was learned. The weight of a diode has one sign if
# it resonates just above its line, and the other sign if it resonates just below. It is
# nearly zero if the resonance is far away. The figure shows (a) how the loss fell, and (b)
# the learned distances of the resonances from their lines in the last layer.
with figure_style():
    figure, (curve, tuned) = plt.subplots(1, 2, figsize=(7, 2.8), layout="constrained")
    curve.semilogy(network.loss_curve_, label="diodes and oscillators")
    curve.semilogy(software.loss_curve_, "--", label="software")
    curve.set(xlabel="pass over the data", ylabel="cross-entropy (nat)", title="(a)")
    curve.legend()
    shift = (network.resonances_[-1] - network.line_frequencies_[-1]) / 1e6
    picture = tuned.imshow(shift, cmap="RdBu_r", aspect="auto")
    tuned.set(xlabel="neuron", ylabel="output", title="(b) Resonance less line (MHz)")
    figure.colorbar(picture, ax=tuned)

# %%
# Devices are never as designed
# -----------------------------
# A resonance has a width. Let every resonance frequency have a random error, whose rms
# value is 0.6 of half this width. The figure shows the accuracy in four cases:
#
# - *as designed*: without errors;
# - *off*: with errors, and nothing is done;
# - *biases anew*: one bias of each chain is set again, which needs no labels;
# - *learned on*: learning goes on with the errors, which needs labels.
wrong = with_faults(network, ResonanceOffset(half_linewidths=0.6), random_state=0)
scores = {
    "as designed": network,
    "off": wrong,
    "biases anew": wrong.recalibrate(X),
    "learned on": wrong.retrain(X, y),
}
scores = {name: 100 * one.score(X_new, y_new) for name, one in scores.items()}
with figure_style():
    figure, ax = plt.subplots(figsize=(4.5, 2.6), layout="constrained")
    bars = ax.bar(list(scores), list(scores.values()), color="#0072B2")
    ax.bar_label(bars, fmt="%.1f")
    ax.set(ylabel="new pictures right (%)", ylim=(0, 110))
print(", ".join(f"{name}: {score:.1f} %" for name, score in scores.items()))
plt.show()

# %%
# New biases bring back a part of the accuracy, and learning on brings back nearly all of it.
# The report `Layers <../layers.html>`_ has sequences, convolutions, coupled neurons and
# larger networks.
