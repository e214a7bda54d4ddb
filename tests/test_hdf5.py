"""A changed file is noticed, and no file leads elsewhere or takes more than it holds."""

import os
import subprocess
import sys
import tracemalloc
import zlib

import h5py
import numpy as np
import pytest

from reservoir import StorageError
from reservoir._hdf5 import (
    BLOCK,
    OPEN_FLAGS,
    Form,
    opened_form,
    opened_hdf5,
    written_hdf5,
)
from reservoir._hdf5_tree import array_of
from reservoir.exceptions import StorageWarning

FORM = Form("title", "test file", "the test", version=3, first_digest=2)


def write(path):
    with written_hdf5(path, FORM) as file:
        file["numbers"] = np.arange(40.0)
        file["group/more"] = np.arange(12, dtype=np.float32).reshape(3, 4)
        file["group"].attrs["kind"] = "pair"


def read(path):
    with opened_form(path, FORM) as (file, version):
        more = file.children["group"].children["more"].value
        assert file.children["group"].attributes["kind"] == "pair"
        return version, file.children["numbers"].value.tolist(), more.tolist()


def test_a_file_is_read_as_it_was_written_and_is_an_hdf5_file_for_others(tmp_path):
    path = tmp_path / "a.h5"
    write(path)
    expected = (3, list(range(40)), np.arange(12.0).reshape(3, 4).tolist())
    assert read(path) == expected
    before = path.read_bytes()
    for mode in ("r", "a"):  # who only looks into the file changes nothing
        with h5py.File(path, mode) as file:
            assert file["numbers"][3] == 3 and file.attrs["format"] == "title"
    assert path.read_bytes() == before and read(path) == expected
    write(path)
    assert path.read_bytes() == before


