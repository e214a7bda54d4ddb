"""What does an HDF5 file hold? Read without following it anywhere else.

HDF5 itself may fall into an endless loop, or end the process, when it reads a damaged file.
A file of ours that has no digest is therefore read in a process of its own first: this
module is also the script that such a process runs. So it imports nothing of the package.
"""

import io
import math
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# Limits of what is read, so that a file never takes more memory than 64 MB and 20 times its
# own size: that size twice for the file itself, and the data as often as these allow.
MAX_DEPTH = 24  # groups within groups
MAX_OBJECTS = 2500
MAX_ATTRIBUTE_BYTES = 1 << 16
SPARE_BYTES = 16 << 20
EXPANSION = 4  # bytes of compressed data for each byte of the file
NUMBERS_AND_TEXTS = "biufcS"  # kinds of numpy's dtypes; texts of a fixed length
TRIAL_SECONDS = 10.0  # for a file without a digest, and as many for each 10 MB of it
TRIAL_BYTES = 1 << 31  # of address space, and 20 times the size of the file
REFUSED = 3  # status of a trial that ends with an error of Python
TRIAL = "import runpy, sys; sys.path.pop(0); runpy.run_path(sys.argv[1], run_name='__main__')"


class UnsafeFileError(ValueError):
    """A file leads elsewhere, claims more than it holds, or holds what is never written."""


_LINK = "{} is a link to another place or file, and links are not followed; put a copy there."


@dataclass
class Item:
    """A group or a data set that was read.

    Attributes
    ----------
    attributes : dict
    value : ndarray or None
        None for a group.
    children : dict of str to Item
    """

    attributes: dict[str, Any]
    value: Any = None
    children: "dict[str, Item]" = field(default_factory=dict)


def read_tree(file: Any, name: str) -> Item:
    """Everything in a file of ours, which leads nowhere else and claims what it holds.

    Only groups and data sets are allowed. Each hangs in the tree by one hard link, and data
    lie in the file itself, whole and as they are. The functions of HDF5 itself are called,
    because a walk through h5py's own objects takes three times as long.

    Parameters
    ----------
    file : h5py.File
    name : str
        Of the file, for messages.

    Returns
    -------
    Item
        The uppermost group.

    Raises
    ------
    UnsafeFileError
        If the file is not like that.
    """
    import h5py

    left = file.id.get_filesize()
    root = Item(_attributes_of(file.id, name))
    seen = {h5py.h5o.get_info(file.id).addr}
    waiting = [(name, file.id, root, 0)]
    while waiting:
        place, group, item, depth = waiting.pop()
        for key in group:
            where = f"{place}: {key.decode('utf-8', 'replace'):.80}"
            link = group.links.get_info(key)
            if link.type != h5py.h5l.TYPE_HARD:
                raise UnsafeFileError(_LINK.format(where))
            if link.u in seen or depth >= MAX_DEPTH or len(seen) >= MAX_OBJECTS:
                raise UnsafeFileError(
                    f"{where} is in the file more than once, or the file has more than "
                    f"{MAX_OBJECTS} objects, or more than {MAX_DEPTH} groups within groups; "
                    "such a file is not read."
                )
            seen.add(link.u)
            found = h5py.h5o.open(group, key)
            child = Item(_attributes_of(found, where))
            if isinstance(found, h5py.h5d.DatasetID):
                left -= _claim_of(found, where)
                if left < 0:
                    raise UnsafeFileError(
                        f"{where} claims more data than the file holds; it is not read."
                    )
                child.value = _value_of(found, where)
            elif isinstance(found, h5py.h5g.GroupID):
                waiting.append((where, found, child, depth + 1))
            else:
                raise UnsafeFileError(f"{where} is neither a group nor data.")
            item.children[key.decode()] = child
    return root


def _attributes_of(item: Any, where: str) -> dict[str, Any]:
    """Attributes of a group or data set; refuses one that is larger than any of ours."""
    import h5py

    attributes = {}
    for index in range(h5py.h5a.get_num_attrs(item)):
        attribute = h5py.h5a.open(item, index=index)
        dtype, shape = attribute.dtype, attribute.shape
        text = h5py.check_string_dtype(dtype)
        if shape is None or dtype.kind not in NUMBERS_AND_TEXTS and text is None:
            raise UnsafeFileError(f"{where} has an attribute that is no number and no text.")
        claimed = dtype.itemsize * math.prod(shape)
        if claimed > MAX_ATTRIBUTE_BYTES:
            raise UnsafeFileError(
                f"{where} has an attribute of {claimed} bytes; at most {MAX_ATTRIBUTE_BYTES} "
                "are read."
            )
        value = np.zeros(shape, dtype)
        attribute.read(value, mtype=h5py.h5t.py_create(dtype))
        key = attribute.name.decode()
        attributes[key] = value[()] if text is None else _texts_of(value)
    return attributes


