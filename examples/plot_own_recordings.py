"""
Your own recordings: from a folder of WAV files to a saved model.
=================================================================

The files are named ``word_speaker_take.wav``, and `pattern` says so. Here a few are written
first, so that the example runs as it stands; replace `folder` by yours. One speaker is left
out. The groups tell the fit that new speakers are to be recognised.
"""

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.io import wavfile

from reservoir import ReservoirClassifier, datasets, load, save
from reservoir.audio import Cochleagram

folder = Path(tempfile.mkdtemp())
digits = datasets.load_spoken_digits()
for clip, digit, speaker, take in zip(
    digits.data, digits.target, digits.speakers, digits.indices, strict=True
):
    if take < 4 and digit in (1, 2, 3):
        pcm = np.round(clip * 32767).astype(np.int16)
        wavfile.write(folder / f"{digit}_{speaker}_{take}.wav", 8000, pcm)

# %%
clips = datasets.load_recordings(folder, pattern="{label}_{speaker}_{index}.wav")
ear = Cochleagram(clips.sample_rate)
frames = ear.fit_transform(clips.data)
known = clips.speakers != "fay"
model = ReservoirClassifier(n_nodes=100, random_state=0)
model.fit(frames[known], clips.target[known], groups=clips.speakers[known])
save(model, folder / "model.h5")
accuracy = load(folder / "model.h5").score(frames[~known], clips.target[~known])
print(f"{len(clips.data)} files; new speaker: {accuracy:.2f}")

# %%
figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
image = axes.imshow(frames[0].T, origin="lower", aspect="auto", cmap="viridis")
axes.set(xlabel="frame (10 ms)", ylabel="channel", title=clips.names[0])
figure.colorbar(image, label="cochleagram")
plt.show()
