r"""How much of its input does a reservoir remember, and what does it compute from it?

A capacity is the share of the variance of a function of past inputs that a linear readout
of the states recovers. Summed over functions that are orthogonal to each other, it cannot
exceed the number of linearly independent states (Dambre et al. 2012), so it says how a
device spends its nodes: on memory (degree 1) or on products of inputs (higher degrees).

States come as one array or, for series that do not fit into memory, as blocks of rows in
order. Only sums of their products are kept.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TypeAlias, cast

import numpy as np

from reservoir._checks import NOT_NEGATIVE, Integer, Real, check_value, real_array
from reservoir._randomness import generator_of
from reservoir._types import ArrayLike, Floats, Integers, RandomState

__all__ = [
    "DelayCapacity",
    "InformationCapacity",
    "KernelRanks",
    "information_processing_capacity",
    "kernel_ranks",
    "memory_capacity",
    "parity_capacity",
]

States: TypeAlias = ArrayLike | Iterable[ArrayLike]
Term: TypeAlias = tuple[tuple[int, int], ...]  # (delay, degree) of every factor
# Targets of one delay at the rows from the first number to before the second.
Target: TypeAlias = Callable[[Floats, int, int, int], Floats]

LARGEST = 1e150  # Sums of squares of larger states may not be numbers.
SMALLEST = 1e-100  # Squares of smaller states may lose digits, or be 0.
MAX_EXPONENT = 1000  # of a power of two that is a number
MAX_BLOCK_ROWS = 512  # that are worked on at a time
TOLERANCE = 1e-12
FALSE_ALARMS = 0.01  # number of functions expected above the threshold by chance alone
MAX_MEAN = 6  # of a polynomial of even inputs, in standard errors


@dataclass(frozen=True)
class DelayCapacity:
    """Capacity of recalling a function of the inputs, delay by delay.

    Attributes
    ----------
    total : float
        Sum of `values`. In theory it is at most `n_independent`. On n test rows chance alone
        adds about 1/n for every delay, so it may exceed that a little.
    delays : ndarray of int of shape (n_delays,)
    values : ndarray of shape (n_delays,)
        Squared correlation of target and readout on rows that were not fitted, 0 to 1.
    n_independent : int
        Number of linearly independent states.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.capacity import memory_capacity
    >>> u = np.random.default_rng(0).uniform(-1, 1, 2000)
    >>> found = memory_capacity(np.roll(u, 2)[:, None], u, range(1, 5))
    >>> found.delays, found.values.round(1), found.n_independent
    (array([1, 2, 3, 4]), array([0., 1., 0., 0.]), 1)
    """

    total: float
    delays: Integers
    values: Floats
    n_independent: int


@dataclass(frozen=True)
class InformationCapacity:
    """Information processing capacity, function by function.

    Attributes
    ----------
    total : float
        Sum of `values`; at most `n_independent`.
    terms : list of tuple
        Functions whose capacity is above the threshold: ``((delay, degree), ...)`` is the
        product of the Legendre polynomials of these degrees of the inputs at these delays.
    values : ndarray of shape (n_terms,)
        Capacity of each of them.
    threshold : float
        Capacity that any function of shuffled inputs exceeds with a chance of 1 %.
    n_independent : int
        Number of linearly independent states: the bound of the theory.
    n_functions : int
        Number of functions that were tried.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.capacity import information_processing_capacity
    >>> u = np.random.default_rng(0).uniform(-1, 1, 2000)
    >>> states = (u * np.roll(u, 1))[:, None]                    # the product of the last two
    >>> found = information_processing_capacity(states, u, (3, 2), random_state=0)
    >>> found.terms, found.values.round(1)
    ([((0, 1), (1, 1))], array([1.]))
    """

    total: float
    terms: list[Term]
    values: Floats
    threshold: float
    n_independent: int
    n_functions: int

    def by_degree(self) -> dict[int, float]:
        """Capacity of every total degree.

        Returns
        -------
        dict of int to float
        """
        sums: dict[int, float] = {}
        for term, value in zip(self.terms, self.values, strict=True):
            degree = sum(power for _, power in term)
            sums[degree] = sums.get(degree, 0.0) + float(value)
        return sums


@dataclass(frozen=True)
class KernelRanks:
    """Numbers of directions that final states span, for unrelated and for similar inputs.

    Attributes
    ----------
    kernel : int
        Rank of the final states of unrelated inputs: what can be told apart. The larger,
        the better.
    generalization : int
        Rank of the final states of similar inputs: what is told apart needlessly. The
        smaller, the better.
    singular_values, similar_singular_values : ndarray of shape (n_values,)
        Singular values of both sets of states about their means, largest first.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.capacity import kernel_ranks
    >>> X = [np.random.default_rng(0).uniform(-1, 1, (500, 1))]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=10, random_state=0).fit(X)
    >>> ranks = kernel_ranks(reservoir.transform, 30, 20, random_state=0)
    >>> 1 <= ranks.kernel <= 10
    True
    """

    kernel: int
    generalization: int
    singular_values: Floats
    similar_singular_values: Floats


def memory_capacity(
    states: States,
    inputs: ArrayLike,
    delays: Iterable[int] = range(1, 101),
    *,
    washout: int = 0,
    train: float = 0.5,
    tolerance: float = TOLERANCE,
) -> DelayCapacity:
    r"""Short-term memory capacity: how well are past inputs recalled?

    Parameters
    ----------
    states : array-like of shape (n_steps, n_nodes), or iterable of blocks of its rows
    inputs : array-like of shape (n_steps,)
        Independent draws of any law; each was fed in at its row.
    delays : sequence of int, default=range(1, 101)
        Delay 0, the input itself, counts only if it is listed.
    washout : int, default=0
        Number of first rows to leave out; never fewer than the longest delay are left out.
    train : float, default=0.5
        Part of the other rows to which the readout is fitted; the rest is the test.
    tolerance : float, default=1e-12
        Directions in the space of standardised states are left out of the fit if their
        variance is below this part of the largest: double precision does not carry them.

    Returns
    -------
    DelayCapacity

    Raises
    ------
    ValueError
        If shapes do not agree, a value is not finite, an argument is outside its range, or
        the rows are too few.

    See Also
    --------
    reservoir.datasets.make_memory : Inputs and targets, for use with an estimator.

    Notes
    -----
    The capacity is the sum over d of the squared correlation of u(t-d) and a least-squares
    readout [1]_, on test rows. The squared correlation of unrelated series of n rows is 1/n
    on average, not 0; with many delays and few rows the sum may therefore lie above the
    number of independent states, the bound of the theory. More rows bring it down.

    Where states and readout are without noise, tiny directions of the states serve as well as
    large ones; such a capacity is arithmetic, and no device could reach it.

    References
    ----------
    .. [1] H. Jaeger, "Short term memory in echo state networks", GMD Report 152 (2002).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.capacity import memory_capacity
    >>> u = np.random.default_rng(0).uniform(-1, 1, 2000)
    >>> line = np.stack([np.roll(u, d) for d in range(5)], axis=1)  # u(t) to u(t-4)
    >>> round(memory_capacity(line, u, range(1, 11)).total, 1)
    4.0
    """
    series = _check_inputs(inputs)
    # A power of two changes no digit, and then no square is too large or too small.
    series = np.ldexp(series, -np.frexp(np.abs(series).max())[1])
    series = series - series.mean()

    def target(series: Floats, delay: int, first: int, last: int) -> Floats:
        return series[first - delay : last - delay]

    return _delay_capacity(states, series, delays, target, washout, train, tolerance)


def parity_capacity(
    states: States,
    inputs: ArrayLike,
    delays: Iterable[int] = range(1, 12),
    *,
    washout: int = 0,
    train: float = 0.5,
    tolerance: float = TOLERANCE,
) -> DelayCapacity:
    """Parity capacity: how well is the product of the last inputs computed?

    Parameters
    ----------
    states : array-like of shape (n_steps, n_nodes), or iterable of blocks of its rows
    inputs : array-like of shape (n_steps,)
        1 and -1, drawn independently with equal probability.
    delays : sequence of int, default=range(1, 12)
        Delay 0, the input itself, counts only if it is listed.
    washout, train, tolerance
        As for `memory_capacity`.

    Returns
    -------
    DelayCapacity

    Raises
    ------
    ValueError
        As `memory_capacity`, and if an input is neither 1 nor -1.

    See Also
    --------
    reservoir.datasets.make_parity : Inputs and targets, for use with an estimator.

    Notes
    -----
    The target of delay d is u(t) u(t-1) ... u(t-d). In bits, where u = 1 - 2 bit, it is the
    sum of the d + 1 last bits modulo 2. Delay 0 is no computation and is left out by default.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.capacity import parity_capacity
    >>> u = np.random.default_rng(0).choice([-1.0, 1.0], 2000)
    >>> states = np.stack([u, u * np.roll(u, 1)], axis=1)
    >>> round(parity_capacity(states, u).total, 1)
    1.0
    """
    series = _check_inputs(inputs)
    if not np.isin(series, (-1.0, 1.0)).all():
        strange = series[~np.isin(series, (-1.0, 1.0))].flat[0]
        raise ValueError(
            f"The inputs hold {strange}; parity needs 1 and -1 (of bits: 1 - 2 * bits)."
        )

    def target(series: Floats, delay: int, first: int, last: int) -> Floats:
        product = series[first:last].copy()
        for earlier in range(1, delay + 1):
            product *= series[first - earlier : last - earlier]
        return product

    return _delay_capacity(states, series, delays, target, washout, train, tolerance)


def information_processing_capacity(
    states: States,
    inputs: ArrayLike,
    n_delays: Sequence[int] = (50, 15, 6),
    *,
    washout: int = 0,
    n_surrogates: int = 3,
    tolerance: float = TOLERANCE,
    random_state: RandomState = None,
) -> InformationCapacity:
    r"""Information processing capacity: which functions of past inputs are computed?

    Parameters
    ----------
    states : array-like of shape (n_steps, n_nodes), or iterable of blocks of its rows
    inputs : array-like of shape (n_steps,)
        Independent draws from the even (uniform) law from -1 to 1.
    n_delays : sequence of int, default=(50, 15, 6)
        One number for degree 1, 2, and so on: all functions of this degree of the inputs at
        delays 0 to ``n_delays[degree - 1] - 1`` are tried. Delay 0, the input itself, is
        included. Capacity outside is missed, never invented.
    washout : int, default=0
        Number of first rows to leave out; never fewer than the largest delay are left out.
    n_surrogates : int, default=3
        Number of shuffled copies of the inputs; the same functions of them set the threshold.
    tolerance : float, default=1e-12
        As for `memory_capacity`.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=None
        Shuffles the inputs.

    Returns
    -------
    InformationCapacity

    Raises
    ------
    ValueError
        If shapes do not agree, a value is not finite, an argument is outside its range, the
        inputs are not even from -1 to 1, or the rows are too few.

    Notes
    -----
    The capacity of a function z is C = 1 - min <(z - w x)^2> / <z^2> over linear readouts w
    of the states x [1]_. The functions are products of normalised Legendre polynomials of
    single inputs. With r independent states and n rows, chance alone gives each about r/n.

    - The states know nothing of shuffled inputs. A function counts if its C is above the C of
      every function of shuffled inputs, and above the value that a gamma law through these
      exceeds for any of them with a chance of 1 %.
    - Functions that are orthogonal in theory are not quite orthogonal in n rows. Those that
      may count are therefore made orthogonal in the rows at hand, the best recovered ones
      first, and must pass the threshold again. Then no function counts because it resembles
      another, and the sum cannot exceed r, whatever the data (Bessel's inequality).
    - The part that chance adds to each is taken off: 1 - (1 - C) (n - 1)/(n - 1 - r).

    References
    ----------
    .. [1] J. Dambre, D. Verstraeten, B. Schrauwen, S. Massar, Scientific Reports 2, 514
       (2012).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.capacity import information_processing_capacity
    >>> u = np.random.default_rng(0).uniform(-1, 1, 5000)
    >>> states = np.stack([u**3, u * np.roll(u, 2)], axis=1)
    >>> found = information_processing_capacity(states, u, (5, 5, 3), random_state=0)
    >>> {degree: round(value, 2) for degree, value in found.by_degree().items()}
    {1: 0.84, 2: 1.0, 3: 0.16}
    """
    series = _check_inputs(inputs)
    _check_even(series)
    terms = _check_terms(n_delays)
    check_value("n_surrogates", n_surrogates, Integer(1))
    check_value("tolerance", tolerance, NOT_NEGATIVE)
    longest = max(delay for term in terms for delay, _ in term)
    first = _first_row(washout, longest, len(series))
    generator = generator_of(random_state)
    polynomials = _legendre(series, len(n_delays))
    versions = [polynomials]
    for _ in range(n_surrogates):
        versions.append(polynomials[:, generator.permutation(len(series))])

    sums = _sums_of_versions(states, terms, versions, first)
    whitened, n_independent = _whitening(sums.covariance(), tolerance)
    n_rows = sums.n_rows
    _check_rows(n_rows, 2 * (n_independent + 1), f"for {n_independent} independent states")
    shares = np.sum((sums.cross() @ whitened) ** 2, axis=1) / sums.target_variances()
    shares = shares.reshape(len(versions), len(terms))
    threshold = _threshold(shares[1:], n_independent, n_rows)
    candidates = np.argsort(-shares[0], kind="stable")
    # More functions than rows cannot be orthogonal; the weakest are then left out.
    n_candidates = min(np.count_nonzero(shares[0] > threshold), n_rows // 2)
    candidates = candidates[:n_candidates]

    covariance = _covariance_of_terms([terms[k] for k in candidates], polynomials, first)
    projections = sums.cross()[candidates] @ whitened
    values = np.zeros(len(terms))
    values[candidates] = _orthogonal_shares(covariance, projections)
    counted = np.flatnonzero(values > threshold)
    values = 1 - (1 - values[counted]) * (n_rows - 1) / (n_rows - 1 - n_independent)
    return InformationCapacity(
        total=float(values.sum()),
        terms=[terms[k] for k in counted],
        values=values,
        threshold=threshold,
        n_independent=n_independent,
        n_functions=len(terms),
    )


def kernel_ranks(
    respond: Callable[[list[Floats]], Iterable[ArrayLike]],
    n_streams: int,
    length: int,
    *,
    spread: float = 0.1,
    tolerance: float = 0.01,
    random_state: RandomState = None,
) -> KernelRanks:
    """Kernel and generalisation rank: what is told apart, usefully and needlessly?

    Parameters
    ----------
    respond : callable
        It takes a list of `n_streams` arrays of shape (length, 1) and gives their states, a
        list of arrays of shape (length, n_nodes), as `transform` of a
        `TimeMultiplexedReservoir` does.
    n_streams : int
        At least the number of nodes; two to four times as many are better.
    length : int
        Number of steps of each stream; it should exceed the memory of the reservoir.
    spread : float, default=0.1
        Part of a similar stream that is its own; the rest is common to all.
    tolerance : float, default=0.01
        Singular values count as nothing if they are below this part of the largest one of
        the unrelated streams; set it to the precision with which states are read. The same
        limit holds for both ranks.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=None
        Draws the streams.

    Returns
    -------
    KernelRanks

    Raises
    ------
    ValueError
        If an argument is outside its range, or `respond` does not give finite states of the
        right shape.

    References
    ----------
    .. [1] R. Legenstein, W. Maass, Neural Networks 20, 323 (2007).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.capacity import kernel_ranks
    >>> def last_three(streams):        # a delay line, read at three places
    ...     return [np.repeat(s[-3:].T, len(s), axis=0) for s in streams]
    >>> ranks = kernel_ranks(last_three, 20, 10, random_state=0)
    >>> ranks.kernel, ranks.generalization
    (3, 3)
    """
    check_value("n_streams", n_streams, Integer(2))
    check_value("length", length, Integer(1))
    check_value("spread", spread, Real(above=0, at_most=1, what="part of a stream"))
    check_value("tolerance", tolerance, NOT_NEGATIVE)
    if not callable(respond):
        raise TypeError(
            f"respond is a {type(respond).__name__}; give a function of a list of streams, "
            "such as the transform of a TimeMultiplexedReservoir."
        )
    generator = generator_of(random_state)
    unrelated = generator.uniform(-1.0, 1.0, (n_streams, length, 1))
    similar = (1 - spread) * unrelated[0] + spread * generator.uniform(
        -1.0, 1.0, (n_streams, length, 1)
    )
    spectra = []
    for streams in (unrelated, similar):
        final = _final_states(respond(list(streams)), n_streams)
        spectra.append(np.linalg.svd(final - final.mean(axis=0), compute_uv=False))
    limit = tolerance * spectra[0][0]
    # States that do not vary at all have singular values of this size.
    limit = max(limit, 1e-14 * np.abs(final).max() * np.sqrt(final.size))
    kernel, generalization = (int(np.sum(spectrum > limit)) for spectrum in spectra)
    return KernelRanks(kernel, generalization, *spectra)


def _final_states(response: Iterable[ArrayLike], n_streams: int) -> Floats:
    """The last row of the states of each stream, of shape (n_streams, n_nodes)."""
    wanted = f"states of shape (length, n_nodes) for each of the {n_streams} streams"
    if not isinstance(response, Iterable):
        raise TypeError(
            f"respond gave a {type(response).__name__}; it must give a list of {wanted}."
        )
    rows = list[Floats]()
    for index, given in enumerate(response):
        states = real_array("states", given).astype(np.float64, copy=False)
        if states.ndim != 2 or states.size == 0 or (rows and len(rows[0]) != states.shape[1]):
            raise ValueError(
                f"respond gave states of shape {states.shape} for stream {index}; it must "
                f"give {wanted}, with at least one row and as many nodes for all."
            )
        rows.append(states[-1])
    if len(rows) != n_streams or not np.isfinite(rows).all():
        what = "states" if len(rows) != n_streams else "final states that are not finite"
        raise ValueError(
            f"respond gave {what} of {len(rows)} streams; it must give finite {wanted}."
        )
    return np.stack(rows)


class _Sums:
    """Sums over rows of states and targets that determine every least-squares fit.

    The first row is subtracted from all states, so that subtracting the means later loses no
    digits; targets have a mean near 0. `reservoir.readout.Gram` holds the same sums with the
    targets along the other axis, but BLAS rounds those products differently.
    """

    def __init__(self) -> None:
        self.n_rows = 0

    def add(self, states: Floats, targets: Floats) -> None:
        """Fold in states (n_rows, n_states) and targets (n_targets, n_rows)."""
        if self.n_rows == 0:
            self.origin = states[0].copy()
            n_states, n_targets = len(states[0]), len(targets)
            self.sums, self.target_sums = np.zeros(n_states), np.zeros(n_targets)
            self.squares = np.zeros((n_states, n_states))
            self.products = np.zeros((n_targets, n_states))
            self.target_squares = np.zeros(n_targets)
        states = states - self.origin
        self.n_rows += len(states)
        self.sums += states.sum(axis=0)
        self.target_sums += targets.sum(axis=1)
        self.squares += states.T @ states
        self.products += targets @ states
        self.target_squares += np.einsum("ij,ij->i", targets, targets)

    def covariance(self) -> Floats:
        """Covariances of the states, of shape (n_states, n_states)."""
        return self.squares / self.n_rows - np.outer(self.sums, self.sums) / self.n_rows**2

    def cross(self) -> Floats:
        """Covariances of targets and states, of shape (n_targets, n_states)."""
        means = np.outer(self.target_sums, self.sums) / self.n_rows**2
        return self.products / self.n_rows - means

    def target_variances(self) -> Floats:
        """Variances of the targets, of shape (n_targets,)."""
        return self.target_squares / self.n_rows - (self.target_sums / self.n_rows) ** 2


def _whitening(covariance: Floats, tolerance: float) -> tuple[Floats, int]:
    """Combinations of states with unit covariance, and their number."""
    variances = covariance.diagonal()
    scale = np.zeros(len(variances))
    varies = variances > 0
    scale[varies] = 1 / np.sqrt(variances[varies])
    values, vectors = np.linalg.eigh(covariance * np.outer(scale, scale))
    kept = values > tolerance * max(values[-1], 0.0)
    if not kept.any():
        raise ValueError("The states do not vary; no capacity can be told.")
    combinations = scale[:, np.newaxis] * vectors[:, kept] / np.sqrt(values[kept])
    return combinations, int(kept.sum())


def _delay_capacity(
    states: States,
    inputs: Floats,
    delays: Iterable[int],
    target: Target,
    washout: int,
    train: float,
    tolerance: float,
) -> DelayCapacity:
    delays = _check_delays(delays)
    if not np.ptp(inputs) > 0:
        raise ValueError("The inputs do not vary, so there is nothing to recall.")
    check_value("train", train, Real(above=0, below=1, what="part of the rows"))
    check_value("tolerance", tolerance, NOT_NEGATIVE)
    first = _first_row(washout, max(delays), len(inputs))
    middle = first + int(train * (len(inputs) - first))
    fitted, tested = _Sums(), _Sums()
    for begin, rows in _blocks(states, len(inputs), first):
        end = begin + len(rows)
        targets = np.stack([target(inputs, d, begin, end) for d in delays])
        cut = min(max(middle - begin, 0), len(rows))
        for sums, part in ((fitted, slice(cut)), (tested, slice(cut, None))):
            if len(rows[part]):
                sums.add(rows[part], targets[:, part])
    whitened, n_independent = _whitening(fitted.covariance(), tolerance)
    least = 2 * (n_independent + 1)
    _check_rows(fitted.n_rows, least, f"to fit {n_independent} independent states")
    weights = fitted.cross() @ whitened @ whitened.T
    recovered = np.sum(weights * tested.cross(), axis=1)
    spread = np.sum(weights @ tested.covariance() * weights, axis=1)
    spread = spread * tested.target_variances()
    values = np.where(spread > 0, recovered**2 / np.where(spread > 0, spread, 1.0), 0.0)
    values = np.minimum(values, 1.0)  # Rounding may leave a little more.
    return DelayCapacity(float(values.sum()), np.array(delays), values, n_independent)


def _check_delays(delays: Iterable[int]) -> list[int]:
    """Delays of which each is a whole number and none is listed twice."""
    if Integer(0).admits(delays):
        raise ValueError(
            f"delays is {delays!r}, one number; give the delays themselves, such as "
            f"range(1, {int(cast(int, delays)) + 1})."
        )
    listed = list(delays) if isinstance(delays, Iterable) else []
    if not listed or not all(Integer(0).admits(delay) for delay in listed):
        raise ValueError(
            f"delays is {listed or delays!r}; it must hold integers of at least 0, such as "
            "range(1, 101)."
        )
    if len(set(listed)) < len(listed):
        raise ValueError(
            f"delays is {listed!r:.80}; each delay must be listed once, because the capacity "
            "is their sum."
        )
    return listed


def _sums_of_versions(
    states: States, terms: list[Term], versions: list[Floats], first: int
) -> _Sums:
    """Sums of states and terms, for each version of the inputs' polynomials in turn."""
    sums = _Sums()
    buffer = np.empty((len(versions), len(terms), MAX_BLOCK_ROWS))
    for begin, rows in _blocks(states, versions[0].shape[1], first):
        values = buffer[:, :, : len(rows)]
        for version, out in zip(versions, values, strict=True):
            _evaluate(terms, version, begin, out)
        sums.add(rows, values.reshape(-1, len(rows)))
    return sums


def _covariance_of_terms(terms: list[Term], polynomials: Floats, first: int) -> Floats:
    """Covariances of terms over the rows from `first` on, of shape (n_terms, n_terms)."""
    sums = _Sums()
    n_rows = polynomials.shape[1]
    buffer = np.empty((len(terms), MAX_BLOCK_ROWS))
    for begin in range(first, n_rows, MAX_BLOCK_ROWS):
        values = buffer[:, : n_rows - begin]
        _evaluate(terms, polynomials, begin, values)
        sums.add(values.T, values[:0])
    return sums.covariance()


def _threshold(shares: Floats, n_independent: int, n_rows: int) -> float:
    """Share that any function of shuffled inputs exceeds with a chance of 1 %.

    `shares` of shape (n_surrogates, n_functions) are those that were found. If the states are
    Gaussian and have no information on a function, its share is a sum of `n_independent`
    squares of 1/n_rows each; the shares that were found may scatter more.
    """
    from scipy.special import gammainccinv

    mean = shares.mean()
    variance = max(shares.var(), 2 * n_independent / n_rows**2)
    chance = FALSE_ALARMS / shares.shape[1]
    limit = gammainccinv(mean**2 / variance, chance) * variance / mean
    return float(max(limit, shares.max()))


def _orthogonal_shares(covariance: Floats, projections: Floats) -> Floats:
    """Share of the variance of each function, less its predecessors, in the states.

    `covariance` of shape (n_functions, n_functions) belongs to the functions; `projections`
    of shape (n_functions, n_independent) are their covariances with the whitened states.
    """
    from scipy.linalg import cholesky, solve_triangular

    if not len(projections):
        return np.zeros(0)
    lower = cholesky(covariance, lower=True)
    shares: Floats = np.sum(solve_triangular(lower, projections, lower=True) ** 2, axis=1)
    return shares


def _check_terms(n_delays: Sequence[int]) -> list[Term]:
    """Products of polynomials to try, by total degree."""
    counts = list(n_delays) if isinstance(n_delays, Iterable) else []
    if not counts or not all(Integer(0).admits(n) for n in counts):
        raise ValueError(
            f"n_delays is {n_delays!r}; it must hold the number of delays for degree 1, 2 "
            "and so on, such as (50, 15, 6)."
        )
    terms = [
        tuple(sorted(Counter(delays).items()))
        for degree, n in enumerate(counts, start=1)
        for delays in combinations_with_replacement(range(n), degree)
    ]
    if not terms:
        raise ValueError(f"n_delays is {n_delays!r}; at least one must be above 0.")
    return terms


def _legendre(inputs: Floats, highest: int) -> Floats:
    """Legendre polynomials 1 to `highest` of the inputs, with unit mean square."""
    series = [np.ones_like(inputs), inputs]
    for k in range(1, highest):
        series.append(((2 * k + 1) * inputs * series[-1] - k * series[-2]) / (k + 1))
    scale = np.sqrt(2 * np.arange(highest + 1) + 1)
    polynomials: Floats = np.array(series) * scale[:, np.newaxis]
    return polynomials[1:]


def _evaluate(terms: list[Term], polynomials: Floats, begin: int, out: Floats) -> None:
    """Write the terms' values at the rows from `begin` on, shape (n_terms, n_rows)."""
    end = begin + out.shape[1]
    for row, ((delay, degree), *others) in zip(out, terms, strict=True):
        row[:] = polynomials[degree - 1, begin - delay : end - delay]
        for delay, degree in others:
            row *= polynomials[degree - 1, begin - delay : end - delay]


def _blocks(states: States, n_steps: int, first: int) -> Iterator[tuple[int, Floats]]:
    """Blocks of states from row `first` on, each with the number of its first row."""
    nested_list = isinstance(states, list) and bool(states) and np.ndim(states[0]) == 1
    whole = hasattr(states, "shape") or nested_list
    if not whole and not isinstance(states, Iterable):
        raise TypeError(
            f"The states are a {type(states).__name__}; give an array of shape (n_rows, "
            "n_nodes), or its blocks of rows."
        )
    begin, n_nodes, scale = 0, None, None
    for given in [states] if whole else cast(Iterable[ArrayLike], states):
        part = real_array("states", given).astype(np.float64, copy=False)
        if part.ndim != 2 or part.shape[1] == 0 or n_nodes not in (None, part.shape[1]):
            raise ValueError(
                f"The states from row {begin} on have shape {part.shape}; they must be "
                f"(n_rows, {n_nodes or 'n_nodes'})."
            )
        if not np.isfinite(part).all():
            row = begin + int(np.argmin(np.isfinite(part).all(axis=1)))
            raise ValueError(f"The states hold NaN or infinity in row {row}.")
        if np.abs(part).max(initial=0.0) > LARGEST:
            raise ValueError(
                f"The states reach {np.abs(part).max():.3g}, whose square is beyond all "
                "numbers; scale them."
            )
        if n_nodes is None and len(part):
            scale = _scale_of_tiny(part)
        if scale is not None:
            part = part * scale
        n_nodes = part.shape[1]
        for start in range(max(first - begin, 0), len(part), MAX_BLOCK_ROWS):
            yield begin + start, part[start : start + MAX_BLOCK_ROWS]
        begin += len(part)
        if begin > n_steps:
            break
    if begin != n_steps:
        raise ValueError(
            f"There are {'more than ' * (begin > n_steps)}{min(begin, n_steps)} rows of "
            f"states and {n_steps} inputs; give one row for each input."
        )


def _scale_of_tiny(states: Floats) -> Floats | None:
    """Powers of two that lift columns whose squares would be 0; None if there are none.

    A capacity does not depend on the unit of a state, and a power of two changes no digit.
    """
    greatest = np.abs(states).max(axis=0)
    tiny = (greatest > 0) & (greatest < SMALLEST)
    if not tiny.any():
        return None
    exponents = np.where(tiny, np.minimum(-np.frexp(greatest)[1], MAX_EXPONENT), 0)
    return np.ldexp(1.0, exponents)


def _check_inputs(inputs: ArrayLike) -> Floats:
    """Inputs as finite numbers of shape (n_steps,)."""
    series = real_array("inputs", inputs).astype(float, copy=False)
    if series.ndim == 2 and series.shape[1] == 1:
        series = series[:, 0]
    if series.ndim != 1 or len(series) == 0:
        raise ValueError(
            f"The inputs have shape {series.shape}; they must be one number a row, with at "
            "least one row."
        )
    if not np.isfinite(series).all():
        row = int(np.argmin(np.isfinite(series)))
        raise ValueError(
            f"The inputs hold {series[row]} in row {row}; they must be finite. Leave out the "
            "rows up to there."
        )
    return series


def _check_even(inputs: Floats) -> None:
    """Refuse inputs for which Legendre polynomials are not orthogonal."""
    cure = "Map your inputs to an even law from -1 to 1."
    if np.abs(inputs).max(initial=0.0) > 1:
        raise ValueError(f"The inputs reach {np.abs(inputs).max():.4g}. {cure}")
    for degree, values in enumerate(_legendre(inputs, 2), start=1):
        if abs(values.mean()) > MAX_MEAN / np.sqrt(len(values)):
            raise ValueError(
                f"The inputs are not even in [-1, 1]: the mean of their Legendre polynomial "
                f"of degree {degree} is {values.mean():.3g}, not 0. {cure}"
            )


def _first_row(washout: int, longest: int, n_steps: int) -> int:
    """First row for which all delayed inputs exist."""
    check_value("washout", washout, Integer(0))
    first = max(int(washout), longest)
    _check_rows(n_steps - first, 10, f"after {first} of washout and delays")
    return first


def _check_rows(n_rows: int, least: int, where: str) -> None:
    if n_rows < least:
        raise ValueError(
            f"{max(n_rows, 0)} rows are left {where}; at least {least} are needed, and many "
            "more for a small error."
        )
