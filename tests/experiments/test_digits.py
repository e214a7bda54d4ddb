"""The digits experiment and its command line, as a user sees them."""

import json
import os
import subprocess
import sys

import h5py
import numpy as np
import pytest
import sklearn

from reservoir import cli, datasets
from reservoir.experiments import DigitsExperiment
from reservoir.experiments.echo_state import EchoStateClassifier
from reservoir.experiments.new_voices import NewVoicesExperiment
from reservoir.experiments.speech import FRONT_ENDS, split

pytestmark = pytest.mark.slow

needs_recordings = pytest.mark.skipif(
    "RESERVOIR_DATA" not in os.environ,
    reason="RESERVOIR_DATA does not name a folder with the real recordings",
)
FIELDS = (
    "task protocol frontend method metric value spread n_folds seconds n_parameters "
    "title dataset digest seeds versions command"
).split()


def test_folds_never_share_what_the_protocol_holds_apart():
    bunch = datasets.load_spoken_digits()
    for protocol, marks, n_folds in (
        ("index", bunch.indices, 10),
        ("speaker", bunch.speakers, 8),
        ("official", bunch.indices, 1),
    ):
        folds = split(protocol, bunch.indices, bunch.speakers)
        assert len(folds) == n_folds
        for train, test in folds:
            assert not set(marks[train]) & set(marks[test])
            assert len(train) + len(test) == 800
    indices = np.tile(np.arange(50), 60)
    train, test = split("official", indices, indices)[0]
    assert set(indices[test]) == set(range(5)) and len(test) == 300


def test_the_quick_experiment_beats_chance_and_fills_every_field():
    experiment = DigitsExperiment(quick=True, n_nodes=60, protocol="speaker")
    rows = {row.method: row for row in experiment.run()}
    assert rows["majority"].value == pytest.approx(0.1)
    # Two voices are trained on, and the third has another accent and other silences.
    assert rows["oscillator-taps"].value > 0.5 and rows["svm-rbf"].value > 0.3
    assert rows["oscillator"].n_parameters == (60 * 4 + 1) * 10
    assert experiment.confusion_.sum() == sum(len(t) for _, t in experiment.folds_)
    assert 0 <= rows["control"].spread < 0.5


def test_the_answer_does_not_depend_on_the_number_of_jobs():
    options = {"quick": True, "n_nodes": 30, "methods": ("oscillator", "svm-rbf")}
    one, two = DigitsExperiment(**options), DigitsExperiment(n_jobs=2, **options)
    assert [row.value for row in one.run()] == [row.value for row in two.run()]
    for method in options["methods"]:
        assert np.array_equal(one.predictions_[method], two.predictions_[method])


def test_copies_at_other_speeds_are_rows_of_their_own_and_leave_the_others_alone():
    options = {"quick": True, "n_nodes": 30, "protocol": "speaker"}
    plain = DigitsExperiment(**options, methods=("oscillator-taps", "svm-rbf"))
    wanted = ("oscillator-taps", "svm-rbf", "oscillator-taps-copies", "svm-rbf-copies")
    copied = DigitsExperiment(**options, speeds=(0.87, 1.15), methods=wanted)
    values = [row.value for row in copied.run()]
    assert [row.value for row in plain.run()] == values[:2]
    assert [len(copy) for copy in copied.copies_] == [len(plain.frames_)] * 3
    assert copied.copies_[1][0].shape[0] > copied.copies_[2][0].shape[0]
    assert min(values[2:]) > 0.5


def test_trimming_comes_before_the_front_end():
    short = DigitsExperiment(quick=True, trim=20.0)
    whole = DigitsExperiment(quick=True)
    short.load(), whole.load()
    lengths = [[len(clip) for clip in experiment.frames_] for experiment in (short, whole)]
    assert np.mean(lengths[0]) < np.mean(lengths[1]) and (np.diff(lengths, axis=0) >= 0).all()


def test_the_command_writes_table_figure_json_and_hdf5(tmp_path, capsys):
    arguments = ["digits", "--quick", "--nodes", "40", "--protocol", "official"]
    for option, name in (("--out", "r.h5"), ("--plot", "r.png"), ("--json", "r.json")):
        arguments += [option, str(tmp_path / name)]
    assert cli.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "SYNTHETIC" in printed and "QUICK" in printed and "control" in printed
    rows = json.loads((tmp_path / "r.json").read_text())
    assert all(list(row) == FIELDS for row in rows)
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    with h5py.File(tmp_path / "r.h5") as file:
        assert json.loads(file.attrs["rows"]) == rows
        assert file["confusion"].shape == (10, 10)
        assert len(file["predictions/oscillator"]) == len(file["target"])


