"""Every fuzzer runs for some seconds, and inputs that once failed are tried again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.fuzz, pytest.mark.slow]
FOLDER = Path(__file__).parent
FUZZERS = sorted(path.stem for path in FOLDER.glob("fuzz_*.py"))
INPUTS = sorted(path.name for path in (FOLDER / "inputs").iterdir())
SECONDS = 3
# A script finds the modules beside it only without this variable.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}


def run(fuzzer, tmp_path, *more):
    """Run a fuzzer; what it printed is the message if anything was not right."""
    command = [sys.executable, str(FOLDER / f"{fuzzer}.py"), "--keep", str(tmp_path), *more]
    ended = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize("fuzzer", FUZZERS)
def test_a_fuzzer_finds_nothing_in_some_seconds(fuzzer, tmp_path):
    output = run(fuzzer, tmp_path, "--seconds", str(SECONDS), "--seed", "0")
    assert " tried in " in output
    assert " 0 tried" not in output


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_that_failed_once_is_refused_or_read(name, tmp_path):
    fuzzer = name.partition("-")[0]
    path = FOLDER / "inputs" / name
    if path.suffix == ".case":  # the arguments that make the case again
        run(fuzzer, tmp_path, *path.read_text().split())
    else:
        run(fuzzer, tmp_path, "--input", str(path))


def test_the_harness_makes_the_same_case_in_every_process():
    script = (
        "import pickle, random_estimators\n"
        "for number in range(60):\n"
        "    asked = random_estimators.question(0, number)\n"
        "    parameters = asked.estimator.get_params(deep=False)\n"
        "    print(pickle.dumps([parameters, asked.X, asked.y, asked.method]))\n"
    )
    first, other = (
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            cwd=FOLDER,  # `-c` looks here first: the uncompiled package must not be here
            env=ENVIRONMENT | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    )
    assert first.count(b"\n") == 60
    assert first == other


@pytest.mark.parametrize(
    ("body", "category"),
    [
        ("return harness.OK", None),
        ("return harness.REFUSED", None),
        ("return harness.Outcome('wrong', 'one', payload=b'the input')", "wrong 3"),
        ("raise ValueError('no sentence')", "unclear 3"),
        ("import os; os.abort()", "crash 3"),
        ("import time; time.sleep(60)", "hang 3"),
        ("x = b'x' * (400 << 20); import time; time.sleep(60)", "memory 3"),
    ],
)
def test_the_harness_survives_counts_and_keeps_what_fails(body, category, tmp_path):
    script = tmp_path / "fuzz_probe.py"
    limit = 1 if category == "hang 3" else 60
    script.write_text(
        f"import sys; sys.path.insert(0, {str(FOLDER)!r})\n"
        "import harness\n"
        f"def attempt(seed, number):\n    {body}\n"
        f"part = harness.Part(attempt, n_cases=3, case_seconds={limit}, memory=300 << 20)\n"
        "harness.main(__file__, {'part': part})\n"
    )
    command = [sys.executable, str(script), "--keep", str(tmp_path / "kept")]
    ended = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert "3 tried" in ended.stdout, ended.stdout + ended.stderr
    assert ended.returncode == (category is not None)
    if category is not None:
        assert f"{category}," in ended.stdout
        assert "--only part --seed 0 --case " in ended.stdout
    if category == "wrong 3":
        (kept,) = (tmp_path / "kept").iterdir()
        assert kept.read_bytes() == b"the input"
        assert "the input" in ended.stdout
