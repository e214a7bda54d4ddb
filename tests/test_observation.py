"""Is the thermal noise that of the theory, and free of order, threads and neighbours?"""

import dataclasses

import mpmath
import numpy as np
import pytest
from scipy.integrate import trapezoid

from reservoir import (
    SimulationError,
    SpinTorqueOscillator,
    TimeMultiplexedReservoir,
    _core,
    observation,
    simulate,
)
from reservoir.devices import (
    VortexOscillator,
    amplitude_noise,
    linewidth,
    noise_from_linewidth,
    noise_from_temperature,
    vary,
)
from reservoir.observation import observe

pytestmark = pytest.mark.kernel

VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")
UNIT = dataclasses.replace(
    VORTEX, threshold_current=1.0, damping_rate=1.0, frequency=1.0, current_tuning=0.0
)


def rows_of(current, n_rows, n_steps):
    """Equal currents but for their last digits, so that every row has its own noise."""
    held = np.full((n_rows, n_steps), float(current))
    held[:, 0] *= 1 + 1e-12 * np.arange(n_rows)
    return held


def stationary_moments(overdrive, noise):
    """Mean and variance of the power from the Fokker-Planck equation, for G = Q = 1."""
    p = np.linspace(0, 3, 400_001)
    exponent = ((4 * overdrive) * np.log1p(p) - 2 * (overdrive + 1) * p) / (2 * noise)
    weights = np.exp(exponent - exponent.max()) / (1 + p)
    mean = np.sum(weights * p) / weights.sum()
    return mean, np.sum(weights * (p - mean) ** 2) / weights.sum()


def normals(n_steps):
    out = np.empty((n_steps, 8, _core.multiplex.layout["lanes"]))
    keys = np.arange(out.shape[2], dtype=np.uint64)
    _core.thermal.normals(keys, out)
    return out[:, :4], out[:, 4:]


def test_the_generator_gives_the_published_words():
    # Random123's known answers of philox4x32-10, counter and key zero.
    words, _ = normals(1)
    assert [int(word) for word in words[0, :, 0]] == [
        0x6627E8D5,
        0xE169C58D,
        0xBC57AC4C,
        0x9B00DBD8,
    ]


def test_normal_numbers_are_the_formula_of_box_and_muller():
    words, numbers = normals(200)
    u, v = (words[:, 0] + 0.5) / 2**32, words[:, 1] / 2**32
    size = np.sqrt(-2 * np.log(u))
    # The core's own sine and logarithm differ from numpy's by 6e-13 here. A cosine may be 0,
    # so only an absolute tolerance says something.
    np.testing.assert_allclose(
        numbers[:, 0], size * np.cos(2 * np.pi * v), rtol=0, atol=1e-11
    )
    np.testing.assert_allclose(
        numbers[:, 1], size * np.sin(2 * np.pi * v), rtol=0, atol=1e-11
    )


def test_without_noise_the_amplitude_is_that_of_simulate():
    current = np.random.default_rng(0).uniform(-2e-3, 9e-3, (40, 50))
    read = observe(VORTEX, current, 300e-9, initial_power=0.1)
    expected = simulate(VORTEX, current, 300e-9, initial_power=0.1)
    # Two kernels of one formula, 50 steps; amplitudes are above 1e-6, the root of the floor.
    np.testing.assert_allclose(read.amplitude, expected, rtol=1e-12)


def test_mean_power_is_the_integral_over_the_hold():
    current = np.array([[8e-3, 2e-3, 6e-3, -3.5e-3 * (1 - 1e-9), 3.5e-3]])
    n_parts = 20_000
    read = observe(VORTEX, current, 400e-9, initial_power=0.05)
    fine = simulate(
        VORTEX, np.repeat(current, n_parts, axis=1), 400e-9 / n_parts, initial_power=0.05
    )
    power = np.concatenate([[0.05], fine[0] ** 2])
    trapezoids = (power[1:] + power[:-1]) / 2
    expected = trapezoids.reshape(5, n_parts).mean(axis=1)
    # Trapezoids of 20 ps beside the fastest rate of 1e7 1/s; the integral is never near 0.
    np.testing.assert_allclose(read.power[0], expected, rtol=2e-6)


