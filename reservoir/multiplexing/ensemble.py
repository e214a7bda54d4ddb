"""Several coupled oscillators under a masked drive: how many, and how are they coupled?"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from reservoir._checks import real_array
from reservoir._types import Complexes, Floats
from reservoir.couplings import check_coupling, spread_phases
from reservoir.devices import LogisticOscillator


@dataclass(frozen=True)
class Ensemble:
    """Identical oscillators up to their frequencies, coupled to each other.

    Attributes
    ----------
    coupling : ndarray of complex of shape (n_oscillators, n_oscillators)
        K_ij of dc_i/dt = ... + sum_j K_ij c_j, in 1/s. The diagonal is empty.
    detuning : ndarray of shape (n_oscillators,)
        Angular frequencies less their mean, in rad/s.
    n_drives : int
        Number of masked drives: 1 if all oscillators share it, else one for each.
    """

    coupling: Complexes
    detuning: Floats
    n_drives: int = 1

    def __post_init__(self) -> None:
        """Check that the shapes agree, because the kernels do not check them."""
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

    def __len__(self) -> int:
        """Number of oscillators."""
        return len(self.detuning)

    @property
    def coupled(self) -> bool:
        """Whether any oscillator hears another."""
        return bool(self.coupling.any())

    @property
    def alike(self) -> bool:
        """Whether every pair of several oscillators is coupled alike."""
        pairs = self.coupling[~np.eye(len(self), dtype=bool)]
        return bool(pairs.size and (pairs == pairs[0]).all())

    def beginning(self, power: float) -> Complexes:
        """Amplitudes at the start of a sequence: equal powers, spread phases."""
        start: Complexes = math.sqrt(power) * spread_phases(len(self))
        return start

    def exchange(self) -> Complexes:
        """What coupling and detuning change: the matrix K - i D, in 1/s."""
        matrix: Complexes = self.coupling - 1j * np.diag(self.detuning)
        return matrix

    def n_parts(
        self,
        oscillator: LogisticOscillator,
        hold_time: float,
        lowest: float,
        highest: float,
        max_change: float,
    ) -> int:
        """Number of equal steps in a hold, so many that a step follows every rate.

        Parameters
        ----------
        oscillator : LogisticOscillator
        hold_time : float
            In s.
        lowest, highest : float
            Range of currents, in A.
        max_change : float
            Largest product of the fastest rate and one step.

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
        n_parts = math.ceil((growth + turn + exchange) * hold_time / max_change)
        return int(max(n_parts, 1))


def make_ensemble(owner: Any) -> Ensemble:
    """The ensemble that an estimator's parameters stand for.

    The parameters are `n_oscillators`, `coupling`, `detuning` and `own_masks`.

    Parameters
    ----------
    owner : estimator
        Its `n_oscillators` has been checked.

    Returns
    -------
    Ensemble

    Raises
    ------
    ValueError
        If the coupling or the detuning has another shape, is not finite, or couples an
        oscillator to itself.
    """
    n, name = int(owner.n_oscillators), type(owner).__name__
    coupling = check_coupling(f"{name}.coupling", owner.coupling, n)
    if isinstance(coupling, complex):
        coupling = coupling * (1 - np.eye(n))
    elif sparse.issparse(coupling):
        coupling = coupling.toarray()
    detuning = real_array(f"{name}.detuning", owner.detuning).astype(float)
    if detuning.ndim == 0 and np.isfinite(detuning):
        detuning = detuning * (np.arange(n) - (n - 1) / 2)
    if detuning.shape != (n,) or not np.isfinite(detuning).all():
        raise ValueError(
            f"{name}.detuning is {owner.detuning!r}; it must be a finite distance between "
            f"neighbours in Hz, or {n} finite frequencies, one for each oscillator."
        )
    n_drives = n if owner.own_masks else 1
    return Ensemble(coupling, 2 * np.pi * (detuning - detuning.mean()), n_drives)
