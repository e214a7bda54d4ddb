"""How is a readout trained for faults that will come, but are not known yet?"""

import copy
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np

from reservoir._checks import Integer, check_value
from reservoir._randomness import seed_of
from reservoir._types import ArrayLike, RandomState
from reservoir.faults.applying import with_faults
from reservoir.faults.fault import Fault
from reservoir.faults.repair import check_host
from reservoir.faults.stored_weights import WeightFault
from reservoir.faults.worn import members_of
from reservoir.multiplexing import (
    MaskEnsembleClassifier,
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
)

Estimator = TypeVar("Estimator")
HOSTS = (
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
    MaskEnsembleClassifier,
)


def train_over_faults(
    estimator: Estimator,
    X: ArrayLike,
    y: ArrayLike,
    scenarios: Iterable[Fault | Iterable[Fault]],
    *,
    n_draws: int = 1,
    random_state: RandomState = 0,
) -> Estimator:
    """A copy whose readout was learned through many faulty copies of the devices at once.

    It is known as hardware-aware training. One readout serves all copies, so it weighs down
    what the faults change. Mask and currents stay, and the result has no faults itself.

    Parameters
    ----------
    estimator : ReservoirClassifier, ReservoirFrameClassifier, ReservoirRegressor or \
MaskEnsembleClassifier
        A fitted one, which is left as it is.
    X : sequences or table
        As for `fit`; all of the training data.
    y : array-like
        Labels that the estimator knows, or targets.
    scenarios : iterable
        What may happen to the devices: each is a fault or a list of faults, as for
        `with_faults`, and ``[]`` stands for devices without a fault. All count alike. Give a
        drift several sizes, such as ``[ThresholdDrift(s) for s in (-0.05, 0, 0.05)]``.
    n_draws : int, default=1
        How many copies are drawn of each scenario.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=0
        Seed of all faults.

    Returns
    -------
    estimator

    Raises
    ------
    TypeError
        If the estimator is of another kind, or `scenarios` holds something else than faults.
    ValueError
        If there is no scenario, one holds a fault of stored weights, which leaves the states
        that are learned from, or y is not as for `refit_readout`.

    Notes
    -----
    All copies play the data, one after the other, and their states add up in one ridge
    regression. A given `alpha` is kept. Otherwise the strength is chosen by five folds; a
    sequence that is left out is left out of all copies. Time and, if the features are kept,
    memory grow with the number of copies.

    A layered network learns with noise of its own (`power_noise`, `detuning_noise`).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirClassifier
    >>> from reservoir.faults import DeadNodes, train_over_faults, with_faults
    >>> generator = np.random.default_rng(0)
    >>> y = np.array(["rise", "fall"] * 60)
    >>> X = [np.linspace(0, 1 if label == "rise" else -1, 20)[:, None]
    ...      + generator.normal(size=(20, 1)) for label in y]
    >>> classifier = ReservoirClassifier(n_nodes=50, random_state=0).fit(X[:80], y[:80])
    >>> tough = train_over_faults(classifier, X[:80], y[:80], [DeadNodes(0.2)], n_draws=10)
    >>> new = DeadNodes(0.2)  # drawn with another seed
    >>> one, other = (with_faults(model, new, 7) for model in (classifier, tough))
    >>> one.score(X[80:], y[80:]) < other.score(X[80:], y[80:])
    True
    """
    cure = " A layered network has power_noise and detuning_noise."
    check_host(estimator, HOSTS, "readout", cure, done="trained over faults")
    check_value("n_draws", n_draws, Integer(1))
    listed = [_checked(scenario) for scenario in scenarios]
    if not listed:
        raise ValueError("scenarios is empty; give at least one fault or list of faults.")
    generator = np.random.default_rng(seed_of(random_state))
    copies = [
        members_of(with_faults(estimator, faults, int(generator.integers(2**31))))
        for _ in range(n_draws)
        for faults in listed
    ]
    other = copy.deepcopy(estimator)
    for number, member in enumerate(members_of(other)):
        member._refit_readout(X, y, through=[members[number] for members in copies])
    return other


def _checked(scenario: Any) -> Fault | list[Fault]:
    """A scenario in which something happens to the states, if anything does."""
    faults = scenario if isinstance(scenario, Fault) else list(scenario)
    for fault in [faults] if isinstance(faults, Fault) else faults:
        if isinstance(fault, WeightFault):
            raise ValueError(
                f"scenarios holds {fault!r}, a fault of stored weights. The states that a "
                "readout is learned from do not have it, so training over it changes nothing."
            )
    return faults
