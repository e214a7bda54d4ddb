"""RIFF WAVE: what does a .wav file hold?

The file is a list of chunks, each a label of four letters and a size; "fmt " says how the
samples of "data" are written. Nothing is believed that the length of the file does not
confirm, so that a cut or altered file is refused and not read as something else. The
standard library's `wave` reads whole numbers only, and takes a cut file as it comes.

What confirms that the sound is whole are the chunks: one after the other, they must end
exactly where the file does. The size in the first line adds nothing to that, and many
programs write it wrongly, so it is not asked. It matters only where the size of the samples
is not told: a program that writes to a pipe does not know it, and one that was stopped did
not come back to write it. They leave one of a few impossible sizes (`NOT_TOLD`) in both
places, or none, and the samples then go on to the end of the file. Whether such a file was
cut later, nobody can tell.
"""

import shlex
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cache import DatasetError
from .companding import A_LAW, MU_LAW
from .foreign import CODECS, conversion

PCM_TAG, FLOAT_TAG, A_LAW_TAG, MU_LAW_TAG, EXTENSIBLE_TAG = 1, 3, 6, 7, 0xFFFE
LINEAR_BYTES = {PCM_TAG: (1, 2, 3, 4), FLOAT_TAG: (4, 8), A_LAW_TAG: (1,), MU_LAW_TAG: (1,)}
# The end of the identifier that holds the tag of an extensible format.
SUFFIX = bytes.fromhex("000000001000800000aa00389b71")
# Files whose sizes take eight bytes, which stand in a chunk "ds64".
WIDE = (b"RF64", b"BW64")
IN_DS64 = 0xFFFFFFFF
# Sizes that stand for "to the end", as ffmpeg, others, arecord and sox write them. (All are
# about 2 or 4 GB. No change of one byte turns the size of a smaller file into them.)
NOT_TOLD = (0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0x7FFFF000)
STEREO_STEP = 4  # bytes, by which Recorder.js and its heirs multiply the rate of any clip;
# some of them also write it as the step of a clip of one channel of 16 bits.
LEAST_STREAM = 64  # bytes of sound; fewer behind an empty file are no recording


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
    walk = _Walk(content, name)
    fmt = walk.chunks.get(b"fmt ")
    # A compressed file has other numbers in its format, and often no size that fits.
    tag = None if fmt is None else _tag(fmt, name)
    if walk.fault:
        raise walk.error()
    if fmt is None or tag is None or b"data" not in walk.chunks:
        raise _damaged(name, "lacks a chunk 'fmt ' or 'data'")
    n_channels, sample_rate, n_bytes = _shape(fmt, name)
    if n_bytes not in LINEAR_BYTES[tag]:
        raise DatasetError(
            f"{name} has samples of {8 * n_bytes} bits in format {tag}; 8, 16, 24 or 32 "
            "bits linear (1), 32 or 64 bits float (3), A-law (6) and mu-law (7) are read. "
            f"Convert it, e.g. sox {shlex.quote(name)} -e signed -b 16 OUT.wav to get "
            "16 bits."
        )
    body = walk.chunks[b"data"]
    rest = len(body) % (n_channels * n_bytes)
    if rest and not walk.to_the_end:
        raise _damaged(
            name,
            f"holds {len(body)} bytes of samples, no multiple of {n_channels} x {n_bytes}",
        )
    # A recorder that was stopped may have written a part of the last sample.
    samples = _decoded(body[: len(body) - rest], tag, n_bytes)
    return samples.reshape(-1, n_channels), sample_rate


