"""Does saving leave the earlier file or the new one, whatever happens meanwhile?

"killed" stops and kills a process that saves again and again. "disks" fills the disk, if this
process may mount one. "paths" saves over odd names, and loads what is no file of a model.
"""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from disks import mounted, say_whether_disks_are_tried
from harness import (
    OK,
    REFUSED,
    Outcome,
    Part,
    as_bytes,
    generator,
    is_sentence,
    main,
    scratch,
    short,
    without_values,
)

from reservoir import ReservoirClassifier, StorageError, load, save

FOLDER = scratch("save")
GENERATOR = np.random.default_rng(0)
X = [GENERATOR.normal(size=(5, 3)) for _ in range(20)]
Y = [0, 1] * 10
MODELS = [ReservoirClassifier(n_nodes=300, random_state=i).fit(X, Y) for i in range(2)]
ANSWERS = {as_bytes(model.decision_function(X)) for model in MODELS}
FIT = """
import os, sys
import numpy as np
from reservoir import ReservoirClassifier, load, save
G = np.random.default_rng(0)
X = [G.normal(size=(5, 3)) for _ in range(20)]
def fit(n, i, **more):
    return ReservoirClassifier(n_nodes=n, random_state=i, **more).fit(X, [0, 1] * 10)
path = sys.argv[1]
"""
FOREVER = f"""{FIT}
models = [fit(300, 0), fit(300, 1)]
print("ready", flush=True)
while True:
    for model in models:
        save(model, path)
"""
FULL = f"""{FIT}
first = fit(20, 0)
save(first, path)
mode = os.stat(path).st_mode
large = fit(1500, 0, alpha=1e-3, mask=np.ones((3, 1500)))
try:
    save(large, path)
    print("it was saved")
except OSError as error:
    print("sentence" if str(error).endswith(".") else f"no sentence: {{error}}")
left = sorted(os.listdir(os.path.dirname(path)))
same = (load(path).decision_function(X) == first.decision_function(X)).all()
print("earlier file", bool(same), len(left), os.stat(path).st_mode == mode)
"""


