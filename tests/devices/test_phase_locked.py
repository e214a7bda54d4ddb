"""The oscillator that follows a source against Adler's theory and another integrator."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from reservoir import (
    ReservoirClassifier,
    SpinTorqueOscillator,
    datasets,
    load,
    save,
    simulate,
)
from reservoir.devices import MackeyGlassNode, PhaseLockedOscillator

pytestmark = pytest.mark.kernel

DEVICE = PhaseLockedOscillator.from_preset("markovic2019")
WEAK = dataclasses.replace(DEVICE, force=1e-3 * DEVICE.growth_rate)
HOLD = 200e-9


def played(device, sources, hold_time, read):
    """What is read for one row of source frequencies, in half-widths of locking."""
    device = dataclasses.replace(device, read=read)
    row = np.asarray(sources, dtype=float)[None] * device.locking_half_width
    return simulate(device, row, hold_time)[0]


def test_a_held_source_leaves_amplitude_and_phase_of_the_locked_state():
    detuning = 0.6
    amplitude, phase = (
        played(DEVICE, [detuning] * 60, 1e-6, read)[-1] for read in ("amplitude", "phase")
    )
    c = amplitude * np.exp(-1j * phase)
    offset = amplitude**2 - DEVICE.rest_power
    frequency = DEVICE.nonlinear_frequency_shift * offset
    frequency -= detuning * DEVICE.locking_half_width
    change = (-DEVICE.saturation_rate / 2 * offset - 2j * math.pi * frequency) * c
    assert abs(change + DEVICE.force) < 1e-6 * DEVICE.force


@pytest.mark.parametrize("force", [1e3, 3e5, 3e8])
@pytest.mark.parametrize("shift", [2e6, 0.0, -2e6])
def test_every_row_begins_locked_to_a_source_at_rest(force, shift):
    device = dataclasses.replace(
        DEVICE, force=force, nonlinear_frequency_shift=shift, read="phase"
    )
    phases = simulate(device, np.zeros((1, 5)), HOLD / 10)[0]
    # Rest leaves nothing but rounding; the phase is 0 without a shift.
    np.testing.assert_allclose(phases, math.atan(device.nonlinear_shift), rtol=0, atol=1e-8)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_weak_source_locks_within_the_half_width_of_theory(side):
    def free(detuning):
        """Mean distance of the oscillator's frequency from the source's, in half-widths."""
        n_holds, hold_time = 400, 2e-5
        read = played(WEAK, [side * detuning] * n_holds, hold_time, "frequency")
        return abs(read[200:].mean() / WEAK.locking_half_width - side * detuning)

    assert free(0.97) < 1e-6
    assert free(1.02) > 0.05
    # Beyond the edge the beat is that of Adler's equation.
    assert free(2.0) == pytest.approx(math.sqrt(3.0), rel=0.01)


@pytest.mark.parametrize("read", ["amplitude", "phase", "frequency"])
def test_another_integrator_in_the_laboratory_frame_reads_the_same(read):
    device = dataclasses.replace(DEVICE, frequency=3e7)  # slow enough to follow
    sources = np.array([0.0, 0.8, -0.9, 0.3, 1.5, -0.2]) * device.locking_half_width
    found = played(device, sources / device.locking_half_width, HOLD, read)
    omega = 2 * np.pi * (device.frequency + sources)
    phases = np.concatenate([[0.0], np.cumsum(omega * HOLD)])
    start = device._at_rest()
    end = complex(*start)
    expected = []
    for k in range(len(sources)):

        def slope(t, parts, k=k):
            c = parts[0] + 1j * parts[1]
            power = abs(c) ** 2
            turn = (
                2
                * np.pi
                * (
                    device.frequency
                    + device.nonlinear_frequency_shift * (power - device.rest_power)
                )
            )
            growth = (device.growth_rate - device.saturation_rate * power) / 2
            push = device.force * np.exp(-1j * (phases[k] + omega[k] * t))
            change = (growth - 1j * turn) * c + push
            return change.real, change.imag

        path = solve_ivp(
            slope,
            (0, HOLD),
            (end.real, end.imag),
            "DOP853",
            rtol=1e-11,
            atol=1e-13,
            t_eval=np.linspace(0, HOLD, 200),
        )
        values = path.y[0] + 1j * path.y[1]
        end = values[-1]
        if read == "frequency":
            turned = -np.unwrap(np.angle(values))
            rate = (turned[-1] - turned[0]) / (2 * np.pi * HOLD)
            expected.append(rate - device.frequency)
        elif read == "phase":
            expected.append(-np.angle(end * np.exp(1j * phases[k + 1])))
        else:
            expected.append(abs(end))
    scale = {"amplitude": 1.0, "phase": 1.0, "frequency": device.locking_half_width}[read]
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6 * scale)


def test_the_step_is_of_order_four(monkeypatch):
    from reservoir.devices import phase_locked

    sources = np.tile([0.9, -0.9, 0.3], 4)
    ends = []
    for turn in (1.6, 0.8, 0.4, 0.02):
        monkeypatch.setattr(phase_locked, "MAX_TURN", turn)
        ends.append((DEVICE.n_steps(HOLD), played(DEVICE, sources, HOLD, "phase")[-1]))
    steps, values = np.array(ends).T
    errors = np.abs(values[:-1] - values[-1])
    order = -np.polyfit(np.log(steps[:-1]), np.log(errors), 1)[0]
    assert order == pytest.approx(4, abs=0.25)


def test_rows_know_nothing_of_each_other():
    rows = np.random.default_rng(0).uniform(-1, 1, (11, 20)) * DEVICE.locking_half_width
    together = simulate(DEVICE, rows, HOLD)
    for row, one in zip(rows, together, strict=True):
        np.testing.assert_array_equal(simulate(DEVICE, row[None], HOLD)[0], one)


def test_it_is_made_from_an_oscillator_at_a_current():
    vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    made = PhaseLockedOscillator.from_oscillator(vortex, 7e-3, force=3e5)
    assert made.rest_power == pytest.approx(vortex.stationary_power(7e-3))
    assert made.nonlinear_shift == pytest.approx(vortex.nonlinear_shift(7e-3))
    assert made.frequency == vortex.stationary_frequency(7e-3)
    with pytest.raises(ValueError, match="below the threshold"):
        PhaseLockedOscillator.from_oscillator(vortex, 3e-3, force=3e5)
    with pytest.raises(TypeError, match="MackeyGlassNode"):
        PhaseLockedOscillator.from_oscillator(
            MackeyGlassNode.from_preset("appeltant2011"), 1.0, 3e5
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"force": 0.0}, "force is 0.0"),
        ({"growth_rate": -1.0}, "growth_rate is -1.0"),
        ({"saturation_rate": math.nan}, "saturation_rate is nan"),
        ({"read": "power"}, "phase"),
    ],
)
def test_a_wrong_parameter_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(DEVICE, **change)


def test_a_source_that_is_too_far_away_is_refused():
    with pytest.raises(ValueError, match="half-widths of locking"):
        played(DEVICE, [0.0, 25.0], HOLD, "phase")


@pytest.mark.slow
@pytest.mark.parametrize("read", ["amplitude", "phase", "frequency"])
def test_sine_and_square_are_told_apart_by_each_of_the_three(read, tmp_path):
    bunch = datasets.make_sine_square(200, 0.0, random_state=0)
    model = ReservoirClassifier(
        dataclasses.replace(DEVICE, read=read),
        n_nodes=24,
        node_time=HOLD,
        drive_range=(-0.9, 0.9),
        pooling="last",
        random_state=0,
    )
    points = [bunch.data[: i + 1][-16:] for i in range(8, len(bunch.data))]
    model.fit(points[:800], bunch.target[8:808])
    save(model, tmp_path / "model.h5")
    again = load(tmp_path / "model.h5")
    score = again.score(points[800:], bunch.target[808:])
    assert score == model.score(points[800:], bunch.target[808:])
    assert score > 0.99
