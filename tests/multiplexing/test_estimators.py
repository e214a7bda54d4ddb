"""The scikit-learn contract, and what goes beyond it: ragged sequences, no hidden state."""

import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from reservoir import (
    DriveClippingWarning,
    ReservoirClassifier,
    ReservoirRegressor,
    SpinTorqueOscillator,
    TimeMultiplexedReservoir,
    UnitsWarning,
    simulate,
)
from reservoir.experiments import control

few = settings(derandomize=True, max_examples=25, database=None)
SEQUENCE_MATTERS = "a table is one time series: the order of its rows matters"
EXPECTED_FAILURES = {
    "check_methods_sample_order_invariance": SEQUENCE_MATTERS,
    "check_methods_subset_invariance": SEQUENCE_MATTERS,
}


def ragged(n_sequences=24, n_channels=3, seed=0, lengths=(4, 20)):
    generator = np.random.default_rng(seed)
    sizes = generator.integers(*lengths, n_sequences)
    y = np.arange(n_sequences) % 3
    return [
        generator.normal(size=(size, n_channels)) + label
        for size, label in zip(sizes, y, strict=True)
    ], y


# scikit-learn skips check_array_api_input unless SCIPY_ARRAY_API is set; the random tables
# of the battery may reach beyond each other's range, hence the warning filter.
@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
@parametrize_with_checks(
    [
        ReservoirClassifier(n_nodes=10, random_state=0),
        ReservoirClassifier(n_nodes=10, pooling="vote", random_state=0),
        TimeMultiplexedReservoir(n_nodes=10, random_state=0),
        TimeMultiplexedReservoir(n_nodes=10, pooling="segments", random_state=0),
    ]
)
def test_classifier_and_transformer_pass_every_check_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
@parametrize_with_checks(
    [ReservoirRegressor(n_nodes=10, random_state=0)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_regressor_passes_all_checks_but_those_of_row_order(estimator, check):
    check(estimator)


@pytest.mark.parametrize("container", ["list", "tuple", "object array"])
def test_every_container_gives_the_same_answer(container):
    X, y = ragged()
    packed = np.empty(len(X), dtype=object)
    packed[:] = X
    others = {"list": X, "tuple": tuple(X), "object array": packed}
    expected = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, y)
    found = ReservoirClassifier(n_nodes=20, random_state=0).fit(others[container], y)
    assert np.array_equal(
        found.decision_function(others[container]), expected.decision_function(X)
    )


def test_a_three_dimensional_array_is_sequences_of_equal_length():
    X, y = ragged(lengths=(7, 8))
    as_list = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, y)
    as_array = ReservoirClassifier(n_nodes=20, random_state=0).fit(np.stack(X), y)
    assert np.array_equal(
        as_list.decision_function(X), as_array.decision_function(np.stack(X))
    )


