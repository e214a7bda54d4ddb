"""Which oscillators are locked: Adler's theory, direct integration, and no source at all."""

import re

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from reservoir import OscillatorNetwork, SpinTorqueOscillator

VORTEX = SpinTorqueOscillator.from_preset("romera2018")
BIAS = 2 * VORTEX.threshold_current
OWN = float(VORTEX.stationary_frequency(BIAS))
NU = float(VORTEX.nonlinear_shift(BIAS))
STRONG = 2e7  # injection in 1/s, twice the rate at which the amplitude relaxes


def turns_by_direct_integration(frequencies, sources, injection, coupling, duration=10e-6):
    """Turns of every phase relative to the one source of every row, after as much settling.

    `frequencies` has shape (n_rows, n_oscillators), the others (n_rows,). The equation is
    written out again, in the frame of each row's source, and left to an adaptive method.
    """
    growth, saturation = VORTEX.growth_rate(BIAS), VORTEX.saturation_rate(BIAS)
    rest = growth / saturation
    shift = 2 * np.pi * VORTEX.nonlinear_frequency_shift
    apart = 2 * np.pi * (frequencies - sources[:, None])
    force = (injection * np.sqrt(rest))[:, None]

    def change(time, state):
        c = state.reshape(apart.shape)
        power = np.abs(c) ** 2
        others = coupling[:, None] * (c.sum(axis=1, keepdims=True) - c)
        rate = (growth - saturation * power) / 2 - 1j * (apart + shift * (power - rest))
        return (rate * c + force + others).ravel()

    start = np.sqrt(rest) * np.exp(2j * np.pi * 0.381966 * np.arange(apart.shape[1]))
    times = np.linspace(duration, 2 * duration, 4001)
    run = solve_ivp(
        change,
        (0, 2 * duration),
        np.tile(start, len(apart)),
        "DOP853",
        times,
        rtol=1e-8,
        atol=1e-8,
    )
    angles = np.angle(run.y[:, 1:] / run.y[:, :-1]).sum(axis=1)
    return np.abs(angles.reshape(apart.shape)) / (2 * np.pi)


# ---------------------------------------------------------------------- the definition


def test_without_injection_nobody_is_locked_to_a_source_at_its_very_frequency():
    for coupling in (0.0, 3e6):
        network = OscillatorNetwork(injection=0.0, coupling=coupling)
        network.set_params(frequencies=[350e6] * 4)
        assert (network.measure([[350e6, 351e6]]).locked == -1).all()


@pytest.mark.parametrize("injection", [2e5, 5e5])
def test_a_weak_source_locks_what_is_within_its_half_width_in_the_times_that_none_stands_for(
    injection,
):
    network = OscillatorNetwork(n_oscillators=1, injection=injection)
    width = network.locking_half_width()
    # The edges of such sources are within 3 % of those of Adler's theory.
    detuning = np.array([-1.3, -1.05, -0.95, -0.3, 0.0, 0.6, 0.95, 1.05, 1.5])
    locked = network.measure((OWN + width * detuning)[:, None]).locked[:, 0] == 0
    np.testing.assert_array_equal(locked, np.abs(detuning) < 1)


@pytest.mark.parametrize("measuring_time", [4e-9, 1e-7, 3e-6, 2e-5])
def test_in_no_time_is_an_oscillator_locked_that_drifts_faster_than_a_tenth_of_the_pull(
    measuring_time,
):
    """At 1.2 half-widths the phase never drifts slower than a fifth of the pull."""
    network = OscillatorNetwork(
        n_oscillators=1, injection=2e5, settling_time=0.0, measuring_time=measuring_time
    )
    width = network.locking_half_width()
    sources = OWN + width * np.array([-40, -3.0, -1.2, 1.2, 2.0, 7.0])
    assert (network.measure(sources[:, None]).locked == -1).all()


