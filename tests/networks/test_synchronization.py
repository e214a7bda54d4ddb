"""Does the network of oscillators learn what it is asked, and say when it cannot?"""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from reservoir import (
    OscillatorNetwork,
    SpinTorqueOscillator,
    SynchronizationClassifier,
    datasets,
    load,
    save,
)
from reservoir.networks.adler_training import Softness, coherence, locking
from reservoir.networks.map_training import MapTraining, pattern_map
from reservoir.networks.pattern_readout import PatternTable, owners_of
from reservoir.networks.whitening import augment, fit_whitening

FEW = {"n_starts": 3, "random_state": 0}
SEARCH = {**FEW, "learning": "search"}
COARSE = OscillatorNetwork(
    n_oscillators=3, step=8e-9, settling_time=0.5e-6, measuring_time=1.5e-6
)


@pytest.fixture(scope="module")
def vowels():
    return datasets.make_vowels(30, ("ae", "er", "iy", "uw"), random_state=0)


@pytest.fixture(scope="module")
def fresh():
    return datasets.make_vowels(30, ("ae", "er", "iy", "uw"), random_state=1)


@pytest.fixture(scope="module")
def searched(vowels):
    return SynchronizationClassifier(**SEARCH).fit(vowels.data, vowels.target)


def detuned_network(rms=5e6, seed=1, **changes):
    network = OscillatorNetwork(**changes)
    wrong = np.random.default_rng(seed).standard_normal(4)
    wrong *= rms / np.sqrt(np.mean(wrong**2))
    return network.set_params(frequencies=network.natural_frequencies() + wrong)


@pytest.mark.slow
@parametrize_with_checks(
    [
        SynchronizationClassifier(COARSE, n_starts=1, learning="search", random_state=0),
        SynchronizationClassifier(
            COARSE, n_starts=1, readout="pattern", learning="search", random_state=0
        ),
        SynchronizationClassifier(
            COARSE, n_starts=1, readout="linear", learning="search", random_state=0
        ),
        SynchronizationClassifier(
            COARSE, n_starts=1, learning="online", n_presentations=3, random_state=0
        ),
    ]
)
def test_the_classifier_passes_every_check_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.slow
@pytest.mark.parametrize("readout", ["table", "pattern", "linear"])
def test_a_searched_network_recognises_new_speakers(vowels, fresh, readout):
    classifier = SynchronizationClassifier(readout=readout, **SEARCH)
    classifier.fit(vowels.data, vowels.target)
    assert classifier.score(fresh.data, fresh.target) > 0.9


@pytest.mark.slow
def test_online_learning_repairs_oscillators_that_are_wrong(vowels, fresh):
    settings = {"learning": "online", "n_starts": 3, "random_state": 2}
    network = detuned_network()
    untrained = SynchronizationClassifier(network, n_presentations=0, **settings)
    trained = SynchronizationClassifier(network, n_presentations=60, **settings)
    before = untrained.fit(vowels.data, vowels.target).score(fresh.data, fresh.target)
    trained.fit(vowels.data, vowels.target)
    assert trained.score(fresh.data, fresh.target) > before + 0.03
    assert trained.learning_curve_[0] == untrained.learning_curve_[0]
    assert trained.learning_curve_.shape == (61,)
    assert trained.frequency_curve_.shape == (61, 4)
    assert trained.learning_curve_.max() == pytest.approx(
        trained.score(vowels.data, vowels.target)
    )


def test_the_first_presentation_moves_the_oscillators_as_the_rule_says():
    """One token of each of two classes, both wrong, worked by hand."""
    network = OscillatorNetwork(n_oscillators=2, frequencies=[340e6, 360e6])
    table = PatternTable(np.array([[0, 1], [-1, 0]]), np.array([0, 1]))
    width = network.locking_half_width()
    sources = np.array([[358e6, 377e6], [341e6, 361e6]])
    # The first token locks (-1, 0): both oscillators go toward their sources. The second
    # locks (0, 1): oscillator 0 leaves, away from 341 MHz, and 1 goes toward source 0.
    response = network.measure(sources)
    moves = table.moves(
        network.natural_frequencies(),
        sources,
        table.agreement(response),
        response.locked,
        width,
    )
    leave = -np.sign(341e6 - 340e6) * (width - 1e6)
    expected = [(358e6 - 340e6 + leave) / 2, (377e6 - 360e6 + 341e6 - 360e6) / 2]
    np.testing.assert_allclose(moves, expected)


