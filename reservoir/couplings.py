"""Who hears whom? Couplings K_ij of oscillators, made, checked and laid out for the kernels.

A coupling is a number, which couples every pair alike, or a matrix of shape (n_oscillators,
n_oscillators), dense or sparse, whose entry K_ij in 1/s says how oscillator i hears j:
dc_i/dt = ... + sum_j K_ij c_j. Nobody hears itself, so the diagonal is empty.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from reservoir._checks import check_integer_value, check_positive_value

GOLDEN = 0.381966  # turns between neighbours, of one turn in the golden section


def neighbor_coupling(n_oscillators, strength, *, closed=False):
    """Couple every oscillator of a chain to the next one and to the one before.

    Parameters
    ----------
    n_oscillators : int
    strength : complex
        K_ij of two neighbours, in 1/s.
    closed : bool, default=False
        Whether the last oscillator is a neighbour of the first, as in a ring; needs three.

    Returns
    -------
    scipy.sparse.csr_array of complex of shape (n_oscillators, n_oscillators)
        For `OscillatorNetwork(coupling=...)`.

    Raises
    ------
    ValueError
        If there are too few oscillators.

    Examples
    --------
    >>> from reservoir.couplings import neighbor_coupling
    >>> neighbor_coupling(3, 2e6).toarray().real
    array([[      0., 2000000.,       0.],
           [2000000.,       0., 2000000.],
           [      0., 2000000.,       0.]])
    """
    check_integer_value("n_oscillators", n_oscillators, 3 if closed else 1)
    first = np.arange(n_oscillators if closed else n_oscillators - 1)
    return _both_ways(n_oscillators, first, (first + 1) % n_oscillators, strength)


def dipolar_coupling(positions, strength, distance, *, reach=None):
    r"""Couple oscillators through their stray fields, which fall with the third power.

    .. math:: K_{ij} = K (d / r_{ij})^3

    Averaged over a turn, moments that precess about parallel axes exchange energy and lose
    none, :math:`\dot c_i = -i\,\partial H/\partial c_i^*`, so K is imaginary; a real part
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
        Oscillators farther apart, in m, do not hear each other. None: all do.

    Returns
    -------
    scipy.sparse.csr_array of complex of shape (n_oscillators, n_oscillators)
        For `OscillatorNetwork(coupling=...)`.

    Raises
    ------
    ValueError
        If positions are not finite or coincide, or a length is not positive.

    Examples
    --------
    >>> from reservoir.couplings import dipolar_coupling
    >>> dipolar_coupling([[0.0], [1e-6], [2e-6]], 8e6j, 1e-6).toarray().imag
    array([[      0., 8000000., 1000000.],
           [8000000.,       0., 8000000.],
           [1000000., 8000000.,       0.]])
    """
    positions = np.asarray(positions, dtype=float)
    if positions.ndim != 2 or not np.isfinite(positions).all():
        raise ValueError(
            f"positions has shape {positions.shape}; it must be a finite array of shape "
            "(n_oscillators, n_dimensions), in m."
        )
    check_positive_value("distance", distance)
    if reach is None:
        first, second = np.triu_indices(len(positions), 1)
    else:
        from scipy.spatial import KDTree

        check_positive_value("reach", reach, "a positive, finite length in m, or None")
        pairs = KDTree(positions).query_pairs(reach, output_type="ndarray")
        first, second = pairs[:, 0], pairs[:, 1]
    apart = np.linalg.norm(positions[first] - positions[second], axis=1)
    if not apart.all():
        pair = np.flatnonzero(apart == 0)[0]
        raise ValueError(f"Oscillators {first[pair]} and {second[pair]} are at one place.")
    return _both_ways(len(positions), first, second, strength * (distance / apart) ** 3)


def _both_ways(n_oscillators, first, second, strength):
    ends = np.concatenate([first, second]), np.concatenate([second, first])
    values = np.broadcast_to(np.asarray(strength, dtype=complex), first.shape)
    matrix = sparse.coo_array(
        (np.tile(values, 2), ends), shape=(n_oscillators, n_oscillators)
    )
    return matrix.tocsr()


def check_coupling(name: str, coupling: Any, n_oscillators: int) -> Any:
    """Refuse a coupling that is none of `n_oscillators` oscillators.

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

    Raises
    ------
    ValueError
        If it holds something else than finite numbers, has another shape, or couples an
        oscillator to itself.
    """
    n = n_oscillators
    if sparse.issparse(coupling):
        checked = sparse.csr_array(coupling).astype(complex)
    else:
        try:
            checked = np.array(coupling, dtype=complex)
        except (TypeError, ValueError):
            raise ValueError(
                f"{name} is {coupling!r:.60}; it must be a number, or a matrix of shape "
                f"({n}, {n})."
            ) from None
    if checked.shape not in ((), (n, n)):
        raise ValueError(
            f"{name} has shape {checked.shape}; for {n} oscillators it must be a number or "
            f"have shape ({n}, {n})."
        )
    if sparse.issparse(checked):
        try:
            checked.check_format(full_check=True)  # the kernel trusts the indices
        except ValueError as error:
            raise ValueError(f"{name} is damaged: {error}.") from None
    if not np.isfinite(checked.data if sparse.issparse(checked) else checked).all():
        raise ValueError(f"{name} holds NaN or infinity; it must be finite.")
    if checked.shape == ():
        return complex(checked)
    if checked.diagonal().any():
        raise ValueError(
            f"{name} has entries on its diagonal; an oscillator is not coupled to itself: "
            "set them to 0."
        )
    return checked


@dataclass(frozen=True)
class Links:
    """Who feels whom: K_ij = mean for every pair, plus what is listed row by row.

    Attributes
    ----------
    mean : complex
        In 1/s; without the diagonal.
    first : ndarray of int of shape (n_oscillators + 1,)
        Where the links of each oscillator begin.
    source : ndarray of int of shape (n_links,)
        The oscillator that is felt.
    strength : ndarray of complex of shape (n_links,)
        In 1/s.
    """

    mean: complex
    first: np.ndarray
    source: np.ndarray
    strength: np.ndarray

    def weights(self):
        """Sums of |K_ij| over what each oscillator feels, in 1/s."""
        sums = np.add.reduceat(np.append(np.abs(self.strength), 0), self.first[:-1])
        sums[np.diff(self.first) == 0] = 0  # where reduceat gives the next link
        return sums + abs(self.mean) * (len(sums) - 1)

    @classmethod
    def from_coupling(cls, name: str, coupling: Any, n_oscillators: int) -> "Links":
        """Links of a coupling, which `check_coupling` checks; parameters as there."""
        checked = check_coupling(name, coupling, n_oscillators)
        if isinstance(checked, complex):
            nothing = np.zeros(0, dtype=np.intp)
            first = np.zeros(n_oscillators + 1, np.intp)
            return cls(checked, first, nothing, nothing + 0j)
        matrix = sparse.csr_array(checked)
        matrix.eliminate_zeros()
        matrix.sort_indices()
        return cls(
            0j, matrix.indptr.astype(np.intp), matrix.indices.astype(np.intp), matrix.data
        )


def spread_phases(n):
    """exp(i phase) of n oscillators: spread out, and the same in every run."""
    return np.exp(2j * np.pi * GOLDEN * np.arange(n))
