"""The spin-torque oscillator against its closed forms, its presets, and its fit to a curve.

Numbers in SI units are small, so every `approx` of one has ``abs=0``: the default of 1e-12
would let everything pass.
"""

import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reservoir import SpinTorqueOscillator
from reservoir.devices import find_device, preset_names

few = settings(derandomize=True, max_examples=50, database=None)
devices = st.builds(
    SpinTorqueOscillator,
    threshold_current=st.floats(1e-6, 1e-1),
    damping_rate=st.floats(1e5, 1e10),
    nonlinear_damping=st.floats(-0.9, 50),
    frequency=st.floats(1e6, 1e11),
    nonlinear_frequency_shift=st.floats(-1e10, 1e10),
)
DEVICE = SpinTorqueOscillator(
    2e-3, 1e6, 1.5, frequency=3e8, nonlinear_frequency_shift=4e6, current_tuning=5e9
)


@few
@given(devices, st.floats(1.001, 100), st.floats(1e-3, 10))
def test_stationary_power_lies_between_zero_and_one_and_grows(device, z, more):
    current = device.threshold_current * np.array([z, z + more])
    low, high = device.stationary_power(current)
    assert 0 < low < high < 1


@few
@given(devices, st.floats(1.001, 100))
def test_power_does_not_change_at_the_stationary_power(device, z):
    current = z * device.threshold_current
    p = device.stationary_power(current)
    gain, loss = device.growth_rate(current) * p, device.saturation_rate(current) * p**2
    # A few roundings; z - 1 loses three digits at most.
    assert gain == pytest.approx(loss, rel=1e-12, abs=0)


@few
@given(devices, st.floats(-5, 5))
def test_rate_coefficients_give_both_rates(device, z):
    current = z * device.threshold_current
    k = device.rate_coefficients()
    scale = device.damping_rate * (10 + device.nonlinear_damping)
    a, b = device.growth_rate(current), device.saturation_rate(current)
    assert abs(k.growth_slope * current + k.growth_offset - a) < 1e-13 * scale
    assert abs(k.saturation_slope * current + k.saturation_offset - b) < 1e-13 * scale


@few
@given(devices, st.floats(1.01, 10))
def test_stationary_power_has_the_slope_of_the_closed_form(device, z):
    step = 1e-5 * z
    currents = device.threshold_current * np.array([z - step, z + step])
    measured = np.diff(device.stationary_power(currents))[0] / (2 * step)
    q = device.nonlinear_damping
    # A central difference of step 1e-5: its curvature, and the digits that it cancels.
    assert measured == pytest.approx((1 + q) / (z + q) ** 2, rel=1e-4, abs=0)


@pytest.mark.parametrize("z", [-1.0, 0.0, 0.5, 1.0])
def test_power_rests_on_the_thermal_floor_up_to_threshold(z):
    assert DEVICE.stationary_power(z * 2e-3) == DEVICE.power_floor


@pytest.mark.parametrize("z", [1.2, 2.0, 4.0])
def test_small_deviations_above_threshold_decay_in_the_relaxation_time(z):
    current, e = z * 2e-3, 1e-6
    t = DEVICE.relaxation_time(current)
    p0 = DEVICE.stationary_power(current)
    # The logistic solution after one relaxation time.
    p = p0 / (1 + (1 / (1 + e) - 1) * math.exp(-DEVICE.growth_rate(current) * t))
    assert math.sqrt(p / p0) - 1 == pytest.approx(e / 2 / math.e, rel=1e-4, abs=0)


def test_amplitude_below_threshold_decays_at_half_the_rate_of_power():
    assert DEVICE.relaxation_time(1e-3) == pytest.approx(1 / (1e6 * 0.5), rel=1e-12, abs=0)


def test_relaxation_never_ends_at_threshold():
    assert DEVICE.relaxation_time(2e-3) == math.inf


def test_frequency_adds_nonlinear_shift_and_current_tuning():
    p = (1.5 - 1) / (1.5 + 1.5)
    assert DEVICE.stationary_frequency(3e-3) == pytest.approx(3e8 + 4e6 * p + 5e9 * 1e-3)


