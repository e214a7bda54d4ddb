"""When does coupling between the oscillators help to recognise vowels?

    RESERVOIR_DATA=... python studies/vowel_coupling.py [confirm]     (ten minutes)

The task is seven vowels of women, for four oscillators and two sources. In five situations
the network is trained and tested without coupling and with |K| = 0.5 or 2 per microsecond at
the phases 0, 90, 180 and 270 degrees, in training and test alike. There are five folds of
tokens, drawn N_REPEATS times. Situations share folds and seeds, so that gains are differences
on equal test tokens. A quarter of every training fold is not trained with: "chosen" is the
test accuracy of the coupling (possibly none) that does best on that quarter.

"confirm" measures the one coupling that looked best again, on five new draws of the folds,
with all training tokens and the default number of starts. The first look picked that coupling
from eight, and all its gains are over one row without coupling, lucky or unlucky.
`docs/vowels-coupling.md` holds what both gave.
"""

import argparse

import numpy as np
from sklearn.model_selection import StratifiedKFold, train_test_split
from threadpoolctl import threadpool_limits

from reservoir import OscillatorNetwork, SynchronizationClassifier
from reservoir.experiments import VowelsExperiment
from reservoir.experiments.vowels_networks import four_oscillators, stiff_device

N_REPEATS = 2
N_STARTS, DEFAULT_STARTS = 5, 15
STRENGTHS = (0.5e6, 2e6)  # 1/s
PHASES = (0, 90, 180, 270)  # degrees
COUPLINGS = {"none": 0.0} | {
    f"{strength / 1e6:g} at {phase}": strength * np.exp(1j * np.deg2rad(phase))
    for strength in STRENGTHS
    for phase in PHASES
}
LINEWIDTH = 0.3e6  # Hz
WEAK = 5e6  # 1/s, a quarter of the default injection


BEST = "0.5 at 180"
NEW_DRAWS = range(10, 15)


def search(network, seed):
    return SynchronizationClassifier(
        network, learning="search", n_starts=N_STARTS, random_state=seed
    )


def online(network, seed):
    return search(network, seed).set_params(learning="online", n_presentations=50)


SITUATIONS = {
    "as designed": lambda coupling, seed: search(OscillatorNetwork(coupling=coupling), seed),
    "noise": lambda coupling, seed: search(
        OscillatorNetwork(coupling=coupling, linewidth=LINEWIDTH, random_state=seed), seed
    ),
    "weak sources": lambda coupling, seed: search(
        OscillatorNetwork(coupling=coupling, injection=WEAK), seed
    ),
    "mistuned, online": lambda coupling, seed: online(
        four_oscillators(seed, coupling=coupling), seed
    ),
    "the same, stiff": lambda coupling, seed: online(
        four_oscillators(seed, coupling=coupling, oscillator=stiff_device()), seed
    ),
}


def explore(situation, X, y, train, test, seed):
    """Test accuracy for every coupling, and which one the held-out quarter chooses."""
    inner, held = train_test_split(train, stratify=y[train], random_state=seed)
    found, judged = {}, {}
    for name, coupling in COUPLINGS.items():
        classifier = SITUATIONS[situation](coupling, seed).fit(X[inner], y[inner])
        found[name] = classifier.score(X[test], y[test])
        judged[name] = classifier.score(X[held], y[held])
    chosen = max(judged, key=judged.get)  # the first of equals: none, if it is one
    return found | {"chosen": found[chosen]}, chosen


def confirm(situation, X, y, train, test, seed):
    """Test accuracy without coupling and with the one that looked best."""
    found = {}
    for name in ("none", BEST):
        classifier = SITUATIONS[situation](COUPLINGS[name], seed)
        classifier.set_params(n_starts=DEFAULT_STARTS).fit(X[train], y[train])
        found[name] = classifier.score(X[test], y[test])
    return found, None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", nargs="?", choices=("explore", "confirm"), default="explore")
    measure, draws = explore, range(N_REPEATS)
    if parser.parse_args().part == "confirm":
        measure, draws = confirm, NEW_DRAWS
    experiment = VowelsExperiment(dataset="hillenbrand")
    experiment.load()
    X, y = experiment.data_, experiment.target_
    folds = [
        (draw, train, test)
        for draw in draws
        for train, test in StratifiedKFold(5, shuffle=True, random_state=draw).split(X, y)
    ]
    print(
        f"{len(y)} tokens, test accuracy in % +- spread over folds; gain over no coupling in"
    )
    print("points +- its standard deviation over folds / sqrt(folds)")
    for situation in SITUATIONS:
        outcomes = [
            measure(situation, X, y, train, test, draw) for draw, train, test in folds
        ]
        print(f"\n{situation}")
        none = 100 * np.array([found["none"] for found, _ in outcomes])
        for coupling in outcomes[0][0]:
            values = 100 * np.array([found[coupling] for found, _ in outcomes])
            repeats = values.reshape(len(draws), -1).mean(axis=1)
            gain = values - none
            print(
                f"  {coupling:12s}{values.mean():6.1f} +- {values.std():.1f}, "
                f"repeats {' '.join(f'{value:.1f}' for value in repeats)}, "
                f"gain {gain.mean():+5.1f} +- {gain.std(ddof=1) / np.sqrt(len(gain)):.1f}",
                flush=True,
            )
        chosen = [chosen for _, chosen in outcomes]
        counts = {name: chosen.count(name) for name in COUPLINGS if name in chosen}
        if counts:
            print("  chosen:", ", ".join(f"{name} ({n} x)" for name, n in counts.items()))


if __name__ == "__main__":
    with threadpool_limits(1, user_api="blas"):
        main()
