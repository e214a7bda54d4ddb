"""Does a sweep that was interrupted, doubled or out of disk keep what it reported?

"interrupted" kills a command at random moments and resumes it: the rows and arrays are those
of one that ran through, none lost and none twice. "together" lets two write one file.
"disks" fills the disk, if this process may mount one. "names" puts other things under the
name of the file.
"""

import functools
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import h5py
import numpy as np
from disks import mounted, say_whether_disks_are_tried
from harness import OK, REFUSED, Outcome, Part, generator, main, pick, scratch

from reservoir import TimeMultiplexedReservoir, save

FOLDER = scratch("sweeps")
COMMANDS = {
    "torrejon": ["experiment", "torrejon"],
    "series": ["series"],
    "capacity": ["capacity"],
    "capacity field": ["capacity", "--along", "field"],
}
LIMIT = 300  # s for a command that is not interrupted


def start(name: str, out: Path, *more: str) -> subprocess.Popen:
    """Start a command that writes its results to a file."""
    command = [
        "reservoir",
        *COMMANDS[name],
        "--quick",
        "--jobs",
        "1",
        "--out",
        str(out),
        *more,
    ]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def finish(process: subprocess.Popen) -> tuple[int, str, str]:
    """Status, output and complaints of a command."""
    output, complaints = process.communicate(timeout=LIMIT)
    return process.returncode, output, complaints


def content(path: Path):
    """Rows without time and command line, and arrays, of a file of results."""
    arrays = {}

    def keep(name, item):
        if isinstance(item, h5py.Dataset):
            arrays[name] = item[()].tobytes()

    with h5py.File(path, "r") as file:
        rows = json.loads(file.attrs["rows"])
        file.visititems(keep)
    return [row | {"seconds": 0, "command": ""} for row in rows], arrays


def without_source(rows):
    """Rows without what they learn of their source when the whole run is done."""
    return [row | dict.fromkeys(("title", "dataset", "digest", "seeds")) for row in rows]


@functools.cache
def reference(name: str):
    """The results of a command that ran through, and its time."""
    path = FOLDER / f"whole-{os.getpid()}.h5"
    path.unlink(missing_ok=True)
    begin = time.monotonic()
    status, _, complaints = finish(start(name, path))
    if status:
        raise RuntimeError(f"{name} does not run: {complaints[-300:]}")
    return content(path), time.monotonic() - begin


def folder_of(part: str) -> Path:
    """An empty folder."""
    folder = FOLDER / f"{part}-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def last_line(text: str) -> str:
    """The last line of what a command complained of."""
    return (text.strip().splitlines() or [""])[-1][:250]


