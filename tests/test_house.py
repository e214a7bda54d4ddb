"""The house of the design: who may import whom, and what a light import leaves out."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import reservoir

PACKAGE = Path(reservoir.__file__).parent
LEAVES = {"numpy", "scipy", "h5py", "sklearn", "tqdm", "joblib", "threadpoolctl"}
# Room -> rooms it may use; the order is that of the storeys.
ARROWS = {
    "exceptions": set(),
    "_version": set(),
    "checks": set(),
    "memory": set(),
    "streams": set(),
    "devices": {"_core", "checks", "devices", "exceptions"},
    "arrays": {"checks"},
    "masks": set(),
    "metrics": set(),
    "capacity": set(),
    "sequences": set(),
    "drive": set(),
    "ensemble": set(),
    "simulation": {"_core", "ensemble", "exceptions", "memory"},
    "coupling": {"_core", "exceptions", "memory"},
    "observation": {"_core", "devices", "simulation", "streams"},
    "readout": {"_core"},
    "audio": {"_core", "checks", "memory", "streams"},
    "networks": {"checks", "coupling", "devices", "ensemble", "streams"},
    "projections": set(),
    "adler": set(),
    "synchronization": {"adler", "checks", "networks", "projections"},
    "multiplexing": {
        "checks",
        "devices",
        "drive",
        "ensemble",
        "exceptions",
        "masks",
        "sequences",
        "simulation",
        "streams",
    },
    "estimators": {"checks", "multiplexing", "readout", "sequences"},
    "storage": {
        "devices",
        "drive",
        "ensemble",
        "estimators",
        "exceptions",
        "multiplexing",
        "networks",
        "readout",
        "synchronization",
    },
    "laboratory": {
        "checks",
        "devices",
        "exceptions",
        "multiplexing",
        "sequences",
        "simulation",
        "storage",
    },
    "plotting": {"plotting", "sequences"},
    "experiments": {
        "_version",
        "audio",
        "capacity",
        "datasets",
        "devices",
        "estimators",
        "exceptions",
        "experiments",
        "metrics",
        "multiplexing",
        "networks",
        "readout",
        "storage",
        "synchronization",
    },
    "cli": {"_version", "datasets", "exceptions", "experiments", "plotting"},
    "__init__": {
        "_core",
        "_version",
        "devices",
        "estimators",
        "exceptions",
        "masks",
        "metrics",
        "multiplexing",
        "networks",
        "observation",
        "simulation",
        "storage",
        "synchronization",
    },
}


def imports(path):
    """Top-level names that a file imports; ours as 'reservoir.<room>'."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= 1, f"{path} climbs with a relative import"
            if node.level == 0 and node.module == "reservoir":
                yield from (f"reservoir.{alias.name}" for alias in node.names)
            elif node.level == 0:
                yield node.module


ROOMS = sorted(
    path.relative_to(PACKAGE)
    for path in PACKAGE.rglob("*.py")
    if path.relative_to(PACKAGE).parts[0] not in ("_core", "datasets")
)


@pytest.mark.parametrize("path", ROOMS, ids=str)
def test_every_room_uses_only_the_rooms_below_it(path):
    room = path.parts[0].removesuffix(".py")
    used = {
        name.split(".")[1]
        for name in imports(PACKAGE / path)
        if name.startswith("reservoir.")
    }
    assert used - {room} <= ARROWS[room]


def test_data_sets_and_core_use_nothing_of_the_package():
    import reservoir._core as core
    from reservoir import datasets

    for module in (core, datasets):
        for path in Path(module.__file__).parent.glob("*.py"):
            assert not any(name.startswith("reservoir") for name in imports(path)), path


@pytest.mark.parametrize("path", ROOMS, ids=str)
def test_only_the_stated_libraries_are_used(path):
    foreign = {name.split(".")[0] for name in imports(PACKAGE / path)}
    allowed = LEAVES | {"reservoir", "matplotlib"} | set(sys.stdlib_module_names)
    assert foreign <= allowed


def test_importing_the_package_leaves_the_heavy_libraries_alone():
    code = (
        "import sklearn, sys, reservoir;"
        "print([m for m in ('h5py', 'scipy.signal', 'matplotlib') "
        "if m in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"
