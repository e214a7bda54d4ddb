"""The control: what would the same experiment give without the oscillator?"""

from dataclasses import dataclass

from reservoir.devices.device import Ability, Device


@dataclass(frozen=True)
class Wire(Device):
    """No device at all: the readout sees the masked drive itself.

    Put in the place of an oscillator by `reservoir.experiments.control`, so that every
    result can stand next to what its front end and readout achieve on their own.
    """

    silent_below_threshold = False
    drive_unit = 1.0
    damping_rate = 1.0  # no device sets a pace, so a node lasts as long as anything

    def abilities(self) -> frozenset[Ability]:
        """The masked drive is read."""
        return frozenset({Ability.TRANSPARENT})
