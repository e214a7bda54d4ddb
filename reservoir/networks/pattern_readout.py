"""Which class does a pattern of locking mean? Tables of patterns, and linear readouts."""

from dataclasses import dataclass
from math import comb, perm
from typing import Self

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from reservoir._types import Floats, Integers
from reservoir.networks.network import NetworkResponse
from reservoir.readout import LinearReadout

LOG_ODDS_VARIANCE = 6.0  # of a logistic regression before it has seen a token
MAX_GRADED_AGREEMENT = 1.0 - 1e-6  # of a response that does not show the pattern exactly


@dataclass(frozen=True)
class PatternTable:
    """Patterns of locking, and the class that each of them means.

    Attributes
    ----------
    patterns : ndarray of int of shape (n_patterns, n_oscillators)
        The source that each oscillator is locked to, or -1.
    owners : ndarray of int of shape (n_patterns,)
        Number of the class that each pattern means.
    """

    patterns: Integers
    owners: Integers

    @classmethod
    def learned(
        cls, locked: Integers, classes: Integers, n_classes: int, shared: bool
    ) -> tuple[Self, Floats]:
        """The table of the patterns that training tokens show.

        Parameters
        ----------
        locked : ndarray of int of shape (n_samples, n_oscillators)
            The source that each oscillator is locked to, or -1.
        classes : ndarray of int of shape (n_samples,)
        n_classes : int
        shared : bool
            As for `owners_of`.

        Returns
        -------
        table : PatternTable
        counts : ndarray of shape (n_patterns, n_classes)
            Tokens of each class that show each pattern.

        Raises
        ------
        ValueError
            If there are fewer patterns than classes.
        """
        patterns, rows = np.unique(locked, axis=0, return_inverse=True)
        check_enough_patterns(len(patterns), n_classes, int(locked.max()) + 1)
        counts = np.zeros((len(patterns), n_classes))
        np.add.at(counts, (rows.ravel(), classes), 1)
        owners = owners_of(counts, shared)
        missing = np.setdiff1d(np.arange(n_classes), owners)
        if missing.size:  # a class that is everywhere in the minority gets its best pattern
            single = owners_of(counts, shared=False)
            owners = np.where(single >= 0, single, owners)
        used = owners >= 0
        return cls(patterns[used], owners[used]), counts[used]

    def agreement(self, response: NetworkResponse) -> Floats:
        """How well every response agrees with every pattern.

        Returns
        -------
        ndarray of shape (n_samples, n_patterns)
            1 where the response shows exactly the pattern, less elsewhere.
        """
        most = response.coherence.max(axis=2, keepdims=True)
        # The last column stands for patterns in which an oscillator follows no source (-1).
        follows = np.concatenate([response.coherence, 1 - most], axis=2)
        oscillators = np.arange(follows.shape[1])
        # In one order of memory, so that a mean does not depend on how many rows there are.
        followed = np.ascontiguousarray(follows[:, oscillators, self.patterns])
        graded = followed.mean(axis=2)
        exact = (response.locked[:, None, :] == self.patterns).all(axis=2)
        return np.where(exact, 1.0, np.clip(graded, 0.0, MAX_GRADED_AGREEMENT))

    def scores(self, agreement: Floats, n_classes: int) -> Floats:
        """Agreement with the best pattern of each class, of shape (n_samples, n_classes)."""
        return np.stack(
            [agreement[:, self.owners == code].max(axis=1) for code in range(n_classes)],
            axis=1,
        )

    def moves(
        self,
        natural: Floats,
        sources: Floats,
        agreement: Floats,
        locked: Integers,
        width: float,
    ) -> Floats:
        """Where the oscillators should go, as a mean over one token of each class.

        A token whose best pattern is one of its class asks for no move. Otherwise an
        oscillator that should lock moves to its source. One that should not moves away from
        the source that it is locked to, as far as the edge of locking.

        Parameters
        ----------
        natural : ndarray of shape (n_oscillators,)
            Natural frequencies, in Hz.
        sources : ndarray of shape (n_classes, n_sources)
            Frequencies of the sources for a token of each class, in Hz.
        agreement : ndarray of shape (n_classes, n_patterns)
        locked : ndarray of int of shape (n_classes, n_oscillators)
        width : float
            Half-width of locking, in Hz.

        Returns
        -------
        ndarray of shape (n_oscillators,)
            In Hz.
        """
        total = np.zeros(len(natural))
        for row in range(len(sources)):
            own = np.flatnonzero(self.owners == row)
            if self.owners[agreement[row].argmax()] == row:
                continue
            wanted = self.patterns[own[agreement[row, own].argmax()]]
            actual = locked[row]
            for i in np.flatnonzero(wanted != actual):
                if wanted[i] >= 0:
                    total[i] += sources[row, wanted[i]] - natural[i]
                else:
                    distance = sources[row, actual[i]] - natural[i]
                    total[i] -= np.copysign(max(width - abs(distance), 0.0), distance)
        moves: Floats = total / len(sources)
        return moves


