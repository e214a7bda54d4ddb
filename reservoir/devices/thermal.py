"""How strong is the thermal noise of an oscillator with a known linewidth or temperature?

The noise of Slavin and Tiberkevich (IEEE Trans. Magn. 45, 1875, 2009) has one number, here
called `thermal_noise` and eta: the mean power of the oscillator without a current, in the
units in which the powers of the device are given. With the diffusion constant
D(p) = eta G (1 + Q p), the linewidth far above the threshold is

    2 pi (full width at half maximum) = (1 + nu^2) D(p0) / p0.
"""

import math

import numpy as np

from reservoir._checks import Real, check_value
from reservoir._types import ArrayLike, FloatOrArray
from reservoir.devices.spin_torque import SpinTorqueOscillator, require_noise

BOLTZMANN = 1.380649e-23  # J/K


def noise_from_linewidth(
    oscillator: SpinTorqueOscillator, linewidth: float, current: float
) -> float:
    """Thermal noise of an oscillator whose linewidth was measured.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
    linewidth : float
        Full width at half maximum of the emitted line, in Hz.
    current : float
        Current at which the line was measured, in A; above the threshold.

    Returns
    -------
    float
        The thermal noise, without unit.

    Raises
    ------
    ValueError
        If the current is not above the threshold, or if the linewidth is not small beside the
        relaxation rate: then the formula does not hold.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.devices import linewidth, noise_from_linewidth
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> noise = noise_from_linewidth(vortex, 100e3, 7e-3)
    >>> round(linewidth(vortex, noise, 7e-3))
    100000
    """
    check_value("linewidth", linewidth, Real(above=0, what="width in Hz"))
    noise = float(linewidth / _width_per_noise(oscillator, current))
    rate = oscillator.growth_rate(current)
    if 2 * math.pi * linewidth > rate / 2:
        raise ValueError(
            f"linewidth is {linewidth:g} Hz, but the amplitude relaxes with "
            f"{rate:.3g} 1/s at {current:g} A; the formula holds for lines much narrower "
            f"than {rate / (2 * math.pi):.3g} Hz. Use noise_from_temperature."
        )
    return noise


def noise_from_temperature(temperature: float, energy: float) -> float:
    """Thermal noise from the energy of the oscillation.

    Parameters
    ----------
    temperature : float
        In K.
    energy : float
        Energy of the oscillation at power 1, in J.

    Returns
    -------
    float
        The thermal noise k T / energy, without unit.

    Raises
    ------
    ValueError
        If the temperature or the energy is not positive.

    Examples
    --------
    >>> from reservoir.devices import noise_from_temperature
    >>> round(noise_from_temperature(300, 4e-17), 7)
    0.0001035
    """
    check_value("temperature", temperature, Real(above=0, what="temperature in K"))
    check_value("energy", energy, Real(above=0, what="energy in J"))
    return BOLTZMANN * temperature / energy


def linewidth(
    oscillator: SpinTorqueOscillator, thermal_noise: float, current: ArrayLike
) -> FloatOrArray:
    """Full width at half maximum of the emitted line, in Hz, for weak noise.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
    thermal_noise : float
        Mean power without a current, without unit.
    current : float or array-like
        In A; above the threshold.

    Returns
    -------
    float or ndarray
        In Hz, of the shape of the current.

    Raises
    ------
    ValueError
        If a current is not above the threshold.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.devices import linewidth
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> round(linewidth(vortex, 2 * 1e-4, 7e-3) / linewidth(vortex, 1e-4, 7e-3), 6)
    2.0
    """
    return thermal_noise * _width_per_noise(oscillator, current)


def amplitude_noise(
    oscillator: SpinTorqueOscillator, thermal_noise: float, current: float
) -> float:
    """Rms of the amplitude's fluctuations over the amplitude at rest, for weak noise.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator
    thermal_noise : float
        Mean power without a current, without unit.
    current : float
        In A; above the threshold.

    Returns
    -------
    float
        Without unit.

    Raises
    ------
    ValueError
        If the current is not above the threshold.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.devices import amplitude_noise
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> round(amplitude_noise(vortex, 4e-4, 7e-3) / amplitude_noise(vortex, 1e-4, 7e-3), 6)
    2.0
    """
    _check_above(oscillator, current)
    power = oscillator.stationary_power(current)
    diffusion = thermal_noise * oscillator.damping_rate
    diffusion *= 1 + oscillator.nonlinear_damping * power
    return math.sqrt(diffusion / (2 * power * oscillator.growth_rate(current)))


def _width_per_noise(oscillator: SpinTorqueOscillator, current: ArrayLike) -> FloatOrArray:
    _check_above(oscillator, current)
    power = oscillator.stationary_power(current)
    damping = oscillator.damping_rate * (1 + oscillator.nonlinear_damping * power)
    widening = 1 + oscillator.nonlinear_shift(current) ** 2
    width: FloatOrArray = widening * damping / power / (2 * math.pi)
    return width


def _check_above(oscillator: SpinTorqueOscillator, current: ArrayLike) -> None:
    require_noise(oscillator, "A linewidth")
    below = ~(np.asarray(oscillator.growth_rate(current)) > 0)
    if below.any():
        first = float(np.atleast_1d(current)[np.atleast_1d(below)][0])
        raise ValueError(
            f"{oscillator.describe(first)}: only above the threshold there is a line with "
            "a width."
        )
