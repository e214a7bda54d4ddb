import csv
import hashlib
import json
import re
import struct
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservoir import cli
from reservoir.experiments import (
    EXPERIMENTS,
    DigitsExperiment,
    LayersExperiment,
    RobustnessExperiment,
    Row,
    SeriesExperiment,
    VowelsExperiment,
    binding,
    load_results,
)
from reservoir.experiments.layers_tasks import TASKS as LAYERS_TASKS
from reservoir.experiments.new_voices import NewVoicesExperiment
from reservoir.experiments.paper_tables import _escaped, caption_of, columns_of, write_table
from reservoir.experiments.provenance import digest_of, traced
from reservoir.experiments.results import number_texts
from reservoir.experiments.series_tasks import TASKS
from reservoir.experiments.titles import title_of

COMMAND = ["digits", "--quick", "--protocol", "index", "--nodes", "20"]
COMMAND += ["--methods", "majority", "control", "ridge"]


def body_of_latex(text):
    """Cells between the rules of a table of booktabs."""
    body = text.split("\\midrule")[1].split("\\bottomrule")[0]
    lines = body.strip().removesuffix("\\\\").split("\\\\\n")
    return [[cell.strip() for cell in line.split(" & ")] for line in lines]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    paths = {name: folder / f"t.{name}" for name in ("csv", "md", "tex", "json", "h5")}
    tables = [str(paths[name]) for name in ("csv", "md", "tex")]
    arguments = [*COMMAND, "--table", *tables, "--json", str(paths["json"])]
    run = subprocess.run(
        [sys.executable, "-m", "reservoir.cli", *arguments, "--out", str(paths["h5"])],
        capture_output=True,
        text=True,
        check=True,
    )
    return paths, run.stdout, json.loads(paths["json"].read_text())


@pytest.mark.slow
def test_numbers_of_latex_markdown_json_and_terminal_are_the_same(written):
    paths, printed, rows = written
    cells = body_of_latex(paths["tex"].read_text())
    lines = [line for line in printed.splitlines() if "%" in line and "noise" not in line]
    lines = [line for line in lines if line.split()[0] in {row["method"] for row in rows}]
    markdown = paths["md"].read_text().splitlines()[2 : 2 + len(rows)]
    assert len(cells) == len(lines) == len(rows) == 3
    for row, cell, line, mark in zip(rows, cells, lines, markdown, strict=True):
        title, value, spread, n_parameters = cell
        assert [f"{part}%" for part in (value, spread)] == line.split()[1:3]
        assert float(value) == pytest.approx(100 * row["value"], abs=0.00501)
        assert float(spread) == pytest.approx(100 * row["spread"], abs=0.00501)
        assert int(n_parameters) == row["n_parameters"] == int(line.split()[-1])
        assert [part.strip() for part in mark.strip("|").split("|")] == cell
        assert title == row["title"]


@pytest.mark.slow
def test_csv_holds_every_key_of_json_with_all_digits(written):
    paths, _, rows = written
    with paths["csv"].open() as file:
        found = list(csv.DictReader(file))
    for row, cells in zip(rows, found, strict=True):
        assert set(cells) == {*row, "spread_kind"}
        for key in ("value", "spread", "seconds"):
            assert float(cells[key]) == row[key]
        assert cells["seeds"] == "0" and cells["command"] == row["command"]
        assert cells["spread_kind"] == "population standard deviation over folds"


@pytest.mark.slow
def test_the_line_for_pandas_is_printed_and_runs(written):
    paths, printed, rows = written
    pytest.importorskip("pandas")
    line = next(line for line in printed.splitlines() if "pandas" in line)
    code = line.split(": ", 1)[1]
    statement, expression = code.split("; ", 1)
    program = f"{statement}\ntable = {expression}\nprint(table.to_json(orient='records'))"
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    table = json.loads(out.stdout)
    assert [row["method"] for row in table] == [row["method"] for row in rows]
    assert [row["value"] for row in table] == pytest.approx([row["value"] for row in rows])
    assert table[0]["dataset"] == "synthetic"


