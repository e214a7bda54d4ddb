"""Chains of resonators: the kernel against 40 digits, extended precision and a complex step.

A sum of Lorentzians may cancel, so errors are counted in units of rounding times the sum of
2/(1 + |u|), which is at least as large as each |w(u)|.
"""

from types import SimpleNamespace

import mpmath
import numpy as np
import pytest

from reservoir import _core

pytestmark = pytest.mark.kernel

SETS = _core.available_instruction_sets()
DAMPING = 0.01
# (lines per bus, lines, nodes): whole blocks of 16 points, rests, short buses, no crosstalk.
SHAPES = [
    (1, 1, 1),
    (1, 5, 1),
    (1, 5, 3),
    (2, 2, 1),
    (7, 7, 2),
    (16, 16, 1),
    (17, 17, 1),
    (5, 13, 3),
    (40, 33, 1),
    (33, 70, 1),
    (64, 64, 1),
]


@pytest.fixture(params=SETS)
def kernel(request):
    return _core.load_kernel("lorentzian", request.param)


def offsets_of(lines, points, half_linewidths):
    """Distance of each point from each line, in half linewidths of the line."""
    return (points[None, :] - lines[:, None]) / half_linewidths[:, None]


def layer(shape, *, damping=DAMPING, spacing=1.0, angle=0.4, dtype=np.float64, seed=0):
    """A layer of five chains with alternating polarities, whose lines are spaced evenly."""
    per_bus, n_lines, n_nodes = shape
    generator = np.random.default_rng(seed)
    lines = 1e8 * (1 + spacing * DAMPING) ** np.arange(per_bus)
    widths = damping * lines if damping else np.full(per_bus, 1e6)
    points = np.repeat(lines, n_nodes)
    points += np.tile(np.linspace(0, 0.7, n_nodes), per_bus) * np.repeat(widths, n_nodes)
    polarity = (-1.0) ** np.arange(n_lines)
    return SimpleNamespace(
        offsets=offsets_of(lines, points, widths).astype(dtype),
        detunings=generator.uniform(-1, 1, (5, n_lines)).astype(dtype),
        strengths=(polarity * generator.uniform(0.8, 1.2, (5, n_lines))).astype(dtype),
        wanted=generator.normal(size=(5, n_lines * n_nodes)).astype(dtype),
        stretch=damping,
        cosine=np.cos(angle),
        sine=np.sin(angle),
        per_bus=per_bus,
        n_nodes=n_nodes,
    )


def weights_of(kernel, case):
    n_nodes = case.offsets.shape[1] // len(case.offsets)
    n_chains, n_lines = case.detunings.shape
    weights = np.full((n_chains, n_lines * n_nodes), np.nan, case.offsets.dtype)
    kernel.chain_weights(
        case.offsets,
        case.detunings,
        case.strengths,
        case.stretch,
        case.cosine,
        case.sine,
        weights,
    )
    return weights


def slopes_of(kernel, case):
    slopes = np.full_like(case.detunings, np.nan)
    kernel.chain_slopes(
        np.ascontiguousarray(case.offsets.T),
        case.detunings,
        case.strengths,
        case.stretch,
        case.cosine,
        case.sine,
        case.wanted,
        slopes,
    )
    return slopes


def single(offset, detuning, dtype, *, stretch=0.0, cosine=1.0, sine=0.0, strength=1.0):
    """One resonator that hears one point of frequency."""
    return SimpleNamespace(
        offsets=np.array([[offset]], dtype),
        detunings=np.array([[detuning]], dtype),
        strengths=np.array([[strength]], dtype),
        wanted=np.ones((1, 1), dtype),
        stretch=stretch,
        cosine=cosine,
        sine=sine,
    )


def each_bus(case):
    """Tables, and where they stand among lines and points, for every bus of a layer."""
    n_lines = case.detunings.shape[1]
    for begin in range(0, n_lines, case.per_bus):
        end = min(begin + case.per_bus, n_lines)
        size = end - begin
        table = case.offsets[:size, : size * case.n_nodes]
        yield table, slice(begin, end), slice(begin * case.n_nodes, end * case.n_nodes)


