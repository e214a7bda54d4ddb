"""The kernel of coupled oscillators against closed forms, other integrators, its own laws."""

import dataclasses

import numpy as np
import pytest
from scipy import sparse
from scipy.integrate import solve_ivp

from reservoir import (
    OscillatorNetwork,
    SimulationError,
    SpinTorqueOscillator,
    _core,
)
from reservoir.couplings import Links
from reservoir.networks import integration
from reservoir.networks.integration import Run, integrate
from reservoir.networks.rates import Oscillators, Tones

pytestmark = pytest.mark.kernel

VORTEX = SpinTorqueOscillator.from_preset("romera2018")
CURRENTS = np.array([1.6, 2.0, 2.5, 3.0]) * VORTEX.threshold_current
MATRIX = 1e6 * np.array(
    [[0, 3 + 1j, -2j, 1], [1 - 2j, 0, 2, 0], [4j, 1, 0, -3], [2, 0, 1 + 1j, 0]]
)
SOURCES = np.array([[345e6, 366e6]])
# Runs that add in another order, or fuse multiplications with additions (an instruction set),
# end 2e-14 apart after 200 steps; an oscillator at the edge of locking may amplify that.
ANOTHER_ORDER = 1e-11


def oscillators(currents, turn=0.0, diffusion=0.0, device=VORTEX):
    currents = np.asarray(currents, dtype=float)
    every = np.ones(len(currents))
    return Oscillators(
        growth=device.growth_rate(currents) / 2,
        saturation=device.saturation_rate(currents) / 2,
        power=device.stationary_power(currents),
        turn=turn * every,
        shift=2 * np.pi * device.nonlinear_frequency_shift * every,
        diffusion=diffusion * every,
    )


def links(n_oscillators, mean=0j):
    nothing = np.zeros(0, dtype=np.intp)
    return Links(mean, np.zeros(n_oscillators + 1, dtype=np.intp), nothing, nothing + 0j)


def network(n_oscillators=4, **parameters):
    """Several oscillators at different currents, coupled by complex numbers."""
    settings = {
        "currents": CURRENTS[:n_oscillators],
        "coupling": MATRIX[:n_oscillators, :n_oscillators],
        "injection": 1e7,
    }
    return OscillatorNetwork(n_oscillators=n_oscillators, **(settings | parameters))


def crowd(n_oscillators, **parameters):
    """Many oscillators within 20 MHz, and 40 inputs for them."""
    frequencies = np.linspace(340e6, 360e6, n_oscillators) if n_oscillators > 1 else [350e6]
    settings = {
        "frequencies": frequencies,
        "coupling": (2e6 + 1e6j) / n_oscillators,
        "injection": 1e7,
        "settling_time": 0.2e-6,
        "measuring_time": 0.6e-6,
        "random_state": 3,
    }
    inputs = np.random.default_rng(0).uniform(342e6, 358e6, (40, 2))
    return OscillatorNetwork(n_oscillators=n_oscillators, **(settings | parameters)), inputs


def differences(first, second):
    return max(
        np.abs(first.frequency / second.frequency - 1).max(),
        np.abs(first.power - second.power).max(),
        np.abs(first.coherence - second.coherence).max(),
    )


def identical(first, second, rows=slice(None)):
    return all(
        np.array_equal(getattr(first, name)[rows], getattr(second, name))
        for name in ("frequency", "power", "coherence", "locked")
    )


# ---------------------------------------------------------------------- the equation


