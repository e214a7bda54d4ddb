"""Layered estimators: scikit-learn's battery, repetition, calibration, and how they learn."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

from reservoir.exceptions import DriveClippingWarning, FrequencyShiftWarning
from reservoir.layers import SpintronicClassifier, SpintronicRegressor, control

DIGITS, LABELS = load_digits(return_X_y=True)
X, Y = DIGITS[:400] / 16, LABELS[:400]


def classifier(hidden=(12,), **parameters):
    settings = {"max_iter": 4, "random_state": 0, **parameters}
    return SpintronicClassifier(hidden, **settings)


def same(first, second):
    """Whether two networks are set alike, to the bit."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for one, other in zip(first.layers_, second.layers_, strict=True)
        for name in ("settings", "strengths", "biases", "gain", "line_gains", "thresholds")
    )


@parametrize_with_checks(
    [
        SpintronicClassifier((8,), max_iter=20, random_state=0),
        SpintronicRegressor((8,), max_iter=20, random_state=0),
    ]
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::reservoir.exceptions.DriveClippingWarning")
def test_scikit_learn_finds_nothing(estimator, check):
    check(estimator)


# ---------------------------------------------------------------------- repetition

NETWORKS = {
    "still": {},
    "two layers": {"hidden": (9, 7)},
    "double precision": {"dtype": "float64"},
    "interpolated": {"neuron": "ross2023", "synapse": "vortex", "lines_per_bus": 20},
    "followed": {"neuron": "romera2018", "synapse": "vortex", "lines_per_bus": 20},
    "levels": {"weight_levels": 2},
    "noise": {"detuning_noise": 0.1},
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_fit_repeats_to_the_bit_with_any_number_of_threads(name):
    first = classifier(**NETWORKS[name]).fit(X, Y)
    again = classifier(**NETWORKS[name]).fit(X, Y)
    threads = classifier(n_jobs=2, **NETWORKS[name]).fit(X, Y)
    assert same(first, again)
    assert same(first, threads)
    assert first.loss_curve_ == again.loss_curve_ == threads.loss_curve_
    other = classifier(random_state=1, **NETWORKS[name].copy()).fit(X, Y)
    assert not same(first, other)


@pytest.mark.parametrize("name", NETWORKS)
def test_an_answer_does_not_depend_on_its_batch(name):
    network = classifier(**NETWORKS[name]).fit(X, Y)
    whole = network.predict_proba(X)
    order = np.random.default_rng(0).permutation(len(X))
    assert np.array_equal(network.predict_proba(X[order]), whole[order])
    for rows in (slice(0, 1), slice(63, 66), slice(100, 233)):
        assert np.array_equal(network.predict_proba(X[rows]), whole[rows])
    network.n_jobs = 2
    assert np.array_equal(network.predict_proba(X), whole)


def test_threads_share_a_layer_that_is_large_enough(monkeypatch):
    monkeypatch.setattr("reservoir.layers.chains.MIN_WORK", 1)
    for name in ("still", "followed"):
        one = classifier(n_jobs=1, **NETWORKS[name]).fit(X, Y)
        several = classifier(n_jobs=3, **NETWORKS[name]).fit(X, Y)
        assert same(one, several)


def test_a_pickle_and_a_clone():
    network = classifier().fit(X, Y)
    again = pickle.loads(pickle.dumps(network))
    assert np.array_equal(again.predict_proba(X), network.predict_proba(X))
    fresh = clone(network)
    assert not hasattr(fresh, "layers_")
    assert same(fresh.fit(X, Y), network)


def test_names_of_features_are_kept_and_checked():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=[f"line {n}" for n in range(64)])
    network = classifier().fit(frame, Y)
    assert network.feature_names_in_[3] == "line 3"
    assert np.array_equal(network.predict(frame), classifier().fit(X, Y).predict(X))
    with pytest.raises(ValueError, match="feature names"):
        network.predict(frame.rename(columns={"line 3": "another"}))


# ---------------------------------------------------------------------- calibration


@pytest.mark.parametrize("name", ["still", "two layers", "interpolated", "followed"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_calibration_centres_the_chains_and_sets_their_spread(name):
    # Learning rates near 0 leave the network as it was calibrated.
    network = classifier(
        learning_rate_init=1e-12, max_iter=1, dtype="float64", **NETWORKS[name]
    ).fit(X, Y)
    unit = network._design().drive_unit
    hidden = [current / unit for current in network.currents(X)]
    for overdrive in hidden:
        np.testing.assert_allclose(overdrive.mean(axis=0), 1.5, rtol=0, atol=1e-6)
        assert overdrive.std(axis=0).mean() == pytest.approx(0.3, abs=1e-6)
    outputs = network.voltages(X)[-1] * network.gains_[-1]
    np.testing.assert_allclose(outputs.mean(axis=0), 0, atol=1e-6)
    assert outputs.std(axis=0).mean() == pytest.approx(1, abs=1e-6)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_spreads_and_working_point_are_those_of_the_parameters():
    network = classifier(
        learning_rate_init=1e-12,
        max_iter=1,
        overdrive=2.0,
        drive_spread=0.1,
        output_spread=3.0,
    ).fit(X, Y)
    overdrive = network.currents(X)[0] / network._design().drive_unit
    assert overdrive.mean() == pytest.approx(2, abs=1e-4)
    assert overdrive.std(axis=0).mean() == pytest.approx(0.1, rel=1e-4)
    outputs = network.voltages(X)[-1] * network.gains_[-1]
    assert outputs.std(axis=0).mean() == pytest.approx(3, rel=1e-4)


def test_recalibration_restores_the_means_of_the_chains():
    network = classifier((9, 7), dtype="float64").fit(X, Y)
    other = network.recalibrate(X)
    for one, again in zip(network.layers_, other.layers_, strict=True):
        np.testing.assert_allclose(again.biases, one.biases, rtol=0, atol=1e-12)
    dim = network.recalibrate(0.8 * X)
    for found, designed in zip(
        dim._means_of_chains(dim._powers(0.8 * X)), network.chain_means_, strict=True
    ):
        np.testing.assert_allclose(found, designed, rtol=0, atol=1e-12)


# ---------------------------------------------------------------------- learning


def test_digits_are_learned():
    network = classifier((32,), max_iter=20).fit(DIGITS[:1200], LABELS[:1200])
    assert network.score(DIGITS[1200:], LABELS[1200:]) > 0.9
    assert network.n_iter_ == len(network.loss_curve_) == 20
    assert network.loss_curve_[-1] < network.loss_curve_[0] / 3


def test_a_wave_is_learned_with_two_targets():
    x = np.random.default_rng(0).uniform(size=(500, 2))
    y = np.stack([np.maximum(x[:, 0], x[:, 1]), 7 + 100 * x[:, 0] * x[:, 1]], 1)
    network = SpintronicRegressor((24,), power_noise=0.0, random_state=0).fit(x, y)
    assert network.score(x, y) > 0.9
    assert network.predict(x).shape == (500, 2)


def test_partial_fit_goes_on_as_a_loop_over_epochs_would():
    network = classifier()
    network.partial_fit(X, Y, classes=np.arange(10))
    first = network.loss_curve_[0]
    for _ in range(5):
        network.partial_fit(X, Y)
    assert network.n_iter_ == 6
    assert network.loss_curve_[-1] < first
    assert network.adam_[2] == 6 * 7  # batches of 64 among 400 rows
    again = classifier().partial_fit(X, Y, classes=np.arange(10))
    for _ in range(5):
        again = pickle.loads(pickle.dumps(again)).partial_fit(X, Y)
    assert same(network, again)


def test_partial_fit_needs_all_classes_at_first_and_then_the_same():
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        classifier().partial_fit(X, Y)
    network = classifier().partial_fit(X[Y < 5], Y[Y < 5], classes=np.arange(10))
    network.partial_fit(X, Y)
    with pytest.raises(ValueError, match="first call of partial_fit had"):
        network.partial_fit(X, Y, classes=np.arange(9))
    with pytest.raises(ValueError, match="not among the classes"):
        network.partial_fit(X, Y + 1)


def test_warm_start_goes_on_from_where_the_network_stands():
    network = classifier(warm_start=True).fit(X, Y)
    before = [layer.gain for layer in network.layers_]
    lowest = network.loss_curve_[-1]
    network.fit(X, Y)
    assert [layer.gain for layer in network.layers_] == before
    assert network.loss_curve_[0] < classifier().fit(X, Y).loss_curve_[0]
    assert network.loss_curve_[-1] < lowest
    with pytest.raises(ValueError, match="not among the classes"):
        network.fit(X, Y + 3)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_early_stopping_keeps_the_network_that_is_best_on_held_out_data():
    network = classifier(
        (12,), early_stopping=True, max_iter=30, n_iter_no_change=3, learning_rate_init=0.2
    ).fit(X, Y)
    scores = network.validation_scores_
    assert len(scores) == network.n_iter_ <= 30
    best = int(np.argmax(scores))
    target = np.searchsorted(network.classes_, Y)
    kept, aside = network._split(target)
    held, held_target = network._in_units(X)[aside], target[aside]
    layers = network.layers_
    stack = network._stack(layers)
    outputs, _, _ = stack.predict(layers, stack.weights(layers), held)
    assert np.mean(outputs.argmax(axis=1) == held_target) == scores[best]
    assert len(kept) + len(held) == len(X)


def test_early_stopping_needs_two_samples_of_each_class():
    rows = np.append(np.flatnonzero(Y != 3), np.flatnonzero(Y == 3)[0])
    with pytest.raises(ValueError, match="Class 3 of y, counted from 0, has one sample only"):
        classifier(early_stopping=True).fit(X[rows], Y[rows])


def test_powers_beyond_those_of_training_are_told_of_by_every_method_that_clips_them():
    network = classifier().fit(X, Y)
    for clips in (
        network.predict,
        network.recalibrate,
        lambda data: network.retrain(data, Y),
    ):
        with pytest.warns(DriveClippingWarning, match="beyond the range from 0 to 1"):
            clips(2 * X)


def test_early_stopping_ends_when_nothing_improves():
    network = classifier(early_stopping=True, max_iter=50, n_iter_no_change=2, tol=1.0).fit(
        X, Y
    )
    assert network.n_iter_ == 3


def test_retraining_leaves_the_original_and_can_keep_all_but_the_last_layer():
    network = classifier((9, 7)).fit(X, Y)
    before = pickle.dumps(network.layers_)
    other = network.retrain(X, Y, layers="last", max_iter=2)
    assert pickle.dumps(network.layers_) == before
    for one, again in zip(network.layers_[:-1], other.layers_[:-1], strict=True):
        assert np.array_equal(one.settings, again.settings)
        assert np.array_equal(one.biases, again.biases)
    assert not np.array_equal(network.layers_[-1].settings, other.layers_[-1].settings)
    assert other.n_iter_ == network.n_iter_ + 2
    for wrong in ({"layers": "first"}, {"max_iter": 0}, {"learning_rate_init": -1.0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            network.retrain(X, Y, **wrong)


@pytest.mark.parametrize("n_levels", [2, 3, 5])
def test_weights_have_as_many_levels_as_asked(n_levels):
    network = classifier(weight_levels=n_levels, dtype="float64").fit(X, Y)
    synapse = network._design().synapse
    levels = np.linspace(-1, 1, n_levels)
    for layer, latent in zip(network.layers_, network.latent_weights_, strict=True):
        weights = synapse.weight(layer.settings)
        distance = abs(weights[..., None] - levels).min(axis=-1)
        assert distance.max() < 1e-9
        assert len(np.unique(latent)) > n_levels


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_settings_stay_within_the_tuning():
    network = classifier(learning_rate_init=0.25, max_iter=8).fit(X, Y)
    assert all(abs(layer.settings).max() <= 1 for layer in network.layers_)
    assert any((abs(layer.settings) == 1).any() for layer in network.layers_)


def test_a_constant_column_is_a_line_without_a_signal():
    flat = X.copy()
    flat[:, 7] = 0.5
    network = classifier(input_range=(0, 1)).fit(flat, Y)
    assert network.score(flat, Y) > 0.5


def test_the_input_range_is_that_of_the_training_data_or_of_the_user():
    network = classifier().fit(3 + 2 * X, Y)
    assert network.input_range_ == (3.0, 5.0)
    assert same(network, classifier().fit(X, Y))
    wide = classifier(input_range=(0, 10)).fit(3 + 2 * X, Y)
    assert wide.powers(3 + 2 * X)[0].max() == pytest.approx(0.5e-6)
    with pytest.warns(DriveClippingWarning, match="were clipped"):
        classifier().fit(X, Y).predict(2 * X)


def test_the_control_is_the_same_network_in_software():
    network = classifier((9,), power_noise=0.1)
    other = control(network)
    assert other.get_params()["hidden_layer_sizes"] == (9,)
    assert other.power_noise == 0.1
    assert other.fit(X, Y).score(X, Y) > 0.5
    assert not hasattr(network, "layers_")


# ---------------------------------------------------------------------- warnings


def test_a_shift_that_the_network_does_not_know_calls_for_a_warning():
    with pytest.warns(FrequencyShiftWarning, match="frequency_shift=True"):
        classifier(neuron="romera2018", synapse="vortex", frequency_shift=False).fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error", FrequencyShiftWarning)
        classifier(neuron="romera2018", synapse="vortex").fit(X, Y)
        classifier(frequency_shift=False).fit(X, Y)


def test_a_network_that_is_worse_than_the_majority_calls_for_a_warning():
    labels = (np.arange(400) > 280).astype(int)
    noise = np.random.default_rng(0).uniform(size=(400, 4))
    network = classifier((3,), max_iter=1, learning_rate_init=1e-9, output_spread=5.0)
    with pytest.warns(ConvergenceWarning, match="does not look at them"):
        network.fit(noise, labels)


def test_neurons_that_the_clamp_holds_call_for_a_warning():
    with pytest.warns(ConvergenceWarning, match="The clamp holds .* % of the neurons"):
        classifier(drive_spread=6.0, max_iter=20).fit(X, Y)
