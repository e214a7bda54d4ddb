"""How strongly does each oscillator feel which other? Couplings, made, checked, laid out.

A coupling is a number, which couples all pairs alike, or a matrix of shape (n_oscillators,
n_oscillators), dense or sparse. Its entry K_ij in 1/s says how strongly oscillator i feels
oscillator j: dc_i/dt = ... + sum_j K_ij c_j, with the complex amplitudes c. An oscillator is
not coupled to itself, so the diagonal is empty.
"""

from dataclasses import dataclass
from numbers import Number
from typing import Any, Self

import numpy as np
from scipy import sparse

from reservoir._checks import (
    Integer,
    OrNone,
    Real,
    check_value,
    real_array,
    refuse_booleans,
    refuse_masked,
)
from reservoir._types import Array, ArrayLike, Complexes, Floats, Integers

ROUNDING = 1e-9  # by which weights of one edge may differ, over the largest weight
GOLDEN_TURN = 0.381966  # phase from one oscillator to the next, in turns: the golden section


def neighbor_coupling(n_oscillators: int, strength: complex, *, closed: bool = False) -> Any:
    """Couple every oscillator of a chain to the next one and to the one before.

    Parameters
    ----------
    n_oscillators : int
    strength : complex
        K_ij of two neighbours, in 1/s.
    closed : bool, default=False
        Whether the last oscillator is a neighbour of the first, as in a ring. A ring needs
        three oscillators.

    Returns
    -------
    scipy.sparse.csr_array of complex of shape (n_oscillators, n_oscillators)
        For `OscillatorNetwork(coupling=...)`, in 1/s.

    Raises
    ------
    ValueError
        If there are too few oscillators, or the strength is no finite number.

    Examples
    --------
    >>> from reservoir.couplings import neighbor_coupling
    >>> neighbor_coupling(3, 2e6).toarray().real
    array([[      0., 2000000.,       0.],
           [2000000.,       0., 2000000.],
           [      0., 2000000.,       0.]])
    """
    check_value("n_oscillators", n_oscillators, Integer(3 if closed else 1))
    n_oscillators = int(n_oscillators)
    first = np.arange(n_oscillators if closed else n_oscillators - 1)
    strengths = _check_strength(strength, len(first))
    return _both_ways(n_oscillators, first, (first + 1) % n_oscillators, strengths)


def dipolar_coupling(
    positions: ArrayLike, strength: complex, distance: float, *, reach: float | None = None
) -> Any:
    r"""Couple oscillators through their stray fields, which fall with the third power.

    .. math:: K_{ij} = K (d / r_{ij})^3

    Moments that precess about parallel axes exchange energy and lose none. Averaged over a
    turn, :math:`\dot c_i = -i\,\partial H/\partial c_i^*`, so K is imaginary. A real part
    stands for what is not conserved.

    Parameters
    ----------
    positions : array-like of shape (n_oscillators, n_dimensions)
        In m.
    strength : complex
        K of two oscillators at `distance`, in 1/s.
    distance : float
        d, in m.
    reach : float, default=None
        Oscillators that are farther apart, in m, are not coupled. None couples all.

    Returns
    -------
    scipy.sparse.csr_array of complex of shape (n_oscillators, n_oscillators)
        For `OscillatorNetwork(coupling=...)`, in 1/s.

    Raises
    ------
    ValueError
        If positions are not finite or coincide, a length is not positive, or the strength
        is no finite number.

    Examples
    --------
    >>> from reservoir.couplings import dipolar_coupling
    >>> dipolar_coupling([[0.0], [1e-6], [2e-6]], 8e6j, 1e-6).toarray().imag
    array([[      0., 8000000., 1000000.],
           [8000000.,       0., 8000000.],
           [1000000., 8000000.,       0.]])
    """
    places: Floats = real_array("positions", positions).astype(float)
    if places.ndim != 2 or not np.isfinite(places).all():
        raise ValueError(
            f"positions has shape {places.shape}; it must be a finite array of shape "
            "(n_oscillators, n_dimensions), in m."
        )
    length = Real(above=0, what="length in m")
    check_value("distance", distance, length)
    if reach is None:
        first, second = np.triu_indices(len(places), 1)
    else:
        from scipy.spatial import KDTree

        check_value("reach", reach, OrNone(length))
        pairs = KDTree(places).query_pairs(float(reach), output_type="ndarray")
        first, second = pairs[:, 0], pairs[:, 1]
    strengths = _check_strength(strength, len(first))
    apart = np.linalg.norm(places[first] - places[second], axis=1)
    if not apart.all():
        pair = np.flatnonzero(apart == 0)[0]
        raise ValueError(
            f"Oscillators {first[pair]} and {second[pair]} are at one place; dipoles must be "
            "apart."
        )
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused
        strengths = strengths * (float(distance) / apart) ** 3
    if not np.isfinite(strengths).all():
        pair = np.flatnonzero(~np.isfinite(strengths))[0]
        raise ValueError(
            f"Oscillators {first[pair]} and {second[pair]} are {apart[pair]:.3g} m apart, so "
            "close that their coupling is beyond double precision; positions are in m."
        )
    return _both_ways(len(places), first, second, strengths)


