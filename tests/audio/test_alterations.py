"""Altered copies of clips: each alteration does what its name says, and is off by default."""

import pickle
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.signal import resample_poly
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegressionCV, RidgeClassifierCV
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    cross_val_score,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

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


@pytest.mark.parametrize("exponent", [-1000, -600, 600, 1000])
def test_what_is_cut_or_added_does_not_depend_on_the_unit_of_a_clip(exponent):
    clip = np.concatenate([np.zeros(2000), HISS, np.zeros(2000)])
    strange = np.ldexp(clip, exponent)
    trim = Trim(RATE)
    (expected,), (found,) = trim.transform([clip]), trim.transform([strange])
    assert len(expected) < len(clip) and np.array_equal(np.ldexp(expected, exponent), found)
    noise = Noise(20, random_state=0).transform([strange])[0] - strange
    decibels = 10 * np.log10(np.mean(clip**2) / np.mean(np.ldexp(noise, -exponent) ** 2))
    assert decibels == pytest.approx(20, abs=1e-6)


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


def test_a_factor_may_be_a_number_of_numpy():
    single, double = (Speed(kind(1.5)).transform([HISS])[0] for kind in (np.float32, float))
    assert np.array_equal(single, double)


@given(
    st.integers(10, 100),
    st.integers(10, 100),
    arrays(float, st.integers(1, 300), elements=st.floats(-1, 1)),
)
def test_speed_is_scipys_polyphase_filter_to_the_bit(up, down, sound):
    (faster,) = Speed(down / up).transform([sound])
    assert np.array_equal(faster, resample_poly(sound, up, down))


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
    assert len(Trim(RATE, decibels=70).transform([clip])[0]) == len(clip)


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


def test_noise_from_a_generator_is_new_at_every_call_and_repeats_with_its_seed():
    for make in (np.random.default_rng, np.random.RandomState):
        first, second = (make(3) for _ in range(2))
        step, again = Noise(10, random_state=first), Noise(10, random_state=second)
        (a,), (b,), (c,) = (s.transform([HISS]) for s in (step, step, again))
        assert np.array_equal(a, c) and not np.array_equal(a, b)
    fresh = Noise(10, random_state=None)
    assert not np.array_equal(fresh.transform([HISS])[0], fresh.transform([HISS])[0])


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
    (warped,) = Warp(CENTERS, factor=factor).transform([heard])
    # Bandwidths are not proportional to frequency, and the phases differ.
    steady = warped[10:].mean(axis=0), moved[10:].mean(axis=0)
    assert np.corrcoef(*steady)[0, 1] > 0.97
    step = CENTERS[steady[1].argmax() + 1] - CENTERS[steady[1].argmax()]
    assert abs(loudest(warped) - factor * frequency) < 1.5 * step


def test_a_linear_slope_is_warped_exactly_inside_the_band():
    (warped,) = Warp(CENTERS, factor=1.1).transform([CENTERS[None]])
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
        warped = Warp(CENTERS, factor=factor).transform(base)
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


def test_the_average_voice_takes_every_kind_of_random_state():
    frames, _ = voices([0.9, 1.1])
    for make in (np.random.default_rng, np.random.RandomState):
        found, again = (
            SpeakerNormalizer(CENTERS, n_components=2, random_state=make(1)).fit(frames)
            for _ in range(2)
        )
        assert np.array_equal(found.voice_.means_, again.voice_.means_)
    fresh = SpeakerNormalizer(CENTERS, n_components=2, random_state=None).fit(frames)
    assert np.isfinite(fresh.voice_.means_).all()


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


def groups_of_last_step(model, clips, y, **options):
    fitted = model.fit(clips, y, **options).classifier_
    while not isinstance(fitted, Recorder):
        fitted = fitted[-1] if isinstance(fitted, Pipeline) else fitted.best_estimator_
    return None if fitted.groups_ is None else list(fitted.groups_)


