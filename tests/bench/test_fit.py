"""The numbers of a table come back, and as often as they should within their intervals."""

import dataclasses

import numpy as np
import pytest

from reservoir import OscillatorNetwork, SpinTorqueOscillator
from reservoir.bench import BenchTable, fit_bench_table
from reservoir.bench.model import OF_DEVICE
from reservoir.devices import MeasuredOscillator, linewidth
from reservoir.observation import observe

ROMERA = SpinTorqueOscillator.from_preset("romera2018")
SCALE, NOISE = 0.01, 1e-5


def numbers_of(device):
    numbers = {name: getattr(device, name) for name in OF_DEVICE}
    return numbers | {"scale": SCALE, "thermal_noise": NOISE}


def table_of(device, *columns, n_points=31, error=0.0, seed=0):
    """A table by the device's own closed forms, each column with relative errors.

    The errors of a frequency are relative to its range.
    """
    random = np.random.default_rng(seed)
    current = np.linspace(0.52, 2.5, n_points) * device.threshold_current
    above = current > device.threshold_current
    values = {
        "amplitude": np.where(above, SCALE * device.stationary_amplitude(current), 0.0),
        "frequency": device.stationary_frequency(current),
        "linewidth": np.full(n_points, np.nan),
        "relaxation_time": device.relaxation_time(current),
    }
    values["linewidth"][above] = linewidth(device, NOISE, current[above])
    found = {}
    for name in columns:
        size = np.ptp(values[name]) if name == "frequency" else values[name]
        found[name] = values[name] + error * size * random.normal(size=n_points)
    return BenchTable(current, **found)


def check_equal(fit, device, names, rel=1e-4):
    for name in names:
        assert fit.estimates[name].standing == "fitted"
        assert fit.estimates[name].value == pytest.approx(numbers_of(device)[name], rel=rel)


@pytest.mark.parametrize("preset", ["torrejon2017", "romera2018", "uniform"])
def test_a_table_without_errors_gives_every_number_back(preset):
    device = SpinTorqueOscillator.from_preset(preset)
    columns = ("amplitude", "frequency", "linewidth", "relaxation_time")
    fit = fit_bench_table(table_of(device, *columns))
    names = [n for n in numbers_of(device) if getattr(device, n, 1)]
    check_equal(fit, device, names)


def test_linewidths_that_are_sharp_tell_the_damping_rate():
    fit = fit_bench_table(table_of(ROMERA, "amplitude", "frequency", "linewidth"))
    check_equal(fit, ROMERA, ["damping_rate", "thermal_noise"])


def test_lines_below_the_threshold_tell_the_damping_rate():
    # The full width at half maximum of a damped oscillation is G (1 - z) / pi.
    table = table_of(ROMERA, "amplitude")
    below = table.current < ROMERA.threshold_current
    width = ROMERA.damping_rate * (1 - table.current / ROMERA.threshold_current) / np.pi
    table = dataclasses.replace(table, linewidth=np.where(below, width, np.nan))
    check_equal(fit_bench_table(table), ROMERA, ["damping_rate"])


def test_a_table_that_begins_above_the_threshold_is_enough():
    table = table_of(ROMERA, "amplitude", "frequency")
    rows = table.current > 1.2 * ROMERA.threshold_current
    table = BenchTable(
        table.current[rows], amplitude=table.amplitude[rows], frequency=table.frequency[rows]
    )
    check_equal(fit_bench_table(table), ROMERA, ["threshold_current", "nonlinear_damping"])


def test_what_nothing_tells_is_assumed_and_what_is_given_stays():
    table = table_of(ROMERA, "amplitude")
    fit = fit_bench_table(table, like="riou2017", given={"damping_rate": 2e6})
    riou = SpinTorqueOscillator.from_preset("riou2017")
    assert fit.estimates["damping_rate"].standing == "given"
    assert fit.oscillator.damping_rate == 2e6
    assert fit.estimates["frequency"].standing == "assumed"
    assert fit.oscillator.frequency == riou.frequency
    assert "riou2017" in " ".join(fit.notes)
    assert fit.thermal_noise is None


def test_the_thermal_noise_gives_the_linewidths_back_at_an_assumed_damping_rate():
    table = table_of(ROMERA, "amplitude", "frequency", "linewidth", error=0.02)
    fit = fit_bench_table(table)
    assert fit.estimates["damping_rate"].standing == "assumed"
    current = np.array([1.5, 2.0]) * ROMERA.threshold_current
    np.testing.assert_allclose(
        fit.predict("linewidth", current), linewidth(ROMERA, NOISE, current), rtol=0.1
    )


