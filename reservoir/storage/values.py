"""How does a value become an item of an HDF5 file, and the same value again?

Each item has the attribute ``kind``, which names the way back.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from reservoir._hdf5_tree import Allowance, Item, parse_json
from reservoir.devices import Device
from reservoir.exceptions import StorageError
from reservoir.storage.classes import (
    ESTIMATORS,
    PARTS,
    VERSION,
    check_names,
    renamed,
    with_new_parameters,
)
from reservoir.storage.whole import check_whole

ROUTING = "_metadata_request"  # where scikit-learn keeps what an estimator asks for
METHODS = ("fit", "partial_fit", "predict", "predict_proba", "score", "transform")
OWN_DEVICE = "own device"  # The kind of an entry whose class is not one of this package.
TEXT_TYPE = re.compile(r"[<>=|]U\d{1,6}|\|O")
# Bytes that a sparse matrix takes for each row and column, and for each entry or block.
ROW_BYTES, ENTRY_BYTES = 200, 300


@dataclass(frozen=True)
class Source:
    """The file that is read.

    Attributes
    ----------
    path : str
    version : int
    devices : dict of str to type
        Classes of the user's own devices, by their names.
    allowance : Allowance
        Bytes that may be made of the file.
    """

    path: str
    version: int
    devices: Mapping[str, type[Device]]
    allowance: Allowance


# ---------------------------------------------------------------------- estimators


def write_estimator(group: Any, estimator: Any) -> None:
    """Store an estimator's class, its parameters and what it has learned.

    Parameters
    ----------
    group : h5py.Group
    estimator : estimator

    Raises
    ------
    TypeError
        If the estimator has an attribute that is not one of its class, or a value that a
        file cannot hold.
    """
    cls = type(estimator)
    group.attrs["class"] = cls.__name__
    params = estimator.get_params(deep=False)
    known = {*params, ROUTING}
    learned = {key: value for key, value in vars(estimator).items() if key not in known}
    try:
        check_names(cls, set(params), set(learned), VERSION)
    except ValueError as error:
        raise TypeError(
            f"This {cls.__name__} cannot be saved: {error}. A file holds all parameters and "
            "learned attributes of the class and no others; fit it to the end, and delete "
            "others before saving."
        ) from None
    _write_named(group, "params", params)
    _write_named(group, "fitted", learned)
    try:
        check_whole(estimator)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"This {cls.__name__} cannot be saved: {error}. If a parameter was changed after "
            "the fit, fit it again."
        ) from None
    if ROUTING in vars(estimator):  # as after ``set_fit_request(groups=True)``
        asked = vars(getattr(estimator, ROUTING))
        requests = {name: dict(asked[name].requests) for name in asked if name in METHODS}
        write_value(group, "requests", requests)


def read_estimator(group: Item, source: Source) -> Any:
    """Inverse of `write_estimator`.

    Parameters
    ----------
    group : Item
    source : Source

    Returns
    -------
    estimator

    Raises
    ------
    ValueError
        If the class is not one of this package, or its values do not belong together.
    """
    name = group.attributes["class"]
    if not isinstance(name, str) or name not in ESTIMATORS:
        raise ValueError(f"there is no estimator {name!r:.80}")
    cls = ESTIMATORS[name]
    params = renamed(name, read_value(group.children["params"], source), source.version)
    params = with_new_parameters(name, params, source.version)
    learned = renamed(name, read_value(group.children["fitted"], source), source.version)
    check_names(cls, set(params), set(learned), source.version)
    estimator = cls(**params)
    for attribute, value in learned.items():
        setattr(estimator, attribute, value)
    if "requests" in group.children:
        _ask(estimator, read_value(group.children["requests"], source))
    check_whole(estimator)
    return estimator


def _ask(estimator: Any, requests: Mapping[str, Mapping[str, Any]]) -> None:
    """Ask for metadata as the saved estimator did."""
    routing = estimator.get_metadata_routing()
    for method, asked in requests.items():
        for name, alias in asked.items():
            if method not in METHODS or not isinstance(alias, str | bool | None):
                raise ValueError(
                    f"{method!r:.80} cannot ask for {name!r:.80} as {alias!r:.80}"
                )
            getattr(routing, method).add_request(param=name, alias=alias)
    setattr(estimator, ROUTING, routing)


# ---------------------------------------------------------------------- values


def write_value(group: Any, name: str, value: Any) -> None:
    """Store a value under a name, with its kind as an attribute.

    Parameters
    ----------
    group : h5py.Group
    name : str
    value : object
        A number, a text, None, an array, a list, a tuple, a dict, a sparse matrix, a device,
        or an estimator.

    Raises
    ------
    TypeError
        If it is something else.
    """
    class_name = type(value).__name__
    if ESTIMATORS.get(class_name) is type(value):
        write_estimator(_new_group(group, name, "estimator"), value)
    elif PARTS.get(class_name) is type(value):
        _write_fields(_new_group(group, name, class_name), value)
    elif isinstance(value, Device):
        _write_own_device(group, name, value)
    elif isinstance(value, BaseEstimator):
        raise TypeError(
            f"{name} is a {class_name}, whose class a file does not know; it knows "
            f"{', '.join(ESTIMATORS)}. Take one of these, or save alone what comes behind "
            "it: the classifier_ of a SpeechClassifier takes frames."
        )
    elif sparse.issparse(value):
        _write_sparse(group, name, value)
    elif isinstance(value, dict):
        _write_dict(group, name, value)
    elif isinstance(value, np.ndarray):
        _write_array(group, name, value)
    elif isinstance(value, np.generic) and value.dtype.kind in "fiubc":
        group.create_dataset(name, data=value).attrs["kind"] = "number"
    elif isinstance(value, complex):
        group.create_dataset(name, data=value).attrs["kind"] = "complex"
    elif isinstance(value, list | tuple) and not all(map(_is_plain, value)):
        _write_items(group, name, value)
    else:
        _write_json(group, name, value)


def read_value(item: Item, source: Source) -> Any:
    """Inverse of `write_value`.

    Parameters
    ----------
    item : Item
    source : Source

    Returns
    -------
    object
    """
    kind = item.attributes["kind"]
    if kind in PARTS:
        return PARTS[kind](**renamed(kind, _read_dict(item, source), source.version))
    return READERS[kind](item, source)


def _new_group(group: Any, name: str, kind: str) -> Any:
    child = group.create_group(name)
    child.attrs["kind"] = kind
    return child


# ---------------------------------------------------------------------- dataclasses


def _write_fields(group: Any, value: Any) -> None:
    """Store the fields of a dataclass from which it can be made again."""
    for field in dataclasses.fields(value):
        if field.init:
            write_value(group, field.name, getattr(value, field.name))


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


def _read_own_device(item: Item, source: Source) -> Device:
    """A device of a class that the user gave; refuses one of any other class."""
    class_name = item.attributes["class"]
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


# ---------------------------------------------------------------------- containers


def _write_dict(group: Any, name: str, value: Mapping[Any, Any]) -> None:
    """Store a dict: by its keys if they are names in order, else keys and values apart."""
    names = all(type(key) is str and key.isidentifier() for key in value)
    if names and list(value) == sorted(value):  # as they come back from a file
        _write_named(group, name, value)
        return
    # Labels as keys are of any plain kind, and may hold what a name in a file may not.
    child = _new_group(group, name, "pairs")
    write_value(child, "keys", list(value))
    write_value(child, "values", list(value.values()))


def _write_named(group: Any, name: str, value: Mapping[str, Any]) -> None:
    """Store values by their names, whose order a file does not keep."""
    child = _new_group(group, name, "dict")
    for key, entry in value.items():
        write_value(child, key, entry)


def _read_dict(item: Item, source: Source) -> dict[str, Any]:
    return {name: read_value(child, source) for name, child in item.children.items()}


def _read_pairs(item: Item, source: Source) -> dict[Any, Any]:
    keys, values = (read_value(item.children[part], source) for part in ("keys", "values"))
    return dict(zip(keys, values, strict=True))


def _read_mapping(item: Item, source: Source) -> dict[Any, Any]:
    """A dict as versions 1 and 2 stored it."""
    keys = read_value(item.children["keys"], source)
    return {
        key: read_value(item.children[str(number)], source) for number, key in enumerate(keys)
    }


def _write_items(group: Any, name: str, value: Sequence[Any]) -> None:
    """Store a list or tuple whose entries are more than JSON can tell apart."""
    if all(isinstance(entry, np.generic) for entry in value):
        array = np.array(value)
        if {array.dtype} == {entry.dtype for entry in value} and array.dtype.kind in "fiubc":
            data = group.create_dataset(name, data=array)
            data.attrs["kind"], data.attrs["tuple"] = "numbers", isinstance(value, tuple)
            return
    child = _new_group(group, name, "items")
    child.attrs["tuple"] = isinstance(value, tuple)
    for number, entry in enumerate(value):
        write_value(child, str(number), entry)


def _read_numbers(item: Item, source: Source) -> Any:
    return tuple(item.value) if item.attributes["tuple"] else list(item.value)


def _read_items(item: Item, source: Source) -> Any:
    values = [
        read_value(item.children[str(number)], source) for number in range(len(item.children))
    ]
    return tuple(values) if item.attributes["tuple"] else values


# ---------------------------------------------------------------------- arrays


def _write_array(group: Any, name: str, value: Any) -> None:
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, which a file cannot hold; fill its gaps.")
    if value.dtype.kind in "fiubc":
        data = group.create_dataset(name, data=value)
        data.attrs["kind"] = "array"
        # Products add up in the order in which an array lies in memory.
        if value.flags.f_contiguous and not value.flags.c_contiguous:
            data.attrs["order"] = "F"
    elif value.dtype.kind in "UO":
        _write_texts(group, name, value)
    else:
        raise TypeError(
            f"{name} is an array of {value.dtype}; an HDF5 file holds numbers and texts."
        )


def _read_array(item: Item, source: Source) -> Any:
    value = item.value
    return np.asfortranarray(value) if item.attributes.get("order") == "F" else value


def _write_sparse(group: Any, name: str, value: Any) -> None:
    entries = sparse.coo_array(value)
    child = _new_group(group, name, "sparse")
    child.attrs["shape"] = entries.shape
    child.attrs["layout"] = value.format
    child.attrs["matrix"] = isinstance(value, sparse.spmatrix)
    child["row"], child["column"] = entries.coords
    child["data"] = entries.data


def _read_sparse(item: Item, source: Source) -> Any:
    n_rows, n_columns = (int(length) for length in item.attributes["shape"])
    rows, columns = (item.children[name].value for name in ("row", "column"))
    layout = item.attributes.get("layout", "csr")
    claimed = ROW_BYTES * (n_rows + n_columns) + ENTRY_BYTES * len(rows)
    if layout == "dia":
        claimed += 8 * n_columns * len(np.unique(columns.astype(int) - rows.astype(int)))
    source.allowance.spend(claimed, "a sparse matrix")
    entries = item.children["data"].value, (rows, columns)
    matrix = sparse.coo_array(entries, shape=(n_rows, n_columns))
    if item.attributes.get("matrix", False):
        matrix = sparse.coo_matrix(matrix)
    return matrix.asformat(layout)


# ---------------------------------------------------------------------- texts


def _write_texts(group: Any, name: str, value: Any) -> None:
    """Store an array of texts."""
    if not all(isinstance(entry, str) for entry in value.ravel()):
        raise TypeError(
            f"{name} holds {type(value.ravel()[0]).__name__} objects; an HDF5 file "
            "holds numbers and texts."
        )
    child = _write_text(group, name, json.dumps(value.tolist()), "texts")
    child.attrs["dtype"] = value.dtype.str


def _read_texts(item: Item, source: Source) -> Any:
    """An array of texts, whose type is wide enough for them."""
    value, dtype = _read_json(item, source), item.attributes["dtype"]
    if not isinstance(dtype, str) or not TEXT_TYPE.fullmatch(dtype):
        raise ValueError(f"{dtype!r:.80} is no type of texts")
    source.allowance.spend(np.dtype(dtype).itemsize * np.size(value), "an array of texts")
    texts = np.array(value, dtype=dtype)
    if texts.tolist() != value:
        raise ValueError(f"{dtype} is too short for the texts")
    return texts


def _is_plain(value: Any) -> bool:
    """Whether JSON gives a value back as what it was."""
    if type(value) is list:
        return all(map(_is_plain, value))
    return value is None or type(value) in (bool, int, float, str)


def _write_json(group: Any, name: str, value: Any) -> None:
    """Store a number, a text, None, a list or tuple of these, or the name of a dtype."""
    kind = "tuple" if isinstance(value, tuple) else "json"
    if isinstance(value, np.dtype) and value.fields is None:
        kind, value = "dtype", value.str
    elif isinstance(value, type) and issubclass(value, np.generic):
        kind, value = "type", np.dtype(value).str
    try:
        text = json.dumps(value)
    except TypeError:
        cure = " Give random_state as an integer." if name == "random_state" else ""
        raise TypeError(
            f"{name} is a {type(value).__name__}; an HDF5 file holds numbers, texts, "
            f"lists and arrays.{cure}"
        ) from None
    _write_text(group, name, text, kind)


def _read_json(item: Item, source: Source) -> Any:
    return parse_json(item.value.tobytes(), "a list", source.allowance)


def _write_text(group: Any, name: str, text: str, kind: str) -> Any:
    child = group.create_dataset(name, data=np.frombuffer(text.encode(), dtype=np.uint8))
    child.attrs["kind"] = kind
    return child


READERS: Mapping[str, Callable[[Item, Source], Any]] = {
    "array": _read_array,
    "complex": lambda item, source: complex(item.value[()]),
    "dict": _read_dict,
    "dtype": lambda item, source: np.dtype(_read_json(item, source)),
    "estimator": read_estimator,
    "items": _read_items,
    "json": _read_json,
    "mapping": _read_mapping,
    "numbers": _read_numbers,
    "pairs": _read_pairs,
    "number": lambda item, source: item.value[()],
    "sparse": _read_sparse,
    "texts": _read_texts,
    "tuple": lambda item, source: tuple(_read_json(item, source)),
    "type": lambda item, source: np.dtype(_read_json(item, source)).type,
    OWN_DEVICE: _read_own_device,
}
