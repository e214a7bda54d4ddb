"""A text stands for one device: a preset, a bench table that is fitted, or a file."""

import h5py
import numpy as np
import pytest

from reservoir import ReservoirClassifier, SpinTorqueOscillator, save
from reservoir.bench import load_device
from reservoir.devices import MeasuredOscillator, OptoelectronicNode, preset_names

VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")
CURRENT = np.linspace(2.1e-3, 8e-3, 25)  # none of them at the threshold


def write_table(path, header="current_mA,amplitude_mV,frequency_MHz,relaxation_time_ns"):
    columns = (
        1e3 * CURRENT,
        10 * VORTEX.stationary_amplitude(CURRENT),
        1e-6 * VORTEX.stationary_frequency(CURRENT),
        1e9 * VORTEX.relaxation_time(CURRENT),
    )
    rows = (",".join(map(repr, map(float, row))) for row in zip(*columns, strict=True))
    path.write_text("\n".join([header, *rows]))


@pytest.mark.parametrize("name", preset_names())
def test_the_name_of_a_preset_is_that_device(name):
    assert name in load_device(name).presets


def test_a_bench_table_is_the_oscillator_whose_table_it_is(tmp_path):
    write_table(tmp_path / "bench.csv")
    found = load_device(str(tmp_path / "bench.csv"))
    for name in ("threshold_current", "damping_rate", "frequency", "current_tuning"):
        assert getattr(found, name) == pytest.approx(getattr(VORTEX, name), rel=1e-5)
    assert found.nonlinear_damping == pytest.approx(1, rel=1e-4)
    assert found.nonlinear_frequency_shift == pytest.approx(2e6, rel=1e-3)


def test_units_may_be_given_beside_the_table(tmp_path):
    write_table(tmp_path / "bench.csv", "current,amplitude,frequency,relaxation_time")
    path = str(tmp_path / "bench.csv")
    with pytest.raises(ValueError, match=r"bench.csv, line 1: .*current=mA"):
        load_device(path)
    found = load_device(path, current="mA", frequency="MHz", relaxation_time="ns")
    assert found.threshold_current == pytest.approx(3.5e-3, rel=1e-5)


def test_what_a_table_does_not_tell_is_assumed_with_a_warning(tmp_path):
    write_table(tmp_path / "bench.csv", "current_mA,amplitude_mV,frequency_MHz,other")
    with pytest.warns(UserWarning, match="does not tell damping_rate"):
        found = load_device(str(tmp_path / "bench.csv"))
    assert found.damping_rate == VORTEX.damping_rate


@pytest.mark.parametrize("device", [VORTEX, OptoelectronicNode.from_preset("paquot2012")])
def test_a_saved_device_comes_back_equal(tmp_path, device):
    save(device, tmp_path / "mine.h5")
    assert load_device(str(tmp_path / "mine.h5")) == device


def test_the_table_of_a_measured_oscillator_is_one(tmp_path):
    with h5py.File(tmp_path / "table.h5", "w") as file:
        file["current"] = [2e-3, 3e-3, 4e-3, 6e-3]
        file["amplitude"] = [0.0, 0.001, 0.006, 0.010]
        file["relaxation_time"] = [4e-7] * 4
    assert isinstance(load_device(str(tmp_path / "table.h5")), MeasuredOscillator)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("torejon2017", ValueError, "torrejon2017.*TABLE.csv.*FILE.h5.*current_mA"),
        ("nowhere.csv", FileNotFoundError, "no file nowhere.csv.*torrejon2017"),
        ("nowhere.h5", FileNotFoundError, "no file nowhere.h5"),
        ("bench.xlsx", ValueError, "bench.xlsx.*end in .h5.*current_mA"),
    ],
)
def test_a_text_that_stands_for_nothing_is_refused_with_what_there_is(text, error, words):
    with pytest.raises(error, match=words):
        load_device(text)


def test_a_model_is_no_device(tmp_path):
    X, y = np.random.default_rng(0).normal(size=(20, 5, 2)), [0, 1] * 10
    save(ReservoirClassifier(n_nodes=10, random_state=0).fit(X, y), tmp_path / "model.h5")
    with pytest.raises(ValueError, match="holds a ReservoirClassifier, and no device"):
        load_device(str(tmp_path / "model.h5"))


def test_units_of_a_preset_are_refused():
    with pytest.raises(ValueError, match="no bench table"):
        load_device("torrejon2017", current="mA")
