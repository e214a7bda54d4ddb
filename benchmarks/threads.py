"""What do two jobs gain, for every estimator and front end that takes `n_jobs`?

    python benchmarks/threads.py        (two processors; no other data than what ships)

The first row is what this machine can give at most: the kernel of virtual nodes in two
threads that share nothing, over one of them. Processors that share a cache, a clock or a host
give less than 2. Every other row calls one method with one job and with two, in turn, and
prints medians of wall-clock times. The answers must be the same to the last bit. BLAS has one
thread for each job, so that what is measured is `n_jobs`. `docs/speed.md` holds what it gave.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from reservoir.datasets import load_spoken_digits
from sklearn.base import clone
from sklearn.datasets import load_digits

from reservoir import (
    OscillatorNetwork,
    ReservoirClassifier,
    ReservoirRegressor,
    SpinTorqueOscillator,
    SynchronizationClassifier,
    TimeMultiplexedReservoir,
    _core,
)
from reservoir.audio import Cochleagram, SpeechClassifier
from reservoir.layers import (
    SpintronicClassifier,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
)
from reservoir.simulation import held_flow

ROUNDS = 5


def seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def ceiling():
    """Seconds of the kernel in one thread, and of twice the work in two."""
    lanes = _core.multiplex.layout["lanes"]
    device = SpinTorqueOscillator.from_preset("torrejon2017")
    flow = held_flow(device, 1e-7)
    currents = np.full((4, 256, lanes), 1.2 * device.threshold_current)
    out = np.empty((2, *currents.shape))

    def play(half):
        for _ in range(1000):
            _core.multiplex.simulate_lanes(currents, 1e6, flow, out[half])

    def one():
        play(0)
        play(1)

    def two():
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(play, range(2)))

    return one, two


def cases():
    """Name of a method, and a function of the number of jobs that gives its run."""
    spoken = load_spoken_digits()
    clips, labels = list(spoken.data) * 2, np.tile(spoken.target, 2)
    rate = spoken.sample_rate
    for model in ("gammatone", "lyon"):
        yield (
            f"Cochleagram.transform, {model}",
            lambda jobs, model=model: (
                lambda: Cochleagram(rate, model=model, n_jobs=jobs).transform(clips)
            ),
        )
    frames = list(Cochleagram(rate).transform(clips))
    digits = load_digits()
    images, classes = digits.data, digits.target
    pictures = list(images.reshape(-1, 8, 8))
    generator = np.random.default_rng(0)
    series = generator.uniform(size=(20_000, 1))
    tones = generator.uniform(340e6, 380e6, (20_000, 2))
    few = images[:300, ::8]

    estimators = [
        (TimeMultiplexedReservoir(pooling="segments"), frames, None, "transform"),
        (ReservoirClassifier(), frames, labels, "predict"),
        (ReservoirClassifier(pooling="vote"), frames, labels, "predict"),
        (ReservoirRegressor(), [series] * 4, [series] * 4, "predict"),
        (SpeechClassifier(rate, n_masks=1), clips[:1600], labels[:1600], "predict"),
        (OscillatorNetwork(), tones, None, "transform"),
        (
            SynchronizationClassifier(OscillatorNetwork(), learning="gradient"),
            few,
            classes[:300],
            "predict",
        ),
        (SpintronicClassifier(max_iter=5), images, classes, "predict"),
        (SpintronicConvolutionalClassifier(max_iter=2), pictures, classes, "predict"),
        (SpintronicRecurrentClassifier(max_iter=2), pictures, classes, "predict"),
    ]
    for estimator, X, y, method in estimators:
        name = type(estimator).__name__
        if getattr(estimator, "pooling", None) == "vote":
            name += " (vote)"

        def with_jobs(jobs, estimator=estimator):
            model = clone(estimator)
            owner = model.network if hasattr(model, "network") else model
            owner.n_jobs = jobs
            if hasattr(model, "random_state"):
                model.random_state = 0
            return model

        yield (
            f"{name}.fit",
            lambda jobs, make=with_jobs, X=X, y=y: lambda: make(jobs).fit(X, y),
        )

        def ask(jobs, make=with_jobs, X=X, y=y, method=method):
            model = make(jobs).fit(X, y)
            return lambda: getattr(model, method)(X)

        yield f"{name}.{method}", ask


def main():
    print(f"{'work':<48}{'s, one job':>11}{'gain of two':>12}  same")
    one, two = ceiling()
    times = [[seconds(run) for run in (one, two)] for _ in range(ROUNDS)]
    show("the kernel alone: the most this machine gives", times, None)
    for name, make in cases():
        runs = [make(1), make(2)]
        answers = [run() for run in runs]
        times = [[seconds(run) for run in runs] for _ in range(ROUNDS)]
        show(name, times, None if name.endswith(".fit") else same(*answers))


def same(one, other):
    """Whether two answers, which may be lists of arrays, have the same bits."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def show(name, times, agree):
    alone, shared = np.median(times, axis=0)
    word = "" if agree is None else "yes" if agree else "NO"
    print(f"{name:<48}{alone:>11.3f}{alone / shared:>12.2f}  {word}", flush=True)


if __name__ == "__main__":
    main()
