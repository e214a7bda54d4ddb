"""What if some nodes or input channels of a reservoir are dead or stuck?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from reservoir._checks import OrNone, Real, Rule
from reservoir._types import Array
from reservoir.faults.worn import (
    ReservoirFault,
    check_full_scale,
    chosen,
    full_scale,
    wear_of,
    wear_out,
)

SHARE = Real(at_least=0, at_most=1, what="share")


@dataclass(frozen=True)
class DeadNodes(ReservoirFault):
    """Some virtual nodes are not read: the readout sees 0 of them, whatever they do.

    Parameters
    ----------
    share : float
        Of all n nodes of a reservoir. Exactly ``round(share * n)`` are chosen, of several
        masks for each mask.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1. `with_faults` refuses one that leaves no node.

    Notes
    -----
    The 0 comes after noise and converter. The oscillator goes on, so the nodes behind a dead
    one and delayed feedback do not change.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.faults import DeadNodes, with_faults
    >>> X = [np.random.default_rng(0).normal(size=(30, 3))]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    >>> worse = with_faults(reservoir, DeadNodes(share=0.1), random_state=0)
    >>> int((worse.transform(X)[0] == 0).all(axis=0).sum())
    2
    """

    share: float

    for_each_mask = True
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": SHARE}

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        wear = wear_of(member)
        dead = chosen(len(wear.gains), self.share, generator)
        stick(self, member, dead, np.zeros(len(dead)))


@dataclass(frozen=True)
class StuckNodes(ReservoirFault):
    """Some virtual nodes are read with one value, whatever they do.

    Parameters
    ----------
    share : float
        Of all n nodes of a reservoir. Exactly ``round(share * n)`` are chosen, of several
        masks for each mask.
    reading : float or None, default=None
        The value, in the unit of the readings. None stands for a value of its own for each
        stuck node, anywhere between 0 and the largest reading at rest in the drive's range.

    Raises
    ------
    TypeError or ValueError
        If they are no such numbers. `with_faults` refuses a share that leaves no node.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.faults import StuckNodes, with_faults
    >>> X = [np.random.default_rng(0).normal(size=(30, 3))]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    >>> worse = with_faults(reservoir, StuckNodes(share=0.1, reading=0.3), random_state=0)
    >>> int((worse.transform(X)[0] == 0.3).all(axis=0).sum())
    2
    """

    share: float
    reading: float | None = None

    for_each_mask = True
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "share": SHARE,
        "reading": OrNone(Real(what="reading")),
    }

    def check_member(self, member: Any) -> None:
        """Refuse random readings where the largest one is not known.

        Raises
        ------
        ValueError
        """
        if self.reading is None:
            check_full_scale(self, member, "Give StuckNodes a reading.")

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        stuck = chosen(len(wear_of(member).gains), self.share, generator)
        if self.reading is None:
            values = full_scale(member) * generator.uniform(size=len(stuck))
        else:
            values = np.full(len(stuck), float(self.reading))
        stick(self, member, stuck, values)


@dataclass(frozen=True)
class ByzantineNodes(ReservoirFault):
    """Some virtual nodes are read as noise, anew at each reading.

    Each reading lies anywhere between 0 and the largest reading at rest in the drive's range.
    It depends on the seed and on the bytes of the sequence, as `readout_noise` does, and not
    on what the oscillator does. So the same sequence gets the same answer. A `StuckNodes`
    without a reading is frozen at one such value.

    Parameters
    ----------
    share : float
        Of all n nodes of a reservoir. Exactly ``round(share * n)`` are chosen, of several
        masks for each mask.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1. `with_faults` refuses one that leaves no node, and a
        reservoir whose largest reading is not known.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.faults import ByzantineNodes, with_faults
    >>> X = [np.random.default_rng(0).normal(size=(30, 3))]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    >>> worse = with_faults(reservoir, ByzantineNodes(share=0.1), random_state=0)
    >>> int((worse.transform(X)[0] != reservoir.transform(X)[0]).any(axis=0).sum())
    2
    """

    share: float

    for_each_mask = True
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": SHARE}

    def check_member(self, member: Any) -> None:
        """Refuse a reservoir whose largest reading is not known.

        Raises
        ------
        ValueError
        """
        check_full_scale(self, member, "StuckNodes with a reading can be put into any one.")

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        stray = chosen(len(wear_of(member).gains), self.share, generator)
        if stray.any():
            wear_out(member, stray_seed=int(generator.integers(2**63)))
            stick(self, member, stray, np.zeros(len(stray)), full_scale(member))


@dataclass(frozen=True)
class DeadChannels(ReservoirFault):
    """Some input channels are lost: each enters as its mean in the training data.

    Parameters
    ----------
    share : float
        Of the n channels. Exactly ``round(share * n)`` are chosen, the same for all masks.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1.

    Notes
    -----
    A drive is coupled through a capacitor in most laboratories, so a lost channel leaves no
    offset behind. Segments of ``pooling="change"`` do not hear a lost channel either.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.faults import DeadChannels, with_faults
    >>> X = [np.random.default_rng(0).normal(size=(30, 3))]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    >>> worse = with_faults(reservoir, DeadChannels(share=1.0), random_state=0)
    >>> bool(np.ptp(worse.drive_currents(X)[0]) < 1e-12)      # every current is the mean
    True
    """

    share: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": SHARE}

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        drive = member.drive_
        dead = chosen(len(drive.scale), self.share, generator)
        member.drive_ = replace(drive, scale=np.where(dead, 0.0, drive.scale))


def stick(
    fault: ReservoirFault, member: Any, nodes: Array, readings: Array, stray: float = 0.0
) -> None:
    """Let the readout see fixed readings of some nodes; refuse that no other is left.

    With `stray` it sees noise up to this reading in their place.
    """
    wear = wear_of(member)
    gains = np.where(nodes, 0.0, wear.gains)
    if not gains.any():
        raise ValueError(
            f"{fault!r} leaves none of the {len(gains)} nodes of a {type(member).__name__} "
            "that follows the input; lower the share."
        )
    strays = np.where(nodes, stray, 0.0 if wear.strays is None else wear.strays)
    wear_out(
        member,
        gains=gains,
        offsets=np.where(nodes, readings, wear.offsets),
        strays=strays if strays.any() else None,
    )
