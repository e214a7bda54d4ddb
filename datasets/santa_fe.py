"""The Santa Fe laser series: a chaotic laser's intensity, to be predicted one step ahead."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .arguments import check_count
from .bunch import Bunch
from .cache import DatasetError, FilePath, Place, read_file

DESCRIPTION = """Santa Fe laser series (data set A with its continuation), {n_steps} steps

Intensity of a far-infrared ammonia laser in a chaotic state, as 8-bit numbers (0 to 255).
Row t holds the intensity and, as the target, the intensity {horizon} steps later. The first
1000 values were the training part of the Santa Fe competition of 1991, the other 9093 were
published afterwards; most work since takes 3000 to 4000 to train and 1000 to test.

U. Huebner, N. B. Abraham, C. O. Weiss, Phys. Rev. A 40, 6354 (1989).
A. S. Weigend, N. A. Gershenfeld (eds.), "Time Series Prediction: Forecasting the Future and
Understanding the Past", Addison-Wesley (1994).
No licence is stated, so it is not part of this package.
"""

FILE = "santafe_laser.txt"
N_VALUES = 10093
# SHA-256 of the values, one a line without blanks.
DIGEST = "2445f3df2b91cfb41c3f4f1143e8882e8329b9449ec7ffc739c6d4bd5c6650a0"


PLACE = Place(
    path=f"santa_fe/{FILE}",
    is_folder=False,
    beginning="The Santa Fe laser series is",
    cure=f"Join the competition's A.dat and A.cont to one file of {N_VALUES} lines, or take "
    f"{FILE} from the documentation of ReservoirComputing.jl, and put it into the folder "
    "{folder}, or pass path=. make_mackey_glass() draws a chaotic series without any file.",
)


def fetch_santa_fe(
    path: FilePath | None = None, data_home: FilePath | None = None, *, horizon: int = 1
) -> Bunch:
    """Laser intensities of the Santa Fe competition.

    The file ``santafe_laser.txt`` (10093 whole numbers, one a line) is read from `path` if
    given, else from ``$RESERVOIR_DATA/santa_fe`` if that variable is set and the file is
    there, else from ``<data_home>/santa_fe``. It is not downloaded, because no address of
    it is sure to last; its content is checked every time.

    Parameters
    ----------
    path : str or path-like, default=None
        The file, or a folder that holds it.
    data_home : str or path-like, default=None
        Another folder than the per-user cache, see `reservoir.datasets.data_home`.
    horizon : int, default=1
        Steps from a row to its target.

    Returns
    -------
    sklearn.utils.Bunch
        data : float64 array of shape (10093 - horizon, 1), 0 to 255; target : float64 array
        of shape (10093 - horizon,); DESCR : str.

    Raises
    ------
    ValueError
        If the horizon is not a positive integer below 10093.
    DatasetError
        If the file is not there, or its values are not those of the series.

    Examples
    --------
    >>> from reservoir.datasets import fetch_santa_fe
    >>> laser = fetch_santa_fe()                                   # doctest: +SKIP
    >>> laser.data[:5, 0], laser.target[:4]                        # doctest: +SKIP
    (array([ 86., 141.,  95.,  41.,  22.]), array([141.,  95.,  41.,  22.]))
    """
    check_count("horizon", horizon)
    if horizon >= N_VALUES:
        raise ValueError(
            f"horizon is {horizon}; it must be below {N_VALUES}, the length of the series."
        )
    values = _read(PLACE.find_or_refuse(path, data_home))
    return Bunch(
        data=values[:-horizon, np.newaxis].copy(),
        target=values[horizon:].copy(),
        DESCR=DESCRIPTION.format(n_steps=N_VALUES - horizon, horizon=horizon),
    )


def _read(path: Path) -> NDArray[np.float64]:
    """The values, checked to be those of the series."""
    cure = f"The file is damaged or another one; use another copy of {FILE}."
    words = read_file(path).split()
    for number, word in enumerate(words[: N_VALUES + 1], start=1):
        if not word.isdigit() or len(word) > 3:
            raise DatasetError(
                f"{path}: value {number} is {word[:20]!r}; it must be a whole number from 0 "
                f"to 255. {cure}"
            )
    if len(words) != N_VALUES:
        raise DatasetError(f"{path} has {len(words)} values; it must have {N_VALUES}. {cure}")
    if hashlib.sha256(b"".join(word + b"\n" for word in words)).hexdigest() != DIGEST:
        raise DatasetError(f"{path}: at least one value was altered. {cure}")
    return np.array(words, dtype=float)
