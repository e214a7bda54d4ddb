"""Nodes with a delay line against their fixed points, a linear filter and an integrator."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.signal import lfilter

from reservoir import (
    ReservoirRegressor,
    SimulationError,
    TimeMultiplexedReservoir,
    load,
    save,
    simulate,
)
from reservoir.devices import MackeyGlassNode, OptoelectronicNode
from reservoir.experiments import control

pytestmark = pytest.mark.kernel

GLASS = MackeyGlassNode(strength=0.9, exponent=7.0, delay=3.0, response_time=1.5)
LIGHT = OptoelectronicNode(strength=0.8, phase=0.3, delay=3.0, response_time=1.5)
FUNCTIONS = {
    GLASS: lambda y: y / (1 + abs(y) ** 7),
    LIGHT: lambda y: math.sin(y + 0.3) ** 2,
}


def drive(n_rows=2, n_steps=60, size=0.8, seed=0):
    return np.random.default_rng(seed).uniform(-size, size, (n_rows, n_steps))


@pytest.mark.parametrize("node", FUNCTIONS, ids=lambda node: type(node).__name__)
def test_the_step_solves_the_equation_with_what_the_line_holds(node):
    inputs, hold, delay = drive(1), 0.25, 12
    found = simulate(node, inputs, hold)[0]
    line, x = [0.0] * delay, 0.0
    for k, value in enumerate(inputs[0]):
        target = node.strength * FUNCTIONS[node](line[k] + value)
        end = solve_ivp(
            lambda _, x, target=target: (target - x) / 1.5,
            (0, hold),
            [x],
            rtol=1e-10,
            atol=1e-12,
        )
        x = end.y[0, -1]
        line.append(x)
        # The integrator keeps 1e-10 a hold, and the line feeds its errors back; x may be 0.
        assert found[k] == pytest.approx(x, abs=1e-9)


@pytest.mark.parametrize("exponent", [1.0, 2.5, 7.0])
def test_under_a_constant_input_the_node_rests_at_its_fixed_point(exponent):
    node = dataclasses.replace(GLASS, exponent=exponent, strength=0.6)
    x = simulate(node, np.full(3000, 0.4), 0.25)[-1]
    y = x + 0.4
    # Roundings of a number below 1, and the loop multiplies them by less than ten.
    assert x == pytest.approx(0.6 * y / (1 + y**exponent), abs=1e-12)


def test_a_weakly_driven_node_is_a_linear_filter():
    inputs, hold, decay = drive(1, 200, 1e-4), 0.25, math.exp(-0.25 / 1.5)
    gain = 0.9 * (1 - decay)
    denominator = np.r_[1.0, -decay, np.zeros(10), -gain]
    expected = lfilter([gain], denominator, inputs[0])
    # Answers up to 1e-4; what is not linear is their seventh power.
    assert simulate(GLASS, inputs, hold)[0] == pytest.approx(expected, abs=1e-12)


def test_whole_exponents_are_no_other_than_their_neighbours():
    inputs = drive()
    whole = simulate(GLASS, inputs, 0.25)
    near = simulate(dataclasses.replace(GLASS, exponent=7.0 + 1e-9), inputs, 0.25)
    # The exponents differ by 1e-9; the loop multiplies that by less than a hundred.
    assert near == pytest.approx(whole, abs=1e-7)


def test_memory_fades_below_a_strength_of_one_and_not_above():
    pulse = np.zeros(4000)
    pulse[0] = 1e-3
    fading, growing = (
        simulate(MackeyGlassNode(strength, 7.0, 3.0), pulse, 0.25) for strength in (0.9, 1.1)
    )
    assert abs(fading[-1]) < 1e-9 < 0.1 < abs(growing[-1])


def test_the_default_node_time_connects_neighbours():
    assert GLASS.holds_of_delay(GLASS.default_node_time(20)) == 21
    assert MackeyGlassNode.from_preset("appeltant2011").holds_of_delay(0.2) == 400


def test_a_delay_that_is_no_whole_number_of_holds_is_named_with_its_cure():
    with pytest.raises(ValueError, match=r"4.28571 holds .* Set node_time to 0.75 s for 4"):
        simulate(GLASS, drive(), 0.7)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MackeyGlassNode(exponent=0.0), "exponent"),
        (lambda: MackeyGlassNode(delay=-1.0), "delay"),
        (lambda: OptoelectronicNode(response_time=0.0), "response_time"),
        (lambda: OptoelectronicNode(phase=math.nan), "phase"),
    ],
)
def test_what_cannot_be_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_inputs_and_answers_that_are_not_finite_are_named():
    inputs = drive()
    inputs[1, 3] = np.nan
    with pytest.raises(SimulationError, match="nan at step 3 of row 1"):
        simulate(GLASS, inputs, 0.25)
    with pytest.raises(SimulationError, match="respond of MackeyGlassNode returned inf"):
        simulate(dataclasses.replace(GLASS, strength=1e308, exponent=0.1), drive(), 0.25)
    with pytest.raises(ValueError, match="initial_power"):
        simulate(GLASS, drive(), 0.25, initial_power=0.5)


@pytest.mark.parametrize("name", ["appeltant2011", "paquot2012"])
def test_a_node_takes_the_place_of_any_oscillator(name, tmp_path):
    u = np.random.default_rng(0).uniform(-1, 1, (800, 1))
    y = np.r_[0, u[:-1, 0]]  # a step of memory
    model = ReservoirRegressor(
        name, n_nodes=50, drive_range=(-0.3, 0.3), washout=50, random_state=0
    ).fit(u[:600], y[:600])
    assert model.score(u[600:], y[600:]) > 0.9
    save(model, tmp_path / "model.h5")
    assert (load(tmp_path / "model.h5").predict(u) == model.predict(u)).all()
    halves = [u[:300], u[300:700]]
    apart = [model.predict([half])[0] for half in halves]
    for together, alone in zip(model.predict(halves), apart, strict=True):
        assert (together == alone).all()


def test_a_node_has_its_own_feedback_and_no_neighbours():
    u = np.random.default_rng(0).normal(size=(50, 1))
    for change in ({"feedback_gain": 0.1}, {"n_oscillators": 2}):
        model = ReservoirRegressor(GLASS, n_nodes=11, drive_range=(-1, 1), **change)
        with pytest.raises(ValueError, match="runs its own kernel"):
            model.fit(u, u[:, 0])


def test_the_control_of_a_node_reads_its_drive():
    node = TimeMultiplexedReservoir("appeltant2011", n_nodes=5, drive_range=(-0.5, 0.5))
    X = [np.linspace(-1, 1, 20)[:, None]]
    states = control(node).fit(X).transform(X)[0]
    assert abs(np.corrcoef(states[:, 0], X[0][:, 0])[0, 1]) > 0.999
