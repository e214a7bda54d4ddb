"""The control: what would the same experiment give without the oscillator?"""

from dataclasses import dataclass

from reservoir.devices.device import Device


@dataclass(frozen=True)
class Wire(Device):
    """No device at all: the readout sees the masked drive itself.

    Put in the place of an oscillator by `reservoir.experiments.control`, so that every
    result can stand next to what its front end and readout achieve on their own.
    """

    silent_below_threshold = False
    threshold_current: float = 1.0
    thermal_power: float = 1e-12
    damping_rate: float = 1.0
