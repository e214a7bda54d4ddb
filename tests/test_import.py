"""What does `import reservoir` say and offer? Asked in a Python of its own."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import reservoir

CORE = reservoir._core


def run(code, folder=None, **variables):
    environment = os.environ | variables
    if folder is not None:
        environment |= {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )


def copy_of_the_package(folder):
    source = Path(reservoir.__file__).parent
    without_core = shutil.ignore_patterns("_core", "__pycache__")
    shutil.copytree(source, folder / "reservoir", ignore=without_core)
    return folder / "reservoir" / "_core"


@pytest.mark.parametrize("value", ["avx", "AVX2", " "])
def test_an_instruction_set_that_is_none_is_named_in_the_last_line(value):
    last = run("import reservoir", RESERVOIR_INSTRUCTION_SET=value).stderr.splitlines()[-1]
    assert last.startswith(f"ImportError: RESERVOIR_INSTRUCTION_SET is {value!r}, but this ")


def test_an_empty_instruction_set_counts_as_none():
    code = "import reservoir; print(reservoir._core.instruction_set)"
    found = run(code, RESERVOIR_INSTRUCTION_SET="").stdout.strip()
    assert found == CORE.available_instruction_sets()[-1]


def test_a_core_that_is_not_there_is_called_missing(tmp_path):
    core = copy_of_the_package(tmp_path)
    missing = "ImportError: The compiled core of oscillator-reservoir is missing."
    assert run("import reservoir", tmp_path).stderr.splitlines()[-1].startswith(missing)
    core.mkdir()
    shutil.copy(Path(CORE.__file__).parent / "__init__.py", core)
    assert run("import reservoir", tmp_path).stderr.splitlines()[-1].startswith(missing)


def test_a_core_that_does_not_fit_says_so_itself(tmp_path):
    core = copy_of_the_package(tmp_path)
    core.mkdir()
    shutil.copy(Path(CORE.__file__).parent / "__init__.py", core)
    (core / Path(CORE.processor.__file__).name).write_bytes(b"built for another machine")
    last = run("import reservoir", tmp_path).stderr.splitlines()[-1]
    assert last.startswith("ImportError") and "is missing" not in last


def test_submodules_are_reached_without_an_import_and_only_then_imported():
    code = (
        "import sys, reservoir; before = 'reservoir.datasets' in sys.modules; "
        "print(before, reservoir.datasets.__name__, 'plotting' in dir(reservoir))"
    )
    assert run(code).stdout.split() == ["False", "reservoir.datasets", "True"]
    with pytest.raises(AttributeError, match="module 'reservoir' has no attribute 'nothing'"):
        reservoir.nothing  # noqa: B018


def test_every_name_is_there_and_only_then_imported():
    code = (
        "import sys, reservoir.cli; early = {'numpy', 'sklearn'} & set(sys.modules); "
        "found = [getattr(reservoir, name) for name in reservoir.__all__]; "
        "print(len(early), len(found), reservoir.load is reservoir.storage.load)"
    )
    assert run(code).stdout.split() == ["0", str(len(reservoir.__all__)), "True"]
    assert set(reservoir.__all__) <= set(dir(reservoir))


@pytest.mark.skipif(os.name != "posix", reason="sends the signal of Ctrl-C to itself")
def test_an_interrupt_while_the_command_still_imports_ends_in_a_sentence():
    """The signal comes when NumPy begins to be imported, soon after the start."""
    code = (
        "import os, signal, sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'numpy':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from reservoir.cli import main\n"
        "sys.exit(main(['capacity', '--quick']))\n"
    )
    ended = run(code)
    assert ended.stderr == "reservoir: interrupted before anything was measured.\n"
    assert ended.returncode == 128 + signal.SIGINT
