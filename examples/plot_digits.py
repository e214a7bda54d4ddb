"""
Spoken digits in ten lines: how much does one oscillator add to its front end?
==============================================================================

The shipped corpus is synthetic; ``datasets.fetch_fsdd()`` in its place gives recordings of
people. A whole voice is held out. The control reads the same masked drive without the
oscillator.
"""

# %%
from reservoir import ReservoirClassifier, datasets
from reservoir.audio import Cochleagram
from reservoir.experiments import control

digits = datasets.load_spoken_digits()
frames = Cochleagram(digits.sample_rate).fit_transform(digits.data)
known = digits.speakers != "ewan"
X, y = frames[known], digits.target[known]
X_new, y_new = frames[~known], digits.target[~known]

classifier = ReservoirClassifier(n_nodes=200, random_state=0).fit(X, y)
print(f"one oscillator: {classifier.score(X_new, y_new):.3f}")
print(f"its control:    {control(classifier).fit(X, y).score(X_new, y_new):.3f}")

# %%
# The figure shows the currents of 100 nodes of one frame, and the amplitudes that answer.
import matplotlib.pyplot as plt
import numpy as np

shown = slice(10 * 200, 10 * 200 + 100)  # of frame 10; every frame has 200 nodes
current = classifier.drive_currents(X_new[:1])[0].ravel()[shown]
amplitude = classifier.node_states(X_new[:1])[0].ravel()[shown]
time = np.arange(len(current) + 1) * classifier.node_time_ * 1e6

figure, (drive, nodes) = plt.subplots(2, 1, sharex=True, figsize=(8, 4), layout="constrained")
drive.stairs(current * 1e3, time, color="#D55E00", baseline=None)
drive.axhline(classifier.oscillator_.threshold_current * 1e3, color="#999999", ls="--")
drive.set(ylabel="current (mA)", title="Masked drive (dashed: threshold) and amplitudes")
nodes.plot(time[1:], amplitude, ".-", color="#0072B2", lw=1, ms=4)
nodes.set(xlabel="time (us)", ylabel="amplitude")
plt.show()
