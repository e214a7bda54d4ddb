"""Which oscillator fits a bench table, and how sure is each of its numbers?"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from reservoir._plausibility import warn_of_damping, warn_of_measured
from reservoir._types import Array, Floats
from reservoir.bench.least_squares import Problem, Solution, misfit_of, solve
from reservoir.bench.model import (
    BELOW,
    OF_DEVICE,
    TOLD_BY,
    Numbers,
    Units,
    clear_of_threshold,
    device_of,
    measured,
    predicted,
    unknown_of,
    value_of,
)
from reservoir.bench.starts import (
    start_of_amplitude,
    start_of_frequency,
    start_of_noise,
    start_of_rate,
    starts_of_linewidth,
)
from reservoir.bench.table import BenchTable
from reservoir.devices import SpinTorqueOscillator

LIKE = "torrejon2017"
MIN_POINTS = {"amplitude": 4, "frequency": 4, "linewidth": 2, "relaxation_time": 1}
WIDEST = 0.3  # standard error of a logarithm above which a number counts as not told
CLEAR_SHIFT = 6.0  # standard errors by which the shift must differ from 0 to tell a rate
AS_GOOD = 6.0  # sum of squares, in spreads, by which another minimum must be worse
LIKELIER = 3.0  # log-likelihood by which errors that grow must be likelier than equal ones
N_DRAWS = 400
NORMAL = 1.96  # half the width of an interval of 95 %, in standard errors


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

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.bench import BenchTable, fit_bench_table
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> current = np.linspace(2e-3, 8e-3, 25)
    >>> table = BenchTable(current, amplitude=0.01 * vortex.stationary_amplitude(current))
    >>> fit = fit_bench_table(table)
    >>> threshold = fit.estimates["threshold_current"]
    >>> threshold.standing, round(threshold.value, 6)
    ('fitted', 0.0035)
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
        thermal noise rounds it off. Lines below the threshold count as a column of their own,
        "linewidth below".
    solution : Solution
        Of the joint fit: spreads and covariance.
    notes : tuple of str
        What a reader should know, in sentences.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.bench import BenchTable, fit_bench_table
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> current = np.linspace(2e-3, 8e-3, 25)
    >>> table = BenchTable(current, amplitude=0.01 * vortex.stationary_amplitude(current))
    >>> fit = fit_bench_table(table)
    >>> bool(fit.used["amplitude"].sum() < 25)       # points near the threshold are left out
    True
    """

    oscillator: SpinTorqueOscillator
    estimates: Mapping[str, Estimate]
    table: BenchTable
    used: Mapping[str, Array]
    solution: Solution
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

    def derived(self, quantity: Callable[[Numbers], float]) -> tuple[float, float]:
        """A quantity that follows from the numbers, and its standard error.

        Parameters
        ----------
        quantity : callable
            Gives it for the numbers of a device, by name.

        Returns
        -------
        tuple of two floats
        """
        problem = self.solution.problem
        best = problem.unknowns()
        slopes = [
            (quantity(problem.at(best + step)) - quantity(problem.at(best - step))) / 2e-5
            for step in 1e-5 * np.eye(len(best))
        ]
        variance = np.array(slopes) @ self.solution.covariance @ np.array(slopes)
        return float(quantity(problem.at(best))), math.sqrt(max(float(variance), 0.0))


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

    Warns
    -----
    UnitsWarning
        If the threshold is of amperes, or the frequency of hertz.

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
    >>> round(fit.oscillator.threshold_current * 1e3, 3)
    3.5
    >>> fit.estimates["damping_rate"].standing
    'assumed'
    """
    given = _checked(given)
    _refuse_high_threshold(table, given)
    notes = list(table.notes)
    preset = SpinTorqueOscillator.from_preset(like)
    numbers: Numbers = {name: float(getattr(preset, name)) for name in OF_DEVICE}
    numbers |= {"scale": 1.0, "thermal_noise": 1e-6} | given
    columns = _columns_to_fit(table, given, notes)
    units = _begin(table, columns, numbers, given)
    narrow = [name for name in columns if name != "linewidth"]
    solution = _solved(table, narrow, numbers, given, units)
    estimates: dict[str, Estimate] = {}
    rows = None
    if "linewidth" in columns:
        whole = _with_linewidths(table, columns, solution, given)
        if whole is None:
            rows = _used(table, ["linewidth"], solution.problem.numbers)["linewidth"]
            estimates["thermal_noise"] = _noise_alone(table, solution, rows, notes)
        solution = whole or solution
    estimates = _estimates(solution, given) | estimates
    told = estimates["frequency"].value if "frequency" in columns else None
    warn_of_measured(estimates["threshold_current"].value, told)
    if told is not None and estimates["damping_rate"].standing != "assumed":
        rate = estimates["damping_rate"].value
        if table.relaxation_time is not None and "relaxation_time" in columns:
            # The fit looks for rates within bounds, beyond which a forgotten prefix may lead.
            rate = 1 / float(np.nanmedian(table.relaxation_time))
        warn_of_damping(rate, told)
    for name in ("scale", "thermal_noise"):
        if estimates[name].standing == "assumed":
            del estimates[name]
    _tell_of_assumed(estimates, like, notes)
    return BenchFit(
        device_of(solution.problem.numbers),
        estimates,
        table,
        {**({} if rows is None else {"linewidth": rows}), **solution.problem.used},
        solution,
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


def _refuse_high_threshold(table: BenchTable, given: Mapping[str, float]) -> None:
    """Refuse a threshold above which nothing was measured."""
    threshold, top = given.get("threshold_current", 0.0), float(table.current.max())
    if threshold >= top:
        raise ValueError(
            f"The threshold_current given is {threshold:.4g} A, but the highest current of "
            f"the table is {top:.4g} A. Currents are in A: 3.5 mA is 3.5e-3."
        )


def _columns_to_fit(
    table: BenchTable, given: Mapping[str, float], notes: list[str]
) -> list[str]:
    """Names of columns with enough points; refuses a table that tells no threshold."""
    columns = []
    for name in table.columns():
        n_points = int(np.isfinite(measured(table, name)).sum())
        if n_points >= MIN_POINTS[name]:
            columns.append(name)
        else:
            notes.append(
                f"The {name} has {n_points} points and is not fitted; {MIN_POINTS[name]} are "
                "needed."
            )
    wanted = [n for n in ("threshold_current", "nonlinear_damping") if n not in given]
    if "amplitude" not in columns and wanted:
        few = "With so few" if "amplitude" in table.columns() else "Without"
        need = f"at {MIN_POINTS['amplitude']} or more currents"
        raise ValueError(
            f"{few} amplitudes nothing tells the {wanted[0]}. Measure amplitude or power "
            f"{need}, or give the {wanted[0]}."
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
    if "linewidth" in columns:
        dark = table.current < 0.9 * numbers["threshold_current"]
        if np.isfinite(measured(table, BELOW)[dark]).sum() >= MIN_POINTS["linewidth"]:
            columns.append(BELOW)
        bright = table.current > 1.02 * numbers["threshold_current"]
        if np.isfinite(measured(table, "linewidth")[bright]).sum() < MIN_POINTS["linewidth"]:
            columns.remove("linewidth")
    for name in (BELOW, "relaxation_time"):
        if name in columns and "damping_rate" not in given:
            start_of_rate(table, name, numbers)
    center, span = numbers["frequency"], 1e-2 * numbers["frequency"]
    if table.frequency is not None and "frequency" in columns:
        center = float(np.nanmedian(table.frequency))
        span = max(
            float(np.ptp(table.frequency[np.isfinite(table.frequency)])), 1e-9 * center
        )
    return Units(center, span, numbers["threshold_current"])


def _solved(
    table: BenchTable,
    columns: list[str],
    numbers: Numbers,
    given: Mapping[str, float],
    units: Units,
) -> Solution:
    """The fit of some columns together, begun at some numbers."""
    used = _used(table, columns, numbers)
    told = {name for column in used for name in TOLD_BY[column]} - given.keys()
    problem = Problem(table, used, numbers, sorted(told), units)
    solution = solve(problem)
    if "amplitude" in used and _grows_with_amplitude(solution):
        relative = (*problem.relative, "amplitude")
        solution = solve(replace(solution.problem, relative=relative))
    return solution


def _grows_with_amplitude(solution: Solution) -> bool:
    """Whether errors in proportion to the amplitudes are likelier than equal ones."""
    rows = solution.problem.used["amplitude"]
    table, numbers = solution.problem.table, solution.problem.numbers
    misfit = misfit_of(table, numbers, "amplitude", rows, relative=False)
    model = predicted(numbers, "amplitude", table.current[rows])
    if (measured(table, "amplitude")[rows] <= 0).any():
        return False
    equal, growing = (np.log(np.mean(m**2) + 1e-300) / 2 for m in (misfit, misfit / model))
    return bool(growing + np.mean(np.log(model)) < equal - LIKELIER / len(model))


def _with_linewidths(
    table: BenchTable, columns: list[str], solution: Solution, given: Mapping[str, float]
) -> Solution | None:
    """The fit of all columns together; None if the linewidths cannot take part.

    They tell noise times damping rate, and the ratio of shift to damping rate, but not the
    sign of the shift. They take part if the other columns tell the shift clearly, and if
    there is one damping rate that is clearly the best.
    """
    units, free = solution.problem.units, solution.problem.free
    numbers = dict(solution.problem.numbers)
    if "nonlinear_frequency_shift" in free:
        shift = numbers["nonlinear_frequency_shift"] / units.span
        if abs(shift) < CLEAR_SHIFT * solution.error_of("nonlinear_frequency_shift"):
            return None
    elif "nonlinear_frequency_shift" not in given:
        return None
    if "damping_rate" in given or "damping_rate" in free:
        start_of_noise(table, numbers)
        return _solved(table, columns, numbers, given, units)
    starts = starts_of_linewidth(table, numbers)[:2]
    found = [_solved(table, columns, start, given, units) for start in starts]
    if not found or (len(found) > 1 and found[1].misfit < found[0].misfit + AS_GOOD):
        return None
    return found[0] if found[0].error_of("damping_rate") < WIDEST else None


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
        rows = np.isfinite(measured(table, name)) & clear
        if name == "amplitude" and rows.sum() < MIN_POINTS[name]:
            raise ValueError(
                f"Only {int(rows.sum())} amplitudes lie clearly above the threshold of about "
                f"{numbers['threshold_current']:.3g} A; the fit needs {MIN_POINTS[name]}. "
                "Measure more currents there."
            )
        if rows.any():
            used[name] = rows
    return used


def _estimates(solution: Solution, given: Mapping[str, float]) -> dict[str, Estimate]:
    """All numbers with their errors and intervals."""
    problem, estimates = solution.problem, {}
    for name, value in problem.numbers.items():
        if name not in problem.free:
            estimates[name] = Estimate(value, "given" if name in given else "assumed")
            continue
        center = unknown_of(name, value, problem.units)
        error = solution.error_of(name)
        half = solution.quantile * error
        low, high = (value_of(name, center + s * half, problem.units) for s in (-1, 1))
        slope = abs(value_of(name, center + 1e-6, problem.units) - value) / 1e-6
        estimates[name] = Estimate(value, "fitted", slope * error, (low, high))
    return estimates


def _noise_alone(
    table: BenchTable, solution: Solution, rows: Array, notes: list[str]
) -> Estimate:
    """Thermal noise with which the fitted device has the linewidths.

    The interval holds what is drawn from the joint errors of the other numbers, because the
    noise depends on them steeply.
    """
    problem = solution.problem

    def log_noise(unknowns: Floats) -> Floats:
        numbers = {**problem.at(unknowns), "thermal_noise": 1.0}
        return -misfit_of(table, numbers, "linewidth", rows, relative=True)

    generator = np.random.default_rng(0)
    best, (low, high) = problem.unknowns(), problem.bounds()
    logs = log_noise(best)
    root = solution.root()
    normal = generator.normal(size=(N_DRAWS, 1 + len(best))) * solution.quantile / NORMAL
    drawn = np.clip(best + normal[:, 1:] @ root.T, low + 1e-9, high - 1e-9)
    spread = float(logs.std(ddof=1)) / math.sqrt(len(logs))
    centers = np.array([log_noise(unknowns).mean() for unknowns in drawn])
    centers += spread * normal[:, 0]
    notes.append(
        "The linewidths tell the thermal noise alone, for the damping rate and the frequency "
        "shift that stand here: they take part in the joint fit where the frequencies tell "
        "the shift clearly, and where one damping rate is clearly the best."
    )
    value = math.exp(float(logs.mean()))
    low_log, high_log = np.percentile(centers, (2.5, 97.5)).tolist()
    return Estimate(
        value, "fitted", value * float(centers.std()), (math.exp(low_log), math.exp(high_log))
    )


def _tell_of_assumed(estimates: Mapping[str, Estimate], like: str, notes: list[str]) -> None:
    assumed = [name for name, found in estimates.items() if found.standing == "assumed"]
    if assumed:
        notes.append(
            f"Nothing in the table tells {', '.join(assumed)}; the preset {like} gives what "
            "is assumed."
        )
