"""Averaged masks: the mean of their members, each with a mask of its own."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from reservoir import MaskEnsembleClassifier, ReservoirClassifier, ReservoirRegressor
from reservoir.masks import Ripple

GENERATOR = np.random.default_rng(0)
Y = np.arange(30) % 3
X = [GENERATOR.normal(size=(4 + k % 5, 3)) + label for k, label in enumerate(Y)]
BASE = ReservoirClassifier(n_nodes=8)


@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
@parametrize_with_checks(
    [
        MaskEnsembleClassifier(ReservoirClassifier(n_nodes=6), 2, random_state=0),
        MaskEnsembleClassifier(ReservoirClassifier(n_nodes=6, pooling="vote"), 1),
    ]
)
def test_averaged_masks_pass_every_check_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_decisions_are_the_mean_of_the_members(n_classes):
    y = Y % n_classes
    model = MaskEnsembleClassifier(BASE, 4, random_state=1).fit(X, y)
    each = [member.decision_function(X) for member in model.classifiers_]
    assert np.array_equal(model.decision_function(X), np.mean(each, axis=0))
    mean = np.mean(each, axis=0)
    columns = (mean > 0).astype(int) if n_classes == 2 else mean.argmax(axis=1)
    assert model.predict(X).tolist() == model.classes_[columns].tolist()


def test_members_are_the_classifier_with_other_seeds_and_masks():
    model = MaskEnsembleClassifier(BASE, 3, random_state=1).fit(X, Y)
    seeds = {member.random_state for member in model.classifiers_}
    drawn = {member.drive_.mask.tobytes() for member in model.classifiers_}
    assert len(seeds) == len(drawn) == 3
    for member in model.classifiers_:
        alone = clone(BASE).set_params(random_state=member.random_state).fit(X, Y)
        assert np.array_equal(alone.decision_function(X), member.decision_function(X))
    assert BASE.random_state is None and not hasattr(BASE, "classes_")


def test_the_first_masks_do_not_depend_on_how_many_follow():
    two, four = (MaskEnsembleClassifier(BASE, n, random_state=1).fit(X, Y) for n in (2, 4))
    for one, other in zip(two.classifiers_, four.classifiers_, strict=False):
        assert np.array_equal(one.drive_.mask, other.drive_.mask)


def test_seeds_decide():
    first, again, other = (
        MaskEnsembleClassifier(BASE, 2, random_state=s).fit(X, Y).decision_function(X)
        for s in (1, 1, 2)
    )
    assert np.array_equal(first, again) and not np.allclose(first, other)
    # What the classifier says of its own seed is replaced.
    seeded = clone(BASE).set_params(random_state=7)
    model = MaskEnsembleClassifier(seeded, 2, random_state=1).fit(X, Y)
    assert np.array_equal(model.decision_function(X), first)


def test_one_mask_is_the_classifier_alone():
    model = MaskEnsembleClassifier(BASE, 1, random_state=1).fit(X, Y)
    member = model.classifiers_[0]
    assert np.array_equal(model.decision_function(X), member.decision_function(X))


def test_an_array_is_one_mask_and_no_ensemble():
    fixed = ReservoirClassifier(n_nodes=8, mask=GENERATOR.normal(size=(3, 8)).tolist())
    with pytest.raises(ValueError, match="n_masks is 3, but the mask of the classifier is"):
        MaskEnsembleClassifier(fixed, 3).fit(X, Y)
    model = MaskEnsembleClassifier(fixed, 1, random_state=0).fit(X, Y)
    assert np.array_equal(model.classifiers_[0].drive_.mask, fixed.mask)


@pytest.mark.parametrize("n_masks", [0, -1, 1.5, "3", True])
def test_a_number_of_masks_that_is_none_is_refused(n_masks):
    with pytest.raises(ValueError, match="MaskEnsembleClassifier.n_masks is .* at least 1"):
        MaskEnsembleClassifier(BASE, n_masks).fit(X, Y)


@pytest.mark.parametrize("classifier", [ReservoirRegressor(), "binary", ReservoirClassifier])
def test_another_kind_of_classifier_is_refused(classifier):
    with pytest.raises(TypeError, match="it must be a ReservoirClassifier"):
        MaskEnsembleClassifier(classifier).fit(X, Y)


def test_groups_and_copies_reach_every_member(monkeypatch):
    given = []
    original = ReservoirClassifier.fit

    def recorded(self, X, y, groups=None, copies_of=None):
        given.append((groups, copies_of))
        return original(self, X, y, groups, copies_of)

    monkeypatch.setattr(ReservoirClassifier, "fit", recorded)
    groups, copies = np.tile([0, 1, 2], 10), np.arange(30)
    MaskEnsembleClassifier(BASE, 2, random_state=0).fit(X, Y, groups, copies)
    assert len(given) == 2
    assert all(g is groups and c is copies for g, c in given)


def test_parameters_of_the_parts_are_reached_and_searched():
    model = MaskEnsembleClassifier(
        ReservoirClassifier(n_nodes=8, mask=Ripple(), context=()), 2, random_state=0
    )
    copy = clone(model).set_params(classifier__mask__ripple=0.25, n_masks=1)
    assert copy.classifier.mask.ripple == 0.25 and model.classifier.mask.ripple == 0.75
    grid = {"n_masks": [1, 2], "classifier__alpha": [1e-2]}
    assert GridSearchCV(model, grid, cv=2).fit(X, Y).best_params_["classifier__alpha"] == 1e-2


def test_a_pickle_answers_the_same():
    model = MaskEnsembleClassifier(BASE, 2, random_state=0).fit(X, Y)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.decision_function(X), model.decision_function(X))
