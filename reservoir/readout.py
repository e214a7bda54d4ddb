"""How is a linear readout fitted without keeping the features?

Blocks of features are folded into their Gram matrix and forgotten; ridge regression needs
nothing else. The ridge strength is chosen inside the training data: by the closed form of the
leave-one-out error, which takes one more pass over the blocks, or by folds, whose Gram
matrices add up to the whole. Blocks that need little memory may be kept for the second pass.
Where all rows are kept and there are fewer of them than features, the products of rows are
used in place of those of features: `reservoir._few_rows`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.linalg.lapack import dsyevr

from reservoir._few_rows import MIN_VARIANCE, RidgeOfFewRows, spreads_of
from reservoir._linear import LinearReadout
from reservoir._scaling import units_of
from reservoir._types import Array, Floats, Integers

__all__ = ["LinearReadout", "fit_folds", "fit_given", "fit_leave_one_out"]

Block = TypeVar("Block")
# What gives blocks of features, targets and, if there are folds, the fold of each row.
Rows: TypeAlias = Callable[[], Iterable[tuple[Array, Array, Integers | None]]]
FoldRows: TypeAlias = Callable[[], Iterable[tuple[Array, Array, Integers]]]

ALPHAS: Floats = 10.0 ** np.arange(-10, 1.5, 0.5)
FOLD_ALPHAS: Floats = 10.0 ** np.arange(-11, 1.5, 1.0)  # each is solved for every fold
MIN_REST = 1e-10  # of 1 less a leverage; a leverage of 1 leaves nothing to predict from
MAX_KEPT_BYTES = 2**24  # of features, up to which they are kept for a second pass
MAX_TABLE_BYTES = 2**26  # of features that are kept because it takes long to simulate them
MAX_TOGETHER = 128  # rows that are rotated at a time


def keep(rows: Callable[[], Iterable[Block]]) -> Callable[[], Iterator[Block]]:
    """Keep the blocks of the first pass for every later one; they are always the same."""
    kept: list[Block] = []

    def passes() -> Iterator[Block]:
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

    The first row is subtracted from all features, so that subtracting the mean later loses
    no digits. Whoever adds up features in units of their own says so in `units`.
    """

    def __init__(self) -> None:
        self.n_rows, self.units = 0, np.ones(1)

    @np.errstate(over="ignore", invalid="ignore")  # `Ridge` refuses what is not finite.
    def add(self, features: Array, targets: Array) -> None:
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

    @classmethod
    @np.errstate(over="ignore", invalid="ignore")
    def joined(cls, parts: Iterable["Gram"]) -> "Gram":
        """Sums over the rows of all parts, none of which is empty.

        They count from the common mean. Nothing that is large is subtracted, so the rows of
        a few parts lose no digits to rows that are elsewhere.
        """
        parts = list(parts)
        whole = cls()
        whole.n_rows = sum(part.n_rows for part in parts)
        whole.target_sums = np.sum([part.target_sums for part in parts], axis=0)
        first = parts[0].origin
        moved = [part.sums + part.n_rows * (part.origin - first) for part in parts]
        whole.origin = first + np.sum(moved, axis=0) / whole.n_rows
        whole.sums = np.zeros_like(first)
        whole.products = np.zeros_like(parts[0].products)
        whole.target_products = np.zeros_like(parts[0].target_products)
        for part in parts:
            mean = part.sums / part.n_rows
            distance = part.origin + mean - whole.origin
            whole.products += part.products - np.outer(part.sums, mean)
            whole.products += part.n_rows * np.outer(distance, distance)
            whole.target_products += part.target_products - np.outer(mean, part.target_sums)
            whole.target_products += np.outer(distance, part.target_sums)
        return whole


