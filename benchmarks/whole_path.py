"""From raw audio to predictions on two cores: ours against scipy, ReservoirPy, scikit-learn.

    python benchmarks/whole_path.py [every [rounds]]     (needs: pip install ".[bench]"; FSDD)

`every` takes every n-th clip only, for a quick try. Of the 3000 clips, recordings 0 to 4 are
the test set. Ours is `Cochleagram` and `ReservoirClassifier` of 400 nodes, with two threads:
once as they come, and once without taps, since the peer has none. The peer has four parts:
the same 78 gammatone channels with `scipy.signal.lfilter`, one after the other; ReservoirPy
with 400 units, reset and run for each clip; means of four segments; and `RidgeClassifierCV`,
whose strength is chosen by the leave-one-out error, as ours is. Two processes share its
clips, and its linear algebra has two threads. Compiling and importing are not counted. Then
models that are fitted label all clips: the default estimators, and the recipe
`SpeechClassifier` with one mask and with three. Methods take turns, and medians over the
rounds are printed. `docs/speech.md` and `docs/new-voices.md` hold what it gave.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "2"

import sys
import time
from functools import partial

import numpy as np
from front_ends import RATE, scipys_gammatone
from joblib import Parallel, delayed
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from speech_controls import pooled_states

from reservoir import ReservoirClassifier, _core, datasets
from reservoir.audio import Cochleagram, SpeechClassifier

SIZE = 400


def ours(clips, y, test, **options):
    start = time.perf_counter()
    frames = Cochleagram(RATE, n_jobs=2).transform(clips)
    heard = time.perf_counter()
    model = ReservoirClassifier(n_nodes=SIZE, random_state=0, n_jobs=2, **options)
    model.fit(frames[~test], y[~test])
    found = model.predict(frames[test])
    end = time.perf_counter()
    return np.mean(found == y[test]), {"front end": heard - start, "the rest": end - heard}


def hear(clips):
    """The peer's front end for some of the clips, in a process of its own."""
    ear = scipys_gammatone(Cochleagram(RATE).center_frequencies())
    return [ear(clip) for clip in clips]


def echo(frames):
    """The peer's pooled states for some of the clips."""
    from reservoirpy.nodes import Reservoir

    node = Reservoir(units=SIZE, sr=0.9, lr=0.3, seed=0)
    node.run(frames[0])
    return pooled_states(node, frames)


def peer(clips, y, test, parallel):
    start = time.perf_counter()
    halves = parallel(delayed(hear)(clips[k::2]) for k in range(2))
    heard = time.perf_counter()
    halves = parallel(delayed(echo)(frames) for frames in halves)
    pooled = np.empty((len(clips), halves[0].shape[1]))
    for k, half in enumerate(halves):
        pooled[k::2] = half
    model = make_pipeline(StandardScaler(), RidgeClassifierCV(np.logspace(-1, 5, 13)))
    found = model.fit(pooled[~test], y[~test]).predict(pooled[test])
    end = time.perf_counter()
    return np.mean(found == y[test]), {"front end": heard - start, "the rest": end - heard}


def main(every=1, rounds=3):
    recordings = datasets.fetch_fsdd()
    clips = recordings.data[:: int(every)]
    y, test = recordings.target[:: int(every)], recordings.indices[:: int(every)] < 5
    accuracy = {}
    with Parallel(n_jobs=2) as parallel:
        paths = {
            "ours": ours,
            "ours, without taps": partial(ours, context=()),
            "peer": partial(peer, parallel=parallel),
        }
        seconds = {name: [] for name in paths}
        some = slice(None, None, max(len(clips) // 100, 1))
        for path in paths.values():
            path(clips[some], y[some], test[some])
        for _ in range(int(rounds)):
            for name, path in paths.items():
                accuracy[name], parts = path(clips, y, test)
                seconds[name].append(parts)
    print(f"instruction set: {_core.instruction_set}; {len(clips)} clips, two cores\n")
    print(f"{'seconds':<20}{'front end':>12}{'the rest':>12}{'whole':>12}{'accuracy':>12}")
    whole = {}
    for name, took in seconds.items():
        parts = [
            np.median([parts[key] for parts in took]) for key in ("front end", "the rest")
        ]
        whole[name] = np.median([sum(r.values()) for r in took])
        numbers = "".join(f"{value:>12.2f}" for value in (*parts, whole[name]))
        print(f"{name:<20}{numbers}{100 * accuracy[name]:>11.1f}%")
    print()
    for name in paths:
        if name != "peer":
            print(f"the peer takes {whole['peer'] / whole[name]:.1f} times as long as {name}")
    print()
    recipes(clips, y, int(rounds))


def recipes(clips, y, rounds):
    """From raw audio to labels with models that are fitted: the default, and the recipe."""
    some = slice(None, None, max(len(clips) // 300, 1))
    models = {
        "78 channels, a binary mask": make_pipeline(
            Cochleagram(RATE, n_jobs=2), ReservoirClassifier(n_nodes=SIZE, n_jobs=2)
        ),
        "the recipe, one mask, no copies": SpeechClassifier(
            RATE, n_masks=1, speeds=(), n_jobs=2
        ),
        "the recipe, one mask, copies": SpeechClassifier(RATE, n_masks=1, n_jobs=2),
        "the recipe, three masks, copies": SpeechClassifier(RATE, n_jobs=2),
    }
    seconds = {name: [] for name in models}
    for model in models.values():
        model.fit(clips[some], y[some])
    for _ in range(rounds):
        for name, model in models.items():
            start = time.perf_counter()
            model.predict(clips)
            seconds[name].append(time.perf_counter() - start)
    first = np.median(seconds["78 channels, a binary mask"])
    print(f"{'raw audio to labels':<34}{'seconds':>9}{'of the first':>14}")
    for name, took in seconds.items():
        print(f"{name:<34}{np.median(took):>9.2f}{np.median(took) / first:>14.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
