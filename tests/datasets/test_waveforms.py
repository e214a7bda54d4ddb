"""Containers of audio: written by others or by hand, and damaged in every way."""

import io
import os
import struct
import sys
import tracemalloc
import wave

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import wavfile

from reservoir.datasets import DatasetError
from reservoir.datasets.companding import A_LAW, MU_LAW
from reservoir.datasets.waveforms import read_waveform, waveform

many = settings(derandomize=True, max_examples=300, deadline=None, database=None)
CODES = np.arange(256, dtype=np.uint8)
SHORT = np.random.default_rng(0).integers(-32768, 32767, 300).astype("<i2")


def sphere(body, fields, size=1024):
    """A SPHERE file; fields are lines such as 'sample_rate -i 12500'."""
    head = f"NIST_1A\n{size:7d}\n" + "".join(line + "\n" for line in fields) + "end_head\n"
    return head.encode().ljust(size, b"\0") + body


def fields(n_samples, n_bytes=2, coding="pcm", order="01", rate=12500):
    return [
        "database_id -s5 TI 46",
        "channel_count -i 1",
        f"sample_count -i {n_samples}",
        f"sample_rate -i {rate}",
        f"sample_n_bytes -i {n_bytes}",
        f"sample_byte_format -s{len(order)} {order}",
        "sample_sig_bits -i 12",
        f"sample_coding -s{len(coding)} {coding}",
    ]


def written_by_libsndfile(samples, container, subtype, endian=None):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, 12500, subtype, endian, container)
    return buffer.getvalue()


PCM_SPHERE = sphere(SHORT.tobytes(), fields(300))
MU_LAW_SPHERE = sphere(CODES.tobytes(), fields(256, 1, "ulaw", "1"))


# --- G.711 ---------------------------------------------------------------------------


def test_the_companding_tables_hold_the_values_of_the_recommendation():
    # ITU-T G.711 (11/88), tables 1a and 2a: decoder output values, in the order of the
    # segments from the loudest; the loudest value of each law, and the quietest.
    mu_law = MU_LAW * 8192
    assert mu_law[0x80] == 8031 and mu_law[0x00] == -8031 and mu_law[0xFF] == 0
    assert mu_law[0x8F::0x10].tolist() == [4191, 2079, 1023, 495, 231, 99, 33, 0]
    a_law = A_LAW * 4096
    assert a_law[0xAA] == 4032 and a_law[0x2A] == -4032
    starts = [a_law[(segment << 4 | 0x80) ^ 0x55] for segment in range(7, 0, -1)]
    assert starts == [2112, 1056, 528, 264, 132, 66, 33]
    assert a_law[0xD5] == 1 and a_law[0x55] == -1


@pytest.mark.parametrize("table, name", [(MU_LAW, "ULAW"), (A_LAW, "ALAW")])
def test_the_companding_tables_agree_with_libsndfile(table, name):
    raw = io.BytesIO(CODES.tobytes())
    theirs, _ = soundfile.read(
        raw, format="RAW", subtype=name, samplerate=8000, channels=1, dtype="int16"
    )
    assert np.array_equal(table * 32768, theirs)


# --- SPHERE --------------------------------------------------------------------------


@pytest.mark.parametrize("endian", ["LITTLE", "BIG"])
@pytest.mark.parametrize(
    "subtype, tolerance",
    [("PCM_S8", 2**-6), ("PCM_16", 2**-14), ("ULAW", 0.03), ("ALAW", 0.03)],
)
def test_sphere_files_of_libsndfile_are_read_without_it(
    subtype, tolerance, endian, monkeypatch
):
    sound = np.random.default_rng(1).uniform(-0.9, 0.9, 500)
    content = written_by_libsndfile(sound, "NIST", subtype, endian)
    theirs, _ = soundfile.read(io.BytesIO(content))
    monkeypatch.setitem(sys.modules, "soundfile", None)
    samples, rate = waveform(content, "a.sph")
    assert rate == 12500 and np.array_equal(samples, theirs)
    assert np.abs(samples - sound).max() <= tolerance


@pytest.mark.parametrize("subtype", ["PCM_24", "PCM_32"])
def test_wider_sphere_samples_go_through_libsndfile_or_say_so(subtype, monkeypatch):
    sound = np.random.default_rng(1).uniform(-0.9, 0.9, 500)
    content = written_by_libsndfile(sound, "NIST", subtype, "LITTLE")
    samples, _ = waveform(content, "a.sph")
    assert np.abs(samples - sound).max() <= 2**-22
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(DatasetError, match=r"a.sph .* pip install 'osc.*\[audio\]'"):
        waveform(content, "a.sph")


