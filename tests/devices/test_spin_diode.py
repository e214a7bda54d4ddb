"""Spin diodes: the line shape, its inverse, laws of the linewidth, and what is refused."""

import math

import numpy as np
import pytest

from reservoir.devices import IdealSynapse, SpinDiode
from reservoir.layers import SpintronicClassifier

DAMPED = SpinDiode(2.0, damping=0.01)
CONSTANT = SpinDiode(2.0, half_linewidth=1e6)
MEASURED = SpinDiode(2.0, half_linewidth=((1e8, 1e6), (2e8, 3e6)), tuning=1.5)
DIODES = [DAMPED, CONSTANT, MEASURED]
ANGLES = [0.0, 0.3, 1.0, 1.5, math.pi / 2]


def test_the_antisymmetric_line_has_its_peaks_one_half_linewidth_away():
    u = np.array([-1, -0.5, 0, 0.5, 1, 1e6])
    expected = [-1, -0.8, 0, 0.8, 1, 2e-6]
    assert DAMPED.weight(u) == pytest.approx(expected, rel=1e-11)
    assert DAMPED.weight_range() == (-1.0, 1.0)


def test_the_symmetric_line_falls_to_half_at_the_half_linewidth():
    diode = SpinDiode(1.0, damping=0.01, angle=math.pi / 2, tuning=3.0)
    assert diode.weight([0, 1, -1, 3]) == pytest.approx([1, 0.5, 0.5, 0.1], rel=1e-15)
    assert diode.weight_range() == pytest.approx((0.1, 1.0), rel=1e-15)


@pytest.mark.parametrize("angle", ANGLES)
def test_the_range_of_weights_is_that_of_the_curve_within_the_tuning(angle):
    for tuning in (0.3, 1.0, 4.0):
        diode = SpinDiode(1.0, half_linewidth=1e6, angle=angle, tuning=tuning)
        curve = diode.weight(np.linspace(-tuning, tuning, 200001))
        low, high = diode.weight_range()
        assert high == pytest.approx(curve.max(), abs=1e-9)
        if angle == 0 or tuning <= 1:  # else the trough lies on the other side of the peak
            assert low == pytest.approx(curve.min(), abs=1e-9)
        assert diode.detuning([low, high]).min() >= -tuning - 1e-12


@pytest.mark.parametrize("angle", ANGLES)
def test_a_detuning_gives_its_weight_again(angle):
    diode = SpinDiode(1.0, half_linewidth=1e6, angle=angle)
    low, high = diode.weight_range()
    weights = np.linspace(low, high, 101)
    detunings = diode.detuning(weights)
    np.testing.assert_allclose(diode.weight(detunings), weights, rtol=0, atol=1e-14)
    if angle == 0:
        assert (abs(detunings) <= 1).all()
        assert diode.detuning(0.0) == 0


def test_a_weight_that_the_line_has_not_is_refused():
    for diode, wrong, bounds in [
        (DAMPED, 1.01, "from -1 to 1"),
        (DAMPED, [-0.2, -1.5], "weight is -1.5"),
        (SpinDiode(1.0, damping=0.1, angle=math.pi / 2), 0.0, "from 0 to 1"),
    ]:
        with pytest.raises(ValueError, match=bounds):
            diode.detuning(wrong)


def test_half_linewidths_follow_their_law():
    frequencies = [5e7, 1e8, 1.5e8, 3e8]
    assert DAMPED.half_linewidth_at(frequencies) == pytest.approx([5e5, 1e6, 1.5e6, 3e6])
    assert CONSTANT.half_linewidth_at(frequencies).tolist() == [1e6] * 4
    assert MEASURED.half_linewidth_at(frequencies) == pytest.approx([1e6, 1e6, 2e6, 3e6])
    assert DAMPED.half_linewidth_at(1e8) == 1e6
    assert DAMPED.stretch == 0.01
    assert CONSTANT.stretch == MEASURED.stretch == 0


@pytest.mark.parametrize("diode", DIODES, ids=["damping", "constant", "measured"])
def test_a_resonance_gives_its_detuning_again(diode):
    lines = np.linspace(0.9e8, 2.5e8, 30)[:, None]
    detunings = np.linspace(-1.5, 1.5, 7)
    resonances = diode.resonance(lines, detunings)
    found = diode.detuning_between(lines, resonances)
    np.testing.assert_allclose(found, np.broadcast_to(detunings, found.shape), atol=1e-12)
    assert (np.diff(resonances, axis=1) < 0).all()  # a positive detuning lies below the line


def test_a_resonance_follows_from_gilbert_damping():
    # u = (f - f0)/(damping f0), so f0 = f/(1 + damping u).
    assert DAMPED.resonance(1e8, 0.5) == pytest.approx(1e8 / 1.005, rel=1e-15)
    assert CONSTANT.resonance(1e8, 0.5) == pytest.approx(1e8 - 5e5, rel=1e-15)
    assert MEASURED.resonance(1.5e8, 0.5) == pytest.approx(1.49e8, rel=1e-15)


