"""What does one inference of a fitted estimator take, and what did learning take?"""

import time
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from reservoir._checks import Choice, Flag, Integer, OrNone, check_value
from reservoir._types import ArrayLike
from reservoir.audio import AugmentedClassifier, SpeechClassifier, Speed, Trim
from reservoir.layers import (
    SpintronicClassifier,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
    SpintronicRegressor,
)
from reservoir.ledger.book import Ledger
from reservoir.ledger.figures import Figures
from reservoir.ledger.layered import layered_lines
from reservoir.ledger.multiplexed import Account, multiplexed_lines
from reservoir.ledger.operations import NONE, Operations, hear
from reservoir.ledger.plays import Plays, plays_of, summed
from reservoir.ledger.shared import front_end_lines
from reservoir.ledger.synchronized import network_lines
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.multiplexing.frame_classifier import ReservoirFrameClassifier
from reservoir.multiplexing.mask_ensemble import MaskEnsembleClassifier
from reservoir.multiplexing.regressor import ReservoirRegressor
from reservoir.multiplexing.series import SeriesReservoir
from reservoir.multiplexing.transformer import TimeMultiplexedReservoir
from reservoir.networks.network import OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier

MULTIPLEXED = (
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
    TimeMultiplexedReservoir,
)
LAYERED = (
    SpintronicClassifier,
    SpintronicRegressor,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
)
NETWORKS = (OscillatorNetwork, SynchronizationClassifier)
HEARING = (Pipeline, SpeechClassifier, AugmentedClassifier)
N_REPEATS = 3  # of the measurement on this processor, of which the quickest counts


def cost(
    estimator: Any,
    X: ArrayLike | None = None,
    *,
    figures: Figures | None = None,
    n_trained: int | None = None,
    readout: str = "digital",
    measure: bool = False,
) -> Ledger:
    """Energy and time of one inference and of training, line by line.

    Parameters
    ----------
    estimator : estimator
        A fitted one of this package: a reservoir, a `MaskEnsembleClassifier`, a network, a
        layered network, a `SpeechClassifier` or `AugmentedClassifier`, or a scikit-learn
        pipeline of front ends and one of them.
    X : sequences, waveforms or table, default=None
        What the estimator predicts; all lines are means over it. Without it, what depends on
        the data is unknown.
    figures : Figures, default=None
        Physical figures; None stands for ``Figures()``.
    n_trained : int, default=None
        How many samples were learned from, which an estimator does not keep. Without it the
        lines of training are unknown.
    readout : {"digital", "analog"}, default="digital"
        Which readout of a time-multiplexed estimator is part of the total. The other one
        stands beside it.
    measure : bool, default=False
        Whether the time of a prediction on this processor is measured.

    Returns
    -------
    Ledger
        One inference is one sample of X; for a `ReservoirRegressor` and a
        `ReservoirFrameClassifier` it is one frame.

    Raises
    ------
    TypeError
        If nobody has written a ledger for such an estimator.
    NotFittedError
        If it is not fitted.
    ValueError
        If an argument is not as described.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirClassifier
    >>> from reservoir.ledger import cost
    >>> X = np.random.default_rng(0).normal(size=(20, 14, 3))
    >>> model = ReservoirClassifier(node_time=1e-7, random_state=0).fit(X, [0, 1] * 10)
    >>> ledger = cost(model, X)
    >>> print(ledger["nodes, one after the other"])
    nodes, one after the other: 560 us (derived)
    >>> ledger["magnetic field"].value is None
    True
    """
    kinds = (*MULTIPLEXED, *LAYERED, *NETWORKS, *HEARING, MaskEnsembleClassifier)
    if not isinstance(estimator, kinds):
        names = ", ".join(kind.__name__ for kind in kinds)
        raise TypeError(
            f"There is no ledger of a {type(estimator).__name__}; give a fitted {names}."
        )
    figures = Figures() if figures is None else figures
    if not isinstance(figures, Figures):
        raise TypeError(
            f"figures is a {type(figures).__name__}; it must be Figures, for instance "
            "Figures(magnet_power=30) or Figures.read('figures.csv')."
        )
    check_value("n_trained", n_trained, OrNone(Integer(1)))
    check_value("readout", readout, Choice(("digital", "analog")))
    check_value("measure", measure, Flag())
    check_is_fitted(estimator)
    seconds = _measured(estimator, X) if measure and X is not None else None
    title = f"{_name(estimator)}: {_what(estimator, X)}"
    last = _last(estimator)
    if isinstance(last, LAYERED + NETWORKS):
        lines = []
        if last is not estimator:
            X, hearing = _prepared(estimator, X)
            lines = front_end_lines(hearing, figures)
        if isinstance(last, LAYERED):
            lines += layered_lines(last, X, figures, n_trained, seconds)
        else:
            lines += network_lines(last, figures, seconds)
    else:
        members, plays, hearing = _played(estimator, X)
        account = Account(
            members=members,
            plays=plays,
            hearing=hearing,
            front_end=isinstance(estimator, HEARING),
            n_trained=n_trained,
            readout=readout,
            seconds=seconds,
        )
        lines = multiplexed_lines(account, figures)
    return Ledger(title, tuple(lines))