def killed(seed: int, number: int) -> Outcome:
    """Stop the writer at random moments and look; kill it at the last."""
    rng = generator(seed, "killed", number)
    folder = FOLDER / f"killed-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "model.h5"
    writer = subprocess.Popen(
        [sys.executable, "-c", FOREVER, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        writer.stdout.readline()
        for _ in range(12):
            time.sleep(float(rng.uniform(0.005, 0.12)))
            writer.send_signal(signal.SIGSTOP)
            if path.exists() and as_bytes(load(path).decision_function(X)) not in ANSWERS:
                return Outcome("wrong", "stopped while it saved: another model is there")
            writer.send_signal(signal.SIGCONT)
    except StorageError as error:
        return Outcome("wrong", "stopped while it saved: it does not load", short(error))
    finally:
        writer.kill()
        writer.communicate()
    if path.exists() and as_bytes(load(path).decision_function(X)) not in ANSWERS:
        return Outcome("wrong", "killed while it saved: another model is there")
    left = [found.name for found in folder.iterdir() if found != path]
    return Outcome("late", "killed: a temporary file stays", f"{left}") if left else OK


SIZES = (48, 56, 64, 76, 88, 100, 120, 160, 200)  # kB of the disk


def full_disk(_: int, number: int) -> Outcome:
    """A second model does not fit on the disk; the first must stay."""
    size = SIZES[number]
    with mounted(f"size={size}k") as place:
        if place is None:
            return OK
        run = subprocess.run(
            [sys.executable, "-c", FULL, str(place / "model.h5")],
            capture_output=True,
            text=True,
        )
    note = f"{size} kB, status {run.returncode}: {run.stdout} {run.stderr[-200:]}"
    if run.returncode < 0:
        return Outcome("crash", f"full disk: signal {-run.returncode}", note)
    if run.stdout.split("\n")[:2] == ["sentence", "earlier file True 1 True"]:
        return REFUSED
    category = "wrong" if "earlier file False" in run.stdout else "unclear"
    return Outcome(category, "full disk", note)


# ---------------------------------------------------------------------- odd names


def pipe(folder):
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def link(folder):
    (folder / "real.h5").write_bytes(b"old")
    (folder / "link.h5").symlink_to(folder / "real.h5")
    return folder / "link.h5"


def dangling(folder):
    (folder / "link.h5").symlink_to(folder / "real.h5")
    return folder / "link.h5"


def circle(folder):
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    return folder / "a"


def private(folder):
    path = folder / "private.h5"
    path.write_bytes(b"old")
    path.chmod(0o600)
    return path


def locked(folder):
    path = folder / "locked.h5"
    path.write_bytes(b"old")
    path.chmod(0o400)
    return path


PATHS = {
    "a folder": lambda folder: folder,
    "in no folder": lambda folder: folder / "no" / "model.h5",
    "of 300 letters": lambda folder: folder / ("x" * 300),
    "empty": lambda folder: "",
    "a dot": lambda folder: ".",
    "of other scripts": lambda folder: folder / "m\u00fc\u4e2d.h5",
    "of bytes": lambda folder: os.fsencode(folder / "bytes.h5"),
    "of two lines": lambda folder: folder / "a\nb.h5",
    "None": lambda folder: None,
    "a number": lambda folder: 5,
    "with a zero byte": lambda folder: str(folder / "a\0b"),
    "in a file": lambda folder: Path(__file__) / "model.h5",
    "a pipe": pipe,
    "a link": link,
    "a dangling link": dangling,
    "a circle of links": circle,
    "private": private,
    "not to be written": locked,
}
NAMES = list(PATHS)


def state(path):
    """What stands under a name: its kind, its mode, where a link leads."""
    try:
        mode = os.lstat(path).st_mode
    except (OSError, TypeError, ValueError):
        return None
    kind = stat.S_IFMT(mode)
    return kind, stat.S_IMODE(mode), os.readlink(path) if kind == stat.S_IFLNK else ""


def paths(_: int, number: int) -> Outcome:
    """Save under an odd name, and load it again."""
    name = NAMES[number]
    folder = FOLDER / f"paths-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = PATHS[name](folder)
    before = state(path)
    try:
        save(MODELS[0], path)
        same = as_bytes(load(path).decision_function(X)) in ANSWERS
    except Exception as error:
        after = state(path)
        if before != after:
            return Outcome(
                "wrong", f"a name that is {name}: refused, yet changed", short(error)
            )
        of_python = isinstance(error, TypeError) and "os.PathLike" in str(error)
        clear = is_sentence(error) or of_python
        kind = f"a name that is {name}: {without_values(short(error))}"
        return REFUSED if clear else Outcome("unclear", kind, short(error))
    if not same or before is not None and before != state(path):
        return Outcome("wrong", f"a name that is {name}: {before} became {state(path)}")
    return OK


LOADS = ("a pipe", "a folder", "the zero device", "an empty file", "a text", "nothing")


def loads(_: int, number: int) -> Outcome:
    """Load what is no file of a model."""
    name = LOADS[number]
    folder = FOLDER / f"loads-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "x.h5"
    if name == "a pipe":
        os.mkfifo(path)
    elif name == "an empty file":
        path.write_bytes(b"")
    elif name == "a text":
        path.write_text("a,b\n1,2\n")
    path = {"a folder": folder, "the zero device": Path("/dev/zero")}.get(name, path)
    try:
        load(path)
    except (StorageError, FileNotFoundError) as error:
        return REFUSED if is_sentence(error) else Outcome("unclear", name, short(error))
    except Exception as error:
        return Outcome("unclear", f"load of {name}", short(error))
    return Outcome("wrong", f"load of {name}")


if __name__ == "__main__":
    parts = {
        "killed": Part(killed, case_seconds=90, least_seconds=5),
        "disks": Part(full_disk, n_cases=len(SIZES), case_seconds=90, least_seconds=5),
        "paths": Part(paths, n_cases=len(NAMES), case_seconds=20),
        "loads": Part(loads, n_cases=len(LOADS), case_seconds=10),
    }
    say_whether_disks_are_tried()
    main(__file__, parts)
