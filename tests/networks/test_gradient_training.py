"""Do networks whose frequencies are trained by slopes learn, at every size?"""

import numpy as np
import pytest
from sklearn.datasets import load_iris, load_wine
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from reservoir import OscillatorNetwork, SynchronizationClassifier, datasets, load, save
from reservoir.networks.adler_training import AdlerTraining, Softness
from reservoir.networks.design import followed, network_for, sources_for

QUICK = {"n_starts": 1, "random_state": 0}
BRIEF = {"settling_time": 0.5e-6, "measuring_time": 1.5e-6}


@pytest.fixture(scope="module")
def vowels():
    return datasets.make_vowels(25, ("ae", "er", "iy", "uw"), random_state=0)


@pytest.fixture(scope="module")
def learned(vowels):
    return SynchronizationClassifier(**QUICK).fit(vowels.data, vowels.target)


@parametrize_with_checks(
    [
        SynchronizationClassifier(OscillatorNetwork(n_oscillators=3, **BRIEF), **QUICK),
    ]
)
def test_the_classifier_passes_every_check_of_scikit_learn(estimator, check):
    check(estimator)


# ---------------------------------------------------------------------- the loss


@pytest.mark.parametrize("tuned", [True, False])
@pytest.mark.parametrize("softness", [Softness(), Softness(0.06, 0.15)])
def test_the_slope_of_the_loss_is_that_of_differences(tuned, softness):
    generator = np.random.default_rng(0)
    design = np.column_stack([generator.normal(size=(12, 2)), np.ones(12)])
    truth = np.eye(3)[generator.integers(3, size=12)]
    centers = np.array([-2.0, 0.1, 2.0])
    limits = np.tile([-9.0, 9.0], (3, 1)) if tuned else None
    training = AdlerTraining(design, truth, centers, 2, limits=limits, softness=softness)
    n_numbers = 2 * 3 + 3 * tuned + (2 * 2 * 3 + 1) * 3
    flat = generator.normal(size=n_numbers)
    _, slope = training.loss(flat)
    assert slope.shape == flat.shape

    def loss(index, distance):
        moved = flat.copy()
        moved[index] += distance
        return training.loss(moved)[0]

    h = 1e-3  # five points leave an error of h^4 and of rounding over h
    for index in range(n_numbers):
        near = loss(index, h) - loss(index, -h)
        far = loss(index, 2 * h) - loss(index, -2 * h)
        assert (8 * near - far) / (12 * h) == pytest.approx(slope[index], abs=1e-8)


def test_softness_goes_to_the_formula_of_adler():
    u = np.array([0.3, 0.9, 1.2, -4.0])
    training = AdlerTraining(
        np.column_stack([u, np.ones(4)]),
        np.ones((4, 1)),
        np.zeros(1),
        1,
        softness=Softness(1e-12, 1e-4),
    )
    (seen, _) = training._features(np.array([[1.0, 0.0]]), np.zeros(1))
    adler = np.where(abs(u) < 1, 1, abs(u) - np.sqrt(np.maximum(u**2 - 1, 0)))
    np.testing.assert_allclose(seen, np.column_stack([adler, abs(u) < 1]), atol=2e-6)


# ---------------------------------------------------------------------- sizes


def test_the_number_of_sources_follows_the_classes_the_features_and_the_network():
    assert sources_for(n_classes=2, n_features=10, n_oscillators=None) == 1
    assert sources_for(n_classes=7, n_features=3, n_oscillators=None) == 3
    assert sources_for(n_classes=12, n_features=12, n_oscillators=None) == 6
    assert sources_for(n_classes=12, n_features=12, n_oscillators=4) == 2
    assert sources_for(n_classes=12, n_features=12, n_oscillators=3) == 2
    assert sources_for(n_classes=12, n_features=12, n_oscillators=1) == 1
    assert [network_for(n).n_oscillators for n in (1, 2, 6)] == [6, 8, 16]


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


def test_it_learns_as_much_as_linear_discriminants():
    """On two tables of measurements: at most 2 points less, over five folds."""
    for load_table in (load_iris, load_wine):
        X, y = load_table(return_X_y=True)
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        network = cross_val_score(SynchronizationClassifier(**QUICK), X, y, cv=folds)
        linear = cross_val_score(LinearDiscriminantAnalysis(), X, y, cv=folds)
        assert network.mean() > linear.mean() - 0.02 - 1e-9


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


def test_a_warm_start_goes_on_from_the_frequencies_that_were_learned(vowels):
    classifier = SynchronizationClassifier(warm_start=True, **QUICK)
    classifier.fit(vowels.data, vowels.target)
    shares = [classifier.score(vowels.data, vowels.target)]
    before = classifier.network_.natural_frequencies()
    classifier.fit(vowels.data, vowels.target)
    shares.append(classifier.score(vowels.data, vowels.target))
    moved = abs(classifier.network_.natural_frequencies() - before).max()
    assert 0 < moved < classifier.network_.locking_half_width()
    assert shares[1] >= shares[0] - 0.02


def test_a_file_gives_the_same_answers_to_the_bit(learned, vowels, tmp_path):
    save(learned, tmp_path / "network.h5")
    again = load(tmp_path / "network.h5")
    np.testing.assert_array_equal(
        again.decision_function(vowels.data), learned.decision_function(vowels.data)
    )
    assert again.n_sources is None and again.readout is None


def test_one_token_of_a_class_is_learned(vowels):
    rows = np.flatnonzero(vowels.target != "ae")
    rows = np.append(rows, np.flatnonzero(vowels.target == "ae")[0])
    classifier = SynchronizationClassifier(**QUICK)
    classifier.fit(vowels.data[rows], vowels.target[rows])
    assert classifier.predict(vowels.data[rows[-1:]]) == ["ae"]
