"""Do networks whose frequencies are trained by slopes learn, at every size?"""

from itertools import product

import numpy as np
import pytest
from sklearn.datasets import load_iris, load_wine
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from reservoir import OscillatorNetwork, SynchronizationClassifier, datasets, load, save
from reservoir.exceptions import SimulationError
from reservoir.networks import adler_training, combinations
from reservoir.networks.adler_training import AdlerTraining, Softness, coherence, locking
from reservoir.networks.combinations import COUPLING_LIMIT
from reservoir.networks.design import followed, network_for, sources_for
from reservoir.networks.pattern_readout import oscillators_for

QUICK = {"n_starts": 1, "random_state": 0}
BRIEF = {"settling_time": 0.5e-6, "measuring_time": 1.5e-6}


@pytest.fixture(scope="module")
def vowels():
    return datasets.make_vowels(25, ("ae", "er", "iy", "uw"), random_state=0)


@pytest.fixture(scope="module")
def learned(vowels):
    return SynchronizationClassifier(**QUICK).fit(vowels.data, vowels.target)


@pytest.mark.slow
@parametrize_with_checks(
    [
        SynchronizationClassifier(OscillatorNetwork(n_oscillators=3, **BRIEF), **QUICK),
    ]
)
def test_the_classifier_passes_every_check_of_scikit_learn(estimator, check):
    check(estimator)


# ---------------------------------------------------------------------- the loss


@pytest.mark.parametrize("tuned", [True, False])
@pytest.mark.parametrize("coupling_limit", [None, 0.0, 1.0])
@pytest.mark.parametrize("softness", [Softness(), Softness(0.06, 0.15)])
def test_the_slope_of_the_loss_is_that_of_differences(tuned, coupling_limit, softness):
    """For couplings that are absent, given, or learned."""
    generator = np.random.default_rng(0)
    design = np.column_stack([generator.normal(size=(12, 2)), np.ones(12)])
    truth = np.eye(3)[generator.integers(3, size=12)]
    parts = 0.3 * generator.normal(size=(2, 3, 3)) * (1 - np.eye(3))
    training = AdlerTraining(
        design,
        truth,
        centers=np.array([-2.0, 0.1, 2.0]),
        n_sources=2,
        limits=np.tile([-9.0, 9.0], (3, 1)) if tuned else None,
        couplings=None if coupling_limit is None else parts[0] + 1j * parts[1],
        coupling_limit=coupling_limit or 0.0,
        softness=softness,
    )
    n_numbers = 2 * 3 + 3 * tuned + 12 * bool(coupling_limit) + (2 * 2 * 3 + 1) * 3
    flat = 0.5 * generator.normal(size=n_numbers)
    _, slope = training.loss(flat)
    assert slope.shape == flat.shape

    def loss(index, distance):
        moved = flat.copy()
        moved[index] += distance
        return training.loss(moved)[0]

    h = 3e-4  # five points leave an error of h^4 and of rounding over h
    for index in range(n_numbers):
        near = loss(index, h) - loss(index, -h)
        far = loss(index, 2 * h) - loss(index, -2 * h)
        assert (8 * near - far) / (12 * h) == pytest.approx(slope[index], abs=1e-8)


def test_the_loss_of_blocks_is_that_of_all_samples(monkeypatch):
    generator = np.random.default_rng(1)
    design = np.column_stack([generator.normal(size=(50, 2)), np.ones(50)])
    truth = np.eye(2)[generator.integers(2, size=50)]
    training = AdlerTraining(design, truth, np.array([-1.0, 1.0]), 2)
    flat = generator.normal(size=6 + 9 * 2)
    loss, slope = training.loss(flat)
    monkeypatch.setattr(adler_training, "BLOCK_SIZE", 28)  # seven samples
    in_blocks, its_slope = training.loss(flat)
    assert in_blocks == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(its_slope, slope, atol=1e-14)


