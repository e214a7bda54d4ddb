"""Ridge regression from Gram matrices against scikit-learn and against brute force."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge as RidgeOfScikitLearn
from sklearn.preprocessing import StandardScaler

from reservoir import ReservoirClassifier
from reservoir.multiplexing import block_reservoir
from reservoir.multiplexing import classifier as room
from reservoir.readout import (
    FOLD_ALPHAS,
    FewRowsRidge,
    Gram,
    LinearReadout,
    Ridge,
    fit_folds,
    fit_given,
    fit_leave_one_out,
    keep,
)

pytestmark = pytest.mark.kernel

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(60, 8)) * np.logspace(-2, 2, 8) + 100
Y = X[:, :2] @ [[1.0, 2.0], [0.0, -1.0]] + GENERATOR.normal(size=(60, 2))
FOLD = np.arange(60) % 3


@pytest.mark.parametrize("hidden", ["coefficients", "intercept", "alpha"])
def test_a_readout_of_masked_numbers_is_refused(hidden):
    parts = {"coefficients": np.ones((3, 1)), "intercept": np.ones(1), "alpha": 1.0}
    parts[hidden] = np.ma.array(parts[hidden], mask=np.ones(np.shape(parts[hidden])))
    with pytest.raises(ValueError, match=f"LinearReadout.{hidden} .*masked"):
        LinearReadout(**parts)


def blocks():
    for begin in range(0, 60, 25):
        part = slice(begin, begin + 25)
        yield X[part], Y[part], FOLD[part]


def direct(alpha, rows):
    """Ridge of scikit-learn on standardised features, with alpha per row."""
    scaler = StandardScaler().fit(X[rows])
    model = RidgeOfScikitLearn(alpha * len(X[rows])).fit(scaler.transform(X[rows]), Y[rows])
    return lambda features: model.predict(scaler.transform(features))


@pytest.mark.parametrize("alpha", [1e-8, 1e-3, 1.0])
def test_the_readout_equals_ridge_regression_on_standardised_features(alpha):
    everything = np.ones(60, dtype=bool)
    # Outputs are about 100; with alpha = 1e-8 the two solutions may share only 8 digits.
    np.testing.assert_allclose(
        fit_given(blocks, alpha)(X), direct(alpha, everything)(X), rtol=1e-7, atol=1e-7
    )


def test_leave_one_out_chooses_what_brute_force_chooses():
    alphas = 10.0 ** np.arange(-4, 2)
    losses = []
    for alpha in alphas:
        loss = 0.0
        # The scaler sees all rows in the closed form, so it does here.
        scaled = StandardScaler().fit_transform(X)
        for row in range(60):
            rest = np.arange(60) != row
            model = RidgeOfScikitLearn(alpha * 60).fit(scaled[rest], Y[rest])
            loss += np.sum((model.predict(scaled[[row]]) - Y[row]) ** 2)
        losses.append(loss)
    assert fit_leave_one_out(blocks, alphas).alpha == alphas[np.argmin(losses)]


def test_the_choice_of_a_strength_leaves_the_regression_as_it_was():
    gram = Gram()
    gram.add(X, Y)
    ridge = Ridge(gram)
    before, upper = ridge.readout(1e-3), np.triu(ridge.covariance)
    ridge.leave_one_out(blocks, np.array([1e-3, 1.0]))
    np.testing.assert_array_equal(np.triu(ridge.covariance), upper)
    np.testing.assert_array_equal(ridge.covariance, ridge.covariance.T)
    np.testing.assert_array_equal(ridge.readout(1e-3).coefficients, before.coefficients)
    values, vectors = ridge._eigen()
    np.testing.assert_allclose(vectors * values @ vectors.T, ridge.covariance, atol=1e-12)


def test_blocks_that_are_kept_are_made_once_and_change_nothing():
    started = []

    def counted():
        started.append(True)
        yield from blocks()

    rows = keep(counted)
    found = fit_leave_one_out(rows), fit_folds(rows, rows)
    assert len(started) == 1
    expected = fit_leave_one_out(blocks), fit_folds(blocks, blocks)
    for model, reference in zip(found, expected, strict=True):
        np.testing.assert_array_equal(model(X), reference(X))


@pytest.mark.parametrize(("limit", "passes"), [(0, 2), (2**26, 1)])
@pytest.mark.parametrize("groups", [None, np.arange(12) % 3])
def test_features_are_made_again_only_if_they_are_too_many_to_keep(
    monkeypatch, limit, passes, groups
):
    monkeypatch.setattr(block_reservoir, "MAX_KEPT_BYTES", limit)
    monkeypatch.setattr(room, "MAX_TABLE_BYTES", limit)
    made = []
    pooled = ReservoirClassifier._pooled_blocks

    def counted(self, *arguments):
        made.append(True)
        return pooled(self, *arguments)

    monkeypatch.setattr(ReservoirClassifier, "_pooled_blocks", counted)
    sequences = list(GENERATOR.normal(size=(12, 5, 2)))
    ReservoirClassifier(n_nodes=7, random_state=0).fit(
        sequences, np.arange(12) // 3 % 2, groups=groups
    )
    assert len(made) == passes


def test_folds_choose_what_brute_force_chooses():
    losses = [
        sum(
            np.sum((direct(alpha, FOLD != k)(X[FOLD == k]) - Y[FOLD == k]) ** 2)
            for k in range(3)
        )
        for alpha in FOLD_ALPHAS
    ]
    assert fit_folds(blocks, blocks).alpha == FOLD_ALPHAS[np.argmin(losses)]


def test_gram_matrices_of_parts_are_joined_to_that_of_all_rows():
    whole, parts = Gram(), [Gram(), Gram(), Gram()]
    for features, targets, fold in blocks():
        whole.add(features, targets)
        for number, part in enumerate(parts):
            part.add(features[fold == number], targets[fold == number])
    joined = Gram.joined(parts)
    assert joined.n_rows == 60
    np.testing.assert_allclose(joined.origin, X.mean(axis=0), rtol=1e-13)
    # Features spread by up to 100 around 100: products over 60 rows reach 1e6.
    centred = X - X.mean(axis=0)
    np.testing.assert_allclose(joined.products, centred.T @ centred, atol=1e-8)
    np.testing.assert_allclose(joined.target_products, centred.T @ Y, atol=1e-8)
    for alpha in (1e-6, 1.0):
        np.testing.assert_allclose(
            Ridge(joined).readout(alpha)(X), Ridge(whole).readout(alpha)(X), rtol=1e-9
        )


def test_the_rows_of_a_fold_that_is_far_away_cost_the_others_no_digits():
    far = X.copy()
    far[FOLD == 0] *= 1e7

    def rows():
        yield far, Y, FOLD

    near = Gram()
    near.add(far[FOLD != 0], Y[FOLD != 0])
    parts = [Gram(), Gram()]
    for number, part in enumerate(parts, 1):
        part.add(far[FOLD == number], Y[FOLD == number])
    np.testing.assert_allclose(
        Ridge(Gram.joined(parts)).readout(1e-6)(X), Ridge(near).readout(1e-6)(X), rtol=1e-9
    )
    assert np.isfinite(fit_folds(rows, rows)(X)).all()


@pytest.mark.parametrize("sizes", [(8, 2), (2, 8), (1, 9), (5, 5), (3, 3, 3, 1)])
def test_a_small_group_is_left_out_like_any_other(sizes):
    sequences = GENERATOR.normal(size=(10, 9, 3))
    groups = np.repeat(np.arange(len(sizes)), sizes)
    labels = np.arange(10) % 2
    model = ReservoirClassifier(n_nodes=100, random_state=0).fit(
        sequences, labels, groups=groups
    )
    # With 400 features and 10 sequences every strength that is small tells all of them.
    assert model.alpha_ in FOLD_ALPHAS
    assert np.isfinite(model.decision_function(sequences)).all()


def test_a_strength_too_small_for_rounding_gives_the_limit_of_small_strengths():
    features = np.hstack([X, X[:, :4] @ GENERATOR.normal(size=(4, 30))])  # of rank 8

    def rows():
        yield features, Y, FOLD

    limit = np.linalg.lstsq(np.hstack([X, np.ones((60, 1))]), Y, rcond=None)[0]
    expected = np.hstack([X, np.ones((60, 1))]) @ limit
    for alpha in (1e-14, 1e-18, 1e-300):
        np.testing.assert_allclose(fit_given(rows, alpha)(features), expected, atol=1e-5)


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e-160, 1e150, 1e250])
@pytest.mark.parametrize("fit", [fit_leave_one_out, lambda rows: fit_folds(rows, rows)])
def test_the_chosen_strength_does_not_depend_on_the_unit_of_the_targets(size, fit):
    def rows():
        yield X, Y * size, FOLD

    expected = fit(blocks)
    found = fit(rows)
    assert found.alpha == expected.alpha
    np.testing.assert_allclose(found(X) / size, expected(X), rtol=1e-7)


def test_sums_beyond_double_precision_and_single_folds_are_refused():
    with pytest.raises(ValueError, match="beyond double precision. Divide features"):
        fit_given(lambda: iter([(X * 1e200, Y, FOLD)]), 1.0)
    with pytest.raises(ValueError, match="beyond double precision"):
        fit_leave_one_out(lambda: iter([(X, Y * 1e305, FOLD)]))
    with pytest.raises(ValueError, match="one fold; at least 2"):
        fit_folds(lambda: iter([(X, Y, FOLD * 0)]), blocks)


def test_rows_are_summed_alike_wherever_they_stand():
    readout = LinearReadout(GENERATOR.normal(size=(8, 3)), np.ones(3), 1.0)
    alone = np.concatenate([readout(row[None]) for row in X])
    assert alone.tobytes() == readout(X).tobytes()
    # BLAS may add the 8 products, of up to 900, in another order; they may cancel.
    expected = X @ readout.coefficients + 1
    np.testing.assert_allclose(readout(X), expected, rtol=1e-12, atol=1e-11)
    assert readout.n_parameters == 27


def test_readouts_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match=r"coefficients of shape \(8,\) and an intercept"):
        LinearReadout(np.ones(8), np.ones(1), 0.0)
    with pytest.raises(ValueError, match="LinearReadout.alpha is -1.0; it must be"):
        LinearReadout(np.ones((8, 1)), np.ones(1), -1.0)
    with pytest.raises(ValueError, match="There are 7 features, but .* Fit again"):
        LinearReadout(np.ones((8, 1)), np.ones(1), 0.0)(X[:, :7])


def test_features_that_never_vary_get_no_weight():
    def constant():
        yield np.hstack([X, np.full((60, 1), 3.0)]), Y, FOLD

    assert fit_given(constant, 1e-3).coefficients[-1].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("alpha", [1e-3, 1.0])
def test_few_rows_give_the_readout_of_the_features_products(alpha):
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(30, 50)) + 3, generator.normal(size=(30, 2))
    X[:, 4] = 7.0
    rows = [(X[:20], y[:20], None), (X[20:], y[20:], None)]
    many = fit_given(lambda: iter(rows), alpha)
    few = fit_given(lambda: iter(rows), alpha, few_rows=True)
    assert few.coefficients == pytest.approx(many.coefficients, abs=1e-10)
    assert few.intercept == pytest.approx(many.intercept, abs=1e-9)


@pytest.mark.parametrize("n_features", [40, 300])
def test_few_rows_know_their_leave_one_out_errors_without_cancellation(n_features):
    generator = np.random.default_rng(1)
    X, y = generator.normal(size=(12, n_features)), generator.normal(size=(12, 2))
    ridge = FewRowsRidge(X, y)
    standard = (X - ridge.mean) * ridge.scale
    for alpha in (1e-8, 1e-3, 1.0):
        loss = 0.0
        for out in range(12):
            kept = np.arange(12) != out
            table = np.column_stack([standard[kept], np.ones(11)])
            penalty = np.diag([12 * alpha] * n_features + [0.0])
            weights = np.linalg.solve(table.T @ table + penalty, table.T @ y[kept])
            loss += np.sum((y[out] - np.append(standard[out], 1) @ weights) ** 2)
        assert ridge.leave_one_out(np.array([alpha]))[0] == pytest.approx(loss, rel=1e-5)


def test_folds_of_few_rows_choose_the_same_strength():
    generator = np.random.default_rng(2)
    X = generator.normal(size=(40, 60))
    y = X[:, :2] + generator.normal(size=(40, 2))
    rows = [(X, y, np.arange(40) % 4)]
    alphas = 10.0 ** np.arange(-4, 3)
    many = fit_folds(lambda: iter(rows), lambda: iter(rows), alphas)
    few = fit_folds(lambda: iter(rows), lambda: iter(rows), alphas, few_rows=True)
    assert many.alpha == few.alpha
    assert few.coefficients == pytest.approx(many.coefficients, abs=1e-9)
