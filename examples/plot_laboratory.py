"""
The device in the loop: does a recording compute as well as the simulation?
===========================================================================

A fitted reservoir is laid out as a waveform for a generator, played, recorded and read back
node by node. Here the laboratory is rehearsed: the recording is simulated, then shifted,
scaled, sampled at another rate and made noisy. The same estimator is then fitted to it.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

from reservoir import ReservoirClassifier
from reservoir.laboratory import RecordedOscillator, Waveform, rehearse

generator = np.random.default_rng(0)
y = np.arange(42) % 3
time = np.linspace(0, 1, 12)
shapes = [np.sin(2 * np.pi * time), np.sign(np.sin(2 * np.pi * time)), 1 - 2 * time]
X = [(shapes[k] + 0.4 * generator.normal(size=12))[:, None] for k in y]

model = ReservoirClassifier(n_nodes=20, node_time=0.3e-6, alpha=1e-2, random_state=0)
model.fit(X[:27], y[:27])
vortex = model.oscillator_
print(f"simulated: {model.score(X[27:], y[27:]):.2f} of the new shapes recognised")

# %%
# In a laboratory: waveform.write("play.csv"), then Recording.from_file("trace.h5").
waveform = Waveform.from_estimator(
    model, X[:27], X[27:], sample_rate=20e6, largest_voltage=0.5
)
most = np.abs(waveform.voltage).max()
print(f"to play: {len(waveform.voltage)} samples, {most:.3f} V at most")
accuracies, noises = [], [0.0, 0.1, 0.2, 0.4]
for noise in noises:
    recording = rehearse(
        waveform,
        vortex,
        sample_rate=35e6,
        delay=7.7e-6,
        gain=0.012,
        offset=0.1,
        readout_noise=noise,
        random_state=0,
    )
    if noise == 0.1:
        shown = recording
    device = RecordedOscillator(waveform, waveform.nodes(recording))
    model.set_params(oscillator=device).fit(X[:27], y[:27])
    accuracies.append(model.score(X[27:], y[27:]))
found = [f"{a:.2f} with noise {n}" for n, a in zip(noises, accuracies, strict=True)]
print(f"recorded: {', '.join(found)}")

# %%
figure, (traces, result) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
first = slice(waveform.starts[0], waveform.starts[0] + 480)
begin = int((first.start / 20e6 + 7.7e-6) * 35e6)
traces.plot(np.arange(480) / 20, waveform.voltage[first] * 1e3, color="#0072B2", lw=0.8)
traces.set(xlabel="time (us)", ylabel="played (mV)")
other = traces.twinx()
recorded = shown.voltage[begin : begin + 840] * 1e3
other.plot(np.arange(840) / 35, recorded, color="#D55E00", lw=0.8)
other.set_ylabel("recorded (mV)")
result.plot(noises, accuracies, "o-", color="#009E73")
result.set(xlabel="noise (rms, spreads of the trace)", ylabel="accuracy", ylim=(0, 1.05))
plt.show()
