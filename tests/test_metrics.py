"""Measures of predicted series: closed forms, invariances, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import r2_score

from reservoir.metrics import nmse, nrmse, squared_correlations, symbol_error_rate

few = settings(derandomize=True, max_examples=50, database=None)
seeds = st.integers(0, 10**6)


@few
@given(seeds)
def test_the_normalised_error_is_one_less_the_coefficient_of_determination(seed):
    y, p = np.random.default_rng(seed).normal(size=(2, 30, 3))
    # The error is about 2, so 1 - R^2 loses no digits: rounding of sums over 30 steps.
    assert nmse(y, p) == pytest.approx(1 - r2_score(y, p), rel=1e-12)
    assert nrmse(y[:, 0], p[:, 0]) ** 2 == pytest.approx(1 - r2_score(y[:, 0], p[:, 0]))


@few
@given(seeds, st.floats(-5, 5).filter(lambda a: abs(a) > 0.1), st.floats(-5, 5))
def test_squared_correlations_do_not_feel_scale_or_offset(seed, scale, offset):
    y, p = np.random.default_rng(seed).normal(size=(2, 40, 2))
    expected = [np.corrcoef(y[:, k], p[:, k])[0, 1] ** 2 for k in range(2)]
    # Between 0 and 1, so rounding of sums over 40 steps is absolute; an offset of up to 50
    # times the scale costs two digits of the deviations.
    assert squared_correlations(y, p) == pytest.approx(expected, abs=1e-12)
    assert squared_correlations(y, scale * p + offset) == pytest.approx(expected, abs=1e-9)
    assert squared_correlations(y, scale * y + offset) == pytest.approx([1, 1], abs=1e-12)


@pytest.mark.parametrize(
    "exponent", [-1000, -700, -300, -120, -101, 0, 80, 99, 270, 460, 470]
)
@pytest.mark.parametrize("other", [-1000, -300, -100, 0, 99, 300, 460])
def test_no_power_of_two_changes_a_digit(exponent, other):
    y, p = np.random.default_rng(0).normal(size=(2, 40, 2))
    y[:, 1] *= 1e5
    large = np.ldexp(y, exponent)
    assert nmse(large, np.ldexp(p, exponent)) == nmse(y, p)
    assert nrmse(large, np.ldexp(p, exponent)) == nrmse(y, p)
    found = squared_correlations(large, np.ldexp(p, other))
    assert np.array_equal(found, squared_correlations(y, p)) and (found > 0).all()


def test_an_error_beyond_all_numbers_is_refused():
    with pytest.raises(ValueError, match="the error is beyond all numbers"):
        nmse([1e-100, 2e-100], [1e100, 1.0])


def test_outputs_that_do_not_vary_recall_nothing():
    y = np.random.default_rng(0).normal(size=(20, 1))
    assert squared_correlations(y, np.full((20, 1), 3.0)).tolist() == [0.0]


def test_every_output_counts_as_the_nearest_symbol():
    sent = np.repeat([-3.0, -1.0, 1.0, 3.0], 101)
    shift = np.tile(np.linspace(-1.5, 1.5, 101), 4)
    # Off by more than 1 is an error, but for the outer symbols on their outer side.
    wrong = np.abs(shift) > 1
    wrong &= ~((sent == -3) & (shift < 0)) & ~((sent == 3) & (shift > 0))
    assert symbol_error_rate(sent, sent + shift) == pytest.approx(wrong.mean())
    assert symbol_error_rate([0, 1, 1], [0.2, 0.4, 7], symbols=[1, 0]) == pytest.approx(1 / 3)


BAD = [
    (nmse, ([1, 2, 3], [1, 2]), r"y_true has shape \(3,\) and y_pred \(2,\)"),
    (nmse, ([1, 2, np.nan], [1, 2, 3]), "y_true holds NaN or infinity"),
    (nmse, ([1, 2, 3], [1, 2, np.inf]), "y_pred holds NaN or infinity"),
    (nmse, ([0.1, 0.1, 0.1], [1, 2, 3]), "y_true is constant in column 0"),
    (nmse, (np.ones((3, 0)), np.ones((3, 0))), r"has shape \(3, 0\).* at least one step and"),
    (nmse, ([], []), r"y_true has shape \(0,\)"),
    (nmse, (np.zeros((2, 2, 2)), np.zeros((2, 2, 2))), r"it must be \(n_steps,\) or"),
    (nrmse, ([1, 1], [1, 1]), "y_true is constant"),
    (squared_correlations, ([[1, 2], [1, 3]], [[1, 2], [1, 3]]), "constant in column 0"),
    (nmse, ([1, 2, 3], [1j, 2, 3]), "y_pred holds complex numbers"),
    (nmse, (["1", "2"], [1, 2]), "y_true holds text"),
    (nmse, ([True, False], [1, 2]), "y_true holds True"),
    (nmse, (np.ma.masked_array([1, 2], [0, 1]), [1, 2]), r"y_true is masked at index \(1\)"),
    (nmse, ([1e200, 2], [1, 2]), "y_true reaches 1e.200"),
    (symbol_error_rate, ([1, 2], [1, 2], []), "symbols must hold at least one"),
    (symbol_error_rate, ([1, 2], [1, 2]), r"y_true holds 2.0, which is no symbol of \[-3.0"),
]


@pytest.mark.parametrize("measure, arguments, message", BAD)
def test_what_has_no_answer_is_refused(measure, arguments, message):
    with pytest.raises(ValueError, match=message):
        measure(*arguments)
