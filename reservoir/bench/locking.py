"""How strong is a source at the oscillator? Read from the edges of locking.

A source of the frequency f_s acts on the complex amplitude c with the force F,

    dc/dt = ((a - b |c|^2) / 2 - 2 pi i f(|c|^2)) c + F exp(-2 pi i f_s t)

(Slavin and Tiberkevich, IEEE Trans. Magn. 45, 1875, 2009). A locked state of power p obeys

    F^2 / p = ((a - b p) / 2)^2 + (2 pi (f(p) - f_s))^2,

so that the locked frequencies f_s reach to the extremes of

    f(p) +- sqrt(F^2 / p - ((a - b p) / 2)^2) / (2 pi)

over p. For weak sources that is the half-width sqrt(1 + nu^2) F / (2 pi sqrt(p0)). F is
proportional to the root of the injected power. An `OscillatorNetwork` counts it as
`injection`, which is F over the amplitude at rest.
"""

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reservoir._checks import real_array
from reservoir._types import ArrayLike, Floats
from reservoir.bench.columns import read_quantities
from reservoir.bench.dialect import BenchTableError
from reservoir.bench.fit import Estimate
from reservoir.bench.least_squares import covariance_of
from reservoir.bench.quantities import (
    INJECTED_CURRENT,
    INJECTED_POWER,
    LOWER_EDGE,
    UPPER_EDGE,
)
from reservoir.devices import SpinTorqueOscillator

N_POWERS = 2001  # of the locked state, among which the extremes are looked for
MIN_SWEEPS = 2
LARGEST_DRIFT = 0.02  # of its frequency, by which a line may have moved since its fit


@dataclass(frozen=True)
class InjectionScale:
    """What a source that is set to a power, or a current, does to the oscillator.

    Attributes
    ----------
    scale : Estimate
        Injection, in 1/s, per sqrt(W) of injected power, or per A of injected current.
    per : str
        "sqrt(W)" or "A".
    center : Estimate
        Frequency of the free oscillator, in Hz.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.bench import fit_locking, locking_edges
    >>> vortex = SpinTorqueOscillator.from_preset("romera2018")
    >>> own = vortex.stationary_frequency(4e-3)
    >>> power = [1e-9, 4e-9]                                     # in W
    >>> edges = [locking_edges(vortex, 4e-3, 1e10 * p**0.5) for p in power]
    >>> lower, upper = ([own + edge[side] for edge in edges] for side in (0, 1))
    >>> scale = fit_locking(power, lower, upper, vortex, 4e-3)
    >>> round(scale.injection(2.5e-9) / 1e3)                     # in 1/ms
    500
    """

    scale: Estimate
    per: str
    center: Estimate

    def injection(self, strength: float) -> float:
        """The `injection` of an `OscillatorNetwork`, in 1/s.

        Parameters
        ----------
        strength : float
            Injected power in W, or current in A.

        Returns
        -------
        float
        """
        return self.scale.value * (strength**0.5 if self.per == "sqrt(W)" else strength)


