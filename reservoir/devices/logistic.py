"""What follows when the power of an oscillator is logistic under a held current?"""

from typing import TYPE_CHECKING, NamedTuple, TypeGuard

import numpy as np

from reservoir._checks import Real, real_array
from reservoir._types import ArrayLike, FloatOrArray, Floats
from reservoir._units import with_prefix
from reservoir.devices.device import Ability, Device

# The kernels work with 1/p, which must fit single precision.
POWER_FLOOR_RANGE = Real(at_least=1e-18, at_most=1e-3, what="power")


class RateCoefficients(NamedTuple):
    """Rates of dp/dt = a p - b p^2 as affine functions of the current I.

    ``a = growth_slope I + growth_offset`` and ``b = saturation_slope I + saturation_offset``,
    both in 1/s, with I in A. A device whose power is logistic hands these four numbers to the
    kernels, which need nothing else.
    """

    growth_slope: float
    growth_offset: float
    saturation_slope: float
    saturation_offset: float


class LogisticOscillator(Device):
    """An oscillator with dp/dt = a p - b p^2, both rates affine in the current.

    A subclass gives what follows, as fields or as properties; everything else is here.

    ``rate_coefficients()``
        The two rates, as `RateCoefficients`.
    ``threshold_current``
        In A; there a vanishes.
    ``damping_rate``
        G, in 1/s: how fast the amplitude decays without a current.
    ``power_floor``
        The power never leaves this floor; between 1e-18 and 1e-3.
    ``frequency``
        At the threshold, in Hz.
    ``nonlinear_frequency_shift``
        N, change of frequency per unit of power, in Hz.
    ``current_tuning``
        Change of frequency with the current at fixed power, in Hz/A.
    """

    if TYPE_CHECKING:  # Fields in some classes, properties in others.

        @property
        def power_floor(self) -> float:
            """Floor that the power never leaves."""

        @property
        def frequency(self) -> float:
            """Frequency at the threshold, in Hz."""

        @property
        def nonlinear_frequency_shift(self) -> float:
            """Change of frequency per unit of power, in Hz."""

        @property
        def current_tuning(self) -> float:
            """Change of frequency with current at fixed power, in Hz/A."""

    def abilities(self) -> frozenset[Ability]:
        """The exact kernel plays this device."""
        return frozenset({Ability.RATES})

    def rate_coefficients(self) -> RateCoefficients:
        """Growth and saturation rates as affine functions of the current.

        Returns
        -------
        RateCoefficients
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say its rates; give it a method "
            "rate_coefficients()."
        )

    def overdrive(self, current: ArrayLike) -> FloatOrArray:
        """Current in units of the threshold, z = I / I_th.

        Parameters
        ----------
        current : float or array-like
            In A.

        Returns
        -------
        float or ndarray
            Of the shape of `current`, without unit.

        Raises
        ------
        ValueError
            Here and in every method that takes a current, if one is not finite, or so large
            that the answer is not.
        """
        with np.errstate(over="ignore"):
            return _within("overdrive", _finite("current", current) / self.threshold_current)

    def growth_rate(self, current: ArrayLike) -> FloatOrArray:
        """Rate a = 2 G (z - 1) at which a small power grows, in 1/s."""
        overdrive = np.asarray(self.overdrive(current))
        with np.errstate(over="ignore"):
            return _within("growth_rate", 2 * self.damping_rate * (overdrive - 1))

    def saturation_rate(self, current: ArrayLike) -> FloatOrArray:
        """Rate b at which power limits itself, in 1/s."""
        rates = self.rate_coefficients()
        current = self.threshold_current * np.asarray(self.overdrive(current))
        with np.errstate(over="ignore"):
            rate = rates.saturation_slope * current + rates.saturation_offset
        return _within("saturation_rate", rate)

    def stationary_power(self, current: ArrayLike) -> FloatOrArray:
        """Power at rest: p0 = a/b above the threshold, the power floor below it.

        Parameters
        ----------
        current : float or array-like
            In A.

        Returns
        -------
        float or ndarray
            Of the shape of `current`, without unit.
        """
        above = self.threshold_current * np.maximum(self.overdrive(current), 1.0)
        power = np.asarray(self.growth_rate(above)) / self.saturation_rate(above)
        return _plain(np.maximum(power, self.power_floor))

    def stationary_amplitude(self, current: ArrayLike) -> FloatOrArray:
        """Square root of the stationary power."""
        return _plain(np.sqrt(self.stationary_power(current)))

    def stationary_frequency(self, current: ArrayLike) -> FloatOrArray:
        """Frequency at rest in Hz: nonlinear shift and current tuning included."""
        power = self.stationary_power(current)
        with np.errstate(over="ignore"):
            detuning = _finite("current", current) - self.threshold_current
            frequency = (
                self.frequency
                + self.nonlinear_frequency_shift * power
                + self.current_tuning * detuning
            )
        return _within("stationary_frequency", frequency)

    def current_at(self, frequency: ArrayLike, lowest: float, highest: float) -> FloatOrArray:
        """Current at which the oscillator rests at a frequency.

        This is the inverse of `stationary_frequency`, which above the threshold is a ratio of
        polynomials of degree two and one.

        Parameters
        ----------
        frequency : array-like
            In Hz.
        lowest, highest : float
            Range of the currents, in A, above the threshold. Where two currents of the range
            give the frequency, the lower one is taken. Where none does, the result is the end
            of the range whose frequency is nearer.

        Returns
        -------
        float or ndarray
            In A, of the shape of `frequency`.
        """
        rates = self.rate_coefficients()
        frequency = _finite("frequency", frequency)
        rest = self.frequency - frequency
        # k I + rest' + N (growth / saturation) = 0, times the saturation, I in thresholds.
        unit = self.threshold_current
        growth = np.array([rates.growth_offset, rates.growth_slope * unit])
        saturation = np.array([rates.saturation_offset, rates.saturation_slope * unit])
        tuning = self.current_tuning * unit
        rest = rest - tuning
        c = self.nonlinear_frequency_shift * growth[0] + rest * saturation[0]
        b = self.nonlinear_frequency_shift * growth[1] + rest * saturation[1]
        b = b + tuning * saturation[0]
        a = tuning * saturation[1]
        # Rounding may push a double root, at a turn of the curve, off the real line.
        square = b * b - 4 * a * c
        root = np.sqrt(np.maximum(square, 0.0))
        q = -(b + np.copysign(root, b)) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            roots = np.sort(
                [np.where(a == 0, np.inf, q / a), np.where(q == 0, 0.0, c / q)], 0
            )
        low, high = lowest / unit, highest / unit
        inside = (roots >= low * (1 - 1e-12)) & (roots <= high * (1 + 1e-12))
        inside &= square >= -1e-12 * b * b
        ends = np.abs(
            self.stationary_frequency(np.array([lowest, highest])) - frequency[..., None]
        )
        end = np.where(ends[..., 0] <= ends[..., 1], low, high)
        found = np.where(inside[0], roots[0], np.where(inside[1], roots[1], end))
        return _plain(unit * np.clip(found, low, high))

    def nonlinear_shift(self, current: ArrayLike) -> FloatOrArray:
        """Dimensionless frequency shift nu = 4 pi N / b; infinite where b is 0."""
        rate = np.asarray(self.saturation_rate(current))
        shift = 4 * np.pi * self.nonlinear_frequency_shift
        with np.errstate(divide="ignore", invalid="ignore"):
            return _plain(np.where(rate == 0, np.inf, shift / rate))

    def relaxation_time(self, current: ArrayLike) -> FloatOrArray:
        """Time in which a small deviation of the amplitude falls to 1/e, in s.

        Above the threshold power and amplitude relax to rest with the same rate a, so the
        time is 1/(2 G (z - 1)). Below it the amplitude itself decays with the rate |a|/2, so
        the time is 1/(G (1 - z)). At the threshold it is infinite (critical slowing).
        """
        rate = np.asarray(self.growth_rate(current))
        with np.errstate(divide="ignore"):
            return _plain(np.where(rate > 0, 1.0, 2.0) / np.abs(rate))

    def describe(self, current: float) -> str:
        """Say in words by how much a current lies above or below the threshold.

        Above it the sentence has the frequency at rest and the relaxation time as well.

        Parameters
        ----------
        current : float
            In A.

        Returns
        -------
        str
        """
        excess = 100 * (self.overdrive(current) - 1)
        side = "above" if excess >= 0 else "below"
        text = (
            f"{current:g} A is {abs(excess):.1f} % {side} the threshold of "
            f"{self.threshold_current:g} A"
        )
        if excess > 0:
            frequency = with_prefix(float(self.stationary_frequency(current)), "Hz")
            time = with_prefix(float(self.relaxation_time(current)), "s")
            text += f", where it runs at {frequency} and relaxes in {time}"
        return text


def has_rates(device: Device) -> TypeGuard[LogisticOscillator]:
    """Whether the exact kernel can play a device: whether it has `Ability.RATES`."""
    return isinstance(device, Device) and Ability.RATES in device.abilities()


def _finite(name: str, values: ArrayLike) -> Floats:
    """Finite double-precision numbers of any shape."""
    numbers: Floats = real_array(name, values).astype(np.float64, copy=False)
    if not np.isfinite(numbers).all():
        raise ValueError(
            f"A {name} is {numbers[~np.isfinite(numbers)][0]}; every {name} must be finite."
        )
    return numbers


def _within(name: str, values: Floats) -> FloatOrArray:
    """What follows from a current, as `_plain`; refuses what is beyond double precision."""
    if not np.isfinite(values).all():
        raise ValueError(
            f"A current is so large that the {name} is beyond double precision; currents are "
            "in A."
        )
    return _plain(values)


def _plain(values: FloatOrArray) -> FloatOrArray:
    """A float for a number, an array for an array."""
    return float(values) if np.ndim(values) == 0 else values
