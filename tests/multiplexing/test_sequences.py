"""How sequences of unequal lengths come to the kernels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reservoir import TimeMultiplexedReservoir
from reservoir.multiplexing import sequences as room
from reservoir.multiplexing.sequences import Sequences, check_sequences


def random_sequences(n_sequences, longest, random_state=0):
    generator = np.random.default_rng(random_state)
    lengths = generator.integers(1, longest + 1, n_sequences)
    return [generator.normal(size=(length, 2)) for length in lengths]


@settings(max_examples=30, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=60),
    n_sorted=st.integers(1, 40),
    n_together=st.integers(1, 20),
    n_jobs=st.integers(1, 3),
)
def test_every_sequence_is_in_one_part_among_others_about_as_long(
    lengths, n_sorted, n_together, n_jobs
):
    sequences = Sequences([np.zeros((length, 1)) for length in lengths])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "N_SORTED", n_sorted)
        patch.setattr(room, "N_IN_PART", n_together)
        wholes = list(sequences.sorted_parts(n_jobs))
    end = 0
    for whole, parts in wholes:
        order = np.concatenate(parts)
        assert sorted(order) == list(range(end, whole.stop))
        assert whole.start == end
        assert len(order) <= n_sorted
        assert max(map(len, parts)) <= n_together
        assert (np.diff(sequences.lengths[order]) >= 0).all()
        end = whole.stop
    assert end == len(lengths)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_sequences_that_were_sorted_for_the_kernel_come_back_in_their_order(n_jobs):
    X = random_sequences(1500, 12)
    model = TimeMultiplexedReservoir(
        n_nodes=5, pooling="segments", n_segments=1, n_jobs=n_jobs, random_state=0
    ).fit(X)
    features = model.transform(X)
    for index in (0, 1, 255, 256, 1023, 1024, 1499):
        alone = model.transform([X[index]])
        np.testing.assert_array_equal(features[index], alone[0])


def test_rows_of_a_table_are_packed_as_sequences_of_one_frame():
    rows = np.random.default_rng(0).normal(size=(300, 4))
    as_list = check_sequences([row[np.newaxis] for row in rows])
    as_table = Sequences(rows[:, np.newaxis])
    for chosen in (slice(3, 200), np.array([7, 2, 299])):
        one = as_list.pack(chosen, np.dtype(float))
        other = as_table.pack(chosen, np.dtype(float))
        np.testing.assert_array_equal(one.frames, other.frames)
        np.testing.assert_array_equal(one.starts, other.starts)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble", "int8"])
def test_no_value_exceeds_the_norm_of_its_sequence(dtype):
    X = [(50 * x).astype(dtype) for x in random_sequences(20, 6)]
    sequences = check_sequences(X)
    for x, norm in zip(X, sequences.norms, strict=True):
        assert np.abs(x.astype(float)).max() <= norm * (1 + 1e-6)


@pytest.mark.parametrize("size", [1e160, 1.7e308])
def test_finite_values_whose_squares_overflow_are_no_infinities(size):
    sequences = check_sequences([np.full((3, 2), size), np.ones((2, 2))])
    assert sequences.norms[0] == np.inf
    assert sequences.norms[1] == 2.0


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_squares_that_are_no_numbers_are_no_errors_of_the_user(size):
    with np.errstate(all="raise"):
        assert len(check_sequences([np.full((3, 2), size)])) == 1


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_named(order, value):
    wrong = np.ones((5, 3), order=order)
    wrong[4, 1] = value
    with pytest.raises(ValueError, match=r"Sequence 1 holds NaN or inf.*frame 4, channel 1"):
        check_sequences([np.ones((2, 3)), wrong[::-1][::-1]])
