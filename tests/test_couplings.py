"""Couplings: neighbours and dipoles, what is refused, and dense against sparse."""

import numpy as np
import pytest
from scipy import sparse

from reservoir import OscillatorNetwork, SpinTorqueOscillator, TimeMultiplexedReservoir
from reservoir.couplings import (
    Links,
    check_coupling,
    dipolar_coupling,
    neighbor_coupling,
    spread_phases,
)

VORTEX = SpinTorqueOscillator.from_preset("romera2018")
MATRIX = 1e6 * np.array(
    [[0, 3 + 1j, -2j, 0], [1 - 2j, 0, 2, 0], [4j, 1, 0, -3], [0, 0, 1 + 1j, 0]]
)
SPARSE_FORMATS = ["csr_array", "csc_array", "coo_array", "csr_matrix"]


def test_neighbours_in_a_ring_are_a_shifted_identity():
    ring = neighbor_coupling(5, 1 + 2j, closed=True).toarray()
    expected = np.roll(np.eye(5), 1, axis=0) + np.roll(np.eye(5), -1, axis=0)
    np.testing.assert_array_equal(ring, (1 + 2j) * expected)
    assert neighbor_coupling(1, 1.0).nnz == 0 and neighbor_coupling(5, 1.0).nnz == 8


def test_dipoles_fall_with_the_third_power_and_end_at_the_reach():
    positions = np.random.default_rng(0).uniform(0, 5e-6, (30, 2))
    everyone = dipolar_coupling(positions, 3e6j, 1e-6)
    apart = np.linalg.norm(positions[:, None] - positions, axis=2)
    expected = 3e6j * (1e-6 / (apart + np.eye(30))) ** 3 * (1 - np.eye(30))
    # A few roundings in another order; entries without a link are 0 on both sides.
    np.testing.assert_allclose(everyone.toarray(), expected, rtol=1e-12)
    near = dipolar_coupling(positions, 3e6j, 1e-6, reach=2e-6)
    np.testing.assert_allclose(near.toarray(), expected * (apart <= 2e-6), rtol=1e-12)
    assert near.nnz < everyone.nnz == 30 * 29


@pytest.mark.parametrize("strength", [2e6, 2e6 + 1e6j])
def test_equal_oscillators_in_a_ring_swing_together_as_the_theory_says(strength):
    """In phase, the gain grows by 2 Re K, so p by that over b/2; the rest is frequency."""
    ring = OscillatorNetwork(
        n_oscillators=3,
        frequencies=[350e6] * 3,
        coupling=neighbor_coupling(3, strength, closed=True),
        settling_time=10e-6,
    )
    response = ring.measure()
    bias = 2 * VORTEX.threshold_current
    # What is left after settling, and the reference frequency's rounding.
    risen = 2 * np.real(strength) / (VORTEX.saturation_rate(bias) / 2)
    power = VORTEX.stationary_power(bias) + risen
    np.testing.assert_allclose(response.power, power, rtol=1e-6)
    shift = VORTEX.nonlinear_frequency_shift * risen - 2 * np.imag(strength) / (2 * np.pi)
    np.testing.assert_allclose(response.frequency, 350e6 + shift, atol=100)
    assert len(set(ring.mutual_synchronization()[0])) == 1


def test_bad_arrays_are_named():
    with pytest.raises(ValueError, match="n_oscillators is 2; it must be an integer of at"):
        neighbor_coupling(2, 1.0, closed=True)
    with pytest.raises(ValueError, match="positions has shape \\(3,\\)"):
        dipolar_coupling([1, 2, 3], 1.0, 1.0)
    with pytest.raises(ValueError, match="a finite array"):
        dipolar_coupling([[0.0], [np.nan]], 1.0, 1.0)
    with pytest.raises(ValueError, match="Oscillators 0 and 2 are at one place"):
        dipolar_coupling([[0.0], [1.0], [0.0]], 1.0, 1.0)
    with pytest.raises(ValueError, match="distance is 0"):
        dipolar_coupling([[0.0], [1.0]], 1.0, 0)
    with pytest.raises(ValueError, match="reach is -1; it must be .* or None"):
        dipolar_coupling([[0.0], [1.0]], 1.0, 1.0, reach=-1)


# ---------------------------------------------------------------------- dense and sparse


