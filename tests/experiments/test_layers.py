"""Do the layers' controls lack what they are said to lack, and is what is printed so?"""

import json

import h5py
import numpy as np
import pytest
from scipy.stats import norm

from reservoir import cli
from reservoir.experiments import LayersExperiment, VowelsExperiment
from reservoir.experiments.layers_figure import tuned
from reservoir.experiments.layers_methods import (
    Fold,
    Side,
    network,
    other_labels,
    shuffle_signs,
    sides,
)
from reservoir.experiments.layers_tasks import (
    CLOUD_WIDTH,
    TASKS,
    Data,
    Task,
    draw_shape,
)
from reservoir.experiments.results import load_arrays
from reservoir.layers import SpintronicClassifier

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def corner():
    """A fitted network of a few junctions, its data, and the fold that holds it."""
    X, y = draw_shape("corner", 400, 1)
    fold = Fold(TASKS["wedge"], Side([X], y), 0)
    return fold.fitted("layers")[0], X, y, fold


# ---------------------------------------------------------------------- data


@pytest.mark.parametrize(
    ("shape", "share"),
    [("corner", 1 / 4), ("band", 1 - 0.7**2), ("disc", np.pi * 0.4**2), ("xor", 1 / 2)],
)
def test_a_shape_covers_the_share_of_the_square_that_geometry_says(shape, share):
    X, inside = draw_shape(shape, 40_000, 3)
    assert X.min() >= 0 and X.max() <= 1
    assert inside.mean() == pytest.approx(share, abs=0.01)


def test_the_quarter_of_the_square_tells_clouds_apart_as_well_as_their_width_allows():
    X, inside = draw_shape("xor", 40_000, 3)
    wrong = norm.sf(0.25 / CLOUD_WIDTH)  # a coordinate beyond the middle
    right = np.mean(((X[:, 0] > 0.5) != (X[:, 1] > 0.5)) == inside)
    assert right == pytest.approx(1 - 2 * wrong * (1 - wrong), abs=0.003)


def test_features_are_scaled_by_the_training_data_alone():
    X = np.arange(20.0).reshape(10, 2)
    fold = np.arange(5), np.arange(5, 10)
    known, new = sides(TASKS["vowels"], Data(X, np.arange(10)), fold)
    assert known.copies[0].min() == 0 and known.copies[0].max() == 1
    assert (new.copies[0] == 1).all()  # all beyond, and clipped
    assert np.array_equal(new.y, fold[1])
    assert sides(TASKS["digits"], Data(X, X[:, 0]), fold)[0].copies[0].max() == 9


def test_the_vowels_and_their_folds_are_those_of_the_other_command():
    mine, theirs = LayersExperiment("vowels", seed=3), VowelsExperiment(seed=3)
    mine.load()
    theirs.load()
    assert np.array_equal(mine.data_, theirs.data_) and len(mine.folds_) == 5
    for my_folds, their_folds in zip(mine.folds_, theirs.folds_, strict=True):
        for (_, test), (_, other) in zip(my_folds, their_folds, strict=True):
            assert np.array_equal(test, other)


# ---------------------------------------------------------------------- controls


def test_shuffled_signs_keep_sizes_numbers_of_signs_and_the_means_of_chains(corner):
    model, X, _, _ = corner
    other = shuffle_signs(model, X, 5)
    for old, new in zip(model.layers_, other.layers_, strict=True):
        assert np.array_equal(np.abs(old.settings), np.abs(new.settings))
        assert (old.settings > 0).sum() == (new.settings > 0).sum()
        assert new.gain == old.gain
    for old, new in zip(model.voltages(X), other.voltages(X), strict=True):
        np.testing.assert_allclose(new.mean(axis=0), old.mean(axis=0), rtol=1e-5)


def test_other_labels_are_groups_of_equal_size_in_the_order_of_total_power():
    X = np.random.default_rng(0).uniform(size=(300, 4))
    labels = other_labels(X, np.array(["a", "b", "c"]))
    assert [np.sum(labels == name) for name in "abc"] == [100, 100, 100]
    total = X.sum(axis=1)
    assert total[labels == "a"].max() < total[labels == "b"].min()
    assert total[labels == "b"].max() < total[labels == "c"].min()


def test_the_other_task_is_learned_and_only_the_last_layer_learns_this_one(corner):
    _, X, _, fold = corner
    other, again = fold.fitted("other-task")[0], fold.fitted("other-task-last")[0]
    assert other.score(X, other_labels(X, np.array([False, True]))) > 0.9
    assert np.array_equal(other.layers_[0].settings, again.layers_[0].settings)
    assert not np.array_equal(other.layers_[1].settings, again.layers_[1].settings)


