"""Altered copies of clips: each alteration does what its name says, and is off by default."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import LeaveOneGroupOut, cross_val_score
from sklearn.pipeline import make_pipeline

from reservoir import ReservoirClassifier, datasets
from reservoir.audio import (
    AugmentedClassifier,
    Cochleagram,
    Noise,
    SpeakerNormalizer,
    Speed,
    Trim,
    Warp,
    at_speeds,
)
from reservoir.audio.copies import average_decision, fit_to_copies

RATE = 8000
EAR = Cochleagram(RATE)
CENTERS = EAR.center_frequencies()
HISS = np.random.default_rng(0).normal(size=4000)


VOICES = ("adam", "bella", "fay")


def tone(frequency, n_samples=4000):
    return np.sin(2 * np.pi * frequency * np.arange(n_samples) / RATE)


def vowel(pitch, formants):
    """Harmonics of `pitch`, loud near the formants: a voice with a known vocal tract."""
    harmonics = np.arange(1, int(3900 / pitch)) * pitch
    levels = sum(np.exp(-(((harmonics - f) / (0.15 * f)) ** 2)) for f in formants)
    return sum(level * tone(f) for f, level in zip(harmonics, levels + 1e-3, strict=True))


def loudest(frames):
    return CENTERS[frames[10:-10].mean(axis=0).argmax()]


# --- speed -----------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.8, 0.85, 1.1, 1.15, 1.5])
@pytest.mark.parametrize("frequency", [300.0, 1000.0, 2000.0])
def test_a_tone_that_is_played_faster_is_the_tone_of_the_higher_frequency(factor, frequency):
    (fast,) = Speed(factor).transform([tone(frequency)])
    assert len(fast) == np.ceil(4000 / factor)
    expected = tone(frequency * factor, len(fast))
    np.testing.assert_allclose(fast[300:-300], expected[300:-300], atol=2e-3)
    assert loudest(EAR.transform([fast])[0]) == loudest(EAR.transform([expected])[0])


def test_a_tone_moved_beyond_half_the_sampling_rate_is_silent():
    (fast,) = Speed(1.5).transform([tone(3500)])
    assert np.abs(fast[300:-300]).max() < 2e-3


def test_speed_and_its_inverse_give_the_sound_back():
    (back,) = make_pipeline(Speed(0.8), Speed(1.25)).transform([tone(700)])
    np.testing.assert_allclose(back[300:-300], tone(700)[300:-300], atol=2e-3)


def test_factor_one_is_the_identity():
    assert np.array_equal(Speed(1.0).transform([HISS])[0], HISS)
    frames = EAR.transform([HISS])
    assert np.array_equal(Warp(CENTERS).transform(frames)[0], frames[0])


# --- trimming --------------------------------------------------------------------------


@pytest.mark.parametrize("before, after", [(0, 0), (4000, 100), (37, 5000)])
@pytest.mark.parametrize("level", [1.0, 1e-4])
def test_a_word_between_pauses_is_cut_out_within_a_window_whatever_its_level(
    before, after, level
):
    word = np.sin(np.arange(3000))
    word[1000:2000] = 0  # a pause inside stays
    hum = 1e-3 * np.sin(np.arange(before + 3000 + after))  # 60 dB below
    clip = level * (hum + np.pad(word, (before, after)))
    (kept,) = Trim(RATE).transform([clip])
    begin = next(n for n in range(len(clip)) if np.array_equal(clip[n : n + len(kept)], kept))
    assert before - 200 <= begin <= before
    assert before + 3000 <= begin + len(kept) <= before + 3200
    assert len(Trim(RATE, 70).transform([clip])[0]) == len(clip)


def test_silence_and_what_is_shorter_than_a_window_are_not_cut():
    for clip in (np.zeros(500), np.ones(1), HISS[:150]):
        assert np.array_equal(Trim(RATE).transform([clip])[0], clip)


# --- noise -----------------------------------------------------------------------------


@pytest.mark.parametrize("decibels", [-5, 0, 12.5, 40])
def test_noise_has_the_asked_ratio_and_is_white(decibels):
    for clip in (tone(500, 20000), 7 * tone(500, 333)):
        noise = Noise(decibels).transform([clip])[0] - clip
        ratio = 10 * np.log10(np.mean(clip**2) / np.mean(noise**2))
        assert ratio == pytest.approx(decibels, abs=1e-9)
    noise = Noise(decibels).transform([tone(500, 20000)])[0] - tone(500, 20000)
    power = np.abs(np.fft.rfft(noise)) ** 2
    quarters = [part.mean() / power.mean() for part in np.array_split(power, 4)]
    np.testing.assert_allclose(quarters, 1, atol=0.1)


def test_noise_depends_on_the_seed_and_the_clip_and_on_nothing_else():
    a, b = tone(500), tone(600)
    first, second = Noise(10).transform([a, b])
    again = Noise(10).transform([b, a])
    assert np.array_equal(first, again[1]) and np.array_equal(second, again[0])
    other = Noise(10, random_state=1).transform([a])[0]
    assert abs(np.corrcoef(first - a, other - a)[0, 1]) < 0.1
    assert abs(np.corrcoef(first - a, second - b)[0, 1]) < 0.1


def test_silence_stays_silent_and_one_sample_stays_one():
    silent, one = np.zeros(100), np.array([0.5])
    assert not Noise(10).transform([silent])[0].any()
    assert not Speed(0.9).transform([silent])[0].any()
    assert len(Speed(1.15).transform([one])[0]) == 1 and Noise(3).transform([one])[0].any()


# --- warp ------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.85, 1.1, 1.2])
@pytest.mark.parametrize("frequency", [500.0, 1000.0, 2500.0])
def test_a_warped_cochleagram_is_that_of_the_tone_moved(factor, frequency):
    heard, moved = EAR.transform([tone(frequency), tone(factor * frequency)])
    (warped,) = Warp(CENTERS, factor).transform([heard])
    # Bandwidths are not proportional to frequency, and the phases differ.
    steady = warped[10:].mean(axis=0), moved[10:].mean(axis=0)
    assert np.corrcoef(*steady)[0, 1] > 0.97
    step = CENTERS[steady[1].argmax() + 1] - CENTERS[steady[1].argmax()]
    assert abs(loudest(warped) - factor * frequency) < 1.5 * step


def test_a_linear_slope_is_warped_exactly_inside_the_band():
    (warped,) = Warp(CENTERS, 1.1).transform([CENTERS[None]])
    inside = CENTERS / 1.1 >= CENTERS[0]
    np.testing.assert_allclose(warped[0, inside], CENTERS[inside] / 1.1, rtol=1e-12)
    assert (warped[0, ~inside] == CENTERS[0]).all()


# --- the average voice -----------------------------------------------------------------

VOWELS = {"a": (730, 1090, 2440), "i": (270, 2290, 3010), "u": (300, 870, 2240)}


def voices(scales, pitch=120):
    """Cochleagrams of three vowels by speakers whose vocal tracts differ by a scale."""
    clips = [
        vowel(pitch * scale, scale * np.array(formants))
        for scale in scales
        for formants in VOWELS.values()
    ]
    return EAR.transform(clips), np.repeat(np.arange(len(scales)), len(VOWELS))


def test_normalisation_finds_the_warp_back():
    frames, speakers = voices([0.9, 0.95, 1.0, 1.05, 1.1])
    normalizer = SpeakerNormalizer(CENTERS, n_components=4).fit(frames, groups=speakers)
    step = 1.25 ** (1 / 6)
    found = normalizer.find_factors(frames, groups=speakers)[::3]
    np.testing.assert_allclose(found * [0.9, 0.95, 1.0, 1.05, 1.1], 1, rtol=step - 1)
    base, _ = voices([1.0])
    for factor in (0.9, 1.1):
        warped = Warp(CENTERS, factor).transform(base)
        found = normalizer.find_factors(warped)
        np.testing.assert_allclose(found * factor, normalizer.find_factors(base), rtol=0.06)


def test_normalised_voices_of_different_lengths_are_closer_to_each_other():
    frames, speakers = voices([0.88, 1.0, 1.13])
    normalizer = SpeakerNormalizer(CENTERS, n_components=4).fit(frames, groups=speakers)
    new, _ = voices([0.93, 1.08])

    def distance(clips):
        means = np.array([clip[10:].mean(axis=0) for clip in clips]).reshape(2, 3, -1)
        return np.linalg.norm(means[0] - means[1])

    assert distance(normalizer.transform(new)) < 0.8 * distance(new)


def test_every_utterance_is_judged_by_itself_unless_groups_are_given():
    frames, speakers = voices([0.9, 1.0, 1.1])
    normalizer = SpeakerNormalizer(CENTERS, n_components=4).fit(frames)
    alone = [normalizer.find_factors([clip])[0] for clip in frames]
    assert np.array_equal(alone, normalizer.find_factors(frames))
    shared = normalizer.find_factors(frames, groups=speakers).reshape(3, 3)
    assert (shared == shared[:, :1]).all() and shared[0, 0] > shared[2, 0]


# --- the classifier --------------------------------------------------------------------


class Recorder(ClassifierMixin, BaseEstimator):
    """Remembers what it was fitted to; its decision value is the length of a clip."""

    def fit(self, X, y, groups=None):
        self.lengths_, self.y_, self.groups_ = [len(clip) for clip in X], y, groups
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        lengths = np.array([len(clip) for clip in X], dtype=float)
        return np.column_stack([lengths, 100.0 * np.ones(len(X)), 0 * lengths])


def test_copies_come_with_the_label_and_the_group_of_their_clip():
    clips, y = [HISS[:800], HISS[:1600], HISS[:400]], ["a", "b", "c"]
    model = AugmentedClassifier(Recorder(), [Speed(1), Speed(0.5), Speed(2)])
    found = model.fit(clips, y, groups=["x", "x", "z"]).classifier_
    assert found.lengths_ == [800, 1600, 400, 1600, 3200, 800, 400, 800, 200]
    assert list(found.y_) == y * 3 and list(found.groups_) == ["x", "x", "z"] * 3
    # Without groups a clip and its copies are one, so that none judges the others.
    assert list(model.fit(clips, y).classifier_.groups_) == [0, 1, 2] * 3
    # One front end alone is the plain classifier.
    assert (
        AugmentedClassifier(Recorder(), [Speed(1)]).fit(clips, y).classifier_.groups_ is None
    )


def test_decision_values_are_the_mean_over_the_copies_asked():
    clips = [HISS[:100], HISS[:50], HISS[:80]]
    model = AugmentedClassifier(Recorder(), [Speed(1), Speed(0.5)]).fit(clips, [0, 1, 2])
    assert model.decision_function(clips)[:, 0].tolist() == [150, 75, 120]
    assert model.predict(clips).tolist() == [0, 1, 0]
    model.set_params(test_front_ends=[Speed(1)])
    assert model.decision_function(clips)[:, 0].tolist() == [100, 50, 80]


def test_tables_of_features_are_stacked_like_lists():
    table = np.arange(6.0).reshape(3, 2)
    recorder = fit_to_copies(Recorder(), [table, table + 1], [0, 1, 2], [5, 5, 6])
    assert recorder.lengths_ == [2] * 6 and list(recorder.groups_) == [5, 5, 6] * 2
    assert average_decision(recorder, [table, table]).shape == (3, 3)


def test_copies_help_with_a_voice_of_another_length_and_one_front_end_is_the_pipeline():
    digits = datasets.load_spoken_digits()
    chosen = np.flatnonzero((digits.indices < 3) & np.isin(digits.speakers, VOICES))
    clips = [digits.data[i] for i in chosen]
    y, speakers = digits.target[chosen], digits.speakers[chosen]
    base = ReservoirClassifier(n_nodes=20, context=(4, 8), alpha=1e-3, random_state=0)
    scores = [
        cross_val_score(
            AugmentedClassifier(base, at_speeds(EAR, speeds)),
            clips,
            y,
            groups=speakers,
            cv=LeaveOneGroupOut(),
        )
        for speeds in ((1.0,), (1.0, 0.87, 1.15))
    ]
    plain = cross_val_score(
        make_pipeline(EAR, base), clips, y, groups=speakers, cv=LeaveOneGroupOut()
    )
    assert np.array_equal(plain, scores[0])
    assert scores[1].mean() > scores[0].mean()


BAD = [
    (Speed(0), "Speed.factor is 0"),
    (Speed(20.0), "between 0.1 and 10"),
    (Speed("fast"), "Speed.factor is 'fast'"),
    (Trim(0), "Trim.sample_rate is 0"),
    (Trim(50), "Trim.sample_rate is 50 Hz; 10 ms"),
    (Trim(8000, 0), "Trim.decibels is 0"),
    (Noise(np.inf), "Noise.decibels is inf"),
    (Noise(10, random_state=-1), "Noise.random_state is -1"),
    (Warp(CENTERS, -1), "Warp.factor is -1"),
    (Warp(CENTERS[::-1]), "ascending"),
    (Warp("all"), "ascending"),
    (SpeakerNormalizer([100.0]), "at least two channels"),
    (SpeakerNormalizer(CENTERS, factors=(1, 0)), "positive numbers"),
    (SpeakerNormalizer(CENTERS, n_components=0), "n_components is 0"),
]


@pytest.mark.parametrize("step, message", BAD, ids=[message for _, message in BAD])
def test_bad_parameters_are_named(step, message):
    with pytest.raises(ValueError, match=message):
        step.fit([np.ones((5, len(CENTERS)))])


def test_bad_clips_and_lists_of_front_ends_are_named():
    for step in (Speed(1.1), Noise(10)):
        with pytest.raises(ValueError, match="Clip 1 is nan at sample 0"):
            step.transform([HISS, np.array([np.nan])])
    frames = np.ones((5, len(CENTERS)))
    normalizer = SpeakerNormalizer(CENTERS, n_components=1).fit([frames, 2 * frames])
    for step in (Warp(CENTERS, 1.1), normalizer):
        with pytest.raises(ValueError, match=r"Clip 0 has shape \(5, 3\)"):
            step.transform([np.ones((5, 3))])
        with pytest.raises(ValueError, match="Clip 1 holds NaN"):
            step.transform([frames, np.nan * frames])
        with pytest.raises(ValueError, match="There is no clip"):
            step.transform([])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        normalizer.transform([frames], groups=[1, 2])
    for y, groups in (([0, 1, 1], None), ([0, 1], [1])):
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            AugmentedClassifier(Recorder(), [EAR]).fit([HISS, HISS], y, groups)
    for front_ends in ([], None, EAR):
        with pytest.raises(ValueError, match="AugmentedClassifier.front_ends"):
            AugmentedClassifier(Recorder(), front_ends).fit([HISS, HISS], [0, 1])