@pytest.mark.parametrize("overdrive", [1.2, 1.5, 2.0, 3.0, 5.0])
@pytest.mark.parametrize("shift", [12e6, -30e6])
def test_an_oscillator_on_its_way_to_rest_follows_the_closed_form(overdrive, shift):
    """p and the phase, which is an integral of p, are exact for a held current."""
    device = dataclasses.replace(VORTEX, nonlinear_frequency_shift=shift)
    current = overdrive * device.threshold_current
    one = oscillators([current], turn=2 * np.pi * 3e6, device=device)
    start, step, n_steps = 0.5 * one.power, 1e-9, 600
    run = integrate(
        one,
        links(1),
        np.sqrt(start) + 0j,
        Tones(np.zeros((1, 0))),
        Run(step, 0, n_steps, steps_per_record=1),
    )
    a, b = device.growth_rate(current), device.saturation_rate(current)
    time = step * np.arange(1, n_steps + 1)
    growth = np.expm1(a * time)
    power = start * (growth + 1) / (1 + b / a * start * growth)
    integral = np.log1p(b / a * start * growth) / b
    phase = -one.turn * time - one.shift * (integral - one.power * time)
    # The error of 600 steps of fourth order at 5 thresholds, where rates are fastest.
    np.testing.assert_allclose(
        run.record[0, :, 0], np.sqrt(power) * np.exp(1j * phase), atol=2e-6
    )


@pytest.mark.parametrize("overdrive", [1.1, 1.5, 2.0, 3.0])
def test_rest_has_the_power_and_the_frequency_of_the_theory(overdrive):
    current = overdrive * VORTEX.threshold_current
    one = oscillators([current])
    settling = round(40 / one.growth[0] / 4e-9)
    run = integrate(
        one,
        links(1),
        np.array([0.1 + 0j]),
        Tones(np.zeros((1, 0))),
        Run(4e-9, settling, 1000),
    )
    # After 40 relaxation times e^-40 is left, and rounding.
    assert run.power[0, 0] == pytest.approx(VORTEX.stationary_power(current), rel=1e-9)
    assert abs(run.turn[0, 0]) < 2 * np.pi * 1.0  # Hz off f(p0, I), of 340 MHz


@pytest.mark.slow
def test_the_amplitudes_are_those_of_an_adaptive_integrator_in_the_laboratory():
    """Four oscillators, complex couplings, two sources, 1 us at steps of 1 ns: 1e-6."""
    half = VORTEX.growth_rate(CURRENTS) / 2, VORTEX.saturation_rate(CURRENTS) / 2
    power = VORTEX.stationary_power(CURRENTS)
    turn = network().natural_frequencies() - VORTEX.nonlinear_frequency_shift * power
    linear = MATRIX + np.diag(half[0] - 2j * np.pi * turn)
    cubic = half[1] + 2j * np.pi * VORTEX.nonlinear_frequency_shift
    force = 1e7 * VORTEX.stationary_amplitude(2 * VORTEX.threshold_current)
    tones = -2j * np.pi * SOURCES[0]

    def slope(t, c):
        return linear @ c - cubic * (c * c.conj()) * c + force * np.exp(tones * t).sum()

    start = np.sqrt(power) * np.exp(2j * np.pi * 0.381966 * np.arange(4))
    laboratory = solve_ivp(
        slope, (0, 1e-6), start, method="DOP853", rtol=1e-10, atol=1e-11
    ).y[:, -1]
    time, amplitude, reference = network(step=1e-9).simulate(SOURCES, duration=1e-6)
    ours = amplitude[0, -1] * np.exp(-2j * np.pi * reference * time[-1])
    np.testing.assert_allclose(ours, laboratory, atol=1e-6 * np.abs(laboratory).max())


def test_the_step_is_of_fourth_order():
    def end(step):
        return network(step=step).simulate(SOURCES, duration=0.8e-6)[1][0, -1]

    exact = end(0.05e-9)
    errors = [np.linalg.norm(end(step) - exact) for step in (1e-9, 0.5e-9, 0.25e-9)]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert (orders > 3.9).all() and (orders < 4.1).all()


class Path:
    """Stands in for a generator: the increments of one given Brownian path."""

    def __init__(self, increments):
        self.increments, self.now = increments, 0

    def standard_normal(self, shape, dtype):
        self.now += shape[0]
        return self.increments[self.now - shape[0] : self.now].astype(dtype)


