"""Which frequencies should more than two sources have for a token? Learned on a formula.

For more than two sources a map of the network has too many dimensions. Far from other tones
an oscillator follows a tone of detuning u, in units of the half-width of locking, with the
coherence of Adler's equation

    h(u) = 1 for |u| <= 1,    |u| - sqrt(u^2 - 1) beyond,

and is locked to it for |u| <= 1 (R. Adler, Proc. IRE 34, 351 (1946)). Both are smoothed here,
so that they have slopes. Projections of the features to frequencies are trained together with
a linear readout. The final readout uses the features of the network itself.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from reservoir._types import Floats, Integers

ROUNDING = 0.25  # eps^2 of sqrt(x) ~ sqrt((x + sqrt(x^2 + eps^2)) / 2)
BORDER_WIDTH = 0.5  # of the smoothed edge of locking, in u^2
READOUT_PENALTY = 1e-2
PROJECTION_PENALTY = 1e-3
N_SCREENING, N_ITERATIONS = 25, 150  # iterations for every start, and for the best
INITIAL_SPREAD = 0.3  # rms of the first projections, as a share of the oscillators' band


def coherence(u: Floats) -> tuple[Floats, Floats]:
    """Smoothed coherence h(u) and its slope, of the shape of u."""
    x = u * u - 1
    root = np.sqrt(x * x + ROUNDING)
    s = np.sqrt((x + root) / 2)
    ds = u * (1 + x / root) / (2 * s)
    c = np.sqrt(1 + s * s)
    return c - s, (s / c - 1) * ds


def locking(u: Floats) -> tuple[Floats, Floats]:
    """Smoothed indicator of |u| <= 1 and its slope, of the shape of u."""
    p = 1 / (1 + np.exp(np.clip((u * u - 1) / BORDER_WIDTH, -40, 40)))
    return p, -2 * u / BORDER_WIDTH * p * (1 - p)


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
    design = np.column_stack([points, np.ones(len(points))])
    truth = np.eye(classes.max() + 1)[classes]
    training = AdlerTraining(design, truth, centers, n_sources)
    starts = [_random_weights(points, centers, n_sources, generator) for _ in range(n_starts)]
    if initial is not None:
        starts.append(initial)
    best, lowest = starts[0], np.inf
    curve: list[float] = []
    for weights in starts:
        readout = 0.01 * generator.standard_normal(
            (2 * n_sources * len(centers) + 1, truth.shape[1])
        )
        start = np.concatenate([weights.ravel(), readout.ravel()])
        flat, loss = training.minimized(start, N_SCREENING)
        if not curve or loss < lowest:
            best, lowest = flat, loss
            right = training.predict(best) == classes
        curve.append(right.mean())
    flat, _ = training.minimized(best, N_ITERATIONS)
    right = training.predict(flat) == classes
    return training.split(flat)[0], np.array([*curve, right.mean()])


def _random_weights(
    points: Floats, centers: Floats, n_sources: int, generator: np.random.Generator
) -> Floats:
    """Projections on random orthogonal directions that fill the band."""
    n_directions = points.shape[1]
    rows: list[Floats] = []
    while len(rows) < n_sources:
        rotation, _ = np.linalg.qr(generator.standard_normal((n_directions, n_directions)))
        rows.extend(rotation)
    V = np.array(rows[:n_sources])
    V *= INITIAL_SPREAD * max(np.ptp(centers), 1.0) / (points @ V.T).std(axis=0)[:, None]
    return np.column_stack([V, centers.mean() - V @ points.mean(axis=0)])


@dataclass(frozen=True)
class AdlerTraining:
    """What the projections and the readout are fitted to.

    The parameters that are fitted stand in one flat array: the projections' weights of shape
    (n_sources, n_directions + 1), then the readout's of shape (2 n_sources n_oscillators + 1,
    n_classes).

    Attributes
    ----------
    design : ndarray of shape (n_samples, n_directions + 1)
        Whitened features and a column of ones.
    truth : ndarray of shape (n_samples, n_classes)
        1 for the class of each sample, else 0.
    centers : ndarray of shape (n_oscillators,)
        Natural frequencies, in units of the half-width of locking.
    n_sources : int
    """

    design: Floats
    truth: Floats
    centers: Floats
    n_sources: int

    def minimized(self, start: Floats, n_iterations: int) -> tuple[Floats, float]:
        """Parameters after so many iterations from a start, and their loss."""
        result = minimize(
            self.loss,
            start,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": n_iterations},
        )
        return result.x, result.fun

    def split(self, flat: Floats) -> tuple[Floats, Floats]:
        """Weights of the projections and of the readout."""
        n_weights = self.n_sources * self.design.shape[1]
        return (
            flat[:n_weights].reshape(self.n_sources, -1),
            flat[n_weights:].reshape(-1, self.truth.shape[1]),
        )

    def predict(self, flat: Floats) -> Integers:
        """Class of every sample."""
        weights, readout = self.split(flat)
        features, _, _ = self._features(weights)
        classes: Integers = (features @ readout[:-1] + readout[-1]).argmax(axis=1)
        return classes

    def loss(self, flat: Floats) -> tuple[float, Floats]:
        """Cross-entropy with penalties, and its slope over projections and readout."""
        n = len(self.design)
        weights, readout = self.split(flat)
        features, dh, dg = self._features(weights)
        z = features @ readout[:-1] + readout[-1]
        z -= z.max(axis=1, keepdims=True)
        logarithm = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        loss = -(self.truth * logarithm).sum() / n
        loss += READOUT_PENALTY / 2 * (readout[:-1] ** 2).sum()
        loss += PROJECTION_PENALTY / 2 * (weights[:, :-1] ** 2).sum()

        slope = (np.exp(logarithm) - self.truth) / n
        readout_slope = np.vstack([features.T @ slope, slope.sum(axis=0)])
        readout_slope[:-1] += READOUT_PENALTY * readout[:-1]
        back = slope @ readout[:-1].T
        half = back.shape[1] // 2
        du = back[:, :half].reshape(dh.shape) * dh + back[:, half:].reshape(dg.shape) * dg
        weights_slope = du.sum(axis=2).T @ self.design
        weights_slope[:, :-1] += PROJECTION_PENALTY * weights[:, :-1]
        return loss, np.concatenate([weights_slope.ravel(), readout_slope.ravel()])

    def _features(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """Coherences and lock states, and the slopes of both over the detuning."""
        u = (self.design @ weights.T)[:, :, None] - self.centers
        (h, dh), (g, dg) = coherence(u), locking(u)
        flat = (len(self.design), -1)
        return np.concatenate([h.reshape(flat), g.reshape(flat)], axis=1), dh, dg
