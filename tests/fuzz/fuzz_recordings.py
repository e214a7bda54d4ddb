"""Are recorded traces read as what they say, and faulty recordings noticed?

"text" and "hdf5" write a trace in many ways, some good and some faulty. "laboratory" takes a
rehearsed recording and loses, repeats or alters samples: the amplitudes of all nodes come
out, or a `RecordingError`.
"""

import functools
import os

import h5py
import numpy as np
from harness import (
    OK,
    Outcome,
    Part,
    generator,
    is_sentence,
    judged,
    main,
    pick,
    scratch,
    short,
)

from reservoir import ReservoirRegressor
from reservoir.exceptions import RecordingError
from reservoir.laboratory import Recording, Waveform, rehearse

FOLDER = scratch("recordings")


def lines_of(*columns, separator: str = ",") -> list[str]:
    """Rows of text with all digits."""
    return [separator.join(f"{v:.17g}" for v in row) for row in zip(*columns, strict=True)]


def put(lines, place: int, line: str):
    """The lines with another one at a place."""
    return [*lines[:place], line, *lines[place + 1 :]]


def added(lines, place: int, line: str):
    """The lines with one more before a place."""
    return [*lines[:place], line, *lines[place:]]


# Ways to write a trace: lines of one or two columns, a place in the middle, and the text.
GOOD = {
    "plain": lambda lines, at: lines,
    "names": lambda lines, at: added(
        lines, 0, "time,voltage" if "," in lines[0] else "voltage"
    ),
    "blank line": lambda lines, at: added(lines, at, ""),
    "comment": lambda lines, at: added(lines, 0, "# scope of the second bench"),
    "semicolons": lambda lines, at: [line.replace(",", ";") for line in lines],
    "tabs": lambda lines, at: [line.replace(",", "\t") for line in lines],
    "blanks": lambda lines, at: [line.replace(",", "   ") for line in lines],
    "decimal commas": lambda lines, at: [
        line.replace(",", ";").replace(".", ",") if "," in line else line for line in lines
    ],
    "preamble": lambda lines, at: [
        *("Model,X1", f"Record Length,{len(lines)}", "", "Label,,"),
        "TIME,CH1" if "," in lines[0] else "CH1",
        *lines,
    ],
    "trailing cells": lambda lines, at: [line + "," for line in lines],
}
BAD = {
    "word": lambda lines, at: put(lines, at, "overload"),
    "word first": lambda lines, at: put(lines, 0, "5%"),
    "hexadecimal first": lambda lines, at: put(lines, 0, "0x1p3"),
    "no number first": lambda lines, at: put(lines, 0, "nan," * lines[0].count(",") + "nan"),
    "no number": lambda lines, at: put(lines, at, lines[at].rpartition(",")[0] + ",nan"),
    "infinite": lambda lines, at: put(lines, at, "inf"),
    "cell missing": lambda lines, at: put(lines, at, "1,"),
    "three columns once": lambda lines, at: put(lines, at, lines[at] + ",1,2"),
    "nothing": lambda lines, at: [],
    "names alone": lambda lines, at: ["time,voltage"],
}


def text(seed: int, number: int) -> Outcome:
    """A trace as text."""
    rng = generator(seed, "text", number)
    n, rate = int(rng.integers(12, 300)), float(10 ** rng.uniform(3, 9))
    voltage, time = rng.normal(size=n), np.arange(n) / rate
    two = bool(rng.random() < 0.5)
    lines = lines_of(time, voltage) if two else lines_of(voltage)
    kind = pick(rng, *GOOD, *BAD)
    lines = (GOOD | BAD)[kind](lines, int(rng.integers(2, n - 2)))
    if two and kind == "plain":
        kind = pick(rng, "plain", "lost", "repeated", "descending")
        lines = timed(kind, time, voltage, int(rng.integers(2, n - 2)))
    end, mark = pick(rng, "\n", "\r\n"), pick(rng, "", "", "\ufeff")
    content = (mark + end.join(lines) + end).encode(pick(rng, "utf-8", "utf-8", "utf-16"))
    path = FOLDER / f"trace-{os.getpid()}{pick(rng, '.csv', '.txt')}"
    path.write_bytes(content)
    # UTF-16 has one mark of the byte order; a second one is part of the first cell.
    good = kind in GOOD and (not mark or content[:1] == b"\xef")
    stated = None if two else rate
    return read(path, kind, stated, content, voltage if kind in GOOD else None, rate, good)


def timed(kind: str, time, voltage, at: int) -> list[str]:
    """A trace with a time for each sample, which shows what is wrong."""
    if kind == "lost":
        time, voltage = np.delete(time, at), np.delete(voltage, at)
    elif kind == "repeated":
        time, voltage = np.insert(time, at, time[at]), np.insert(voltage, at, voltage[at])
    elif kind == "descending":
        time = time[::-1]
    return lines_of(time, voltage)


