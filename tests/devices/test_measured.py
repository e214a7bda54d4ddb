"""An oscillator from a table, against the oscillator whose table it is."""

import dataclasses

import h5py
import numpy as np
import pytest

from reservoir import ReservoirClassifier, SpinTorqueOscillator, load, save, simulate
from reservoir.devices import MeasuredOscillator

pytestmark = pytest.mark.kernel

VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")
THRESHOLD = VORTEX.threshold_current
CURRENT = THRESHOLD * np.linspace(0.4, 2.5, 399)


def columns(scale=0.01):
    return {
        "current": CURRENT,
        "amplitude": scale * VORTEX.stationary_amplitude(CURRENT),
        "relaxation_time": VORTEX.relaxation_time(CURRENT),
    }


def device(**change):
    table = {name: tuple(values.tolist()) for name, values in columns().items()}
    return MeasuredOscillator(**{**table, "threshold_current": THRESHOLD, **change})


def write_csv(path, table):
    np.savetxt(
        path,
        np.transpose(list(table.values())),
        delimiter=",",
        header=",".join(table),
        comments="",
    )
    return path


def held(low, high, seed=0):
    z = np.random.default_rng(seed).uniform(low, high, (3, 300))
    return THRESHOLD * z


def test_above_threshold_the_table_repeats_the_oscillator_it_was_taken_from():
    current = held(1.1, 2.4)
    middle = THRESHOLD * (0.4 + 2.5) / 2
    start = VORTEX.stationary_power(middle)
    expected = 0.01 * simulate(VORTEX, current, 3e-7, initial_power=start)
    found = simulate(device(), current, 3e-7)
    assert np.abs(found - expected).max() < 1e-3 * expected.max()


def test_across_the_threshold_the_table_stays_close_to_the_oscillator():
    current = held(0.5, 2.0)
    found = simulate(device(), current, 3e-7)
    expected = 0.01 * simulate(VORTEX, current, 3e-7, initial_power=0.2)
    error = (found - expected)[:, 50:]
    assert np.sqrt(np.mean(error**2)) < 0.02 * expected[:, 50:].std()


def test_a_held_current_leads_to_the_measured_amplitude():
    for z in (1.3, 2.2):
        found = simulate(device(), np.full(200, z * THRESHOLD), 1e-6)[-1]
        assert found == pytest.approx(
            0.01 * VORTEX.stationary_amplitude(z * THRESHOLD), rel=1e-3
        )


@pytest.mark.parametrize("z", [0.8, 1.6])
def test_small_deviations_decay_with_the_measured_time(z):
    single = device(relaxation_time=2e-7)
    z0 = z * (1 + 1e-4)
    current = THRESHOLD * np.r_[np.full(100, z0), z, z]
    x = simulate(single, current, 1e-7)
    rest = simulate(single, np.full(200, z * THRESHOLD), 1e-7)[-1]
    if z > 1:
        ratio = (x[-1] - rest) / (x[-2] - rest)
        assert ratio == pytest.approx(np.exp(-0.5), rel=1e-3)
    else:
        assert x[-1] == pytest.approx(rest, rel=1e-6, abs=0)  # The root of the floor, 1e-8.


def test_csv_and_hdf5_hold_the_same_table(tmp_path):
    csv = write_csv(tmp_path / "table.csv", {"field": CURRENT * 0 + 0.43, **columns()})
    with h5py.File(tmp_path / "table.h5", "w") as file:
        for name, values in columns().items():
            file[name] = values
    first = MeasuredOscillator.from_file(csv)
    second = MeasuredOscillator.from_file(tmp_path / "table.h5")
    assert first == second  # The text has 19 digits, enough for every bit.
    assert first.threshold_current == pytest.approx(THRESHOLD, rel=0.03)
    given = MeasuredOscillator.from_file(csv, relaxation_time=1e-6, threshold_current=3e-3)
    assert given.relaxation_time == 1e-6 and given.threshold_current == 3e-3


def broken(name, row, value):
    table = columns()
    table[name] = table[name].copy()
    table[name][row] = value
    return table


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (broken("current", 7, CURRENT[3]), "row 7; it must exceed the one before"),
        (broken("current", 7, CURRENT[6]), "row 7; it must exceed the one before"),
        (broken("amplitude", 9, np.nan), "amplitude is nan in row 9"),
        (broken("amplitude", 9, -1e-3), "row 9; it must not be negative"),
        (broken("relaxation_time", 2, 0.0), "row 2; it must be positive"),
        ({k: v[:2] for k, v in columns().items()}, "at least 3 rows"),
        ({k: v[200:] for k, v in columns().items()}, "give threshold_current"),
        ({"current": CURRENT, "amplitude": CURRENT}, "no column 'relaxation_time'"),
        ({**columns(), "amplitude": CURRENT * 0}, "0 everywhere"),
    ],
)
def test_what_is_wrong_with_a_table_is_named(tmp_path, table, message):
    with pytest.raises(ValueError, match=message):
        MeasuredOscillator.from_file(write_csv(tmp_path / "table.csv", table))


def test_a_file_that_is_no_table_is_named(tmp_path):
    (tmp_path / "table.csv").write_text("current,amplitude,relaxation_time\n1,2,three\n")
    with pytest.raises(ValueError, match="numbers only"):
        MeasuredOscillator.from_file(tmp_path / "table.csv")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        MeasuredOscillator.from_file(tmp_path / "nowhere.csv")
    with pytest.raises(ValueError, match="give one value for each"):
        device(amplitude=(0.0, 1.0, 2.0))


def test_a_current_beyond_the_table_is_named_with_the_range_that_would_do():
    with pytest.raises(ValueError, match="at most 0.4 to 2.5"):
        simulate(device(), held(0.5, 3.0), 1e-7)


def test_the_measured_oscillator_takes_the_place_of_the_simulated_one(tmp_path):
    generator = np.random.default_rng(0)
    y = np.arange(60) % 2
    X = [np.linspace(0, 2 * k - 1, 15)[:, None] + generator.normal(size=(15, 1)) for k in y]
    simulated = ReservoirClassifier(VORTEX, n_nodes=30, alpha=1e-3, random_state=0)
    measured = ReservoirClassifier(
        device(), n_nodes=30, alpha=1e-3, node_time=1.67 / VORTEX.damping_rate, random_state=0
    )
    expected = simulated.fit(X, y).decision_function(X)
    found = measured.fit(X, y).decision_function(X)
    assert np.corrcoef(expected, found)[0, 1] > 0.999
    save(measured, tmp_path / "model.h5")
    assert (load(tmp_path / "model.h5").decision_function(X) == found).all()
    assert dataclasses.replace(device(), relaxation_time=1e-6).default_node_time(9) > 0