def exact_means(device, overdrives, hold, power):
    """Mean power of every hold in forty digits, and the power at its end."""
    means = []
    with mpmath.workdps(40):
        p, h = mpmath.mpf(power), mpmath.mpf(hold)
        rate, damping = mpmath.mpf(device.damping_rate), mpmath.mpf(device.nonlinear_damping)
        for z in overdrives:
            a, b = 2 * rate * (mpmath.mpf(z) - 1), 2 * rate * (mpmath.mpf(z) + damping)
            grown = mpmath.expm1(a * h) / a if a else h
            means.append(mpmath.log1p(b * p * grown) / (b * h) if b else p * grown / h)
            p = p * mpmath.exp(a * h) / (1 + b * p * grown)
            p = max(p, mpmath.mpf(device.power_floor))
    return np.array([float(mean) for mean in means])


@pytest.mark.slow
@pytest.mark.parametrize("name", _core.available_instruction_sets())
@pytest.mark.parametrize("hold", [1e-2, 0.3, 3.0, 30.0, 1e3, 1e6])
@pytest.mark.parametrize("floor", [1e-12, 1e-3])
@pytest.mark.parametrize("damping", [-0.5, 1.0, 30.0])
def test_the_mean_power_of_any_hold_is_exact(monkeypatch, name, hold, floor, damping):
    monkeypatch.setattr(observation, "kernel", _core.load_kernel("thermal", name))
    device = dataclasses.replace(UNIT, power_floor=floor, nonlinear_damping=damping)
    generator = np.random.default_rng(0)
    overdrives = np.r_[generator.uniform(-1, 10, 60), 1.0, -damping, -1.0, 0.0, 2.0, 0.0]
    starts = 10 ** generator.uniform(np.log10(floor), 0, 8)
    for start in starts:
        read = observe(device, overdrives, hold, initial_power=start)
        expected = exact_means(device, overdrives, hold, start)
        # The logarithm of the core is right to 2e-12; a power that grows from the floor
        # multiplies the rounding of a h, which is 2e-16 of 2 G h (1 + z).
        rtol = 1e-11 + 1e-15 * min(hold, 40.0)
        np.testing.assert_allclose(read.power, expected, rtol=rtol)


def test_a_long_hold_that_ends_at_the_floor_has_the_mean_of_its_decay():
    read = observe(VORTEX, [7e-3, 0.0], 20e-6, initial_power=1 / 3)
    fine = simulate(VORTEX, np.zeros(20_000), 1e-9, initial_power=1 / 3)
    mean = trapezoid(np.r_[1 / 3, fine**2]) / 20_000
    assert read.amplitude[1] == pytest.approx(1e-6, rel=1e-9)
    # Trapezoids of 1 ns beside a decay of 0.4 us: an error of 5e-7.
    assert read.power[1] == pytest.approx(mean, rel=2e-6)
    shift = VORTEX.nonlinear_frequency_shift * mean
    detuning = VORTEX.current_tuning * -VORTEX.threshold_current
    assert read.frequency[1] == pytest.approx(shift + detuning, rel=1e-6)
    gained = np.diff(read.phase)[0]
    assert gained == pytest.approx(2 * np.pi * 20e-6 * read.frequency[1], rel=1e-12)


@pytest.mark.filterwarnings("ignore::reservoir.UnitsWarning")
@pytest.mark.parametrize("hold", [1e-300, 1e-30, 1e30])
def test_holds_and_currents_beyond_all_devices_read_finite_numbers(hold):
    overdrives = [-1e30, -1e6, -1.0, 0.0, 1 - 1e-16, 1.0, 1 + 2e-16, 2.0, 1e6, 1e30]
    for floor in (1e-18, 1e-3):
        device = dataclasses.replace(UNIT, power_floor=floor, nonlinear_frequency_shift=0.0)
        for overdrive in overdrives:
            read = observe(device, [overdrive, 2.0, overdrive], hold, initial_power=0.5)
            assert (read.power >= 0).all() and (read.power <= 1 + 1e-12).all()
            assert (read.amplitude >= floor**0.5 * (1 - 1e-9)).all()


