"""The exact step against closed forms, other integrators, and its own laws."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from reservoir import (
    SimulationError,
    SpinTorqueOscillator,
    TimeMultiplexedReservoir,
    UnitsWarning,
    _core,
    observe,
    simulate,
)
from reservoir.devices import (
    MackeyGlassNode,
    MacrospinOscillator,
    MeasuredOscillator,
    OptoelectronicNode,
    PhaseLockedOscillator,
    VortexOscillator,
)
from reservoir.simulation import held_flow

pytestmark = pytest.mark.kernel

few = settings(derandomize=True, max_examples=40, database=None)
VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")
THRESHOLD = VORTEX.threshold_current
T = 1 / (2 * VORTEX.damping_rate)  # relaxation time at twice the threshold


def power_in_forty_digits(oscillator, currents, hold_time, power):
    """p(t) = a p / (b p + (a - b p) exp(-a t)) step by step, with the floor."""
    with mpmath.workdps(40):
        p, h = mpmath.mpf(power), mpmath.mpf(hold_time)
        rate = mpmath.mpf(oscillator.damping_rate)
        damping = mpmath.mpf(oscillator.nonlinear_damping)
        powers = []
        for current in currents:
            z = mpmath.mpf(float(current)) / mpmath.mpf(oscillator.threshold_current)
            a, b = 2 * rate * (z - 1), 2 * rate * (z + damping)
            if a == 0:
                p = p / (1 + b * p * h)
            else:
                p = a * p / (b * p + (a - b * p) * mpmath.exp(-a * h))
            p = max(p, mpmath.mpf(oscillator.power_floor))
            powers.append(p)
        return np.array([float(p) for p in powers])


@pytest.mark.parametrize("hold", [0.01, 0.2, 1.0, 5.0, 20.0])
@pytest.mark.parametrize("damping", [-0.5, 0.0, 1.0, 10.0])
def test_power_equals_the_closed_form_in_forty_digits(hold, damping):
    oscillator = dataclasses.replace(VORTEX, nonlinear_damping=damping)
    generator = np.random.default_rng(0)
    currents = THRESHOLD * generator.uniform(-1, 5, 300)
    amplitude = simulate(oscillator, currents, hold * T, initial_power=0.2)
    exact = power_in_forty_digits(oscillator, currents, hold * T, 0.2)
    # Powers are above the floor, so a ratio is safe. Growth from the floor multiplies the
    # rounding of its start.
    assert np.max(np.abs(amplitude**2 / exact - 1)) < 1e-11


@pytest.mark.parametrize("hold", [0.01, 1.0, 20.0])
def test_power_equals_an_adaptive_integrator_on_the_logarithm(hold):
    generator = np.random.default_rng(1)
    currents = THRESHOLD * generator.uniform(-1, 5, 12)
    amplitude = simulate(VORTEX, currents, hold * T, initial_power=0.3)
    log_power = np.log(0.3)
    for current, found in zip(currents, amplitude, strict=True):
        a, b = VORTEX.growth_rate(current), VORTEX.saturation_rate(current)
        solution = solve_ivp(
            lambda t, y, a=a, b=b: a - b * np.exp(y),
            (0, hold * T),
            [log_power],
            method="LSODA",
            rtol=1e-11,
            atol=1e-12,
        )
        log_power = max(solution.y[0, -1], np.log(VORTEX.power_floor))
        # The integrator keeps 1e-11 a step, over a dozen holds of up to 20 relaxation times.
        assert abs(np.expm1(2 * np.log(found) - log_power)) < 1e-8


def test_currents_at_below_and_under_the_threshold_are_legal():
    at = simulate(VORTEX, np.full(1, THRESHOLD), T, initial_power=0.25)
    b = VORTEX.saturation_rate(THRESHOLD)
    # One step: a few roundings. Powers are small, so the default of abs would not see them.
    assert at[0] ** 2 == pytest.approx(0.25 / (1 + b * 0.25 * T), rel=1e-13, abs=0)
    below = simulate(VORTEX, np.full(1, 0.5 * THRESHOLD), T, initial_power=0.25)
    assert below[0] < at[0]
    negative = simulate(VORTEX, np.full(40, -10 * THRESHOLD), T, initial_power=0.25)
    assert negative[-1] ** 2 == pytest.approx(VORTEX.power_floor, rel=1e-12, abs=0)


@pytest.mark.parametrize("hold", [1e3, 6e4, 1e6])
@pytest.mark.parametrize("damping", [-0.9, 100.0])
@pytest.mark.parametrize("floor", [1e-18, 1e-3])
def test_next_to_the_threshold_an_answer_is_exact_for_its_current_to_two_digits(
    hold, damping, floor
):
    # A long hold multiplies the last digit of a current. So the answer must lie between
    # those of the currents two last digits below and above; the power rises with a current.
    device = dataclasses.replace(VORTEX, nonlinear_damping=damping, power_floor=floor)
    generator = np.random.default_rng(3)
    away = generator.choice([-1, 1], 60) * 10 ** generator.uniform(-16, -6, 60)
    for current in THRESHOLD * (1 + away):
        found = simulate(device, np.array([current]), hold * T, initial_power=2e-3)[0] ** 2
        low, high = (
            power_in_forty_digits(device, [current + step], hold * T, 2e-3)[0]
            for step in (-2 * np.spacing(current), 2 * np.spacing(current))
        )
        assert low * (1 - 2e-14) <= found <= high * (1 + 2e-14)


@pytest.mark.filterwarnings("ignore::reservoir.UnitsWarning")
def test_a_full_power_far_below_the_threshold_decays_as_its_last_digits_allow():
    # One moment at -1e10 thresholds. The power decays towards a/b = 1 + 8e-12, from which a
    # full power is told by its last digits only. So the answer must lie between those of the
    # powers twenty last digits below and above.
    device = dataclasses.replace(VORTEX, nonlinear_damping=-0.9, power_floor=1e-18)
    current, hold = np.array([-1.3e10 * THRESHOLD]), 2.1e-9 / VORTEX.damping_rate
    found = simulate(device, current, hold, initial_power=1.0)[0] ** 2
    high, low = (
        power_in_forty_digits(device, current, hold, 1 - side * 20 * 2.0**-52)[0]
        for side in (-1, 1)
    )
    assert low < found < high < 3 * low


@pytest.mark.parametrize("overdrive", [-1e9, -300.0, 1e9])
@pytest.mark.parametrize("hold", [1e-3, 1.0, 1e4])
def test_extreme_currents_and_holds_stay_finite_and_end_where_they_must(overdrive, hold):
    amplitude = simulate(
        VORTEX, np.full(2000, overdrive * THRESHOLD), hold * T, initial_power=0.5
    )
    assert np.isfinite(amplitude).all()
    rest = VORTEX.stationary_power(overdrive * THRESHOLD)
    # A few roundings; powers are small, so the default of abs would let them pass.
    assert amplitude[-1] ** 2 == pytest.approx(rest, rel=1e-9, abs=0)


@pytest.mark.filterwarnings("ignore::reservoir.UnitsWarning")
@few
@given(
    st.sampled_from([5e-324, 1e-300, 1e-30, 1e-9, 1.0, 1e6, 1e12, 1e30, 1e300]),
    st.lists(
        st.one_of(
            st.floats(-1e30, 1e30),
            st.sampled_from([-1e30, -1.0, 0.0, 5e-324, 1 - 1e-16, 1.0, 1 + 2.3e-16, 1e30]),
        ),
        min_size=1,
        max_size=9,
    ),
    st.sampled_from([1e-18, 1e-12, 1e-3]),
    st.sampled_from([-0.999, 0.0, 1.0, 1e6]),
    st.sampled_from([np.float64, np.float32]),
)
def test_no_legal_hold_or_current_leads_out_of_the_powers(hold, z, floor, damping, kind):
    device = dataclasses.replace(
        VORTEX, threshold_current=1.0, power_floor=floor, nonlinear_damping=damping
    )
    for start in (floor, 0.5, 1.0):
        amplitude = simulate(device, np.array(z, dtype=kind), hold, initial_power=start)
        assert (amplitude >= floor**0.5 * (1 - 1e-6)).all()
        assert (amplitude <= 1 + 1e-6).all()


@pytest.mark.filterwarnings("ignore::reservoir.UnitsWarning")
@pytest.mark.parametrize(
    "overdrive", [-3.0, 0.0, 0.5, 1 - 1e-8, 1.0, 1 + 1e-8, 1.5, 1e6, 1e30]
)
@pytest.mark.parametrize("hold", [1e15, 1e300])
def test_an_endless_hold_ends_at_rest(overdrive, hold):
    current = np.full(2, overdrive * THRESHOLD)
    amplitude = simulate(VORTEX, current, hold, initial_power=0.5)
    rest = VORTEX.stationary_power(current)
    if overdrive == 1.0:  # There the power falls as 1/(b t), after 1e15 s to 4e-22.
        rest = VORTEX.power_floor
    np.testing.assert_allclose(amplitude**2, rest, rtol=1e-7)


@pytest.mark.filterwarnings("ignore::reservoir.UnitsWarning")
def test_an_orbit_that_grows_without_limit_is_refused_with_its_place():
    vortex = dataclasses.replace(VortexOscillator.from_preset("grimaldi2014"), chirality=-1)
    rates = vortex.rate_coefficients()
    beyond = -1.5 * rates.saturation_offset / rates.saturation_slope
    assert vortex.saturation_rate(beyond) < 0 < vortex.growth_rate(beyond)
    rest = 1.2 * vortex.threshold_current
    current = np.array([[rest, rest], [rest, beyond]])
    with pytest.raises(SimulationError, match="without limit at step 1 of row 1: its sat"):
        simulate(vortex, current, 1e-5)


@pytest.mark.parametrize(
    ("current", "hold", "words"),
    [
        ([3.0, 5.0, 7.0], 1e-7, "2e.03 times the threshold of 0.0035 A. Currents are in A"),
        ([3e-3, 5e-3, 7e-3], 100.0, "1.22e.08 times the relaxation time.*Times are in s"),
    ],
)
def test_milliamperes_for_amperes_and_nanoseconds_for_seconds_are_noticed(
    current, hold, words
):
    with pytest.warns(UnitsWarning, match=words):
        simulate(VORTEX, current, hold)
    with pytest.warns(UnitsWarning, match=words):
        observe(VORTEX, current, hold)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"current": np.array([5e-3 + 2j])}, "current holds complex numbers"),
        ({"current": np.ma.masked_array([5e-3, np.pi], [0, 1])}, r"masked at index \(1\)"),
        ({"current": ["5e-3"]}, "current holds text"),
        ({"current": np.array(["2020"], "M8[D]")}, "current holds dates"),
        ({"current": [True, False]}, "current holds True"),
        ({"current": None}, "current holds None"),
        ({"hold_time": True}, "hold_time is True"),
        ({"hold_time": "abc"}, "hold_time is 'abc'"),
        ({"hold_time": 10**400}, "hold_time is 1000"),
        ({"initial_power": "x"}, "initial_power holds text"),
        ({"initial_power": True}, "initial_power holds True"),
        ({"initial_power": [None]}, "initial_power holds None"),
        ({"initial_power": 0.5j}, "initial_power holds complex"),
    ],
)
@pytest.mark.parametrize("function", [simulate, observe])
def test_what_is_no_number_is_refused_in_a_sentence(function, changes, words):
    arguments = {"current": [5e-3], "hold_time": 1e-7} | changes
    with pytest.raises(ValueError, match=words) as caught:
        function(VORTEX, **arguments)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "device",
    [
        VORTEX,
        MackeyGlassNode(delay=1.0),
        OptoelectronicNode(delay=1.0),
        PhaseLockedOscillator.from_preset("markovic2019"),
        MacrospinOscillator.from_preset("perpendicular"),
        MeasuredOscillator((1e-3, 2e-3, 3e-3), (0.0, 1.0, 2.0), 1e-7, threshold_current=1e-3),
    ],
    ids=lambda device: type(device).__name__,
)
@pytest.mark.parametrize("hold", [5e-324, 1e-300, 1e300])
@pytest.mark.parametrize("drive", [-1e300, 2e-3, 1e300])
@pytest.mark.filterwarnings("ignore::reservoir.UnitsWarning")
def test_every_device_answers_with_numbers_or_a_sentence(device, hold, drive):
    try:
        answers = simulate(device, np.full(3, drive), hold)
    except (ValueError, SimulationError) as error:
        assert str(error).endswith(".")
    else:
        assert np.isfinite(answers).all()


def test_a_device_of_single_precision_numbers_computes_in_double():
    single = dataclasses.replace(
        VORTEX, **{name: np.float32(getattr(VORTEX, name)) for name in ("damping_rate",)}
    )
    assert type(single.damping_rate) is float
    double = dataclasses.replace(VORTEX, damping_rate=float(np.float32(VORTEX.damping_rate)))
    assert single == double


def test_a_hold_time_of_single_precision_is_that_number_in_double():
    current = np.linspace(2e-3, 8e-3, 50)
    hold = np.float32(3e-7)
    assert np.array_equal(
        simulate(VORTEX, current, hold), simulate(VORTEX, current, float(hold))
    )


def test_the_floor_holds_exactly_on_long_stretches_below_threshold():
    generator = np.random.default_rng(2)
    currents = THRESHOLD * np.repeat(generator.uniform(-1, 2, 60), 50)
    amplitude = simulate(VORTEX, currents, 0.7 * T)
    exact = power_in_forty_digits(VORTEX, currents, 0.7 * T, VORTEX.power_floor)
    assert (exact == VORTEX.power_floor).any()
    # Never below the floor of 1e-12, so a relative tolerance says enough.
    np.testing.assert_allclose(amplitude**2, exact, rtol=1e-11)


@few
@given(st.integers(1, 1200), st.integers(0, 2**31), st.floats(0.05, 8))
def test_two_halves_of_a_hold_equal_the_whole(n_steps, seed, hold):
    currents = THRESHOLD * np.random.default_rng(seed).uniform(-1, 5, n_steps)
    whole = simulate(VORTEX, currents, hold * T, initial_power=0.1)
    halves = simulate(VORTEX, np.repeat(currents, 2), hold * T / 2, initial_power=0.1)
    # Roundings of up to 1200 steps; amplitudes are above 1e-6, the root of the floor.
    np.testing.assert_allclose(halves[1::2], whole, rtol=1e-10)


@few
@given(st.integers(1, 40), st.integers(0, 70), st.integers(0, 2**31))
def test_rows_do_not_depend_on_their_neighbours(n_rows, n_steps, seed):
    currents = THRESHOLD * np.random.default_rng(seed).uniform(0, 3, (n_rows, n_steps))
    together = simulate(VORTEX, currents, T)
    alone = np.array([simulate(VORTEX, row, T) for row in currents])
    assert together.tobytes() == alone.reshape(together.shape).tobytes()


def test_rest_is_a_fixed_point():
    for overdrive in (1.01, 1.5, 5.0):
        current = np.full(50, overdrive * THRESHOLD)
        power = VORTEX.stationary_power(current[0])
        amplitude = simulate(VORTEX, current, 3 * T, initial_power=power)
        # Every step pulls back to rest, so roundings do not add up.
        np.testing.assert_allclose(amplitude**2, power, rtol=1e-13)


def test_small_deviations_decay_with_the_relaxation_time():
    current = 1.7 * THRESHOLD
    time, rest = VORTEX.relaxation_time(current), VORTEX.stationary_amplitude(current)
    start = VORTEX.stationary_power(current) * (1 + 1e-6)
    amplitude = simulate(VORTEX, np.full(2, current), time, initial_power=start)
    decay = (amplitude[1] - rest) / (amplitude[0] - rest)
    assert decay == pytest.approx(np.exp(-1), rel=1e-4)


def test_shapes_dtypes_and_out_are_kept():
    currents = np.linspace(0, 2, 24).reshape(2, 3, 4) * THRESHOLD
    out = np.empty_like(currents)
    assert simulate(VORTEX, currents, T, out=out) is out
    single = simulate(VORTEX, currents.astype(np.float32), T)
    assert single.shape == currents.shape and single.dtype == np.float32
    # Single precision of the currents, 6e-8, times the steepness near the threshold.
    np.testing.assert_allclose(single, out, rtol=1e-5)
    frozen = currents.copy()
    frozen.flags.writeable = False
    assert np.array_equal(simulate(VORTEX, frozen, T), out)
    assert np.array_equal(simulate(VORTEX, np.asfortranarray(currents), T), out)
    each = simulate(VORTEX, currents, T, initial_power=np.full((2, 3), 1e-12))
    assert np.array_equal(each, out)
    assert simulate(VORTEX, np.empty((3, 0)), T).shape == (3, 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("n_steps", [5, 700])
def test_a_current_that_is_not_finite_is_named(bad, n_steps):
    currents = np.full((2, n_steps), THRESHOLD)
    currents[1, 3] = bad
    with pytest.raises(SimulationError, match="at step 3 of row 1"):
        simulate(VORTEX, currents, T)


@pytest.mark.parametrize("hold_time", [-1e-9, 0.0, np.nan, np.inf, None])
def test_a_hold_time_must_be_positive(hold_time):
    with pytest.raises(ValueError, match="hold_time is"):
        simulate(VORTEX, [THRESHOLD], hold_time)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="initial_power is 2"):
        simulate(VORTEX, [THRESHOLD], T, initial_power=2)
    with pytest.raises(ValueError, match="fit the rows"):
        simulate(VORTEX, [THRESHOLD], T, initial_power=[0.1, 0.1])
    with pytest.raises(ValueError, match="out must be"):
        simulate(VORTEX, np.ones(3), T, out=np.empty(4))
    with pytest.raises(ValueError, match="single number"):
        simulate(VORTEX, 7e-3, T)


@pytest.mark.parametrize("name", _core.available_instruction_sets())
@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-12), ("float32", 3e-6)])
def test_every_instruction_set_and_layout_agrees(name, dtype, tolerance):
    kernel = _core.load_kernel("multiplex", name)
    lanes = kernel.layout["lanes"]
    currents = np.random.default_rng(3).uniform(-1, 5, (2, 300, lanes)) * THRESHOLD
    currents = currents.astype(dtype)
    rows = np.ascontiguousarray(currents.transpose(0, 2, 1)).reshape(-1, 300)
    exact = power_in_forty_digits(VORTEX, rows[7], 0.8 * T, 0.2) ** 0.5
    flow = held_flow(VORTEX, 0.8 * T)
    side_by_side, row_by_row = np.empty_like(currents), np.empty_like(rows)
    kernel.simulate_lanes(currents, 5.0, flow, side_by_side)
    assert kernel.simulate(rows, np.full(len(rows), 5.0), flow, row_by_row) == -1
    # 300 steps of rounding, 1e-16 or 6e-8 each; amplitudes are never near 0 (see the floor).
    np.testing.assert_allclose(row_by_row[7], exact, rtol=tolerance)
    np.testing.assert_allclose(side_by_side[0, :, 7], exact, rtol=tolerance)


def test_many_threads_at_once_get_the_same_answers():
    currents = THRESHOLD * np.random.default_rng(4).uniform(0, 3, (16, 3000))
    expected = [simulate(VORTEX, row, T) for row in currents]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda row: simulate(VORTEX, row, T), currents))
    assert all(np.array_equal(a, b) for a, b in zip(expected, found, strict=True))


@pytest.mark.parametrize("shift", [-1, 1, 600])
def test_out_may_overlap_the_currents(shift):
    buffer = THRESHOLD * np.random.default_rng(5).uniform(0, 3, 4000)
    begin = max(0, -shift)
    current, out = buffer[begin : begin + 3000], buffer[begin + shift : begin + shift + 3000]
    expected = simulate(VORTEX, current.copy(), T)
    assert np.array_equal(simulate(VORTEX, current, T, out=out), expected)


@pytest.mark.filterwarnings("ignore::reservoir.UnitsWarning")
@pytest.mark.parametrize("hold", [5e-324, 1e-300, 1e-100, 1e-30, 1e-20, 1e-15])
@pytest.mark.parametrize("damping", [-0.999, 1.0])
def test_a_full_power_survives_any_negative_current(hold, damping):
    device = dataclasses.replace(VORTEX, threshold_current=1.0, nonlinear_damping=damping)
    for overdrive in -(10.0 ** np.arange(0, 31)):
        amplitude = simulate(device, np.full(40, overdrive), hold, initial_power=1.0)
        assert (amplitude >= 1e-6 * (1 - 1e-6)).all() and (amplitude <= 1 + 1e-6).all()


@pytest.mark.filterwarnings("ignore::reservoir.UnitsWarning")
@pytest.mark.parametrize("damping", [-0.999, 1.0, 1e6])
@pytest.mark.parametrize("reach", [(-5.0, 8.0), (0.99, 1.01), (-1e6, 1e6)])
@pytest.mark.parametrize("hold", [1e-3, 1.0, 1e3, 1e9, 1e25, 1e290])
def test_states_of_single_precision_stay_powers_in_any_hold(damping, reach, hold):
    device = dataclasses.replace(VORTEX, nonlinear_damping=damping, power_floor=1e-12)
    reservoir = TimeMultiplexedReservoir(
        device,
        n_nodes=20,
        drive_range=reach,
        node_time=hold / device.damping_rate,
        random_state=0,
        dtype="float32",
    )
    X = [np.random.default_rng(k).normal(size=(40, 3)) for k in range(4)]
    states = np.concatenate(reservoir.fit(X).transform(X))
    assert (states >= 1e-6 * (1 - 1e-5)).all() and (states <= 1 + 1e-3).all()