@pytest.mark.slow
def test_fit_leaves_the_network_it_was_given_alone(vowels):
    network = detuned_network()
    before = network.get_params()
    SynchronizationClassifier(network, learning="online", n_presentations=2, **FEW).fit(
        vowels.data, vowels.target
    )
    assert network.get_params() == before
    assert not hasattr(network, "seed_")


def test_the_pattern_readout_has_one_pattern_for_each_class(vowels):
    classifier = SynchronizationClassifier(readout="pattern", **SEARCH)
    classifier.fit(vowels.data, vowels.target)
    assert sorted(classifier.pattern_classes_) == [0, 1, 2, 3]
    assert list(classifier.pattern_) == classifier.classes_.tolist()
    assert len(set(classifier.pattern_.values())) == 4


@pytest.mark.slow
def test_a_token_with_exactly_a_known_pattern_gets_its_class(searched, fresh):
    sources = searched.input_frequencies(fresh.data)
    locked = searched.network_.measure(sources).locked
    table = {
        tuple(pattern): owner
        for pattern, owner in zip(
            searched.patterns_.tolist(), searched.pattern_classes_, strict=True
        )
    }
    predicted = searched.predict(fresh.data)
    known = [row for row, pattern in enumerate(locked.tolist()) if tuple(pattern) in table]
    assert len(known) > 0.9 * len(locked)
    for row in known:
        assert predicted[row] == searched.classes_[table[tuple(locked[row])]]
    assert (searched.decision_function(fresh.data)[known].max(axis=1) == 1).all()


@pytest.mark.slow
def test_probabilities_follow_the_decision_values(searched, fresh):
    probabilities = searched.predict_proba(fresh.data)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    scores = searched.decision_function(fresh.data)
    assert (probabilities.argmax(axis=1) == scores.argmax(axis=1)).all()
    assert (searched.classes_[scores.argmax(axis=1)] == searched.predict(fresh.data)).all()


def test_the_answer_of_a_token_does_not_depend_on_its_neighbours(searched, fresh):
    whole = searched.decision_function(fresh.data)
    order = np.random.default_rng(0).permutation(len(whole))
    np.testing.assert_array_equal(searched.decision_function(fresh.data[order]), whole[order])
    np.testing.assert_array_equal(searched.decision_function(fresh.data[:3]), whole[:3])


def test_sources_stay_in_the_range_that_was_learned(searched, vowels):
    far = searched.input_frequencies(vowels.data * 100)
    low, high = searched.source_range_
    assert far.min() >= low and far.max() <= high
    plain = vowels.data @ searched.coef_.T + searched.intercept_
    np.testing.assert_allclose(
        searched.input_frequencies(vowels.data), np.clip(plain, low, high)
    )


@pytest.mark.slow
def test_more_sources_use_the_linear_readout_or_patterns(vowels, fresh):
    network = OscillatorNetwork(n_oscillators=6, injection=1e7)
    for readout in ("linear", "table"):
        classifier = SynchronizationClassifier(network, 3, readout=readout, **SEARCH)
        classifier.fit(vowels.data, vowels.target)
        assert classifier.coef_.shape == (3, 12)
        assert classifier.score(fresh.data, fresh.target) > 0.85


@pytest.mark.slow
def test_warm_start_goes_on_where_the_last_fit_ended(vowels):
    classifier = SynchronizationClassifier(
        detuned_network(), learning="online", n_presentations=10, warm_start=True, **FEW
    )
    classifier.fit(vowels.data, vowels.target)
    reached = classifier.network_.natural_frequencies()
    classifier.fit(vowels.data, vowels.target)
    np.testing.assert_allclose(classifier.frequency_curve_[0], reached)
    with pytest.raises(ValueError, match="the classes of the last fit"):
        classifier.fit(vowels.data, np.where(vowels.target == "ae", "oo", vowels.target))


@pytest.mark.slow
def test_the_same_seed_gives_the_same_classifier_with_noise_too(vowels):
    noisy = OscillatorNetwork(linewidth=2e5, random_state=3)
    values = [
        SynchronizationClassifier(noisy, **SEARCH)
        .fit(vowels.data, vowels.target)
        .decision_function(vowels.data)
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*values)