def test_a_head_of_another_size_is_as_good():
    content = sphere(SHORT.tobytes(), fields(300), size=2048)
    assert np.array_equal(waveform(content, "x")[0], SHORT / 32768)


def without(name):
    return [line for line in fields(300) if not line.startswith(name)]


BAD_SPHERES = [
    (PCM_SPHERE[:-1], "claims 300 samples of 1 x 2 bytes, but 599 bytes follow"),
    (PCM_SPHERE + b"\0", "but 601 bytes follow its head"),
    (PCM_SPHERE[:700], "is cut: its head takes 1024 bytes, the whole file 700"),
    (PCM_SPHERE[:10], "does not begin with NIST_1A and the size of its head"),
    (PCM_SPHERE.replace(b"end_head", b"end_haed"), "has no line end_head"),
    (sphere(SHORT.tobytes(), fields(10**15 - 1)), "claims 999999999999999 samples"),
    (sphere(SHORT.tobytes(), fields(-300)), "has sample_count '-300'; it must be a whole"),
    (sphere(SHORT.tobytes(), fields("3_00")), "has sample_count '3_00'; it must"),
    (sphere(SHORT.tobytes(), fields(300, rate=0)), "has sample_rate '0'; it must"),
    (sphere(SHORT.tobytes(), without("sample_rate")), "has sample_rate None"),
    (sphere(SHORT.tobytes(), without("sample_count")), "has sample_count None"),
    (sphere(SHORT.tobytes(), without("sample_n_bytes")), "has sample_n_bytes None"),
    (sphere(SHORT.tobytes(), without("sample_byte")), "with sample_byte_format None"),
    (sphere(SHORT.tobytes(), fields(300, order="11")), "with sample_byte_format '11'"),
    (sphere(bytes(500), fields(100, 5, "pcm", "01")), "has 5 bytes a sample"),
    (sphere(SHORT.tobytes(), fields(300, coding="gsm")), "has sample_coding 'gsm'"),
    (sphere(SHORT.tobytes(), fields(300, coding="ulaw")), "'ulaw' with 2 bytes a sample"),
    (
        sphere(CODES.tobytes(), fields(256, 1, "pcm", "1")[:-1]),
        "has samples of one byte and no sample_coding",
    ),
    (
        sphere(SHORT.tobytes(), [*fields(300), "sample_count -i 300"]),
        "has the field sample_count twice",
    ),
    (
        sphere(b"ajkg\2" + bytes(99), fields(300, coding="pcm,embedded-shorten-v2.00")),
        "compressed .embedded-shorten-v2.00.*sph2pipe -f wav IN.sph OUT.wav",
    ),
    (
        sphere(bytes(99), fields(300, coding="ulaw,embedded-wavpack-v1.0")),
        "w_decode -o pcm",
    ),
    (b"ajkg\2" + bytes(99), "compressed by the program shorten; unpack it"),
    (sphere(b"", fields(0)), "holds no sample"),
    (
        sphere(
            SHORT.tobytes(),
            [
                line.replace("channel_count -i 1", "channel_count -i 2")
                for line in fields(150)
            ],
        ),
        "has 2 channels; a clip has one",
    ),
]


@pytest.mark.parametrize("content, message", BAD_SPHERES)
def test_a_bad_sphere_file_is_named_with_its_fault_and_a_cure(content, message):
    with pytest.raises(DatasetError, match=rf"^00f1set0\.wav .*{message}") as error:
        waveform(content, "00f1set0.wav")
    assert any(
        cure in str(error.value)
        for cure in ("copy it anew", "Convert it", "unpack it", "leave it out", "Mix it")
    )


def samples_or_refused(content):
    """The samples, or None; anything but a DatasetError is a failure of the test."""
    try:
        return waveform(content, "x")[0]
    except DatasetError:
        return None


def altered(content, place, value):
    return content[:place] + bytes([value]) + content[place + 1 :]


def test_no_single_wrong_byte_in_a_sphere_head_gives_other_samples():
    # Every byte of the text, every value. (In a mu-law file one byte makes "alaw" of
    # "ulaw", which nothing contradicts; therefore linear samples.)
    text = PCM_SPHERE.index(b"end_head") + 9
    refused = 0
    for place in range(text):
        for value in range(256):
            samples = samples_or_refused(altered(PCM_SPHERE, place, value))
            refused += samples is None
            assert samples is None or np.array_equal(samples, SHORT / 32768)
    assert refused > 256 * 60  # names and values of the fields that matter


