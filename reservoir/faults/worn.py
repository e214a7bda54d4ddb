"""What has a fault of a time-multiplexed reservoir to do, and how does it reach each part?"""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from reservoir._types import Array
from reservoir.audio import SpeechClassifier
from reservoir.devices.logistic import has_rates
from reservoir.faults.fault import Fault
from reservoir.multiplexing import (
    MaskEnsembleClassifier,
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
    TimeMultiplexedReservoir,
)
from reservoir.multiplexing.wear import Wear

N_CURRENTS = 101  # of a drive's range, at which a device is asked for its power


class ReservoirFault(Fault):
    """A fault of a time-multiplexed reservoir.

    Notes
    -----
    A subclass says in `change` what its fault makes of one reservoir. The members of a
    `MaskEnsembleClassifier`, and of a `SpeechClassifier`, are reservoirs that one device
    plays one after the other. What is wrong with the device, its converter or its input is
    wrong for all of them alike.

    Attributes
    ----------
    for_each_mask : bool
        Whether the members of an ensemble draw apart, as what belongs to single nodes or
        weights does.
    """

    hosts: ClassVar[tuple[type[Any], ...]] = (
        TimeMultiplexedReservoir,
        ReservoirClassifier,
        ReservoirFrameClassifier,
        ReservoirRegressor,
        MaskEnsembleClassifier,
        SpeechClassifier,
    )
    for_each_mask: ClassVar[bool] = False

    def check_parts(self, estimator: Any) -> None:
        """Refuse an estimator of which a member cannot have this fault.

        Raises
        ------
        ValueError
        """
        for member in members_of(estimator):
            self.check_member(member)

    def check_member(self, member: Any) -> None:
        """Refuse a fitted reservoir that lacks the parts that this fault is of.

        Raises
        ------
        ValueError
        """

    def put_into(self, estimator: Any, generator: np.random.Generator) -> None:
        """Give each member of an estimator this fault."""
        seed = int(generator.integers(2**63))
        for number, member in enumerate(members_of(estimator)):
            words = (seed, number) if self.for_each_mask else (seed, 0)
            self.change(member, np.random.default_rng(words))

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """Give one reservoir this fault.

        Parameters
        ----------
        member : BaseReservoir
            A fitted copy that passed the checks. Its learned attributes are replaced.
        generator : numpy.random.Generator
        """
        raise NotImplementedError


def members_of(estimator: Any) -> list[Any]:
    """The time-multiplexed reservoirs that an estimator is made of."""
    if isinstance(estimator, SpeechClassifier):
        estimator = estimator.classifier_
    if isinstance(estimator, MaskEnsembleClassifier):
        return list(estimator.classifiers_)
    return [estimator]


def wear_of(member: Any) -> Wear:
    """The wear of a reservoir, or that of one without any."""
    n_nodes = member._n_columns
    return getattr(member, "wear_", None) or Wear(np.ones(n_nodes), np.zeros(n_nodes))


def wear_out(member: Any, **changes: Any) -> None:
    """Replace some fields of the wear of a reservoir."""
    member.wear_ = replace(wear_of(member), **changes)


def has_full_scale(member: Any) -> bool:
    """Whether `full_scale` can be asked."""
    return member.read in ("amplitude", "power") and has_rates(member.oscillator_)


def full_scale(member: Any) -> float:
    """The largest reading at rest within the drive's range, in the unit of the readings."""
    drive = member.drive_
    currents = np.linspace(drive.lowest, drive.highest, N_CURRENTS)
    power = float(np.max(member.oscillator_.stationary_power(currents)))
    largest = power if member.read == "power" else power**0.5
    return largest * wear_of(member).amplification


def check_full_scale(fault: Fault, member: Any, cure: str) -> None:
    """Refuse a reservoir whose largest reading does not follow from its device.

    Raises
    ------
    ValueError
    """
    if not has_full_scale(member):
        raise ValueError(
            f"{type(fault).__name__} needs the largest reading, which is known of amplitude "
            f"or power of a logistic oscillator; this {type(member).__name__} has "
            f"read={member.read!r} of a {type(member.oscillator_).__name__}. {cure}"
        )


def chosen(n_items: int, share: float, generator: np.random.Generator) -> Array:
    """Which of some items have a fault: exactly the rounded share of them."""
    found = np.zeros(n_items, bool)
    found[generator.choice(n_items, round(share * n_items), replace=False)] = True
    return found
