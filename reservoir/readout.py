"""How is a linear readout fitted without keeping the features?

Blocks of features are folded into their Gram matrix and forgotten; ridge regression needs
nothing else. The ridge strength is chosen inside the training data: by the closed form of
the leave-one-out error, which takes one more pass over the blocks, or by folds, whose Gram
matrices add up to the whole.
"""

from dataclasses import dataclass

import numpy as np

from reservoir._core import readout as kernel

ALPHAS = 10.0 ** np.arange(-10, 1.5, 0.5)


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

    def __call__(self, features):
        """Outputs for features of shape (n_rows, n_features), each row on its own."""
        outputs = np.empty((len(features), len(self.intercept)))
        kernel.weighted_sums(
            np.ascontiguousarray(features), self.coefficients, self.intercept, outputs
        )
        return outputs

    @property
    def n_parameters(self):
        """Trained numbers."""
        return self.coefficients.size + self.intercept.size


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


class RidgePath:
    """Ridge regressions of one Gram matrix for any strength, from one decomposition.

    Features are standardised; `alpha` is the penalty on the squared coefficients beside
    the mean squared error, so it does not depend on the number of rows. The intercept is
    free.
    """

    def __init__(self, gram):
        self.n_rows = gram.n_rows
        mean = gram.sums / gram.n_rows
        self.mean = gram.origin + mean
        self.target_mean = gram.target_sums / gram.n_rows
        covariance = gram.products / gram.n_rows - np.outer(mean, mean)
        cross = gram.target_products / gram.n_rows - np.outer(mean, self.target_mean)
        variance = covariance.diagonal()
        varies = variance > 1e-20 * (self.mean**2 + np.abs(self.mean).max() ** 2)
        self.scale = np.zeros(len(mean))
        self.scale[varies] = 1 / np.sqrt(variance[varies])
        covariance *= self.scale[:, None]
        covariance *= self.scale
        self.values, self.vectors = np.linalg.eigh(covariance)
        self.values = np.maximum(self.values, 0.0)
        self.projections = self.vectors.T @ (self.scale[:, None] * cross)

    def rotate(self, features):
        """Standardised features along the eigenvectors."""
        return ((features - self.mean) * self.scale) @ self.vectors

    def outputs(self, rotated, alpha):
        """Outputs for rotated features."""
        return rotated @ self._weights(alpha) + self.target_mean

    def leverages(self, rotated, alphas):
        """How much each row of the training data draws its own output, per alpha."""
        inverse = 1 / (self.values[:, None] + alphas)
        return (rotated**2 @ inverse + 1) / self.n_rows

    def readout(self, alpha):
        """The `LinearReadout` for one strength."""
        coefficients = self.scale[:, None] * (self.vectors @ self._weights(alpha))
        intercept = self.target_mean - self.mean @ coefficients
        return LinearReadout(np.ascontiguousarray(coefficients), intercept, float(alpha))

    def _weights(self, alpha):
        return self.projections / (self.values + alpha)[:, None]


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
    return RidgePath(gram).readout(alpha)


def fit_leave_one_out(rows, alphas=ALPHAS):
    """Ridge readout whose strength minimises the leave-one-out squared error.

    The error of a row left out is e / (1 - h), with e its error and h its leverage in the
    fit to all rows (closed form). Parameters and result as for `fit_given`.
    """
    gram = Gram()
    for features, targets, _ in rows():
        gram.add(features, targets)
    path = RidgePath(gram)
    losses = np.zeros(len(alphas))
    for features, targets, _ in rows():
        rotated = path.rotate(features)
        # A leverage of 1 leaves nothing to predict from.
        left = np.maximum(1 - path.leverages(rotated, alphas), 1e-10)
        for index, alpha in enumerate(alphas):
            errors = (targets - path.outputs(rotated, alpha)) / left[:, index, None]
            losses[index] += np.sum(errors**2)
    return path.readout(alphas[np.argmin(losses)])


def fit_folds(rows, validation_rows, alphas=ALPHAS):
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
    losses = np.zeros(len(alphas))
    for number, part in parts.items():
        path = RidgePath(whole - part)
        for features, targets, fold in validation_rows():
            chosen = fold == number
            rotated = path.rotate(features[chosen])
            for index, alpha in enumerate(alphas):
                errors = targets[chosen] - path.outputs(rotated, alpha)
                losses[index] += np.sum(errors**2)
    return RidgePath(whole).readout(alphas[np.argmin(losses)])
