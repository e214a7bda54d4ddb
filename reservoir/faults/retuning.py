"""What does one do about oscillators that lock at the wrong frequencies?"""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted, column_or_1d

from reservoir._checks import refuse_masked
from reservoir._classes import classes_of
from reservoir._randomness import generator_of
from reservoir._types import ArrayLike, Floats, Integers, RandomState
from reservoir.networks import SynchronizationClassifier
from reservoir.networks.combinations import CombinationLearning, learn_combinations
from reservoir.networks.design import followed
from reservoir.networks.pattern_readout import fit_temperature


def retune_frequencies(
    estimator: SynchronizationClassifier,
    X: ArrayLike,
    y: ArrayLike,
    *,
    random_state: RandomState = 0,
) -> SynchronizationClassifier:
    """A copy whose oscillators were tuned by their currents until they lock as they should.

    Learning begins with the network as it is, with its faults.

    For a readout of patterns it is online learning. It presents one example of each class at
    a time and moves the frequencies of oscillators that lock wrongly. What is best on the
    examples is kept. The combinations of features and the patterns of the classes stay.

    With ``learning="gradient"`` there are no patterns that the oscillators should show. So
    that learning goes on, from the combinations and frequencies as they are, with the
    examples: it trains combinations, frequencies and the readout together.

    Parameters
    ----------
    estimator : SynchronizationClassifier
        A fitted one, which is left as it is. If it has patterns, its `n_presentations` and
        `rate` say how long and how fast it learns, also if it was fitted with
        ``learning="search"``.
    X : array-like of shape (n_examples, n_features)
        A few dozen may do.
    y : array-like of shape (n_examples,)
        Labels, of each class one at least.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=0
        Seed of the order in which examples are presented, or of what gradient learning draws.

    Returns
    -------
    SynchronizationClassifier
        Its `learning_curve_`, and after online learning its `frequency_curve_`, are those of
        this learning.

    Raises
    ------
    TypeError
        If the estimator is of another kind.
    ValueError
        If the readout is linear and learning was "search", or if y lacks a class or holds one
        that was not learned.

    Notes
    -----
    As in online learning, the natural frequency of each oscillator is taken to be known: it
    is what a spectrum analyser shows without sources. A dead oscillator changes the patterns,
    so `refit_readout` is what helps then. Also for a gradient-trained network consider
    `refit_readout` first: its linear readout, learned again, makes up for most drifts.

    Examples
    --------
    >>> from reservoir import SynchronizationClassifier, datasets
    >>> from reservoir.faults import FrequencyDrift, retune_frequencies, with_faults
    >>> vowels = datasets.make_vowels(20, ("ae", "er", "iy", "uw"), random_state=0)
    >>> classifier = SynchronizationClassifier(learning="search", random_state=0)
    >>> classifier = classifier.fit(vowels.data, vowels.target)
    >>> worse = with_faults(classifier, FrequencyDrift(hz=6e6))
    >>> again = retune_frequencies(worse, vowels.data[::2], vowels.target[::2])
    >>> new = datasets.make_vowels(20, ("ae", "er", "iy", "uw"), random_state=1)
    >>> worse.score(new.data, new.target) < 0.8 < again.score(new.data, new.target)
    True
    """
    if not isinstance(estimator, SynchronizationClassifier):
        raise TypeError(
            f"A {type(estimator).__name__} has no oscillators that are tuned by examples; "
            "give a fitted SynchronizationClassifier."
        )
    check_is_fitted(estimator)
    goes_on = estimator.learning == "gradient"
    if estimator._kind_of_readout() == "linear" and not goes_on:
        raise ValueError(
            "SynchronizationClassifier.readout is 'linear', and frequencies are tuned toward "
            "patterns, which it has not learned; use refit_readout, which learns it again."
        )
    other = copy.deepcopy(estimator)
    features, codes = _examples(other, X, y)
    learn = _learn_on if goes_on else _learn_online
    learn(other, features, codes, generator_of(random_state))
    other.temperature_ = fit_temperature(other._scores(features), codes)
    return other


def _learn_online(
    classifier: SynchronizationClassifier,
    features: Floats,
    codes: Integers,
    generator: np.random.Generator,
) -> None:
    """Tune the network toward the patterns of the classes, in place."""
    classifier._learn_frequencies(features, codes, classifier.network_, generator)


def _learn_on(
    classifier: SynchronizationClassifier,
    features: Floats,
    codes: Integers,
    generator: np.random.Generator,
) -> None:
    """Go on with gradient learning from what is there, without new starts, in place."""
    network, sources = classifier.network_, classifier.source_range_
    limits = np.array([sources, *network.tuning_ranges()])
    network = followed(network, float(limits.min()), float(limits.max()))
    how = CombinationLearning(len(classifier.coef_), 0, "linear", True, False, sources)
    last = classifier._frequencies(features)
    learned = learn_combinations(features, codes, network, how, generator, last)
    classifier.network_ = classifier._take_over(learned, learned.network)


def refit_patterns(classifier: SynchronizationClassifier, X: ArrayLike, y: ArrayLike) -> None:
    """Learn the readout of a classifier again, through the oscillators as they are, in place.

    Parameters
    ----------
    classifier : SynchronizationClassifier
        Fitted.
    X : array-like of shape (n_examples, n_features)
    y : array-like of shape (n_examples,)

    Raises
    ------
    ValueError
        If y lacks a class, or holds one that was not learned.

    Notes
    -----
    If few oscillators are alive, the examples may show fewer patterns than there are classes.
    Then each pattern of training counts as one more example of its class.
    """
    features, codes = _examples(classifier, X, y)
    response = classifier.network_.measure(classifier._frequencies(features))
    locked, shown = response.locked, codes
    n_classes = len(classifier.classes_)
    has_patterns = classifier._kind_of_readout() != "linear"
    if has_patterns and len(np.unique(locked, axis=0)) < n_classes:
        locked = np.concatenate([locked, classifier.patterns_])
        shown = np.concatenate([shown, classifier.pattern_classes_])
    classifier._learn_readout(replace(response, locked=locked), shown)
    classifier.temperature_ = fit_temperature(classifier._scores(features), codes)


def _examples(
    classifier: SynchronizationClassifier, X: ArrayLike, y: Any
) -> tuple[Floats, Integers]:
    """Checked features, and the number of each example's class."""
    refuse_masked("y", y, ("row",))
    features = classifier._validated(X)
    seen, codes = classes_of("y", column_or_1d(y))
    known = classifier.classes_
    unlike = [*np.setdiff1d(seen, known), *np.setdiff1d(known, seen)]
    if len(unlike):
        label = unlike[0].item() if hasattr(unlike[0], "item") else unlike[0]
        found = "holds the label" if label in seen else "lacks the label"
        raise ValueError(
            f"y {found} {label!r:.60}; it must hold each label of classes_ at least once, "
            "and no other one."
        )
    if len(codes) != len(features):
        raise ValueError(
            f"X has {len(features)} rows and y {len(codes)} labels; give one for each row."
        )
    return features, codes
