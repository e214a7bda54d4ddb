"""How does a fitted estimator outlive the session? As an HDF5 file of numbers and names.

Nothing in a file is ever executed. A file holds the names of classes, which are looked up
among those that this module knows, and every value in it is a number, a text, a list or an
array. The class of a device of the user's own is looked up among those given to `load`.
"""

import dataclasses
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from reservoir._files import atomic_hdf5, plain
from reservoir.devices import Device, MeasuredOscillator, Wire
from reservoir.devices.catalogue import PRESET_CLASSES
from reservoir.exceptions import StorageError
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.multiplexing.drive import Drive
from reservoir.multiplexing.ensemble import Ensemble
from reservoir.multiplexing.regressor import ReservoirRegressor
from reservoir.multiplexing.transformer import TimeMultiplexedReservoir
from reservoir.networks.network import OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier
from reservoir.readout import LinearReadout

FORMAT = "oscillator-reservoir model"
VERSION = 2
_NOISE = {"noise": "readout_noise", "noise_": "readout_noise_"}
# OLD_NAMES[v] holds what was renamed between the format versions v and v + 1. For each class
# it leads from the name of a parameter, an attribute or a field in version v to the name in
# version v + 1, or to None if the value is no longer needed. A file of version v goes through
# the tables of v, v + 1, ... one after the other. So a table is never changed once files of
# its next version exist: a new renaming raises VERSION by 1 and adds a table.
OLD_NAMES: Mapping[int, Mapping[str, Mapping[str, str | None]]] = {
    1: {
        "ReservoirClassifier": _NOISE,
        "ReservoirRegressor": _NOISE,
        "TimeMultiplexedReservoir": _NOISE,
        "SpinTorqueOscillator": {"thermal_power": "power_floor"},
        "VortexOscillator": {"thermal_power": "power_floor"},
        "PhaseLockedOscillator": {"injection": "force"},
        "Wire": {"threshold_current": None, "thermal_power": None, "damping_rate": None},
    },
}
ESTIMATORS: Mapping[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        OscillatorNetwork,
        ReservoirClassifier,
        ReservoirRegressor,
        SynchronizationClassifier,
        TimeMultiplexedReservoir,
    )
}
PARTS: Mapping[str, type[Any]] = {
    cls.__name__: cls
    for cls in (*PRESET_CLASSES, MeasuredOscillator, Wire, Drive, Ensemble, LinearReadout)
}
OWN_DEVICE = "own device"  # The kind of an entry whose class is not one of this package.