@dataclass
class _Walk:
    """The chunks "fmt ", "data" and "ds64", found on a walk from chunk to chunk.

    Attributes
    ----------
    content : bytes
    name : str
    chunks : dict of bytes to bytes
        Contents by label, as far as the walk came.
    fault : str
        Why the walk did not end where the file does; empty if it did.
    to_the_end : bool
        Whether the size of the samples was not told.
    """

    content: bytes
    name: str

    def __post_init__(self) -> None:
        if self.content[8:12] != b"WAVE":
            raise _damaged(self.name, "does not begin with RIFF, a size and WAVE")
        self.chunks: dict[bytes, bytes] = {}
        self.fault, self.to_the_end = "", False
        begin, length = 12, len(self.content)
        while begin < length and not self.fault and not self._is_id3(begin):
            begin = self._step(begin)
        self.end = begin

    def error(self) -> DatasetError:
        """What to say of a walk that did not end where the file does."""
        total = int.from_bytes(self.content[4:8], "little") + 8
        # The sizes agree that the file ends here: nothing is missing, something is too much.
        if b"data" in self.chunks and total == self.end and not self._is_second_file():
            return DatasetError(
                f"{self.name} holds {len(self.content) - total} bytes behind byte {total}, "
                "where its sizes (of RIFF and of its chunks) say that it ends. Take them off "
                "if they do not belong to it, or copy it anew if some were inserted."
            )
        return _damaged(self.name, self._full_fault())

    def _is_second_file(self) -> bool:
        return self.content[self.end : self.end + 4] == b"RIFF"

    def _full_fault(self) -> str:
        """The fault, after what the first line says, if that tells of a cut file as well."""
        length, total = len(self.content), int.from_bytes(self.content[4:8], "little") + 8
        if length - total in (0, 1) or total >= min(NOT_TOLD):
            return self.fault
        return f"claims {total} bytes and has {length}; it {self.fault}"

    def _step(self, begin: int) -> int:
        """Take one chunk; the place of the next one."""
        if not self._is_head(begin):
            self.fault = f"has no whole chunk at byte {begin}"
            return begin
        label, size = self.content[begin : begin + 4], self._size(begin)
        if label == b"RIFF":
            self.fault = f"holds a second file at byte {begin}"
            return begin
        if label in self.chunks:
            self.fault = f"has two chunks {_text(label)}"
            return begin
        if label == b"data":
            size, self.to_the_end = self._size_of_samples(begin)
        end = begin + 8 + size
        if end > len(self.content):
            self.fault = (
                f"has no whole chunk at byte {begin}: {_text(label)} claims {size} "
                f"bytes, {len(self.content) - begin - 8} are left"
            )
        elif label in (b"fmt ", b"data", b"ds64"):
            self.chunks[label] = self.content[begin + 8 : end]
        # An even place is next, after a zero if need be, but some programs forget that.
        forgotten = size % 2 and self.content[end : end + 1] > b"\0" and self._fits(end)
        return end if forgotten else end + size % 2

    def _size_of_samples(self, begin: int) -> tuple[int, bool]:
        """Bytes of the samples, and whether they just go on to the end of the file."""
        told, wide = self._size(begin), self.chunks.get(b"ds64", b"")
        total = int.from_bytes(self.content[4:8], "little")
        too_much = min(NOT_TOLD)
        if self.content[:4] in WIDE:
            if told != IN_DS64 or len(wide) < 24:
                return told, False
            total, told = (int.from_bytes(wide[at : at + 8], "little") for at in (0, 8))
            not_told = told in (0, 2**64 - 1)
            too_much = 2**64 - 1  # A few GB are what such a file is for.
        else:
            # One of both sizes may be impossible and the other one follow from it.
            not_told = told == 0 or any(told in (s, s - begin) for s in NOT_TOLD)
        left = len(self.content) - begin - 8
        # The other size must claim nothing else: no sample, too much, or just this file.
        no_claim = total <= begin + 8 or total >= too_much
        whole = told != 0 and len(self.content) - (total + 8) in (0, 1)
        # A file of which both sizes say that it is empty may be just that.
        empty = told == 0 and (left < LEAST_STREAM or self._fits(begin + 8))
        return (
            (left, True) if not_told and (no_claim or whole) and not empty else (told, False)
        )

    def _size(self, begin: int) -> int:
        return int.from_bytes(self.content[begin + 4 : begin + 8], "little")

    def _is_head(self, begin: int) -> bool:
        head = self.content[begin : begin + 8]
        strange = sum(not 31 < byte < 127 for byte in head[:4])
        # One letter may be none of ASCII. (Two, or 0 or 255, are more likely quiet sound.)
        whole = strange == 0 or (strange == 1 and 160 <= max(head[:4]) < 255)
        return len(head) == 8 and whole

    def _fits(self, begin: int) -> bool:
        """Whether a whole chunk, or the end of the file, is there."""
        return begin >= len(self.content) or (
            self._is_head(begin) and begin + 8 + self._size(begin) <= len(self.content)
        )

    def _is_id3(self, begin: int) -> bool:
        """Whether all that is left is a tag that players write behind a file (ID3v1)."""
        return len(self.content) - begin == 128 and self.content[begin:].startswith(b"TAG")


