"""What may be meant by an input, and what is refused: never another question answered."""

import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st

from reservoir import (
    DriveClippingWarning,
    ReservoirClassifier,
    ReservoirRegressor,
    TimeMultiplexedReservoir,
    load,
    save,
)
from reservoir.devices import Wire

few = settings(derandomize=True, max_examples=25, database=None)
OPTIONS = {"n_nodes": 15, "random_state": 0}


def labelled(n_sequences=30, n_channels=2, seed=0):
    generator = np.random.default_rng(seed)
    y = np.arange(n_sequences) % 2
    X = [
        (2 * k - 1) * np.linspace(0, 1, generator.integers(5, 12))[:, None]
        + 0.2 * generator.normal(size=n_channels)
        for k in y
    ]
    return X, y


def series(n_frames=300, seed=0):
    u = np.random.default_rng(seed).uniform(-1, 1, n_frames)
    return u, np.concatenate([[0.0], u[:-1] ** 2])


# ------------------------------------------------------------------ single sequences


@pytest.mark.parametrize("convert", [np.asarray, np.ndarray.tolist, pd.DataFrame])
def test_the_frames_of_one_sequence_are_no_sequences_of_one_frame(convert):
    X, y = labelled()
    classifier = ReservoirClassifier(**OPTIONS).fit(X, y)
    reservoir = TimeMultiplexedReservoir(**OPTIONS).fit(X)
    pooled = TimeMultiplexedReservoir(pooling="mean", **OPTIONS).fit(X)
    coupled = TimeMultiplexedReservoir(n_oscillators=2, coupling=1e5, **OPTIONS).fit(X)
    frames = convert(X[0])
    for ask in (
        classifier.predict,
        classifier.decision_function,
        classifier.node_states,
        classifier.drive_currents,
        lambda table: classifier.score(table, [0] * len(X[0])),
        reservoir.transform,
        pooled.transform,
        coupled.transform,
    ):
        with pytest.raises(ValueError, match=r"Give \[sequence\] for a single one\."):
            ask(frames)
    assert classifier.predict([X[0]]).tolist() == [0]
    assert classifier.predict(X[0][np.newaxis]).tolist() == [0]


def test_a_classifier_of_single_frames_refuses_sequences_of_several():
    X, y = labelled()
    rows = np.stack([x[-1] for x in X])
    classifier = ReservoirClassifier(**OPTIONS).fit(rows, y)
    assert classifier.predict(rows[:3]).shape == (3,)
    assert classifier.predict(rows[:3, np.newaxis]).shape == (3,)
    with pytest.raises(ValueError, match="fitted to single frames, but X holds sequences"):
        classifier.predict(X)
    # States of a sequence are asked for and given, whatever the drive was learned from.
    reservoir = TimeMultiplexedReservoir(**OPTIONS).fit(np.concatenate(X))
    assert [len(states) for states in reservoir.transform(X)] == [len(x) for x in X]


def test_a_table_is_one_series_to_a_regressor_however_it_was_fitted():
    u, y = series()
    model = ReservoirRegressor(context=(1,), **OPTIONS).fit([u[:, None]], [y])
    assert np.array_equal(model.predict(u[:, None]), model.predict([u[:, None]])[0])
    assert model.score(u[:, None], y) == model.score([u[:, None]], [y])


@pytest.mark.parametrize("n_channels", [1, 3])
def test_a_label_for_every_row_of_a_series_is_warned_of(n_channels):
    generator = np.random.default_rng(0)
    walk = np.cumsum(generator.normal(size=(300, n_channels)), axis=0)
    labels = (np.roll(walk[:, 0], 5) > 0).astype(int)
    with pytest.warns(UserWarning, match="300 rows that look like one series in time"):
        ReservoirClassifier(**OPTIONS).fit(walk, labels)
    independent = generator.normal(size=(300, 3))
    ReservoirClassifier(**OPTIONS).fit(independent, independent[:, 0] > 0)
    order = np.argsort(independent[:, 0] > 0, kind="stable")  # as tables often are
    ReservoirClassifier(**OPTIONS).fit(independent[order], independent[order, 0] > 0)


