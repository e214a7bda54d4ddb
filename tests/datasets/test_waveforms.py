"""Containers of audio: written by others or by hand, and damaged in every way."""

import io
import os
import re
import struct
import sys
import tracemalloc
import wave

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from reservoir.datasets import DatasetError
from reservoir.datasets.companding import A_LAW, MU_LAW
from reservoir.datasets.waveforms import one_rate, read_waveform, waveform
from scipy.io import wavfile

many = settings(derandomize=True, max_examples=300, database=None)
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


@pytest.mark.slow
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
    (PCM_RIFF[:-1], "claims 644 bytes and has 643; it has no whole chunk at byte 36"),
    (PCM_RIFF + bytes(2), "holds 2 bytes behind byte 644, .* Take them off"),
    (PCM_RIFF + b"\r\n", "holds 2 bytes behind byte 644, .* Take them off"),
    (PCM_RIFF + bytes(128), "holds 128 bytes behind byte 644, .* Take them off"),
    (
        altered(PCM_RIFF, 4, 0x44) + bytes(2),
        "has no whole chunk at byte 644.* cut or altered",
    ),
    (PCM_RIFF + PCM_RIFF, "holds a second file at byte 644"),
    (PCM_RIFF[:30], "at byte 12: 'fmt ' claims 16 bytes, 10 are left"),
    (b"RIFF", "does not begin with RIFF, a size and WAVE"),
    (altered(PCM_RIFF, 40, 0x50), "has no whole chunk at byte"),
    (
        altered(PCM_RIFF, 43, 0x50),
        "has no whole chunk at byte 36: 'data' claims 1342177880 bytes, 600 are left",
    ),
    (riff(fmt(), DATA, DATA), "has two chunks 'data'"),
    (riff(DATA), "lacks a chunk 'fmt ' or 'data'"),
    (riff(fmt()), "lacks a chunk 'fmt ' or 'data'"),
    (riff((b"fmt ", b"123"), DATA), "chunk 'fmt ' of 3 bytes; 16 are needed"),
    (riff(fmt(rate=0), DATA), "contradicts itself: 1 channels of 16 bits at 0 Hz"),
    (riff(fmt(n_channels=0), DATA), "contradicts itself: 0 channels"),
    (altered(PCM_RIFF, 24, 0x41), "contradicts itself: .* at 8001 Hz"),
    (
        riff(fmt(bits=40), (b"data", bytes(5))),
        "samples of 40 bits in format 1; .* Convert it",
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


# --- RIFF as programs write it ---------------------------------------------------------


def with_sizes(total, size, *before, body=DATA[1], after=b""):
    """A WAVE file with these two sizes in its head, whatever it holds."""
    head = riff(fmt(), *before)[12:] + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", total) + b"WAVE" + head + body + after


LAVF = (b"LIST", b"INFOISFT\x0e\0\0\0Lavf61.1.100\0\0")
STREAMED = {
    "ffmpeg to a pipe": with_sizes(2**32 - 1, 2**32 - 1, LAVF),
    "sox to a pipe": with_sizes(0x7FFFF024, 0x7FFFF000),
    "arecord to a pipe": with_sizes(0x80000024, 0x80000000),
    "the largest total": with_sizes(2**32 - 1, 2**32 - 37),
    "the largest signed total": with_sizes(2**31 - 1, 2**31 - 37),
    "the largest signed size": with_sizes(2**31 + 35, 2**31 - 1),
    "a total that was put right": with_sizes(636, 2**32 - 1),
    "a recorder that was stopped": with_sizes(0, 0),
    "another one": with_sizes(36, 0),
    "one that keeps room for more": with_sizes(36 + 4044, 0, (b"FLLR", bytes(4036))),
}


@pytest.mark.parametrize("program", STREAMED)
def test_a_file_whose_size_was_not_known_is_read_to_its_end(program):
    content = STREAMED[program]
    samples, rate = waveform(content, "x.wav")
    assert rate == 8000 and np.array_equal(samples, SHORT / 32768)
    if "pipe" in program:
        theirs, _ = soundfile.read(io.BytesIO(content))
        assert np.array_equal(samples, theirs)
    # A part of a sample at the end is none.
    assert np.array_equal(waveform(content + b"\1", "x.wav")[0], samples)


@pytest.mark.parametrize("total", [44 + 600, 36 + 600 - 16, 36 + 600 - 8, 0, 36, 2**32 - 1])
def test_a_wrong_total_matters_to_nobody_while_the_chunks_end_where_the_file_does(total):
    content = with_sizes(total, 600)
    assert np.array_equal(waveform(content, "x.wav")[0], SHORT / 32768)
    # The same file cut, lengthened or with bytes in between is refused.
    for n in range(1, 600):
        assert samples_or_refused(content[:-n]) is None
    for more in (b"\0", bytes(9), b"\1\2\3"):
        assert samples_or_refused(content + more) is None
        assert samples_or_refused(content[:100] + more + content[100:]) is None


def test_a_clip_of_a_browser_that_counts_its_bytes_as_stereo_is_read():
    # Recorder.js writes 32 + n for 36 + n, and four bytes a sample whatever it recorded.
    content = bytearray(with_sizes(632, 600))
    content[28:32] = struct.pack("<I", 4 * 8000)
    samples, rate = waveform(bytes(content), "x.wav")
    assert rate == 8000 and np.array_equal(samples, SHORT / 32768)
    for per_second in (1, 8000, 16001, 24000, 64000):
        content[28:32] = struct.pack("<I", per_second)
        with pytest.raises(DatasetError, match=f"{per_second} bytes a second") as error:
            waveform(bytes(content), "x.wav")
        assert "cut" not in str(error.value)


@pytest.mark.parametrize("total", [632, 636])
def test_a_clip_of_a_browser_that_takes_one_channel_for_two_is_read(total):
    content = bytearray(with_sizes(total, 600))
    content[28:34] = struct.pack("<IH", 4 * 8000, 4)
    samples, rate = waveform(bytes(content), "x.wav")
    assert rate == 8000 and np.array_equal(samples, SHORT / 32768)
    for per_second, step, bits in ((16000, 4, 16), (32000, 4, 32 - 8), (32000, 8, 16)):
        content[28:36] = struct.pack("<IHH", per_second, step, bits)
        assert samples_or_refused(bytes(content)) is None


@pytest.mark.parametrize("per_second", [0, 128000])
def test_a_rate_of_bytes_that_is_left_out_or_counts_bits_does_no_harm(per_second):
    content = PCM_RIFF[:28] + struct.pack("<I", per_second) + PCM_RIFF[32:]
    samples, rate = waveform(content, "x.wav")
    assert rate == 8000 and np.array_equal(samples, SHORT / 32768)


@pytest.mark.parametrize("size", [2**32 - 2, 2**31 - 2, 0x7F000258, 601, 599, 0])
def test_other_sizes_that_do_not_fit_stay_refused(size):
    assert samples_or_refused(with_sizes(636, size)) is None
    assert samples_or_refused(with_sizes(637, size)) is None


def test_a_size_that_is_not_told_beside_a_total_of_another_length_is_refused():
    # The total says that 100 samples more were there.
    assert samples_or_refused(with_sizes(836, 2**32 - 1)) is None
    assert samples_or_refused(with_sizes(836, 0)) is None


def test_a_file_without_samples_is_told_from_one_whose_size_is_not_told():
    for after in (b"", b"LIST\x04\0\0\0INFO"):
        content = with_sizes(36 + len(after), 0, body=b"", after=after)
        with pytest.raises(DatasetError, match="holds no sample"):
            waveform(content, "x.wav")
    # A few bytes behind it are no recording.
    assert samples_or_refused(with_sizes(36, 0, body=bytes(20))) is None


NOTES = {
    "LIST": (b"LIST", b"INFOIART\x04\0\0\0ann\0"),
    "bext": (b"bext", bytes(602)),
    "id3": (b"id3 ", b"ID3\3\0\0\0\0\0\0"),
    "odd": (b"note", b"odd"),
    "a letter that is none of ASCII": (b"\xa9nam", b"song"),
}


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("note", NOTES)
def test_chunks_before_and_after_the_samples_do_no_harm(note, padded):
    label, text = NOTES[note]
    chunk = label + struct.pack("<I", len(text)) + text + bytes(len(text) % 2 * padded)
    eight = (b"data", struct.pack("<I", 3), b"\x80\x00\xff")
    for body in (
        [chunk, *fmt_and(DATA), chunk],
        [*fmt_and(DATA), chunk, chunk],
        [*fmt_and(), chunk, b"".join((b"data", struct.pack("<I", 600), SHORT.tobytes()))],
    ):
        content = whole(body)
        assert np.array_equal(waveform(content, "x.wav")[0], SHORT / 32768)
    odd = whole([riff(fmt(bits=8))[12:], b"".join(eight), bytes(padded), chunk])
    assert waveform(odd, "x.wav")[0].tolist() == [0, -1, 127 / 128]


def fmt_and(*chunks):
    return [riff(fmt(), *chunks)[12:]]


def whole(parts):
    body = b"WAVE" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_a_tag_of_a_player_behind_the_file_is_no_damage():
    tag = b"TAG" + b"a song".ljust(125, b"\0")
    assert np.array_equal(waveform(PCM_RIFF + tag, "x.wav")[0], SHORT / 32768)
    assert samples_or_refused(PCM_RIFF + tag[:-1]) is None


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
@pytest.mark.parametrize("size", [600, 0, 2**64 - 1])
def test_wide_files_are_read_without_libsndfile(magic, size, monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    total = 636 + 36 if size == 600 else size
    wide = (b"ds64", struct.pack("<QQQI", total, size, size // 2, 0))
    content = riff(wide, fmt(), DATA)
    content = (
        magic + b"\xff" * 4 + content[8:].replace(b"data\x58\x02\0\0", b"data" + b"\xff" * 4)
    )
    assert np.array_equal(waveform(content, "x.wav")[0], SHORT / 32768)
    # The size of four bytes says nothing but where to look.
    assert (
        samples_or_refused(content.replace(b"data\xff\xff\xff\xff", b"data" + bytes(4)))
        is None
    )
    if size == 600:
        assert samples_or_refused(content[:-2]) is None
        assert samples_or_refused(content + b"\0\0") is None


@pytest.mark.parametrize("total", [5 * 2**30, 2**54 + 296, 2**64 - 2])
@pytest.mark.parametrize("size", [0, 2**64 - 1])
def test_a_wide_file_that_claims_more_than_it_has_is_cut(total, size):
    wide = (b"ds64", struct.pack("<QQQI", total, size, 300, 0))
    content = riff(wide, fmt(), DATA)
    content = b"RF64\xff\xff\xff\xff" + content[8:].replace(
        b"data\x58\x02\0\0", b"data\xff\xff\xff\xff"
    )
    assert samples_or_refused(content) is None


def test_wide_files_of_libsndfile_are_read_as_it_reads_them():
    content = written_by_libsndfile(SHORT / 40000, "RF64", "PCM_24")
    assert content[:4] == b"RF64"
    theirs, _ = soundfile.read(io.BytesIO(content))
    assert np.array_equal(waveform(content, "x")[0], theirs)


@many
@given(st.sampled_from(sorted(STREAMED)), st.integers(0, 2**32 - 1), st.booleans())
def test_no_pair_of_sizes_gives_other_samples(program, size, in_total):
    content = bytearray(STREAMED[program])
    at = 4 if in_total else content.index(b"data") + 4
    content[at : at + 4] = struct.pack("<I", size)
    samples = samples_or_refused(bytes(content))
    assert samples is None or np.array_equal(samples, SHORT / 32768)


# --- what is whole, but not read -------------------------------------------------------


def compressed(tag, per_second, step, bits, extra, body):
    head = struct.pack("<HHIIHHH", tag, 1, 8000, per_second, step, bits, len(extra)) + extra
    return riff((b"fmt ", head), (b"data", body))


EXTENSIBLE = struct.pack("<HIH", 4, 4, 0x11) + bytes.fromhex("000000001000800000aa00389b71")
COMPRESSED = {
    "IMA ADPCM": compressed(0x11, 4055, 256, 4, b"\xf9\1", bytes(512)),
    "Microsoft ADPCM": compressed(2, 4096, 256, 4, bytes(32), bytes(512)),
    "GSM 6.10": compressed(0x31, 1625, 65, 0, b"\x40\1", bytes(130)),
    "MP3": compressed(0x55, 16000, 1, 0, bytes(12), bytes(834)),
    "Windows Media Audio 2": compressed(0x161, 8000, 1487, 16, bytes(10), bytes(1487)),
    "a way that is not known here": compressed(0x1234, 8000, 1, 8, b"", bytes(200)),
    "IMA ADPCM (WAVE format 17)": compressed(0xFFFE, 4055, 256, 4, EXTENSIBLE, bytes(512)),
}


@pytest.mark.parametrize("codec", COMPRESSED)
@pytest.mark.parametrize("n_missing", [0, 1, 100])
def test_a_compressed_wave_file_is_named_with_its_codec_and_not_called_damaged(
    codec, n_missing
):
    content = COMPRESSED[codec]
    content = content[: len(content) - n_missing]
    cure = "Convert it, e.g. ffmpeg -i memo.wav -ac 1 -c:a pcm_s16le OUT.wav"
    with pytest.raises(
        DatasetError, match=f"^memo.wav is compressed in {re.escape(codec)}"
    ) as e:
        waveform(content, "memo.wav")
    assert cure in str(e.value) and "damaged" not in str(e.value)
    assert "altered" not in str(e.value)


@pytest.mark.parametrize(
    "subtype", ["IMA_ADPCM", "MS_ADPCM", "GSM610", "G721_32", "NMS_ADPCM_16"]
)
def test_what_libsndfile_compresses_is_named(subtype):
    content = written_by_libsndfile(np.tile(SHORT, 9) / 40000, "WAV", subtype)
    with pytest.raises(DatasetError, match="x.wav is compressed in .* Convert it"):
        waveform(content, "x.wav")


@pytest.mark.parametrize("kind", ["8SVX", "16SV", "ILBM"])
def test_an_iff_file_that_is_no_aiff_is_named_and_not_read_in_part(kind):
    if kind == "ILBM":
        content = b"FORM\0\0\0\x1cILBMBODY\0\0\0\x10" + bytes(16)
    else:
        subtype = "PCM_S8" if kind == "8SVX" else "PCM_16"
        content = written_by_libsndfile(SHORT / 32768, "SVX", subtype)
        assert content[8:12] == kind.encode()
    for whole in (content, content[: len(content) // 2]):
        with pytest.raises(DatasetError, match=f"x is IFF of the kind b'{kind}'.*Convert it"):
            waveform(whole, "x")


NO_SENTENCES = [
    *(compressed(0x55, 16000, 1, 0, bytes(12), bytes(834)), b"caff", b"fLaC", b"FORM"),
    *(riff(fmt(n_channels=2), DATA), riff(fmt(bits=40), (b"data", bytes(5)))),
    b"OggS" + bytes(22) + b"\1\1\0",
    sphere(b"ajkg\2" + bytes(99), fields(300, coding="pcm,embedded-shorten-v2.00")),
]


@pytest.mark.parametrize("content", NO_SENTENCES)
def test_messages_are_sentences_without_objects_of_python(content):
    with pytest.raises(DatasetError) as error:
        waveform(content, "x")
    assert str(error.value).endswith(".") and " at 0x" not in str(error.value)


def test_the_message_on_two_rates_is_a_sentence():
    with pytest.raises(DatasetError, match=r"-r 8000 OUT\.wav to get a slower copy\.$"):
        one_rate({"a": 8000, "b": 16000})


def test_the_cure_can_be_pasted_whatever_the_name():
    name = "my clips/a; rm -rf ~.wav"
    for content in (COMPRESSED["MP3"], b"caff", riff(fmt(n_channels=2), DATA)):
        with pytest.raises(DatasetError) as error:
            waveform(content, name)
        assert f"'{name}'" in str(error.value) and "OUT.wav" in str(error.value)


FOREIGN = {
    "MP3 audio": [b"ID3\4" + bytes(99), b"\xff\xfb\x90\x64" + bytes(99), b"\xff\xf3\x40\xc0"],
    "AAC audio": [b"\xff\xf1\x50\x80" + bytes(99), b"\xff\xf9\x50\x80"],
    "MPEG-4 audio": [b"\0\0\0\x20ftypM4A \0\0", b"\0\0\0\x18ftyp3gp4"],
    "WebM or Matroska": [b"\x1a\x45\xdf\xa3" + bytes(99)],
    "Apple's Core Audio Format": [b"caff\0\1\0\0desc"],
    "AMR audio": [b"#!AMR\n<", b"#!AMR-WB\n"],
    "Windows Media Audio": [bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")],
    "Sun audio": [b".snd\0\0\0\x18"],
    "Sony Wave64": [b"riff\x2e\x91\xcf\x11\xa5\xd6"],
    "WAVE with the high byte first": [b"RIFX\0\0\0\x24WAVE"],
    "AVI video": [b"RIFF\x24\0\0\0AVI LIST"],
    "WavPack audio": [b"wvpk" + bytes(99)],
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_sound_of_another_kind_is_named_whatever_its_suffix(kind):
    for content in FOREIGN[kind]:
        with pytest.raises(
            DatasetError, match=f"^a.wav is {kind}.*, which is not read. Conv"
        ) as e:
            waveform(content, "a.wav")
        assert "ffmpeg -i a.wav" in str(e.value)


@pytest.mark.parametrize(
    "content, message",
    [
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            "pointer of Git LFS.*git lfs pull",
        ),
        (b"\0\5\x16\7\0\2\0\0Mac OS X", "AppleDouble.*Leave it out"),
        (b"<!DOCTYPE html>\n<html>", "page of a web site. Download"),
        (b"PK\3\4" + bytes(30), "ZIP archive. Unpack it"),
        (b"\x1f\x8b\x08\0", "compressed by gzip. Unpack it"),
    ],
)
def test_what_takes_the_place_of_a_clip_is_named(content, message):
    # (A text in UTF-16 is no frame of MPEG.)
    with pytest.raises(DatasetError, match="is no audio that is known"):
        waveform(b"\xff\xfeh\0e\0l\0l\0o\0", "a.wav")
    with pytest.raises(DatasetError, match=f"^a.wav is .*{message}"):
        waveform(content, "a.wav")


# --- damage of every kind --------------------------------------------------------------

BASES = [
    (PCM_SPHERE, 1024, lambda body: np.frombuffer(body, "<i2") / 32768),
    (MU_LAW_SPHERE, 1024, lambda body: MU_LAW[np.frombuffer(body, np.uint8)]),
    (PCM_RIFF, 44, lambda body: np.frombuffer(body, "<i2") / 32768),
]


@pytest.mark.slow
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
    "container, subtype", [("FLAC", "PCM_16"), ("AIFF", "PCM_16"), ("AIFF", "FLOAT")]
)
def test_libsndfile_reads_the_rest_when_it_is_here(container, subtype, monkeypatch, tmp_path):
    path = tmp_path / "clip"
    path.write_bytes(written_by_libsndfile(SHORT / 32768, container, subtype))
    samples, rate = read_waveform(path)
    assert rate == 12500 and np.array_equal(samples, SHORT / 32768)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(DatasetError, match=f"{container} audio; .* soundfile.* is not here"):
        read_waveform(path)


def test_a_flac_file_whose_length_was_not_known_is_read():
    content = bytearray(written_by_libsndfile(np.tile(SHORT, 40) / 32768, "FLAC", "PCM_16"))
    content[21] &= 0xF0  # 36 bits: the number of samples
    content[22:42] = bytes(20)  # and the checksum over all of them
    assert np.array_equal(waveform(bytes(content), "x")[0], np.tile(SHORT, 40) / 32768)
    assert all(samples_or_refused(bytes(content[:-n])) is None for n in (1, 7, 100, 5000))


@pytest.mark.parametrize("n", [0, 2**32 - 1, 2**31 - 1, 0x7F000000])
def test_an_aiff_file_whose_length_was_not_known_is_read(n):
    content = written_by_libsndfile(SHORT / 32768, "AIFF", "PCM_16")
    at = content.index(b"SSND") + 4
    content = content[:at] + n.to_bytes(4, "big") + content[at + 4 :]
    assert np.array_equal(waveform(content, "x")[0], SHORT / 32768)


@pytest.mark.parametrize(
    "container, subtype", [("AIFF", "PCM_16"), ("AIFF", "PCM_24"), ("OGG", "VORBIS")]
)
def test_a_cut_file_of_which_libsndfile_takes_the_rest_is_refused(container, subtype):
    sound = np.sin(np.arange(30000) / 7)
    content = written_by_libsndfile(sound, container, subtype)
    assert len(waveform(content, "x")[0]) == 30000
    for n in (1, 2, 100, len(content) // 3, len(content) // 2):
        with pytest.raises(DatasetError, match="x ends inside .* cut. Copy it anew"):
            waveform(content[:-n], "x")


def test_nothing_is_printed_on_a_cut_file(capfd):
    content = written_by_libsndfile(SHORT / 32768, "AIFF", "FLOAT")
    for n in range(8, 120):
        total = (n - 8).to_bytes(4, "big")
        assert samples_or_refused(content[:n]) is None
        samples_or_refused(content[:4] + total + content[8:n])
    assert samples_or_refused(content[:16] + b"\xff\xff\xff\x00" + content[20:]) is None
    sys.stderr.flush()
    assert capfd.readouterr().err == ""


def test_a_sphere_file_whose_length_was_not_known_is_read():
    assert np.array_equal(waveform(sphere(SHORT.tobytes(), fields(0)), "x")[0], SHORT / 32768)
    with pytest.raises(DatasetError, match="claims 299 samples .* but 599 bytes follow"):
        waveform(sphere(SHORT.tobytes()[:-1], fields(0)), "x")


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
        with pytest.raises(DatasetError, match="cannot be read .it is no plain file"):
            read_waveform(tmp_path)
