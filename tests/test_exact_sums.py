"""Sums that no order and no grouping changes."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reservoir._exact_sums import ExactSums

SEEDS = st.integers(0, 2**31)


def rows_of(seed, n_rows=12, n_columns=4):
    generator = np.random.default_rng(seed)
    scales = 10.0 ** generator.integers(-6, 3, size=n_columns - 1)
    rows = generator.normal(size=(n_rows, n_columns)) * [*scales, 0] + [0.0] * n_columns
    rows[:, -1] = 1
    return np.clip(rows, -1000, 1000)


@pytest.mark.slow
@settings(max_examples=50)
@given(SEEDS, st.permutations(range(6)), st.integers(1, 5))
def test_any_order_and_any_split_gives_the_same_words(seed, order, cut):
    blocks = [rows_of(seed + number) for number in range(6)]
    one_by_one = ExactSums.empty(4)
    for block in blocks:
        one_by_one.add(block)
    left, right = ExactSums.empty(4), ExactSums.empty(4)
    for number in order[:cut]:
        left.add(blocks[number])
    for number in order[cut:]:
        right.add(blocks[number])
    merged = ExactSums.joined([right, left])
    assert np.array_equal(merged.high, one_by_one.high)
    assert np.array_equal(merged.low, one_by_one.low)
    assert merged.n_rows == 72


@pytest.mark.slow
def test_the_sums_are_those_of_exact_arithmetic_to_the_last_place():
    # Rows of one entry: the product of a single row is rounded once, and the sum never.
    values = np.random.default_rng(0).normal(size=400)
    sums = ExactSums.empty(2)
    for value in values:
        sums.add(np.array([[value, 1.0]]))
    exact = sum(Fraction(float(value * value)) for value in values)
    found = Fraction(int(sums.high[0])) / 2**14 + Fraction(int(sums.low[0])) / 2**54
    assert abs(found - exact) <= Fraction(len(values), 2**55)
    assert abs(sums.products()[0, 0] - float(exact)) <= 2.0**-44


def test_products_are_those_of_the_rows():
    rows = rows_of(3, n_rows=50)
    sums = ExactSums.empty(4)
    sums.add(rows)
    products = sums.products()
    np.testing.assert_allclose(products, rows.T @ rows, rtol=1e-12, atol=1e-12)
    assert np.array_equal(products, products.T) and products[-1, -1] == 50 == sums.n_rows


def test_what_was_added_can_be_taken_away_without_a_trace():
    some, others = ExactSums.empty(4), ExactSums.empty(4)
    some.add(rows_of(1))
    others.add(rows_of(2))
    rest = ExactSums.joined([some, others]).less(others)
    assert np.array_equal(rest.high, some.high) and np.array_equal(rest.low, some.low)
