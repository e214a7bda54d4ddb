"""How does the power of a neuron follow a current that is held for some time?"""

from dataclasses import dataclass

import numpy as np

from reservoir._types import Array
from reservoir.devices.logistic import LogisticOscillator


@dataclass(frozen=True)
class PowerFlow:
    r"""The power of an oscillator under a held current, with thermal noise in the mean.

    With the overdrive z, A = z - 1 and B = z + Q, in the units of the damping rate,

    .. math:: \dot p = 2 G (A p - B p^2 + d)

    where the diffusion d makes a power that never vanishes. The equation is Riccati's. With
    :math:`S = \sqrt{A^2 + 4 d B}` its points of rest are :math:`p_\pm = (A \pm S)/(2 B)`, and

    .. math:: \frac{p(t) - p_+}{p(t) - p_-} = \frac{p(0) - p_+}{p(0) - p_-} e^{-2 G S t}

    Attributes
    ----------
    growth_slope, growth_offset : float
        A as an affine function of z.
    saturation_slope, saturation_offset : float
        B likewise.
    thermal_noise : float
        d, without unit; positive.
    duration : float
        How long a current is held, in units of 1/(2 G).
    """

    growth_slope: float
    growth_offset: float
    saturation_slope: float
    saturation_offset: float
    thermal_noise: float
    duration: float

    @classmethod
    def of(
        cls, device: LogisticOscillator, thermal_noise: float, duration: float
    ) -> "PowerFlow":
        """The flow of a device whose rates are affine in its current.

        Parameters
        ----------
        device : LogisticOscillator
        thermal_noise : float
        duration : float
            In units of 1/(2 G).

        Returns
        -------
        PowerFlow
        """
        rates = device.rate_coefficients()
        unit, scale = device.threshold_current, -rates.growth_offset  # -a(0) = 2 G
        return cls(
            rates.growth_slope * unit / scale,
            -1.0,
            rates.saturation_slope * unit / scale,
            rates.saturation_offset / scale,
            thermal_noise,
            duration,
        )

    def rest(self, overdrive: Array) -> Array:
        """Power after a long time."""
        growth = self.growth_slope * overdrive + self.growth_offset
        saturation = self.saturation_slope * overdrive + self.saturation_offset
        root = np.sqrt(growth**2 + 4 * self.thermal_noise * saturation)
        # Where the growth is negative the usual form would cancel digits.
        power: Array = np.where(
            growth > 0,
            (growth + root) / (2 * saturation),
            2 * self.thermal_noise / np.maximum(root - growth, self.thermal_noise),
        )
        return power

    def step(self, power: Array, overdrive: Array) -> tuple[Array, Array, Array]:
        """Power at the end of a hold, and its derivatives.

        Parameters
        ----------
        power : ndarray
            At the beginning; positive.
        overdrive : ndarray
            That is held.

        Returns
        -------
        power, by_power, by_overdrive : ndarray
        """
        noise = self.thermal_noise
        a = self.growth_slope * overdrive + self.growth_offset
        b = self.saturation_slope * overdrive + self.saturation_offset
        root = np.sqrt(a * a + 4 * noise * b)
        root_slope = (a * self.growth_slope + 2 * noise * self.saturation_slope) / root
        high, low = (a + root) / (2 * b), (a - root) / (2 * b)
        width = root / b
        high_slope = ((self.growth_slope + root_slope) / 2 - high * self.saturation_slope) / b
        low_slope = ((self.growth_slope - root_slope) / 2 - low * self.saturation_slope) / b
        width_slope = high_slope - low_slope
        decay = np.exp(-self.duration * root)
        above_low = power - low
        ratio = (power - high) / above_low
        ratio_slope = (low_slope * ratio - high_slope) / above_low
        end_ratio = ratio * decay
        end_slope = decay * (ratio_slope - self.duration * root_slope * ratio)
        share = 1 / (1 - end_ratio)
        end = low + width * share
        by_end_ratio = width * share * share
        by_power = by_end_ratio * decay * width / (above_low * above_low)
        by_overdrive = low_slope + width_slope * share + by_end_ratio * end_slope
        return end, by_power, by_overdrive
