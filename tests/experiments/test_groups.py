"""Speakers that are tested are in no way trained on: not by fits, inner folds or grids."""

import numpy as np
import pytest
import sklearn
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    cross_val_score,
    cross_validate,
)

from reservoir import ReservoirClassifier, datasets
from reservoir.audio import Cochleagram
from reservoir.experiments import DigitsExperiment, VowelsExperiment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def voices():
    """Five digits of eight voices, four takes of each."""
    digits = datasets.load_spoken_digits()
    few = np.flatnonzero((digits.target < 5) & (digits.indices < 4))
    ear = Cochleagram(digits.sample_rate)
    frames = ear.fit_transform([digits.data[i] for i in few])
    return frames, digits.target[few], digits.speakers[few]


def alphas_by_hand(model, X, y, groups):
    """Ridge strengths of fits that leave a speaker out and know who the others are."""
    for train, _ in LeaveOneGroupOut().split(X, y, groups):
        model.fit(X[train], y[train], groups=groups[train])
        yield model.alpha_


def test_a_left_out_speaker_is_in_no_training_fold(voices):
    X, y, speakers = voices
    model = ReservoirClassifier(n_nodes=20, alpha=1e-3, random_state=0)
    scores = cross_val_score(model, X, y, groups=speakers, cv=LeaveOneGroupOut())
    by_hand = []
    for speaker in np.unique(speakers):
        new = speakers == speaker
        by_hand.append(model.fit(X[~new], y[~new]).score(X[new], y[new]))
    assert scores.tolist() == by_hand and scores.mean() > 0.6


def test_scikit_learn_hands_the_groups_of_the_training_fold_to_fit(voices):
    X, y, speakers = voices
    model = ReservoirClassifier(n_nodes=20, random_state=0)
    expected = list(alphas_by_hand(model, X, y, speakers))
    folds = {"cv": LeaveOneGroupOut(), "return_estimator": True}
    run = cross_validate(model, X, y, groups=speakers, params={"groups": speakers}, **folds)
    assert [fitted.alpha_ for fitted in run["estimator"]] == expected
    ungrouped = cross_validate(model, X, y, groups=speakers, **folds)
    assert [fitted.alpha_ for fitted in ungrouped["estimator"]] != expected
    with sklearn.config_context(enable_metadata_routing=True):
        model.set_fit_request(groups=True)
        run = cross_validate(model, X, y, params={"groups": speakers}, **folds)
        assert [fitted.alpha_ for fitted in run["estimator"]] == expected


def test_a_grid_search_splits_by_speaker_outside_and_inside(voices):
    X, y, speakers = voices
    model = ReservoirClassifier(n_nodes=20, random_state=0)
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(
            model.set_fit_request(groups=True), {"n_nodes": [10, 20]}, cv=LeaveOneGroupOut()
        ).fit(X, y, groups=speakers)
    best = model.set_params(**search.best_params_).fit(X, y, groups=speakers)
    assert search.n_splits_ == 8 and search.best_estimator_.alpha_ == best.alpha_


def test_grouped_inner_folds_ask_for_a_stronger_ridge(voices):
    X, y, speakers = voices
    model = ReservoirClassifier(n_nodes=50, random_state=0)
    assert model.fit(X, y, groups=speakers).alpha_ > model.fit(X, y).alpha_


@pytest.fixture
def inner_splits(monkeypatch):
    """Groups of every inner split by groups, in order."""
    seen = []
    for kind in (GroupKFold, LeaveOneGroupOut):

        def spy(self, X, y=None, groups=None, split=kind.split):
            seen.append(groups)
            return split(self, X, y, groups)

        monkeypatch.setattr(kind, "split", spy)
    return seen


def test_the_digits_experiment_chooses_settings_by_other_speakers(inner_splits, monkeypatch):
    given = []
    fit = ReservoirClassifier.fit

    def spy(self, X, y, groups=None):
        given.append(groups)
        return fit(self, X, y, groups=groups)

    monkeypatch.setattr(ReservoirClassifier, "fit", spy)
    methods = ("oscillator", "svm-rbf", "ridge")
    experiment = DigitsExperiment(protocol="speaker", quick=True, n_nodes=10, methods=methods)
    experiment.run()
    for groups, (train, test) in zip(given, experiment.folds_, strict=True):
        assert groups.tolist() == experiment.speakers_[train].tolist()
        assert not set(groups) & set(experiment.speakers_[test])
    assert sorted(map(tuple, inner_splits)) == sorted(2 * list(map(tuple, given)))


def test_the_vowels_experiment_groups_its_inner_grid_if_speakers_are_left_out(inner_splits):
    for protocol, n_grouped in (("5x5", 0), ("speaker", 5)):
        VowelsExperiment(protocol=protocol, quick=True, methods=("svm-rbf",)).run()
        assert len(inner_splits) == n_grouped
    assert all(len(set(groups)) in (38, 39) for groups in inner_splits)
