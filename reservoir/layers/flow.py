"""How does the power of a neuron follow a current that is held for some time?"""

from dataclasses import dataclass

import numpy as np

from reservoir._types import Array
from reservoir.devices.logistic import LogisticOscillator
from reservoir.layers.neuron import rates_at


@dataclass(frozen=True)
class PowerFlow:
    r"""The power of an oscillator under a held current, with thermal noise in the mean.

    With the overdrive z, A = z - 1 and B = z + Q, in the units of the damping rate,

    .. math:: \dot p = 2 G (A p - B p^2 + d)

    where the diffusion d makes a power that never vanishes. The equation is Riccati's. With
    :math:`S = \sqrt{A^2 + 4 d B}` and :math:`E = e^{-2 G S t}` the power is

    .. math:: p(t) = \frac{p(0) [(S + A) + (S - A) E] + 2 d (1 - E)}
                         {(S - A) + (S + A) E + 2 B p(0) (1 - E)}

    All terms are positive, so that no digit is lost however small the power is.

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
        (growth, growth_slope), (saturation, saturation_slope) = rates_at(device, 0.0)
        return cls(
            growth_slope, growth, saturation_slope, saturation, thermal_noise, duration
        )

    def rest(self, overdrive: Array) -> Array:
        """Power after a long time."""
        a, b, _, (above, below) = self._rates(overdrive)
        # Of two equal forms, the one in which no digits cancel.
        power: Array = np.where(a > 0, above / (2 * b), 2 * self.thermal_noise / below)
        return power

    def _rates(self, overdrive: Array) -> tuple[Array, Array, Array, tuple[Array, Array]]:
        """A, B and S, and the pair S + A and S - A."""
        a = self.growth_slope * overdrive + self.growth_offset
        b = self.saturation_slope * overdrive + self.saturation_offset
        product = 4 * self.thermal_noise * b
        root = np.sqrt(a * a + product)
        larger = root + np.abs(a)
        smaller = product / larger
        up = a > 0
        return a, b, root, (np.where(up, larger, smaller), np.where(up, smaller, larger))

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
        a, b, root, (above, below) = self._rates(overdrive)
        a_slope, b_slope = self.growth_slope, self.saturation_slope
        above_slope = (a_slope * above + 2 * noise * b_slope) / root
        below_slope = (2 * noise * b_slope - a_slope * below) / root
        root_slope = (a_slope * a + 2 * noise * b_slope) / root
        decay = np.exp(-self.duration * root)
        rest = -np.expm1(-self.duration * root)
        share = 1 / (below + above * decay + 2 * b * power * rest)
        end = (power * (above + below * decay) + 2 * noise * rest) * share
        shrinking = 2 * root * share
        by_power = shrinking * decay * shrinking  # in this order none overflows
        # The numerator and the denominator change with A, B, S and E.
        decay_slope = -self.duration * root_slope * decay
        of_numerator = power * (above_slope + below_slope * decay)
        of_numerator += (power * below - 2 * noise) * decay_slope
        of_denominator = below_slope + above_slope * decay
        of_denominator += 2 * b_slope * power * rest
        of_denominator += (above - 2 * b * power) * decay_slope
        by_overdrive = (of_numerator - end * of_denominator) * share
        return end, by_power, by_overdrive
