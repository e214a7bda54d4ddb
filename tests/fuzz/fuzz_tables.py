"""Are tables of measured devices read as what they say, or refused?

"styles" writes a table in many styles of text, some good and some faulty; "hdf5" puts it
into HDF5 files of every kind. "corpora" changes one thing of the tables of vowels and of the
laser, if the folder named by RESERVOIR_DATA holds them: a change is refused, or the data are
the same.
"""

import os
from pathlib import Path

import h5py
import numpy as np
from damages import damage
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
from reservoir.datasets import fetch_hillenbrand, fetch_santa_fe

from reservoir.devices import MeasuredOscillator

FOLDER = scratch("tables")
NAMES = ("current", "amplitude", "relaxation_time")
CORPORA = Path(os.environ.get("RESERVOIR_DATA", "/nowhere")).expanduser()


def table(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Columns of a device that oscillates above 3 mA."""
    current = np.sort(rng.uniform(1e-3, 8e-3, int(rng.integers(3, 12))))
    amplitude = np.sqrt(np.maximum(current - 3e-3, 0)) * 0.1 + 1e-5
    times = rng.uniform(1e-7, 1e-6, len(current))
    return dict(zip(NAMES, (current, amplitude, times), strict=True))


def lines_of(columns, separator: str = ",", point: str = ".") -> list[str]:
    """Rows of text."""
    rows = zip(*columns.values(), strict=True)
    return [separator.join(f"{v:.17g}".replace(".", point) for v in row) for row in rows]


def text_of(rng, columns, **style) -> str:
    """A good table in a style."""
    separator = style.get("separator", ",")
    return "\n".join([separator.join(columns), *lines_of(columns, **style)]) + "\n"


def reordered(rng, columns):
    return text_of(rng, {name: columns[name] for name in rng.permutation(list(columns))})


def spaced(rng, columns):
    return text_of(rng, columns).replace(",", " , ")


def with_value(value):
    """A table with another value in one cell."""

    def change(rng, columns):
        columns = {name: column.copy() for name, column in columns.items()}
        column = columns[pick(rng, *NAMES)]
        column[int(rng.integers(len(column)))] = value
        return text_of(rng, columns)

    return change


def with_line(change):
    """A table of which one line is changed."""

    def changed(rng, columns):
        lines = text_of(rng, columns).splitlines()
        place = int(rng.integers(1, len(lines)))
        lines[place] = change(lines[place])
        return "\n".join(lines) + "\n"

    return changed


def shuffled(rng, columns):
    order = rng.permutation(len(columns["current"]))
    if (order == np.arange(len(order))).all():
        order = order[::-1]
    return text_of(rng, {name: column[order] for name, column in columns.items()})


def doubled_column(rng, columns):
    first, *rest = text_of(rng, columns).splitlines()
    return "\n".join([f"{first},amplitude", *(f"{line},0.5" for line in rest)]) + "\n"


GOOD = {  # must be read
    "plain": text_of,
    "reordered": reordered,
    "another column": lambda rng, c: text_of(
        rng, {"note": np.arange(len(c["current"])), **c}
    ),
    "carriage returns": lambda rng, c: text_of(rng, c).replace("\n", "\r\n"),
    "spaces": spaced,
    "blank lines": lambda rng, c: text_of(rng, c).replace("\n", "\n\n", 1),
}
EITHER = {  # may be refused, but not be read as another table
    "semicolons": lambda rng, c: text_of(rng, c, separator=";"),
    "tabs": lambda rng, c: text_of(rng, c, separator="\t"),
    "semicolons and decimal commas": lambda rng, c: text_of(rng, c, separator=";", point=","),
    "comment": lambda rng, c: text_of(rng, c).replace("\n", "\n# measured by me\n", 1),
    "title case": lambda rng, c: text_of(rng, c).replace("current", "Current"),
    "quoted": lambda rng, c: text_of(rng, {f'"{name}"': c[name] for name in c}),
    "order of rows": shuffled,
    "header as a comment": lambda rng, c: "# " + text_of(rng, c),
    "byte order mark": lambda rng, c: "\ufeff" + text_of(rng, c),
    "UTF-16": lambda rng, c: text_of(rng, c).encode("utf-16"),
    "Latin-1": lambda rng, c: text_of(rng, {**c, "\xb5": c["current"]}).encode("latin-1"),
}
BAD = {  # must be refused
    "decimal commas": lambda rng, c: text_of(rng, c, point=","),
    "thousands": with_line(
        lambda line: line.replace("e", ",000e", 1) if "e" in line else "1,000," + line
    ),
    "not a number": with_value(np.nan),
    "infinite": with_value(np.inf),
    "no header": lambda rng, c: "\n".join(lines_of(c)) + "\n",
    "words": with_line(lambda line: "abc," + line.split(",", 1)[1]),
    "short row": with_line(lambda line: line.rsplit(",", 1)[0]),
    "long row": with_line(lambda line: line + ",7"),
    "empty": lambda rng, c: "",
    "header alone": lambda rng, c: ",".join(c) + "\n",
    "a column twice": doubled_column,
    "zero byte": with_line(lambda line: line[:3] + "\0" + line[3:]),
    "underscore": with_line(lambda line: line[:3] + "_" + line[3:]),
    "equal currents": lambda rng, c: text_of(rng, {**c, "current": c["current"] * 0 + 5e-3}),
    "units in the header": lambda rng, c: text_of(
        rng, {f"{name} (A)": c[name] for name in c}
    ),
}


def styles(seed: int, number: int) -> Outcome:
    """A table as text."""
    rng = generator(seed, "styles", number)
    columns, kind = table(rng), pick(rng, *GOOD, *EITHER, *BAD)
    content = (GOOD | EITHER | BAD)[kind](rng, columns)
    content = content if isinstance(content, bytes) else content.encode()
    path = FOLDER / f"table-{os.getpid()}.csv"
    path.write_bytes(content)
    return read(path, kind, columns, content, kind in GOOD, kind in BAD)


def read(path, kind, expected, content, good: bool, bad: bool) -> Outcome:
    """Read a table and compare it with what was written."""
    try:
        device = MeasuredOscillator.from_file(path, threshold_current=3e-3)
    except Exception as error:
        if good:
            return Outcome(
                "unclear", f"{kind}: a good table is refused", short(error), content
            )
        return judged(error, kind, content, path.suffix[1:])
    found = {name: np.atleast_1d(getattr(device, name)) for name in NAMES}
    same = all(
        found[name].shape == expected[name].shape
        and np.allclose(found[name], expected[name], rtol=1e-5, atol=1e-11)
        for name in NAMES
    )
    if same and not bad:
        return OK
    note = f"{found}"[:200]
    return Outcome("wrong", f"{kind}: read as another table", note, content, path.suffix[1:])


# ---------------------------------------------------------------------- HDF5


def plain(file, name, values):
    file[name] = values


def external(file, name, values):
    place = [("/dev/zero", 0, values.nbytes)]
    file.create_dataset(name, shape=values.shape, dtype="f8", external=place)


def claimed(file, name, values):
    file.create_dataset(name, shape=(600_000_000,), dtype="f8", chunks=(1 << 16,))


def never_written(file, name, values):
    file.create_dataset(name, shape=values.shape, dtype="f8", fillvalue=1e-7, chunks=True)


def linked(file, name, values):
    file[name] = h5py.SoftLink("/nowhere")


def elsewhere(file, name, values):
    file[name] = h5py.ExternalLink("/nowhere/x.h5", name)


def transposed(file, name, values):
    file[name] = values[:, None]


HDF5_GOOD = {"plain": plain, "single": lambda f, name, v: plain(f, name, v.astype("f4"))}
HDF5_EITHER = {
    "column": transposed,
    "texts": lambda f, name, v: plain(f, name, [b"%.17g" % value for value in v]),
}
HDF5_BAD = {
    "one number": lambda f, name, v: (
        plain(f, name, v[0]) if name == "amplitude" else linked(f, name, v)
    ),
    "short": lambda f, name, v: plain(f, name, v[:-1]),
    "external": external,
    "claimed": claimed,
    "never written": never_written,
    "link": linked,
    "link to another file": elsewhere,
    "group": lambda f, name, v: f.create_group(name),
    "complex": lambda f, name, v: plain(f, name, v * (1 + 1j)),
    "booleans": lambda f, name, v: plain(f, name, v > 0),
    "empty": lambda f, name, v: plain(f, name, h5py.Empty("f8")),
    "missing": lambda f, name, v: None,
}


def hdf5(seed: int, number: int) -> Outcome:
    """A table in an HDF5 file; one column is put there in another way."""
    rng = generator(seed, "hdf5", number)
    columns, odd = table(rng), pick(rng, *NAMES)
    kind = pick(rng, *HDF5_GOOD, *HDF5_EITHER, *HDF5_BAD)
    put = (HDF5_GOOD | HDF5_EITHER | HDF5_BAD)[kind]
    path = FOLDER / f"table-{os.getpid()}.h5"
    with h5py.File(path, "w") as file:
        for name, values in columns.items():
            (put if name == odd else plain)(file, name, values)
    content = path.read_bytes()
    return read(path, f"hdf5 {kind}", columns, content, kind in HDF5_GOOD, kind in HDF5_BAD)


# ---------------------------------------------------------------------- corpora


def change_text(rng: np.random.Generator, content: bytes) -> bytes:
    """One change of a table of numbers."""
    lines = content.split(b"\n")
    i, j = (int(place) for place in rng.integers(0, len(lines), 2))
    how = pick(rng, "digit", "digit", "words", "lines", "drop", "repeat", "bytes", "returns")
    if how == "digit":
        digits = [place for place, c in enumerate(content) if 48 <= c <= 57]
        place = pick(rng, *digits[:: max(len(digits) // 1000, 1)])
        digit = b"%d" % ((content[place] - 48 + int(rng.integers(1, 10))) % 10)
        return content[:place] + digit + content[place + 1 :]
    if how == "words" and len(lines[i].split()) > 2:
        words = lines[i].split()
        words[1], words[-1] = words[-1], words[1]
        lines[i] = b" ".join(words)
    elif how == "lines":
        lines[i], lines[j] = lines[j], lines[i]
    elif how == "drop":
        del lines[i]
    elif how == "repeat":
        lines.insert(j, lines[i])
    elif how == "bytes":
        return damage(rng, content)[1]
    elif how == "returns":
        return content.replace(b"\n", b"\r\n")
    return b"\n".join(lines)


def rows_of(bunch) -> list[tuple]:
    """Rows of a data set, in an order that does not depend on the file's."""
    rows = zip(
        map(str, bunch.get("names", bunch.target)), bunch.target, bunch.data, strict=True
    )
    return sorted(
        (name, str(target), np.asarray(data).tobytes()) for name, target, data in rows
    )


READERS = {
    "hillenbrand/vowdata.dat": fetch_hillenbrand,
    "santa_fe/santafe_laser.txt": fetch_santa_fe,
}
FOUND = {
    name: ((CORPORA / name).read_bytes(), reader)
    for name, reader in READERS.items()
    if (CORPORA / name).is_file()
}


def corpora(seed: int, number: int) -> Outcome:
    """A corpus with one change."""
    rng = generator(seed, "corpora", number)
    name = pick(rng, *FOUND)
    content, reader = FOUND[name]
    changed = change_text(rng, content)
    path = FOLDER / f"{os.getpid()}-{Path(name).name}"
    path.write_bytes(changed)
    pairs = enumerate(zip(content, changed, strict=False))
    where = next((place for place, (old, new) in pairs if old != new), 0)
    old, new = (text[where : where + 40] for text in (content, changed))
    note = f"{name}, byte {where}: {old!r} became {new!r}"
    try:
        bunch = reader(path)
    except Exception as error:
        if is_sentence(error):
            return Outcome("refused")
        return judged(error, name, note.encode())
    if rows_of(bunch) == ORIGINALS[name]:
        return OK
    return Outcome("wrong", f"{name}: a change is not noticed", note, note.encode())


ORIGINALS = {name: rows_of(reader(CORPORA / name)) for name, (_, reader) in FOUND.items()}

if __name__ == "__main__":
    parts = {"styles": Part(styles), "hdf5": Part(hdf5, memory=1 << 30)}
    if FOUND:
        parts["corpora"] = Part(corpora, case_seconds=30)
    else:
        print("The part corpora is left out: RESERVOIR_DATA names no folder that holds them.")
    main(__file__, parts)
