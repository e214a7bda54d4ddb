"""Synthesise the spoken digits that ship with the package.

    python -m reservoir.datasets.make_spoken_digits datasets/data/spoken_digits.h5

needs this package and the program espeak-ng (https://github.com/espeak-ng/espeak-ng; on
Debian and Ubuntu ``apt-get install espeak-ng``). Eight voices say each digit ten times. No
person was recorded.

As with recordings of people, most differs between voices and less within one. A voice has
its own accent, pitch, rate, length of the vocal tract, room, microphone, level of noise, and
its own habit of cutting the silence off. A clip has its own pitch, melody, rate, uneven
tempo, colour, silence, noise and loudness. All is drawn from seeded generators, so running
the script again gives the same file (with the same version of the program).
`studies/corpus_ranking.py` shows how near the methods come to what they do on recordings.
The ranges below were chosen for that, among about a dozen.
"""

import subprocess
import sys
import wave
from io import BytesIO
from typing import NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample_poly

from .companding import MU_LAW

SAMPLE_RATE = 8000
N_INDICES = 10
SEED = 2017
ENGLISH = "zero one two three four five six seven eight nine"
# English words as a reader of German or French would spell them.
GERMAN = "siero wann tuh sri fohr feif sicks sewwen eht nein"
FRENCH = "ziro ouane tou sri fore faïve sixe sévène éïte naïne"
MELODIES = ("", "!", "?", ",")  # spoken as a statement, call, question, part of a list
N_BANDS = 8  # points of a frequency response, one an octave from LOWEST on
LOWEST = 60.0  # Hz

Samples = NDArray[np.float64]


class Voice(NamedTuple):
    """What a speaker has of its own."""

    speaker: str
    espeak: str  # language and variant of espeak-ng
    words: str
    pitch: int  # 0-99
    rate: int  # words a minute
    tract: float  # formants and pitch are raised by this factor
    silence: float  # seconds before and after a word, on average
    signal_to_noise: float  # dB


VOICES = [
    Voice("adam", "en-us+m1", ENGLISH, 38, 165, 1.00, 0.010, 35),
    Voice("bella", "en-us+f2", ENGLISH, 62, 175, 1.00, 0.030, 24),
    Voice("callum", "en-gb-scotland+m3", ENGLISH, 42, 155, 0.95, 0.130, 40),
    Voice("dora", "en-gb+f4", ENGLISH, 70, 165, 1.06, 0.000, 16),
    Voice("ewan", "en-gb-x-rp+m7", ENGLISH, 30, 150, 0.90, 0.020, 10),
    Voice("fay", "en-029+f1", ENGLISH, 58, 180, 1.08, 0.060, 32),
    Voice("greta", "de+f3", GERMAN, 55, 165, 1.02, 0.090, 20),
    Voice("hugo", "fr+m4", FRENCH, 45, 170, 0.98, 0.003, 28),
]


class Place(NamedTuple):
    """Where a speaker was recorded, and with what."""

    echo: Samples  # impulse response of the room
    microphone: Samples  # dB at N_BANDS points
    slope: float  # of the noise: 0 is white, 1 pink, 2 brown


def place(generator: np.random.Generator) -> Place:
    """Draw a room, a microphone and a colour of noise."""
    microphone = generator.normal(0, 6, size=N_BANDS)
    microphone[0] -= 10
    echo = room(generator, generator.uniform(0.1, 0.4), generator.uniform(0, 12))
    return Place(echo, microphone, generator.uniform(0, 2))


def room(generator: np.random.Generator, seconds: float, direct: float) -> Samples:
    """Impulse response: the direct sound, five early reflections, noise that decays.

    The noise falls by 60 dB in `seconds`. The direct sound is `direct` dB stronger than it.
    """
    n = int(seconds * SAMPLE_RATE)
    response = generator.standard_normal(n) * 10 ** (-3 * np.arange(n) / n)
    response *= 10 ** (-direct / 20) / np.sqrt((response**2).sum())
    for at in generator.integers(8, 200, size=5):
        strength = generator.uniform(0.1, 0.5) * 10 ** (-direct / 40)
        response[at] += generator.choice([-1, 1]) * strength
    response[0] = 1.0
    return response


def speak(word: str, espeak: str, pitch: int, rate: int) -> Samples:
    """Waveform of a word at SAMPLE_RATE, trimmed of silence."""
    command = ["espeak-ng", "--stdout", "-v", espeak, "-p", str(pitch), "-s", str(rate)]
    output = subprocess.run([*command, word], check=True, capture_output=True).stdout
    with wave.open(BytesIO(output)) as file:
        file_rate = file.getframerate()
        sound = np.frombuffer(file.readframes(-1), dtype="<i2").astype(float)
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    resampled: Samples = resample_poly(sound[loud[0] : loud[-1] + 1], SAMPLE_RATE, file_rate)
    return resampled


