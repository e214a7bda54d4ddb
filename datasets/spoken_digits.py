"""A small synthetic corpus of spoken digits that ships with the package."""

from importlib.resources import as_file, files

import numpy as np

from .bunch import Bunch
from .companding import MU_LAW

DESCRIPTION = """Synthetic spoken digits (NOT recordings of people)

800 clips of the English digits 0-9, 8 kHz: eight voices of the speech synthesiser {made_by},
ten of each digit by each voice. Two of them read English with a German and a French accent.
Every voice has its own (simulated) room, microphone, noise (10 to 40 dB below the signal) and
habit of cutting off silence; every clip has its own rate, pitch, melody, tempo and loudness.
Made by datasets/make_spoken_digits.py in the source repository.

A stand-in, so that everything runs without a download. Its difficulty was tuned until methods
came out in an order like that on recordings of people, with voices left out. So it shows what
kind of difference to expect, but results on it are no evidence about recordings.
"""


def load_spoken_digits() -> Bunch:
    """Synthetic spoken digits, read from the package itself.

    Returns
    -------
    sklearn.utils.Bunch
        data : list of 800 1-D float64 arrays in [-1, 1); target : ndarray of int;
        speakers : ndarray of str (eight voices); indices : ndarray of int, 0 to 9;
        sample_rate : 8000; DESCR : str.

    Examples
    --------
    >>> from reservoir import datasets
    >>> digits = datasets.load_spoken_digits()
    >>> len(digits.data), sorted(set(digits.speakers.tolist()))
    (800, ['adam', 'bella', 'callum', 'dora', 'ewan', 'fay', 'greta', 'hugo'])
    """
    import h5py

    resource = files(__package__) / "data" / "spoken_digits.h5"
    # Nobody writes to this file, and some file systems have no locks.
    with as_file(resource) as path, h5py.File(path, "r", locking=False) as file:
        samples = MU_LAW[np.cumsum(file["differences"][()], dtype=np.uint8)]
        lengths = file["lengths"][()]
        return Bunch(
            data=np.split(samples, np.cumsum(lengths)[:-1]),
            target=file["target"][()].astype(int),
            speakers=file["speakers"][()].astype(str),
            indices=file["indices"][()].astype(int),
            sample_rate=int(file.attrs["sample_rate"]),
            DESCR=DESCRIPTION.format(made_by=file.attrs["made_by"]),
        )
