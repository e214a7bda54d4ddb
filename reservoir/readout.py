"""How is a linear readout fitted without keeping the features?

Blocks of features are folded into their Gram matrix and forgotten; ridge regression needs
nothing else. The ridge strength is chosen inside the training data: by the closed form of
the leave-one-out error, which takes one more pass over the blocks, or by folds, whose Gram
matrices add up to the whole. Blocks that need little memory may be kept for that pass.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from reservoir._core import readout as kernel

ALPHAS = 10.0 ** np.arange(-10, 1.5, 0.5)
FOLD_ALPHAS = 10.0 ** np.arange(-11, 1.5, 1.0)  # each costs a solution for every fold
KEPT = 2**26  # bytes of features up to which it pays to keep them for a second pass


@dataclass(frozen=True)
class LinearReadout:
    """Outputs = features @ coefficients + intercept.

    Attributes
    ----------
    coefficients : ndarray of shape (n_features, n_outputs)
    intercept : ndarray of shape (n_outputs,)
    alpha : float
        The ridge strength that was used.
    """

    coefficients: np.ndarray
    intercept: np.ndarray
    alpha: float

    def __post_init__(self):
        """Check that the shapes agree: the kernel does not."""
        if np.ndim(self.coefficients) != 2 or np.shape(self.intercept) != (
            self.coefficients.shape[1],
        ):
            raise ValueError(
                f"The readout has coefficients of shape {np.shape(self.coefficients)} and "
                f"an intercept of shape {np.shape(self.intercept)}; they must be "
                "(n_features, n_outputs) and (n_outputs,)."
            )

    def __call__(self, features):
        """Outputs for features of shape (n_rows, n_features), each row on its own."""
        if features.shape[1] != len(self.coefficients):
            raise ValueError(
                f"There are {features.shape[1]} features, but the readout was fitted to "
                f"{len(self.coefficients)}. Were n_nodes, n_segments or pooling changed "
                "after fit? Fit again."
            )
        outputs = np.empty((len(features), len(self.intercept)))
        kernel.weighted_sums(
            np.ascontiguousarray(features), self.coefficients, self.intercept, outputs
        )
        return outputs

    @property
    def n_parameters(self):
        """Trained numbers."""
        return self.coefficients.size + self.intercept.size


def keep(rows):
    """The same blocks for every pass: made in the first, then kept.

    Parameters
    ----------
    rows : callable
        Gives an iterator over blocks ``(features, targets, fold)``, always the same.

    Returns
    -------
    callable
    """
    kept = []

    def passes():
        if kept:
            yield from kept
            return
        blocks = []
        for block in rows():
            blocks.append(block)
            yield block
        kept.extend(blocks)

    return passes


class Gram:
    """Sums over rows that determine a ridge regression, added block by block.

    Features are counted from those of the first row, so that subtracting the mean later
    loses no digits.
    """

    def __init__(self):
        self.n_rows = 0

    def add(self, features, targets):
        """Fold in features (n_rows, n_features) and targets (n_rows, n_outputs)."""
        features = np.asarray(features, dtype=np.float64)
        if len(features) == 0:
            return
        if self.n_rows == 0:
            self.origin = features[0].copy()
            self.sums = np.zeros(features.shape[1])
            self.products = np.zeros((features.shape[1], features.shape[1]))
            self.target_sums = np.zeros(targets.shape[1])
            self.target_products = np.zeros((features.shape[1], targets.shape[1]))
        shifted = features - self.origin
        self.n_rows += len(features)
        self.sums += shifted.sum(axis=0)
        self.products += shifted.T @ shifted
        self.target_sums += targets.sum(axis=0)
        self.target_products += shifted.T @ targets

    def __sub__(self, other):
        """The rows of this one that are not in `other`."""
        rest = Gram()
        offset = other.origin - self.origin
        rest.n_rows = self.n_rows - other.n_rows
        rest.origin = self.origin
        moved = other.sums + other.n_rows * offset
        rest.sums = self.sums - moved
        cross = np.outer(other.sums, offset)
        rest.products = self.products - (
            other.products + cross + cross.T + other.n_rows * np.outer(offset, offset)
        )
        rest.target_sums = self.target_sums - other.target_sums
        rest.target_products = self.target_products - (
            other.target_products + np.outer(offset, other.target_sums)
        )
        return rest


class Ridge:
    """Ridge regressions of one Gram matrix.

    Features are standardised; `alpha` is the penalty on the squared coefficients beside
    the mean squared error, so it does not depend on the number of rows. The intercept is
    free.
    """

    def __init__(self, gram):
        self.n_rows = gram.n_rows
        mean = gram.sums / gram.n_rows
        self.mean = gram.origin + mean
        self.target_mean = gram.target_sums / gram.n_rows
        self.covariance = gram.products / gram.n_rows - np.outer(mean, mean)
        cross = gram.target_products / gram.n_rows - np.outer(mean, self.target_mean)
        variance = self.covariance.diagonal()
        varies = variance > 1e-20 * (self.mean**2 + np.abs(self.mean).max() ** 2)
        self.scale = np.zeros(len(mean))
        self.scale[varies] = 1 / np.sqrt(variance[varies])
        self.covariance *= self.scale[:, None]
        self.covariance *= self.scale
        self.cross = self.scale[:, None] * cross

    def readout(self, alpha):
        """The `LinearReadout` for one strength."""
        damped = self.covariance.copy()
        damped.flat[:: len(damped) + 1] += alpha
        weights = cho_solve(cho_factor(damped, overwrite_a=True), self.cross)
        coefficients = self.scale[:, None] * weights
        intercept = self.target_mean - self.mean @ coefficients
        return LinearReadout(np.ascontiguousarray(coefficients), intercept, float(alpha))

    def leave_one_out(self, rows, alphas):
        """Sum of squared leave-one-out errors for each strength.

        The error of a row left out is e / (1 - h), with e its error and h its leverage in
        the fit to all rows. One decomposition serves all strengths.
        """
        values, vectors = np.linalg.eigh(self.covariance)
        shrinkage = 1 / (np.maximum(values, 0.0)[:, None] + alphas)
        projections = vectors.T @ self.cross
        losses = np.zeros(len(alphas))
        for features, targets, _ in rows():
            rotated = ((features - self.mean) * self.scale) @ vectors
            leverages = (rotated**2 @ shrinkage + 1) / self.n_rows
            # A leverage of 1 leaves nothing to predict from.
            left = np.maximum(1 - leverages, 1e-10)
            for index in range(len(alphas)):
                outputs = rotated @ (projections * shrinkage[:, [index]]) + self.target_mean
                losses[index] += np.sum(((targets - outputs) / left[:, [index]]) ** 2)
        return losses


def fit_given(rows, alpha):
    """Ridge readout of given strength.

    Parameters
    ----------
    rows : callable
        Gives an iterator over blocks ``(features, targets, fold)``.
    alpha : float

    Returns
    -------
    LinearReadout
    """
    gram = Gram()
    for features, targets, _ in rows():
        gram.add(features, targets)
    return Ridge(gram).readout(alpha)


def fit_leave_one_out(rows, alphas=ALPHAS):
    """Ridge readout whose strength minimises the leave-one-out squared error.

    Two passes over the blocks: one for the Gram matrix, one for the errors. Parameters
    and result as for `fit_given`.
    """
    gram = Gram()
    for features, targets, _ in rows():
        gram.add(features, targets)
    ridge = Ridge(gram)
    return ridge.readout(alphas[np.argmin(ridge.leave_one_out(rows, alphas))])


def fit_folds(rows, validation_rows, alphas=FOLD_ALPHAS):
    """Ridge readout whose strength minimises the squared error on left-out folds.

    Parameters
    ----------
    rows, validation_rows : callable
        Give iterators over blocks ``(features, targets, fold)`` to fit on and to judge
        by; `fold` holds the number of each row's fold, from 0.
    alphas : ndarray

    Returns
    -------
    LinearReadout
    """
    whole, parts = Gram(), {}
    for features, targets, fold in rows():
        whole.add(features, targets)
        for number in np.unique(fold):
            chosen = fold == number
            parts.setdefault(number, Gram()).add(features[chosen], targets[chosen])
    readouts = {}
    for number, part in parts.items():
        ridge = Ridge(whole - part)
        readouts[number] = [ridge.readout(alpha) for alpha in alphas]
    losses = np.zeros(len(alphas))
    # One pass for all folds: the features may be costly, the readouts are small.
    for features, targets, fold in validation_rows():
        for number in np.unique(fold):
            chosen = fold == number
            for index, readout in enumerate(readouts[number]):
                losses[index] += np.sum((targets[chosen] - readout(features[chosen])) ** 2)
    return Ridge(whole).readout(alphas[np.argmin(losses)])