@pytest.mark.slow
def test_hdf5_and_json_hold_the_same_rows(written):
    paths, _, rows = written
    found = [asdict(row) for row in load_results(paths["h5"]).rows]
    assert json.loads(json.dumps(found)) == rows
    assert rows[0]["command"].startswith("reservoir digits --quick --protocol index")
    assert rows[0]["versions"]["numpy"] == np.__version__


@pytest.mark.slow
def test_the_caption_says_what_the_numbers_are(written):
    paths, _, rows = written
    for name in ("md", "tex"):
        text = paths[name].read_text().replace("\\_", "_")
        assert "population standard deviation over folds" in text
        assert "n_folds = 2" in text and "A try with --quick" in text
        assert rows[0]["digest"] in text and "protocol index" in text


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20
)
ROWS = st.builds(
    Row,
    task=NAMES,
    protocol=NAMES,
    frontend=st.just("none"),
    method=NAMES.filter(bool),
    metric=st.sampled_from(("accuracy", "nmse", "ser", "capacity", "severity")),
    value=st.floats(0, 1),
    spread=st.floats(0, 1),
    n_folds=st.integers(1, 99),
    seconds=st.floats(0, 1e4),
    n_parameters=st.integers(0, 10**7),
)


@pytest.mark.slow
@given(st.lists(ROWS, min_size=1, max_size=5))
def test_every_table_of_rows_is_read_back_from_latex(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("latex") / "t.tex"
    write_table(path, rows, "folds")
    text = path.read_text(encoding="utf-8")
    columns = columns_of(rows)
    body = text.split("\\midrule\n")[1].split("    \\bottomrule")[0]
    # An ampersand or a backslash of a name is escaped, so these split the cells only.
    lines = [line.removesuffix(" \\\\")[4:] for line in body.split("\n")[:-1]]
    cells = [re.split(r"(?<!\\) & ", line) for line in lines]
    assert len(cells) == len(rows)
    places = {head: number for number, head in enumerate(columns)}
    value_head = next(head for head in columns if head not in ("task", "protocol", "method"))
    value_head = "value" if "value" in columns else value_head
    for row, line in zip(rows, cells, strict=True):
        assert len(line) == len(columns)
        assert (line[places[value_head]], line[places["spread"]]) == number_texts(row)
        assert int(line[places["trained numbers"]]) == row.n_parameters
    assert text.count("{tabular}") == 2 + sum(
        name.count("{tabular}") for name in [_escaped(caption_of(rows, "folds"))]
    )


def test_titles_of_methods_stand_in_a_column_that_breaks_them(tmp_path):
    title = "four oscillators, learned by tuning, untrained"
    row = Row(
        task="vowels",
        protocol="5x1",
        frontend="formants",
        method="network-online-untrained",
        metric="accuracy",
        value=0.747,
        spread=0.0676,
        n_folds=5,
        seconds=1.0,
        n_parameters=30,
        title=title,
    )
    write_table(tmp_path / "t.tex", [row], "folds")
    text = (tmp_path / "t.tex").read_text()
    assert "\\begin{tabular}{p{0.4\\linewidth} S" in text
    assert f"    {title} & " in text


@pytest.mark.slow
@given(NAMES)
def test_what_latex_would_take_for_a_command_is_escaped(text):
    back = _escaped(text)
    for word, letter in (
        ("\\textasciitilde{}", "~"),
        ("\\textasciicircum{}", "^"),
        ("\\textbackslash{}", "\0"),
    ):
        back = back.replace(word, letter)
    assert not re.search(r"(?<!\\)[&%$#_{}]", back)
    assert re.sub(r"\\([&%$#_{}])", r"\1", back).replace("\0", "\\") == text


def all_methods():
    yield "digits", DigitsExperiment(n_oscillators=4, speeds=(0.9,)).method_names()
    yield "digits", NewVoicesExperiment().method_names()
    for task in ("seven", "twelve"):
        yield "vowels", VowelsExperiment(task=task).method_names()
    for task in TASKS:
        yield task, SeriesExperiment(task).method_names()
    for task in LAYERS_TASKS:
        dataset = None if LAYERS_TASKS[task].datasets else "drones.h5"
        yield f"layers-{task}", LayersExperiment(task, dataset).method_names()
    for task in ("digits", "vowels", "layers"):
        yield f"robustness-{task}", RobustnessExperiment(task).method_names()
    yield "binding", tuple(binding.METHODS)
    for name in ("capacity", "torrejon", "abreu_araujo"):
        points = EXPERIMENTS[name].kind(quick=True).points()
        yield name, tuple(dict.fromkeys(point.method for point in points))


def test_every_method_has_a_title_of_its_own():
    for task, methods in all_methods():
        titles = [title_of(method, task) for method in methods]
        assert len(set(titles)) == len(titles), (task, titles)
        for method, title in zip(methods, titles, strict=True):
            assert title != method or method in ("ridge", "parity"), (task, method)
    assert title_of("control", "robustness-layers") == "the same in software"
    assert title_of("something-new") == "something-new"


def test_a_digest_is_that_of_the_numbers_their_shape_and_their_order():
    content = b"f(2,)" + struct.pack("<2d", 1.5, -2.0)
    assert digest_of([1.5, -2.0]) == hashlib.sha256(content).hexdigest()[:12]
    assert digest_of(np.array([1, 2], np.int32)) == digest_of(np.array([1, 2], ">i8"))
    assert digest_of(np.float32([1, 2])) == digest_of([1.0, 2.0]) != digest_of([1, 2])
    ragged = [np.zeros(2), np.zeros(3)]
    boxed = np.empty(2, dtype=object)
    boxed[:] = ragged
    assert digest_of(ragged) == digest_of(boxed) != digest_of(ragged[::-1])
    assert digest_of(["ab", "c"]) != digest_of(["a", "bc"])
    assert digest_of(np.zeros((2, 3))) != digest_of(np.zeros((3, 2)))


@pytest.mark.slow
def test_the_digest_follows_the_data_and_not_the_methods():
    one, other = (
        DigitsExperiment(quick=True, n_nodes=n, methods=("majority",)) for n in (10, 20)
    )
    (row,), (same,) = (traced(e, e.run()) for e in (one, other))
    more = NewVoicesExperiment(quick=True, methods=("majority",))
    (third,) = traced(more, more.run())
    assert row.digest == same.digest != third.digest  # more voices
    assert traced(one, [row], "another command") == [row]


def test_a_resumed_sweep_keeps_the_command_of_each_row(tmp_path, capsys):
    out, rows = str(tmp_path / "r.h5"), tmp_path / "r.json"
    series = ["series", "--task", "narma10", "--quick", "--out", out]
    assert cli.main([*series, "--methods", "mean"]) == 0
    assert cli.main([*series, "--methods", "mean", "linear-taps", "--json", str(rows)]) == 0
    mean, taps = json.loads(rows.read_text())
    assert mean["command"].endswith("--methods mean")
    assert "linear-taps" in taps["command"] and taps["seeds"] == [0]
    assert [asdict(row)["command"] for row in load_results(out).rows] == [
        mean["command"],
        taps["command"],
    ]


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--table", "{}/t.xlsx"], "does not end in .csv, .md or .tex"),
        (["--table", "{}/t.csv", "{}/./t.csv"], "--table and --table are both"),
        (["--table", "{}/t.csv", "--json", "{}/t.csv"], "--json and --table are both"),
        (["--table", "{}/no/t.csv"], "There is no folder"),
        (["--table", "{}"], "does not end in"),
        (["--table", "{}/folder.csv"], "is a folder"),
    ],
)
def test_a_table_that_cannot_be_written_is_refused_before_the_work(
    arguments, words, tmp_path, capsys, monkeypatch
):
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.setattr(DigitsExperiment, "run", lambda *_: pytest.fail("it worked"))
    with pytest.raises(SystemExit) as left:
        cli.main([*COMMAND, *(text.format(tmp_path) for text in arguments)])
    said = capsys.readouterr().err
    assert left.value.code == 2 and words in said and said.count("\n") == 1


def test_a_wrong_suffix_in_python_is_refused_with_the_list(tmp_path):
    row = Row(
        task="digits",
        protocol="index",
        frontend="mfcc",
        method="ridge",
        metric="accuracy",
        value=0.9,
        spread=0.01,
        n_folds=10,
        seconds=0.2,
        n_parameters=530,
    )
    with pytest.raises(ValueError, match=r"ends in '.xls'; .* \.csv, \.md, \.tex"):
        write_table(tmp_path / "t.xls", [row], "folds")
