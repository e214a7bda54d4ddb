"""Which numbers fit several columns together, and how far may each of them be off?

Residuals are in units of the spread of their column, which the fit itself shows. The spread
of a linewidth or a relaxation time is relative, that of a frequency is not, and that of an
amplitude is what its residuals show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reservoir._types import Array, Floats
from reservoir.bench.model import (
    BELOW,
    TOLD_BY,
    Numbers,
    Units,
    measured,
    predicted,
    unknown_of,
    value_of,
)
from reservoir.bench.table import BenchTable

ALWAYS_RELATIVE = ("linewidth", BELOW, "relaxation_time")
ROUNDS = 3  # of fits, each with the spreads that the one before showed
MOST_LEVERAGE = 0.9  # of one point on its own prediction
LEAST_TOLD = 1e-7  # ratio of singular values below which a combination is not told at all
RATES = (np.log(1e3), np.log(1e13))  # between which damping rates are looked for


@dataclass(frozen=True)
class Problem:
    """A table, and the unknown numbers that are to fit it.

    Attributes
    ----------
    table : BenchTable
    used : dict of str to ndarray of bool
        Rows that are fitted, by column.
    numbers : dict of str to float
        Where the fit begins; those that are not free stay as they are.
    free : sequence of str
        Names of the unknowns.
    units : Units
    relative : sequence of str
        Columns whose spread is relative.
    """

    table: BenchTable
    used: Mapping[str, Array]
    numbers: Numbers
    free: Sequence[str]
    units: Units
    relative: Sequence[str] = ALWAYS_RELATIVE

    def at(self, unknowns: Floats) -> Numbers:
        """The numbers for some unknowns."""
        found = zip(self.free, unknowns.tolist(), strict=True)
        return {**self.numbers, **{n: value_of(n, x, self.units) for n, x in found}}

    def unknowns(self) -> Floats:
        """Where the fit begins."""
        return np.array([unknown_of(n, self.numbers[n], self.units) for n in self.free])

    def misfits(self, unknowns: Floats) -> list[Floats]:
        """Model less measurement, or the logarithm of their ratio, for each column."""
        numbers = self.at(unknowns)
        return [
            misfit_of(self.table, numbers, name, rows, name in self.relative)
            for name, rows in self.used.items()
        ]

    def bounds(self) -> tuple[Floats, Floats]:
        """Lowest and highest unknowns: no point changes its side of the threshold."""
        low, high = np.full((2, len(self.free)), [[-np.inf], [np.inf]])
        current, threshold = self.table.current, self.numbers["threshold_current"]
        used = np.unique(np.concatenate([current[rows] for rows in self.used.values()]))
        for place, name in enumerate(self.free):
            if name == "threshold_current":
                below, above = used[used < threshold], used[used > threshold]
                if below.size and below[-1] > 0:
                    low[place] = np.log(below[-1] * (1 + 1e-9))
                if above.size:
                    high[place] = np.log(above[0] * (1 - 1e-9))
            elif name == "nonlinear_damping":
                low[place], high[place] = -5.0, 8.0
            elif name == "frequency":
                low[place] = -self.units.center / self.units.span * (1 - 1e-9)
            elif name == "damping_rate":
                low[place], high[place] = RATES
            elif name == "thermal_noise":
                high[place] = -1e-9
        return low, high


@dataclass(frozen=True)
class Solution:
    """What the fit of a problem found.

    Attributes
    ----------
    problem : Problem
        Whose numbers are those that were found.
    misfit : float
        Minus twice the logarithm of the likelihood, but for a constant: the less, the better.
    covariance : ndarray of shape (n_free, n_free)
        Of the unknowns.
    quantile : float
        Half the width of an interval of 95 %, in standard errors.
    spreads : dict of str to float
        Rms misfit of each column, corrected for the numbers that it tells.
    """

    problem: Problem
    misfit: float
    covariance: Floats
    quantile: float
    spreads: Mapping[str, float]

    def root(self) -> Floats:
        """A matrix R with R R^T = covariance."""
        values, vectors = np.linalg.eigh(self.covariance)
        root: Floats = vectors * np.sqrt(np.maximum(values, 0.0))
        return root

    def error_of(self, name: str) -> float:
        """Standard error of an unknown."""
        place = list(self.problem.free).index(name)
        return float(np.sqrt(self.covariance[place, place]))


def misfit_of(
    table: BenchTable, numbers: Numbers, name: str, rows: Array, relative: bool
) -> Floats:
    """Model less measurement in some rows of a column, or the logarithm of their ratio."""
    found = measured(table, name)[rows]
    model = predicted(numbers, name, table.current[rows])
    misfit: Floats = np.log(model / found) if relative else model - found
    return misfit


def solve(problem: Problem) -> Solution:
    """The numbers with the least squares, and their covariance.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Solution

    Notes
    -----
    The covariance is the one of White (Econometrica 48, 817, 1980) in the form HC3 of
    MacKinnon and White (1985): each point counts with its own residual, so that the intervals
    hold also where the errors of a column grow with its values.
    """
    from scipy.optimize import least_squares
    from scipy.stats import t as student

    unknowns = problem.unknowns()
    low, high = problem.bounds()
    unknowns = np.clip(unknowns, low + 1e-9, high - 1e-9)
    spreads = _spreads_of(problem, unknowns)
    for _ in range(ROUNDS):
        scales = [spreads[name] for name in problem.used]
        best = least_squares(
            lambda x, s=scales: np.concatenate(
                [m / v for m, v in zip(problem.misfits(x), s, strict=True)]
            ),
            unknowns,
            bounds=(low, high),
            x_scale="jac",
            xtol=1e-10,
            ftol=1e-12,
            gtol=1e-12,
            max_nfev=100,
        )
        unknowns = best.x
        spreads = _spreads_of(problem, unknowns)
    freedom = min(_freedom_of(problem, name) for name in problem.used)
    return Solution(
        replace(problem, numbers=problem.at(best.x)),
        sum(
            2 * float(np.log(spread)) * int(problem.used[name].sum())
            for name, spread in spreads.items()
        ),
        covariance_of(best.jac, best.fun),
        float(student.ppf(0.975, freedom)),
        spreads,
    )


def covariance_of(jacobian: Floats, residuals: Floats) -> Floats:
    """HC3 covariance of unknowns; huge where no point tells a combination of them.

    Parameters
    ----------
    jacobian : ndarray of shape (n_points, n_unknowns)
    residuals : ndarray of shape (n_points,)

    Returns
    -------
    ndarray of shape (n_unknowns, n_unknowns)
    """
    sizes = np.maximum(np.linalg.norm(jacobian, axis=0), 1e-300)
    jacobian = jacobian / sizes
    _, singular, directions = np.linalg.svd(jacobian, full_matrices=False)
    told = np.maximum(singular, LEAST_TOLD * singular[0])
    inverse = (directions.T / told**2) @ directions
    leverage = np.einsum("ij,jk,ik->i", jacobian, inverse, jacobian)
    errors = residuals / (1 - np.minimum(leverage, MOST_LEVERAGE))
    covariance = inverse @ (jacobian * errors[:, None] ** 2).T @ jacobian @ inverse
    untold = directions[singular < told]
    covariance += untold.T @ untold / LEAST_TOLD**2
    scaled: Floats = covariance / sizes / sizes[:, None]
    return scaled


def _spreads_of(problem: Problem, unknowns: Floats) -> dict[str, float]:
    """Rms misfit of each column, corrected for the numbers that it tells."""
    spreads = {}
    for name, misfit in zip(problem.used, problem.misfits(unknowns), strict=True):
        found = measured(problem.table, name)[problem.used[name]]
        least = 1e-9 * (1.0 if name in problem.relative else float(np.abs(found).max()))
        spread = np.sqrt(np.sum(misfit**2) / _freedom_of(problem, name))
        spreads[name] = max(float(spread), least)
    return spreads


def _freedom_of(problem: Problem, name: str) -> int:
    """Points of a column less the free numbers that it tells, at least 1."""
    n_told = len(set(TOLD_BY[name]) & set(problem.free))
    return max(int(problem.used[name].sum()) - n_told, 1)