def test_softness_goes_to_the_formula_of_adler():
    u = np.array([0.3, 0.9, 1.2, -4.0])
    h, _ = coherence(u, Softness(1e-12, 1e-4))
    g, _ = locking(u, Softness(1e-12, 1e-4))
    adler = np.where(abs(u) < 1, 1, abs(u) - np.sqrt(np.maximum(u**2 - 1, 0)))
    np.testing.assert_allclose(h, adler, atol=2e-6)
    np.testing.assert_allclose(g, abs(u) < 1, atol=2e-6)


# ---------------------------------------------------------------------- sizes


def test_the_number_of_sources_follows_the_classes_and_the_features():
    assert sources_for(n_classes=2, n_features=10) == 1
    assert sources_for(n_classes=7, n_features=3) == 3
    assert sources_for(n_classes=12, n_features=12) == 6
    assert [network_for(n).n_oscillators for n in (1, 2, 6)] == [6, 8, 16]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_oscillators", "n_sources"), [(1, 1), (1, 3), (2, 1), (3, 5), (10, 4), (32, 6)]
)
def test_no_size_fails_by_a_choice_of_its_own(vowels, n_oscillators, n_sources):
    network = OscillatorNetwork(n_oscillators=n_oscillators, dtype="float32", **BRIEF)
    classes = vowels.target == "iy"
    classifier = SynchronizationClassifier(network, n_sources, **QUICK)
    classifier.fit(vowels.data[::2], classes[::2])
    assert classifier.coef_.shape == (n_sources, 12)
    assert classifier.score(vowels.data[1::2], classes[1::2]) > 0.9


def test_a_step_that_is_fine_enough_stays_and_a_coarse_one_is_refined():
    network = OscillatorNetwork()
    assert followed(network, 330e6, 380e6) is network
    finer = followed(network, 256e6, 380e6)  # 100 MHz below the mean frequency
    assert finer.step == pytest.approx(1.3 / (2 * np.pi * 100e6))
    assert network.step == 4e-9


# ---------------------------------------------------------------------- learning


@pytest.mark.slow
def test_it_learns_as_much_as_linear_discriminants():
    """On two tables of measurements: at most 2 points less, over five folds."""
    for load_table in (load_iris, load_wine):
        X, y = load_table(return_X_y=True)
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        network = cross_val_score(SynchronizationClassifier(**QUICK), X, y, cv=folds)
        linear = cross_val_score(LinearDiscriminantAnalysis(), X, y, cv=folds)
        assert network.mean() > linear.mean() - 0.02 - 1e-9


@pytest.mark.slow
def test_frequencies_are_learned_and_reached_by_currents(learned):
    natural = learned.network_.natural_frequencies()
    ranges = learned.network_.tuning_ranges()
    spacing = np.diff(np.sort(natural))
    assert np.ptp(spacing) > 0.05e6  # it started from equal distances
    assert (natural >= ranges[:, 0] - 1).all() and (natural <= ranges[:, 1] + 1).all()
    assert learned.network_.currents is not None


def test_a_table_of_patterns_is_refused_with_the_learning_that_has_one(vowels):
    classifier = SynchronizationClassifier(readout="table", **QUICK)
    with pytest.raises(ValueError, match="is 'table', but learning is 'gradient'.*'search'"):
        classifier.fit(vowels.data, vowels.target)


@pytest.mark.slow
def test_a_warm_start_goes_on_from_the_frequencies_that_were_learned(vowels):
    classifier = SynchronizationClassifier(warm_start=True, **QUICK)
    classifier.fit(vowels.data, vowels.target)
    shares = [classifier.score(vowels.data, vowels.target)]
    before = classifier.network_.natural_frequencies()
    classifier.fit(vowels.data, vowels.target)
    shares.append(classifier.score(vowels.data, vowels.target))
    assert len(classifier.learning_curve_) == 3  # a start of its own, the last fit, the end
    assert abs(classifier.network_.natural_frequencies() - before).max() > 0
    assert shares[1] >= shares[0] - 0.02


