"""One long series, played window after window: the bits of one piece, and little memory."""

import numpy as np
import pytest

from reservoir import ReservoirFrameClassifier, ReservoirRegressor
from reservoir.devices import Wire
from reservoir.multiplexing import base, reading, series
from reservoir.multiplexing.sequences import Sequences

pytestmark = pytest.mark.kernel

N_FRAMES = 230
U = np.random.default_rng(0).uniform(-1, 1, size=(N_FRAMES, 2))
Y = np.concatenate([[0.0], U[:-1, 0] * U[1:, 0]])


@pytest.fixture
def small_windows(monkeypatch):
    """Windows of 7 frames of 12 nodes, for series of more than 50 frames."""
    for room in (base, reading, series):
        monkeypatch.setattr(room, "MAX_STATES_BYTES", 50 * 12 * 8)
    monkeypatch.setattr(reading, "WINDOW_BYTES", 7 * 12 * 8)


SETTINGS = {
    "plain": {},
    "taps": {"context": (1, 9)},
    "single precision": {"dtype": "float32"},
    "uniform mask": {"mask": "uniform"},
    "feedback over several windows": {
        "loop_gain": 0.9,
        "feedback_delay": (13, 250),
        "current_limits": (0.0, 4.0),
    },
    "thermal noise": {"thermal_noise": 1e-4},
    "phase": {"thermal_noise": 1e-4, "read": "phase"},
    "frequency": {"read": "frequency"},
    "drift": {"drift": 0.1},
    "readout noise": {"readout_noise": 0.1},
    "readout noise, single precision": {"readout_noise": 0.1, "dtype": "float32"},
    "converter": {"bits": 6},
    "node bias": {"node_bias": 0.2, "current_limits": (0.0, 4.0)},
    "coupled": {"n_oscillators": 2, "n_nodes": 6, "coupling": 1e6, "detuning": 1e6},
    "masks of their own": {"n_oscillators": 2, "n_nodes": 6, "own_masks": True},
}


def regressor(**options):
    return ReservoirRegressor(
        **{"n_nodes": 12, "context": (), "alpha": 1e-6, "random_state": 0, **options}
    )


@pytest.mark.parametrize("options", SETTINGS.values(), ids=SETTINGS)
def test_windows_have_the_bits_of_one_piece(options, small_windows, monkeypatch):
    model = regressor(**options)
    with monkeypatch.context() as large:
        for room in (base, reading, series):
            large.setattr(room, "MAX_STATES_BYTES", 2**26)
        model.fit(U, Y)
        expected, states = model.predict(U), model.node_states([U])[0]
    packed = model._pack(Sequences([U]), slice(0, 1))
    windows = [window.copy() for window, _ in model._windows(packed)]
    assert len(windows) > 30 and len(windows[0]) == 7
    assert np.array_equal(np.concatenate(windows), states)
    assert np.array_equal(model.predict(U), expected)
    clipped = model._player().states(packed, model._bath(packed))[1]
    assert sum(count for _, count in model._windows(packed)) == clipped[0]


@pytest.mark.parametrize("alpha", [1e-6, None])
@pytest.mark.parametrize("washout", [0, 20])
def test_a_fit_in_windows_is_that_of_one_piece(alpha, washout, small_windows, monkeypatch):
    found = regressor(alpha=alpha, washout=washout).fit(U, Y)
    monkeypatch.undo()
    expected = regressor(alpha=alpha, washout=washout).fit(U, Y)
    assert found.alpha_ == expected.alpha_
    np.testing.assert_allclose(found.predict(U), expected.predict(U), atol=1e-9)


def test_long_and_short_series_keep_their_places(small_windows, monkeypatch):
    X = [U[:20], U, U[:30], U[:15], U[50:120]]
    y = [Y[:20], Y, Y[:30], Y[:15], Y[50:120]]
    model = regressor(washout=3).fit(X, y)
    outputs = model.predict(X)
    assert [len(output) for output in outputs] == [20, 230, 30, 15, 70]
    for one, output in zip(X, outputs, strict=True):
        assert np.array_equal(model.predict([one])[0], output)
    monkeypatch.undo()
    expected = regressor(washout=3).fit(X, y)
    np.testing.assert_allclose(outputs[1], expected.predict([U])[0], atol=1e-9)


def test_labels_of_frames_come_window_by_window(small_windows, monkeypatch):
    model = ReservoirFrameClassifier(n_nodes=12, context=(1,), random_state=0)
    found = model.fit(U, Y > 0).predict(U)
    monkeypatch.undo()
    assert np.array_equal(model.predict(U), found)


def test_the_drive_alone_comes_in_windows_too(small_windows):
    model = regressor(oscillator=Wire(), context=(1,)).fit(U, Y)
    assert len(model.predict(U)) == N_FRAMES


def test_noise_is_learned_from_the_beginnings_of_long_series(small_windows):
    long = regressor(readout_noise=0.1).fit(U, Y)
    states = regressor().fit(U, Y).node_states([U])[0]
    assert long.readout_noise_ == pytest.approx(0.1 * states[:50].std(), rel=1e-6)


def test_states_that_are_not_finite_are_named(small_windows):
    model = regressor().fit(U, Y)
    broken = model.on_device(model.oscillator_)
    broken.readout_noise_ = np.inf
    with pytest.raises(RuntimeError, match="states of sequence 0 are not finite"):
        broken.predict(U)


@pytest.mark.parametrize("max_frames", [None, 1, 40, 10**6])
def test_blocks_hold_each_sequence_once_and_few_frames(max_frames):
    lengths = np.random.default_rng(0).integers(1, 60, size=600)
    sequences = Sequences([np.zeros((n, 1)) for n in lengths])
    parts = sequences.blocks(max_frames)
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(600))
    for part in parts:
        held = lengths[part]
        assert len(held) <= 256
        assert len(held) == 1 or max_frames is None or held.sum() <= max_frames
