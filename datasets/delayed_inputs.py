"""What was the input some steps ago? Short-term memory and parity, delay by delay."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .arguments import RandomState, check_choice, check_count, check_delays, generator_of
from .bunch import Bunch

MEMORY_DESCRIPTION = """Short-term memory, {n_steps} steps, {law} inputs

Row t holds a random input s(t) and, in column j of the target, the input {delays} steps
earlier. The capacity is the sum over the columns of the squared correlation of target and
output on test data (reservoir.metrics.squared_correlations). Delay 0 is {zero}.

H. Jaeger, GMD Report 152 (2002).
"""
PARITY_DESCRIPTION = """Parity, {n_steps} steps

Row t holds a random input s(t) of 1 or -1 and, in column j of the target, the product of the
inputs from s(t) to s(t-d), d = {delays}: 1 if an even number of them is -1. Each needs
memory of d steps and is of order d + 1, not linear in any part of the inputs. The capacity
is the sum over the columns of the squared correlation of target and output on test data
(reservoir.metrics.squared_correlations). Delay 0 is {zero}.
"""


def make_memory(
    n_steps: int,
    delays: Iterable[int] = range(1, 101),
    random_state: RandomState = None,
    *,
    law: str = "uniform",
) -> Bunch:
    """Short-term memory: recall a random input after every delay.

    Parameters
    ----------
    n_steps : int
    delays : sequence of int, default=range(1, 101)
        In steps. Delay 0, the input itself, is included only if it is listed.
    random_state : None, int, numpy RandomState or Generator, default=None
        The same seed gives the same inputs, whatever the delays.
    law : {"uniform", "binary"}, default="uniform"
        "uniform" draws inputs evenly from [-1, 1), "binary" draws 1 and -1 with equal
        probability.

    Returns
    -------
    sklearn.utils.Bunch
        data : float64 array of shape (n_steps, 1); target : float64 array of shape
        (n_steps, n_delays); delays : ndarray of int; DESCR : str. The first rows ask for
        inputs from before the series, which cannot be known: leave out (`washout`) as many
        rows as the longest delay has steps.

    Raises
    ------
    ValueError
        If an argument is not as described.

    See Also
    --------
    make_parity : The nonlinear companion.
    reservoir.capacity.memory_capacity : From states to the capacity.

    Examples
    --------
    >>> from reservoir.datasets import make_memory
    >>> recall = make_memory(500, delays=[1, 3], random_state=0)
    >>> bool((recall.target[3:, 1] == recall.data[:-3, 0]).all())
    True
    """
    check_count("n_steps", n_steps)
    listed = check_delays(delays)
    check_choice("law", law, ("uniform", "binary"))
    return _bunch(MEMORY_DESCRIPTION, n_steps, listed, random_state, law, _earlier)


def make_parity(
    n_steps: int, delays: Iterable[int] = range(1, 12), random_state: RandomState = None
) -> Bunch:
    """Parity: of the inputs up to every delay, is an even number negative?

    Parameters
    ----------
    n_steps : int
    delays : sequence of int, default=range(1, 12)
        In steps. Delay 0, the input itself, is included only if it is listed.
    random_state : None, int, numpy RandomState or Generator, default=None

    Returns
    -------
    sklearn.utils.Bunch
        The fields of `make_memory`; data and target hold 1 and -1.

    Raises
    ------
    ValueError
        If an argument is not as described.

    See Also
    --------
    make_memory : The linear companion.
    reservoir.capacity.parity_capacity : From states to the capacity.

    Notes
    -----
    With bits b = 0, 1 and s = 1 - 2 b the product of the inputs is 1 where the sum of the
    bits is even: (b(t) + ... + b(t-d)) mod 2 in another notation.

    Examples
    --------
    >>> from reservoir.datasets import make_parity
    >>> parity = make_parity(500, delays=[2], random_state=0)
    >>> s = parity.data[:, 0]
    >>> bool((parity.target[2:, 0] == s[2:] * s[1:-1] * s[:-2]).all())
    True
    """
    check_count("n_steps", n_steps)
    listed = check_delays(delays)
    return _bunch(PARITY_DESCRIPTION, n_steps, listed, random_state, "binary", _product)


def _earlier(inputs: NDArray[np.float64], delay: int) -> NDArray[np.float64]:
    """The input `delay` steps before each of the last steps."""
    return inputs[: len(inputs) - delay]


def _product(inputs: NDArray[np.float64], delay: int) -> NDArray[np.float64]:
    """Product of each of the last inputs and the `delay` inputs before it."""
    # The product of the first inputs is 1 or -1, and so its own inverse.
    upto = np.concatenate([[1.0], np.cumprod(inputs)])
    product: NDArray[np.float64] = upto[delay + 1 :] * upto[: len(inputs) - delay]
    return product


def _bunch(
    description: str,
    n_steps: int,
    delays: Sequence[int],
    random_state: RandomState,
    law: str,
    target: Callable[[NDArray[np.float64], int], NDArray[np.float64]],
) -> Bunch:
    """Random inputs, and a column of targets for every delay.

    The inputs before the series that the longest delay asks for are drawn as well.
    """
    generator = generator_of(random_state)

    def draw(n_inputs: int) -> NDArray[np.float64]:
        if law == "uniform":
            return generator.uniform(-1.0, 1.0, n_inputs)
        return generator.choice([-1.0, 1.0], n_inputs)

    data = draw(n_steps)
    inputs = np.concatenate([draw(max(delays)), data])
    return Bunch(
        data=data[:, np.newaxis],
        target=np.stack([target(inputs, delay)[-n_steps:] for delay in delays], axis=1),
        delays=np.array(delays),
        DESCR=description.format(
            n_steps=n_steps,
            law=law,
            delays=", ".join(map(str, delays)),
            zero="included" if 0 in delays else "not included",
        ),
    )
