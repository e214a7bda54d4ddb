"""A small synthetic corpus of spoken digits that ships with the package."""

from importlib.resources import as_file, files

import numpy as np
from sklearn.utils import Bunch

DESCRIPTION = """Synthetic spoken digits (NOT recordings of people)

600 clips of the English digits 0-9, 8 kHz: six voices of the speech synthesiser {made_by},
ten of each digit by each voice, with random rate, pitch, loudness, timing and pink noise
(signal 5 dB below to 15 dB above it). Made by datasets/make_spoken_digits.py in the source
repository.

A stand-in, so that everything runs without a download. Synthetic voices repeat themselves
more exactly than people do: results on it say nothing about results on recordings.
"""


def load_spoken_digits() -> Bunch:
    """Synthetic spoken digits, read from the package itself.

    Returns
    -------
    sklearn.utils.Bunch
        data : list of 600 1-D float64 arrays in [-1, 1); target : ndarray of int;
        speakers : ndarray of str (six voices); indices : ndarray of int, 0 to 9;
        sample_rate : 8000; DESCR : str.

    Examples
    --------
    >>> from reservoir import datasets
    >>> digits = datasets.load_spoken_digits()
    >>> len(digits.data), sorted(set(digits.speakers.tolist()))
    (600, ['adam', 'bella', 'callum', 'dora', 'ewan', 'fay'])
    """
    import h5py

    resource = files(__package__) / "data" / "spoken_digits.h5"
    # Nobody writes to this file, and some file systems have no locks.
    with as_file(resource) as path, h5py.File(path, "r", locking=False) as file:
        samples = file["samples"][()] / 32768.0
        lengths = file["lengths"][()]
        return Bunch(
            data=np.split(samples, np.cumsum(lengths)[:-1]),
            target=file["target"][()].astype(int),
            speakers=file["speakers"][()].astype(str),
            indices=file["indices"][()].astype(int),
            sample_rate=int(file.attrs["sample_rate"]),
            DESCR=DESCRIPTION.format(made_by=file.attrs["made_by"]),
        )
