"""Are folders of recordings read, whatever lies in them and however a pattern is written?

Odd names, links, pipes, empty and foreign files: a clip has the label of its name, or the
folder is refused in a sentence, and within seconds.
"""

import io
import os
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import soundfile
from harness import (
    OK,
    REFUSED,
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
from reservoir.datasets import load_recordings, load_ti46

FOLDER = scratch("folders")
N_SAMPLES = 20
PATTERNS = (
    *("{label}_{speaker}_{index}.wav", "{label}_{speaker}_{session}.wav", "{label}.wav"),
    *("{speaker}/{label}.wav", "{label}{index}.wav", "{label}_{label}.wav", "{lab}.wav"),
    *("{label}", "(.*){label}.wav", "{label}_{index}_", "", "{label}_{speaker}_{index}."),
    *("{label}\n.wav", "{{label}}.wav", "(a+)+{label}.wav", "{label}{speaker}{index}.wav"),
    *("{label}_{speaker}_{index}_{session}_{label}.wav", "*{label}*{speaker}*.wav"),
)
LABELS = (
    "yes",
    "no",
    "caf\u00e9",
    "cafe\u0301",
    "x y",
    "-",
    "a.b",
    "\u0661",
    "..",
    "\x01",
    "a" * 60,
)
INDICES = ("0", "1", "007", "-1", "9" * 15, "9" * 16, "\u0662", "1.5", "")


def sound(rng: np.random.Generator, rate: int = 8000, channels: int = 1) -> bytes:
    """A WAVE file."""
    out = io.BytesIO()
    shape = (N_SAMPLES, channels)
    soundfile.write(out, rng.uniform(-1, 1, shape), rate, format="WAV", subtype="PCM_16")
    return out.getvalue()


def clip_name(rng: np.random.Generator, corpus: bool) -> str:
    """The name of a clip, of a corpus's kind or of the user's own."""
    if corpus:
        digits = int(rng.integers(10)), int(rng.integers(1, 9)), int(rng.integers(10))
        sex, ending = pick(rng, "f", "m"), pick(rng, ".wav", ".WAV", ".sph", ".txt")
        name = f"0{digits[0]}{sex}{digits[1]}set{digits[2]}{ending}"
    else:
        speaker = pick(rng, "ann", "bob", "")
        name = f"{pick(rng, *LABELS)}_{speaker}_{pick(rng, *INDICES)}.wav"
    return f"{pick(rng, 'sub', '.hidden')}/{name}" if rng.random() < 0.2 else name


def put_link(path: Path, rng) -> None:
    target = path.parent / "real.bin"
    target.write_bytes(sound(rng))
    path.symlink_to(target)


def put_loop(path: Path, rng) -> None:
    if not (path.parent / "loop").is_symlink():
        (path.parent / "loop").symlink_to(path.parent)
    path.write_bytes(sound(rng))


def put_odd_bytes(path: Path, rng) -> None:
    with open(os.fsencode(path.parent) + b"/y\xff_ann_3.wav", "wb") as file:
        file.write(sound(rng))


def put_not_a_number(path: Path, rng) -> None:
    samples = np.full(N_SAMPLES, np.nan)
    soundfile.write(path.with_suffix(".wav"), samples, 8000, format="WAV", subtype="FLOAT")


THINGS = {
    "file": lambda path, rng: path.write_bytes(sound(rng)),
    "empty": lambda path, rng: path.write_bytes(b""),
    "folder": lambda path, rng: path.mkdir(),
    "dangling": lambda path, rng: path.symlink_to("/nowhere/x.wav"),
    "pipe": lambda path, rng: os.mkfifo(path),
    "other rate": lambda path, rng: path.write_bytes(sound(rng, rate=16000)),
    "stereo": lambda path, rng: path.write_bytes(sound(rng, channels=2)),
    "link": put_link,
    "text": lambda path, rng: path.write_bytes(b"hello"),
    "loop": put_loop,
    "odd bytes": put_odd_bytes,
    "upper case": lambda path, rng: path.with_suffix(".WAV").write_bytes(sound(rng)),
    "not a number": put_not_a_number,
}


def fill(rng: np.random.Generator, folder: Path, corpus: bool) -> bytes:
    """Put clips and other things into a folder; a list of its files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for _ in range(int(rng.integers(1, 7))):
        path = folder / clip_name(rng, corpus)
        path.parent.mkdir(exist_ok=True)
        things = {
            name: put for name, put in THINGS.items() if name != "not a number" or not corpus
        }
        if not (path.exists() or path.is_symlink()):
            THINGS[pick(rng, *("file",) * 12, *things)](path, rng)
    names = sorted(os.fsencode(path.relative_to(folder)) for path in folder.rglob("*"))
    return b"\n".join(names)


def attempt(part: str, seed: int, number: int) -> Outcome:
    """Fill a folder and read it."""
    rng = generator(seed, part, number)
    folder = FOLDER / f"clips-{os.getpid()}"
    payload = fill(rng, folder, part == "corpus")
    pattern = pick(rng, *PATTERNS[:1] * 10, *PATTERNS)
    try:
        if part == "corpus":
            bunch = load_ti46(folder)
        else:
            payload = pattern.encode() + b"\n" + payload
            bunch = load_recordings(folder, pattern)
    except Exception as error:
        if is_sentence(error) or "e.g. sox" in str(error):  # a command to copy
            return REFUSED
        return Outcome("unclear", without_values(short(error)), short(error), payload)
    n = len(bunch.data)
    columns = ("target", "names", "speakers", "indices", "sessions")
    lengths = {len(bunch[key]) for key in columns if key in bunch} | {n}
    if lengths != {n} or any(np.shape(clip) != (N_SAMPLES,) for clip in bunch.data):
        return Outcome("wrong", "lengths disagree", f"{lengths}", payload)
    return OK if part == "corpus" else labelled(bunch, pattern, payload)


def labelled(bunch, pattern: str, payload: bytes) -> Outcome:
    """A label is the beginning of a clip's name, and one word is one class."""
    hidden = [
        name for name in map(str, bunch.names) if f"/{name}".count("/.") and ".." not in name
    ]
    if hidden:
        return Outcome("wrong", "a hidden folder or file is read", hidden[0], payload)
    classes = {unicodedata.normalize("NFC", str(label)) for label in bunch.target}
    if len(classes) != len(set(map(str, bunch.target))):
        return Outcome("wrong", "one word is two classes", f"{classes}", payload)
    if not pattern.startswith("{label}"):
        return OK
    for name, label in zip(bunch.names, bunch.target, strict=True):
        stem = unicodedata.normalize("NFC", Path(str(name)).name)
        if not stem.startswith(unicodedata.normalize("NFC", str(label))):
            return Outcome(
                "wrong", "another label than the name's", f"{name}, {label}", payload
            )
    return OK


def part(name: str) -> Part:
    """Recordings of one's own, or a corpus."""

    def describe(seed: int, number: int) -> Outcome:
        rng = generator(seed, name, number)
        payload = fill(rng, FOLDER / "described", name == "corpus")
        pattern = pick(rng, *PATTERNS[:1] * 10, *PATTERNS)
        return Outcome(kind=name, message=repr(pattern), payload=payload)

    return Part(lambda seed, number: attempt(name, seed, number), describe, case_seconds=6)


if __name__ == "__main__":
    main(__file__, {name: part(name) for name in ("own", "corpus")})