def read(path, kind, stated, content, expected, rate, good: bool) -> Outcome:
    """Read a trace; `expected` is None if it must be refused."""
    ending = path.suffix[1:]
    try:
        got = Recording.from_file(path, sample_rate=stated)
    except Exception as error:
        if good:
            return Outcome(
                "unclear", f"{kind}: a good trace is refused", short(error), content
            )
        return judged(error, kind, content, ending)
    note = f"{got.voltage[:3]}, {len(got.voltage)} samples at {got.sample_rate:.6g} Hz"
    if expected is None:
        return Outcome("wrong", f"{kind} is not noticed", note, content, ending)
    if not np.array_equal(got.voltage, expected) or abs(got.sample_rate / rate - 1) > 2e-3:
        return Outcome("wrong", f"{kind}: read as another trace", note, content, ending)
    return OK


# ---------------------------------------------------------------------- HDF5

HDF5_GOOD = {
    "plain": lambda file, v: file.create_dataset("voltage", data=v),
    "integers": lambda file, v: file.create_dataset(
        "voltage", data=np.rint(v * 1e3).astype(int)
    ),
    "single": lambda file, v: file.create_dataset("voltage", data=v.astype("f4")),
}
HDF5_EITHER = {
    "column": lambda file, v: file.create_dataset("voltage", data=v[:, None]),
    "texts": lambda file, v: file.create_dataset("voltage", data=[b"%.17g" % x for x in v]),
}
HDF5_BAD = {
    "complex": lambda file, v: file.create_dataset("voltage", data=v * (1 + 1j)),
    "booleans": lambda file, v: file.create_dataset("voltage", data=v > 0),
    "one number": lambda file, v: file.create_dataset("voltage", data=v[0]),
    "external": lambda file, v: file.create_dataset(
        "voltage", shape=v.shape, dtype="f8", external=[("/dev/zero", 0, v.nbytes)]
    ),
    "claimed": lambda file, v: file.create_dataset(
        "voltage", (600_000_000,), "f8", chunks=(9999,)
    ),
    "never written": lambda file, v: file.create_dataset(
        "voltage", v.shape, "f8", chunks=True
    ),
    "not a number": lambda file, v: file.create_dataset("voltage", data=v * np.nan),
    "any length": lambda file, v: file.create_dataset(
        "voltage", v.shape, dtype=h5py.vlen_dtype(np.float64)
    ),
}
RATES = {"no rate": None, "text": "1 MHz", "two": [1e6, 2e6], "zero": 0.0, "nan": np.nan}


def hdf5(seed: int, number: int) -> Outcome:
    """A trace in an HDF5 file."""
    rng = generator(seed, "hdf5", number)
    voltage, rate = (
        rng.normal(size=int(rng.integers(12, 300))),
        float(10 ** rng.uniform(3, 9)),
    )
    kind = pick(rng, *HDF5_GOOD, *HDF5_EITHER, *HDF5_BAD)
    path = FOLDER / f"trace-{os.getpid()}.h5"
    stated_kind = pick(rng, *("right",) * 6, *RATES)
    with h5py.File(path, "w") as file:
        item = (HDF5_GOOD | HDF5_EITHER | HDF5_BAD)[kind](file, voltage)
        value = RATES.get(stated_kind, rate)
        if value is not None:
            item.attrs["sample_rate"] = value
    changed = {
        "integers": np.rint(voltage * 1e3),
        "single": voltage.astype("f4").astype(float),
    }
    expected = changed.get(kind, voltage)
    if kind in HDF5_BAD or stated_kind != "right":
        expected = None
    good = kind in HDF5_GOOD and stated_kind == "right"
    what = f"hdf5 {kind}, rate {stated_kind}"
    return read(path, what, None, path.read_bytes(), expected, rate, good)


# ---------------------------------------------------------------------- laboratory


@functools.cache
def bench(which: int) -> tuple[ReservoirRegressor, Waveform]:
    """A fitted model and its waveform."""
    rng = np.random.default_rng(which)
    X = [rng.uniform(-1, 1, (int(rng.integers(8, 30)), 2)) for _ in range(5)]
    y = [x[:, 0] ** 2 for x in X]
    small = {"n_nodes": (10, 20, 30)[which], "node_time": 1e-6, "alpha": 1e-6}
    model = ReservoirRegressor(random_state=0, **small).fit(X, y)
    return model, Waveform.from_estimator(model, X, sample_rate=20e6)


