"""Is the default classifier by oscillators as good as linear discriminants, on any table?

    python studies/beside_discriminants.py [--tables TABLE ...]

`SynchronizationClassifier` with its defaults, which choose the number of oscillators and of
sources, the step and the times, is tested on five stratified folds, and so are linear
discriminants of the same features. The script prints both accuracies, and their difference
with its standard error over the folds. The vowels of `men` and `children` need
RESERVOIR_DATA with the table of Hillenbrand et al. `docs/synchronization.md` holds what it
gave.
"""

import argparse

import numpy as np
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from reservoir import SynchronizationClassifier, datasets
from reservoir.experiments.vowels import SEVEN_VOWELS

N_COMPONENTS = 16  # principal components of the digits, found anew in each training fold


def drawn(vowels=None):
    names = {} if vowels is None else {"vowels": vowels}
    drawn = datasets.make_vowels(40, random_state=0, **names)
    return drawn.data, drawn.target


def spoken(kinds, vowels=None):
    names = {} if vowels is None else {"vowels": vowels}
    found = datasets.fetch_hillenbrand(
        columns="formants", complete=True, kinds=kinds, **names
    )
    return found.data, found.target


TABLES = {
    "iris": lambda: load_iris(return_X_y=True),
    "wine": lambda: load_wine(return_X_y=True),
    "digits": lambda: load_digits(return_X_y=True),
    "drawn-seven": lambda: drawn(SEVEN_VOWELS),
    "drawn-twelve": drawn,
    "men-seven": lambda: spoken(("man",), SEVEN_VOWELS),
    "men-twelve": lambda: spoken(("man",)),
    "children-seven": lambda: spoken(("boy", "girl"), SEVEN_VOWELS),
    "children-twelve": lambda: spoken(("boy", "girl")),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES)
    options = parser.parse_args()
    print("table, tokens, classes: network, discriminants, difference ± standard error, in %")
    for name in options.tables:
        X, y = TABLES[name]()
        models = {
            "network": SynchronizationClassifier(random_state=0),
            "discriminants": LinearDiscriminantAnalysis(),
        }
        if name == "digits":
            models = {
                kind: make_pipeline(PCA(N_COMPONENTS, random_state=0), model)
                for kind, model in models.items()
            }
        folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
        found = np.array(
            [
                [
                    100 * model.fit(X[train], y[train]).score(X[test], y[test])
                    for train, test in folds
                ]
                for model in models.values()
            ]
        )
        gain = found[0] - found[1]
        print(
            f"{name:<16}{len(y):>5}{len(set(y)):>4}: {found[0].mean():.1f} "
            f"{found[1].mean():.1f} {gain.mean():+.1f} ± {gain.std(ddof=1) / np.sqrt(5):.1f}",
            flush=True,
        )


if __name__ == "__main__":
    with threadpool_limits(1, user_api="blas"):
        main()
