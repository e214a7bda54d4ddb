"""The curve of a neuron: against quadrature of its stationary density, and its limits."""

from dataclasses import dataclass, replace

import mpmath
import numpy as np
import pytest

from reservoir import SpinTorqueOscillator
from reservoir.devices import (
    Device,
    MeasuredOscillator,
    StaticNode,
    VortexOscillator,
    find_device,
    preset_names,
)
from reservoir.devices.logistic import has_rates
from reservoir.layers import SpintronicClassifier
from reservoir.layers.design import make_design
from reservoir.layers.neuron import neuron_curve, rounded_power

ARGUMENTS = {
    "thermal_noise": 1e-2,
    "overdrive": 1.5,
    "max_overdrive": 4.0,
    "emission": "power",
}


def power_by_quadrature(growth, saturation, noise):
    """Mean power and its derivatives, from the density exp((A p - B p^2/2)/d), 40 digits.

    The derivatives of a mean by the coefficients of the exponent are covariances.
    """
    with mpmath.workdps(40):
        a, b, d = map(mpmath.mpf, (growth, saturation, noise))
        top, width = max(a / b, mpmath.mpf(0)), mpmath.sqrt(d / b)
        if a < 0:
            width = min(width, d / -a)
        edges = [max(top + n * width, mpmath.mpf(0)) for n in (-30, -8, -2, 0, 2, 8, 30, 90)]
        edges = sorted(set(edges))

        def moment(n):
            height = (a * top - b * top**2 / 2) / d

            def density(p):
                return p**n * mpmath.exp((a * p - b * p**2 / 2) / d - height)

            return mpmath.quad(density, edges)

        total, first, second, third = (moment(n) for n in range(4))
        mean, square, cube = first / total, second / total, third / total
        by_growth = (square - mean**2) / d
        by_saturation = -(cube - mean * square) / (2 * d)
        return float(mean), float(by_growth), float(by_saturation)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [1e-6, 1e-4, 1e-2, 0.3])
@pytest.mark.parametrize("saturation", [0.2, 1.0, 3.5])
@pytest.mark.parametrize("growth", [-2.0, -0.3, -1e-3, 0.0, 1e-3, 0.3, 2.5])
def test_the_rounded_power_is_the_mean_of_the_stationary_density(growth, saturation, noise):
    expected = power_by_quadrature(growth, saturation, noise)
    found = rounded_power(np.array([growth]), np.array([saturation]), noise)
    for value, exact, bound in zip(found, expected, (1e-11, 1e-10, 1e-8), strict=True):
        assert value[0] == pytest.approx(exact, rel=bound, abs=1e-16)


@pytest.mark.parametrize("x", [-24.9, -25.1, -200.0])
def test_both_formulas_below_the_threshold_agree_where_they_meet(x):
    noise, saturation = 1e-4, 1.5
    growth = x * np.sqrt(noise * saturation)
    expected = power_by_quadrature(growth, saturation, noise)
    found = rounded_power(np.array([growth]), np.array([saturation]), noise)
    for value, exact, bound in zip(found, expected, (1e-11, 1e-10, 1e-8), strict=True):
        assert value[0] == pytest.approx(exact, rel=bound)


def test_far_above_the_threshold_the_power_is_that_without_noise():
    z = np.linspace(1.5, 4, 20)
    found = rounded_power(z - 1, z + 2, 1e-6)
    hard = rounded_power(z - 1, z + 2, 0.0)
    for rounded, exact in zip(found, hard, strict=True):
        np.testing.assert_allclose(rounded, exact, rtol=1e-12)
    assert hard[0] == pytest.approx((z - 1) / (z + 2), rel=1e-15)


@pytest.mark.parametrize("noise", [1e-6, 1e-9, 1e-13])
def test_far_below_the_threshold_the_power_is_noise_over_the_distance(noise):
    # The oscillator is a damped resonator there: <p> = d/(1 - z), whatever the saturation.
    z = np.linspace(-1, 0.5, 20)
    power, by_growth, _ = rounded_power(z - 1, z + 2, noise)
    np.testing.assert_allclose(power, noise / (1 - z), rtol=20 * noise + 1e-14)
    np.testing.assert_allclose(by_growth, noise / (1 - z) ** 2, rtol=100 * noise + 1e-14)


def test_at_the_threshold_the_power_is_the_mean_of_half_a_normal():
    power, _, _ = rounded_power(np.zeros(1), np.array([3.0]), 1e-2)
    assert power[0] == pytest.approx(np.sqrt(2 / np.pi * 1e-2 / 3), rel=1e-14)


def test_without_noise_nothing_is_emitted_below_the_threshold():
    found = rounded_power(np.array([-0.5, 0.0]), np.ones(2), 0.0)
    assert not np.any(found)


# ---------------------------------------------------------------------- the table


def exact_power(device, z, noise=1e-2):
    """Power of a logistic oscillator from its growth and saturation rates."""
    current = z * device.threshold_current
    scale = 2 * device.damping_rate
    growth = device.growth_rate(current) / scale
    return rounded_power(growth, device.saturation_rate(current) / scale, noise)[0]


PRESETS = [SpinTorqueOscillator.from_preset(name) for name in SpinTorqueOscillator.presets]
PRESETS += [VortexOscillator.from_preset(name) for name in VortexOscillator.presets]