def owners_of(counts: Floats, shared: bool) -> Integers:
    """Which class does every pattern stand for?

    Parameters
    ----------
    counts : ndarray of shape (n_patterns, n_classes)
        Tokens of each class that gave each pattern.
    shared : bool
        True: the class with most tokens there, so that several patterns may share a class.
        False: one pattern for each class, so that as many tokens as possible give the
        pattern of their class (optimal assignment).

    Returns
    -------
    ndarray of int of shape (n_patterns,)
        -1 where no class.
    """
    owners = np.full(len(counts), -1)
    if shared:
        seen = counts.max(axis=1) > 0
        owners[seen] = counts[seen].argmax(axis=1)
    else:
        patterns, classes = linear_sum_assignment(-counts)
        owners[patterns] = classes
    return owners


def oscillators_for(n_classes: int, n_sources: int) -> int:
    """How many oscillators certainly have a pattern for each of so many classes.

    Counted are the patterns in which each source locks one oscillator, or none, and no
    oscillator is locked to two sources. Bands of locking that overlap make more.

    Parameters
    ----------
    n_classes, n_sources : int

    Returns
    -------
    int
    """
    n_oscillators = 1
    while (
        sum(comb(n_sources, k) * perm(n_oscillators, k) for k in range(n_sources + 1))
        < n_classes
    ):
        n_oscillators += 1
    return n_oscillators


def check_enough_patterns(n_patterns: int, n_classes: int, n_sources: int) -> None:
    """Refuse a network that has fewer patterns than there are classes."""
    if n_patterns < n_classes:
        enough = oscillators_for(n_classes, max(n_sources, 1))
        raise ValueError(
            f"y has {n_classes} classes, but the network has only {n_patterns} patterns that "
            f"are wide enough to aim at; {enough} oscillators would do if their bands of "
            "locking overlap by a quarter. Or use more sources, or a stronger injection."
        )


def features_of(response: NetworkResponse) -> Floats:
    """Lock states and coherences, of shape (n_samples, 2 n_oscillators n_sources)."""
    sources = np.arange(response.coherence.shape[2])
    states = response.locked[:, :, None] == sources
    both: Floats = np.stack([states, response.coherence], axis=1)
    return both.reshape(len(both), -1)


def fit_linear_readout(features: Floats, classes: Integers) -> tuple[Floats, Floats]:
    """Logistic regression of the classes on standardised features.

    The inverse penalty C is the variance of a weight before any token is seen. It is
    `LOG_ODDS_VARIANCE` over the number of features, so that networks of all sizes start from
    the same doubt.

    Parameters
    ----------
    features : ndarray of shape (n_samples, n_features)
    classes : ndarray of int of shape (n_samples,)

    Returns
    -------
    weights : ndarray of shape (n_classes, n_features)
    offset : ndarray of shape (n_classes,)
        The logarithmic odds are ``features @ weights.T + offset``.
    """
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale < 1e-9] = 1.0
    inverse_penalty = LOG_ODDS_VARIANCE / features.shape[1]
    logistic = LogisticRegression(C=inverse_penalty, max_iter=1000)
    logistic.fit((features - mean) / scale, classes)
    weights, offset = logistic.coef_ / scale, logistic.intercept_
    if len(weights) == 1:
        weights, offset = (
            np.vstack([-weights, weights]) / 2,
            np.append(-offset, offset) / 2,
        )
    return weights, offset - weights @ mean


def weighted_sums(rows: Floats, weights: Floats, offset: Floats) -> Floats:
    """Rows times weights plus offset, where no sum depends on the other rows.

    A BLAS product may round a row differently in another block of rows, or with weights that
    lie otherwise in memory.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
    weights : ndarray of shape (n_sums, n_features)
    offset : ndarray of shape (n_sums,)

    Returns
    -------
    ndarray of shape (n_rows, n_sums)
    """
    return LinearReadout(np.ascontiguousarray(weights.T), offset, 0.0)(rows)


def fit_temperature(scores: Floats, classes: Integers) -> float:
    """Scale of the scores under which the classes are likeliest.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_classes)
    classes : ndarray of int of shape (n_samples,)

    Returns
    -------
    float
    """
    temperatures = np.logspace(-2.5, 1.0, 36)
    likelihood = [
        log_softmax(scores / temperature, axis=1)[np.arange(len(classes)), classes].mean()
        for temperature in temperatures
    ]
    return float(temperatures[int(np.argmax(likelihood))])
