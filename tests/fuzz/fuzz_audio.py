"""Are sound files read as libsndfile reads them, and damaged ones refused?

"good" is what soundfile and scipy write, in every format: the same samples, bit by bit.
"damaged" is the same with changed headers, sizes, chunks and bytes: a `DatasetError` in a
sentence, or what libsndfile reads.
"""

import io
import struct
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
    short,
    without_values,
)
from reservoir.datasets import DatasetError
from reservoir.datasets.riff import read_riff
from reservoir.datasets.sphere import read_sphere
from reservoir.datasets.waveforms import waveform
from scipy.io import wavfile

CODINGS = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")
FORMATS = (
    *(("WAV", coding) for coding in CODINGS),
    *(("WAVEX", coding) for coding in CODINGS),
    *(("NIST", c) for c in ("PCM_S8", "PCM_16", "PCM_24", "PCM_32", "ULAW", "ALAW")),
)
OTHERS = (
    *(("FLAC", "PCM_16"), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("AIFF", "PCM_16")),
    *(("AIFF", "FLOAT"), ("RF64", "PCM_16")),
)
SPHERE_LINES = (
    *("sample_coding -s4 ulaw", "sample_coding -s26 pcm,embedded-shorten-v2.00"),
    *("sample_byte_format -s2 10", "sample_byte_format -s2 01", "sample_rate -r 8000.5"),
    *("sample_count -i -5", "channel_count -i 0", "sample_n_bytes -i 3", "sample_rate -i 0"),
    *("sample_count -i 999999999999999", "sample_coding -s4 alaw", "channel_count -i 2"),
    *("sample_sig_bits -i 12",),
)
FIELDS = (4, 16, 20, 22, 24, 28, 32, 34, 36, 38, 40, 44, 58, 60, 68, 76)
EDGES = (
    *(0, 1, 2, 3, 4, 6, 7, 8, 12, 16, 17, 24, 32, 64, 127, 128, 255, 256, 0x7FFF, 0x8000),
    *(0xFFFE, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 2),
)


def written(rng: np.random.Generator, formats) -> tuple[str, bytes]:
    """A file of libsndfile, and what it is."""
    kind, coding = pick(rng, *formats)
    channels = 1 if rng.random() < 0.8 else int(rng.integers(2, 4))
    n = pick(rng, 0, 1, 1, 2, 2, 3, 3, 17, 17, 100, 100, 1000)
    rate = pick(rng, 8000, 12500, 16000, 44100, 11025, 1, 7, 192000)
    if kind in ("OGG", "FLAC"):
        rate, n = pick(rng, 8000, 16000, 44100), max(n, 2)
    samples = rng.uniform(-1, 1, (n, channels))
    if rng.random() < 0.3:
        samples = np.clip(np.round(samples * 3), -1, 1)
    endian = "FILE"
    if kind == "NIST" and coding.startswith("PCM"):
        endian = pick(rng, "BIG", "LITTLE")
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format=kind, subtype=coding, endian=endian)
    return f"{kind} {coding}", out.getvalue()


def written_by_scipy(rng: np.random.Generator) -> tuple[str, bytes]:
    """A WAVE file of scipy, with chunks before and after the samples."""
    scales = {"u1": 127, "i2": 32767, "i4": 2**31 - 1, "f4": 1, "f8": 1}
    dtype = pick(rng, *scales)
    samples = rng.uniform(-1, 1, int(rng.integers(1, 50))) * scales[dtype]
    out = io.BytesIO()
    wavfile.write(out, 8000, (samples + (128 if dtype == "u1" else 0)).astype(dtype))
    body = out.getvalue()[12:]
    body += b"\0" * (len(body) % 2)
    lengths = rng.integers(0, 9, 2)
    extra = b"".join(b"LIST" + struct.pack("<I", n) + bytes(n + n % 2) for n in lengths)
    body = pick(rng, body, body + extra, extra + body)
    return f"scipy {dtype}", b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def oracle(content: bytes) -> tuple[np.ndarray, int]:
    """What libsndfile reads."""
    with soundfile.SoundFile(io.BytesIO(with_size_told(content))) as file:
        return file.read(dtype="float64", always_2d=True), file.samplerate


def with_size_told(content: bytes) -> bytes:
    """The same file, with the size of the samples where a stream of RF64 did not tell it.

    libsndfile reads such a stream to its end where it is RIFF, and nothing of it in RF64, or
    where the total size of RIFF is damaged.
    """
    place = content.find(b"data") + 4
    if content[:4] == b"RIFF" and content[place : place + 4] == bytes(4):
        told = (len(content) - place - 4).to_bytes(4, "little")
        return (
            content[:place] + told + content[place + 4 :] if b"fact" in content else content
        )
    total, size = (int.from_bytes(content[at : at + 8], "little") for at in (20, 28))
    begin = content.find(b"data") + 8
    if content[:4] != b"RF64" or size != 0 or begin <= total < 2**64 - 1:
        return content
    return content[:28] + (len(content) - begin).to_bytes(8, "little") + content[36:]


