"""The macrospin against conservation laws, closed forms and another integrator."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from reservoir import ReservoirClassifier, simulate
from reservoir.devices import MacrospinOscillator
from reservoir.devices.macrospin import GYROMAGNETIC_RATIO as GAMMA

pytestmark = pytest.mark.kernel

DISC = MacrospinOscillator.from_preset("perpendicular")
FILM = dataclasses.replace(
    DISC, field=(0.1, 0.0, 0.0), polarizer=(1.0, 0.0, 0.0), anisotropy=(0.0, 0.0, -0.8)
)
TRIAXIAL = dataclasses.replace(
    DISC, field=(0.05, 0.02, 0.3), anisotropy=(0.03, -0.02, -0.4), damping=0.0
)


def energy(device, m):
    """Energy per magnetisation, in T."""
    return -m @ np.array(device.field) - 0.5 * m**2 @ np.array(device.anisotropy)


def slope(device, m, current):
    """dm/dt by solving the implicit equation (1 - alpha m x) dm/dt = T for dm/dt."""
    p = np.array(device.polarizer) / np.linalg.norm(device.polarizer)
    local = np.array(device.field) + np.array(device.anisotropy) * m
    s = device.torque_field(current) / (1 + device.asymmetry * m @ p)
    torque = -GAMMA * np.cross(m, local) - GAMMA * s * np.cross(m, np.cross(p, m))
    cross = np.array([[0, -m[2], m[1]], [m[2], 0, -m[0]], [-m[1], m[0], 0]])
    return np.linalg.solve(np.eye(3) - device.damping * cross, torque)


def test_energy_is_conserved_without_damping_and_torque():
    start = np.random.default_rng(0).normal(size=(40, 3))
    period = 1 / TRIAXIAL.frequency
    path = TRIAXIAL.trajectory(0.0, period, start, n_steps=(50, 2000))
    start /= np.linalg.norm(start, axis=1, keepdims=True)
    drift = energy(TRIAXIAL, path) - energy(TRIAXIAL, start)[:, None]
    assert np.abs(drift).max() < 1e-9 * np.abs(energy(TRIAXIAL, start)).max()
    # A vector that was scaled to length 1 has a few roundings of 1e-16 left.
    assert np.abs(np.linalg.norm(path, axis=-1) - 1).max() < 1e-14


def test_the_step_is_of_order_four():
    device = dataclasses.replace(TRIAXIAL, damping=0.02, asymmetry=0.3)
    start, time = [[0.6, 0.3, 0.5]], 3e-10
    steps = np.array([20, 40, 80, 160])
    exact = device.trajectory(2e-3, time, start, n_steps=(1, 20000))
    ends = [device.trajectory(2e-3, time, start, n_steps=(1, n)) for n in steps]
    errors = [np.linalg.norm(end - exact) for end in ends]
    order = -np.polyfit(np.log(steps[1:]), np.log(errors[1:]), 1)[0]
    assert order == pytest.approx(4, abs=0.15)


@pytest.mark.parametrize("name", sorted(MacrospinOscillator.presets))
def test_another_integrator_of_the_implicit_equation_finds_the_same_path(name):
    device = MacrospinOscillator.from_preset(name)
    current, start, time = 1.5 * device.threshold_current, [0.3, -0.2, 0.9], 1e-9
    unit = np.array(start) / np.linalg.norm(start)
    path = solve_ivp(
        lambda _, m: slope(device, m, current),
        (0, time),
        unit,
        "DOP853",
        rtol=1e-10,
        atol=1e-12,
    )
    end = device.trajectory(current, time, [start], n_steps=(1, 3000))[0, -1]
    # The two integrators differ by 1e-8; a component may be near 0.
    assert end == pytest.approx(path.y[:, -1], abs=1e-7)


@pytest.mark.parametrize(
    ("device", "kittel"),
    [
        (FILM, math.sqrt(0.1 * (0.1 + 0.8))),
        (DISC, 1.0 - 0.8),
        (dataclasses.replace(FILM, anisotropy=(0.0, -0.05, -0.8)), math.sqrt(0.15 * 0.9)),
    ],
    ids=["film in the plane", "disc along its normal", "film with anisotropy in the plane"],
)
def test_resonance_is_that_of_kittel(device, kittel):
    assert device.frequency == pytest.approx(GAMMA * kittel / (2 * math.pi), rel=1e-6)
    device = dataclasses.replace(device, damping=1e-4)
    lean = device.axis + 0.01 * np.linalg.svd(device.axis[None])[2][1]
    step = 1 / device.frequency / 40
    path = device.trajectory(0.0, step, [lean], n_steps=(400, 5))[0]
    across = path @ np.linalg.svd(device.axis[None])[2][1]
    crossings = np.flatnonzero((across[:-1] < 0) & (across[1:] >= 0))
    times = crossings - across[crossings] / (across[crossings + 1] - across[crossings])
    assert 1 / (np.diff(times).mean() * step) == pytest.approx(device.frequency, rel=0.02)


@pytest.mark.parametrize(
    "device",
    [DISC, FILM, MacrospinOscillator.from_preset("akashi2020")],
    ids=["disc", "film", "polarizer across"],
)
def test_small_precession_grows_from_the_threshold_on(device):
    period, rates = 1 / device.frequency, []
    lean = device.axis + 1e-3 * np.linalg.svd(device.axis[None])[2][1]
    overdrives = np.array([0.8, 1.2])
    for z in overdrives:
        # The torque moves the direction of rest a little: judge by what turns about it.
        path = device.trajectory(
            z * device.threshold_current, period / 16, [lean], n_steps=(1600, 4)
        )[0]
        turns = path.reshape(100, 16, 3)
        swing = np.linalg.norm(np.ptp(turns, axis=1), axis=1)
        rates.append(np.polyfit(np.arange(100), np.log(swing), 1)[0])
    crossing = overdrives[0] - rates[0] * np.diff(overdrives)[0] / (rates[1] - rates[0])
    assert crossing == pytest.approx(1.0, abs=0.02)


def test_without_current_a_small_precession_decays_at_the_damping_rate():
    period = 1 / FILM.frequency
    lean = FILM.axis + np.array([0, 0.02, 0])
    path = FILM.trajectory(0.0, period, [lean], n_steps=(30, 100))[0]
    distance = energy(FILM, path) - energy(FILM, FILM.axis)
    rate = -np.polyfit(np.arange(30) * period, np.log(distance), 1)[0] / 2
    assert rate == pytest.approx(FILM.damping_rate, rel=0.02)


# Along the normal all depends on m_z: with p = (1 - m_z)/2 and b = B + a (1 - 2 p),
# dp/dt = 2 p (1 - p) gamma (s - alpha b)/(1 + alpha^2), which gives the next three.
Z = 1.2
POWER = (Z - 1) * 0.2 / (2 * 0.8)


def settled(start=POWER, n_times=200):
    lean = [[math.sqrt(1 - (1 - 2 * start) ** 2), 0.0, 1 - 2 * start]]
    step = 0.05 / DISC.frequency
    path = DISC.trajectory(Z * DISC.threshold_current, step, lean, n_steps=(n_times, 5))[0]
    return step, path


def test_orbit_along_the_normal_is_that_of_the_closed_form():
    _, path = settled(start=0.5 * POWER, n_times=20000)
    assert (1 - path[-1, 2]) / 2 == pytest.approx(POWER, rel=0.02)


def test_frequency_of_the_orbit_is_that_of_the_closed_form():
    step, path = settled()
    phase = np.unwrap(np.arctan2(path[:, 1], path[:, 0]))
    expected = GAMMA * (1.0 - 0.8 * (1 - 2 * POWER)) / (2 * math.pi)
    assert abs(phase[-1] - phase[0]) / (2 * math.pi * step * (len(phase) - 1)) == (
        pytest.approx(expected, rel=0.02)
    )


def test_relaxation_to_the_orbit_is_that_of_the_closed_form():
    expected = (1 + 0.01**2) / (4 * 0.01 * GAMMA * 0.8 * POWER * (1 - POWER))
    step, path = settled(start=1.02 * POWER, n_times=4000)
    excess = (1 - path[:, 2]) / 2 - POWER
    slope = np.polyfit(step * np.arange(len(path)), np.log(excess), 1)[0]
    assert -1 / slope == pytest.approx(expected, rel=0.02)


@pytest.mark.slow
def test_what_is_read_is_the_root_of_the_mean_power():
    hold = 20 / DISC.frequency
    current = np.full((1, 600), Z * DISC.threshold_current)
    assert simulate(DISC, current, hold)[0, -1] == pytest.approx(math.sqrt(POWER), rel=0.02)


def test_a_magnet_that_came_to_rest_starts_again():
    hold = 50 / DISC.frequency
    z = np.r_[np.full(60, -1.0), np.full(60, 1.5)]
    amplitude = simulate(DISC, z * DISC.threshold_current, hold)
    assert amplitude[59] < 2e-3 and amplitude[-1] > 0.2


def test_rows_know_nothing_of_each_other():
    current = DISC.threshold_current * np.random.default_rng(0).uniform(0.5, 2, (19, 7))
    together = simulate(DISC, current, 1e-9)
    for row in (0, 5, 18):
        assert (simulate(DISC, current[[row]], 1e-9)[0] == together[row]).all()


def test_a_current_beyond_what_the_step_is_made_for_is_named():
    with pytest.raises(ValueError, match="step is made for at most"):
        simulate(DISC, [1.01 * DISC.largest_current], 1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"volume": 0.0}, "volume"),
        ({"field": (1.0, 0.0)}, "three finite numbers"),
        ({"polarizer": (0.0, 0.0, 0.0)}, "point somewhere"),
        ({"damping": -0.1}, "at least 0"),
        ({"asymmetry": 1.0}, "asymmetry"),
        ({"polarization": 1.5}, "of at most 1"),
        ({"floor": 0.1}, "floor"),
    ],
)
def test_what_cannot_be_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(DISC, **change)


def test_a_polarizer_the_wrong_way_round_is_named():
    reversed_ = dataclasses.replace(DISC, polarizer=(0.0, 0.0, -1.0))
    with pytest.raises(ValueError, match="reverse it"):
        _ = reversed_.threshold_current


@pytest.mark.slow
def test_the_macrospin_takes_the_place_of_any_oscillator():
    generator = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = [
        np.linspace(0, 2 * k - 1, 6)[:, None] + 0.1 * generator.normal(size=(6, 1)) for k in y
    ]
    model = ReservoirClassifier(DISC, n_nodes=10, drive_range=(1.0, 2.0), random_state=0)
    assert model.fit(X, y).score(X, y) > 0.9
    with pytest.raises(ValueError, match="Leave loop_gain at None"):
        model.set_params(loop_gain=0.5).fit(X, y)


def test_without_damping_there_is_no_unit_of_the_drive():
    device = dataclasses.replace(DISC, damping=0.0)
    with pytest.raises(ValueError, match="drive_unit is 0.0; .*without damping"):
        ReservoirClassifier(device, n_nodes=4).fit([np.ones((3, 1))] * 4, [0, 1, 0, 1])
