"""
1. One oscillator learns spoken digits
======================================

From a recording to a label, one step at a time: the ear makes frames of the sound, the mask
makes currents of a frame, the oscillator answers with amplitudes, and a linear readout
makes a digit of them. At the end there is the question that every result has to answer:
what did the oscillator add?
"""

# %%
# The recordings
# --------------
# The shipped corpus has ten digits, ten times each, of eight synthetic voices. For
# recordings of people, write ``datasets.fetch_fsdd()`` here; all the rest stays as it is.
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
# A clip is a row of thousands of sound pressures. A cochleagram tells how loud it is in 78
# bands of frequency, a hundred times a second: that is what an ear hands to the brain. Each
# time is a *frame*, and each band a *channel*.
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
# The mask spreads a frame over 100 currents. Each is held for about a microsecond, and the
# amplitude at its end is read. The amplitude is a bent function of the current, and it is
# late: it still shows some of the current before. Both are what the readout can use.
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
# Where do these currents lie on the curve of the device? The shaded ones are those of the
# input.
AmplitudeResponseDisplay.from_estimator(model)

# %%
# A voice that it never heard
# ---------------------------
# The model learned from seven voices. The eighth one is asked. The confusion matrix shows
# which digits are taken for which.
with figure_style():
    ConfusionMatrixDisplay.from_estimator(
        model, frames[new], digits.target[new], colorbar=False, cmap="Blues"
    )

# %%
# What did the oscillator add?
# ----------------------------
# The control reads the masked drive itself, without the oscillator. All the rest is the
# same. Where the two are equal, the ear did the work.
alone = control(model).fit(frames[~new], digits.target[~new])
scores = {
    "one oscillator": model.score(frames[new], digits.target[new]),
    "its control": alone.score(frames[new], digits.target[new]),
}
for name, score in scores.items():
    print(f"{name}: {100 * score:.0f} % of {sum(new)} clips of a new voice")
plt.show()

# %%
# The difference is small here, because this ear is good. The report on
# `new voices <../new-voices.html>`_ goes on: more nodes, better masks, people, rivals.
