"""NARMA-10: a nonlinear recursion with ten steps of memory, driven by noise."""

import numpy as np
from numpy.typing import NDArray

from .arguments import RandomState, check_count, generator_of
from .bunch import Bunch

DESCRIPTION = """NARMA-10, {n_steps} steps

y(t+1) = 0.3 y(t) + 0.05 y(t) [y(t) + ... + y(t-9)] + 1.5 u(t-9) u(t) + 0.1

with inputs u drawn evenly from [0, 0.5]. Row t holds the input u(t) and the target y(t+1),
so that nothing later than the input itself is needed. The recursion starts from 0 and runs
for {burn_in} steps before the first row. Sequences that diverged and were drawn anew:
{n_redrawn}.

A linear filter of 50 taps reaches a normalised mean squared error of 0.14, so only errors
below that show a nonlinear computation; a quadratic one of 30 taps reaches 0.006 to 0.008.

A. F. Atiya, A. G. Parlos, IEEE Transactions on Neural Networks 11, 697 (2000).
"""

BURN_IN = 100
MAX_OUTPUT = 10.0  # bounded sequences stay below about 1.3; from here there is no way back
MAX_DRAWS = 100


def make_narma10(n_steps: int, random_state: RandomState = None) -> Bunch:
    """Nonlinear autoregressive moving average of order ten.

    Parameters
    ----------
    n_steps : int
        Rows.
    random_state : None, int, numpy RandomState or Generator, default=None
        The same seed gives the same series.

    Returns
    -------
    sklearn.utils.Bunch
        data : float64 array of shape (n_steps, 1), the input u(t), in [0, 0.5);
        target : float64 array of shape (n_steps,), y(t+1); n_redrawn : int, the number of
        sequences that diverged; DESCR : str.

    Raises
    ------
    ValueError
        If n_steps is not a positive integer, or so large that every draw diverges.

    Notes
    -----
    ``y(t+1) = 0.3 y(t) + 0.05 y(t) [y(t) + ... + y(t-9)] + 1.5 u(t-9) u(t) + 0.1``. The
    recursion is not stable for every input: about one step in 700 000 starts a divergence.
    A sequence that diverges is drawn anew as a whole from the same generator.

    References
    ----------
    .. [1] A. F. Atiya, A. G. Parlos, IEEE Trans. Neural Netw. 11, 697 (2000).

    Examples
    --------
    >>> from reservoir.datasets import make_narma10
    >>> narma = make_narma10(2000, random_state=0)
    >>> u, y = narma.data[:, 0], narma.target
    >>> t = 1500
    >>> expected = 0.3 * y[t-1] + 0.05 * y[t-1] * sum(y[t-10:t]) + 1.5 * u[t-9] * u[t] + 0.1
    >>> bool(abs(y[t] - expected) < 1e-15)
    True
    """
    check_count("n_steps", n_steps)
    generator = generator_of(random_state)
    outputs, n_redrawn = None, -1
    while outputs is None:
        n_redrawn += 1
        if n_redrawn == MAX_DRAWS:
            raise ValueError(
                f"n_steps is {n_steps}; {MAX_DRAWS} sequences of this length diverged. "
                "Draw several shorter ones, with seeds of their own."
            )
        inputs = generator.uniform(0.0, 0.5, n_steps + BURN_IN)
        outputs = _recursion(inputs)
    return Bunch(
        data=inputs[BURN_IN:, np.newaxis],
        target=outputs[BURN_IN:],
        n_redrawn=n_redrawn,
        DESCR=DESCRIPTION.format(n_steps=n_steps, burn_in=BURN_IN, n_redrawn=n_redrawn),
    )


def _recursion(inputs: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """y(t+1) for every input, or None if it diverges."""
    u = inputs.tolist()
    products = [0.0] * 9 + [1.5 * old * new for old, new in zip(u, u[9:], strict=False)]
    last_ten, outputs = [0.0] * 10, []
    for product in products:
        y = last_ten[-1]
        y = 0.3 * y + 0.05 * y * sum(last_ten) + product + 0.1
        if y > MAX_OUTPUT:
            return None
        last_ten = [*last_ten[1:], y]
        outputs.append(y)
    return np.array(outputs)
