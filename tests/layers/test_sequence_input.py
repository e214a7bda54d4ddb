"""What both networks for sequences share: containers, bits, learning on, noise, refusals."""

import copy
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from reservoir.exceptions import DriveClippingWarning
from reservoir.layers import (
    SpintronicClassifier,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
    SpintronicRegressor,
    sequence_input,
)

# Networks of few steps may not have learned, and say so.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


SMALL = {"random_state": 0, "max_iter": 3, "batch_size": 8}


def recurrent(**options):
    return SpintronicRecurrentClassifier((6, 4), **{**SMALL, **options})


def convolutional(**options):
    given = {"kernel": (2, 2), "segments": (2, 2), "hidden_layer_sizes": (4,)}
    return SpintronicConvolutionalClassifier(5, **{**given, **SMALL, **options})


def ragged(n=40, seed=0):
    """Sequences of two classes, which differ in the sign of a slope over the channels."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    lengths = generator.integers(2, 8, n)
    return [
        generator.normal(0, 0.3, (length, 3)) + (2 * label - 1) * np.linspace(-1, 1, 3)
        for length, label in zip(lengths, labels, strict=True)
    ], np.where(labels == 1, "up", "down")


X, Y = ragged()
BOTH = pytest.mark.parametrize("make", [recurrent, convolutional], ids=lambda f: f.__name__)
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


def bits(network):
    """All that the layers hold, as bytes."""
    return [
        (name, value.tobytes() if isinstance(value, np.ndarray) else value)
        for layer in network._all_layers()
        for name, value in vars(layer).items()
    ]


# ---------------------------------------------------------------------- scikit-learn


# A row of a table is a sequence of one frame. A filter of one line hears no patterns, and in
# one segment no place: check_classifiers_train asks for more. So there are two segments.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
@parametrize_with_checks(
    [
        SpintronicRecurrentClassifier((16,), random_state=0),
        SpintronicConvolutionalClassifier(kernel=(1, 1), segments=(1, 2), random_state=0),
    ]
)
def test_both_pass_every_check_of_scikit_learn(estimator, check):
    check(estimator)


@BOTH
def test_clones_and_pickles_answer_the_same(make):
    network = make().fit(X, Y)
    copies = [pickle.loads(pickle.dumps(network)), copy.deepcopy(network)]
    copies.append(clone(network).fit(X, Y))
    for each in copies:
        assert bits(each) == bits(network)
        assert each.predict_proba(X).tobytes() == network.predict_proba(X).tobytes()
    with pytest.raises(NotFittedError):
        clone(network).predict(X)


# ---------------------------------------------------------------------- containers


@BOTH
def test_every_container_gives_the_same_answer(make):
    packed = np.empty(len(X), dtype=object)
    packed[:] = X
    network = make().fit(X, Y)
    for other in (tuple(X), packed, pd.Series(list(X)), [pd.DataFrame(x) for x in X]):
        again = make().fit(other, Y)
        assert bits(again) == bits(network)
        assert again.predict_proba(other).tobytes() == network.predict_proba(X).tobytes()
    equal = [x[:2] for x in X]
    assert bits(make().fit(np.stack(equal), Y)) == bits(make().fit(equal, Y))


@BOTH
def test_the_rows_of_a_table_are_sequences_of_one_frame(make):
    table = np.array([x[0] for x in X])
    options = {} if make is recurrent else {"kernel": (1, 2)}
    first = make(**options).fit(table, Y)
    second = make(**options).fit(table[:, None, :], Y)
    assert bits(first) == bits(second)
    assert (
        first.predict_proba(table).tobytes()
        == second.predict_proba(table[:, None, :]).tobytes()
    )


@BOTH
def test_names_of_columns_are_learned_and_compared(make):
    options = {} if make is recurrent else {"kernel": (1, 2)}
    table = pd.DataFrame([x[0] for x in X], columns=["a", "b", "c"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        network = make(**options).fit(table, Y)
        network.predict(table)
    assert network.feature_names_in_.tolist() == ["a", "b", "c"]
    with pytest.raises(ValueError, match="feature names should match"):
        network.predict(table[["b", "a", "c"]])
    network.fit([x[:1] for x in X], Y)
    assert not hasattr(network, "feature_names_in_")


@BOTH
def test_the_range_of_all_numbers_stands_for_no_and_full_power(make):
    network = make(max_iter=1).fit(X, Y)
    flat = np.concatenate([x.ravel() for x in X])
    assert network.input_range_ == (flat.min(), flat.max()) and flat.min() < 0
    given = make(max_iter=1, input_range=(-1.0, 1.0)).fit(X, Y)
    clipped = [np.clip(x, -1.0, 1.0) for x in X]
    with pytest.warns(DriveClippingWarning, match=r"range from -1 to 1 .*clipped\.$"):
        expected = given.predict_proba(X)
    assert given.predict_proba(clipped).tobytes() == expected.tobytes()
    scaled = make(max_iter=1, dtype="float64").fit([2 * x + 1 for x in X], Y)
    same = make(max_iter=1, dtype="float64").fit(X, Y)
    assert scaled.predict_proba([2 * x + 1 for x in X]) == pytest.approx(
        same.predict_proba(X), rel=1e-10
    )


# ---------------------------------------------------------------------- bits


@BOTH
@DTYPES
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_answers_ignore_order_neighbours_padding_threads_and_repetition(
    make, dtype, noise, monkeypatch
):
    monkeypatch.setattr(sequence_input, "BLOCK", 16)
    many, labels = ragged(50, seed=1)
    network = make(dtype=dtype).fit(many, labels)
    network.read_noise_ = noise
    expected = network.predict_proba(many)
    assert network.predict_proba(many).tobytes() == expected.tobytes()
    order = np.random.default_rng(0).permutation(len(many))
    shuffled = network.predict_proba([many[index] for index in order])
    assert shuffled.tobytes() == expected[order].tobytes()
    alone = np.concatenate([network.predict_proba([sequence]) for sequence in many])
    assert alone.tobytes() == expected.tobytes()
    # The longest neighbour says how far all others are padded.
    longest = np.random.default_rng(3).normal(0, 0.3, (60, 3))
    padded = network.predict_proba([many[0], longest, *many[1:16]])
    assert padded[0].tobytes() == expected[0].tobytes()
    assert padded[2:].tobytes() == expected[1:16].tobytes()
    means = network.powers([many[0], longest])
    for first, second in zip(means, network.powers([many[0]]), strict=True):
        assert first[:1].tobytes() == second.tobytes()
    assert network.set_params(n_jobs=2).predict_proba(many).tobytes() == expected.tobytes()


@BOTH
def test_learning_again_makes_the_same_bits(make):
    network = make().fit(X, Y)
    assert bits(make().fit(X, Y)) == bits(network)
    assert bits(make(n_jobs=2).fit(X, Y)) == bits(network)
    assert bits(network.fit(X, Y)) == bits(network)
    assert bits(make(random_state=1).fit(X, Y)) != bits(network)


@BOTH
def test_probabilities_are_such_and_labels_their_largest(make):
    network = make(max_iter=40).fit(X, Y)
    shares = network.predict_proba(X)
    assert shares.sum(axis=1) == pytest.approx(1)
    assert np.exp(network.predict_log_proba(X)) == pytest.approx(shares)
    assert network.classes_.tolist() == ["down", "up"]
    assert (network.predict(X) == network.classes_[shares.argmax(axis=1)]).all()
    assert network.score(X, Y) > 0.9


# ---------------------------------------------------------------------- learning on


@pytest.mark.slow
@BOTH
def test_learning_part_by_part_goes_on_with_all_layers(make):
    network = make()
    with pytest.raises(ValueError, match="classes must be passed"):
        network.partial_fit(X, Y)
    network.partial_fit(X[:20], Y[:20], classes=["down", "up", "still"])
    assert network.predict_proba(X).shape == (40, 3)
    before = [layer.settings.copy() for layer in network._all_layers()]
    for _ in range(30):
        network.partial_fit(X, Y)
    after = [layer.settings for layer in network._all_layers()]
    assert all(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert network.n_iter_ == 31 == len(network.loss_curve_)
    assert network.score(X, Y) > 0.9
    with pytest.raises(ValueError, match=r"y holds 'left', which is not among .*\.$"):
        network.partial_fit(X, ["left"] * 40)


@BOTH
def test_a_warm_start_goes_on_from_the_last_fit(make):
    once = make(warm_start=True).fit(X, Y)
    first, last = once.loss_curve_[0], once.loss_curve_[-1]
    seed, count = once.seed_, len(once._all_layers())
    again = once.set_params(learning_rate_init=1e-4).fit(X, Y)
    # Noise and small steps move it a little from where it ended.
    assert again.loss_curve_[0] < last + 0.1 < first
    assert again.seed_ == seed
    assert len(again._all_layers()) == count
    assert bits(again) != bits(make(learning_rate_init=1e-4).fit(X, Y))


@BOTH
def test_early_stopping_keeps_the_network_that_was_best(make):
    network = make(
        max_iter=30, early_stopping=True, n_iter_no_change=3, validation_fraction=0.25
    )
    network.fit(X, Y)
    assert len(network.validation_scores_) == network.n_iter_ == len(network.loss_curve_)
    assert network.n_iter_ < 30 and max(network.validation_scores_) > 0.5


@BOTH
def test_a_retrained_copy_learns_all_layers_or_the_last(make):
    network = make().fit(X, Y)
    start = bits(network)
    every, last = network.retrain(X, Y), network.retrain(X, Y, layers="last", max_iter=2)
    assert bits(network) == start
    final = len(network.layers_) - 1
    for index, layer in enumerate(network._all_layers()):
        assert not np.array_equal(every._all_layers()[index].settings, layer.settings)
        kept = np.array_equal(last._all_layers()[index].settings, layer.settings)
        assert kept == (index != final)
        assert np.abs(every._all_layers()[index].settings).max() <= 1
    assert last.n_iter_ == network.n_iter_ + 2


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("levels", [2, 5])
def test_weights_of_few_levels_are_learned(make, levels):
    network = make(weight_levels=levels, max_iter=100).fit(X, Y)
    assert len(network.latent_weights_) == len(network._all_layers())
    weight = network._design().synapse.weight
    for layer in network._all_layers():
        place = (weight(layer.settings.astype(float)) + 1) / 2 * (levels - 1)
        assert place == pytest.approx(np.round(place), abs=1e-5)
    assert network.score(X, Y) > 0.8
    again = network.retrain(X, Y, max_iter=1)
    assert len(again.latent_weights_) == len(network.latent_weights_)


# ---------------------------------------------------------------------- noise


@BOTH
def test_noise_at_predict_depends_on_seed_and_sequence_only(make):
    network = make().fit(X, Y)
    quiet = network.predict_proba(X)
    network.read_noise_, network.read_noise_seed_ = 0.2, 5
    noisy = network.predict_proba(X)
    assert not np.isclose(noisy, quiet, rtol=1e-6).any()
    network.read_noise_seed_ = 6
    assert not np.isclose(network.predict_proba(X), noisy, rtol=1e-6).any()
    network.read_noise_ = 1e-3
    assert network.predict_proba(X) == pytest.approx(quiet, abs=0.02)
    assert network.fit(X, Y).predict_proba(X).tobytes() == quiet.tobytes()


# ---------------------------------------------------------------------- refusals

HIDDEN = np.ma.masked_array(np.arange(40) % 2, np.arange(40) == 7)
WRONG = {
    "a NaN": ([X[0], np.full((3, 3), np.nan)], Y[:2], r"Sequence 1 holds NaN .*frame 0"),
    "channels that differ": ([X[0], np.ones((4, 2))], Y[:2], r"Sequence 1 has 2 channels"),
    "one axis": ([np.ones(3), np.ones(3)], Y[:2], r"Sequence 0 has shape \(3,\)"),
    "no frames": ([X[0], np.ones((0, 3))], Y[:2], r"Sequence 1 is empty"),
    "no sequences": ([], [], r"."),
    "labels too few": (X, Y[:39], r"X holds 40 sequences and y 39 labels; .*\.$"),
    "no labels": (X, None, r"y is None, but a classifier needs y"),
    "one class": (
        X,
        ["a"] * 40,
        r"y holds one class only, 'a'; a classifier needs two\.$",
    ),
    "hidden labels": (X, HIDDEN, r"y has masked values \(row 7 is masked\)"),
    "targets": (X, np.linspace(0, 1, 40), r"Unknown label type"),
}


@BOTH
@pytest.mark.parametrize("kind", WRONG)
def test_data_that_are_none_are_refused_in_a_sentence(make, kind):
    sequences, labels, message = WRONG[kind]
    with pytest.raises(ValueError, match=message):
        make().fit(sequences, labels)


def test_hidden_labels_and_targets_of_tables_are_refused_too():
    table = np.random.default_rng(0).uniform(size=(40, 3))
    for network in (SpintronicClassifier((4,)), SpintronicRegressor((4,))):
        with pytest.raises(ValueError, match=r"y has masked values \(row 7 is masked\)"):
            network.fit(table, HIDDEN)


@BOTH
def test_other_channels_than_those_that_were_learned_are_refused(make):
    network = make().fit(X, Y)
    for data in ([np.ones((4, 2))], np.ones((2, 4, 2)), np.ones((2, 5))):
        with pytest.raises(ValueError, match=r"X has \d features, but .* 3 features"):
            network.predict(data)
    with pytest.raises(ValueError, match=r"masked"):
        network.predict([np.ma.masked_array(np.ones((4, 3)), np.eye(4, 3))])


@BOTH
def test_there_is_no_calibration_of_chains_for_sequences(make):
    network = make().fit(X, Y)
    assert not any(hasattr(network, name) for name in ("recalibrate", "currents", "voltages"))
    assert not hasattr(network, "chain_means_")
