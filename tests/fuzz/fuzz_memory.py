"""Does memory stay flat, and do sixteen threads get the bits of one?

"leaks" repeats an action of every kind and looks at the resident memory. "threads" asks one
fitted estimator from sixteen threads at once, and reads and writes one file meanwhile.
"""

import contextlib
import gc
import os
import threading
import time

import models
import numpy as np
from harness import OK, Outcome, Part, as_bytes, main, resident, scratch, short
from sklearn.base import clone

from reservoir import (
    OscillatorNetwork,
    ReservoirClassifier,
    SimulationError,
    TimeMultiplexedReservoir,
    load,
    observe,
    save,
    simulate,
)
from reservoir.audio import Cochleagram

FOLDER = scratch("memory")
PATH = FOLDER / f"model-{os.getpid()}.h5"
GENERATOR = np.random.default_rng(1)
CURRENT = GENERATOR.uniform(0, 7e-3, (50, 4000))
FRAMES = [GENERATOR.normal(size=(30, 20)) for _ in range(60)]
LABELS = np.arange(60) % 3
CLIPS = [GENERATOR.normal(size=4000) for _ in range(4)]
SOURCES = GENERATOR.uniform(340e6, 360e6, (50, 2))
FITTED = {name: model for name, model in models.build().items() if "macrospin" not in name}
REPEATS = 200
MAX_GROWTH = 2 << 20  # bytes over all repeats; the second half must not grow by half of it


def refused_simulation():
    """An action that ends in an error."""
    with contextlib.suppress(SimulationError):
        simulate(models.OSCILLATOR, np.full((50, 4000), np.nan), 1e-7)


def refused_file():
    """A load that ends in an error."""
    with contextlib.suppress(ValueError):
        load(__file__)


def save_and_load():
    """A model that goes to a file and back."""
    save(FITTED["classifier-torrejon2017"].estimator, PATH)
    load(PATH)


def fit(**parameters):
    """An action that fits a classifier and asks it."""
    classifier = ReservoirClassifier(random_state=0, **parameters)
    return lambda: clone(classifier).fit(FRAMES, LABELS).predict(FRAMES)


def actions():
    """Everything that is repeated, by name."""
    network = OscillatorNetwork(
        settling_time=2e-7, measuring_time=4e-7, linewidth=1e5, random_state=0
    )
    coupled = TimeMultiplexedReservoir(
        n_nodes=20, n_oscillators=4, coupling=1e5, random_state=0
    )
    found = {
        "simulate": lambda: simulate(models.OSCILLATOR, CURRENT, 1e-7),
        "refused simulation": refused_simulation,
        "observe": lambda: observe(
            models.OSCILLATOR, CURRENT[:5], 1e-7, thermal_noise=1e-5, random_state=0
        ),
        "fit": fit(n_nodes=100),
        "fit with two threads": fit(n_nodes=50, n_jobs=2),
        "fit with votes": fit(n_nodes=50, pooling="vote"),
        "coupled": lambda: coupled.fit(FRAMES[:5]).transform(FRAMES[:5]),
        "network": lambda: network.measure(SOURCES),
        "save and load": save_and_load,
        "refused file": refused_file,
        "cochleagram": lambda: Cochleagram(sample_rate=8000).fit_transform(CLIPS),
    }
    for name, model in FITTED.items():
        found[f"ask {name}"] = lambda model=model: model.ask(model.estimator)
    return found


ACTIONS = actions()
ACTION_NAMES = list(ACTIONS)
THREADED = [*FITTED, "load", "cochleagram", "simulate", "one file", "fits"]


def leaks(_: int, number: int) -> Outcome:
    """Repeat an action, and look at the memory after a warm-up."""
    name = ACTION_NAMES[number]
    act = ACTIONS[name]
    begin = time.monotonic()
    act()
    once = time.monotonic() - begin
    repeats = int(min(REPEATS, max(20, 10 / max(once, 1e-4))))
    for _ in range(max(repeats // 5, 5)):
        act()
    marks = []
    for _ in range(3):
        gc.collect()
        marks.append(resident(os.getpid()))
        for _ in range(repeats // 2 if len(marks) < 3 else 0):
            act()
    grown, steady = marks[2] - marks[0], marks[2] - marks[1]
    note = f"{repeats} times: {grown >> 10} kB, of them {steady >> 10} kB in the second half"
    if grown > MAX_GROWTH and steady > MAX_GROWTH // 2:
        return Outcome("wrong", f"memory grows: {name}", note)
    return OK


def together(works) -> list[str]:
    """Run functions at once, each in a thread; what they complained of."""
    complaints: list[str] = []
    barrier = threading.Barrier(len(works))

    def run(work):
        barrier.wait()
        try:
            for _ in range(4):
                if not work():
                    complaints.append("other bits")
        except Exception as error:
            complaints.append(short(error))

    workers = [threading.Thread(target=run, args=(work,)) for work in works]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return complaints


def threaded_works(name: str):
    """What sixteen threads do at once; each says whether its answer was right."""
    first = FITTED["classifier-torrejon2017"]
    save(first.estimator, PATH)
    answer = as_bytes(first.ask(first.estimator))

    def saves():
        save(first.estimator, PATH)
        return True

    def loads():
        return as_bytes(first.ask(load(PATH))) == answer

    def fits():
        again = clone(first.estimator).fit(models.X, models.Y)
        return as_bytes(first.ask(again)) == answer

    if name == "one file":
        return [saves, loads] * 4
    if name in ("load", "fits"):
        return [{"load": loads, "fits": fits}[name]] * 16
    if name == "simulate":
        parts = [CURRENT[3 * i : 3 * i + 3] for i in range(16)]
        alone = [as_bytes(simulate(models.OSCILLATOR, part, 1e-7)) for part in parts]
        return [
            lambda p=part, a=bits: as_bytes(simulate(models.OSCILLATOR, p, 1e-7)) == a
            for part, bits in zip(parts, alone, strict=True)
        ]
    if name == "cochleagram":
        front = Cochleagram(sample_rate=8000).fit()
        heard = as_bytes(list(front.transform(CLIPS)))
        return [lambda: as_bytes(list(front.transform(CLIPS))) == heard] * 16
    model = FITTED[name]
    expected = as_bytes(model.ask(model.estimator))
    return [lambda: as_bytes(model.ask(model.estimator)) == expected] * 16


def threads(_: int, number: int) -> Outcome:
    """Sixteen threads at once."""
    name = THREADED[number]
    complaints = together(threaded_works(name))
    if not complaints:
        return OK
    return Outcome("wrong", f"threads: {name}", f"{len(complaints)}: {complaints[0]}")


if __name__ == "__main__":
    parts = {
        "threads": Part(threads, n_cases=len(THREADED), case_seconds=120, least_seconds=2),
        "leaks": Part(
            leaks, n_cases=len(ACTION_NAMES), case_seconds=240, alone=True, least_seconds=5
        ),
    }
    main(__file__, parts)
