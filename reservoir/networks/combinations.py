"""Which linear combinations of the features should be the frequencies of the sources?"""

import math
from dataclasses import dataclass

import numpy as np
from sklearn.base import clone

from reservoir._types import Floats, Integers
from reservoir.networks.design import MAX_HEARD
from reservoir.networks.gradient_training import Bank, train_projections, train_together
from reservoir.networks.map_training import MapTraining, PatternMap, pattern_map
from reservoir.networks.network import OscillatorNetwork
from reservoir.networks.pattern_readout import check_enough_patterns
from reservoir.networks.relayed_locking import felt_couplings, network_couplings
from reservoir.networks.whitening import Whitening, augment, fit_whitening

LINES_PER_HALF_WIDTH = 13.5  # of the map's grid
MIN_REGION_RADIUS = 0.15  # half-widths; smaller regions of the map are not aimed at
COUPLING_LIMIT = 0.3  # real and imaginary part of a learned coupling, over the injection
# To learn from for each class, tokens and drawn ones.
N_POINTS_ON_MAP, N_POINTS_ON_FORMULA = 180, 400


@dataclass(frozen=True)
class CombinationLearning:
    """How combinations are learned.

    Attributes
    ----------
    n_sources : int
    n_starts : int
    readout : {"linear", "table", "pattern"}
        Of what the oscillators show.
    tuned : bool
        Whether the frequencies of the oscillators are learned as well.
    coupled : bool
        Whether the couplings between the oscillators are learned as well, if `tuned`.
    source_range : tuple of two floats
        Lowest and highest frequency of a source, in Hz.
    """

    n_sources: int
    n_starts: int
    readout: str
    tuned: bool
    coupled: bool
    source_range: tuple[float, float]

    @property
    def on_map(self) -> bool:
        """Whether they are learned on a map of the network, in place of a formula."""
        return self.n_sources == 2 and self.readout != "linear"


@dataclass(frozen=True)
class Combinations:
    """What was learned, and what the readout can learn from.

    Attributes
    ----------
    coefficients : ndarray of shape (n_sources, n_features)
        In Hz per unit of each feature.
    offsets : ndarray of shape (n_sources,)
        In Hz.
    curve : ndarray
        Share of the tokens that are right, start after start.
    network : OscillatorNetwork
        Tuned, if the frequencies were learned, and coupled as was learned.
    sources : ndarray of shape (n_points, n_sources)
        Frequencies for the tokens and for points drawn around the class means, in Hz.
    classes : ndarray of int of shape (n_points,)
    """

    coefficients: Floats
    offsets: Floats
    curve: Floats
    network: OscillatorNetwork
    sources: Floats
    classes: Integers


def learn_combinations(
    X: Floats,
    codes: Integers,
    network: OscillatorNetwork,
    how: CombinationLearning,
    generator: np.random.Generator,
    last: Floats | None = None,
) -> Combinations:
    """Learn combinations of features for a network.

    All training is in units of the half-width of locking, from the network's mean.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    codes : ndarray of int of shape (n_samples,)
        Number of the class of each token.
    network : OscillatorNetwork
    how : CombinationLearning
    generator : numpy.random.Generator
    last : ndarray of shape (n_samples, n_sources), default=None
        Frequencies that the last fit gave to the tokens, in Hz.

    Returns
    -------
    Combinations

    Raises
    ------
    ValueError
        If the network has fewer patterns than there are classes, or if a column of X is so
        small that its coefficient is beyond double precision.
    """
    natural = network.natural_frequencies()
    order = np.argsort(natural, kind="stable")
    width, origin = network.locking_half_width(), natural[order].mean()
    centers = (natural[order] - origin) / width
    whitening = fit_whitening(X, codes)
    tokens = whitening(X)
    n_points = N_POINTS_ON_MAP if how.on_map else N_POINTS_ON_FORMULA
    n_copies = max(round(n_points * (codes.max() + 1) / len(tokens)) - 1, 1)
    points, classes = augment(tokens, codes, n_copies, generator)
    initial = None
    if last is not None:
        design = np.column_stack([tokens, np.ones(len(tokens))])
        initial = np.linalg.lstsq(design, (last - origin) / width, rcond=None)[0].T
    if how.on_map:
        regions = _map(network, origin, width, how.source_range, int(codes.max()) + 1)
        training = MapTraining(regions, points, classes)
        weights, curve = training.train(
            how.n_starts, how.readout == "table", generator, initial
        )
    elif how.tuned:
        weights, network, curve = _together(points, classes, network, how, generator, initial)
    else:
        weights, curve = train_projections(
            points, classes, centers, how.n_sources, how.n_starts, generator, initial
        )
    coefficients, offsets = _in_features(width * weights, origin, whitening, X)
    sources = np.clip(
        origin + width * (points @ weights[:, :-1].T + weights[:, -1]), *how.source_range
    )
    return Combinations(coefficients, offsets, curve, network, sources, classes)