def test_voltages_are_sensitivity_times_power_times_weight():
    resonance = CONSTANT.resonance(1e8, 1.0)
    assert CONSTANT.voltage(3e-6, 1e8, resonance) == pytest.approx(6e-6, rel=1e-9)
    assert CONSTANT.voltage(3e-6, 1e8, 1e8) == 0
    assert CONSTANT.voltage(np.ones(3), 1e8, resonance).shape == (3,)
    for diode in (CONSTANT, DAMPED):
        with pytest.raises(ValueError, match="resonance is 0 Hz; a resonance must be above"):
            diode.voltage(1e-6, 1e8, [1e8, 0.0])


def test_numbers_give_floats_and_arrays_give_arrays():
    for found in (
        DAMPED.weight(0.3),
        DAMPED.detuning(0.3),
        DAMPED.resonance(1e8, 0.3),
        DAMPED.detuning_between(1e8, 1.01e8),
        DAMPED.half_linewidth_at(1e8),
        DAMPED.voltage(1e-6, 1e8, 1.01e8),
        IdealSynapse().weight(0.3),
        IdealSynapse().detuning(0.3),
    ):
        assert type(found) is float
    assert DAMPED.weight([[0.3]]).shape == (1, 1)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "give one of the two"),
        ({"damping": 0.01, "half_linewidth": 1e6}, "give one of the two"),
        ({"damping": 0.0}, "damping"),
        ({"damping": 1.0}, "damping"),
        ({"damping": 0.5, "tuning": 2.0}, "no positive resonance"),
        ({"half_linewidth": 0.0}, "must be finite and positive"),
        ({"half_linewidth": np.inf}, "must be finite and positive"),
        ({"half_linewidth": (1e6, 2e6)}, "sequence of pairs"),
        ({"half_linewidth": ((2e8, 1e6), (1e8, 1e6))}, "rising frequencies"),
        ({"half_linewidth": ((1e8, 1e6), (2e8, -1e6))}, "must be finite and positive"),
        ({"damping": 0.01, "angle": -0.1}, "angle"),
        ({"damping": 0.01, "angle": 2.0}, "angle"),
        ({"damping": 0.01, "tuning": 0.0}, "tuning"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        SpinDiode(1.0, **parameters)


def test_a_sensitivity_that_is_none_is_refused():
    for wrong in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match="sensitivity"):
            SpinDiode(wrong, damping=0.01)
        with pytest.raises(ValueError, match="sensitivity"):
            IdealSynapse(wrong)
    with pytest.raises(TypeError, match="sensitivity"):
        SpinDiode("8840", damping=0.01)


def test_diodes_are_equal_if_their_parameters_are():
    table = [[1e8, 1e6], [2e8, 3e6]]
    assert SpinDiode(2.0, half_linewidth=np.array(table), tuning=1.5) == MEASURED
    assert hash(SpinDiode(2.0, half_linewidth=table, tuning=1.5)) == hash(MEASURED)
    assert DAMPED != CONSTANT


@pytest.mark.parametrize("name", SpinDiode.presets)
def test_a_preset_says_where_each_of_its_values_comes_from(name):
    preset = SpinDiode.presets[name]
    for parameter in preset.parameters:
        assert f"{parameter} " in preset.provenance.replace(":", " ")
    assert isinstance(SpinDiode.from_preset(name), SpinDiode)


def test_the_sensitivity_of_the_simulation_follows_from_its_formula():
    # (dR/R) (1/I_th) tan(gamma)/(8 sqrt 2) with dR/R = 1, I_th = 10 uA, gamma = pi/4.
    expected = 1 / 10e-6 * math.tan(math.pi / 4) / (8 * math.sqrt(2))
    assert SpinDiode.from_preset("ross2023").sensitivity == pytest.approx(expected, rel=2e-3)


def test_an_unknown_preset_is_refused():
    with pytest.raises(ValueError, match="ross2024"):
        SpinDiode.from_preset("ross2024")


def test_the_width_of_the_vortex_is_that_of_its_oscillator():
    # G/(2 pi) with G = 1e7 1/s.
    width = SpinDiode.from_preset("vortex").half_linewidth
    assert width == pytest.approx(1e7 / (2 * math.pi), rel=1e-2)


def test_lines_are_as_far_apart_as_asked():
    X = np.random.default_rng(0).uniform(size=(40, 12))
    y = np.arange(40) % 2
    for diode in DIODES:
        network = SpintronicClassifier(
            (), synapse=diode, spacing=2.0, max_iter=1, random_state=0
        ).fit(X, y)
        lines = network.line_frequencies_[0]
        widths = diode.half_linewidth_at(lines[:-1])
        np.testing.assert_allclose(np.diff(lines), 2 * widths, rtol=1e-9)
