"""How strong is a source at the oscillator? Read from the edges of locking.

A source of the frequency f_s acts on the complex amplitude c with the force F,

    dc/dt = ((a - b |c|^2) / 2 - 2 pi i f(|c|^2)) c + F exp(-2 pi i f_s t)

(Slavin and Tiberkevich, IEEE Trans. Magn. 45, 1875, 2009). A locked state of power p obeys

    F^2 / p = ((a - b p) / 2)^2 + (2 pi (f(p) - f_s))^2,

so that with the detuning D = 2 pi (f(p) - f_s) and A = (a - b p) / 2 the locked frequencies
f_s reach to the extremes of

    f(p) - D / (2 pi)    with D = +- sqrt(F^2 / p - A^2)

over those powers p whose state is stable. Small deviations of amplitude and phase decay where
the trace 2 A - b p of their two rates is negative, and the determinant

    A^2 + D^2 - A b p + 2 D p 2 pi df/dp

is positive. For weak sources the extremes are the half-width sqrt(1 + nu^2) F / (2 pi
sqrt(p0)). F is proportional to the root of the injected power. An `OscillatorNetwork` counts
it as `injection`, which is F over the amplitude at rest.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reservoir._checks import real_array
from reservoir._types import ArrayLike, Floats
from reservoir._warnings import warn_user
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
STRONG = 0.3  # injection over Gamma_p, up to which the edges are nearly those of a simulation


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
        If the sweeps lie about another frequency than that of the oscillator, or a source is
        so strong that `locking_edges` is not exact.

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
            [_edges(oscillator, bias, start * np.exp(unknowns[0]) * r) for r in roots]
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
    _warn_of_strength(oscillator, bias, value * float(roots.max()))
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
        warn_user(
            f"The sweeps are those of a line at {middle / 1e6:.6g} MHz, but the oscillator "
            f"emits at {free / 1e6:.6g} MHz at this bias. The scale holds only for its own "
            "line at its bias, and not for a source at a multiple of its frequency.",
            UserWarning,
        )


def _warn_of_strength(
    oscillator: SpinTorqueOscillator, bias: float, injection: float
) -> None:
    """Warn if the amplitude is too slow to settle before the source has turned."""
    relaxation = float(oscillator.growth_rate(bias)) / 2
    if injection > STRONG * relaxation:
        warn_user(
            f"An injection of {injection:.3g} 1/s is {injection / relaxation:.2g} times "
            f"Gamma_p, half the rate at which the amplitude relaxes, so that locking may end "
            "elsewhere than its stable states do. OscillatorNetwork.locking_range simulates "
            f"the edges; these here are meant for up to {STRONG} times.",
            UserWarning,
        )


def locking_edges(
    oscillator: SpinTorqueOscillator, bias: float, injection: float
) -> tuple[float, float]:
    """Source frequencies between which a locked state is stable, less the free frequency.

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
        In Hz.

    Warns
    -----
    UserWarning
        If the injection is more than 0.3 of Gamma_p, half the rate at which the amplitude
        relaxes. Up to there a source that is simulated locks within 1 % of these edges for
        a nonlinear shift nu of up to 2; for nu = 4.7 one edge is off by 11 %.

    Notes
    -----
    Under a stronger source an oscillator may stay unlocked although a locked state is stable,
    or follow the source with an amplitude that does not settle. At an injection of Gamma_p
    the edges are off by up to 20 %. `OscillatorNetwork.locking_range` simulates them.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.bench import locking_edges
    >>> vortex = SpinTorqueOscillator.from_preset("romera2018")
    >>> lower, upper = locking_edges(vortex, 4e-3, 1e5)
    >>> round(lower / 1e3), round(upper / 1e3)                   # in kHz, about 34 each
    (-34, 34)
    """
    _warn_of_strength(oscillator, bias, injection)
    return _edges(oscillator, bias, injection)


def _edges(
    oscillator: SpinTorqueOscillator, bias: float, injection: float
) -> tuple[float, float]:
    growth = float(oscillator.growth_rate(bias))
    saturation = float(oscillator.saturation_rate(bias))
    rest, slope = growth / saturation, oscillator.nonlinear_frequency_shift
    # Powers of locked states: p A^2 < F^2; below half of the power at rest none is stable.
    reach = 4 * injection / growth
    power = rest * np.linspace(max(1 - reach, 0.5), 1 + reach, N_POWERS)
    A = (growth - saturation * power) / 2
    squares = injection**2 * rest / power - A**2
    power, A, squares = power[squares >= 0], A[squares >= 0], squares[squares >= 0]
    D = np.sqrt(squares) * np.array([[1.0], [-1.0]])
    determinant = A**2 + D**2 - A * saturation * power + 4 * np.pi * slope * power * D
    sources = slope * (power - rest) - D / (2 * np.pi)
    stable = sources[determinant > 0]
    return float(stable.min()), float(stable.max())


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
