"""Edges of locking, read from spectra that a simulated network emits under a swept source."""

import numpy as np
import pytest

from reservoir import OscillatorNetwork, SpinTorqueOscillator
from reservoir.bench import SourceSweep, fit_locking, locking_edges, read_sweep

ROMERA = SpinTorqueOscillator.from_preset("romera2018")
BIAS = 2 * ROMERA.threshold_current
FREE = float(ROMERA.stationary_frequency(BIAS))
RESOLUTION, STEP = 0.1e6, 0.05e6


def swept(injection):
    """The spectra within 5 MHz of the free oscillator, from a simulation."""
    network = OscillatorNetwork(
        n_oscillators=1, frequencies=[FREE], injection=injection, settling_time=10e-6
    )
    width = 2 * network.locking_half_width()
    sources = FREE + np.arange(-width, width, STEP)
    frequency, decibels = network.power_spectrum(
        sources[:, None], duration=40e-6, resolution=RESOLUTION
    )
    near = np.abs(frequency - FREE) < 5e6
    return SourceSweep(sources, frequency[near], 10 ** (decibels[:, near] / 10))


@pytest.fixture(scope="module")
def sweeps():
    return {injection: swept(injection) for injection in (1e6, 2e6)}


def test_the_edges_are_those_of_the_locked_states_within_a_step(sweeps):
    for injection, sweep in sweeps.items():
        found = np.array(sweep.edges(RESOLUTION)) - FREE
        assert found == pytest.approx(locking_edges(ROMERA, BIAS, injection), abs=STEP)
    # How deep the line must fall does not matter, as it vanishes at the edge.
    assert sweep.edges(RESOLUTION, drop=6) == sweep.edges(RESOLUTION)


def test_the_injection_of_a_simulated_network_is_found_from_its_spectra(sweeps):
    edges = [sweep.edges(RESOLUTION) for sweep in sweeps.values()]
    scale = fit_locking([1e-6, 4e-6], *zip(*edges, strict=True), ROMERA, BIAS)
    assert scale.injection(1e-6) == pytest.approx(1e6, rel=0.05)


def test_a_table_gives_the_same_spectra(sweeps, tmp_path):
    sweep = sweeps[1e6]
    few = slice(None, None, 40)
    rows = ["fs (MHz);f (MHz);P (dBm)"]
    for source, power in zip(sweep.source, sweep.power, strict=True):
        for frequency, value in zip(sweep.frequency[few], power[few], strict=True):
            dbm = 10 * np.log10(value / 1e-3)
            rows.append(
                f"{source / 1e6:.9f};{frequency / 1e6:.9f};{dbm:.9f}".replace(".", ",")
            )
    (tmp_path / "sweep.csv").write_text("\n".join(rows))
    found = read_sweep(tmp_path / "sweep.csv")
    assert found.source == pytest.approx(sweep.source)
    assert found.frequency == pytest.approx(sweep.frequency[few])
    assert found.power == pytest.approx(sweep.power[:, few])
    (tmp_path / "sweep.csv").write_text("\n".join(rows[:-1]))
    with pytest.raises(ValueError, match="sweep.csv has .* one row for each pair of them"):
        read_sweep(tmp_path / "sweep.csv")


def test_sweeps_that_tell_no_edge_are_refused(sweeps):
    sweep = sweeps[2e6]
    middle = np.abs(sweep.source - FREE) < 0.4e6
    inside = SourceSweep(sweep.source[middle], sweep.frequency, sweep.power[middle])
    with pytest.raises(ValueError, match="the edge of locking lies beyond it"):
        inside.edges(RESOLUTION)
    away = sweep.source < FREE - 0.9e6
    outside = SourceSweep(sweep.source[away], sweep.frequency, sweep.power[away])
    with pytest.raises(ValueError, match="so it is locked nowhere; raise the power"):
        outside.edges(RESOLUTION)
    with pytest.raises(ValueError, match="take wider spectra"):
        sweep.edges(10e6)
    with pytest.raises(ValueError, match="resolution is 0"):
        sweep.edges(0.0)
    with pytest.raises(ValueError, match="give W, and not dBm"):
        SourceSweep(sweep.source, sweep.frequency, -sweep.power)
    with pytest.raises(ValueError, match="source does not rise"):
        SourceSweep(sweep.source[::-1], sweep.frequency, sweep.power)
    with pytest.raises(ValueError, match="power has the shape"):
        SourceSweep(sweep.source, sweep.frequency, sweep.power.T)
