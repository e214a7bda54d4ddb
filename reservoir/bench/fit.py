"""Which oscillator fits a bench table, and how sure is each of its numbers?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reservoir._types import Array, Floats
from reservoir.bench.least_squares import Problem, Solution, misfit_of, solve
from reservoir.bench.model import (
    OF_DEVICE,
    TOLD_BY,
    Numbers,
    Units,
    clear_of_threshold,
    device_of,
    predicted,
    unknown_of,
    value_of,
)
from reservoir.bench.starts import (
    start_of_amplitude,
    start_of_frequency,
    start_of_relaxation,
    starts_of_linewidth,
)
from reservoir.bench.table import MEASURED, BenchTable
from reservoir.devices import SpinTorqueOscillator

LIKE = "torrejon2017"
MIN_POINTS = {"amplitude": 4, "frequency": 4, "linewidth": 2, "relaxation_time": 1}
WIDEST = 0.4  # standard error of a logarithm above which a number counts as not told
CLEAR_SHIFT = 4.0  # standard errors by which the shift must differ from 0 to tell a rate
AS_GOOD = 3.0  # half sum of squares by which another minimum must be worse


@dataclass(frozen=True)
class Estimate:
    """A number of a device, and where it comes from.

    Attributes
    ----------
    value : float
        In SI units.
    standing : str
        "fitted" to the table, "given" by the user, or "assumed".
    error : float or None
        Standard error, of a fitted number.
    interval : tuple of float, or None
        Of 95 %, of a fitted number.
    """

    value: float
    standing: str
    error: float | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class BenchFit:
    """A device that was fitted to a bench table.

    Attributes
    ----------
    oscillator : SpinTorqueOscillator
    estimates : dict of str to Estimate
        Each number of the device, by its name. ``scale`` is the amplitude per sqrt(p), in
        the unit of the table, if there are amplitudes. ``thermal_noise`` is without unit, if
        there are linewidths.
    table : BenchTable
    used : dict of str to ndarray of bool
        Rows of each column that were fitted. Those near the threshold are left out, because
        thermal noise rounds it off.
    spreads : dict of str to float
        Rms misfit of each column: relative for linewidths and relaxation times.
    notes : tuple of str
        What a reader should know, in sentences.
    """

    oscillator: SpinTorqueOscillator
    estimates: Mapping[str, Estimate]
    table: BenchTable
    used: Mapping[str, Array]
    spreads: Mapping[str, float]
    notes: tuple[str, ...]

    @property
    def thermal_noise(self) -> float | None:
        """Thermal noise, without unit; None if no linewidth tells it."""
        found = self.estimates.get("thermal_noise")
        return None if found is None else found.value

    def predict(self, column: str, current: Floats) -> Floats:
        """What the fitted device would show in a column, in SI units.

        Parameters
        ----------
        column : str
            One of those that the table has.
        current : ndarray
            In A.

        Returns
        -------
        ndarray
        """
        numbers = {name: found.value for name, found in self.estimates.items()}
        return predicted(numbers, column, np.asarray(current, dtype=float))


def fit_bench_table(
    table: BenchTable, *, like: str = LIKE, given: Mapping[str, float] | None = None
) -> BenchFit:
    r"""The oscillator whose amplitude, frequency and linewidth fit a table together.

    .. math:: A = s \sqrt{p},\quad f = f_0 + N p + k (I - I_{th}),\quad
        2\pi \Delta f = (1 + \nu^2) \eta G (1 + Q p) / p

    with the power at rest :math:`p = (z - 1)/(z + Q)` at the overdrive :math:`z = I/I_{th}`
    and :math:`\nu = 2 \pi N / (G (z + Q))` [1]_.

    Parameters
    ----------
    table : BenchTable
        Amplitudes tell threshold, Q and scale. Frequencies tell f0, N and k. Relaxation times
        tell G, and so do linewidths if N is clear, or if some lie below the threshold; they
        also tell the thermal noise.
    like : str, default="torrejon2017"
        A preset of `SpinTorqueOscillator`, from which numbers are assumed that nothing tells.
    given : mapping of str to float, default=None
        Numbers that are known already and stay as they are, by the names of the parameters of
        `SpinTorqueOscillator`.

    Returns
    -------
    BenchFit

    Raises
    ------
    ValueError
        If the table does not tell the threshold, and it is not given; the message says what
        to measure.

    Notes
    -----
    Points near the threshold, where thermal noise rounds it off, are not fitted. An interval
    is the value plus and minus Student's quantile times the standard error, of the logarithm
    where a number must be positive.

    References
    ----------
    .. [1] A. Slavin and V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.bench import BenchTable, fit_bench_table
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> current = np.linspace(2e-3, 8e-3, 25)
    >>> table = BenchTable(current, amplitude=0.01 * vortex.stationary_amplitude(current),
    ...                    frequency=vortex.stationary_frequency(current))
    >>> fit = fit_bench_table(table)
    >>> round(fit.oscillator.threshold_current * 1e3, 3), fit.estimates["damping_rate"].standing
    (3.5, 'assumed')
    """
    given = _checked(given)
    notes = list(table.notes)
    preset = SpinTorqueOscillator.from_preset(like)
    numbers: Numbers = {name: float(getattr(preset, name)) for name in OF_DEVICE}
    numbers |= {"scale": 1.0, "thermal_noise": 1e-6} | given
    columns = _columns_to_fit(table, given, notes)
    units = _begin(table, columns, numbers, given)
    solution, told = _fit(table, columns, numbers, given, units)
    estimates = _estimates(solution, told, given)
    if "linewidth" in columns and "thermal_noise" not in told:
        estimates["thermal_noise"] = _noise_alone(table, solution, notes)
    for name in ("scale", "thermal_noise"):
        if name in estimates and estimates[name].standing == "assumed":
            del estimates[name]
    _tell_of_assumed(estimates, like, notes)
    numbers = solution.problem.numbers
    return BenchFit(
        device_of(numbers),
        estimates,
        table,
        solution.problem.used,
        solution.spreads,
        tuple(notes),
    )


def _checked(given: Mapping[str, float] | None) -> dict[str, float]:
    """Known numbers, which must be such of a device."""
    given = dict(given or {})
    unknown = [name for name in given if name not in OF_DEVICE]
    if unknown:
        raise ValueError(
            f"given names {unknown[0]!r}; numbers that may be given are "
            f"{', '.join(OF_DEVICE)}."
        )
    preset = SpinTorqueOscillator.from_preset(LIKE)
    device_of({name: given.get(name, getattr(preset, name)) for name in OF_DEVICE})
    return {name: float(value) for name, value in given.items()}


def _columns_to_fit(
    table: BenchTable, given: Mapping[str, float], notes: list[str]
) -> list[str]:
    """Names of columns with enough points; refuses a table that tells no threshold."""
    columns = []
    for name in table.columns():
        n_points = int(np.isfinite(getattr(table, name)).sum())
        if n_points >= MIN_POINTS[name]:
            columns.append(name)
        else:
            notes.append(
                f"The {name} has {n_points} points and is not fitted; {MIN_POINTS[name]} are "
                "needed."
            )
    wanted = [n for n in ("threshold_current", "nonlinear_damping") if n not in given]
    if "amplitude" not in columns and wanted:
        raise ValueError(
            f"Without amplitudes nothing tells the {wanted[0]}. Measure amplitude or power "
            f"against current, or give the {wanted[0]}."
        )
    return columns


def _begin(
    table: BenchTable, columns: list[str], numbers: Numbers, given: Mapping[str, float]
) -> Units:
    """First values of the numbers, column by column, and units for the unknowns."""
    if "amplitude" in columns:
        start_of_amplitude(table, numbers, given)
    if "frequency" in columns:
        start_of_frequency(table, numbers, given)
    if "relaxation_time" in columns and "damping_rate" not in given:
        start_of_relaxation(table, numbers)
    center, span = numbers["frequency"], 1e-2 * numbers["frequency"]
    if table.frequency is not None and "frequency" in columns:
        center = float(np.nanmedian(table.frequency))
        span = max(
            float(np.ptp(table.frequency[np.isfinite(table.frequency)])), 1e-9 * center
        )
    return Units(center, span, numbers["threshold_current"])


def _fit(
    table: BenchTable,
    columns: list[str],
    numbers: Numbers,
    given: Mapping[str, float],
    units: Units,
) -> tuple[Solution, set[str]]:
    """The joint fit, and the names of the numbers that it tells."""
    told = {name for column in columns for name in TOLD_BY[column]} - given.keys()
    starts = [numbers]
    if "linewidth" in columns:
        fixed = "damping_rate" in given or "relaxation_time" in columns
        rates = {"rates": np.array([numbers["damping_rate"]])} if fixed else {}
        starts = [start for _, start in starts_of_linewidth(table, numbers, **rates)][:3]
        if fixed or starts:
            used = _used(table, columns, starts[0] if starts else numbers)
            solution = _best(Problem(table, used, numbers, sorted(told), units), starts)
            if solution is not None and (fixed or _tells_rate(solution)):
                return solution, told
        columns = [name for name in columns if name != "linewidth"]
        told -= {"damping_rate", "thermal_noise"}
    used = _used(table, columns, numbers)
    return solve(Problem(table, used, numbers, sorted(told), units)), told


def _used(table: BenchTable, columns: list[str], numbers: Numbers) -> dict[str, Array]:
    """Rows of each column to which its formula applies."""
    noise = numbers["thermal_noise"] if "linewidth" in columns else 0.0
    current = table.current
    dark = current < 0.9 * numbers["threshold_current"]
    if table.amplitude is not None and "amplitude" in columns:
        dark &= np.isfinite(table.amplitude)
        if dark.any():
            # At the most, if the recorder itself adds none to it.
            powers = (table.amplitude[dark] / numbers["scale"]) ** 2
            gap = 1 - current[dark] / numbers["threshold_current"]
            thermal = float(np.median(powers * gap))
            noise = min(noise, thermal) if "linewidth" in columns else thermal
    used = {}
    for name in columns:
        clear = clear_of_threshold(numbers, name, current, min(noise, 1e-2))
        rows = np.isfinite(getattr(table, name)) & clear
        if name == "amplitude" and rows.sum() < MIN_POINTS[name]:
            raise ValueError(
                f"Only {int(rows.sum())} amplitudes lie clearly above the threshold of about "
                f"{numbers['threshold_current']:.3g} A; the fit needs {MIN_POINTS[name]}. "
                "Measure more currents there."
            )
        if rows.any():
            used[name] = rows
    return used


def _best(problem: Problem, starts: list[Numbers]) -> Solution | None:
    """The best of the fits from some starts; None if another one is nearly as good."""
    solutions: list[Solution] = []
    for start in starts:
        begun = Problem(problem.table, problem.used, start, problem.free, problem.units)
        spreads = solutions[0].spreads if solutions else None
        solutions.append(solve(begun, spreads))
    best = min(solutions, key=lambda solution: solution.cost)
    rate = math.log(best.problem.numbers["damping_rate"])
    for other in solutions:
        apart = abs(math.log(other.problem.numbers["damping_rate"]) - rate) > 0.1
        if apart and other.cost < best.cost + AS_GOOD:
            return None
    return best


def _tells_rate(solution: Solution) -> bool:
    """Whether linewidths tell the damping rate."""
    if solution.error_of("damping_rate") > WIDEST:
        return False
    problem = solution.problem
    threshold = problem.numbers["threshold_current"]
    if np.sum(problem.used["linewidth"] & (problem.table.current < threshold)) >= 2:
        return True
    if "nonlinear_frequency_shift" not in problem.free:
        return True
    shift = problem.numbers["nonlinear_frequency_shift"] / problem.units.span
    return abs(shift) > CLEAR_SHIFT * solution.error_of("nonlinear_frequency_shift")


def _estimates(
    solution: Solution, told: set[str], given: Mapping[str, float]
) -> dict[str, Estimate]:
    """All numbers with their errors and intervals."""
    problem, estimates = solution.problem, {}
    for name, value in problem.numbers.items():
        if name not in told:
            estimates[name] = Estimate(value, "given" if name in given else "assumed")
            continue
        center = unknown_of(name, value, problem.units)
        error = solution.error_of(name)
        half = solution.quantile * error
        low, high = (value_of(name, center + s * half, problem.units) for s in (-1, 1))
        slope = abs(value_of(name, center + 1e-6, problem.units) - value) / 1e-6
        estimates[name] = Estimate(value, "fitted", slope * error, (low, high))
    return estimates


def _noise_alone(table: BenchTable, solution: Solution, notes: list[str]) -> Estimate:
    """Thermal noise from linewidths, where they do not tell the damping rate."""
    problem = solution.problem
    rows = _used(table, ["linewidth"], problem.numbers)["linewidth"]
    rows &= table.current > problem.numbers["threshold_current"]

    def log_noise(unknowns: Floats) -> Floats:
        numbers = {**problem.at(unknowns), "thermal_noise": 1.0}
        return -misfit_of(table, numbers, "linewidth", rows)

    unknowns = problem.unknowns()
    logs = log_noise(unknowns)
    steps = 1e-5 * np.eye(len(unknowns))
    slopes = np.array(
        [np.mean(log_noise(unknowns + d) - log_noise(unknowns - d)) / 2e-5 for d in steps]
    )
    error = math.sqrt(
        np.var(logs, ddof=1) / len(logs) + slopes @ solution.covariance @ slopes
    )
    center, half = float(logs.mean()), solution.quantile * error
    notes.append(
        "The linewidths do not tell the damping rate, so the thermal noise holds for the one "
        "that is assumed."
    )
    value = math.exp(center)
    return Estimate(
        value, "fitted", value * error, (math.exp(center - half), math.exp(center + half))
    )


def _tell_of_assumed(estimates: Mapping[str, Estimate], like: str, notes: list[str]) -> None:
    assumed = [name for name, found in estimates.items() if found.standing == "assumed"]
    if assumed:
        notes.append(
            f"Nothing in the table tells {', '.join(assumed)}; the preset {like} gives what "
            "is assumed."
        )
