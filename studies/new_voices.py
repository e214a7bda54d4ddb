"""How far does one oscillator get with voices it never heard, and how far do simple rivals?

    python studies/new_voices.py table [method ...]        (FSDD; a speaker left out)
    python studies/new_voices.py table --protocol index | official [method ...]
    python studies/new_voices.py table --no-copies --no-taps [method ...]
    python studies/new_voices.py nested [oscillator | echo-state | echo-state-taps]

Every row hears the same trimmed clips through the same ear, and reads the same pooling with
the same ridge regression, whose strength is chosen inside the training clips. Only what
stands between ear and readout differs:

- oscillator: one spin-torque oscillator, played through a ripple mask (`SpeechClassifier`).
- control: the masked drive itself, without the oscillator.
- rectifier, tanh: a static curve in the oscillator's place, without memory.
- echo-state-400, echo-state-1000: leaky echo-state networks, with and without ("-taps") the
  oscillator's input taps. Spectral radius, leak, input scale and mask are chosen anew in each
  training fold, among as many settings as `nested` gives the oscillator. The search looks at
  single clips with one ridge strength, for all alike.
- svm-rbf: a support-vector machine on the pooled frames of the ear, with an inner grid.
- minirocket: 10 000 features of aeon's MiniRocket, of the ear's frames stretched to 64 frames
  (needs ``pip install ".[bench]"``, so it runs only if it is named).

`table` prints, for each method, the mean over seeds and folds of one mask alone, and of the
decisions of three (`--masks`) averaged; with copies at other speeds, or without. Paired
differences to the oscillator come with the 95 % interval of their mean over speakers and
seeds (a bootstrap over both). `nested` chooses the settings of the oscillator (or of the
network) anew in every training fold by leaving the training speakers out in turn, and scores
the speaker that had no part in the choice.
"""

import argparse
import copy
import itertools
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline

from reservoir import datasets
from reservoir.audio import Speed, Trim
from reservoir.audio.copies import average_decision, fit_to_copies
from reservoir.audio.speech import SpeechClassifier
from reservoir.devices import StaticNode, Wire
from reservoir.experiments.classical import DIGITS_LEARNERS, GroupedSearch, scaled
from reservoir.experiments.new_voices import echo_state_like
from reservoir.experiments.speech import segment_means, split

SPEEDS = (0.85, 1.15)
SEARCH_ALPHA = 1e-3
METHODS = (
    "oscillator",
    "control",
    "rectifier",
    "tanh",
    "echo-state-400",
    "echo-state-400-taps",
    "echo-state-1000",
    "echo-state-1000-taps",
    "svm-rbf",
)
TANH_RANGE = (-2.0, 2.0)
N_FRAMES = 64  # to which MiniRocket gets a clip stretched
ROCKET_ALPHAS = 10.0 ** np.arange(1, 6)
# What is chosen anew inside each training fold, for the network and for the oscillator.
NETWORK_GRID = {
    "spectral_radius": (0.5, 0.9),
    "leak": (0.3, 1.0),
    "input_scale": (1.0, 3.0),
    "mask": ("uniform", "ripple"),
}
OSCILLATOR_GRID = {
    "drive_range": ((0.6, 1.6), (0.6, 2.0)),
    "n_segments": (2, 3),
    "context": ((4, 8), (2, 4, 8)),
    "mask": ("binary", "ripple"),
}

# Without taps more segments may stand in for them; again 16 settings.
GRID_WITHOUT_TAPS = {**OSCILLATOR_GRID, "n_segments": (2, 3, 4, 6), "context": ((),)}


class Clips:
    """Frames of all clips and their copies, labels, speakers and folds."""

    def __init__(self, protocol, copies):
        bunch = datasets.fetch_fsdd()
        clips = Trim(bunch.sample_rate).fit_transform(bunch.data)
        ear = SpeechClassifier(bunch.sample_rate).make_front_end()
        speeds = (1.0, *(SPEEDS if copies else ()))
        self.copies = [ear.transform(Speed(speed).fit_transform(clips)) for speed in speeds]
        self.target, self.speakers = bunch.target, bunch.speakers
        self.folds = split(protocol, bunch.indices, bunch.speakers)
        self.groups = bunch.speakers if protocol == "speaker" else None

    def alone(self):
        """The same clips without their copies."""
        single = copy.copy(self)
        single.copies = self.copies[:1]
        return single

    def fit(self, model, train):
        """A clone of the model, fitted to some clips and their copies."""
        groups = None if self.groups is None else self.groups[train]
        return fit_to_copies(
            clone(model),
            [frames[train] for frames in self.copies],
            self.target[train],
            groups,
        )

    def decisions(self, model, test):
        """Decision values of some clips, averaged over their copies."""
        return average_decision(model, [frames[test] for frames in self.copies])

    def accuracy(self, decisions, test):
        return np.mean(decisions.argmax(axis=1) == self.target[test])


