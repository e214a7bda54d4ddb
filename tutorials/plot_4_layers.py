"""
4. A layered network learns by backpropagation
==============================================

Spin diodes turn microwave powers into voltages, and oscillators turn voltages into powers.
The diodes are synapses, whose weight depends on where they resonate, and the oscillators
are neurons. Their equations can be differentiated, so the network learns by backpropagation
as any other does.
"""

# %%
# The network
# -----------
# The input is a picture of 8 x 8 points. Each point is the power of one microwave line.
# There are 32 neurons, and ten outputs.
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
# `control` makes the same network in software: weights are set directly, and no diode hears
# a line that is not its own. If the two are equal, the physics costs nothing.
software = control(network).fit(X, y)
print(f"diodes and oscillators: {100 * network.score(X_new, y_new):.1f} % of new pictures")
print(f"the same in software:   {100 * software.score(X_new, y_new):.1f} %")

# %%
# What was learned
# ----------------
# Only the resonance of each diode. A diode that resonates just above its line has a weight
# of one sign, one just below of the other, and one far away has none.
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
# Let every resonance be off by 0.6 of its half linewidth (rms). Setting one bias for each
# chain anew needs no labels, and brings back a part. Learning on with the faults brings
# back the rest.
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
# `Layers <../layers.html>`_ goes on: sequences, convolutions, neurons that pull each
# other, and larger networks.
