"""How does a fitted estimator outlive the session? As HDF5 that holds numbers and names.

Nothing in a file is ever executed: the class, its device and its parts are looked up among
those that this module knows, and every value is a number, a text, a list or an array.
"""

import json
from pathlib import Path

import numpy as np
from scipy import sparse

from reservoir._files import atomic_hdf5
from reservoir.devices import MeasuredOscillator, Wire
from reservoir.devices.catalogue import WITH_PRESETS
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
# What older versions called a parameter, an attribute or a field of a class; None: dropped.
_ESTIMATOR_NAMES = {"noise": "readout_noise", "noise_": "readout_noise_"}
OLD_NAMES: dict[int, dict[str, dict[str, str | None]]] = {
    1: {
        "ReservoirClassifier": _ESTIMATOR_NAMES,
        "ReservoirRegressor": _ESTIMATOR_NAMES,
        "TimeMultiplexedReservoir": _ESTIMATOR_NAMES,
        "SpinTorqueOscillator": {"thermal_power": "power_floor"},
        "VortexOscillator": {"thermal_power": "power_floor"},
        "PhaseLockedOscillator": {"injection": "force"},
        "Wire": {"threshold_current": None, "thermal_power": None, "damping_rate": None},
    },
    2: {},
}
ESTIMATORS = {
    cls.__name__: cls
    for cls in (
        OscillatorNetwork,
        ReservoirClassifier,
        ReservoirRegressor,
        SynchronizationClassifier,
        TimeMultiplexedReservoir,
    )
}
PARTS = {
    cls.__name__: cls
    for cls in (*WITH_PRESETS, MeasuredOscillator, Wire, Drive, Ensemble, LinearReadout)
}


def save(estimator, path):
    """Write a fitted estimator to an HDF5 file.

    Parameters
    ----------
    estimator : estimator
        One of `ESTIMATORS`: a reservoir, a network, or a classifier or regressor of this
        package.
    path : str or path-like
        Replaced if it exists, and only when the new file is complete.

    Raises
    ------
    TypeError
        If the estimator, or a parameter, is of a kind that a file cannot hold.
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


def load(path):
    """Read an estimator that `save` wrote. No code of the file is run.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    estimator

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StorageError
        If the file is damaged, of another kind, or of a version this one cannot read.
    """
    import h5py

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT:
                raise StorageError(
                    f"{path} is an HDF5 file, but not a model that reservoir.save wrote."
                )
            version = file.attrs["version"]
            if version not in OLD_NAMES:
                raise StorageError(
                    f"{path} has format version {version}; this package reads versions 1 to "
                    f"{VERSION}. Load it with the package that wrote it, or fit the model "
                    "again."
                )
            estimator = _read_estimator(file, OLD_NAMES[version])
    except StorageError:
        raise
    except Exception as error:
        raise StorageError(
            f"{path} is damaged or not an HDF5 file ({type(error).__name__}: {error}); "
            "copy it again or fit the model again."
        ) from error
    return estimator


def _write_estimator(group, estimator):
    """Store an estimator's class, parameters and what it has learned."""
    group.attrs["class"] = type(estimator).__name__
    params = estimator.get_params(deep=False)
    _write(group, "params", params)
    known = {*params, "_metadata_request"}  # scikit-learn's routing is asked for anew
    fitted = {key: value for key, value in vars(estimator).items() if key not in known}
    _write(group, "fitted", fitted)


def _read_estimator(group, renamed):
    """Inverse of `_write_estimator`; `renamed` is the table of the file's version."""
    name = group.attrs["class"]
    names = renamed.get(name, {})
    params = _with_new_names(_read(group["params"], renamed), names)
    estimator = ESTIMATORS[name](**params)
    for attribute, value in _with_new_names(_read(group["fitted"], renamed), names).items():
        setattr(estimator, attribute, value)
    return estimator


def _with_new_names(values, names):
    """Values under today's names, without those that were dropped."""
    renamed = {names.get(name, name): value for name, value in values.items()}
    renamed.pop(None, None)
    return renamed


def _write(group, name, value):
    """Store a value under a name, with its kind as an attribute."""
    part = PARTS.get(type(value).__name__)
    if ESTIMATORS.get(type(value).__name__) is type(value):
        child = group.create_group(name)
        child.attrs["kind"] = "estimator"
        _write_estimator(child, value)
    elif sparse.issparse(value):
        entries = sparse.coo_array(value)
        child = group.create_group(name)
        child.attrs["kind"] = "sparse"
        child.attrs["shape"] = entries.shape
        child["row"], child["column"] = entries.coords
        child["data"] = entries.data
    elif part is not None and type(value) is part:
        child = group.create_group(name)
        child.attrs["kind"] = type(value).__name__
        for key, entry in vars(value).items():
            _write(child, key, entry)
    elif isinstance(value, dict) and all(map(_is_name, value)):
        child = group.create_group(name)
        child.attrs["kind"] = "dict"
        for key, entry in value.items():
            _write(child, key, entry)
    elif isinstance(value, dict):
        # Labels as keys: of any plain kind, with what a name in the file may not have.
        child = group.create_group(name)
        child.attrs["kind"] = "mapping"
        _write(child, "keys", list(value))
        for number, entry in enumerate(value.values()):
            _write(child, str(number), entry)
    elif isinstance(value, np.ndarray) and value.dtype.kind in "fiubc":
        group.create_dataset(name, data=value).attrs["kind"] = "array"
    elif isinstance(value, np.ndarray) and value.dtype.kind in "UO":
        if not all(isinstance(entry, str) for entry in value.ravel()):
            raise TypeError(
                f"{name} holds {type(value.ravel()[0]).__name__} objects; an HDF5 file "
                "holds numbers and texts."
            )
        child = _write_text(group, name, json.dumps(value.tolist()), "texts")
        child.attrs["dtype"] = value.dtype.str
    elif isinstance(value, complex | np.complexfloating):
        group.create_dataset(name, data=complex(value)).attrs["kind"] = "complex"
    else:
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
        kind = "tuple" if isinstance(value, tuple) else "json"
        _write_text(group, name, text, kind)


def _is_name(key):
    return isinstance(key, str) and key.isidentifier()


def _plain(value):
    """A numpy number as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError


def _write_text(group, name, text, kind):
    child = group.create_dataset(name, data=np.frombuffer(text.encode(), dtype=np.uint8))
    child.attrs["kind"] = kind
    return child


def _read(item, renamed):
    """Inverse of `_write`; `renamed` is the table of the file's version."""
    kind = item.attrs["kind"]
    if kind == "array":
        return item[()]
    if kind == "complex":
        return complex(item[()])
    if kind == "sparse":
        entries = item["data"][()], (item["row"][()], item["column"][()])
        return sparse.csr_array(entries, shape=tuple(item.attrs["shape"]))
    if kind == "estimator":
        return _read_estimator(item, renamed)
    if kind == "mapping":
        keys = _read(item["keys"], renamed)
        return {key: _read(item[str(number)], renamed) for number, key in enumerate(keys)}
    if kind == "dict" or kind in PARTS:
        values = {name: _read(child, renamed) for name, child in item.items()}
        if kind == "dict":
            return values
        return PARTS[kind](**_with_new_names(values, renamed.get(kind, {})))
    value = json.loads(item[()].tobytes().decode())
    if kind == "texts":
        return np.array(value, dtype=item.attrs["dtype"])
    return tuple(value) if kind == "tuple" else value
