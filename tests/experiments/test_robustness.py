"""Does a sweep of faults measure what it says, on copies, and for rivals alike?"""

import json

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from reservoir import ReservoirClassifier
from reservoir.cli import main
from reservoir.experiments import RobustnessExperiment, control
from reservoir.experiments.echo_state import EchoStateClassifier, EchoStateRegressor
from reservoir.experiments.robustness_faults import (
    DIGITS_KINDS,
    LAYERS_KINDS,
    SERIES_KINDS,
    VOWELS_KINDS,
)
from reservoir.experiments.robustness_loss import lost_at
from reservoir.experiments.robustness_reservoirs import measured_curve
from reservoir.experiments.robustness_rivals import (
    perceptron_learning_on,
    perceptron_recalibrated,
    perceptron_with,
)
from reservoir.experiments.robustness_states import (
    clean_features,
    seen_decision,
    states_stay,
)
from reservoir.faults import (
    BinaryJunctions,
    DeadChannels,
    DeadNodes,
    DeadSynapses,
    FrequencyDrift,
    ReadoutBits,
    SynapseGainSpread,
    with_faults,
)
from reservoir.plotting import plot_robustness

GENERATOR = np.random.default_rng(0)
Y = np.arange(60) % 3
X = [
    GENERATOR.normal(size=(length, 4)) + label for length, label in zip(5 + Y, Y, strict=True)
]
SINGLE = ReservoirClassifier(n_nodes=20, pooling="segments", context=(), random_state=0)
MODELS = {
    "oscillator": SINGLE.fit(X, Y),
    "control": control(SINGLE).fit(X, Y),
    "echo-state": EchoStateClassifier(20, random_state=0).fit(X, Y),
}
TABLE = GENERATOR.normal(size=(80, 6))
PERCEPTRON = MLPClassifier((12,), tol=0.01, max_iter=2000, random_state=0)
PERCEPTRON.fit(TABLE, (TABLE[:, 0] > 0).astype(int) + (TABLE[:, 1] > 0.5))

KINDS = {
    **{("digits", name): kind for name, kind in DIGITS_KINDS.items()},
    **{("vowels", name): kind for name, kind in VOWELS_KINDS.items()},
    **{("layers", name): kind for name, kind in LAYERS_KINDS.items()},
    **{("series", name): kind for name, kind in SERIES_KINDS.items()},
}


# ------------------------------------------------------------------ states once for all


SHARED = [
    (name, method)
    for name, kind in DIGITS_KINDS.items()
    for method, model in MODELS.items()
    if method in kind.methods and states_stay(kind, model)
]


