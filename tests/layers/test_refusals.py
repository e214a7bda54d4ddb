"""What layered estimators refuse, and that the message names the thing and the cure."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

from reservoir.devices import SpinDiode, StaticNode
from reservoir.layers import SpintronicClassifier, SpintronicRegressor

DIGITS, LABELS = load_digits(return_X_y=True)
X, Y = DIGITS[:200] / 16, LABELS[:200]
LONG = SpinDiode(1.0, damping=0.2)


def fit(hidden=(5,), **parameters):
    settings = {"max_iter": 2, "random_state": 0, **parameters}
    return SpintronicClassifier(hidden, **settings).fit(X, Y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"synapse": LONG, "lines_per_bus": 64},
            "64 lines on a bus.*above highest_frequency",
        ),
        ({"highest_frequency": 1e8}, "highest_frequency is 1e\\+08 Hz; it must be above"),
        ({"highest_frequency": 1.1e8}, "Lower spacing or lines_per_bus, or raise"),
        ({"learning_rate_init": 0.3}, "learning_rate_init is 0.3.*take at most 0.27"),
        ({"learning_rate_init": 0.0}, "learning_rate_init"),
        ({"initial_weight": 0.01}, "take at most 0.003"),
        (
            {"overdrive": 0.8, "thermal_noise": 0.0},
            "silent neurons do not learn. Set overdrive",
        ),
        ({"overdrive": 1.0, "thermal_noise": 0.0}, "overdrive is 1, which is not above"),
        ({"overdrive": 7.0}, "must lie between .* and max_overdrive = 4"),
        ({"neuron": StaticNode(), "thermal_noise": 0.1}, "set thermal_noise to None or 0"),
        ({"neuron": "ross"}, "There is no preset 'ross'"),
        ({"synapse": "ross"}, "ross"),
        ({"max_iter": 0}, "max_iter"),
        ({"batch_size": 0}, "batch_size"),
        ({"lines_per_bus": 0}, "lines_per_bus"),
        ({"spacing": 0.0}, "spacing"),
        ({"emission": "voltage"}, "emission"),
        ({"dtype": "float16"}, "dtype"),
        ({"weight_levels": 1}, "weight_levels"),
        ({"validation_fraction": 1.0, "early_stopping": True}, "validation_fraction"),
        ({"input_range": (1, 1)}, "the lower one first"),
        ({"input_range": (0, 1, 2)}, "input_range"),
        ({"input_range": (0, np.inf)}, "pair of finite numbers"),
        ({"n_jobs": 0}, "n_jobs"),
        ({"power_noise": -0.1}, "power_noise"),
        ({"thermal_noise": -1.0}, "thermal_noise"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_parameter_that_cannot_work_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        fit(**parameters)


@pytest.mark.parametrize("hidden", [0, -1, (5, 0), (2.5,), "64", (True,), None, ((3,),)])
def test_wrong_sizes_of_hidden_layers_are_refused(hidden):
    with pytest.raises(ValueError, match="hidden_layer_sizes is .* an integer of at least 1"):
        fit(hidden)


@pytest.mark.parametrize("hidden", [7, np.int64(7), [7], (7,), np.array([7])])
def test_sizes_of_hidden_layers_may_be_a_number_or_a_sequence(hidden):
    assert [len(layer.settings) for layer in fit(hidden).layers_] == [7, 10]


def test_a_negative_power_is_refused_with_its_place():
    wrong = X.copy()
    wrong[3, 5] = -0.25
    message = "Negative values in data.*-0.25 in row 3, column 5.*MinMaxScaler"
    with pytest.raises(ValueError, match=message):
        SpintronicClassifier().fit(wrong, Y)
    with pytest.raises(ValueError, match=message):
        fit().predict(wrong)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_power_that_is_not_finite_is_refused(wrong):
    bad = X.copy()
    bad[0, 0] = wrong
    with pytest.raises(ValueError, match="X contains"):
        SpintronicClassifier().fit(bad, Y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_data_without_any_signal_make_a_network_without_one():
    flat = np.full((60, 4), 0.5)
    labels = np.arange(60) % 3
    network = SpintronicClassifier((5,), max_iter=2, random_state=0).fit(flat, labels)
    assert np.isfinite(network.predict_proba(flat)).all()
    assert len(np.unique(network.predict(flat))) == 1


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="y holds one class only, 3; a classifier"):
        SpintronicClassifier().fit(X, np.full(200, 3))


def test_continuous_labels_are_refused():
    with pytest.raises(ValueError, match="Unknown label type"):
        SpintronicClassifier().fit(X, X[:, 3] + 0.123)


def test_a_network_that_learned_nothing_yet_says_so():
    for name in ("predict", "currents", "powers", "voltages"):
        with pytest.raises(ValueError, match="not fitted"):
            getattr(SpintronicClassifier(), name)(X)
    for name in ("weights_", "gains_", "resonances_"):
        with pytest.raises(AttributeError):
            getattr(SpintronicClassifier(), name)


def test_targets_of_another_number_are_refused():
    network = SpintronicRegressor((5,), max_iter=2, random_state=0, warm_start=True)
    network.fit(X, X[:, 3:5])
    with pytest.raises(ValueError, match="y has 1 columns, but the network has 2 outputs"):
        network.fit(X, X[:, 3])


def test_a_loss_that_is_no_number_is_an_error():
    with pytest.raises(ValueError, match="The loss became"), np.errstate(all="ignore"):
        fit(output_spread=1e38)
    network = fit()
    before = network.predict(X)
    with pytest.raises(ValueError, match="The loss became"), np.errstate(all="ignore"):
        network.set_params(output_spread=1e38).fit(X, Y)
    assert np.array_equal(network.set_params(output_spread=1.0).predict(X), before)


def test_a_step_of_later_learning_obeys_the_rule_of_the_first():
    with pytest.raises(ValueError, match=r"learning_rate_init is 5 half linewidths a step"):
        fit().retrain(X, Y, learning_rate_init=5.0)


@pytest.mark.parametrize(
    "parameters",
    [
        {"synapse": SpinDiode(8840.0, half_linewidth=2e8)},
        {"neuron": "uniform"},
    ],
)
def test_lines_and_resonances_without_a_positive_frequency_are_refused(parameters):
    with pytest.raises(ValueError, match=r"Raise lowest_frequency"):
        fit(**parameters)


def test_noise_that_would_make_powers_negative_is_refused():
    with pytest.raises(ValueError, match=r"power_noise is 0\.9; it must be a finite rms"):
        fit(power_noise=0.9)


@pytest.mark.filterwarnings("error")
def test_a_network_with_one_answer_for_all_calls_for_a_warning():
    with pytest.warns(ConvergenceWarning, match="scores"):
        fit(drive_spread=1e-9, max_iter=40)


def test_a_range_may_be_an_array_and_its_width_must_be_a_number():
    assert fit(input_range=np.array([0.0, 2.0])).input_range_ == (0.0, 2.0)
    with pytest.raises(ValueError, match="input_range is"):
        fit(input_range=(-1e308, 1e308))


@pytest.mark.parametrize("classes", [[], [3], 3, np.ma.array([0, 1], mask=[0, 1])])
def test_classes_that_are_none_are_refused(classes):
    with pytest.raises(ValueError, match="class"):
        SpintronicClassifier((5,)).partial_fit(X, Y, classes=classes)


def test_a_network_does_not_learn_on_in_another_shape_or_precision():
    network = fit(warm_start=True)
    with pytest.raises(ValueError, match=r"hidden_layer_sizes is \[9\]"):
        network.set_params(hidden_layer_sizes=(9,)).fit(X, Y)
    network = fit()
    with pytest.raises(ValueError, match="dtype is 'float64', but the network was fitted"):
        network.set_params(dtype="float64").predict(X)


def test_layers_that_do_not_learn_keep_their_settings_with_levels_too():
    network = fit(weight_levels=4)
    network.layers_[0].settings[0, 0] += 0.25
    again = network.retrain(X, Y, layers="last")
    assert np.array_equal(again.layers_[0].settings, network.layers_[0].settings)
