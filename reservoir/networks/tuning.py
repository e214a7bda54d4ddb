"""At which frequency does each oscillator of a network run, and which current tunes it?"""

from dataclasses import dataclass

import numpy as np

from reservoir._checks import real_array
from reservoir._plausibility import warn_of_current
from reservoir._types import ArrayLike, Floats
from reservoir.devices import SpinTorqueOscillator
from reservoir.networks.rates import Oscillators

DEFAULT_SPACING = 11e6  # Hz between the frequencies of neighbours, unless they are given
DEAD = (
    " A dead oscillator is a fault of a fitted network: with_faults(network, "
    "DeadOscillators(share)) of reservoir.faults."
)
TUNING_LIMITS = (1.1, 3.5)  # currents that tune an oscillator, in units of the threshold


@dataclass(frozen=True)
class Tuning:
    """Oscillators that are one device but for a constant shift of their frequencies.

    Attributes
    ----------
    device : SpinTorqueOscillator
    bias_current : float
        In A.
    bias_frequencies : ndarray of shape (n_oscillators,)
        Frequency of each oscillator at rest at the bias current, in Hz.
    """

    device: SpinTorqueOscillator
    bias_current: float
    bias_frequencies: Floats

    def __len__(self) -> int:
        """How many oscillators."""
        return len(self.bias_frequencies)

    def frequencies_at(self, currents: Floats) -> Floats:
        """Frequencies at rest at these currents.

        Parameters
        ----------
        currents : ndarray of shape (n_oscillators,) or (n_inputs, n_oscillators)
            In A.

        Returns
        -------
        ndarray of the same shape
            In Hz.
        """
        start = self.device.stationary_frequency(self.bias_current)
        frequencies: Floats = self.bias_frequencies + (
            self.device.stationary_frequency(currents) - start
        )
        return frequencies

    def ranges(self) -> Floats:
        """Lowest and highest frequency between the limits of the current, in Hz.

        Returns
        -------
        ndarray of shape (n_oscillators, 2)
        """
        limits = self.device.stationary_frequency(
            np.append(
                self.bias_current, np.multiply(TUNING_LIMITS, self.device.threshold_current)
            )
        )
        ranges: Floats = self.bias_frequencies[:, None] + np.sort(limits[1:] - limits[0])
        return ranges

    def currents_for(self, frequencies: Floats) -> Floats:
        """Currents at which the oscillators rest at these frequencies.

        Parameters
        ----------
        frequencies : ndarray of shape (n_oscillators,)
            In Hz.

        Returns
        -------
        ndarray of shape (n_oscillators,)
            In A.

        Raises
        ------
        ValueError
            If a frequency is outside the range of its oscillator.
        """
        ranges = self.ranges()
        outside = np.flatnonzero((frequencies < ranges[:, 0]) | (frequencies > ranges[:, 1]))
        if outside.size:
            first = outside[0]
            raise ValueError(
                f"Oscillator {first} cannot be tuned to {frequencies[first] / 1e6:.2f} MHz; "
                f"its range is {ranges[first, 0] / 1e6:.2f} to {ranges[first, 1] / 1e6:.2f} "
                f"MHz ({TUNING_LIMITS[0]} to {TUNING_LIMITS[1]} times the threshold current)."
            )
        bias = self.device.stationary_frequency(self.bias_current)
        target = bias + frequencies - self.bias_frequencies
        limits = (limit * self.device.threshold_current for limit in TUNING_LIMITS)
        currents: Floats = self.device.current_at(target, *limits)
        return currents

    @property
    def slope(self) -> float:
        """Dimensionless nonlinear frequency shift nu at the bias."""
        return float(self.device.nonlinear_shift(self.bias_current))

    def locking_half_width(self, injection: float) -> float:
        """Detuning up to which one weak source locks an oscillator at the bias, in Hz.

        Parameters
        ----------
        injection : float
            F over the amplitude at rest at the bias, in 1/s.
        """
        return float(np.sqrt(1 + self.slope**2) * injection / (2 * np.pi))

    def rates(self, currents: Floats, offsets: Floats, linewidth: float) -> Oscillators:
        """What the equations need to know of the oscillators at these currents.

        Parameters
        ----------
        currents : ndarray of shape (n_oscillators,) or (n_inputs, n_oscillators)
            In A.
        offsets : ndarray of the same shape
            Frequencies at rest less the reference, in Hz.
        linewidth : float
            Of a free oscillator, full width at half maximum, in Hz.

        Returns
        -------
        Oscillators
        """
        device = self.device
        power = device.stationary_power(currents)
        slope = device.nonlinear_shift(currents)
        return Oscillators(
            growth=np.asarray(device.growth_rate(currents)) / 2,
            saturation=np.asarray(device.saturation_rate(currents)) / 2,
            power=power,
            turn=2 * np.pi * offsets,
            shift=np.full(currents.shape, 2 * np.pi * device.nonlinear_frequency_shift),
            diffusion=2 * np.pi * linewidth * power / (1 + slope**2),
        )


def spaced_frequencies(center: float, n_oscillators: int) -> Floats:
    """Frequencies of `n_oscillators`, equally far apart around a centre, in Hz."""
    offsets = np.arange(n_oscillators, dtype=float) - (n_oscillators - 1) / 2
    frequencies: Floats = center + DEFAULT_SPACING * offsets
    return frequencies


def check_each(name: str, values: ArrayLike, n_oscillators: int) -> Floats:
    """Refuse what is not one positive, finite number for each oscillator.

    Parameters
    ----------
    name : str
        What messages call it.
    values : array-like of shape (n_oscillators,)
    n_oscillators : int

    Returns
    -------
    ndarray of shape (n_oscillators,)

    Raises
    ------
    ValueError
    """
    if isinstance(values, str):
        found = f"is {values!r:.60}"
    else:
        numbers = real_array(name, values).astype(float)
        found = f"has shape {numbers.shape}"
        if numbers.shape == (n_oscillators,):
            wrong = numbers[~(np.isfinite(numbers) & (numbers > 0))]
            if not wrong.size:
                return numbers
            found = f"holds {wrong[0]:g}"
    raise ValueError(
        f"{name} {found}; it must hold {n_oscillators} positive, finite numbers, one for "
        f"each oscillator.{DEAD if found == 'holds 0' else ''}"
    )


def check_above_threshold(currents: Floats, threshold: float) -> Floats:
    """Refuse currents at which an oscillator is silent.

    Parameters
    ----------
    currents : ndarray of shape (n_oscillators,) or (n_inputs, n_oscillators)
        In A.
    threshold : float
        In A.

    Returns
    -------
    ndarray
        The currents.

    Raises
    ------
    ValueError
        The message names the first oscillator whose current is too low.

    Warns
    -----
    UnitsWarning
        If a current is hundreds of thresholds, as happens when mA are given in place of A.
    """
    low = np.argwhere(currents <= threshold)
    if len(low):
        *row, oscillator = low[0]
        under = f" under input {row[0]}" if row else ""
        raise ValueError(
            f"The current of oscillator {oscillator}{under} is "
            f"{currents[tuple(low[0])]:.4g} A; it must be above the threshold of "
            f"{threshold:.4g} A, or the oscillator is silent.{DEAD}"
        )
    if currents.size:
        warn_of_current(float(currents.max()), threshold)
    return currents
