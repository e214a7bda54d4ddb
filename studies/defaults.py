"""Do the defaults lose to an echo-state network of the same size that gets the same input?

    RESERVOIR_DATA=... python studies/defaults.py [--tasks TASK ...]         (FSDD, Santa Fe)

Each row is a mean over seeds 0 to 4 of what an estimator gives without any setting but its
seed (and a washout of 100 steps, for series), and of an echo-state network of 400 units with
settings that are usual in software (spectral radius 0.9; leak 0.3 for classification and 1
for series; input scale 1). Both get the same input and have the same kind of readout. The
spread is the standard deviation over seeds. Accuracies are in per cent; the series give the
normalised mean squared error.

- cochleagram, mfcc: FSDD, 20 of 50 recordings, a speaker left out, and by recording number.
- digits, wine: tables of scikit-learn, five folds.
- narma10: 4000 steps to learn and 2000 to test. santa-fe: 3000 and 1000.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import warnings

import numpy as np
from sklearn.datasets import load_digits, load_wine
from sklearn.model_selection import StratifiedKFold

from reservoir import DriveClippingWarning, ReservoirClassifier, ReservoirRegressor, datasets
from reservoir.audio import MFCC, Cochleagram
from reservoir.experiments.echo_state import EchoStateClassifier, EchoStateNetwork
from reservoir.metrics import nmse
from reservoir.readout import fit_leave_one_out

SEEDS = range(5)
SIZE = 400
WASHOUT = 100


def speech(front_end, protocol):
    """Frames, labels and folds of a part of FSDD."""
    bunch = datasets.fetch_fsdd()
    kept = np.flatnonzero(bunch.indices % 5 < 2)
    frames = front_end(bunch.sample_rate).fit_transform([bunch.data[i] for i in kept])
    marks = bunch.speakers[kept] if protocol == "speaker" else bunch.indices[kept] % 10 // 2
    folds = [
        (np.flatnonzero(marks != m), np.flatnonzero(marks == m)) for m in np.unique(marks)
    ]
    return frames, bunch.target[kept], folds


def table(load):
    X, y = load(return_X_y=True)
    return X, y, list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))


CLASSIFICATION = {
    "cochleagram speaker": lambda: speech(Cochleagram, "speaker"),
    "cochleagram index": lambda: speech(Cochleagram, "index"),
    "mfcc speaker": lambda: speech(MFCC, "speaker"),
    "mfcc index": lambda: speech(MFCC, "index"),
    "digits": lambda: table(load_digits),
    "wine": lambda: table(load_wine),
}


def accuracies(make, X, y, folds):
    """Mean accuracy over folds of each seed, in per cent."""
    scores = []
    for seed in SEEDS:
        found = []
        for train, test in folds:
            model = make(seed).fit(_chosen(X, train), y[train])
            found.append(model.score(_chosen(X, test), y[test]))
        scores.append(100 * np.mean(found))
    return scores


def _chosen(X, rows):
    return X[rows] if X.dtype != object else list(X[rows])


def narma10():
    bunch = datasets.make_narma10(6000, random_state=0)
    return np.reshape(bunch.data, (-1, 1)), np.ravel(bunch.target), 4000, 6000


def santa_fe():
    bunch = datasets.fetch_santa_fe()
    return np.reshape(bunch.data, (-1, 1)).astype(float), np.ravel(bunch.target), 3000, 4000


SERIES = {"narma10": narma10, "santa-fe": santa_fe}
TASKS = (*CLASSIFICATION, *SERIES)


def oscillator_errors(X, y, n_train, n_all):
    errors = []
    for seed in SEEDS:
        model = ReservoirRegressor(washout=WASHOUT, random_state=seed)
        model.fit(X[:n_train], y[:n_train])
        errors.append(nmse(y[n_train:n_all], model.predict(X[:n_all])[n_train:]))
    return errors


def network_errors(X, y, n_train, n_all):
    errors = []
    standard = (X[:n_all] - X[:n_train].mean()) / X[:n_train].std()
    for seed in SEEDS:
        network = EchoStateNetwork(
            SIZE, input_scale=1.0, bias_scale=0.1, spectral_radius=0.9, leak=1.0, seed=seed
        )
        states = network.states(standard.T)[0]
        block = states[WASHOUT:n_train], y[WASHOUT:n_train, np.newaxis], None
        readout = fit_leave_one_out(lambda block=block: iter([block]))
        errors.append(nmse(y[n_train:n_all], readout(states[n_train:])[:, 0]))
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    options = parser.parse_args()
    warnings.simplefilter("ignore", DriveClippingWarning)
    for name in options.tasks:
        if name in SERIES:
            data = SERIES[name]()
            found = oscillator_errors(*data), network_errors(*data)
        else:
            data = CLASSIFICATION[name]()
            found = (
                accuracies(lambda seed: ReservoirClassifier(random_state=seed), *data),
                accuracies(lambda seed: EchoStateClassifier(SIZE, random_state=seed), *data),
            )
        ours, network = (f"{np.mean(v):.4g} +- {np.std(v):.2g}" for v in found)
        print(f"{name:22s} oscillator {ours:18s} echo-state network {network}", flush=True)


if __name__ == "__main__":
    main()
