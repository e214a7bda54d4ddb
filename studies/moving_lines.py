"""What does it cost if the frequency of a neuron moves with its power, known or ignored?

    python studies/moving_lines.py [--folds 10]

An auto-oscillator changes its frequency with its power, by N Hz per unit of power, and with
its current. The synapses of the next layer hear the line where it is, so their weights depend
on the sample. Three networks of 64-64-10 read handwritten digits, each with vortices of the
preset romera2018 and diodes with a half linewidth of 1.6 MHz:

    still      neither power nor current move the frequency
    known      it moves, and the network learns with it (`frequency_shift=True`)
    ignored    it moves, but the network learned without knowing it

"rows" differ by N in half linewidths per unit of power. The last one is the preset as it is,
whose frequency moves with the current too, by 8.8 half linewidths per threshold.
"""

import argparse
import warnings
from dataclasses import replace

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold

from reservoir import SpinTorqueOscillator
from reservoir.exceptions import FrequencyShiftWarning
from reservoir.layers import SpintronicClassifier

WIDTH = 1.6e6  # Hz, half linewidth of the preset "vortex" of SpinDiode
PRESET = SpinTorqueOscillator.from_preset("romera2018")


def neurons():
    """Neurons by the words of their rows."""
    for shift in (0, 1, 2, 3, 10, 60):
        yield (
            f"N = {shift}",
            replace(PRESET, nonlinear_frequency_shift=shift * WIDTH, current_tuning=0.0),
        )
    yield "romera2018", PRESET


def main():
    """Print a line for each neuron."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folds", type=int, default=10)
    options = parser.parse_args()
    for noted in (FrequencyShiftWarning, ConvergenceWarning):
        warnings.simplefilter("ignore", noted)
    X, y = load_digits(return_X_y=True)
    folds = list(StratifiedKFold(10, shuffle=True, random_state=0).split(X, y))
    print("neuron        known   ignored  ignored, biases anew  (test, %)")
    for name, neuron in neurons():
        scores = []
        for seed, (train, test) in enumerate(folds[: options.folds]):
            network = SpintronicClassifier(
                (64,), neuron=neuron, synapse="vortex", random_state=seed
            )
            known = network.fit(X[train], y[train]).score(X[test], y[test])
            network.set_params(frequency_shift=False).fit(X[train], y[train])
            ignoring = network.set_params(frequency_shift=True)
            again = ignoring.recalibrate(X[train])
            scores.append(
                [known, ignoring.score(X[test], y[test]), again.score(X[test], y[test])]
            )
        means = 100 * np.mean(scores, axis=0)
        print(f"{name:<12} {means[0]:6.2f} {means[1]:9.2f} {means[2]:9.2f}", flush=True)


if __name__ == "__main__":
    main()
