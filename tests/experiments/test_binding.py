"""Do three oscillators bind what they should, and does the command say so?"""

import copy
import json
import os

import h5py
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from reservoir import OscillatorNetwork, cli
from reservoir.experiments import BindingExperiment
from reservoir.experiments.binding_classifier import (
    BindingClassifier,
    bias_and_width,
    three_oscillators,
)

pytestmark = pytest.mark.slow

# Delays of the authors' published comparison (github.com/ernoult/VOWEL-BENCHMARK, utils.py).
PUBLISHED = {
    "aw": [(1, 0.7362), (0.97959, 0.78947), (1.05079, 0.86083)],
    "er": [(0.83507, 1.2766), (0.6993, 0.96931), (0.7109, 1.12994)],
    "iy": [(0.42766, 1.36055), (0.44395, 1.73411), (0.4187, 1.25786)],
    "uw": [(1.1236, 1.19284), (1.20724, 1.31868), (1.54242, 1.28755)],
}


def pair(coupling):
    network = three_oscillators()
    return network.set_params(
        n_oscillators=2, frequencies=network.frequencies[:2], coupling=coupling
    )


# ---------------------------------------------------------------------- currents as inputs


@pytest.mark.parametrize("n_oscillators", [3, 40])
def test_a_row_of_currents_is_a_network_with_these_currents(n_oscillators):
    generator = np.random.default_rng(0)
    network = OscillatorNetwork(
        n_oscillators=n_oscillators,
        frequencies=generator.uniform(350e6, 360e6, n_oscillators),
        coupling=2e6 / n_oscillators,
        measuring_time=1e-6,
    )
    currents = generator.uniform(3.5e-3, 4.5e-3, (3, n_oscillators))
    whole = network.measure(currents=currents)
    for row, own in enumerate(currents):
        alone = copy.copy(network).set_params(currents=own).measure()
        # The frames differ, so rounding does; 10 Hz in 355 MHz over the measuring time.
        np.testing.assert_allclose(whole.frequency[row], alone.frequency[0], atol=10)
        np.testing.assert_allclose(whole.power[row], alone.power[0], rtol=1e-6)


def test_the_answer_to_currents_does_not_depend_on_the_other_inputs():
    network = three_oscillators().set_params(linewidth=2e5, random_state=1)
    currents = np.random.default_rng(0).uniform(3e-3, 5e-3, (40, 3))
    groups, frequency = network.mutual_synchronization(currents)
    some, some_frequency = network.mutual_synchronization(currents[[30, 4]])
    np.testing.assert_array_equal(some_frequency, frequency[[30, 4]])
    np.testing.assert_array_equal(some, groups[[30, 4]])


def test_different_currents_draw_different_noise():
    network = three_oscillators(0.0).set_params(linewidth=3e5, random_state=1)
    near = np.full((2, 3), 4e-3) + [[0.0], [1e-12]]
    frequency = network.measure(currents=near).frequency
    assert (np.abs(np.diff(frequency, axis=0)) > 1e3).all()


def test_groups_are_named_from_the_lowest_frequency_up():
    currents = [[4e-3, 3e-3, 5e-3], [4e-3, 4e-3, 3e-3], [4e-3, 4e-3, 4e-3]]
    groups, _ = three_oscillators().mutual_synchronization(currents)
    assert groups.tolist() == [[1, 0, 2], [1, 1, 0], [0, 0, 0]]


def test_oscillators_of_one_frequency_are_not_locked_without_a_coupling():
    network = three_oscillators(0.0)
    currents = [[4e-3, 3e-3, 5e-3], [4e-3, 4e-3, 3e-3], [4e-3, 4e-3, 4e-3]]
    groups, frequency = network.mutual_synchronization(currents)
    assert np.sort(groups, axis=1).tolist() == [[0, 1, 2]] * 3
    expected = network.oscillator.stationary_frequency(np.array(currents))
    np.testing.assert_allclose(frequency, expected, atol=100)
    comparator = BindingClassifier(network, comparator_width=1e5)
    assert comparator._groups(np.array(currents)).tolist() == [[1, 0, 2], [1, 1, 0], [0] * 3]


@pytest.mark.parametrize(
    ("X", "currents", "message"),
    [
        (None, [[4e-3, 4e-3]], r"shape \(1, 2\); it must hold 3 numbers"),
        (None, [[4e-3] * 3, [4e-3, 2e-3, 4e-3]], "oscillator 1 under input 1 is 0.002 A"),
        (None, [[4e-3, np.nan, 4e-3]], "NaN"),
        ([[356e6], [357e6]], [[4e-3] * 3], "currents has 1 rows and X has 2"),
    ],
)
def test_bad_currents_are_named(X, currents, message):
    with pytest.raises(ValueError, match=message):
        three_oscillators().measure(X, currents=currents)


# ---------------------------------------------------------------------- the tongues


