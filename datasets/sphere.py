"""NIST SPHERE: what does a file of an older speech corpus hold?

A head of text, filled up to the size on its second line, then the samples:

    NIST_1A
       1024
    sample_count -i 4821            samples of each channel
    sample_rate -i 12500            in Hz
    channel_count -i 1
    sample_n_bytes -i 2
    sample_byte_format -s2 01       01: low byte first; 10: high byte first
    sample_coding -s3 pcm           or ulaw, alaw; with ",embedded-..." it is compressed
    end_head

Nothing is believed that the length of the file does not confirm: the claimed count must
agree with the number of bytes that are there. A count of 0 is that of a file which was
written to a pipe; its samples go on to the end of the file.
"""

import re
import shlex

import numpy as np
from numpy.typing import NDArray

from .cache import DatasetError
from .companding import A_LAW, MU_LAW
from .libsndfile import read_with_libsndfile

HEAD_START = re.compile(rb"NIST_1A\n *([0-9]{1,9}) *\n")
FIELD = re.compile(r"(\S+) +-(?:i|r|s[0-9]+) +(.*)")
WHOLE_NUMBER = re.compile(r"([0-9]{1,15})(?:\.0*)?")
TABLES = {"ulaw": MU_LAW, "mu-law": MU_LAW, "mulaw": MU_LAW, "alaw": A_LAW, "a-law": A_LAW}
ORDERS = {"01": "<", "10": ">"}


def read_sphere(content: bytes, name: str) -> tuple[NDArray[np.float64], int]:
    """Samples of a SPHERE file.

    Linear samples of one or two bytes, mu-law and A-law need nothing else; linear samples
    of three or four bytes go through the package soundfile.

    Parameters
    ----------
    content : bytes
        The whole file.
    name : str
        Name of the file, for messages.

    Returns
    -------
    samples : float64 array of shape (n_samples, n_channels)
        1 is the full scale of the bytes that a sample takes. ``sample_sig_bits`` is not
        used, because files differ in where they put the unused bits.
    sample_rate : int
        In Hz.

    Raises
    ------
    DatasetError
        If the file is compressed, cut, or contradicts itself.
    """
    fields, body = _split(content, name)
    coding = fields.get("sample_coding", "pcm")
    if "," in coding:
        raise DatasetError(_compressed(name, coding.partition(",")[2]))
    n_bytes = _whole_number(fields, name, "sample_n_bytes")
    n_channels = _whole_number(fields, name, "channel_count", default=1)
    n_samples = _whole_number(fields, name, "sample_count", lowest=0)
    sample_rate = _whole_number(fields, name, "sample_rate")
    if fields.get("sample_count") == "0":
        # So sox writes to a pipe, where it does not know the count.
        n_samples = len(body) // (n_channels * n_bytes)
    if n_samples * n_channels * n_bytes != len(body):
        raise _damaged(
            name,
            f"claims {n_samples} samples of {n_channels} x {n_bytes} bytes, but "
            f"{len(body)} bytes follow its head",
        )
    if coding in TABLES and n_bytes == 1:
        samples = TABLES[coding][np.frombuffer(body, np.uint8)]
    elif coding != "pcm":
        raise DatasetError(
            f"{name} has sample_coding {coding!r} with {n_bytes} bytes a sample; pcm, ulaw "
            f"and alaw (of one byte) are read. Convert it, e.g. sox {shlex.quote(name)} "
            "-e signed -b 16 OUT.wav, or copy it anew if it is damaged."
        )
    elif n_bytes == 1:
        if "sample_coding" not in fields:
            raise _damaged(name, "has samples of one byte and no sample_coding")
        samples = np.frombuffer(body, np.int8) / 128.0
    else:
        order = fields.get("sample_byte_format")
        if order not in ORDERS or n_bytes > 4:
            raise _damaged(
                name,
                f"has {n_bytes} bytes a sample with sample_byte_format {order!r}; it must "
                "be 01 or 10, with at most 4 bytes",
            )
        if n_bytes > 2:
            kind = f"NIST SPHERE with samples of {n_bytes} bytes"
            return read_with_libsndfile(content, name, kind)
        samples = np.frombuffer(body, f"{ORDERS[order]}i2") / 32768.0
    return samples.reshape(-1, n_channels), sample_rate


def _split(content: bytes, name: str) -> tuple[dict[str, str], bytes]:
    """Fields of the head, {name: text}, and the bytes that follow it."""
    begin = HEAD_START.match(content)
    if not begin:
        raise _damaged(name, "does not begin with NIST_1A and the size of its head")
    size = int(begin[1])
    if size > len(content):
        raise _damaged(
            name, f"is cut: its head takes {size} bytes, the whole file {len(content)}"
        )
    lines = content[begin.end() : size].decode("latin-1").split("\n")
    if "end_head" not in lines:
        raise _damaged(name, f"has no line end_head in the first {size} bytes")
    fields: dict[str, str] = {}
    for line in lines[: lines.index("end_head")]:
        field = FIELD.fullmatch(line)
        if field and field[1] in fields:
            raise _damaged(name, f"has the field {field[1]} twice")
        if field:
            fields[field[1]] = field[2].strip()
    return fields, content[size:]


def _whole_number(
    fields: dict[str, str], name: str, key: str, lowest: int = 1, default: int | None = None
) -> int:
    if key not in fields and default is not None:
        return default
    number = WHOLE_NUMBER.fullmatch(fields.get(key, ""))
    if not number or int(number[1]) < lowest:
        raise _damaged(
            name,
            f"has {key} {fields.get(key)!r}; it must be a whole number of at least {lowest}",
        )
    return int(number[1])


def _damaged(name: str, fault: str) -> DatasetError:
    return DatasetError(
        f"{name} {fault}. The file is damaged; copy it anew, or leave it out."
    )


def _compressed(name: str, compression: str) -> str:
    if "shorten" in compression:
        tool = "the Linguistic Data Consortium's sph2pipe: sph2pipe -f wav IN.sph OUT.wav"
    else:
        tool = "w_decode of NIST's SPHERE tools: w_decode -o pcm IN.sph OUT.sph"
    return (
        f"{name} is compressed ({compression}), which is not decoded here. Convert it with "
        f"{tool} and give the result its name."
    )
