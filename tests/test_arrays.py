"""Neighbours and dipoles: laws, limits and the states that they make."""

import numpy as np
import pytest

from reservoir import OscillatorNetwork, SpinTorqueOscillator
from reservoir.couplings import dipolar_coupling, neighbor_coupling

VORTEX = SpinTorqueOscillator.from_preset("romera2018")


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
    # Ten roundings; the smallest coupling is 1e4 1/s, and what is 0 is exactly 0 in both.
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
    risen = 2 * np.real(strength) / (VORTEX.saturation_rate(bias) / 2)
    power = VORTEX.stationary_power(bias) + risen
    # The settling leaves 3e-8 after 10 us.
    np.testing.assert_allclose(response.power, power, rtol=1e-6)
    shift = VORTEX.nonlinear_frequency_shift * risen - 2 * np.imag(strength) / (2 * np.pi)
    # Of 350 MHz; the shift may be 0.
    np.testing.assert_allclose(response.frequency, 350e6 + shift, rtol=0, atol=100)
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