def test_points_that_thermal_noise_rounds_off_are_left_out():
    table = table_of(ROMERA, "amplitude")
    gap = np.abs(1 - table.current / ROMERA.threshold_current)
    below = table.current < ROMERA.threshold_current
    tail = SCALE * np.sqrt(1e-3 / gap)  # of the mean power eta / (1 - z)
    amplitude = np.where(below, tail, table.amplitude)
    fit = fit_bench_table(BenchTable(table.current, amplitude=amplitude))
    used = fit.used["amplitude"]
    assert not used[below].any() and not used[gap < 0.05].any() and used.sum() > 12
    check_equal(fit, ROMERA, ["threshold_current", "nonlinear_damping"], rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("error_of_amplitude", ["equal", "growing"])
def test_intervals_hold_the_truth_as_often_as_they_say(error_of_amplitude):
    # 60 tables here, 200 and more cases in studies/bench_fit.py. With a true share of 95 %
    # fewer than 50 of 60 hold with a probability of 1e-4.
    truth = numbers_of(ROMERA)
    held = {}
    for seed in range(60):
        table = table_of(
            ROMERA, "amplitude", "frequency", "relaxation_time", error=0.02, seed=seed
        )
        if error_of_amplitude == "equal":
            random = np.random.default_rng(1000 + seed)
            clean = table_of(ROMERA, "amplitude").amplitude
            noisy = np.abs(clean + 0.02 * clean.max() * random.normal(size=len(clean)))
            table = dataclasses.replace(table, amplitude=noisy)
        for name, found in fit_bench_table(table).estimates.items():
            if found.standing == "fitted":
                low, high = found.interval
                held.setdefault(name, []).append(low <= truth[name] <= high)
    assert set(held) == set(truth) - {"thermal_noise"}
    for name, hits in held.items():
        assert 50 <= sum(hits), name


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (("frequency",), "nothing tells the threshold_current. Measure amplitude or power"),
        (("linewidth",), "Without amplitudes nothing tells the threshold_current"),
    ],
)
def test_a_table_that_does_not_tell_the_threshold_is_refused(columns, words):
    with pytest.raises(ValueError, match=words):
        fit_bench_table(table_of(ROMERA, *columns))


def test_one_amplitude_is_too_few_and_not_none():
    with pytest.raises(
        ValueError, match="With so few amplitudes nothing tells .* at 4 or more"
    ):
        fit_bench_table(BenchTable(np.array([5e-3]), amplitude=np.array([1.0])))


def test_a_given_threshold_above_all_currents_is_refused():
    with pytest.raises(ValueError, match="given is 3.5 A, but the highest current .* 3.5e-3"):
        fit_bench_table(table_of(ROMERA, "amplitude"), given={"threshold_current": 3.5})


def test_too_few_points_above_the_threshold_are_refused():
    current = np.linspace(1e-3, 3e-3, 10)
    amplitude = np.r_[np.zeros(7), 1.0, 1.4, 1.7]
    with pytest.raises(ValueError, match="Only 3 of 10 amplitudes.*Measure more"):
        fit_bench_table(BenchTable(current, amplitude=amplitude))


def test_a_number_that_is_none_of_the_device_cannot_be_given():
    with pytest.raises(ValueError, match="given names 'Q'; .*nonlinear_damping"):
        fit_bench_table(table_of(ROMERA, "amplitude"), given={"Q": 2.0})
    with pytest.raises(ValueError, match="damping_rate"):
        fit_bench_table(table_of(ROMERA, "amplitude"), given={"damping_rate": -1.0})


def test_a_measured_table_gets_phase_and_noise_by_the_fit():
    table = table_of(ROMERA, "amplitude", "frequency", "relaxation_time")
    measured = MeasuredOscillator(
        tuple(table.current.tolist()),
        tuple(table.amplitude.tolist()),
        50e-9,
        threshold_current=2e-3,
    )
    with pytest.raises(ValueError, match="got a MeasuredOscillator.*fit_bench_table"):
        observe(measured, [4e-3], 1e-7)
    with pytest.raises(TypeError, match="MeasuredOscillator.*fit_bench_table"):
        OscillatorNetwork(measured).natural_frequencies()
    fitted = fit_bench_table(table).oscillator
    assert observe(fitted, [4e-3] * 20, 1e-7).frequency[-1] > 0
    np.testing.assert_allclose(
        OscillatorNetwork(fitted).natural_frequencies(),
        OscillatorNetwork(ROMERA).natural_frequencies(),
        rtol=1e-6,
    )
