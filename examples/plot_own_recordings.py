"""Your own recordings: from a folder of WAV files to a saved model.

The files are named ``word_speaker_take.wav``. Here a few are written first, so that the
example runs as it stands; replace `folder` by yours.
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
paths = sorted(folder.glob("*.wav"))
rates, clips = zip(*(wavfile.read(path) for path in paths), strict=True)
words = np.array([path.stem.split("_")[0] for path in paths])
speakers = np.array([path.stem.split("_")[1] for path in paths])
assert len(set(rates)) == 1, "resample your clips to one rate first"

frames = Cochleagram(rates[0]).fit_transform(clips)  # int16 is scaled by 1/32768
new = speakers == "fay"
model = ReservoirClassifier(n_nodes=100, random_state=0)
model.fit(
    [f for f, n in zip(frames, new, strict=True) if not n],
    words[~new],
    groups=speakers[~new],
)
save(model, folder / "model.h5")
again = load(folder / "model.h5")
unseen = [f for f, n in zip(frames, new, strict=True) if n]
print(f"{len(paths)} files; new speaker: {again.score(unseen, words[new]):.2f}")

# %%
figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
image = axes.imshow(frames[0].T, origin="lower", aspect="auto", cmap="viridis")
axes.set(xlabel="frame (10 ms)", ylabel="channel", title=paths[0].name)
figure.colorbar(image, label="cochleagram")
plt.show()