@pytest.mark.parametrize("form", SPARSE_FORMATS)
def test_a_sparse_coupling_of_a_network_gives_the_bits_of_the_dense_one(form):
    sources = np.random.default_rng(0).uniform(340e6, 370e6, (5, 2))
    responses = [
        OscillatorNetwork(
            coupling=coupling, injection=1e7, linewidth=1e5, random_state=0
        ).measure(sources)
        for coupling in (MATRIX, getattr(sparse, form)(MATRIX))
    ]
    for name in ("frequency", "power", "coherence", "locked"):
        dense, listed = (getattr(response, name) for response in responses)
        np.testing.assert_array_equal(listed, dense)


@pytest.mark.parametrize("form", SPARSE_FORMATS)
def test_a_sparse_coupling_under_a_masked_drive_gives_the_bits_of_the_dense_one(form):
    frames = np.random.default_rng(0).normal(size=(3, 8, 2))
    dense, listed = (
        TimeMultiplexedReservoir(
            n_nodes=6, n_oscillators=4, coupling=coupling, detuning=1e5, random_state=0
        ).fit_transform(frames)
        for coupling in (0.1 * MATRIX, getattr(sparse, form)(0.1 * MATRIX))
    )
    for states, expected in zip(listed, dense, strict=True):
        np.testing.assert_array_equal(states, expected)


def test_links_are_the_matrix_row_by_row():
    links = Links.from_coupling("coupling", MATRIX, 4)
    matrix = sparse.csr_array((links.strength, links.source, links.first), shape=(4, 4))
    np.testing.assert_array_equal(matrix.toarray(), MATRIX)
    assert links.mean == 0 and links.first.tolist() == [0, 2, 4, 7, 8]
    np.testing.assert_allclose(links.weights(), np.abs(MATRIX).sum(axis=1), rtol=1e-14)
    number = Links.from_coupling("coupling", 2e6j, 4)
    assert number.mean == 2e6j and len(number.source) == 0
    assert number.weights().tolist() == [6e6] * 4


def test_a_checked_coupling_is_a_copy():
    checked = check_coupling("coupling", MATRIX, 4)
    checked[0, 1] = 0
    assert MATRIX[0, 1] == 1e6 * (3 + 1j)


@pytest.mark.parametrize(
    "coupling, message",
    [
        (np.nan, "coupling is nan; it must be finite"),
        ("weak", "coupling is 'weak'; it must be a number, or a matrix of shape \\(4, 4\\)"),
        (np.ones((3, 3)), "coupling has shape \\(3, 3\\); for 4 oscillators it must be"),
        (np.full((4, 4), np.inf), "coupling holds NaN or infinity; it must be finite"),
        (sparse.csr_array(np.diag([np.nan] * 3, 1)), "coupling holds NaN or infinity"),
        (np.eye(4), "coupling has entries on its diagonal; .* set them to 0"),
        (sparse.eye_array(4), "coupling has entries on its diagonal"),
    ],
)
def test_what_is_no_coupling_is_refused(coupling, message):
    with pytest.raises(ValueError, match=message):
        check_coupling("coupling", coupling, 4)


def test_phases_are_spread_over_the_circle():
    phases = np.sort(np.angle(spread_phases(50)))
    gaps = np.diff(np.append(phases, phases[0] + 2 * np.pi))
    assert gaps.max() < 2.7 * 2 * np.pi / 50  # the golden section has gaps of three lengths


def test_narrow_numbers_are_numbers():
    narrow = neighbor_coupling(np.uint8(255), 1e6, closed=True)
    assert (narrow != neighbor_coupling(255, 1e6, closed=True)).nnz == 0
    places = np.arange(5.0)[:, None]
    for options in ({}, {"reach": 2.5}):
        single = {name: np.float32(value) for name, value in options.items()}
        first = dipolar_coupling(places, 1e6, np.float32(0.5), **single)
        assert (first != dipolar_coupling(places, 1e6, 0.5, **options)).nnz == 0


def test_what_a_mask_hides_is_no_coupling():
    hidden = np.ma.masked_array(np.zeros((2, 2)), [[False, True], [False, False]])
    with pytest.raises(ValueError, match=r"K has masked values \(row 0, column 1"):
        check_coupling("K", hidden, 2)
    with pytest.raises(ValueError, match="positions is masked"):
        dipolar_coupling(hidden, 1.0, 1.0)