@pytest.mark.slow
def test_the_noisy_step_is_of_weak_order_two():
    """Means over the same 4096 Brownian paths, taken with steps of 8, 4, 2 and 1 ns."""
    pair = oscillators([4e-3, 4e-3], turn=2 * np.pi * np.array([6e6, -6e6]), diffusion=4e5)
    fine, n_steps, n_paths = 1e-9, 320, 4096
    normal = np.random.default_rng(0).standard_normal((n_paths, n_steps, 2, 2))
    path = normal[:, :, 0] + 1j * normal[:, :, 1]
    tones = 2 * np.pi * np.tile([5e6, -4e6], (n_paths, 1))

    def end(m):
        # Increments that are joined turn with the oscillator until the end of the step.
        turns = np.exp(-1j * pair.turn * fine * np.arange(m - 1, -1, -1)[:, None])
        joined = (path.reshape(n_paths, n_steps // m, m, 2) * turns).sum(axis=2) / np.sqrt(m)
        joined = np.stack([joined.real, joined.imag], axis=2)
        return integrate(
            pair,
            links(2, 2e6 + 1e6j),
            np.array([0.5, 0.5j]),
            Tones(tones, 5e6),
            Run(fine * m, 0, n_steps // m, overlap=False),
            streams=[Path(row) for row in joined],
        ).amplitude

    means = []
    for m in (8, 4, 2, 1):
        c = end(m)
        means.append([(np.abs(c[:, 0]) ** 2).mean(), c[:, 0].real.mean()])
    steps = np.abs(np.diff(means, axis=0))
    orders = np.log2(steps[:-1] / steps[1:])
    assert (orders > 1.7).all() and (orders < 2.6).all()


def test_the_advice_knows_which_oscillator_is_coupled_most():
    matrix = sparse.csr_array(np.diag([1.0, 2.0, 0.0], k=1) + np.diag([0.0, 5.0, 1j], k=-1))
    listed = Links(0.5j, matrix.indptr.astype(np.intp), matrix.indices, matrix.data)
    np.testing.assert_allclose(listed.weights(), [2.5, 3.5, 6.5, 2.5])


def test_free_noise_moves_an_amplitude_as_far_as_its_diffusion_says():
    """Without any rate, c makes a random walk: <|c(t) - c(0)|^2> = 2 D t."""
    still = np.zeros(1)
    walker = Oscillators(still, still, still, still + 1e6, still, still + 3e5)
    streams = [np.random.default_rng(seed) for seed in range(4096)]
    run = integrate(
        walker,
        links(1),
        still + 0j,
        Tones(np.zeros((4096, 0))),
        Run(4e-9, 0, 100),
        streams=streams,
    )
    walked = (np.abs(run.amplitude) ** 2).mean()
    assert walked == pytest.approx(2 * 3e5 * 400e-9, rel=0.06)  # four standard errors


# ---------------------------------------------------------------------- what is measured


@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-9), ("float32", 1e-4)])
def test_means_are_those_of_the_recorded_amplitudes(dtype, tolerance):
    settings = {"settling_time": 0.0, "measuring_time": 40e-6, "dtype": dtype}
    response = network(**settings).measure(SOURCES)
    time, amplitude, reference = network(**settings).simulate(SOURCES, duration=40e-6)
    # Power, frequency and coherence are compared with sums over 10^4 steps in numpy: a run's
    # rounding (1e-9 leaves room in double precision, 1e-4 is that of single precision), and
    # for frequencies and coherences that rounding grows with the phase.
    np.testing.assert_allclose(
        response.power[0], (np.abs(amplitude[0]) ** 2).mean(axis=0), rtol=tolerance
    )
    start = np.exp(2j * np.pi * 0.381966 * np.arange(4))
    phase = np.unwrap(np.angle(np.vstack([start, amplitude[0]])), axis=0)
    frequency = reference - (phase[-1] - phase[0]) / (2 * np.pi * time[-1])
    np.testing.assert_allclose(response.frequency[0], frequency, atol=300 * tolerance / 1e-4)
    tone = np.exp(-2j * np.pi * (SOURCES[0] - reference) * time[1::2, None])
    overlap = (amplitude[0, 1::2, :, None] * tone.conj()[:, None]).mean(axis=0)
    coherence = np.abs(overlap) / np.sqrt(response.power[0])[:, None]
    np.testing.assert_allclose(response.coherence[0], coherence, atol=1e2 * tolerance)