def expected_of(case):
    """Weights, slopes and their units of error by numpy, in extended precision."""
    weights, slopes = np.zeros(case.wanted.shape), np.zeros(case.detunings.shape)
    weight_unit, slope_unit = np.zeros_like(weights), np.zeros_like(slopes)
    for table, lines, points in each_bus(case):
        t = table.astype(np.longdouble)[None]
        d = case.detunings[:, lines, None].astype(np.longdouble)
        s = case.strengths[:, lines, None].astype(np.longdouble)
        h = case.wanted[:, None, points].astype(np.longdouble)
        u = t * (1 + case.stretch * d) + d
        w = (2 * u * case.cosine + case.sine) / (1 + u**2)
        slope = 2 * (case.cosine * (1 - u**2) - u * case.sine) / (1 + u**2) ** 2
        envelope = 2 / (1 + abs(u))
        weights[:, points] = (s * w).sum(1)
        weight_unit[:, points] = (abs(s) * envelope).sum(1)
        slopes[:, lines] = (s * slope * (1 + case.stretch * t) * h).sum(2)
        slope_unit[:, lines] = (abs(s * h) * envelope**2).sum(2)
    return weights, slopes, weight_unit, slope_unit


def error_of(found, expected, unit):
    """Largest difference, in units of rounding of the type that was found."""
    assert np.isfinite(found).all()
    return (abs(found - expected) / (np.finfo(found.dtype).eps * unit)).max()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("damping", [DAMPING, 0.0])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_weights_and_slopes_are_those_of_numpy(kernel, shape, damping, dtype):
    for spacing in (0.3, 1.0, 10.0):
        case = layer(shape, damping=damping, spacing=spacing, dtype=dtype)
        weights, slopes, weight_unit, slope_unit = expected_of(case)
        assert error_of(weights_of(kernel, case), weights, weight_unit) <= 4
        assert error_of(slopes_of(kernel, case), slopes, slope_unit) <= 4


@pytest.mark.parametrize("damping", [DAMPING, 0.0])
def test_a_layer_agrees_with_forty_digits(kernel, damping):
    case = layer((6, 6, 1), damping=damping, angle=1.1)
    weights, slopes = weights_of(kernel, case), slopes_of(kernel, case)
    unit = 2 * np.finfo(np.float64).eps
    with mpmath.workdps(40):
        number = np.vectorize(mpmath.mpf, otypes=[object])
        t, d, s, h = map(number, (case.offsets, case.detunings, case.strengths, case.wanted))
        for j in range(5):
            u = t * (1 + mpmath.mpf(damping) * d[j][:, None]) + d[j][:, None]
            w = (2 * u * case.cosine + case.sine) / (1 + u**2)
            slope = 2 * (case.cosine * (1 - u**2) - u * case.sine) / (1 + u**2) ** 2
            factor = 1 + mpmath.mpf(damping) * t
            assert max(abs(s[j] @ w - number(weights[j]))) < 6 * unit
            expected = s[j] * ((slope * factor) @ h[j])
            assert max(abs(expected - number(slopes[j]))) < 6 * unit * sum(abs(h[j]))