def test_labels_and_groups_that_are_hidden_or_missing_are_refused():
    clips, y = [HISS[:800], HISS[:1600], HISS[:400]], [0, 1, 0]
    model = AugmentedClassifier(Recorder(), [Speed(1), Speed(0.5)])
    with pytest.raises(ValueError, match="y has masked values .clip 1 is masked"):
        model.fit(clips, np.ma.array(y, mask=[0, 1, 0]))
    with pytest.raises(ValueError, match="requires y .* give the label of each clip"):
        model.fit(clips, None)
    with pytest.raises(ValueError, match="y cannot be read as one array"):
        model.fit(clips, [[0], [1, 2], [0]])
    frames = EAR.transform(clips)
    normalizer = SpeakerNormalizer(CENTERS, n_components=2)
    for missing in (None, np.nan, float("nan"), pd.NA, pd.NaT):
        groups = np.array(["a", missing, "b"], dtype=object)
        for fit in (
            lambda g: model.fit(clips, y, g),
            lambda g: normalizer.fit(frames, None, g),
        ):
            with pytest.raises(
                ValueError, match="groups holds .* for clip 1; name the group"
            ):
                fit(groups)
            with pytest.raises(ValueError, match="groups has masked values .clip 1"):
                fit(np.ma.array([0, 1, 0], mask=[0, 1, 0]))
            with pytest.raises(
                TypeError, match="groups mixes .* int, str, which have no order"
            ):
                fit(np.array([1, "a", "b"], dtype=object))
            with pytest.raises(ValueError, match=r"groups has shape \(3, 1\); it must be"):
                fit([[0], [1], [0]])


def test_a_column_of_labels_stays_a_column():
    y = np.array([["a"], ["b"], ["a"]])
    model = AugmentedClassifier(Recorder(), [Speed(1), Speed(0.5)])
    model.fit([HISS[:800], HISS[:1600], HISS[:400]], y)
    assert np.array_equal(model.classifier_.y_, np.concatenate([y, y]))


def test_groups_reach_the_last_step_of_a_pipeline():
    clips, y = [HISS[:800], HISS[:1600], HISS[:400]], ["a", "b", "c"]
    inner = make_pipeline("passthrough", Recorder())
    for classifier in (inner, make_pipeline("passthrough", inner)):
        model = AugmentedClassifier(classifier, [Speed(1), Speed(0.5)])
        assert (
            groups_of_last_step(model, clips, y, groups=["x", "x", "z"])
            == ["x", "x", "z"] * 2
        )
        assert groups_of_last_step(model, clips, y) == [0, 1, 2] * 2
        alone = AugmentedClassifier(classifier, [Speed(1)])
        assert groups_of_last_step(alone, clips, y) is None
        assert groups_of_last_step(alone, clips, y, groups=[5, 6, 7]) == [5, 6, 7]


class Counted(GroupKFold):
    """Remembers by which groups it split."""

    seen: ClassVar[list] = []

    def split(self, X, y=None, groups=None):
        self.seen.append(None if groups is None else list(groups))
        return super().split(X, y, groups)


def test_groups_reach_the_splitter_of_a_search_and_the_pipeline_that_is_searched():
    clips, y = [HISS[:800], HISS[:1600], HISS[:400], HISS[:90]], ["a", "b", "a", "b"]
    groups = ["x", "x", "z", "z"]
    scored = {"scoring": lambda model, X, y: 0.0}
    choices = {"functiontransformer__validate": [False]}
    passing = make_pipeline(FunctionTransformer(), Recorder())
    search = GridSearchCV(passing, choices, cv=Counted(2), **scored)
    model = AugmentedClassifier(search, [Speed(1), Speed(0.5)])
    Counted.seen.clear()
    assert groups_of_last_step(model, clips, y, groups=groups) == groups * 2
    assert Counted.seen == [groups * 2]
    Counted.seen.clear()
    assert groups_of_last_step(model, clips, y) == [0, 1, 2, 3] * 2
    assert Counted.seen == [[0, 1, 2, 3] * 2]
    # The same search as the last step of a pipeline.
    model.set_params(classifier=make_pipeline("passthrough", search))
    assert groups_of_last_step(model, clips, y, groups=groups) == groups * 2