def test_labels_that_follow_the_row_before_are_warned_of():
    # The rows are independent, so only the labels tell that their order has a meaning.
    rows = np.random.default_rng(0).normal(size=(400, 1))
    labels = np.roll(rows[:, 0] > 0, 1)
    with pytest.warns(UserWarning, match="400 rows that look like one series in time"):
        ReservoirClassifier(**OPTIONS).fit(rows, labels)
    shuffled = np.random.default_rng(1).permutation(400)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ReservoirClassifier(**OPTIONS).fit(rows[shuffled], labels[shuffled])


def test_single_frames_that_may_be_series_are_warned_of_with_the_cure():
    frames = [frame[np.newaxis] for frame in np.random.default_rng(0).normal(size=(20, 10))]
    message = "one frame, of 10 channels.*give sequence.T.*as the rows of a table"
    for kind in (ReservoirClassifier, TimeMultiplexedReservoir):
        with pytest.warns(UserWarning, match=message) as caught:
            kind(**OPTIONS).fit(frames, np.arange(20) % 2)
        assert [warning.filename for warning in caught] == [__file__]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            kind(**OPTIONS).fit(np.concatenate(frames), np.arange(20) % 2)
            kind(**OPTIONS).fit([frame[:, :9] for frame in frames], np.arange(20) % 2)


def test_series_that_lie_on_their_side_are_warned_of_or_refused():
    u, y = series()
    lying = u.reshape(20, 1, 15)
    with pytest.warns(UserWarning, match="has one frame, of 15 channels"):
        ReservoirClassifier(**OPTIONS).fit(lying, np.arange(20) % 2)
    ragged = [np.ones((2, 5)), np.ones((2, 7)), np.ones((2, 6))]
    with pytest.raises(ValueError, match=r"Each has 2 rows.* sequence\.T"):
        ReservoirClassifier(**OPTIONS).fit(ragged, [0, 1, 0])
    X, labels = labelled()
    with pytest.raises(ValueError, match=r"Each has 2 rows.* sequence\.T"):
        ReservoirClassifier(**OPTIONS).fit(X, labels).predict([x.T for x in X])
    regressor = ReservoirRegressor(**OPTIONS)
    with pytest.raises(ValueError, match=r"Is X transposed\? X\.T"):
        regressor.fit(np.stack([u, u]), y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match=r"Is the series transposed\? series\.T"):
            regressor.fit([u[np.newaxis]], [y])
        with pytest.raises(ValueError, match="one frame of 300 channels and as many targets"):
            regressor.fit([u[np.newaxis]], [y[np.newaxis]])


# ------------------------------------------------------------------ series of one channel


@pytest.mark.parametrize("make", [np.asarray, pd.Series])
@pytest.mark.parametrize("container", [list, tuple, "object array"])
def test_a_series_without_an_axis_of_channels_is_refused_with_the_cure(make, container):
    u, y = series()
    items = [make(u[:200]), make(u[200:])]
    if container == "object array":
        X = np.empty(2, dtype=object)
        X[:] = items
    else:
        X = container(items)
    message = r"Sequence 0 has shape \(200,\).*reshape\(-1, 1\) makes one channel"
    with pytest.raises(ValueError, match=message):
        ReservoirRegressor(**OPTIONS).fit(X, [y[:200], y[200:]])
    with pytest.raises(ValueError, match=message):
        ReservoirClassifier(**OPTIONS).fit(X, [0, 1])
    with pytest.raises(ValueError, match=message):
        TimeMultiplexedReservoir(**OPTIONS).fit(X)
    model = ReservoirRegressor(**OPTIONS).fit([u[:, None]], [y])
    for ask in (model.predict, lambda X: model.score(X, [y[:200], y[200:]])):
        with pytest.raises(ValueError, match=message):
            ask(X)