def test_json_on_standard_output_is_nothing_but_json_of_the_rows_asked_for(capsys):
    arguments = ["digits", "--protocol", "index", "--quick", "--nodes", "20", "--json", "-"]
    assert cli.main([*arguments, "--methods", "majority", "oscillator-taps"]) == 0
    captured = capsys.readouterr()
    methods = [row["method"] for row in json.loads(captured.out)]
    assert methods == ["majority", "oscillator-taps"]
    assert "oscillator-taps" in captured.err


def test_the_first_command_announces_rows_and_keeps_its_json_a_list_of_them(capsys):
    arguments = ["digits", "--quick", "--nodes", "20", "--json", "-"]
    assert cli.main(arguments) == 0
    captured = capsys.readouterr()
    rows = {row["method"]: row for row in json.loads(captured.out)}
    assert list(rows) == [
        "majority",
        "control",
        "oscillator",
        "control-vote",
        "oscillator-vote",
    ]
    assert rows["oscillator"]["protocol"] == "voices" and rows["majority"]["value"] == 0.1
    assert rows["oscillator-vote"]["protocol"] == "published"
    assert rows["control-vote"]["value"] < rows["oscillator-vote"]["value"]
    assert captured.err.count("oscillator-vote") == 1


def test_rows_of_new_voices_are_announced_in_the_order_of_the_table():
    heard = []
    experiment = NewVoicesExperiment(
        quick=True, n_nodes=20, methods=("majority", "control", "oscillator")
    )
    experiment.announce = heard.append
    rows = experiment.run()
    assert [line.split()[0] for line in heard[1:]] == [row.method for row in rows]
    assert rows[2].value > rows[0].value
    for train, test in experiment.folds_:
        assert not set(experiment.speakers_[train]) & set(experiment.speakers_[test])


def test_options_of_a_plain_oscillator_are_refused_for_new_voices(capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["digits", "--trim", "30"])
    assert "--trim belongs to a plain oscillator" in capsys.readouterr().err


def test_echo_states_follow_their_recursion():
    generator = np.random.default_rng(0)
    X, y = [generator.normal(size=(n, 2)) for n in (3, 7, 5, 4)], [0, 1, 0, 1]
    model = EchoStateClassifier(6, leak=0.4, dtype="float64", random_state=0).fit(X, y)
    recurrent = model._recurrent().toarray()
    assert np.abs(np.linalg.eigvals(recurrent)).max() == pytest.approx(0.9)
    for frames, states, drive in zip(
        X, model.node_states(X), model.drive_currents(X), strict=True
    ):
        x = np.zeros(6)
        for row, inputs in zip(states, drive.reshape(len(frames), 6), strict=True):
            x = 0.6 * x + 0.4 * np.tanh(recurrent @ x + inputs)
            assert row == pytest.approx(x)


BAD_ARGUMENTS = [
    ["digits", "--dataset", "timit"],
    ["digits", "--jobs", "0"],
    ["digits", "--seed", "-1"],
    ["digits", "--nodes", "many"],
    ["digits", "--plot", "figure.doc"],
    ["digits", "--out", "/no/such/folder/results.h5"],
    ["digits", "--out", "/"],
    ["digits", "--json", ""],
    ["digits", "--oscillators", "3"],
    ["digits", "--speeds", "0"],
    ["digits", "--trim", "-3"],
    ["digits", "--quick", "--methods", "svm-rbf-copies"],
    ["digits", "--methods", "oscilator"],
    ["capacity", "--readout-noise", "inf"],
    ["capacity", "--readout-noise", "-1"],
    ["capacity", "--loop-gain", "1.5"],
    ["capacity", "--loop-gain", "nan"],
    ["experiment"],
    ["experiment", "torrejon2017"],
    ["experiment", "digits"],
    ["series", "--task", "narma11"],
    ["sing"],
    ["vowels", "--jobs", "0"],
    ["vowels", "--task", "thirteen"],
    ["vowels", "--task", "twelve", "--plot", "map.png"],
    ["vowels", "--animate", "learning.avi"],
    ["layers", "--animate", "learning"],
    ["layers", "--task", "digit"],
    ["layers", "--task", "vowels", "--dataset", "corner"],
    ["layers", "--task", "drones"],
    ["layers", "--methods", "linear"],
    [],
]