def test_a_beat_of_whatever_frequency_is_no_coherence():
    """Compared every fourth step of 4 ns, a beat of 62.5 MHz would seem to stand still."""
    pair = OscillatorNetwork(n_oscillators=2, frequencies=[320e6, 382.5e6], injection=5e6)
    response = pair.measure(320e6 + np.array([[0.0, 62.0e6], [0.0, 62.5e6], [0.0, 63.0e6]]))
    np.testing.assert_array_equal(response.locked, [[0, 1], [0, 1], [0, 1]])
    assert response.coherence[:, 0, 1].max() < 0.1 and response.coherence[:, 1, 0].max() < 0.1


def test_single_precision_adds_up_long_measurements():
    long = network(measuring_time=2e-3, injection=0.0, coupling=0.0)
    exact, single = long.measure(), long.set_params(dtype="float32").measure()
    # Sums of 5e5 powers in single precision alone would be off by 1e-3.
    np.testing.assert_allclose(single.power, exact.power, rtol=1e-4)


# ---------------------------------------------------------------------- laws


@pytest.mark.slow
@pytest.mark.parametrize("n_oscillators", [2, 31, 33, 70])
def test_a_mean_field_is_the_dense_and_the_sparse_matrix_of_the_same_number(n_oscillators):
    mean, inputs = crowd(n_oscillators)
    matrix = np.full((n_oscillators, n_oscillators), mean.coupling)
    np.fill_diagonal(matrix, 0)
    response = mean.measure(inputs)
    dense = mean.set_params(coupling=matrix).measure(inputs)
    assert differences(response, dense) < ANOTHER_ORDER
    response = mean.set_params(coupling=sparse.coo_array(matrix)).measure(inputs)
    assert identical(response, dense)


@pytest.mark.parametrize("n_oscillators", [1, 4, 32, 33])
@pytest.mark.parametrize("linewidth", [0.0, 1e5])
@pytest.mark.parametrize("listed", [False, True])
def test_lanes_of_inputs_and_lanes_of_oscillators_agree(
    monkeypatch, n_oscillators, linewidth, listed
):
    many, inputs = crowd(n_oscillators, linewidth=linewidth)
    if listed:
        matrix = np.full((n_oscillators, n_oscillators), many.coupling)
        many.set_params(coupling=matrix - np.diag(np.diag(matrix)))
    monkeypatch.setattr(integration, "MIN_OSCILLATORS_ACROSS", 1)
    across = many.measure(inputs)
    monkeypatch.setattr(integration, "MIN_OSCILLATORS_ACROSS", 1000)
    assert differences(across, many.measure(inputs)) < ANOTHER_ORDER


@pytest.mark.slow
@pytest.mark.parametrize("n_oscillators", [3, 40])
@pytest.mark.parametrize("linewidth", [0.0, 1e5])
def test_an_answer_knows_neither_neighbours_nor_order_nor_threads(n_oscillators, linewidth):
    many, inputs = crowd(n_oscillators, linewidth=linewidth)
    inputs = np.tile(inputs, (30, 1))[:1100]  # more than one call of the kernel
    together = many.measure(inputs)
    order = np.random.default_rng(1).permutation(len(inputs))
    assert identical(together, many.measure(inputs[order]), order)
    assert identical(together, many.measure(inputs[7:8]), slice(7, 8))
    assert identical(together, many.set_params(n_jobs=2).measure(inputs))
    again = many.set_params(random_state=4).measure(inputs[:40])
    assert identical(together, again, slice(40)) == (linewidth == 0)