def lose(rng, v, at, node):
    """Samples of more than one node are gone."""
    return np.delete(v, slice(at, at + int(rng.integers(2, 40) * node)))


def repeat(rng, v, at, node):
    """Samples of more than one node come twice."""
    size = int(rng.integers(2, 40) * node)
    return np.insert(v, at, v[at : at + size])


def silent(rng, v, at, node):
    """The recorder gives zeros for a while."""
    v = v.copy()
    v[at : at + int(rng.integers(40, 100) * node)] = 0
    return v


def frozen(rng, v, at, node):
    """The recorder gives one value for a while."""
    v = v.copy()
    v[at : at + int(rng.integers(40, 100) * node)] = v[at]
    return v


def warped(rng, v, at, node):
    """The clocks drift apart."""
    n = len(v)
    shift = float(rng.uniform(2, 20)) * node * np.sin(np.pi * np.arange(n) / n)
    return np.interp(np.arange(n) + shift, np.arange(n), v)


# What happens to a recording, and whether it may be read all the same: nothing, or a change
# that the method corrects or that is no fault of the recorder's samples.
EVENTS = {
    "nothing": (lambda rng, v, at, node: v, True),
    "lost": (lose, False),
    "repeated": (repeat, False),
    "silent": (silent, False),
    "frozen": (frozen, False),
    "warped": (warped, False),
    "clipped": (lambda rng, v, at, node: np.clip(v, *np.quantile(v, [0.2, 0.8])), False),
    "spike": (lambda rng, v, at, node: put_spike(v, at), False),
    "cut at its end": (lambda rng, v, at, node: v[: -int(200 * node)], False),
    "half": (lambda rng, v, at, node: v[: len(v) // 2], False),
    "reversed": (lambda rng, v, at, node: v[::-1], False),
    "constant": (lambda rng, v, at, node: np.full(len(v), v[0]), False),
    "noise": (lambda rng, v, at, node: rng.normal(size=len(v)), False),
    "inverted part": (
        lambda rng, v, at, node: np.append(v[:at], 2 * v.mean() - v[at:]),
        False,
    ),
    "twice": (lambda rng, v, at, node: np.concatenate([v, v]), True),
}


def put_spike(v, at):
    """One sample far off."""
    v = v.copy()
    v[at] += 1e3 * v.std()
    return v


def laboratory(seed: int, number: int) -> Outcome:
    """A recording to which something happened."""
    rng = generator(seed, "laboratory", number)
    model, wave = bench(int(rng.integers(3)))
    noise = pick(rng, 0.0, 0.01, 0.1)
    settings = {
        "sample_rate": pick(rng, 5e6, 10e6, 20e6, 50e6, 7.3e6),
        "delay": float(rng.uniform(0, 1e-5)),
        "gain": pick(rng, 1.0, 0.01, 1e-6, 1e3),
        "offset": float(rng.normal()),
    }
    rate = settings["sample_rate"]
    reference = wave.nodes(rehearse(wave, model.oscillator_, **settings))
    record = rehearse(
        wave, model.oscillator_, **settings, readout_noise=noise, random_state=number
    )
    node = rate * wave.node_time
    begin = int(wave.bursts[0] / wave.samples_per_node * node)
    at = int(rng.integers(begin, len(record.voltage) - int(150 * node)))
    name = pick(rng, *EVENTS)
    event, may_be_read = EVENTS[name]
    voltage = event(rng, record.voltage, at, node)
    payload = f"{name} at {at}, {settings}, noise {noise}, {node} samples a node".encode()
    try:
        got = wave.nodes(Recording(voltage, rate))
    except RecordingError as error:
        if name == "nothing" and noise < 0.1:
            return Outcome("unclear", "a good recording is refused", short(error), payload)
        clear = is_sentence(error)
        return Outcome("refused" if clear else "unclear", name, short(error), payload)
    except Exception as error:
        return judged(error, name, payload)
    spread = reference.std()
    # The trace and the nodes have the same unit, so the gain is in both and drops out.
    limit = 0.1 + 5 * noise * record.voltage.std() / spread
    off = np.abs(got - reference) / spread
    share = 100 * (off > limit).mean()
    # A spike touches one node or two; no readout survives even one that is far off.
    most = 0 if name == "spike" else 2
    if not np.isfinite(got).all() or not may_be_read and share > most:
        note = f"{share:.0f} % of the nodes are off, by up to {off.max():.2f}"
        return Outcome("wrong", f"laboratory: {name} is not noticed", note, payload)
    return OK


if __name__ == "__main__":
    parts = {"text": Part(text), "hdf5": Part(hdf5, memory=1 << 30)}
    main(__file__, parts | {"laboratory": Part(laboratory, case_seconds=30)})
