"""At which coupling do neurons on a common line pull each other away from their frequencies?

    python studies/mutual_pulling.py [--neurons 64] [--seed 0]

A layered network takes its neurons for independent: each emits at the frequency of its line.
On a common microwave line oscillators hear each other, and with lines one half linewidth
apart they may lock. This script puts the neurons of a layer, at their working point, into an
`OscillatorNetwork` in which each pair is coupled with the same rate K, and measures how far
their frequencies and powers move. It then gives these moves to a network that was trained
without them, and prints its accuracy on test images of handwritten digits: as it is, after
the biases were set anew without labels, and after five passes of learning.

Two oscillators lock if their distance is below about K sqrt(1 + nu^2) / pi in Hz, with the
dimensionless frequency shift nu (Slavin and Tiberkevich, IEEE Trans. Magn. 45, 1875, 2009).
The last column is K over the rate at which neighbours would lock alone. Where the mean power
becomes many times larger, the oscillators drive each other beyond the range of the equation.
"""

import argparse
import copy
import math
import warnings
from dataclasses import replace

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from reservoir import OscillatorNetwork, SimulationError, SpinTorqueOscillator
from reservoir.layers import SpintronicClassifier

COUPLINGS = (
    1e5,
    5e5,
    1e6,
    1.5e6,
    2e6,
    2.5e6,
    3e6,
    4e6,
    6e6,
    8e6,
    12e6,
    16e6,
    24e6,
    32e6,
)  # 1/s
SPACINGS = (1.0, 3.0, 10.0)  # half linewidths
MEASURING_TIME, SETTLING_TIME = 20e-6, 20e-6  # s


def layered(n_neurons, spacing, seed):
    """A network of vortices whose frequency moves with power, but not with the current."""
    neuron = replace(SpinTorqueOscillator.from_preset("romera2018"), current_tuning=0.0)
    return SpintronicClassifier(
        (n_neurons,), neuron=neuron, synapse="vortex", spacing=spacing, random_state=seed
    )


def moves(network, coupling):
    """Moves of frequency (Hz) and ratios of power that a coupling makes."""
    lines = network.line_frequencies_[1]
    step = min(4e-9, 0.1 / np.ptp(lines))
    oscillators = OscillatorNetwork(
        network.neuron,
        len(lines),
        frequencies=lines,
        bias=network.overdrive,
        injection=0.0,
        step=step,
        settling_time=SETTLING_TIME,
        measuring_time=MEASURING_TIME,
    )
    read = [
        copy.copy(oscillators).set_params(coupling=each).measure([[lines.mean()]])  # silent
        for each in (0.0, coupling)
    ]
    return read[1].frequency[0] - read[0].frequency[0], read[1].power[0] / read[0].power[0]


def disturbed(network, shift, ratio):
    """A copy of a network whose neurons emit at other frequencies and powers."""
    other = copy.deepcopy(network)
    last = other.layers_[1]
    other.layers_[1] = replace(
        last,
        line_offsets=last.line_offsets + shift,
        line_gains=(last.line_gains * ratio).astype(last.line_gains.dtype),
    )
    return other


def main():
    """Print the table of each spacing."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--neurons", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    X, y = load_digits(return_X_y=True)
    train, test, y_train, y_test = train_test_split(
        X, y, test_size=0.2, random_state=options.seed, stratify=y
    )
    for spacing in SPACINGS:
        network = layered(options.neurons, spacing, options.seed).fit(train, y_train)
        width = 1.6e6  # Hz, half linewidth of the diodes
        device = network.neuron
        nu = device.nonlinear_shift(network.overdrive * device.threshold_current)
        alone = math.pi * spacing * width / math.sqrt(1 + nu**2)
        print(f"\nlines {spacing:g} half linewidths apart; nu = {nu:.2f}")
        print(f"without coupling: {100 * network.score(test, y_test):.2f} %")
        print(
            "K (1/us)  rms move  largest  locked pairs  power   as is  biases  learned "
            " K/alone"
        )
        for coupling in COUPLINGS:
            try:
                shift, ratio = moves(network, coupling)
            except SimulationError:
                print(f"{coupling / 1e6:8.2f} and more: they drive each other out of bounds")
                break
            lines = network.line_frequencies_[1] + shift
            locked = np.mean(np.abs(np.diff(lines)) < 1 / MEASURING_TIME)
            other = disturbed(network, shift, ratio)
            scores = [
                100 * each.score(test, y_test)
                for each in (other, other.recalibrate(train), other.retrain(train, y_train))
            ]
            moved = np.sqrt(np.mean((shift - shift.mean()) ** 2)) / width
            print(
                f"{coupling / 1e6:8.2f} {moved:9.3f} {np.abs(shift).max() / width:8.2f} "
                f"{100 * locked:11.0f} % {ratio.mean():6.2f} "
                + " ".join(f"{score:7.2f}" for score in scores)
                + f" {coupling / alone:8.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
