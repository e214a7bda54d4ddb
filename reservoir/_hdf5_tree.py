"""What does an HDF5 file hold? Read without following it anywhere else.

HDF5 itself may fall into an endless loop, or end the process, when it reads a damaged file.
A file of ours that has no digest is therefore read in a process of its own first: this
module is also the script that such a process runs. So it imports nothing of the package.
"""

import io
import json
import math
import subprocess
import sys
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# Limits of what is read, so that a file never takes more memory than 64 MB and 20 times its
# own size: that size twice for the file itself, and the rest for what is made of it.
MAX_DEPTH = 24  # groups within groups
MAX_OBJECTS = 2500
MAX_ATTRIBUTES = 16  # of one object
MAX_ATTRIBUTE_BYTES = 1 << 16
MAX_NAME_BYTES = 1000
SPARE_BYTES = 16 << 20
EXPANSION = 14  # bytes that may be made of each byte of the file
# Bytes that Python takes for what a text of JSON opens and lists.
BRACKET_BYTES = 100
COMMA_BYTES = 40
NUMBERS_AND_TEXTS = "biufcS"  # kinds of numpy's dtypes; texts of a fixed length
PLAIN_FILTERS = (1, 2, 3)  # HDF5's numbers of gzip, shuffle and fletcher32
TRIAL_SECONDS = 3.0  # for a file without a digest, and as many for each 10 MB of it
TRIAL_BYTES = 1 << 31  # of address space, and 20 times the size of the file
REFUSED = 3  # status of a trial that ends with an error of Python
TRIAL = (
    "import runpy, sys; sys.path = [place for place in sys.path if place]; "
    "runpy.run_path(sys.argv[1], run_name='__main__')"
)


class UnsafeFileError(ValueError):
    """A file leads elsewhere, claims more than it holds, or holds what is never written."""


_LINK = "{} is a link to another place or file, and links are not followed; put a copy there."


class Allowance:
    """Bytes that may be made of one file; whatever is made is taken from them.

    Parameters
    ----------
    size : int
        Of the file, in bytes.
    """

    def __init__(self, size: int) -> None:
        self.left = SPARE_BYTES + EXPANSION * size

    def spend(self, n_bytes: int, what: str) -> None:
        """Take bytes away; refuses what is more than is left."""
        self.left -= n_bytes
        if self.left < 0:
            raise UnsafeFileError(
                f"{what} claims {n_bytes} bytes of memory, which is more than the size of "
                "the file allows; it is not read."
            )


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


@dataclass
class Tree(Item):
    """The uppermost group of a file, with everything in it.

    Attributes
    ----------
    allowance : Allowance
        Bytes that may still be made of the file.
    """

    allowance: Allowance = field(kw_only=True)


