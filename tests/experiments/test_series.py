"""Is every task judged on data of its own, next to its controls?"""

import json

import numpy as np
import pytest
from joblib import parallel_config

from reservoir.cli import main
from reservoir.experiments import SeriesExperiment
from reservoir.experiments import series_protocol as protocol
from reservoir.experiments.echo_state import EchoStateNetwork
from reservoir.experiments.results import load_arrays, load_rows
from reservoir.experiments.series_tasks import TASKS, WASHOUT

pytestmark = pytest.mark.slow

FREE = [name for name in TASKS if name != "santa_fe"]  # of data that must be fetched


@pytest.mark.parametrize("name", FREE)
def test_training_and_test_data_are_other_sequences(name):
    inputs, targets = protocol.training_data(name, 0)
    ((test_inputs, test_targets),) = protocol.judging_data(name, 0, 500)
    assert len(inputs) == len(targets) == WASHOUT + TASKS[name].n_train
    assert test_inputs.shape == (1, WASHOUT + 500)
    assert test_targets.shape[:2] == test_inputs.shape
    assert not np.array_equal(test_inputs[0], inputs[: WASHOUT + 500])
    assert not np.array_equal(protocol.training_data(name, 1)[0], inputs)


def test_a_long_test_streams_as_blocks_of_series_of_their_own():
    blocks = list(protocol.judging_data("channel", 0, 2 * 32 * 1000))
    assert [inputs.shape for inputs, _ in blocks] == [(32, WASHOUT + 1000)] * 2
    rows = np.concatenate([inputs for inputs, _ in blocks])
    assert len(np.unique(rows[:, 0])) == 64


@pytest.mark.real
def test_the_laser_is_tested_after_its_training_part():
    inputs, targets = protocol.training_data("santa_fe", 0)
    ((later, _),) = protocol.judging_data("santa_fe", 0)
    whole, _ = TASKS["santa_fe"].make(0, 0)
    n_train = TASKS["santa_fe"].n_train
    assert np.array_equal(inputs, whole[: WASHOUT + n_train])
    assert np.array_equal(later[0], whole[n_train : n_train + WASHOUT + 1000])


def test_taps_are_the_last_inputs_and_their_products():
    task = TASKS["memory"]
    series = np.arange(1.0, 6.0)[None]
    linear = protocol.tap_states(task, 3, 1)(series)[0]
    assert linear[-1].tolist() == [5, 4, 3] and linear[0].tolist() == [1, 0, 0]
    quadratic = protocol.tap_states(task, 2, 2)(series)[0]
    assert quadratic[-1].tolist() == [5, 4, 25, 20, 16]


def test_echo_states_follow_their_formula():
    network = EchoStateNetwork(
        30, input_scale=0.7, bias_scale=0.2, spectral_radius=0.9, leak=0.4, seed=1
    )
    recurrent, weights, bias = network.weights()
    inputs = np.random.default_rng(0).normal(size=(2, 8))
    x = np.zeros(30)
    for step in range(8):
        drive = recurrent.toarray() @ x + weights * inputs[1, step] + bias
        x = 0.6 * x + 0.4 * np.tanh(drive)
        # Sums of ten products below 1 in another order: a few roundings of 1e-16 each.
        np.testing.assert_allclose(network.states(inputs)[1, step], x, rtol=1e-12, atol=1e-14)
    radius = np.abs(np.linalg.eigvals(recurrent.toarray())).max()
    assert radius == pytest.approx(0.9)
    assert (np.diff(recurrent.indptr) == 10).all()


def test_the_ridge_strength_is_chosen_where_the_fit_has_not_looked():
    # States that hold the answer but for noise far larger in the validation stretch.
    generator = np.random.default_rng(0)
    task = TASKS["narma10"]
    signal = generator.normal(size=(3000, 1))
    wild = generator.normal(size=(3000, 1))
    wild[2000:] *= 1e3
    states = np.concatenate([signal + 0.1 * wild, signal], axis=1)
    readout, loss = protocol.fit_readout(task, states, signal)
    assert loss < 1e-6
    assert readout.coefficients[1, 0] == pytest.approx(1, rel=1e-3)