def test_lists_of_numbers_are_a_table_unless_they_can_be_series_only():
    rows = np.random.default_rng(0).normal(size=(40, 3))
    y = rows[:, 0] > 0
    assert np.array_equal(
        ReservoirClassifier(**OPTIONS).fit(rows.tolist(), y).predict(rows.tolist()),
        ReservoirClassifier(**OPTIONS).fit(rows, y).predict(rows),
    )
    u, y = series()
    model = ReservoirRegressor(**OPTIONS)
    with pytest.raises(ValueError, match=r"1 sample .n_samples = 1. of 300 channels"):
        model.fit([u.tolist()], [y.tolist()])
    with pytest.raises(ValueError, match="one series of 2 frames of 150 channels"):
        model.fit(u.reshape(2, 150).tolist(), y.reshape(2, 150).tolist())
    with pytest.raises(ValueError, match="X cannot be read as one array"):
        model.fit([[1.0, 2.0], [3.0]], [1.0, 2.0])


def test_a_column_of_sequences_is_a_list_of_them():
    X, y = labelled()
    expected = ReservoirClassifier(**OPTIONS).fit(X, y).decision_function(X)
    column = pd.Series(X)
    found = ReservoirClassifier(**OPTIONS).fit(column, y).decision_function(column)
    assert found.tobytes() == expected.tobytes()
    cells = pd.DataFrame({"a": [x[:, 0] for x in X], "b": [x[:, 1] for x in X]})
    with pytest.raises(ValueError, match="sequences come as a list of arrays"):
        ReservoirClassifier(**OPTIONS).fit(cells, y)


@pytest.mark.parametrize("X", [(x for x in ()), {0: np.ones((3, 2))}, "frames"])
def test_what_is_no_container_is_named(X):
    with pytest.raises(TypeError, match=f"X is of type {type(X).__name__}; give a table"):
        TimeMultiplexedReservoir(**OPTIONS).fit(X)


# ------------------------------------------------------------------ data frames


def test_sequences_as_data_frames_keep_the_names_of_their_channels():
    X, y = labelled(n_channels=3)
    frames = [pd.DataFrame(x, columns=["x", "y", "z"]) for x in X]
    model = ReservoirClassifier(**OPTIONS).fit(frames, y)
    assert model.feature_names_in_.tolist() == ["x", "y", "z"]
    assert model.predict(frames).tolist() == y.tolist()
    swapped = [frame[["z", "y", "x"]] for frame in frames]
    renamed = [frame.rename(columns={"x": "w"}) for frame in frames]
    for others in (swapped, renamed, [*frames[:-1], swapped[-1]]):
        with pytest.raises(ValueError, match="The feature names should match those"):
            model.predict(others)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X)
    with pytest.warns(UserWarning, match="fitted without feature names"):
        ReservoirClassifier(**OPTIONS).fit(X, y).predict(frames)
    assert not hasattr(model.fit(X, y), "feature_names_in_")


def test_sequences_with_other_columns_than_the_first_are_named_at_fit():
    X, y = labelled()
    frames = [pd.DataFrame(x, columns=["x", "y"]) for x in X]
    message = r"is a data frame with the columns \['x', 'y'\], but sequence"
    for mixed in (
        frames[:5] + X[5:],
        X[:5] + frames[5:],
        [*frames[:-1], frames[-1][["y", "x"]]],
    ):
        with pytest.raises(ValueError, match=message):
            ReservoirClassifier(**OPTIONS).fit(mixed, y)


def test_data_frames_of_several_types_of_numbers_are_numbers():
    generator = np.random.default_rng(0)
    y = np.arange(20) % 2
    plain = [generator.integers(0, 2, size=(6, 2)) * [[1.0, 0.5]] + k for k in y]
    typed = [
        pd.DataFrame({"a": pd.array(x[:, 0].astype(int), dtype="Int64"), "b": x[:, 1]})
        for x in plain
    ]
    first = ReservoirClassifier(**OPTIONS).fit(plain, y)
    second = ReservoirClassifier(**OPTIONS).fit(typed, y)
    assert second.decision_function(typed).tobytes() == (
        first.decision_function(plain).tobytes()
    )


# ------------------------------------------------------------------ masks and strangers