def read_locking(
    path: str | os.PathLike[str],
    oscillator: SpinTorqueOscillator,
    bias: float,
    units: Mapping[str, str] | None = None,
) -> InjectionScale:
    """The scale of the injection from a table of locking edges.

    Parameters
    ----------
    path : str or path-like
        A text file with the columns ``injected_power_dBm`` (or ``injected_current_mA``),
        ``lower_edge_MHz`` and ``upper_edge_MHz``, in any dialect that `read_bench_table`
        reads.
    oscillator : SpinTorqueOscillator
    bias : float
        Current of the oscillator, in A.
    units : mapping of str to str, default=None
        Units of columns whose names say none.

    Returns
    -------
    InjectionScale

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no such table, or cannot be fitted.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.bench import locking_edges, read_locking
    >>> vortex = SpinTorqueOscillator.from_preset("romera2018")
    >>> own = vortex.stationary_frequency(4e-3)
    >>> rows = ["injected_power_dBm,lower_edge_MHz,upper_edge_MHz"]
    >>> for dbm in (-60, -54):
    ...     watts = 1e-3 * 10 ** (dbm / 10)
    ...     lower, upper = locking_edges(vortex, 4e-3, 1e10 * watts**0.5)
    ...     rows.append(f"{dbm},{(own + lower) / 1e6:.6f},{(own + upper) / 1e6:.6f}")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "edges.csv"
    ...     _ = path.write_text(chr(10).join(rows))
    ...     scale = read_locking(path, vortex, bias=4e-3)
    >>> round(scale.scale.value / 1e10, 2)
    1.0
    """
    path = Path(path)
    quantities = (INJECTED_POWER, INJECTED_CURRENT, LOWER_EDGE, UPPER_EDGE)
    columns = read_quantities(path, quantities, units, needed=("lower_edge", "upper_edge"))
    values = columns.values
    given = [name for name in ("injected_power", "injected_current") if name in values]
    if len(given) != 1:
        raise BenchTableError(
            f"{path} needs one of the columns injected_power_dBm and injected_current_mA; it "
            f"has {'both' if given else 'neither'}."
        )
    per = "sqrt(W)" if given == ["injected_power"] else "A"
    strength = values[given[0]]
    try:
        return fit_locking(
            strength, values["lower_edge"], values["upper_edge"], oscillator, bias, per=per
        )
    except ValueError as error:
        raise BenchTableError(f"{path}: {error}") from None


def fit_locking(
    strength: ArrayLike,
    lower_edge: ArrayLike,
    upper_edge: ArrayLike,
    oscillator: SpinTorqueOscillator,
    bias: float,
    *,
    per: str = "sqrt(W)",
) -> InjectionScale:
    """The scale of the injection from locking edges.

    Parameters
    ----------
    strength : array-like of shape (n_sweeps,)
        Injected power in W, or injected current in A.
    lower_edge, upper_edge : array-like of shape (n_sweeps,)
        Frequencies of the source between which the oscillator is locked, in Hz.
    oscillator : SpinTorqueOscillator
        With the numbers of `fit_bench_table`.
    bias : float
        Its current, in A; above the threshold.
    per : {"sqrt(W)", "A"}, default="sqrt(W)"
        What the strength is.

    Returns
    -------
    InjectionScale
        The errors are those of the edges; those of the oscillator's numbers are not in them.

    Raises
    ------
    ValueError
        If the columns do not fit together, or the current is not above the threshold.

    Warns
    -----
    UserWarning
        If the sweeps lie about another frequency than that of the oscillator.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.bench import fit_locking, locking_edges
    >>> vortex = SpinTorqueOscillator.from_preset("romera2018")
    >>> own = vortex.stationary_frequency(4e-3)
    >>> power = [1e-9, 4e-9]                                     # in W
    >>> edges = [locking_edges(vortex, 4e-3, 1e10 * p**0.5) for p in power]
    >>> lower, upper = ([own + edge[side] for edge in edges] for side in (0, 1))
    >>> scale = fit_locking(power, lower, upper, vortex, 4e-3)
    >>> round(scale.scale.value / 1e10, 2)
    1.0
    """
    from scipy.optimize import least_squares
    from scipy.stats import t as student

    if per not in ("sqrt(W)", "A"):
        raise ValueError(f"per is {per!r}; it must be 'sqrt(W)' or 'A'.")
    strengths, lower, upper = _checked(strength, lower_edge, upper_edge)
    if not float(oscillator.growth_rate(bias)) > 0:
        raise ValueError(f"{oscillator.describe(bias)}; a silent oscillator cannot lock.")
    roots = np.sqrt(strengths) if per == "sqrt(W)" else strengths
    center = float(np.mean(lower + upper) / 2)
    unit = float(np.mean(upper - lower) / 2)
    weak = np.hypot(1, float(oscillator.nonlinear_shift(bias))) / (2 * np.pi)
    start = float(np.mean((upper - lower) / 2 / weak / roots))

    def misfits(unknowns: Floats) -> Floats:
        edges = np.array(
            [locking_edges(oscillator, bias, start * np.exp(unknowns[0]) * r) for r in roots]
        )
        low, high = edges.T + center + unknowns[1] * unit
        return np.concatenate([low - lower, high - upper]) / unit

    best = least_squares(misfits, [0.0, 0.0], diff_step=1e-4)
    covariance = covariance_of(best.jac, best.fun)
    half = float(student.ppf(0.975, 2 * len(roots) - 2)) * np.sqrt(np.diag(covariance))
    value = start * float(np.exp(best.x[0]))
    middle = center + float(best.x[1]) * unit
    factor = float(np.exp(half[0]))
    _warn_of_another_line(middle, float(oscillator.stationary_frequency(bias)), upper - lower)
    return InjectionScale(
        Estimate(
            value,
            "fitted",
            value * float(np.sqrt(covariance[0, 0])),
            (value / factor, value * factor),
        ),
        per,
        Estimate(
            middle,
            "fitted",
            unit * float(np.sqrt(covariance[1, 1])),
            (middle - unit * float(half[1]), middle + unit * float(half[1])),
        ),
    )


