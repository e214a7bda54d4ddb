"""What does an oscillator hear of a source through the oscillators that follow it?"""

import numpy as np
import pytest
from scipy.integrate import quad

from reservoir import OscillatorNetwork
from reservoir.networks.adler_training import Softness, coherence
from reservoir.networks.relayed_locking import (
    felt_couplings,
    following,
    hear,
    network_couplings,
)


def test_following_is_the_mean_of_adlers_phase():
    """Locked, sin psi = u. Beyond, psi spends 1 / |u - sin psi| of its time at each angle."""
    for u in (-0.8, 0.3):
        psi = np.arcsin(u)
        assert following(np.array(u), 1e-8)[0] == pytest.approx(np.exp(-1j * psi), abs=2e-4)
    for u in (-3.0, 1.2):
        whole = quad(lambda psi, u=u: 1 / abs(u - np.sin(psi)), 0, 2 * np.pi)[0]
        real, imaginary = (
            quad(lambda psi, u=u, f=f: f(psi) / abs(u - np.sin(psi)), 0, 2 * np.pi)[0] / whole
            for f in (np.cos, np.sin)
        )
        found = following(np.array(u), 1e-8)[0]
        assert found == pytest.approx(real - 1j * imaginary, abs=2e-4)


def test_following_is_as_large_as_the_coherence():
    u = np.linspace(-4, 4, 41)
    for rounding in (0.25, 0.01):
        size = np.abs(following(u, rounding)[0])
        np.testing.assert_allclose(size, coherence(u, Softness(rounding))[0], rtol=1e-12)


def test_who_hears_a_follower_in_phase_has_a_wider_band():
    """Oscillator 1 sits on the source, so oscillator 0 hears it 1 + C times as strongly."""
    couplings = np.array([[0, 0.4], [0, 0]], complex)
    heard = hear(np.array([[[2.1, 0.0]]]), couplings, 1e-8)
    size = np.sqrt((1.4**2 + 0.01) / 1.01)
    assert heard.scaled[0, 0, 0] == pytest.approx(2.1 / size, rel=1e-4)
    assert heard.scaled[0, 0, 1] == 0.0


def test_more_rounds_change_what_is_heard_by_the_fourth_power_of_the_couplings(monkeypatch):
    generator = np.random.default_rng(0)
    u = 2 * generator.normal(size=(30, 2, 5))
    couplings = generator.normal(size=(5, 5)) + 1j * generator.normal(size=(5, 5))
    np.fill_diagonal(couplings, 0)

    def error(strength):
        few = hear(u, strength * couplings, 0.25).heard
        with monkeypatch.context() as patched:
            patched.setattr("reservoir.networks.relayed_locking.N_ROUNDS", 30)
            return np.abs(hear(u, strength * couplings, 0.25).heard - few).max()

    assert np.log2(error(0.01) / error(0.005)) == pytest.approx(4, abs=0.2)


def test_couplings_of_the_formula_and_of_the_network_are_inverse():
    generator = np.random.default_rng(0)
    coupling = generator.normal(size=(4, 4)) + 1j * generator.normal(size=(4, 4))
    felt = felt_couplings(coupling, 2e7, 1.9)
    np.testing.assert_allclose(network_couplings(felt, 2e7, 1.9), coupling, rtol=1e-13)


@pytest.mark.parametrize("phase", [0.0, 1.5, 3.0, 4.5])
def test_the_band_of_a_network_widens_as_the_formula_says(phase):
    """Half the distance between both edges of locking, for sources of 1/100 of the damping.

    Oscillator 1 would follow the source anywhere; oscillator 0 hears it and the source.
    """
    injection, strength, step = 4e5, 0.4, 0.05
    network = OscillatorNetwork(
        n_oscillators=2,
        frequencies=[356e6, 356e6],
        coupling=[[0, strength * injection * np.exp(1j * phase)], [0, 0]],
        injection=injection,
        settling_time=60e-6,
        measuring_time=60e-6,
    )
    width = network.locking_half_width()
    sources = 356e6 + width * np.arange(-2, 2, step)
    currents = [network.tune([356e6, source]).currents for source in sources]
    locked = network.measure(sources[:, None], currents=currents).locked
    assert (locked[:, 1] == 0).all()
    heard = 1 + felt_couplings(
        network.coupling_matrix(), injection, network.nonlinear_shift()
    )
    half_width = step * (locked[:, 0] == 0).sum() / 2
    assert half_width == pytest.approx(abs(heard[0, 1]), abs=step)
