"""What tests of several rooms use: files that were changed on purpose."""

import os
from contextlib import contextmanager

import h5py
import pytest
from hypothesis import settings

from reservoir._hdf5 import BLOCK, _block_of

# Programs that tests start use the installed package, not the source folder around them,
# which has no compiled core.
os.environ.setdefault("PYTHONSAFEPATH", "1")

# A machine that is busy, or paused for a moment, is no failure of an example.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@contextmanager
def _edited(path, digest="right"):
    """Edit an HDF5 file of the package as a person could.

    The digest is then computed anew ("right"), left as it was ("old"), or taken away with its
    block ("none"), as in the files of versions that had none.
    """
    with h5py.File(path, "a") as file:
        yield file
    content = path.read_bytes()
    if digest == "right":
        path.write_bytes(_block_of(content) + content[BLOCK:])
    elif digest == "none":
        path.write_bytes(content[BLOCK:])


@pytest.fixture
def edited():
    """The context manager ``edited(path, digest="right" | "old" | "none")``."""
    return _edited
