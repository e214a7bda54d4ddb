"""Training over drawn faults: one readout for many copies of the devices."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from reservoir import (
    MaskEnsembleClassifier,
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
)
from reservoir.faults import (
    DeadNodes,
    ReadoutBits,
    ThresholdDrift,
    train_over_faults,
    with_faults,
)

pytestmark = pytest.mark.kernel
GENERATOR = np.random.default_rng(0)
X = [GENERATOR.normal(size=(length, 3)) for length in GENERATOR.integers(4, 9, 60)]
Y = np.array([int(frames.mean() > 0) for frames in X])
SETTINGS = {"n_nodes": 20, "random_state": 0}
MODEL = ReservoirClassifier(alpha=1e-3, **SETTINGS).fit(X, Y)
DRIFTS = [ThresholdDrift(share) for share in (-0.05, 0.0, 0.05)]


def features_of(model):
    packed = model._pack(model._series(X), slice(0, len(X)))
    return model._noisy_pooled(packed, "change")[0]


def test_the_readout_is_the_ridge_regression_of_all_copies_together():
    tough = train_over_faults(MODEL, X, Y, DRIFTS)
    table = np.concatenate([features_of(with_faults(MODEL, drift)) for drift in DRIFTS])
    targets = np.tile(np.eye(2)[Y], (3, 1))
    mean, spread = table.mean(axis=0), table.std(axis=0)
    z = (table - mean) / spread
    damped = z.T @ z / len(z) + 1e-3 * np.eye(z.shape[1])
    weights = np.linalg.solve(damped, z.T @ (targets - targets.mean(axis=0)) / len(z))
    expected = (features_of(MODEL) - mean) / spread @ weights + targets.mean(axis=0)
    found = tough.decision_function(X)
    assert found == pytest.approx(expected[:, 1] - expected[:, 0], abs=1e-7)


def test_no_fault_gives_the_readout_that_was_fitted():
    expected = MODEL.decision_function(X)
    for scenarios, n_draws in (([[]], 1), ([DeadNodes(0.0)], 3)):
        same = train_over_faults(MODEL, X, Y, scenarios, n_draws=n_draws)
        assert same.decision_function(X) == pytest.approx(expected, abs=1e-8)
        assert not hasattr(same, "faults_") and not hasattr(same, "wear_")
    once = train_over_faults(MODEL, X, Y, [[]])
    assert np.array_equal(once.decision_function(X), expected)


def test_each_copy_is_drawn_anew_and_the_seed_repeats_them():
    first, again, other = (
        train_over_faults(MODEL, X, Y, [DeadNodes(0.3)], n_draws=3, random_state=seed)
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first.readout_.coefficients, again.readout_.coefficients)
    assert not np.array_equal(first.readout_.coefficients, other.readout_.coefficients)
    # Of 60 rows each, a node is dead in whole copies: its mean is 0, 1, 2 or 3 thirds.
    alive = first.readout_.means[:20] / MODEL.readout_.means[:20]
    assert np.allclose(3 * alive, np.rint(3 * alive), atol=1e-6)
    assert len(set(np.rint(3 * alive))) > 2


@pytest.mark.parametrize("options", [{}, {"pooling": "vote"}, {"dtype": "float32"}], ids=repr)
def test_a_strength_is_chosen_and_the_original_stays(options):
    model = ReservoirClassifier(**SETTINGS, **options).fit(X, Y)
    before = model.decision_function(X)
    tough = train_over_faults(model, X, Y, DRIFTS)
    assert np.array_equal(model.decision_function(X), before)
    losses = [
        np.mean((with_faults(one, DRIFTS[0]).decision_function(X) - (2 * Y - 1)) ** 2)
        for one in (model, tough)
    ]
    assert losses[1] < losses[0]


def test_series_and_ensembles_are_trained_over_faults():
    series = GENERATOR.normal(size=(300, 2))
    wanted = np.tanh(series[:, 0] + 0.3 * series[:, 1])
    regressor = ReservoirRegressor(washout=70, **SETTINGS).fit(series, wanted)
    tough = train_over_faults(regressor, series, wanted, DRIFTS)
    errors = [
        np.mean((with_faults(one, DRIFTS[2]).predict(series) - wanted) ** 2)
        for one in (regressor, tough)
    ]
    assert errors[1] < errors[0]
    ensemble = MaskEnsembleClassifier(ReservoirClassifier(**SETTINGS), 2, random_state=0)
    ensemble.fit(X, Y)
    both = train_over_faults(ensemble, X, Y, DRIFTS)
    for one, alone in zip(both.classifiers_, ensemble.classifiers_, strict=True):
        expected = train_over_faults(alone, X, Y, DRIFTS)
        assert np.array_equal(one.decision_function(X), expected.decision_function(X))


@pytest.mark.parametrize("alpha", [1e-3, None])
def test_labels_of_frames_are_trained_as_their_indicators_are_by_a_regressor(alpha):
    series = GENERATOR.normal(size=(300, 2))
    labels = np.array(["low", "high"])[(series[:, 0] > 0).astype(int)]
    shared = {"washout": 70, "alpha": alpha, "context": (), **SETTINGS}
    classifier = ReservoirFrameClassifier(**shared).fit(series, labels)
    assert classifier.classes_.tolist() == ["high", "low"]
    indicators = np.eye(2)[(labels == "low").astype(int)]
    regressor = ReservoirRegressor(**shared).fit(series, indicators)
    tough = train_over_faults(classifier, series, labels, DRIFTS)
    expected = train_over_faults(regressor, series, indicators, DRIFTS)
    assert np.array_equal(tough.readout_.coefficients, expected.readout_.coefficients)
    changed = tough.readout_.coefficients - classifier.readout_.coefficients
    assert np.abs(changed).max() > 1e-6
    with pytest.raises(ValueError, match="y holds the label 'no'"):
        train_over_faults(classifier, series, ["no"] * 300, DRIFTS)


def test_what_cannot_be_trained_over_is_refused():
    with pytest.raises(TypeError, match="LogisticRegression cannot be trained over faults"):
        train_over_faults(LogisticRegression(), X, Y, DRIFTS)
    with pytest.raises(NotFittedError):
        train_over_faults(ReservoirClassifier(), X, Y, DRIFTS)
    with pytest.raises(ValueError, match="scenarios is empty"):
        train_over_faults(MODEL, X, Y, [])
    with pytest.raises(ValueError, match="ReadoutBits.* a fault of stored weights"):
        train_over_faults(MODEL, X, Y, [[DeadNodes(0.1), ReadoutBits(3)]])
    with pytest.raises(ValueError, match="n_draws is 0"):
        train_over_faults(MODEL, X, Y, DRIFTS, n_draws=0)
    with pytest.raises(TypeError, match="faults holds 3"):
        train_over_faults(MODEL, X, Y, [[3]])
    with pytest.raises(ValueError, match="y holds the label 7"):
        train_over_faults(MODEL, X[:2], [0, 7], DRIFTS)
