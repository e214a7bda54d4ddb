"""How good is one oscillator when every setting is chosen inside the training fold?

    RESERVOIR_DATA=... python studies/nested_choice.py [index | speaker] [taps | plain]

The outer folds are ten folds by recording index, or leave one speaker out. In every training
fold each candidate below is judged by inner folds of the same kind, with the mask of seed 0.
The best candidate is fitted to the whole training fold with the masks of seeds 0 to 4, and
scored on the test fold, which had no part in the choice. Candidates differ in front end and
readout, and have the same oscillator.
"""

import argparse
import itertools

import numpy as np
from joblib import Parallel, delayed

from reservoir import ReservoirClassifier, datasets
from reservoir.audio import Cochleagram

N_INNER = 3
COMPRESSIONS = (0.25, 0.33)


def candidates(context):
    """Settings of the classifier and the compression of the cochleagram."""
    return [
        {
            "compression": compression,
            "n_segments": n_segments,
            "standardize": standardize,
            "context": context,
        }
        for compression, n_segments, standardize in itertools.product(
            COMPRESSIONS, (3, 4), (False, True)
        )
    ]


def score(frames, target, train, test, settings, seed):
    settings = dict(settings)
    clips = frames[settings.pop("compression")]
    classifier = ReservoirClassifier(random_state=seed, **settings)
    classifier.fit(clips[train], target[train])
    return classifier.score(clips[test], target[test])


def one_fold(frames, target, parts, outer, context):
    train, test = np.flatnonzero(parts != outer), np.flatnonzero(parts == outer)
    others = [part for part in np.unique(parts) if part != outer]
    inner = others[:: max(len(others) // N_INNER, 1)][:N_INNER]
    means = []
    for settings in candidates(context):
        scores = [
            score(
                frames,
                target,
                train[parts[train] != part],
                train[parts[train] == part],
                settings,
                0,
            )
            for part in inner
        ]
        means.append(np.mean(scores))
    best = candidates(context)[int(np.argmax(means))]
    accuracy = [score(frames, target, train, test, best, seed) for seed in range(5)]
    chosen = ", ".join(f"{name} {value}" for name, value in best.items())
    print(f"fold {outer}: {100 * np.mean(accuracy):.2f} %  ({chosen})", flush=True)
    return accuracy


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("protocol", nargs="?", choices=("index", "speaker"), default="index")
    parser.add_argument("readout", nargs="?", choices=("taps", "plain"), default="taps")
    options = parser.parse_args()
    protocol, context = options.protocol, () if options.readout == "plain" else (4, 8)
    digits = datasets.fetch_fsdd()
    frames = {
        compression: Cochleagram(digits.sample_rate, compression=compression).fit_transform(
            digits.data
        )
        for compression in COMPRESSIONS
    }
    parts = digits.indices % 10 if protocol == "index" else digits.speakers
    accuracies = Parallel(n_jobs=2)(
        delayed(one_fold)(frames, digits.target, parts, outer, context)
        for outer in np.unique(parts)
    )
    folds = 100 * np.mean(accuracies, axis=1)
    print(
        f"{protocol}, {'taps' if context else 'no taps'}, five masks: "
        f"{folds.mean():.2f} +- {folds.std():.2f} % over {len(folds)} folds"
    )


if __name__ == "__main__":
    main()
