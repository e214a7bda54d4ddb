"""May data be used? Real numbers pass unchanged; whatever numpy would bend is refused."""

import datetime
from fractions import Fraction

import numpy as np
import pytest

from reservoir._checks import real_array
from reservoir._scaling import units_of

HIDDEN = np.ma.masked_array([[1.0, 9.97e36], [3.0, 4.0]], [[False, True], [False, False]])
REFUSED = {
    "a masked value": (HIDDEN, r"masked at index \(0, 1\)"),
    "a masked value inside a list": ([HIDDEN[1], HIDDEN[0]], r"at index \(1, 1\)"),
    "the masked constant": (np.ma.masked, "masked"),
    "complex numbers": (np.array([1 + 0j]), "complex"),
    "text": (["5e-3"], "text"),
    "bytes": (np.array([b"5"]), "bytes"),
    "dates": (np.array(["2020"], "M8[D]"), "dates"),
    "durations": (np.array([1], "m8[s]"), "durations"),
    "records": (np.zeros(2, dtype=[("a", float)]), "fields"),
    "objects": ([object()], "of type object"),
    "a missing value": ([None, 1.0], "None of type NoneType"),
    "Python's dates": ([datetime.date(2020, 1, 1)], "datetime.date"),
    "rows of two lengths": ([[1.0, 2.0], [3.0]], "equal length"),
    "a truth value": (True, "True or False"),
    "truth values": (np.array([True]), "True or False"),
    "a truth value among numbers": ([1.0, True], "holds True"),
    "a truth value among objects": (np.array([1.0, True], object), "holds True"),
    "an integer beyond floats": ([10**400], "too large"),
    "an iterator": (iter([1.0]), "iterator"),
    "a dictionary": ({}, "dict"),
    "nothing": (None, "NoneType"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_real_number_is_refused_in_a_sentence(what):
    value, words = REFUSED[what]
    with pytest.raises(ValueError, match=words) as caught:
        real_array("current", value)
    assert str(caught.value).startswith("current ") and str(caught.value).endswith(".")


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "g", "i1", "u8", ">f8", ">i4"])
def test_real_numbers_keep_their_type_and_are_not_copied(kind):
    values = np.arange(6).astype(kind).reshape(2, 3)
    assert real_array("current", values) is values


def test_a_masked_array_without_a_masked_value_is_an_array():
    assert real_array("current", np.ma.masked_array([1.0, 2.0], False)).tolist() == [1.0, 2.0]


def test_objects_that_are_real_numbers_become_floats():
    values = real_array("current", [Fraction(1, 2), np.float32(2), 10**30])
    assert values.dtype == np.float64 and values.tolist() == [0.5, 2.0, 1e30]


def test_truth_values_pass_where_they_are_allowed():
    assert real_array("X", [[True, False]], booleans=True).dtype == bool
    assert real_array("X", [1.0, True], booleans=True).tolist() == [1.0, 1.0]


def test_no_values_at_all_are_an_array_of_length_0():
    assert real_array("current", []).shape == (0,)


@pytest.mark.parametrize("most", [100, 400])
def test_units_are_powers_of_two_that_leave_squares_that_are_numbers(most):
    sizes = np.ldexp(0.75, np.arange(-1073, 1024))
    units = units_of(sizes, most)
    assert np.isfinite(units).all() and (np.frexp(units)[0] == 0.5).all()
    assert (units[(sizes > 2.0**-most) & (sizes < 2.0 ** (most - 1))] == 1).all()
    scaled = sizes / units
    assert (scaled * units == sizes).all()
    assert ((scaled**2 > 0) & np.isfinite(scaled**2 * 1e6)).all()
    assert units_of(0.0) == 1
