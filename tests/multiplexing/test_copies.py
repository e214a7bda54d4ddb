"""Copies of a sequence stay together, and the ridge strength is chosen on their average."""

import numpy as np
import pytest

from reservoir import MaskEnsembleClassifier, ReservoirClassifier
from reservoir.multiplexing import classifier as room
from reservoir.multiplexing.labels import folds_of
from reservoir.readout import FOLD_ALPHAS, fit_folds

GENERATOR = np.random.default_rng(0)
X = [GENERATOR.normal(size=(4 + k % 5, 3)) for k in range(30)]
Y = GENERATOR.integers(0, 3, 30)
NUMBERS = np.arange(30)
OPTIONS = {"n_nodes": 15, "random_state": 0}


def fold_rows():
    """One block: two originals of one copy in fold 0, two of two copies in fold 1."""
    features = np.array([[1.0], [-1], [0], [4], [0], [-4]])
    targets = np.array([[1.0], [-1], [1], [1], [-1], [-1]])
    yield features, targets, np.array([0, 0, 1, 1, 1, 1])


def test_the_average_of_copies_asks_for_another_strength_than_each_copy():
    # By symmetry there is no intercept. Fold 0 gives the weight 1 / (1 + alpha), fold 1 with
    # a mean square of 8 and a mean product of 2 gives 1 / (4 (1 + alpha)).
    def losses(alpha):
        first, second = 1 / (1 + alpha), 1 / (4 * (1 + alpha))
        of_single = 2 * (1 - second) ** 2 + 2 * (1 + (1 - 4 * first) ** 2)
        of_average = 2 * (1 - second) ** 2 + 2 * (1 - 2 * first) ** 2
        return of_single, of_average

    alphas = np.array([1.0, 3.0])
    (single_1, average_1), (single_3, average_3) = map(losses, alphas)
    assert single_3 < single_1 and average_1 < average_3
    decisions = np.array([0, 1, 2, 2, 3, 3])
    assert fit_folds(fold_rows, fold_rows, alphas).alpha == 3
    assert fit_folds(fold_rows, fold_rows, alphas, decisions).alpha == 1


def test_the_strength_of_averages_is_what_brute_force_chooses():
    generator = np.random.default_rng(1)
    features = generator.normal(size=(40, 12))
    targets = (features[:, :2] + generator.normal(size=(40, 2))).round(3)
    decisions = np.repeat(np.arange(20), 2)
    targets, fold = targets[::2].repeat(2, axis=0), decisions % 4

    def rows():
        for begin in range(0, 40, 15):
            part = slice(begin, begin + 15)
            yield features[part], targets[part], fold[part]

    losses = []
    for alpha in FOLD_ALPHAS:
        loss = 0.0
        for number in range(4):
            one, rest = fold == number, fold != number
            mean, spread = features[rest].mean(axis=0), features[rest].std(axis=0)
            z = (features[rest] - mean) / spread
            middle = targets[rest].mean(axis=0)
            gram = z.T @ z / len(z) + alpha * np.eye(12)
            weights = np.linalg.solve(gram, z.T @ (targets[rest] - middle) / len(z))
            errors = targets[one] - middle - (features[one] - mean) / spread @ weights
            loss += np.sum(errors.reshape(-1, 2, 2).mean(axis=1) ** 2)
        losses.append(loss)
    best = FOLD_ALPHAS[np.argmin(losses)]
    assert fit_folds(rows, rows, decisions=decisions).alpha == best


def test_a_decision_of_each_row_by_itself_is_none():
    def rows():
        for begin in range(0, 60, 25):
            part = slice(begin, begin + 25)
            yield features[part], targets[part], fold[part]

    features, targets = GENERATOR.normal(size=(60, 8)), GENERATOR.normal(size=(60, 3))
    fold = np.arange(60) % 3
    plain, each = fit_folds(rows, rows), fit_folds(rows, rows, decisions=np.arange(60))
    assert each.alpha == plain.alpha
    assert np.array_equal(each.coefficients, plain.coefficients)


def test_equal_copies_teach_no_more_than_their_originals():
    # Labels mean nothing here, so a copy on the other side of a fold would be learned by
    # heart: the smallest strength would seem best.
    once = ReservoirClassifier(**OPTIONS).fit(X, Y, copies_of=NUMBERS)
    thrice = ReservoirClassifier(**OPTIONS).fit(
        X * 3, np.tile(Y, 3), copies_of=np.tile(NUMBERS, 3)
    )
    careless = ReservoirClassifier(**OPTIONS).fit(X * 3, np.tile(Y, 3))
    assert thrice.alpha_ == once.alpha_ > 1000 * careless.alpha_
    np.testing.assert_allclose(
        thrice.decision_function(X), once.decision_function(X), rtol=1e-6, atol=1e-9
    )