def graph_coupling(adjacency: Any, strength: complex) -> Any:
    r"""Couple oscillators along the edges of a graph.

    .. math:: K_{ij} = K w_{ij} / \bar w

    Here :math:`\bar w` is the root of the mean of :math:`\sum_j w_{ij}^2` over the nodes. A
    node whose neighbours are in random states then feels as much in every graph.

    Parameters
    ----------
    adjacency : matrix of shape (n_nodes, n_nodes)
        Weights w_ij of the edges, dense or sparse, symmetric; 0 where there is no edge.
    strength : complex
        K, in 1/s: the root of the sum of the squared couplings that a node feels.

    Returns
    -------
    scipy.sparse.csr_array of complex of shape (n_nodes, n_nodes)
        For `OscillatorNetwork(coupling=...)`, in 1/s.

    Raises
    ------
    ValueError
        If the matrix is no symmetric matrix of finite numbers with an empty diagonal, or the
        strength is no finite number.

    Examples
    --------
    >>> from reservoir.couplings import graph_coupling
    >>> square = [[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
    >>> graph_coupling(square, 2e6).toarray().real / 1e6
    array([[0.        , 1.41421356, 0.        , 1.41421356],
           [1.41421356, 0.        , 1.41421356, 0.        ],
           [0.        , 1.41421356, 0.        , 1.41421356],
           [1.41421356, 0.        , 1.41421356, 0.        ]])
    """
    weights = graph_weights(adjacency)
    factor = _check_strength(strength, 1)[0]
    largest = abs(weights).max()  # taken out, or the square of its weight might be beyond
    weights = weights / (largest if largest else 1.0)  # double precision
    typical = float(np.sqrt((weights**2).sum() / weights.shape[0]))
    return weights * (factor / typical if typical else 0j)


def graph_weights(adjacency: Any) -> Any:
    """Weights of the edges of an undirected graph, checked.

    Parameters and errors are those of `graph_coupling`.

    Returns
    -------
    scipy.sparse.csr_array of shape (n_nodes, n_nodes)
    """
    name = "adjacency"
    if not sparse.issparse(adjacency):
        adjacency = real_array(name, adjacency, booleans=True).astype(float)
    elif adjacency.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} is a sparse matrix of {adjacency.dtype}; it must hold real numbers."
        )
    if (
        adjacency.ndim != 2
        or adjacency.shape[0] != adjacency.shape[1]
        or not adjacency.shape[0]
    ):
        raise ValueError(
            f"{name} has shape {adjacency.shape}; it must be a square matrix with one row "
            "and one column for every node."
        )
    weights = sparse.csr_array(adjacency).astype(float)
    _check_matrix(name, weights)
    difference = abs(weights - weights.T)
    if difference.max() > ROUNDING * abs(weights).max():
        row, column = np.argwhere(difference.toarray() == difference.max())[0]
        raise ValueError(
            f"{name} holds {weights[row, column]:g} from node {row} to node {column} and "
            f"{weights[column, row]:g} back; an edge has one weight both ways: give "
            "(adjacency + adjacency.T) / 2 if the mean of the two is meant."
        )
    return weights


def _check_strength(strength: Any, n_pairs: int) -> Complexes:
    """A finite number, or one for each pair; one for each pair is the result."""
    numbers = complex_numbers("strength", strength, "a number")
    if numbers.shape not in ((), (1,), (n_pairs,)):
        raise ValueError(f"strength has shape {numbers.shape}; it must be a number.")
    if not np.isfinite(numbers).all():
        raise ValueError(f"strength is {strength!r:.60}; it must be finite.")
    return np.broadcast_to(numbers, (n_pairs,))


def _both_ways(n_oscillators: int, first: Array, second: Array, values: Complexes) -> Any:
    """Sparse matrix that couples each `first` to its `second` and back."""
    ends = np.concatenate([first, second]), np.concatenate([second, first])
    matrix = sparse.coo_array(
        (np.tile(values, 2), ends), shape=(n_oscillators, n_oscillators)
    )
    return matrix.tocsr()


