"""A source at twice the frequency: closed forms, another integrator, orders, its absence."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from reservoir import OscillatorNetwork, SimulationError, SpinTorqueOscillator
from reservoir.networks import integration

pytestmark = pytest.mark.kernel

VORTEX = SpinTorqueOscillator.from_preset("romera2018")
BIAS = 2 * VORTEX.threshold_current
MATRIX = 1e6 * np.array([[0, 3 + 1j, -2j], [1 - 2j, 0, 2], [4j, 1, 0]])
SOURCES = np.array([[345e6, 366e6]])


def pumped(n_oscillators=1, **parameters):
    return OscillatorNetwork(n_oscillators=n_oscillators, **({"pumping": 1e6} | parameters))


def three(**parameters):
    """Three oscillators under two sources and a pump that is off twice their frequency."""
    settings = {"coupling": MATRIX, "injection": 1e7, "pumping": 8e6}
    settings["pumping_frequency"] = 2 * 357.3e6
    return pumped(3, **(settings | parameters))


def stretched(shift):
    """The vortex with another nonlinear frequency shift, at the same frequency at rest."""
    power = VORTEX.stationary_power(BIAS)
    moved = power * (VORTEX.nonlinear_frequency_shift - shift)
    parameters = vars(VORTEX) | {"nonlinear_frequency_shift": shift}
    parameters["frequency"] = VORTEX.frequency + moved
    return SpinTorqueOscillator(**parameters)


def locked_state(device, pumping, part):
    """One of the two amplitudes at rest, with this part of the largest detuning."""
    slope = device.nonlinear_shift(BIAS)
    doubled = -np.arcsin(part) - np.arctan(slope)
    gain = device.growth_rate(BIAS) + 2 * pumping * np.cos(doubled)
    return np.array([[np.sqrt(gain / device.saturation_rate(BIAS)) * np.exp(0.5j * doubled)]])


@pytest.mark.parametrize("shift", [0.0, 12e6, -30e6])
def test_a_weak_pump_locks_an_oscillator_within_its_closed_form(shift):
    """sqrt(1 + nu^2) V / 2 pi off the frequency at rest, at both edges, and no farther."""
    device = stretched(shift)
    one = pumped(oscillator=device, pumping=3e5)
    rest, width = one.natural_frequencies()[0], one.pumping_half_width()
    slope = device.nonlinear_shift(BIAS)
    assert width == pytest.approx(np.sqrt(1 + slope**2) * 3e5 / (2 * np.pi))
    one.set_params(settling_time=20 / width, measuring_time=5 / width)
    for edge in (-1, 1):
        for part, locked in ((0.98, True), (1.02, False)):
            half = rest + edge * part * width
            found = one.set_params(pumping_frequency=2 * half).measure().frequency[0, 0]
            assert (abs(found - half) < 1e-3 * width) == locked


@pytest.mark.parametrize("shift", [0.0, 12e6, -30e6])
@pytest.mark.parametrize("edge", [-1, 1])
def test_a_strong_pump_holds_a_locked_oscillator_up_to_the_same_closed_form(shift, edge):
    """From rest it may slip before: near the edge a strong pump leaves it both ways."""
    device = stretched(shift)
    one = pumped(oscillator=device, pumping=3e6)
    rest, width = one.natural_frequencies()[0], one.pumping_half_width()
    for part, held in ((0.995, True), (1.005, False)):
        start = locked_state(device, 3e6, edge * min(part, 1.0))
        one.set_params(pumping_frequency=2 * (rest - edge * part * width))
        time, amplitude, reference = one.simulate(duration=20 / width, start=start)
        half = one.pumping_frequency / 2 - reference
        turned = amplitude[0, :, 0] * np.exp(2j * np.pi * half * time)
        moved = np.abs(np.unwrap(np.angle(turned / start))).max()
        assert moved < 1e-3 if held else moved > np.pi


@pytest.mark.parametrize("part", [-0.8, 0.0, 0.5])
def test_the_two_phases_and_the_power_are_those_of_the_closed_form(part):
    one = pumped(pumping=2e6)
    rest, width = one.natural_frequencies()[0], one.pumping_half_width()
    one.set_params(pumping_frequency=2 * (rest - part * width))
    start = 0.5 * np.exp(2j * np.pi * np.arange(16)[:, None] / 16)
    time, amplitude, reference = one.simulate(
        start=start, duration=10e-6, steps_per_record=2500
    )
    half = one.pumping_frequency / 2 - reference
    end = amplitude[:, -1, 0] * np.exp(2j * np.pi * half * time[-1])
    relative = end / locked_state(VORTEX, 2e6, part)[0, 0]
    np.testing.assert_allclose(relative**2, 1, atol=1e-6)
    assert 4 <= (relative.real > 0).sum() <= 12  # both are reached


@pytest.mark.slow
def test_the_amplitudes_are_those_of_an_adaptive_integrator_in_the_laboratory():
    network = three(step=1e-9)
    power = VORTEX.stationary_power(BIAS)
    shift = VORTEX.nonlinear_frequency_shift
    turn = network.natural_frequencies() - shift * power
    linear = MATRIX + np.diag(VORTEX.growth_rate(BIAS) / 2 - 2j * np.pi * turn)
    cubic = VORTEX.saturation_rate(BIAS) / 2 + 2j * np.pi * shift
    force = 1e7 * np.sqrt(power)
    tones = -2j * np.pi * SOURCES[0]

    def slope(t, c):
        pump = 8e6 * np.exp(-2j * np.pi * network.pumping_frequency * t)
        drive = force * np.exp(tones * t).sum()
        return linear @ c - cubic * (c * c.conj()) * c + drive + pump * c.conj()

    start = np.array([0.5, 0.4j, -0.3 + 0.2j])
    laboratory = solve_ivp(
        slope, (0, 0.4e-6), start, method="DOP853", rtol=1e-10, atol=1e-11
    ).y[:, -1]
    time, amplitude, reference = network.simulate(SOURCES, duration=0.4e-6, start=start[None])
    ours = amplitude[0, -1] * np.exp(-2j * np.pi * reference * time[-1])
    np.testing.assert_allclose(ours, laboratory, atol=1e-6 * np.abs(laboratory).max())


def test_the_step_keeps_its_fourth_order():
    def end(step):
        return three(step=step).simulate(SOURCES, duration=0.8e-6)[1][0, -1]

    exact = end(0.05e-9)
    errors = [np.linalg.norm(end(step) - exact) for step in (1e-9, 0.5e-9, 0.25e-9)]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert (orders > 3.9).all() and (orders < 4.1).all()


def test_the_noisy_step_follows_the_pump_to_second_order():
    """With hardly any noise the two-stage step is Heun's, whose order is two."""

    def end(step):
        network = three(step=step, linewidth=1e-20, random_state=0)
        return network.simulate(SOURCES, duration=0.8e-6)[1][0, -1]

    exact = three(step=0.05e-9).simulate(SOURCES, duration=0.8e-6)[1][0, -1]
    errors = [np.linalg.norm(end(step) - exact) for step in (1e-9, 0.5e-9, 0.25e-9)]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert (orders > 1.9).all() and (orders < 2.1).all()


