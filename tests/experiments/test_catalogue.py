"""What does a new experiment or task touch, and do all experiments keep the contract?"""

import importlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from reservoir import cli, plotting
from reservoir.experiments import EXPERIMENTS, Entry, Row
from reservoir.experiments.provenance import DataUsed, digest_of
from reservoir.experiments.series_settings import OscillatorSetting, Settings
from reservoir.experiments.series_tasks import TASKS, Task
from reservoir.metrics import nmse

pytestmark = pytest.mark.slow


# The whole of a new experiment: this class, and its line in the catalogue.
@dataclass
class CoinExperiment:
    dataset: str = "fair"
    seed: int = 0
    n_jobs: int = 1
    quick: bool = False

    summary = "toss a coin"
    datasets = ("fair", "bent")
    spread_over = "nothing: there is one run"

    def run(self, progress):
        share = {"fair": 0.5, "bent": 0.9}[self.dataset]
        tosses = np.random.default_rng(self.seed).random(10 if self.quick else 1000)
        (value,) = progress([float(np.mean(tosses < share))], 1)
        self.tosses_ = tosses
        row = Row(
            task="coin",
            protocol="none",
            frontend="none",
            method="hand",
            metric="accuracy",
            value=value,
            spread=0.0,
            n_folds=1,
            seconds=0.0,
            n_parameters=0,
        )
        return [row]

    def heading(self):
        return f"A {self.dataset} coin\n"

    def footnotes(self):
        return "hand: no machine."

    def data_used(self):
        return DataUsed(self.dataset, digest_of(self.tosses_), (self.seed,))

    def arrays(self):
        return {"tosses": self.tosses_}


def test_a_new_experiment_is_a_class_and_its_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(EXPERIMENTS, "coin", Entry(CoinExperiment))
    out, rows = tmp_path / "coin.h5", tmp_path / "coin.json"
    arguments = ["experiment", "coin", "--dataset", "bent", "--quick"]
    assert cli.main([*arguments, "--out", str(out), "--json", str(rows)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("A bent coin\n") and "hand: no machine.\n" in printed
    assert json.loads(rows.read_text())[0]["task"] == "coin" and out.exists()
    with pytest.raises(SystemExit):  # its line names no figure
        cli.main([*arguments, "--plot", str(tmp_path / "coin.png")])


def test_the_figure_of_a_new_experiment_is_a_function_of_what_it_kept(monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setattr(CoinExperiment, "figure_data", lambda self: "kept", raising=False)
    entry = Entry(CoinExperiment, lambda data, path: drawn.append((data, path)))
    monkeypatch.setitem(EXPERIMENTS, "coin", entry)
    path = str(tmp_path / "coin.png")
    assert cli.main(["experiment", "coin"]) == 0 and drawn == []
    assert cli.main(["experiment", "coin", "--plot", path]) == 0
    assert drawn == [("kept", path)]


def test_a_new_task_is_one_description_and_its_line(monkeypatch, capsys):
    def make(n_steps, seed):
        inputs = np.random.default_rng(seed).uniform(size=n_steps)
        return inputs, np.roll(inputs, 1)[:, None]

    echo = Task(
        make=make,
        metric="nmse",
        score=nmse,
        center=0.5,
        unit=0.5,
        n_train=1500,
        n_test=500,
        description="the input of the step before",
        settings=Settings(
            oscillator={
                (False, 20): OscillatorSetting(
                    2.0, 0.3, node_bias=0.1, hold=3.0, loop_gain=0.0
                )
            },
            echo_state={},
        ),
    )
    monkeypatch.setitem(TASKS, "echo", echo)
    assert cli.main(["series", "--task", "echo", "--quick", "--json", "-"]) == 0
    captured = capsys.readouterr()
    value = {row["method"]: row["value"] for row in json.loads(captured.out)}
    assert list(value) == "mean control linear-taps quadratic-taps oscillator-20".split()
    assert value["linear-taps"] < 1e-6 < value["oscillator-20"] < value["mean"]
    assert "the input of the step before\n1500 steps train" in captured.err


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_one_word_names_module_class_figure_and_test(name):
    entry = EXPERIMENTS[name]
    class_name = "".join(part.capitalize() for part in name.split("_")) + "Experiment"
    module = importlib.import_module(f"reservoir.experiments.{name}")
    assert entry.kind is getattr(module, class_name)
    drawing = importlib.import_module(f"reservoir.plotting.{name}")
    assert (
        entry.figure is getattr(drawing, f"plot_{name}") is getattr(plotting, f"plot_{name}")
    )
    assert isinstance(entry.kind.summary, str)
    assert Path(__file__).with_name(f"test_{name}.py").is_file()


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_wrong_parameters_of_an_experiment_are_named(name):
    kind = EXPERIMENTS[name].kind
    with pytest.raises(ValueError, match=f"{kind.__name__}.quick is 2; it must be True or"):
        kind(quick=2)
    word = "seeds" if name == "digits" else "seed"
    for seed in (-1, True, 0.5):
        value = (seed,) if name == "digits" else seed
        with pytest.raises(
            ValueError, match=f"{word} is {seed}; it must be an integer from 0"
        ):
            kind(**{word: value})


def test_a_wrong_name_is_answered_with_the_names():
    for name, field in (("digits", "protocol"), ("capacity", "along"), ("series", "task")):
        with pytest.raises(ValueError, match=f"{field} is 'none'; it must be one of '"):
            EXPERIMENTS[name].kind(**{field: "none"})


def test_the_command_runs_without_docstrings(tmp_path):
    run = subprocess.run(
        [sys.executable, "-OO", "-m", "reservoir.cli", "digits", "--quick", "--nodes", "10"]
        + ["--methods", "majority", "oscillator", "--json", "-"],
        capture_output=True,
        text=True,
        cwd=tmp_path,  # not the source folder, which has no compiled core
    )
    assert run.returncode == 0, run.stderr
    assert [row["method"] for row in json.loads(run.stdout)] == ["majority", "oscillator"]
