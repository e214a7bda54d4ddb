"""Is a damaged file of results or of a waveform refused, or else read as what it was?

"results" and "waveforms" damage bytes and objects of files of today. "resumed" damages the
file of a sweep that is then resumed: it must be refused, or give the same rows.
"""

import os
from pathlib import Path

import numpy as np
from damages import damage, tamper
from fuzz_recordings import bench
from harness import (
    OK,
    Outcome,
    Part,
    generator,
    is_sentence,
    main,
    pick,
    scratch,
    short,
    without_values,
)

from reservoir import StorageError
from reservoir.experiments import CapacityExperiment
from reservoir.experiments.results import Row, load_rows, save_results
from reservoir.laboratory import Waveform

FOLDER = scratch("results")
ROWS = [
    Row(
        task="digits",
        protocol=f"p-{i}",
        frontend="f",
        method="m",
        metric="accuracy",
        value=0.5 + i / 7,
        spread=0.01,
        n_folds=3,
        seconds=1.5,
        n_parameters=10,
    )
    for i in range(6)
]
SETTINGS = {"seed": 0, "quick": True}


def results(path: Path) -> bool:
    """Whether a file holds the rows and settings that were saved."""
    return load_rows(path) == (ROWS, SETTINGS)


def waveforms(path: Path) -> bool:
    """Whether a file holds the waveform that was written."""
    got = Waveform.from_file(path)
    return all(np.array_equal(getattr(got, name), v) for name, v in vars(bench(0)[1]).items())


def experiment(path: Path) -> CapacityExperiment:
    """A sweep that takes less than a second."""
    return CapacityExperiment(quick=True, n_nodes=5, store=str(path))


def timeless(rows) -> list[dict]:
    """Rows without the time that they took."""
    return [vars(row) | {"seconds": 0} for row in rows]


def resumed(path: Path) -> bool:
    """Whether a sweep that is resumed from a file gives the rows of one that is not."""
    return timeless(experiment(path).run()) == EXPECTED


def originals() -> dict[str, bytes]:
    """The files that are damaged."""
    paths = {name: FOLDER / f"{name}.h5" for name in ("results", "waveforms", "resumed")}
    save_results(paths["results"], ROWS, {"a/b": np.arange(9)}, SETTINGS)
    bench(0)[1].write(paths["waveforms"])
    experiment(paths["resumed"]).run()
    return {name: path.read_bytes() for name, path in paths.items()}


EXPECTED = timeless(experiment(FOLDER / "whole.h5").run())
ORIGINALS = originals()
READERS = {"results": results, "waveforms": waveforms, "resumed": resumed}


def make(part: str, seed: int, number: int) -> tuple[str, Path]:
    """Write the damaged file of a number; says what was done."""
    rng = generator(seed, part, number)
    path = FOLDER / f"{part}-{os.getpid()}.h5"
    if rng.random() < 0.6:
        what, content = damage(rng, ORIGINALS[part])
        path.write_bytes(content)
        return what, path
    other = FOLDER / f"{part}-{os.getpid()}-other.h5"
    other.write_bytes(ORIGINALS[pick(rng, *ORIGINALS)])
    path.write_bytes(ORIGINALS[part])
    return tamper(rng, path, other), path


def attempt(part: str, seed: int, number: int) -> Outcome:
    """Read a damaged file."""
    what, path = make(part, seed, number)
    content = path.read_bytes()
    return judge(part, path, content, what)


def judge(part: str, path: Path, content: bytes, what: str) -> Outcome:
    """Refused in a sentence, or the same as before."""
    kind = f"{part}, {what.split()[0]}"
    try:
        same = READERS[part](path)
    except (StorageError, FileNotFoundError) as error:
        category = "refused" if is_sentence(error) else "unclear"
        return Outcome(category, kind, f"{what}: {short(error)}", content, "h5")
    except Exception as error:
        kind = f"{kind}: {without_values(short(error))}"
        return Outcome("unclear", kind, f"{what}: {short(error)}", content, "h5")
    return OK if same else Outcome("wrong", f"{kind} is not noticed", what, content, "h5")


def judge_file(path: Path) -> Outcome:
    """A kept input: it need not be one of today's files, but no reader may trip over it."""
    content = path.read_bytes()
    for part in READERS:
        copied = FOLDER / "kept.h5"
        copied.write_bytes(content)
        found = judge(part, copied, content, "kept")
        if found.category not in ("ok", "refused", "wrong"):
            return found
    return OK


def part(name: str) -> Part:
    """One kind of file."""

    def describe(seed: int, number: int) -> Outcome:
        what, path = make(name, seed, number)
        return Outcome(kind=what, payload=path.read_bytes(), extension="h5")

    return Part(lambda seed, number: attempt(name, seed, number), describe, case_seconds=10)


if __name__ == "__main__":
    main(__file__, {name: part(name) for name in READERS}, judge_file)
