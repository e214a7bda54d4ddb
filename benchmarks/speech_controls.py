"""What do other learners reach with the same front end, with and without the same copies?

    python benchmarks/speech_controls.py esn-400 --protocol speaker --seed 0 1 2
    python benchmarks/speech_controls.py minirocket --trim 40 --speeds 0.85 1.15
                                                    (needs: pip install ".[bench]"; FSDD)

`esn-400` and `esn-1000` are echo-state networks of ReservoirPy with tanh units (spectral
radius 0.9, leak 0.3, input scaling 1, not tuned further). They are reset before each clip,
and the mean states of four segments (or `--segments`) are read.
`minirocket` stands for 10 000 features of aeon's MiniRocket, from clips resampled to 64
frames.

All standardise their features and fit a ridge regression. Its strength is chosen by inner
folds that leave speakers out (`speaker`), or every fifth clip with its copies (`index`).
`--trim` works as for `reservoir digits`. With `--speeds` they are fitted to every clip and
its copies at these speeds, and decision values are averaged over the same copies of the test
clip, as `reservoir digits --speeds` does. `docs/speech.md` and `docs/digits.md` hold what
they gave.
"""

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from reservoir.experiments import DigitsExperiment
from reservoir.multiplexing.pooling import frame_ranges
from reservoir.readout import fit_folds

N_FRAMES = 64
N_FOLDS = 5
ALPHAS = 10.0 ** np.arange(-6, 1)  # beside the mean squared error, features standardised
# There are more features of MiniRocket than clips, and they are many: single precision.
KERNEL_ALPHAS = 10.0 ** np.arange(-3, 2)


def echo_state_features(n_units, n_segments):
    """A function from copies of all clips and a seed to tables of pooled states."""
    from reservoirpy.nodes import Reservoir

    def features(copies, seed):
        node = Reservoir(units=n_units, sr=0.9, lr=0.3, input_scaling=1.0, seed=seed)
        node.run(copies[0][0])
        return [pooled_states(node, frames, n_segments) for frames in copies]

    return features


def pooled_states(node, frames, n_segments=4):
    first, last = frame_ranges([len(clip) for clip in frames], "segments", n_segments)
    pooled = np.empty((len(frames), n_segments * node.units))
    for i, clip in enumerate(frames):
        node.reset()
        states = node.run(clip)
        pooled[i] = np.concatenate(
            [states[a:b].mean(axis=0) for a, b in zip(first[i], last[i], strict=True)]
        )
    return pooled


def rocket_features(copies, seed, train):
    """Features of MiniRocket, whose biases are drawn from the training clips."""
    from aeon.transformations.collection.convolution_based import MiniRocket

    stretched = [np.stack([resampled(clip) for clip in frames]) for frames in copies]
    rocket = MiniRocket(10_000, random_state=seed, n_jobs=1)
    rocket.fit(np.concatenate([table[train] for table in stretched]))
    return [np.asarray(rocket.transform(table), dtype=np.float32) for table in stretched]


def resampled(clip):
    """A clip of N_FRAMES frames, interpolated linearly, of shape (n_channels, N_FRAMES)."""
    place = np.linspace(0, len(clip) - 1, N_FRAMES)
    return np.array([np.interp(place, np.arange(len(clip)), row) for row in clip.T])


def fit_gram(features, targets, folds):
    """Ridge from Gram matrices of the features, as the oscillator's readout is fitted."""

    def rows():
        yield features, targets, folds

    return fit_folds(rows, rows, ALPHAS)


def fit_kernel(features, targets, folds):
    """The same regression by way of the products of clips, of which there are fewer."""
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale == 0] = 1
    standard = (features - mean) / scale
    products = standard @ standard.T / features.shape[1]
    losses = np.zeros(len(KERNEL_ALPHAS))
    for fold in np.unique(folds):
        inside, outside = folds != fold, folds == fold
        center = targets[inside].mean(axis=0)
        for index, alpha in enumerate(KERNEL_ALPHAS):
            damped = products[np.ix_(inside, inside)]
            weights = solve(damped, alpha, targets[inside] - center)
            outputs = products[np.ix_(outside, inside)] @ weights + center
            losses[index] += np.sum((targets[outside] - outputs) ** 2)
    center = targets.mean(axis=0)
    alpha = KERNEL_ALPHAS[losses.argmin()]
    weights = solve(products, alpha, targets - center)
    coefficients = standard.T @ weights / features.shape[1]

    def readout(table):
        return (table - mean) / scale @ coefficients + center

    readout.alpha = alpha
    return readout


def solve(products, alpha, targets):
    damped = products.copy()
    damped.flat[:: len(damped) + 1] += np.float32(alpha)
    return cho_solve(cho_factor(damped, overwrite_a=True), targets.astype(damped.dtype))


def score(experiment, tables, fold, fit, grouped):
    """Accuracy on a test fold of a readout fitted to all tables, and its ridge strength."""
    train, test = experiment.folds_[fold]
    marks = experiment.speakers_[train] if grouped else np.arange(len(train)) % N_FOLDS
    folds = np.tile(np.unique(marks, return_inverse=True)[1], len(tables))
    targets = np.tile(np.eye(10)[experiment.target_[train]], (len(tables), 1))
    readout = fit(np.concatenate([table[train] for table in tables]), targets, folds)
    decision = np.mean([readout(table[test]) for table in tables], axis=0)
    return np.mean(decision.argmax(axis=1) == experiment.target_[test]), readout.alpha


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=("esn-400", "esn-1000", "minirocket"))
    parser.add_argument("--protocol", default="speaker", choices=("speaker", "index"))
    parser.add_argument("--frontend", default="cochleagram")
    parser.add_argument("--segments", type=int, default=4)
    parser.add_argument("--trim", type=float)
    parser.add_argument("--speeds", type=float, nargs="*", default=[])
    parser.add_argument("--seed", type=int, nargs="+", default=[0])
    options = parser.parse_args()
    experiment = DigitsExperiment(
        dataset="fsdd",
        protocol=options.protocol,
        frontend=options.frontend,
        trim=options.trim,
        speeds=tuple(options.speeds),
    )
    experiment.load()
    grouped = options.protocol == "speaker"
    rocket = options.method == "minirocket"
    fit = fit_kernel if rocket else fit_gram
    copies = experiment.copies_
    scores = np.empty((len(options.seed), len(experiment.folds_)))
    for row, seed in enumerate(options.seed):
        if not rocket:
            n_units = int(options.method[4:])
            tables = echo_state_features(n_units, options.segments)(copies, seed)
        for fold, (train, _) in enumerate(experiment.folds_):
            if rocket:
                tables = rocket_features(copies, seed, train)
            scores[row, fold], alpha = score(experiment, tables, fold, fit, grouped)
            print(
                f"  seed {seed}, fold {fold}: {100 * scores[row, fold]:.2f} %, "
                f"ridge {alpha:g}",
                flush=True,
            )
    by_fold = scores.mean(axis=0)
    print(
        f"{options.method}, {options.frontend}, {options.protocol}, {len(copies)} copies: "
        f"{100 * by_fold.mean():.2f} % +- {100 * by_fold.std():.2f} over folds; seeds "
        f"{np.round(100 * scores.mean(axis=1), 2)}; folds {np.round(100 * by_fold, 1)}"
    )


if __name__ == "__main__":
    main()
