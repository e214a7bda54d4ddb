"""Do more oscillators, and more sources, learn more?

    python studies/more_oscillators.py [women | twelve | digits | wine] [N_SEEDS] [N_FOLDS]

For 2, 4, 8, 16 and 32 oscillators, and 1 to 6 sources, `SynchronizationClassifier` learns
frequencies by slopes. The script prints the accuracy on test folds, the difference to the
size before on the same folds with its standard error, and linear discriminants of features
beside it. Every seed draws five folds, of which the first N_FOLDS (five) are test folds.
`women` and `twelve` need RESERVOIR_DATA with the table of Hillenbrand et al.; the twelve
vowels have folds of speakers. The 8x8 digits are given by their first 16 principal
components, which each training fold finds anew. `docs/synchronization.md` holds the results.
"""

import sys
from itertools import islice

import numpy as np
from sklearn.datasets import load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline

from reservoir import OscillatorNetwork, SynchronizationClassifier, datasets
from reservoir.experiments.vowels import SEVEN_VOWELS

SIZES = (2, 4, 8, 16, 32)
SOURCES = (1, 2, 3, 4, 6)
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


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "wine"
    n_seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    n_folds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    X, y, groups = table(name)

    def accuracies(make):
        found = []
        for seed in range(n_seeds):
            for train, test in islice(folds_of(X, y, groups, seed), n_folds):
                model = make(seed)
                if name == "digits":
                    model = make_pipeline(PCA(16, random_state=0), model)
                found.append(model.fit(X[train], y[train]).score(X[test], y[test]))
        return 100 * np.array(found)

    def show(title, found, before):
        text = f"{title:<28}{found.mean():>7.2f} ± {found.std():.2f}"
        if before is not None:
            step = found - before
            text += f"{step.mean():>+8.2f} ± {step.std(ddof=1) / np.sqrt(len(step)):.2f}"
        print(text, flush=True)

    print(f"{name}: accuracy in %, its spread over folds, step and its standard error")
    linear = accuracies(lambda seed: LinearDiscriminantAnalysis())
    show("linear discriminants", linear, None)
    before = None
    for n in SIZES:
        network = OscillatorNetwork(n_oscillators=n)
        found = accuracies(
            lambda seed, network=network: SynchronizationClassifier(
                network, random_state=seed
            )
        )
        show(f"{n} oscillators", found, before)
        before = found
    before = None
    network = OscillatorNetwork(n_oscillators=N_OF_SOURCES)
    for n in SOURCES:
        found = accuracies(
            lambda seed, n=n: SynchronizationClassifier(network, n, random_state=seed)
        )
        show(f"{n} sources, {N_OF_SOURCES} oscillators", found, before)
        before = found


if __name__ == "__main__":
    main()
