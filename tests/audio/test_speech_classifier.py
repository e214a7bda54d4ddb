"""From waveforms to labels: the recipe equals its steps, and bad input is named."""

import pickle

import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut, cross_validate
from sklearn.pipeline import make_pipeline

from reservoir import ReservoirClassifier, SpinTorqueOscillator, load, save
from reservoir.audio import (
    MFCC,
    Cochleagram,
    Noise,
    Spectrogram,
    SpeechClassifier,
    Speed,
    Trim,
    at_rate,
)
from reservoir.devices import MackeyGlassNode, Wire
from reservoir.masks import Ripple

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning"),
]

few = settings(derandomize=True, max_examples=20, database=None)
RATE = 8000
GENERATOR = np.random.default_rng(0)
PITCHES = {"low": 300, "mid": 800, "top": 1900}
Y = np.array(list(PITCHES) * 8)
SPEAKERS = np.repeat(["ann", "bob", "cyd", "dan"], 6)


def word(label, voice):
    """A tone that rises, in some noise, with quiet ends."""
    time = np.arange(1600 + 100 * voice) / RATE
    tone = np.sin(2 * np.pi * PITCHES[label] * (1 + 0.05 * voice + 0.3 * time) * time)
    noise = 0.05 * GENERATOR.normal(size=len(time))
    return np.concatenate([1e-4 * GENERATOR.normal(size=500), tone + noise, np.zeros(300)])


