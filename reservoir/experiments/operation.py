"""At which currents, floors and couplings do the oscillators of the experiments run?"""

import numpy as np

from reservoir.devices import SpinTorqueOscillator
from reservoir.devices.catalogue import DEFAULT_OSCILLATOR

MIDDLE_CURRENT = 1.1  # middle of the default drive range, in units of the threshold
CURRENT_LIMITS = (-5.0, 8.0)  # of every current, in units of the threshold
POWER_FLOOR = 1e-3  # power that remains of an oscillator far below the threshold
DETUNING = 5e4  # Hz between neighbours of several oscillators
COUPLINGS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)  # over the damping rate


def default_device() -> SpinTorqueOscillator:
    """The device that an estimator plays if it is given none."""
    device: SpinTorqueOscillator = SpinTorqueOscillator.from_preset(DEFAULT_OSCILLATOR)
    return device


def pulling_coupling(device: SpinTorqueOscillator, strength: float) -> complex:
    """The coupling that pulls the phases of two oscillators together most.

    Its phase is arctan(nu), where nu is the nonlinear shift of the device at the middle of
    the default drive range.

    Parameters
    ----------
    device : SpinTorqueOscillator
    strength : float
        Size of the coupling over the damping rate of the device.

    Returns
    -------
    complex
        In 1/s.
    """
    slope = device.nonlinear_shift(MIDDLE_CURRENT * device.threshold_current)
    return complex(strength * device.damping_rate * np.exp(1j * np.arctan(slope)))