def test_a_layer_agrees_with_frequencies_and_a_complex_step(kernel):
    # Resonances in Hz, from which u follows without the table of offsets: independent of it.
    case = layer((24, 24, 1), spacing=2.0)
    lines = 1e8 * (1 + 2 * DAMPING) ** np.arange(24)

    def weights_from_frequencies(detunings):
        resonances = lines / (1 + DAMPING * detunings)
        u = (lines[None, None, :] - resonances[:, :, None]) / (
            DAMPING * resonances[:, :, None]
        )
        w = (2 * u * case.cosine + case.sine) / (1 + u * u)
        return (case.strengths[:, :, None] * w).sum(1)

    expected = weights_from_frequencies(case.detunings)
    np.testing.assert_allclose(weights_of(kernel, case), expected, rtol=0, atol=1e-12)
    slopes = slopes_of(kernel, case)
    for k in range(24):
        moved = case.detunings.astype(complex)
        moved[:, k] += 1e-30j
        change = (weights_from_frequencies(moved).imag / 1e-30 * case.wanted).sum(1)
        np.testing.assert_allclose(slopes[:, k], change, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_peaks_and_the_middle_of_a_line_are_exact(kernel, dtype):
    for detuning, value, slope in [(0, 0, 2), (1, 1, 0), (-1, -1, 0)]:
        case = single(0, detuning, dtype, strength=-1)
        assert weights_of(kernel, case)[0, 0] == -value
        assert slopes_of(kernel, case)[0, 0] == -slope
    for detuning, value, slope in [(0, 1, 0), (1, 0.5, -0.5), (-1, 0.5, 0.5)]:
        case = single(0, detuning, dtype, cosine=0.0, sine=1.0)
        assert weights_of(kernel, case)[0, 0] == value
        assert slopes_of(kernel, case)[0, 0] == slope


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_mirrored_layer_gives_the_opposite_weights(kernel, dtype):
    case = layer((19, 19, 1), damping=0.0, dtype=dtype)
    weights, slopes = weights_of(kernel, case), slopes_of(kernel, case)
    case.offsets, case.detunings, case.sine = -case.offsets, -case.detunings, -case.sine
    assert np.array_equal(weights_of(kernel, case), -weights)
    assert np.array_equal(slopes_of(kernel, case), slopes)


@pytest.mark.parametrize("shape", [(1, 4, 2), (5, 13, 3), (33, 70, 1), (40, 33, 2)], ids=str)
def test_every_bus_answers_as_if_it_were_alone(kernel, shape):
    case = layer(shape)
    weights, slopes = weights_of(kernel, case), slopes_of(kernel, case)
    for table, lines, points in each_bus(case):
        alone = SimpleNamespace(**vars(case))
        alone.offsets = np.ascontiguousarray(table)
        alone.detunings = np.ascontiguousarray(case.detunings[:, lines])
        alone.strengths = np.ascontiguousarray(case.strengths[:, lines])
        alone.wanted = np.ascontiguousarray(case.wanted[:, points])
        assert np.array_equal(weights_of(kernel, alone), weights[:, points])
        assert np.array_equal(slopes_of(kernel, alone), slopes[:, lines])


def test_nodes_of_a_line_answer_like_lines_at_their_frequencies(kernel):
    # The second node of each line, heard alone, has the weights of a table of its own.
    case = layer((9, 9, 2))
    weights = weights_of(kernel, case)
    for node in range(2):
        alone = SimpleNamespace(**vars(case))
        alone.offsets = np.ascontiguousarray(case.offsets[:, node::2])
        found = weights_of(kernel, alone)
        np.testing.assert_allclose(found, weights[:, node::2], rtol=0, atol=1e-14)
    total = 0
    for node in range(2):
        alone.offsets = np.ascontiguousarray(case.offsets[:, node::2])
        alone.wanted = np.ascontiguousarray(case.wanted[:, node::2])
        total = total + slopes_of(kernel, alone)
    np.testing.assert_allclose(slopes_of(kernel, case), total, rtol=0, atol=1e-13)


def test_without_crosstalk_each_line_hears_its_own_resonator(kernel):
    case = layer((1, 37, 1))
    own = (2 * case.detunings * case.cosine + case.sine) / (1 + case.detunings**2)
    found = weights_of(kernel, case)
    np.testing.assert_allclose(found, case.strengths * own, rtol=0, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_answers_do_not_depend_on_how_the_chains_are_cut(kernel, dtype):
    case = layer((33, 70, 1), dtype=dtype)
    for name in ("detunings", "strengths", "wanted"):  # the first two chains become equal
        getattr(case, name)[1] = getattr(case, name)[0]
    weights, slopes = weights_of(kernel, case), slopes_of(kernel, case)
    assert np.array_equal(weights[0], weights[1])
    assert np.array_equal(slopes[0], slopes[1])
    for rows in (slice(0, 1), slice(1, 4), slice(4, 5), slice(2, 2)):
        part = SimpleNamespace(**vars(case))
        for name in ("detunings", "strengths", "wanted"):
            setattr(part, name, getattr(case, name)[rows])
        assert np.array_equal(weights_of(kernel, part), weights[rows])
        assert np.array_equal(slopes_of(kernel, part), slopes[rows])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_dead_resonator_adds_nothing_and_has_no_slope(kernel, dtype):
    case = layer((20, 20, 1), dtype=dtype)
    case.strengths[:, [0, 7, 19]] = 0
    weights, slopes = weights_of(kernel, case), slopes_of(kernel, case)
    assert (slopes[:, [0, 7, 19]] == 0).all()
    assert (np.delete(slopes, [0, 7, 19], axis=1) != 0).all()
    case.detunings[:, [0, 7, 19]] += dtype(0.5)
    bound = 20 * np.finfo(dtype).eps
    np.testing.assert_allclose(weights_of(kernel, case), weights, rtol=0, atol=bound)
    case.strengths[:] = 0
    assert not weights_of(kernel, case).any()
    assert not slopes_of(kernel, case).any()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("stretch", [DAMPING, 0.0])
def test_distant_lines_keep_their_digits(kernel, stretch, dtype):
    bound = 8 * float(np.finfo(dtype).eps)
    for distance in (1e2, -1e4, 1e6, -1e9):
        u = distance * (1 + stretch * 0.5) + 0.5
        # Both cosine and sine are 0.5: they need not be those of an angle.
        case = single(distance, 0.5, dtype, stretch=stretch, cosine=0.5, sine=0.5)
        weight = (u + 0.5) / (1 + u**2)
        slope = (1 - u**2 - u) / (1 + u**2) ** 2 * (1 + stretch * distance)
        assert weights_of(kernel, case)[0, 0] == pytest.approx(weight, rel=bound)
        assert slopes_of(kernel, case)[0, 0] == pytest.approx(slope, rel=bound)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_two_distant_resonators_do_not_spoil_a_near_one(kernel, dtype):
    # They share a division, in every combination of distances.
    distances = np.array([0, 1, 1e4, 1e9])
    for first in distances:
        for second in distances:
            case = layer((2, 2, 1), damping=0.0, dtype=dtype)
            case.offsets[:] = [[first, -second], [-second, first]]
            weights, slopes, weight_unit, slope_unit = expected_of(case)
            assert error_of(weights_of(kernel, case), weights, weight_unit) <= 4
            assert error_of(slopes_of(kernel, case), slopes, slope_unit) <= 4


def test_lines_too_distant_for_single_precision_are_finite(kernel):
    case = layer((3, 3, 1), damping=0.0, dtype=np.float32)
    case.offsets[:] = 1e12
    assert abs(weights_of(kernel, case)).max() < 1e-9
    assert abs(slopes_of(kernel, case)).max() < 1e-9


def test_offsets_and_detunings_apart_keep_the_digits_of_single_precision(kernel):
    # 64 lines with a constant half linewidth, 10 of these apart, from 1000 on.
    lines = 1000 + 10 * np.arange(64.0)
    case = layer((64, 64, 1), damping=0.0, angle=0.0)
    case.offsets = lines[None, :] - lines[:, None]
    expected = weights_of(kernel, case)
    resonances = (lines - case.detunings).astype(np.float32)
    for name in ("offsets", "detunings", "strengths"):
        setattr(case, name, getattr(case, name).astype(np.float32))
    assert abs(weights_of(kernel, case) - expected).max() <= 1e-6
    u = lines.astype(np.float32)[None, None, :] - resonances[:, :, None]
    joint = (case.strengths[:, :, None] * (2 * u / (1 + u**2))).sum(1)
    assert abs(joint - expected).max() > 1e-5


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_all_instruction_sets_answer_alike(kernel, dtype):
    baseline = _core.load_kernel("lorentzian", "baseline")
    for shape in SHAPES:
        case = layer(shape, dtype=dtype, seed=3)
        *_, weight_unit, slope_unit = expected_of(case)
        weights, slopes = weights_of(baseline, case), slopes_of(baseline, case)
        assert error_of(weights_of(kernel, case), weights, weight_unit) <= 4
        assert error_of(slopes_of(kernel, case), slopes, slope_unit) <= 4
