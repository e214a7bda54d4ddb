"""Masks have their shape, their law and their seed, and wrong ones are refused."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reservoir import masks

few = settings(derandomize=True, max_examples=50, deadline=None, database=None)
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
