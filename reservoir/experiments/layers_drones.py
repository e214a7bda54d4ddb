"""Is this the file of the drones' radio signals, and what does it hold?"""

import numpy as np

from reservoir._hdf5 import opened_hdf5
from reservoir._hdf5_tree import array_of
from reservoir._types import Array, Floats
from reservoir.datasets import DatasetError

NAMES = ("X_train", "Y_train", "X_test", "Y_test")
CURE = (
    "Name the file RadioSpin_D62_RF_fingerprinting.h5 (https://zenodo.org/record/7646236), "
    "or one of the same form: powers X_train and X_test with a row for each signal, and "
    "whole numbers Y_train and Y_test, the senders."
)


def read_drones(path: str) -> tuple[Floats, Array, int]:
    """Powers and senders from the published file, or one of the same form.

    Parameters
    ----------
    path : str
        An HDF5 file with the arrays `NAMES`; axes of length 1 are left out.

    Returns
    -------
    X : ndarray of shape (n_samples, n_powers)
        Training signals first.
    y : ndarray of int of shape (n_samples,)
    n_train : int

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StorageError
        If it is damaged or no HDF5 file.
    DatasetError
        If its arrays are not of this form.
    """
    with opened_hdf5(path) as file:
        found = {name: array_of(file, name, path) for name in NAMES}
        names = sorted(map(str, file))
    missing = [name for name, values in found.items() if values is None]
    if missing:
        raise DatasetError(
            f"{path} has no array {missing[0]}; it has {', '.join(names)[:200] or 'none'}. "
            f"{CURE}"
        )
    parts = [_signals(path, found, f"X_{part}", f"Y_{part}") for part in ("train", "test")]
    (X_train, y_train), (X_test, y_test) = parts
    if X_train.shape[1] != X_test.shape[1]:
        raise DatasetError(
            f"{path}: X_train has {X_train.shape[1]} powers in a row and X_test "
            f"{X_test.shape[1]}; both must have the same. {CURE}"
        )
    X = np.concatenate([X_train, X_test])
    return X, np.concatenate([y_train, y_test]), len(X_train)


def _signals(
    path: str, found: dict[str, Array], x_name: str, y_name: str
) -> tuple[Floats, Array]:
    """Powers and senders of one part of the data."""
    X, y = np.squeeze(found[x_name]), np.squeeze(found[y_name])
    numbers = X.dtype.kind in "iuf" and X.ndim == 2 and X.size > 0
    if not numbers or not np.isfinite(X).all() or X.min() < 0:
        raise DatasetError(
            f"{path}: {x_name} has the shape {X.shape} and the type {X.dtype}; it must be a "
            f"table of finite numbers, none negative. {CURE}"
        )
    if y.shape != (len(X),) or y.dtype.kind not in "iuf" or (y != np.round(y)).any():
        raise DatasetError(
            f"{path}: {y_name} has the shape {y.shape} and the type {y.dtype}; it must hold "
            f"one whole number for each of the {len(X)} rows of {x_name}. {CURE}"
        )
    return X.astype(float), y.astype(int)
