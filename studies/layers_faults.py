"""What do faults of the devices cost a layered network, and what brings it back?

    OMP_NUM_THREADS=1 python studies/layers_faults.py [robustness recovery levels choice]

The data are the 8x8 digits of scikit-learn, in three stratified splits of four fifths to
learn and one fifth to test. Each fault is drawn four times, so most numbers are means of
twelve test accuracies, in per cent. A split has 360 test images. The standard error of an
accuracy is 0.4 points. That of a difference to the row "none" is less, because the networks
are the same.

- robustness: faults after learning, nothing repaired. The columns of `control` have weights
  that are set directly and rectifiers; "-" stands where they cannot have the fault.
- levels: networks that learned with levels of the weights, with and without errors.
- recovery: as is / biases from unlabelled data (`recalibrate`) / last layer learns for five
  passes / all layers learn for five passes, each from the network as is.
- choice: how much noise on the detunings to learn with, how far apart the lines should be,
  and how long to learn with levels, for 128 neurons. It is judged inside the learning data.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import functools

import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedShuffleSplit

from reservoir.faults import (
    DeadInputs,
    DeadNeurons,
    DeadSynapses,
    DetuningBits,
    LineOffset,
    NeuronGainSpread,
    PowerNoise,
    ResonanceDrift,
    ResonanceOffset,
    SynapseGainSpread,
    ThresholdSpread,
    WeightLevels,
    with_faults,
)
from reservoir.layers import SpintronicClassifier, control

X, Y = load_digits(return_X_y=True)
N_SPLITS, N_DRAWS = 3, 4
SPLITS = list(StratifiedShuffleSplit(N_SPLITS, test_size=0.2, random_state=0).split(X, Y))
STANDARD_GAIN = {"drive_spread": 1.0, "initial_weight": 0.5, "output_spread": 2.0}
WIDE = {"hidden_layer_sizes": (128,), "power_noise": 0.3}
NETWORKS = {
    "64": SpintronicClassifier(),
    "64 spacing 10": SpintronicClassifier(spacing=10.0, highest_frequency=1e12),
    "64 standard gain": SpintronicClassifier(**STANDARD_GAIN),
    "64 standard gain, spacing 10": SpintronicClassifier(
        **STANDARD_GAIN, spacing=10.0, highest_frequency=1e12
    ),
    "128": SpintronicClassifier(**WIDE),
    "128 aware": SpintronicClassifier(**WIDE, detuning_noise=0.1),
    "128 spacing 3": SpintronicClassifier(**WIDE, spacing=3.0),
    "control 64": control(SpintronicClassifier()),
    "control 128": control(SpintronicClassifier(**WIDE)),
}
LEVELS = {
    "64, 4 levels": SpintronicClassifier(weight_levels=4),
    "64, 2 levels": SpintronicClassifier(weight_levels=2),
    "128, 4 levels": SpintronicClassifier(**WIDE, weight_levels=4),
    "128, 2 levels": SpintronicClassifier(**WIDE, weight_levels=2),
    "128, 4 levels, 80 passes": SpintronicClassifier(**WIDE, weight_levels=4, max_iter=80),
    "128, 2 levels, 80 passes": SpintronicClassifier(**WIDE, weight_levels=2, max_iter=80),
}
ROWS = {
    "none": [],
    **{f"resonances off, rms {s}": [ResonanceOffset(s)] for s in (0.02, 0.05, 0.1, 0.2, 0.5)},
    **{f"drift of all resonances by {s}": [ResonanceDrift(s)] for s in (0.1, 0.2, 0.5)},
    **{f"lines off, rms {s}": [LineOffset(s)] for s in (0.05, 0.1, 0.2)},
    **{
        f"lines of neurons off, rms {s}": [LineOffset(s, "neurons")] for s in (0.05, 0.1, 0.2)
    },
    **{f"synapse gain {s:.0%}": [SynapseGainSpread(s)] for s in (0.01, 0.05, 0.1, 0.2)},
    **{f"noise on powers {s:.0%}": [PowerNoise(s)] for s in (0.01, 0.05, 0.1, 0.2)},
    "neuron gain 20%": [NeuronGainSpread(0.2)],
    **{f"thresholds {s:.0%}": [ThresholdSpread(s)] for s in (0.1, 0.2)},
    **{f"dead neurons {s:.0%}": [DeadNeurons(s)] for s in (0.05, 0.1, 0.2)},
    **{f"dead synapses {s:.0%}": [DeadSynapses(s)] for s in (0.01, 0.05, 0.1)},
    **{f"dead inputs {s:.0%}": [DeadInputs(s)] for s in (0.05, 0.1)},
    **{f"detunings of {n} bits": [DetuningBits(n)] for n in (1, 2, 3, 4, 5)},
    **{f"weights of {n} levels": [WeightLevels(n)] for n in (2, 4, 8, 16)},
}
SPACINGS = 1.0, 2.0, 3.0, 5.0, 10.0
CANDIDATES = {
    **{
        f"detuning_noise={noise}": SpintronicClassifier(**WIDE, detuning_noise=noise)
        for noise in (0.0, 0.05, 0.1, 0.2)
    },
    **{
        f"spacing={spacing:g}": SpintronicClassifier(
            **WIDE, spacing=spacing, highest_frequency=1e12
        )
        for spacing in SPACINGS
    },
    **{
        f"{levels} levels, {passes} passes": SpintronicClassifier(
            **WIDE, weight_levels=levels, max_iter=passes
        )
        for levels in (4, 2)
        for passes in (40, 80)
    },
}
OF_CHOICE = [
    "none",
    "resonances off, rms 0.1",
    "resonances off, rms 0.2",
    "lines off, rms 0.1",
    "synapse gain 10%",
    "synapse gain 20%",
    "dead synapses 1%",
    "dead synapses 5%",
    "detunings of 2 bits",
]
OF_LEVELS = [
    "none",
    "resonances off, rms 0.1",
    "resonances off, rms 0.2",
    "synapse gain 20%",
    "noise on powers 20%",
    "dead neurons 10%",
    "dead synapses 5%",
]
REPAIRED = {
    "none": [],
    **{f"resonances off, rms {s}": [ResonanceOffset(s)] for s in (0.1, 0.2, 0.3)},
    "drift of all resonances by 0.2": [ResonanceDrift(0.2)],
    "lines off, rms 0.1": [LineOffset(0.1)],
    "synapse gain 20%": [SynapseGainSpread(0.2)],
    "dead neurons 10%": [DeadNeurons(0.1)],
    "dead synapses 5%": [DeadSynapses(0.05)],
    "detunings of 3 bits": [DetuningBits(3)],
}


@functools.cache
def fitted(name, split):
    """A network that learned from the learning data of a split."""
    learn, _ = SPLITS[split]
    network = {**NETWORKS, **LEVELS}[name]
    return clone(network).set_params(random_state=split).fit(X[learn], Y[learn])


def accuracies(name, faults, *repairs):
    """Test accuracy in per cent after each repair, as the mean over splits and draws."""
    found = []
    for split, (learn, test) in enumerate(SPLITS):
        for draw in range(N_DRAWS):
            worse = with_faults(fitted(name, split), faults, random_state=draw)
            found.append(
                [
                    100 * repair(worse, X[learn], Y[learn]).score(X[test], Y[test])
                    for repair in repairs or (as_is,)
                ]
            )
    return np.mean(found, axis=0)


def as_is(network, X, y):
    return network


def recalibrated(network, X, y):
    return network.recalibrate(X)


def last_retrained(network, X, y):
    return network.retrain(X, y, layers="last")


def all_retrained(network, X, y):
    return network.retrain(X, y)


def cell(name, faults):
    """One number of a table, or a dash where the network cannot have the fault."""
    try:
        return f"{accuracies(name, faults)[0]:.2f}"
    except ValueError:
        return "-"


def table(names, rows, cell):
    """Print a table of networks (columns) and faults (rows)."""
    print("| fault | " + " | ".join(names) + " |")
    print("| --- |" + " --- |" * len(names))
    for row, faults in rows.items():
        print(f"| {row} | " + " | ".join(cell(name, faults) for name in names) + " |")
    print(flush=True)


def robustness():
    table(NETWORKS, ROWS, cell)


def levels():
    table(LEVELS, {row: ROWS[row] for row in OF_LEVELS}, cell)


def recovery():
    repairs = as_is, recalibrated, last_retrained, all_retrained

    def cells(name, faults):
        return " / ".join(f"{each:.2f}" for each in accuracies(name, faults, *repairs))

    names = [name for name in NETWORKS if not name.startswith("control")]
    table(names, REPAIRED, cells)


@functools.cache
def fitted_inside(name):
    """Networks that learned from four fifths of the learning data, with the rest."""
    found = []
    for split, (learn, _) in enumerate(SPLITS):
        inner = StratifiedShuffleSplit(2, test_size=0.2, random_state=split)
        for near, held in inner.split(X[learn], Y[learn]):
            network = clone(CANDIDATES[name]).set_params(random_state=split)
            network.fit(X[learn][near], Y[learn][near])
            found.append((network, X[learn][held], Y[learn][held]))
    return found


def choice():
    """Accuracy on a fifth of the learning data."""

    def cell(name, faults):
        scores = [
            with_faults(network, faults, draw).score(features, labels)
            for network, features, labels in fitted_inside(name)
            for draw in range(N_DRAWS)
        ]
        return f"{100 * np.mean(scores):.2f}"

    table(CANDIDATES, {row: ROWS[row] for row in OF_CHOICE}, cell)


if __name__ == "__main__":
    parts = {
        "robustness": robustness,
        "levels": levels,
        "recovery": recovery,
        "choice": choice,
    }
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(parts))
    chosen = parser.parse_args().parts or ["robustness", "levels", "recovery"]
    for part in chosen:
        print(part)
        parts[part]()