def unevenly(sound: Samples, speed: float, generator: np.random.Generator) -> Samples:
    """The sound played at a speed that wavers around `speed`; its formants follow."""
    n = int(len(sound) / speed)
    knots = generator.normal(0, 0.12, size=6)
    speeds = speed * np.exp(np.interp(np.linspace(0, 5, n), np.arange(6), knots))
    at = np.cumsum(speeds) - speeds[0]
    uneven: Samples = np.interp(at[at < len(sound) - 1], np.arange(len(sound)), sound)
    return uneven


def colour(sound: Samples, decibels: Samples) -> Samples:
    """The sound behind a frequency response that is given in dB at N_BANDS points."""
    n = len(sound) + 400
    octaves = np.log2(np.maximum(np.fft.rfftfreq(n, 1 / SAMPLE_RATE), LOWEST) / LOWEST)
    gain = 10 ** (np.interp(octaves, np.arange(N_BANDS), decibels) / 20)
    coloured: Samples = np.fft.irfft(np.fft.rfft(sound, n) * gain, n)[: len(sound)]
    return coloured


def noise(generator: np.random.Generator, length: int, slope: float) -> Samples:
    """Noise whose power falls with the frequency to the power `slope`, unit variance."""
    spectrum = np.fft.rfft(generator.standard_normal(length))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** (slope / 2)
    sound: Samples = np.fft.irfft(spectrum, length)
    sound /= sound.std()
    return sound


def clip(voice: Voice, where: Place, word: str, generator: np.random.Generator) -> Samples:
    """One recording, so to say."""
    tract = voice.tract * np.exp(generator.normal(0, 0.015))
    rate = voice.rate * np.exp(np.clip(generator.normal(0, 0.25), -0.4, 0.4))
    pitch = int(np.clip(voice.pitch + generator.normal(0, 10), 0, 99))
    melody = str(generator.choice(MELODIES))
    # Playing at another speed changes the rate, too, and espeak-ng makes up for it.
    spoken = speak(word + melody, voice.espeak, pitch, int(np.clip(rate / tract, 80, 450)))
    sound = unevenly(spoken, tract, generator)
    sound = colour(sound / sound.std(), generator.normal(0, 1, size=N_BANDS))
    before, after = generator.exponential(voice.silence * np.array([0.7, 1.3]))
    pauses = (np.minimum([before, after], 0.4) * SAMPLE_RATE).astype(int)
    word_length = len(sound)
    sound = np.pad(sound, pauses)
    sound = colour(fftconvolve(sound, where.echo)[: len(sound)], where.microphone)
    sound /= np.sqrt((sound**2).sum() / word_length)
    ratio = voice.signal_to_noise + generator.normal(0, 4)
    sound += noise(generator, len(sound), where.slope) * 10 ** (-ratio / 20)
    scaled: Samples = sound / np.abs(sound).max() * generator.uniform(0.2, 0.9)
    return scaled


def companded(samples: Samples) -> NDArray[np.uint8]:
    """The byte of the mu-law whose sample is nearest."""
    order = np.argsort(MU_LAW, kind="stable")
    levels = MU_LAW[order]
    nearest = np.searchsorted((levels[1:] + levels[:-1]) / 2, samples)
    return order[nearest].astype(np.uint8)


def main(path: str) -> None:
    """Write all clips, one byte a sample."""
    clips, target, speakers, indices = [], [], [], []
    for number, voice in enumerate(VOICES):
        where = place(np.random.default_rng([SEED, number]))
        for digit, word in enumerate(voice.words.split()):
            for index in range(N_INDICES):
                generator = np.random.default_rng([SEED, number, digit, index])
                clips.append(companded(clip(voice, where, word, generator)))
                target.append(digit)
                speakers.append(voice.speaker)
                indices.append(index)
    version = subprocess.run(
        ["espeak-ng", "--version"], check=True, capture_output=True, text=True
    ).stdout.split("  ")[0]
    with h5py.File(path, "w") as file:
        file.attrs["made_by"] = version
        file.attrs["sample_rate"] = SAMPLE_RATE
        packed = {"compression": "gzip", "compression_opts": 9, "chunks": (1 << 17,)}
        # Differences of neighbouring bytes, modulo 256, pack better than the bytes.
        differences = np.diff(np.concatenate(clips), prepend=np.uint8(0))
        file.create_dataset("differences", data=differences, **packed)
        file["lengths"] = np.array([len(clip) for clip in clips], dtype=np.uint16)
        file["target"] = np.array(target, dtype=np.uint8)
        file["speakers"] = np.array(speakers, dtype="S8")
        file["indices"] = np.array(indices, dtype=np.uint8)


if __name__ == "__main__":
    main(sys.argv[1])