@pytest.mark.parametrize(
    ("tuning", "shift"),
    [(5e9, 4e6), (5e9, 0.0), (5e9, -4e6), (0.0, 4e6), (0.0, -4e6), (-2e9, 4e6), (-2e9, 0.0)],
)
def test_the_current_of_a_frequency_gives_this_frequency(tuning, shift):
    device = dataclasses.replace(
        DEVICE, current_tuning=tuning, nonlinear_frequency_shift=shift
    )
    lowest, highest = 2.1e-3, 8e-3
    current = np.linspace(lowest, highest, 50)
    frequency = device.stationary_frequency(current)
    found = device.current_at(frequency, lowest, highest)
    # The inverse in closed form leaves a few roundings of 3e8 Hz.
    np.testing.assert_allclose(device.stationary_frequency(found), frequency, rtol=1e-14)
    if tuning * shift >= 0:  # Else two currents may give one frequency.
        # Where the curve is flat, a last digit of the frequency moves more of the current.
        np.testing.assert_allclose(found, current, rtol=1e-9)
    else:
        assert (found <= current * (1 + 1e-9)).all()
    ends = device.stationary_frequency(np.array([lowest, highest]))
    for far in (frequency.min() - 1e9, frequency.max() + 1e9):
        nearer = (lowest, highest)[np.abs(ends - far).argmin()]
        assert device.current_at(far, lowest, highest) == nearer


def test_nonlinear_shift_is_shift_per_power_over_relaxation():
    expected = 2 * math.pi * 4e6 / (1e6 * (1.5 + 1.5))
    assert DEVICE.nonlinear_shift(3e-3) == pytest.approx(expected, rel=1e-12, abs=0)


def test_nonlinear_shift_does_not_fail_for_any_finite_current():
    DEVICE.nonlinear_shift(np.array([-1.5, 0.0, 1.0]) * 2e-3)
    DEVICE.nonlinear_shift(-1.5 * 2e-3)


METHODS = [
    "overdrive",
    "growth_rate",
    "saturation_rate",
    "stationary_power",
    "stationary_amplitude",
    "stationary_frequency",
    "relaxation_time",
    "nonlinear_shift",
]


@pytest.mark.parametrize("method", METHODS)
def test_scalars_give_floats_and_arrays_keep_their_shape(method):
    assert type(getattr(DEVICE, method)(3e-3)) is float
    assert getattr(DEVICE, method)(np.full((2, 0, 3), 3e-3)).shape == (2, 0, 3)
    assert getattr(DEVICE, method)([3e-3, 4e-3]).shape == (2,)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_current_that_is_not_finite_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        DEVICE.stationary_power([1e-3, bad])


@pytest.mark.parametrize(
    ("name", "value"),
    [(f.name, v) for f in dataclasses.fields(DEVICE) for v in (math.nan, math.inf)]
    + [
        ("threshold_current", 0.0),
        ("threshold_current", -1e-3),
        ("damping_rate", 0.0),
        ("nonlinear_damping", -1.0),
        ("frequency", 0.0),
        ("power_floor", 0.0),
        ("power_floor", 9e-19),
        ("power_floor", 2e-3),
    ],
)
def test_a_parameter_outside_its_range_is_named(name, value):
    with pytest.raises(ValueError, match=name):
        dataclasses.replace(DEVICE, **{name: value})


@pytest.mark.parametrize("value", ["1e-3", None, True, 1j, [1e-3]])
def test_a_parameter_that_is_no_real_number_is_named(value):
    with pytest.raises(TypeError, match="threshold_current"):
        dataclasses.replace(DEVICE, threshold_current=value)


def test_a_device_is_frozen_comparable_hashable_and_picklable():
    twin = pickle.loads(pickle.dumps(DEVICE))
    assert twin == DEVICE and hash(twin) == hash(DEVICE)
    assert dataclasses.replace(DEVICE, frequency=1e8) != DEVICE
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEVICE.frequency = 1.0


def test_describe_says_above_and_below():
    assert "50.0 % above" in DEVICE.describe(3e-3)
    assert DEVICE.describe(1e-3) == "0.001 A is 50.0 % below the threshold of 0.002 A"


def test_describe_has_the_frequency_and_the_relaxation_time_of_the_closed_forms():
    # p = (z - 1)/(z + Q), f = f0 + N p + k (I - Ith), and the time is 1/(2 G (z - 1)).
    device = SpinTorqueOscillator(
        2e-3, 1e6, 1.5, frequency=3e8, nonlinear_frequency_shift=5e7, current_tuning=1e9
    )
    assert device.describe(3e-3).endswith(", where it runs at 309.3 MHz and relaxes in 1 us")
    frequency = 3e8 + 5e7 * (0.5 / 3) + 1e9 * 1e-3
    assert frequency == pytest.approx(309.3e6, abs=0.05e6)


@pytest.mark.parametrize("name", sorted(SpinTorqueOscillator.presets))
def test_every_preset_oscillates_and_tells_its_origin(name):
    device = SpinTorqueOscillator.from_preset(name)
    assert device.stationary_power(1.5 * device.threshold_current) > 0.01
    assert len(SpinTorqueOscillator.provenance(name)) > 100


