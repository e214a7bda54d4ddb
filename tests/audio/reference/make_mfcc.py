"""Make mfcc.npz, what librosa says of a short waveform.

    pip install librosa && python tests/audio/reference/make_mfcc.py

Stored: the waveform (int16), and for two sampling rates at which it may be read, librosa's
cepstra (25 ms Hann window, 10 ms hop, 26 bands) with their two derivatives.
"""

from pathlib import Path

import numpy as np


def waveform():
    """A gliding tone with harmonics, a click and some noise, after a silence."""
    time = np.arange(4000) / 8000
    phase = 2 * np.pi * (150 * time + 200 * time**2)
    sound = sum(np.sin(k * phase) / k for k in range(1, 12)) * np.sin(2 * np.pi * 3 * time)
    sound[1500] += 3
    sound += 0.05 * np.random.default_rng(0).normal(size=4000)
    sound[:400] = 0
    return np.round(8000 * sound).astype(np.int16)


def main():
    import librosa

    pcm = waveform()
    tables = {"waveform": pcm, "librosa": np.array(librosa.__version__)}
    for rate in (8000, 16000):
        cepstra = librosa.feature.mfcc(
            y=pcm / 32768,
            sr=rate,
            n_mfcc=13,
            n_mels=26,
            win_length=rate // 40,
            n_fft=1 << (rate // 40 - 1).bit_length(),
            hop_length=rate // 100,
            pad_mode="constant",
        )
        joined = [cepstra]
        for _ in range(2):
            joined.append(librosa.feature.delta(joined[-1], width=5, mode="nearest"))
        tables[f"mfcc_{rate}"] = np.concatenate(joined).T
    np.savez_compressed(Path(__file__).with_name("mfcc.npz"), **tables)


if __name__ == "__main__":
    main()
