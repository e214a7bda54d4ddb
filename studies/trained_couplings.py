"""Do couplings that are trained help oscillators to decide?

    RESERVOIR_DATA=... python studies/trained_couplings.py [--draws 5]
        [--situations SITUATION ...]

Four oscillators and two sources learn seven vowels of women (Hillenbrand et al. 1995), or
four classes of drawn numbers that overlap, in five stratified folds, drawn several times.
Learning is by slopes: without coupling, and with couplings of all pairs that are learned
together with frequencies and combinations. On the same folds the script prints the share of
the training tokens that the formula gets right, the accuracy of the network on test tokens,
the gains over no coupling with their standard errors, and the mean size of a coupling over
the strength of a source. `docs/vowels-coupling.md` holds what it gave.
"""

import argparse

import numpy as np
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from reservoir import OscillatorNetwork, SynchronizationClassifier
from reservoir.experiments import VowelsExperiment
from reservoir.experiments.vowels_networks import four_oscillators, stiff_device

LINEWIDTH = 0.3e6  # Hz
WAYS = {"none": False, "trained": True}


def vowels():
    experiment = VowelsExperiment(dataset="hillenbrand")
    experiment.load()
    return experiment.data_, experiment.target_


def overlapping():
    """Four classes of unit normal numbers in six directions, which nobody tells apart."""
    generator = np.random.default_rng(0)
    y = np.repeat(np.arange(4), 80)
    means = 0.8 * generator.standard_normal((4, 6))
    return means[y] + generator.standard_normal((320, 6)), y


SITUATIONS = {
    "vowels": (vowels, lambda seed: OscillatorNetwork()),
    "vowels, noise": (
        vowels,
        lambda seed: OscillatorNetwork(linewidth=LINEWIDTH, random_state=seed),
    ),
    "vowels, unequal stiff devices": (
        vowels,
        lambda seed: four_oscillators(seed, stiff_device()),
    ),
    "overlapping classes": (overlapping, lambda seed: OscillatorNetwork()),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=5, help="draws of the five folds")
    parser.add_argument("--situations", nargs="+", choices=SITUATIONS, default=SITUATIONS)
    options = parser.parse_args()
    print("accuracy in %, gains over no coupling ± standard error over folds")
    for situation in options.situations:
        load, network_of = SITUATIONS[situation]
        X, y = load()
        found = {way: [] for way in WAYS}
        for seed in range(options.draws):
            folds = StratifiedKFold(5, shuffle=True, random_state=seed)
            for train, test in folds.split(X, y):
                for way, learned in WAYS.items():
                    model = SynchronizationClassifier(
                        network_of(seed), 2, learn_couplings=learned, random_state=seed
                    ).fit(X[train], y[train])
                    sizes = np.abs(model.network_.coupling_matrix())
                    found[way].append(
                        [
                            100 * model.learning_curve_[-1],
                            100 * model.score(X[test], y[test]),
                            sizes.sum() / (len(sizes) * (len(sizes) - 1)) / 2e7,
                        ]
                    )
        for way, rows in found.items():
            formula, test, size = np.mean(rows, axis=0)
            gain = np.subtract(rows, found["none"])[:, :2]
            error = gain.std(axis=0, ddof=1) / np.sqrt(len(gain))
            print(
                f"{situation}, {way}: formula {formula:.1f} ({gain[:, 0].mean():+.2f} ± "
                f"{error[0]:.2f}), test {test:.1f} ({gain[:, 1].mean():+.2f} ± "
                f"{error[1]:.2f}), size {size:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    with threadpool_limits(1, user_api="blas"):
        main()
