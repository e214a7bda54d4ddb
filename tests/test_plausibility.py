"""A forgotten prefix warns with the factor it suspects, and nothing else does."""

import warnings

import numpy as np
import pytest

from reservoir import (
    OscillatorNetwork,
    ReservoirClassifier,
    SpinTorqueOscillator,
    UnitsWarning,
    simulate,
)
from reservoir.bench import BenchTable, fit_bench_table
from reservoir.devices import find_device, preset_names

VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")
X, Y = np.random.default_rng(0).normal(size=(20, 5, 2)), [0, 1] * 10


@pytest.mark.parametrize(
    ("current", "hold", "factor"),
    [
        ([3.0, 7.0], 1e-7, "factor of 1e3 is suspected, as of mA"),
        ([3000.0, 7000.0], 1e-7, "factor of 1e6 is suspected, as of uA"),
        ([3e-3, 7e-3], 100.0, "factor of 1e9 is suspected, as of ns"),
        ([3e-3, 7e-3], 40.0, "factor of 1e9 is suspected, as of ns"),
    ],
)
def test_simulate_names_the_factor(current, hold, factor):
    with pytest.warns(UnitsWarning, match=factor) as caught:
        simulate(VORTEX, current, hold)
    assert caught[0].filename == __file__


def test_a_node_time_in_nanoseconds_is_noticed():
    model = ReservoirClassifier(n_nodes=10, node_time=200, random_state=0)
    with pytest.warns(UnitsWarning, match=r"node_time is 200 s.*1e9 is suspected, as of ns"):
        model.fit(X, Y)


def test_currents_of_a_network_in_milliamperes_are_noticed():
    network = OscillatorNetwork(n_oscillators=2, currents=[4.0, 4.1])
    with pytest.warns(UnitsWarning, match="2.05e.03 times.*1e3 is suspected, as of mA"):
        network.natural_frequencies()


def test_a_curve_in_milliamperes_is_noticed():
    current = np.linspace(2, 8, 25)
    amplitude = VORTEX.stationary_amplitude(1e-3 * current)
    with pytest.warns(UnitsWarning, match="threshold of 3.5 A.*1e3 is suspected, as of mA"):
        SpinTorqueOscillator.from_amplitude_curve(
            current, amplitude, damping_rate=1e6, frequency=3e8
        )


def test_a_frequency_in_megahertz_is_noticed():
    current = np.linspace(2e-3, 8e-3, 25)
    amplitude = VORTEX.stationary_amplitude(current)
    with pytest.warns(UnitsWarning, match="300 Hz.*1e6 is suspected, as of MHz"):
        SpinTorqueOscillator.from_amplitude_curve(
            current, amplitude, damping_rate=1e6, frequency=300.0
        )
    table = BenchTable(
        current, amplitude=amplitude, frequency=1e-6 * VORTEX.stationary_frequency(current)
    )
    with pytest.warns(UnitsWarning, match="300 Hz.*as of MHz"):
        fit_bench_table(table)


def test_a_relaxation_time_in_nanoseconds_is_noticed():
    current = np.linspace(2e-3, 8e-3, 25)
    measured = {
        "amplitude": VORTEX.stationary_amplitude(current),
        "frequency": VORTEX.stationary_frequency(current),
    }
    times = np.where(
        current > 4e-3, VORTEX.relaxation_time(np.maximum(current, 4e-3)), np.nan
    )
    for factor, words in ((1e9, "1e9 is suspected, as of ns"), (1e-4, "does not fit a freq")):
        table = BenchTable(current, relaxation_time=factor * times, **measured)
        with pytest.warns(UnitsWarning, match=words):
            fit_bench_table(table)
    fit_bench_table(BenchTable(current, relaxation_time=times, **measured))


@pytest.mark.parametrize("name", preset_names())
def test_no_preset_warns_at_its_own_scales(name):
    device = find_device(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnitsWarning)
        usual = device.default_node_time(10)
        # A delay node holds for its own time only; two kinds integrate step by step.
        long = name in ("grimaldi2014", "riou2017", "romera2018", "torrejon2017", "uniform")
        for factor in (0.01, 1.0, 1000.0) if long else (1.0,):
            model = ReservoirClassifier(
                device, n_nodes=10, node_time=factor * usual, random_state=0
            )
            model.fit(X, Y)