@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
@pytest.mark.parametrize("pooling", ["segments", "mean", "last", "vote"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_answers_ignore_order_neighbours_threads_and_repetition(pooling, dtype):
    X, y = ragged(150, seed=1)
    classifier = ReservoirClassifier(
        n_nodes=37,
        pooling=pooling,
        dtype=dtype,
        context=(2,),
        readout_noise=0.01,
        random_state=0,
    ).fit(X, y)
    expected = classifier.decision_function(X)
    order = np.random.default_rng(0).permutation(len(X))
    shuffled = classifier.decision_function([X[i] for i in order])
    alone = np.concatenate([classifier.decision_function([x]) for x in X[:20]])
    threaded = classifier.set_params(n_jobs=2).decision_function(X)
    assert classifier.decision_function(X).tobytes() == expected.tobytes()
    assert shuffled.tobytes() == expected[order].tobytes()
    assert alone.tobytes() == expected[:20].tobytes()
    assert threaded.tobytes() == expected.tobytes()


def test_fitting_with_two_threads_gives_the_same_readout():
    X, y = ragged(300, seed=2)
    one = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, y)
    two = ReservoirClassifier(n_nodes=20, random_state=0, n_jobs=2).fit(X, y)
    assert one.readout_.coefficients.tobytes() == two.readout_.coefficients.tobytes()


def test_the_tools_of_scikit_learn_take_ragged_sequences():
    X, y = ragged(30)
    classifier = ReservoirClassifier(n_nodes=20, random_state=0)
    assert cross_val_score(classifier, X, y, cv=3).mean() > 0.8
    search = GridSearchCV(classifier, {"n_segments": [1, 2], "pooling": ["segments"]})
    assert search.fit(X, y).best_score_ > 0.8
    pipeline = make_pipeline(
        TimeMultiplexedReservoir(n_nodes=20, pooling="mean", random_state=0),
        LogisticRegression(),
    )
    assert pipeline.fit(X, y).score(X, y) > 0.8
    again = pickle.loads(pickle.dumps(clone(classifier).fit(X, y)))
    assert np.array_equal(again.predict(X), classifier.fit(X, y).predict(X))


def test_states_are_the_simulated_response_to_the_masked_drive():
    X, _ = ragged()
    reservoir = TimeMultiplexedReservoir(n_nodes=25, context=(1, 3), random_state=0)
    states = reservoir.fit(X).transform(X)
    oscillator, drive = reservoir.oscillator_, reservoir.drive_
    for sequence, found in zip(X, states, strict=True):
        expected = simulate(
            oscillator,
            drive.currents(sequence).ravel(),
            reservoir.node_time_,
            initial_power=drive.initial_power,
        )
        np.testing.assert_allclose(found.ravel(), expected, rtol=1e-11)


@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
@pytest.mark.filterwarnings("ignore::reservoir.UncoupledNodesWarning")
@pytest.mark.parametrize("delay", [1, 24, 25, 26, 60])
@pytest.mark.parametrize("mask", ["binary", "uniform"])
def test_feedback_follows_its_definition_node_by_node(delay, mask):
    X, _ = ragged(3)
    reservoir = TimeMultiplexedReservoir(
        n_nodes=25, mask=mask, feedback_gain=0.4, feedback_delay=delay, random_state=0
    ).fit(X)
    drive, oscillator = reservoir.drive_, reservoir.oscillator_
    for sequence, states in zip(X, reservoir.transform(X), strict=True):
        plain = (drive.gain * drive.masked(sequence) + drive.offset).ravel()
        amplitudes = [drive.reference] * delay
        for value in plain:
            current = value + 0.4 * oscillator.threshold_current * (
                amplitudes[-delay] - drive.reference
            )
            after = simulate(
                oscillator,
                [min(max(current, drive.lowest), drive.highest)],
                reservoir.node_time_,
                initial_power=amplitudes[-1] ** 2,
            )
            amplitudes.append(float(after[0]))
        np.testing.assert_allclose(states.ravel(), amplitudes[delay:], rtol=1e-10)


@few
@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 5), st.integers(1, 70))
def test_pooling_averages_the_states_over_the_stated_frames(
    n_frames, n_segments, n_channels, n_nodes
):
    generator = np.random.default_rng(n_frames)
    X = [generator.normal(size=(n_frames, n_channels)) for _ in range(2)]
    options = {"n_nodes": n_nodes, "n_segments": n_segments, "random_state": 0}
    states = TimeMultiplexedReservoir(**options).fit(X).transform(X)
    pooled = TimeMultiplexedReservoir(pooling="segments", **options).fit(X).transform(X)
    for sequence, row in zip(states, pooled, strict=True):
        for k, segment in enumerate(row.reshape(n_segments, n_nodes)):
            begin = int(np.floor(k * n_frames / n_segments))
            end = int(np.ceil((k + 1) * n_frames / n_segments))
            np.testing.assert_allclose(segment, sequence[begin:end].mean(axis=0), rtol=1e-10)


def test_single_precision_follows_double_precision():
    X, _ = ragged()
    single = TimeMultiplexedReservoir(n_nodes=30, dtype="float32", random_state=0).fit(X)
    double = TimeMultiplexedReservoir(n_nodes=30, random_state=0).fit(X)
    for a, b in zip(single.transform(X), double.transform(X), strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-5)