def _last(estimator: Any) -> Any:
    """The last step of a pipeline, or the estimator itself."""
    return estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator


def _prepared(estimator: Pipeline, X: Any) -> tuple[Any, Operations | None]:
    """What reaches the last step of a pipeline, and what that takes for each sample."""
    if X is None:
        return None, None
    n_samples = len(X)
    X, operations = hear(estimator[:-1], X)
    return X, None if operations is None else operations * (1 / n_samples)


# ---------------------------------------------------------------------- several plays


def _played(
    estimator: Any, X: ArrayLike | None
) -> tuple[list[Any], Plays | None, Operations | None]:
    """The fitted reservoirs, what they play for one inference, and what hearing takes."""
    if isinstance(estimator, HEARING):
        copies, operations, inner = _heard(estimator, X)
        members = _members(inner)
        if X is None:
            return members, None, None
        parts = [plays_of(member, each) for each in copies for member in members]
        n_clips = len(copies[0])
        mean = None if operations is None else operations * (1 / n_clips)
        return members, summed(parts), mean
    members = _members(estimator)
    if X is None:
        return members, None, NONE
    return members, summed([plays_of(member, X) for member in members]), NONE


def _members(estimator: Any) -> list[Any]:
    """One fitted reservoir for each mask."""
    if isinstance(estimator, MaskEnsembleClassifier):
        return list(estimator.classifiers_)
    if not isinstance(estimator, MULTIPLEXED):
        raise TypeError(
            f"There is no ledger of a front end before a {type(estimator).__name__}; its "
            "last step must be a time-multiplexed estimator. Give the last step alone."
        )
    return [estimator]


def _heard(estimator: Any, X: Any) -> tuple[list[Any], Operations | None, Any]:
    """Frames of each copy of the clips, operations of all of them, and the classifier."""
    chains, inner = _chains(estimator)
    copies: list[Any] = []
    total: Operations | None = NONE
    if X is None:
        return copies, None, inner
    for chain in chains:
        frames: Any = X
        for step in chain:
            frames, operations = hear(step, frames)
            total = None if total is None or operations is None else total + operations
        copies.append(frames)
    return copies, total, inner


def _chains(estimator: Any) -> tuple[list[list[Any]], Any]:
    """For each copy of a clip the steps that hear it; and the classifier of frames."""
    if isinstance(estimator, Pipeline):
        return [[step for _, step in estimator.steps[:-1]]], estimator.steps[-1][1]
    if isinstance(estimator, AugmentedClassifier):
        return [[each] for each in estimator._asked_front_ends()], estimator.classifier_
    first = []
    if estimator.trim is not None:
        first = [Trim(estimator.sample_rate, decibels=estimator.trim)]
    chains = [
        [*first, Speed(float(speed)), estimator.front_end_]
        for speed in (1.0, *estimator.speeds)
    ]
    return chains, estimator.classifier_


# ---------------------------------------------------------------------- words and time


def _name(estimator: Any) -> str:
    if isinstance(estimator, Pipeline):
        return " and ".join(type(step).__name__ for _, step in estimator.steps)
    return type(estimator).__name__


def _what(estimator: Any, X: ArrayLike | None) -> str:
    """What one inference is, in words."""
    last = _last(estimator)
    one = "frame of a series" if isinstance(last, SeriesReservoir) else "sample"
    if X is None:
        return f"one inference is one {one}; no data were given"
    return f"one inference is one {one}, the mean over {_n_inferences(estimator, X)}"


def _n_inferences(estimator: Any, X: Any) -> int:
    last = _last(estimator)
    if isinstance(last, SeriesReservoir) and last is estimator:
        return int(last._series(X).lengths.sum())
    return len(X)


def _measured(estimator: Any, X: Any) -> float:
    """Wall time of one inference on this processor, the quickest of a few, in s."""
    ask = estimator.predict if hasattr(estimator, "predict") else estimator.transform
    found = []
    for _ in range(N_REPEATS):
        start = time.perf_counter()
        ask(X)
        found.append(time.perf_counter() - start)
    return float(np.min(found)) / _n_inferences(estimator, X)