@pytest.mark.slow
def test_a_file_gives_the_same_answers_to_the_bit(learned, vowels, tmp_path):
    save(learned, tmp_path / "network.h5")
    again = load(tmp_path / "network.h5")
    np.testing.assert_array_equal(
        again.decision_function(vowels.data), learned.decision_function(vowels.data)
    )
    assert again.n_sources is None and again.readout is None


@pytest.mark.slow
def test_one_token_of_a_class_is_learned(vowels):
    rows = np.flatnonzero(vowels.target != "ae")
    rows = np.append(rows, np.flatnonzero(vowels.target == "ae")[0])
    classifier = SynchronizationClassifier(**QUICK)
    classifier.fit(vowels.data[rows], vowels.target[rows])
    assert classifier.predict(vowels.data[rows[-1:]]) == ["ae"]


@pytest.mark.slow
def test_couplings_are_learned_within_a_limit_and_kept_in_a_file(vowels, tmp_path):
    network = OscillatorNetwork(n_oscillators=3, dtype="float32", **BRIEF)
    classifier = SynchronizationClassifier(network, learn_couplings=True, **QUICK)
    classifier.fit(vowels.data[::4], vowels.target[::4])
    coupling = classifier.network_.coupling_matrix()
    assert (np.diag(coupling) == 0).all() and np.abs(coupling).max() > 1e5
    assert np.abs(coupling).max() <= np.sqrt(2) * COUPLING_LIMIT * network.injection * (
        1 + 1e-9
    )
    assert np.ndim(network.coupling) == 0  # the network that was given stays as it was
    save(classifier, tmp_path / "coupled.h5")
    np.testing.assert_array_equal(
        load(tmp_path / "coupled.h5").decision_function(vowels.data),
        classifier.decision_function(vowels.data),
    )


@pytest.mark.parametrize("most, reached", [(5.0, 0.3), (0.2, 0.2)])
def test_learned_couplings_add_up_to_what_a_network_may_have(
    vowels, monkeypatch, most, reached
):
    """From 13 oscillators on this binds; here three are held to less than they would take."""
    monkeypatch.setattr(combinations, "MAX_HEARD", most)
    network = OscillatorNetwork(n_oscillators=3, dtype="float32", **BRIEF)
    classifier = SynchronizationClassifier(network, learn_couplings=True, **QUICK)
    classifier.fit(vowels.data[::4], vowels.target[::4])
    heard = np.abs(classifier.network_.coupling_matrix()).sum(axis=1).max()
    assert 0.9 * reached * network.injection < heard <= most * network.injection * (1 + 1e-9)


@pytest.mark.slow
def test_a_coupling_that_is_given_is_known_to_the_training_and_stays(vowels):
    """What is learned differs, although what is drawn and where it starts are the same."""
    found = []
    for coupling in (0, 2e6j):
        network = OscillatorNetwork(n_oscillators=3, coupling=coupling, **BRIEF)
        classifier = SynchronizationClassifier(network, **QUICK)
        classifier.fit(vowels.data[::4], vowels.target[::4])
        assert classifier.network_.coupling == coupling
        found.append(classifier.coef_)
    assert np.abs(found[1] - found[0]).max() > 1e-3 * np.abs(found[0]).max()


