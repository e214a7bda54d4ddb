"""How fast are the front ends? CPU time on one core, ratios measured in one run.

    python benchmarks/front_ends.py    (FSDD if RESERVOIR_DATA names it, else the shipped
                                        digits; pip install lyon for its line, on Linux)

The work is to turn clips at 8 kHz into frames, 100 a second. The gammatone bank of 78
channels races against `scipy.signal.lfilter`, channel by channel. Lyon's ear of 64 channels
races against the package `lyon`, which wraps the C code of the Auditory Toolbox. Agreement
is checked before anything is timed. `docs/speech.md` holds what it gave.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import time

import numpy as np
from scipy import signal

from reservoir import _core, datasets
from reservoir.audio import MFCC, Cochleagram, Spectrogram

RATE, HOP = 8000, 80
ROUNDS = 5


def scipys_gammatone(frequencies):
    """The same ear with scipy's filters, one channel after the other."""
    filters = [signal.gammatone(f, "iir", fs=RATE) for f in frequencies]
    low_pass = signal.butter(2, 50, fs=RATE)

    def frames(clip):
        clip = clip / np.sqrt(np.mean(clip**2))
        instants = np.minimum(np.arange(HOP, len(clip) + HOP, HOP), len(clip)) - 1
        output = np.empty((len(instants), len(filters)))
        for channel, (numerator, denominator) in enumerate(filters):
            heard = np.maximum(signal.lfilter(numerator, denominator, clip), 0)
            output[:, channel] = signal.lfilter(*low_pass, heard)[instants]
        return np.cbrt(np.maximum(output, 0))

    return frames


def toolboxes_lyon():
    """The ear of the package `lyon`, or None where it is not installed."""
    try:
        from lyon.calc import LyonCalc
    except (ImportError, OSError):
        return None
    calc = LyonCalc()

    def frames(clip):
        clip = 0.05 * clip / np.sqrt(np.mean(clip**2))
        return calc.lyon_passive_ear(clip, RATE, HOP)

    return frames


def report(clips, methods):
    """Print seconds of sound per second of processor, and ratios to the last method."""
    seconds = {name: [] for name in methods}
    for _ in range(ROUNDS):
        for name, run in methods.items():
            start = time.process_time()
            run(clips)
            seconds[name].append(time.process_time() - start)
    sound = sum(map(len, clips)) / RATE
    reference = np.median(list(seconds.values())[-1])
    for name, values in seconds.items():
        median = np.median(values)
        print(f"{name:<44}{sound / median:>10.0f}{reference / median:>10.1f}")


def main():
    recordings = (
        datasets.fetch_fsdd()
        if os.environ.get("RESERVOIR_DATA")
        else datasets.load_spoken_digits()
    )
    clips = recordings.data[::10]
    minute = [np.concatenate(recordings.data[: len(recordings.data) // 10])[: 60 * RATE]]

    ears = {model: Cochleagram(RATE, model=model) for model in ("gammatone", "lyon")}
    scipys = scipys_gammatone(ears["gammatone"].center_frequencies())
    ours = ears["gammatone"].transform(clips[:5])
    for clip, found in zip(clips, ours, strict=False):
        np.testing.assert_allclose(found, scipys(clip), rtol=1e-2, atol=1e-3)
    toolbox = toolboxes_lyon()
    if toolbox:
        found = ears["lyon"].transform(clips[:1])[0][5:, ::-1]
        expected = toolbox(clips[0])[5:]
        assert np.corrcoef(found[: len(expected)].ravel(), expected.ravel())[0, 1] > 0.99

    print(f"instruction set: {_core.instruction_set}; {len(clips)} clips, or one minute\n")
    print(f"{'work':<44}{'x real':>10}{'ratio':>10}")
    methods = {
        "spectrogram, 65 bins": Spectrogram("magnitude").transform,
        "MFCC, 13 coefficients": MFCC(RATE).transform,
        "gammatone, 78 channels": ears["gammatone"].transform,
        "gammatone, scipy's lfilter": lambda clips: [scipys(clip) for clip in clips],
    }
    report(clips, methods)
    print()
    for name, sound in (("clips", clips), ("one minute", minute)):
        methods = {f"Lyon, 64 channels, {name}": ears["lyon"].transform}
        if toolbox:
            methods[f"Lyon, package lyon, {name}"] = lambda clips: [toolbox(c) for c in clips]
        report(sound, methods)


if __name__ == "__main__":
    main()
