"""The control: what would the same experiment give without the oscillator?"""

from dataclasses import dataclass

from reservoir.devices.device import Ability, Device


@dataclass(frozen=True)
class Wire(Device):
    """No device at all: the readout sees the masked drive itself.

    `reservoir.experiments.control` puts it in the place of an oscillator, so that every
    result can stand next to what its front end and readout achieve on their own.

    Examples
    --------
    >>> from reservoir.devices import Wire
    >>> Wire()
    Wire()
    """

    silent_below_threshold = False
    drive_unit = 1.0
    damping_rate = 1.0  # Nothing depends on how long a current is held.

    def abilities(self) -> frozenset[Ability]:
        """The masked drive is read."""
        return frozenset({Ability.TRANSPARENT})