def test_the_network_before_learning_is_the_one_that_is_drawn():
    X, y = draw_shape("disc", 200, 1)
    task = TASKS["wedge"]
    first = tuned(task, (X, y, X, y), 4)
    # Weights are drawn up to half of the largest one, which needs this detuning.
    limit = TASKS["wedge"].settings["initial_weight"]
    weights = [2 * u / (1 + u**2) for u in (layer.settings for layer in first.layers_)]
    assert 0.3 < max(np.abs(w).max() for w in weights) <= limit
    # The calibration gives currents their spread, and outputs theirs.
    spread = first.currents(X)[0].std(axis=0).mean()
    assert spread == pytest.approx(0.3 * 1e-5, rel=1e-4)
    assert first.voltages(X)[1].std(axis=0).mean() * first.gains_[1] == pytest.approx(1)
    steps = [
        network(task, 4).set_params(learning_rate_init=rate).partial_fit(X, y, classes=[0, 1])
        for rate in (1e-12, 1e-15)
    ]
    for one, other in zip(steps[0].resonances_, steps[1].resonances_, strict=True):
        assert np.array_equal(one, other)


# ---------------------------------------------------------------------- the experiment


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layers")
    arguments = ["layers", "--quick", "--jobs", "1"]
    for option, name in (
        ("--json", "a.json"),
        ("--out", "a.h5"),
        ("--plot", "a.png"),
        ("--animate", "a.gif"),
    ):
        arguments += [option, str(folder / name)]
    assert cli.main(arguments) == 0
    return folder


def test_the_command_tells_digits_apart_beside_its_controls(results):
    rows = {row["method"]: row for row in json.loads((results / "a.json").read_text())}
    accuracy = {method: row["value"] for method, row in rows.items()}
    assert accuracy["majority"] == pytest.approx(0.1, abs=0.01)
    assert accuracy["layers"] > 0.96 and accuracy["control"] > 0.96
    assert accuracy["one-layer"] < accuracy["layers"]
    assert rows["layers"]["n_parameters"] == 64 * 128 + 128 + 128 * 10 + 10
    assert rows["one-layer"]["n_parameters"] == rows["logistic"]["n_parameters"] == 650
    assert rows["layers"]["protocol"] == "2x1" and rows["layers"]["n_folds"] == 2


def test_the_command_writes_what_it_measured(results):
    rows = {row["method"]: row for row in json.loads((results / "a.json").read_text())}
    arrays = load_arrays(results / "a.h5")
    assert arrays["accuracies/layers"].mean() == pytest.approx(rows["layers"]["value"])
    assert arrays["confusion"].sum() == len(arrays["target"])
    right = np.mean(arrays["predictions/layers"] == arrays["target"])
    assert np.trace(arrays["confusion"]) == round(right * len(arrays["target"]))
    assert arrays["before/0"].shape == arrays["after/0"].shape == (128, 64)
    # No diode is tuned by more than a half linewidth, 1 % of its line, before or after.
    for name in ("before/1", "after/1"):
        offsets = (arrays[name] / arrays["lines/1"] - 1) / 0.01
        assert 0.5 < np.abs(offsets).max() < 1.02
    assert len(arrays["loss_curve"]) == 40
    assert (results / "a.png").stat().st_size > 10_000
    assert (results / "a.gif").read_bytes().startswith(b"GIF")


def test_the_same_seed_gives_the_same_rows_in_any_number_of_processes():
    values = []
    for n_jobs in (1, 2):
        experiment = LayersExperiment(
            "vowels", quick=True, n_jobs=n_jobs, methods=("control", "layers", "shuffled")
        )
        experiment.run()
        values.append(experiment.predictions_)
    for method in ("control", "layers", "shuffled"):
        assert np.array_equal(values[0][method], values[1][method])


def test_the_footnotes_have_median_best_and_the_difference_start_by_start():
    experiment = LayersExperiment("wedge", "xor", n_repeats=3, methods=("control", "layers"))
    rows = {row.method: row.value for row in experiment.run()}
    text = experiment.footnotes()
    values = experiment.accuracies_["layers"]
    assert values.shape == (3, 1) and values.max() > 0.9 > 0.5 + rows["layers"] / 10
    line = next(line for line in text.splitlines() if line.startswith("layers  "))
    assert f"{100 * np.median(values):.2f}%" in line and f"{100 * values.max():.2f}%" in line
    apart = 100 * (values - experiment.accuracies_["control"])
    assert f"start by start: {apart.mean():+.2f} points" in text
    assert "3 starts of each method" in experiment.heading()