def package(content: bytes) -> tuple[np.ndarray, int]:
    """What the package reads."""
    if content[:4] == b"RIFF":
        return read_riff(content, "clip.wav")
    if content[:4] == b"NIST":
        return read_sphere(content, "clip.sph")
    samples, rate = waveform(content, "clip")
    return samples[:, None], rate


def good(seed: int, number: int) -> Outcome:
    """A good file is read to the bit."""
    rng = generator(seed, "good", number)
    what, content = written_by_scipy(rng) if rng.random() < 0.1 else written(rng, FORMATS)
    try:
        samples, rate = package(content)
    except Exception as error:
        kind = f"a good file is refused: {what}: {without_values(str(error))}"
        return Outcome("unclear", kind, short(error), content, "wav")
    return compared(samples, rate, content, f"good {what}")


def compared(samples, rate, content: bytes, what: str) -> Outcome:
    """Compare with libsndfile, where that reads the file."""
    try:
        expected, expected_rate = oracle(content)
    except Exception:
        return OK
    note = f"{samples.shape} at {rate} Hz in place of {expected.shape} at {expected_rate} Hz"
    if rate != expected_rate or samples.shape != expected.shape:
        return Outcome("wrong", f"{what}: another rate or length", note, content, "wav")
    family = content[:4]
    if family == b"NIST" and b"\0" in content[: content.find(b"end_head")]:
        return OK  # libsndfile stops at a zero in the head, and we read on.
    if family in (b"RIFF", b"NIST") and not np.array_equal(samples, expected, equal_nan=True):
        return Outcome("wrong", f"{what}: other samples", note, content, "wav")
    return OK


# ---------------------------------------------------------------------- damage


def cut(rng, content):
    del content[int(rng.integers(len(content))) :]


def flip(rng, content):
    content[int(rng.integers(min(head(content), len(content))))] ^= 1 << int(rng.integers(8))


def field(rng, content):
    width = pick(rng, 2, 4)
    at = int(rng.integers(0, max(min(head(content), len(content)) - width, 1)))
    if rng.random() < 0.6:
        at = pick(rng, *FIELDS)
    value = pick(rng, *EDGES) % (1 << 8 * width)
    content[at : at + width] = value.to_bytes(width, "little")


def insert(rng, content):
    at = int(rng.integers(len(content)))
    content[at:at] = rng.bytes(int(rng.integers(1, 9)))


def append(rng, content):
    content += rng.bytes(int(rng.integers(1, 9)))


def delete(rng, content):
    at = int(rng.integers(len(content)))
    del content[at : at + int(rng.integers(1, 9))]


def swap(rng, content):
    if len(content) > 60:
        content[20:22], content[34:36] = content[34:36], content[20:22]


def sphere_line(rng, content):
    if content[:4] != b"NIST":
        return
    lines = bytes(content[:1024]).split(b"\n")
    i, j = (int(place) for place in rng.integers(0, len(lines), 2))
    how = pick(rng, "repeat", "drop", "exchange", "add", "digit")
    if how == "repeat":
        lines.insert(i, lines[j])
    elif how == "drop":
        del lines[i]
    elif how == "exchange":
        lines[i], lines[j] = lines[j], lines[i]
    elif how == "add":
        lines.insert(2, pick(rng, *SPHERE_LINES).encode())
    else:
        lines[i] = bytes(48 + int(rng.integers(10)) if 48 <= c <= 57 else c for c in lines[i])
    content[:1024] = (b"\n".join(lines) + b" " * 1024)[:1024]


CHANGES = (
    cut,
    flip,
    flip,
    field,
    field,
    insert,
    append,
    delete,
    swap,
    sphere_line,
    sphere_line,
)


def head(content) -> int:
    """Bytes of the header."""
    return 1024 if content[:4] == b"NIST" else 110


def damaged(seed: int, number: int) -> Outcome:
    """A damaged file is refused, or read as libsndfile reads it."""
    rng = generator(seed, "damaged", number)
    what, content = written(rng, FORMATS + OTHERS)
    content = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        if content:
            pick(rng, *CHANGES)(rng, content)
    return judge(bytes(content), f"damaged {what.split()[0]}")


def judge(content: bytes, what: str) -> Outcome:
    """Any content: refused in a sentence, or read as libsndfile reads it."""
    try:
        samples, rate = package(content)
    except DatasetError as error:
        if is_sentence(error) or " sox " in str(error):  # a command to copy
            return REFUSED
        return Outcome("unclear", f"{what}: no sentence", short(error), content, "wav")
    except Exception as error:
        kind = f"{what}: {without_values(short(error))}"
        return Outcome("unclear", kind, short(error), content, "wav")
    if samples.size > 10 * len(content) + 10000 and content[:4] in (b"RIFF", b"NIST"):
        return Outcome("wrong", f"{what}: more samples than bytes", "", content, "wav")
    return compared(samples, rate, content, what)


def judge_file(path: Path) -> Outcome:
    """A kept input."""
    return judge(path.read_bytes(), path.name)


if __name__ == "__main__":
    parts = {"good": Part(good), "damaged": Part(damaged, case_seconds=6)}
    main(__file__, parts, judge_file)
