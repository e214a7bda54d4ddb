"""Can a hostile model file make `load` read another file, run code, or take the machine?

Each attack is tried in three forms. "edited": a file of today, changed through h5py, so that
its digest no longer fits; it must be refused, or predict the same. "sealed": the same with a
digest that was computed again. "old": the same in a file of format version 2, which has no
digest. These two must be refused unless they predict the same, or unless the attack only
alters plain values. None may bring in another file, shadow a method, give an object of a
class that is not listed, or take more than 64 MB and 20 times the size of the file, or more
than five seconds.
"""

import hashlib
import os
import pickle
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import attacks
import attacks_on_values  # noqa: F401  # registers its attacks
import h5py
import numpy as np
from harness import HERE, OK, Outcome, Part, PeakMemory, as_bytes, is_sentence, main, short
from models import classifier
from sklearn.exceptions import NotFittedError

from reservoir import StorageError, load, save

MAX_SECONDS = 5.0
BLOCK = 512  # bytes before the HDF5 file, among them the digest of all others
NAMES = list(attacks.ATTACKS)
PATH = attacks.FOLDER / f"model-{os.getpid()}.h5"
CLASSES = {
    *("EquilibriumClassifier", "OscillatorNetwork"),
    *("ReservoirClassifier", "ReservoirRegressor"),
    "ReservoirFrameClassifier",
    *("SpintronicClassifier", "SpintronicRegressor", "SynchronizationClassifier"),
    *("SpintronicConvolutionalClassifier", "SpintronicRecurrentClassifier"),
    "TimeMultiplexedReservoir",
    *("MaskEnsembleClassifier", "SpeechClassifier", "Cochleagram", "MFCC", "Spectrogram"),
}
OLD = HERE / "version_2" / "classifier.h5"
MODEL = classifier("torrejon2017")


@dataclass(frozen=True)
class Form:
    """How the file of an attack is made, from which model."""

    content: bytes
    sealed: bool = False
    digest: bool = True


def forms() -> dict[str, Form]:
    """The three forms; writes the other model, to which a file may not lead."""
    save(MODEL.estimator, PATH)
    today = PATH.read_bytes()
    shutil.copy(PATH, attacks.OTHER)
    with h5py.File(attacks.OTHER, "a") as file:
        file[attacks.COEFFICIENTS][...] = -file[attacks.COEFFICIENTS][()]
    return {
        "edited": Form(today),
        "sealed": Form(today, sealed=True),
        "old": Form(OLD.read_bytes(), digest=False),
    }


FORMS = forms()
with h5py.File(attacks.OTHER) as other:
    FOREIGN = other[attacks.COEFFICIENTS][()].tobytes()


def sealed(content: bytes) -> bytes:
    """A file whose digest was computed again; files without one stay as they are."""
    if content.startswith(b"\x89HDF"):
        return content
    digest = hashlib.sha256(content[BLOCK:]).hexdigest().encode()
    return re.sub(rb"\b[0-9a-f]{64}\b", digest, content[:BLOCK]) + content[BLOCK:]


def make(form: Form, name: str) -> bytes:
    """Write the file of an attack, in a process whose memory does not count."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            PATH.write_bytes(form.content)
            attacks.apply(name, PATH)
            if form.sealed:
                PATH.write_bytes(sealed(PATH.read_bytes()))
            status = 0
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError(f"The attack {name} could not be made.")
    return PATH.read_bytes() if PATH.stat().st_size < 1 << 20 else b""


def expected_of(form: Form) -> bytes:
    """What the model predicts before it is attacked."""
    PATH.write_bytes(form.content)
    return as_bytes(MODEL.ask(load(PATH)))


def attempt(form: Form, number: int) -> Outcome:
    """Try an attack."""
    name = NAMES[number]
    expected = expected_of(form)
    payload = make(form, name)
    limit = (64 << 20) + 20 * PATH.stat().st_size
    begin = time.monotonic()
    error = again = None
    with PeakMemory() as peak:
        try:
            again = load(PATH)
        except BaseException as caught:
            error = caught
    seconds = time.monotonic() - begin
    if peak.grown > limit:
        note = f"{peak.grown >> 20} MB for a file of {PATH.stat().st_size >> 10} kB"
        return Outcome("memory", name, note, payload, "h5")
    if seconds > MAX_SECONDS:
        return Outcome("hang", name, f"{seconds:.1f} s", payload, "h5")
    if error is not None:
        refused = isinstance(error, StorageError) and is_sentence(error)
        category = "refused" if refused else "unclear"
        return Outcome(category, f"{name}: load raises", short(error), payload, "h5")
    values_only = attacks.ATTACKS[name].values_only and (form.sealed or not form.digest)
    return judged_model(again, name, expected, values_only, payload)


def judged_model(again, name, expected, values_only, payload) -> Outcome:
    """What came out of a file that was loaded."""
    wrong = objection(again)
    if wrong:
        return Outcome("wrong", f"{name}: {wrong}", "", payload, "h5")
    try:
        with np.errstate(all="ignore"):
            answer = as_bytes(MODEL.ask(again))
    except NotFittedError as error:
        # Without any learned value the file is that of an estimator before its fit.
        learned = any(attribute.endswith("_") for attribute in vars(again))
        return Outcome(
            "wrong" if learned else "refused",
            f"{name}: not fitted",
            short(error),
            payload,
            "h5",
        )
    except BaseException as error:
        category = "late" if is_sentence(error) else "unclear"
        return Outcome(category, f"{name}: predict raises", short(error), payload, "h5")
    if answer == expected or values_only:
        return OK
    return Outcome("wrong", f"{name}: it loads and predicts otherwise", "", payload, "h5")


def objection(again) -> str:
    """What is wrong with an object that came out of a file; nothing if it is harmless."""
    cls = type(again)
    if cls.__name__ not in CLASSES:
        return f"an object of the class {cls.__name__} came out"
    for attribute in vars(again):
        if callable(getattr(cls, attribute, None)):
            return f"the method {attribute} is shadowed"
    content = pickle.dumps(again)
    if attacks.SECRET_WORDS[:16] in content or FOREIGN[:64] in content:
        return "the content of another file came in"
    return ""


def judge_file(path: Path) -> Outcome:
    """Any file: refused, or an object that is harmless and answers or refuses."""
    try:
        again = load(path)
    except StorageError as error:
        return Outcome("refused" if is_sentence(error) else "unclear", "load", short(error))
    wrong = objection(again)
    return Outcome("wrong", wrong) if wrong else OK


def part(form: Form) -> Part:
    """The attacks in one form."""

    def describe(_: int, number: int) -> Outcome:
        return Outcome(kind=NAMES[number], payload=make(form, NAMES[number]), extension="h5")

    return Part(
        lambda _, number: attempt(form, number),
        describe,
        n_cases=len(NAMES),
        case_seconds=25,
        memory=2 << 30,
        alone=True,
    )


if __name__ == "__main__":
    main(__file__, {name: part(form) for name, form in FORMS.items()}, judge_file)