@pytest.mark.slow
def test_every_single_bit_that_flips_is_noticed(tmp_path):
    path = tmp_path / "a.h5"
    write(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    places = [
        *range(8 * BLOCK),
        *range(8 * OPEN_FLAGS.start, 8 * OPEN_FLAGS.stop),
        *rng.integers(8 * BLOCK, 8 * len(whole), 1000),
    ]
    for place in places:
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        path.write_bytes(changed)
        if place // 8 in range(OPEN_FLAGS.start, OPEN_FLAGS.stop):
            assert read(path)[1] == list(range(40))  # says only that the file is open
            continue
        with pytest.raises(StorageError):
            read(path)


@pytest.mark.parametrize("change", ["cut", "grown", "overwritten", "moved", "empty"])
def test_a_file_that_was_cut_or_overwritten_is_refused(change, tmp_path):
    path = tmp_path / "a.h5"
    write(path)
    whole = path.read_bytes()
    changed = {
        "cut": whole[:-1],
        "grown": whole + b"\0",
        "overwritten": whole[:2000] + b"\xff" * 64 + whole[2064:],
        "moved": whole[BLOCK:] + whole[:BLOCK],
        "empty": b"",
    }
    path.write_bytes(changed[change])
    with pytest.raises(StorageError):
        read(path)


def test_a_file_without_its_digest_is_of_an_old_version_or_refused(tmp_path, edited):
    path = tmp_path / "a.h5"
    write(path)
    with edited(path, digest="none"):
        pass
    with pytest.raises(StorageError, match="has lost the digest"):
        read(path)
    with edited(path, digest="old") as file:
        file.attrs["version"] = 1
    with pytest.warns(StorageWarning, match="version 1, which had no digest"):
        assert read(path)[0] == 1
    write(path)
    with edited(path, digest="old") as file:
        file.attrs["version"] = 1
    with pytest.raises(StorageError, match="does not fit the digest"):
        read(path)


def link_elsewhere(file, folder):
    del file["numbers"]
    file["numbers"] = h5py.ExternalLink(str(folder / "other.h5"), "numbers")


def soft_link(file, folder):
    file["again"] = h5py.SoftLink("/numbers")


def hard_link_in_a_circle(file, folder):
    file["group/again"] = file["group"]


def data_of_a_text_file(file, folder):
    file.create_dataset(
        "words", shape=(8,), dtype="u1", external=[(str(folder / "text"), 0, 8)]
    )


def data_of_another_file(file, folder):
    layout = h5py.VirtualLayout(shape=(40,), dtype="f8")
    layout[...] = h5py.VirtualSource(str(folder / "other.h5"), "numbers", shape=(40,))
    file.create_virtual_dataset("more", layout)


def data_never_written(file, folder):
    file.create_dataset("more", shape=(10,), dtype="f8")


def chunks_never_written(file, folder):
    file.create_dataset("more", shape=(10,), dtype="f8", chunks=(5,))


def ten_gigabytes(file, folder):
    file.create_dataset("more", shape=(1_250_000_000,), dtype="f8")


def a_bomb(file, folder):
    file.create_dataset("more", data=np.zeros(10**7), compression="gzip")


def a_lossy_filter(file, folder):
    file.create_dataset("more", data=np.arange(9.0) / 7, scaleoffset=2)


def an_object_reference(file, folder):
    file.create_dataset("more", data=[file["group"].ref], dtype=h5py.ref_dtype)


def texts_of_any_length(file, folder):
    file.create_dataset("more", data=["a"], dtype=h5py.string_dtype())


def a_type_by_itself(file, folder):
    file["more"] = np.dtype("f8")


def nothing_at_all(file, folder):
    file["more"] = h5py.Empty("f8")


def a_deep_tree(file, folder):
    file.create_group("/".join("abcdefghij" * 5))


def thousands_of_groups(file, folder):
    for number in range(3000):
        file.create_group(str(number))


def a_large_attribute(file, folder):
    file.attrs.create("words", np.zeros(60000, "u1"))
    file["group"].attrs.create("words", np.zeros(60000, "S2"))


def texts_that_share_their_letters(file, folder):
    file["group"].attrs.create("words", ["x" * 60000] * 2000, dtype=h5py.string_dtype())


def hundreds_of_attributes(file, folder):
    for number in range(300):
        file["group"].attrs[str(number)] = 1


def a_name_without_end(file, folder):
    file.create_group("x" * 60000)


ATTACKS = [
    texts_that_share_their_letters,
    hundreds_of_attributes,
    a_name_without_end,
    link_elsewhere,
    soft_link,
    hard_link_in_a_circle,
    data_of_a_text_file,
    data_of_another_file,
    data_never_written,
    chunks_never_written,
    ten_gigabytes,
    a_bomb,
    a_lossy_filter,
    an_object_reference,
    texts_of_any_length,
    a_type_by_itself,
    nothing_at_all,
    a_deep_tree,
    thousands_of_groups,
]


@pytest.mark.slow
@pytest.mark.parametrize("digest", ["right", "none"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_file_made_on_purpose_is_refused_and_takes_little_memory(
    attack, digest, tmp_path, edited
):
    path = tmp_path / "a.h5"
    write(tmp_path / "other.h5")
    (tmp_path / "text").write_text("secret words")
    write(path)
    with edited(path, digest) as file:
        file.attrs["version"] = 3 if digest == "right" else 1
        attack(file, tmp_path)
    tracemalloc.start()
    with pytest.raises(StorageError, match=r"\.$"):
        read(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 64e6 + 20 * os.path.getsize(path)


def a_chunk_that_holds_more_than_it_says(file, folder):
    data = file.create_dataset("more", shape=(128,), dtype="f8", chunks=(128,), compression=9)
    data.id.write_direct_chunk((0,), zlib.compress(bytes(10**8), 9))


FOREIGN_ATTACKS = [
    a_chunk_that_holds_more_than_it_says,
    a_lossy_filter,
    link_elsewhere,
    data_of_a_text_file,
    data_of_another_file,
    data_never_written,
    chunks_never_written,
    ten_gigabytes,
    a_bomb,
    an_object_reference,
    texts_of_any_length,
    nothing_at_all,
]


@pytest.mark.parametrize("attack", FOREIGN_ATTACKS)
def test_a_table_of_another_program_leads_nowhere_either(attack, tmp_path):
    path = tmp_path / "a.h5"
    write(tmp_path / "other.h5")
    (tmp_path / "text").write_text("secret words")
    with h5py.File(path, "w") as file:
        file["numbers"] = np.arange(40.0)
        file.create_group("group")
        attack(file, tmp_path)
        name = next((n for n in ("more", "words") if n in file), "numbers")
    with pytest.raises(StorageError, match=r"\.$"):
        with opened_hdf5(path) as file:
            array_of(file, name, "a.h5")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the memory of a process on POSIX")
@pytest.mark.parametrize("attack", [ten_gigabytes, texts_that_share_their_letters, a_bomb])
def test_hdf5_itself_takes_little_memory_for_a_file_made_on_purpose(attack, tmp_path, edited):
    path = tmp_path / "a.h5"
    write(path)
    with edited(path) as file:
        attack(file, tmp_path)
    code = (
        "import resource, sys\n"
        "from reservoir import StorageError\n"
        "from reservoir._hdf5 import Form, opened_form\n"
        "import h5py\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "form = Form('title', 'test file', 'the test', version=3, first_digest=2)\n"
        "try:\n"
        "    with opened_form(sys.argv[1], form): pass\n"
        "except StorageError:\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert 1024 * int(done.stdout) < 64e6 + 20 * os.path.getsize(path)


def test_a_table_of_another_program_may_be_compressed_and_hold_more_beside(tmp_path):
    path = tmp_path / "a.h5"
    values = np.random.default_rng(0).normal(size=1000)
    with h5py.File(path, "w", userblock_size=1024) as file:
        file.create_dataset("numbers", data=values, compression="gzip", shuffle=True)
        file["beside"] = h5py.ExternalLink("nowhere.h5", "x")
        file["soft"] = h5py.SoftLink("/numbers")
    with opened_hdf5(path) as file:
        assert (array_of(file, "numbers", "a.h5") == values).all()
        assert array_of(file, "nothing", "a.h5") is None


def test_a_file_that_is_open_elsewhere_is_read(tmp_path):
    path = tmp_path / "a.h5"
    write(path)
    with h5py.File(path, "a"):
        assert read(path)[0] == 3