@pytest.mark.parametrize("coupling", [MATRIX, 2e6])
@pytest.mark.parametrize("linewidth", [0.0, 1e5])
def test_a_vanishing_pump_is_no_pump(coupling, linewidth):
    """Off, the kernel skips it; a pump of 1e-300 1/s goes through it and changes no bit."""
    settings = {"coupling": coupling, "linewidth": linewidth, "random_state": 0}
    off, faint = (three(pumping=rate, **settings).measure(SOURCES) for rate in (0.0, 1e-300))
    for name in ("frequency", "power", "coherence", "locked"):
        np.testing.assert_array_equal(getattr(off, name), getattr(faint, name))


@pytest.mark.parametrize("linewidth", [0.0, 1e5])
def test_lanes_of_inputs_and_lanes_of_oscillators_feel_the_same_pump(monkeypatch, linewidth):
    network = three(linewidth=linewidth, random_state=1)
    start = np.exp(2j * np.pi * np.random.default_rng(0).random((20, 3)))
    ends = []
    for least in (1, 1000):
        monkeypatch.setattr(integration, "MIN_OSCILLATORS_ACROSS", least)
        ends.append(network.simulate(start=start, duration=1e-6)[1][:, -1])
    np.testing.assert_allclose(*ends, atol=1e-11)


def test_a_run_in_two_parts_is_the_run_in_one():
    """The pump at twice the reference has one phase at all times, so amplitudes suffice."""
    whole = pumped(2, coupling=2e6, pumping=4e6)
    parts = whole.simulate(duration=0.4e-6)[1]
    parts = whole.simulate(duration=0.6e-6, start=parts[:, -1])[1]
    np.testing.assert_allclose(parts, whole.simulate(duration=1e-6)[1][:, 100:], atol=1e-12)


def test_a_failure_is_found_again_at_its_step():
    """The pump goes back with the amplitudes when the failing portion is followed again."""
    wild = three(step=1.1e-8, pumping=6e7, injection=3e8, coupling=0.0)
    with pytest.raises(SimulationError, match="step of 1.1e-08 s is too coarse"):
        wild.simulate(SOURCES, duration=40e-6)


def test_a_pump_that_is_too_strong_for_the_step_is_refused_with_a_step_that_would_do():
    with pytest.raises(SimulationError, match=r"2\.4e-10 s would do, or weaken the pumping"):
        pumped(pumping=2.6e8, step=4e-9).measure()


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"pumping": -1.0}, "pumping is -1.0; it must be .* rate in 1/s"),
        ({"pumping_frequency": 0.0}, "pumping_frequency is 0.0"),
        ({"pumping_frequency": 356e6}, "lock to half of it, .* stay within 6"),
    ],
)
def test_a_pump_that_cannot_be_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        pumped(**parameters).measure()


@pytest.mark.parametrize(
    "start, message",
    [
        ([[1.0, 2.0]], r"start has shape \(1, 2\); it must hold 3 amplitudes"),
        ([[1.0, 2.0, np.nan]], "start holds NaN"),
        (np.ones((2, 3)), "start has 2 rows and X has 1"),
        ("rest", "start is 'rest'"),
    ],
)
def test_amplitudes_to_start_from_that_cannot_be_are_refused(start, message):
    with pytest.raises(ValueError, match=message):
        three().simulate(SOURCES, duration=1e-7, start=start)
