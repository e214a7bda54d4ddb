r"""What do two settled states say about couplings and frequencies?

Equilibrium propagation (Scellier and Bengio, Front. Comput. Neurosci. 11, 24, 2017) lets the
physics compute the slopes of a loss. Oscillators that have an energy E settle. They settle
again while the outputs are nudged: an injection of strength beta pulls each toward its
target, which adds beta L to the energy. The slope of L with a parameter is then

.. math:: \frac{dL}{d\theta} = \frac{1}{2\beta} \left(
    \frac{\partial E}{\partial\theta}\Big|_{+\beta} -
    \frac{\partial E}{\partial\theta}\Big|_{-\beta} \right) + O(\beta^2)

For a coupling dE/dk is -Re(z_i^* z_j), the cosine of the phase between two oscillators. For a
frequency it is the phase itself, negative. So only phases are read, and the power of
oscillators that have an amplitude.

`implicit_slopes` gives the exact slopes of the settled state instead, for any oscillators, by
the implicit function theorem. It is what the two states are compared with.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from reservoir._types import Array, Complexes, Floats
from reservoir.networks.circuit import Circuit

MAX_ITERATIONS = 40
PRECISION = 1e-13  # of the force at rest, in units of the fastest rate of the circuit ...
ROUNDING = 2e-15  # ... or, where they relax much faster, in units of the oscillators' own
STRIDE = 0.5  # rad, or parts of the amplitude, by which a free step moves at most


class CoupledOscillators(Protocol):
    """What `settle` and the slopes ask of oscillators."""

    @property
    def fastest(self) -> float:
        """The fastest rate of an oscillator alone, in 1/s."""

    def flow(self, circuit: Circuit, z: Complexes, push: Complexes) -> Complexes:
        """A state nearer to rest."""

    def force(self, circuit: Circuit, z: Complexes, push: Complexes) -> Floats:
        """Rates of the coordinates."""

    def jacobian(self, circuit: Circuit, z: Complexes, push: Complexes) -> Floats:
        """Slopes of the rates with the coordinates."""

    def moved(self, z: Complexes, steps: Floats) -> Complexes:
        """The state after the coordinates moved."""

    def loss_slopes(self, z: Complexes, targets: Complexes) -> Floats:
        """Slopes of the loss with the coordinates."""

    def lead(self, first: Complexes, second: Complexes) -> Floats:
        """How far one state is ahead of another, as far as frequencies move it."""

    def parameter_slopes(
        self, circuit: Circuit, z: Complexes, adjoint: Floats
    ) -> tuple[Floats, Floats]:
        """Adjoint times the slopes of the rates with couplings and frequencies."""


@dataclass(frozen=True)
class Settled:
    """Where oscillators came to rest.

    Attributes
    ----------
    z : ndarray of complex of shape (n_inputs, n_free)
    at_rest : ndarray of bool of shape (n_inputs,)
        Whether they did. Oscillators that find no common frequency do not.
    """

    z: Complexes
    at_rest: Array


@dataclass(frozen=True)
class Slopes:
    """Slopes of the loss under every input.

    Attributes
    ----------
    couplings : ndarray of shape (n_inputs, n_free, n_free + n_held)
        With k_ij, which is k_ji where both are free; in s.
    frequencies : ndarray of shape (n_inputs, n_free)
        In s/rad.
    at_rest : ndarray of bool of shape (n_inputs,)
        Whether all states were at rest. Slopes of others have no meaning.
    """

    couplings: Floats
    frequencies: Floats
    at_rest: Array


def loss(z: Complexes, targets: Complexes) -> Floats:
    """Sum over the outputs of 1 - cos(phase - target), weighted with the amplitude.

    Parameters
    ----------
    z : ndarray of complex of shape (n_inputs, n_free)
    targets : ndarray of complex of shape (n_inputs, n_free)
        exp(i target) for outputs, 0 for the others.

    Returns
    -------
    ndarray of shape (n_inputs,)
    """
    losses: Floats = (np.abs(targets) - (targets.conj() * z).real).sum(axis=1)
    return losses


def settle(
    oscillators: CoupledOscillators,
    circuit: Circuit,
    start: Complexes | None = None,
    push: Complexes | None = None,
) -> Settled:
    """Let the oscillators come to rest.

    The oscillators flow first. Implicit Euler steps (I/h - J) s = F, whose length h grows as
    the force F falls, then follow the flow and end as Newton's iteration.

    Parameters
    ----------
    oscillators : PhaseOscillators or AutoOscillators
    circuit : Circuit
    start : ndarray of complex of shape (n_inputs, n_free), default=None
        None stands for all oscillators in phase with a reference of phase 0.
    push : ndarray of complex of the same shape, default=None
        Injections, in 1/s. None stands for none.

    Returns
    -------
    Settled

    Raises
    ------
    ValueError
        If the circuit's couplings are not the same both ways, or are no finite numbers.
    """
    circuit.check()
    shape = (len(circuit), circuit.n_free)
    z = np.ones(shape, complex) if start is None else start
    nudged = push is not None
    push = np.zeros(shape, complex) if push is None else push
    z = oscillators.flow(circuit, z, push).copy()
    precision = max(
        PRECISION * max(circuit.fastest, np.abs(push).max(initial=0.0)),
        ROUNDING * oscillators.fastest,
    )
    moving = np.arange(len(z))
    for _ in range(MAX_ITERATIONS):
        here, state, pushed = circuit.under(moving), z[moving], push[moving]
        force = oscillators.force(here, state, pushed)
        size = np.abs(force).max(axis=1)
        still = size > precision
        if not still.any():
            break
        moving, force, size = moving[still], force[still], size[still]
        here, state, pushed = here.under(still), state[still], pushed[still]
        damped = -oscillators.jacobian(here, state, pushed)
        diagonal = np.arange(damped.shape[1])
        damped[:, diagonal, diagonal] += (size / STRIDE)[:, None]
        steps = _solved(damped, force)
        steps /= np.maximum(np.abs(steps).max(axis=1, keepdims=True), 1.0)
        z[moving] = oscillators.moved(state, steps)
    at_rest = np.abs(oscillators.force(circuit, z, push)).max(axis=1) <= precision
    if not nudged:  # a weak nudge leaves a stable state stable
        at_rest &= _stable(oscillators.jacobian(circuit, z, push))
    return Settled(z, at_rest)


def _stable(jacobians: Floats) -> Array:
    """Whether every deviation decays; it does if the symmetric part is negative."""
    symmetric: Array = jacobians + jacobians.transpose(0, 2, 1)
    stable: Array = np.linalg.eigvalsh(symmetric)[:, -1] < 0
    doubtful = jacobians[~stable]
    stable[~stable] = np.linalg.eigvals(doubtful).real.max(axis=1, initial=-np.inf) < 0
    return stable


def _solved(matrices: Floats, right: Floats) -> Floats:
    solved: Array = np.linalg.solve(matrices, right[:, :, None])[:, :, 0]
    return solved


def two_state_slopes(
    oscillators: CoupledOscillators,
    circuit: Circuit,
    free: Settled,
    targets: Complexes,
    nudge: float,
) -> Slopes:
    """Slopes of the loss from two settled states, nudged to the targets and away from them.

    Parameters
    ----------
    oscillators : PhaseOscillators or AutoOscillators
    circuit : Circuit
    free : Settled
        What `settle` gives without a nudge; both nudged states start there.
    targets : ndarray of complex of shape (n_inputs, n_free)
        exp(i target) for outputs, 0 for the others.
    nudge : float
        beta, the strength of the injection, in 1/s.

    Returns
    -------
    Slopes
    """
    rested = np.flatnonzero(free.at_rest)
    at_rest = np.zeros(len(free.z), bool)
    frequencies = np.zeros(free.z.shape)
    couplings = np.zeros((len(free.z), *circuit.couplings.shape[1:]))
    if not rested.size:
        return Slopes(couplings, frequencies, at_rest)
    here, start, push = circuit.under(rested), free.z[rested], nudge * targets[rested]
    toward = settle(oscillators, here, start, push)
    away = settle(oscillators, here, start, -push)
    at_rest[rested] = toward.at_rest & away.at_rest
    frequencies[rested] = oscillators.lead(away.z, toward.z) / (2 * nudge)
    moved = _alignments(here, away.z) - _alignments(here, toward.z)
    couplings[rested] = moved / (2 * nudge)
    return Slopes(couplings, frequencies, at_rest)


def _alignments(circuit: Circuit, z: Complexes) -> Floats:
    """Re(z_i^* z_j), the cosine of the phase between two oscillators."""
    alignments: Floats = (z.conj()[:, :, None] * circuit.all_of(z)[:, None, :]).real
    return alignments


def implicit_slopes(
    oscillators: CoupledOscillators, circuit: Circuit, free: Settled, targets: Complexes
) -> Slopes:
    """Exact slopes of the loss of the settled state, by the implicit function theorem.

    Parameters
    ----------
    oscillators : PhaseOscillators or AutoOscillators
    circuit : Circuit
    free : Settled
        What `settle` gives without a nudge.
    targets : ndarray of complex of shape (n_inputs, n_free)

    Returns
    -------
    Slopes
    """
    n_free = circuit.n_free
    transposed = oscillators.jacobian(circuit, free.z, np.zeros_like(free.z)).transpose(
        0, 2, 1
    )
    adjoint = _solved(-transposed, oscillators.loss_slopes(free.z, targets))
    couplings, frequencies = oscillators.parameter_slopes(circuit, free.z, adjoint)
    among = couplings[:, :, :n_free]
    couplings[:, :, :n_free] = among + among.transpose(0, 2, 1)
    return Slopes(couplings, frequencies, free.at_rest)
