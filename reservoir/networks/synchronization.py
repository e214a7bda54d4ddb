"""A network of oscillators whose pattern of locking is the answer."""

import copy
from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, clone
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import (
    POSITIVE,
    Choice,
    Flag,
    Integer,
    OrNone,
    Rule,
    check_complete,
    check_parameters,
    refuse_masked,
)
from reservoir._classes import classes_of, refuse_one_class
from reservoir._columns import checked_table
from reservoir._scoring import CheckedClassifier
from reservoir._types import Array, ArrayLike, Floats, Integers, RandomState
from reservoir.networks.combinations import (
    CombinationLearning,
    Combinations,
    learn_combinations,
)
from reservoir.networks.design import (
    answer_to,
    check_capacity,
    check_hearing,
    check_sizes,
    designed_for,
    followed,
    network_for,
    source_range,
    sources_for,
)
from reservoir.networks.learning_options import N_STARTS, check_learning
from reservoir.networks.network import NetworkResponse, OscillatorNetwork
from reservoir.networks.pattern_readout import (
    PatternTable,
    features_of,
    fit_linear_readout,
    fit_temperature,
    weighted_sums,
)


class SynchronizationClassifier(CheckedClassifier, BaseEstimator):
    r"""Classify by the pattern in which oscillators lock to microwave sources.

    The frequency of every source is a linear combination of the features. The network
    settles, and the answer is read from how the oscillators follow the sources [1]_. The
    combinations and the frequencies of the oscillators are learned together, by the exact
    slopes of Adler's formula for locking, or as in the published experiment.

    Parameters
    ----------
    network : OscillatorNetwork, default=None
        The network from whose frequencies and currents learning starts. `fit` leaves it as it
        is. None stands for oscillators 11 MHz apart: four and two more for each source with
        learning "gradient", else four.
    n_sources : int, default=None
        None stands for one less than there are classes, but at most 6, and at most as many as
        there are features. It stands for 2 unless learning is "gradient".

    *How it learns*

    learning : {"gradient", "search", "online"}, default="gradient"
        "gradient" gives each source a band of oscillators and a discriminant direction, and
        from there trains combinations, frequencies of the oscillators and a readout together.
        The oscillators are then tuned to these frequencies by their currents. A pump is
        unknown to this training; only the readout is learned with it.
        "search" tunes the oscillators to equal distances, at which their locking bands
        overlap by a quarter, and finds combinations and patterns together, on a map of the
        network for two sources.
        "online" takes the same combinations, but leaves the network as it was made, and then
        presents tokens, one of each class at a time. Whenever a pattern is wrong, oscillators
        that should lock move toward their source, and those that should not move away. The
        network that is best on the training tokens is kept.
    readout : {"linear", "table", "pattern"}, default=None
        "linear" is a logistic regression on lock states and coherences, for "gradient" and
        "search". "table" lets every pattern of locking mean the class that shows it most
        often in training. "pattern" gives each class one pattern, by optimal assignment.
        With these two, which are not for "gradient", a pattern that was not learned counts as
        the one it resembles most.
        None stands for "linear" with learning "gradient", else for "table".
    n_starts : int, default=None
        Number of starts from which the combinations are trained. The best result is kept.
        None stands for 4 with learning "gradient", else for 15.
    learn_couplings : bool, default=False
        Whether "gradient" also learns couplings. It always knows those that `network` has.
    n_presentations : int, default=100
        How many times online learning presents one token of each class.
    rate : float, default=1.0
        Share of the distance by which online learning moves an oscillator at first. It falls
        linearly to 0.
    warm_start : bool, default=False
        Whether `fit` starts from the combinations and the network of the last fit.
    random_state : None, int, RandomState or Generator, default=None

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
    coef_ : ndarray of shape (n_sources, n_features)
        Linear combinations, in Hz per unit of each feature.
    intercept_ : ndarray of shape (n_sources,)
        In Hz.
    source_range_ : tuple of two floats
        Lowest and highest frequency of the sources, in Hz. Combinations beyond are clipped.
    network_ : OscillatorNetwork
        The tuned network.
    patterns_ : ndarray of int of shape (n_patterns, n_oscillators)
        The source that each oscillator is locked to, or -1.
    pattern_classes_ : ndarray of int of shape (n_patterns,)
        Row of `classes_` that each pattern means.
    pattern_ : dict
        The most frequent pattern of each class, as a tuple.
    readout_coef_, readout_intercept_ : ndarray
        Weights and offsets of the linear readout, in place of the patterns.
    learning_curve_ : ndarray
        Share of the training tokens that are right. For "search" it is the best so far, after
        every refined start. For "online" it is measured in single precision, before the first
        presentation and after each.
    frequency_curve_ : ndarray of shape (n_presentations + 1, n_oscillators)
        Natural frequencies during online learning, in Hz.
    source_curve_ : ndarray of shape (n_presentations + 1, n_classes, n_sources)
        What each presentation tells the sources for its token of each class, in Hz; after
        the last, one more draw moves nothing.
    temperature_ : float
        Scale of the decision values in `predict_proba`, fitted to the training tokens.

    Notes
    -----
    "search" and "online" give classes to those regions of the map that are wide and close to
    each other, so that the combinations are short. Few classes then need few oscillators: of
    four vowels, one source chooses between two neighbouring oscillators, and the other one
    locks a third or lies beyond all of them. The first of four oscillators then locks to no
    source (-1 in each pattern). Seven vowels use all four.

    References
    ----------
    .. [1] M. Romera et al., Nature 563, 230 (2018).

    Examples
    --------
    >>> from reservoir import SynchronizationClassifier, datasets
    >>> vowels = datasets.make_vowels(20, ("ae", "er", "iy", "uw"), random_state=0)
    >>> classifier = SynchronizationClassifier(random_state=0)
    >>> classifier = classifier.fit(vowels.data, vowels.target)
    >>> new = datasets.make_vowels(20, ("ae", "er", "iy", "uw"), random_state=1)
    >>> bool(classifier.score(new.data, new.target) > 0.9)
    True
    """

    network_: OscillatorNetwork
    coef_: Floats

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "n_sources": OrNone(Integer(1)),
        "learning": Choice(("gradient", "search", "online")),
        "readout": OrNone(Choice(("linear", "table", "pattern"))),
        "n_starts": OrNone(Integer(1)),
        "n_presentations": Integer(0),
        "rate": POSITIVE,
        "learn_couplings": Flag(),
        "warm_start": Flag(),
    }

    def __init__(
        self,
        network: OscillatorNetwork | None = None,
        n_sources: int | None = None,
        *,
        learning: str = "gradient",
        readout: str | None = None,
        n_starts: int | None = None,
        learn_couplings: bool = False,
        n_presentations: int = 100,
        rate: float = 1.0,
        warm_start: bool = False,
        random_state: RandomState = None,
    ) -> None:
        self.network = network
        self.n_sources = n_sources
        self.learning = learning
        self.readout = readout
        self.n_starts = n_starts
        self.learn_couplings = learn_couplings
        self.n_presentations = n_presentations
        self.rate = rate
        self.warm_start = warm_start
        self.random_state = random_state

    @all_or_nothing
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn combinations, patterns and frequencies.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If X has missing values, y one class or more classes than there are patterns, if
            the network cannot be tuned as needed, or coupling drowns the sources.
        """
        self._check_parameters()
        again = self.warm_start and hasattr(self, "network_")
        if not (again and self.learning == "online"):  # which goes on with `network_`
            self.__dict__.pop("faults_", None)
        refuse_masked("y", y, ("row",))
        features, labels = checked_table(
            self, X, y, reset=not again, dtype=np.float64, ensure_all_finite=False
        )
        check_complete(features)
        seen, codes = self._check_classes(labels, again)
        generator = self._generator()
        start, n_sources = self._sizes(len(seen), features.shape[1])
        check_capacity(start, n_sources, len(seen))
        check_hearing(start)
        if again:
            check_sizes(start, n_sources, self.network_, len(self.coef_))
        last = self._frequencies(features) if again else None
        goes_on = again and self.learning == "gradient"
        designed = self.network_ if goes_on else designed_for(start, self.learning)
        self.classes_ = seen
        self.source_range_ = source_range(start, designed)
        start, designed = self._followed(start, designed)
        learned = learn_combinations(
            features,
            codes,
            designed,
            CombinationLearning(
                n_sources,
                self._number_of_starts(),
                self._kind_of_readout(),
                tuned=self.learning == "gradient",
                coupled=self.learn_couplings,
                source_range=self.source_range_,
            ),
            generator,
            last,
        )
        start, designed = self._followed(start, learned.network)
        for stale in ("patterns_", "readout_coef_"):
            self.__dict__.pop(stale, None)
        designed = self._take_over(learned, designed)
        if self.learning == "online":
            network = self.network_ if again else start
            self._learn_frequencies(features, codes, network, generator)
        else:
            self.network_ = designed
        self.temperature_ = fit_temperature(self._scores(features), codes)
        return self

    # ------------------------------------------------------------------ answers

    def input_frequencies(self, X: ArrayLike) -> Floats:
        """Frequencies of the sources for every token.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_sources)
            In Hz.
        """
        return self._frequencies(self._validated(X))

    def decision_function(self, X: ArrayLike) -> Floats:
        """How close every token's pattern is to the patterns of the classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or (n_samples,) for two classes
            1 where the pattern is exactly one of the class. Elsewhere, for the best pattern
            of the class, the mean over the oscillators of the coherence with the source that
            each should be locked to. For an oscillator that should follow no source, 1 less
            its highest coherence takes that place. The linear readout gives its logarithmic
            odds instead. For two classes the value is second minus first.
        """
        scores = self._scores(self._validated(X))
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities: softmax of the decision values over `temperature_`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        scores = self._scores(self._validated(X)) / self.temperature_
        return np.asarray(softmax(scores, axis=1))

    def predict(self, X: ArrayLike) -> Array:
        """Class of every token.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        scores = self._scores(self._validated(X))
        classes: Array = self.classes_[scores.argmax(axis=1)]
        return classes

    # ------------------------------------------------------------------ learning

    def _take_over(
        self, learned: Combinations, network: OscillatorNetwork
    ) -> OscillatorNetwork:
        """Take combinations, and learn a readout; the network in steps that follow it."""
        self.coef_, self.intercept_ = learned.coefficients, learned.offsets
        self.learning_curve_ = learned.curve
        network, answer = answer_to(network, learned.sources)
        self._learn_readout(answer, learned.classes)
        return network

    def _learn_readout(self, response: NetworkResponse, classes: Integers) -> None:
        """Learn which pattern means which class, or the linear readout."""
        if self._kind_of_readout() == "linear":
            readout = fit_linear_readout(features_of(response), classes)
            self.readout_coef_, self.readout_intercept_ = readout
            return
        shared = self._kind_of_readout() == "table"
        table, counts = PatternTable.learned(
            response.locked, classes, len(self.classes_), shared
        )
        self.patterns_, self.pattern_classes_ = table.patterns, table.owners
        self.pattern_ = {}
        for code, name in enumerate(self.classes_.tolist()):
            mine = np.where(table.owners == code, counts[:, code], -1)
            self.pattern_[name] = tuple(table.patterns[mine.argmax()].tolist())

    def _learn_frequencies(
        self,
        X: Floats,
        codes: Integers,
        network: OscillatorNetwork,
        generator: np.random.Generator,
    ) -> None:
        """Present one token of each class after another; tune what locked wrongly."""
        sources, table = self._frequencies(X), self._table()
        limits = network.tuning_ranges().T
        width = network.locking_half_width()
        frequencies = network.natural_frequencies()
        members = [np.flatnonzero(codes == code) for code in range(len(self.classes_))]
        best_share, curve, path, told = -1.0, [], [], []
        for number in range(int(self.n_presentations) + 1):
            tuned = network.tune(np.clip(frequencies, *limits))
            # Single precision tells what locks to what, and this is what learning costs.
            response = copy.copy(tuned).set_params(dtype="float32").measure(sources)
            agreement = table.agreement(response)
            scores = table.scores(agreement, len(members))
            share = (scores.argmax(axis=1) == codes).mean()
            if share > best_share:
                best_share, self.network_ = share, tuned
            curve.append(share)
            path.append(frequencies)
            tokens = np.array([generator.choice(rows) for rows in members])
            told.append(sources[tokens])
            moves = table.moves(
                tuned.natural_frequencies(),
                sources[tokens],
                agreement[tokens],
                response.locked[tokens],
                width,
            )
            rate = float(self.rate) * (1 - number / max(int(self.n_presentations), 1))
            frequencies = np.clip(frequencies + rate * moves, *limits)
        self.learning_curve_, self.frequency_curve_ = np.array(curve), np.array(path)
        self.source_curve_ = np.array(told)

    # ------------------------------------------------------------------ inside

    def _table(self) -> PatternTable:
        return PatternTable(self.patterns_, self.pattern_classes_)

    def _frequencies(self, X: Floats) -> Floats:
        frequencies = weighted_sums(X, self.coef_, self.intercept_)
        return np.clip(frequencies, *self.source_range_)

    def _scores(self, X: Floats) -> Floats:
        """Decision values of all classes, of shape (n_samples, n_classes)."""
        linear = self._kind_of_readout() == "linear"
        if not hasattr(self, "readout_coef_" if linear else "patterns_"):
            raise ValueError(
                f"SynchronizationClassifier.readout is {self.readout!r}, which was not "
                "fitted; fit again, or set it back."
            )
        response: NetworkResponse = self.network_.measure(self._frequencies(X))
        if linear:
            features = features_of(response)
            return weighted_sums(features, self.readout_coef_, self.readout_intercept_)
        table = self._table()
        return table.scores(table.agreement(response), len(self.classes_))

    def _validated(self, X: ArrayLike) -> Floats:
        """Features of new tokens, checked."""
        check_is_fitted(self)
        self._check_parameters()  # They may have been set since the fit.
        checked: Floats = checked_table(
            self, X, reset=False, dtype=np.float64, ensure_all_finite=False
        )
        check_complete(checked)
        return checked

    def _generator(self) -> np.random.Generator:
        """Generator of the training's random numbers."""
        if isinstance(self.random_state, np.random.Generator):
            return self.random_state
        words = check_random_state(self.random_state).randint(2**31, size=4)
        return np.random.default_rng(words)

    def _check_parameters(self) -> None:
        if not (self.network is None or isinstance(self.network, OscillatorNetwork)):
            kind = type(self.network).__name__
            raise TypeError(
                f"SynchronizationClassifier.network is of type {kind}; it must be an "
                "OscillatorNetwork or None."
            )
        check_parameters(self, self._parameter_ranges)
        check_learning(self.learning, self.readout, self.learn_couplings)

    def _kind_of_readout(self) -> str:
        """The readout, where None is resolved."""
        if self.readout is not None:
            return str(self.readout)
        return "linear" if self.learning == "gradient" else "table"

    def _number_of_starts(self) -> int:
        return N_STARTS[self.learning] if self.n_starts is None else int(self.n_starts)

    def _sizes(self, n_classes: int, n_features: int) -> tuple[OscillatorNetwork, int]:
        """The network to start from, and the number of sources."""
        if faults := getattr(self.network, "faults_", []):
            raise ValueError(
                f"SynchronizationClassifier.network has faults ({', '.join(faults)}), of "
                "which a fit knows nothing. Give the network without them, and then the "
                "faults to the fitted classifier: reservoir.faults.with_faults."
            )
        given = None if self.network is None else clone(self.network)
        n_sources = 2 if self.n_sources is None else int(self.n_sources)
        if self.learning == "gradient":
            if self.n_sources is None:
                n_sources = sources_for(n_classes, n_features)
            return (network_for(n_sources) if given is None else given), n_sources
        return (OscillatorNetwork() if given is None else given), n_sources

    def _followed(
        self, start: OscillatorNetwork, designed: OscillatorNetwork
    ) -> tuple[OscillatorNetwork, OscillatorNetwork]:
        """Both networks, with a step that follows all frequencies that learning may give."""
        ranges = [self.source_range_]
        if self.learning != "search":  # which tunes to one set of frequencies only
            ranges.extend(start.tuning_ranges())
        lowest, highest = np.array(ranges).T
        low, high = float(lowest.min()), float(highest.max())
        return followed(start, low, high), followed(designed, low, high)

    def _check_classes(self, y: Array, again: bool) -> tuple[Array, Integers]:
        """Classes, and the number of each token's class."""
        seen, codes = classes_of("y", y)
        check_classification_targets(y)
        refuse_one_class(seen)
        if again and not np.array_equal(seen, self.classes_):
            raise ValueError(
                f"y has the classes {seen.tolist()}; with warm_start=True they must be "
                f"the classes of the last fit, {self.classes_.tolist()}."
            )
        return seen, codes