def test_masked_values_are_refused_with_their_place():
    X, y = labelled()
    hidden = [np.ma.masked_array(x, np.zeros(x.shape, bool)) for x in X]
    model = ReservoirClassifier(**OPTIONS).fit(hidden, y)  # nothing is masked yet
    assert model.decision_function(hidden).tobytes() == model.decision_function(X).tobytes()
    hidden[3][4, 0] = np.ma.masked
    message = r"Sequence 3 has masked values \(frame 4, channel 0 is masked\)"
    for ask in (model.predict, lambda X: ReservoirClassifier(**OPTIONS).fit(X, y)):
        with pytest.raises(ValueError, match=message):
            ask(hidden)
    cube = np.ma.masked_equal(np.arange(24.0).reshape(3, 4, 2), 13.0)
    with pytest.raises(ValueError, match=r"Sequence 1 .*\(frame 2, channel 1 is masked\)"):
        TimeMultiplexedReservoir(**OPTIONS).fit(cube)
    with pytest.raises(ValueError, match=r"X has .*\(row 2, column 1 is masked\)"):
        TimeMultiplexedReservoir(**OPTIONS).fit(cube[1])


def test_masked_targets_labels_and_groups_are_refused():
    X, y = labelled()
    with pytest.raises(ValueError, match="y has masked values .label 1"):
        ReservoirClassifier(**OPTIONS).fit(X, np.ma.masked_equal(y, 1))
    with pytest.raises(ValueError, match="groups has masked values .sequence 2"):
        ReservoirClassifier(**OPTIONS).fit(
            X, y, groups=np.ma.masked_equal(np.arange(30) % 3, 2)
        )
    u, y = series()
    gaps = np.ma.masked_array(y, np.arange(300) == 7)
    with pytest.raises(ValueError, match="y has masked values .frame 7"):
        ReservoirRegressor(**OPTIONS).fit(u[:, None], gaps)
    model = ReservoirRegressor(**OPTIONS)
    with pytest.raises(ValueError, match="targets of series 0 has masked values .frame 7"):
        model.fit([u[:, None]], [gaps])
    with pytest.raises(ValueError, match="y has masked values .frame 7"):
        model.fit(u[:, None], y).score(u[:, None], gaps)


@pytest.mark.parametrize(
    "name, value",
    [
        ("mask", np.ones((2, 15))),
        ("node_bias", np.full(15, 0.1)),
        ("drive_range", np.array([0.6, 1.6])),
        ("current_limits", np.array([0.5, 1.7])),
        ("coupling", np.array([[0.0, 1e5], [1e5, 0.0]])),
        ("detuning", np.array([1e5, 2e5])),
    ],
)
def test_parameters_must_be_numbers_that_no_mask_hides(name, value):
    X, y = labelled()
    where = np.zeros(value.shape, bool)
    where.flat[1] = True
    strangers = [np.ma.masked_array(value, where), value.astype(str), value.astype("m8[s]")]
    strangers += [value * 1j] if name != "coupling" else []
    for stranger in strangers:
        model = ReservoirClassifier(n_oscillators=2, **{name: stranger}, **OPTIONS)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(ValueError, match="is masked|masked values|number") as caught:
                model.fit(X, y)
        assert str(caught.value).endswith(".")


STRANGERS = {
    "text": np.array("1.5"),
    "bytes": np.array(b"1.5"),
    "dates": np.array("2020-01-01", "M8[D]"),
    "durations": np.array(3, "m8[s]"),
    "complex": np.array(1 + 1j),
    "records": np.array((1, 2.0), [("a", int), ("b", float)]),
}


