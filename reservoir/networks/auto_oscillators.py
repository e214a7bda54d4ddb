"""Coupled auto-oscillators with an amplitude: what moves them?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reservoir._checks import Real, Rule, check_parameters
from reservoir._types import Complexes, Floats
from reservoir.couplings import Links
from reservoir.devices import SpinTorqueOscillator
from reservoir.exceptions import SimulationError
from reservoir.networks.circuit import Circuit
from reservoir.networks.integration import Run, integrate
from reservoir.networks.rates import Oscillators, Tones

CHANGE_PER_STEP = 0.5  # of the fastest rate in one step, in e-folds or rad
SETTLING = 12.0  # e-folds of the weakest pull that a run waits for
MAX_RATIO = 20.0  # of the strongest pull to the weakest that is waited for
MAX_STEPS = 200_000  # of a run; where it takes more, phases alone are right to about 1e-3


@dataclass(frozen=True)
class AutoOscillators:
    r"""Complex amplitudes of coupled auto-oscillators, in units of that at rest.

    .. math:: \dot z_i = i \omega_i z_i + \Gamma_p (1 - i\nu) (1 - |z_i|^2) z_i
        + \frac{e^{-i\beta}}{\sqrt{1 + \nu^2}} \sum_j k_{ij} z_j

    This is the equation of Slavin and Tiberkevich [1]_ for the conjugate amplitude, z = c^*,
    whose phase grows with time. A coupling k_ij is the rate at which it pulls a phase: the
    amplitude is coupled with k_ij over the factor sqrt(1 + nu^2) by which a nonlinear shift
    widens locking.

    At the phase beta = arctan(nu) the factor (1 - i nu) stands before the whole right side
    but the first term. Oscillators at the frequency of the reference then rest where an
    energy has its minimum, at any nu and any coupling. Those that are detuned follow an
    energy only as far as their amplitude stays at 1.

    The compiled core of `OscillatorNetwork` follows the equation until it rests. This takes
    longer, the faster the amplitudes relax against the couplings: couplings that are weaker
    by more than about three orders of magnitude are refused. `PhaseOscillators` are their
    limit.

    Parameters
    ----------
    relaxation_rate : float
        Gamma_p in 1/s: a small deviation of the power decays with 2 Gamma_p.
    nonlinear_shift : float, default=0.0
        nu, without unit.
    coupling_phase : float, default=0.0
        beta, in rad, of all couplings and injections alike.

    Raises
    ------
    ValueError
        If a parameter is not finite, or the relaxation rate is not above 0.

    References
    ----------
    .. [1] A. Slavin and V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009).

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.networks import AutoOscillators
    >>> device = SpinTorqueOscillator.from_preset("romera2018")
    >>> oscillators = AutoOscillators.from_device(device, 2 * device.threshold_current)
    >>> round(oscillators.relaxation_rate / 1e6, 3)              # in 1/us
    10.0
    """

    relaxation_rate: float
    nonlinear_shift: float = 0.0
    coupling_phase: float = 0.0

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "relaxation_rate": Real(above=0, what="rate in 1/s"),
        "nonlinear_shift": Real(),
        "coupling_phase": Real(what="phase in rad"),
    }

    def __post_init__(self) -> None:
        """Refuse parameters that the equation does not allow."""
        check_parameters(self, self._parameter_ranges)

    @classmethod
    def from_device(
        cls, device: SpinTorqueOscillator, current: float, coupling_phase: float | None = None
    ) -> Self:
        """The oscillators that a device makes at a current.

        Parameters
        ----------
        device : SpinTorqueOscillator
        current : float
            In A, above the threshold.
        coupling_phase : float, default=None
            In rad. None stands for arctan(nu), which cancels the nonlinear shift.
        """
        shift = float(device.nonlinear_shift(current))
        phase = float(np.arctan(shift)) if coupling_phase is None else coupling_phase
        return cls(float(device.growth_rate(current)) / 2, shift, phase)

    @property
    def factor(self) -> complex:
        """exp(-i beta)/sqrt(1 + nu^2), which stands before the couplings."""
        widening = np.sqrt(1 + self.nonlinear_shift**2)
        return complex(np.exp(-1j * self.coupling_phase) / widening)

    @property
    def relaxation(self) -> complex:
        """Gamma_p (1 - i nu), in 1/s."""
        return self.relaxation_rate * (1 - 1j * self.nonlinear_shift)

    @property
    def fastest(self) -> float:
        """The fastest rate of an oscillator alone, in 1/s: its power's, or its phase's."""
        return self.relaxation_rate * max(2.0, abs(self.nonlinear_shift))

    def flow(self, circuit: Circuit, z: Complexes, push: Complexes) -> Complexes:
        """Amplitudes after a run of the compiled core, which need not rest yet.

        The held oscillators, and one source for each injection, are oscillators that neither
        grow nor turn nor feel anybody.

        Parameters
        ----------
        circuit : Circuit
        z : ndarray of complex of shape (n_inputs, n_free)
            Before the run.
        push : ndarray of complex of shape (n_inputs, n_free)
            Injections, in 1/s.

        Returns
        -------
        ndarray of complex of shape (n_inputs, n_free)

        Raises
        ------
        SimulationError
            If the coupling is as fast as the amplitude relaxes, so that amplitudes run away,
            or so weak that a run takes more than 200 000 steps.
        """
        self._check(circuit)
        step = CHANGE_PER_STEP / max(self.fastest, circuit.fastest)
        run = Run(step, self._steps(circuit, step), 0, overlap=False)
        strength = float(np.abs(push).max(initial=0.0))
        nodes = [circuit.all_of(z), push / strength] if strength else [circuit.all_of(z)]
        start = np.concatenate(nodes, axis=1).conj()
        links = self._links(circuit, start.shape[1], strength)
        ended = integrate(
            self._oscillators(circuit, start), links, start, Tones(np.zeros((len(z), 0))), run
        )
        settled: Complexes = ended.amplitude[:, : circuit.n_free].conj()
        return settled

    def force(self, circuit: Circuit, z: Complexes, push: Complexes) -> Floats:
        """Rates of real and imaginary parts, of shape (n_inputs, 2 n_free), in 1/s."""
        rates = (
            (1j * circuit.frequencies + self.relaxation * (1 - np.abs(z) ** 2)) * z
        ) + self.factor * circuit.pull(z, push)
        return np.concatenate([rates.real, rates.imag], axis=1)

    def jacobian(self, circuit: Circuit, z: Complexes, push: Complexes) -> Floats:
        """Slopes of the rates, of shape (n_inputs, 2 n_free, 2 n_free), in 1/s."""
        n_free = circuit.n_free
        shape = (len(z), n_free, n_free)
        along = np.broadcast_to(self.factor * circuit.couplings[:, :, :n_free], shape).copy()
        conjugate = np.zeros(shape, complex)  # slopes with the conjugate of z
        diagonal = np.arange(n_free)
        along[:, diagonal, diagonal] += 1j * circuit.frequencies + self.relaxation * (
            1 - 2 * np.abs(z) ** 2
        )
        conjugate[:, diagonal, diagonal] = -self.relaxation * z**2
        both, apart = along + conjugate, along - conjugate
        rows = [
            np.concatenate([both.real, -apart.imag], axis=2),
            np.concatenate([both.imag, apart.real], axis=2),
        ]
        return np.concatenate(rows, axis=1)

    def moved(self, z: Complexes, steps: Floats) -> Complexes:
        """The oscillators after real and imaginary parts moved by `steps`."""
        moved: Complexes = z + _complex(steps)
        return moved

    def lead(self, first: Complexes, second: Complexes) -> Floats:
        r"""How far one state is ahead of another, as far as a frequency moves it.

        A frequency adds i omega z to the rates. With the factor exp(-i beta) of the coupling
        taken out of the equation, this is along i exp(i beta) z: it acts on the power p as
        well as on the phase. The lead is

        .. math:: p \,\Delta\varphi - \tan\beta\,\Delta p / 2
        """
        turned = np.abs(first * second) * np.angle(first * second.conj())
        grown = np.abs(first) ** 2 - np.abs(second) ** 2
        lead: Floats = turned - np.tan(self.coupling_phase) * grown / 2
        return lead

    def loss_slopes(self, z: Complexes, targets: Complexes) -> Floats:
        """Slopes of `loss` with real and imaginary parts."""
        return -np.concatenate([targets.real, targets.imag], axis=1)

    def parameter_slopes(
        self, circuit: Circuit, z: Complexes, adjoint: Floats
    ) -> tuple[Floats, Floats]:
        """What an adjoint state says of couplings and frequencies.

        Parameters
        ----------
        circuit : Circuit
        z : ndarray of complex of shape (n_inputs, n_free)
            At rest.
        adjoint : ndarray of shape (n_inputs, 2 n_free)

        Returns
        -------
        couplings : ndarray of shape (n_inputs, n_free, n_free + n_held)
            Adjoint times the slope of the force with each entry on its own.
        frequencies : ndarray of shape (n_inputs, n_free)
        """
        weights = _complex(adjoint).conj()
        couplings: Floats = (
            (self.factor * weights)[:, :, None] * circuit.all_of(z)[:, None, :]
        ).real
        frequencies: Floats = (weights * 1j * z).real
        return couplings, frequencies

    # ------------------------------------------------------------------ inside

    def _check(self, circuit: Circuit) -> None:
        """Refuse couplings that the core cannot follow or that may stop an oscillator."""
        if len(circuit.couplings) > 1:
            raise ValueError(
                f"couplings holds {len(circuit.couplings)} matrices; auto-oscillators are "
                "followed with one that all inputs share."
            )
        pulls = np.abs(self.factor) * np.abs(circuit.couplings[0]).sum(axis=1)
        if pulls.max() >= self.relaxation_rate:
            raise SimulationError(
                f"Oscillator {pulls.argmax()} is coupled with {pulls.max():.3g} 1/s in all, "
                f"as fast as it grows from zero ({self.relaxation_rate:.3g} 1/s), so its "
                "neighbours could stop it, and learning is unstable; weaken the couplings "
                "below that rate."
            )

    def _steps(self, circuit: Circuit, step: float) -> int:
        """How many steps the oscillators need to settle; too many are refused."""
        pulls = np.abs(circuit.couplings[0]).sum(axis=1)
        slowest = max(pulls.min(), pulls.max() / MAX_RATIO)
        n_steps = SETTLING / (slowest * step) if slowest else np.inf
        if n_steps > MAX_STEPS:
            raise SimulationError(
                f"The oscillators are pulled with {slowest:.3g} 1/s and need {n_steps:.1e} "
                f"steps of {step:.1e} s to settle, more than {MAX_STEPS}: the couplings are "
                f"weak against the relaxation_rate of {self.relaxation_rate:.3g} 1/s. Raise "
                "the couplings, or take PhaseOscillators, which are the limit of weak ones."
            )
        return int(n_steps)

    def _links(self, circuit: Circuit, n_nodes: int, strength: float) -> Links:
        """The couplings as the core reads them; sources of injections come last."""
        n_free, n_known = circuit.couplings.shape[1:]
        matrix = np.zeros((n_nodes, n_nodes), complex)
        matrix[:n_free, :n_known] = circuit.couplings[0]
        injected = np.arange(n_nodes - n_known)
        matrix[injected, n_known + injected] = strength
        return Links.from_coupling("couplings", matrix * self.factor.conjugate(), n_nodes)

    def _oscillators(self, circuit: Circuit, start: Complexes) -> Oscillators:
        """Rates of all oscillators; those that are held neither grow nor turn."""
        free = np.zeros(start.shape)
        free[:, : circuit.n_free] = 1.0
        turn = np.zeros(start.shape)
        turn[:, : circuit.n_free] = circuit.frequencies
        rate = self.relaxation_rate * free
        shift = self.nonlinear_shift * rate
        return Oscillators(rate, rate, free, turn, shift, np.zeros(start.shape))


def _complex(parts: Floats) -> Complexes:
    """Numbers whose real parts stand before their imaginary parts."""
    real, imaginary = np.split(parts, 2, axis=1)
    numbers: Complexes = real + 1j * imaginary
    return numbers
