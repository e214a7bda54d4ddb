"""How far is a predicted series from the true one?

Every measure refuses what has no answer: shapes that differ, NaN, or a target that does not
vary. All measures belong on test data.
"""

import numpy as np

from reservoir._checks import real_array
from reservoir._scaling import units_of
from reservoir._types import ArrayLike, Floats

LARGEST = 1e150  # Sums of squares of larger values may not be numbers.
MAX_EXPONENT = 100  # of 2, up to which products of two small variances are numbers


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
    targets, outputs, sizes, _ = _columns(y_true, y_pred)
    units = units_of(sizes, MAX_EXPONENT)
    variances = _variances(_deviations(targets, units), sizes / units)
    with np.errstate(over="ignore"):
        errors = np.mean((targets / units - outputs / units) ** 2, axis=0)
        result = float(np.mean(errors / variances))
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
    sent, outputs, _, _ = _columns(y_true, y_pred)
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
    targets, outputs, sizes, output_sizes = _columns(y_true, y_pred)
    units = units_of(sizes, MAX_EXPONENT)
    own = _deviations(targets, units)
    others = _deviations(outputs, units_of(output_sizes, MAX_EXPONENT))
    products = np.mean(own * others, axis=0)
    spread = _variances(own, sizes / units) * np.mean(others**2, axis=0)
    varies = spread > 0
    shares = np.where(varies, products**2 / np.where(varies, spread, 1.0), 0.0)
    return np.minimum(shares, 1.0)  # Rounding may leave a little more.


def _columns(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    """Targets and outputs of shape (n_steps, n_targets), and the sizes of their columns."""
    columns, sizes = [], []
    for name, given in (("y_true", y_true), ("y_pred", y_pred)):
        values = real_array(name, given).astype(float, copy=False)
        if values.ndim not in (1, 2) or values.size == 0:
            raise ValueError(
                f"{name} has shape {values.shape}; it must be (n_steps,) or (n_steps, "
                "n_targets), with at least one step and one target."
            )
        table = values.reshape(len(values), -1)
        with np.errstate(invalid="ignore"):
            size = np.maximum(table.max(axis=0), -table.min(axis=0))
        if not np.isfinite(size).all():
            raise ValueError(f"{name} holds NaN or infinity; every value must be finite.")
        if size.max() > LARGEST:
            raise ValueError(
                f"{name} reaches {size.max():.3g}, whose square is beyond all numbers; scale "
                "both series."
            )
        columns.append(table)
        sizes.append(size)
    if columns[0].shape != columns[1].shape:
        raise ValueError(
            f"y_true has shape {np.shape(y_true)} and y_pred {np.shape(y_pred)}; they must "
            "agree."
        )
    return columns[0], columns[1], sizes[0], sizes[1]


def _variances(deviations: Floats, sizes: Floats) -> Floats:
    """Variance of every target, from its deviations; one that does not vary is refused."""
    variances: Floats = np.mean(deviations**2, axis=0)
    # In double precision, subtracting the mean may leave this much of a constant.
    constant = variances <= (1e-15 * sizes) ** 2
    if constant.any():
        raise ValueError(
            f"y_true is constant in column {int(np.argmax(constant))}; an error relative to "
            "its variance has no meaning."
        )
    return variances


def _deviations(values: Floats, units: Floats) -> Floats:
    """What is left of every column without its mean, in a unit of its own."""
    if (units != 1).any():
        values = values / units
    deviations: Floats = values - values.mean(axis=0)
    return deviations