def oscillator(device=None, taps=True, **settings):
    """The classifier inside a `SpeechClassifier`, with one mask."""
    speech = SpeechClassifier(8000, oscillator=device, n_masks=1)
    model = speech.make_classifier()
    return model.set_params(**{**({} if taps else {"context": ()}), **settings})


def network(n_units, taps, **settings):
    """An echo-state network with the oscillator's pooling, and its taps if wanted."""
    model = oscillator().set_params(n_nodes=n_units)
    return echo_state_like(model, taps=taps, **settings)


class Rocket(TransformerMixin, BaseEstimator):
    """Features of aeon's MiniRocket, in single precision because they are many."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y=None):
        from aeon.transformations.collection.convolution_based import MiniRocket

        self.rocket_ = MiniRocket(10_000, random_state=self.random_state, n_jobs=1)
        self.rocket_.fit(stretched(X))
        return self

    def transform(self, X):
        return np.asarray(self.rocket_.transform(stretched(X)), dtype=np.float32)


def stretched(clips):
    """Clips of N_FRAMES frames each, of shape (n_clips, n_channels, N_FRAMES)."""
    places = [np.linspace(0, len(clip) - 1, N_FRAMES) for clip in clips]
    return np.array(
        [
            [np.interp(place, np.arange(len(clip)), channel) for channel in clip.T]
            for clip, place in zip(clips, places, strict=True)
        ]
    )


def minirocket():
    """MiniRocket with a ridge classifier, whose strength inner folds choose."""
    ridge = scaled(RidgeClassifier(solver="cholesky"))
    grid = {"ridgeclassifier__alpha": ROCKET_ALPHAS}
    return make_pipeline(Rocket(), GroupedSearch(ridge, grid, n_folds=3))


def settings_of(grid):
    return [
        dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
    ]


def inner_splits(clips, train):
    """Three ways to leave training clips out: pairs of speakers, or every third clip."""
    if clips.groups is None:
        parts = np.arange(len(train)) % 3
    else:
        codes = np.unique(clips.groups[train], return_inverse=True)[1]
        parts = codes % 3
    return [(train[parts != k], train[parts == k]) for k in range(3)]


def chosen(clips, train, make, grid, seed=0):
    """The settings that decide best on inner folds of the training clips."""
    splits = inner_splits(clips, train)
    clips = clips.alone()
    scores = []
    for settings in settings_of(grid):
        model = make(**settings).set_params(random_state=seed, alpha=SEARCH_ALPHA)
        scores.append(
            np.mean(
                [
                    clips.accuracy(clips.decisions(clips.fit(model, a), b), b)
                    for a, b in splits
                ]
            )
        )
    best = settings_of(grid)[int(np.argmax(scores))]
    return best, max(scores)


def maker(method, taps):
    """From settings to a model, for the methods that have settings."""
    if method.startswith("echo-state"):
        n_units = int(method.split("-")[2])
        return lambda **settings: network(n_units, method.endswith("taps"), **settings)
    return lambda **settings: oscillator(taps=taps, **settings)


def fixed_model(method, taps):
    """The model of a method without a search of its own settings."""
    if method == "minirocket":
        return minirocket()
    if method == "control":
        return oscillator(Wire(), taps)
    if method == "rectifier":
        return oscillator(StaticNode("rectifier"), taps)
    if method == "tanh":
        return oscillator(StaticNode("tanh"), taps, drive_range=TANH_RANGE)
    return oscillator(taps=taps)


def run_fold(clips, method, fold, options):
    """Accuracies (n_seeds, 2) of one fold: one mask, and several averaged."""
    train, test = clips.folds[fold]
    seeds, taps = options.seed, options.taps
    if method == "svm-rbf":
        return fit_table(clips, train, test, len(seeds))
    note = ""
    if method.startswith("echo-state"):
        small = "-".join(["echo-state-400", *method.split("-")[3:]])  # searched with 400
        best, _ = chosen(clips, train, maker(small, taps), NETWORK_GRID)
        model, note = maker(method, taps)(**best), str(best)
    else:
        model = fixed_model(method, taps)
    scores = np.empty((len(seeds), 2))
    for row, seed in enumerate(seeds):
        members = np.random.SeedSequence(seed).generate_state(options.masks)
        decisions = [
            clips.decisions(clips.fit(with_seed(model, int(s)), train), test) for s in members
        ]
        scores[row, 0] = np.mean([clips.accuracy(d, test) for d in decisions])
        scores[row, 1] = clips.accuracy(np.mean(decisions, axis=0), test)
    print(f"  {method}, fold {fold}: {100 * scores.mean(axis=0)} {note}", flush=True)
    return scores


def with_seed(model, seed):
    """A clone that draws from this seed."""
    if hasattr(model, "steps"):  # MiniRocket, some versions of which take 31 bits
        return clone(model).set_params(rocket__random_state=seed % 2**31)
    return clone(model).set_params(random_state=seed)


def fit_table(clips, train, test, n_seeds):
    """A support-vector machine on the pooled frames; it has no seed."""
    tables = [segment_means(frames, 3) for frames in clips.copies]
    groups = None if clips.groups is None else clips.groups[train]
    model = fit_to_copies(
        DIGITS_LEARNERS["svm-rbf"](0),
        [table[train] for table in tables],
        clips.target[train],
        groups,
    )
    score = clips.accuracy(average_decision(model, [table[test] for table in tables]), test)
    return np.full((n_seeds, 2), score)


def interval(differences, generator):
    """95 % interval of the mean over folds and seeds, both drawn anew (bootstrap)."""
    n_folds, n_seeds = differences.shape
    means = [
        differences[
            np.ix_(
                generator.integers(n_folds, size=n_folds),
                generator.integers(n_seeds, size=n_seeds),
            )
        ].mean()
        for _ in range(10_000)
    ]
    return np.quantile(means, (0.025, 0.975))


def table(options):
    clips = Clips(options.protocol, options.copies)
    found = {}
    for method in options.methods or METHODS:
        found[method] = 100 * np.array(
            Parallel(n_jobs=options.n_jobs)(
                delayed(run_fold)(clips, method, fold, options)
                for fold in range(len(clips.folds))
            )
        )
        one, three = (found[method][:, :, k] for k in (0, 1))
        line = (
            f"{method:22s} one mask {one.mean():.2f} +- {one.mean(axis=0).std():.2f} over "
            f"seeds ({one.mean(axis=1).std():.2f} over folds); {options.masks} averaged "
            f"{three.mean():.2f} +- {three.mean(axis=0).std():.2f}"
        )
        if "oscillator" in found and method != "oscillator":
            differences = found["oscillator"][:, :, 0] - one
            low, high = interval(differences, np.random.default_rng(0))
            line += (
                f"; oscillator less this {differences.mean():+.2f} "
                f"({low:+.2f} to {high:+.2f})"
            )
        print(line, flush=True)


def nested(options):
    clips = Clips(options.protocol, options.copies)
    method = options.methods[0] if options.methods else "oscillator"
    if method == "oscillator":
        name, grid = method, OSCILLATOR_GRID if options.taps else GRID_WITHOUT_TAPS
    else:
        name, grid = "echo-state-400" + method.removeprefix("echo-state"), NETWORK_GRID
    make = maker(name, options.taps)

    def one_fold(train, test):
        best, inner = chosen(clips, train, make, grid)
        scores = []
        for seed in options.seed:
            model = make(**best).set_params(random_state=seed)
            scores.append(
                clips.accuracy(clips.decisions(clips.fit(model, train), test), test)
            )
        print(f"  {100 * np.mean(scores):.2f} (inner {100 * inner:.2f}) {best}", flush=True)
        return scores

    scores = 100 * np.array(
        Parallel(n_jobs=options.n_jobs)(delayed(one_fold)(*fold) for fold in clips.folds)
    )
    print(
        f"{method}, nested: {scores.mean():.2f} +- {scores.mean(axis=0).std():.2f} over seeds"
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("table", "nested"))
    parser.add_argument("methods", nargs="*")
    parser.add_argument(
        "--protocol", default="speaker", choices=("speaker", "index", "official")
    )
    parser.add_argument("--no-copies", dest="copies", action="store_false")
    parser.add_argument("--no-taps", dest="taps", action="store_false")
    parser.add_argument("--seed", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--masks", type=int, default=3, help="masks that are averaged")
    parser.add_argument("--n-jobs", type=int, default=1)
    options = parser.parse_intermixed_args()
    known = ("oscillator", "echo-state", "echo-state-taps")
    if options.what == "nested" and not set(options.methods) <= set(known):
        parser.error(f"nested takes {', '.join(known)}")
    {"table": table, "nested": nested}[options.what](options)


if __name__ == "__main__":
    main()