CLIPS = [word(label, k // 6) for k, label in enumerate(Y)]
SMALL = {"n_nodes": 10, "n_masks": 2, "random_state": 0}


def model(**options):
    """A small recogniser."""
    return SpeechClassifier(RATE, **{**SMALL, **options})


def test_the_recipe_equals_its_steps():
    fitted = model().fit(CLIPS, Y, SPEAKERS)
    trimmed = Trim(RATE, decibels=40).transform(CLIPS)
    ear = Cochleagram(RATE, n_channels=20, mean_subtraction=0.5)
    copies = [ear.transform(Speed(s).transform(trimmed)) for s in (1.0, 0.85, 1.15)]
    device = SpinTorqueOscillator.from_preset("torrejon2017")
    decisions = []
    for member in fitted.classifier_.classifiers_:
        by_hand = ReservoirClassifier(
            device,
            10,
            node_time=5 / device.damping_rate,
            mask=Ripple(),
            context=(4, 8),
            drive_range=fitted.drive_range,
            pooling="change",
            n_segments=3,
            pool_squares=fitted.pool_squares,
            dtype="float32",
            random_state=member.random_state,
        ).fit(
            np.concatenate(copies),
            np.tile(Y, 3),
            groups=np.tile(SPEAKERS, 3),
            copies_of=np.tile(np.arange(24), 3),
        )
        decisions.append(np.mean([by_hand.decision_function(c) for c in copies], axis=0))
    found = fitted.decision_function(CLIPS)
    np.testing.assert_allclose(found, np.mean(decisions, axis=0), rtol=1e-12, atol=1e-14)
    assert fitted.predict(CLIPS).tolist() == fitted.classes_[found.argmax(axis=1)].tolist()
    assert fitted.n_plays == 6 and fitted.classes_.tolist() == ["low", "mid", "top"]


def test_tones_of_a_new_voice_are_told_apart():
    known = SPEAKERS != "dan"
    train = [clip for clip, is_known in zip(CLIPS, known, strict=True) if is_known]
    new = [clip for clip, is_known in zip(CLIPS, known, strict=True) if not is_known]
    fitted = model(n_nodes=30).fit(train, Y[known], SPEAKERS[known])
    assert fitted.score(new, Y[~known]) > 0.8


def test_without_cut_copies_and_average_it_is_the_ear_and_one_classifier():
    ear = Cochleagram(RATE, n_channels=9)
    fitted = model(front_end=ear, trim=None, speeds=(), n_masks=1, mask="binary", alpha=0.01)
    fitted.fit(CLIPS, Y)
    member = fitted.classifier_.classifiers_[0]
    frames = ear.transform(CLIPS)
    assert np.array_equal(fitted.decision_function(CLIPS), member.decision_function(frames))
    assert fitted.n_plays == 1 and member.alpha_ == 0.01


@pytest.mark.parametrize("container", ["tuple", "objects", "pandas"])
def test_every_container_of_clips_gives_the_same_answer(container):
    fitted = model(speeds=()).fit(CLIPS, Y)
    packed = np.empty(len(CLIPS), dtype=object)
    packed[:] = CLIPS
    if container == "pandas":
        packed = pytest.importorskip("pandas").Series(packed)
    other = tuple(CLIPS) if container == "tuple" else packed
    again = model(speeds=()).fit(other, list(Y))
    expected = fitted.decision_function(CLIPS)
    assert np.array_equal(again.decision_function(CLIPS), expected)
    assert np.array_equal(fitted.decision_function(other), expected)


@pytest.mark.filterwarnings("ignore:.*hears all clips in one job")
@pytest.mark.parametrize("options", [{}, {"front_end": MFCC(RATE, n_jobs=2)}])
def test_threads_and_neighbours_do_not_change_a_bit(options):
    alone, many = model(**options), model(**options, n_jobs=2)
    expected = alone.fit(CLIPS, Y, SPEAKERS).decision_function(CLIPS)
    assert np.array_equal(many.fit(CLIPS, Y, SPEAKERS).decision_function(CLIPS), expected)
    assert np.array_equal(alone.decision_function(CLIPS[::-1]), expected[::-1])
    assert np.array_equal(alone.decision_function([CLIPS[5]]), expected[5:6])


def test_clones_pickles_and_parameters_answer_the_same():
    first = model(mask=Ripple((0.1, 0.3)), front_end=Cochleagram(RATE, n_channels=12))
    expected = first.fit(CLIPS, Y).decision_function(CLIPS)
    again = clone(first).fit(CLIPS, Y)
    assert np.array_equal(again.decision_function(CLIPS), expected)
    again = pickle.loads(pickle.dumps(first))
    assert np.array_equal(again.decision_function(CLIPS), expected)
    again = SpeechClassifier(RATE).set_params(**first.get_params(deep=False))
    assert np.array_equal(again.fit(CLIPS, Y).decision_function(CLIPS), expected)
    # The ear that was given is left alone, and its parameters are within reach.
    assert first.front_end_ is not first.front_end
    assert clone(first).set_params(front_end__n_channels=7).front_end.n_channels == 7
    assert first.front_end.n_channels == 12


def test_two_classes_have_one_decision():
    y = np.where(Y == "low", "low", "other")
    fitted = model().fit(CLIPS, y)
    decision = fitted.decision_function(CLIPS)
    assert decision.shape == (24,)
    assert fitted.predict(CLIPS).tolist() == np.where(decision > 0, "other", "low").tolist()


# ---------------------------------------------------------------------- ears and masks


@pytest.mark.parametrize("steps", [False, True])
def test_a_ripple_needs_channels_in_the_order_of_frequency(steps):
    ear = MFCC(RATE)
    given_ear = make_pipeline(Noise(30), ear) if steps else ear
    for mask in ("ripple", Ripple(ripple=0)):
        with pytest.raises(
            ValueError, match="but those of MFCC have no order. Leave mask at"
        ):
            model(front_end=given_ear, mask=mask).fit(CLIPS, Y)
    fitted = model(front_end=given_ear).fit(CLIPS, Y)
    member = fitted.classifier_.classifiers_[0]
    assert member.mask == "binary"
    assert fitted.score(CLIPS, Y) > 0.5


@pytest.mark.parametrize("ear", [Spectrogram("log-power"), Cochleagram(RATE, model="lyon")])
def test_ears_in_the_order_of_frequency_get_ripples(ear):
    member = model(front_end=ear).fit(CLIPS, Y).classifier_.classifiers_[0]
    assert member.mask == "ripple"


def test_a_pipeline_may_be_an_ear_and_hears_what_its_steps_hear():
    steps = make_pipeline(Speed(1.1), Cochleagram(RATE, n_channels=8))
    fitted = model(front_end=steps, trim=None, speeds=()).fit(CLIPS, Y)
    frames = Cochleagram(RATE, n_channels=8).transform(Speed(1.1).transform(CLIPS))
    expected = fitted.classifier_.decision_function(frames)
    assert np.array_equal(fitted.decision_function(CLIPS), expected)


@pytest.mark.parametrize("device", [Wire(), "grimaldi2014", MackeyGlassNode(delay=2.0)])
def test_other_devices_play_too(device):
    limits = {"drive_range": (-0.5, 0.5)} if isinstance(device, MackeyGlassNode) else {}
    fitted = model(oscillator=device, **limits).fit(CLIPS, Y)
    assert np.isfinite(fitted.decision_function(CLIPS)).all()


@pytest.mark.parametrize("ear", [Cochleagram(16000), make_pipeline(Noise(30), MFCC(16000))])
def test_an_ear_of_another_rate_is_refused(ear):
    with pytest.raises(
        ValueError, match="sample_rate is 8000 Hz, but its front_end was made for 16000 Hz"
    ):
        model(front_end=ear).fit(CLIPS, Y)


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"speeds": (20.0,)}, "speeds is .20.0,.; it must be a tuple, each entry a finite"),
        ({"speeds": 0.9}, "speeds is 0.9; it must be a tuple"),
        ({"speeds": ("a",)}, "SpeechClassifier.speeds holds text"),
        ({"trim": 0}, "SpeechClassifier.trim is 0"),
        ({"n_masks": 0}, "SpeechClassifier.n_masks is 0"),
        ({"n_nodes": 0}, "n_nodes is 0"),
        ({"mask": "ripples"}, "mask is 'ripples'; it must be one of"),
        ({"mask": np.ones((60, 10))}, "n_masks is 2, but the mask of the classifier is an"),
        ({"pooling": "spread"}, "pooling is 'spread'"),
        ({"context": (-1,)}, "context"),
    ],
)
def test_parameters_out_of_range_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        model(**options).fit(CLIPS, Y)


