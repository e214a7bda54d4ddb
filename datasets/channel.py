"""A nonlinear radio channel: which symbol was sent two steps ago?"""

import numpy as np

from .arguments import RandomState, check_count, check_real, generator_of
from .bunch import Bunch

DESCRIPTION = """Nonlinear channel equalisation, {n_steps} symbols, {snr} dB

Symbols d drawn evenly from -3, -1, 1, 3 are spread over ten steps, distorted, and noise is
added:

q(t) = 0.08 d(t+2) - 0.12 d(t+1) + d(t) + 0.18 d(t-1) - 0.1 d(t-2) + 0.091 d(t-3)
       - 0.05 d(t-4) + 0.04 d(t-5) + 0.03 d(t-6) + 0.01 d(t-7)
u(t) = q(t) + 0.036 q(t)^2 - 0.011 q(t)^3 + v(t)

v is white and Gaussian; the variance of the signal it is added to is {snr} dB above its own.
Row t holds u(t) and, as the target, d(t-2). Outputs are to be rounded to the nearest symbol
(reservoir.metrics.symbol_error_rate).

H. Jaeger, H. Haas, Science 304, 78 (2004).
"""

SYMBOLS = (-3, -1, 1, 3)
TAPS = (0.08, -0.12, 1.0, 0.18, -0.1, 0.091, -0.05, 0.04, 0.03, 0.01)  # d(t+2) to d(t-7)


def make_channel(n_steps: int, snr: float = 28.0, random_state: RandomState = None) -> Bunch:
    """Received signal of a nonlinear channel, and the symbols that were sent.

    Parameters
    ----------
    n_steps : int
        Rows.
    snr : float, default=28.0
        Ratio of the variances of signal and noise, in dB; numpy.inf stands for no noise.
    random_state : None, int, numpy RandomState or Generator, default=None
        The same seed gives the same symbols for every `snr`.

    Returns
    -------
    sklearn.utils.Bunch
        data : float64 array of shape (n_steps, 1), u(t); target : float64 array of shape
        (n_steps,), d(t-2); symbols : ndarray of the four symbols; DESCR : str.

    Raises
    ------
    ValueError
        If an argument is not as described.

    References
    ----------
    .. [1] H. Jaeger, H. Haas, Science 304, 78 (2004).

    Examples
    --------
    >>> from reservoir.datasets import make_channel
    >>> channel = make_channel(1000, snr=32, random_state=0)
    >>> channel.data.shape, sorted(set(channel.target.tolist()))
    ((1000, 1), [-3.0, -1.0, 1.0, 3.0])
    """
    check_count("n_steps", n_steps)
    if snr != np.inf:
        check_real("snr", snr)
    generator = generator_of(random_state)
    sent = generator.choice(np.array(SYMBOLS, dtype=float), n_steps + len(TAPS) - 1)
    spread = np.convolve(sent, TAPS, mode="valid")
    received = spread + 0.036 * spread**2 - 0.011 * spread**3
    noise = generator.standard_normal(n_steps) * 10 ** (-snr / 20) * received.std()
    return Bunch(
        data=(received + noise)[:, np.newaxis],
        target=sent[5 : 5 + n_steps],
        symbols=np.array(SYMBOLS),
        DESCR=DESCRIPTION.format(n_steps=n_steps, snr=snr),
    )