def test_every_task_has_settings_for_oscillator_and_echo_state_network():
    for task in TASKS.values():
        for settings in (task.settings.oscillator, task.settings.echo_state):
            assert {noisy for noisy, _ in settings} == {False, True}
        driven = list(task.settings.oscillator.values())
        if task.free_run:
            driven += task.free_run.settings.oscillator.values()
        assert all(abs(setting.loop_gain) < 1 for setting in driven)
        assert all(setting.shift != 0 for setting in driven)


def test_sine_or_square_needs_the_oscillator_or_taps():
    experiment = SeriesExperiment(task="sine_square", quick=True)
    values = {}
    for method in ("memoryless", "control", "oscillator-24", "linear-taps"):
        values[method] = experiment._value(method, 0)[0]
    assert values["memoryless"] == pytest.approx(0.875, abs=0.02)
    assert values["control"] < 0.8
    assert values["oscillator-24"] == 1.0 and values["linear-taps"] == 1.0


def test_a_readout_that_repeats_the_true_series_runs_freely_without_error():
    # Twenty past values determine the next one well enough for a few steps only; the
    # error is finite and above that of the first step.
    task = TASKS["mackey_glass"]

    def prepare(inputs):
        return protocol.tap_states(task, 20, 2)

    nrmse, n_parameters = protocol.run_freely(
        "mackey_glass", prepare, 0, n_starts=4, n_history=40
    )
    assert n_parameters == 231 and np.isfinite(nrmse) and nrmse > 1e-4


def test_the_command_prints_a_table_and_writes_what_it_says(tmp_path, capsys):
    files = {name: str(tmp_path / f"result.{name}") for name in ("h5", "png", "json")}
    options = ["--out", files["h5"], "--plot", files["png"], "--json", files["json"]]
    command = ["series", "--task", "sine_square", "--quick", "--jobs", "1", *options]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "memoryless" in printed and "QUICK" in printed
    with open(files["json"]) as file:
        rows = json.load(file)
    assert {row["task"] for row in rows} == {"sine_square"}
    arrays = load_arrays(files["h5"])
    assert {"target", "oscillator-24"} <= set(arrays)
    assert main(command) == 0  # resumes: nothing is measured again, and nothing lost
    again = load_arrays(files["h5"])
    assert again.keys() == arrays.keys()
    assert all(np.array_equal(again[name], arrays[name]) for name in arrays)
    with open(files["json"]) as file:
        assert json.load(file) == rows


def test_rows_that_are_picked_join_those_that_a_file_holds(tmp_path, capsys):
    command = ["series", "--task", "sine_square", "--quick", "--jobs", "1"]
    command += ["--out", str(tmp_path / "result.h5"), "--methods"]
    assert main([*command, "majority"]) == 0
    assert main([*command, "memoryless"]) == 0
    printed = capsys.readouterr().out
    assert "\nmajority " in printed and "\nmemoryless " in printed
    assert "\ncontrol " not in printed
    rows, _ = load_rows(tmp_path / "result.h5")
    assert [row.method for row in rows] == ["memoryless", "majority"]  # what ran last, first
    with pytest.raises(SystemExit):
        main([*command, "oscilator-24"])
    assert "oscillator-24-noise" in capsys.readouterr().err


def test_processes_leave_what_threads_leave(tmp_path):
    options = {"task": "sine_square", "quick": True, "n_jobs": 2}
    options["methods"] = ("oscillator-24", "echo-state-24", "majority")
    threads = SeriesExperiment(**options, store=tmp_path / "threads.h5")
    threads.run()
    processes = SeriesExperiment(**options, store=tmp_path / "processes.h5")
    with parallel_config("loky"):
        processes.run()
    assert [row.value for row in processes.rows_] == [row.value for row in threads.rows_]
    stored, _ = load_rows(tmp_path / "processes.h5")
    assert stored == processes.rows_  # in the order of the table
    assert set(processes.traces_) == {"target", "oscillator-24", "echo-state-24"}
    for name, values in threads.traces_.items():
        np.testing.assert_array_equal(processes.traces_[name], values)
