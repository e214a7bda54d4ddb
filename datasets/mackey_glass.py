"""The Mackey-Glass equation: a chaotic series from a delay, to be predicted."""

import numpy as np
from numpy.typing import NDArray

from .arguments import RandomState, check_count, check_real, generator_of
from .bunch import Bunch

DESCRIPTION = """Mackey-Glass series, {n_steps} steps, tau = {tau}

dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x(t),   x = {history:.6g} before t = 0

sampled every {interval}; the first {burn_in} units of time are left out. Row t holds x at t
and, as the target, x {horizon} samples later. Integrated by the classical Runge-Kutta
method of order four with steps of {step:.6g}; between steps the delayed value is read from
a cubic through the values and slopes at both ends, which keeps the order. For tau = 17 the
series is chaotic: a prediction far ahead depends on the last digits of the known values.

M. C. Mackey, L. Glass, Science 197, 287 (1977).
"""

GAIN, DECAY, POWER = 0.2, 0.1, 10


def make_mackey_glass(
    n_steps: int,
    tau: float = 17.0,
    random_state: RandomState = None,
    *,
    horizon: int = 1,
    interval: float = 1.0,
    n_substeps: int = 10,
    burn_in: float = 1000.0,
) -> Bunch:
    """Mackey-Glass series and its value some samples later.

    Time has no unit: the equation's constants fix it, see Notes.

    Parameters
    ----------
    n_steps : int
        Rows.
    tau : float, default=17.0
        Delay. The series is periodic for 4.53 < tau < 13.3 and chaotic for 17 and 30.
    random_state : None, int, numpy RandomState or Generator, default=None
        The constant history is drawn evenly from 1.1 to 1.3. Another history gives another
        piece of the series.
    horizon : int, default=1
        Samples from a row to its target (84 in the usual long-term task).
    interval : float, default=1.0
        Time between samples.
    n_substeps : int, default=10
        Integration steps from sample to sample.
    burn_in : float, default=1000.0
        Time before the first row.

    Returns
    -------
    sklearn.utils.Bunch
        data : float64 array of shape (n_steps, 1); target : float64 array of shape
        (n_steps,); DESCR : str.

    Raises
    ------
    ValueError
        If an argument is not as described, or tau is not a multiple of the step.

    Notes
    -----
    ``dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x(t)``, integrated by the classical
    Runge-Kutta method of order four with steps of ``interval / n_substeps``.

    References
    ----------
    .. [1] M. C. Mackey, L. Glass, Science 197, 287 (1977).
    .. [2] H. Jaeger, H. Haas, Science 304, 78 (2004).

    Examples
    --------
    >>> from reservoir.datasets import make_mackey_glass
    >>> series = make_mackey_glass(3000, random_state=0, horizon=84)
    >>> bool((series.target[:-84] == series.data[84:, 0]).all())
    True
    >>> float(series.data.mean().round(1)), float(series.data.std().round(1))
    (0.9, 0.2)
    """
    check_count("n_steps", n_steps)
    check_count("horizon", horizon)
    check_count("n_substeps", n_substeps)
    check_real("tau", tau, lowest=0)
    check_real("burn_in", burn_in, lowest=0)
    check_real("interval", interval, lowest=0)
    if not (tau and interval):
        raise ValueError(f"tau is {tau} and interval {interval}; both must be above 0.")
    step = interval / n_substeps
    n_delay = round(tau / step)
    if n_delay < 1 or abs(n_delay * step - tau) > 1e-9 * tau:
        raise ValueError(
            f"tau is {tau}; it must be a multiple of the step interval / n_substeps = "
            f"{step:.6g}. Change n_substeps."
        )
    history = generator_of(random_state).uniform(1.1, 1.3)
    first = round(burn_in / interval)
    n_values = first + n_steps + horizon
    values = integrate(history, n_delay, step, n_values * n_substeps)
    samples = values[::n_substeps][first:]
    return Bunch(
        data=samples[:n_steps, np.newaxis].copy(),
        target=samples[horizon : horizon + n_steps].copy(),
        DESCR=DESCRIPTION.format(
            n_steps=n_steps,
            tau=tau,
            history=history,
            interval=interval,
            burn_in=first * interval,
            horizon=horizon,
            step=step,
        ),
    )


def integrate(history: float, n_delay: int, step: float, n_steps: int) -> NDArray[np.float64]:
    """Values at t = 0, step, 2 step, ..., from a constant history.

    Over one delay all delayed values are known, so the equation is linear, dx/dt = g(t) -
    0.1 x, and a Runge-Kutta step is one affine map of x: a whole delay is one filter.

    Parameters
    ----------
    history : float
        x for t <= 0.
    n_delay : int
        Steps in a delay.
    step : float
        Length of a step, in units of the equation's time.
    n_steps : int

    Returns
    -------
    ndarray of shape (n_steps + 1,)
    """
    from scipy.signal import lfilter

    decay = DECAY * step
    growth = 1 - decay + decay**2 / 2 - decay**3 / 6 + decay**4 / 24
    # The weights that g has, after all four stages, at the start, in the middle and at the
    # end of a step.
    weights = (
        step
        / 6
        * np.array(
            [
                1 - decay + decay**2 / 2 - decay**3 / 4,
                4 - 2 * decay + decay**2 / 2,
                1.0,
            ]
        )
    )
    values = np.full(n_delay + 1, float(history))
    slopes = np.zeros(n_delay + 1)  # of the history; at t = 0 the slope jumps
    series = [values[-1:]]
    for _ in range(-(-n_steps // n_delay)):
        ends = _production(values)
        middles = (values[:-1] + values[1:]) / 2 + step / 8 * (slopes[:-1] - slopes[1:])
        forcing = np.stack([ends[:-1], _production(middles), ends[1:]])
        new, _ = lfilter([1.0], [1.0, -growth], weights @ forcing, zi=[growth * values[-1]])
        values = np.concatenate([values[-1:], new])
        slopes = ends - DECAY * values
        series.append(new)
    return np.concatenate(series)[: n_steps + 1]


def _production(delayed: NDArray[np.float64]) -> NDArray[np.float64]:
    production: NDArray[np.float64] = GAIN * delayed / (1 + delayed**POWER)
    return production
