"""Pooling by change: segments in which a sequence changes alike, against numpy's own sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reservoir import ReservoirClassifier, TimeMultiplexedReservoir, _core
from reservoir.multiplexing.pooling import change_ranges, frame_ranges
from reservoir.multiplexing.sequences import Packed

pytestmark = pytest.mark.kernel

few = settings(derandomize=True, max_examples=100, database=None)
BINOMIAL = np.array([1, 4, 6, 4, 1]) / 16


def packed_of(sequences):
    """Sequences as the kernels get them."""
    lengths = np.array([len(x) for x in sequences], dtype=np.intp)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)
    return Packed(np.ascontiguousarray(np.concatenate(sequences)), starts, lengths)


def ranges_of(sequences, n_segments, scale=None):
    """First frames and ends of the segments of each sequence, as lists."""
    packed = packed_of(sequences)
    scale = np.ones(packed.frames.shape[1]) if scale is None else scale
    first, last = change_ranges(packed, scale, n_segments)
    return [(a.tolist(), b.tolist()) for a, b in zip(first, last, strict=True)]


def expected(x, n_segments):
    """The same by numpy: smooth, measure the distances, add up, and interpolate."""
    length = len(x)
    longer = np.concatenate([x[:1].repeat(3, 0), x, x[-1:].repeat(2, 0)]).astype(float)
    smooth = np.array([BINOMIAL @ longer[i : i + 5] for i in range(length + 1)])
    change = np.linalg.norm(np.diff(smooth, axis=0), axis=1)
    share = change / change.sum() if change.sum() > 0 else np.zeros(length)
    sums = np.concatenate([[0], np.cumsum(share + 0.7 / length)])
    shares = np.arange(1, n_segments) / n_segments
    places = np.interp(shares, sums / sums[-1], range(length + 1))
    first = [min(int(np.floor(p + 1e-9)), length - 1) for p in places]
    last = [max(1, int(np.ceil(p - 1e-9))) for p in places]
    return [0, *first], [*last, length]


def noises(seed, n_channels=7):
    """Sequences of noise with a loudness that varies from frame to frame."""
    generator = np.random.default_rng(seed)
    return [
        generator.normal(size=(n, n_channels)) * generator.exponential(size=(n, 1))
        for n in generator.integers(1, 60, 5)
    ]


@few
@given(st.integers(0, 10**6), st.integers(1, 9), st.sampled_from([np.float64, np.float32]))
def test_the_kernel_cuts_where_numpys_sums_say(seed, n_segments, dtype):
    sequences = [x.astype(dtype) for x in noises(seed)]
    assert ranges_of(sequences, n_segments) == [expected(x, n_segments) for x in sequences]


@few
@given(st.integers(0, 10**6), st.integers(1, 12), st.floats(0, 3))
def test_segments_are_not_empty_and_leave_no_frame_out(seed, n_segments, loudness):
    for x, (first, last) in zip(
        sequences := [loudness * x for x in noises(seed)],
        ranges_of(sequences, n_segments),
        strict=True,
    ):
        assert first[0] == 0 and last[-1] == len(x)
        assert all(0 <= a < b <= len(x) for a, b in zip(first, last, strict=True))
        assert first == sorted(first) and last == sorted(last)
        # The next one begins where one ends, or in its last frame.
        assert all(a <= b <= a + 1 for a, b in zip(first[1:], last[:-1], strict=True))


@pytest.mark.parametrize("length", [1, 2, 3, 10, 31])
@pytest.mark.parametrize("n_segments", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("level", [0.0, 5.0])
def test_a_sequence_that_does_not_change_has_equal_segments(length, n_segments, level):
    found = ranges_of([np.full((length, 3), level)], n_segments)
    first, last = frame_ranges([length], "segments", n_segments)
    assert found == [(first[0].tolist(), last[0].tolist())]


def test_numbers_beyond_double_precision_give_equal_segments():
    x = np.zeros((30, 2))
    x[::2] = 1e300
    first, last = frame_ranges([30], "segments", 3)
    assert ranges_of([x], 3) == [(first[0].tolist(), last[0].tolist())]


@pytest.mark.parametrize("n_segments", [2, 3, 5])
def test_borders_move_to_where_a_sequence_moves(n_segments):
    time = np.arange(60.0)
    late = np.maximum(time - 30, 0)[:, np.newaxis] * [1.0, -2.0]
    equal = frame_ranges([60], "segments", n_segments)[0][0][1:]
    (first, _), (mirrored, _) = ranges_of([late, late[::-1].copy()], n_segments)
    assert (np.array(first[1:]) > equal).all() and (np.array(mirrored[1:]) < equal).all()
    # Of the running sum 0.7/1.7 is the same everywhere, and the rest lies in one half.
    for k, border in enumerate(first[1:], start=1):
        share = 1.7 * k / n_segments
        still, moving = share / (0.7 / 60), (share + 1) / (0.7 / 60 + 1 / 30)
        place = still if still < 30 else moving
        assert abs(border - place) <= 2, (border, place)


def test_a_steady_movement_has_equal_segments():
    ramp = np.arange(300.0)[:, np.newaxis] * [1.0, 2.0]
    first = ranges_of([ramp], 6)[0][0]
    np.testing.assert_allclose(first, np.arange(6) * 50, atol=2)


@few
@given(st.integers(0, 10**6), st.integers(-40, 40))
def test_the_size_of_everything_means_nothing(seed, exponent):
    sequences = noises(seed)
    larger = [np.ldexp(x, exponent) for x in sequences]
    assert ranges_of(sequences, 4) == ranges_of(larger, 4)
    scale = np.full(7, 2.0**exponent)
    assert ranges_of(sequences, 4, scale) == ranges_of(sequences, 4)


def test_channels_count_as_their_scale_says():
    sequences = noises(3)
    silenced = [np.where(np.arange(7) == 2, 0.0, x) for x in sequences]
    scale = np.where(np.arange(7) == 2, 0.0, 1.0)
    assert ranges_of(sequences, 4, scale) == ranges_of(silenced, 4)
    weights = np.linspace(0.5, 3, 7)
    assert ranges_of(sequences, 4, weights) == ranges_of([weights * x for x in sequences], 4)


def test_neighbours_and_order_mean_nothing():
    sequences = noises(4)
    together = ranges_of(sequences, 5)
    assert together == [ranges_of([x], 5)[0] for x in sequences]
    assert ranges_of(sequences[::-1], 5) == together[::-1]


@pytest.mark.parametrize("name", _core.available_instruction_sets())
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_instruction_set_cuts_alike(name, dtype, monkeypatch):
    sequences = [x.astype(dtype) for seed in range(40) for x in noises(seed)]
    found = ranges_of(sequences, 4)
    monkeypatch.setattr(
        "reservoir.multiplexing.pooling.kernel", _core.load_kernel("change", name)
    )
    assert ranges_of(sequences, 4) == found


def test_single_and_double_precision_cut_alike_what_single_precision_holds():
    single = [x.astype(np.float32) for seed in range(40) for x in noises(seed)]
    assert ranges_of(single, 5) == ranges_of([x.astype(float) for x in single], 5)


# ---------------------------------------------------------------------- in the estimators

X = [x + k % 2 for k, x in enumerate(noises(5, 3) * 5)]
Y = np.arange(25) % 2


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("standardize", [False, True])
def test_a_transformer_averages_its_states_over_the_segments(dtype, standardize):
    options = {"n_nodes": 6, "dtype": dtype, "standardize": standardize, "random_state": 0}
    pooled = TimeMultiplexedReservoir(**options, pooling="change", n_segments=3).fit(X)
    states = TimeMultiplexedReservoir(**options).fit(X).transform(X)
    by_hand = []
    for x, state in zip(X, states, strict=True):
        x = (x.astype(dtype) - pooled.drive_.center) * pooled.drive_.scale
        means = [state[a:b].mean(axis=0) for a, b in zip(*expected(x, 3), strict=True)]
        by_hand.append(np.concatenate(means))
    rtol = 1e-10 if dtype == "float64" else 1e-4
    np.testing.assert_allclose(pooled.transform(X), by_hand, rtol=rtol, atol=rtol)
    assert len(pooled.get_feature_names_out()) == 18


@pytest.mark.parametrize(
    "options", [{}, {"bits": 12}, {"readout_noise": 0.01}, {"n_oscillators": 2}]
)
def test_neighbours_order_and_threads_do_not_change_a_decision(options):
    model = ReservoirClassifier(
        n_nodes=6, pooling="change", n_segments=4, random_state=0, **options
    ).fit(X, Y)
    together = model.decision_function(X)
    alone = np.concatenate([model.decision_function([x]) for x in X])
    assert np.array_equal(together, alone)
    assert np.array_equal(model.decision_function(X[::-1]), together[::-1])
    many = model.set_params(n_jobs=2).decision_function(X * 40)
    assert np.array_equal(many, np.tile(together, 40))


def test_one_frame_and_fewer_frames_than_segments_are_classified():
    model = ReservoirClassifier(n_nodes=6, pooling="change", n_segments=5, random_state=0)
    short = [x[: 1 + k % 3] for k, x in enumerate(X)]
    assert np.isfinite(model.fit(short, Y).decision_function(short)).all()
    one = [x[:1] for x in X]
    segments = ReservoirClassifier(
        n_nodes=6, pooling="segments", n_segments=5, random_state=0
    )
    assert np.array_equal(
        model.fit(one, Y).decision_function(one), segments.fit(one, Y).decision_function(one)
    )
