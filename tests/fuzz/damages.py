"""Random damage to files: bytes that change, and objects that are changed through h5py."""

from pathlib import Path

import h5py
import numpy as np
from harness import pick

KINDS = (
    *("array", "json", "tuple", "texts", "dict", "mapping", "sparse", "complex", "estimator"),
    *("number", "items", "dtype", "type", "own device", "Drive", "Ensemble", "Wire"),
    *("LinearReadout", "SpinTorqueOscillator", "MeasuredOscillator", "os.system"),
)
CLASSES = (
    *("os.system", "eval", "ReservoirClassifier", "ReservoirRegressor", "OscillatorNetwork"),
    *("TimeMultiplexedReservoir", "SynchronizationClassifier", "", "object"),
    *("MaskEnsembleClassifier", "SpeechClassifier", "Cochleagram", "MFCC"),
)
NAMES = (
    *("predict", "__class__", "__dict__", "decision_function", "_validate", "extra"),
    *("oscillator", "classes_", "score", "__init__", "transform"),
)
TEXTS = (
    *("null", "-1", "0", "1e400", "NaN", '"x"', "[]", "{}", "[[1]]", "true", "1e18", "[1,2]"),
    *("-99999", "64.5", '"None"', "3", "1000000000000", "[-1]", "[0.6,1.6]", "12"),
)
DTYPES = ("f4", ">f8", "f2", "i4", "u1", "i8", "c16", "S8", "?", ">i4", "f8")


def damage(rng: np.random.Generator, content: bytes) -> tuple[str, bytes]:
    """Cut, flip, zero, exchange or add bytes; says what was done."""
    changed = bytearray(content)
    n = len(changed)
    kinds = (
        "cut",
        "bit",
        "bit",
        "bit",
        "byte",
        "four bits",
        "zeros",
        "ones",
        "moved",
        "grown",
    )
    kind = pick(rng, *kinds)
    place = int(rng.integers(n))
    if kind == "cut":
        del changed[place:]
    elif kind == "byte":
        changed[place] ^= int(rng.integers(1, 256))
    elif kind in ("bit", "four bits"):
        for at in rng.integers(0, n, 1 if kind == "bit" else 4):
            changed[at] ^= 1 << int(rng.integers(8))
    elif kind in ("zeros", "ones"):
        size = min(int(rng.integers(1, 64)), n - place)
        changed[place : place + size] = (b"\0" if kind == "zeros" else b"\xff") * size
    elif kind == "moved":
        size = min(int(rng.integers(8, 512)), n - place)
        source = int(rng.integers(0, n - size + 1))
        changed[place : place + size] = changed[source : source + size]
    else:
        changed += rng.bytes(int(rng.integers(1, 5000)))
    return kind, bytes(changed)


def tamper(rng: np.random.Generator, path: Path, other: Path) -> str:
    """Change an object of an HDF5 file; says what was done.

    Parameters
    ----------
    rng : Generator
    path : Path
        The file, which is changed in its place.
    other : Path
        Another file, of which an object may be taken.
    """
    with h5py.File(path, "a") as file:
        found: list[str] = []
        file.visit(found.append)
        data = [name for name in found if isinstance(file[name], h5py.Dataset)]
        kind = pick(rng, *TAMPERINGS) if data else pick(rng, "attribute", "added")
        detail = TAMPERINGS[kind](rng, file, data, sorted(found), other)
    return f"{kind} {detail}"


def put(file: h5py.File, name: str, value) -> None:
    """Another value under a name; the attributes stay."""
    attributes = dict(file[name].attrs)
    del file[name]
    file.create_dataset(name, data=value).attrs.update(attributes)


def exchange(rng, file, data, found, other):
    """Two data sets change places."""
    first, second = pick(rng, *data), pick(rng, *data)
    values = file[first][()], file[second][()]
    put(file, first, values[1])
    if first != second:
        put(file, second, values[0])
    return f"{first} and {second}"


def another_dtype(rng, file, data, found, other):
    """A data set becomes one of another dtype."""
    name, dtype = pick(rng, *data), pick(rng, *DTYPES)
    with np.errstate(all="ignore"):
        put(file, name, np.asarray(file[name][()]).astype(dtype))
    return f"{name} {dtype}"


