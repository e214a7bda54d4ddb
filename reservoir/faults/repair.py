"""What does one do about faults, from a few examples or from one measured curve?"""

import copy
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from sklearn.utils.validation import check_is_fitted

from reservoir._types import ArrayLike
from reservoir.devices import SpinTorqueOscillator
from reservoir.devices.catalogue import resolve_oscillator
from reservoir.faults.retuning import refit_patterns
from reservoir.faults.stored_weights import WeightFault
from reservoir.faults.worn import (
    N_CURRENTS,
    ReservoirFault,
    members_of,
    wear_of,
    wear_out,
)
from reservoir.multiplexing import (
    MaskEnsembleClassifier,
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
)
from reservoir.networks import SynchronizationClassifier

Estimator = TypeVar("Estimator")


def refit_readout(estimator: Estimator, X: ArrayLike, y: ArrayLike) -> Estimator:
    """A copy whose readout was learned again, through the devices as they are.

    Mask, currents and faults stay. The readout is digital, so what `ReadoutBits` and other
    faults of stored weights did is gone until they are put in again. The readout of a
    `SynchronizationClassifier` is its table of patterns, or its linear readout. The
    combinations and the frequencies of the oscillators stay.

    Parameters
    ----------
    estimator : ReservoirClassifier, ReservoirFrameClassifier, ReservoirRegressor or \
MaskEnsembleClassifier
        Or a `SynchronizationClassifier`: a fitted one, with faults or without, which is left
        as it is.
    X : sequences or table
        As for `fit`. A few dozen sequences may do.
    y : array-like
        Labels that the estimator knows, or targets.

    Returns
    -------
    estimator

    Raises
    ------
    TypeError
        If the estimator is of another kind.
    ValueError
        If y holds an unknown label, or another number of targets than were learned. A
        `SynchronizationClassifier` needs an example of each class.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirClassifier
    >>> from reservoir.faults import DeadNodes, refit_readout, with_faults
    >>> generator = np.random.default_rng(0)
    >>> y = np.array(["rise", "fall"] * 30)
    >>> X = [np.linspace(0, 1 if label == "rise" else -1, 20)[:, None]
    ...      + generator.normal(size=(20, 1)) for label in y]
    >>> classifier = ReservoirClassifier(n_nodes=20, random_state=0).fit(X[:40], y[:40])
    >>> worse = with_faults(classifier, DeadNodes(share=0.2))
    >>> again = refit_readout(worse, X[:40], y[:40])
    >>> worse.score(X[40:], y[40:]) < again.score(X[40:], y[40:])
    True
    """
    hosts = (
        ReservoirClassifier,
        ReservoirFrameClassifier,
        ReservoirRegressor,
        MaskEnsembleClassifier,
        SynchronizationClassifier,
    )
    cure = " Of a SpeechClassifier give the classifier_, and as X what its front_end_ hears."
    check_host(estimator, hosts, "readout", cure)
    other = copy.deepcopy(estimator)
    if isinstance(other, SynchronizationClassifier):
        refit_patterns(other, X, y)
        return other
    for member in members_of(other):
        member._refit_readout(X, y)
    return other


def leave_out_dead_nodes(estimator: Estimator) -> Estimator:
    """A copy whose readout no longer listens to nodes that are known to be dead or stuck.

    Each feature of such a node counts as its mean in the training data. Nothing is learned,
    so no labelled example is needed.

    Parameters
    ----------
    estimator : ReservoirClassifier, ReservoirFrameClassifier, ReservoirRegressor or \
MaskEnsembleClassifier
        Or a `SpeechClassifier`: a fitted one with faults, which is left as it is.

    Returns
    -------
    estimator

    Raises
    ------
    TypeError
        If the estimator has no linear readout.
    ValueError
        If the readout comes from an earlier version, which did not keep the means.
    """
    check_host(estimator, WeightFault.hosts, "readout")
    other = copy.deepcopy(estimator)
    for member in members_of(other):
        readout, wear = member.readout_, wear_of(member)
        if readout.means is None:
            raise ValueError(
                f"The readout of this {type(member).__name__} comes from an earlier version, "
                "which did not keep the means of its features; fit again."
            )
        n_ranges = len(readout.coefficients) // len(wear.gains)
        dead = np.tile(wear.gains == 0, n_ranges)[:, np.newaxis]
        member.readout_ = replace(
            readout,
            coefficients=np.where(dead, 0.0, readout.coefficients),
            intercept=readout.intercept
            + readout.means @ np.where(dead, readout.coefficients, 0.0),
        )
    return other


