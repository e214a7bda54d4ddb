"""Which frequencies should sources and oscillators have? Trained by the slopes of a formula.

`train_projections` trains the projections of features to frequencies of the sources, for
oscillators that stay where they are. `train_together` tunes the oscillators as well, and may
learn how they are coupled.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from reservoir._types import Complexes, Floats, Integers
from reservoir.networks.adler_training import AdlerTraining, Trained

N_SCREENING, N_ITERATIONS = 25, 150  # iterations for every start, and for the best
INITIAL_SPREAD = 0.3  # rms of the first projections, as a share of the oscillators' band
# For oscillators that are tuned: the half band of a source, in standard deviations of its
# projection, and the penalties. That of the readout falls with the numbers that it sees.
HALF_BAND = 2.2
MARGIN = 1.0  # half-widths of locking by which a band exceeds its oscillators
READOUT_PENALTY = 0.3
PROJECTION_PENALTY = 1e-4


@dataclass(frozen=True)
class Bank:
    """Oscillators to start from, and what of them may be changed.

    Attributes
    ----------
    centers : ndarray of shape (n_oscillators,)
        Natural frequencies, in units of the half-width of locking.
    limits : ndarray of shape (n_oscillators, 2)
        Between which frequencies each oscillator can be tuned, in the same unit.
    couplings : ndarray of complex of shape (n_oscillators, n_oscillators), default=None
        As in `relayed_locking`. None stands for none, which stay so.
    coupling_limit : float, default=0.0
        Largest real and imaginary part of a coupling that is learned. 0 stands for couplings
        that stay as they are.
    """

    centers: Floats
    limits: Floats
    couplings: Complexes | None = None
    coupling_limit: float = 0.0


def train_projections(
    points: Floats,
    classes: Integers,
    centers: Floats,
    n_sources: int,
    n_starts: int,
    generator: np.random.Generator,
    initial: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Projections with which a linear readout of the oscillators tells classes apart.

    L-BFGS minimises the cross-entropy of a softmax over coherences and lock states of all
    oscillators and sources, over projections and readout together.

    Parameters
    ----------
    points : ndarray of shape (n_samples, n_directions)
        Whitened features.
    classes : ndarray of int of shape (n_samples,)
    centers : ndarray of shape (n_oscillators,)
        Natural frequencies, in units of the half-width of locking.
    n_sources : int
    n_starts : int
        Number of random projections to start from.
    generator : numpy.random.Generator
    initial : ndarray of shape (n_sources, n_directions + 1), default=None
        Weights to try as well.

    Returns
    -------
    weights : ndarray of shape (n_sources, n_directions + 1)
    curve : ndarray of shape (n_starts + 1,)
        Share of the tokens that the softmax gets right, for the best start so far, and at
        the end.
    """
    training = _training(points, classes, centers, n_sources)
    starts = [_random_weights(points, centers, n_sources, generator) for _ in range(n_starts)]
    if initial is not None:
        starts.append(initial)
    best, curve = _screened(training, starts, classes, generator)
    flat, _ = training.minimized(best, N_ITERATIONS)
    right = training.predict(flat) == classes
    return training.split(flat)[0], np.array([*curve, right.mean()])