def test_a_rate_that_is_none_is_refused():
    for rate in (0, -8000, "8000", np.nan, None, True):
        with pytest.raises(ValueError, match="SpeechClassifier.sample_rate is"):
            SpeechClassifier(rate).fit(CLIPS, Y)


def test_silence_is_refused_in_fit_and_told_in_predict():
    clips = [*CLIPS[:4], np.zeros(3000), *CLIPS[5:]]
    with pytest.raises(ValueError, match="Clip 4 is silent, so there is nothing to learn"):
        model().fit(clips, Y)
    fitted = model().fit(CLIPS, Y)
    with pytest.warns(UserWarning, match="1 of 24 clips are silent .the first is clip 4."):
        decision = fitted.decision_function(clips)
    assert np.isfinite(decision).all()
    assert np.array_equal(decision[:4], fitted.decision_function(CLIPS[:4]))
    quiet = [np.full(3000, 128, dtype=np.uint8), *CLIPS[1:]]  # the middle of uint8 is silence
    with pytest.raises(ValueError, match="Clip 0 is silent"):
        model().fit(quiet, Y)


def test_a_quiet_clip_is_not_silent_and_loudness_means_nothing():
    fitted = model().fit(CLIPS, Y)
    quiet = [np.ldexp(clip, -300) for clip in CLIPS]
    assert np.array_equal(fitted.decision_function(quiet), fitted.decision_function(CLIPS))