@pytest.mark.parametrize("names", ["numbers", "texts"])
@pytest.mark.parametrize("grouped", [False, True])
def test_copies_stay_on_one_side_of_every_fold(names, grouped, monkeypatch):
    seen = {}

    def recorded(rows, validated, **options):
        seen["folds"] = np.concatenate([fold for _, _, fold in rows()])
        seen["decisions"] = options["decisions"]
        return fit_folds(rows, validated, **options)

    monkeypatch.setattr(room, "fit_folds", recorded)
    order = np.random.default_rng(2).permutation(90)
    originals = np.tile(NUMBERS, 3)[order]
    groups = np.array(["a", "b", "c", "d"])[originals % 4]
    copies = [f"clip {k}" for k in originals] if names == "texts" else originals + 7
    model = ReservoirClassifier(**OPTIONS)
    model.fit(
        [(X * 3)[k] for k in order],
        np.tile(Y, 3)[order],
        groups=groups if grouped else None,
        copies_of=copies,
    )
    folds, decisions = seen["folds"], seen["decisions"]
    assert len(np.unique(folds)) == (4 if grouped else 5)
    for number in NUMBERS:
        ours = originals == number
        assert len(np.unique(folds[ours])) == len(np.unique(decisions[ours])) == 1
    assert sorted(np.unique(decisions)) == list(range(30))
    if grouped:
        assert all(len(np.unique(folds[groups == group])) == 1 for group in "abcd")


def test_folds_of_many_and_of_few_originals():
    assert folds_of(None, 12).tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]
    assert folds_of(None, 4, np.array([1, 0, 1, 2])).tolist() == [1, 0, 1, 2]
    many = np.array([10, 0, 10, 3, *range(11)])
    assert folds_of(None, 15, many).tolist() == (many % 5).tolist()
    # Up to ten groups are left out one by one, more of them in five folds.
    originals = np.array([*range(11), 0, 1])
    ten, eleven = [*"abcdefghij"], [*"abcdefghijk", *"ab"]
    assert folds_of(ten, 10, originals[:10]).tolist() == list(range(10))
    assert folds_of(eleven, 13, originals).tolist() == (originals % 5).tolist()


@pytest.mark.parametrize("model", [ReservoirClassifier, MaskEnsembleClassifier])
def test_copies_of_another_label_or_group_are_refused(model):
    labels, groups = np.tile(Y, 2), np.tile(NUMBERS % 3, 2)
    labels[35] = (labels[35] + 1) % 3
    copies = np.tile(NUMBERS, 2)
    estimator = model() if model is MaskEnsembleClassifier else model(**OPTIONS)
    with pytest.raises(
        ValueError,
        match="sequences (5 and 35|35 and 5) are copies of one original, but each has a "
        "label of its own; give all copies the label of the original",
    ):
        estimator.fit(X * 2, labels, copies_of=copies)
    groups[41] = (groups[41] + 1) % 3
    with pytest.raises(ValueError, match="(11 and 41|41 and 11) are .* a group of its own"):
        estimator.fit(X * 2, np.tile(Y, 2), groups, copies)
    with pytest.raises(ValueError, match=r"copies_of has shape \(30,\); it must be \(60,\)"):
        estimator.fit(X * 2, np.tile(Y, 2), copies_of=NUMBERS)
    with pytest.raises(ValueError, match="copies_of holds nan for sequence 1"):
        estimator.fit(X * 2, np.tile(Y, 2), copies_of=[0.0, np.nan] * 30)


def test_a_given_strength_needs_no_folds():
    model = ReservoirClassifier(**OPTIONS, alpha=0.1)
    plain = model.fit(X * 2, np.tile(Y, 2)).decision_function(X)
    model.fit(X * 2, np.tile(Y, 2), copies_of=np.tile(NUMBERS, 2))
    assert model.alpha_ == 0.1 and np.array_equal(model.decision_function(X), plain)


def test_votes_of_frames_know_copies_too():
    model = ReservoirClassifier(**OPTIONS, pooling="vote")
    copies = np.tile(NUMBERS, 2)
    once = model.fit(X, Y, copies_of=NUMBERS).alpha_
    assert model.fit(X * 2, np.tile(Y, 2), copies_of=copies).alpha_ == once