@pytest.mark.parametrize("kind", STRANGERS)
@pytest.mark.parametrize("as_objects", [False, True])
def test_values_that_are_no_real_numbers_are_refused_everywhere(kind, as_objects):
    def filled(*shape):
        array = np.full(shape, STRANGERS[kind])
        return array.astype(object) if as_objects else array

    u, y = series(20)
    for estimator, X, target in (
        (ReservoirClassifier(**OPTIONS), filled(20, 2), np.arange(20) % 2),
        (ReservoirClassifier(**OPTIONS), [filled(5, 2)] * 20, np.arange(20) % 2),
        (ReservoirClassifier(**OPTIONS), filled(20, 5, 2), np.arange(20) % 2),
        (ReservoirRegressor(**OPTIONS), u[:, None], filled(20)),
        (ReservoirRegressor(**OPTIONS), [u[:, None]], [filled(20)]),
        (ReservoirRegressor(**OPTIONS), filled(20, 2), y),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises((ValueError, TypeError), match="number|not supported"):
                estimator.fit(X, target)


def test_booleans_count_as_0_and_1():
    generator = np.random.default_rng(0)
    y = np.arange(20) % 2
    bits = [generator.random((6, 2)) > 0.5 for _ in y]
    numbers = [bit.astype(float) for bit in bits]
    for dtype in ("float64", "float32"):
        first = ReservoirClassifier(dtype=dtype, **OPTIONS).fit(bits, y)
        second = ReservoirClassifier(dtype=dtype, **OPTIONS).fit(numbers, y)
        assert (
            first.decision_function(bits).tobytes()
            == (second.decision_function(numbers)).tobytes()
        )


@pytest.mark.parametrize(
    "names",
    [
        np.array([False, True]),
        np.array(["no", "yes, sir"]),
        np.array(["a", "\u00e9"], dtype=object),
        np.array([-3, 7], dtype=np.int8),
        np.array([0.5, 1.0]) * 2,
    ],
)
def test_labels_come_back_as_they_were_given(names):
    X, y = labelled()
    model = ReservoirClassifier(**OPTIONS).fit(X, names[y])
    assert model.classes_.dtype == names.dtype
    predicted = model.predict(X)
    assert predicted.dtype == names.dtype
    assert predicted.tolist() == names[y].tolist()


@pytest.mark.parametrize("labels", [["a", None], np.array(["a", 1], object)])
def test_labels_without_an_order_and_labels_a_frame_are_named(labels):
    X, y = labelled()
    with pytest.raises(TypeError, match="y mixes labels of the types"):
        ReservoirClassifier(**OPTIONS).fit(X, np.array(list(labels) * 15, object))
    message = "groups mixes labels of the types|groups holds None for sequence 1"
    with pytest.raises((TypeError, ValueError), match=message):
        ReservoirClassifier(**OPTIONS).fit(X, y, groups=np.array(list(labels) * 15, object))
    with pytest.raises(ValueError, match="one label a sequence. For a label a frame, use R"):
        ReservoirClassifier(**OPTIONS).fit(
            X, [np.full(len(x), k) for x, k in zip(X, y, strict=True)]
        )


# ------------------------------------------------------------------ precision


@few
@given(st.integers(-8, 9), st.floats(-1, 1), st.booleans())
def test_an_offset_costs_single_precision_no_digits(exponent, sign, standardize):
    X, y = labelled()
    options = {"dtype": "float32", "standardize": standardize, **OPTIONS}
    expected = ReservoirClassifier(**options).fit(X, y).decision_function(X)
    moved = [x + sign * 10.0**exponent for x in X]
    found = ReservoirClassifier(**options).fit(moved, y).decision_function(moved)
    # 1e9 leaves double precision 7 digits of data of size 1, as many as single has.
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_offsets_enter_currents_and_other_devices_alike():
    X, y = labelled()
    moved = [x + 3e7 for x in X]
    for oscillator in ("torrejon2017", Wire()):
        options = {"oscillator": oscillator, "dtype": "float32", **OPTIONS}
        model = TimeMultiplexedReservoir(**options).fit(X)
        other = TimeMultiplexedReservoir(**options).fit(moved)
        for ask in ("drive_currents", "node_states"):
            for a, b in zip(getattr(model, ask)(X), getattr(other, ask)(moved), strict=True):
                np.testing.assert_allclose(a, b, rtol=2e-4, atol=1e-6 * np.abs(a).max())


@pytest.mark.parametrize("size", [1e-280, 1e-150, 1e-40, 1e40, 1e150, 1e280])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("standardize", [False, True])
def test_the_unit_of_the_data_does_not_matter(size, dtype, standardize):
    X, y = labelled()
    options = {"dtype": dtype, "standardize": standardize, **OPTIONS}
    expected = ReservoirClassifier(**options).fit(X, y).decision_function(X)
    scaled = [x * size for x in X]
    found = ReservoirClassifier(**options).fit(scaled, y).decision_function(scaled)
    np.testing.assert_allclose(found, expected, atol=2e-3 if dtype == "float32" else 1e-6)


@pytest.mark.parametrize("size", [1e-200, 1e-35, 1e35, 1e200])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_unit_of_the_mask_does_not_matter(size, dtype):
    X, y = labelled()
    mask = np.random.default_rng(1).uniform(-1, 1, (2, 15))
    options = {"dtype": dtype, **OPTIONS}
    expected = ReservoirClassifier(mask=mask, **options).fit(X, y).decision_function(X)
    found = ReservoirClassifier(mask=mask * size, **options).fit(X, y).decision_function(X)
    np.testing.assert_allclose(found, expected, atol=2e-3 if dtype == "float32" else 1e-6)


def test_channels_of_very_different_sizes_are_standardised_one_by_one():
    X, y = labelled(n_channels=3)
    options = {"standardize": True, **OPTIONS}
    expected = ReservoirClassifier(**options).fit(X, y).decision_function(X)
    scaled = [x * [1e-200, 1.0, 1e200] for x in X]
    found = ReservoirClassifier(**options).fit(scaled, y).decision_function(scaled)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    "size, message", [(1e-310, "too little for double"), (1e300, "too much for double")]
)
def test_data_at_the_ends_of_double_precision_are_refused(size, message):
    X, y = labelled()
    with pytest.raises(ValueError, match=message):
        ReservoirClassifier(**OPTIONS).fit([x * size for x in X], y)


