"""Audio that is left to the library libsndfile, through the package soundfile.

libsndfile takes what is there of a cut AIFF or Ogg file and says nothing, so what the file
claims is compared with its length before.
"""

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cache import DatasetError
from .foreign import conversion

BLOCK_LENGTH = 1 << 16  # frames; the count that a file claims is never allocated
NOT_TOLD = 2**63 - 1  # frames of a FLAC file that was written to a pipe
# An AIFF file from a pipe claims about 2 or 4 GB for its samples, as sox and others do.
AIFF_NOT_TOLD = 0x7E000000


def read_with_libsndfile(
    content: bytes, name: str, kind: str
) -> tuple[NDArray[np.float64], int]:
    """Samples of a file that this package does not read by itself.

    Parameters
    ----------
    content : bytes
    name : str
        Name of the file, for messages.
    kind : str
        Kind of audio, for messages.

    Returns
    -------
    samples : float64 array of shape (n_samples, n_channels)
        Full scale is 1.
    sample_rate : int
        In Hz.

    Raises
    ------
    DatasetError
        If soundfile is not installed, or the file is damaged.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: the library itself is not there
        raise DatasetError(
            f"{name} is {kind}; the package soundfile, which reads it, is not here "
            f"({error}). Install it with pip install 'oscillator-reservoir[audio]', or "
            "convert the file to WAVE."
        ) from error

    class Content(BytesIO):
        """The bytes of a file; to seek before them fails silently, as in a file of C."""

        def seek(self, offset: int, whence: int = 0) -> int:
            try:
                return super().seek(offset, whence)
            except (ValueError, OverflowError):  # soundfile would print it
                return self.tell()

    class Forward(soundfile.SoundFile):
        """Read from beginning to end: without a length, soundfile cannot seek."""

        def seekable(self) -> bool:
            return False

    if _is_cut(content):
        raise _cut(name, f"ends inside a part of its {kind}")
    try:
        with Forward(Content(content)) as file:
            samples, claimed, sample_rate = _all_of(file), file.frames, file.samplerate
    except (RuntimeError, TypeError, ValueError) as error:
        # Its full message names an object of Python, not the file.
        reason = str(getattr(error, "error_string", error)).rstrip(".")
        raise DatasetError(
            f"{name} is {kind} that libsndfile does not read ({reason}): it is damaged, or "
            f"in a codec of its own. Copy it anew, or leave it out. {conversion(name)}"
        ) from error
    if claimed not in (len(samples), NOT_TOLD):
        raise _cut(name, f"claims {claimed} samples and holds {len(samples)}")
    return samples, sample_rate


def _all_of(file: Any) -> NDArray[np.float64]:
    blocks = [np.empty((0, file.channels))]
    while len(block := file.read(BLOCK_LENGTH, dtype="float64", always_2d=True)):
        blocks.append(block)
    return np.concatenate(blocks)


def _is_cut(content: bytes) -> bool:
    """Whether the samples of an AIFF file, or the last page of an Ogg file, are not whole."""
    if content[:4] == b"FORM":
        begin = 12
        while begin + 8 <= len(content):
            size = int.from_bytes(content[begin + 4 : begin + 8], "big")
            if content[begin : begin + 4] == b"SSND":
                return size < AIFF_NOT_TOLD and begin + 8 + size > len(content)
            begin += 8 + size + size % 2
        return begin != len(content)
    begin = 0
    # A page is 27 bytes, the lengths of its parts (as many as the last byte says), the parts.
    while content.startswith(b"OggS", begin) and begin + 27 <= len(content):
        lengths = content[begin + 27 : begin + 27 + content[begin + 26]]
        begin += 27 + content[begin + 26] + sum(lengths)
    return content.startswith(b"OggS") and begin != len(content)


def _cut(name: str, fault: str) -> DatasetError:
    return DatasetError(f"{name} {fault}: it was cut. Copy it anew, or leave it out.")
