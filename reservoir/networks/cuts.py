"""Into which two groups do oscillators on a graph fall when a pump allows two phases only?

A cut divides the nodes of a graph into two groups. Its value is the sum of the weights of the
edges between the groups. In a network whose oscillators repel each other along the edges,
neighbours take opposite phases as far as they can. A pump at twice the frequency then lets
each oscillator keep one of two opposite phases, and these are the groups.
"""

import copy
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from reservoir._checks import Integer, Real, check_value
from reservoir._randomness import generator_of
from reservoir._types import Array, Complexes, Floats, Integers, RandomState
from reservoir.couplings import graph_coupling, graph_weights
from reservoir.devices import SpinTorqueOscillator
from reservoir.networks.network import OscillatorNetwork

MAX_STEP = 4e-9  # s
MAX_COUPLED_PER_STEP = 0.5  # what the couplings of one oscillator add up to in a step
STRENGTH, PUMPING = 9e6, 2.7e6  # 1/s; chosen in studies/maximum_cut.py


@dataclass(frozen=True)
class Cut:
    """The best cut of all starts and stages, and how every start came to its own.

    Attributes
    ----------
    groups : ndarray of int of shape (n_nodes,)
        The group of each node, 0 or 1. Node 0 is in group 0.
    value : float
        Sum of the weights of the edges between the groups.
    history : ndarray of shape (n_starts, n_stages)
        Value of the cut of every start at the end of every stage.
    phases : ndarray of shape (n_starts, n_stages, n_nodes)
        Phases of the oscillators against half of the pump, in rad, at the same instants.

    Examples
    --------
    >>> from reservoir.networks import maximum_cut
    >>> triangle = [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    >>> maximum_cut(triangle, random_state=0).value              # two of three edges
    2.0
    """

    groups: Integers
    value: float
    history: Floats
    phases: Floats


def cut_network(
    adjacency: Any,
    oscillator: SpinTorqueOscillator | str | None = None,
    *,
    bias: float = 2.0,
    strength: float = STRENGTH,
    coupling_phase: float | None = None,
    pumping: float = PUMPING,
) -> OscillatorNetwork:
    r"""A network whose oscillators repel each other along the edges of a graph.

    .. math:: K_{ij} = -K e^{i\beta} w_{ij} / \bar w

    A neighbour changes the power of an oscillator, and so its frequency. This turns the force
    between two phases by arctan nu, with the nonlinear frequency shift nu: it becomes
    :math:`\sin(\phi_j - \phi_i + \beta - \arctan \nu)`. At the phase :math:`\beta = \arctan
    \nu` the force is the gradient of an energy, which is lowest at the maximum cut.

    Parameters
    ----------
    adjacency : matrix of shape (n_nodes, n_nodes)
        Weights w_ij of the edges, dense or sparse, symmetric; 0 where there is no edge.
    oscillator : SpinTorqueOscillator, preset name or None, default=None
        As in `OscillatorNetwork`.
    bias : float, default=2.0
        Current of every oscillator, in units of the threshold current; above 1.
    strength : float, default=9e6
        K in 1/s: the root of the sum of the squared couplings that a node feels.
    coupling_phase : float, default=None
        beta in rad. None stands for arctan nu of the oscillator at its bias.
    pumping : float, default=2.7e6
        Strength of the pump, in 1/s.

    Returns
    -------
    OscillatorNetwork
        All its oscillators have the frequency of the device. `set_params` gives them others,
        or noise: ``set_params(linewidth=1e5)``.

    Raises
    ------
    ValueError
        If the matrix is no symmetric matrix of finite numbers with an empty diagonal, or a
        parameter is not as described.

    Examples
    --------
    >>> from reservoir.networks import cut_network
    >>> cut_network([[0, 1], [1, 0]], pumping=2e6).pumping_half_width()  # Hz
    679206.2...
    """
    check_value("strength", strength, Real(at_least=0, what="rate in 1/s"))
    if coupling_phase is not None:
        check_value("coupling_phase", coupling_phase, Real(what="phase in rad"))
    weights = graph_weights(adjacency)
    network = OscillatorNetwork(oscillator, weights.shape[0], bias=bias, pumping=pumping)
    tuning = network._tuning()
    device, current = tuning.device, tuning.bias_current
    beta = math.atan(device.nonlinear_shift(current))
    beta = beta if coupling_phase is None else float(coupling_phase)
    coupling = graph_coupling(weights, -float(strength) * np.exp(1j * beta))
    most = abs(coupling).sum(axis=1).max()
    network.set_params(
        frequencies=np.full(len(tuning), float(device.stationary_frequency(current))),
        coupling=coupling,
        step=min(MAX_STEP, MAX_COUPLED_PER_STEP / most) if most else MAX_STEP,
    )
    return network