def test_the_range_is_learned_on_training_data_and_new_extremes_only_warn():
    X, y = ragged(40)
    classifier = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, y)
    before = classifier.drive_
    with pytest.warns(DriveClippingWarning, match="% of the node currents"):
        classifier.predict([10 * x for x in X])
    assert classifier.drive_ is before
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier.predict(X)


@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("factor", [30.0, 32768.0])
def test_new_data_that_are_larger_are_told_the_factor(factor, standardize):
    X, y = ragged(40)
    X = [x - np.concatenate(X).mean(axis=0) for x in X]
    classifier = ReservoirClassifier(n_nodes=20, standardize=standardize, random_state=0)
    classifier.fit(X, y)
    with pytest.warns(DriveClippingWarning, match="larger by a factor of") as caught:
        classifier.predict([factor * x for x in X])
    found = float(re.search(r"factor of (\S+)\.", str(caught[0].message))[1])
    assert 0.8 * factor < found < 1.5 * factor  # a quantile of the drive was learned


@pytest.mark.parametrize("standardize", [False, True])
def test_new_data_that_are_far_smaller_than_those_of_the_fit_warn(standardize):
    X, y = ragged(40)
    classifier = ReservoirClassifier(n_nodes=20, standardize=standardize, random_state=0)
    classifier.fit(X, y)
    regressor = ReservoirRegressor(n_nodes=20, random_state=0).fit(X, [x[:, 0] for x in X])
    for estimator in (classifier, regressor):
        with pytest.warns(UnitsWarning, match="smaller by a factor of") as caught:
            estimator.predict([x / 32768 for x in X])
        found = float(re.search(r"factor of (\S+) or more", str(caught[0].message))[1])
        assert 3276 < found < 32768 * 1.1  # it is a bound
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            estimator.predict([x / 3 for x in X])
            estimator.predict([X[0] / 32768])  # one sequence may be quiet


def test_wide_current_limits_do_not_make_data_look_small():
    X = [np.random.default_rng(0).normal(size=(500, 2))]
    limits = (-10.0, 10.0)  # in A: thousands of thresholds
    model = TimeMultiplexedReservoir(current_limits=limits, n_nodes=5, random_state=0).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.transform(X)


