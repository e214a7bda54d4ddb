"""Synthesise the spoken digits that ship with the package.

    python datasets/make_spoken_digits.py datasets/data/spoken_digits.h5

needs the program espeak-ng (https://github.com/espeak-ng/espeak-ng). Six voices say each
digit ten times; every clip has its own rate, pitch, loudness, timing and background noise,
drawn from a seeded generator, so that running the script again gives the same file (with
the same version of the program).
"""

import subprocess
import sys
import wave
from io import BytesIO

import h5py
import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

SAMPLE_RATE = 8000
N_INDICES = 10
WORDS = "zero one two three four five six seven eight nine".split()
# (speaker, voice with variant, typical pitch 0-99, typical words a minute)
VOICES = [
    ("adam", "en-us+m1", 38, 165),
    ("bella", "en-us+f2", 62, 175),
    ("callum", "en-gb-scotland+m3", 42, 155),
    ("dora", "en-gb+f4", 70, 165),
    ("ewan", "en-gb-x-rp+m7", 30, 150),
    ("fay", "en-029+f1", 58, 180),
]


def speak(word: str, voice: str, pitch: int, rate: int) -> NDArray[np.float64]:
    """Waveform of a word at SAMPLE_RATE, trimmed of silence."""
    command = ["espeak-ng", "--stdout", "-v", voice, "-p", str(pitch), "-s", str(rate)]
    output = subprocess.run([*command, word], check=True, capture_output=True).stdout
    with wave.open(BytesIO(output)) as file:
        rate = file.getframerate()
        sound = np.frombuffer(file.readframes(-1), dtype="<i2").astype(float)
    sound = resample_poly(sound, SAMPLE_RATE, rate)
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    trimmed: NDArray[np.float64] = sound[loud[0] : loud[-1] + 1]
    return trimmed


def pink_noise(generator: np.random.Generator, length: int) -> NDArray[np.float64]:
    """Noise with equal power in every octave, unit variance."""
    spectrum = np.fft.rfft(generator.standard_normal(length))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise: NDArray[np.float64] = np.fft.irfft(spectrum, length)
    noise /= noise.std()
    return noise


def vary(sound: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
    """Put a clip into its own silence, noise and loudness."""
    before, after = generator.integers(0, SAMPLE_RATE // 25, size=2)
    sound = np.pad(sound / sound.std(), (before, after))
    ratio = generator.uniform(-5.0, 15.0)  # signal to noise, in dB
    noise = pink_noise(generator, len(sound)) * 10 ** (-ratio / 20)
    sound = sound + noise
    scaled: NDArray[np.float64] = sound / np.abs(sound).max() * generator.uniform(0.2, 0.9)
    return scaled


def main(path: str) -> None:
    """Write all clips, packed, as integers."""
    generator = np.random.default_rng(2017)
    clips, target, speakers, indices = [], [], [], []
    for speaker, voice, pitch, rate in VOICES:
        for digit, word in enumerate(WORDS):
            for index in range(N_INDICES):
                sound = speak(
                    word,
                    voice,
                    int(np.clip(pitch + generator.normal(0, 8), 0, 99)),
                    int(rate * generator.uniform(0.8, 1.5)),
                )
                quantised = np.round(2047 * vary(sound, generator)) * 16  # 12 bits
                clips.append(quantised.astype(np.int16))
                target.append(digit)
                speakers.append(speaker)
                indices.append(index)
    version = subprocess.run(
        ["espeak-ng", "--version"], check=True, capture_output=True, text=True
    ).stdout.split("  ")[0]
    with h5py.File(path, "w") as file:
        file.attrs["made_by"] = version
        file.attrs["sample_rate"] = SAMPLE_RATE
        file.create_dataset(
            "samples", data=np.concatenate(clips), compression="gzip", shuffle=True
        )
        file["lengths"] = np.array([len(clip) for clip in clips])
        file["target"] = np.array(target)
        file["speakers"] = np.array(speakers, dtype="S8")
        file["indices"] = np.array(indices)


if __name__ == "__main__":
    main(sys.argv[1])
