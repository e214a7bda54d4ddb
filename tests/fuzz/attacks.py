"""Model files made on purpose: what could a hostile file make `load` read, allocate or run?

Each attack changes an open file of a saved classifier. `ATTACKS` maps its name to the
function and to whether it alters plain values only: such a file cannot be told from another
model.
"""

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from harness import scratch

COEFFICIENTS = "fitted/readout_/coefficients"
FOLDER = scratch("attacks")
OTHER = FOLDER / "other.h5"  # another model, which no file may lead to
SECRET = FOLDER / "secret.txt"
SECRET_WORDS = b"secret words of another file"
SECRET.write_bytes(SECRET_WORDS * 4)
PIPE = FOLDER / "pipe"


@dataclass(frozen=True)
class Attack:
    """A change of an open file, and whether only plain values become others."""

    change: Callable[[h5py.File], None]
    values_only: bool


ATTACKS: dict[str, Attack] = {}


def attack(function):
    """Register an attack after which the file must be refused, or predict the same."""
    ATTACKS[function.__name__] = Attack(function, values_only=False)
    return function


def alteration(function):
    """Register an attack that alters plain values only."""
    ATTACKS[function.__name__] = Attack(function, values_only=True)
    return function


def put(file: h5py.File, name: str, kind: str = "array", **create) -> h5py.Dataset:
    """Put another data set in the place of an item, or a new one; attributes are kept."""
    attributes = dict(file[name].attrs) if name in file else {}
    if name in file:
        del file[name]
    item = file.create_dataset(name, **create)
    item.attrs.update(attributes | {"kind": kind})
    return item


def put_text(file: h5py.File, name: str, text: bytes, kind: str = "json") -> None:
    """Put a text of JSON in the place of an item."""
    put(file, name, kind, data=np.frombuffer(text, "u1"))


def put_link(file: h5py.File, name: str, link) -> None:
    """Put a link in the place of an item."""
    del file[name]
    file[name] = link


# ---------------------------------------------------------------------- other files


@attack
def external_link_to_another_model(f):
    put_link(f, COEFFICIENTS, h5py.ExternalLink(str(OTHER), COEFFICIENTS))


@attack
def external_link_of_a_whole_group(f):
    put_link(f, "fitted/readout_", h5py.ExternalLink(str(OTHER), "fitted/readout_"))


@attack
def external_link_dangling(f):
    put_link(f, COEFFICIENTS, h5py.ExternalLink("/nowhere/else.h5", COEFFICIENTS))


def external_storage(f, name, path, size, dtype="u1"):
    put(f, name, shape=(size,), dtype=dtype, external=[(str(path), 0, h5py.h5f.UNLIMITED)])


@attack
def external_storage_of_a_text_file(f):
    external_storage(f, "fitted/note", SECRET, SECRET.stat().st_size)


@attack
def external_storage_of_a_text_file_as_a_value(f):
    external_storage(f, "fitted/seed_", SECRET, SECRET.stat().st_size)


@attack
def external_storage_of_the_zero_device(f):
    shape = f[COEFFICIENTS].shape
    put(f, COEFFICIENTS, shape=shape, dtype="f8", external=[("/dev/zero", 0, 1 << 12)])


@attack
def external_storage_of_a_pipe(f):
    if not PIPE.exists():
        os.mkfifo(PIPE)
    external_storage(f, "fitted/note", PIPE, 100)


@attack
def external_storage_that_is_missing(f):
    shape = f[COEFFICIENTS].shape
    put(f, COEFFICIENTS, shape=shape, dtype="f8", external=[("/nowhere/x.bin", 0, 1 << 12)])


def virtual(f, path):
    shape = f[COEFFICIENTS].shape
    layout = h5py.VirtualLayout(shape=shape, dtype="f8")
    layout[...] = h5py.VirtualSource(str(path), COEFFICIENTS, shape=shape)
    del f[COEFFICIENTS]
    f.create_virtual_dataset(COEFFICIENTS, layout, fillvalue=0.0).attrs["kind"] = "array"


@attack
def virtual_data_of_another_file(f):
    virtual(f, OTHER)


@attack
def virtual_data_of_a_missing_file(f):
    virtual(f, "/nowhere/x.h5")


# ---------------------------------------------------------------------- links inside


@attack
def soft_link_inside(f):
    f["kept"] = f[COEFFICIENTS]
    put_link(f, COEFFICIENTS, h5py.SoftLink("/kept"))


@attack
def soft_link_dangling(f):
    put_link(f, COEFFICIENTS, h5py.SoftLink("/nothing"))


