"""How is a ridge regression fitted when there are fewer rows than features?

The coefficients are sums of the rows, so the products of rows among each other, which are
fewer than those of features, determine them. One decomposition of these products serves all
ridge strengths.
"""

import numpy as np

from reservoir._scaling import units_of
from reservoir._types import Array, Floats

MIN_VARIANCE = 1e-20  # of a feature that varies, over its squared mean plus the largest one
TINY = 1e-300


class RidgeOfFewRows:
    r"""Ridge regressions of one table; the equations are those of `reservoir.readout.Ridge`.

    With the standardised and centred rows X of n, and the eigenvectors U and eigenvalues
    :math:`\lambda` of :math:`X X^T / n`, the coefficients are

    .. math:: w = X^T U (\lambda + \alpha)^{-1} U^T y / n

    Parameters
    ----------
    features : ndarray of shape (n_rows, n_features)
    targets : ndarray of shape (n_rows, n_outputs)

    Raises
    ------
    ValueError
        If sums of squares do not fit double precision.
    """

    @np.errstate(over="ignore", invalid="ignore")
    def __init__(self, features: Array, targets: Array) -> None:
        n_rows = len(features)
        origin = features[0].astype(float)
        shifted = features - origin
        shift = shifted.mean(axis=0)
        self.mean = origin + shift
        self.target_mean = targets.mean(axis=0)
        shifted -= shift
        variance = np.einsum("ij,ij->j", shifted, shifted) / n_rows
        varies = variance > MIN_VARIANCE * (self.mean**2 + np.abs(self.mean).max() ** 2)
        self.scale = np.zeros(len(self.mean))
        self.scale[varies] = 1 / np.sqrt(variance[varies])
        self.standard = shifted * self.scale
        products = self.standard @ self.standard.T / n_rows
        self.targets = targets - self.target_mean
        if not (np.isfinite(products).all() and np.isfinite(self.targets).all()):
            raise ValueError(
                "Sums of squares of the features, or of their products with the targets, are "
                "beyond double precision. Divide features and targets by their size."
            )
        # Centred rows have products of 0 with a constant. Moved to the far end, the constant
        # is the last eigenvector, which is left out, and mixes with no other.
        products += 4 * np.trace(products) / n_rows + np.finfo(float).tiny
        values, vectors = np.linalg.eigh(products)
        self.values, self.vectors = np.maximum(values[:-1], 0.0), vectors[:, :-1]
        self.turned = self.vectors.T @ self.targets

    @property
    def target_unit(self) -> float:
        """A power of two to divide errors by, so that their squares are numbers."""
        size = max(np.abs(self.target_mean).max(), np.abs(self.targets).max())
        return float(units_of(size))

    def solution(self, alpha: float) -> tuple[Floats, Floats]:
        """Coefficients of shape (n_features, n_outputs), and intercept, for one strength."""
        weights = self.vectors @ (self.turned / (self.values[:, np.newaxis] + alpha))
        weights = self.standard.T @ weights / len(self.targets)
        coefficients = self.scale[:, np.newaxis] * weights
        return coefficients, self.target_mean - self.mean @ coefficients

    def leave_one_out(self, alphas: Floats) -> Floats:
        """Sum of squared leave-one-out errors for each strength, over `target_unit` squared.

        The error of a row that is left out is e / (1 - h), where e is its error and h its
        leverage in the fit to all rows. Both are sums over the eigenvectors with the weights
        alpha / (lambda + alpha). Their common factor cancels, and is left out, so that
        nothing is lost where leverages are close to 1.
        """
        losses, unit = np.zeros(len(alphas)), self.target_unit
        for index, alpha in enumerate(alphas):
            kept = 1 / (self.values + alpha)
            kept /= kept.max(initial=TINY)
            errors = self.vectors @ (kept[:, np.newaxis] * self.turned) / unit
            rest = self.vectors**2 @ kept  # in proportion to 1 less the leverage
            losses[index] = np.sum((errors / np.maximum(rest, TINY)[:, np.newaxis]) ** 2)
        return losses


def spreads_of(scale: Floats) -> Floats:
    """Standard deviations of features from their inverses, which are 0 for constant ones."""
    spreads = np.zeros_like(scale)
    np.divide(1.0, scale, out=spreads, where=scale > 0)
    return spreads