CHOOSING = [
    GridSearchCV(make_pipeline(Recorder()), {}, cv=2),
    GridSearchCV(Recorder(), {}, cv=GroupKFold(2)),
    GridSearchCV(Recorder(), {}),
    RidgeClassifierCV(),
    make_pipeline("passthrough", LogisticRegressionCV(cv=2)),
    OneVsRestClassifier(Recorder()),
    OneVsRestClassifier(RidgeClassifierCV()),
    VotingClassifier([("a", Recorder())]),
]


@pytest.mark.parametrize("classifier", CHOOSING, ids=lambda c: repr(c)[:40])
def test_a_classifier_that_would_lose_the_groups_is_refused(classifier):
    clips, y = [HISS[:100], HISS[:100]], [0, 1]
    for front_ends, groups in (([Speed(1)], [0, 1]), ([Speed(1), Speed(0.5)], None)):
        with pytest.raises(
            ValueError, match="hands no groups to all that choose.*GridSearch"
        ):
            AugmentedClassifier(classifier, front_ends).fit(clips, y, groups)


def test_a_classifier_that_chooses_nothing_needs_no_groups():
    table = FunctionTransformer(lambda clips: np.array([[len(c), c[0]] for c in clips]))
    clips, y = [HISS[:100], HISS[:50], HISS[:100], HISS[:40]], [0, 1, 0, 1]
    for classifier in (KNeighborsClassifier(1), make_pipeline(StandardScaler(), SVC())):
        ears = [make_pipeline(Speed(speed), table) for speed in (1, 0.5)]
        model = AugmentedClassifier(classifier, ears).fit(clips, y, groups=[0, 0, 1, 1])
        assert model.classes_.tolist() == [0, 1]


def test_groups_are_routed_where_scikit_learn_routes():
    clips, y = [HISS[:800], HISS[:1600], HISS[:400]], ["a", "b", "c"]
    with config_context(enable_metadata_routing=True):
        wants = Recorder().set_fit_request(groups=True)
        model = AugmentedClassifier(make_pipeline("passthrough", wants), [Speed(1), Speed(2)])
        assert groups_of_last_step(model, clips, y, groups=[3, 3, 4]) == [3, 3, 4] * 2


def test_the_users_own_objects_are_never_fitted():
    learner, recorder = Centered(), Recorder()
    clips = [np.full(64, 1.0), np.full(64, 3.0)]
    front_ends = at_speeds(learner, (1.0,))
    model = AugmentedClassifier(recorder, front_ends, test_front_ends=[learner])
    model.fit(clips, [0, 1])
    for own in (recorder, learner, front_ends[0], front_ends[0][-1]):
        assert not [name for name in vars(own) if name.endswith("_")]
    assert model.front_ends_[0] is not front_ends[0]
    copy = clone(model)
    assert not hasattr(copy, "classifier_") and copy.classifier is not recorder
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.decision_function(clips), model.decision_function(clips))


def test_decision_values_are_the_mean_over_the_copies_asked():
    clips = [HISS[:100], HISS[:50], HISS[:80]]
    model = AugmentedClassifier(Recorder(), [Speed(1), Speed(0.5)]).fit(clips, [0, 1, 2])
    assert model.decision_function(clips)[:, 0].tolist() == [150, 75, 120]
    assert model.predict(clips).tolist() == [0, 1, 0]
    model.set_params(test_front_ends=[Speed(1)])
    assert model.decision_function(clips)[:, 0].tolist() == [100, 50, 80]


class Centered(TransformerMixin, BaseEstimator):
    """A front end that learns: it takes away the mean sample of the training clips."""

    def fit(self, X, y=None):
        self.mean_ = np.mean([np.mean(clip) for clip in X])
        return self

    def transform(self, X):
        return [clip - self.mean_ for clip in X]


class Sums(Recorder):
    """Its decision value is the sum of a clip."""

    def decision_function(self, X):
        return np.column_stack([[clip.sum() for clip in X], np.zeros(len(X))])


