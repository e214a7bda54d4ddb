"""Waveforms in the formats of generators, read back to the format's resolution."""

import os
import re
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.io import loadmat, savemat

from reservoir import _dialects, _files, _number_rows
from reservoir.exceptions import RecordingError
from reservoir.laboratory import Recording, Waveform, array_trace, playable

RATE = 20e6
SUFFIXES = (".csv", ".txt", ".npy", ".mat", ".bin", ".dat", ".raw")
few = settings(
    derandomize=True,
    max_examples=150,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def waveform_of(voltage, rate=RATE):
    """A waveform of two sequences that plays some voltages."""
    n = len(voltage)
    marker = np.zeros(n, dtype=np.uint8)
    marker[[1, n // 2]] = 1
    return Waveform(
        voltage=np.asarray(voltage, dtype=float),
        marker=marker,
        current=np.full(2, 6e-3),
        lengths=np.array([1, 1]),
        starts=np.array([1, n // 2]),
        bursts=np.array([0, 2, n - 1]),
        burst_holds=3,
        gap=1,
        samples_per_node=1,
        sample_rate=rate,
        volts_per_ampere=50.0,
        bias_current=3.85e-3,
        drive_unit=3.5e-3,
    )


VOLTS = 0.1 * np.sin(np.arange(500) / 9)
PLAY = waveform_of(VOLTS)


def read_options(suffix, form, scale):
    """What must be stated to read a file, as its format does not say it."""
    if suffix in (".csv", ".mat"):
        return {}
    said = {"sample_rate": RATE, "scale": scale}
    if suffix in (".bin", ".dat", ".raw"):
        usual = "<f8" if form.get("bits") is None else "<i2"
        said["dtype"] = form.get("dtype") or usual
    return said


@pytest.mark.slow
@few
@given(
    suffix=st.sampled_from(SUFFIXES),
    voltage=st.lists(st.floats(-2, 2, width=32), min_size=6, max_size=40),
    bits=st.none() | st.integers(2, 16),
    justify=st.sampled_from(["left", "right"]),
    unit=st.booleans(),
    room=st.sampled_from([None, 2.0, 2.5]),
    marker=st.sampled_from(["own", "bit", "none"]),
    dtype=st.sampled_from([None, "<", ">"]),
    single=st.booleans(),
)
def test_every_format_gives_the_voltages_back_to_its_resolution(
    tmp_path, suffix, voltage, bits, justify, unit, room, marker, dtype, single
):
    waveform = waveform_of(voltage)
    peak = np.abs(waveform.voltage).max() or 1.0
    form = {"bits": bits, "justify": justify, "full_scale": room}
    form["marker"] = "none" if suffix == ".txt" else marker
    if form["marker"] == "bit" and (bits in (None, 16) or justify == "right"):
        form["marker"] = "own"
    if bits is None and unit:
        form["scale"] = "unit"
    if dtype and suffix in (".npy", ".bin", ".dat", ".raw"):
        form["dtype"] = dtype + ("i2" if bits else "f4" if single else "f8")
    path = tmp_path / f"play{suffix}"
    scale = waveform.write(path, **form)
    found = Recording.from_file(path, **read_options(suffix, form, scale))
    assert found.sample_rate == RATE
    allowed = 1e-15 * peak
    if bits is not None:  # half a code, and the low bit of the marker
        code = (room or peak) / (2 ** (bits - 1) - 1)
        allowed = code * (0.5 + 1e-9) + scale * (form["marker"] == "bit")
    elif suffix in (".csv", ".txt"):
        allowed = 5.1e-9 * peak
    elif str(form.get("dtype")).endswith("4"):
        allowed = 1.2e-7 * peak
    assert np.abs(found.voltage - waveform.voltage).max() <= allowed


@pytest.mark.parametrize("suffix", [".h5", ".hdf5", ".H5"])
def test_the_own_form_is_read_as_a_waveform_and_as_a_recording(tmp_path, suffix):
    path = tmp_path / f"play{suffix}"
    assert PLAY.write(path) == 1.0
    found = Recording.from_file(path)
    assert np.array_equal(found.voltage, VOLTS) and found.sample_rate == RATE
    assert np.array_equal(Waveform.from_file(path).marker, PLAY.marker)
    markers = Recording.from_file(path, channel="marker")
    assert np.array_equal(markers.voltage, PLAY.marker)
    with pytest.raises(RecordingError, match="has no data set 'CH1'. It holds 'bursts'"):
        Recording.from_file(path, channel="CH1")


@pytest.mark.parametrize("bits", [None, 14])
def test_times_and_markers_stand_in_columns_of_their_own(tmp_path, bits):
    PLAY.write(tmp_path / "play.csv", times=True, bits=bits)
    recording = Recording.from_file(tmp_path / "play.csv")
    assert recording.sample_rate == pytest.approx(RATE, rel=1e-12)
    assert np.abs(recording.voltage - VOLTS).max() < (1e-10 if bits is None else 0.1 / 2**14)
    lines = (tmp_path / "play.csv").read_text().splitlines()
    assert lines[4] == f"time_s,{'voltage_V' if bits is None else 'code'},marker"
    table = np.loadtxt(tmp_path / "play.csv", delimiter=",", skiprows=5)
    assert np.array_equal(table[:, 2], PLAY.marker)
    assert np.allclose(table[:, 0], np.arange(500) / RATE, rtol=1e-11)
    PLAY.write(tmp_path / "play.txt", scale="unit")
    plain = np.loadtxt(tmp_path / "play.txt", delimiter=",")
    assert np.allclose(plain, np.column_stack([VOLTS / np.abs(VOLTS).max(), PLAY.marker]))


def test_codes_are_those_of_the_manual(tmp_path):
    """Keysight M8190A: DB13 to DB0 are bits 15 to 2, and the sample marker is bit 0."""
    wave = waveform_of([0.0, 0.5, -0.5, 0.25, 0.0, -0.25])
    wave.write(tmp_path / "play.bin", bits=14, marker="bit")
    words = np.fromfile(tmp_path / "play.bin", "<i2")
    assert (words >> 2).tolist() == [0, 8191, -8191, 4096, 0, -4096]
    assert (words & 1).tolist() == wave.marker.tolist()
    assert (words & 2 == 0).all()
    wave.write(tmp_path / "codes.txt", bits=14, justify="right")  # as their TXTD
    codes = np.loadtxt(tmp_path / "codes.txt", delimiter=",", dtype=int)
    assert codes.T.tolist() == [[0, 8191, -8191, 4096, 0, -4096], wave.marker.tolist()]
    wave.write(tmp_path / "play.raw", bits=8, justify="right", dtype=">i2", full_scale=1.0)
    assert np.fromfile(tmp_path / "play.raw", ">i2").tolist() == [0, 64, -64, 32, 0, -32]


@pytest.mark.parametrize("suffix", [".npy", ".bin", ".dat", ".raw"])
def test_markers_have_a_second_file_where_there_are_no_columns(tmp_path, suffix):
    PLAY.write(tmp_path / f"play{suffix}")
    path = tmp_path / f"play-marker{suffix}"
    found = np.load(path) if suffix == ".npy" else np.fromfile(path, np.uint8)
    assert found.dtype == np.uint8 and np.array_equal(found, PLAY.marker)
    path.unlink()
    PLAY.write(tmp_path / f"play{suffix}", marker="none")
    assert [path.name for path in tmp_path.iterdir()] == [f"play{suffix}"]


def test_numpy_and_scipy_read_what_is_written(tmp_path):
    PLAY.write(tmp_path / "play.npy")
    assert np.array_equal(np.load(tmp_path / "play.npy"), VOLTS)
    PLAY.write(tmp_path / "play.mat")
    found = loadmat(tmp_path / "play.mat", squeeze_me=True)
    assert np.array_equal(found["voltage"], VOLTS)
    assert np.array_equal(found["marker"], PLAY.marker) and found["sample_rate"] == RATE


@pytest.mark.parametrize("name", ["play.wav", "play.json", "play.tar.gz", "play", "play.nyp"])
def test_an_unknown_suffix_is_refused_with_those_that_are_known(tmp_path, name):
    with pytest.raises(ValueError, match=r"end the name in \.h5, \.hdf5, \.csv, \.txt"):
        PLAY.write(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("suffix", "form", "words"),
    [
        (".csv", {"scale": "codes"}, "scale is 'codes'; it must be"),
        (".csv", {"bits": 17}, "bits is 17; it must be"),
        (
            ".csv",
            {"full_scale": 0.05},
            "reaches 0.0999.* V and would be clipped",
        ),
        (".npy", {"bits": 14, "scale": "unit"}, "either codes or between -1 and 1"),
        (".npy", {"bits": 14, "dtype": "<i4"}, "codes are 16-bit integers"),
        (".npy", {"dtype": "<i2"}, "numbers that are no codes have decimals"),
        (".npy", {"dtype": "nonsense"}, "dtype is 'nonsense'; it must be a type of real"),
        (".npy", {"times": True}, "a .npy file has no column of times"),
        (".mat", {"dtype": "<f4"}, "a .mat file leaves no choice"),
        (".bin", {"marker": "bit"}, "bit 0 is free in codes of at most 15 bits"),
        (".bin", {"marker": "bit", "bits": 16}, "bit 0 is free"),
        (".bin", {"marker": "bit", "bits": 12, "justify": "right"}, "bit 0 is free"),
        (".bin", {"marker": "second"}, "marker is 'second'; it must be"),
        (".h5", {"bits": 14}, "holds the whole waveform in volts; leave scale"),
    ],
)
def test_a_form_that_a_format_cannot_have_is_refused(tmp_path, suffix, form, words):
    with pytest.raises(ValueError, match=words):
        PLAY.write(tmp_path / f"play{suffix}", **form)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_earlier_file_stays_if_the_disk_fails(tmp_path, suffix, monkeypatch):
    path = tmp_path / f"play{suffix}"
    PLAY.write(path, marker="none")
    before = path.read_bytes()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left.*the earlier file is as it was"):
        waveform_of(VOLTS / 2).write(path, marker="none")
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_one_line_says_what_a_waveform_and_a_recording_are():
    assert repr(PLAY) == "Waveform(2 sequences, 25 us, peak 100 mV, 20 MHz)"
    recording = Recording(VOLTS, RATE)
    assert repr(recording) == "Recording(25 us, 500 samples, peak 100 mV, 20 MHz)"


# ------------------------------------------------------------------ other programs' files


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i2", "u1", "i4"])
def test_variables_of_matlab_are_read_with_their_rate(tmp_path, compressed, dtype):
    path, codes = tmp_path / "scope.mat", np.arange(300) % 100
    others = {"name": "scope", "cell": np.array([1, "a"], dtype=object), "empty": []}
    # As PicoScope does: channels A and B, and the interval.
    said = {"A": codes.astype(dtype), "B": -codes / 7, "Tinterval": 4e-9, **others}
    savemat(path, said, do_compression=compressed, oned_as="column")
    found = Recording.from_file(path, channel="A", scale=0.5)
    assert np.array_equal(found.voltage, codes / 2)
    assert found.sample_rate == pytest.approx(250e6)
    with pytest.raises(RecordingError, match="2 channels .'A', 'B'"):
        Recording.from_file(path)
    savemat(path, {"t": np.arange(300) * 4e-9, "ch": np.column_stack([codes, codes + 1])})
    found = Recording.from_file(path, channel=2)
    assert np.array_equal(found.voltage, codes + 1)
    assert found.sample_rate == pytest.approx(250e6)


def test_arrays_of_numpy_have_a_channel_in_each_column(tmp_path):
    table = np.random.default_rng(0).normal(size=(50, 3))
    for order in "CF":
        np.save(tmp_path / "scope.npy", np.asarray(table, order=order))
        found = Recording.from_file(tmp_path / "scope.npy", 1e6, channel=2)
        assert np.array_equal(found.voltage, table[:, 1])
    np.save(tmp_path / "scope.npy", table.T)
    with pytest.raises(RecordingError, match=r"shape \(3, 50\).*Save array.T"):
        Recording.from_file(tmp_path / "scope.npy", 1e6, channel=1)


class Trap:
    """An object that would write a file when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("trap",)


def npy_with(shape, n_bytes, descr="<f8"):
    head = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
    head = head.ljust(117) + "\n"
    return (
        b"\x93NUMPY\x01\x00"
        + len(head).to_bytes(2, "little")
        + head.encode()
        + bytes(n_bytes)
    )


def test_nothing_is_run_and_nothing_is_believed_of_an_array(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "scope.npy"
    np.save(path, np.array([Trap()] * 5, dtype=object), allow_pickle=True)
    with pytest.raises(RecordingError, match="holds Python objects. They are not read"):
        Recording.from_file(path, 1e6)
    assert not (tmp_path / "trap").exists()
    for content, words in (
        (npy_with((10**12,), 80), "claims 8000000000000 bytes of numbers, but holds 80"),
        (npy_with((8,), 80), "claims 64 bytes of numbers, but holds 80"),
        (npy_with((10,), 80, "<c8"), "holds complex64; it must hold real numbers"),
        (npy_with((-5,), 80), "claims -40 bytes|damaged"),
        (npy_with((2, 5, 1), 80), "the shape .2, 5, 1.; it must be"),
        (b"\x93NUMPY\x01\x00", "is damaged, or no array that numpy.save wrote"),
        (b"junk", "is damaged, or no array that numpy.save wrote"),
        (b"", "is damaged, or no array that numpy.save wrote"),
        (b"\x93NUMPY\x01\x00\x10\x00[0] * (10 ** 9)", "is damaged, or no array"),
    ):
        path.write_bytes(content)
        with pytest.raises(RecordingError, match=words):
            Recording.from_file(path, 1e6)


def element(kind, content):
    size = len(content).to_bytes(4, "little")
    return kind.to_bytes(4, "little") + size + content + bytes(-len(content) % 8)


def matrix(shape, numbers, size=None):
    flags = element(6, (6).to_bytes(4, "little") + bytes(4))
    sizes = element(5, np.array(shape, "<i4").tobytes())
    data = element(9, numbers)
    if size is not None:
        data = data[:4] + size.to_bytes(4, "little") + data[8:]
    return element(14, flags + sizes + element(1, b"voltage") + data)


HEAD = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"


def packed(content):
    part = zlib.compress(content)
    return (15).to_bytes(4, "little") + len(part).to_bytes(4, "little") + part


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEAD + matrix((10**4, 10**5), bytes(80)), "sizes .10000, 100000. holds 10 numbers"),
        (HEAD + matrix((10, 1), bytes(80), size=2**31), "an element claims 2147483648 bytes"),
        (HEAD + packed(matrix((10, 1), bytes(80), size=2**31)), "claims 2147483648 bytes"),
        (HEAD + packed(matrix((-1, -10), bytes(80))), "holds 10 numbers"),
        (HEAD + packed(bytes(200_000_000)), "which is more than the size of the file allows"),
        (HEAD + packed(matrix((10, 1), bytes(80)))[:-9], "claims .* bytes"),
        (HEAD + packed(b"")[:-3] + b"abc", "damaged|holds no vector"),
        (HEAD, "holds no vector of real numbers"),
        (b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n", "version 7.3; save it in"),
        (b"\0" * 200, "is no MAT file of version 5"),
        (b"", "is no MAT file of version 5"),
    ],
)
def test_a_damaged_or_boasting_mat_file_is_refused_and_takes_no_memory(
    tmp_path, content, words
):
    path = tmp_path / "scope.mat"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(RecordingError, match=words) as caught:
            Recording.from_file(path, 1e6)
        assert tracemalloc.get_traced_memory()[1] < 64e6 + 20 * len(content)
    finally:
        tracemalloc.stop()
    assert str(caught.value).endswith(".")


@pytest.mark.slow
@settings(derandomize=True, max_examples=300, database=None)
@given(st.data())
def test_any_damage_to_a_file_is_read_or_refused_in_a_sentence(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damage")
    suffix = data.draw(st.sampled_from([".mat", ".npy", ".csv"]))
    path = folder / f"scope{suffix}"
    waveform_of(VOLTS[:20]).write(path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        Recording.from_file(path, channel=1)
    except ValueError as error:
        assert re.search(r"[.)]\s*$", str(error)), error


# ------------------------------------------------------------------ memory


def peak_of(work):
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "form"),
    [(".npy", {}), (".bin", {"bits": 14}), (".csv", {}), (".csv", {"times": True})],
)
def test_memory_beside_the_trace_does_not_grow_with_it(tmp_path, monkeypatch, suffix, form):
    """Twice the samples take no more memory beside the trace itself, in and out.

    The blocks are smaller here, and so are the files; benchmarks/large_traces.py has 10^8.
    """
    for module in (_dialects, _number_rows, _files):
        monkeypatch.setattr(module, "PIECE", 2048)
    for module in (playable, array_trace):
        monkeypatch.setattr(module, "BLOCK", 2048)
    monkeypatch.setattr(_number_rows, "BLOCK_LINES", 2048)
    written, read = [], []
    for n_samples in (20_000, 40_000):
        wave = waveform_of(np.sin(np.arange(n_samples) / 9))
        path = tmp_path / f"play{suffix}"
        written.append(peak_of(lambda wave=wave, path=path: wave.write(path, **form)))
        scale = wave.write(path, **form)
        options = read_options(suffix, form, scale)
        peak = peak_of(
            lambda path=path, options=options: Recording.from_file(path, **options)
        )
        read.append(peak - 8 * n_samples)
    assert written[1] < written[0] + 5e4
    assert read[1] < read[0] + 5e4
    assert max(read) < 4e6 and max(written) < 4e6
