"""What if the one oscillator of a reservoir is another one than when it was trained?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from reservoir._checks import Real, Rule
from reservoir.devices import SpinTorqueOscillator
from reservoir.faults.worn import ReservoirFault, wear_of, wear_out

CHANGE = Real(above=-1, what="share")
MAX_GAIN = 1e6


class DeviceFault(ReservoirFault):
    """A fault after which another device plays what was learned.

    Mask, currents and readout stay as they are.

    Attributes
    ----------
    fields : tuple of str
        Names of the fields that it moves, the first one that a device has.
    devices : tuple of classes
        Kinds of device that can have it.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    devices: ClassVar[tuple[type[Any], ...]] = (SpinTorqueOscillator,)
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": CHANGE}

    def check_member(self, member: Any) -> None:
        """Refuse a device without the property that moves.

        Raises
        ------
        ValueError
        """
        device = member.oscillator_
        if not isinstance(device, self.devices):
            names = " or ".join(kind.__name__ for kind in self.devices)
            raise ValueError(
                f"{type(self).__name__} moves {' and '.join(self.fields)}, which a "
                f"{type(device).__name__} does not have as independent fields; the device "
                f"must be a {names}. For any device of the same class there is on_device."
            )


@dataclass(frozen=True)
class ThresholdDrift(DeviceFault):
    """The oscillator begins to oscillate at another current than when it was trained.

    Parameters
    ----------
    share : float
        Relative change of the threshold current; positive if it is higher.

    Raises
    ------
    TypeError or ValueError
        If it is no number above -1.

    See Also
    --------
    reservoir.faults.recalibrate_drive : What a laboratory does about it.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.faults import ThresholdDrift, with_faults
    >>> X = [np.random.default_rng(0).normal(size=(30, 3))]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    >>> worse = with_faults(reservoir, ThresholdDrift(share=0.05))
    >>> before, after = reservoir.oscillator_, worse.oscillator_
    >>> round(after.threshold_current / before.threshold_current, 4)
    1.05
    """

    share: float

    fields = ("threshold_current",)

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        device = member.oscillator_
        threshold = device.threshold_current * (1 + self.share)
        member.oscillator_ = replace(device, threshold_current=threshold)


@dataclass(frozen=True)
class DampingDrift(DeviceFault):
    """The oscillator relaxes faster or more slowly than when it was trained.

    Parameters
    ----------
    share : float
        Relative change of the damping rate; positive if it relaxes faster. The threshold
        stays.

    Raises
    ------
    TypeError or ValueError
        If it is no number above -1.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.faults import DampingDrift, with_faults
    >>> X = [np.random.default_rng(0).normal(size=(30, 3))]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    >>> worse = with_faults(reservoir, DampingDrift(share=-0.02))
    >>> round(worse.oscillator_.damping_rate / reservoir.oscillator_.damping_rate, 4)
    0.98
    """

    share: float

    fields = ("damping_rate",)

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        device = member.oscillator_
        rate = device.damping_rate * (1 + self.share)
        member.oscillator_ = replace(device, damping_rate=rate)


@dataclass(frozen=True)
class GainDrift(ReservoirFault):
    """All readings are larger or smaller than in training, before noise and converter.

    Parameters
    ----------
    share : float
        Relative change of the readings of an amplitude, or of a power.

    Raises
    ------
    TypeError or ValueError
        If it is no number above -1. `with_faults` refuses readings of frequency or phase,
        which an amplifier does not change, and gains beyond a million.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.faults import GainDrift, with_faults
    >>> X = [np.random.default_rng(0).normal(size=(30, 3))]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    >>> worse = with_faults(reservoir, GainDrift(share=0.1))
    >>> bool(np.allclose(worse.transform(X)[0], 1.1 * reservoir.transform(X)[0]))
    True
    """

    share: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": CHANGE}

    def check_member(self, member: Any) -> None:
        """Refuse readings that have no gain.

        Raises
        ------
        ValueError
        """
        if member.read not in ("amplitude", "power"):
            raise ValueError(
                f"GainDrift changes an amplitude or a power, and this "
                f"{type(member).__name__} has read={member.read!r}, which no amplifier "
                "changes."
            )

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        gain = wear_of(member).amplification * (1 + self.share)
        if gain > MAX_GAIN:
            raise ValueError(
                f"{self!r} multiplies the readings of a {type(member).__name__} by "
                f"{gain:.3g}; it must be at most {MAX_GAIN:g}."
            )
        wear_out(member, amplification=gain)
