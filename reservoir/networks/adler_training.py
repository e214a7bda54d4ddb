"""Train projections and a linear readout together on Adler's formula.

For more than two sources a map of the network has too many dimensions. Far from other tones
an oscillator follows a tone of detuning u, in units of the half-width of locking, with the
coherence of Adler's equation

    h(u) = 1 for |u| <= 1,    |u| - sqrt(u^2 - 1) beyond,

and is locked to it for |u| <= 1 (R. Adler, Proc. IRE 34, 351 (1946)). Both are smoothed here,
so that they have slopes; the network itself gives the features of the final readout.
"""

import numpy as np
from scipy.optimize import minimize

ROUNDING = 0.25  # eps^2 of sqrt(x) ~ sqrt((x + sqrt(x^2 + eps^2)) / 2)
BORDER = 0.5  # width of the smoothed edge of locking, in u^2
READOUT_PENALTY = 1e-2
PROJECTION_PENALTY = 1e-3
N_SCREENING, N_ITERATIONS = 25, 150
FILL = 0.3  # rms of the first projections, as a share of the band of the oscillators


def coherence(u):
    """Smoothed h(u) and its slope."""
    x = u * u - 1
    root = np.sqrt(x * x + ROUNDING)
    s = np.sqrt((x + root) / 2)
    ds = u * (1 + x / root) / (2 * s)
    c = np.sqrt(1 + s * s)
    return c - s, (s / c - 1) * ds


def locking(u):
    """Smoothed indicator of |u| <= 1 and its slope."""
    p = 1 / (1 + np.exp(np.clip((u * u - 1) / BORDER, -40, 40)))
    return p, -2 * u / BORDER * p * (1 - p)


def train_projections(points, classes, centers, n_sources, n_starts, generator, initial=None):
    """Projections with which a linear readout of the oscillators tells classes apart.

    Minimises the cross-entropy of a softmax over coherences and lock states of all
    oscillators and sources, over projections and readout together (L-BFGS).

    Parameters
    ----------
    points : ndarray of shape (n_samples, n_directions)
        Whitened features.
    classes : ndarray of int of shape (n_samples,)
    centers : ndarray of shape (n_oscillators,)
        Natural frequencies, in units of the half-width of locking.
    n_sources : int
    n_starts : int
        Random projections to start from.
    generator : numpy.random.Generator
    initial : ndarray of shape (n_sources, n_directions + 1), default=None
        Weights to try as well.

    Returns
    -------
    weights : ndarray of shape (n_sources, n_directions + 1)
    curve : ndarray of shape (n_starts,)
        Share of the tokens that the softmax gets right, the best start so far.
    """
    design = np.column_stack([points, np.ones(len(points))])
    truth = np.eye(classes.max() + 1)[classes]
    starts = [_random_weights(points, centers, n_sources, generator) for _ in range(n_starts)]
    if initial is not None:
        starts.append(initial)
    best, curve = None, []
    for weights in starts:
        readout = 0.01 * generator.standard_normal(
            (2 * n_sources * len(centers) + 1, truth.shape[1])
        )
        start = np.concatenate([weights.ravel(), readout.ravel()])
        result = _minimise(start, design, truth, centers, n_sources, N_SCREENING)
        if best is None or result.fun < best.fun:
            best = result
            right = _predict(best.x, design, truth, centers, n_sources) == classes
        curve.append(right.mean())
    best = _minimise(best.x, design, truth, centers, n_sources, N_ITERATIONS)
    right = _predict(best.x, design, truth, centers, n_sources) == classes
    n_weights = n_sources * design.shape[1]
    return best.x[:n_weights].reshape(n_sources, -1), np.array([*curve, right.mean()])


def _random_weights(points, centers, n_sources, generator):
    """Projections on random orthogonal directions that fill the band."""
    n_directions = points.shape[1]
    rows = []
    while len(rows) < n_sources:
        rotation, _ = np.linalg.qr(generator.standard_normal((n_directions, n_directions)))
        rows.extend(rotation)
    V = np.array(rows[:n_sources])
    V *= FILL * max(np.ptp(centers), 1.0) / (points @ V.T).std(axis=0)[:, None]
    return np.column_stack([V, centers.mean() - V @ points.mean(axis=0)])


def _minimise(start, design, truth, centers, n_sources, n_iterations):
    return minimize(
        _loss,
        start,
        args=(design, truth, centers, n_sources),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": n_iterations},
    )


def _split(flat, design, truth, n_sources):
    n_weights = n_sources * design.shape[1]
    return (
        flat[:n_weights].reshape(n_sources, -1),
        flat[n_weights:].reshape(-1, truth.shape[1]),
    )


def _features(weights, design, centers):
    u = (design @ weights.T)[:, :, None] - centers
    (h, dh), (g, dg) = coherence(u), locking(u)
    flat = (len(design), -1)
    return np.concatenate([h.reshape(flat), g.reshape(flat)], axis=1), dh, dg


def _predict(flat, design, truth, centers, n_sources):
    weights, readout = _split(flat, design, truth, n_sources)
    features, _, _ = _features(weights, design, centers)
    return (features @ readout[:-1] + readout[-1]).argmax(axis=1)


def _loss(flat, design, truth, centers, n_sources):
    """Cross-entropy with penalties, and its slope over projections and readout."""
    n = len(design)
    weights, readout = _split(flat, design, truth, n_sources)
    features, dh, dg = _features(weights, design, centers)
    z = features @ readout[:-1] + readout[-1]
    z -= z.max(axis=1, keepdims=True)
    logarithm = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -(truth * logarithm).sum() / n
    loss += READOUT_PENALTY / 2 * (readout[:-1] ** 2).sum()
    loss += PROJECTION_PENALTY / 2 * (weights[:, :-1] ** 2).sum()

    slope = (np.exp(logarithm) - truth) / n
    readout_slope = np.vstack([features.T @ slope, slope.sum(axis=0)])
    readout_slope[:-1] += READOUT_PENALTY * readout[:-1]
    back = slope @ readout[:-1].T
    half = back.shape[1] // 2
    du = back[:, :half].reshape(dh.shape) * dh + back[:, half:].reshape(dg.shape) * dg
    weights_slope = du.sum(axis=2).T @ design
    weights_slope[:, :-1] += PROJECTION_PENALTY * weights[:, :-1]
    return loss, np.concatenate([weights_slope.ravel(), readout_slope.ravel()])
