"""Several coupled oscillators under a masked drive: who are they, who hears whom?"""

import math
from dataclasses import dataclass

import numpy as np

from reservoir.couplings import check_coupling, spread_phases
from reservoir.masks import sparse


@dataclass(frozen=True)
class Ensemble:
    """Identical oscillators up to their frequencies, coupled to each other.

    Attributes
    ----------
    coupling : ndarray of complex of shape (n_oscillators, n_oscillators)
        K_ij of dc_i/dt = ... + sum_j K_ij c_j, in 1/s; nothing on the diagonal.
    detuning : ndarray of shape (n_oscillators,)
        Angular frequencies less their mean, in rad/s.
    n_drives : int
        Masked drives: 1, which all share, or one for each.
    """

    coupling: np.ndarray
    detuning: np.ndarray
    n_drives: int = 1

    def __post_init__(self):
        """Check that the shapes agree: the kernels do not."""
        n = len(self.detuning)
        if self.n_drives not in (1, n):
            raise ValueError(
                f"The ensemble has {self.n_drives} drives for {n} oscillators; it must have "
                "1, or one for each."
            )
        if np.shape(self.coupling) != (n, n) or n < 1:
            raise ValueError(
                f"The ensemble has {n} detunings and a coupling of shape "
                f"{np.shape(self.coupling)}; it must be ({n}, {n})."
            )

    def __len__(self):
        """How many oscillators."""
        return len(self.detuning)

    @property
    def coupled(self):
        """Whether anybody hears anybody."""
        return bool(self.coupling.any())

    def beginning(self, power):
        """Amplitudes at the start of a sequence, all of one power, in spread phases."""
        return math.sqrt(power) * spread_phases(len(self))

    def exchange(self):
        """What coupling and detuning change: the matrix K - i D, in 1/s."""
        return self.coupling - 1j * np.diag(self.detuning)

    def n_parts(self, oscillator, hold_time, lowest, highest, finest):
        """Into how many parts a hold is cut, so that a step follows each of them.

        Parameters
        ----------
        oscillator : device
        hold_time : float
            In s.
        lowest, highest : float
            Range of currents, in A.
        finest : float
            What the fastest rate, in 1/s, times a part may be.

        Returns
        -------
        int
        """
        exchange = np.abs(self.exchange()).sum(axis=1).max()
        gain = max(np.linalg.eigvals(self.coupling).real.max(), 0.0)
        power = (oscillator.growth_rate(highest) / 2 + gain) / (
            oscillator.saturation_rate(highest) / 2
        )
        growth = max(abs(oscillator.growth_rate(end)) / 2 for end in (lowest, highest)) + gain
        turn = 2 * np.pi * abs(oscillator.nonlinear_frequency_shift) * power
        return max(math.ceil((growth + turn + exchange) * hold_time / finest), 1)


def make_ensemble(owner):
    """The ensemble that an estimator's parameters stand for.

    They are `n_oscillators`, `coupling`, `detuning` and `own_masks`.

    Parameters
    ----------
    owner : estimator
        With a checked `n_oscillators`.

    Returns
    -------
    Ensemble

    Raises
    ------
    ValueError
        If the coupling or the detuning has another shape, or is not finite, or couples an
        oscillator to itself.
    """
    n, name = owner.n_oscillators, type(owner).__name__
    coupling = check_coupling(f"{name}.coupling", owner.coupling, n)
    if isinstance(coupling, complex):
        coupling = coupling * (1 - np.eye(n))
    elif sparse.issparse(coupling):
        coupling = coupling.toarray()
    detuning = _frequencies(f"{name}.detuning", owner.detuning)
    if detuning.ndim == 0 and np.isfinite(detuning):
        detuning = detuning * (np.arange(n) - (n - 1) / 2)
    if detuning.shape != (n,) or not np.isfinite(detuning).all():
        raise ValueError(
            f"{name}.detuning is {owner.detuning!r}; it must be a finite distance between "
            f"neighbours in Hz, or {n} finite frequencies, one for each oscillator."
        )
    n_drives = n if owner.own_masks else 1
    return Ensemble(coupling, 2 * np.pi * (detuning - detuning.mean()), n_drives)


def _frequencies(name, value):
    try:
        return np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r:.60}; it must hold numbers.") from None
