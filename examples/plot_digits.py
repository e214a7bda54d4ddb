"""Spoken digits in ten lines: how much does one oscillator add to its front end?

The shipped corpus is synthetic; ``datasets.fetch_fsdd()`` takes its place for recordings
of people. A whole voice is held out, and the control reads the same masked drive without
the oscillator.
"""

# %%
from reservoir import ReservoirClassifier, datasets
from reservoir.audio import Cochleagram
from reservoir.experiments import control

digits = datasets.load_spoken_digits()
frames = Cochleagram(digits.sample_rate).fit_transform(digits.data)
known = digits.speakers != "ewan"
X, y = [f for f, k in zip(frames, known, strict=True) if k], digits.target[known]
X_new, y_new = (
    [f for f, k in zip(frames, known, strict=True) if not k],
    digits.target[~known],
)

classifier = ReservoirClassifier(n_nodes=200, random_state=0).fit(X, y)
print(f"one oscillator: {classifier.score(X_new, y_new):.3f}")
print(f"its control:    {control(classifier).fit(X, y).score(X_new, y_new):.3f}")

# %%
# The figure: what the oscillator receives and answers during one frame.
import matplotlib.pyplot as plt

from reservoir.plotting.digits import plot_masked_drive

figure, axes = plt.subplots(2, 1, sharex=True, figsize=(8, 4), layout="constrained")
plot_masked_drive(axes, classifier, X_new[0])
plt.show()
