"""When is an oscillator locked? The one definition, and the times it takes to tell.

A source pulls the phase of a weakly driven oscillator (R. Adler, Proc. IRE 34, 351, 1946):
with d the detuning and W the **pull**, both in rad/s, its phase relative to the source obeys

    dphase/dt = d - W sin(phase)

For d < W the phase comes to rest, and this is what "locked" means. For d > W it slips by one
turn after the other, each within 2 pi / sqrt(d^2 - W^2). Close to the edge a slip takes long:
31 / W at d = 1.02 W. So the phase is watched for `MEASURING` / W, in which it slips about
twice there, and an oscillator is locked if its phase makes less than one turn meanwhile.

In a shorter time there is no turn to be seen. Then the phase must move less by as much, so
that the mean drift of a locked phase is always below 2 pi W / `MEASURING`, a tenth of the
pull. A phase that nothing pulls (W = 0) is never locked, whatever its frequency.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from reservoir._types import Array, Floats, Integers
from reservoir.couplings import Links

SETTLING, MEASURING = 30.0, 60.0  # times to settle and to measure, over 1 / pull
SHORTEST = (1.5e-6, 3e-6)  # s to settle and to measure, however strong the pull
LONGEST = (0.5e-3, 1e-3)  # s, however weak
N_SIDE_BY_SIDE = 32  # detunings that are tried at a time, to find an edge


def times_for(pull: float) -> tuple[float, float]:
    """Times to settle and to measure, if nobody says.

    Parameters
    ----------
    pull : float
        Of a source, or of a coupling, in rad/s.

    Returns
    -------
    tuple of two floats
        In s.
    """
    wanted = np.divide((SETTLING, MEASURING), pull) if pull > 0 else np.array(SHORTEST)
    settling, measuring = np.clip(wanted, SHORTEST, LONGEST).tolist()
    return settling, measuring


def resolution(pull: float, time: float) -> float:
    """Mean drift of a phase, in rad/s, below which it is locked.

    Parameters
    ----------
    pull : float
        In rad/s.
    time : float
        Measuring time in s.

    Returns
    -------
    float
    """
    return 2 * np.pi * min(1 / time, pull / MEASURING)


def sources_followed(turn: Floats, tones: Floats, pull: float, time: float) -> Integers:
    """The source to which each oscillator is locked.

    Parameters
    ----------
    turn : ndarray of shape (n_inputs, n_oscillators)
        Mean angular frequencies while measuring, in rad/s.
    tones : ndarray of shape (n_inputs, n_sources)
        Angular frequencies of the sources, in rad/s.
    pull : float
        Of each source, in rad/s.
    time : float
        Measuring time in s.

    Returns
    -------
    ndarray of int of shape (n_inputs, n_oscillators)
        -1 where there is none.
    """
    if tones.shape[1] == 0:
        return np.full(turn.shape, -1)
    drift = np.abs(turn[:, :, None] - tones[:, None, :])
    locked = drift.min(axis=2) < resolution(pull, time)
    return np.where(locked, drift.argmin(axis=2), -1)


def farthest(is_locked: Callable[[Floats], Array], reach: float, width: float) -> float:
    """The edge of locking on one side, bisected: the farthest detuning before the first slip.

    Parameters
    ----------
    is_locked : callable
        Whether each of some detunings in Hz is locked.
    reach : float
        Where no oscillator is locked any more, in Hz; below 0 for the lower edge.
    width : float
        How closely the edge is found, in Hz.

    Returns
    -------
    float
        In Hz. 0 if not even the first of the detunings is locked.
    """
    inside, outside = 0.0, reach
    while abs(outside - inside) > width:
        detunings = np.linspace(inside, outside, N_SIDE_BY_SIDE + 2)
        slipping = np.append(~is_locked(detunings[1:-1]), True)
        first = int(slipping.argmax())
        inside, outside = detunings[first], detunings[first + 1]
    return float(inside)


def pull_of(links: Links, slope: float) -> float:
    """The pull of the pair of oscillators that is coupled most strongly, in rad/s.

    Parameters
    ----------
    links : Links
    slope : float
        nu, the dimensionless nonlinear frequency shift.

    Returns
    -------
    float
        The difference of two phases obeys Adler's equation with the pull
        sqrt(1 + nu^2) |K_ij exp(-i arctan nu) + conj(K_ji exp(-i arctan nu))|.
    """
    turned = (1 - 1j * slope) * links.strength
    ends = np.repeat(np.arange(len(links.first) - 1), np.diff(links.first)), links.source
    one_way = sparse.csr_array((turned, ends), shape=(len(links.first) - 1,) * 2)
    both_ways = np.abs((one_way + one_way.conj().T).data)
    for_all = 2 * abs(((1 - 1j * slope) * links.mean).real)
    return float(max(for_all, both_ways.max(initial=0.0)))


def groups_locked(turn: Floats, links: Links, drift: float) -> Integers:
    """Which oscillators are locked to each other.

    Parameters
    ----------
    turn : ndarray of shape (n_inputs, n_oscillators)
        Mean angular frequencies while measuring, in rad/s.
    links : Links
        Only oscillators that are coupled to each other lock directly.
    drift : float
        Below it the difference of two phases is locked, in rad/s.

    Returns
    -------
    ndarray of int of shape (n_inputs, n_oscillators)
        Equal numbers for oscillators that are locked, directly or through others; 0 for the
        group with the lowest frequency.
    """
    n_inputs, n_oscillators = turn.shape
    if links.mean:  # neighbours in frequency stand for all pairs
        order = np.argsort(turn, axis=1)
        one, other = order[:, :-1], order[:, 1:]
    else:
        feeling = np.repeat(np.arange(n_oscillators), np.diff(links.first))
        one, other = (np.tile(ends, (n_inputs, 1)) for ends in (feeling, links.source))
    rows = np.arange(n_inputs)[:, None]
    close = np.abs(turn[rows, one] - turn[rows, other]) < drift
    ends = tuple((rows * n_oscillators + end)[close] for end in (one, other))
    graph = sparse.coo_array((np.ones(close.sum()), ends), shape=(turn.size, turn.size))
    labels = connected_components(graph, directed=False)[1]
    lowest = np.full(turn.size, np.inf)
    np.minimum.at(lowest, labels, turn.ravel())
    labels, lowest = labels.reshape(turn.shape), lowest[labels].reshape(turn.shape)
    order = np.lexsort((labels, lowest), axis=1)
    breaks = np.diff(np.take_along_axis(labels, order, axis=1), axis=1) != 0
    ranks = np.pad(np.cumsum(breaks, axis=1), ((0, 0), (1, 0)))
    groups = np.empty_like(ranks)
    np.put_along_axis(groups, order, ranks, axis=1)
    return groups