@pytest.mark.slow
def test_a_generator_seeds_the_training_as_a_random_state_does(vowels):
    for kind in (np.random.RandomState, np.random.default_rng):
        first, second = (
            SynchronizationClassifier(COARSE, n_starts=1, random_state=kind(5))
            .fit(vowels.data, vowels.target)
            .coef_
            for _ in range(2)
        )
        np.testing.assert_array_equal(first, second)


@pytest.mark.slow
@pytest.mark.parametrize("coupling", [0.0, 1e5 + 2e5j, "sparse"])
def test_a_saved_classifier_comes_back_with_the_same_answers(vowels, tmp_path, coupling):
    if coupling == "sparse":
        coupling = sparse.csr_array(np.diag([1e5, 1e5, 1e5], 1) + 0j)
    network = OscillatorNetwork(coupling=coupling)
    classifier = SynchronizationClassifier(network, **SEARCH).fit(vowels.data, vowels.target)
    save(classifier, tmp_path / "vowels.h5")
    again = load(tmp_path / "vowels.h5")
    copy = pickle.loads(pickle.dumps(classifier))
    expected = classifier.predict_proba(vowels.data)
    np.testing.assert_array_equal(again.predict_proba(vowels.data), expected)
    np.testing.assert_array_equal(copy.predict_proba(vowels.data), expected)
    assert again.pattern_ == classifier.pattern_


@pytest.mark.slow
@pytest.mark.parametrize(
    "labels", [[3, 1, 2, 0], ["a/b", "", "/c", "d"]], ids=["int", "text"]
)
def test_labels_of_any_kind_are_saved(vowels, tmp_path, labels):
    y = np.array(labels)[np.unique(vowels.target, return_inverse=True)[1]]
    classifier = SynchronizationClassifier(**SEARCH).fit(vowels.data, y)
    save(classifier, tmp_path / "model.h5")
    assert load(tmp_path / "model.h5").pattern_ == classifier.pattern_


@pytest.mark.slow
def test_a_warm_start_with_other_numbers_of_sources_is_refused(vowels):
    classifier = SynchronizationClassifier(**SEARCH).fit(vowels.data, vowels.target)
    classifier.set_params(warm_start=True, n_sources=3)
    with pytest.raises(ValueError, match="set warm_start=False, or keep the numbers"):
        classifier.fit(vowels.data, vowels.target)


@pytest.mark.slow
def test_it_works_inside_cross_validation_and_a_grid(vowels):
    classifier = SynchronizationClassifier(COARSE, **SEARCH)
    assert cross_val_score(classifier, vowels.data, vowels.target, cv=2).min() > 0.8
    grid = GridSearchCV(classifier, {"network__injection": [1.2e7, 2e7]}, cv=2)
    grid.fit(vowels.data, vowels.target)
    assert grid.best_score_ > 0.8


# ---------------------------------------------------------------------- bad input


def test_missing_values_are_named_by_row_with_the_cure(searched, vowels):
    X = vowels.data.copy()
    X[[3, 17], 0] = np.nan
    with pytest.raises(ValueError, match=r"2 rows: 3, 17\..*SimpleImputer"):
        SynchronizationClassifier(**SEARCH).fit(X, vowels.target)
    with pytest.raises(ValueError, match=r"infinity in row 3\. Drop .*SimpleImputer"):
        searched.predict(X[:10])


def test_more_classes_than_patterns_is_refused():
    X = np.repeat(np.eye(8), 6, axis=0)
    network = OscillatorNetwork(n_oscillators=1)
    with pytest.raises(ValueError, match="8 classes, but 1 oscillator.*3 patterns"):
        SynchronizationClassifier(network, **SEARCH).fit(X, np.repeat(np.arange(8), 6))


def test_one_class_is_refused(vowels):
    with pytest.raises(
        ValueError, match="y holds one class only, 'ae'; a classifier needs two"
    ):
        SynchronizationClassifier().fit(vowels.data, np.full(len(vowels.data), "ae"))


@pytest.mark.slow
def test_one_sample_of_a_class_is_learned_as_well_as_it_can_be(vowels):
    rows = np.flatnonzero(vowels.target != "ae")
    rows = np.append(rows, np.flatnonzero(vowels.target == "ae")[0])
    classifier = SynchronizationClassifier(**SEARCH)
    classifier.fit(vowels.data[rows], vowels.target[rows])
    assert classifier.predict(vowels.data[rows[-1:]]) == ["ae"]


