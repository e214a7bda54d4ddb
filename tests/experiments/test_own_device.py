import json
from dataclasses import replace

import numpy as np
import pytest

from reservoir import SpinTorqueOscillator, cli, save
from reservoir.devices import MeasuredOscillator, VortexOscillator
from reservoir.experiments import (
    CapacityExperiment,
    DigitsExperiment,
    RobustnessExperiment,
    SeriesExperiment,
    TorrejonExperiment,
    VowelsExperiment,
)
from reservoir.experiments.new_voices import NewVoicesExperiment
from reservoir.experiments.own_device import hold_of
from reservoir.experiments.results import load_results

DEFAULT = SpinTorqueOscillator.from_preset("torrejon2017")
# In units of its own threshold and damping rate it is the default device.
SCALED = replace(
    DEFAULT,
    threshold_current=2 * DEFAULT.threshold_current,
    damping_rate=3 * DEFAULT.damping_rate,
)
CURRENTS = np.linspace(0.2, 9.0, 60) * DEFAULT.threshold_current
MEASURED = MeasuredOscillator(
    current=tuple(CURRENTS),
    amplitude=tuple(DEFAULT.stationary_amplitude(CURRENTS)),
    relaxation_time=tuple(np.atleast_1d(DEFAULT.relaxation_time(CURRENTS))),
    threshold_current=DEFAULT.threshold_current,
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind, settings",
    [
        (DigitsExperiment, {"n_nodes": 20, "methods": ("control", "oscillator-taps")}),
        (NewVoicesExperiment, {"n_nodes": 20, "methods": ("control", "oscillator-vote")}),
        (SeriesExperiment, {"task": "sine_square", "methods": ("control", "oscillator-24")}),
        (CapacityExperiment, {"n_nodes": 10}),
    ],
)
def test_only_the_device_in_its_own_units_counts(kind, settings):
    by_name, same, other = (
        [row.value for row in kind(quick=True, oscillator=device, **settings).run()]
        for device in (None, SCALED, replace(DEFAULT, nonlinear_damping=0.0))
    )
    assert same == pytest.approx(by_name, abs=1e-6, rel=1e-6)
    if kind is CapacityExperiment:  # Another law of damping answers otherwise.
        assert other != pytest.approx(by_name, abs=1e-6)


@pytest.mark.slow
def test_a_series_under_faults_is_read_from_the_device_and_repaired_by_its_threshold():
    changes = {"methods": ("oscillator",), "draws": 1, "quick": True}
    changes |= {"faults": ("threshold",), "severities": (0.05,), "protocol": "repaired"}
    by_name, same = (
        RobustnessExperiment("series", oscillator=device, **changes)
        for device in (None, SCALED)
    )
    expected = [row.value for row in by_name.run()]
    assert [row.value for row in same.run()] == pytest.approx(expected, abs=1e-4)
    # Other series and seeds are other data.
    others = RobustnessExperiment("series", seed=1, **changes)
    assert others.data_used().digest != by_name.data_used().digest


@pytest.mark.slow
def test_the_control_does_not_feel_the_device_and_a_table_plays_digits():
    runs = [
        DigitsExperiment(
            quick=True, n_nodes=20, oscillator=device, methods=("control", "oscillator")
        )
        for device in (None, MEASURED)
    ]
    (control, curve), (same, table) = ([row.value for row in run.run()] for run in runs)
    assert control == same and table == pytest.approx(curve, abs=0.15)
    figure = runs[1].figure_data()
    assert figure.response.current[0] == pytest.approx(0.6 * MEASURED.threshold_current)
    assert "MeasuredOscillator" in runs[1].heading() and "Device" not in runs[0].heading()