@pytest.mark.parametrize("value", [1e39, -1e39, 3.5e38, 1e300])
@pytest.mark.parametrize("pooling", ["segments", "vote"])
def test_values_beyond_single_precision_are_refused_and_never_labelled(value, pooling):
    X, y = labelled()
    model = ReservoirClassifier(dtype="float32", pooling=pooling, **OPTIONS).fit(X, y)
    bad = [X[0], X[1].copy()]
    bad[1][3, 1] = value
    message = r"Sequence 1 holds .*\(frame 3, channel 1\), which is beyond single precision"
    for ask in (model.predict, model.decision_function, model.score):
        with pytest.raises(ValueError, match=message):
            ask(bad, [0, 1]) if ask == model.score else ask(bad)
    regressor = ReservoirRegressor(dtype="float32", **OPTIONS)
    regressor.fit(X, [x[:, 0] for x in X])
    with pytest.raises(ValueError, match=message):
        regressor.predict(bad)
    reservoir = TimeMultiplexedReservoir(dtype="float32", **OPTIONS).fit(X)
    for ask in (reservoir.transform, reservoir.drive_currents, reservoir.node_states):
        with pytest.raises(ValueError, match=message):
            ask(bad)


@few
@given(
    st.floats(-1e308, 1e308, allow_nan=False),
    st.sampled_from(["float64", "float32"]),
    st.sampled_from(["torrejon2017", "wire"]),
)
def test_no_finite_value_gives_an_answer_that_is_not_finite(value, dtype, device):
    X, y = labelled()
    oscillator = Wire() if device == "wire" else device
    model = ReservoirClassifier(oscillator, dtype=dtype, **OPTIONS).fit(X, y)
    bad = [X[0].copy()]
    bad[0][2, 0], bad[0][2, 1] = value, -value
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DriveClippingWarning)
        try:
            assert np.isfinite(model.decision_function(bad)).all()
        except ValueError as error:
            assert "precision" in str(error)


# ------------------------------------------------------------------ parameters, contexts