@attack
def soft_link_to_itself(f):
    put_link(f, COEFFICIENTS, h5py.SoftLink("/" + COEFFICIENTS))


@attack
def circle_of_hard_links_in_a_drive(f):
    f["fitted/drive_/mask2"] = f["fitted"]


@attack
def circle_of_hard_links_in_a_dict(f):
    f["fitted/again"] = f["fitted"]


@attack
def two_hard_links_at_each_of_thirty_levels(f):
    inner = f.create_group("fitted/level0")
    inner.attrs["kind"] = "dict"
    for level in range(1, 30):
        outer = f.create_group(f"x{level}")
        outer.attrs["kind"] = "dict"
        outer["a"], outer["b"] = inner, inner
        inner = outer
    f["fitted/levels"] = inner


@attack
def two_thousand_groups_within_groups(f):
    group = f["fitted"]
    for _ in range(2000):
        group = group.create_group("in")
        group.attrs["kind"] = "dict"


# ---------------------------------------------------------------------- claims of memory


@attack
def ten_gigabytes_claimed_in_chunks(f):
    put(f, COEFFICIENTS, shape=(1_250_000_000, 1), dtype="f8", chunks=(1 << 16, 1))


@attack
def ten_gigabytes_claimed(f):
    put(f, COEFFICIENTS, shape=(1_250_000_000, 1), dtype="f8")


@attack
def ten_gigabytes_of_a_note_claimed(f):
    put(f, "fitted/note", shape=(1_250_000_000,), dtype="f8")


@attack
def ten_gigabytes_of_json_claimed(f):
    put(f, "fitted/seed_", "json", shape=(10_000_000_000,), dtype="u1")


@attack
def an_exabyte_claimed(f):
    put(f, COEFFICIENTS, shape=(10**17, 10), dtype="f8", chunks=(1024, 10))


def bomb(f, name, kind, n_chunks):
    size = 16 << 20
    item = put(
        f,
        name,
        kind,
        shape=(n_chunks * size,),
        dtype="u1",
        chunks=(size,),
        compression="gzip",
    )
    packed = zlib.compress(bytes(size), 9)
    for i in range(n_chunks):
        item.id.write_direct_chunk((i * size,), packed)


@attack
def three_gigabytes_compressed(f):
    bomb(f, "fitted/note", "array", 192)


@attack
def hundred_megabytes_of_json_compressed(f):
    bomb(f, "fitted/seed_", "json", 8)


@attack
def one_huge_chunk_of_few_values(f):
    put(f, "fitted/note", shape=(4,), maxshape=(None,), dtype="f8", chunks=(200_000_000,))


@attack
def attribute_of_a_text_without_end(f):
    f["fitted"].attrs.create("note", data=np.zeros(8000), dtype="f8")
    for number in range(200):
        f.attrs[f"note{number}"] = b"x" * 60_000


@attack
def sparse_matrix_of_a_huge_shape(f):
    group = f.create_group("fitted/matrix")
    group.attrs["kind"], group.attrs["shape"] = "sparse", (1_000_000_000, 2)
    group["data"], group["row"], group["column"] = [1.0], [0], [0]


@attack
def sparse_matrix_with_entries_outside(f):
    group = f.create_group("fitted/matrix")
    group.attrs["kind"], group.attrs["shape"] = "sparse", (2, 2)
    group["data"], group["row"], group["column"] = [1.0], [5], [-7]


@attack
def texts_of_a_huge_type(f):
    put_text(f, "fitted/words", b'["a","b"]', "texts")
    f["fitted/words"].attrs["dtype"] = "<U400000000"


@attack
def lists_within_lists(f):
    put_text(f, "fitted/note", b"[" * 100_000 + b"]" * 100_000)


@attack
def an_integer_of_a_million_digits(f):
    put_text(f, "fitted/seed_", b"9" * 10**6)


@attack
def ten_million_numbers_of_json(f):
    put_text(f, "fitted/note", b"[" + b"0," * 10**7 + b"0]")


@attack
def four_thousand_values(f):
    for number in range(4000):
        put_text(f, f"fitted/a{number}", b"1")


# ---------------------------------------------------------------------- data never written


@attack
def chunks_never_written(f):
    shape = f[COEFFICIENTS].shape
    put(f, COEFFICIENTS, shape=shape, dtype="f8", chunks=True, fillvalue=0.0)


@attack
def data_never_written(f):
    put(f, COEFFICIENTS, shape=f[COEFFICIENTS].shape, dtype="f8")


def apply(name: str, path: Path) -> None:
    """Change the file of a model as an attack does."""
    with h5py.File(path, "a") as file:
        ATTACKS[name].change(file)