@pytest.mark.filterwarnings("ignore::reservoir.UnitsWarning")
def test_a_phase_beyond_all_numbers_is_refused():
    with pytest.raises(SimulationError, match="The phase is inf at step 0 of row 0; take a"):
        observe(VORTEX, [7e-3], 1e305)


def test_frequency_and_phase_follow_from_the_power():
    current = np.random.default_rng(1).uniform(4e-3, 9e-3, (3, 30))
    read = observe(VORTEX, current, 100e-9, reference=301e6)
    expected = (
        VORTEX.frequency
        + VORTEX.nonlinear_frequency_shift * read.power
        + VORTEX.current_tuning * (current - VORTEX.threshold_current)
    )
    # The difference of two frequencies of 3e8 Hz has 1e-7 Hz of rounding, and may be 0.
    np.testing.assert_allclose(read.frequency, expected - 301e6, rtol=0, atol=1e-3)
    turned = 2 * np.pi * np.cumsum(read.frequency, axis=1) * 100e-9
    # Sums of 30 turns in two orders; a phase may pass 0.
    np.testing.assert_allclose(read.phase, turned, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("overdrive", [0.5, 1.3, 2.0])
@pytest.mark.parametrize("hold", [0.2, 5.0])
def test_power_fluctuates_as_the_fokker_planck_equation_says(overdrive, hold):
    noise = 3e-4
    mean, variance = stationary_moments(overdrive, noise)
    n_steps = round(60 / hold) + 40
    read = observe(
        UNIT,
        rows_of(overdrive, 640, n_steps),
        hold,
        thermal_noise=noise,
        initial_power=max(mean, noise),
        random_state=0,
    )
    power = read.amplitude[:, n_steps // 2 :] ** 2
    assert power.mean() == pytest.approx(mean, rel=0.02)
    assert power.var() == pytest.approx(variance, rel=0.06)


@pytest.mark.parametrize("name", _core.available_instruction_sets())
@pytest.mark.parametrize("overdrive", [-5.0, 0.5, 1.3, 2.0])
@pytest.mark.parametrize("hold", [50.0, 400.0, 1e4])
def test_power_fluctuates_so_in_holds_of_any_length(monkeypatch, name, overdrive, hold):
    """Ends of long holds are draws of the stationary law, and their means are its mean."""
    monkeypatch.setattr(observation, "kernel", _core.load_kernel("thermal", name))
    noise = 3e-4
    mean, variance = stationary_moments(overdrive, noise)
    if overdrive < 0:  # Far below threshold the amplitude is normal.
        mean = noise / (1 - overdrive)
        variance = mean**2
    current = rows_of(overdrive, 64, 400)
    read = observe(
        UNIT, current, hold, thermal_noise=noise, initial_power=0.5, random_state=0
    )
    ends = read.amplitude[:, 2:] ** 2
    assert ends.mean() == pytest.approx(mean, rel=0.03)
    assert ends.var() == pytest.approx(variance, rel=0.08)
    assert read.power[:, 2:].mean() == pytest.approx(mean, rel=0.03)
    # What one hold ends with tells nothing of the next.
    assert abs(np.corrcoef(ends[:, 1:].ravel(), ends[:, :-1].ravel())[0, 1]) < 0.03


def test_the_error_of_the_mean_power_shrinks_with_the_hold():
    # Order one in the hold for strong noise, where the kicks are no longer exact.
    noise, overdrive = 0.02, 1.5
    mean, _ = stationary_moments(overdrive, noise)
    errors = []
    for hold in (0.8, 0.4, 0.2):
        n_steps = round(160 / hold)
        read = observe(
            UNIT,
            rows_of(overdrive, 640, n_steps),
            hold,
            thermal_noise=noise,
            initial_power=0.2,
            random_state=1,
        )
        errors.append((read.amplitude[:, n_steps // 4 :] ** 2).mean() / mean - 1)
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert errors[0] > errors[1] > errors[2] > 0
    assert orders.mean() == pytest.approx(1.0, abs=0.4)


@pytest.mark.parametrize("shift", [0.0, 2e6])
@pytest.mark.parametrize("hold", [50e-9, 500e-9])
def test_the_linewidth_that_goes_in_comes_out(shift, hold):
    device = dataclasses.replace(VORTEX, nonlinear_frequency_shift=shift)
    width, current = 2e3, 7e-3
    noise = noise_from_linewidth(device, width, current)
    assert linewidth(device, noise, current) == pytest.approx(width, rel=1e-12)
    part = round(10e-6 / hold)  # many relaxation times of 0.41 us
    read = observe(
        device,
        rows_of(current, 512, 16 * part),
        hold,
        thermal_noise=noise,
        initial_power=device.stationary_power(current),
        random_state=0,
    )
    steps = np.diff(read.phase[:, part::part], axis=1)
    diffusion = np.var(steps) / (part * hold)  # of the phase: 2 pi full width
    assert diffusion / (2 * np.pi) == pytest.approx(width, rel=0.05)
    fluctuation = read.amplitude.std() / read.amplitude.mean()
    assert fluctuation == pytest.approx(amplitude_noise(device, noise, current), rel=0.05)


def test_a_calibration_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="only above the threshold"):
        noise_from_linewidth(VORTEX, 1e3, 3e-3)
    with pytest.raises(ValueError, match="relaxes with"):
        noise_from_linewidth(VORTEX, 1e6, 7e-3)
    with pytest.raises(ValueError, match="temperature is -3"):
        noise_from_temperature(-3, 1e-18)
    with pytest.raises(ValueError, match="power of at least 0 and below 1"):
        observe(VORTEX, [7e-3], 1e-7, thermal_noise=2.0)
    with pytest.raises(ValueError, match="single number"):
        observe(VORTEX, 7e-3, 1e-7)


def series(n_series=5):
    generator = np.random.default_rng(3)
    return [generator.normal(size=(length, 2)) for length in 7 + np.arange(n_series)]


@pytest.mark.parametrize(
    "settings",
    [
        {"thermal_noise": 1e-3},
        {"drift": 0.2},
        {"bits": 4},
        {"read": "power", "thermal_noise": 1e-3},
        {"read": "frequency"},
        {"read": "phase", "thermal_noise": 1e-3, "feedback_gain": 0.5},
    ],
)
@pytest.mark.parametrize("pooling", [None, "segments"])
def test_disturbed_states_do_not_depend_on_order_neighbours_or_threads(settings, pooling):
    X = series(40)
    reservoir = TimeMultiplexedReservoir(
        n_nodes=30, random_state=0, pooling=pooling, readout_noise=0.01, **settings
    ).fit(X)
    states = reservoir.transform(X)
    backwards = reservoir.transform(X[::-1])[::-1]
    threaded = reservoir.set_params(n_jobs=2).transform(X)
    alone = reservoir.transform([X[7]])[0]
    for a, b, c in zip(states, backwards, threaded, strict=True):
        assert np.array_equal(a, b) and np.array_equal(a, c)
    assert np.array_equal(alone, states[7])
    plain = TimeMultiplexedReservoir(
        n_nodes=30, random_state=0, pooling=pooling, readout_noise=0.01
    ).fit(X)
    assert not np.array_equal(plain.transform(X)[7], states[7])


def test_what_is_read_of_a_node_is_what_observe_gives():
    X = series()
    for variable in ("power", "frequency"):
        reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0, read=variable)
        states = reservoir.fit(X).transform(X)[0]
        drive = reservoir.drive_
        read = observe(
            VORTEX,
            drive.currents(X[0]).ravel(),
            reservoir.node_time_,
            initial_power=drive.initial_power,
            reference=VORTEX.stationary_frequency(drive.middle),
        )
        expected = getattr(read, variable)
        # The two kernels form the current in another order; a frequency may be near 0.
        atol = 1e-8 * np.abs(expected).max()
        np.testing.assert_allclose(states.ravel(), expected, rtol=1e-8, atol=atol)


def test_weak_thermal_noise_leaves_the_states_nearly_alone():
    X = series()
    plain = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X).transform(X)[2]
    noisy = TimeMultiplexedReservoir(n_nodes=20, random_state=0, thermal_noise=1e-14)
    assert np.abs(noisy.fit(X).transform(X)[2] - plain).max() < 1e-5


def test_a_converter_rounds_to_its_levels():
    X = series()
    reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0, bits=3).fit(X)
    states = np.concatenate(reservoir.transform(X))
    plain = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    exact = np.concatenate(plain.transform(X))
    assert len(np.unique(states)) <= 8
    assert np.abs(states - exact).max() <= np.ptp(exact) / 7 / 2 * (1 + 1e-9)


def test_drift_moves_the_current_by_its_stated_rms():
    X = [np.zeros((1000, 1)) + 1e-9 * k for k in range(60)]
    X[0][0] = 1.0  # so that the channel varies
    options = {"n_nodes": 1, "mask": np.ones((1, 1)), "random_state": 0, "node_time": 2e-5}
    options |= {"drive_range": (1.0, 3.0)}
    plain = TimeMultiplexedReservoir(**options).fit(X).transform(X)
    moved = TimeMultiplexedReservoir(drift=0.05, **options).fit(X).transform(X)
    # At rest p = (z - 1)/(z + 1), so z = (1 + p)/(1 - p).
    ends = [
        (1 + b[-1] ** 2) / (1 - b[-1] ** 2) - (1 + a[-1] ** 2) / (1 - a[-1] ** 2)
        for a, b in zip(plain[1:], moved[1:], strict=True)
    ]
    assert np.std(ends) == pytest.approx(0.05, rel=0.35)


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"read": "colour"}, "'amplitude', 'power', 'frequency', 'phase'"),
        ({"thermal_noise": -1e-3}, "thermal_noise is"),
        ({"thermal_noise": 1.5}, "below 1"),
        ({"drift": -0.1}, "at least 0"),
        ({"bits": 0}, "bits is 0"),
        ({"n_oscillators": 2, "read": "power"}, "Use one oscillator"),
    ],
)
def test_bad_disturbances_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        TimeMultiplexedReservoir(n_nodes=5, **parameters).fit(series())


