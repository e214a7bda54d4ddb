"""The command under stress: what was computed is kept, and one line says what was not."""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import warnings

import pytest

from reservoir import cli
from reservoir._files import replace_file
from reservoir._signals import Stopped, signals_as_interrupts, status_of
from reservoir.experiments import DigitsExperiment, SeriesExperiment
from reservoir.experiments.results import load_rows

SMALL = ["digits", "--protocol", "index", "--quick", "--nodes", "20", "--methods", "majority"]
CODE = "from reservoir.cli import main; raise SystemExit(main())"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")


def run(folder, *arguments, **how):
    """The command in a process of its own, as `subprocess.run` gives it."""
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "check": False, **how}
    return subprocess.run(
        [sys.executable, "-c", CODE, *arguments], cwd=folder, text=True, timeout=100, **how
    )


@pytest.mark.slow
def test_results_are_kept_when_nobody_reads_the_table_any_more(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    done = run(tmp_path, *SMALL, "--out", "r.h5", "--json", "r.json", stdout=writer)
    os.close(writer)
    assert done.returncode == 141
    assert done.stderr == (
        "reservoir: nobody reads the table any more; written before: r.h5, r.json.\n"
    )
    rows, _ = load_rows(tmp_path / "r.h5")
    assert [row.method for row in rows] == ["majority"]
    assert len(json.loads((tmp_path / "r.json").read_text())) == 1


@pytest.mark.slow
def test_a_full_disk_behind_the_table_costs_no_results(tmp_path):
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no device that is always full")
    with open("/dev/full", "w") as full:
        done = run(tmp_path, *SMALL, "--out", "r.h5", stdout=full)
    assert done.returncode == 1
    assert "could not be printed (No space left on device)" in done.stderr
    assert "Traceback" not in done.stderr and len(load_rows(tmp_path / "r.h5")[0]) == 1


@pytest.mark.slow
def test_no_sign_and_no_closed_stream_ends_a_run(tmp_path):
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run(tmp_path, *SMALL, "--json", "ü.json", env=ascii_only)
    assert done.returncode == 0 and "majority" in done.stdout
    command = f'"{sys.executable}" -c "{CODE}" {" ".join(SMALL)} --out r.h5 >&- 2>&-'
    assert subprocess.run(command, shell=True, cwd=tmp_path, check=False).returncode == 0
    assert len(load_rows(tmp_path / "r.h5")[0]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--out", "r.h5", "--json", "r.h5"), "--out and --json are both r.h5"),
        (("--out", "r.h5", "--json", "./sub/../r.h5"), "--out and --json are both"),
        (("--json", "r.png", "--plot", "r.png"), "--json and --plot are both"),
        (("--out", "missing/r.h5"), "missing to write r.h5 into; make it first"),
        (("--out", "sub"), "sub is a folder"),
        (("--out", "pipe"), "pipe is a pipe, and only a file is replaced"),
        (("--out", "r.csv"), "r.csv ends in .csv, but what is written there is HDF5"),
    ],
)
def test_outputs_that_cannot_be_are_refused_before_the_run(
    arguments, message, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SystemExit) as left:
        cli.main([*SMALL, *arguments])
    said = capsys.readouterr().err
    assert left.value.code == 2 and message in said and said.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pipe", "sub"]


