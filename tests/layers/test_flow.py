"""The power under a held current: against 40 digits, quadrature, a simulation, and itself."""

import mpmath
import numpy as np
import pytest

from reservoir import SpinTorqueOscillator, simulate
from reservoir.layers.flow import PowerFlow

# Growth and saturation as affine functions of the overdrive: those of a spin-torque
# oscillator, and others whose saturation falls with the current.
RATES = {"spin torque": (1.0, -1.0, 1.0, 2.0), "falling": (0.7, -1.0, -0.2, 3.0)}
OVERDRIVES = np.array([-0.99, 0.0, 0.6, 0.999, 1.0, 1.0 + 1e-7, 1.3, 2.5, 4.0])
POWERS = np.array([1e-9, 1e-4, 0.03, 0.4, 0.9])
EPS = np.finfo(float).eps


def flow(rates="spin torque", noise=1e-2, duration=1.7):
    return PowerFlow(*RATES[rates], noise, duration)


def rates_of(of, z):
    """A and B with many digits."""
    z = mpmath.mpf(z)
    return (
        of.growth_slope * z + of.growth_offset,
        of.saturation_slope * z + of.saturation_offset,
    )


def exact(of, power, z):
    """The Riccati equation solved by its two points of rest, with many digits."""
    a, b = rates_of(of, z)
    root = mpmath.sqrt(a**2 + 4 * mpmath.mpf(of.thermal_noise) * b)
    high, low = (a + root) / (2 * b), (a - root) / (2 * b)
    ratio = (power - high) / (power - low) * mpmath.exp(-of.duration * root)
    return low + (high - low) / (1 - ratio)


def cases(of):
    power, z = (grid.ravel() for grid in np.meshgrid(POWERS, OVERDRIVES))
    return power, z, of.step(power, z)


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("noise", [1e-12, 1e-6, 1e-2, 0.3])
@pytest.mark.parametrize("duration", [1e-3, 1.7, 80.0])
def test_a_step_has_all_digits_of_the_exact_solution(rates, noise, duration):
    of = flow(rates, noise, duration)
    power, z, (end, by_power, by_overdrive) = cases(of)
    with mpmath.workdps(60):
        for index in range(len(z)):
            p, current = mpmath.mpf(power[index]), mpmath.mpf(z[index])
            # A current near the threshold has a growth that is known to rounding only.
            blurred = 8 * EPS * (1 + duration)
            assert end[index] == pytest.approx(float(exact(of, p, current)), rel=blurred)
            slopes = [
                mpmath.diff(lambda x, c=current: exact(of, x, c), p),
                mpmath.diff(lambda x, q=p: exact(of, q, x), current),
            ]
            assert by_power[index] == pytest.approx(float(slopes[0]), rel=100 * blurred)
            # Where S t is small its terms, of the size of p/S, cancel down to p t.
            a, b = rates_of(of, current)
            root = float(mpmath.sqrt(a**2 + 4 * noise * b))
            assert by_overdrive[index] == pytest.approx(
                float(slopes[1]),
                rel=100 * blurred,
                abs=100 * EPS * (power[index] + end[index]) / root,
            )


@pytest.mark.slow
@pytest.mark.parametrize("rates", RATES)
def test_the_time_that_the_equation_takes_to_the_end_is_the_hold(rates):
    of = flow(rates)
    power, z, (end, _, _) = cases(of)
    for index in range(len(z)):
        a, b = rates_of(of, z[index])

        def time_per_power(p, a=a, b=b):
            return 1 / (a * p - b * p**2 + of.thermal_noise)

        taken = mpmath.quad(time_per_power, np.geomspace(power[index], end[index], 5))
        assert float(taken) == pytest.approx(of.duration, rel=1e-8)


