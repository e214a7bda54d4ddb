"""How fast does an oscillator follow a step of its current? Read from the trace of a step.

Under a held current the power follows dp/dt = a p - b p^2, whose solution is known (Slavin
and Tiberkevich, IEEE Trans. Magn. 45, 1875, 2009). For the amplitude A, which is proportional
to sqrt(p), after a step at the time t0 from A0 towards A1,

    A(t) = A1 / sqrt(1 + (A1^2 / A0^2 - 1) exp(-a (t - t0))).

Small deviations fall with the rate a, so that 1/a is the relaxation time, and
a = 2 G (I / I_th - 1) tells the damping rate G.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reservoir._checks import Real, check_value, real_array
from reservoir._types import ArrayLike, Floats
from reservoir.bench.columns import read_quantities
from reservoir.bench.fit import Estimate
from reservoir.bench.least_squares import covariance_of
from reservoir.bench.quantities import TIME, VOLTAGE
from reservoir.devices import SpinTorqueOscillator

MIN_SAMPLES = 10
LEAST_STEP = 4.0  # between both amplitudes, in errors of their means


@dataclass(frozen=True, eq=False)
class Transient:
    """A step of the amplitude, and the rate at which it settles.

    Attributes
    ----------
    time : ndarray of shape (n_samples,)
        In s.
    amplitude : ndarray of shape (n_samples,)
        In any unit.
    growth_rate : Estimate
        a, in 1/s.
    relaxation_time : Estimate
        1/a, in s.
    start, end : float
        Amplitudes before the step and at rest after it.
    step_time : float
        When the step begins, in s.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import SpinTorqueOscillator, simulate
    >>> from reservoir.bench import fit_transient
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> volts = simulate(vortex, np.full(400, 7e-3), 10e-9, initial_power=1e-3)
    >>> step = fit_transient(10e-9 * np.arange(1, 401), volts)
    >>> round(step.damping_rate(7e-3, vortex).value / 1e6, 2)      # G, in 1/us
    1.22
    """

    time: Floats
    amplitude: Floats
    growth_rate: Estimate
    relaxation_time: Estimate
    start: float
    end: float
    step_time: float

    def predict(self, time: ArrayLike) -> Floats:
        """Amplitude of the fit.

        Parameters
        ----------
        time : array-like
            In s.

        Returns
        -------
        ndarray
        """
        rate = self.growth_rate.value
        return _step(np.asarray(time), rate, self.end, self.start, self.step_time)

    def damping_rate(
        self, current: float, oscillator: SpinTorqueOscillator, threshold_error: float = 0.0
    ) -> Estimate:
        """Damping rate G = a / (2 (I / I_th - 1)).

        Parameters
        ----------
        current : float
            After the step, in A; above the threshold.
        oscillator : SpinTorqueOscillator
            Whose threshold is taken.
        threshold_error : float, default=0.0
            Standard error of the threshold, in A.

        Returns
        -------
        Estimate
            In 1/s.

        Raises
        ------
        ValueError
            If the current is not above the threshold.
        """
        check_value("current", current, Real(above=0, what="current in A"))
        excess = float(oscillator.overdrive(current)) - 1
        if not excess > 0:
            raise ValueError(
                f"{oscillator.describe(current)}; a step tells the damping rate only where "
                "it leads above it. Give the current to which the step leads."
            )
        assert self.growth_rate.error is not None
        value = self.growth_rate.value / (2 * excess)
        slope = (1 + excess) / excess / oscillator.threshold_current
        relative = float(
            np.hypot(self.growth_rate.error / self.growth_rate.value, slope * threshold_error)
        )
        factor = float(np.exp(1.96 * relative))
        return Estimate(value, "fitted", value * relative, (value / factor, value * factor))


def read_transient(
    path: str | os.PathLike[str], units: Mapping[str, str] | None = None
) -> Transient:
    """Read the trace of a step from a text file, and fit it.

    Parameters
    ----------
    path : str or path-like
        With columns ``time`` and ``voltage`` or ``amplitude``, in any dialect that
        `read_bench_table` reads.
    units : mapping of str to str, default=None
        Units of columns whose names say none, as in ``{"time": "ns"}``.

    Returns
    -------
    Transient

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no such table, or shows no step that can be fitted.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from reservoir import SpinTorqueOscillator, simulate
    >>> from reservoir.bench import read_transient
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> volts = simulate(vortex, np.full(400, 7e-3), 10e-9, initial_power=1e-3)
    >>> rows = [f"{10 * k},{volt}" for k, volt in enumerate(volts, 1)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "step.csv"
    ...     _ = path.write_text(chr(10).join(["time_ns,voltage_V", *rows]))
    ...     step = read_transient(path)
    >>> round(step.relaxation_time.value * 1e9)
    410
    """
    path = Path(path)
    columns = read_quantities(path, (TIME, VOLTAGE), units, needed=("time", "voltage"))
    try:
        return fit_transient(columns.values["time"], columns.values["voltage"])
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def fit_transient(time: ArrayLike, amplitude: ArrayLike) -> Transient:
    """The rate at which an amplitude settles after a step of the current.

    Parameters
    ----------
    time : array-like of shape (n_samples,)
        In s, ascending. A stretch before the step may belong to it.
    amplitude : array-like of shape (n_samples,)
        The envelope of the emission, in any unit.

    Returns
    -------
    Transient

    Raises
    ------
    ValueError
        If there are fewer than 10 samples, if they are not finite, or if no step stands out.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import SpinTorqueOscillator, simulate
    >>> from reservoir.bench import fit_transient
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> time = 10e-9 * np.arange(1, 401)
    >>> amplitude = simulate(vortex, np.full(400, 7e-3), 10e-9, initial_power=1e-3)
    >>> round(fit_transient(time, amplitude).relaxation_time.value * 1e9)
    410
    """
    from scipy.optimize import least_squares
    from scipy.stats import t as student

    time = real_array("time", time).astype(float)
    amplitude = real_array("amplitude", amplitude).astype(float)
    _check_trace(time, amplitude)
    n_edge = max(len(time) // 20, 2)
    start, end = float(amplitude[:n_edge].mean()), float(amplitude[-n_edge:].mean())
    top, span = float(np.abs(amplitude).max()), float(time[-1] - time[0])
    start = max(start, 1e-3 * top)
    smooth = np.convolve(amplitude, np.full(n_edge, 1 / n_edge), "valid")
    half = time[n_edge - 1 + np.argmax(np.abs(smooth - start) > 0.5 * abs(end - start))]
    half -= time[0]
    low = [-7.0, 1e-6, 1e-9, -1e-12]  # of the rate's logarithm times the span, and so on
    high = [14.0, 10.0, 10.0, max(half / span, 1e-9)]

    def misfits(unknowns: Floats) -> Floats:
        rate, after, before, delay = unknowns
        model = _step((time - time[0]) / span, np.exp(rate), after, before, delay)
        return model - amplitude / top

    guesses = [
        least_squares(
            misfits,
            [np.log(rate), max(end / top, 1e-3), start / top, share * high[3]],
            bounds=(low, high),
            x_scale="jac",
            xtol=1e-12,
            ftol=1e-12,
        )
        for rate in (3.0, 10.0, 30.0, 100.0)
        for share in (0.01, 0.5)
    ]
    best = min(guesses, key=lambda guess: guess.cost)
    freedom = len(time) - len(best.x)
    rms = float(np.sqrt(2 * best.cost / freedom))
    if abs(best.x[1] - best.x[2]) < LEAST_STEP * rms / np.sqrt(n_edge):
        raise ValueError(
            "The trace shows no step that stands out of its noise. Average more traces, or "
            "take a larger step of the current."
        )
    error = float(np.sqrt(covariance_of(best.jac, best.fun)[0, 0]))
    rate = float(np.exp(best.x[0]) / span)
    factor = float(np.exp(student.ppf(0.975, freedom) * error))
    return Transient(
        time,
        amplitude,
        Estimate(rate, "fitted", rate * error, (rate / factor, rate * factor)),
        Estimate(1 / rate, "fitted", error / rate, (1 / (rate * factor), factor / rate)),
        start=float(best.x[2] * top),
        end=float(best.x[1] * top),
        step_time=float(time[0] + best.x[3] * span),
    )


def _check_trace(time: Floats, amplitude: Floats) -> None:
    if time.ndim != 1 or time.shape != amplitude.shape or len(time) < MIN_SAMPLES:
        raise ValueError(
            f"time has shape {time.shape} and amplitude {amplitude.shape}; both must be 1-D, "
            f"of one length, with at least {MIN_SAMPLES} samples."
        )
    if not (np.isfinite(time).all() and np.isfinite(amplitude).all()):
        raise ValueError("The trace holds NaN or infinity; leave those samples out.")
    if not (np.diff(time) > 0).all():
        row = int(np.argmin(np.diff(time) > 0)) + 1
        raise ValueError(f"time does not ascend at sample {row}; sort the samples by time.")
    if not np.ptp(amplitude) > 0:
        raise ValueError("The amplitude is constant; a step of the current must lie in it.")


def _step(time: Floats, rate: float, end: float, start: float, step_time: float) -> Floats:
    """The closed form; before the step the first amplitude."""
    excess = (end / start) ** 2 - 1
    decay = np.exp(-rate * np.maximum(time - step_time, 0.0))
    model: Floats = end / np.sqrt(1 + excess * decay)
    return model
