"""The Free Spoken Digit Dataset: 3000 recordings of six speakers."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .bunch import Bunch
from .cache import (
    DatasetError,
    FilePath,
    Place,
    digest_of,
    download,
    new_folder,
    read_file,
    unpack,
)
from .waveforms import waveform

SAMPLE_RATE = 8000

DESCRIPTION = """Free Spoken Digit Dataset, release v1.0.10

3000 recordings of the English digits 0-9: six speakers, 50 of each digit by each, 8 kHz,
16 bit, trimmed of silence (0.14 to 2.28 s, mean 0.44 s). The recordings with index 0-4 are
the official test set, those with index 5-49 the training set; both have all speakers.

Z. Jackson, "Spoken_Digit" (Free Spoken Digit Dataset), 2016,
https://github.com/Jakobovski/free-spoken-digit-dataset
Licence: Creative Commons Attribution-ShareAlike 4.0 International.
"""


PLACE = Place(
    path="fsdd/recordings",
    is_folder=True,
    beginning="The Free Spoken Digit Dataset is",
    cure="Call fetch_fsdd() with network, or unpack the recordings by hand.",
)


@dataclass(frozen=True)
class Release:
    """What a complete copy of the recordings must be.

    Attributes
    ----------
    url : str
        Address of the archive.
    speakers : tuple of str
    n_indices : int
        Recordings of each digit by each speaker.
    digest : str
        ``cache.digest_of({file name: content})`` over all recordings.
    """

    url: str
    speakers: tuple[str, ...]
    n_indices: int
    digest: str

    def names(self) -> list[str]:
        """File names of all recordings."""
        return [
            f"{digit}_{speaker}_{index}.wav"
            for digit in range(10)
            for speaker in self.speakers
            for index in range(self.n_indices)
        ]


V1_0_10 = Release(
    url="https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/"
    "v1.0.10.tar.gz",
    speakers=("george", "jackson", "lucas", "nicolas", "theo", "yweweler"),
    n_indices=50,
    digest="dbd573d7cafe79c4b49f65718115e1304e24e067fa39eff18a660dc6cb9c360f",
)


def fetch_fsdd(
    data_home: FilePath | None = None,
    *,
    download_if_missing: bool = True,
    release: Release = V1_0_10,
) -> Bunch:
    """Recordings of the Free Spoken Digit Dataset.

    They are read from ``$RESERVOIR_DATA/fsdd/recordings`` if that variable is set and the
    folder exists, else from ``<data_home>/fsdd/recordings``, into which they are downloaded
    if that folder does not exist. All recordings are checked against a digest every time.
    If several processes or threads want them at once, one downloads and the others wait.

    Parameters
    ----------
    data_home : str or path-like, default=None
        Another folder than the per-user cache, see `reservoir.datasets.data_home`.
    download_if_missing : bool, default=True
        Whether the recordings may be downloaded.
    release : Release
        What a complete copy is. Only tests need another release.

    Returns
    -------
    sklearn.utils.Bunch
        data : list of 1-D float64 arrays in [-1, 1), sorted by digit, speaker, index;
        target : ndarray of int; speakers : ndarray of str; indices : ndarray of int
        (recording number); sample_rate : 8000; DESCR : str.

    Raises
    ------
    DatasetError
        If recordings are missing or altered, or cannot be read, or the download fails, or
        the cache cannot be written; the cache stays as it was.

    Examples
    --------
    >>> from reservoir.datasets import fetch_fsdd
    >>> digits = fetch_fsdd()                                    # doctest: +SKIP
    >>> len(digits.data), digits.sample_rate                     # doctest: +SKIP
    (3000, 8000)
    """
    folder = PLACE.find(data_home)
    if folder is None:
        if not download_if_missing:
            raise PLACE.missing(data_home)
        folder = _install(PLACE.cached(data_home), release)
    contents = _read_all(folder, release)
    clips = {name: _samples(content, name) for name, content in contents.items()}
    order = sorted(clips, key=_key)
    digits, speakers, indices = zip(*map(_key, order), strict=True)
    return Bunch(
        data=[clips[name] for name in order],
        target=np.array(digits),
        speakers=np.array(speakers),
        indices=np.array(indices),
        sample_rate=SAMPLE_RATE,
        DESCR=DESCRIPTION,
    )


def _install(target: Path, release: Release) -> Path:
    """Download, unpack and check in a temporary folder; then move it into place."""
    cure = (
        f"Without network, download {release.url} elsewhere and unpack its folder "
        f"'recordings' to {target}."
    )
    with new_folder(target) as folder:
        if folder is None:
            return target
        archive = folder / "archive.tar.gz"
        download(release.url, archive, cure)
        wanted = set(release.names())
        unpack(
            archive,
            folder,
            lambda path: path.parent.name == "recordings" and path.name in wanted,
        )
        archive.unlink()
        _read_all(folder, release)
    return target


def _read_all(folder: Path, release: Release) -> dict[str, bytes]:
    """Content of every recording, checked to be complete and unaltered."""
    missing = [name for name in release.names() if not os.path.isfile(folder / name)]
    if missing:
        raise DatasetError(
            f"{len(missing)} of {len(release.names())} recordings are missing in "
            f"{folder}, the first is {missing[0]}. Complete the folder, or remove it to "
            "download the set anew."
        )
    contents = {name: read_file(folder / name) for name in release.names()}
    if digest_of(contents) != release.digest:
        raise DatasetError(
            f"The recordings in {folder} differ from the release: at least one was "
            "altered. Remove the folder to download the set anew."
        )
    return contents


def _key(name: str) -> tuple[int, str, int]:
    """Digit, speaker and index, by which the recordings are sorted."""
    digit, speaker, index = name.removesuffix(".wav").split("_")
    return int(digit), speaker, int(index)


def _samples(content: bytes, name: str) -> NDArray[np.float64]:
    samples, sample_rate = waveform(content, name)
    if sample_rate != SAMPLE_RATE:
        raise DatasetError(
            f"{name} has {sample_rate} Hz; the set is recorded at {SAMPLE_RATE} Hz."
        )
    return samples
