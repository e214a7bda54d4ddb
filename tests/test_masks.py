"""Masks have their shape, their law and their seed, and wrong ones are refused."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from reservoir import ReservoirClassifier, masks

few = settings(derandomize=True, max_examples=50, database=None)
KINDS = ["binary", "uniform", "maximum_length"]
sizes = st.integers(1, 70)


@few
@given(st.sampled_from(KINDS), sizes, sizes, st.integers(0, 99))
def test_a_mask_has_its_shape_and_stays_within_one(kind, n_channels, n_nodes, seed):
    assume(n_channels < 2**n_nodes)
    mask = masks.make_mask(kind, n_channels, n_nodes, seed)
    assert mask.shape == (n_channels, n_nodes) and mask.dtype == np.float64
    assert np.abs(mask).max() <= 1
    if kind != "uniform":
        assert np.isin(mask, [-1, 1]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_equal_seeds_give_equal_masks_and_others_differ(kind):
    first, again, other = (masks.make_mask(kind, 5, 40, s) for s in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.array_equal(first, masks.make_mask(kind, 5, 40, np.random.default_rng(3)))


@pytest.mark.parametrize(("kind", "variance"), [("binary", 1), ("uniform", 1 / 3)])
def test_random_weights_are_balanced(kind, variance):
    mask = masks.make_mask(kind, 100, 400, 0)
    # Five standard errors of a mean over 40000 weights.
    assert abs(mask.mean()) < 5 * np.sqrt(variance / mask.size)
    assert mask.var() == pytest.approx(variance, rel=0.02)


@pytest.mark.parametrize("bits", [2, 3, 5, 8])
def test_full_periods_are_orthogonal_up_to_minus_one(bits):
    n = 2**bits - 1
    mask = masks.maximum_length(n, n, 7)
    # Sums of at most 255 signs are exact in any order, so BLAS has no choice.
    assert np.array_equal(mask @ mask.T, (n + 1) * np.eye(n) - 1)


@few
@given(sizes, sizes)
def test_no_two_rows_of_a_maximum_length_mask_are_equal(n_channels, n_nodes):
    assume(n_channels < 2**n_nodes)
    rows = {row.tobytes() for row in masks.maximum_length(n_channels, n_nodes, 0)}
    assert len(rows) == n_channels


def test_more_channels_than_different_rows_are_refused():
    with pytest.raises(ValueError, match="n_channels|channels"):
        masks.maximum_length(8, 2, 0)


def test_an_array_comes_back_equal_and_as_a_copy():
    given_mask = np.arange(1.0, 7.0).reshape(2, 3)
    mask = masks.make_mask(given_mask, 2, 3)
    assert np.array_equal(mask, given_mask) and not np.shares_memory(mask, given_mask)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        ("binry", "binary.*uniform.*maximum_length"),
        (np.ones((3, 2)), r"\(3, 2\)"),
        (np.full((2, 3), np.nan), "finite"),
        (np.zeros((2, 3)), "zero"),
    ],
)
def test_a_wrong_mask_is_refused_with_a_reason(mask, words):
    with pytest.raises(ValueError, match=words):
        masks.make_mask(mask, 2, 3)


@pytest.mark.parametrize("mask", [np.full((2, 3), 1j), [["a"] * 3] * 2])
def test_a_mask_that_is_not_real_numbers_is_refused(mask):
    with pytest.raises((TypeError, ValueError), match="mask"):
        masks.make_mask(mask, 2, 3)


@pytest.mark.parametrize("bad", [0, -1, 2.5, "3"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_size_that_is_no_positive_integer_is_refused(kind, bad):
    with pytest.raises((TypeError, ValueError), match="n_nodes"):
        masks.make_mask(kind, 2, bad)


@pytest.mark.parametrize("kind", sorted(masks.KINDS))
def test_narrow_integers_are_integers(kind):
    narrow = masks.KINDS[kind](np.int8(100), np.uint8(200), 0)
    assert np.array_equal(narrow, masks.KINDS[kind](100, 200, 0))


# ---------------------------------------------------------------------- ripples

PLAIN = masks.Ripple(ripple=0.0, modulation=0.0)


def drawn(n_channels, n_nodes, n_taps, seed, ripple):
    """The weights of a ripple mask, number by number, from draws in the stated order."""
    generator = np.random.default_rng(seed)
    centers = generator.uniform(0, n_channels - 1, n_nodes)
    lowest, highest = (np.log(n_channels * share) for share in ripple.widths)
    widths = [math.exp(value) for value in generator.uniform(lowest, highest, n_nodes)]
    ripples = generator.uniform(0, 1, n_nodes) * ripple.ripple
    modulations = generator.uniform(-1, 1, n_nodes) * ripple.modulation
    phases = 2 * math.pi * generator.uniform(0, 1, n_nodes)
    mask = np.empty((n_channels * n_taps, n_nodes))
    for node in range(n_nodes):
        for tap in range(n_taps):
            for channel in range(n_channels):
                distance = (channel - centers[node]) / widths[node]
                time = tap / (n_taps - 1) if n_taps > 1 else 0.0
                angle = 2 * math.pi * (ripples[node] * distance + modulations[node] * time)
                mask[tap * n_channels + channel, node] = math.exp(
                    -(distance**2) / 2
                ) * math.cos(angle + phases[node])
        mask[:, node] /= math.sqrt(sum(mask[:, node] ** 2))
    return mask


@pytest.mark.parametrize("n_taps", [1, 2, 3])
@pytest.mark.parametrize(
    "ripple", [masks.Ripple(), masks.Ripple((0.1, 0.5), 2.0, 0.3), PLAIN]
)
def test_a_ripple_mask_follows_its_formula_number_by_number(ripple, n_taps):
    found = ripple.draw(12, 30, n_taps=n_taps, random_state=5)
    np.testing.assert_allclose(found, drawn(12, 30, n_taps, 5, ripple), rtol=1e-9, atol=1e-12)


def test_without_ripples_a_node_hears_a_bell_whose_width_is_drawn():
    mask = np.abs(PLAIN.draw(40, 500, random_state=0))
    x = np.arange(40)
    # The logarithm of a bell is a parabola: its curvature gives the width, its top the
    # centre. Weights that are no more than rounding say nothing.
    found = []
    for column in mask.T:
        heard = column > 1e-10 * column.max()
        if heard.sum() >= 3:
            curve, slope, _ = np.polyfit(x[heard], np.log(column[heard]), 2)
            found.append((np.sqrt(-1 / (2 * curve)), -slope / (2 * curve)))
    widths, centers = np.transpose(found)
    assert len(found) > 450
    assert widths.min() >= 0.04 * 40 * (1 - 1e-6) and widths.max() <= 0.25 * 40 * (1 + 1e-6)
    assert centers.min() >= -1e-6 and centers.max() <= 39 + 1e-6
    # Evenly drawn: the mean of the logarithm lies in the middle, that of the centre, too.
    assert np.log(widths).mean() == pytest.approx(np.log(np.sqrt(0.04 * 0.25) * 40), abs=0.15)
    assert centers.mean() == pytest.approx(19.5, abs=2.5)


@few
@given(sizes, sizes, st.integers(1, 4), st.integers(0, 99))
def test_a_ripple_mask_has_its_shape_and_unit_columns(n_channels, n_nodes, n_taps, seed):
    mask = masks.Ripple().draw(n_channels, n_nodes, n_taps=n_taps, random_state=seed)
    assert mask.shape == (n_channels * n_taps, n_nodes) and mask.dtype == np.float64
    np.testing.assert_allclose((mask**2).sum(axis=0), 1.0, rtol=1e-12)
    named = masks.make_mask("ripple", n_channels, n_nodes, seed, n_taps=n_taps)
    assert np.array_equal(mask, named)


@few
@given(st.floats(1e-6, 0.01), st.integers(1, 30))
def test_a_node_narrower_than_a_channel_hears_the_nearest_one(width, n_channels):
    ripple = masks.Ripple((width, width))
    mask = ripple.draw(n_channels, 50, random_state=1)
    assert np.isfinite(mask).all()
    if n_channels * width < 0.02:  # The next channel is more than 25 widths further away.
        assert (np.sort(np.abs(mask), axis=0)[-1] > 0.7).all()


def test_without_taps_there_is_no_modulation():
    moving, still = (masks.Ripple(modulation=m).draw(20, 50, random_state=0) for m in (3, 0))
    assert np.array_equal(moving, still)
    moving, still = (
        masks.Ripple(modulation=m).draw(20, 50, n_taps=2, random_state=0) for m in (3, 0)
    )
    assert not np.allclose(moving, still)


def test_a_still_ripple_is_the_same_in_every_tap():
    mask = (
        masks.Ripple(modulation=0).draw(20, 50, n_taps=3, random_state=0).reshape(3, 20, 50)
    )
    assert np.array_equal(mask[0], mask[1]) and np.array_equal(mask[0], mask[2])


def test_equal_seeds_give_equal_ripples_and_others_differ():
    first, again, other = (masks.Ripple().draw(9, 40, random_state=s) for s in (3, 3, 4))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    generator = np.random.default_rng(3)
    assert np.array_equal(first, masks.Ripple().draw(9, 40, random_state=generator))


def test_one_channel_and_one_node_are_a_mask():
    assert abs(masks.Ripple().draw(1, 1, random_state=0)).tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"widths": (0.2, 0.1)}, "widths is .0.2, 0.1.; it must be two shares"),
        ({"widths": (0.0, 0.1)}, "above 0 and in this order"),
        ({"widths": (0.1,)}, "two shares"),
        ({"widths": 0.1}, "two shares"),
        ({"widths": (0.1, np.inf)}, "two shares"),
        ({"widths": (0.1, np.nan)}, "two shares"),
        ({"widths": "ab"}, "Ripple.widths holds text"),
        ({"ripple": -0.1}, "Ripple.ripple is -0.1; it must be a finite number of at least 0"),
        ({"modulation": np.nan}, "Ripple.modulation is nan"),
        ({"ripple": True}, "Ripple.ripple is True"),
    ],
)
def test_a_ripple_that_cannot_be_is_refused(parameters, words):
    with pytest.raises(ValueError, match=words):
        masks.Ripple(**parameters)


@pytest.mark.parametrize("bad", [0, -1, 2.5, "3", True])
def test_a_number_of_taps_that_is_none_is_refused(bad):
    with pytest.raises((TypeError, ValueError), match="n_taps"):
        masks.Ripple().draw(2, 3, n_taps=bad)


X = [np.random.default_rng(k).normal(size=(8, 5)) + k % 2 for k in range(24)]
Y = np.arange(24) % 2


def test_a_reservoir_plays_the_mask_that_the_ripple_draws():
    for mask in ("ripple", masks.Ripple()):
        model = ReservoirClassifier(n_nodes=7, mask=mask, context=(1, 3), random_state=4)
        model.fit(X, Y)
        expected = masks.Ripple().draw(5, 7, n_taps=3, random_state=model.seed_)
        assert np.array_equal(model.drive_.mask, expected)


def test_parameters_of_a_ripple_are_those_of_the_estimator():
    model = ReservoirClassifier(n_nodes=7, mask="ripple", random_state=0)
    assert "mask__ripple" not in model.get_params()  # as for a device that is a name
    model.set_params(mask__widths=(0.1, 0.2))
    assert model.mask == masks.Ripple(widths=(0.1, 0.2))
    model.set_params(mask__ripple=0.5, mask__modulation=0)
    assert model.get_params()["mask__ripple"] == 0.5
    assert clone(model).mask == masks.Ripple((0.1, 0.2), 0.5, 0)
    assert "mask=Ripple(widths=(0.1, 0.2), ripple=0.5, modulation=0)" in repr(model)
    with pytest.raises(ValueError, match="its mask has modulation, ripple, widths"):
        model.set_params(mask__width=1)
    with pytest.raises(ValueError, match="mask is 'binary', which has no parameters"):
        ReservoirClassifier(mask="binary").set_params(mask__ripple=1)


@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
def test_a_grid_is_searched_over_ripples():
    model = ReservoirClassifier(n_nodes=7, mask=masks.Ripple(), random_state=0)
    search = GridSearchCV(model, {"mask__ripple": [0.0, 1.0], "mask__widths": [(0.2, 0.4)]})
    best = search.fit(X, Y).best_estimator_.mask
    assert best.widths == (0.2, 0.4) and best.ripple in (0.0, 1.0)
    assert len(search.cv_results_["params"]) == 2