def test_a_constant_channel_changes_nothing():
    X, y = ragged(30)
    wider = [np.hstack([x, np.full((len(x), 1), 7.0)]) for x in X]
    for standardize in (False, True):
        options = {"n_nodes": 15, "random_state": 0, "standardize": standardize}
        mask = np.random.default_rng(0).choice([-1.0, 1.0], (4, 15))
        one = TimeMultiplexedReservoir(mask=mask[:3], **options).fit(X).transform(X)
        two = TimeMultiplexedReservoir(mask=mask, **options).fit(wider).transform(wider)
        for a, b in zip(one, two, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_where_nothing_varies_the_largest_weight_spans_the_range(size):
    weights = size * np.array([[1.0, -1.0, 0.5]])
    options = {"n_nodes": 3, "mask": weights, "standardize": False, "drive_range": (0.9, 1.2)}
    fitted = TimeMultiplexedReservoir(**options).fit([np.full((4, 1), 0.3)])
    threshold = fitted.oscillator_.threshold_current
    currents = fitted.drive_.currents(np.array([[0.3], [0.5]])) / threshold
    # The range is 0.3 wide about 1.05; 0.2 more is a fifth of it, times the weight.
    expected = [[1.05, 1.05, 1.05], [1.11, 0.99, 1.08]]
    np.testing.assert_allclose(currents, expected, rtol=1e-6)
    single = TimeMultiplexedReservoir(**options, dtype="float32").fit([np.full((4, 1), 0.3)])
    frames = [np.array([[0.3], [0.5], [0.3 + 1e-6]])]
    np.testing.assert_allclose(single.transform(frames)[0], fitted.transform(frames)[0], 1e-5)


def test_noise_has_the_stated_size_and_depends_on_the_sequence_alone():
    X, _ = ragged(60)
    quiet = TimeMultiplexedReservoir(n_nodes=50, random_state=0).fit(X)
    noisy = TimeMultiplexedReservoir(n_nodes=50, readout_noise=0.1, random_state=0).fit(X)
    clean, dirty = quiet.transform(X), noisy.transform(X)
    noise = np.concatenate(dirty) - np.concatenate(clean)
    spread = np.std(np.concatenate(clean))
    assert noise.std() == pytest.approx(0.1 * spread, rel=0.05)
    assert abs(np.corrcoef(noise[:-1].ravel(), noise[1:].ravel())[0, 1]) < 0.02
    assert np.array_equal(noisy.transform([X[3], X[3]])[1], dirty[3])
    other = TimeMultiplexedReservoir(n_nodes=50, readout_noise=0.1, random_state=0)
    pooled = other.set_params(pooling="segments", n_segments=2).fit(X).transform(X)
    half = -(-len(dirty[0]) // 2)
    np.testing.assert_allclose(pooled[0, :50], dirty[0][:half].mean(axis=0), rtol=1e-9)


def test_memory_needs_context_or_transients():
    generator = np.random.default_rng(0)
    u = generator.uniform(-1, 1, (900, 1))
    y = np.concatenate([np.zeros(3), u[:-3, 0]])
    plain = ReservoirRegressor(n_nodes=40, context=(), random_state=0)
    plain.fit(u[:600], y[:600])
    taps = ReservoirRegressor(n_nodes=40, context=(3,), random_state=0)
    assert plain.score(u[600:], y[600:]) < 0.5
    assert taps.fit(u[:600], y[:600]).score(u[600:], y[600:]) > 0.9


def test_regressor_takes_lists_of_series_and_several_targets():
    generator = np.random.default_rng(0)
    X = [generator.uniform(-1, 1, (n, 2)) for n in (80, 120, 100)]
    y = [np.stack([x[:, 0] * x[:, 1], x[:, 0] ** 2], axis=1) for x in X]
    model = ReservoirRegressor(n_nodes=100, washout=5, random_state=0).fit(X, y)
    predicted = model.predict(X)
    assert [p.shape for p in predicted] == [(80, 2), (120, 2), (100, 2)]
    assert np.corrcoef(predicted[1][:, 0], y[1][:, 0])[0, 1] > 0.95
    single = ReservoirRegressor(n_nodes=20, random_state=0).fit(X, [t[:, 0] for t in y])
    assert single.predict(X)[0].shape == (80,)


def test_washout_leaves_the_first_frames_out_of_the_fit():
    u = np.random.default_rng(0).uniform(-1, 1, (300, 1))
    y = u[:, 0] ** 2
    spoiled = y.copy()
    spoiled[:20] = 1e6
    model = ReservoirRegressor(n_nodes=30, washout=20, alpha=1e-6, random_state=0)
    clean = model.fit(u, y).predict(u)
    assert np.array_equal(model.fit(u, spoiled).predict(u), clean)


def test_pandas_tables_names_and_set_output():
    generator = np.random.default_rng(0)
    table = pd.DataFrame(generator.normal(size=(40, 3)), columns=["a", "b", "c"])
    y = np.where(table["a"] > 0, "up", "down")
    classifier = ReservoirClassifier(n_nodes=20, random_state=0).fit(table, y)
    assert classifier.feature_names_in_.tolist() == ["a", "b", "c"]
    assert classifier.score(table, y) > 0.9
    with pytest.raises(ValueError, match="feature names"):
        classifier.predict(table.rename(columns={"a": "z"}))
    reservoir = TimeMultiplexedReservoir(n_nodes=4, random_state=0)
    frame = reservoir.set_output(transform="pandas").fit(table).transform(table)
    assert isinstance(frame, pd.DataFrame)
    assert frame.columns.tolist() == [f"timemultiplexedreservoir{i}" for i in range(4)]
    assert frame.index.equals(table.index)


def test_values_of_the_device_are_parameters():
    classifier = ReservoirClassifier(n_nodes=10)
    classifier.set_params(oscillator__threshold_current=2e-3)
    assert classifier.oscillator.threshold_current == 2e-3
    assert classifier.get_params()["oscillator__threshold_current"] == 2e-3
    assert clone(classifier).oscillator == classifier.oscillator
    with pytest.raises(ValueError, match="its oscillator has current_tuning"):
        classifier.set_params(oscillator__colour=1)
    X, y = ragged()
    search = GridSearchCV(
        ReservoirClassifier(
            SpinTorqueOscillator.from_preset("riou2017"), n_nodes=10, context=()
        ),
        {"oscillator__nonlinear_damping": [0.0, 2.0]},
        cv=2,
    )
    assert search.fit(X, y).best_estimator_.oscillator.nonlinear_damping in (0.0, 2.0)


def test_string_labels_and_groups_are_accepted():
    X, y = ragged(60)
    names = np.array(["one", "two", "three"])[y]
    classifier = ReservoirClassifier(n_nodes=30, random_state=0)
    classifier.fit(X, names, groups=np.arange(60) // 10)
    assert classifier.classes_.tolist() == ["one", "three", "two"]
    assert classifier.score(X, names) > 0.9


def test_the_control_reads_the_masked_drive():
    X, y = ragged()
    base = TimeMultiplexedReservoir(n_nodes=12, random_state=0)
    states = control(base).fit(X).transform(X)
    drive = control(base).fit(X).drive_
    np.testing.assert_allclose(
        # The drive crosses zero, and two products of matrices round differently.
        states[0],
        drive.gain * drive.masked(X[0]) + drive.offset,
        rtol=1e-12,
        atol=1e-12 * abs(drive.highest),
    )
    assert control(ReservoirClassifier(n_nodes=12)).fit(X, y).score(X, y) > 0.5


BAD_SEQUENCES = {
    "NaN or infinity": [np.ones((3, 2)), np.full((3, 2), np.nan)],
    "holds NaN or infinity .frame 1, channel 0: inf": [np.array([[0.0, 0.0], [np.inf, 0.0]])],
    "is empty": [np.ones((3, 2)), np.ones((0, 2))],
    "Sequence 1 has 3 channels, but sequence 0 has 2": [
        np.ones((3, 2)),
        np.ones((3, 3)),
    ],
    "Reshape your data": [np.ones((2, 2)), np.ones(5)],
    "Complex data not supported": [np.ones((3, 2)) * 1j],
}


@pytest.mark.parametrize("message", BAD_SEQUENCES)
def test_a_bad_sequence_is_named(message):
    X = BAD_SEQUENCES[message]
    for estimator in (
        ReservoirClassifier(n_nodes=5),
        TimeMultiplexedReservoir(n_nodes=5),
    ):
        with pytest.raises(ValueError, match=message):
            estimator.fit(X, np.arange(len(X)))


def test_strings_and_empty_lists_are_refused():
    with pytest.raises(TypeError, match="Sequence 0 holds <U"):
        ReservoirClassifier().fit([np.array([["a", "b"]])], [0])
    with pytest.raises(ValueError):
        ReservoirClassifier().fit([], [])


def test_labels_must_fit_the_sequences():
    X, y = ragged()
    with pytest.raises(ValueError, match="one class only"):
        ReservoirClassifier(n_nodes=5).fit(X, np.zeros(len(X)))
    with pytest.raises(ValueError, match="24 sequences and y 23 labels"):
        ReservoirClassifier(n_nodes=5).fit(X, y[1:])
    with pytest.raises(ValueError, match="groups has shape"):
        ReservoirClassifier(n_nodes=5).fit(X, y, groups=y[1:])
    with pytest.raises(ValueError, match="one group only"):
        ReservoirClassifier(n_nodes=5).fit(X, y, groups=np.zeros(len(X)))
    classifier = ReservoirClassifier(n_nodes=5).fit(X, y)
    with pytest.raises(ValueError, match="X has 2 features, but ReservoirClassifier"):
        classifier.predict([x[:, :2] for x in X])


BAD_PARAMETERS = [
    ({"drive_range": (0.2, 0.9)}, "at or below the threshold"),
    ({"drive_range": (1.5, 1.2)}, "must exceed"),
    ({"drive_range": 3}, "two numbers"),
    ({"n_nodes": 0}, "n_nodes is 0"),
    ({"n_segments": 1.5}, "n_segments is 1.5"),
    ({"node_time": -1e-9}, "node_time is"),
    ({"readout_noise": -0.1}, "of at least 0"),
    ({"context": (0,)}, "at least 1 frame"),
    ({"feedback_delay": 0}, "feedback_delay is 0"),
    ({"pooling": "median"}, "must be one of"),
    ({"alpha": 0}, "alpha is 0"),
    ({"dtype": "int32"}, "float64 or"),
    ({"mask": "ternary"}, "binary, sparse"),
    ({"mask": np.ones((2, 400))}, r"need .3, 400."),
    ({"oscillator": "torrejon"}, "presets are"),
]


@pytest.mark.parametrize("parameters, message", BAD_PARAMETERS)
def test_a_bad_parameter_is_named_at_fit(parameters, message):
    X, y = ragged()
    with pytest.raises(ValueError, match=message):
        ReservoirClassifier(**parameters).fit(X, y)


def test_a_device_must_be_a_device():
    X, y = ragged()
    with pytest.raises(TypeError, match="oscillator is of type float; it must be a device"):
        ReservoirClassifier(oscillator=3.5e-3).fit(X, y)
    message = r"is the class SpinTorqueOscillator; give an instance, SpinTorqueOscillator\("
    with pytest.raises(TypeError, match=message):
        ReservoirClassifier(oscillator=SpinTorqueOscillator).fit(X, y)


def test_a_series_shorter_than_the_washout_is_refused():
    with pytest.raises(ValueError, match="longest series has 10 frames"):
        ReservoirRegressor(washout=10).fit(np.ones((10, 1)), np.ones(10))
    with pytest.raises(ValueError, match="targets of series 1"):
        ReservoirRegressor().fit([np.ones((5, 1))] * 2, [np.ones(5), np.ones(4)])


@pytest.mark.parametrize("power_floor", [1e-18, 1e-3])
@pytest.mark.parametrize("drive_range", [(-1000, 1000), (0.6, 1.6)])
@pytest.mark.parametrize("node_time", [1e-12, 8e-7, 1e-2])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_extreme_settings_keep_every_amplitude_between_the_floor_and_one(
    power_floor, drive_range, node_time, dtype
):
    X, _ = ragged(12, lengths=(1, 6))
    oscillator = SpinTorqueOscillator.from_preset("torrejon2017")
    for n_nodes, gain, delay in ((1, 0.0, None), (3, 2.0, 1), (70, 2.0, 200)):
        reservoir = TimeMultiplexedReservoir(
            oscillator,
            n_nodes=n_nodes,
            node_time=node_time,
            drive_range=drive_range,
            feedback_gain=gain,
            feedback_delay=delay,
            dtype=dtype,
            random_state=0,
        ).set_params(oscillator__power_floor=power_floor)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DriveClippingWarning)
            states = np.concatenate(reservoir.fit(X).transform(X))
        assert np.isfinite(states).all()
        assert states.min() >= 0.999 * np.sqrt(power_floor) and states.max() <= 1.0001


@pytest.mark.parametrize(
    "changed", [{"n_segments": 1}, {"n_segments": 8}, {"pooling": "mean"}]
)
def test_a_parameter_changed_after_fit_is_told_and_never_read_past_the_end(changed):
    X, y = ragged()
    classifier = ReservoirClassifier(n_nodes=10, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="Fit again"):
        classifier.set_params(**changed).predict(X)


def test_a_block_of_series_shorter_than_the_washout_is_skipped():
    generator = np.random.default_rng(0)
    X = [generator.uniform(-1, 1, (3, 1))] * 512 + [generator.uniform(-1, 1, (80, 1))]
    model = ReservoirRegressor(n_nodes=10, washout=5, random_state=0)
    model.fit(X, [x[:, 0] for x in X])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DriveClippingWarning)
        assert np.corrcoef(model.predict(X[-1:])[0], X[-1][:, 0])[0, 1] > 0.9


def test_lists_of_series_are_scored_frame_by_frame_and_cross_validated():
    generator = np.random.default_rng(0)
    X = [generator.uniform(-1, 1, (n, 1)) for n in (60, 80, 70, 90)]
    y = [x[:, 0] ** 2 for x in X]
    model = ReservoirRegressor(n_nodes=20, random_state=0).fit(X, y)
    pairs = np.concatenate(y), np.concatenate(model.predict(X))
    assert model.score(X, y) == r2_score(*pairs)
    assert cross_val_score(model, X, y, cv=2).min() > 0.8


def test_targets_of_all_series_have_one_shape():
    X = [np.ones((5, 1))] * 2
    with pytest.raises(ValueError, match="targets of series 1 have shape"):
        ReservoirRegressor(n_nodes=5).fit(X, [np.ones(5), np.ones((5, 2))])
    with pytest.raises(ValueError, match="Complex data not supported"):
        ReservoirRegressor(n_nodes=5).fit(X, [np.ones(5) * 1j] * 2)
    with pytest.raises(ValueError, match="1d array"):
        ReservoirClassifier(n_nodes=5).fit(X, "ab")


def test_default_taps_come_where_targets_depend_on_earlier_frames():
    u = np.random.default_rng(0).uniform(-1, 1, (600, 4))
    now, before = u[:, 0] * u[:, 1], np.concatenate([[0.0], u[:-1, 2]])
    plain = ReservoirRegressor(n_nodes=200, random_state=0).fit(u[:400], now[:400])
    assert plain.drive_.taps == (0,) and plain.score(u[400:], now[400:]) > 0.95
    late = ReservoirRegressor(n_nodes=200, random_state=0).fit(u[:400], before[:400])
    assert late.drive_.taps == (0, 1, 2) and late.score(u[400:], before[400:]) > 0.9


@pytest.mark.parametrize("spreads", [(1, 1e4), (1, 1, 1e6, 1e6), (1, 1, 500)])
def test_channels_in_different_units_are_standardised_unless_one_says_otherwise(spreads):
    generator = np.random.default_rng(0)
    X = generator.normal(size=(200, len(spreads))) * spreads
    found = ReservoirClassifier(n_nodes=10, random_state=0).fit(X, np.arange(200) % 2)
    assert X.std(axis=0) * found.drive_.scale == pytest.approx(1)
    alike = ReservoirClassifier(n_nodes=10, random_state=0).fit(
        X / spreads, np.arange(200) % 2
    )
    assert len(set(alike.drive_.scale)) == 1


def test_pooling_that_was_changed_after_fit_is_told_where_sizes_agree():
    X, y = ragged()
    classifier = ReservoirClassifier(n_nodes=10, random_state=0).fit(X, y)
    for changed in ({"n_segments": 4, "pool_squares": False}, {"pooling": "segments"}):
        with pytest.raises(ValueError, match="Fit again"):
            clone(classifier).fit(X, y).set_params(**changed).predict(X)


def test_calibrated_decisions_are_the_probabilities_of_bayes_and_scaled_ones_are_not():
    generator = np.random.default_rng(0)
    y = generator.integers(2, size=3000)
    level = generator.normal(2 * y - 1)  # so the odds of the second class are exp(2 level)
    X = [np.full((2, 1), value) for value in level]
    classifier = ReservoirClassifier(n_nodes=20, random_state=0)
    assert not hasattr(classifier, "predict_proba")
    calibrated = CalibratedClassifierCV(classifier, cv=3).fit(X[:2000], y[:2000])
    expected = expit(2 * level[2000:])
    error = calibrated.predict_proba(X[2000:])[:, 1] - expected
    assert np.sqrt(np.mean(error**2)) < 0.05
    decision = classifier.fit(X[:2000], y[:2000]).decision_function(X[2000:])
    assert np.sqrt(np.mean((expit(decision) - expected) ** 2)) > 0.15
