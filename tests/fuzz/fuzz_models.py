"""Is a damaged or altered model file refused, or else read as what it was?

"bytes" damages the bytes of files that `save` wrote, "objects" changes what is in them
through h5py: the file must be refused, or predict the same bits. "old" does both to files of
format version 2, which have no digest: they must be refused, or load and answer, or refuse
to answer.
"""

import os
from pathlib import Path

import fuzz_attacks
import numpy as np
from damages import damage, tamper
from harness import (
    HERE,
    OK,
    Outcome,
    Part,
    as_bytes,
    generator,
    is_sentence,
    main,
    pick,
    scratch,
    short,
    without_values,
)
from models import build

from reservoir import StorageError, load, save

FOLDER = scratch("models")
PATH = FOLDER / "model.h5"
MODELS = build()
del MODELS["classifier-macrospin"]  # slow
OLD = {
    "classifier-torrejon2017": (HERE / "version_2" / "classifier.h5").read_bytes(),
    "synchronization": (HERE / "version_2" / "synchronization.h5").read_bytes(),
}


def saved() -> dict[str, bytes]:
    """The files of all models."""
    found = {}
    for name, model in MODELS.items():
        save(model.estimator, PATH)
        found[name] = PATH.read_bytes()
    return found


TODAY = saved()


def path() -> Path:
    """The file of this process."""
    return FOLDER / f"model-{os.getpid()}.h5"


def make(part: str, seed: int, number: int) -> tuple[str, str]:
    """Write the damaged file of a number; the model's name, and what was done."""
    rng = generator(seed, part, number)
    files = OLD if part == "old" else TODAY
    name = pick(rng, *files)
    if part == "bytes" or part == "old" and rng.random() < 0.5:
        what, content = damage(rng, files[name])
        path().write_bytes(content)
        return name, what
    other = path().with_suffix(".other")
    other.write_bytes(files[pick(rng, *files)])
    path().write_bytes(files[name])
    return name, tamper(rng, path(), other)


def expected(part: str, name: str) -> bytes:
    """What a model predicts whose file nobody changed."""
    path().write_bytes((OLD if part == "old" else TODAY)[name])
    return as_bytes(MODELS[name].ask(load(path())))


def attempt(part: str, seed: int, number: int) -> Outcome:
    """Load a damaged file and ask what comes out."""
    name, what = make(part, seed, number)
    content = path().read_bytes()
    kind = what.split()[0]

    def outcome(category: str, text: str, message: str = "") -> Outcome:
        return Outcome(
            category, f"{kind}: {text}", f"{name}, {what}: {message}", content, "h5"
        )

    try:
        again = load(path())
    except (StorageError, FileNotFoundError) as error:
        clear = is_sentence(error)
        return outcome("refused" if clear else "unclear", "load raises", short(error))
    except BaseException as error:
        return outcome("unclear", f"load: {without_values(short(error))}", short(error))
    wrong = fuzz_attacks.objection(again)
    if wrong:
        return outcome("wrong", wrong)
    try:
        with np.errstate(all="ignore"):
            answer = as_bytes(MODELS[name].ask(again))
    except BaseException as error:
        category = "late" if is_sentence(error) else "unclear"
        return outcome(category, f"predict: {without_values(short(error))}", short(error))
    if part == "old" or answer == expected(part, name):
        return OK
    return outcome("wrong", "it loads and predicts otherwise")


def part(name: str) -> Part:
    """One of the three kinds of damage."""

    def describe(seed: int, number: int) -> Outcome:
        model, what = make(name, seed, number)
        return Outcome("ok", what, model, path().read_bytes(), "h5")

    def tried(seed: int, number: int) -> Outcome:
        return attempt(name, seed, number)

    return Part(tried, describe, case_seconds=8)


if __name__ == "__main__":
    parts = {name: part(name) for name in ("bytes", "objects", "old")}
    main(__file__, parts, fuzz_attacks.judge_file)
