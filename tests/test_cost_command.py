"""Does `reservoir cost` print, write and draw the ledger, and refuse in a sentence?"""

import csv
import json

import numpy as np
import pytest

from reservoir import ReservoirClassifier, cli, cost_command, datasets, save
from reservoir.audio import SpeechClassifier
from reservoir.cost_command import figure_of
from reservoir.experiments.results import load_results
from reservoir.ledger import Ledger

DIGITS = datasets.load_spoken_digits()
FIGURES = "name,value,unit\nmagnet_power,30,W\nprocessor_power,10,W\n"


def run(capsys, *arguments):
    """Status, standard output and standard error of a command."""
    try:
        status = cli.main(["cost", *map(str, arguments)])
    except SystemExit as leaving:
        status = leaving.code
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("digits", "device, direct current"),
        ("vowels", "dwell: settling and measuring"),
        ("layers", "neurons settle, layer after layer"),
    ],
)
@pytest.mark.filterwarnings("ignore")  # the quick examples learn next to nothing
def test_every_task_prints_its_ledger(capsys, task, words):
    status, text, _ = run(capsys, "--task", task, "--quick")
    assert status == 0
    assert words in text and "lines unknown)" in text
    assert "samples that were not learned from are right." in text
    assert "time on this processor" in text


@pytest.mark.slow
def test_figures_of_ones_own_come_into_the_ledger_and_its_files(capsys, tmp_path):
    (tmp_path / "own.csv").write_text(FIGURES)
    files = tmp_path / "cost.json", tmp_path / "cost.png"
    status, text, _ = run(
        capsys,
        "--quick",
        "--details",
        *("--figures", tmp_path / "own.csv"),
        *("--json", files[0], "--plot", files[1]),
    )
    assert status == 0
    ledger = Ledger.from_json(files[0].read_text())
    seconds = ledger.total("time").value
    assert ledger["magnetic field"].value == pytest.approx(30 * seconds)
    assert "with magnet_power = 30 W" in text
    assert files[1].read_bytes().startswith(b"\x89PNG")


def test_a_ledger_goes_into_a_file_of_results(capsys, tmp_path):
    out, other = tmp_path / "cost.h5", tmp_path / "cost.json"
    arguments = ["--task", "layers", "--quick", "--out", out, "--json", other]
    assert run(capsys, *arguments)[0] == 0
    results, ledger = load_results(out), Ledger.from_json(other.read_text())
    assert results.rows == [] and results.settings["task"] == "layers"
    names = [name.decode() for name in results.arrays["name"]]
    assert names == [line.name for line in ledger]
    for value, line in zip(results.arrays["value"], ledger, strict=True):
        assert np.isnan(value) if line.value is None else value == line.value
    assert run(capsys, "--quick", "--out", tmp_path / "cost.txt")[0] == 2


def test_a_ledger_is_a_table_for_programs_and_for_readers(capsys, tmp_path):
    files = [tmp_path / f"cost.{suffix}" for suffix in ("csv", "md", "tex", "json")]
    arguments = ["--task", "layers", "--quick", "--table", *files[:3], "--json", files[3]]
    assert run(capsys, *arguments)[0] == 0
    ledger = Ledger.from_json(files[3].read_text())
    with open(files[0], newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [line.name for line in ledger]
    for row, line in zip(rows, ledger, strict=True):
        value = None if row["value"] == "unknown" else float(row["value"])
        inputs = {name: tuple(pair) for name, pair in json.loads(row["inputs"]).items()}
        assert (value, inputs) == (line.value, dict(line.inputs))
        assert (row["unit"], row["standing"]) == (line.unit, line.standing)
    total = str(ledger.total("energy"))
    markdown, latex = files[1].read_text(), files[2].read_text()
    assert "| energy | magnetic field | unknown | unknown | magnet_power * time |" in markdown
    assert f"| energy | in all | {total} |" in markdown and ledger.title in markdown
    assert r"energy & magnetic field & unknown & unknown & magnet\_power * time" in latex
    assert latex.count(r"\\") == len(ledger) + 3  # the heads and two sums
    assert run(capsys, "--quick", "--table", tmp_path / "cost.txt")[0] == 2
    own = tmp_path / "own.csv"
    own.write_text(FIGURES)
    status, _, said = run(capsys, "--figures", own, "--table", own)
    assert status == 2 and "--table would replace" in said


def test_json_goes_to_standard_output_and_the_table_elsewhere(capsys):
    status, text, table = run(capsys, "--quick", "--json", "-")
    assert status == 0 and "Energy of one inference" in table
    assert json.loads(text)["lines"]


def test_a_saved_model_has_a_ledger_with_clips_if_it_hears(capsys, tmp_path):
    model = SpeechClassifier(
        DIGITS.sample_rate, n_nodes=10, n_masks=1, speeds=(), random_state=0
    )
    save(model.fit(DIGITS.data[::8], DIGITS.target[::8]), tmp_path / "words.h5")
    status, text, _ = run(capsys, "--quick", "--model", tmp_path / "words.h5")
    assert status == 0 and "SpeechClassifier: one inference is one sample" in text
    frames = [clip[:300].reshape(100, 3) for clip in DIGITS.data[:4]]
    plain = ReservoirClassifier(n_nodes=10, random_state=0).fit(frames, [0, 1, 0, 1])
    save(plain, tmp_path / "plain.h5")
    status, text, _ = run(capsys, "--model", tmp_path / "plain.h5")
    assert status == 0 and "no data were given" in text


def test_a_wrong_table_is_refused_with_its_line(capsys, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("name,value,unit\nmagnet_power,30,horses\n")
    status, _, said = run(capsys, "--figures", path)
    assert status == 2
    assert "line 2 gives magnet_power in 'horses'" in said and len(said.splitlines()) == 1


def test_a_figure_that_leaves_a_line_without_a_number_is_refused(capsys, tmp_path):
    path = tmp_path / "own.csv"
    for row in ("gpu_half_rate,0,1/s", "input_bits,5000,bit"):
        path.write_text(f"name,value,unit\n{row}\n")
        status, _, said = run(capsys, "--task", "digits", "--quick", "--figures", path)
        assert status == 1 and "The line '" in said
        assert row.split(",")[0] in said and len(said.splitlines()) == 1


def test_files_that_are_not_there_or_would_be_replaced_are_refused(capsys, tmp_path):
    status, _, said = run(capsys, "--model", tmp_path / "none.h5")
    assert status == 1 and "none.h5" in said
    status, _, said = run(capsys, "--figures", tmp_path / "none.csv")
    assert status == 1 and "none.csv" in said
    path = tmp_path / "own.json"
    path.write_text(FIGURES)
    status, _, said = run(capsys, "--figures", path, "--json", path)
    assert status == 2 and "--json would replace" in said


def test_the_figure_has_a_bar_for_every_energy_and_none_for_what_is_not_one():
    example = cost_command._layers(True)
    ledger = cost_command.cost(example.model, example.X, measure=True)
    bars = {bar.name: bar for bar in figure_of(ledger).bars}
    assert bars["magnetic field"].value is None and bars["magnetic field"].text == "unknown"
    assert bars["synapses"].value == ledger["synapses"].value
    assert "time on this processor" not in bars and "Footprint" not in bars
