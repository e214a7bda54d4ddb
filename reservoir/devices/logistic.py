"""What follows when the power of an oscillator is logistic under a held current?"""

from typing import NamedTuple

import numpy as np

from reservoir.devices.device import Ability, Device

LOWEST_FLOOR, HIGHEST_FLOOR = 1e-18, 1e-3


class RateCoefficients(NamedTuple):
    """a = growth_slope I + growth_offset and b = saturation_slope I + saturation_offset.

    The rates of dp/dt = a p - b p^2 in 1/s, with the current I in A. A device whose power
    is logistic hands these four numbers to the kernels, which need nothing else.
    """

    growth_slope: float
    growth_offset: float
    saturation_slope: float
    saturation_offset: float


class LogisticOscillator(Device):
    """An oscillator with dp/dt = a p - b p^2, both rates affine in the current.

    A device of this kind gives `threshold_current`, `damping_rate` G (1/s, of the amplitude
    without current), `power_floor`, `frequency` (Hz, at the threshold),
    `nonlinear_frequency_shift` N (Hz per unit of power), `current_tuning` (Hz/A) and
    `rate_coefficients()`; the rest is here.
    """

    damping_rate: float
    power_floor: float
    frequency: float
    nonlinear_frequency_shift: float
    current_tuning: float

    def abilities(self) -> frozenset[Ability]:
        """The exact kernel plays it."""
        return frozenset({Ability.RATES})

    def rate_coefficients(self) -> RateCoefficients:
        """Growth and saturation rates as affine functions of the current."""
        raise NotImplementedError

    def overdrive(self, current):
        """Current in units of the threshold, z = I / I_th.

        Raises
        ------
        ValueError
            Here and in every method that takes a current, if one is not finite.
        """
        current = np.asarray(current, dtype=float)
        if not np.isfinite(current).all():
            raise ValueError(
                f"A current is {current[~np.isfinite(current)][0]}; every current must "
                "be finite."
            )
        return _plain(current / self.threshold_current)

    def growth_rate(self, current):
        """Rate a = 2 G (z - 1) at which a small power grows, in 1/s."""
        return _plain(2 * self.damping_rate * (np.asarray(self.overdrive(current)) - 1))

    def saturation_rate(self, current):
        """Rate b at which power limits itself, in 1/s."""
        rates = self.rate_coefficients()
        current = self.threshold_current * np.asarray(self.overdrive(current))
        return _plain(rates.saturation_slope * current + rates.saturation_offset)

    def stationary_power(self, current):
        """Power at rest, p0 = a/b above threshold, else the thermal floor.

        Parameters
        ----------
        current : float or array-like
            In A.

        Returns
        -------
        float or ndarray
            Same shape as `current`, without unit.
        """
        above = self.threshold_current * np.maximum(self.overdrive(current), 1.0)
        power = np.asarray(self.growth_rate(above)) / self.saturation_rate(above)
        return _plain(np.maximum(power, self.power_floor))

    def stationary_amplitude(self, current):
        """Square root of the stationary power."""
        return _plain(np.sqrt(self.stationary_power(current)))

    def stationary_frequency(self, current):
        """Frequency at rest in Hz: nonlinear shift and current tuning included."""
        detuning = np.asarray(current, dtype=float) - self.threshold_current
        return _plain(
            self.frequency
            + self.nonlinear_frequency_shift * self.stationary_power(current)
            + self.current_tuning * detuning
        )

    def current_at(self, frequency, lowest, highest):
        """Current between two, above the threshold, at which it rests at a frequency.

        The inverse of `stationary_frequency`, which above the threshold is a ratio of
        polynomials of degree two and one.

        Parameters
        ----------
        frequency : array-like
            In Hz.
        lowest, highest : float
            In A. Where two of them give the frequency, the lower one is taken; where none
            does, the end whose frequency is nearer.

        Returns
        -------
        float or ndarray
            In A, of the shape of `frequency`.
        """
        rates = self.rate_coefficients()
        frequency = np.asarray(frequency, dtype=float)
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

    def nonlinear_shift(self, current):
        """Dimensionless frequency shift nu = 4 pi N / b; infinite where b is 0."""
        rate = np.asarray(self.saturation_rate(current))
        shift = 4 * np.pi * self.nonlinear_frequency_shift
        with np.errstate(divide="ignore", invalid="ignore"):
            return _plain(np.where(rate == 0, np.inf, shift / rate))

    def relaxation_time(self, current):
        """Time in which a small deviation of the amplitude falls to 1/e, in s.

        Above threshold 1/(2 G (z - 1)): power and amplitude relax to rest with the same
        rate a. Below, the amplitude itself decays with |a|/2, so 1/(G (1 - z)).
        Infinite at the threshold (critical slowing).
        """
        rate = np.asarray(self.growth_rate(current))
        with np.errstate(divide="ignore"):
            return _plain(np.where(rate > 0, 1.0, 2.0) / np.abs(rate))

    def describe(self, current):
        """Say in words by how much a current lies above or below the threshold."""
        excess = 100 * (self.overdrive(current) - 1)
        side = "above" if excess >= 0 else "below"
        return (
            f"{current:g} A is {abs(excess):.1f} % {side} the threshold of "
            f"{self.threshold_current:g} A"
        )

    def _check_floor(self):
        if not LOWEST_FLOOR <= self.power_floor <= HIGHEST_FLOOR:
            self._refuse("power_floor", f"it must lie in [{LOWEST_FLOOR}, {HIGHEST_FLOOR}]")


def _plain(values):
    """A float for a number, an array for an array."""
    return float(values) if np.ndim(values) == 0 else values
