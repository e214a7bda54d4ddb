"""How does the power of a spin-torque oscillator depend on its current?"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from reservoir._checks import Real, Rule, real_array
from reservoir._plausibility import warn_of_measured
from reservoir._types import ArrayLike, Floats
from reservoir.devices.device import Ability, Device
from reservoir.devices.logistic import (
    POWER_FLOOR_RANGE,
    LogisticOscillator,
    RateCoefficients,
)
from reservoir.devices.presets import PRESETS


@dataclass(frozen=True)
class SpinTorqueOscillator(LogisticOscillator):
    r"""A spin-torque nano-oscillator whose power follows its current.

    The power equation of Slavin and Tiberkevich [1]_ with damping linear in the power.
    With the overdrive :math:`z = I/I_{th}`, G = `damping_rate` and Q =
    `nonlinear_damping`,

    .. math:: \dot p = a p - b p^2,\quad a = 2 G (z - 1),\quad b = 2 G (z + Q)

    and the frequency is :math:`f_0 + N p + k (I - I_{th})`.

    Parameters
    ----------
    threshold_current : float
        Current at which auto-oscillation starts, in A; positive.
    damping_rate : float
        Natural damping rate G of the amplitude, in 1/s; positive.
    nonlinear_damping : float
        Q, how much damping grows with power; above -1, so that the power stays below 1.
    frequency : float
        Frequency at threshold, in Hz; positive.
    nonlinear_frequency_shift : float
        Change of frequency per unit of power, in Hz.
    current_tuning : float, default=0.0
        Change of frequency with current at fixed power (Oersted field, field-like
        torque), in Hz/A.
    power_floor : float, default=1e-12
        Floor that the power never leaves: a constant in the place of thermal noise
        (``D/(G+ - G-)`` in the theory). Between 1e-18 and 1e-3, because the kernels work with
        1/p, which must fit single precision.

    Raises
    ------
    TypeError
        If a parameter is no number.
    ValueError
        If a parameter is outside its range.

    References
    ----------
    .. [1] A. Slavin and V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009).

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> vortex.stationary_power(7e-3)
    0.333...
    >>> round(vortex.relaxation_time(7e-3) * 1e9)
    410
    >>> vortex.describe(3.4e-3)
    '0.0034 A is 2.9 % below the threshold of 0.0035 A'
    """

    threshold_current: float
    damping_rate: float
    nonlinear_damping: float
    _: KW_ONLY
    frequency: float
    nonlinear_frequency_shift: float
    current_tuning: float = 0.0
    power_floor: float = 1e-12

    presets = PRESETS
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "threshold_current": Real(above=0, what="current in A"),
        "damping_rate": Real(above=0, what="rate in 1/s"),
        "nonlinear_damping": Real(above=-1, what="damping"),
        "frequency": Real(above=0, what="frequency in Hz"),
        "nonlinear_frequency_shift": Real(what="frequency in Hz"),
        "current_tuning": Real(what="tuning in Hz/A"),
        "power_floor": POWER_FLOOR_RANGE,
    }

    def abilities(self) -> frozenset[Ability]:
        """The exact kernel plays this device, with thermal noise and all readings."""
        return frozenset({Ability.RATES, Ability.NOISE})

    def rate_coefficients(self) -> RateCoefficients:
        """Growth and saturation rates as affine functions of the current.

        Returns
        -------
        RateCoefficients
        """
        slope = 2.0 * self.damping_rate / self.threshold_current
        return RateCoefficients(
            slope,
            -2.0 * self.damping_rate,
            slope,
            2.0 * self.damping_rate * self.nonlinear_damping,
        )

    @classmethod
    def from_amplitude_curve(
        cls,
        current: ArrayLike,
        amplitude: ArrayLike,
        *,
        damping_rate: float,
        frequency: float,
        nonlinear_frequency_shift: float = 0.0,
        current_tuning: float = 0.0,
        power_floor: float = 1e-12,
    ) -> "AmplitudeFit":
        r"""Fit threshold, nonlinear damping and scale to a measured amplitude curve.

        The fit minimises the squares of the distances from
        :math:`A(I) = s \sqrt{(z - 1)/(z + Q)}` above the threshold and from 0 below it. A
        static curve contains no time, so the user gives the damping rate (from a relaxation
        time: G = 1/(2 (z - 1) T)) and the frequency.

        Parameters
        ----------
        current : array-like of shape (n_points,)
            In A; on both sides of the threshold.
        amplitude : array-like of shape (n_points,)
            Emitted amplitude, in any unit (volts, say).
        damping_rate, frequency : float
            As for the device itself.
        nonlinear_frequency_shift, current_tuning, power_floor : float
            As for the device itself.

        Returns
        -------
        AmplitudeFit

        Raises
        ------
        ValueError
            If the curve is not finite, has fewer than 6 points or less than 4 of them
            well above the lowest amplitude, or does not bracket the threshold.

        Warns
        -----
        UnitsWarning
            If the threshold is of amperes, or the frequency of hertz.

        Examples
        --------
        >>> import numpy as np
        >>> from reservoir import SpinTorqueOscillator
        >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
        >>> current = np.linspace(2e-3, 8e-3, 25)
        >>> volts = 0.01 * vortex.stationary_amplitude(current)
        >>> fit = SpinTorqueOscillator.from_amplitude_curve(
        ...     current, volts, damping_rate=1.2e6, frequency=300e6)
        >>> round(fit.oscillator.threshold_current * 1e3, 3), round(fit.scale, 4)
        (3.5, 0.01)
        """
        curve = _check_curve(current, amplitude)
        best = _fit_curve(curve)
        threshold = best.x[0] * curve.unit
        if not curve.current[0] < threshold < curve.current[-1]:
            raise ValueError(
                f"The fitted threshold {threshold:.3g} A lies outside the measured "
                f"currents [{curve.current[0]:.3g}, {curve.current[-1]:.3g}] A; measure on "
                "both sides."
            )
        warn_of_measured(float(threshold), frequency)
        damping = float(np.expm1(best.x[1]))
        jacobian = best.jac
        variance = 2 * best.cost / max(len(curve.current) - 3, 1)
        covariance = variance * np.linalg.pinv(jacobian.T @ jacobian)
        errors = np.sqrt(np.diag(covariance))
        misfit = curve.model(best.x) - curve.amplitude
        return AmplitudeFit(
            oscillator=cls(
                threshold_current=float(threshold),
                damping_rate=damping_rate,
                nonlinear_damping=damping,
                frequency=frequency,
                nonlinear_frequency_shift=nonlinear_frequency_shift,
                current_tuning=current_tuning,
                power_floor=power_floor,
            ),
            scale=float(best.x[2] * curve.top),
            residual=float(np.sqrt(np.mean(misfit**2))),
            threshold_error=float(errors[0] * curve.unit),
            nonlinear_damping_error=float(errors[1] * (1 + damping)),
            scale_error=float(errors[2] * curve.top),
        )


@dataclass(frozen=True)
class AmplitudeFit:
    """A device fitted to a measured amplitude curve, and how well it fits.

    Attributes
    ----------
    oscillator : SpinTorqueOscillator
    scale : float
        Measured amplitude per unit of sqrt(p), in the unit of the measurement.
    residual : float
        Root mean square of the misfit, same unit.
    threshold_error, nonlinear_damping_error, scale_error : float
        Standard errors from the curvature of the misfit. They are right only if the errors
        of the points are independent and of equal size.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import SpinTorqueOscillator
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> current = np.linspace(2e-3, 8e-3, 30)
    >>> fit = SpinTorqueOscillator.from_amplitude_curve(
    ...     current, vortex.stationary_amplitude(current), damping_rate=1e6, frequency=3e8)
    >>> round(fit.oscillator.threshold_current, 6)
    0.0035
    """

    oscillator: SpinTorqueOscillator
    scale: float
    residual: float
    threshold_error: float
    nonlinear_damping_error: float
    scale_error: float


@dataclass(frozen=True)
class _Curve:
    """A measured amplitude curve in order of the currents, and the units of its fit.

    Attributes
    ----------
    current, amplitude : ndarray of shape (n_points,)
    unit : float
        A current near the threshold, in A: the unit of the fitted threshold.
    top : float
        Range of the amplitudes: the unit of the fitted scale.
    """

    current: Floats
    amplitude: Floats
    unit: float
    top: float

    def model(self, parameters: Floats) -> Floats:
        """Amplitudes for (threshold, log of 1 + Q, scale), in the units of the fit."""
        threshold, log_damping, scale = parameters
        overdrive = np.maximum(self.current / (threshold * self.unit), 1.0)
        damping = np.expm1(log_damping)
        model: Floats = scale * self.top * np.sqrt((overdrive - 1) / (overdrive + damping))
        return model


def _check_curve(current: ArrayLike, amplitude: ArrayLike) -> _Curve:
    """A measured curve that can be fitted."""
    current = real_array("current", current).astype(float, copy=False)
    amplitude = real_array("amplitude", amplitude).astype(float, copy=False)
    if current.ndim != 1 or current.shape != amplitude.shape or len(current) < 6:
        raise ValueError(
            f"current has shape {current.shape} and amplitude {amplitude.shape}; both "
            "must be 1-D, of one length, with at least 6 points."
        )
    if not (np.isfinite(current).all() and np.isfinite(amplitude).all()):
        raise ValueError("The curve holds NaN or infinity; leave those points out.")
    top = np.ptp(amplitude)
    if top == 0:
        raise ValueError("The amplitude is constant; nothing can be fitted to it.")
    order = np.argsort(current)
    current, amplitude = current[order], amplitude[order]
    bright = amplitude > amplitude.min() + 0.1 * top
    if bright.sum() < 4 or bright.all():
        raise ValueError(
            f"{bright.sum()} of {len(current)} points lie above a tenth of the "
            "amplitude's range; the fit needs at least 4 above and 1 below the "
            "threshold: measure further on both sides."
        )
    first_bright = int(np.argmax(bright))
    unit = current[max(first_bright - 1, 0)]
    if not unit > 0:
        unit = current[first_bright]
    return _Curve(current, amplitude, unit, top)


def _fit_curve(curve: _Curve) -> Any:
    """The best of six least-squares fits from different starts, as scipy's result."""
    from scipy.optimize import least_squares

    return min(
        (
            least_squares(
                lambda parameters: (curve.model(parameters) - curve.amplitude) / curve.top,
                [start, np.log1p(damping), 2.0],
                bounds=([0.1, -5.0, 0.0], [10.0, 8.0, 1e4]),
                x_scale=[0.01, 0.3, 0.3],
                xtol=1e-14,
                ftol=1e-14,
                gtol=1e-14,
            )
            for start in (0.95, 1.0, 1.05)
            for damping in (0.5, 3.0)
        ),
        key=lambda result: result.cost,
    )


def require_noise(oscillator: Device, what: str) -> None:
    """Refuse a device whose damping and frequency the equations of the noise do not know.

    Parameters
    ----------
    oscillator : device
    what : str
        What needs them: the first words of the message.
    """
    if not isinstance(oscillator, Device) or Ability.NOISE not in oscillator.abilities():
        raise ValueError(
            f"{what} needs a SpinTorqueOscillator, whose damping and frequency are known; "
            f"it got a {type(oscillator).__name__}. A bench table of amplitudes and "
            "frequencies becomes one by reservoir.bench.fit_bench_table."
        )