def test_a_hold_counts_in_the_damping_rate():
    assert hold_of(DEFAULT, 1, 0.8) == pytest.approx(0.8 / DEFAULT.damping_rate)
    assert hold_of(SCALED, 1, 0.8) == pytest.approx(0.8 / SCALED.damping_rate)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda d: VowelsExperiment(oscillator=d), "A network is made of a SpinTorqueOsc"),
        (lambda d: DigitsExperiment(n_oscillators=2, oscillator=d), "Coupled oscillators"),
        (lambda d: SeriesExperiment(oscillator=d), "narma10 has a loop of delayed feedback"),
        (lambda d: CapacityExperiment(loop_gain=0.5, oscillator=d), "There is a loop gain"),
        (lambda d: CapacityExperiment("field", oscillator=d), "mapped along 'depth'"),
        (
            lambda d: RobustnessExperiment(oscillator=d, faults=("threshold",)),
            "The fault threshold moves what a MeasuredOscillator does not have",
        ),
        (lambda d: RobustnessExperiment("layers", oscillator=d), "leave it out"),
        (
            lambda d: RobustnessExperiment("series", oscillator=d),
            "The task narma10 has a loop of delayed feedback",
        ),
        (lambda d: RobustnessExperiment("vowels", oscillator=d), "A network is made of"),
        (lambda d: TorrejonExperiment(oscillator="nosuch"), "There is no preset 'nosuch'"),
    ],
)
def test_a_device_that_cannot_is_refused_with_the_reason(make, words):
    with pytest.raises(ValueError, match=words):
        make(MEASURED)


def test_the_networks_of_the_vowels_are_made_of_the_device():
    device = SpinTorqueOscillator.from_preset("riou2017")
    experiment = VowelsExperiment(oscillator=device)
    for method in ("network-search", "network-online", "network-search-10"):
        network = experiment.estimator(method, 0).network
        assert network.oscillator == device
    stiff = experiment.estimator("network-online-stiff", 0).network.oscillator
    assert stiff == replace(device, current_tuning=0.0)
    assert VowelsExperiment().estimator("network-search", 0).network is None


@pytest.mark.slow
def test_commands_take_presets_and_files_and_write_down_which(tmp_path, capsys):
    vortex = VortexOscillator.from_preset("grimaldi2014")
    save(vortex, tmp_path / "d.h5")
    rows, out = tmp_path / "r.json", tmp_path / "r.h5"
    command = ["digits", "--quick", "--nodes", "10", "--methods", "control", "oscillator"]
    command += ["--json", str(rows), "--out", str(out)]
    values = []
    for device in ("grimaldi2014", str(tmp_path / "d.h5")):
        assert cli.main([*command, "--device", device]) == 0
        found = json.loads(rows.read_text())
        assert f"--device {device}" in found[0]["command"]
        assert load_results(out).settings["device"] == repr(vortex)
        values.append([row["value"] for row in found])
    assert values[0] == values[1]
    assert "Device: VortexOscillator(" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["digits", "--device", "nosuch"], "There is no preset 'nosuch'"),
        (["vowels", "--device", "none.csv"], "There is no file none.csv"),
        (["series", "--device", "grimaldi2014.wav"], "is no file of a device"),
        (["capacity", "--along", "field", "--device", "riou2017"], "along 'depth'"),
        (["experiment", "binding", "--device", "riou2017"], "couples oscillators of its own"),
        (["robustness", "--task", "layers", "--device", "riou2017"], "leave it out"),
    ],
)
def test_a_device_that_cannot_be_is_refused_before_the_work(arguments, words, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    said = capsys.readouterr().err
    assert left.value.code == 2 and words in said and said.count("\n") == 1


def test_a_current_that_was_not_measured_is_told_in_a_line(tmp_path, capsys):
    narrow = replace(MEASURED, threshold_current=2 * MEASURED.threshold_current)
    save(narrow, tmp_path / "m.h5")
    command = ["series", "--task", "sine_square", "--quick", "--methods", "oscillator-24"]
    assert cli.main([*command, "--device", str(tmp_path / "m.h5")]) == 1
    said = capsys.readouterr().err
    assert "the device of --device cannot play this: A current of" in said


@pytest.mark.filterwarnings("ignore:.* does not tell :UserWarning")
@pytest.mark.parametrize("name", ["--out", "--table"])
def test_no_output_replaces_the_file_of_the_device(capsys, tmp_path, name):
    table = tmp_path / "bench.csv"
    lines = [f"{1e3 * i},{DEFAULT.stationary_amplitude(i)}" for i in CURRENTS]
    table.write_text("\n".join(["current_mA,amplitude_mV", *lines]))
    path = table if name == "--table" else tmp_path / "mine.h5"
    if name == "--out":
        save(DEFAULT, path)
    before = path.read_bytes()
    with pytest.raises(SystemExit) as left:
        cli.main(
            ["digits", "--quick", "--device", str(path), name, f"{tmp_path}/./{path.name}"]
        )
    said = capsys.readouterr().err
    assert left.value.code == 2 and "which is to be read; name another file" in said
    assert path.read_bytes() == before
