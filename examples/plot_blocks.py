"""Learning block by block: how does the accuracy grow while the data come in?

The blocks would not have to fit into memory together. A first pass over them learns the
drive. Then each block is added to sums, whose size does not grow, and a readout follows from
them at any time. The last line shows that the order of the blocks changes no bit. The control
reads the masked drive itself, without an oscillator.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

from reservoir import ReservoirClassifier, datasets
from reservoir.audio import Cochleagram
from reservoir.experiments import control

digits = datasets.load_spoken_digits()
frames = Cochleagram(digits.sample_rate, n_channels=20).fit_transform(digits.data)
new = np.isin(digits.speakers, ["adam", "fay"])
known = np.random.default_rng(0).permutation(np.flatnonzero(~new))
blocks = [(frames[part], digits.target[part]) for part in np.array_split(known, 12)]

# %%
model = ReservoirClassifier(n_nodes=100, alpha=1e-3, random_state=0)
curves = {}
for name, one in (("oscillator", model), ("control: masked drive", control(model))):
    one.fit_drive(blocks)
    curves[name] = [
        one.partial_fit(X, y).score(frames[new], digits.target[new]) for X, y in blocks
    ]
    print(f"{name}: {100 * curves[name][-1]:.1f} % of the clips of two new voices")

backwards = model.without_blocks()
for number in reversed(range(len(blocks))):
    backwards.partial_fit(*blocks[number], block=number)
same = np.array_equal(backwards.readout_.coefficients, model.readout_.coefficients)
print(f"the same bits in the reverse order: {same}")

# %%
figure, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
n_learned = np.cumsum([len(y) for _, y in blocks])
for (name, curve), color in zip(curves.items(), ("#D55E00", "#999999"), strict=True):
    ax.plot(n_learned, 100 * np.array(curve), "o-", color=color, label=name)
ax.set(xlabel="clips learned from", ylabel="accuracy on new voices (%)")
ax.legend(frameon=False)
plt.show()
