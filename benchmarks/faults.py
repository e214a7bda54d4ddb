"""What does it cost to put faults into a fitted estimator and to ask it?

    python benchmarks/faults.py [--pairs 21] [--only WORD]

`predict` of a fitted estimator and `with_faults(...).predict` take turns in one process, on
one thread. Each pair gives one ratio of processor times, and which of the two goes first
changes from pair to pair. The table shows the median of the ratios, and the quartiles. The
aim is at most 1.10. A noise that an estimator can have as a parameter stands beside that
estimator too, because what it takes is not the injection.

- digits: 320 spoken digits of the shipped voices (a fold of FSDD has 300), 400 nodes, 78
  channels.
- layers: 360 images of handwritten digits, 64-128-10.
- vowels: 200 synthetic vowels, four oscillators that lock to two sources.
"""

import argparse
import os
import time
import warnings

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits

from reservoir import ReservoirClassifier, SynchronizationClassifier, datasets
from reservoir.audio import Cochleagram
from reservoir.faults import (
    BinaryJunctions,
    ByzantineNodes,
    ConverterBits,
    CurrentDrift,
    DampingDrift,
    DeadChannels,
    DeadInputs,
    DeadNeurons,
    DeadNodes,
    DeadOscillators,
    DeadSynapses,
    DetuningBits,
    FrequencyDrift,
    FrequencySpread,
    GainDrift,
    Memristors,
    PowerNoise,
    ReadNoise,
    ReadoutBits,
    ResonanceOffset,
    StuckCells,
    StuckNodes,
    SynapseGainSpread,
    ThermalNoise,
    ThresholdDrift,
    WeightLevels,
    with_faults,
)
from reservoir.layers import SpintronicClassifier

QUARTILES = (25, 50, 75)
N_ASKED = 4  # of the ten takes of each word and voice
# The same disturbance as a parameter.
AS_PARAMETERS = {
    ReadNoise(0.01): {"readout_noise": 0.01},
    ConverterBits(6): {"bits": 6},
    ThermalNoise(1e-4): {"thermal_noise": 1e-4},
}


def digits():
    """What is learned, a reservoir, what it is asked, and faults."""
    words = datasets.load_spoken_digits()
    frames = Cochleagram(words.sample_rate).fit_transform(words.data)
    new = words.indices < N_ASKED
    model = ReservoirClassifier(n_nodes=400, random_state=0)
    faults = [
        DeadNodes(0.05),
        StuckNodes(0.05),
        DeadChannels(0.05),
        GainDrift(0.05),
        ThresholdDrift(0.02),
        DampingDrift(0.02),
        CurrentDrift(0.02),
        ReadoutBits(6),
        BinaryJunctions(31),
        StuckCells(0.05),
        Memristors(64, programming_error_share=0.02, drift_exponent=0.05, time_s=1e3),
        Memristors(64, read_noise_share=0.02),
        ByzantineNodes(0.05),
        *AS_PARAMETERS,
    ]
    return (frames[~new], words.target[~new]), model, frames[new], faults


def layers():
    """What is learned, a layered network, what it is asked, and faults."""
    images, labels = load_digits(return_X_y=True)
    model = SpintronicClassifier((128,), max_iter=5, random_state=0)
    faults = [
        DeadNeurons(0.05),
        DeadSynapses(0.05),
        DeadInputs(0.05),
        SynapseGainSpread(0.05),
        ResonanceOffset(0.1),
        DetuningBits(6),
        WeightLevels(16),
        PowerNoise(0.05),
    ]
    return (images[360:], labels[360:]), model, images[:360], faults


def vowels():
    """What is learned, a network of oscillators that lock, what it is asked, and faults."""
    names = ("ae", "er", "iy", "uw")
    known = datasets.make_vowels(50, names, random_state=0)
    new = datasets.make_vowels(50, names, random_state=1)
    model = SynchronizationClassifier(learning="search", n_starts=3, random_state=0)
    faults = [
        FrequencyDrift(1e6),
        FrequencySpread(1e6),
        CurrentDrift(0.01),
        DeadOscillators(0.25),
    ]
    return (known.data, known.target), model, new.data, faults


def seconds(work):
    """Processor time of the work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def ratios(model, X, fault, n_pairs, beside=None):
    """With the fault over without it, pair by pair; and the median time without it.

    With `beside`, over another model.
    """
    other = model if beside is None else beside
    plain = []
    found = []

    def faulty():
        with_faults(model, fault, random_state=0).predict(X)

    for pair in range(-1, n_pairs):  # The first one warms up.
        works = [lambda: other.predict(X), faulty]
        order = (0, 1) if pair % 2 else (1, 0)
        times = {which: seconds(works[which]) for which in order}
        if pair >= 0:
            found.append(times[1] / times[0])
            plain.append(times[0])
    return np.percentile(found, QUARTILES), float(np.median(plain))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=21)
    parser.add_argument("--only", choices=["digits", "layers", "vowels"])
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| task | fault | without (ms) | with / without | quartiles |")
    print("| --- | --- | --- | --- | --- |", flush=True)
    for make in (digits, layers, vowels):
        if options.only not in (None, make.__name__):
            continue
        known, model, X, faults = make()
        model.fit(*known)
        for fault in faults:
            show(make.__name__, f"`{fault}`", ratios(model, X, fault, options.pairs))
            if fault in AS_PARAMETERS:
                parameters = AS_PARAMETERS[fault]
                noisy = clone(model).set_params(**parameters).fit(*known)
                found = ratios(model, X, fault, options.pairs, noisy)
                show(make.__name__, f"`{fault}`, beside `{parameters}`", found)


def show(task, what, found):
    """Print a row."""
    (low, middle, high), plain = found
    text = f"{1e3 * plain:.1f} | {middle:.2f} | {low:.2f} to {high:.2f}"
    print(f"| {task} | {what} | {text} |", flush=True)


if __name__ == "__main__":
    main()