@pytest.mark.parametrize("excess", [0.0, -1.0])
def test_the_tongue_of_two_oscillators_is_as_wide_as_theory_says(excess):
    """2 |K| sqrt(1 + nu^2) cos(arg K - arctan nu) for weak coupling, slow near the edge."""
    phase = np.angle(three_oscillators().coupling) + excess
    network = pair(5e5 * np.exp(1j * phase)).set_params(
        settling_time=20e-6, measuring_time=40e-6, step=8e-9
    )
    bias, width = bias_and_width(network)
    detuning = width * np.linspace(0.9, 1.1, 101)
    edges = []
    for side in (-1, 1):
        currents = np.column_stack([np.full(101, bias), bias + side * detuning])
        groups, _ = network.mutual_synchronization(currents)
        locked = groups[:, 0] == groups[:, 1]
        edges.append(detuning[locked].max() / width)
    assert np.mean(edges) == pytest.approx(1, abs=0.02)


def test_oscillators_2_and_3_may_be_exchanged():
    classifier = BindingClassifier(three_oscillators())
    classifier.bias_ = 4e-3
    groups = classifier.tongues(np.linspace(3e-3, 5e-3, 25))
    bound = groups.max(axis=2) == 0
    assert 0.05 < bound.mean() < 0.5
    assert (bound != bound.T).mean() < 0.02  # but for where initial phases decide


def test_all_three_lock_where_no_two_would_alone():
    """Collective: oscillators 1 and 2 are too far apart, and 3 between them holds them."""
    network = three_oscillators()
    bias, width = bias_and_width(network)
    apart, between = bias + 1.3 * width, bias + 0.65 * width
    groups, _ = pair(network.coupling).mutual_synchronization([[bias, apart]])
    assert groups[0].tolist() == [0, 1]
    groups, _ = network.mutual_synchronization([[bias, apart, between]])
    assert groups[0].tolist() == [0, 0, 0]


# ---------------------------------------------------------------------- learning


def test_a_class_that_no_line_cuts_out_is_bound():
    delays = np.random.default_rng(0).uniform(0, 2, (300, 2))
    near = ((delays - [1.2, 0.8]) ** 2).sum(axis=1) < 0.15
    new = np.random.default_rng(1).uniform(0, 2, (300, 2))
    truth = ((new - [1.2, 0.8]) ** 2).sum(axis=1) < 0.15
    classifier = BindingClassifier(three_oscillators()).fit(delays, near)
    assert classifier.score(new, truth) > 0.94  # the island is longer than it is wide
    assert LogisticRegression().fit(delays, near).score(new, truth) < 0.9


def test_currents_stay_within_the_range_of_the_map():
    X = np.array([[1.0, 1.0], [1.1, 1.2], [1.2, 0.9], [3.0, -5.0]])
    classifier = BindingClassifier(three_oscillators()).fit(X, [True, True, True, False])
    currents = classifier.currents(X * 100)
    assert (currents[:, 0] == 4e-3).all()
    assert currents[:, 1:].min() >= classifier.limits_[0]
    assert currents[:, 1:].max() <= classifier.limits_[1]


# ---------------------------------------------------------------------- the experiment


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("binding")
    arguments = ["experiment", "binding", "--quick", "--jobs", "1"]
    for option, name in (("--json", "a.json"), ("--out", "a.h5"), ("--plot", "a.png")):
        arguments += [option, str(folder / name)]
    assert cli.main(arguments) == 0
    return folder


def test_the_command_binds_better_than_the_papers_single_neuron(results):
    rows = {row["method"]: row for row in json.loads((results / "a.json").read_text())}
    accuracy = {method: row["value"] for method, row in rows.items()}
    assert accuracy["majority"] == pytest.approx(0.75, abs=0.01)
    assert accuracy["binding"] > accuracy["logistic"] + 0.02
    assert accuracy["binding-off"] < accuracy["binding"] - 0.1
    assert accuracy["binding-R100"] < accuracy["binding-R10"]
    assert rows["binding"]["n_parameters"] == 4 and rows["binding"]["protocol"] == "2x1"


def test_the_command_writes_what_it_measured(results):
    rows = {row["method"]: row for row in json.loads((results / "a.json").read_text())}
    with h5py.File(results / "a.h5") as file:
        accuracies = file["accuracies/binding"][()]
        assert file["delays"].shape == (192, 2)
        assert json.loads(file.attrs["settings"])["name"] == "binding"
    assert accuracies.shape == (1, 2, 4)
    assert accuracies.mean() == pytest.approx(rows["binding"]["value"])
    assert (results / "a.png").stat().st_size > 10_000


def test_an_unknown_experiment_is_refused_in_one_line(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["experiment", "nobody2050"])
    assert stop.value.code == 2
    message = capsys.readouterr().err
    assert "binding" in message and message.count("\n") == 1


@pytest.mark.real
@pytest.mark.skipif(
    "RESERVOIR_DATA" not in os.environ,
    reason="RESERVOIR_DATA does not name a folder with the real vowels",
)
def test_the_papers_tokens_have_the_published_delays():
    experiment = BindingExperiment(dataset="hillenbrand-40")
    experiment.load()
    assert len(experiment.data_) == 40
    for vowel, published in PUBLISHED.items():
        found = experiment.data_[experiment.target_ == vowel]
        for delays in published:
            assert np.abs(found - delays).max(axis=1).min() < 1e-5
