"""One clip from one file, whatever its container: told apart by the first bytes."""

import shlex
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .cache import DatasetError, FilePath, expanded
from .folders import is_plain
from .foreign import foreign_kind
from .libsndfile import read_with_libsndfile
from .riff import WIDE, read_riff
from .sphere import read_sphere

LIBSNDFILE_KINDS = {
    b"fLaC": "FLAC audio",
    b"OggS": "Ogg audio",
    b"FORM": "AIFF audio",
}


def read_waveform(path: FilePath) -> tuple[NDArray[np.float64], int]:
    """The waveform of a mono file, see `waveform`."""
    path = expanded(path)
    try:
        if path.exists() and not is_plain(path):  # to open a pipe may wait for ever
            raise DatasetError(f"{path} cannot be read (it is no plain file). Leave it out.")
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"{path} cannot be read ({error.strerror}). Make it readable, or leave it out."
        ) from error
    return waveform(content, str(path))


def waveform(content: bytes, name: str) -> tuple[NDArray[np.float64], int]:
    """The waveform of a mono file: RIFF WAVE, NIST SPHERE, or what libsndfile reads.

    Parameters
    ----------
    content : bytes
    name : str
        Name of the file, for messages; its suffix is not believed.

    Returns
    -------
    samples : 1-D float64 array
        Full scale is 1.
    sample_rate : int
        In Hz.

    Raises
    ------
    DatasetError
        If the file is no audio, or of a kind that is not read, damaged, empty, not mono,
        or holds NaN or infinity.
    """
    magic = content[:4]
    foreign = foreign_kind(content, name)
    if foreign is not None:
        raise DatasetError(foreign)
    if magic in (b"RIFF", *WIDE):
        samples, sample_rate = read_riff(content, name)
    elif magic == b"NIST":
        samples, sample_rate = read_sphere(content, name)
    elif magic in LIBSNDFILE_KINDS:
        kind = LIBSNDFILE_KINDS[magic]
        samples, sample_rate = read_with_libsndfile(content, name, kind)
    elif magic == b"ajkg":
        raise DatasetError(
            f"{name} is compressed by the program shorten; unpack it, keeping its name, "
            "with shorten -x IN OUT."
        )
    else:
        raise DatasetError(
            f"{name} is no audio that is known: it begins with {content[:8]!r}. WAVE, NIST "
            "SPHERE, FLAC, Ogg and AIFF are read; convert it, or leave it out."
        )
    if samples.shape[1] != 1:
        raise DatasetError(
            f"{name} has {samples.shape[1]} channels; a clip has one. Mix it down, e.g. "
            f"sox {shlex.quote(name)} OUT.wav remix - to average them."
        )
    if len(samples) == 0:
        raise DatasetError(f"{name} holds no sample; leave it out.")
    samples = samples[:, 0]
    if not np.isfinite(samples).all():
        where = int(np.argmin(np.isfinite(samples)))
        raise DatasetError(
            f"{name} holds {samples[where]} at sample {where}; every sample must be "
            "finite. Write it anew, or leave it out."
        )
    return samples, sample_rate


def one_rate(rates: Mapping[str, int]) -> int:
    """The sampling rate that all files share.

    Parameters
    ----------
    rates : dict of str to int
        Rate in Hz by name of the file.

    Returns
    -------
    int

    Raises
    ------
    DatasetError
        If two files differ; both are named.
    """
    (first, rate), *others = rates.items()
    for name, other in others:
        if other != rate:
            raise DatasetError(
                f"{name} has {other} Hz, but {first} has {rate} Hz; all clips need one "
                "rate. Resample the faster one, e.g. sox IN.wav -r "
                f"{min(rate, other)} OUT.wav to get a slower copy."
            )
    return rate