def test_labels_never_seen_score_nothing(searched, fresh):
    assert searched.score(fresh.data, np.full(len(fresh.data), "oo")) == 0


def test_a_network_that_cannot_be_tuned_is_refused(vowels):
    device = replace(SpinTorqueOscillator.from_preset("romera2018"), current_tuning=0.0)
    network = OscillatorNetwork(device, frequencies=np.full(4, 356e6))
    with pytest.raises(
        ValueError, match=r"Oscillator 0 cannot be tuned to .* MHz; its range"
    ):
        SynchronizationClassifier(network, **SEARCH).fit(vowels.data, vowels.target)
    online = SynchronizationClassifier(network, learning="online", n_presentations=1, **FEW)
    assert online.fit(vowels.data, vowels.target).learning_curve_.shape == (2,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"learning": "magic"},
            "learning is 'magic'; it must be one of 'gradient', 'search'",
        ),
        ({"readout": "vote"}, "readout is 'vote'; it must be one of 'linear', 'table'"),
        ({"learning": "online", "readout": "linear"}, "choose readout 'table' or 'pattern'"),
        ({"n_sources": 0}, "n_sources is 0; it must be an integer of at least 1"),
        ({"n_starts": 0}, "n_starts is 0"),
        ({"n_starts": True}, "n_starts is True"),
        ({"warm_start": "yes"}, "warm_start is 'yes'; it must be True or False"),
        ({"rate": -1.0}, "rate is -1.0; it must be a finite number above 0"),
        ({"network": OscillatorNetwork(injection=0.0)}, "the sources are off"),
    ],
)
def test_bad_parameters_are_named(vowels, changes, message):
    classifier = SynchronizationClassifier().set_params(**changes)
    with pytest.raises(ValueError, match=message):
        classifier.fit(vowels.data, vowels.target)


@pytest.mark.parametrize("learning", ["search", "online"])
def test_a_current_below_threshold_is_refused_by_oscillator(vowels, learning):
    threshold = SpinTorqueOscillator.from_preset("romera2018").threshold_current
    network = OscillatorNetwork(currents=np.array([2.0, 2.0, 0.9, 2.0]) * threshold)
    classifier = SynchronizationClassifier(network, learning=learning, **FEW)
    with pytest.raises(
        ValueError, match=r"oscillator 2 is .*above the threshold of 0\.002 A"
    ):
        classifier.fit(vowels.data, vowels.target)


def test_a_source_outside_every_tuning_range_is_refused_with_the_range(searched, vowels):
    low, high = searched.network_.source_limits()
    for source in (low - 1e6, high + 1e6):
        with pytest.raises(
            ValueError, match=rf"{source / 1e6:.4g} MHz; no .* {low / 1e6:.1f} to"
        ):
            searched.network_.measure([[350e6, source]])
    sources = searched.input_frequencies(100 * vowels.data)  # never asked for by tokens
    assert low <= sources.min() and sources.max() <= high


def test_a_network_of_another_kind_is_refused(vowels):
    with pytest.raises(TypeError, match="network is of type str"):
        SynchronizationClassifier("romera").fit(vowels.data, vowels.target)


# ---------------------------------------------------------------------- parts


def test_whitened_classes_have_unit_covariance():
    generator = np.random.default_rng(0)
    mixing = generator.normal(size=(5, 5))
    y = np.repeat(np.arange(4), 500)
    X = (6 * generator.normal(size=(4, 5))[y] + generator.normal(size=(2000, 5))) @ mixing
    points = fit_whitening(X, y)(X)
    assert points.shape == (2000, 3)
    for k in range(4):
        np.testing.assert_allclose(np.cov(points[y == k].T), np.eye(3), atol=0.2)
    copies, classes = augment(points, y, 2, generator)
    assert len(copies) == 6000 and (np.bincount(classes) == 1500).all()


