"""Are sequences, copies and voices of `reservoir layers` kept apart as they must be?"""

import json

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.preprocessing import MinMaxScaler

from reservoir import TimeMultiplexedReservoir, cli
from reservoir.devices import Wire
from reservoir.experiments import LayersExperiment
from reservoir.experiments.classical import count_parameters
from reservoir.experiments.layers_figure import figure_of
from reservoir.experiments.layers_methods import Fold, Side, method_names, network, sides
from reservoir.experiments.layers_spoken import (
    N_CHANNELS,
    N_SEGMENTS,
    ROWS,
    SharedRange,
    changing_means,
)
from reservoir.experiments.layers_tasks import TASKS, Data, Task
from reservoir.experiments.results import load_arrays
from reservoir.layers import SpintronicRecurrentClassifier, control

GENERATOR = np.random.default_rng(0)


class Recorder(ClassifierMixin, BaseEstimator):
    """Remembers what it was shown; what it is asked are its own decisions."""

    def fit(self, X, y):
        self.shown_, self.labels_ = list(X), np.asarray(y)
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        return np.stack(list(X))


# The first three samples decide for 1, their copies the more strongly for 0.
DECISIONS = np.array([[0.0, 3.0]] * 3 + [[2.0, 0.0]] * 3)
COPIES = np.array([[15.0, 0.0]] * 3 + [[0.0, 1.0]] * 3)
LABELS = np.array([0, 1] * 3)
VOICES = np.array(["b", "a"] * 3)


def numbered(copy):
    """Sequences of one frame, whose number says of which sample and copy they are."""
    frames = np.empty(6, dtype=object)
    frames[:] = [np.array([[10 * sample + copy]]) for sample in range(6)]
    return frames


def copied_task(**changes):
    """A task of six samples with a copy of each, by two voices."""
    data = Data(
        DECISIONS,
        LABELS,
        groups=VOICES,
        copies=(COPIES,),
        frames=(numbered(0), numbered(1)),
    )
    described = Task(
        description="decisions that are given",
        load=lambda dataset: data,
        datasets={"given": "six samples"},
        sizes=(4,),
        learners={"recorder": lambda seed: Recorder(), "framed": lambda seed: Recorder()},
        frame_learners=("framed",),
        is_taken_apart=False,
        n_repeats=2,
        image=(1, 2),
        **changes,
    )
    return described, data


# ---------------------------------------------------------------------- what enters


def test_the_rows_of_an_image_are_its_frames_from_top_to_bottom():
    data = TASKS["sequential"].load("optdigits")
    images = load_digits().images
    assert data.X.shape == (1797, 8, 8) and data.X.max() == 1
    assert np.array_equal(16 * data.X[7, 2], images[7, 2])


def test_a_clip_that_does_not_change_has_equal_segments():
    clip = np.repeat([[2.0, 5.0]], 24, axis=0)
    assert np.array_equal(changing_means([clip], 3), [[2, 5] * 3])


def test_the_means_are_those_of_a_reservoir_without_an_oscillator():
    clips = [GENERATOR.normal(size=(n, 3)).cumsum(axis=0) for n in (30, 17, 44, 25)]
    reservoir = TimeMultiplexedReservoir(
        Wire(),
        3,
        mask=np.eye(3),
        context=(),
        standardize=False,
        current_limits=(-100.0, 100.0),
        pooling="change",
        n_segments=5,
    ).fit(clips)
    states = reservoir.transform(clips).reshape(-1, 5, 3)
    means = changing_means(clips, 5).reshape(-1, 5, 3)
    # The drive has a centre for each channel, and one scale for all.
    gained = np.ptp(states, axis=(0, 1)) / np.ptp(means, axis=(0, 1))
    assert gained == pytest.approx(gained[0])
    moved = states - states.mean(axis=(0, 1))
    np.testing.assert_allclose(
        moved, gained[0] * (means - means.mean(axis=(0, 1))), atol=1e-9
    )