def test_a_device_of_another_kind_cannot_play_what_was_fitted():
    fitted = TimeMultiplexedReservoir(n_nodes=5, random_state=0).fit(series())
    with pytest.raises(ValueError, match="oscillator is a MackeyGlassNode"):
        fitted.on_device("appeltant2011")


@pytest.mark.parametrize("changes", [{"read": "power"}, {"thermal_noise": 1e-6}])
def test_only_an_oscillator_whose_frequency_is_known_has_noise_and_a_phase(changes):
    reservoir = TimeMultiplexedReservoir("grimaldi2014", n_nodes=5, **changes)
    with pytest.raises(ValueError, match="Use a SpinTorqueOscillator"):
        reservoir.fit(series())
    with pytest.raises(ValueError, match="observe needs a SpinTorqueOscillator"):
        observe(VortexOscillator.from_preset("grimaldi2014"), np.ones(3), 1e-7)


def test_a_fitted_estimator_can_be_played_by_another_device():
    X = series()
    fitted = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    other = vary(VORTEX, 0.05, random_state=1)
    moved = fitted.on_device(other)
    assert fitted.oscillator_ == VORTEX and moved.oscillator_ == other
    assert np.array_equal(
        fitted.on_device(vary(VORTEX, 0.0)).transform(X)[0], fitted.transform(X)[0]
    )
    expected = simulate(
        other,
        fitted.drive_.currents(X[0]).ravel(),
        fitted.node_time_,
        initial_power=fitted.drive_.initial_power,
    )
    # Two kernels of one formula; amplitudes stay above 1e-6, the root of the floor.
    np.testing.assert_allclose(moved.transform(X)[0].ravel(), expected, rtol=1e-11)


def test_devices_vary_by_the_stated_spread():
    devices = [vary(VORTEX, 0.1, seed) for seed in range(400)]
    for name in ("threshold_current", "nonlinear_frequency_shift"):
        values = np.log([getattr(device, name) / getattr(VORTEX, name) for device in devices])
        assert values.std() == pytest.approx(0.1, rel=0.15)
    with pytest.raises(ValueError, match="does not vary"):
        vary(VORTEX, {"power_floor": 0.1})
    with pytest.raises(ValueError, match="spread of at least 0"):
        vary(VORTEX, -0.1)
