"""Which frequencies should the sources have for a token? Learned on a map of the network.

The features are first whitened (unit covariance within classes) and reduced to the
directions that tell classes apart. From there the frequencies are f = V z + b, with one row
of V for each source. What an oscillator network does depends on the frequencies alone, so V
and b can be trained on a map of the network over two sources, which is measured once. For
more sources see `adler_training`. The network itself judges the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import ndimage
from scipy.optimize import minimize

from reservoir._types import Array, Floats, Integers
from reservoir.networks.pattern_readout import owners_of


class Stage(NamedTuple):
    """One fit of the weights.

    Attributes
    ----------
    smoothing : float
        Width of the regions' smoothed borders, in the unit of frequency.
    softness : float
        What is added to the probability of a region.
    n_iterations : int
    """

    smoothing: float
    softness: float
    n_iterations: int


RIDGES = (2.0, 7.0, 25.0, 80.0)  # costs of long projections, for assignments
START_RIDGE = 7.0  # the same cost, for the weights that a fit starts from
N_REFINED = 10  # best assignments that are fitted to the end
SCREENING_STAGE = Stage(0.3, 0.1, 12)
SINGLE_REGION_STAGES = (Stage(0.3, 0.1, 30), Stage(0.12, 0.3, 40))
SHARED_REGION_STAGES = (Stage(0.3, 0.1, 30), Stage(0.18, 0.1, 25), Stage(0.12, 0.3, 25))


@dataclass(frozen=True)
class PatternMap:
    """Patterns of a network over the plane of two source frequencies.

    Attributes
    ----------
    low, step : float
        First frequency of the grid and spacing, the same on both axes, in any unit.
    patterns : ndarray of int of shape (n_patterns, n_oscillators)
        The source that each oscillator is locked to, or -1. The widest regions come first.
    labels : ndarray of int of shape (n_grid, n_grid)
        Row of `patterns`, or -1 for patterns too narrow to aim at.
    centers : ndarray of shape (n_patterns, 2)
        The grid point of each region that is farthest from the border.
    radii : ndarray of shape (n_patterns,)
        Distance of this point from the border.
    """

    low: float
    step: float
    patterns: Integers
    labels: Integers
    centers: Floats
    radii: Floats


def pattern_map(locked: Integers, low: float, step: float, min_radius: float) -> PatternMap:
    """Find the regions of a synchronisation map.

    Parameters
    ----------
    locked : ndarray of int of shape (n_grid, n_grid, n_oscillators)
        The source that each oscillator is locked to, or -1.
    low, step : float
        First frequency of the grid and spacing, in any unit.
    min_radius : float
        Regions with a smaller inscribed circle are left out; in the same unit.

    Returns
    -------
    PatternMap
    """
    patterns, labels = np.unique(
        locked.reshape(-1, locked.shape[2]), axis=0, return_inverse=True
    )
    labels = labels.reshape(locked.shape[:2])
    depths, centers = [], []
    for row in range(len(patterns)):
        inside = np.pad(labels == row, 1)
        depth = ndimage.distance_transform_edt(inside)[1:-1, 1:-1]
        depths.append(depth.max() * step)
        centers.append(np.unravel_index(depth.argmax(), depth.shape))
    radii = np.array(depths)
    order = np.argsort(-radii, kind="stable")
    order = order[radii[order] >= min_radius]
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

    L-BFGS minimises the mean of -log(P(f) + softness) over V and b, where P is the smoothed
    indicator of the regions that a token's class owns. Which class should own which region
    is the hard part, so many assignments are tried.

    Parameters
    ----------
    regions : PatternMap
    points : ndarray of shape (n_samples, n_directions)
        Whitened features.
    classes : ndarray of int of shape (n_samples,)
    """

    def __init__(self, regions: PatternMap, points: Floats, classes: Integers) -> None:
        self.regions = regions
        self.points = points
        self.classes = classes
        self.n_classes = int(classes.max()) + 1
        self.n_regions = len(regions.radii)
        self.design = np.column_stack([points, np.ones(len(points))])
        centers = np.array([points[classes == k].mean(axis=0) for k in range(self.n_classes)])
        self.mean = centers.mean(axis=0)
        self.centers = centers - self.mean
        self._smoothed: dict[tuple[float, tuple[int, ...]], Floats] = {}

    def train(
        self,
        n_starts: int,
        shared: bool,
        generator: np.random.Generator,
        initial: Floats | None = None,
    ) -> tuple[Floats, Floats]:
        """The best of many starts.

        Parameters
        ----------
        n_starts : int
            Assignments to try for each ridge.
        shared : bool
            Whether a class may own several regions. After a first fit with one region for
            each class, every region goes to the class that has most tokens there.
        generator : numpy.random.Generator
        initial : ndarray of shape (2, n_directions + 1), default=None
            Weights to try as well.

        Returns
        -------
        weights : ndarray of shape (2, n_directions + 1)
        curve : ndarray of shape (n_refined,)
            Share of the tokens in regions of their class, for the best fit so far.
        """
        candidates = self._candidates(n_starts, shared, generator, initial)
        stages = SHARED_REGION_STAGES if shared else SINGLE_REGION_STAGES
        best_weights, best_loss, best_share = candidates[0][2], np.inf, 0.0
        curve = []
        for number, (_, owners, weights) in enumerate(candidates[:N_REFINED]):
            owners, weights, loss = self._refine_through(stages, owners, weights, shared)
            if number == 0 or loss < best_loss:
                best_share = (owners[self.cells(weights)] == self.classes).mean()
                best_weights, best_loss = weights, loss
            curve.append(best_share)
        return best_weights, np.array(curve)

    def _candidates(
        self,
        n_starts: int,
        shared: bool,
        generator: np.random.Generator,
        initial: Floats | None,
    ) -> list[tuple[float, Integers, Floats]]:
        """Losses, owners and weights to refine, the lowest loss first."""
        candidates: list[tuple[float, Integers, Floats]] = []
        if initial is not None:
            candidates.append((-np.inf, self.owners(initial, shared), initial))
        for assignment in self.assignments(n_starts, generator):
            owners = np.full(self.n_regions + 1, -1)
            owners[assignment] = np.arange(self.n_classes)
            start = self._start(assignment)
            weights, loss = self._refine(start, owners, SCREENING_STAGE)
            candidates.append((loss, owners, weights))
        candidates.sort(key=lambda candidate: candidate[0])
        return candidates

    def _refine_through(
        self, stages: Sequence[Stage], owners: Integers, weights: Floats, shared: bool
    ) -> tuple[Integers, Floats, float]:
        """Owners, weights and loss after all stages."""
        loss = np.inf
        for number, stage in enumerate(stages):
            if shared and number > 0:
                owners = self.owners(weights, shared)
            weights, loss = self._refine(weights, owners, stage)
        return owners, weights, loss

    def cells(self, weights: Floats) -> Integers:
        """Region of every token, or -1."""
        place = (self.design @ weights.T - self.regions.low) / self.regions.step
        row, column = np.clip(np.rint(place), 0, len(self.regions.labels) - 1).astype(int).T
        labels: Integers = self.regions.labels[row, column]
        return labels

    def owners(self, weights: Floats, shared: bool) -> Integers:
        """Class of every region, or -1. The last entry stands for no region."""
        counts = np.zeros((self.n_regions + 1, self.n_classes))
        np.add.at(counts, (self.cells(weights), self.classes), 1)
        owners = owners_of(counts, shared)
        owners[-1] = -1
        return owners

    def assignments(self, n_starts: int, generator: np.random.Generator) -> list[list[int]]:
        """Assignments of classes to regions that short projections can reach, best first.

        Exact projections of the class means to region centres t cost |V|^2 = t^T H t, which
        is the variance of every class around its centre. It is compared with the regions'
        radii. Random assignments are improved by the best swap until none helps.
        """
        ranks: dict[tuple[int, ...], int] = {}
        contrast = np.eye(self.n_classes) - 1 / self.n_classes
        for ridge in RIDGES:
            gram = self.centers @ self.centers.T + ridge * np.eye(self.n_classes)
            cost = contrast @ np.linalg.inv(gram) @ contrast
            found: dict[tuple[int, ...], float] = {}
            for _ in range(n_starts):
                chosen, value = self._descend(
                    generator.permutation(self.n_regions)[: self.n_classes], cost
                )
                found[tuple(chosen)] = value
            for rank, assignment in enumerate(sorted(found, key=found.__getitem__)):
                ranks[assignment] = min(rank, ranks.get(assignment, rank))
        return [list(assignment) for assignment in sorted(ranks, key=ranks.__getitem__)]

    def _descend(self, chosen: Integers, cost: Floats) -> tuple[Integers, float]:
        """Best assignment that moves and swaps of classes lead to, and its cost."""
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

    def _costs(self, trials: Integers, cost: Floats) -> Floats:
        """Cost of each assignment: spread of the classes, over the regions' radii."""
        targets = self.regions.centers[trials]
        spread = (targets * (cost @ targets)).sum(axis=(1, 2))
        costs: Floats = spread * (1 / self.regions.radii[trials] ** 2).mean(axis=1)
        return costs

    def _start(self, assignment: list[int]) -> Floats:
        """Ridge from the class means to the centres of their regions."""
        targets = self.regions.centers[assignment]
        mean = targets.mean(axis=0)
        gram = self.centers.T @ self.centers
        gram += START_RIDGE * np.eye(len(gram))
        V = np.linalg.solve(gram, self.centers.T @ (targets - mean)).T
        return np.column_stack([V, mean - V @ self.mean])

    def _refine(
        self, weights: Floats, owners: Integers, stage: Stage
    ) -> tuple[Floats, float]:
        """Weights and loss after one stage (L-BFGS)."""
        tables = np.stack(
            [self._table(stage.smoothing, owners == k) for k in range(self.n_classes)]
        )

        def loss(flat: Floats) -> tuple[float, Floats]:
            return self._loss(flat.reshape(2, -1), tables, stage.softness)

        result = minimize(
            loss,
            weights.ravel(),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": stage.n_iterations},
        )
        return result.x.reshape(2, -1), result.fun

    def _table(self, smoothing: float, owned: Array) -> Floats:
        """Smoothed indicator of the owned regions and its two slopes on the grid."""
        key = (smoothing, tuple(np.flatnonzero(owned).tolist()))
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

    def _loss(self, weights: Floats, tables: Floats, softness: float) -> tuple[float, Floats]:
        """Loss and its slope over the weights, bilinear between grid points."""
        n_grid = len(self.regions.labels)
        place = (self.design @ weights.T - self.regions.low) / self.regions.step
        inside = np.clip(place, 0, n_grid - 1.000001)
        corner = inside.astype(np.intp)
        part = inside - corner
        flat, rows = tables.reshape(-1, 3), self.classes * tables.shape[1]
        value: Any = 0.0
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
