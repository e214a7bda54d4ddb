"""A network of oscillators whose pattern of locking is the answer."""

import copy

import numpy as np
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from reservoir._checks import check_integer, check_positive
from reservoir.networks.adler_training import train_projections
from reservoir.networks.map_training import MapTraining, owners_of, pattern_map
from reservoir.networks.network import OscillatorNetwork
from reservoir.networks.whitening import augment, fit_whitening

OVERLAP = 1.24  # locking bands are that much wider than the spacing of the oscillators
MARGIN = 1.8  # half-widths that sources may leave the outermost oscillators
GRID = 13.5  # grid lines of the map for each half-width
NARROWEST = 0.15  # half-widths; smaller regions of the map are not aimed at
N_POINTS = {"map": 180, "adler": 400}  # to learn from for each class, tokens and drawn ones
READOUT_STRENGTH = 0.03  # C of the logistic readout


class SynchronizationClassifier(ClassifierMixin, BaseEstimator):
    r"""Classify by the pattern in which oscillators synchronise to microwave sources.

    Every source plays one linear combination of the features as its frequency, the network
    settles, and who is locked to which source is the answer [1]_. The combinations are
    learned on a map of the network, or for more than two sources on Adler's formula; then
    the frequencies of the oscillators are, through their currents.

    Parameters
    ----------
    network : OscillatorNetwork, default=None
        None: four oscillators, 11 MHz apart. Its frequencies and currents are where
        learning starts; fit leaves it as it is.
    n_sources : int, default=2
    learning : {"search", "online"}, default="search"
        "search" tunes the oscillators to equal distances, at which their locking bands
        overlap by a quarter, and finds combinations and patterns together.
        "online" takes the same combinations, but leaves the network as it was made and
        then presents one token of each class after another; whenever the pattern is wrong,
        oscillators that should lock move toward their source and those that should not
        move away. The best network on the training tokens is kept.
    readout : {"table", "pattern", "linear"}, default="table"
        "pattern": one pattern for each class, by optimal assignment. "table": every
        pattern means the class that shows it most often in training. Other patterns count
        as the one they resemble most. "linear": logistic regression on lock states and
        coherences (for "search" only).
    n_starts : int, default=15
        Random starts of the training of the combinations.
    n_presentations : int, default=100
        Of "online".
    rate : float, default=1.0
        Share of the distance by which "online" moves at first; falls to 0 linearly.
    warm_start : bool, default=False
        Start from the combinations and the network of the last fit.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
    coef_ : ndarray of shape (n_sources, n_features)
        Linear combinations, in Hz per unit of each feature.
    intercept_ : ndarray of shape (n_sources,)
        In Hz.
    source_range_ : tuple of two floats
        Frequencies of sources stay within, in Hz.
    network_ : OscillatorNetwork
        Tuned.
    patterns_ : ndarray of int of shape (n_patterns, n_oscillators)
        The source that each oscillator is locked to, or -1.
    pattern_classes_ : ndarray of int of shape (n_patterns,)
        Row of `classes_` that each pattern means.
    pattern_ : dict
        The most frequent pattern of each class, as a tuple.
    learning_curve_ : ndarray
        Share of the training tokens that are right: for "search" the best so far after
        every refined start, for "online" before the first presentation and after each,
        measured in single precision.
    frequency_curve_ : ndarray of shape (n_presentations + 1, n_oscillators)
        Only for "online": natural frequencies, in Hz.
    temperature_ : float
        Scale of the decision values in `predict_proba`, fitted to the training tokens.

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

    def __init__(
        self,
        network=None,
        n_sources=2,
        *,
        learning="search",
        readout="table",
        n_starts=15,
        n_presentations=100,
        rate=1.0,
        warm_start=False,
        random_state=None,
    ):
        self.network = network
        self.n_sources = n_sources
        self.learning = learning
        self.readout = readout
        self.n_starts = n_starts
        self.n_presentations = n_presentations
        self.rate = rate
        self.warm_start = warm_start
        self.random_state = random_state

    def fit(self, X, y):
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
            If X has missing values, y has one class only or more classes than the network
            has patterns, or the network cannot be tuned as needed.
        """
        self._check_parameters()
        again = self.warm_start and hasattr(self, "network_")
        X, y = self._validate(X, y, reset=not again)
        check_classification_targets(y)
        seen, codes = np.unique(y, return_inverse=True)
        if len(seen) < 2:
            raise ValueError(
                "SynchronizationClassifier needs at least two classes; y has one class, "
                f"{seen.tolist()[0]!r}."
            )
        if again and not np.array_equal(seen, self.classes_):
            raise ValueError(
                f"y has the classes {seen.tolist()}; with warm_start=True they must be "
                f"those of the last fit, {self.classes_.tolist()}."
            )
        generator = np.random.default_rng(
            check_random_state(self.random_state).randint(2**31, size=4)
        )
        network = OscillatorNetwork() if self.network is None else self.network
        if again and (len(self.coef_), self.network_.n_oscillators) != (
            self.n_sources,
            network.n_oscillators,
        ):
            raise ValueError(
                f"The last fit had {len(self.coef_)} sources and "
                f"{self.network_.n_oscillators} oscillators, now there are {self.n_sources} "
                f"and {network.n_oscillators}; set warm_start=False, or keep the numbers."
            )
        start = OscillatorNetwork() if self.network is None else clone(self.network)
        spaced = _equal_distances(start)
        if self.learning == "search":
            designed = start.tune(spaced)
        else:  # what the oscillators should have been
            designed = clone(start).set_params(frequencies=spaced, currents=None)
        last = self._frequencies(X) if again else None
        self.classes_ = seen
        limits = np.array([start.source_limits(), designed.source_limits()])
        limits = limits[:, 0].max(), limits[:, 1].min()
        points, classes = self._learn_combinations(
            X, codes, designed, limits, last, generator
        )
        if self.readout == "linear":
            self._learn_readout(points, classes, designed)
        else:
            self._learn_patterns(points, classes, designed)
        if self.learning == "online":
            self._learn_frequencies(X, codes, self.network_ if again else start, generator)
        else:
            self.network_ = designed
        self._learn_temperature(X, codes)
        return self

    # ------------------------------------------------------------------ answers

    def input_frequencies(self, X):
        """Frequencies that the sources play.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_sources)
            In Hz.
        """
        check_is_fitted(self)
        return self._frequencies(self._validate(X, reset=False))

    def decision_function(self, X):
        """How close every token's pattern is to those of the classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or (n_samples,) for two classes
            1 where the pattern is exactly one of the class; else the mean over the
            oscillators of how coherently each follows the source it should (or how
            incoherently, if none), for the best pattern of the class. With the linear
            readout: its logarithmic odds. For two classes: second minus first.
        """
        check_is_fitted(self)
        scores = self._scores(self.network_, self._validate(X, reset=False))
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X):
        """Probabilities: softmax of the decision values over `temperature_`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        check_is_fitted(self)
        scores = self._scores(self.network_, self._validate(X, reset=False))
        return softmax(scores / self.temperature_, axis=1)

    def predict(self, X):
        """Class of every token.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        scores = self._scores(self.network_, self._validate(X, reset=False))
        return self.classes_[scores.argmax(axis=1)]

    # ------------------------------------------------------------------ learning

    def _learn_combinations(self, X, codes, designed, limits, last, generator):
        """Set `coef_` and `intercept_`; returns frequencies and classes to learn from.

        All training is in units of the half-width of locking, from the network's mean.
        """
        natural = np.sort(designed.natural_frequencies())
        width, origin = designed.locking_half_width(), natural.mean()
        centers = (natural - origin) / width
        self.source_range_ = (
            float(max(natural[0] - MARGIN * width, limits[0])),
            float(min(natural[-1] + MARGIN * width, limits[1])),
        )
        whitening = fit_whitening(X, codes)
        tokens = whitening(X)
        trainer = "adler" if self.n_sources > 2 or self.readout == "linear" else "map"
        wanted = N_POINTS[trainer] * len(self.classes_)
        n_copies = max(round(wanted / len(tokens)) - 1, 1)
        points, classes = augment(tokens, codes, n_copies, generator)
        initial = None
        if last is not None:
            design = np.column_stack([tokens, np.ones(len(tokens))])
            initial = np.linalg.lstsq(design, (last - origin) / width, rcond=None)[0].T
        if trainer == "map":
            training = MapTraining(self._map(designed, origin, width), points, classes)
            weights, self.learning_curve_ = training.train(
                self.n_starts, self.readout == "table", generator, initial
            )
        else:
            weights, self.learning_curve_ = train_projections(
                points, classes, centers, self.n_sources, self.n_starts, generator, initial
            )
        self.coef_ = width * weights[:, :-1] @ whitening.directions.T
        self.intercept_ = origin + width * weights[:, -1] - self.coef_ @ whitening.mean
        frequencies = origin + width * (points @ weights[:, :-1].T + weights[:, -1])
        return np.clip(frequencies, *self.source_range_), classes

    def _map(self, designed, origin, width):
        """The designed network's patterns over two sources, without noise.

        Noise blurs their borders, and training smooths them by more.
        """
        low, high = ((limit - origin) / width for limit in self.source_range_)
        grid = np.arange(low, high, 1 / GRID)
        fast = clone(designed).set_params(dtype="float32", linewidth=0.0)
        locked = fast.synchronization_map(origin + width * grid, origin + width * grid)
        regions = pattern_map(locked, low, 1 / GRID, NARROWEST)
        self._check_patterns(len(regions.patterns))
        return regions

    def _check_patterns(self, n_patterns):
        if n_patterns < len(self.classes_):
            raise ValueError(
                f"y has {len(self.classes_)} classes, but the network has only {n_patterns} "
                "patterns that are wide enough to aim at; use more oscillators or sources, "
                "or a stronger injection."
            )

    def _learn_patterns(self, frequencies, classes, designed):
        """Which pattern means which class."""
        locked = designed.measure(frequencies).locked
        patterns, rows = np.unique(locked, axis=0, return_inverse=True)
        self._check_patterns(len(patterns))
        counts = np.zeros((len(patterns), len(self.classes_)))
        np.add.at(counts, (rows.ravel(), classes), 1)
        owners = owners_of(counts, self.readout == "table")
        missing = np.setdiff1d(np.arange(len(self.classes_)), owners)
        if missing.size:  # a class that is everywhere in the minority gets its best pattern
            owners = np.where(owners_of(counts, False) >= 0, owners_of(counts, False), owners)
        used = owners >= 0
        self.patterns_, self.pattern_classes_ = patterns[used], owners[used]
        counts = counts[used]
        self.pattern_ = {}
        for code, name in enumerate(self.classes_.tolist()):
            mine = np.where(self.pattern_classes_ == code, counts[:, code], -1)
            self.pattern_[name] = tuple(self.patterns_[mine.argmax()].tolist())

    def _learn_readout(self, frequencies, classes, designed):
        """Logistic regression on lock states and coherences."""
        features = _features(designed.measure(frequencies))
        mean, scale = features.mean(axis=0), features.std(axis=0)
        scale[scale < 1e-9] = 1.0
        logistic = LogisticRegression(C=READOUT_STRENGTH, max_iter=1000)
        logistic.fit((features - mean) / scale, classes)
        weights, offset = logistic.coef_ / scale, logistic.intercept_
        if len(weights) == 1:
            weights, offset = (
                np.vstack([-weights, weights]) / 2,
                np.append(-offset, offset) / 2,
            )
        self.readout_coef_ = weights
        self.readout_intercept_ = offset - weights @ mean

    def _learn_frequencies(self, X, codes, network, generator):
        """Present one token of each class after another; tune what locked wrongly."""
        sources = self._frequencies(X)
        limits = network.tuning_ranges().T
        width = network.locking_half_width()
        frequencies = network.natural_frequencies()
        members = [np.flatnonzero(codes == code) for code in range(len(self.classes_))]
        best, curve, path = None, [], []
        for number in range(self.n_presentations + 1):
            tuned = network.tune(np.clip(frequencies, *limits))
            # Single precision tells who locks to whom, and this is what learning costs.
            response = copy.copy(tuned).set_params(dtype="float32").measure(sources)
            share = (self._scores_of(response).argmax(axis=1) == codes).mean()
            if best is None or share > best[0]:
                best = share, tuned
            curve.append(share)
            path.append(frequencies)
            tokens = np.array([generator.choice(rows) for rows in members])
            moves = self._moves(
                tuned.natural_frequencies(),
                sources[tokens],
                self._agreement(response)[tokens],
                response.locked[tokens],
                width,
            )
            rate = self.rate * (1 - number / max(self.n_presentations, 1))
            frequencies = np.clip(frequencies + rate * moves, *limits)
        self.network_ = best[1]
        self.learning_curve_, self.frequency_curve_ = np.array(curve), np.array(path)

    def _moves(self, natural, sources, agreement, locked, width):
        """Mean over one token of each class of where the oscillators should go."""
        total = np.zeros(len(natural))
        for row in range(len(sources)):
            own = np.flatnonzero(self.pattern_classes_ == row)
            if self.pattern_classes_[agreement[row].argmax()] == row:
                continue
            wanted = self.patterns_[own[agreement[row, own].argmax()]]
            actual = locked[row]
            for i in np.flatnonzero(wanted != actual):
                if wanted[i] >= 0:
                    total[i] += sources[row, wanted[i]] - natural[i]
                else:
                    distance = sources[row, actual[i]] - natural[i]
                    total[i] -= np.copysign(max(width - abs(distance), 0.0), distance)
        return total / len(sources)

    def _learn_temperature(self, X, codes):
        """Scale of the decision values under which the training tokens are likeliest."""
        scores = self._scores(self.network_, X)
        temperatures = np.logspace(-2.5, 1.0, 36)
        likelihood = [
            log_softmax(scores / temperature, axis=1)[np.arange(len(codes)), codes].mean()
            for temperature in temperatures
        ]
        self.temperature_ = float(temperatures[int(np.argmax(likelihood))])

    # ------------------------------------------------------------------ inside

    def _frequencies(self, X):
        return np.clip(X @ self.coef_.T + self.intercept_, *self.source_range_)

    def _scores(self, network, X):
        return self._scores_of(network.measure(self._frequencies(X)))

    def _scores_of(self, response):
        """(n_samples, n_classes), see `decision_function`."""
        if self.readout == "linear":
            return _features(response) @ self.readout_coef_.T + self.readout_intercept_
        agreement = self._agreement(response)
        return np.stack(
            [
                agreement[:, self.pattern_classes_ == code].max(axis=1)
                for code in range(len(self.classes_))
            ],
            axis=1,
        )

    def _agreement(self, response):
        """How well every response fits every pattern: 1 if exactly, else below."""
        most = response.coherence.max(axis=2, keepdims=True)
        follows = np.concatenate([response.coherence, 1 - most], axis=2)  # [-1]: nobody
        oscillators = np.arange(follows.shape[1])
        graded = follows[:, oscillators, self.patterns_].mean(axis=2)
        exact = (response.locked[:, None, :] == self.patterns_).all(axis=2)
        return np.where(exact, 1.0, np.clip(graded, 0.0, 1.0 - 1e-6))

    def _validate(self, X, y="no_validation", reset=True):
        """Checked X (and y); missing values are named by row."""
        checked = validate_data(
            self, X, y, reset=reset, dtype=np.float64, ensure_all_finite=False
        )
        values = checked if isinstance(y, str) else checked[0]
        rows = np.flatnonzero(~np.isfinite(values).all(axis=1))
        if rows.size:
            named = ", ".join(map(str, rows[:5])) + (", ..." if rows.size > 5 else "")
            rows = "row" if rows.size == 1 else f"{rows.size} rows:"
            raise ValueError(
                f"X has missing values (NaN) or infinity in {rows} {named}. Drop them, or "
                "fill them with sklearn.impute.SimpleImputer."
            )
        return checked

    def _check_parameters(self):
        if not (self.network is None or isinstance(self.network, OscillatorNetwork)):
            raise TypeError(
                f"SynchronizationClassifier.network is a {type(self.network).__name__}; it "
                "must be an OscillatorNetwork or None."
            )
        for name, allowed in (
            ("learning", ("search", "online")),
            ("readout", ("table", "pattern", "linear")),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"SynchronizationClassifier.{name} is {getattr(self, name)!r}; it must "
                    f"be one of {', '.join(allowed)}."
                )
        if self.learning == "online" and self.readout == "linear":
            raise ValueError(
                "SynchronizationClassifier.learning is 'online', which moves oscillators "
                "toward patterns; choose readout 'table' or 'pattern'."
            )
        check_integer(self, "n_sources", 2)
        check_integer(self, "n_starts", 1)
        check_integer(self, "n_presentations", 0)
        check_positive(self, "rate")


def _equal_distances(network):
    """Frequencies around the mean at which locking bands overlap by a quarter."""
    natural = network.natural_frequencies()
    spacing = 2 * network.locking_half_width() / OVERLAP
    if spacing == 0:
        raise ValueError(
            "OscillatorNetwork.injection is 0: the sources are off, so no oscillator can "
            "lock to them."
        )
    frequencies = np.empty(len(natural))
    slots = np.arange(len(natural)) - (len(natural) - 1) / 2
    frequencies[np.argsort(natural, kind="stable")] = natural.mean() + spacing * slots
    return frequencies


def _features(response):
    """Lock states and coherences, (n_samples, 2 n_oscillators n_sources)."""
    sources = np.arange(response.coherence.shape[2])
    states = response.locked[:, :, None] == sources
    both = np.stack([states, response.coherence], axis=1)
    return both.reshape(len(both), -1)