def train_together(
    points: Floats,
    classes: Integers,
    bank: Bank,
    n_sources: int,
    n_starts: int,
    generator: np.random.Generator,
    initial: Floats | None = None,
) -> tuple[Trained, Floats]:
    """Projections, frequencies and couplings with which a readout tells classes apart.

    The first start gives each source a discriminant direction and a band of oscillators of
    its own, so that sources do not meet. The others take random directions.

    Parameters
    ----------
    points : ndarray of shape (n_samples, n_directions)
        Whitened features; the first directions separate the classes most.
    classes : ndarray of int of shape (n_samples,)
    bank : Bank
    n_sources : int
    n_starts : int
    generator : numpy.random.Generator
    initial : ndarray of shape (n_sources, n_directions + 1), default=None
        Weights to try as well.

    Returns
    -------
    trained : Trained
    curve : ndarray of shape (n_starts + 1,)
        Share of the tokens that the softmax gets right, for the best start so far, and at
        the end.
    """
    training = _training(
        points,
        classes,
        bank.centers,
        n_sources,
        limits=bank.limits,
        couplings=bank.couplings,
        coupling_limit=bank.coupling_limit,
        readout_penalty=READOUT_PENALTY / (2 * n_sources * len(bank.centers)),
        projection_penalty=PROJECTION_PENALTY,
    )
    starts = [
        _banded_weights(points, bank.centers, n_sources, generator if number else None)
        for number in range(n_starts)
    ]
    if initial is not None:
        starts.append(initial)
    best, curve = _screened(training, starts, classes, generator)
    flat, _ = training.minimized(best, N_ITERATIONS)
    right = training.predict(flat) == classes
    return training.split(flat), np.array([*curve, right.mean()])


def _training(
    points: Floats, classes: Integers, centers: Floats, n_sources: int, **changes: Any
) -> AdlerTraining:
    design = np.column_stack([points, np.ones(len(points))])
    truth = np.eye(classes.max() + 1)[classes]
    return AdlerTraining(design, truth, centers, n_sources, **changes)


def _screened(
    training: AdlerTraining,
    starts: list[Floats],
    classes: Integers,
    generator: np.random.Generator,
) -> tuple[Floats, list[float]]:
    """The best of all starts after some iterations, and the share right so far."""
    best, lowest, right = starts[0], np.inf, 0.0
    curve: list[float] = []
    for weights in starts:
        flat, loss = training.minimized(training.start(weights, generator), N_SCREENING)
        if not curve or loss < lowest:
            best, lowest = flat, loss
            right = (training.predict(best) == classes).mean()
        curve.append(right)
    return best, curve


def _random_directions(
    n_directions: int, n_sources: int, generator: np.random.Generator
) -> Floats:
    """Orthogonal directions, drawn anew where there are more sources than directions."""
    rows: list[Floats] = []
    while len(rows) < n_sources:
        rotation, _ = np.linalg.qr(generator.standard_normal((n_directions, n_directions)))
        rows.extend(rotation)
    return np.array(rows[:n_sources])


def _random_weights(
    points: Floats, centers: Floats, n_sources: int, generator: np.random.Generator
) -> Floats:
    """Projections on random orthogonal directions that fill the band."""
    V = _random_directions(points.shape[1], n_sources, generator)
    V *= INITIAL_SPREAD * max(np.ptp(centers), 1.0) / (points @ V.T).std(axis=0)[:, None]
    return np.column_stack([V, centers.mean() - V @ points.mean(axis=0)])


def _banded_weights(
    points: Floats,
    centers: Floats,
    n_sources: int,
    generator: np.random.Generator | None,
) -> Floats:
    """Projections that give each source a band of neighbouring oscillators of its own.

    Without a generator source s takes the direction s of the points.
    """
    n_directions = points.shape[1]
    if generator is None:
        V = np.eye(n_directions)[np.arange(n_sources) % n_directions]
    else:
        V = _random_directions(n_directions, n_sources, generator)
    ordered = np.sort(centers)
    if n_sources <= len(ordered):
        bands = np.array_split(ordered, n_sources)
    else:
        bands = [ordered[[source % len(ordered)]] for source in range(n_sources)]
    halves = np.array([np.ptp(band) / 2 + MARGIN for band in bands])
    middles = np.array([(band[0] + band[-1]) / 2 for band in bands])
    spread = (points @ V.T).std(axis=0)
    spread[spread == 0] = 1.0
    V = V * (halves / (HALF_BAND * spread))[:, None]
    return np.column_stack([V, middles - V @ points.mean(axis=0)])
