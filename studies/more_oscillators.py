"""Do more oscillators, and more sources, learn more?

    python studies/more_oscillators.py {women,twelve,digits,wine} [--sizes 2 4 8 16 32]
        [--sources 1 2 3 4 6] [--seeds 0 1 2 3 4] [--folds 5]

For each number of oscillators, and then, with 16 oscillators, for each number of sources,
`SynchronizationClassifier` learns frequencies by slopes. The script prints the accuracy on
test folds, the difference to the row before on the same folds with its standard error, and
the accuracy of each seed; linear discriminants of the features stand first. Every seed draws
five folds, of which the first few may be taken. `--sizes` and `--sources` may be empty.
`women` and `twelve` need RESERVOIR_DATA with the table of Hillenbrand et al.; the twelve
vowels have folds of speakers. The 8x8 digits are given by their first 16 principal
components, which each training fold finds anew. `docs/synchronization.md` holds the results.
"""

import argparse
from itertools import islice

import numpy as np
from sklearn.datasets import load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline

from reservoir import OscillatorNetwork, SynchronizationClassifier, datasets
from reservoir.experiments.vowels import SEVEN_VOWELS

TABLES = ("women", "twelve", "digits", "wine")
SIZES = (2, 4, 8, 16, 32)
SOURCES = (1, 2, 3, 4, 6)
SEEDS = (0, 1, 2, 3, 4)
N_OF_SOURCES = 16  # oscillators, where the number of sources varies


def table(name):
    """Features, labels, and speakers or None."""
    if name == "wine":
        return *load_wine(return_X_y=True), None
    if name == "digits":
        return *load_digits(return_X_y=True), None
    few = {"vowels": SEVEN_VOWELS, "kinds": ("woman",)} if name == "women" else {}
    vowels = datasets.fetch_hillenbrand(columns="formants", complete=True, **few)
    return vowels.data, vowels.target, vowels.talkers if name == "twelve" else None


def folds_of(X, y, groups, seed):
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    return kind(5, shuffle=True, random_state=seed).split(X, y, groups)


def command_line():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, metavar="N")
    parser.add_argument("--sources", type=int, nargs="*", default=SOURCES, metavar="N")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, metavar="SEED")
    parser.add_argument("--folds", type=int, choices=range(1, 6), default=5)
    return parser.parse_args()


def main():
    options = command_line()
    X, y, groups = table(options.table)

    def accuracies(make):
        """Accuracies in %, one row for each seed and one column for each fold."""
        found = []
        for seed in options.seeds:
            for train, test in islice(folds_of(X, y, groups, seed), options.folds):
                model = make(seed)
                if options.table == "digits":
                    model = make_pipeline(PCA(16, random_state=0), model)
                found.append(model.fit(X[train], y[train]).score(X[test], y[test]))
        return 100 * np.reshape(found, (-1, options.folds))

    def show(title, found, before):
        text = f"{title:<28}{found.mean():>7.2f} ± {found.std():.2f}"
        if before is not None:
            step = found - before
            text += f"{step.mean():>+8.2f} ± {step.std(ddof=1) / np.sqrt(step.size):.2f}"
        seeds = " ".join(f"{mean:.2f}" for mean in found.mean(axis=1))
        print(f"{text}  ({seeds})", flush=True)

    print(
        f"{options.table}: accuracy in %, its spread over folds, step and its standard error "
        "(accuracy of each seed)"
    )
    linear = accuracies(lambda seed: LinearDiscriminantAnalysis())
    show("linear discriminants", linear, None)
    before = None
    for n in options.sizes:
        network = OscillatorNetwork(n_oscillators=n)
        found = accuracies(
            lambda seed, network=network: SynchronizationClassifier(
                network, random_state=seed
            )
        )
        show(f"oscillators: {n}", found, before)
        before = found
    before = None
    network = OscillatorNetwork(n_oscillators=N_OF_SOURCES)
    for n in options.sources:
        found = accuracies(
            lambda seed, n=n: SynchronizationClassifier(network, n, random_state=seed)
        )
        show(f"sources: {n}", found, before)
        before = found


if __name__ == "__main__":
    main()