class Ridge:
    r"""Ridge regressions of one Gram matrix.

    Features are standardised. The coefficients w of each output minimise

    .. math:: \langle (y - w \cdot x - b)^2 \rangle + \alpha |w|^2

    over the mean of the rows, so a strength :math:`\alpha` means the same for any number of
    rows. The intercept b is free, and a feature that does not vary has no weight.

    Parameters
    ----------
    gram : Gram

    Raises
    ------
    ValueError
        If sums of squares do not fit double precision.
    """

    @np.errstate(over="ignore", invalid="ignore")
    def __init__(self, gram: Gram) -> None:
        self.n_rows = gram.n_rows
        mean = gram.sums / gram.n_rows
        self.mean = gram.origin + mean
        self.target_mean = gram.target_sums / gram.n_rows
        self.covariance = gram.products / gram.n_rows
        for some in _slices(len(mean)):
            self.covariance[some] -= np.outer(mean[some], mean)
        cross = gram.target_products / gram.n_rows - np.outer(mean, self.target_mean)
        variance = self.covariance.diagonal()
        relative = gram.units / gram.units.max()  # the largest feature decides for all
        sizes = np.abs(self.mean) * relative
        varies = variance * relative**2 > MIN_VARIANCE * (sizes**2 + sizes.max() ** 2)
        self.scale = np.zeros(len(mean))
        self.scale[varies] = 1 / np.sqrt(variance[varies])
        self.covariance *= self.scale[:, None]
        self.covariance *= self.scale
        self.cross = self.scale[:, None] * cross
        if not (np.isfinite(self.covariance).all() and np.isfinite(self.cross).all()):
            raise ValueError(
                "Sums of squares of the features, or of their products with the targets, are "
                "beyond double precision. Divide features and targets by their size."
            )

    @property
    def target_unit(self) -> float:
        """A power of two to divide errors by, so that their squares are numbers.

        It is 1 unless the targets are so large or so small that squares are not.
        """
        size = max(np.abs(self.target_mean).max(), np.abs(self.cross).max())
        return float(units_of(size))

    def readout(self, alpha: float) -> LinearReadout:
        """Solve for one strength.

        Raises
        ------
        LinAlgError
            If the strength is too small for double precision.
        """
        damped = self.covariance.copy()
        damped.flat[:: len(damped) + 1] += alpha
        return self._readout_of(
            cho_solve(cho_factor(damped, overwrite_a=True), self.cross), alpha
        )

    def rounded_readout(self, alpha: float) -> LinearReadout:
        """As `readout`, for strengths that are too small as well.

        Rounding may give the covariance eigenvalues a little below 0. Directions in which
        the features vary by no more than that then get no weight.
        """
        try:
            return self.readout(alpha)
        except LinAlgError:
            values, vectors = np.linalg.eigh(self.covariance)
            varies = values > len(values) * np.finfo(float).eps * values[-1]
            used = vectors[:, varies]
            shrunk = (used.T @ self.cross) / (values[varies] + alpha)[:, None]
            return self._readout_of(used @ shrunk, alpha)

    def _readout_of(self, weights: Floats, alpha: float) -> LinearReadout:
        """The readout whose weights belong to standardised features."""
        coefficients = self.scale[:, None] * weights
        intercept = self.target_mean - self.mean @ coefficients
        coefficients, spreads = np.ascontiguousarray(coefficients), spreads_of(self.scale)
        return LinearReadout(coefficients, intercept, float(alpha), self.mean, spreads)

    def leave_one_out(self, rows: Rows, alphas: Floats) -> Floats:
        """Sum of squared leave-one-out errors for each strength, over `target_unit` squared.

        The error of a row that is left out is e / (1 - h), where e is its error and h its
        leverage in the fit to all rows. One decomposition serves all strengths.
        """
        values, vectors = self._eigen()
        shrinkage = 1 / (np.maximum(values, 0.0)[:, None] + alphas)
        projections = vectors.T @ self.cross
        losses, unit = np.zeros(len(alphas)), self.target_unit
        for block, wanted, _ in rows():
            for some in _slices(len(block)):
                features, targets = block[some], wanted[some]
                rotated = ((features - self.mean) * self.scale) @ vectors
                leverages = (rotated**2 @ shrinkage + 1) / self.n_rows
                left = np.maximum(1 - leverages, MIN_REST)
                for index in range(len(alphas)):
                    outputs = rotated @ (projections * shrinkage[:, [index]])
                    errors = (targets - outputs - self.target_mean) / unit
                    losses[index] += np.sum((errors / left[:, [index]]) ** 2)
        return losses

    def _eigen(self) -> tuple[Floats, Floats]:
        """Eigenvalues and eigenvectors of the covariance, with room for the vectors alone.

        LAPACK works in one triangle of the matrix, which is then copied from the other one.
        """
        diagonal = self.covariance.diagonal().copy()
        values, vectors, _, _, failed = dsyevr(self.covariance.T, lower=0, overwrite_a=1)
        # The upper triangle stays, by which `readout` solves.
        for row in range(len(diagonal)):
            self.covariance[row + 1 :, row] = self.covariance[row, row + 1 :]
        self.covariance.flat[:: len(diagonal) + 1] = diagonal
        if failed:
            raise LinAlgError("The eigenvalues of the covariance do not converge.")
        return values, vectors


def _slices(n_rows: int) -> list[slice]:
    """Slices of a few rows, so that what is computed of them is small."""
    return [slice(begin, begin + MAX_TOGETHER) for begin in range(0, n_rows, MAX_TOGETHER)]


class FewRowsRidge(RidgeOfFewRows):
    """Ridge regressions of one table that has fewer rows than features."""

    def rounded_readout(self, alpha: float) -> LinearReadout:
        """Solve for one strength, however small."""
        spreads = spreads_of(self.scale)
        return LinearReadout(*self.solution(alpha), float(alpha), self.mean, spreads)