def another_shape(rng, file, data, found, other):
    """A data set becomes one of another shape."""
    name = pick(rng, *data)
    value = np.asarray(file[name][()])
    shapes = [value.ravel(), value[None], value[..., None], value.T]
    if value.ndim and value.size:
        shapes += [value[:-1], np.concatenate([value, value]), value.reshape(-1)[0]]
    put(file, name, pick(rng, *shapes))
    return name


def another_value(rng, file, data, found, other):
    """One number of a data set changes."""
    name = pick(rng, *data)
    value = np.array(file[name][()])
    if not value.size or value.dtype.kind not in "fciu":
        return name
    flat = value.reshape(-1)
    place = int(rng.integers(flat.size))
    with np.errstate(all="ignore"):
        if value.dtype.kind in "fc":
            flat[place] = pick(rng, np.nan, np.inf, -np.inf, flat[place] * (1 + 1e-9), 1e300)
        else:
            flat[place] = pick(rng, np.iinfo(value.dtype).max, flat[place] + 1, 0)
    put(file, name, value)
    return name


def scaled(rng, file, data, found, other):
    """All numbers of a data set change."""
    name = pick(rng, *data)
    value = np.array(file[name][()])
    if value.dtype.kind in "fc":
        with np.errstate(all="ignore"):
            put(file, name, value * pick(rng, 0.0, -1.0, 1e300, 1e-300, 2.0))
    return name


def another_text(rng, file, data, found, other):
    """A text of JSON becomes another."""
    texts = [name for name in data if file[name].dtype == np.uint8]
    if not texts:
        return "nothing"
    name, text = pick(rng, *texts), pick(rng, *TEXTS)
    put(file, name, np.frombuffer(text.encode(), np.uint8))
    return f"{name} = {text}"


def resized(rng, file, data, found, other):
    """A data set is kept in chunks, and grows without being written."""
    name = pick(rng, *data)
    value = np.asarray(file[name][()])
    if not value.ndim or not value.size:
        return name
    attributes = dict(file[name].attrs)
    del file[name]
    item = file.create_dataset(name, data=value, chunks=True, maxshape=(None,) * value.ndim)
    item.resize(tuple(length + int(rng.integers(0, 4)) for length in value.shape))
    item.attrs.update(attributes)
    return name


def dropped(rng, file, data, found, other):
    """An object is gone."""
    name = pick(rng, *found)
    del file[name]
    return name


def renamed(rng, file, data, found, other):
    """An object has another name."""
    name = pick(rng, *found)
    file.move(name, name + "x")
    return name


def added(rng, file, data, found, other):
    """An object appears."""
    groups = [name for name in found if isinstance(file[name], h5py.Group)] or ["/"]
    name = f"{pick(rng, *groups)}/{pick(rng, *NAMES)}"
    if name not in file:
        item = file.create_dataset(name, data=np.frombuffer(b'"x"', np.uint8))
        item.attrs["kind"] = "json"
    return name


def foreign(rng, file, data, found, other):
    """An object of another file takes the place of one."""
    with h5py.File(other, "r") as source:
        shared = [name for name in found if name in source]
        if not shared:
            return "nothing"
        name = pick(rng, *shared)
        del file[name]
        source.copy(name, file, name)
    return name


def attribute(rng, file, data, found, other):
    """An attribute is gone, or has another value of another type."""
    name = pick(rng, *found, "/")
    keys = sorted(file[name].attrs)
    if not keys:
        return name
    key = pick(rng, *keys)
    values = [
        1,
        2**40,
        -1,
        1.5,
        np.nan,
        True,
        np.bytes_(b"x\x00y"),
        "",
        np.arange(3),
        b"\xff\xfe",
        "1",
    ]
    values += [np.array([["a"]], dtype="S1"), np.float32(1), "[]", "{}", "null", '[{"a": 1}]']
    if rng.random() < 0.2:
        del file[name].attrs[key]
    elif rng.random() < 0.4:
        file[name].attrs[key] = pick(rng, *KINDS, *CLASSES)
    else:
        file[name].attrs[key] = pick(rng, *values)
    return f"{name}@{key}"


TAMPERINGS = {
    "exchange": exchange,
    "dtype": another_dtype,
    "shape": another_shape,
    "value": another_value,
    "scaled": scaled,
    "text": another_text,
    "resized": resized,
    "dropped": dropped,
    "renamed": renamed,
    "added": added,
    "foreign": foreign,
    "attribute": attribute,
}