def recalibrate_drive(
    estimator: Estimator, current: ArrayLike, amplitude: ArrayLike, *, rescale: bool = True
) -> Estimator:
    """A copy that drives an oscillator which has moved as it drove the one of training.

    A threshold and a scale are fitted to one measured curve of the oscillator as it is now
    (`SpinTorqueOscillator.from_amplitude_curve`). All currents are multiplied by what the
    threshold has changed by, so that each of them is as far above the threshold as in
    training. The readout stays, and no labelled example is needed.

    Parameters
    ----------
    estimator : time-multiplexed reservoir, MaskEnsembleClassifier or SpeechClassifier
        A fitted one with a `SpinTorqueOscillator`, which is left as it is.
    current : array-like of shape (n_points,)
        In A, as the source is told to play them, on both sides of the threshold.
    amplitude : array-like of shape (n_points,)
        Amplitude at rest. With `rescale` it is measured by the amplifier that reads the
        nodes, in the unit of an amplitude of training, sqrt(p). Without, in any unit.
    rescale : bool, default=True
        Whether readings of an amplitude or a power are multiplied by what brings the measured
        curve, over the range of the drive, to that of the oscillator of training.

    Returns
    -------
    estimator
        Calling again with another curve replaces the calibration.

    Raises
    ------
    TypeError
        If the estimator is of another kind.
    ValueError
        If the device is of another kind, or the curve cannot be fitted.

    Notes
    -----
    Measure many points: the threshold has to be right within 0.3 %. On the shipped spoken
    digits (100 nodes, a threshold off by 5 % either way) a curve of 240 points, each with an
    error of 2 % of the largest amplitude, kept at least 95 % of the accuracy in 80 of 80
    draws. With 120 points it did so in 79 of them, with 60 points in 77.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirClassifier
    >>> from reservoir.faults import ThresholdDrift, recalibrate_drive, with_faults
    >>> generator = np.random.default_rng(0)
    >>> X, y = generator.normal(size=(40, 10, 2)), [0, 1] * 20
    >>> classifier = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, y)
    >>> worse = with_faults(classifier, ThresholdDrift(share=0.05))
    >>> current = np.linspace(2e-3, 6e-3, 30)
    >>> curve = worse.oscillator_.stationary_amplitude(current)
    >>> again = recalibrate_drive(worse, current, curve)
    >>> round(again.drive_.highest / worse.drive_.highest, 4)
    1.05
    """
    check_host(estimator, ReservoirFault.hosts, "drive")
    other = copy.deepcopy(estimator)
    for member in members_of(other):
        _recalibrate(member, current, amplitude, rescale)
    return other


def check_host(
    estimator: Any,
    hosts: tuple[type[Any], ...],
    part: str,
    cure: str = "",
    *,
    done: str = "repaired",
) -> None:
    """Refuse an estimator of another kind, or one that is not fitted.

    Parameters
    ----------
    estimator : estimator
    hosts : tuple of classes
    part : str
        What of the estimator is changed.
    cure : str
        A further sentence, with a blank before it.
    done : str
        What is done to the part.

    Raises
    ------
    TypeError
    NotFittedError
    """
    if not isinstance(estimator, hosts):
        names = " or ".join(host.__name__ for host in hosts)
        raise TypeError(
            f"The {part} of a {type(estimator).__name__} cannot be {done} here; give a "
            f"fitted {names}.{cure}"
        )
    check_is_fitted(estimator)


def _recalibrate(
    member: Any, current: ArrayLike, amplitude: ArrayLike, rescale: bool
) -> None:
    """Give one reservoir the drive that belongs to a measured curve."""
    learned = resolve_oscillator(member.oscillator)
    if not isinstance(learned, SpinTorqueOscillator):
        raise ValueError(
            f"A drive is calibrated by the threshold of a SpinTorqueOscillator, and this "
            f"{type(member).__name__} has a {type(learned).__name__}."
        )
    fit = SpinTorqueOscillator.from_amplitude_curve(
        current, amplitude, damping_rate=learned.damping_rate, frequency=learned.frequency
    )
    drive = member.drive_
    limits = member.drive_range if member.current_limits is None else member.current_limits
    ratio = fit.oscillator.threshold_current / (drive.highest / float(limits[1]))
    names = ("gain", "offset", "bias", "lowest", "highest", "feedback", "middle")
    member.drive_ = replace(drive, **{name: getattr(drive, name) * ratio for name in names})
    if rescale and member.read in ("amplitude", "power"):
        overdrive = np.linspace(float(limits[0]), float(limits[1]), N_CURRENTS)
        wanted = np.asarray(
            learned.stationary_amplitude(overdrive * learned.threshold_current)
        )
        measured = fit.scale * np.asarray(
            fit.oscillator.stationary_amplitude(overdrive * fit.oscillator.threshold_current)
        )
        correction = float(wanted @ measured / (measured @ measured))
        power = 2 if member.read == "power" else 1
        wear_out(member, correction=correction**power)