def fit_given(rows: Rows, alpha: float, *, few_rows: bool = False) -> LinearReadout:
    """Ridge readout of a given strength.

    Parameters
    ----------
    rows : callable
        Gives an iterator over blocks ``(features, targets, fold)``, arrays of shape (n_rows,
        n_features), (n_rows, n_outputs) and (n_rows,). The folds are not used; they may be
        None.
    alpha : float
        Not negative.
    few_rows : bool, default=False
        Whether there are fewer rows than features, which all fit into memory together. It
        changes the time that is taken, and the result by rounding.

    Returns
    -------
    LinearReadout

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.readout import fit_given
    >>> x = np.linspace(0, 1, 20)[:, np.newaxis]
    >>> def rows():  # two blocks
    ...     yield x[:10], 2 * x[:10] + 1, None
    ...     yield x[10:], 2 * x[10:] + 1, None
    >>> fit_given(rows, 1e-12)(np.array([[3.0]])).round(6).tolist()
    [[7.0]]
    """
    if few_rows:
        return FewRowsRidge(*_table_of(rows)[:2]).rounded_readout(alpha)
    return Ridge(_gram_of(rows)).rounded_readout(alpha)


def fit_leave_one_out(
    rows: Rows, alphas: Floats = ALPHAS, *, few_rows: bool = False
) -> LinearReadout:
    """Ridge readout whose strength minimises the leave-one-out squared error.

    It takes two passes over the blocks, one for the Gram matrix and one for the errors.

    Parameters
    ----------
    rows : callable
        As for `fit_given`; it must give the same blocks each time.
    alphas : ndarray of shape (n_alphas,)
        Strengths to choose from.
    few_rows : bool, default=False
        See `fit_given`.

    Returns
    -------
    LinearReadout

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.readout import fit_leave_one_out
    >>> x = np.linspace(0, 1, 20)[:, np.newaxis]
    >>> readout = fit_leave_one_out(lambda: iter([(x, 2 * x + 1, None)]))
    >>> readout(np.array([[3.0]])).round(6).tolist()
    [[7.0]]
    """
    if few_rows:
        few = FewRowsRidge(*_table_of(rows)[:2])
        return few.rounded_readout(alphas[np.argmin(few.leave_one_out(alphas))])
    ridge = Ridge(_gram_of(rows))
    return ridge.rounded_readout(alphas[np.argmin(ridge.leave_one_out(rows, alphas))])


def _gram_of(rows: Rows) -> Gram:
    gram = Gram()
    for features, targets, _ in rows():
        gram.add(features, targets)
    return gram


def fit_folds(
    rows: FoldRows,
    validation_rows: FoldRows,
    alphas: Floats = FOLD_ALPHAS,
    decisions: Integers | None = None,
    *,
    few_rows: bool = False,
) -> LinearReadout:
    """Ridge readout whose strength minimises the squared error on folds that are left out.

    Parameters
    ----------
    rows, validation_rows : callable
        Give iterators over blocks ``(features, targets, fold)`` to fit to and to judge by;
        `fold` holds the number of each row's fold, from 0.
    alphas : ndarray of shape (n_alphas,)
        Strengths to choose from.
    decisions : ndarray of int of shape (n_validation_rows,), default=None
        Number, from 0, of the decision that each row to judge by takes part in. The outputs
        of the rows of a decision are averaged before they are compared with its target. All
        of them are in one fold. None stands for a decision of each row by itself.
    few_rows : bool, default=False
        See `fit_given`.

    Returns
    -------
    LinearReadout
        Fitted to all folds with the best strength.

    Raises
    ------
    ValueError
        If all rows are in one fold.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.readout import fit_folds
    >>> x = np.linspace(0, 1, 20)[:, np.newaxis]
    >>> def rows():  # in four folds
    ...     yield x, 2 * x + 1, np.arange(20) % 4
    >>> fit_folds(rows, rows)(np.array([[3.0]])).round(6).tolist()
    [[7.0]]
    """
    best: Ridge | FewRowsRidge
    solvers: Mapping[int, Ridge | FewRowsRidge]
    best, solvers = _few_by_fold(rows) if few_rows else _grams_by_fold(rows)
    if len(solvers) < 2:
        raise ValueError("All rows are in one fold; at least 2 folds are needed.")
    readouts = {
        fold: [solver.rounded_readout(alpha) for alpha in alphas]
        for fold, solver in solvers.items()
    }
    errors = _left_out_errors(readouts, validation_rows, best.target_unit)
    losses = (
        sum(np.sum(block**2, axis=(1, 2)) for block in errors)
        if decisions is None
        else _losses_of_means(np.concatenate(list(errors), axis=1), decisions)
    )
    return best.rounded_readout(alphas[np.argmin(losses)])