def test_whitening_keeps_what_linear_discriminants_see(vowels):
    """Nearest class mean in whitened coordinates is what discriminant analysis does."""
    codes = np.unique(vowels.target, return_inverse=True)[1]
    points = fit_whitening(vowels.data, codes)(vowels.data)
    means = np.array([points[codes == k].mean(axis=0) for k in range(4)])
    nearest = ((points[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    analysis = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    same = analysis.fit(vowels.data, codes).predict(vowels.data) == nearest
    assert same.mean() > 0.97
    # Only the shrinkage differs, so the coordinates are nearly scikit-learn's.
    analysis = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto")
    theirs = analysis.fit(vowels.data, codes).transform(vowels.data)
    for ours, coordinate in zip(points.T, theirs.T, strict=True):
        assert abs(np.corrcoef(ours, coordinate)[0, 1]) > 0.99


def test_the_regions_of_a_drawn_map_are_found():
    locked = np.zeros((40, 40, 1), dtype=int)
    locked[16:, :, 0] = 1
    locked[:16, 30:, 0] = -1
    regions = pattern_map(locked, 100.0, 0.5, min_radius=1.0)
    assert regions.patterns.ravel().tolist() == [1, 0, -1]
    np.testing.assert_allclose(regions.radii, [6, 4, 2.5], atol=0.3)
    assert (regions.patterns[regions.labels] == locked).all()


def test_the_slope_of_the_map_loss_is_that_of_differences():
    generator = np.random.default_rng(0)
    locked = (np.indices((60, 60)) // 20).transpose(1, 2, 0)
    regions = pattern_map(locked, -3.0, 0.1, min_radius=0.3)
    points, classes = generator.normal(size=(30, 2)), generator.integers(3, size=30)
    classes[:3] = [0, 1, 2]
    training = MapTraining(regions, points, classes)
    owners = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, -1])
    tables = np.stack([training._table(0.5, owners == k) for k in range(3)])
    weights = generator.normal(size=(2, 3))
    # The tables hold smoothed slopes, so differences agree to the grid's accuracy.
    loss, slope = training._loss(weights, tables, 0.3)
    for index in range(6):
        step = np.zeros(6)
        step[index] = 0.05
        high, _ = training._loss(weights + step.reshape(2, 3), tables, 0.3)
        low, _ = training._loss(weights - step.reshape(2, 3), tables, 0.3)
        assert (high - low) / 0.1 == pytest.approx(slope[index], abs=0.01)


def test_smoothed_coherence_is_that_of_the_network_far_from_locking():
    network = OscillatorNetwork(
        n_oscillators=1, injection=1e5, measuring_time=4e-4, settling_time=5e-6
    )
    width = network.locking_half_width()
    detuning = np.array([0.5, 2.0, 4.0, -3.0])
    sources = network.natural_frequencies() + width * detuning
    response = network.measure(sources[:, None])
    adler = np.where(
        abs(detuning) < 1, 1, abs(detuning) - np.sqrt(np.maximum(detuning**2 - 1, 0))
    )
    np.testing.assert_allclose(response.coherence[:, 0, 0], adler, atol=0.02)
    np.testing.assert_allclose(coherence(detuning, Softness())[0], adler, atol=0.25)
    assert (locking(detuning, Softness())[0] > 0.5).tolist() == [True, False, False, False]


def test_optimal_assignment_gives_every_class_the_pattern_that_costs_least():
    counts = np.array([[9.0, 8.0], [7.0, 0.0], [0.0, 0.0]])
    assert owners_of(counts, shared=False).tolist() == [1, 0, -1]
    assert owners_of(counts, shared=True).tolist() == [0, 0, -1]


def test_a_clone_is_not_fitted(searched):
    assert not hasattr(clone(searched), "network_")


@pytest.fixture(scope="module")
def coarse(vowels):
    """A quick classifier of each readout."""
    return [
        SynchronizationClassifier(
            COARSE, readout=readout, n_starts=1, learning="search", random_state=0
        ).fit(vowels.data, vowels.target == "iy")
        for readout in ("table", "pattern", "linear")
    ]


@pytest.mark.slow
def test_no_batch_and_no_order_of_memory_changes_a_bit(coarse, vowels, tmp_path):
    X = vowels.data
    order = np.random.default_rng(0).permutation(len(X))
    for classifier in coarse:
        for name in ("decision_function", "predict_proba"):
            ask = getattr(classifier, name)
            expected = ask(X)
            alone = np.concatenate([ask(row[None]) for row in X])
            chunks = np.concatenate([ask(X[i : i + 7]) for i in range(0, len(X), 7)])
            assert alone.tobytes() == expected.tobytes()
            assert chunks.tobytes() == expected.tobytes()
            assert ask(X[order]).tobytes() == expected[order].tobytes()
            assert ask(np.asfortranarray(X)).tobytes() == expected.tobytes()
        save(classifier, tmp_path / "model.h5")
        again = load(tmp_path / "model.h5")
        assert again.decision_function(X).tobytes() == (
            classifier.decision_function(X).tobytes()
        )


@pytest.mark.slow
@pytest.mark.parametrize("exponent", [-900, -500, -46, 500, 900, 1011])
def test_the_unit_of_the_features_does_not_matter(coarse, vowels, exponent):
    # By powers of two, because training makes much of a digit that is rounded otherwise.
    X, y = np.ldexp(vowels.data, exponent), vowels.target == "iy"
    classifier = clone(coarse[0]).fit(X, y)
    expected = coarse[0].decision_function(vowels.data)
    np.testing.assert_allclose(classifier.decision_function(X), expected, atol=1e-6)


def test_numbered_columns_in_another_order_are_refused(coarse, vowels):
    table = pd.DataFrame(vowels.data)
    classifier = clone(coarse[0]).fit(table, vowels.target == "iy")
    assert np.array_equal(classifier.predict(table), classifier.predict(vowels.data))
    low, high = COARSE.source_limits()
    sources = pd.DataFrame(np.linspace(low, high, 8).reshape(4, 2))
    network = clone(COARSE).fit(sources)
    for ask, given in ((classifier.predict, table), (network.transform, sources)):
        with pytest.raises(ValueError, match="X is a data frame with the columns .'[1-9]"):
            ask(given.iloc[:, ::-1])


@pytest.mark.parametrize("factor", [1e-320, 1e-315, 1e-308])
def test_features_without_a_frequency_for_their_unit_are_refused(coarse, vowels, factor):
    y = vowels.target == "iy"
    with pytest.raises(ValueError, match="Column 0 of X reaches .* only, .*; multiply it by"):
        clone(coarse[0]).fit(vowels.data / vowels.data.max() * factor, y)


def test_features_up_to_the_largest_numbers_are_learned(coarse, vowels):
    y = vowels.target == "iy"
    X = (2 * vowels.data / np.abs(vowels.data).max() - 1) * 1.7e308
    classifier = clone(coarse[0]).fit(X, y)
    plain = clone(coarse[0]).fit(X / 2.0**1000, y)
    assert (classifier.predict(X) == plain.predict(X / 2.0**1000)).mean() > 0.98


def test_masked_and_mixed_input_is_named(coarse, vowels):
    X = np.ma.masked_array(vowels.data, np.zeros(vowels.data.shape, bool))
    X[3, 1] = np.ma.masked
    y = vowels.target
    with pytest.raises(
        ValueError, match=r"X has masked values \(row 3, column 1 is masked\)"
    ):
        coarse[0].predict(X)
    with pytest.raises(ValueError, match="X has masked values"):
        clone(coarse[0]).fit(X, y)
    with pytest.raises(ValueError, match="y has masked values .row 0"):
        clone(coarse[0]).fit(vowels.data, np.ma.masked_equal(y, y[0]))
    with pytest.raises(ValueError, match="X holds text"):
        coarse[0].predict(vowels.data.astype(str))
    mixed = np.array([*y.tolist()[:-1], 3], object)
    with pytest.raises(TypeError, match="y mixes labels of the types int, str"):
        clone(coarse[0]).fit(vowels.data, mixed)
    with pytest.raises(ValueError, match="output of row 0 is not finite"):
        coarse[0].predict(np.full((1, X.shape[1]), 1e308))


@pytest.mark.slow
def test_four_classes_leave_an_oscillator_unlocked_and_seven_use_all():
    # Of four vowels each source makes one choice of two, near the edge of the map.
    used = {}
    for names in (("ae", "er", "iy", "uw"), ("ae", "ah", "aw", "er", "ih", "iy", "uw")):
        tokens = datasets.make_vowels(20, names, random_state=0)
        classifier = SynchronizationClassifier(learning="search", random_state=0)
        classifier.fit(tokens.data, tokens.target)
        sources = classifier.input_frequencies(tokens.data)
        locked = classifier.network_.measure(sources).locked >= 0
        used[len(names)] = locked.mean(axis=0)
    assert used[4][0] == 0
    np.testing.assert_allclose(used[4][1:], 0.5, atol=0.03)
    assert used[7].min() > 0.1