# --- RIFF ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32", "float64"])
def test_wave_files_of_scipy_are_read(dtype):
    generator = np.random.default_rng(2)
    if dtype.startswith("float"):
        written = generator.uniform(-1, 1, 101).astype(dtype)
        expected = written.astype(float)
    else:
        limits = np.iinfo(dtype)
        written = generator.integers(limits.min, limits.max, 101, dtype, endpoint=True)
        centre = 128.0 if dtype == "uint8" else 0.0
        expected = (written - centre) / 2.0 ** (limits.bits - 1)
    buffer = io.BytesIO()
    wavfile.write(buffer, 16000, written)
    samples, rate = waveform(buffer.getvalue(), "x.wav")
    assert rate == 16000 and samples.dtype == np.float64
    assert np.array_equal(samples, expected)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wave_files_of_the_standard_library_are_read(width):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, width, 8000, 0, "NONE", ""))
        low = bytes(width) if width == 1 else bytes(width - 1) + b"\x80"
        file.writeframes(low + (b"\x80" if width == 1 else bytes(width)))
    assert waveform(buffer.getvalue(), "x")[0].tolist() == [-1, 0]


@pytest.mark.parametrize("container", ["WAV", "WAVEX"])
@pytest.mark.parametrize(
    "subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]
)
def test_wave_files_of_libsndfile_are_read_as_it_reads_them(container, subtype):
    content = written_by_libsndfile(SHORT / 40000, container, subtype)
    theirs, _ = soundfile.read(io.BytesIO(content))
    assert np.array_equal(waveform(content, "x")[0], theirs)