@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
@pytest.mark.parametrize(
    "name, value, kind",
    [
        ("bits", 16, np.int16),
        ("bits", 11, np.int8),
        ("bits", 32, np.int32),
        ("bits", 5, np.int64),
        ("n_nodes", 200, np.uint8),
        ("n_segments", 3, np.uint8),
        ("n_oscillators", 3, np.uint8),
        ("context", 5, np.int8),
        ("feedback_delay", 250, np.uint8),
        ("readout_noise", 0.125, np.float64),
        ("readout_noise", 0.125, np.float32),
        ("drift", 0.125, np.float32),
        ("loop_gain", 0.5, np.float32),
        ("alpha", 0.125, np.float32),
        ("detuning", 2.0**17, np.float32),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_numbers_of_numpy_are_numbers(name, value, kind, dtype):
    X, y = labelled()
    X = [np.tile(x, (4, 1)) for x in X]
    plain = {"n_nodes": 200, "loop_gain": 0.5, "random_state": 0, "dtype": dtype}
    plain |= {"n_oscillators": 2, "own_masks": True} if name == "detuning" else {}
    answers = []
    for number in (value, kind(value)):
        options = {**plain, name: (number,) if name == "context" else number}
        model = ReservoirClassifier(**options).fit(X, y)
        answers.append(model.decision_function(X).tobytes())
    assert answers[0] == answers[1]


@pytest.mark.parametrize("value", [0, "2", 1.5, True])
def test_the_number_of_threads_is_checked(value):
    X, y = labelled()
    with pytest.raises(ValueError, match="n_jobs is .*an integer other than 0, or None"):
        ReservoirClassifier(n_jobs=value, **OPTIONS).fit(X, y)


@pytest.mark.parametrize("backend", ["threading", "multiprocessing", "loky"])
def test_the_users_backend_of_joblib_changes_nothing(backend):
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(600, 3, 2)), np.arange(600) % 2
    expected = ReservoirClassifier(n_nodes=5, random_state=0).fit(X, y).decision_function(X)
    with joblib.parallel_backend(backend, n_jobs=2):
        model = ReservoirClassifier(n_nodes=5, n_jobs=2, random_state=0).fit(X, y)
        assert model.decision_function(X).tobytes() == expected.tobytes()


@pytest.mark.parametrize("where", ["global", "estimator"])
def test_states_of_sequences_stay_a_list_under_transform_output(where):
    X, _ = labelled()
    cube = np.stack([x[:5] for x in X])
    reservoir = TimeMultiplexedReservoir(n_nodes=4, random_state=0)
    expected = {len(data): reservoir.fit(data).transform(data) for data in (X[:3], cube)}
    output = "pandas" if where == "global" else "default"
    if where == "estimator":
        reservoir.set_output(transform="pandas")
    with sklearn.config_context(transform_output=output):
        for data in (X[:3], cube):
            for found in (
                reservoir.fit_transform(data),
                reservoir.fit(data).transform(data),
            ):
                assert isinstance(found, list)
                for a, b in zip(found, expected[len(data)], strict=True):
                    assert np.array_equal(a, b)
        table = reservoir.fit_transform(np.concatenate(X))
        assert isinstance(table, pd.DataFrame) and table.shape[1] == 4
        for pooling, width in (("mean", 4), ("last", 4), ("segments", 8)):
            pooled = reservoir.set_params(pooling=pooling, n_segments=2).fit_transform(X)
            assert isinstance(pooled, pd.DataFrame)
            assert pooled.shape == (len(X), width)


@pytest.mark.slow
def test_sixteen_threads_and_four_processes_give_the_same_bits():
    X, y = labelled(n_sequences=60)
    models = [
        ReservoirClassifier(readout_noise=0.1, bits=6, **OPTIONS).fit(X, y),
        ReservoirClassifier(Wire(), pooling="vote", dtype="float32", **OPTIONS).fit(X, y),
        ReservoirRegressor(context=(1,), **OPTIONS).fit(X, [x[:, 0] for x in X]),
        TimeMultiplexedReservoir(n_oscillators=2, coupling=1e5, **OPTIONS).fit(X),
    ]

    def bits_of(model):  # Here it travels to the processes as it is, without its module.
        for name in ("decision_function", "predict", "transform"):
            if hasattr(model, name):
                parts = getattr(model, name)(X)
                return b"".join(np.asarray(part).tobytes() for part in parts)
        raise AssertionError

    for model in models:
        expected = bits_of(model)
        threads = joblib.Parallel(n_jobs=16, backend="threading")
        processes = joblib.Parallel(n_jobs=4, backend="loky")
        for pool in (threads, processes):
            found = pool(joblib.delayed(bits_of)(model) for _ in range(16))
            assert found == [expected] * 16


@pytest.mark.parametrize("oscillator", ["torrejon2017", "wire"])
def test_the_order_of_a_mask_or_a_coupling_in_memory_changes_nothing(oscillator):
    X, y = labelled(n_channels=5)
    generator = np.random.default_rng(0)
    mask = generator.normal(size=(5, 30))
    coupling = generator.normal(size=(3, 3)) * 1e5 * (1 - np.eye(3))
    options = {"oscillator": Wire()} if oscillator == "wire" else {"coupling": coupling}
    answers = []
    for order in ("C", "F"):
        options = {
            name: np.array(value, order=order) if name == "coupling" else value
            for name, value in options.items()
        }
        model = ReservoirClassifier(
            n_nodes=30,
            n_oscillators=3 if "coupling" in options else 1,
            mask=np.array(mask, order=order),
            random_state=0,
            **options,
        )
        answers.append(model.fit(X, y).decision_function(X).tobytes())
    assert answers[0] == answers[1]


NAMES = [
    [0, 1, 2],
    [2.5, 0.5, 1.5],
    [("a", 1), ("a", 2), ("b", 1)],
    list(pd.date_range("2020-01-01", periods=3)),
]


def answers_of(model):
    ask = getattr(model, "predict", None) or model.transform
    return lambda X: np.concatenate([np.ravel(answer) for answer in ask(X)])


@pytest.mark.parametrize("names", NAMES, ids=["integers", "numbers", "levels", "dates"])
@pytest.mark.parametrize("kind", [ReservoirClassifier, TimeMultiplexedReservoir])
def test_columns_of_any_names_in_another_order_are_refused(names, kind, tmp_path):
    X, y = labelled(n_channels=3)
    frames = [pd.DataFrame(x, columns=pd.Index(names)) for x in X]
    model = kind(**OPTIONS).fit(frames, y)
    rows = np.random.default_rng(0).normal(size=(40, 3))
    table = pd.DataFrame(rows, columns=pd.Index(names))
    flat = kind(**OPTIONS).fit(table, np.arange(40) % 2)
    save(model, tmp_path / "model.h5")
    for fitted in (model, load(tmp_path / "model.h5")):
        ask = answers_of(fitted)
        assert np.array_equal(ask(frames), ask(X))
        with pytest.raises(ValueError, match="Sequence 3 is a data frame with the columns"):
            ask([*frames[:3], frames[3].iloc[:, ::-1], *frames[4:]])
    ask = answers_of(flat)
    assert np.array_equal(ask(table), ask(rows))
    with pytest.raises(ValueError, match="X is a data frame with the columns"):
        ask(table.iloc[:, ::-1])
    assert not hasattr(flat.fit(rows, np.arange(40) % 2), "columns_")


@pytest.mark.parametrize("names", [["a", "b"], *(names[:2] for names in NAMES)])
def test_targets_in_another_order_are_not_compared_with_the_wrong_column(names, tmp_path):
    u = series()[0][:, np.newaxis]
    targets = pd.DataFrame(np.column_stack([u, u**2]), columns=pd.Index(names))
    for X, y, swapped in (
        (u, targets, targets.iloc[:, ::-1]),
        ([u, u], [targets, targets], [targets, targets.iloc[:, ::-1]]),
    ):
        model = ReservoirRegressor(**OPTIONS).fit(X, y)
        save(model, tmp_path / "model.h5")
        for fitted in (model, load(tmp_path / "model.h5")):
            plain = [part.to_numpy() for part in y] if isinstance(y, list) else y.to_numpy()
            assert fitted.score(X, y) == fitted.score(X, plain)
            with pytest.raises(ValueError, match="y is a data frame with the columns"):
                fitted.score(X, swapped)
    with pytest.raises(ValueError, match="y is a data frame with the columns"):
        ReservoirRegressor(**OPTIONS).fit(X, swapped)