def _warn_of_another_line(middle: float, free: float, widths: Floats) -> None:
    """Warn if the sweeps cannot be those of the oscillator at its bias."""
    if abs(middle - free) > max(LARGEST_DRIFT * free, float(widths.max())):
        warnings.warn(
            f"The sweeps are those of a line at {middle / 1e6:.6g} MHz, but the oscillator "
            f"emits at {free / 1e6:.6g} MHz at this bias. The scale holds only for its own "
            "line at its bias, and not for a source at a multiple of its frequency.",
            UserWarning,
            stacklevel=3,
        )


def locking_edges(
    oscillator: SpinTorqueOscillator, bias: float, injection: float
) -> tuple[float, float]:
    """Source frequencies between which there is a locked state, less the free frequency.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
    bias : float
        In A; above the threshold.
    injection : float
        F over the amplitude at rest, in 1/s.

    Returns
    -------
    tuple of two floats
        In Hz. A locked state near an edge may be unstable for a strong source.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.bench import locking_edges
    >>> vortex = SpinTorqueOscillator.from_preset("romera2018")
    >>> lower, upper = locking_edges(vortex, 4e-3, 1e5)
    >>> round(lower / 1e3), round(upper / 1e3)                   # in kHz, about 34 each
    (-34, 34)
    """
    growth = float(oscillator.growth_rate(bias))
    saturation = float(oscillator.saturation_rate(bias))
    rest = growth / saturation
    force = injection**2 * rest
    # Powers of locked states: p ((a - b p) / 2)^2 < F^2 near the power at rest.
    reach = 4 * injection / growth
    power = rest * np.linspace(max(1 - reach, 1e-6), 1 + reach, N_POWERS)
    left = force / power - ((growth - saturation * power) / 2) ** 2
    power, left = power[left >= 0], left[left >= 0]
    shift = oscillator.nonlinear_frequency_shift * (power - rest)
    width = np.sqrt(left) / (2 * np.pi)
    return float((shift - width).min()), float((shift + width).max())


def _checked(
    strength: ArrayLike, lower: ArrayLike, upper: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Columns that fit together."""
    columns = [
        real_array(name, values).astype(float)
        for name, values in (("strength", strength), ("lower", lower), ("upper", upper))
    ]
    shapes = {column.shape for column in columns}
    if len(shapes) > 1 or columns[0].ndim != 1 or len(columns[0]) < MIN_SWEEPS:
        raise ValueError(
            f"strength and edges have the shapes {[c.shape for c in columns]}; give columns "
            f"of one length, with at least {MIN_SWEEPS} sweeps."
        )
    if not all(np.isfinite(column).all() for column in columns):
        raise ValueError("The sweeps hold NaN or infinity; leave those out.")
    if not (columns[0] > 0).all():
        raise ValueError("A strength of the source is not positive; leave that sweep out.")
    if not (columns[1] < columns[2]).all():
        row = int(np.argmin(columns[1] < columns[2]))
        raise ValueError(
            f"In row {row} the lower edge is not below the upper one; swap them."
        )
    return columns[0], columns[1], columns[2]
