"""How does a fitted estimator outlive the session? As an HDF5 file of numbers and names.

Nothing in a file is ever executed. A file holds the names of classes, which are looked up
among those of `reservoir.storage.classes`, and every value in it is a number, a text, a list
or an array. The class of a device of the user's own is looked up among those given to `load`.
"""

import os
from collections.abc import Iterable
from typing import Any

from reservoir._hdf5 import Form, opened_form, written_hdf5
from reservoir._hdf5_tree import Item
from reservoir.devices import Device
from reservoir.storage.classes import ESTIMATORS, VERSION
from reservoir.storage.values import (
    Source,
    read_estimator,
    read_value,
    write_estimator,
    write_value,
)

DEVICE = "device"  # The entry of a file that holds a device alone.
MODEL = Form("oscillator-reservoir model", "model", "reservoir.save", VERSION, first_digest=3)


def save(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator, or a device, to an HDF5 file.

    Parameters
    ----------
    estimator : estimator or device
        A reservoir, a network, an ear, or a classifier or regressor of this package. Its
        device may be one of your own if the class of the device is a dataclass. A
        `SpeechClassifier` takes its ear and its sampling rate along. A device may also be
        saved alone. Of a scikit-learn pipeline the steps are saved, each to a file.
    path : str or path-like
        An existing file is replaced, and only when the new file is complete. A link is
        followed.

    Raises
    ------
    TypeError
        If a file cannot hold the estimator, or one of its parameters.
    FileNotFoundError
        If the folder does not exist.
    OSError
        If the file cannot be written, as on a full disk; an earlier file is then as it was.

    Examples
    --------
    >>> import numpy as np, tempfile, pathlib
    >>> from reservoir import ReservoirClassifier, load, save
    >>> X, y = np.random.default_rng(0).normal(size=(20, 5, 2)), [0, 1] * 10
    >>> classifier = ReservoirClassifier(n_nodes=10, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(classifier, pathlib.Path(folder) / "model.h5")
    ...     again = load(pathlib.Path(folder) / "model.h5")
    >>> bool((again.decision_function(X) == classifier.decision_function(X)).all())
    True
    """
    if isinstance(estimator, Device):
        with written_hdf5(path, MODEL) as file:
            write_value(file, DEVICE, estimator)
        return
    if not _has_form(estimator):
        raise TypeError(_refusal(estimator))
    with written_hdf5(path, MODEL) as file:
        write_estimator(file, estimator)


def _has_form(estimator: Any) -> bool:
    """Whether a file can hold estimators of this class."""
    return ESTIMATORS.get(type(estimator).__name__) is type(estimator)


def _refusal(estimator: Any) -> str:
    """What to do with an object that a file cannot hold."""
    refused = f"A {type(estimator).__name__} cannot be saved"
    if hasattr(estimator, "best_estimator_"):
        return f"{refused}; save its best_estimator_."
    if hasattr(estimator, "steps"):
        able = [name for name, step in estimator.steps if _has_form(step)]
        calls = " and ".join(f"save(pipeline[{name!r}], path)" for name in able)
        each = f"Save its steps, each to a path of its own: {calls}. " if able else ""
        return (
            f"{refused}. {each}A SpeechClassifier goes from waveforms to labels in one file. "
            "joblib.dump writes whole pipelines."
        )
    return f"{refused}; these can: {', '.join(ESTIMATORS)}."


def load(path: str | os.PathLike[str], *, devices: Iterable[type[Device]] = ()) -> Any:
    """Read an estimator or a device that `save` wrote. No code of the file is run.

    Parameters
    ----------
    path : str or path-like
    devices : iterable of classes, default=()
        Classes of your own devices that the file may use, as in ``devices=(MyDevice,)``. The
        file holds the fields of a device, and the class of its name is made from them.

    Returns
    -------
    estimator or device

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StorageError
        If the file was changed after it was written, is damaged or of another kind, has a
        version that cannot be read, or uses a device whose class is not given.
    TypeError
        If `devices` holds something else than classes of devices.

    Warns
    -----
    StorageWarning
        If the file is of version 1 or 2, which had no digest of its content.

    See Also
    --------
    reservoir.devices.device : What a device of one's own must offer.

    Notes
    -----
    A file holds a digest of its content, by which every damage is found. The digest is no
    signature: whoever changes a file on purpose can compute it anew. Against such a file
    there are limits. No other file is read. Only the classes of this package and those in
    `devices` are made, with the parameters and attributes that they have. The memory stays
    below 64 MB and 20 times the size of the file. What an estimator from such a file
    predicts is another matter; take models from people whom you trust.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from reservoir import SpinTorqueOscillator, load, save
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "device.h5"
    >>> save(SpinTorqueOscillator.from_preset("torrejon2017"), path)
    >>> load(path).threshold_current
    0.0035
    """
    own = _classes_by_name(devices)
    with opened_form(path, MODEL) as (file, version):
        source = Source(os.fsdecode(path), version, own, file.allowance)
        if DEVICE in file.children:
            return _device_in(file.children[DEVICE], source)
        return read_estimator(file, source)


def _device_in(item: Item, source: Source) -> Device:
    """A device that was saved alone."""
    device = read_value(item, source)
    if not isinstance(device, Device):
        raise ValueError(f"there is a {type(device).__name__} in the place of a device")
    return device


def _classes_by_name(devices: Iterable[type[Device]]) -> dict[str, type[Device]]:
    """The classes that a user hands to `load`, under their names."""
    if isinstance(devices, type):
        raise TypeError(
            f"devices is the class {devices.__name__}; give a tuple of classes, "
            f"devices=({devices.__name__},)."
        )
    classes: dict[str, type[Device]] = {}
    for cls in devices:
        if not (isinstance(cls, type) and issubclass(cls, Device)):
            raise TypeError(
                f"devices holds {cls!r:.80}; it must hold classes that derive from "
                "reservoir.devices.Device."
            )
        if classes.setdefault(cls.__name__, cls) is not cls:
            raise ValueError(
                f"devices holds two classes of the name {cls.__name__}, and a file tells "
                "devices apart by their names; give one of the two."
            )
    return classes