def test_one_range_of_the_training_data_scales_all_features():
    X = np.column_stack([np.linspace(0, 1000, 1001), np.linspace(0, 500, 1001)])
    scaler = SharedRange().fit(X)
    assert (scaler.low_, scaler.high_) == (
        pytest.approx(np.quantile(X, 0.002)),
        pytest.approx(np.quantile(X, 0.998)),
    )
    found = scaler.transform(np.array([[-5.0, scaler.low_], [scaler.high_, 4000.0]]))
    assert np.array_equal(found, [[0, 0], [1, 1]])
    middle = scaler.transform(np.array([[400.0, 400.0]]))
    assert middle[0, 0] == middle[0, 1]


# ---------------------------------------------------------------------- copies and voices


def test_only_copies_of_training_samples_are_learned_from():
    described, data = copied_task()
    known, new = sides(described, data, (np.array([0, 2, 4]), np.array([1, 3, 5])))
    fold = Fold(described, known, 0)
    learned = fold.fitted("framed")[0]
    assert sorted(int(frame.item()) for frame in learned.shown_) == [0, 1, 20, 21, 40, 41]
    assert learned.labels_.tolist() == [0, 0, 0] * 2
    assert [int(frame.item()) for frame in new.frames[1]] == [11, 31, 51]
    assert np.array_equal(
        fold.fitted("recorder")[0].shown_, [*DECISIONS[[0, 2, 4]], *COPIES[[0, 2, 4]]]
    )
    assert set(known.groups) == {"b"} and set(new.groups) == {"a"}


def test_the_range_is_that_of_training_samples_and_their_copies():
    described, data = copied_task(scaler=lambda: MinMaxScaler(clip=True))
    known, new = sides(described, data, (np.array([3, 4]), np.array([0])))
    # Training samples and copies reach from 0 to 2 and from 0 to 1, the others beyond.
    assert [copy[0].tolist() for copy in known.copies] == [[1, 0], [0, 1]]
    assert [copy[0].tolist() for copy in new.copies] == [[0, 1], [1, 0]]


def test_decisions_on_a_sample_and_its_copies_are_averaged():
    described, data = copied_task()
    known, _ = sides(described, data, (np.arange(6), np.arange(6)))
    fold = Fold(described, known, 0)
    assert fold.predict("recorder", known).tolist() == [0] * 6
    fold.fitted("recorder")[0].predict = lambda X: X.argmax(axis=1)
    alone = Side(known.copies[:1], known.y)
    assert fold.predict("recorder", alone).tolist() == [1, 1, 1, 0, 0, 0]


def test_each_voice_is_left_out_in_turn_and_has_its_column(monkeypatch):
    monkeypatch.setitem(TASKS, "given", copied_task()[0])
    # A learner of one voice has seen one label, and still decides between two.
    monkeypatch.setattr(Recorder, "classes_", np.arange(2), raising=False)
    monkeypatch.setattr(Recorder, "fit", lambda self, X, y: self)
    experiment = LayersExperiment("given", methods=("majority", "recorder"))
    rows = {row.method: row for row in experiment.run()}
    for folds in experiment.folds_:
        assert [set(VOICES[test]) for _, test in folds] == [{"a"}, {"b"}]
        assert [set(VOICES[train]) for train, _ in folds] == [{"b"}, {"a"}]
    assert rows["recorder"].protocol == "2x2" and rows["recorder"].n_folds == 4
    # All decisions are for 0, which is what b says, and a never.
    assert experiment.accuracies_["recorder"].tolist() == [[0, 1]] * 2
    assert "each of 2 voices is left out in turn, 2 times" in experiment.heading()
    lines = [line.split() for line in experiment.footnotes().splitlines()]
    assert ["accuracy", "on", "a", "b"] in lines
    assert ["recorder", "0.00%", "100.00%"] in lines


# ---------------------------------------------------------------------- networks


def test_a_recurrent_network_counts_its_recurrent_chains():
    X, y = GENERATOR.uniform(size=(40, 3, 8)), np.arange(40) % 10
    model = SpintronicRecurrentClassifier((6, 5), max_iter=1, random_state=0).fit(X, y)
    forward = 8 * 6 + 6 + 6 * 5 + 5 + 5 * 10 + 10
    assert count_parameters(model) == forward + 6 * 6 + 5 * 5
    model.set_params(recurrent=False).fit(X, y)
    assert count_parameters(model) == forward


