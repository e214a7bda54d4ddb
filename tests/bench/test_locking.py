"""The edges of locking give back the injection that a simulated network was given."""

import dataclasses

import numpy as np
import pytest

from reservoir import OscillatorNetwork, SpinTorqueOscillator
from reservoir.bench import fit_locking, locking_edges, read_locking

ROMERA = SpinTorqueOscillator.from_preset("romera2018")
BIAS = 2 * ROMERA.threshold_current
FREE = float(ROMERA.stationary_frequency(BIAS))
SCALE = 5e8  # injection in 1/s per sqrt(W)


def swept(injection, step=10e3):
    """Edges of locking in a sweep of the source, as a spectrum analyser sees them."""
    network = OscillatorNetwork(
        n_oscillators=1,
        frequencies=[FREE],
        injection=injection,
        settling_time=20e-6,
        measuring_time=20e-6,
    )
    width = 2 * network.locking_half_width()
    sources = FREE + np.arange(-width, width, step)
    locked = network.measure(sources[:, None]).locked[:, 0] == 0
    return sources[locked][[0, -1]]


def test_weak_edges_are_those_of_the_closed_form():
    # The mean of both edges at F -> 0 is sqrt(1 + nu^2) F / (2 pi sqrt(p0)).
    low, high = locking_edges(ROMERA, BIAS, 1e3)
    half = np.hypot(1, ROMERA.nonlinear_shift(BIAS)) * 1e3 / (2 * np.pi)
    assert (high - low) / 2 == pytest.approx(half, rel=1e-3)


@pytest.mark.parametrize("injection, off", [(2e6, 0.005), (3e6, 0.02)])
@pytest.mark.parametrize("slope", [-1.0, 0.0, 1.0])
def test_edges_are_those_of_a_simulated_source(injection, off, slope):
    own = slope * ROMERA.nonlinear_frequency_shift
    device = dataclasses.replace(ROMERA, nonlinear_frequency_shift=own)
    simulated = OscillatorNetwork(device, 1, injection=injection).locking_range()
    assert locking_edges(device, BIAS, injection) == pytest.approx(simulated, rel=off)


@pytest.mark.parametrize("injection", [5e6, 1e7, 2e7])
def test_edges_of_a_strong_source_are_estimates_and_say_so(injection):
    """States of little power, which are not stable, would be locked over 1600 MHz."""
    simulated = OscillatorNetwork(ROMERA, 1, injection=injection).locking_range()
    with pytest.warns(UserWarning, match="OscillatorNetwork.locking_range simulates"):
        found = locking_edges(ROMERA, BIAS, injection)
    assert found == pytest.approx(simulated, rel=0.11)


def test_a_fit_to_strong_sources_warns_once():
    power = np.array([1e-6, 4e-6])
    edges = 1e7 / (2 * np.pi) * np.outer(np.sqrt(power / power[-1]), [-2.0, 1.5])
    with pytest.warns(UserWarning, match="times Gamma_p") as said:
        fit_locking(power, *edges.T + FREE, ROMERA, BIAS)
    assert len(said) == 1


def test_a_simulated_sweep_gives_back_the_injection_that_was_used():
    power = np.array([1e-6, 4e-6, 16e-6])
    edges = np.array([swept(SCALE * np.sqrt(p)) for p in power])
    found = fit_locking(power, edges[:, 0], edges[:, 1], ROMERA, BIAS)
    assert found.scale.value == pytest.approx(SCALE, rel=0.02)
    assert found.center.value == pytest.approx(FREE, abs=20e3)
    assert found.injection(4e-6) == pytest.approx(1e6, rel=0.02)


def test_intervals_hold_the_truth_as_often_as_they_say():
    power = 1e-6 * 2.0 ** np.arange(6)
    true = np.array([locking_edges(ROMERA, BIAS, SCALE * np.sqrt(p)) for p in power]) + FREE
    held = 0
    for seed in range(60):
        noisy = true + 10e3 * np.random.default_rng(seed).normal(size=true.shape)
        low, high = fit_locking(power, noisy[:, 0], noisy[:, 1], ROMERA, BIAS).scale.interval
        held += low <= SCALE <= high
    assert held >= 50


def test_a_table_in_decibels_is_read(tmp_path):
    rows = ["P_inj (dBm);lower edge (MHz);upper edge (MHz)"]
    for dbm in (-30, -24, -18):
        low, high = locking_edges(ROMERA, BIAS, SCALE * np.sqrt(1e-3 * 10 ** (dbm / 10)))
        rows.append(f"{dbm};{(FREE + low) / 1e6:.6f};{(FREE + high) / 1e6:.6f}")
    path = tmp_path / "locking.csv"
    path.write_text("\n".join(rows).replace(".", ","))
    found = read_locking(path, ROMERA, BIAS)
    assert found.per == "sqrt(W)"
    assert found.scale.value == pytest.approx(SCALE, rel=1e-3)


def test_sweeps_of_another_line_are_suspected():
    power = np.array([1e-6, 4e-6])
    edges = np.array([locking_edges(ROMERA, BIAS, SCALE * np.sqrt(p)) for p in power])
    moved = edges + 1.01 * FREE  # as a device drifts
    assert fit_locking(power, *moved.T, ROMERA, BIAS).center.value == pytest.approx(
        1.01 * FREE
    )
    doubled = edges + 2 * FREE
    with pytest.warns(UserWarning, match="not for a source at a multiple of its frequency"):
        fit_locking(power, *doubled.T, ROMERA, BIAS)


def test_what_is_no_sweep_is_refused(tmp_path):
    for strength, low, high, words in (
        ([1e-6], [1e6], [2e6], "at least 2 sweeps"),
        ([1e-6, 2e-6], [1e6, 3e6], [2e6, 2e6], "row 1 the lower edge is not below"),
        ([1e-6, 0], [1e6, 1e6], [2e6, 2e6], "not positive"),
        ([1e-6, 2e-6], [1e6, np.nan], [2e6, 2e6], "NaN"),
    ):
        with pytest.raises(ValueError, match=words):
            fit_locking(strength, low, high, ROMERA, BIAS)
    with pytest.raises(ValueError, match="below the threshold"):
        fit_locking([1e-6, 2e-6], [1e6, 1e6], [2e6, 2e6], ROMERA, 1e-3)
    (tmp_path / "x.csv").write_text("lower_edge_MHz,upper_edge_MHz\n1,2\n1,3\n")
    with pytest.raises(
        ValueError, match=r"x.csv needs one of the columns injected_power_dBm"
    ):
        read_locking(tmp_path / "x.csv", ROMERA, BIAS)