def _text(label: bytes) -> str:
    return repr(label.decode("latin-1"))


def _tag(fmt: bytes, name: str) -> int:
    """Tag of the format, which must be one that is read."""
    if len(fmt) < 16:
        raise _damaged(name, f"has a chunk 'fmt ' of {len(fmt)} bytes; 16 are needed")
    tag = int.from_bytes(fmt[:2], "little")
    if tag == EXTENSIBLE_TAG:
        if len(fmt) < 40 or fmt[26:40] != SUFFIX:
            raise _damaged(name, "has an extensible format that is not whole")
        tag = int.from_bytes(fmt[24:26], "little")
    if tag not in LINEAR_BYTES:
        codec = CODECS.get(tag, "a way that is not known here")
        raise DatasetError(
            f"{name} is compressed in {codec} (WAVE format {tag}), which is not read. "
            f"{conversion(name)}"
        )
    return tag


def _shape(fmt: bytes, name: str) -> tuple[int, int, int]:
    """Number of channels, sampling rate and bytes of a sample."""
    n_channels, sample_rate, per_second, step, bits = (
        int.from_bytes(fmt[begin:end], "little")
        for begin, end in ((2, 4), (4, 8), (8, 12), (12, 14), (14, 16))
    )
    n_bytes = -(-bits // 8)
    if (n_channels, n_bytes, step) == (1, 2, STEREO_STEP):
        steps = (per_second == STEREO_STEP * sample_rate) * STEREO_STEP
    else:
        steps = n_channels * n_bytes
    # Some programs write no rate of bytes, and some that of bits.
    rates = (step, STEREO_STEP, 0, 8 * step)
    if (
        not n_channels * sample_rate * bits
        or step != steps
        or per_second not in [rate * sample_rate for rate in rates]
    ):
        raise DatasetError(
            f"{name} contradicts itself: {n_channels} channels of {bits} bits at "
            f"{sample_rate} Hz in steps of {step} bytes (block align), {per_second} bytes a "
            "second (byte rate). Its chunk 'fmt ' was altered or written wrongly; copy or "
            "write the file anew, or leave it out."
        )
    return n_channels, sample_rate, n_bytes


def _decoded(body: bytes, tag: int, n_bytes: int) -> NDArray[np.float64]:
    """Samples as fractions of full scale."""
    if tag == FLOAT_TAG:
        return np.frombuffer(body, f"<f{n_bytes}").astype(np.float64)
    if tag != PCM_TAG:
        return (A_LAW if tag == A_LAW_TAG else MU_LAW)[np.frombuffer(body, np.uint8)]
    if n_bytes == 1:
        return np.frombuffer(body, np.uint8) / 128.0 - 1.0
    if n_bytes == 3:
        upper = np.zeros((len(body) // 3, 4), np.uint8)
        upper[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
        return upper.view("<i4").ravel() / 2.0**31
    return np.frombuffer(body, f"<i{n_bytes}") / 2.0 ** (8 * n_bytes - 1)


def _damaged(name: str, fault: str) -> DatasetError:
    return DatasetError(
        f"{name} {fault}. The file is cut or altered; copy or write it anew, or leave it out."
    )