def test_groups_labels_and_clips_must_fit_each_other():
    with pytest.raises(
        ValueError, match="groups holds one group only; at least 2 are needed"
    ):
        model().fit(CLIPS, Y, ["ann"] * 24)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model().fit(CLIPS, Y[:-1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model().fit(CLIPS, Y, SPEAKERS[:-1])
    with pytest.raises(ValueError, match="groups holds None for clip 0"):
        model().fit(CLIPS, Y, [None, *SPEAKERS[1:]])
    with pytest.raises(ValueError, match="y holds one class only"):
        model().fit(CLIPS, ["low"] * 24)
    with pytest.raises(ValueError, match="requires y to be passed.* give the label of each"):
        model().fit(CLIPS, None)
    with pytest.raises(ValueError, match="Clip 1 has shape .2, 5.; a waveform is 1-D"):
        model().fit([CLIPS[0], np.ones((2, 5))], ["a", "b"])
    with pytest.raises(sklearn.exceptions.NotFittedError):
        model().predict(CLIPS)


@pytest.mark.slow
@few
@given(st.lists(st.integers(1, 260), min_size=4, max_size=8), st.integers(0, 99))
def test_clips_of_a_few_frames_are_learned_and_recognised(lengths, seed):
    # 80 samples are a frame, of which there are 1 to 4: fewer than segments and taps.
    generator = np.random.default_rng(seed)
    clips = [generator.normal(size=n) for n in (*lengths, 200)]
    y = np.arange(len(clips)) % 2
    fitted = model(n_nodes=5, n_masks=1).fit(clips, y)
    assert set(fitted.predict(clips)) <= {0, 1}
    assert np.isfinite(fitted.decision_function([*clips, CLIPS[0]])).all()


def test_who_learned_single_frames_says_that_it_knows_no_words():
    clips = [GENERATOR.normal(size=60) for _ in range(6)]
    with pytest.warns(UserWarning, match="Every sequence of X has one frame"):
        fitted = model(speeds=()).fit(clips, [0, 1] * 3)
    with pytest.raises(ValueError, match="fitted to single frames, but X holds sequences of"):
        fitted.predict(CLIPS)


# ---------------------------------------------------------------------- groups


@pytest.mark.slow
@pytest.mark.parametrize("inside", ["alone", "pipeline", "search"])
def test_groups_reach_the_inner_folds_by_routing(inside, monkeypatch):
    given_groups = []
    original = ReservoirClassifier.fit

    def recorded(self, X, y, groups=None, copies_of=None):
        given_groups.append((len(y), list(groups), list(copies_of)))
        return original(self, X, y, groups, copies_of)

    monkeypatch.setattr(ReservoirClassifier, "fit", recorded)
    with sklearn.config_context(enable_metadata_routing=True):
        asked = model(n_masks=1, alpha=0.1).set_fit_request(groups=True)
        if inside == "pipeline":
            asked = make_pipeline(Trim(RATE), asked)
        elif inside == "search":
            asked = GridSearchCV(asked, {"n_segments": [2]}, cv=LeaveOneGroupOut())
        found = cross_validate(
            asked, CLIPS, Y, cv=LeaveOneGroupOut(), params={"groups": SPEAKERS}
        )
    assert np.isfinite(found["test_score"]).all() and len(found["test_score"]) == 4
    assert len(given_groups) == (4 if inside != "search" else 4 * (3 + 1))
    for n_copies, groups, copies in given_groups:
        n_clips = n_copies // 3
        assert groups == groups[:n_clips] * 3 and copies == list(range(n_clips)) * 3
        assert len(set(groups)) == n_clips // 6


def test_without_groups_a_clip_is_its_own_group(monkeypatch):
    seen = []
    original = ReservoirClassifier.fit

    def recorded(self, X, y, groups=None, copies_of=None):
        seen.append((groups, copies_of))
        return original(self, X, y, groups, copies_of)

    monkeypatch.setattr(ReservoirClassifier, "fit", recorded)
    model(n_masks=1).fit(CLIPS, Y)
    groups, copies = seen.pop()
    assert list(groups) == list(copies) == list(range(24)) * 3
    model(n_masks=1, speeds=()).fit(CLIPS, Y)
    assert seen == [(None, None)]


# ---------------------------------------------------------------------- rates


@pytest.mark.parametrize(
    ("old", "new", "up", "down"),
    [
        (16000, 8000, 1, 2),
        (44100, 8000, 80, 441),
        (8000, 22050, 441, 160),
        (8000.0, 8e3, 1, 1),
    ],
)
def test_at_rate_is_scipys_polyphase_filter_of_the_exact_ratio(old, new, up, down):
    clip = CLIPS[0]
    assert np.array_equal(at_rate(clip, old, new), resample_poly(clip, up, down))
    assert np.array_equal(at_rate(clip, new, new), clip)


def test_a_tone_keeps_its_pitch_and_loudness_at_another_rate():
    for old, new in ((16000, 8000), (8000, 12500), (11025, 16000), (8000, 8003)):
        tone = np.sin(2 * np.pi * 440 * np.arange(old) / old)
        found = at_rate(tone, old, new)
        assert abs(len(found) - new) <= 8
        middle = np.arange(len(found))[200:-200]
        expected = np.sin(2 * np.pi * 440 * middle / new)
        if new != 8003:  # whose ratio is rounded
            np.testing.assert_allclose(found[middle], expected, atol=3e-3)
        assert np.abs(found[middle]).max() == pytest.approx(1, abs=0.01)


def test_what_the_lower_rate_cannot_hold_is_filtered_out():
    tone = np.sin(2 * np.pi * 6000 * np.arange(16000) / 16000)
    assert np.abs(at_rate(tone, 16000, 8000)[200:-200]).max() < 0.01


def test_integers_are_divided_by_their_full_scale():
    samples = (8000 * np.sin(np.arange(800) / 9)).astype(np.int16)
    assert np.array_equal(at_rate(samples, 8000, 4000), at_rate(samples / 32768, 8000, 4000))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (0, 8000, "sample_rate is 0; it must be"),
        (8000, "8000", "new_rate is '8000'; it must be"),
        (8000, np.inf, "new_rate is inf"),
        (10**9, 8000, "one is more than 1000 times the other. Is the rate right"),
        (1, 8000, "one is more than 1000 times the other. Is the rate right"),
    ],
)
def test_rates_that_cannot_be_are_refused(old, new, words):
    with pytest.raises(ValueError, match=words):
        at_rate(CLIPS[0], old, new)


