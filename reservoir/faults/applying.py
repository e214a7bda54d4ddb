"""How do faults come into an estimator, and with which random numbers?"""

import copy
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from sklearn.utils.validation import check_is_fitted

from reservoir._randomness import seed_of
from reservoir._types import RandomState
from reservoir.faults.fault import Fault

Estimator = TypeVar("Estimator")


def with_faults(
    estimator: Estimator, faults: Fault | Iterable[Fault], random_state: RandomState = 0
) -> Estimator:
    """A copy of a fitted estimator whose devices have faults.

    Parameters
    ----------
    estimator : estimator
        A fitted one, which is left as it is: a layered network, a time-multiplexed reservoir
        or a classifier made of them, an `OscillatorNetwork` or a `SynchronizationClassifier`.
        Each fault says in `hosts` which ones can have it.
    faults : Fault or iterable of Fault
        They are put in one after the other, in this order. Rounding that comes after an error
        rounds the error too, so put `DetuningBits` before `ResonanceOffset`.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=0
        Seed of all that is random in the faults. Each fault has a stream of its own, so a
        fault at the end does not change what the earlier ones draw. Two noises of one kind
        are one noise, which is drawn anew.

    Returns
    -------
    estimator
        Its attribute `faults_` lists the faults as texts. A copy that gets more faults with
        the same seed is the copy that gets all of them at once.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    TypeError
        If `faults` holds something else than faults, or the estimator cannot have one.
    ValueError
        If the estimator lacks the parts that a fault is of.

    Notes
    -----
    A fault says how the devices are, and the copy does not know it. What one would do about
    it are `recalibrate` and `retrain` of a layered network, and of a reservoir
    `recalibrate_drive`, `refit_readout` and `leave_out_dead_nodes`.

    A resonance may be off by more than the tuning of its diode. Devices come out of a process
    like that, so it is not clipped. `retrain` brings every detuning that learns into the
    tuning range with its first step. What it learns is not rounded to `DetuningBits` or
    `WeightLevels` again. With the parameter `weight_levels` it sets each diode to a level
    anew, so errors of the resonances are gone after it.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from reservoir.faults import DeadNeurons, ResonanceOffset, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> network = SpintronicClassifier((32,), max_iter=20, random_state=0)
    >>> network = network.fit(X[:1000], y[:1000])
    >>> faults = [ResonanceOffset(half_linewidths=0.2), DeadNeurons(share=0.1)]
    >>> worse = with_faults(network, faults, random_state=0)
    >>> worse.faults_
    ['ResonanceOffset(half_linewidths=0.2)', 'DeadNeurons(share=0.1)']
    >>> again = worse.retrain(X[:1000], y[:1000])
    >>> worse.score(X[1000:], y[1000:]) < again.score(X[1000:], y[1000:])
    True
    """
    listed = _listed(faults)
    for fault in listed:
        fault.check_host(estimator)
    check_is_fitted(estimator)
    for fault in listed:
        fault.check_parts(estimator)
    other: Any = copy.deepcopy(estimator)
    earlier = list(getattr(other, "faults_", []))
    seed = seed_of(random_state)
    for number, fault in enumerate(listed, start=len(earlier)):
        # The child that `SeedSequence(seed).spawn` makes as its number `number`.
        stream = np.random.SeedSequence(seed, spawn_key=(number,))
        fault.put_into(other, np.random.default_rng(stream))
    other.faults_ = earlier + [repr(fault) for fault in listed]
    return other  # type: ignore[no-any-return]


def _listed(faults: Any) -> list[Fault]:
    """One fault or several as a list; anything else is refused."""
    if isinstance(faults, Fault):
        return [faults]
    if not isinstance(faults, Iterable) or isinstance(faults, str | type):
        faults = [faults]
    listed = list(faults)
    for fault in listed:
        if isinstance(fault, type) and issubclass(fault, Fault):
            name = fault.__name__
            raise TypeError(f"faults holds the class {name}; give an instance, {name}(...).")
        if not isinstance(fault, Fault):
            raise TypeError(
                f"faults holds {fault!r:.60} of type {type(fault).__name__}; it must hold "
                "faults such as ResonanceOffset(half_linewidths=0.1)."
            )
    return listed
