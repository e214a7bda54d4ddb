"""RIFF WAVE: what does a .wav file hold?

The file is a list of chunks, each a label of four letters and a size; "fmt " says how the
samples of "data" are written. Nothing is believed that the length of the file does not
confirm, so that a cut or altered file is refused and not read as something else. The
standard library's `wave` reads whole numbers only, and takes a cut file as it comes.
"""

import struct

import numpy as np
from numpy.typing import NDArray

from .cache import DatasetError
from .companding import A_LAW, MU_LAW

PCM_TAG, FLOAT_TAG, A_LAW_TAG, MU_LAW_TAG, EXTENSIBLE_TAG = 1, 3, 6, 7, 0xFFFE
# The end of the identifier that holds the tag of an extensible format.
SUFFIX = bytes.fromhex("000000001000800000aa00389b71")


def read_riff(content: bytes, name: str) -> tuple[NDArray[np.float64], int]:
    """Samples of a RIFF WAVE file: linear, float, mu-law or A-law.

    Parameters
    ----------
    content : bytes
        The whole file.
    name : str
        Name of the file, for messages.

    Returns
    -------
    samples : float64 array of shape (n_samples, n_channels)
        Full scale is 1.
    sample_rate : int
        In Hz.

    Raises
    ------
    DatasetError
        If the file is cut, contradicts itself, or is compressed in another way.
    """
    chunks = _chunks(content, name)
    tag, n_channels, sample_rate, n_bytes = _format(chunks[b"fmt "], name)
    body = chunks[b"data"]
    if len(body) % (n_channels * n_bytes):
        raise _damaged(
            name,
            f"holds {len(body)} bytes of samples, no multiple of {n_channels} x {n_bytes}",
        )
    samples = _decoded(body, tag, n_bytes)
    if samples is None:
        raise DatasetError(
            f"{name} has samples of {8 * n_bytes} bits in format {tag}; 8, 16, 24 or 32 "
            "bits linear (1), 32 or 64 bits float (3), A-law (6) and mu-law (7) are read. "
            f"Convert it, e.g. sox {name} -e signed -b 16 OUT.wav"
        )
    return samples.reshape(-1, n_channels), sample_rate


def _chunks(content: bytes, name: str) -> dict[bytes, bytes]:
    """The chunks "fmt " and "data", found on a walk that must end where the file does."""
    if content[8:12] != b"WAVE":
        raise _damaged(name, "does not begin with RIFF, a size and WAVE")
    (size,) = struct.unpack("<I", content[4:8])
    if len(content) - (size + 8) not in (0, 1):  # some do not count the last filling byte
        raise _damaged(name, f"claims {size + 8} bytes and has {len(content)}")
    chunks: dict[bytes, bytes] = {}
    begin = 12
    while begin < len(content):
        head = content[begin : begin + 8]
        label, size = head[:4], int.from_bytes(head[4:], "little")
        end = begin + 8 + size
        if len(head) < 8 or end > len(content) or not all(31 < c < 127 for c in label):
            raise _damaged(name, f"has no whole chunk at byte {begin}")
        if label in chunks:
            raise _damaged(name, f"has two chunks {label.decode()!r}")
        if label in (b"fmt ", b"data"):
            chunks[label] = content[begin + 8 : end]
        begin = end + size % 2  # to an even place
    if len(chunks) < 2:
        raise _damaged(name, "lacks a chunk 'fmt ' or 'data'")
    return chunks


def _format(fmt: bytes, name: str) -> tuple[int, int, int, int]:
    """Format tag, number of channels, sampling rate and bytes of a sample."""
    if len(fmt) < 16:
        raise _damaged(name, f"has a chunk 'fmt ' of {len(fmt)} bytes; 16 are needed")
    tag, n_channels, sample_rate, per_second, step, bits = struct.unpack("<HHIIHH", fmt[:16])
    if tag == EXTENSIBLE_TAG:
        if len(fmt) < 40 or fmt[26:40] != SUFFIX:
            raise _damaged(name, "has an extensible format that is not whole")
        tag = int.from_bytes(fmt[24:26], "little")
    if (
        not n_channels * sample_rate * bits
        or step != n_channels * -(-bits // 8)
        or per_second != step * sample_rate
    ):
        raise _damaged(
            name,
            f"contradicts itself: {n_channels} channels of {bits} bits at {sample_rate} Hz "
            f"in steps of {step} bytes, {per_second} bytes a second",
        )
    return tag, n_channels, sample_rate, step // n_channels


def _decoded(body: bytes, tag: int, n_bytes: int) -> NDArray[np.float64] | None:
    """Samples as fractions of full scale; None for a format that is not known."""
    if tag == PCM_TAG and n_bytes == 1:
        return np.frombuffer(body, np.uint8) / 128.0 - 1.0
    if tag == PCM_TAG and n_bytes in (2, 4):
        return np.frombuffer(body, f"<i{n_bytes}") / 2.0 ** (8 * n_bytes - 1)
    if tag == PCM_TAG and n_bytes == 3:
        upper = np.zeros((len(body) // 3, 4), np.uint8)
        upper[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
        return upper.view("<i4").ravel() / 2.0**31
    if tag == FLOAT_TAG and n_bytes in (4, 8):
        return np.frombuffer(body, f"<f{n_bytes}").astype(np.float64)
    if tag in (A_LAW_TAG, MU_LAW_TAG) and n_bytes == 1:
        return (A_LAW if tag == A_LAW_TAG else MU_LAW)[np.frombuffer(body, np.uint8)]
    return None


def _damaged(name: str, fault: str) -> DatasetError:
    return DatasetError(
        f"{name} {fault}. The file is cut or altered; copy or write it anew, or leave it out."
    )
