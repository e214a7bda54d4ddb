"""A share of each channel's mean over the clip is taken away, by every front end alike."""

import numpy as np
import pytest
from sklearn.base import clone

from reservoir.audio import MFCC, Cochleagram, Spectrogram

pytestmark = pytest.mark.kernel

CLIPS = [np.random.default_rng(n).normal(size=n) for n in (4000, 900, 2500, 60)]
EARS = [
    Cochleagram(8000, n_channels=8),
    Cochleagram(8000, model="lyon"),
    MFCC(8000),
    MFCC(8000, n_deltas=2),
    MFCC(8000, standardize=True),
    Spectrogram("signed"),
    Spectrogram("log-power"),
]


@pytest.mark.parametrize("ear", EARS, ids=str)
@pytest.mark.parametrize("share", [0, 0.0, 0.25, 0.5, np.float32(0.75), 1])
def test_the_share_of_the_mean_is_taken_away(ear, share):
    plain = ear.transform(CLIPS)
    found = clone(ear).set_params(mean_subtraction=share).transform(CLIPS)
    for before, after in zip(plain, found, strict=True):
        if share == 0:
            assert np.array_equal(before, after)
        means = before.mean(axis=0)
        size = np.abs(before).max()
        np.testing.assert_allclose(after, before - float(share) * means, atol=1e-13 * size)
        np.testing.assert_allclose(
            after.mean(axis=0), (1 - float(share)) * means, atol=1e-13 * size
        )
        if share == 1:
            assert np.abs(after.mean(axis=0)).max() <= 1e-13 * size


@pytest.mark.filterwarnings("ignore:.*hears all clips in one job")
@pytest.mark.parametrize("ear", EARS, ids=str)
def test_neighbours_and_threads_do_not_change_a_bit(ear):
    half = clone(ear).set_params(mean_subtraction=0.5)
    together = half.transform(CLIPS)
    threads = clone(half).set_params(n_jobs=2).transform(CLIPS)
    for index, clip in enumerate(CLIPS):
        assert np.array_equal(half.transform([clip])[0], together[index])
        assert np.array_equal(threads[index], together[index])


def test_a_channel_that_stays_as_it_is_is_not_heard_any_more():
    # One frame is its own mean.
    for ear in EARS:
        whole = clone(ear).set_params(mean_subtraction=1)
        frames = whole.transform([CLIPS[3]])[0]
        assert len(frames) > 1 or not np.any(np.round(frames, 12))
        silent = whole.transform([np.zeros(4000)])[0]
        assert np.abs(silent).max() <= 1e-12 * 100


@pytest.mark.parametrize("ear", EARS, ids=str)
@pytest.mark.parametrize("share", [-0.1, 1.5, np.nan, "half", None, True])
def test_a_share_that_is_none_is_refused(ear, share):
    name = type(ear).__name__
    with pytest.raises(ValueError, match=f"{name}.mean_subtraction is .* share from 0 to 1"):
        clone(ear).set_params(mean_subtraction=share).transform(CLIPS)