def test_oscillators_in_another_order_learn_the_same_network_in_that_order(vowels):
    order = np.array([2, 0, 1])
    frequencies = 1e6 * np.array([345.0, 356.0, 367.0])
    matrix = np.array([[0, 1e6, 2e6j], [3e6, 0, 1e6j], [-2e6, 4e5, 0]])
    two = np.flatnonzero(np.isin(vowels.target, ["ae", "er"]))[::5]
    networks = []
    for kept in (np.arange(3), order):
        network = OscillatorNetwork(
            n_oscillators=3,
            frequencies=frequencies[kept],
            coupling=matrix[np.ix_(kept, kept)],
            dtype="float32",
            **BRIEF,
        )
        classifier = SynchronizationClassifier(network, learn_couplings=True, **QUICK)
        networks.append(classifier.fit(vowels.data[two], vowels.target[two]).network_)
    first, second = networks
    np.testing.assert_allclose(
        second.natural_frequencies(), first.natural_frequencies()[order], rtol=1e-6
    )
    np.testing.assert_allclose(
        second.coupling_matrix(), first.coupling_matrix()[np.ix_(order, order)], atol=2e3
    )


# ---------------------------------------------------------------------- bad input


def test_as_many_oscillators_would_do_as_have_a_pattern_for_each_class():
    """Counted one by one: which oscillator each source locks, or none, no two the same."""
    for n_sources in (1, 2, 3):
        for n_classes in (2, 7, 12, 40):
            enough = oscillators_for(n_classes, n_sources)
            counts = []
            for n in (enough - 1, enough):
                choices = product(range(-1, n), repeat=n_sources)
                counts.append(
                    sum(len(set(c) - {-1}) == n_sources - c.count(-1) for c in choices)
                )
            assert counts[0] < n_classes <= counts[1]


@pytest.mark.parametrize("learning", ["gradient", "search", "online"])
def test_more_classes_than_patterns_are_refused_with_the_oscillators_that_would_do(learning):
    vowels = datasets.make_vowels(3, random_state=0)
    network = OscillatorNetwork(n_oscillators=2, **BRIEF)
    classifier = SynchronizationClassifier(network, 2, learning=learning)
    expected = "y has 12 classes, but 2 oscillator.*2 source.*only 9 patterns.*3 oscillators"
    with pytest.raises(ValueError, match=expected):
        classifier.fit(vowels.data, vowels.target)


def test_a_coupling_that_drowns_the_sources_is_refused(vowels):
    network = OscillatorNetwork(n_oscillators=3, coupling=1e8)
    with pytest.raises(ValueError, match="2e.08 /s at oscillator 0, 10 times.*at most 1e.08"):
        SynchronizationClassifier(network, **QUICK).fit(vowels.data, vowels.target)


def test_sources_that_nobody_could_follow_in_time_are_refused(vowels):
    network = OscillatorNetwork(injection=1e3)
    with pytest.raises(ValueError, match="injection is 1e.03 /s.*steps.*above 1.1e.04 /s"):
        SynchronizationClassifier(network, **QUICK).fit(vowels.data, vowels.target)


@pytest.mark.slow
def test_couplings_that_were_learned_are_followed_in_finer_steps():
    X, y = load_iris(return_X_y=True)
    strong = OscillatorNetwork(n_oscillators=4, injection=4e8)
    with pytest.raises(SimulationError, match="too coarse"):
        strong.measure([[350e6, 352e6]])
    classifier = SynchronizationClassifier(
        strong, learn_couplings=True, n_starts=1, random_state=0
    ).fit(X[::10], y[::10])
    assert classifier.network_.step < strong.step
    assert classifier.score(X, y) > 0.8


def test_sources_closer_than_a_band_are_learned_from(vowels):
    """Three on one oscillator, whose band they share."""
    network = OscillatorNetwork(n_oscillators=1, dtype="float32", **BRIEF)
    classifier = SynchronizationClassifier(network, 3, **QUICK)
    classifier.fit(vowels.data, vowels.target)
    assert classifier.score(vowels.data, vowels.target) > 0.5  # chance is 0.25


def test_couplings_are_learned_by_gradient_only(vowels):
    classifier = SynchronizationClassifier(learning="search", learn_couplings=True)
    with pytest.raises(ValueError, match="learn_couplings is True.*'search'.*False"):
        classifier.fit(vowels.data, vowels.target)