def check_coupling(name: str, coupling: Any, n_oscillators: int) -> Any:
    """Refuse what is not a coupling of `n_oscillators` oscillators.

    Parameters
    ----------
    name : str
        What messages call it.
    coupling : complex, or matrix of shape (n_oscillators, n_oscillators)
        In 1/s, dense or sparse.
    n_oscillators : int

    Returns
    -------
    complex, ndarray of complex or scipy.sparse.csr_array of complex
        A new object with the same numbers.

    Raises
    ------
    ValueError
        If it holds something else than finite numbers, has another shape, or couples an
        oscillator to itself.
    """
    if sparse.issparse(coupling):
        if coupling.dtype.kind not in "iufc":
            raise ValueError(
                f"{name} is a sparse matrix of {coupling.dtype}; it must hold numbers."
            )
        checked = sparse.csr_array(coupling).astype(complex)
    else:
        checked = complex_numbers(
            name,
            coupling,
            f"a number, or a matrix of shape ({n_oscillators}, {n_oscillators})",
        )
    if checked.shape not in ((), (n_oscillators, n_oscillators)):
        raise ValueError(
            f"{name} has shape {checked.shape}; for {n_oscillators} oscillators it must be a "
            f"number or have shape ({n_oscillators}, {n_oscillators})."
        )
    if checked.shape == ():
        if not np.isfinite(checked):
            raise ValueError(f"{name} is {coupling!r}; it must be finite.")
        return complex(checked)
    _check_matrix(name, checked)
    return checked


def complex_numbers(name: str, value: Any, wanted: str) -> Complexes:
    """Numbers, real or complex, that no mask hides and that were no text or truth values."""
    refuse_masked(name, value, ("row", "column"))
    refuse_booleans(name, value)
    try:
        given = np.asarray(value)
        objects = given.ravel() if given.dtype == object else ()
        are_numbers = all(isinstance(k, Number) and not isinstance(k, bool) for k in objects)
        if given.dtype.kind in "iufcO" and are_numbers:
            return given.astype(complex, order="C")
    except (TypeError, ValueError):  # rows of unequal lengths
        pass
    raise ValueError(f"{name} is {value!r:.60}; it must be {wanted}.")


def _check_matrix(name: str, matrix: Any) -> None:
    """Refuse a matrix that is damaged or not finite, or has a diagonal."""
    values = matrix
    if sparse.issparse(matrix):
        try:
            matrix.check_format(full_check=True)  # the kernel trusts the indices
        except ValueError as error:
            raise ValueError(f"{name} is damaged: {error}.") from None
        values = matrix.data
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds NaN or infinity; it must be finite.")
    if matrix.diagonal().any():
        raise ValueError(
            f"{name} has entries on its diagonal; an oscillator is not coupled to itself: "
            "set them to 0."
        )


@dataclass(frozen=True)
class Links:
    """A coupling as the kernel reads it: one number for all pairs, and a list of links.

    A link says that one oscillator feels another one. The links of oscillator i are numbers
    ``first[i]`` to ``first[i + 1] - 1`` of the list.

    Attributes
    ----------
    mean : complex
        K_ij of all pairs of different oscillators, in 1/s.
    first : ndarray of int of shape (n_oscillators + 1,)
        Where the links of each oscillator begin.
    source : ndarray of int of shape (n_links,)
        The oscillator that is felt.
    strength : ndarray of complex of shape (n_links,)
        What the link adds to `mean`, in 1/s.
    """

    mean: complex
    first: Integers
    source: Integers
    strength: Complexes

    def weights(self) -> Floats:
        """Sum of |K_ij| over all that each oscillator feels, in 1/s.

        Returns
        -------
        ndarray of shape (n_oscillators,)
        """
        sums = np.add.reduceat(np.append(np.abs(self.strength), 0), self.first[:-1])
        sums[np.diff(self.first) == 0] = 0  # where reduceat gives the next link
        weights: Floats = sums + abs(self.mean) * (len(sums) - 1)
        return weights

    @classmethod
    def from_coupling(cls, name: str, coupling: Any, n_oscillators: int) -> Self:
        """Links of a coupling; parameters and errors as for `check_coupling`."""
        checked = check_coupling(name, coupling, n_oscillators)
        if isinstance(checked, complex):
            first = np.zeros(n_oscillators + 1, np.intp)
            return cls(checked, first, np.zeros(0, np.intp), np.zeros(0, complex))
        matrix = sparse.csr_array(checked)
        matrix.eliminate_zeros()
        matrix.sort_indices()
        return cls(
            0j, matrix.indptr.astype(np.intp), matrix.indices.astype(np.intp), matrix.data
        )


def spread_phases(n_oscillators: int) -> Complexes:
    """exp(i phase) to start oscillators with: spread over the circle, the same in every run.

    Returns
    -------
    ndarray of complex of shape (n_oscillators,)
    """
    phases: Complexes = np.exp(2j * np.pi * GOLDEN_TURN * np.arange(n_oscillators))
    return phases
