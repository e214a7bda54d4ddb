"""What if the readings of a reservoir are noisier, or more coarsely converted?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reservoir._checks import NOT_NEGATIVE, Integer, Real, Rule
from reservoir.devices import Ability
from reservoir.faults.worn import (
    ReservoirFault,
    check_full_scale,
    full_scale,
    wear_of,
    wear_out,
)

MAX_BITS = 24


@dataclass(frozen=True)
class ReadNoise(ReservoirFault):
    """Each reading has a normal error of its own.

    The errors depend on the seed and on the bytes of a sequence, as `readout_noise` does. So
    the same sequence gets the same answer, and no other sequence matters.

    Parameters
    ----------
    share : float
        Their rms over the largest reading at rest in the drive's range. Several noises, and
        the `readout_noise` of the estimator, add their squares.

    Raises
    ------
    TypeError or ValueError
        If it is no number, or negative.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.faults import ReadNoise, with_faults
    >>> X = [np.random.default_rng(0).normal(size=(30, 3))]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    >>> worse = with_faults(reservoir, ReadNoise(share=0.01), random_state=0)
    >>> error = worse.transform(X)[0] - reservoir.transform(X)[0]
    >>> bool(0 < error.std() < 0.01)                  # a share of the largest reading
    True
    """

    share: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "share": Real(at_least=0, what="relative rms")
    }

    def check_member(self, member: Any) -> None:
        """Refuse a reservoir whose largest reading is not known.

        Raises
        ------
        ValueError
        """
        check_full_scale(self, member, "Fit it with the parameter readout_noise instead.")

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        if self.share > 0:
            own = self.share * full_scale(member)
            member.readout_noise_ = math.hypot(member.readout_noise_, own)
            wear_out(member, noise_seed=int(generator.integers(2**63)))


@dataclass(frozen=True)
class ThermalNoise(ReservoirFault):
    """The oscillator itself is noisier than it was in training.

    Parameters
    ----------
    power : float
        Mean power that the oscillator would have without a current, as the parameter
        `thermal_noise`, to which it is added. See `reservoir.devices.thermal`.

    Raises
    ------
    TypeError or ValueError
        If it is no number, or negative. `with_faults` refuses several oscillators, and a
        device whose noise is not simulated.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.faults import ThermalNoise, with_faults
    >>> X = [np.random.default_rng(0).normal(size=(30, 3))]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    >>> worse = with_faults(reservoir, ThermalNoise(power=1e-4), random_state=0)
    >>> bool((worse.transform(X)[0] != reservoir.transform(X)[0]).any())
    True
    """

    power: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"power": NOT_NEGATIVE}

    def check_member(self, member: Any) -> None:
        """Refuse what thermal noise is not simulated of.

        Raises
        ------
        ValueError
        """
        if len(member.ensemble_) > 1 or Ability.NOISE not in member.oscillator_.abilities():
            raise ValueError(
                f"ThermalNoise is simulated of one SpinTorqueOscillator; this "
                f"{type(member).__name__} has n_oscillators={len(member.ensemble_)} and a "
                f"{type(member.oscillator_).__name__}. ReadNoise disturbs any reading."
            )

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        if self.power > 0:
            power = wear_of(member).thermal_noise + self.power
            seed = int(generator.integers(2**63))
            wear_out(member, thermal_noise=power, thermal_seed=seed)


@dataclass(frozen=True)
class ConverterBits(ReservoirFault):
    """The readings come through a converter of fewer bits.

    Parameters
    ----------
    bits : int
        From 1 to 24. The ``2**bits`` levels span the range that was learned with the
        parameter `bits` if there was one. Otherwise they span 0 to the largest reading at
        rest in the drive's range. Readings beyond go to the ends.

    Raises
    ------
    ValueError
        If it is no such integer.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.faults import ConverterBits, with_faults
    >>> X = [np.random.default_rng(0).normal(size=(30, 3))]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    >>> worse = with_faults(reservoir, ConverterBits(bits=3), random_state=0)
    >>> len(np.unique(worse.transform(X)[0])) <= 2**3
    True
    """

    bits: int

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"bits": Integer(1, MAX_BITS)}

    def check_member(self, member: Any) -> None:
        """Refuse a reservoir whose converter has no range.

        Raises
        ------
        ValueError
        """
        if member.levels_[0] == member.levels_[1]:
            check_full_scale(self, member, "Fit it with the parameter bits instead.")

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        if member.levels_[0] == member.levels_[1]:
            member.levels_ = 0.0, full_scale(member)
        earlier = member._bits
        bits = self.bits if earlier is None else min(self.bits, int(earlier))
        wear_out(member, bits=bits)
