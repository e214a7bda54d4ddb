"""At which severity of a fault is some of the accuracy lost?"""

import numpy as np

from reservoir._types import Array


def lost_at(
    severities: Array, accuracies: Array, clean: float, loss: float, *, stepwise: bool = False
) -> float | None:
    """The severity at which an accuracy has fallen by some loss for the first time.

    Parameters
    ----------
    severities : ndarray of shape (n_severities,)
        From mild to severe.
    accuracies : ndarray of shape (n_severities,)
    clean : float
        Accuracy without a fault.
    loss : float
    stepwise : bool, default=False
        Whether it must be one of the severities. Otherwise it lies on the straight line
        between two of them.

    Returns
    -------
    float or None
        None: at no severity. If the first one costs so much already, it is that one.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.experiments.robustness_loss import lost_at
    >>> round(lost_at(np.array([0.1, 0.2]), np.array([0.95, 0.85]), 0.95, 0.05), 3)
    0.15
    """
    wanted = clean - loss
    # What was computed from shares of samples may miss the loss by a rounding.
    below = np.flatnonzero(accuracies <= wanted + 1e-12)
    if not len(below):
        return None
    first = int(below[0])
    here, value = float(severities[first]), float(accuracies[first])
    if stepwise or first == 0:
        return here
    before, higher = float(severities[first - 1]), float(accuracies[first - 1])
    return before + (here - before) * (higher - wanted) / (higher - value)