def strength_of_sums(
    folds: Iterable[tuple[Gram, Gram, Floats]], alphas: Floats = FOLD_ALPHAS
) -> float:
    """The strength that `fit_folds` would choose, from sums alone: no row is needed again.

    The squared error on a fold follows from its own sums. It is the small rest of large
    numbers, so what rounding may add to it counts as an error as well.

    Parameters
    ----------
    folds : iterable of tuples of two Grams and an ndarray of shape (n_outputs,)
        For each fold the sums of all other rows, its own, and those of its squared targets.
    alphas : ndarray of shape (n_alphas,)

    Returns
    -------
    float
    """
    losses = np.zeros(len(alphas))
    for others, left, target_squares in folds:
        ridge = Ridge(others)
        del others  # which is as large as what follows
        for index, alpha in enumerate(alphas):
            losses[index] += _error_of_sums(
                ridge.rounded_readout(alpha), left, target_squares
            )
    return float(alphas[np.argmin(losses)])


def _error_of_sums(readout: LinearReadout, gram: Gram, target_squares: Floats) -> float:
    """Sum of squared errors over the rows of a Gram matrix, and what rounding may hide."""
    mean, target_mean = gram.sums / gram.n_rows, gram.target_sums / gram.n_rows
    weights = readout.coefficients
    errors = target_squares / gram.n_rows - target_mean**2
    errors -= 2 * np.sum(weights * gram.target_products, axis=0) / gram.n_rows
    errors += 2 * (mean @ weights) * target_mean
    errors += np.sum(weights * (gram.products @ weights), axis=0) / gram.n_rows
    errors -= (mean @ weights) ** 2
    errors += (target_mean - (gram.origin + mean) @ weights - readout.intercept) ** 2
    sizes = np.sqrt(gram.products.diagonal() / gram.n_rows) @ np.abs(weights)
    hidden = np.finfo(float).eps * (sizes**2 + target_squares / gram.n_rows)
    return float(gram.n_rows * np.sum(np.maximum(errors, 0.0) + hidden))


def _grams_by_fold(rows: FoldRows) -> tuple[Ridge, dict[int, Ridge]]:
    """The regressions of all rows, and for each fold those of all others."""
    whole = Gram()
    parts: dict[int, Gram] = {}
    for features, targets, fold in rows():
        whole.add(features, targets)
        for number in np.unique(fold):
            chosen = fold == number
            parts.setdefault(number, Gram()).add(features[chosen], targets[chosen])
    solvers = {}
    for number in parts if len(parts) > 1 else ():
        others = (part for other, part in parts.items() if other != number)
        solvers[number] = Ridge(Gram.joined(others))
    return Ridge(whole), solvers


def _few_by_fold(rows: FoldRows) -> tuple[FewRowsRidge, dict[int, FewRowsRidge]]:
    """As `_grams_by_fold`, for few rows."""
    features, targets, fold = _table_of(rows)
    solvers = {}
    numbers = np.unique(fold)
    for number in numbers if len(numbers) > 1 else ():
        solvers[number] = FewRowsRidge(features[fold != number], targets[fold != number])
    return FewRowsRidge(features, targets), solvers


def _table_of(rows: FoldRows | Rows) -> tuple[Array, Array, Any]:
    """All blocks together: features, targets, and the folds if there are any."""
    features, targets, folds = zip(*rows(), strict=True)
    fold = None if folds[0] is None else np.concatenate(folds)
    return np.concatenate(features), np.concatenate(targets), fold


def _left_out_errors(
    readouts: Mapping[int, Sequence[LinearReadout]], validation_rows: FoldRows, unit: float
) -> Iterator[Floats]:
    """Errors of blocks of rows under all strengths, each by the readout without its fold.

    One pass serves all folds: the features may be costly, the readouts are small.
    """
    for features, targets, fold in validation_rows():
        errors = np.empty((len(readouts[fold[0]]), *targets.shape))
        for number in np.unique(fold):
            chosen = fold == number
            for index, readout in enumerate(readouts[number]):
                errors[index, chosen] = (targets[chosen] - readout(features[chosen])) / unit
        yield errors


def _losses_of_means(errors: Floats, decisions: Integers) -> Floats:
    """Sums over decisions of the squared mean error of their rows, for all strengths."""
    means = np.zeros((len(errors), int(decisions.max()) + 1, errors.shape[2]))
    for index in range(len(errors)):
        np.add.at(means[index], decisions, errors[index])
    means /= np.bincount(decisions)[:, np.newaxis]
    losses: Floats = np.sum(means**2, axis=(1, 2))
    return losses
