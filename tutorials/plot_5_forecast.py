"""
5. One oscillator forecasts a chaotic series
============================================

An oscillator alone remembers about one step of its input. With *delayed feedback* a part of
its amplitude is added to its current some time later, and it remembers many steps. Then it
can learn to predict the next value of a chaotic series, and can continue the series from
its own predictions.
"""

# %%
# The series
# ----------
# The Mackey-Glass equation describes how the number of blood cells changes if their
# production reacts with a delay. With a delay of 17 it is chaotic: two histories that are
# nearly alike become quite different after some time. The series is one column, and an
# array of shape (n_steps, 1) is one time series for the regressor.
import dataclasses

import matplotlib.pyplot as plt
import numpy as np

from reservoir import ReservoirRegressor, SpinTorqueOscillator, datasets
from reservoir.experiments import control
from reservoir.metrics import nrmse
from reservoir.plotting import figure_style

series = datasets.make_mackey_glass(2600, random_state=0)
X, y = series.data, series.target  # the target is the value one step on
known, asked = slice(0, 2000), slice(2000, 2600)

# %%
# The loop
# --------
# Each value of the series is played as 200 currents, the *nodes*. The feedback arrives 199
# nodes later. So each node receives the amplitude of its neighbour at the value before. In
# this way an answer moves on by one node with every value. The *loop gain* says which part
# of an amplitude is left after one turn through the feedback. Its absolute value must be
# below 1, so that old answers fade.
#
# The other settings were chosen for this task. ``power_floor`` keeps the power from falling
# to nothing below the threshold. ``drive_range`` is the range of the currents, in units of
# the threshold, and ``node_bias`` adds a small random constant to the current of each node.
# ``current_limits`` is the range to which the current with its feedback is clipped.
# ``context`` without entries means that no earlier values are joined to the input, so all
# memory is in the device. ``alpha`` is the ridge strength, and ``washout`` the number of
# first values that the fit leaves out.
vortex = dataclasses.replace(
    SpinTorqueOscillator.from_preset("torrejon2017"), power_floor=1e-3
)
n_nodes = 200
settings = {
    "n_nodes": n_nodes,
    "node_time": 2 / vortex.damping_rate,  # in s; long, so that nodes differ from each other
    "drive_range": (1.7, 2.45),
    "node_bias": 0.003,
    "context": (),
    "current_limits": (-5.0, 8.0),
    "alpha": 1e-9,
    "washout": 200,
    "random_state": 0,
}
loop = {"loop_gain": -0.909, "feedback_delay": n_nodes - 1}
looped = ReservoirRegressor(vortex, **settings, **loop).fit(X[known], y[known])
alone = ReservoirRegressor(vortex, **settings).fit(X[known], y[known])
for name, model in (
    ("with feedback", looped),
    ("without", alone),
    ("control, the masked drive itself", control(alone).fit(X[known], y[known])),
):
    error = nrmse(y[asked][200:], model.predict(X[asked])[200:])
    print(f"one step ahead, {name}: NRMSE {error:.5f}")

# %%
# Let it run
# ----------
# Now each prediction becomes the next input. Each error then changes all later predictions,
# so a small error of one step does not mean that the forecast stays right. An estimator
# keeps no state between two calls. Therefore the last 300 values are played again for each
# step.
history, horizon = 300, 120


def go_on(model, start):
    """The next `horizon` values, from `history` true ones before `start`."""
    values = list(X[start - history : start, 0])
    for _ in range(horizon):
        after = model.predict(np.array(values[-history:])[:, None])[-1]
        values.append(float(np.clip(after, X.min(), X.max())))
    return values[history:]


start = 2300
with figure_style():
    figure, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
    steps = np.arange(horizon)
    ax.plot(np.arange(-60, horizon), X[start - 60 : start + horizon, 0], "k", label="truth")
    for name, model, color in (
        ("with feedback", looped, "#0072B2"),
        ("without", alone, "#D55E00"),
    ):
        forecast = np.array(go_on(model, start))
        ax.plot(steps, forecast, "--", color=color, label=name)
        miss = np.abs(forecast - X[start : start + horizon, 0])
        held = int(np.argmax(miss > 0.1)) if (miss > 0.1).any() else horizon
        print(f"{name}: within 0.1 of the truth for {held} steps")
    ax.axvline(0, color="#999999", lw=0.8)
    ax.set(xlabel="step after the last true value", ylabel="series")
    ax.legend(ncols=3, loc="lower left")
plt.show()

# %%
# There is no noise in this simulation, and a device has some. The report
# `Time series <../series.html>`_ has the numbers with noise. Beside them stand a linear
# regression of the last values, one of their products, and an echo-state network.
