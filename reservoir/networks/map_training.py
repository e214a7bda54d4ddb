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
from scipy.optimize import linear_sum_assignment, minimize


@dataclass(frozen=True)
class PatternMap:
    """Patterns of a network over the plane of two source frequencies.

    Attributes
    ----------
    low, step : float
        First grid frequency and spacing, the same on both axes, in any unit.
    patterns : ndarray of int of shape (n_patterns, n_oscillators)
        Locked source of every oscillator, or -1; the widest regions first.
    labels : ndarray of int of shape (n_grid, n_grid)
        Row of `patterns`, or -1 for patterns too narrow to aim at.
    centers : ndarray of shape (n_patterns, 2)
        Grid point farthest from the border of each region.
    radii : ndarray of shape (n_patterns,)
        Its distance from the border.
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
        Regions with a smaller inscribed radius are left out.

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
    """Fit V and b so that every class falls into regions of its own.

    Minimises the mean of -log(P(f) + softness), where P is the smoothed indicator of the
    regions that a token's class owns, over V and b (L-BFGS). Which class should own which
    region is the hard part: many assignments are tried.

    Parameters
    ----------
    regions : PatternMap
    points : ndarray of shape (n_samples, n_directions)
    classes : ndarray of int of shape (n_samples,)
    """

    RIDGES = (2.0, 7.0, 25.0, 80.0)  # how much longer projections cost, in `assignments`
    START_RIDGE = 7.0
    N_REFINED = 10
    # Smoothing in the unit of frequency, softness, iterations:
    SCREENING = (0.3, 0.1, 12)
    ALONE = ((0.3, 0.1, 30), (0.12, 0.3, 40))  # every class owns one region
    SHARED = ((0.3, 0.1, 30), (0.18, 0.1, 25), (0.12, 0.3, 25))  # all regions are owned

    def __init__(self, regions, points, classes):
        self.regions = regions
        self.points = points
        self.classes = classes
        self.n_classes = classes.max() + 1
        self.n_regions = len(regions.radii)
        self.design = np.column_stack([points, np.ones(len(points))])
        centers = np.array([points[classes == k].mean(axis=0) for k in range(self.n_classes)])
        self.mean = centers.mean(axis=0)
        self.centers = centers - self.mean
        self._smoothed = {}

    def train(self, n_starts, shared, generator, initial=None):
        """The best of many starts.

        Parameters
        ----------
        n_starts : int
            Assignments to try for each ridge.
        shared : bool
            Whether a class may own several regions: after a first fit with one each, every
            region goes to the class that has most tokens there.
        generator : numpy.random.Generator
        initial : ndarray of shape (2, n_directions + 1), default=None
            Weights to try as well.

        Returns
        -------
        weights : ndarray of shape (2, n_directions + 1)
        curve : ndarray of shape (n_refined,)
            Share of the tokens in regions of their class, the best fit so far.
        """
        candidates = []
        if initial is not None:
            candidates.append((-np.inf, self.owners(initial, shared), initial))
        for assignment in self.assignments(n_starts, generator):
            owners = np.full(self.n_regions + 1, -1)
            owners[assignment] = np.arange(self.n_classes)
            weights, loss = self._refine(self._start(assignment), owners, self.SCREENING)
            candidates.append((loss, owners, weights))
        candidates.sort(key=lambda candidate: candidate[0])
        best, curve = None, []
        for _, owners, weights in candidates[: self.N_REFINED]:
            for number, stage in enumerate(self.SHARED if shared else self.ALONE):
                if shared and number > 0:
                    owners = self.owners(weights, shared)
                weights, loss = self._refine(weights, owners, stage)
            if best is None or loss < best[0]:
                share = (owners[self.cells(weights)] == self.classes).mean()
                best = loss, weights, share
            curve.append(best[2])
        return best[1], np.array(curve)

    def cells(self, weights):
        """Region of every token, or -1."""
        place = (self.design @ weights.T - self.regions.low) / self.regions.step
        row, column = np.clip(np.rint(place), 0, len(self.regions.labels) - 1).astype(int).T
        return self.regions.labels[row, column]

    def owners(self, weights, shared):
        """Class of every region, or -1; the last entry is for no region."""
        counts = np.zeros((self.n_regions + 1, self.n_classes))
        np.add.at(counts, (self.cells(weights), self.classes), 1)
        owners = owners_of(counts, shared)
        owners[-1] = -1
        return owners

    def assignments(self, n_starts, generator):
        """Assignments of classes to regions that short projections can reach, best first.

        Exact projections of the class means to region centres t cost |V|^2 = t^T H t, the
        variance of every class around its centre; it is compared with the regions' radii.
        Random assignments are improved by the best swap until none helps.
        """
        ranks = {}
        contrast = np.eye(self.n_classes) - 1 / self.n_classes
        for ridge in self.RIDGES:
            gram = self.centers @ self.centers.T + ridge * np.eye(self.n_classes)
            cost = contrast @ np.linalg.inv(gram) @ contrast
            found = {}
            for _ in range(n_starts):
                chosen, value = self._descend(
                    generator.permutation(self.n_regions)[: self.n_classes], cost
                )
                found[tuple(chosen)] = value
            for rank, assignment in enumerate(sorted(found, key=found.get)):
                ranks[assignment] = min(rank, ranks.get(assignment, rank))
        return [list(assignment) for assignment in sorted(ranks, key=ranks.get)]

    def _descend(self, chosen, cost):
        """Move one class, or swap two, as long as that lowers the cost."""
        best = self._costs(chosen[None], cost)[0]
        rows = np.arange(self.n_classes * self.n_regions)
        moved, region = np.divmod(rows, self.n_regions)
        while True:
            holder = np.full(self.n_regions, -1)
            holder[chosen] = np.arange(self.n_classes)
            trials = np.tile(chosen, (len(rows), 1))
            taken = holder[region] >= 0
            trials[rows[taken], holder[region[taken]]] = chosen[moved[taken]]
            trials[rows, moved] = region
            costs = self._costs(trials, cost)
            if not costs.min() < best - 1e-12:
                return chosen, best
            best, chosen = costs.min(), trials[costs.argmin()]

    def _costs(self, trials, cost):
        targets = self.regions.centers[trials]
        spread = (targets * (cost @ targets)).sum(axis=(1, 2))
        return spread * (1 / self.regions.radii[trials] ** 2).mean(axis=1)

    def _start(self, assignment):
        """Ridge from the class means to the centres of their regions."""
        targets = self.regions.centers[assignment]
        mean = targets.mean(axis=0)
        gram = self.centers.T @ self.centers
        gram += self.START_RIDGE * np.eye(len(gram))
        V = np.linalg.solve(gram, self.centers.T @ (targets - mean)).T
        return np.column_stack([V, mean - V @ self.mean])

    def _refine(self, weights, owners, stage):
        """L-BFGS: weights and loss."""
        smoothing, softness, n_iterations = stage
        tables = np.stack(
            [self._table(smoothing, owners == k) for k in range(self.n_classes)]
        )
        result = minimize(
            lambda flat: self._loss(flat.reshape(2, -1), tables, softness),
            weights.ravel(),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": n_iterations},
        )
        return result.x.reshape(2, -1), result.fun

    def _table(self, smoothing, owned):
        """Smoothed indicator of the owned regions and its two slopes on the grid."""
        key = (smoothing, tuple(np.flatnonzero(owned)))
        if key not in self._smoothed:
            inside = owned[self.regions.labels].astype(float)
            self._smoothed[key] = np.stack(
                [
                    ndimage.gaussian_filter(
                        inside, smoothing / self.regions.step, order=order, truncate=3.0
                    ).ravel()
                    for order in ((0, 0), (1, 0), (0, 1))
                ],
                axis=-1,
            )
        return self._smoothed[key]

    def _loss(self, weights, tables, softness):
        """Loss and its slope over the weights; bilinear between grid points."""
        n_grid = len(self.regions.labels)
        place = (self.design @ weights.T - self.regions.low) / self.regions.step
        inside = np.clip(place, 0, n_grid - 1.000001)
        corner = inside.astype(np.intp)
        part = inside - corner
        flat, rows = tables.reshape(-1, 3), self.classes * tables.shape[1]
        value = 0.0
        for dx in (0, 1):
            for dy in (0, 1):
                share = (part[:, 0] if dx else 1 - part[:, 0]) * (
                    part[:, 1] if dy else 1 - part[:, 1]
                )
                index = (corner[:, 0] + dx) * n_grid + corner[:, 1] + dy
                value = value + share[:, None] * flat.take(rows + index, axis=0)
        probability = np.maximum(value[:, 0], 0.0) + softness
        slope = -value[:, 1:] / probability[:, None] / len(place)
        outside = place - inside  # beyond the map: a gentle pull back
        loss = -np.log(probability).mean() + 1e-3 * (outside**2).sum(axis=1).mean()
        slope = slope + 2e-3 * outside / len(place)
        return loss, ((slope.T @ self.design) / self.regions.step).ravel()


def owners_of(counts, shared):
    """Which class does every pattern stand for?

    Parameters
    ----------
    counts : ndarray of shape (n_patterns, n_classes)
        Tokens of each class that gave each pattern.
    shared : bool
        True: the class with most tokens there. False: one pattern a class, so that as many
        tokens as possible give the pattern of their class (optimal assignment).

    Returns
    -------
    ndarray of int of shape (n_patterns,)
        -1 where no class.
    """
    owners = np.full(len(counts), -1)
    if shared:
        seen = counts.max(axis=1) > 0
        owners[seen] = counts[seen].argmax(axis=1)
    else:
        patterns, classes = linear_sum_assignment(-counts)
        owners[patterns] = classes
    return owners