def interrupted(seed: int, number: int) -> Outcome:
    """Stop a command up to four times, and let it end."""
    rng = generator(seed, "interrupted", number)
    name, path = pick(rng, *COMMANDS), folder_of("interrupted") / "x.h5"
    wanted, seconds = reference(name)
    for _ in range(int(rng.integers(1, 5))):
        process = start(name, path)
        how = pick(rng, signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
        time.sleep(float(rng.uniform(0.5, seconds)))
        process.send_signal(how)
        _, _, complaints = finish(process)
        if "Traceback" in complaints:
            return Outcome(
                "unclear", f"{how.name} ends in a traceback", last_line(complaints)
            )
        if path.exists():
            rows = [json.dumps(row | {"value": 0, "spread": 0}) for row in content(path)[0]]
            if len(set(rows)) < len(rows):
                return Outcome("wrong", "a row is there twice", f"{name}: {rows}")
    status, _, complaints = finish(start(name, path))
    if status:
        return Outcome("wrong", "it cannot be resumed", f"{name}: {last_line(complaints)}")
    if content(path) != wanted:
        return Outcome("wrong", "resumed results differ", name)
    left = [found.name for found in path.parent.iterdir() if found != path]
    return Outcome("late", "temporary files stay", f"{left[:3]}") if left else OK


def together(seed: int, number: int) -> Outcome:
    """Two runs on one file: both keep their rows, or the second is refused."""
    rng = generator(seed, "together", number)
    name, path = pick(rng, *COMMANDS), folder_of("together") / "x.h5"
    more = pick(rng, (), ("--seed", "7"))
    both = [start(name, path), start(name, path, *more)]
    ends = [finish(process) for process in both]
    complaints = " ".join(last_line(end[2]) for end in ends)
    if any("Traceback" in end[2] for end in ends):
        return Outcome("unclear", "two at once: a traceback", complaints)
    statuses = [end[0] for end in ends]
    if 0 not in statuses:
        return Outcome("wrong", "two at once: none ends well", complaints)
    if more and statuses == [0, 0]:
        return Outcome("wrong", "two seeds in one file: the results of one are gone", name)
    if not more and content(path) != reference(name)[0]:
        return Outcome("wrong", "two at once: other results", name)
    return OK if statuses == [0, 0] else REFUSED


DISKS = [(name, size) for name in ("torrejon", "series", "capacity") for size in (8, 24, 0)]


def disks(_: int, number: int) -> Outcome:
    """A disk that is too small, or one that fills up after the first rows."""
    name, size = DISKS[number]
    with mounted(f"size={size}k" if size else "size=1m") as place:
        if place is None:
            return OK
        process = start(name, place / "x.h5")
        if not size:
            fill_up(place, place / "x.h5", process)
        status, output, complaints = finish(process)
        note = f"{name}, {size} kB, status {status}: {last_line(complaints)}"
        if status < 0:
            return Outcome("crash", "full disk: the command is ended by a signal", note)
        if "Traceback" in complaints:
            return Outcome("unclear", "full disk: a traceback", note)
        if status == 0 and content(place / "x.h5") != reference(name)[0]:
            return Outcome("wrong", "full disk: status 0, and other results", note)
        if status and "method" not in output and "could not be written" not in complaints:
            return Outcome("unclear", "full disk: the rows are not printed", note)
        if not size and (place / "x.h5").exists():
            rows = without_source(content(place / "x.h5")[0])
            if not all(row in without_source(reference(name)[0][0]) for row in rows):
                return Outcome("wrong", "full disk: other rows", note)
    return REFUSED if status else OK


def fill_up(place: Path, path: Path, process: subprocess.Popen) -> None:
    """Fill the disk as soon as the file of results is there."""
    end = time.monotonic() + 60
    while not path.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    try:
        (place / "filler").write_bytes(bytes(2 << 20))
    except OSError:
        pass


# ---------------------------------------------------------------------- names


def of_a_model(path):
    data = np.arange(4.0)[:, None] * np.ones(2)
    save(TimeMultiplexedReservoir(n_nodes=3).fit(data), path)


def of_other_settings(path):
    finish(start("capacity", path, "--seed", "5"))


def altered(path):
    finish(start("capacity", path))
    with h5py.File(path, "a") as file:
        rows = json.loads(file.attrs["rows"])
        rows[0]["value"] += 1.0
        file.attrs["rows"] = json.dumps(rows)


def broken(path):
    finish(start("capacity", path))
    with h5py.File(path, "a") as file:
        file.attrs["rows"] = "hello"


NAMES = {
    "an empty file": lambda path: path.write_bytes(b""),
    "a text": lambda path: path.write_text("hello"),
    "a model": of_a_model,
    "a pipe": lambda path: os.mkfifo(path),
    "a folder": lambda path: path.mkdir(),
    "results of other settings": of_other_settings,
    "altered results": altered,
    "broken results": broken,
}
NAME_LIST = list(NAMES)


def names(_: int, number: int) -> Outcome:
    """What stands under the name of the file is refused, and stays."""
    what, path = NAME_LIST[number], folder_of("names") / "x.h5"
    NAMES[what](path)
    before = path.read_bytes() if path.is_file() else os.lstat(path).st_mode
    process = start("capacity", path)
    try:
        complaints = process.communicate(timeout=60)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return Outcome("hang", f"under the name stands {what}")
    if "Traceback" in complaints:
        return Outcome("unclear", f"under the name stands {what}", last_line(complaints))
    after = path.read_bytes() if path.is_file() else os.lstat(path).st_mode
    if process.returncode == 0 or before != after:
        return Outcome("wrong", f"under the name stands {what}: it is taken or replaced")
    return REFUSED


if __name__ == "__main__":
    say_whether_disks_are_tried()
    parts = {
        "interrupted": Part(interrupted, case_seconds=3 * LIMIT, least_seconds=15),
        "together": Part(together, case_seconds=2 * LIMIT, least_seconds=15),
        "disks": Part(disks, n_cases=len(DISKS), case_seconds=2 * LIMIT, least_seconds=15),
        "names": Part(
            names, n_cases=len(NAME_LIST), case_seconds=2 * LIMIT, least_seconds=15
        ),
    }
    main(__file__, parts)