def test_ears_say_how_high_they_hear():
    for ear, highest in (
        (Cochleagram(RATE), 3600),
        (Cochleagram(RATE, high_frequency=3000), 3000),
        (Cochleagram(6000), 2700),
        (Cochleagram(RATE, model="lyon"), 4000),
        (MFCC(RATE), 4000),
        (MFCC(RATE, high_frequency=3300), 3300),
        (Spectrogram(), 4000),
    ):
        assert ear.highest_frequency(RATE) == highest


def test_a_front_end_by_its_name_is_refused_with_the_cure():
    with pytest.raises(TypeError, match=r"front_end is 'mfcc'; it must be None or an ear"):
        SpeechClassifier(8000, front_end="mfcc").fit([np.ones(4000), np.ones(4000)], [0, 1])


def test_a_clip_is_played_once_at_each_speed():
    clips = list(np.random.default_rng(0).normal(size=(6, 4000)))
    once = SpeechClassifier(8000, n_nodes=20, n_masks=1, speeds=(), random_state=0)
    twice = once.__class__(8000, n_nodes=20, n_masks=1, speeds=(1.0,), random_state=0)
    labels = [0, 1] * 3
    np.testing.assert_array_equal(
        once.fit(clips, labels).decision_function(clips),
        twice.fit(clips, labels).decision_function(clips),
    )


@pytest.mark.slow
def test_clips_are_learned_block_by_block_with_the_bits_of_one_pass(tmp_path):
    parts = [slice(8 * k, 8 * k + 8) for k in range(3)]
    blocks = [(CLIPS[part], Y[part], SPEAKERS[part]) for part in parts]
    whole = model(speeds=(1.1,)).fit_blocks(blocks)
    first = model(speeds=(1.1,)).fit_drive(blocks)
    worker = first.without_blocks()
    for part, number in ((worker, 2), (first, 1)):
        clips, labels, groups = blocks[number]
        part.partial_fit(clips, labels, groups=groups, block=number)
    save(first.merge(worker), tmp_path / "half.h5")
    again = load(tmp_path / "half.h5")
    again.partial_fit(*blocks[0][:2], groups=blocks[0][2], block=0)
    assert np.array_equal(again.decision_function(CLIPS), whole.decision_function(CLIPS))
    assert whole.score(CLIPS, Y) > 0.9


def test_an_ear_that_learns_cannot_hear_block_by_block():
    class Learning(MFCC):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.requires_fit = True
            return tags

    with pytest.raises(ValueError, match="learns from the clips"):
        model(front_end=Learning(RATE)).fit_drive([(CLIPS, Y)])