@pytest.mark.parametrize(("name", "method"), SHARED)
def test_states_that_are_simulated_once_give_the_same_bits(name, method):
    kind, model = DIGITS_KINDS[name], MODELS[method]
    features = clean_features(model, X)
    severity = kind.severities[len(kind.severities) // 2]
    faulty = with_faults(model, kind.make(severity, 1), random_state=3)
    assert (seen_decision(faulty, features) == faulty.decision_function(X)).all()
    assert (seen_decision(model, features) == model.decision_function(X)).all()
    assert not (seen_decision(faulty, features) == model.decision_function(X)).all()


def test_states_are_simulated_again_where_a_fault_changes_them():
    assert not states_stay(DIGITS_KINDS["dead-nodes"], MODELS["echo-state"])
    for name in ("threshold", "dead-channels", "read-noise", "converter-bits"):
        assert not states_stay(DIGITS_KINDS[name], MODELS["oscillator"])


# ------------------------------------------------------------------ the rivals


def test_a_network_with_dead_units_is_the_smaller_network_of_the_others():
    model = MODELS["echo-state"]
    faulty = with_faults(model, DeadNodes(0.3), random_state=1)
    alive = faulty.wear_.gains != 0
    assert alive.sum() == 14
    weights = model._recurrent().toarray()[np.ix_(alive, alive)]
    for frames, states in zip(X[:3], faulty.node_states(X[:3]), strict=True):
        inputs = model._entering()[1].currents(frames.astype(np.float32))[:, alive]
        x = np.zeros(alive.sum())
        for u, seen in zip(inputs, states, strict=True):
            x = 0.7 * x + 0.3 * np.tanh(weights @ x + u)
            assert seen[alive] == pytest.approx(x, abs=1e-5)
            assert (seen[~alive] == 0).all()


def test_a_perceptron_with_dead_units_is_the_smaller_perceptron_of_the_others():
    faulty = perceptron_with(PERCEPTRON, DeadNodes(0.25), seed=2)
    alive = (faulty.coefs_[1] != 0).any(axis=1)
    assert alive.sum() == 9 and (PERCEPTRON.coefs_[1] != 0).all()
    hidden = np.maximum(TABLE @ PERCEPTRON.coefs_[0] + PERCEPTRON.intercepts_[0], 0)
    outputs = hidden[:, alive] @ PERCEPTRON.coefs_[1][alive] + PERCEPTRON.intercepts_[1]
    assert (faulty.predict(TABLE) == outputs.argmax(axis=1)).all()


def test_lost_channels_of_a_perceptron_are_lost_in_every_segment():
    faulty = perceptron_with(PERCEPTRON, DeadChannels(0.5), seed=0, n_repeats=3)
    dead = (faulty.coefs_[0] == 0).all(axis=1)
    assert dead.reshape(3, 2).sum(axis=1).tolist() == [1, 1, 1]
    assert len({tuple(row) for row in dead.reshape(3, 2).tolist()}) == 1


def test_as_many_weights_of_a_perceptron_are_dead_as_the_share_says():
    faulty = perceptron_with(PERCEPTRON, DeadSynapses(0.25), seed=0)
    n_dead = sum(int((array == 0).sum()) for array in faulty.coefs_)
    assert n_dead == round(0.25 * (6 * 12 + 12 * 3))
    spread = perceptron_with(PERCEPTRON, SynapseGainSpread(0.1), seed=0)
    ratios = np.concatenate(
        [(a / b).ravel() for a, b in zip(spread.coefs_, PERCEPTRON.coefs_, strict=True)]
    )
    assert ratios.std() == pytest.approx(0.1, rel=0.25) and abs(ratios.mean() - 1) < 0.04


def test_stored_weights_of_a_perceptron_have_the_levels_of_their_cells():
    for fault, n_levels in ((ReadoutBits(2), 3), (BinaryJunctions(1), 2)):
        weights = perceptron_with(PERCEPTRON, fault, seed=0).coefs_[1]
        largest = np.abs(PERCEPTRON.coefs_[1]).max(axis=0)
        assert set(np.round(weights / largest, 12).ravel()) <= {-1.0, 0.0, 1.0}
        assert len(np.unique(np.round(weights / largest, 12))) == n_levels


def test_a_perceptron_that_learns_on_keeps_its_dead_weights_dead():
    labels = (TABLE[:, 0] > 0).astype(int) + (TABLE[:, 1] > 0.5)
    faulty = perceptron_with(PERCEPTRON, DeadSynapses(0.3), seed=1)
    again = perceptron_learning_on(faulty, TABLE, labels, seed=0, n_passes=30)
    for before, after in zip(faulty.coefs_, again.coefs_, strict=True):
        assert ((before == 0) == (after == 0)).all() and (before != after).any()
    assert again.score(TABLE, labels) > faulty.score(TABLE, labels)
    repeated = perceptron_learning_on(faulty, TABLE, labels, seed=0, n_passes=30)
    assert (again.coefs_[0] == repeated.coefs_[0]).all()


def test_a_dead_unit_of_a_recalibrated_perceptron_counts_as_its_mean():
    faulty = perceptron_with(PERCEPTRON, DeadNodes(0.25), seed=2)
    again = perceptron_recalibrated(faulty, PERCEPTRON, TABLE)
    hidden = np.maximum(TABLE @ PERCEPTRON.coefs_[0] + PERCEPTRON.intercepts_[0], 0)
    dead = (faulty.coefs_[1] == 0).all(axis=1)
    hidden[:, dead] = hidden[:, dead].mean(axis=0)
    outputs = hidden @ PERCEPTRON.coefs_[1] + PERCEPTRON.intercepts_[1]
    assert (again.predict(TABLE) == outputs.argmax(axis=1)).all()
    same = perceptron_recalibrated(PERCEPTRON, PERCEPTRON, TABLE)
    assert same.intercepts_[0] == pytest.approx(PERCEPTRON.intercepts_[0], abs=1e-12)


def test_a_fault_that_a_perceptron_cannot_have_is_refused():
    with pytest.raises(TypeError, match="nothing that could have a FrequencyDrift"):
        perceptron_with(PERCEPTRON, FrequencyDrift(1e6), seed=0)


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(("task", "name"), KINDS)
def test_every_severity_of_every_kind_is_one_that_its_fault_can_have(task, name):
    kind = KINDS[task, name]
    RobustnessExperiment(task=task, faults=(name,), severities=kind.severities)
    for protocol in kind.protocols:
        experiment = RobustnessExperiment(task=task, faults=(name,), protocol=protocol)
        assert len(experiment.points()) > len(kind.severities)
    ordered = sorted(kind.severities, reverse=kind.is_falling)
    assert ordered == list(kind.severities)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--faults", "dead-nodes", "--severities", "1.5"], "share is 1.5; it must be"),
        (["--faults", "dead-nodes", "--severities", "-0.1"], "a finite number of at"),
        (["--faults", "dead-nodes", "--severities", "0.1", "1"], "none of 400 alive"),
        (["--faults", "readout-bits", "--severities", "3.5"], "must be a whole number"),
        (["--faults", "readout-bits", "--severities", "1"], "bits is 1; it must be"),
        (["--faults", "rust"], "'rust' is no fault of the task digits; choose from dead-n"),
        (["--task", "vowels", "--faults", "dead-nodes"], "no fault of the task vowels"),
        (
            ["--task", "vowels", "--faults", "dead-oscillators", "--severities", "4"],
            "of 4 al",
        ),
        (["--faults", "dead-weights", "--mitigation", "drawn-faults"], "trained over dead-w"),
        (["--task", "layers", "--mitigation", "drawn-faults"], "trained over dead-neurons"),
        (["--mitigation", "drawn-faults", "--protocol", "before"], "protocol is 'before'"),
        (["--trained-severity", "0.1"], "needs the mitigation 'drawn-faults'"),
        (
            [
                "--faults",
                "dead-nodes",
                "--mitigation",
                "drawn-faults",
                "--trained-severity",
                "1",
            ],
            "none of 400 alive",
        ),
        (["--faults", "readout-bits", "--protocol", "repaired"], "measured with after"),
        (["--dataset", "optdigits"], "dataset is 'optdigits'; it must be one of 'synth"),
        (["--faults", "threshold", "--methods", "mlp"], "'mlp' is not a row of this table"),
        (["--draws", "0"], "0 is not at least 1"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(arguments, answer, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["robustness", *arguments])
    assert stop.value.code == 2
    assert answer in capsys.readouterr().err


# ------------------------------------------------------------------ the sweep


def test_points_are_lost_on_the_straight_line_between_two_severities():
    x, accuracies = np.array([0.1, 0.2, 0.4]), np.array([0.95, 0.85, 0.9])
    assert lost_at(x, accuracies, 0.96, 0.01) == 0.1
    assert lost_at(x, accuracies, 0.96, 0.05) == pytest.approx(0.14)
    assert lost_at(x, accuracies, 0.96, 0.05, stepwise=True) == 0.2
    assert lost_at(x, accuracies, 0.96, 0.5) is None
    assert lost_at(x[:1], accuracies[:1], 0.99, 0.01) == 0.1


def test_a_measured_curve_is_that_of_the_oscillator_with_errors_of_two_per_cent():
    model = MODELS["oscillator"]
    threshold = model.oscillator_.threshold_current
    currents, curve = measured_curve(model, threshold, 0)
    errors = curve - model.oscillator_.stationary_amplitude(currents)
    assert errors.std() / curve.max() == pytest.approx(0.02, rel=0.15)


def small(store=None, **changes):
    settings = {"faults": ("dead-nodes",), "severities": (0.0, 0.5), "draws": 2, **changes}
    return RobustnessExperiment(quick=True, store=store, **settings)


def without_seconds(rows):
    return [{**vars(row), "seconds": 0} for row in rows]


@pytest.fixture(scope="module")
def swept():
    experiment = small()
    return experiment, experiment.run()


@pytest.mark.slow
def test_a_fault_of_severity_nothing_costs_nothing(swept):
    rows = {(row.protocol, row.method): row for row in swept[1]}
    for method in ("oscillator", "control", "echo-state", "mlp"):
        none, whole = rows["none", method], rows["after:dead-nodes=0", method]
        assert none.value == whole.value > 0.8 and whole.spread == 0
        assert rows["after:dead-nodes=0.5", method].value < none.value
        assert 0 < rows["after:dead-nodes:5-lost", method].value <= 0.5


@pytest.mark.slow
def test_the_figure_is_drawn_of_what_was_measured(swept, tmp_path):
    data = swept[0].figure_data()
    (panel,) = data.panels
    assert [curve.method for curve in panel.curves] == list(swept[0].method_names())
    plot_robustness(data, tmp_path / "faults.png")
    assert (tmp_path / "faults.png").stat().st_size > 10_000


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_table(swept, tmp_path):
    store = tmp_path / "faults.h5"

    def killed(tasks, total):
        for number, task in enumerate(tasks):
            if (number, total) == (5, 12):  # of the points; eight models were fitted before
                raise KeyboardInterrupt
            yield task

    with pytest.raises(KeyboardInterrupt):
        small(store).run(killed)
    left = []

    def counted(tasks, total):
        left.append(total)
        return tasks

    again = small(store)
    assert without_seconds(again.run(counted)) == without_seconds(swept[1])
    assert left == [2 * len(again.method_names()), 7] and again.count_kept() == 12
    shape = again.arrays()["accuracies/after:dead-nodes=0.5/oscillator"].shape
    assert shape == (2, 2)


@pytest.mark.slow
def test_what_is_done_about_dead_nodes_brings_accuracy_back(swept):
    frozen = {(row.protocol, row.method): row.value for row in swept[1]}
    for protocol in ("before", "repaired"):
        experiment = small(protocol=protocol, severities=(0.05,), methods=("oscillator",))
        rows = {row.protocol: row.value for row in experiment.run()}
        assert rows["none"] == frozen["none", "oscillator"]
        assert rows[f"{protocol}:dead-nodes=0.05"] > rows["none"] - 0.05


@pytest.mark.slow
def test_a_threshold_that_moved_is_followed_by_currents_from_a_curve():
    changes = {"faults": ("threshold",), "severities": (0.05,), "draws": 2}
    frozen, repaired = (
        small(protocol=protocol, **changes).run()[1].value
        for protocol in ("after", "repaired")
    )
    assert frozen < 0.5 and repaired > 0.85


@pytest.mark.slow
def test_a_refitted_readout_hears_the_examples_through_the_moved_device():
    changes = {"faults": ("threshold",), "severities": (0.05,), "draws": 2}
    few, many = (
        small(protocol="refitted", n_examples=number, **changes).run()[1].value
        for number in (20, 200)
    )
    frozen = small(**changes).run()[1].value
    assert frozen < few < many


@pytest.mark.slow
def test_a_readout_that_was_trained_over_drifts_bears_them():
    changes = {"faults": ("threshold",), "draws": 2, "trained_severity": 0.05}
    severities = (0.0, 0.02, 0.05)
    tough = small(mitigation="drawn-faults", severities=severities, **changes)
    rows = {row.protocol: row.value for row in tough.run()}
    name = "after+drawn-faults-0.05:threshold"
    assert all(rows[f"{name}={severity:g}"] > 0.85 for severity in severities)
    assert name.split(":")[0] in tough.heading() and "over 11 copies" in tough.footnotes()
    # With its own severity each row has a readout of its own.
    own = small(mitigation="drawn-faults", severities=(0.05,), faults=("threshold",), draws=2)
    values = {row.protocol: row.value for row in own.run()}
    assert values["after+drawn-faults:threshold=0.05"] == rows[f"{name}=0.05"]


def test_each_trained_readout_hears_both_ends_of_a_drift_or_several_draws(monkeypatch):
    heard = []
    monkeypatch.setattr(
        "reservoir.experiments.robustness_bench.train_over_faults",
        lambda model, X, y, scenarios, **more: heard.append(scenarios) or model,
    )
    experiment = small(mitigation="drawn-faults", faults=("threshold", "dead-nodes"))
    experiment.bench.load()
    clean = experiment.bench.fit("oscillator", 0)
    for kind, severity in (("threshold", 0.05), ("dead-nodes", 0.1)):
        experiment.bench.trained_over(DIGITS_KINDS[kind], severity, "oscillator", 0, clean)
    shares = [fault.share for fault in heard[0]]
    assert shares == pytest.approx(np.linspace(-0.05, 0.05, 11))
    assert heard[1] == [[], *[DeadNodes(0.1)] * 10]


def test_a_repair_gets_as_many_examples_of_each_class_as_can_be():
    experiment = small(protocol="repaired", faults=("gain",), n_examples=25)
    experiment.bench.load()
    train = experiment.bench.folds[0][0]
    trial = type("T", (), {"fold": 0, "seed": 1, "method": "mlp", "n_examples": 25})()
    samples, labels = experiment.bench.examples(trial)
    assert len(samples) == 25 and set(np.bincount(labels)) == {2, 3}
    assert all(
        (experiment.bench.samples["mlp"][train] == row).all(1).any() for row in samples
    )


@pytest.mark.slow
def test_a_series_has_errors_that_rise_with_a_fault_and_fall_with_its_repair(tmp_path):
    changes = {"task": "series", "severities": (0.0, 0.1), "draws": 2}
    experiment = small(faults=("dead-nodes", "threshold"), **changes)
    rows = {(row.protocol, row.method): row for row in experiment.run()}
    for method in ("oscillator", "control", "echo-state"):
        none, worse = rows["none", method], rows["after:dead-nodes=0.1", method]
        assert none.metric == "nrmse" and none.value < 1 < worse.value
        assert rows["after:dead-nodes=0", method].value == none.value
        assert 0 < rows["after:dead-nodes:5-lost", method].value <= 0.1
    assert ("none", "mlp") not in rows
    assert "A point is 0.01" in " ".join(experiment.footnotes().split())
    mended = small(faults=("dead-nodes",), protocol="repaired", **changes)
    again = {(row.protocol, row.method): row.value for row in mended.run()}
    name = "repaired:dead-nodes=0.1"
    assert again[name, "oscillator"] < rows["after:dead-nodes=0.1", "oscillator"].value
    plot_robustness(experiment.figure_data(), tmp_path / "series.png")
    assert (tmp_path / "series.png").stat().st_size > 10_000


def test_an_echo_state_regressor_follows_its_equation():
    series = np.random.default_rng(0).uniform(-1, 1, size=(200, 1))
    network = EchoStateRegressor(
        30, spectral_radius=0.8, leak=0.6, input_scale=0.5, node_bias=0.3, random_state=0
    ).fit(series, series[:, 0])
    weights = network._recurrent().toarray()
    assert np.abs(np.linalg.eigvals(weights)).max() == pytest.approx(0.8)
    inputs = network.drive_currents([series])[0].reshape(200, 30)
    bias = network.drive_.bias
    assert len(bias) == 30 and 0.25 < np.abs(bias).max() <= 0.3
    assert np.quantile(np.abs(inputs - bias), 0.998) == pytest.approx(0.5, rel=0.02)
    x = np.zeros(30)
    for u, seen in zip(inputs, network.node_states([series])[0], strict=True):
        x = 0.4 * x + 0.6 * np.tanh(weights @ x + u)
        assert seen == pytest.approx(x, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["digits", "vowels", "layers", "series"])
def test_each_task_runs_with_all_its_faults(task, tmp_path, capsys):
    kinds = [name for of, name in KINDS if of == task]
    out, figure = tmp_path / "t.h5", tmp_path / "t.png"
    arguments = ["robustness", "--task", task, "--quick", "--draws", "2", "--faults", *kinds]
    assert main([*arguments, "--out", str(out), "--plot", str(figure), "--json", "-"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert all(0 <= row["value"] <= 1 for row in rows if row["metric"] == "accuracy")
    assert {row["metric"] for row in rows} - {"severity"} == (
        {"nrmse"} if task == "series" else {"accuracy"}
    )
    clean = [row["value"] for row in rows if row["protocol"] == "none"]
    assert task == "series" or min(clean) > (0.5 if task == "vowels" else 0.8)
    assert {row["protocol"].split(":")[1].split("=")[0] for row in rows[len(clean) :]} == {
        *kinds
    }
    assert out.exists() and figure.stat().st_size > 20_000


@pytest.mark.slow
def test_oscillators_that_lock_are_retuned_or_read_anew():
    methods = ("network-search", "network-search-10")
    changes = {"task": "vowels", "draws": 2, "methods": methods}
    for fault, severity in (("frequency-drift", 5.0), ("dead-oscillators", 1.0)):
        settings = {"faults": (fault,), "severities": (severity,), **changes}
        frozen, repaired, before = (
            {
                row.method: row.value
                for row in small(protocol=name, **settings).run()
                if row.metric == "accuracy" and row.protocol.startswith(name)
            }
            for name in ("after", "repaired", "before")
        )
        assert repaired["network-search"] > frozen["network-search"] + 0.1
        assert before["network-search"] > frozen["network-search"] + 0.1
        if fault == "frequency-drift":
            assert repaired["network-search-10"] > frozen["network-search-10"]


@pytest.mark.parametrize("name", ["dead", "stuck", "byzantine"])
def test_a_broken_oscillator_is_one_in_networks_of_any_size(name):
    name += "-oscillators"
    bench = small(task="vowels", faults=(name,), severities=(1.0,)).bench
    kind = VOWELS_KINDS[name]
    networks = {"network-search": 4, "network-search-6": 6, "network-search-10": 10}
    for method, number in {**networks, "mlp": 4}.items():
        assert bench.fault(kind, 1, 1, method).share == pytest.approx(1 / number)


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["before", "repaired"])
def test_layers_are_repaired(protocol):
    settings = {"faults": ("dead-synapses",), "severities": (0.05,), "draws": 1}
    layered = {"task": "layers", "methods": ("layers",), "quick": True, **settings}
    frozen = RobustnessExperiment(**layered).run()[1].value
    assert RobustnessExperiment(protocol=protocol, **layered).run()[1].value > frozen
