"""Kernels of training: tables, polynomials, steps and followed lines, against numpy."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.polynomial import chebyshev

from reservoir import _core

pytestmark = pytest.mark.kernel

SETS = _core.available_instruction_sets()
DTYPES = [np.float64, np.float32]


def kernel(name, instruction_set):
    return _core.load_kernel(name, instruction_set)


def rounding(dtype):
    return float(np.finfo(dtype).eps)


# ---------------------------------------------------------------------- cubic pieces


def read(instruction_set, places, low, high, pieces):
    values, slopes = np.empty_like(places), np.empty_like(places)
    kernel("cubic_table", instruction_set).read_table(
        places, low, high, pieces.astype(places.dtype), values, slopes
    )
    return values, slopes


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("instruction_set", SETS)
def test_a_table_is_read_as_its_polynomials(instruction_set, dtype):
    pieces = np.random.default_rng(0).normal(size=(8, 4)).astype(dtype).astype(float)
    places = np.array([-1.0, -0.6, 0.0, 0.3, 1.0, 2.9, 2.99], dtype)
    values, slopes = read(instruction_set, places, -1.0, 3.0, pieces)
    for place, value, slope in zip(places.astype(float), values, slopes, strict=True):
        cell = min(int((place + 1) * 2), 7)
        x = (place + 1) * 2 - cell
        c = pieces[cell]
        bound = 40 * rounding(dtype)
        assert value == pytest.approx(c @ x ** np.arange(4), abs=bound)
        assert slope == pytest.approx(2 * (c[1] + 2 * c[2] * x + 3 * c[3] * x**2), abs=bound)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("instruction_set", SETS)
def test_beyond_a_table_its_ends_hold_and_nan_stays(instruction_set, dtype):
    pieces = np.random.default_rng(0).normal(size=(8, 4))
    places = np.array([-np.inf, -2, -1, 3, 3.5, np.inf, np.nan], dtype)
    values, slopes = read(instruction_set, places, -1.0, 3.0, pieces)
    assert (values[:3] == dtype(pieces[0, 0])).all()
    assert (values[3:6] == values[3]).all()
    assert values[3] == pytest.approx(pieces[7].sum(), abs=1e-6)
    assert (slopes[[0, 1, 4, 5]] == 0).all()
    assert (slopes[[2, 3]] != 0).all()
    assert np.isnan(values[6])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("instruction_set", SETS)
def test_a_place_is_read_alike_wherever_it_stands(instruction_set, dtype):
    generator = np.random.default_rng(0)
    pieces = generator.normal(size=(8, 4))
    places = generator.uniform(-1.5, 3.5, 101).astype(dtype)
    whole = read(instruction_set, places, -1.0, 3.0, pieces)
    for i in (0, 15, 16, 99, 100):
        alone = read(instruction_set, places[i : i + 1], -1.0, 3.0, pieces)
        assert alone[0][0] == whole[0][i]
        assert alone[1][0] == whole[1][i]


# ---------------------------------------------------------------------- Chebyshev


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("instruction_set", SETS)
@pytest.mark.parametrize(("n_lines", "n_terms"), [(1, 2), (5, 3), (64, 28), (70, 64)])
def test_polynomials_and_their_sums_are_those_of_numpy(
    instruction_set, n_lines, n_terms, dtype
):
    generator = np.random.default_rng(0)
    places = generator.uniform(-1, 1, (3, n_lines)).astype(dtype)
    places[0, 0], places[-1, -1] = 1, -1
    factors = generator.normal(size=(3, n_lines)).astype(dtype)
    features = np.full((3, n_terms * n_lines), np.nan, dtype)
    module = kernel("chebyshev", instruction_set)
    module.spread(factors, places, n_terms, features)
    exact = chebyshev.chebvander(places.astype(float), n_terms - 1) * factors[..., None]
    bound = 2 * n_terms * rounding(dtype) * n_terms
    found = features.reshape(3, n_terms, n_lines).transpose(0, 2, 1)
    np.testing.assert_allclose(found, exact, rtol=0, atol=bound)

    coefficients = generator.normal(size=features.shape).astype(dtype)
    values, slopes = np.full_like(places, np.nan), np.full_like(places, np.nan)
    module.collect(coefficients, places, values, slopes)
    cubes = coefficients.astype(float).reshape(3, n_terms, n_lines)
    for sample, line in np.ndindex(places.shape):
        series = cubes[sample, :, line]
        place = float(places[sample, line])
        expected = chebyshev.chebval(place, series)
        slope = chebyshev.chebval(place, chebyshev.chebder(series))
        assert values[sample, line] == pytest.approx(expected, abs=4 * n_terms * bound)
        assert slopes[sample, line] == pytest.approx(slope, abs=4 * n_terms**2 * bound)


@pytest.mark.parametrize("instruction_set", SETS)
def test_spreading_and_collecting_are_adjoint(instruction_set):
    # <h, spread(p)> = <collect(h), p> for all h and p.
    generator = np.random.default_rng(0)
    places = generator.uniform(-1, 1, (4, 19))
    factors, h = generator.normal(size=(4, 19)), generator.normal(size=(4, 19 * 7))
    features = np.empty((4, 19 * 7))
    values, slopes = np.empty((4, 19)), np.empty((4, 19))
    module = kernel("chebyshev", instruction_set)
    module.spread(factors, places, 7, features)
    module.collect(h, places, values, slopes)
    assert (h * features).sum() == pytest.approx((values * factors).sum(), rel=1e-12)


# ---------------------------------------------------------------------- Adam


@pytest.mark.parametrize("dtype", DTYPES)
def test_steps_of_adam_are_those_of_its_paper(dtype):
    generator = np.random.default_rng(0)
    parameters = generator.normal(size=37).astype(dtype)
    expected = parameters.astype(float)
    first, second = np.zeros(37, dtype), np.zeros(37, dtype)
    m, v = np.zeros(37), np.zeros(37)
    limits = np.full(37, np.inf, dtype)
    for step in range(1, 6):
        slopes = generator.normal(size=37).astype(dtype)
        m = 0.9 * m + 0.1 * slopes
        v = 0.999 * v + 0.001 * slopes.astype(float) ** 2
        length = 0.01 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        expected -= length * m / (np.sqrt(v) + 1e-8)
        _core.adam.adam_step(
            parameters, first, second, slopes, limits, 0.9, 0.999, length, 1e-8
        )
    np.testing.assert_allclose(parameters, expected, rtol=0, atol=30 * rounding(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_steps_of_adam_end_at_the_limits_and_keep_nan(dtype):
    parameters = np.array([0.99, -0.99, 0.99, np.nan], dtype)
    first, second = np.zeros(4, dtype), np.zeros(4, dtype)
    slopes = np.array([-1, 1, -1, 1], dtype)
    limits = np.array([1, 1, np.inf, 1], dtype)
    _core.adam.adam_step(parameters, first, second, slopes, limits, 0.9, 0.999, 1.0, 1e-8)
    assert (parameters[:2] == [1, -1]).all()
    assert parameters[2] > 1
    assert np.isnan(parameters[3])


# ---------------------------------------------------------------------- followed lines


def followed(n_lines, n_samples, dtype, *, stretch=0.01, n_chains=3, seed=0):
    """Chains whose lines stand up to 20 half linewidths away, elsewhere for each sample."""
    generator = np.random.default_rng(seed)
    lines = 1e8 * 1.01 ** np.arange(n_lines)
    widths = 0.01 * lines
    return SimpleNamespace(
        offsets=((lines - lines[:, None]) / widths[:, None]).astype(dtype),
        rates=(1 / widths).astype(dtype),
        shifts=generator.uniform(-2e7, 2e7, (n_samples, n_lines)).astype(dtype),
        detunings=generator.uniform(-1, 1, (n_chains, n_lines)).astype(dtype),
        strengths=((-1.0) ** np.arange(n_lines) * np.ones((n_chains, 1))).astype(dtype),
        wanted=generator.normal(size=(n_chains, n_samples, n_lines)).astype(dtype),
        shape=(stretch, np.cos(0.4), np.sin(0.4)),
    )


def weigh(module, case):
    shape = case.wanted.shape
    weights, slopes = (np.full(shape, np.nan, case.wanted.dtype) for _ in range(2))
    module.followed_weights(
        case.offsets,
        case.rates,
        case.shifts,
        case.detunings,
        case.strengths,
        *case.shape,
        weights,
        slopes,
    )
    return weights, slopes


def slope(module, case):
    slopes = np.full_like(case.detunings, np.nan)
    module.followed_slopes(
        case.offsets,
        case.rates,
        case.shifts,
        case.detunings,
        case.strengths,
        *case.shape,
        case.wanted,
        slopes,
    )
    return slopes


def weights_by_formula(case, detunings, shifts):
    """Weights (n_chains, n_samples, n_lines), for complex detunings and shifts too."""
    stretch, cosine, sine = case.shape
    t = case.offsets.astype(float)[:, None] + shifts * case.rates.astype(float)[:, None, None]
    d = detunings[:, :, None, None]
    u = t * (1 + stretch * d) + d
    w = (2 * u * cosine + sine) / (1 + u * u)
    return (case.strengths[:, :, None, None] * w).sum(axis=1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("instruction_set", SETS)
@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (5, 4), (33, 3), (64, 2)], ids=str)
def test_followed_lines_are_those_of_a_formula_and_a_complex_step(
    instruction_set, shape, dtype
):
    module, case = kernel("followed", instruction_set), followed(*shape, dtype)
    weights, by_shift = weigh(module, case)
    by_detuning = slope(module, case)
    detunings, shifts = case.detunings.astype(complex), case.shifts.astype(complex)
    unit = 100 * rounding(dtype)
    expected = weights_by_formula(case, detunings, shifts).real
    np.testing.assert_allclose(weights, expected, rtol=0, atol=unit)
    moved = weights_by_formula(case, detunings, shifts + 1e-30j).imag / 1e-30
    scale = case.rates.max()
    np.testing.assert_allclose(by_shift, moved, rtol=0, atol=unit * scale)
    wanted = case.wanted.astype(float)
    for k in range(shape[0]):
        turned = detunings.copy()
        turned[:, k] += 1e-30j
        change = weights_by_formula(case, turned, shifts).imag / 1e-30
        expected = (change * wanted).sum(axis=(1, 2))
        bound = unit * np.sqrt(wanted[0].size)
        np.testing.assert_allclose(by_detuning[:, k], expected, rtol=0, atol=bound)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("instruction_set", SETS)
def test_a_followed_sample_does_not_depend_on_the_others(instruction_set, dtype):
    module, case = kernel("followed", instruction_set), followed(37, 9, dtype)
    weights, slopes = weigh(module, case)
    for rows in (slice(0, 1), slice(3, 8), slice(8, 9), slice(2, 2)):
        part = SimpleNamespace(**vars(case))
        part.shifts = case.shifts[rows]
        part.wanted = np.ascontiguousarray(case.wanted[:, rows])
        found = weigh(module, part)
        assert np.array_equal(found[0], weights[:, rows])
        assert np.array_equal(found[1], slopes[:, rows])
    part.wanted, part.shifts = case.wanted[:, :0].copy(), case.shifts[:0]
    assert not slope(module, part).any()


@pytest.mark.parametrize("instruction_set", SETS)
def test_lines_that_are_followed_at_rest_are_those_of_a_table(instruction_set):
    case = followed(21, 1, np.float64)
    case.shifts[:] = 0
    weights, _ = weigh(kernel("followed", instruction_set), case)
    still = np.empty((3, 21))
    kernel("lorentzian", instruction_set).chain_weights(
        case.offsets, case.detunings, case.strengths, *case.shape, still
    )
    np.testing.assert_allclose(weights[:, 0], still, rtol=0, atol=1e-14)
