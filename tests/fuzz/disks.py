"""Small disks in memory, for what happens when they are full. Only root may mount them."""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def mounted(options: str) -> Iterator[Path | None]:
    """Mount a disk in memory.

    Parameters
    ----------
    options : str
        Of the mount, as ``size=64k``.

    Yields
    ------
    Path or None
        None if this process may not mount one; the case is then left out.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
        if not can_mount() or subprocess.run(command, capture_output=True).returncode:
            yield None
            return
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], capture_output=True)


def can_mount() -> bool:
    """Whether this process may mount a disk."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", folder]
        with contextlib.suppress(FileNotFoundError):
            if subprocess.run(command, capture_output=True).returncode == 0:
                subprocess.run(["umount", folder], capture_output=True)
                return True
    return False


def say_whether_disks_are_tried() -> None:
    """Say it if the cases of full disks are left out."""
    if not can_mount():
        print("Full disks are left out: this process may not mount one (that needs root).")
