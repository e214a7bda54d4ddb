"""Coupled oscillators whose amplitude is fixed: what moves their phases?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reservoir._checks import Real, Rule, check_parameters
from reservoir._types import Complexes, Floats
from reservoir.networks.circuit import Circuit


@dataclass(frozen=True)
class PhaseOscillators:
    r"""Phases that pull each other, turned by the nonlinear frequency shift.

    .. math:: \dot\varphi_i = \omega_i + \sum_j k_{ij}
        \sin(\varphi_j - \varphi_i + \arctan\nu - \beta)

    This is the limit of weak coupling of `AutoOscillators`. At a phase beta = arctan(nu) of
    the coupling the flow goes down an energy [1]_; at another phase there is none, because
    the pull of two oscillators on each other is not the same both ways (Kuramoto and
    Sakaguchi [2]_).

    Parameters
    ----------
    nonlinear_shift : float, default=0.0
        nu, without unit.
    coupling_phase : float, default=0.0
        beta, in rad, of all couplings and injections alike.

    Raises
    ------
    ValueError
        If a parameter is not finite.

    References
    ----------
    .. [1] A. Slavin and V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009).
    .. [2] H. Sakaguchi and Y. Kuramoto, Prog. Theor. Phys. 76, 576 (1986).
    """

    nonlinear_shift: float = 0.0
    coupling_phase: float = 0.0

    fastest: ClassVar[float] = 0.0  # rate of an oscillator alone, which only turns
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "nonlinear_shift": Real(),
        "coupling_phase": Real(what="phase in rad"),
    }

    def __post_init__(self) -> None:
        """Refuse parameters that the equation does not allow."""
        check_parameters(self, self._parameter_ranges)

    @property
    def turn(self) -> complex:
        """exp(i (arctan(nu) - beta)), by which the pull is turned."""
        return complex(np.exp(1j * (np.arctan(self.nonlinear_shift) - self.coupling_phase)))

    def flow(self, circuit: Circuit, z: Complexes, push: Complexes) -> Complexes:
        """Phases from which `settle` looks for the state at rest: those that it is given."""
        return z

    def force(self, circuit: Circuit, z: Complexes, push: Complexes) -> Floats:
        """Rates of the phases, of shape (n_inputs, n_free), in rad/s."""
        force: Floats = (
            circuit.frequencies + (self.turn * circuit.pull(z, push) * z.conj()).imag
        )
        return force

    def jacobian(self, circuit: Circuit, z: Complexes, push: Complexes) -> Floats:
        """Slopes of the rates, of shape (n_inputs, n_free, n_free), in 1/s."""
        n_free = circuit.n_free
        turned = self.turn * z.conj()
        slopes: Floats = (
            circuit.couplings[:, :, :n_free] * (turned[:, :, None] * z[:, None, :]).real
        )
        diagonal = np.arange(n_free)
        slopes[:, diagonal, diagonal] = -(turned * circuit.pull(z, push)).real
        return slopes

    def moved(self, z: Complexes, steps: Floats) -> Complexes:
        """The oscillators after their phases moved by `steps`, in rad."""
        turned: Complexes = z * np.exp(1j * steps)
        return turned

    def lead(self, first: Complexes, second: Complexes) -> Floats:
        """Phases of a state less those of another, in rad."""
        return np.angle(first * second.conj())

    def loss_slopes(self, z: Complexes, targets: Complexes) -> Floats:
        """Slopes of `loss` with the phases."""
        slopes: Floats = -(targets.conj() * 1j * z).real
        return slopes

    def parameter_slopes(
        self, circuit: Circuit, z: Complexes, adjoint: Floats
    ) -> tuple[Floats, Floats]:
        """What an adjoint state says of couplings and frequencies.

        Parameters
        ----------
        circuit : Circuit
        z : ndarray of complex of shape (n_inputs, n_free)
            At rest.
        adjoint : ndarray of shape (n_inputs, n_free)

        Returns
        -------
        couplings : ndarray of shape (n_inputs, n_free, n_free + n_held)
            Adjoint times the slope of the force with each entry on its own.
        frequencies : ndarray of shape (n_inputs, n_free)
        """
        turned = adjoint * self.turn * z.conj()
        couplings: Floats = (turned[:, :, None] * circuit.all_of(z)[:, None, :]).imag
        return couplings, adjoint