@pytest.mark.parametrize("arguments", BAD_ARGUMENTS, ids=" ".join)
def test_bad_arguments_get_one_line_and_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("reservoir")


def test_metadata_routing_changes_no_row():
    rows = []
    for routing in (False, True):
        with sklearn.config_context(enable_metadata_routing=routing):
            experiment = DigitsExperiment(
                protocol="speaker", quick=True, n_nodes=10, methods=("control", "svm-rbf")
            )
            rows.append([(row.method, row.value) for row in experiment.run()])
            methods = ("ridge", "svm-rbf")
            experiment = DigitsExperiment(quick=True, n_nodes=10, methods=methods)
            rows[-1] += [(row.method, row.value) for row in experiment.run()]
    assert rows[0] == rows[1]


def test_a_missing_data_set_is_told_in_one_line(tmp_path):
    # A proxy that nobody runs stands for a computer without network.
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    environment["https_proxy"] = environment["HTTPS_PROXY"] = "http://127.0.0.1:9"
    environment.pop("RESERVOIR_DATA", None)
    code = "from reservoir.cli import main; raise SystemExit(main())"
    run = subprocess.run(
        [sys.executable, "-c", code, "digits", "--dataset", "fsdd"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,  # not the source folder, which has no compiled core
    )
    assert run.returncode == 1
    assert run.stderr.startswith("reservoir: https://") and "unpack" in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


@needs_recordings
def test_real_digits_reach_the_documented_accuracy_with_the_control_far_below():
    experiment = DigitsExperiment(
        dataset="fsdd",
        protocol="official",
        methods=("control", "oscillator", "oscillator-taps"),
        n_jobs=2,
    )
    rows = {row.method: row.value for row in experiment.run()}
    assert rows["oscillator"] >= 0.975
    assert rows["oscillator-taps"] >= 0.98
    assert 0.85 < rows["control"] < rows["oscillator"]


@needs_recordings
def test_a_linear_spectrogram_is_at_chance_without_the_oscillator():
    experiment = DigitsExperiment(
        dataset="fsdd",
        protocol="official",
        pooling="vote",
        frontend="spectrogram-signed",
        methods=("control", "oscillator"),
        n_jobs=2,
    )
    rows = {row.method: row.value for row in experiment.run()}
    assert 0.05 < rows["control"] < 0.16
    assert rows["oscillator"] > 0.4


@needs_recordings
def test_new_speakers_need_taps():
    recordings = datasets.fetch_fsdd()
    frames = FRONT_ENDS["cochleagram"](recordings.sample_rate).transform(recordings.data)
    X = np.empty(len(frames), dtype=object)
    X[:] = frames
    experiment = DigitsExperiment(n_nodes=200)
    new = recordings.speakers == "jackson"
    known, y = ~new, recordings.target
    scores = {}
    for method in ("oscillator", "oscillator-taps"):
        model = experiment.estimator(method)
        model.fit(X[known], y[known], groups=recordings.speakers[known])
        scores[method] = model.score(X[new], y[new])
    assert scores["oscillator-taps"] > 0.75
    assert scores["oscillator-taps"] > scores["oscillator"]


@pytest.mark.parametrize(
    ("protocol", "tested"),
    [
        ("index", "recording 0, then recording 1"),
        ("official", "recording 0"),
        ("speaker", "speaker adam, then speaker bella"),
    ],
)
def test_a_try_says_which_clips_it_uses_and_which_of_them_it_tests(protocol, tested):
    experiment = DigitsExperiment(
        quick=True, protocol=protocol, methods=("majority",), trim=None
    )
    experiment.load()
    heading = experiment.heading()
    words = " ".join(heading.split())
    assert "Clips: recordings 0 to 9 of speakers adam, bella and callum." in words
    assert words.endswith(f"Tested: {tested}.")
    assert ("2 of ten folds by recording number" in heading) == (protocol == "index")
    parts = tested.split(", then ")
    assert len(experiment.folds_) == len(parts)
    for part, (train, test) in zip(parts, experiment.folds_, strict=True):
        marks = experiment.speakers_ if protocol == "speaker" else experiment.indices_
        assert np.unique(marks[test]).astype(str).tolist() == [part.split()[1]]
        assert not np.intersect1d(marks[train], marks[test]).size