def test_the_software_convolution_has_as_many_parameters():
    X = GENERATOR.uniform(size=(60, N_SEGMENTS * N_CHANNELS))
    y = np.arange(60) % 10
    counted = []
    for name in ("convolution", "convolution-control"):
        model = ROWS[name](0)
        model.steps[-1][1].set_params(max_iter=1)
        counted.append(count_parameters(model.fit(X, y)))
    # 32 filters of three segments, and ten chains that hear each of them at ten places.
    assert counted == [32 * 3 * 20 + 32 + 10 * 320 + 10] * 2


def test_the_control_of_the_oscillators_in_time_keeps_them():
    described = TASKS["sequential"]
    mine, other = network(described, 3), control(network(described, 3))
    assert isinstance(mine, SpintronicRecurrentClassifier) and mine.random_state == 3
    changed = {name for name, value in mine.get_params().items()
               if repr(value) != repr(other.get_params()[name])}  # fmt: skip
    assert changed == {"synapse"}
    assert "one-layer" not in method_names(described)
    assert described.for_a_try().settings == {"max_iter": 15}


@pytest.mark.slow
def test_the_figure_of_a_network_in_time_shows_its_learning():
    X, y = load_digits(return_X_y=True)
    X = X.reshape(-1, 8, 8) / 16
    described = TASKS["sequential"].for_a_try()
    data = figure_of(described, (X[:600], y[:600], X[600:800], y[600:800]), 0, None, True)
    assert data.images.shape == (9, 1, 8) and data.confusion.sum() == 200
    network = next(iter(data.losses.values()))  # before its control
    assert network[-1] < network[0]
    assert data.after.resonances.shape == (10, 12)
    as_it_is = data.repairs["as it is"]
    assert as_it_is[:, 0] == pytest.approx(np.trace(data.confusion) / 200)


# ---------------------------------------------------------------------- the command


@pytest.mark.slow
def test_the_command_reads_digits_row_by_row(capsys):
    arguments = ["layers", "--task", "sequential", "--quick", "--jobs", "1", "--json", "-"]
    assert cli.main(arguments) == 0
    printed = capsys.readouterr()
    rows = {row["method"]: row for row in json.loads(printed.out)}
    assert rows["layers"]["n_parameters"] == rows["control"]["n_parameters"] == 3722
    assert rows["layers"]["value"] > 0.75 and rows["control"]["value"] > 0.85
    assert "89.83 +- 2.91" in printed.err and "a network of 8-32-32-10" in printed.err


@pytest.mark.slow
def test_what_stands_beside_the_oscillators_in_time():
    methods = ("mlp", "echo-state", "memoryless")
    experiment = LayersExperiment("sequential", quick=True, methods=methods)
    rows = {row.method: row for row in experiment.run()}
    assert rows["memoryless"].n_parameters == 3722 - 2 * 32 * 32
    assert rows["echo-state"].n_parameters == (64 * 4 + 1) * 10
    assert rows["mlp"].n_parameters == 64 * 32 + 32 + 32 * 32 + 32 + 32 * 10 + 10
    assert rows["mlp"].value > 0.95 > rows["memoryless"].value > 0.5


@pytest.mark.slow
def test_the_command_hears_digits_of_new_voices(tmp_path):
    json_file, arrays_file = tmp_path / "a.json", tmp_path / "a.h5"
    arguments = ["layers", "--task", "spoken", "--quick", "--jobs", "1"]
    arguments += ["--json", str(json_file), "--out", str(arrays_file)]
    assert cli.main(arguments) == 0
    rows = {row["method"]: row for row in json.loads(json_file.read_text())}
    assert rows["majority"]["value"] == pytest.approx(0.1)
    assert rows["layers"]["value"] > 0.85 and rows["control"]["value"] > 0.85
    assert rows["layers"]["n_parameters"] == 240 * 128 + 128 + 128 * 10 + 10
    assert rows["layers"]["n_folds"] == 2
    arrays = load_arrays(arrays_file)
    assert arrays["confusion"].sum() == len(arrays["target"]) == 200
    assert arrays["before/0"].shape == (128, 240)


@pytest.mark.slow
def test_the_other_rows_hear_new_voices_too():
    methods = ("oscillator", "recurrent", "convolution")
    experiment = LayersExperiment("spoken", quick=True, methods=methods)
    values = {row.method: row.value for row in experiment.run()}
    assert min(values.values()) > 0.5
