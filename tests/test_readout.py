"""Ridge regression from Gram matrices against scikit-learn and against brute force."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from reservoir import ReservoirClassifier
from reservoir.multiplexing import classifier as room
from reservoir.readout import (
    FOLD_ALPHAS,
    Gram,
    LinearReadout,
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


def blocks():
    for begin in range(0, 60, 25):
        part = slice(begin, begin + 25)
        yield X[part], Y[part], FOLD[part]


def direct(alpha, rows):
    """Ridge of scikit-learn on standardised features, with alpha per row."""
    scaler = StandardScaler().fit(X[rows])
    model = Ridge(alpha * len(X[rows])).fit(scaler.transform(X[rows]), Y[rows])
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
            model = Ridge(alpha * 60).fit(scaled[rest], Y[rest])
            loss += np.sum((model.predict(scaled[[row]]) - Y[row]) ** 2)
        losses.append(loss)
    assert fit_leave_one_out(blocks, alphas).alpha == alphas[np.argmin(losses)]


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
    monkeypatch.setattr(room, "MAX_KEPT_BYTES", limit)
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


def test_a_gram_matrix_less_a_part_is_that_of_the_rest():
    whole, part, rest = Gram(), Gram(), Gram()
    for features, targets, fold in blocks():
        whole.add(features, targets)
        part.add(features[fold == 0], targets[fold == 0])
        rest.add(features[fold != 0], targets[fold != 0])
    difference = whole - part
    shift = difference.origin - rest.origin
    moved = rest.sums - rest.n_rows * shift
    # Sums over 40 rows reach 1e4, of products with the targets 1e6: rounding of 1e-12, 1e-10.
    np.testing.assert_allclose(difference.sums, moved, atol=1e-8)
    assert difference.n_rows == rest.n_rows
    np.testing.assert_allclose(
        difference.target_products,
        rest.target_products - np.outer(shift, rest.target_sums),
        atol=1e-7,
    )


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