def _together(
    points: Floats,
    classes: Integers,
    network: OscillatorNetwork,
    how: CombinationLearning,
    generator: np.random.Generator,
    initial: Floats | None,
) -> tuple[Floats, OscillatorNetwork, Floats]:
    """Weights of the sources, the network that was learned with them, and the curve."""
    natural, ranges = network.natural_frequencies(), network.tuning_ranges()
    width, origin = network.locking_half_width(), natural.mean()
    order = np.argsort(natural, kind="stable")
    strength, slope = float(network.injection), network.nonlinear_shift()
    coupling = network.coupling_matrix()[np.ix_(order, order)]
    hears = how.coupled or coupling.any()
    bank = Bank(
        (natural[order] - origin) / width,
        (ranges[order] - origin) / width,
        felt_couplings(coupling, strength, slope) if hears else None,
        _coupling_limit(len(natural)) if how.coupled else 0.0,
    )
    trained, curve = train_together(
        points, classes, bank, how.n_sources, how.n_starts, generator, initial
    )
    frequencies = np.empty(len(natural))
    frequencies[order] = origin + width * trained.centers
    network = network.tune(np.clip(frequencies, *ranges.T))
    if how.coupled:
        learned = np.empty_like(coupling)
        learned[np.ix_(order, order)] = network_couplings(trained.couplings, strength, slope)
        network.set_params(coupling=learned)
    return trained.weights, network, curve


def _coupling_limit(n_oscillators: int) -> float:
    """Largest part of a learned coupling, so that no oscillator drowns its sources.

    If real and imaginary part of each coupling reach it, their sum is what `check_hearing`
    lets a network have.
    """
    return min(COUPLING_LIMIT, MAX_HEARD / (math.sqrt(2) * max(n_oscillators - 1, 1)))


def _in_features(
    weights: Floats, origin: float, whitening: Whitening, X: Floats
) -> tuple[Floats, Floats]:
    """Weights of whitened features in Hz, as coefficients of the features and offsets."""
    whitened = weights[:, :-1] @ whitening.directions.T
    offsets = origin + weights[:, -1] - whitened @ whitening.mean
    with np.errstate(over="ignore"):
        coefficients = whitened / whitening.units
    if not np.isfinite(coefficients).all():
        column = int(np.argmin(np.isfinite(coefficients).all(axis=0)))
        raise ValueError(
            f"Column {column} of X reaches {np.abs(X[:, column]).max():.3g} only, so a "
            "frequency in Hz for each unit of it is beyond double precision; multiply it "
            "by a large number."
        )
    return coefficients, offsets


def _map(
    network: OscillatorNetwork,
    origin: float,
    width: float,
    source_range: tuple[float, float],
    n_classes: int,
) -> PatternMap:
    """The network's patterns over two sources, without noise.

    Noise blurs their borders, and training smooths them by more.
    """
    low, high = ((limit - origin) / width for limit in source_range)
    grid = np.arange(low, high, 1 / LINES_PER_HALF_WIDTH)
    fast = clone(network).set_params(dtype="float32", linewidth=0.0)
    locked = fast.synchronization_map(origin + width * grid, origin + width * grid)
    regions = pattern_map(locked, low, 1 / LINES_PER_HALF_WIDTH, MIN_REGION_RADIUS)
    check_enough_patterns(len(regions.patterns), n_classes, 2)
    return regions