def read_tree(file: Any, name: str) -> Tree:
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
    Tree

    Raises
    ------
    UnsafeFileError
        If the file is not like that.
    """
    import h5py

    allowance = Allowance(file.id.get_filesize())
    root = Tree(_attributes_of(file.id, name, allowance), allowance=allowance)
    seen = {h5py.h5o.get_info(file.id).addr}
    waiting: list[tuple[str, Any, Item, int]] = [(name, file.id, root, 0)]
    while waiting:
        place, group, item, depth = waiting.pop()
        for key in _names_in(group, place):
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
            child = Item(_attributes_of(found, where, allowance))
            if isinstance(found, h5py.h5d.DatasetID):
                allowance.spend(_claim_of(found, where), where)
                child.value = _value_of(found, where)
            elif isinstance(found, h5py.h5g.GroupID):
                waiting.append((where, found, child, depth + 1))
            else:
                raise UnsafeFileError(f"{where} is neither a group nor data.")
            item.children[key.decode()] = child
    return root


def parse_json(text: bytes | str, what: str, allowance: Allowance) -> Any:
    """What a text of JSON says, if the lists in it are not longer than they may be.

    Parameters
    ----------
    text : bytes or str
    what : str
        For messages.
    allowance : Allowance

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If it is no JSON, or takes too much memory.
    """
    if isinstance(text, str):
        text = text.encode()
    brackets, commas = text.count(b"[") + text.count(b"{"), text.count(b",")
    allowance.spend(BRACKET_BYTES * brackets + COMMA_BYTES * commas + len(text), what)
    return json.loads(text.decode())


def _names_in(group: Any, place: str) -> list[bytes]:
    """Names of the links of a group, which must be neither too many nor too long."""
    names: list[bytes] = []

    def take(name: bytes) -> bool | None:
        names.append(name)
        return True if excess(name) else None  # Another answer than None stops.

    def excess(name: bytes) -> bool:
        return len(names) > MAX_OBJECTS or len(name) > MAX_NAME_BYTES

    group.links.iterate(take)
    if names and excess(names[-1]):
        raise UnsafeFileError(
            f"{place} has more than {MAX_OBJECTS} entries, or one with a name of more than "
            f"{MAX_NAME_BYTES} bytes; such a file is not read."
        )
    return names


def _attributes_of(item: Any, where: str, allowance: Allowance) -> dict[str, Any]:
    """Attributes of a group or data set; refuses what none of ours is."""
    import h5py

    number = h5py.h5a.get_num_attrs(item)
    if number > MAX_ATTRIBUTES:
        raise UnsafeFileError(
            f"{where} has {number} attributes; at most {MAX_ATTRIBUTES} are read."
        )
    attributes = {}
    for index in range(number):
        attribute = h5py.h5a.open(item, index=index)
        dtype, shape = attribute.dtype, attribute.shape
        text = h5py.check_string_dtype(dtype)
        loose = text is not None and text.length is None  # a text of any length
        if shape is None or not (loose and shape == () or dtype.kind in NUMBERS_AND_TEXTS):
            raise UnsafeFileError(f"{where} has an attribute that is no number and no text.")
        claimed = dtype.itemsize * math.prod(shape)
        if claimed > MAX_ATTRIBUTE_BYTES:
            raise UnsafeFileError(
                f"{where} has an attribute of {claimed} bytes; at most {MAX_ATTRIBUTE_BYTES} "
                "are read."
            )
        value = np.zeros(shape, dtype)
        attribute.read(value, mtype=h5py.h5t.py_create(dtype))
        if text is not None:
            value = _texts_of(value)
        if loose:
            allowance.spend(4 * len(value), where)
        attributes[attribute.name.decode()] = value if text is not None else value[()]
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
    size = file.id.get_filesize()
    claimed = _claim_of(item.id, place)
    if item.chunks is not None:
        claimed = max(claimed, _check_chunks(item, place, size))
    Allowance(size).spend(claimed, place)
    if item.id.get_create_plist().get_nfilters():
        _check_inflated(item, place, size)
    return item[()]


def _check_chunks(item: Any, place: str, size: int) -> int:
    """Bytes of one chunk; refuses chunks that were never written."""
    pieces = math.prod(-(-n // m) for n, m in zip(item.shape, item.chunks, strict=True))
    if item.id.get_num_chunks() != pieces:
        raise UnsafeFileError(f"{place} was never written in full.")
    piece: int = item.dtype.itemsize * math.prod(item.chunks)
    return piece


def _check_inflated(item: Any, place: str, size: int) -> None:
    """Refuse compressed chunks that hold more than a chunk: HDF5 would inflate them whole."""
    settings = item.id.get_create_plist()
    filters = [settings.get_filter(index)[0] for index in range(settings.get_nfilters())]
    if not set(filters) <= set(PLAIN_FILTERS):
        raise UnsafeFileError(
            f"{place} is stored through a filter that is not read; gzip, shuffle and "
            "fletcher32 are. Write it without the filter."
        )
    piece = item.dtype.itemsize * math.prod(item.chunks)
    for index in range(item.id.get_num_chunks()):
        chunk = item.id.get_chunk_info(index)
        if chunk.size > size:
            raise UnsafeFileError(f"{place} claims chunks that are larger than its file.")
        skipped, content = item.id.read_direct_chunk(chunk.chunk_offset)
        if 1 in filters and not skipped >> filters.index(1) & 1:
            inflated = zlib.decompressobj().decompress(content, piece + 5)
            if len(inflated) > piece + 4:  # fletcher32 adds four bytes
                raise UnsafeFileError(f"{place} holds more than it says; it is not read.")


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
        trial = subprocess.Popen(
            [sys.executable, "-c", TRIAL, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None  # No process can be started here, which says nothing of the file.
    with trial:
        assert trial.stdout is not None
        if not trial.stdout.read(1):
            return None  # It ended before it was ready to read.
        try:
            trial.communicate(content, TRIAL_SECONDS * (1 + len(content) / 1e7))
        except subprocess.TimeoutExpired:
            return "reading it takes time without end"
        finally:
            trial.kill()
    if trial.returncode in (0, REFUSED):
        return None
    return f"reading it ends a process with status {trial.returncode}"


def _try() -> int:
    """Say that all is ready, and read the file that comes by the standard input."""
    import h5py

    print("R", end="", flush=True)
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
    except MemoryError:
        raise
    except Exception:
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_try())
