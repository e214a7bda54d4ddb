"""How do oscillators that stand in an array hear each other?"""

import numpy as np
from scipy import sparse
from scipy.spatial import KDTree

from reservoir.checks import check_integer_value, check_positive_value


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
    >>> from reservoir.arrays import neighbor_coupling
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
    >>> from reservoir.arrays import dipolar_coupling
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