def test_each_copy_has_a_front_end_of_its_own_which_learns_from_its_own_clips():
    clips, y = [np.full(64, 1.0), np.full(64, 3.0)], [0, 1]
    louder = FunctionTransformer(lambda clips: [2 * clip for clip in clips])
    learner = Centered()
    front_ends = [make_pipeline(step, learner) for step in ("passthrough", louder)]
    model = AugmentedClassifier(Sums(), front_ends).fit(clips, y)
    # Each copy is centred by its own mean, 2 or 4: (-1 - 2) / 2 and (1 + 2) / 2 a sample.
    assert model.decision_function(clips)[:, 0].tolist() == [-96.0, 96.0]
    assert [hear[-1].mean_ for hear in model.front_ends_] == [2.0, 4.0]
    # The user's own objects are as they were.
    assert not hasattr(learner, "mean_") and front_ends[0][-1] is learner
    # Front ends that are only asked learn from the clips of the fit as well.
    model.set_params(test_front_ends=[make_pipeline(louder, learner)]).fit(clips, y)
    assert model.decision_function(clips)[:, 0].tolist() == [-128.0, 128.0]


def test_at_speeds_gives_each_speed_an_object_of_its_own():
    learner = Centered()
    steps = [pipeline[-1] for pipeline in at_speeds(learner, (1.0, 0.9))]
    assert steps[0] is not steps[1] and learner not in steps


def test_a_normalizer_in_every_copy_normalizes_as_it_does_by_itself():
    digits = datasets.load_spoken_digits()
    clips, y = digits.data[::24], digits.target[::24]
    ear = Cochleagram(RATE, n_channels=20)
    normalizer = SpeakerNormalizer(ear.center_frequencies(), n_components=2, n_iterations=1)
    front_ends = at_speeds(make_pipeline(ear, normalizer), (1.0, 0.8))
    model = AugmentedClassifier(ReservoirClassifier(n_nodes=5, random_state=0), front_ends)
    fitted = model.fit(clips, y).front_ends_
    for hear, speed in zip(fitted, (1.0, 0.8), strict=True):
        by_itself = make_pipeline(Speed(speed), ear, clone(normalizer)).fit(clips)
        assert all(map(np.array_equal, hear.transform(clips), by_itself.transform(clips)))


def test_copies_in_different_containers_are_joined():
    def lists(clips):
        return list(clips)

    clips, y = [HISS[:80], HISS[:40], HISS[:10]], [0, 1, 2]
    for front_ends in (
        [Speed(1), FunctionTransformer(lists)],
        [FunctionTransformer(lists), Speed(1)],
        [Speed(1), FunctionTransformer(lambda clips: np.zeros((3, 7, 1)))],
    ):
        found = AugmentedClassifier(Recorder(), front_ends).fit(clips, y).classifier_
        assert len(found.lengths_) == 6 and set(found.lengths_) <= {80, 40, 10, 7}


def test_tables_of_features_are_stacked_like_lists():
    table = np.arange(6.0).reshape(3, 2)
    recorder = fit_to_copies(Recorder(), [table, table + 1], [0, 1, 2], [5, 5, 6])
    assert recorder.lengths_ == [2] * 6 and list(recorder.groups_) == [5, 5, 6] * 2
    assert average_decision(recorder, [table, table]).shape == (3, 3)


@pytest.mark.slow
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
    (Speed(20.0), "Speed.factor is 20.0; it must be a finite .* from 0.1 to 10"),
    (Speed("fast"), "Speed.factor is 'fast'"),
    (Trim(0), "Trim.sample_rate is 0"),
    (Trim(50), "Trim.sample_rate is 50; it must be a finite rate in Hz of at least 100"),
    (Trim(8000, decibels=0), "Trim.decibels is 0"),
    (Noise(np.inf), "Noise.decibels is inf"),
    (Noise(10, random_state=-1), "Noise.random_state is -1"),
    (Noise(10, random_state=2**64), "Noise.random_state is 18446744073709551616"),
    (Noise(10, random_state="a"), "Noise.random_state is 'a'; it must be None, an integer"),
    (Warp(CENTERS, factor=-1), "Warp.factor is -1"),
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
    for step in (Warp(CENTERS, factor=1.1), normalizer):
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