def _texts_of(value: Any) -> Any:
    """An attribute of text as str, or an array of them."""
    texts = [t.decode() if isinstance(t, bytes) else str(t) for t in value.ravel().tolist()]
    return texts[0] if value.shape == () else np.array(texts, dtype=object)


def _value_of(data: Any, where: str) -> Any:
    """A data set of ours, as an array."""
    import h5py

    if data.get_create_plist().get_layout() == h5py.h5d.CHUNKED:
        raise UnsafeFileError(
            f"{where} was written again by another program (in chunks); such a file is not "
            "read."
        )
    value = np.empty(data.shape, data.dtype)
    if value.size:
        data.read(h5py.h5s.ALL, h5py.h5s.ALL, value)
    return value


def _claim_of(data: Any, where: str) -> int:
    """Bytes that a data set takes in memory; refuses one that is not whole in the file."""
    import h5py

    settings = data.get_create_plist()
    layout = settings.get_layout()
    if layout not in (h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED):
        raise UnsafeFileError(
            f"{where} is put together from other data; put a copy in its place."
        )
    if settings.get_external_count():
        raise UnsafeFileError(f"{where} lies in another file, and other files are not read.")
    if data.shape is None or data.dtype.kind not in NUMBERS_AND_TEXTS:
        raise UnsafeFileError(f"{where} holds neither numbers nor texts of a fixed length.")
    claimed: int = data.dtype.itemsize * math.prod(data.shape)
    if layout != h5py.h5d.CHUNKED and data.get_storage_size() != claimed:
        raise UnsafeFileError(f"{where} was never written in full.")
    return claimed


def array_of(file: Any, name: str, what: str) -> Any:
    """A data set of a file of another program, as an array.

    Parameters
    ----------
    file : h5py.File
    name : str
        Of a data set in the file's uppermost group.
    what : str
        The file's name, for messages.

    Returns
    -------
    ndarray or None
        None if there is no such data set.

    Raises
    ------
    UnsafeFileError
        If it is a link, lies in another file, was never written, claims more memory than the
        size of the file allows, or holds neither numbers nor texts of a fixed length.
    """
    import h5py

    place = f"{what}: {name!r}"
    link = file.get(name, getlink=True)
    if link is not None and not isinstance(link, h5py.HardLink):
        raise UnsafeFileError(_LINK.format(place))
    item = file.get(name)
    if not isinstance(item, h5py.Dataset):
        return None
    claimed, limit = (
        _claim_of(item.id, place),
        SPARE_BYTES + EXPANSION * file.id.get_filesize(),
    )
    if item.chunks is not None:
        piece = item.dtype.itemsize * math.prod(item.chunks)
        pieces = math.prod(-(-n // m) for n, m in zip(item.shape, item.chunks, strict=True))
        if item.id.get_num_chunks() != pieces:
            raise UnsafeFileError(f"{place} was never written in full.")
        claimed = max(claimed, piece)
    if claimed > limit:
        raise UnsafeFileError(
            f"{place} claims {claimed} bytes, but its file has {file.id.get_filesize()}; it "
            "is not read."
        )
    return item[()]


def survives(content: bytes) -> str | None:
    """Read a file in a process of its own, which may crash or hang.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    str or None
        What went wrong; None if the file can be read here.
    """
    if not sys.executable:
        return None
    try:
        trial = subprocess.run(
            [sys.executable, "-c", TRIAL, __file__],
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TRIAL_SECONDS * (1 + len(content) / 1e7),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "reading it takes time without end"
    if trial.returncode in (0, REFUSED):
        return None
    return f"reading it ends a process with status {trial.returncode}"


def _try() -> int:
    """Read the file that comes by the standard input; the exit status."""
    import h5py

    content = sys.stdin.buffer.read()
    try:
        import resource
    except ImportError:  # Windows limits no memory.
        pass
    else:
        limit = TRIAL_BYTES + 20 * len(content)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            read_tree(file, "")
    except Exception:
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_try())