def save(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator to an HDF5 file.

    Parameters
    ----------
    estimator : estimator
        A reservoir, a network, or a classifier or regressor of this package. Its device may
        be one of your own if the class of the device is a dataclass.
    path : str or path-like
        An existing file is replaced, and only when the new file is complete.

    Raises
    ------
    TypeError
        If a file cannot hold the estimator, or one of its parameters.
    FileNotFoundError
        If the folder does not exist.

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
    name = type(estimator).__name__
    if ESTIMATORS.get(name) is not type(estimator):
        raise TypeError(f"A {name} cannot be saved; these can: {', '.join(ESTIMATORS)}.")
    with atomic_hdf5(path) as file:
        file.attrs["format"] = FORMAT
        file.attrs["version"] = VERSION
        _write_estimator(file, estimator)


def load(path: str | os.PathLike[str], *, devices: Iterable[type[Device]] = ()) -> Any:
    """Read an estimator that `save` wrote. No code of the file is run.

    Parameters
    ----------
    path : str or path-like
    devices : iterable of classes, default=()
        Classes of your own devices that the file may use, as in ``devices=(MyDevice,)``. The
        file holds the fields of a device, and the class of its name is made from them.

    Returns
    -------
    estimator

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StorageError
        If the file is damaged, is of another kind, has a version that cannot be read, or uses
        a device whose class is not given.
    TypeError
        If `devices` holds something else than classes of devices.

    See Also
    --------
    reservoir.devices.device : What a device of one's own must offer.
    """
    import h5py

    path, own = Path(path), _classes_by_name(devices)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT:
                raise StorageError(
                    f"{path} is an HDF5 file, but not a model that reservoir.save wrote."
                )
            version = file.attrs.get("version")
            if np.ndim(version) != 0 or version not in range(1, VERSION + 1):
                raise StorageError(
                    f"{path} has format version {plain(version)!r}; this package reads "
                    f"versions 1 to {VERSION}. Load it with the package that wrote it, or "
                    "fit the model again."
                )
            estimator = _read_estimator(file, _Source(path, int(version), own))
    except StorageError:
        raise
    except Exception as error:
        raise StorageError(
            f"{path} is damaged or not an HDF5 file ({type(error).__name__}: {error}); "
            "copy it again or fit the model again."
        ) from error
    return estimator


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


@dataclass(frozen=True)
class _Source:
    """The file that is read: its version, and the classes of devices that it may use."""

    path: Path
    version: int
    devices: Mapping[str, type[Device]]

    def with_new_names(self, class_name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of a class under today's names, without those that are no longer needed."""
        renamed = dict(values)
        for version in range(self.version, VERSION):
            names = OLD_NAMES[version].get(class_name, {})
            renamed = {
                new_name: value
                for name, value in renamed.items()
                if (new_name := names.get(name, name)) is not None
            }
        return renamed


def _write_estimator(group: Any, estimator: Any) -> None:
    """Store an estimator's class, its parameters and what it has learned."""
    group.attrs["class"] = type(estimator).__name__
    params = estimator.get_params(deep=False)
    _write(group, "params", params)
    known = {*params, "_metadata_request"}  # scikit-learn makes its routing again.
    fitted = {key: value for key, value in vars(estimator).items() if key not in known}
    _write(group, "fitted", fitted)


def _read_estimator(group: Any, source: _Source) -> Any:
    """Inverse of `_write_estimator`."""
    name = group.attrs["class"]
    params = source.with_new_names(name, _read(group["params"], source))
    estimator = ESTIMATORS[name](**params)
    fitted = source.with_new_names(name, _read(group["fitted"], source))
    for attribute, value in fitted.items():
        setattr(estimator, attribute, value)
    return estimator


def _write(group: Any, name: str, value: Any) -> None:
    """Store a value under a name, with its kind as an attribute."""
    class_name = type(value).__name__
    if ESTIMATORS.get(class_name) is type(value):
        _write_estimator(_new_group(group, name, "estimator"), value)
    elif PARTS.get(class_name) is type(value):
        _write_fields(_new_group(group, name, class_name), value)
    elif isinstance(value, Device):
        _write_own_device(group, name, value)
    elif sparse.issparse(value):
        _write_sparse(group, name, value)
    elif isinstance(value, dict):
        _write_dict(group, name, value)
    elif isinstance(value, np.ndarray) and value.dtype.kind in "fiubc":
        group.create_dataset(name, data=value).attrs["kind"] = "array"
    elif isinstance(value, np.ndarray) and value.dtype.kind in "UO":
        _write_texts(group, name, value)
    elif isinstance(value, complex | np.complexfloating):
        group.create_dataset(name, data=complex(value)).attrs["kind"] = "complex"
    else:
        _write_json(group, name, value)


def _new_group(group: Any, name: str, kind: str) -> Any:
    child = group.create_group(name)
    child.attrs["kind"] = kind
    return child


def _write_fields(group: Any, value: Any) -> None:
    """Store the fields of a dataclass from which it can be made again."""
    for field in dataclasses.fields(value):
        if field.init:
            _write(group, field.name, getattr(value, field.name))


def _write_own_device(group: Any, name: str, device: Device) -> None:
    """Store a device whose class is the user's: the name of the class, and the fields."""
    class_name = type(device).__name__
    if not dataclasses.is_dataclass(device):
        raise TypeError(
            f"{name} is a {class_name}, which is no dataclass, and a file holds a device by "
            "the fields of its dataclass. If the class is yours, write "
            "@dataclass(frozen=True) above it."
        )
    child = _new_group(group, name, OWN_DEVICE)
    child.attrs["class"] = class_name
    _write_fields(child, device)


def _write_sparse(group: Any, name: str, value: Any) -> None:
    entries = sparse.coo_array(value)
    child = _new_group(group, name, "sparse")
    child.attrs["shape"] = entries.shape
    child["row"], child["column"] = entries.coords
    child["data"] = entries.data


def _write_dict(group: Any, name: str, value: Mapping[Any, Any]) -> None:
    """Store a dict: by its keys if all of them are names, else keys and values apart."""
    if all(isinstance(key, str) and key.isidentifier() for key in value):
        child = _new_group(group, name, "dict")
        for key, entry in value.items():
            _write(child, key, entry)
        return
    # Labels as keys are of any plain kind, and may hold what a name in a file may not.
    child = _new_group(group, name, "mapping")
    _write(child, "keys", list(value))
    for number, entry in enumerate(value.values()):
        _write(child, str(number), entry)


def _write_texts(group: Any, name: str, value: Any) -> None:
    """Store an array of texts."""
    if not all(isinstance(entry, str) for entry in value.ravel()):
        raise TypeError(
            f"{name} holds {type(value.ravel()[0]).__name__} objects; an HDF5 file "
            "holds numbers and texts."
        )
    child = _write_text(group, name, json.dumps(value.tolist()), "texts")
    child.attrs["dtype"] = value.dtype.str


def _write_json(group: Any, name: str, value: Any) -> None:
    """Store a number, a text, a list, a tuple, None, or the name of a dtype."""
    if isinstance(value, np.dtype) or (
        isinstance(value, type) and issubclass(value, np.generic)
    ):
        value = np.dtype(value).name
    try:
        text = json.dumps(value, default=_plain)
    except TypeError:
        cure = " Give random_state as an integer." if name == "random_state" else ""
        raise TypeError(
            f"{name} is a {type(value).__name__}; an HDF5 file holds numbers, texts, "
            f"lists and arrays.{cure}"
        ) from None
    _write_text(group, name, text, "tuple" if isinstance(value, tuple) else "json")


def _plain(value: object) -> Any:
    """A numpy number as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError


def _write_text(group: Any, name: str, text: str, kind: str) -> Any:
    child = group.create_dataset(name, data=np.frombuffer(text.encode(), dtype=np.uint8))
    child.attrs["kind"] = kind
    return child


def _read(item: Any, source: _Source) -> Any:
    """Inverse of `_write`."""
    kind = item.attrs["kind"]
    if kind in PARTS:
        return PARTS[kind](**source.with_new_names(kind, _read_dict(item, source)))
    return READERS.get(kind, _read_text)(item, source)


def _read_own_device(item: Any, source: _Source) -> Device:
    """A device of a class that the user gave; refuses one of any other class."""
    class_name = item.attrs["class"]
    if class_name not in source.devices:
        raise StorageError(
            f"{source.path} uses a device of the class {class_name}, which is not one of "
            "this package. Import the class and give it: "
            f"load(path, devices=({class_name},))."
        )
    values = _read_dict(item, source)
    try:
        return source.devices[class_name](**values)
    except Exception as error:
        raise StorageError(
            f"{source.path} holds a {class_name} with the fields {', '.join(values)}, but "
            f"the class that was given refuses them ({type(error).__name__}: {error}). Give "
            "the class with which the model was saved."
        ) from error


def _read_dict(item: Any, source: _Source) -> dict[str, Any]:
    return {name: _read(child, source) for name, child in item.items()}


def _read_mapping(item: Any, source: _Source) -> dict[Any, Any]:
    keys = _read(item["keys"], source)
    return {key: _read(item[str(number)], source) for number, key in enumerate(keys)}


def _read_sparse(item: Any, source: _Source) -> Any:
    entries = item["data"][()], (item["row"][()], item["column"][()])
    return sparse.csr_array(entries, shape=tuple(item.attrs["shape"]))


def _read_text(item: Any, source: _Source) -> Any:
    """What was stored as JSON: one value, a tuple, or an array of texts."""
    value = json.loads(item[()].tobytes().decode())
    if item.attrs["kind"] == "texts":
        return np.array(value, dtype=item.attrs["dtype"])
    return tuple(value) if item.attrs["kind"] == "tuple" else value


READERS: Mapping[str, Callable[[Any, _Source], Any]] = {
    "array": lambda item, source: item[()],
    "complex": lambda item, source: complex(item[()]),
    "dict": _read_dict,
    "estimator": _read_estimator,
    "mapping": _read_mapping,
    "sparse": _read_sparse,
    OWN_DEVICE: _read_own_device,
}