@pytest.mark.parametrize("z", [0.5, 1.0, 2.0])
def test_a_step_is_what_an_adaptive_integrator_finds(z):
    of = flow()
    a, b = rates_of(of, z)
    with mpmath.workdps(20):
        solution = mpmath.odefun(
            lambda t, p: a * p - b * p**2 + of.thermal_noise, 0, mpmath.mpf("0.05")
        )
        expected = float(solution(of.duration))
    assert of.step(np.array(0.05), np.array(z))[0] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("noise", [1e-9, 1e-2])
def test_two_half_holds_are_one_hold(rates, noise):
    whole, half = flow(rates, noise, 3.0), flow(rates, noise, 1.5)
    power, z, (end, by_power, by_overdrive) = cases(whole)
    middle, first, first_by_z = half.step(power, z)
    again, second, second_by_z = half.step(middle, z)
    assert again == pytest.approx(end, rel=1e-13)
    assert first * second == pytest.approx(by_power, rel=1e-12)
    assert second_by_z + second * first_by_z == pytest.approx(by_overdrive, rel=1e-11)


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("noise", [1e-9, 1e-2])
def test_the_point_of_rest_is_where_the_rates_balance_and_where_long_holds_end(rates, noise):
    of = flow(rates, noise, 1e6)
    rest = of.rest(OVERDRIVES)
    with mpmath.workdps(40):
        for z, found in zip(OVERDRIVES, rest, strict=True):
            a, b = rates_of(of, z)
            expected = (a + mpmath.sqrt(a**2 + 4 * mpmath.mpf(noise) * b)) / (2 * b)
            assert found == pytest.approx(float(expected), rel=8 * EPS)
    end, by_power, _ = of.step(np.full_like(rest, 0.3), OVERDRIVES)
    assert end == pytest.approx(rest, rel=1e-14)
    assert by_power == pytest.approx(0, abs=1e-12)
    short = flow(rates, noise, 1.0)
    assert short.step(rest, OVERDRIVES)[0] == pytest.approx(rest, rel=1e-14)


@pytest.mark.parametrize("preset", ["ross2023", "torrejon2017"])
def test_without_noise_it_is_the_exact_step_of_the_oscillator(preset):
    # A diffusion d adds at most d (exp(A t) - 1)/A to the power, because it is carried along
    # with a rate of at most A; with A below 0 at most d/|A|.
    oscillator = SpinTorqueOscillator.from_preset(preset)
    noise, duration = 1e-9, 2.0
    of = PowerFlow.of(oscillator, noise, duration)
    z = np.array([0.2, 0.8, 1.1, 1.5, 2.5])
    hold = duration / (2 * oscillator.damping_rate)
    for start in (1e-3, 0.1, 0.6):
        amplitude = simulate(
            oscillator, (z * oscillator.threshold_current)[:, None], hold, initial_power=start
        )[:, 0]
        growth = z - 1
        bound = noise * np.expm1(growth * duration) / growth
        found = of.step(np.full_like(z, start), z)[0] - amplitude**2
        assert (found >= -1e-13).all()
        assert (found <= bound + 1e-13).all()


def test_a_step_keeps_single_precision_and_its_digits():
    of = flow(noise=1e-6)
    power, z, exactly = cases(of)
    z = z.astype("f4")
    power = power.astype("f4")
    exactly = of.step(power.astype(float), z.astype(float))
    found = of.step(power, z)
    assert {each.dtype for each in found} == {np.dtype("f4")}
    for single, double in zip(found[:2], exactly[:2], strict=True):
        assert single == pytest.approx(double, rel=2e-6)
    assert found[2] == pytest.approx(exactly[2], rel=1e-4)


def test_powers_stay_positive_however_small_the_noise():
    of = flow(noise=1e-30, duration=50.0)
    power = np.full(4, 0.5, "f4")
    for _ in range(10):
        power, by_power, by_drive = of.step(power, np.array([-1.0, 0.0, 0.9, 1.5], "f4"))
        assert (power > 0).all() and np.isfinite(power).all()
        assert np.isfinite(by_power).all() and np.isfinite(by_drive).all()
    assert power[3] > 0.1
