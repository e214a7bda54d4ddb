"""Sine or square? Random periods of both, to be told apart at every sample."""

import numpy as np

from .arguments import RandomState, check_count, check_real, generator_of
from .bunch import Bunch

DESCRIPTION = """Sine and square: {n_periods} periods of {n_samples} samples, phase {phase}

Every period is a sine or a square wave, drawn with equal probability; both have amplitude
1 and begin to rise at the start of the period. Sample k of a period is taken at
(k + {phase}) / {n_samples} of it. The target says of every sample whether it belongs to a
sine (0) or a square (1).

The sampling phase decides how hard this is. With 8 samples and phase 0 the sine passes
through 1 and -1, the values of the square: a method that sees one sample u only can be right
in at most 14 of 16 (87.5 %). With phase 0.5 no value is shared, and u and u^2 suffice.
"""


def make_sine_square(
    n_periods: int,
    phase: float = 0.0,
    random_state: RandomState = None,
    *,
    n_samples: int = 8,
) -> Bunch:
    """Random sequence of sine and square periods, labelled at every sample.

    It is the task of Torrejon et al. 2017 [1]_ and Riou et al. 2017 [2]_.

    Parameters
    ----------
    n_periods : int
        Periods, one after the other.
    phase : float, default=0.0
        Place of the samples between their grid points, in units of the sampling interval,
        from 0 to below 1. It decides whether the task needs memory: see ``DESCR``.
    random_state : None, int, numpy RandomState or Generator, default=None
        The same seed gives the same sequence.
    n_samples : int, default=8
        Samples in a period.

    Returns
    -------
    sklearn.utils.Bunch
        data : float64 array of shape (n_periods * n_samples, 1), in [-1, 1];
        target : ndarray of int, 0 (sine) or 1 (square), for every sample;
        periods : ndarray of int, number of the period of every sample; DESCR : str.

    Raises
    ------
    ValueError
        If an argument is not as described.

    References
    ----------
    .. [1] J. Torrejon et al., Nature 547, 428 (2017).
    .. [2] M. Riou et al., IEDM (2017), doi 10.1109/IEDM.2017.8268505.

    Examples
    --------
    >>> from reservoir.datasets import make_sine_square
    >>> waves = make_sine_square(2, random_state=1)
    >>> waves.data[:8, 0].round(2).tolist()
    [0.0, 0.71, 1.0, 0.71, 0.0, -0.71, -1.0, -0.71]
    >>> waves.data[8:, 0].tolist()
    [1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0]
    >>> waves.target.tolist()
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]
    """
    check_count("n_periods", n_periods)
    check_count("n_samples", n_samples, lowest=2)
    check_real("phase", phase, 0, 1)
    if phase == 1:
        raise ValueError(
            "phase is 1; it must be below 1 (a phase of 1 is phase 0 of the next sample)."
        )
    time = (np.arange(n_samples) + phase) / n_samples
    # Rounded, so that the sine is zero, not 1e-16, where the period is halved.
    sine = np.sin(2 * np.pi * time).round(15) + 0.0
    square = np.where(time < 0.5, 1.0, -1.0)
    is_square = generator_of(random_state).integers(2, size=n_periods)
    data = np.where(is_square[:, np.newaxis], square, sine)
    return Bunch(
        data=data.reshape(-1, 1),
        target=np.repeat(is_square, n_samples),
        periods=np.repeat(np.arange(n_periods), n_samples),
        DESCR=DESCRIPTION.format(n_periods=n_periods, n_samples=n_samples, phase=phase),
    )
