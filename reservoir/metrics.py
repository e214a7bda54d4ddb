"""How far is a predicted series from the true one?

Every measure refuses what has no answer: shapes that differ, NaN, a target that does not
vary. All of them belong on test data.
"""

import numpy as np


def nmse(y_true, y_pred):
    r"""Normalised mean squared error.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_steps,) or (n_steps, n_targets)

    Returns
    -------
    float
        Mean of ``(y_true - y_pred)**2`` over the variance of `y_true` (of these data, not
        of the training data): 0 for a perfect prediction, 1 for the constant mean. Several
        targets are averaged.

    Examples
    --------
    >>> from reservoir.metrics import nmse
    >>> nmse([0.0, 1.0, 2.0, 3.0], [1.5, 1.5, 1.5, 1.5])
    1.0
    """
    y_true, y_pred = _columns(y_true, y_pred)
    errors = np.mean((y_true - y_pred) ** 2, axis=0)
    return float(np.mean(errors / _variances(y_true, "y_true")))


def nrmse(y_true, y_pred):
    """Square root of `nmse`.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_steps,) or (n_steps, n_targets)

    Returns
    -------
    float
    """
    return float(np.sqrt(nmse(y_true, y_pred)))


def symbol_error_rate(y_true, y_pred, symbols=(-3, -1, 1, 3)):
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

    Notes
    -----
    No error in n symbols means a rate below 3/n with 95 % confidence.

    Examples
    --------
    >>> from reservoir.metrics import symbol_error_rate
    >>> symbol_error_rate([-3, -1, 1, 3], [-7.0, 0.2, 0.9, 2.1])
    0.25
    """
    y_true, y_pred = _columns(y_true, y_pred)
    symbols = np.unique(np.asarray(symbols, dtype=float))
    if not np.isin(y_true, symbols).all():
        strange = y_true[~np.isin(y_true, symbols)][0]
        raise ValueError(
            f"y_true holds {strange}, which is no symbol of {symbols.tolist()}; give the "
            "symbols that were sent, or the right alphabet."
        )
    limits = (symbols[1:] + symbols[:-1]) / 2
    decided = symbols[np.searchsorted(limits, y_pred, side="right")]
    return float(np.mean(decided != y_true))


def squared_correlations(y_true, y_pred):
    """Squared correlation of each target with its output.

    The sum over the delays of `make_memory` or `make_parity` is the capacity.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_steps,) or (n_steps, n_targets)

    Returns
    -------
    ndarray of shape (n_targets,)
        From 0 to 1; 0 where the output does not vary.

    Notes
    -----
    Two independent series of n steps have 1/n on average, not 0.

    Examples
    --------
    >>> from reservoir.metrics import squared_correlations
    >>> squared_correlations([0.0, 1.0, 2.0], [5.0, 3.0, 1.0]).tolist()
    [1.0]
    """
    y_true, y_pred = _columns(y_true, y_pred)
    deviations = y_pred - y_pred.mean(axis=0)
    products = np.mean((y_true - y_true.mean(axis=0)) * deviations, axis=0)
    spread = _variances(y_true, "y_true") * np.mean(deviations**2, axis=0)
    varies = spread > 0
    return np.where(varies, products**2 / np.where(varies, spread, 1.0), 0.0)


def _columns(y_true, y_pred):
    """Both as finite float arrays of shape (n_steps, n_targets)."""
    columns = []
    for name, values in (("y_true", y_true), ("y_pred", y_pred)):
        values = np.asarray(values, dtype=float)
        if values.ndim not in (1, 2) or len(values) == 0:
            raise ValueError(
                f"{name} has shape {values.shape}; it must be (n_steps,) or (n_steps, "
                "n_targets), with at least one step."
            )
        if not np.isfinite(values).all():
            raise ValueError(f"{name} holds NaN or infinity; every value must be finite.")
        columns.append(values.reshape(len(values), -1))
    if columns[0].shape != columns[1].shape:
        raise ValueError(
            f"y_true has shape {np.shape(y_true)} and y_pred {np.shape(y_pred)}; they must "
            "agree."
        )
    return columns


def _variances(values, name):
    variances = values.var(axis=0)
    # What subtracting the mean leaves of a constant, in double precision.
    constant = variances <= (1e-15 * np.abs(values).max(axis=0)) ** 2
    if constant.any():
        raise ValueError(
            f"{name} is constant in column {int(np.argmax(constant))}; an error relative to "
            "its variance has no meaning."
        )
    return variances
