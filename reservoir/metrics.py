"""How far is a predicted series from the true one?

Every measure refuses what has no answer: shapes that differ, NaN, or a target that does not
vary. All measures belong on test data.
"""

from typing import Any, NamedTuple

import numpy as np

from reservoir._checks import real_array
from reservoir._scaling import units_of
from reservoir._types import Array, ArrayLike, Floats

__all__ = ["nmse", "nrmse", "squared_correlations", "symbol_error_rate"]

LARGEST = 1e150  # Sums of squares of larger values may not be numbers.
MAX_EXPONENT = 100  # of 2, up to which products of two variances are numbers
ORDINARY = 2.0**MAX_EXPONENT  # of values, likewise
ROUNDING = 1e-15  # of its largest value that a constant may keep when its mean is subtracted


class _Spread(NamedTuple):
    """How columns vary.

    Attributes
    ----------
    units : float or ndarray of shape (n_columns,)
        Powers of two by which the columns were divided.
    deviations : ndarray of shape (n_steps, n_columns)
        From the means.
    variances : ndarray of shape (n_columns,)
    constant : ndarray of bool of shape (n_columns,)
        Which columns do not vary.
    """

    units: Any
    deviations: Floats
    variances: Floats
    constant: Array


def nmse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    r"""Normalised mean squared error.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_steps,) or (n_steps, n_targets)

    Returns
    -------
    float
        It is 0 for a perfect prediction and 1 for the constant mean.

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite, or a column of `y_true` is constant.

    Notes
    -----
    .. math:: \frac{\langle (y - \hat y)^2 \rangle}{\langle (y - \langle y \rangle)^2 \rangle}

    All means are over the steps of these data; the variance is not the one of the training
    data. The errors of several targets are averaged.

    Examples
    --------
    >>> from reservoir.metrics import nmse
    >>> nmse([0.0, 1.0, 2.0, 3.0], [1.5, 1.5, 1.5, 1.5])
    1.0
    """
    targets, outputs = _columns(y_true, y_pred)
    spread = _spread_of_targets(targets)
    with np.errstate(over="ignore"):
        errors = np.mean((targets / spread.units - outputs / spread.units) ** 2, axis=0)
        result = float(np.mean(errors / spread.variances))
    if not np.isfinite(result):
        raise ValueError(
            "y_pred is so far from y_true that the error is beyond all numbers; are both in "
            "the same unit? Scale one of them."
        )
    return result