def test_figure_and_animation_are_of_one_network():
    experiment = LayersExperiment("wedge", "corner", quick=True)
    experiment.load()
    data, video = experiment.figure_data(), experiment.animation_data()
    assert np.array_equal(video.resonances[0].resonances, data.before.resonances)
    assert video.passes[-1] == 100 == len(video.tested) - 1
    assert video.tested[-1] > video.tested[0]
    assert data.images.shape == (2, 1, 2) and data.confusion.sum() == 2000
    as_it_is, reset, learned = data.repairs.values()
    assert as_it_is[:, 0] == pytest.approx(np.trace(data.confusion) / 2000)
    assert np.allclose(reset[:, 0], as_it_is[:, 0])
    assert learned[:, -1].mean() >= as_it_is[:, -1].mean()


def test_a_new_task_is_one_description_and_its_line(monkeypatch, capsys):
    X = np.random.default_rng(0).uniform(size=(200, 3))
    first = Task(
        description="which of three powers is the largest",
        load=lambda dataset: Data(X, X.argmax(axis=1)),
        datasets={"drawn": "200 draws"},
        sizes=(4,),
        settings={"max_iter": 60},
        learners={},
        n_folds=4,
        image=(1, 3),
    )
    monkeypatch.setitem(TASKS, "largest", first)
    arguments = ["layers", "--task", "largest", "--jobs", "1", "--json", "-"]
    assert cli.main([*arguments, "--methods", "majority", "control", "layers"]) == 0
    printed = capsys.readouterr()
    value = {row["method"]: row["value"] for row in json.loads(printed.out)}
    assert value["layers"] > 0.85 and value["majority"] < 0.5
    assert "which of three powers is the largest" in printed.err


# ---------------------------------------------------------------------- the drones' file


def write_drones(path, **changes):
    """A file of the form of the published one: a bump at the place of the sender."""
    generator = np.random.default_rng(0)
    arrays = {}
    for part, n_signals in (("train", 60), ("test", 20)):
        senders = np.arange(n_signals) % 4
        centers = 32 + 64 * senders[:, None]
        bumps = np.exp(-((np.arange(256) - centers) ** 2) / 200)
        noise = generator.uniform(0, 0.2, (n_signals, 256))
        arrays |= {f"X_{part}": (bumps + noise)[..., None], f"Y_{part}": senders}
    with h5py.File(path, "w") as file:
        for name, values in (arrays | changes).items():
            if values is not None:
                file[name] = values
    return str(path)


def test_the_drones_come_from_a_file_of_the_published_form(tmp_path):
    path = write_drones(tmp_path / "drones.h5")
    experiment = LayersExperiment("drones", path, quick=True, methods=("majority", "layers"))
    rows = {row.method: row for row in experiment.run()}
    assert experiment.data_.shape == (80, 256)
    assert [len(part) for part in experiment.folds_[0][0]] == [60, 20]
    assert rows["majority"].value == 0.25 and rows["layers"].value == 1
    assert path in experiment.heading() and "60 samples train" in experiment.heading()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Y_test": None}, "has no array Y_test; it has X_test, X_train, Y_train"),
        ({"X_train": -np.ones((60, 256))}, "X_train has the shape (60, 256)"),
        ({"X_train": np.full((60, 256), np.nan)}, "X_train has the shape (60, 256)"),
        ({"X_train": np.empty((0, 256))}, "X_train has the shape (0, 256)"),
        ({"Y_train": np.zeros((60, 10))}, "Y_train has the shape (60, 10)"),
        ({"Y_train": np.full(60, 0.5)}, "Y_train has the shape (60,)"),
        ({"X_test": np.ones((20, 128))}, "X_test 128; both must have the same"),
    ],
)
def test_another_file_is_refused_in_a_sentence(tmp_path, capsys, changes, message):
    path = write_drones(tmp_path / "other.h5", **changes)
    assert cli.main(["layers", "--task", "drones", "--dataset", path, "--jobs", "1"]) == 1
    text = capsys.readouterr().err
    assert message in text and "zenodo.org/record/7646236" in text
    assert text.count("\n") == 1


def test_a_missing_file_of_drones_is_told(tmp_path, capsys):
    path = str(tmp_path / "none.h5")
    assert cli.main(["layers", "--task", "drones", "--dataset", path]) == 1
    assert path in capsys.readouterr().err
    (tmp_path / "none.h5").write_text("no HDF5")
    assert cli.main(["layers", "--task", "drones", "--dataset", path]) == 1
    assert "not an HDF5 file" in capsys.readouterr().err


def test_a_data_set_of_another_task_is_refused():
    with pytest.raises(ValueError, match="for the task 'vowels' it must be one of 'synth"):
        LayersExperiment("vowels", "corner")
    with pytest.raises(ValueError, match="needs the path of a file"):
        LayersExperiment("drones")
    assert isinstance(network(TASKS["digits"], 0), SpintronicClassifier)
