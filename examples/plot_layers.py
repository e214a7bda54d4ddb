"""
Can three chains of spin diodes, and eight oscillators, tell three vowels apart?
================================================================================

Twelve formants of a vowel become powers on twelve lines of microwaves. Diodes that resonate
near the lines make voltages of them, which drive eight oscillators, and three chains of
diodes listen to those. Learning moves the resonances by less than a linewidth. The control is
the same network in software, with weights that are set directly.
"""

# %%
import matplotlib.pyplot as plt
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from reservoir import datasets
from reservoir.layers import SpintronicClassifier, control

names = ("ah", "aw", "er")
vowels = datasets.make_vowels(60, names, random_state=0)  # invented women, men and children
parts = train_test_split(vowels.data, vowels.target, stratify=vowels.target, random_state=0)
X, X_new, y, y_new = parts

network = SpintronicClassifier((8,), max_iter=100, power_noise=0.1, random_state=0)
for title, layers in (("spin diodes", network), ("its control", control(network))):
    model = make_pipeline(MinMaxScaler(clip=True), layers).fit(X, y)
    print(f"{title}: {model.score(X_new, y_new):.3f}")
print(network.describe())

# %%
# The chains of the last layer: where each diode resonates, beside the line that it weighs.
lines, resonances = network.line_frequencies_[-1] / 1e6, network.resonances_[-1] / 1e6
figure, (tuned, curve) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
for line in lines:
    tuned.axvline(line, color="#999999", lw=0.8)
for chain, name in enumerate(names):
    tuned.plot(resonances[chain], [name] * len(lines), "o", color="#0072B2")
tuned.set(xlabel="resonance (MHz)", ylabel="chain", title="Lines, and diodes near them")
tuned.margins(y=0.2)
curve.semilogy(network.loss_curve_, color="#D55E00")
curve.set(xlabel="pass over the training data", ylabel="mean cross-entropy (nat)")
plt.show()
