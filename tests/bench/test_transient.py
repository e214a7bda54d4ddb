"""The relaxation of a step is that of the oscillator whose trace it is."""

import numpy as np
import pytest

from reservoir import SpinTorqueOscillator, simulate
from reservoir.bench import fit_transient, read_transient

VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")
STEP = 10e-9
TRUE = float(VORTEX.relaxation_time(7e-3))


def trace(before, after=7e-3, n_before=40, n_after=400, noise=0.0, seed=0):
    """An exact simulation of a step of the current, in mV."""
    current = np.repeat([before, after], [n_before, n_after])
    power = max(float(VORTEX.stationary_power(before)), 1e-3)
    amplitude = 10 * simulate(VORTEX, current, STEP, initial_power=power)
    amplitude += (
        noise * amplitude.max() * np.random.default_rng(seed).normal(size=len(current))
    )
    return STEP * np.arange(1, len(current) + 1), amplitude


@pytest.mark.parametrize("before", [4e-3, 5e-3, 9e-3], ids=["up", "less", "down"])
@pytest.mark.parametrize("n_before", [0, 40])
def test_a_trace_without_noise_gives_the_relaxation_time_back(before, n_before):
    found = fit_transient(*trace(before, n_before=n_before))
    assert found.relaxation_time.value == pytest.approx(TRUE, rel=1e-3)
    assert found.end == pytest.approx(10 * float(VORTEX.stationary_amplitude(7e-3)), rel=1e-3)
    rate = found.damping_rate(7e-3, VORTEX)
    assert rate.value == pytest.approx(VORTEX.damping_rate, rel=1e-3)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    held = 0
    for seed in range(60):
        low, high = fit_transient(
            *trace(4e-3, noise=0.02, seed=seed)
        ).relaxation_time.interval
        held += low <= TRUE <= high
    assert held >= 50


def test_an_uncertain_threshold_widens_the_damping_rate():
    found = fit_transient(*trace(4e-3, noise=0.02))
    sure, unsure = (found.damping_rate(7e-3, VORTEX, e).error for e in (0.0, 0.1e-3))
    # At z = 2 the relative error of z - 1 is twice that of the threshold: 2 x 0.1 / 3.5.
    share = np.sqrt(unsure**2 - sure**2) / found.damping_rate(7e-3, VORTEX).value
    assert share == pytest.approx(2 * 0.1 / 3.5, rel=1e-6)


def test_a_trace_is_read_from_the_file_of_a_scope(tmp_path):
    time, amplitude = trace(4e-3)
    rows = (f"{1e9 * t:.1f};{a:.6f}".replace(".", ",") for t, a in zip(time, amplitude))  # noqa: B905
    path = tmp_path / "trace.csv"
    path.write_text("\n".join(["Model;MSO64;", "TIME (ns);CH1 (mV)", *rows]))
    assert read_transient(path).relaxation_time.value == pytest.approx(TRUE, rel=1e-3)


def test_a_trace_that_cannot_be_fitted_is_refused(tmp_path):
    time, amplitude = trace(4e-3)
    noise = np.random.default_rng(0).normal(size=len(time))
    for times, values, words in (
        (time[:5], amplitude[:5], "at least 10 samples"),
        (time, np.ones(len(time)), "constant"),
        (time[::-1], amplitude, "does not ascend at sample 1"),
        (time, np.where(time > 1e-6, np.nan, amplitude), "NaN"),
        (time, 5 + 0.1 * noise, "no step that stands out"),
    ):
        with pytest.raises(ValueError, match=words):
            fit_transient(times, values)
    (tmp_path / "trace.csv").write_text("time_ns,voltage_mV\n1,2\n2,3\n")
    with pytest.raises(ValueError, match=r"trace.csv: .*at least 10"):
        read_transient(tmp_path / "trace.csv")
    with pytest.raises(ValueError, match="3.4 .*|0.003 A is .* below the threshold"):
        fit_transient(time, amplitude).damping_rate(3e-3, VORTEX)