def riff(*chunks):
    body = b"WAVE" + b"".join(
        label + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
        for label, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def fmt(tag=1, n_channels=1, rate=8000, bits=16):
    step = n_channels * bits // 8
    return b"fmt ", struct.pack("<HHIIHH", tag, n_channels, rate, rate * step, step, bits)


DATA = (b"data", SHORT.tobytes())
PCM_RIFF = riff(fmt(), DATA)
BAD_RIFFS = [
    (PCM_RIFF[:-1], "claims 644 bytes and has 643"),
    (PCM_RIFF + bytes(2), "claims 644 bytes and has 646"),
    (PCM_RIFF[:30], "claims 644 bytes and has 30"),
    (b"RIFF", "does not begin with RIFF, a size and WAVE"),
    (altered(PCM_RIFF, 40, 0x50), "has no whole chunk at byte"),
    (altered(PCM_RIFF, 43, 0x50), "has no whole chunk at byte 36"),
    (riff(fmt(), DATA, DATA), "has two chunks 'data'"),
    (riff(DATA), "lacks a chunk 'fmt ' or 'data'"),
    (riff(fmt()), "lacks a chunk 'fmt ' or 'data'"),
    (riff((b"fmt ", b"123"), DATA), "chunk 'fmt ' of 3 bytes; 16 are needed"),
    (riff(fmt(rate=0), DATA), "contradicts itself: 1 channels of 16 bits at 0 Hz"),
    (riff(fmt(n_channels=0), DATA), "contradicts itself: 0 channels"),
    (altered(PCM_RIFF, 24, 0x41), "contradicts itself: .* at 8001 Hz"),
    (
        riff(fmt(tag=17, bits=8), DATA),
        "samples of 8 bits in format 17.* Convert it, e.g. sox",
    ),
    (riff(fmt(tag=0xFFFE), DATA), "an extensible format that is not whole"),
    (riff(fmt(), (b"data", b"123")), "holds 3 bytes of samples, no multiple of 1 x 2"),
    (riff(fmt(), (b"data", b"")), "holds no sample"),
    (riff(fmt(n_channels=2), DATA), "has 2 channels; a clip has one. Mix it down"),
    (
        riff(fmt(3, bits=32), (b"data", np.array([0, np.nan], "<f4").tobytes())),
        "holds nan at sample 1; every sample must be finite",
    ),
]


@pytest.mark.parametrize("content, message", BAD_RIFFS)
def test_a_bad_wave_file_is_named_with_its_fault(content, message):
    with pytest.raises(DatasetError, match=rf"^my\.wav .*{message}"):
        waveform(content, "my.wav")


def test_other_chunks_and_a_filling_byte_that_was_not_counted_do_no_harm():
    extra = (b"LIST", b"INFOodd")
    assert np.array_equal(waveform(riff(extra, fmt(), DATA, extra), "x")[0], SHORT / 32768)
    odd = bytearray(riff(fmt(bits=8), (b"data", b"\x80\x00\xff")))
    odd[4] -= 1
    assert waveform(bytes(odd), "x")[0].tolist() == [0, -1, 127 / 128]


def test_no_single_wrong_byte_in_a_wave_head_gives_other_samples_or_another_rate():
    for place in range(44):
        for value in range(256):
            try:
                samples, rate = waveform(altered(PCM_RIFF, place, value), "x")
            except DatasetError:
                continue
            assert rate == 8000 and np.array_equal(samples, SHORT / 32768), (place, value)


# --- damage of every kind --------------------------------------------------------------

BASES = [
    (PCM_SPHERE, 1024, lambda body: np.frombuffer(body, "<i2") / 32768),
    (MU_LAW_SPHERE, 1024, lambda body: MU_LAW[np.frombuffer(body, np.uint8)]),
    (PCM_RIFF, 44, lambda body: np.frombuffer(body, "<i2") / 32768),
]


@many
@given(
    st.sampled_from(BASES),
    st.lists(st.tuples(st.integers(0), st.binary(min_size=1, max_size=3)), max_size=4),
)
def test_overwritten_bytes_are_refused_or_stay_where_they_are(base, damages):
    content, head, decode = base
    damaged = bytearray(content)
    for place, patch in damages:
        place %= len(content) - len(patch)
        damaged[place : place + len(patch)] = patch
    samples = samples_or_refused(bytes(damaged))
    assert samples is None or np.array_equal(samples, decode(bytes(damaged[head:])))


@many
@given(st.sampled_from(BASES), st.integers(0), st.binary(max_size=40), st.integers(0, 40))
def test_inserted_removed_or_missing_bytes_are_refused(base, place, inserted, n_removed):
    content, *_ = base
    place %= len(content)
    damaged = content[:place] + inserted + content[place + n_removed :]
    if len(damaged) != len(content):
        samples = samples_or_refused(damaged)
        # One byte may follow a WAVE file, after all samples.
        assert samples is None or damaged[:-1] == content


@many
@given(st.binary(max_size=200), st.sampled_from([b"", b"RIFF", b"NIST_1A\n   1024\n"]))
def test_anything_else_is_refused(content, magic):
    assert samples_or_refused(magic + content) is None


@pytest.mark.parametrize(
    "content",
    [
        sphere(SHORT.tobytes(), fields(4 * 10**9)),
        sphere(SHORT.tobytes(), fields(300), size=1024).replace(b"   1024", b"9999999"),
        PCM_RIFF[:40] + b"\xfe\xff\xff\xff" + PCM_RIFF[44:],
        PCM_RIFF[:4] + b"\xfe\xff\xff\xff" + PCM_RIFF[8:],
    ],
)
def test_a_huge_claim_takes_no_memory(content):
    tracemalloc.start()
    assert samples_or_refused(content) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


# --- others ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "container, subtype", [("FLAC", "PCM_16"), ("AIFF", "PCM_16"), ("RF64", "PCM_16")]
)
def test_libsndfile_reads_the_rest_when_it_is_here(container, subtype, monkeypatch, tmp_path):
    path = tmp_path / "clip"
    path.write_bytes(written_by_libsndfile(SHORT / 32768, container, subtype))
    samples, rate = read_waveform(path)
    assert rate == 12500 and np.array_equal(samples, SHORT / 32768)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(DatasetError, match=f"{container} audio; .* soundfile.* is not here"):
        read_waveform(path)


def test_a_cut_flac_file_is_refused():
    content = written_by_libsndfile(np.tile(SHORT, 40) / 32768, "FLAC", "PCM_16")
    assert len(waveform(content, "x")[0]) == 12000
    assert all(samples_or_refused(content[:n]) is None for n in (10, 60, 5000, 15000))


def test_a_file_that_is_no_audio_or_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "notes.wav"
    path.write_text("buy milk")
    with pytest.raises(DatasetError, match=r"notes.wav is no audio .* begins with b'buy mil"):
        read_waveform(path)
    with pytest.raises(DatasetError, match="gone.wav cannot be read .No such file"):
        read_waveform(tmp_path / "gone.wav")
    if os.name == "posix":
        with pytest.raises(DatasetError, match="cannot be read"):
            read_waveform(tmp_path)
