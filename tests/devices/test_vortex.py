"""The vortex oscillator against the formulas of Thiele's theory and the equation itself.

Coefficients in SI units are as small as 1e-16, so every `approx` of one has ``abs=0``: the
default of 1e-12 would let everything pass.
"""

import dataclasses
import math

import numpy as np
import pytest

from reservoir import ReservoirClassifier, load, save, simulate
from reservoir.devices import VortexOscillator

VORTEX = VortexOscillator.from_preset("grimaldi2014")
MU_0 = 4e-7 * math.pi


def orbit_of(z, periods, start, per_period=40):
    """Distance and phase of the core over some periods at overdrive z."""
    period = 1 / VORTEX.stationary_frequency(z * VORTEX.threshold_current)
    time = np.arange(periods * per_period + 1) * period / per_period
    x, y = VORTEX.orbit(z * VORTEX.threshold_current, time, start).T
    return time, np.hypot(x, y), np.unwrap(np.arctan2(y, x))


def test_coefficients_are_those_of_the_formulas():
    # Written out for this device, in another order than in the package.
    ms, length, radius, gamma = 6.5e5, 6e-9, 250e-9, 1.76e11
    cos2 = (0.44 / (MU_0 * ms)) ** 2
    k = VORTEX.coefficients()
    assert k.gyrovector == pytest.approx(
        2 * math.pi * length * ms / gamma * (1 - math.sqrt(cos2)), rel=1e-12, abs=0
    )
    eta = (math.log(250 / 66) - 0.25) * (1 - cos2)
    assert k.damping == pytest.approx(
        2 * math.pi * 0.01 * eta * length * ms / gamma, rel=1e-12, abs=0
    )
    assert k.stiffness == pytest.approx(
        10 / 9 * MU_0 * ms**2 * length**2 / radius * (1 - cos2), rel=1e-12, abs=0
    )
    assert k.torque == pytest.approx(
        math.pi * 1.0546e-34 * 0.5 / (2 * 1.6022e-19) * 0.44 / (MU_0 * 1.01e6) * (1 - cos2),
        rel=1e-4,  # The constants above have five digits.
        abs=0,
    )
    assert k.oersted == pytest.approx(
        0.85 * MU_0 * ms * length * radius * math.sqrt(1 - cos2), rel=1e-12, abs=0
    )


def test_threshold_is_where_torque_balances_friction():
    k = VORTEX.coefficients()
    density = VORTEX.threshold_current / VORTEX.area
    friction = k.damping * (k.stiffness + k.oersted * density)
    assert k.torque * k.gyrovector * density == pytest.approx(friction, rel=1e-12, abs=0)
    # Of rates of 1e7 1/s.
    assert VORTEX.growth_rate(VORTEX.threshold_current) == pytest.approx(0, abs=1e-6)


def test_orbit_and_relaxation_are_the_closed_form_of_the_theory():
    k = VORTEX.coefficients()
    # s0^2 = (z - 1)/(zeta + xi), T = G^2 / (2 D kappa (z - 1)), both with kappa(J) at z.
    z = 1.2
    density = z * VORTEX.threshold_current / VORTEX.area
    kappa = k.stiffness + k.oersted * density
    zeta = (k.stiffness_growth + k.oersted_growth * density) / kappa
    ratio = k.torque * k.gyrovector * density / (k.damping * kappa)  # I over I_th at this J
    current = z * VORTEX.threshold_current
    assert VORTEX.stationary_power(current) == pytest.approx(
        (ratio - 1) / (zeta + 0.6), rel=1e-12, abs=0
    )
    assert VORTEX.relaxation_time(current) == pytest.approx(
        k.gyrovector**2 / (2 * k.damping * kappa * (ratio - 1)), rel=1e-12, abs=0
    )


def test_the_equation_itself_starts_to_oscillate_at_the_threshold():
    growth = []
    for z in (0.98, 1.02):
        _, s, _ = orbit_of(z, 20, 1e-3)
        growth.append(math.log(s[-1] / s[0]))
    crossing = 0.98 - 0.04 * growth[0] / (growth[1] - growth[0])
    assert crossing == pytest.approx(1.0, abs=0.002)


@pytest.mark.slow
@pytest.mark.parametrize("z", [1.02, 1.1, 1.2])
def test_the_equation_itself_reaches_orbit_and_frequency_within_two_percent(z):
    current = z * VORTEX.threshold_current
    rest = VORTEX.stationary_amplitude(current)
    time, s, phase = orbit_of(z, 200 if z > 1.05 else 500, rest)
    assert s[-1] == pytest.approx(rest, rel=0.02)
    frequency = np.diff(phase[-400:]).mean() / (2 * np.pi) / (time[1] - time[0])
    assert frequency == pytest.approx(VORTEX.stationary_frequency(current), rel=0.02)


@pytest.mark.slow
def test_the_equation_itself_relaxes_within_two_percent():
    z, step = 1.1, 0.005
    _, settled, _ = orbit_of(
        z, 600, VORTEX.stationary_amplitude(z * VORTEX.threshold_current)
    )
    time, s, _ = orbit_of(z, 40, settled[-1] + step)
    excess = s - settled[-1]
    slope = np.polyfit(time, np.log(excess), 1)[0]
    # A finite step relaxes a little faster: compare the mean of both sides.
    time, s, _ = orbit_of(z, 40, settled[-1] - step)
    slope = (slope + np.polyfit(time, np.log(settled[-1] - s), 1)[0]) / 2
    assert -1 / slope == pytest.approx(
        VORTEX.relaxation_time(z * VORTEX.threshold_current), rel=0.02
    )


def test_the_exact_kernel_follows_the_equation_itself():
    current, hold = 1.15 * VORTEX.threshold_current, 20e-9
    amplitude = simulate(VORTEX, np.full(60, current), hold, initial_power=0.1**2)
    position = VORTEX.orbit(current, np.arange(61) * hold, 0.1)
    assert np.abs(np.hypot(*position[1:].T) / amplitude - 1).max() < 0.02


def test_chirality_splits_frequencies():
    against = dataclasses.replace(VORTEX, chirality=-1)
    assert against.current_tuning == -VORTEX.current_tuning
    assert against.frequency < VORTEX.frequency


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radius": -1e-9}, "radius"),
        ({"field": 0.9}, "below 0.817 T"),
        ({"polarization": 1.2}, "of at most 1"),
        ({"core_radius": 1e-7}, "core_radius"),
        ({"chirality": 2}, "1 or -1"),
        ({"power_floor": 0.5}, "power_floor"),
        ({"damping": 0.2}, "never oscillates"),
    ],
)
def test_what_cannot_be_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(VORTEX, **change)


def test_the_vortex_takes_the_place_of_any_oscillator(tmp_path):
    generator = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = [
        np.linspace(0, 2 * k - 1, 15)[:, None] + 0.2 * generator.normal(size=(15, 1))
        for k in y
    ]
    by_name = ReservoirClassifier("grimaldi2014", n_nodes=20, random_state=0).fit(X, y)
    again = ReservoirClassifier(VORTEX, n_nodes=20, random_state=0).fit(X, y)
    assert by_name.score(X, y) > 0.9
    assert (by_name.decision_function(X) == again.decision_function(X)).all()
    again.set_params(oscillator__radius=200e-9)
    assert again.oscillator.radius == 200e-9
    save(by_name, tmp_path / "model.h5")
    assert (load(tmp_path / "model.h5").predict(X) == by_name.predict(X)).all()