def start_and_stop(folder, number, arguments, ready):
    """Send a signal to the command when `ready()`; its status and what it said."""
    with subprocess.Popen(
        [sys.executable, "-c", CODE, *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as program:
        end = time.monotonic() + 60
        while not ready() and time.monotonic() < end:
            time.sleep(0.05)
        program.send_signal(number)
        return program.wait(60), program.stderr.read()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_what_is_kept(number, tmp_path):
    begun = time.monotonic()
    status, said = start_and_stop(
        tmp_path,
        number,
        ["digits", "--nodes", "800", "--out", "r.h5"],
        lambda: time.monotonic() > begun + 12,  # after the imports
    )
    assert status == 128 + number and "Traceback" not in said
    assert "interrupted; nothing was" in said or "interrupted before" in said
    assert list(tmp_path.iterdir()) == []
    status, said = start_and_stop(
        tmp_path,
        number,
        ["experiment", "torrejon", "--quick", "--jobs", "1", "--out", "s.h5"],
        (tmp_path / "s.h5").exists,
    )
    if status:  # else it had ended before the signal came
        assert status == 128 + number and "finished points are in s.h5" in said
    assert len(load_rows(tmp_path / "s.h5")[0]) >= 1


@pytest.mark.parametrize("function", [False, True])
@pytest.mark.parametrize("fails", [False, True])
def test_a_signal_waits_until_a_library_is_imported_whole(
    function, fails, tmp_path, monkeypatch
):
    name = f"library_{function}_{fails}"
    (tmp_path / f"{name}.py").write_text(
        "import signal\nsignal.raise_signal(signal.SIGTERM)\n"
        f"import {name}_inside\ndone = True\n" + "1 / 0" * fails
    )
    (tmp_path / f"{name}_inside.py").write_text("import time\ntime.sleep(0.1)\n")
    monkeypatch.syspath_prepend(tmp_path)
    whole = []
    with pytest.raises(Stopped), signals_as_interrupts() as received:
        with contextlib.suppress(ZeroDivisionError):
            whole.append(importlib.import_module(name) if function else __import__(name))
        whole.append(f"{name}_inside" in sys.modules)
        time.sleep(20)
        pytest.fail("the signal was forgotten")
    assert set(received) == {signal.SIGTERM}
    assert len(whole) == 2 - fails and whole[-1]


def test_a_second_signal_ends_an_import_that_hangs(tmp_path, monkeypatch):
    (tmp_path / "hanging_library.py").write_text(
        "import signal, time\n"
        "signal.raise_signal(signal.SIGTERM)\n"
        "signal.raise_signal(signal.SIGINT)\n"
        "time.sleep(20)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    start = time.monotonic()
    with pytest.raises(Stopped) as stopped, signals_as_interrupts():
        importlib.import_module("hanging_library")
    assert time.monotonic() - start < 10
    assert status_of(stopped.value) == 128 + signal.SIGTERM  # of the first


def test_an_interrupt_that_python_dropped_is_found_after_the_next_point(
    tmp_path, monkeypatch
):
    class Clearing:
        """Its end is a place where Python ignores exceptions."""

        def __del__(self):
            signal.raise_signal(signal.SIGTERM)

    def measure(self, point):
        Clearing()
        return original(self, point)

    original = SeriesExperiment._measure
    monkeypatch.setattr(SeriesExperiment, "_measure", measure)
    command = ["series", "--quick", "--jobs", "1", "--out", str(tmp_path / "s.h5")]
    with warnings.catch_warnings(), monkeypatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setattr(sys, "unraisablehook", lambda found: None)
        assert cli.main(command) == 128 + signal.SIGTERM
    assert len(load_rows(tmp_path / "s.h5")[0]) == 1


@pytest.mark.slow
def test_a_file_that_is_no_results_or_was_written_meanwhile_stays(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.h5").write_text("mine")
    assert cli.main([*SMALL, "--out", "text.h5"]) == 1
    assert "text.h5 is damaged or not an HDF5 file" in capsys.readouterr().err
    assert (tmp_path / "text.h5").read_text() == "mine"
    assert cli.main([*SMALL, "--out", "r.h5"]) == 0
    assert cli.main([*SMALL, "--out", "r.h5"]) == 0  # who comes later replaces it

    def run_and_be_overtaken(self, progress):
        rows = original(self, progress)
        replace_file(tmp_path / "r.h5", b"of another run")
        return rows

    original = DigitsExperiment.run
    monkeypatch.setattr(DigitsExperiment, "run", run_and_be_overtaken)
    capsys.readouterr()
    assert cli.main([*SMALL, "--out", "r.h5"]) == 1
    said = capsys.readouterr()
    assert "another run has written r.h5 meanwhile" in said.err and "majority" in said.out
    assert (tmp_path / "r.h5").read_bytes() == b"of another run"


@pytest.mark.slow
def test_rows_are_printed_when_the_results_cannot_be_written(tmp_path, monkeypatch, capsys):
    def fail(*arguments):
        raise OSError("r.h5 could not be written (No space left on device).")

    monkeypatch.setattr("reservoir.experiments.save_results", fail)
    monkeypatch.chdir(tmp_path)
    assert cli.main([*SMALL, "--out", "r.h5", "--json", "r.json"]) == 1
    printed = capsys.readouterr()
    assert "majority" in printed.out
    assert printed.err == (
        "reservoir: the results could not be written: r.h5 could not be written (No space "
        "left on device).\n"
    )
    assert len(json.loads((tmp_path / "r.json").read_text())) == 1
