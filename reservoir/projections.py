"""Which frequencies should the sources have for a token? Linear combinations, learned.

The features are first whitened (unit covariance within classes) and reduced to the
directions that tell classes apart. From there f = V z + b, one row of V for each source.
What an oscillator network does depends on the frequencies alone, so V and b can be trained
on a map of the network, measured once (two sources), or on Adler's formula for one
oscillator and one tone (any number of sources); the network itself judges the result.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.optimize import minimize
from sklearn.covariance import ledoit_wolf


@dataclass(frozen=True)
class Whitening:
    """Affine map to coordinates in which every class has about unit covariance.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
    directions : ndarray of shape (n_features, n_directions)
    """

    mean: np.ndarray
    directions: np.ndarray

    def __call__(self, X):
        """Coordinates of shape (n_samples, n_directions)."""
        return (X - self.mean) @ self.directions


def fit_whitening(X, classes):
    """Whiten within classes (Ledoit-Wolf), keep what separates the class means.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    classes : ndarray of int of shape (n_samples,)

    Returns
    -------
    Whitening
        With min(n_classes - 1, n_features) directions.
    """
    n_classes = classes.max() + 1
    mean = X.mean(axis=0)
    scale = X.std(axis=0)
    scale[scale <= 1e-12 * (1 + np.abs(mean))] = 1.0
    Z = (X - mean) / scale
    centers = np.array([Z[classes == k].mean(axis=0) for k in range(n_classes)])
    within = Z - centers[classes]
    if not np.abs(within).max() > 1e-9:
        within = Z  # one sample a class, or copies of it
    covariance, _ = ledoit_wolf(within, assume_centered=True)
    values, vectors = np.linalg.eigh(covariance)
    whiten = vectors / np.sqrt(np.maximum(values, 1e-6 * max(values[-1], 1e-12)))
    weights = np.sqrt(np.bincount(classes) / len(classes))
    _, _, rows = np.linalg.svd((centers * weights[:, None]) @ whiten, full_matrices=False)
    n_directions = min(n_classes - 1, X.shape[1])
    signs = np.sign(
        rows[:n_directions][
            np.arange(n_directions), np.abs(rows[:n_directions]).argmax(axis=1)
        ]
    )
    directions = whiten @ (rows[:n_directions] * signs[:, None]).T
    return Whitening(mean, directions / scale[:, None])


def augment(points, classes, n_copies, generator):
    """Join to the tokens `n_copies` times as many, drawn around the class means.

    In whitened coordinates a class has about unit covariance, so unit normal numbers stand
    for speakers that were not heard.
    """
    n_classes = classes.max() + 1
    centers = np.array([points[classes == k].mean(axis=0) for k in range(n_classes)])
    drawn = np.tile(classes, n_copies)
    copies = centers[drawn] + generator.standard_normal((len(drawn), points.shape[1]))
    return np.concatenate([points, copies]), np.concatenate([classes, drawn])


@dataclass(frozen=True)
class PatternMap:
    """Patterns of a network over the plane of two source frequencies.

    Attributes
    ----------
    low, step : float
        First grid frequency and spacing in Hz, the same on both axes.
    patterns : ndarray of int of shape (n_patterns, n_oscillators)
        Locked source of every oscillator, or -1; the widest regions first.
    labels : ndarray of int of shape (n_grid, n_grid)
        Row of `patterns`, or -1 for patterns too narrow to aim at.
    centers : ndarray of shape (n_patterns, 2)
        Grid point farthest from the border of each region, in Hz.
    radii : ndarray of shape (n_patterns,)
        Its distance from the border, in Hz.
    """

    low: float
    step: float
    patterns: np.ndarray
    labels: np.ndarray
    centers: np.ndarray
    radii: np.ndarray


def pattern_map(locked, low, step, narrowest):
    """Find the regions of a synchronisation map.

    Parameters
    ----------
    locked : ndarray of int of shape (n_grid, n_grid, n_oscillators)
    low, step : float
    narrowest : float
        Regions with a smaller inscribed radius are left out, in Hz.

    Returns
    -------
    PatternMap
    """
    patterns, labels = np.unique(
        locked.reshape(-1, locked.shape[2]), axis=0, return_inverse=True
    )
    labels = labels.reshape(locked.shape[:2])
    radii, centers = [], []
    for row in range(len(patterns)):
        inside = np.pad(labels == row, 1)
        depth = ndimage.distance_transform_edt(inside)[1:-1, 1:-1]
        radii.append(depth.max() * step)
        centers.append(np.unravel_index(depth.argmax(), depth.shape))
    radii = np.array(radii)
    order = np.argsort(-radii, kind="stable")
    order = order[radii[order] >= narrowest]
    renamed = np.full(len(patterns), -1)
    renamed[order] = np.arange(len(order))
    return PatternMap(
        low,
        step,
        patterns[order],
        renamed[labels],
        low + step * np.array(centers, dtype=float).reshape(-1, 2)[order],
        radii[order],
    )


class MapTraining:
    """Fit V and b so that every class falls into a region of its own.

    Minimises the mean of -log(P(f) + softness), where P is the smoothed indicator of the
    region assigned to a token's class, over V and b (L-BFGS), from many assignments.

    Parameters
    ----------
    regions : PatternMap
    points : ndarray of shape (n_samples, n_directions)
    classes : ndarray of int of shape (n_samples,)
    """

    RIDGE = 0.3
    STAGES = ((2.0e6, 0.1, 40), (0.8e6, 0.3, 40))  # smoothing in Hz, softness, iterations

    def __init__(self, regions, points, classes):
        self.regions = regions
        self.points = points
        self.classes = classes
        self.n_classes = classes.max() + 1
        self.design = np.column_stack([points, np.ones(len(points))])
        self.smoothed = {}

    def _smoothed(self, stage, pattern):
        """Smoothed indicator of a region and its slopes, flat, with a margin."""
        key = (stage, pattern)
        if key not in self.smoothed:
            width = self.STAGES[stage][0] / self.regions.step
            inside = (self.regions.labels == pattern).astype(float)
            self.smoothed[key] = np.stack(
                [
                    ndimage.gaussian_filter(inside, width, order=order).ravel()
                    for order in ((0, 0), (1, 0), (0, 1))
                ],
                axis=-1,
            )
        return self.smoothed[key]

    def assignments(self, n_starts, generator):
        """Assignments of classes to regions that short projections can reach.

        Exact projections of the class means to region centres t cost |V|^2 = t^T H t, the
        variance of every class around its centre; it is compared with the regions' radii.
        Random assignments are improved by the best swap until none helps.
        """
        n_regions = len(self.regions.radii)
        centers = np.array(
            [self.points[self.classes == k].mean(axis=0) for k in range(self.n_classes)]
        )
        centered = centers - centers.mean(axis=0)
        H = np.linalg.inv(centered @ centered.T + self.RIDGE * np.eye(self.n_classes))
        C = np.eye(self.n_classes) - 1 / self.n_classes
        H = C @ H @ C
        radii = self.regions.radii

        def cost(chosen):
            t = self.regions.centers[chosen]
            spread = np.einsum("ki,kl,li->i", t, H, t)
            return (spread.sum() / radii[chosen] ** 2).mean()

        found = {}
        for _ in range(n_starts):
            chosen = generator.permutation(n_regions)[: self.n_classes]
            best = cost(chosen)
            while True:
                trials = []
                for k in range(self.n_classes):
                    for region in range(n_regions):
                        trial = chosen.copy()
                        other = np.flatnonzero(trial == region)
                        if other.size:
                            trial[other[0]] = trial[k]
                        trial[k] = region
                        trials.append(trial)
                costs = self._costs(np.array(trials), H)
                if not costs.min() < best - 1e-12:
                    break
                best, chosen = costs.min(), trials[int(costs.argmin())]
            found[tuple(chosen)] = best
        return sorted(found, key=found.get)

    def _costs(self, trials, H):
        t = self.regions.centers[trials]
        spread = np.einsum("aki,kl,ali->a", t, H, t)
        return (spread[:, None] / self.regions.radii[trials] ** 2).mean(axis=1)

    def start(self, assignment):
        """Ridge from the class means to the centres of their regions."""
        centers = np.array(
            [self.points[self.classes == k].mean(axis=0) for k in range(self.n_classes)]
        )
        mean = centers.mean(axis=0)
        target = self.regions.centers[list(assignment)]
        gram = (centers - mean).T @ (centers - mean) + self.RIDGE * np.eye(centers.shape[1])
        V = np.linalg.solve(gram, (centers - mean).T @ (target - target.mean(axis=0))).T
        return np.column_stack([V, target.mean(axis=0) - V @ mean])

    def refine(self, weights, assignment):
        """L-BFGS from a start; returns weights (2, n_directions + 1) and the last loss."""
        unit = 1e6
        loss = np.inf
        for stage, (_, softness, n_iterations) in enumerate(self.STAGES):
            tables = np.stack([self._smoothed(stage, pattern) for pattern in assignment])

            def objective(flat, tables=tables, softness=softness):
                return self._loss(flat.reshape(2, -1) * unit, tables, softness, unit)

            result = minimize(
                objective,
                (weights / unit).ravel(),
                jac=True,
                method="L-BFGS-B",
                options={"maxiter": n_iterations},
            )
            weights, loss = result.x.reshape(2, -1) * unit, result.fun
        return weights, loss

    def _loss(self, weights, tables, softness, unit):
        """Loss and its slope over weights in units of `unit`; bilinear in the tables."""
        n_grid = len(self.regions.labels)
        place = (self.design @ weights.T - self.regions.low) / self.regions.step
        inside = np.clip(place, 0, n_grid - 1.000001)
        corner = inside.astype(np.intp)
        part = inside - corner
        value = 0.0
        for dx in (0, 1):
            for dy in (0, 1):
                share = (part[:, 0] if dx else 1 - part[:, 0]) * (
                    part[:, 1] if dy else 1 - part[:, 1]
                )
                index = (corner[:, 0] + dx) * n_grid + corner[:, 1] + dy
                value = value + share[:, None] * tables[self.classes, index]
        probability = value[:, 0] + softness
        slope = -value[:, 1:] / probability[:, None] / len(place)
        # Beyond the map: a gentle pull back.
        outside = place - inside
        loss = -np.log(probability).mean() + 1e-3 * (outside**2).sum(axis=1).mean()
        slope = slope + 2e-3 * outside / len(place)
        return loss, ((slope.T @ self.design) * unit / self.regions.step).ravel()