@pytest.mark.parametrize(
    ("name", "current", "seconds"),
    [("torrejon2017", 7e-3, 410e-9), ("riou2017", 6e-3, 200e-9)],
)
def test_a_preset_relaxes_as_its_provenance_says(name, current, seconds):
    device = SpinTorqueOscillator.from_preset(name)
    assert device.relaxation_time(current) == pytest.approx(seconds, rel=1e-12, abs=0)
    assert f"{seconds * 1e9:.0f} ns" in SpinTorqueOscillator.provenance(name)


@pytest.mark.parametrize("name", ["torrejon2017", "riou2017"])
def test_a_vortex_preset_keeps_its_nonlinear_shift_in_the_recalled_range(name):
    device = SpinTorqueOscillator.from_preset(name)
    assert 0 <= device.nonlinear_shift(2 * device.threshold_current) <= 5


def test_an_unknown_preset_lists_the_known_ones():
    with pytest.raises(ValueError, match="riou2017.*torrejon2017"):
        SpinTorqueOscillator.from_preset("torejon")
    with pytest.raises(ValueError, match="grimaldi2014.*torrejon2017"):
        find_device("torejon")


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_name_stands_for_one_device_that_tells_its_origin(name):
    device = find_device(name)
    assert name in device.presets and len(device.provenance(name)) > 100


def fit(current, amplitude):
    return SpinTorqueOscillator.from_amplitude_curve(
        current, amplitude, damping_rate=1e6, frequency=3e8
    )


def curve(current, noise=0.0, seed=0):
    z = np.maximum(current / 2e-3, 1)
    clean = 0.02 * np.sqrt((z - 1) / (z + 1.5))
    return clean + noise * np.random.default_rng(seed).normal(size=len(current))


@pytest.mark.parametrize("points", [12, 25, 61])
def test_a_noiseless_curve_gives_its_parameters_back(points):
    current = np.linspace(0.5e-3, 8e-3, points)
    found = fit(current, curve(current))
    # Where scipy's least squares stop, a sum of squares has no more digits to lose.
    assert found.oscillator.threshold_current == pytest.approx(2e-3, rel=1e-6)
    assert found.oscillator.nonlinear_damping == pytest.approx(1.5, rel=1e-5)
    assert found.scale == pytest.approx(0.02, rel=1e-5)


def test_order_of_the_points_does_not_matter():
    current = np.linspace(0.5e-3, 8e-3, 31)
    mixed = np.random.default_rng(1).permutation(31)
    a = fit(current, curve(current, 1e-4))
    b = fit(current[mixed], curve(current, 1e-4)[mixed])
    # The same sorted curve, but scipy's linear algebra may add it in another order, and the
    # bottom of a sum of squares is flat to the root of the rounding.
    for name in ("threshold_current", "nonlinear_damping"):
        values = (getattr(found.oscillator, name) for found in (a, b))
        assert next(values) == pytest.approx(next(values), rel=1e-6, abs=0)


@pytest.mark.slow
def test_noisy_curves_are_recovered_within_their_standard_errors():
    current = np.linspace(0.5e-3, 8e-3, 41)
    pulls = []
    for seed in range(40):
        found = fit(current, curve(current, 1e-4, seed))
        device = found.oscillator
        pulls.append(
            [
                (device.threshold_current - 2e-3) / found.threshold_error,
                (device.nonlinear_damping - 1.5) / found.nonlinear_damping_error,
                (found.scale - 0.02) / found.scale_error,
            ]
        )
    assert (np.abs(pulls) < 4).all()
    spread = np.sqrt(np.mean(np.square(pulls), axis=0))
    assert (spread > 0.6).all() and (spread < 1.5).all()


@pytest.mark.parametrize(
    ("current", "amplitude"),
    [
        (np.linspace(1, 2, 8), np.linspace(0, 1, 7)),
        (np.ones((4, 2)), np.ones((4, 2))),
        (np.linspace(1e-3, 8e-3, 8), np.zeros(8)),
        (np.linspace(1e-3, 8e-3, 8), np.r_[np.zeros(6), 1, 2.0]),
        (np.linspace(1e-3, 8e-3, 8), np.r_[np.zeros(3), np.nan, 1, 2, 3, 4]),
        (np.linspace(3e-3, 8e-3, 20), curve(np.linspace(3e-3, 8e-3, 20))),
    ],
    ids=["lengths", "shape", "zero", "too few above", "nan", "not bracketed"],
)
def test_a_curve_that_cannot_be_fitted_is_refused(current, amplitude):
    with pytest.raises(ValueError):
        fit(current, amplitude)