def test_single_precision_stays_close_and_locks_alike_away_from_the_boundaries():
    grid = np.linspace(335e6, 377e6, 85)
    double = OscillatorNetwork(coupling=2e6, injection=1e7)
    exact = double.synchronization_map(grid, grid)
    differ = exact != double.set_params(dtype="float32").synchronization_map(grid, grid)
    inside = np.ones(grid.shape * 2, dtype=bool)
    for axis in (0, 1):
        for shift in (-1, 1):
            inside &= (np.roll(exact, shift, axis) == exact).all(axis=2)
    assert differ.any(axis=2).mean() < 0.01
    assert not differ[inside].any() and inside.mean() > 0.5


@pytest.mark.parametrize("name", _core.available_instruction_sets())
@pytest.mark.parametrize("n_oscillators", [3, 40])
def test_every_instruction_set_agrees(monkeypatch, name, n_oscillators):
    many, inputs = crowd(n_oscillators)
    expected = many.measure(inputs)
    monkeypatch.setattr(integration, "kernel", _core.load_kernel("coupling", name))
    assert differences(expected, many.measure(inputs)) < ANOTHER_ORDER


# ---------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    "parameters, message",
    [
        (
            {"coupling": 2e8},
            "oscillator 0 at power 0.25 changes at 6e.08.*weaken the coupling",
        ),
        (
            {"coupling": 4e8j * np.tri(4, k=-1)},
            "oscillator 3 at power 0.25 changes at 1.2e.09.*weaken the coupling",
        ),
        ({"injection": 3e8}, "at power 2.* changes.*weaken the sources"),
        ({"injection": 1e9}, "oscillator 0 under input 0 is no longer finite after 0.016 us"),
        ({"linewidth": 1e9}, "no longer finite after .* us.*narrow the linewidth"),
        (
            {"bias": 50.0, "injection": 0.0},
            "at power 0.94 changes at 9.8e.08 1/s.* s would do\\.$",
        ),
        ({"oscillator": "uniform", "frequencies": [350e6] * 4}, "changes at 2e.09"),
    ],
)
def test_a_step_too_coarse_is_refused_and_the_advised_one_does(parameters, message):
    X = None if parameters.get("injection") == 0 else [[341e6, 362e6]]
    with pytest.raises(SimulationError, match=message) as caught:
        OscillatorNetwork(**parameters).measure(X)
    assert "a step of 4e-09 s is too coarse" in str(caught.value)
    step = float(str(caught.value).split("too coarse; ")[1].split(" s would do")[0])
    short = {"settling_time": 0.4e-6, "measuring_time": 0.4e-6, "random_state": 0}
    powers = [
        OscillatorNetwork(step=step / finer, **parameters, **short).measure(X).power
        for finer in (1, 4)
    ]
    if "linewidth" not in parameters:
        # The advised step follows the rates; a quarter of it changes what order four leaves.
        np.testing.assert_allclose(*powers, rtol=1e-3)


@pytest.mark.parametrize("n_oscillators", [2, 40])
def test_the_run_that_diverges_is_named(n_oscillators):
    """A strong kick hits oscillator 1 under input 35 in step 70, or soon after 0.28 us."""
    many = oscillators(np.full(n_oscillators, 4e-3), diffusion=1e3)
    kicks = np.zeros((128, 2, n_oscillators))
    kicked = kicks.copy()
    kicked[70, 0, 1] = 1e6
    streams = [Path(kicked if row == 35 else kicks) for row in range(40)]
    message = "oscillator 1 under input 35 is no longer finite after 0.29"
    with pytest.raises(SimulationError, match=message):
        integrate(
            many,
            links(n_oscillators),
            np.full(n_oscillators, 0.5 + 0j),
            Tones(np.zeros((40, 0))),
            Run(4e-9, 64, 64),
            streams=streams,
        )