@pytest.mark.slow
def test_lock_states_are_those_of_a_direct_integration():
    """Ten draws; studies/lock_states.py takes two hundred, with weak sources and with two."""
    generator = np.random.default_rng(1)
    injection = 10 ** generator.uniform(7, 7.6, 10)
    width = np.hypot(1, NU) * injection / (2 * np.pi)
    frequencies = OWN + width[:, None] * (1.4 * np.arange(3) + generator.normal(0, 0.3, 3))
    sources = OWN + width * generator.uniform(-1.5, 4, 10)
    coupling = generator.uniform(0.0, 0.4, 10) * injection * (np.arange(10) % 2)
    coupling = coupling * np.exp(2j * np.pi * generator.random(10))
    moved = [sources + move * width for move in (0.0, -0.04, 0.04)]  # 2 % of a band
    turns = turns_by_direct_integration(
        np.tile(frequencies, (3, 1)),
        np.concatenate(moved),
        np.tile(injection, 3),
        np.tile(coupling, 3),
    )
    states = (turns < 2).reshape(3, 10, 3)
    far = (states == states[0]).all(axis=(0, 2))
    found = np.array(
        [
            OscillatorNetwork(
                n_oscillators=3, frequencies=own, injection=strength, coupling=complex(k)
            )
            .measure([[source]])
            .locked[0]
            == 0
            for own, source, strength, k in zip(
                frequencies, sources, injection, coupling, strict=True
            )
        ]
    )
    assert far.sum() >= 8 and 0.2 < found[far].mean() < 0.8
    np.testing.assert_array_equal(found[far], states[0][far])


def test_what_is_not_coupled_is_not_locked_to_each_other_even_at_one_frequency():
    coupling = np.zeros((3, 3))
    coupling[0, 1] = coupling[1, 0] = 8e6
    network = OscillatorNetwork(n_oscillators=3, frequencies=[350e6] * 3, coupling=coupling)
    groups, _ = network.mutual_synchronization()
    assert groups[0] == groups[1] != groups[2]
    assert sorted(network.set_params(coupling=0.0).mutual_synchronization()[0]) == [0, 1, 2]


def test_times_follow_the_pull_unless_they_are_given():
    assert OscillatorNetwork().times() == (1.5e-6, 3e-6)
    weak = OscillatorNetwork(injection=1e5, coupling=1e5)
    pull = np.hypot(1, NU) * 1e5
    assert weak.times() == pytest.approx((30 / pull, 60 / pull))
    # Two oscillators with a real coupling: half the difference of phases feels it twice.
    assert weak.times(with_sources=False) == pytest.approx((30 / 2e5, 60 / 2e5))
    assert OscillatorNetwork(injection=1.0).times() == (0.5e-3, 1e-3)
    given = weak.set_params(settling_time=1e-6, measuring_time=2e-6)
    assert given.times() == given.times(with_sources=False) == (1e-6, 2e-6)


def test_a_tolerance_is_said_to_have_no_effect():
    with pytest.warns(FutureWarning, match="tolerance is 1000.0, which has no effect"):
        found = OscillatorNetwork(tolerance=1e3).measure([[341e6, 362e6]]).locked
    np.testing.assert_array_equal(found, OscillatorNetwork().measure([[341e6, 362e6]]).locked)


# ---------------------------------------------------------------------- the measured range


@pytest.mark.slow
def test_a_strong_source_locks_within_the_measured_range_and_not_within_the_formula():
    network = OscillatorNetwork(injection=STRONG)
    lower, upper = network.locking_range()
    width = network.locking_half_width()
    assert -width < lower < -0.9 * width and 0.6 * width < upper < 0.8 * width
    detuning = np.array([lower - 0.02 * width, lower + 0.02 * width])
    detuning = np.append(detuning, [upper - 0.02 * width, upper + 0.02 * width])
    turns = turns_by_direct_integration(
        np.full((4, 1), OWN), OWN + detuning, np.full(4, STRONG), np.zeros(4)
    )
    assert (turns[:, 0] < 1).tolist() == [False, True, True, False]
    assert (turns[[0, 3], 0] > 10).all()


def test_the_measured_range_of_a_weak_source_is_that_of_the_formula():
    """The mean of both edges; each is off by the first order of the injection."""
    network = OscillatorNetwork(injection=5e5)
    lower, upper = network.locking_range()
    width = network.locking_half_width()
    assert (upper - lower) / 2 == pytest.approx(width, rel=0.005)
    assert lower == pytest.approx(-width, rel=0.03) and upper == pytest.approx(
        width, rel=0.03
    )
    assert OscillatorNetwork(injection=0.0).locking_range() == (0.0, 0.0)


def test_edges_that_would_take_hours_are_refused_with_the_weakest_source_that_does_not():
    with pytest.raises(
        ValueError, match="so weak that each detuning would take 7e"
    ) as caught:
        OscillatorNetwork(injection=1e3).locking_range()
    weakest = float(re.search(r"at least (\S+)/s", str(caught.value))[1])
    assert 5e3 < weakest < 1e4
    half_width = OscillatorNetwork(injection=1e5).locking_half_width()
    lower, upper = OscillatorNetwork(injection=1e5).locking_range()
    assert -lower == pytest.approx(half_width, rel=0.02)  # where the formula holds
    assert upper == pytest.approx(half_width, rel=0.02)
