"""
1. One oscillator learns spoken digits
======================================

This lesson goes from a recording to a label in four steps:

- The *ear* turns the sound into frames. A frame is the loudness in some bands of frequency
  at one time.
- The *mask* turns each frame into a series of currents.
- The *oscillator* receives the currents one after the other, and its amplitude answers
  each.
- The *readout* turns the amplitudes into a digit. It is ridge regression, and the only part
  that is trained.

At the end stands the question that every result has to answer: what did the oscillator add?
"""

# %%
# The recordings
# --------------
# The package ships with spoken digits. Eight synthetic voices say each of the ten digits
# ten times. ``datasets.fetch_fsdd()`` has recordings of people. Its speakers have other
# names, so the name of the voice that is left out has to be changed, too.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay

from reservoir import ReservoirClassifier, datasets
from reservoir.audio import Cochleagram
from reservoir.experiments import control
from reservoir.plotting import AmplitudeResponseDisplay, figure_style

digits = datasets.load_spoken_digits()
print(len(digits.data), "clips at", digits.sample_rate, "Hz by", *np.unique(digits.speakers))

# %%
# The ear
# -------
# A recording, or *clip*, is a row of thousands of sound pressures. A cochleagram says how
# loud the clip is in 78 bands of frequency, a hundred times a second. It imitates what an
# ear tells the brain. The loudnesses at one time are a *frame*, and each band is a
# *channel*. So each clip becomes an array of shape (n_frames, 78).
frames = Cochleagram(digits.sample_rate).fit_transform(digits.data)
clip = int(np.flatnonzero(digits.target == 7)[0])

with figure_style():
    figure, (sound, heard) = plt.subplots(2, 1, figsize=(7, 4), layout="constrained")
    seconds = np.arange(len(digits.data[clip])) / digits.sample_rate
    sound.plot(seconds, digits.data[clip], lw=0.5)
    sound.set(xlabel="time (s)", ylabel="pressure", title='(a) The sound "seven"')
    heard.imshow(frames[clip].T, aspect="auto", origin="lower", cmap="cividis")
    heard.set(xlabel="frame", ylabel="channel", title="(b) What the ear makes of it")

# %%
# Currents and amplitudes
# -----------------------
# The oscillator is a small magnetic device. Above a certain current, the *threshold*, it
# oscillates by itself, and the *amplitude* is the size of this oscillation.
#
# The mask is a random matrix. It turns a frame into 100 currents. Each current is held for
# about a microsecond, and the amplitude at the end of this time is read. A held current and
# its amplitude are called a *virtual node*, because they take the place of one neuron.
#
# The amplitude is a nonlinear function of the current. It also follows the current with a
# delay, so it still depends on the current before. The readout uses both: nonlinearity and
# memory.
new = digits.speakers == "ewan"
model = ReservoirClassifier(n_nodes=100, random_state=0)
model.fit(frames[~new], digits.target[~new])

shown = slice(10 * 100, 11 * 100)  # the nodes of frame 10
current = model.drive_currents(frames[[clip]])[0].ravel()[shown]
amplitude = model.node_states(frames[[clip]])[0].ravel()[shown]
time = np.arange(101) * model.node_time_ * 1e6

with figure_style():
    figure, (drive, nodes) = plt.subplots(
        2, 1, sharex=True, figsize=(7, 4), layout="constrained"
    )
    drive.stairs(current * 1e3, time, baseline=None, color="#D55E00")
    drive.axhline(model.oscillator_.threshold_current * 1e3, color="#999999", ls="--")
    drive.set(
        ylabel="current (mA)", title="(a) One frame as 100 currents (dashed: threshold)"
    )
    nodes.plot(time[1:], amplitude, ".-", lw=0.8, ms=4)
    nodes.set(xlabel="time (us)", ylabel="amplitude", title="(b) What the oscillator answers")

# %%
# The next figure shows the steady amplitude against the current. The device reaches this
# amplitude if the current is held for long. The shaded range holds the currents of the input.
AmplitudeResponseDisplay.from_estimator(model)

# %%
# A voice that it never heard
# ---------------------------
# The model learned from seven voices. It is tested on the eighth. The confusion matrix
# counts which digit was said (rows) and which was predicted (columns).
with figure_style():
    ConfusionMatrixDisplay.from_estimator(
        model, frames[new], digits.target[new], colorbar=False, cmap="Blues"
    )

# %%
# What did the oscillator add?
# ----------------------------
# The *control* is the same model without the oscillator. Its readout receives the currents
# in the place of the amplitudes. If its score is as good as that of the model, the ear did
# the work.
alone = control(model).fit(frames[~new], digits.target[~new])
scores = {
    "one oscillator": model.score(frames[new], digits.target[new]),
    "its control": alone.score(frames[new], digits.target[new]),
}
for name, score in scores.items():
    print(f"{name}: {100 * score:.0f} % of {sum(new)} clips of a new voice")
plt.show()

# %%
# The two are nearly equal here, because a cochleagram is a good ear. One clip is 1 % of this
# test, so a difference of a clip or two is undecided. The report on
# `new voices <../new-voices.html>`_ has recordings of people, more nodes, better masks and
# other learners.