@pytest.mark.parametrize("device", PRESETS, ids=lambda device: type(device).__name__)
@pytest.mark.parametrize("emission", ["power", "current"])
def test_the_table_of_a_logistic_oscillator_is_its_formula(device, emission):
    curve = neuron_curve(device, **{**ARGUMENTS, "emission": emission})
    z = np.random.default_rng(0).uniform(curve.lowest, curve.highest, 3000)
    value, slope = curve.read(curve.powers, z)
    expected = exact_power(device, z)
    ends = np.linspace(curve.lowest, curve.highest, 2049)
    top = exact_power(device, ends)
    if emission == "current":
        expected, top = expected * z**2, top * ends**2
    np.testing.assert_allclose(value, expected / top.max(), rtol=0, atol=2e-9)
    # The slope is that of the table, to rounding.
    step = 1e-6
    change = curve.read(curve.powers, z + step)[0] - curve.read(curve.powers, z - step)[0]
    inside = (z > curve.lowest + step) & (z < curve.highest - step)
    np.testing.assert_allclose(slope[inside], change[inside] / (2 * step), atol=1e-5)


@pytest.mark.parametrize("device", PRESETS, ids=lambda device: type(device).__name__)
def test_the_frequency_moves_with_power_and_current(device):
    curve = neuron_curve(device, **ARGUMENTS)
    z = np.linspace(curve.lowest, curve.highest, 777)
    powers = exact_power(device, np.append(z, 1.5))
    tuning = device.current_tuning * device.threshold_current
    expected = device.nonlinear_frequency_shift * (powers[:-1] - powers[-1])
    expected += tuning * (z - 1.5)
    found, _ = curve.read(curve.shifts, z)
    scale = abs(device.nonlinear_frequency_shift) + abs(tuning) + 1
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-9 * scale)
    low, high = curve.shift_range
    assert low <= found.min() + 1e-8 * scale
    assert high >= found.max() - 1e-8 * scale


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_currents_beyond_the_range_are_held_at_its_ends(dtype):
    curve = neuron_curve(PRESETS[0], **ARGUMENTS).astype(dtype)
    z = np.array([-1e30, -2, curve.lowest, 4, 5, 1e30, np.nan], dtype)
    value, slope = curve.read(curve.powers, z)
    assert (value[:3] == value[2]).all()
    assert value[2] == curve.powers[0, 0]
    assert (value[3:6] == value[3]).all()
    assert value[3] == pytest.approx(1, abs=1e-6)
    assert (slope[[0, 1, 4, 5]] == 0).all()
    assert slope[3] > 0
    assert np.isnan(value[6])


def test_a_static_node_gives_its_own_curve():
    curve = neuron_curve(StaticNode(), **{**ARGUMENTS, "thermal_noise": 0.0})
    z = np.linspace(-1, 4, 333)
    value, _ = curve.read(curve.powers, z)
    np.testing.assert_allclose(value, np.maximum(z - 1, 0) / 3, rtol=0, atol=5e-4)
    assert curve.shift_range == (0.0, 0.0)


def test_a_measured_oscillator_gives_its_amplitude_squared():
    vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    current = np.linspace(0.5, 4.5, 400) * vortex.threshold_current
    amplitude = vortex.stationary_amplitude(current)
    measured = MeasuredOscillator(
        current, amplitude, 4e-7, threshold_current=vortex.threshold_current
    )
    curve = neuron_curve(measured, **{**ARGUMENTS, "thermal_noise": 0.0})
    z = np.linspace(1.2, 3.9, 50)
    value, _ = curve.read(curve.powers, z)
    expected = (z - 1) / (z + 1) / (3 / 5)
    np.testing.assert_allclose(value, expected, rtol=2e-2)
    assert (curve.lowest, curve.highest) == (0.5, 4.0)
    narrow = neuron_curve(measured, **{**ARGUMENTS, "thermal_noise": 0, "max_overdrive": 9})
    assert narrow.highest == pytest.approx(4.5)


@dataclass(frozen=True)
class Mute(Device):
    """A device that answers nothing."""

    threshold_current: float = 1.0
    damping_rate: float = 1.0

    def respond(self, current, hold_time):
        return np.zeros_like(current)


def test_a_device_that_emits_nothing_is_refused():
    with pytest.raises(ValueError, match="emits no power up to max_overdrive = 4"):
        neuron_curve(Mute(), **{**ARGUMENTS, "thermal_noise": 0.0})


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"neuron": "no such"}, "There is no preset 'no such'"),
        ({"neuron": StaticNode(), "thermal_noise": 1e-2}, "set thermal_noise to None or 0"),
        ({"neuron": StaticNode("tanh"), "thermal_noise": 1e-9}, "StaticNode"),
        ({"thermal_noise": 0.0, "overdrive": 0.9}, "silent neurons do not learn"),
        ({"overdrive": 4.5}, "must lie between -1.* and max_overdrive = 4"),
        ({"overdrive": -3.0}, "overdrive is -3"),
    ],
)
def test_a_neuron_that_cannot_work_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_design(SpintronicClassifier(**parameters), 4)


@pytest.mark.parametrize("wrong", [3, object()])
def test_what_is_no_device_is_refused(wrong):
    with pytest.raises(TypeError, match="neuron"):
        make_design(SpintronicClassifier(neuron=wrong), 4)
    with pytest.raises(TypeError, match="synapse"):
        make_design(SpintronicClassifier(synapse=wrong), 4)


def test_an_oscillator_with_little_saturation_is_not_driven_to_where_it_has_none():
    device = replace(PRESETS[0], nonlinear_damping=-0.5)
    curve = neuron_curve(device, **ARGUMENTS)
    assert curve.lowest == pytest.approx(0.6)
    assert np.isfinite(curve.powers).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_a_neuron_or_is_refused_in_a_sentence(name):
    device = find_device(name)
    noise = 1e-2 if has_rates(device) else 0.0
    try:
        curve = neuron_curve(device, **{**ARGUMENTS, "thermal_noise": noise})
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert np.isfinite(curve.powers).all()