def nrmse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Square root of `nmse`.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_steps,) or (n_steps, n_targets)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `nmse`.

    Examples
    --------
    >>> from reservoir.metrics import nrmse
    >>> nrmse([-1.0, 1.0], [-0.5, 0.5])
    0.5
    """
    return float(np.sqrt(nmse(y_true, y_pred)))


def symbol_error_rate(
    y_true: ArrayLike, y_pred: ArrayLike, symbols: ArrayLike = (-3, -1, 1, 3)
) -> float:
    """Share of outputs that are nearest to another symbol than the one that was sent.

    Parameters
    ----------
    y_true : array-like of shape (n_steps,)
        Symbols that were sent.
    y_pred : array-like of shape (n_steps,)
        Outputs, any numbers.
    symbols : array-like, default=(-3, -1, 1, 3)
        The alphabet; an output half way between two is taken for the upper one.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite, or a symbol is not in the alphabet.

    Notes
    -----
    No error in n symbols means a rate below 3/n with 95 % confidence.

    Examples
    --------
    >>> from reservoir.metrics import symbol_error_rate
    >>> symbol_error_rate([-3, -1, 1, 3], [-7.0, 0.2, 0.9, 2.1])
    0.25
    """
    sent, outputs = _columns(y_true, y_pred)
    alphabet = np.unique(real_array("symbols", symbols).astype(float, copy=False))
    if not len(alphabet) or not np.isfinite(alphabet).all():
        raise ValueError("symbols must hold at least one finite number.")
    if not np.isin(sent, alphabet).all():
        strange = sent[~np.isin(sent, alphabet)][0]
        raise ValueError(
            f"y_true holds {strange}, which is no symbol of {alphabet.tolist()}; give the "
            "symbols that were sent, or the right alphabet."
        )
    limits = (alphabet[1:] + alphabet[:-1]) / 2
    decided = alphabet[np.searchsorted(limits, outputs, side="right")]
    return float(np.mean(decided != sent))


def squared_correlations(y_true: ArrayLike, y_pred: ArrayLike) -> Floats:
    """Squared correlation of each target with its output.

    The sum over the delays of `make_memory` or `make_parity` is the capacity.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_steps,) or (n_steps, n_targets)

    Returns
    -------
    ndarray of shape (n_targets,)
        From 0 to 1; 0 where the output does not vary.

    Raises
    ------
    ValueError
        As `nmse`.

    Notes
    -----
    The squared correlation of two independent series of n steps is 1/n on average, not 0.

    Examples
    --------
    >>> from reservoir.metrics import squared_correlations
    >>> squared_correlations([0.0, 1.0, 2.0], [5.0, 3.0, 1.0]).tolist()
    [1.0]
    """
    true, predicted = _columns(y_true, y_pred)
    targets, outputs = _spread_of_targets(true), _spread_of(predicted)
    products = np.mean(targets.deviations * outputs.deviations, axis=0)
    spread = targets.variances * outputs.variances
    varies = spread > 0
    shares = np.where(varies, products**2 / np.where(varies, spread, 1.0), 0.0)
    return np.minimum(shares, 1.0)  # Rounding may leave a little more.


def _columns(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Floats, Floats]:
    """Targets and outputs as finite arrays of shape (n_steps, n_targets)."""
    columns = []
    for name, given in (("y_true", y_true), ("y_pred", y_pred)):
        values = real_array(name, given).astype(float, copy=False)
        if values.ndim not in (1, 2) or values.size == 0:
            raise ValueError(
                f"{name} has shape {values.shape}; it must be (n_steps,) or (n_steps, "
                "n_targets), with at least one step and one target."
            )
        if not np.isfinite(values).all():
            raise ValueError(f"{name} holds NaN or infinity; every value must be finite.")
        if max(values.max(), -values.min()) > LARGEST:
            raise ValueError(
                f"{name} reaches {np.abs(values).max():.3g}, whose square is beyond all "
                "numbers; scale both series."
            )
        columns.append(values.reshape(len(values), -1))
    if columns[0].shape != columns[1].shape:
        raise ValueError(
            f"y_true has shape {np.shape(y_true)} and y_pred {np.shape(y_pred)}; they must "
            "agree."
        )
    return columns[0], columns[1]


def _spread_of(values: Floats) -> _Spread:
    """How every column varies, in units in which squares of variances are numbers."""
    largest = max(values.max(), -values.min())
    if largest < ORDINARY:
        deviations = values - values.mean(axis=0)
        variances = np.mean(deviations**2, axis=0)
        if (variances > max((ROUNDING * largest) ** 2, 1 / ORDINARY**2)).all():
            # The sizes of single columns, which take long to find, would change nothing.
            return _Spread(1.0, deviations, variances, np.zeros(len(variances), dtype=bool))
    sizes = np.abs(values).max(axis=0)
    units = units_of(sizes, MAX_EXPONENT)
    deviations = values / units
    deviations -= deviations.mean(axis=0)
    variances = np.mean(deviations**2, axis=0)
    return _Spread(units, deviations, variances, variances <= (ROUNDING * sizes / units) ** 2)


def _spread_of_targets(values: Floats) -> _Spread:
    """As `_spread_of`; a column that does not vary is refused."""
    spread = _spread_of(values)
    if spread.constant.any():
        raise ValueError(
            f"y_true is constant in column {int(np.argmax(spread.constant))}; an error "
            "relative to its variance has no meaning."
        )
    return spread