def maximum_cut(
    adjacency: Any,
    network: OscillatorNetwork | None = None,
    *,
    n_starts: int = 16,
    duration: float = 4e-6,
    n_stages: int = 8,
    random_state: RandomState = None,
) -> Cut:
    """Search for the division of a graph that cuts edges of the largest total weight.

    The oscillators start at their power at rest with random phases. In every stage the pump
    is stronger: it grows in equal parts to `network.pumping` in the last one. At the end of a
    stage, the oscillators whose phases lie on one side of a common line are a group. The
    line stands across the mean of the phases modulo half a turn.

    Nothing says whether the best cut found is the best there is. A search from more starts
    takes as much longer, in the machine as in this simulation.

    Parameters
    ----------
    adjacency : matrix of shape (n_nodes, n_nodes)
        Weights of the edges, dense or sparse, symmetric; 0 where there is no edge. A graph of
        networkx has it as ``networkx.to_scipy_sparse_array(graph)``.
    network : OscillatorNetwork, default=None
        The machine, with one oscillator for each node. None stands for
        `cut_network(adjacency)`, in which all oscillators are alike and without noise.
    n_starts : int, default=16
        The best cut of so many starts is the answer, at whichever stage it was seen.
    duration : float, default=4e-6
        Time of one start, in s.
    n_stages : int, default=8
        Into how many equal parts the time is divided.
    random_state : None, int, RandomState or Generator, default=None
        Seed of the phases at the start. The seed of the noise is that of the network.

    Returns
    -------
    Cut

    Raises
    ------
    ValueError
        If the matrix is no symmetric matrix of finite numbers with an empty diagonal, the
        network has another size or a `pumping_frequency`, the duration holds less than a step
        of the network for each stage, or a parameter is not as described.
    TypeError
        If the network is no `OscillatorNetwork`.
    SimulationError
        If an amplitude changes too fast for the step of the network.

    References
    ----------
    .. [1] D. I. Albertsson et al., Appl. Phys. Lett. 118, 112404 (2021): spin-torque
       oscillators with a source at twice their frequency.
    .. [2] T. Wang and J. Roychowdhury, arXiv:1709.08102 (2017): oscillators in general.

    Examples
    --------
    >>> from reservoir.networks import maximum_cut
    >>> square = [[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
    >>> cut = maximum_cut(square, random_state=0)
    >>> cut.groups, cut.value
    (array([0, 1, 0, 1]), 4.0)
    """
    check_value("n_starts", n_starts, Integer(1))
    check_value("n_stages", n_stages, Integer(1))
    check_value("duration", duration, Real(above=0, what="time in s"))
    weights = graph_weights(adjacency)
    network = cut_network(weights) if network is None else network
    _check_machine(network, weights.shape[0])
    n_steps = round(float(duration) / int(n_stages) / float(network.step))
    if n_steps < 1:
        raise ValueError(
            f"duration is {duration:.3g} s, too short for {n_stages} stages of at least one "
            f"step of {network.step:.3g} s; lengthen it, or take fewer stages."
        )
    amplitude = _random_phases(network, int(n_starts), random_state)
    phases, sides = [], []
    for number in range(1, int(n_stages) + 1):
        pumped = copy.copy(network)
        pumped.pumping = float(network.pumping) * number / int(n_stages)
        _, record, _ = pumped.simulate(
            duration=n_steps * float(network.step), steps_per_record=n_steps, start=amplitude
        )
        amplitude = record[:, -1]
        phases.append(np.angle(amplitude))
        sides.append(_sides(amplitude))
    values = np.stack([_values(weights, each) for each in sides], axis=1)
    # Of equal cuts the one of the last stage, where the groups are farthest apart.
    stage, start = np.unravel_index(values.T[::-1].argmax(), values.T.shape)
    best = sides[::-1][stage][start]
    return Cut(
        groups=(best != best[0]).astype(int),
        value=float(values.max()),
        history=values,
        phases=np.stack(phases, axis=1),
    )


def _check_machine(network: OscillatorNetwork, n_nodes: int) -> None:
    """Refuse a network of another size, or with a frequency of the pump of its own."""
    if not isinstance(network, OscillatorNetwork):
        raise TypeError(
            f"network is of type {type(network).__name__}; it must be an OscillatorNetwork, "
            "such as cut_network(adjacency) makes, or None."
        )
    network.natural_frequencies()  # It refuses parameters that are not as described.
    if network.n_oscillators != n_nodes:
        raise ValueError(
            f"network has {network.n_oscillators} oscillators and the graph has {n_nodes} "
            "nodes; each node needs one: give cut_network(adjacency)."
        )
    if network.pumping_frequency is not None:
        raise ValueError(
            f"OscillatorNetwork.pumping_frequency is {network.pumping_frequency!r}; for a "
            "cut the pump has twice the mean natural frequency: leave it None."
        )


def _random_phases(
    network: OscillatorNetwork, n_starts: int, random_state: RandomState
) -> Complexes:
    """Amplitudes at rest, with phases drawn from the whole circle."""
    tuning = network._tuning()
    power = tuning.device.stationary_power(network._currents(tuning))
    turns = generator_of(random_state).random((n_starts, len(tuning)))
    amplitude: Complexes = np.sqrt(power) * np.exp(2j * np.pi * turns)
    return amplitude


def _sides(amplitude: Complexes) -> Array:
    """On which side of the line across the common axis each phase lies, as +1 and -1."""
    axis = np.sqrt((amplitude**2).sum(axis=1, keepdims=True))
    return np.where((amplitude * axis.conj()).real >= 0, 1, -1)


def _values(weights: Any, sides: Array) -> Floats:
    """Value of the cut of every row of sides."""
    alike = np.einsum("ij,ji->i", sides, weights @ sides.T)
    values: Floats = (weights.sum() - alike) / 4
    return values
