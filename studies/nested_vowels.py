"""How good are oscillators at vowels when settings are chosen inside the training fold?

    RESERVOIR_DATA=... python studies/nested_vowels.py [search | online | gradient]
        [--repeats N]

The data are seven vowels of women in five folds of tokens. Candidates differ in the strength
of the sources, which sets the width of the locking bands, and in the number of random starts.
In every training fold each candidate is judged by three inner folds. The best one is fitted
to the whole training fold and scored on the test fold, which had no part in the choice. The
defaults of the classifier are scored on the same folds. There are four oscillators and two
sources; "gradient" has ten oscillators and four sources. `docs/vowels.md` holds what it gave.
"""

import argparse

import numpy as np
from sklearn.model_selection import StratifiedKFold, cross_val_score
from threadpoolctl import threadpool_limits

from reservoir import OscillatorNetwork, SynchronizationClassifier
from reservoir.experiments import VowelsExperiment
from reservoir.experiments.vowels_networks import four_oscillators

# Injection in 1/s, and starts; the last one is the default.
BY_MAP = [(1.5e7, 5), (2e7, 5), (2.5e7, 5), (2e7, 15)]
CANDIDATES = {
    "search": BY_MAP,
    "online": BY_MAP,
    "gradient": [(1.5e7, 4), (2.5e7, 4), (2e7, 8), (2e7, 4)],
}


def classifier(learning, settings, seed):
    injection, n_starts = settings
    network, n_sources = OscillatorNetwork(injection=injection), 2
    if learning == "online":
        network = four_oscillators(seed, injection=injection)
    elif learning == "gradient":
        network, n_sources = OscillatorNetwork(n_oscillators=10, injection=injection), 4
    return SynchronizationClassifier(
        network, n_sources, learning=learning, n_starts=n_starts, random_state=seed
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("learning", nargs="?", choices=CANDIDATES, default="search")
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args()
    learning, candidates = options.learning, CANDIDATES[options.learning]
    experiment = VowelsExperiment(dataset="hillenbrand", n_repeats=options.repeats)
    experiment.load()
    X, y = experiment.data_, experiment.target_
    nested, fixed = [], []
    for seed, folds in enumerate(experiment.folds_):
        for number, (train, test) in enumerate(folds):
            inner = StratifiedKFold(3, shuffle=True, random_state=seed)
            judged = [
                cross_val_score(
                    classifier(learning, settings, seed), X[train], y[train], cv=inner
                ).mean()
                for settings in candidates
            ]
            chosen = candidates[int(np.argmax(judged))]
            for settings, found in ((chosen, nested), (candidates[-1], fixed)):
                model = classifier(learning, settings, seed).fit(X[train], y[train])
                found.append(100 * model.score(X[test], y[test]))
            print(
                f"repeat {seed}, fold {number}: {chosen[0]:.1e} /s, {chosen[1]} starts: "
                f"{nested[-1]:.1f} %, default {fixed[-1]:.1f} %",
                flush=True,
            )
    for name, found in (("chosen inside", nested), ("default", fixed)):
        print(f"{learning}, {name}: {np.mean(found):.2f} +- {np.std(found):.2f} %")


if __name__ == "__main__":
    with threadpool_limits(1, user_api="blas"):
        main()
