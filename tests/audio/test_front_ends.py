"""Front ends against scipy's filters, the Fourier transform, and their own laws."""

import pickle
import tracemalloc
import warnings

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from reservoir import _core
from reservoir.audio import (
    MFCC,
    Cochleagram,
    Noise,
    SpeakerNormalizer,
    Spectrogram,
    Speed,
    Trim,
    Warp,
    gammatone_sections,
)

pytestmark = pytest.mark.kernel

few = settings(derandomize=True, max_examples=30, database=None)
NOISE = np.random.default_rng(0).normal(size=4000)
FRONT_ENDS = [
    Spectrogram("log-power"),
    MFCC(8000, n_deltas=1),
    Cochleagram(8000, n_channels=8),
    Cochleagram(8000, model="lyon"),
]


def test_the_cochleagram_equals_scipys_filters_sample_by_sample():
    ear = Cochleagram(8000, n_channels=40, compression=1.0)
    found = ear.transform([NOISE])[0]
    clip = NOISE / np.sqrt(np.mean(NOISE**2))
    low_pass = signal.butter(2, 50, fs=8000)
    zeros, poles, gain = gammatone_sections(ear.center_frequencies(), 8000)
    for channel in range(40):
        sections = [[1, zero, 0, 1, *poles[:, channel]] for zero in zeros[:, channel]]
        filtered = signal.sosfilt(sections, gain[channel] * clip)
        smooth = signal.lfilter(*low_pass, np.maximum(filtered, 0))[79::80]
        np.testing.assert_allclose(found[:, channel], smooth, rtol=1e-9, atol=1e-13)


def test_the_gammatone_response_equals_scipys_at_every_frequency():
    frequencies = np.array([300.0, 1000.0, 3000.0])
    zeros, poles, gain = gammatone_sections(frequencies, 16000)
    for i, frequency in enumerate(frequencies):
        sections = [[1, zero, 0, 1, *poles[:, i]] for zero in zeros[:, i]]
        at, response = signal.sosfreqz(sections, 512, fs=16000)
        reference = signal.freqz(*signal.gammatone(frequency, "iir", fs=16000), at, fs=16000)
        np.testing.assert_allclose(
            np.abs(gain[i] * response), np.abs(reference[1]), rtol=1e-4, atol=1e-9
        )


@pytest.mark.parametrize("sample_rate", [8000, 12500, 16000, 44100])
def test_a_tone_at_a_centre_frequency_is_loudest_in_its_channel(sample_rate):
    ear = Cochleagram(sample_rate, n_channels=30)
    for channel in (3, 15, 26):
        time = np.arange(sample_rate // 2) / sample_rate
        tone = np.sin(2 * np.pi * ear.center_frequencies()[channel] * time)
        assert ear.transform([tone])[0][-5:].mean(axis=0).argmax() == channel


def test_loudness_changes_nothing_or_follows_the_compression():
    ear = Cochleagram(8000)
    quiet, loud = ear.transform([NOISE, 2 * NOISE])
    np.testing.assert_allclose(quiet, loud, rtol=1e-9)
    raw = Cochleagram(8000, normalize=False)
    quiet, loud = raw.transform([NOISE, 2 * NOISE])
    np.testing.assert_allclose(loud, 2 ** (1 / 3) * quiet, rtol=1e-9)


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("exponent", [-1000, -600, 600, 1000])
def test_no_clip_is_so_quiet_or_loud_that_it_becomes_silence(front_end, exponent):
    expected, found = front_end.transform([NOISE, np.ldexp(NOISE, exponent)])
    assert np.array_equal(expected, found)


@few
@given(st.integers(1, 3000), st.sampled_from([8000, 11025, 16000]))
def test_frame_counts_follow_their_formulas(n_samples, sample_rate):
    clip = NOISE[:n_samples]
    frames = Cochleagram(sample_rate, n_channels=3).transform([clip])[0]
    assert frames.shape == (int(np.ceil(n_samples * 100 / sample_rate)), 3)
    spectrogram = Spectrogram().transform([clip])[0]
    assert spectrogram.shape == (1 + max(n_samples - 128, 0) // 64, 65)
    assert np.isfinite(frames).all() and (frames >= 0).all()


@pytest.mark.parametrize("name", _core.available_instruction_sets())
def test_every_instruction_set_gives_the_same_cochleagram(name):
    kernel = _core.load_kernel("cochlea", name)
    ear = Cochleagram(8000)
    zeros, poles, gain = gammatone_sections(ear.center_frequencies(), 8000)
    numerator, denominator = signal.butter(2, 50, fs=8000)
    smoothing = np.concatenate([numerator, denominator[1:]])
    instants = np.arange(79, 4000, 80)
    frames = np.empty((len(instants), 78))
    kernel.gammatone(NOISE, zeros, poles, gain, smoothing, instants, frames)
    raw = Cochleagram(8000, compression=1.0, normalize=False).transform([NOISE])[0]
    np.testing.assert_allclose(frames, raw, rtol=1e-8, atol=1e-12)


def test_silence_after_a_click_dies_out_and_stays_finite():
    click = np.zeros(80000)
    click[0] = 1.0
    frames = Cochleagram(8000).transform([click])[0]
    assert np.isfinite(frames).all() and frames[0].max() > 0 and frames[-1].max() < 1e-6


@pytest.mark.parametrize("clips", [{0.1, 0.2}, {"a": NOISE}.keys()])
def test_a_set_has_no_order_and_is_no_list_of_clips(clips):
    for front_end in FRONT_ENDS:
        with pytest.raises(TypeError, match="The waveforms are a .*; give a list of 1-D arr"):
            front_end.transform(clips)


def test_the_signed_spectrogram_is_linear_and_equals_the_fourier_sum():
    x, y = NOISE[:1000], NOISE[1000:2000]
    plain = Spectrogram("signed", normalize=False)
    a, b, both = plain.transform([x, y, 2 * x - 3 * y])
    np.testing.assert_allclose(both, 2 * a - 3 * b, atol=1e-10)
    window = signal.get_window("hann", 128)
    time, bins = np.arange(128), np.arange(65)
    direct = np.cos(2 * np.pi * np.outer(bins, time) / 128) @ (window * x[64:192])
    np.testing.assert_allclose(a[1], direct, atol=1e-10)


def test_the_kinds_of_spectrogram_agree_with_each_other():
    kinds = ("signed", "magnitude", "power", "log-power")
    signed, magnitude, power, log_power = (
        Spectrogram(kind).transform([NOISE])[0] for kind in kinds
    )
    assert (np.abs(signed) <= magnitude + 1e-12).all()
    np.testing.assert_allclose(power, magnitude**2, rtol=1e-12)
    np.testing.assert_allclose(log_power, np.log(power + 1e-10), rtol=1e-12)


@pytest.mark.parametrize("front_end", FRONT_ENDS, ids=repr)
def test_integer_samples_are_divided_by_their_full_scale(front_end):
    front_end = clone(front_end).set_params(normalize=False)
    pcm = np.round(1000 * NOISE[:500]).astype(np.int16)
    expected = front_end.transform([pcm / 32768.0])[0]
    assert np.array_equal(front_end.transform([pcm])[0], expected)
    eight = np.clip(128 + 30 * NOISE[:500], 0, 255).astype(np.uint8)
    expected = front_end.transform([(eight.astype(float) - 128) / 128])[0]
    assert np.array_equal(front_end.transform([eight])[0], expected)


@pytest.mark.parametrize("front_end", FRONT_ENDS, ids=repr)
def test_silence_and_very_short_clips_give_frames(front_end):
    silent, short, one = front_end.transform([np.zeros(500), NOISE[:50], NOISE[:1]])
    assert np.isfinite(silent).all() and (silent == silent[0]).all()
    assert len(short) == 1 and len(one) == 1 and np.isfinite(one).all()


@pytest.mark.filterwarnings("ignore:.*hears all clips in one job")
@pytest.mark.parametrize("front_end", FRONT_ENDS, ids=repr)
def test_front_ends_behave_like_scikit_learn_transformers(front_end):
    clips = [NOISE[:900], NOISE[900:2100], 0.1 * NOISE[2100:3000], NOISE[3000:]]
    expected = front_end.fit(clips).transform(clips)
    threaded = clone(front_end).set_params(n_jobs=2).transform(clips)
    again = pickle.loads(pickle.dumps(front_end)).transform(tuple(clips))
    for a, b, c in zip(expected, threaded, again, strict=True):
        assert np.array_equal(a, b) and np.array_equal(a, c)
    average = FunctionTransformer(lambda frames: np.array([f.mean(axis=0) for f in frames]))
    pipeline = make_pipeline(front_end, average, LogisticRegression())
    assert pipeline.fit(clips, [0, 1, 0, 1]).predict(clips).shape == (4,)


@pytest.mark.parametrize("front_end", FRONT_ENDS, ids=repr)
def test_a_clip_that_was_cut_off_at_full_scale_is_taken_as_it_is(front_end):
    loud = np.clip(np.round(40000 * NOISE), -32768, 32767).astype(np.int16)
    assert (np.abs(loud.astype(int)) >= 32767).mean() > 0.3
    found, expected = front_end.transform([loud, loud / 32768.0])
    assert np.isfinite(found).all() and np.array_equal(found, expected)


@pytest.mark.slow
@pytest.mark.parametrize("front_end", FRONT_ENDS, ids=repr)
def test_ten_minutes_of_sound_need_a_few_times_their_own_memory(front_end):
    clip = np.tile((3000 * NOISE).astype(np.int16), 1200)
    as_floats = 8 * len(clip)
    tracemalloc.start()
    frames = front_end.transform([clip])[0]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Its floats, a normalised copy, a padded one; less than two numbers a sample of output.
    assert peak < 6 * as_floats and len(frames) >= 60000


# --- containers ------------------------------------------------------------------------

LENGTHS = (400, 900, 1500, 700)
EAR = Cochleagram(8000, n_channels=8)
CENTERS = EAR.center_frequencies()
STEPS = [
    *FRONT_ENDS,
    Speed(1.0),
    Speed(1.1),
    Trim(8000),
    Noise(10),
    Warp(CENTERS, factor=1.1),
    SpeakerNormalizer(CENTERS, n_components=2, n_iterations=1),
]
names = [f"{number}-{type(step).__name__}" for number, step in enumerate(STEPS)]


def clips_for(step, lengths):
    """Four clips that a step takes: waveforms, or frames of as many samples."""
    clips = [NOISE[index : index + length] for index, length in enumerate(lengths)]
    if isinstance(step, (Warp, SpeakerNormalizer)):
        clips = [EAR.transform([clip])[0] for clip in clips]
    return clips


@pytest.mark.parametrize("lengths", [LENGTHS, (900,) * 4], ids=["unequal", "equal"])
@pytest.mark.parametrize("step", STEPS, ids=names)
def test_clips_are_chosen_by_masks_and_indices(step, lengths):
    frames = clone(step).fit_transform(clips_for(step, lengths))
    assert isinstance(frames, np.ndarray) and frames.dtype == object
    assert frames.shape == (4,) and all(isinstance(entry, np.ndarray) for entry in frames)
    new = np.array([True, False, False, True])
    for chosen, expected in (
        (new, [0, 3]),
        (np.array([2, 0, 2]), [2, 0, 2]),
        (slice(None, None, 3), [0, 3]),
        (np.zeros(4, dtype=bool), []),
    ):
        found = frames[chosen]
        assert found.shape == (len(expected),)
        assert all(a is frames[i] for a, i in zip(found, expected, strict=True))
    by_hand = [f for f, n in zip(frames, new, strict=True) if not n]
    assert all(map(np.array_equal, by_hand, frames[~new]))


@pytest.mark.parametrize("step", STEPS, ids=names)
def test_one_clip_is_an_array_with_one_entry(step):
    clips = clips_for(step, LENGTHS)
    step = clone(step).fit(clips)
    frames = step.transform(clips[:1])
    assert frames.shape == frames[[True]].shape == (1,)
    assert np.array_equal(frames[0], step.transform(clips)[0])


@pytest.mark.parametrize("step", STEPS, ids=names)
def test_every_container_of_clips_is_taken(step):
    clips = clips_for(step, (900,) * 4)
    entries = np.empty(4, dtype=object)
    for index, clip in enumerate(clips):
        entries[index] = clip
    step = clone(step).fit(clips)
    expected = step.transform(clips)
    lists = [clip.tolist() for clip in clips]
    for container in (tuple(clips), entries, np.array(clips), lists):
        found = step.transform(container)
        assert len(found) == 4 and all(map(np.array_equal, found, expected))


# --- what is refused -------------------------------------------------------------------

BAD_CLIPS = [
    ([np.array([0.0, np.nan])], ValueError, "Clip 0 is nan at sample 1"),
    ([np.ones(9), np.array([np.inf])], ValueError, "Clip 1 is inf"),
    ([], ValueError, "There is no clip"),
    ([np.ones(9), np.ones(0)], ValueError, "Clip 1 is empty"),
    ([np.ones((9, 2))], ValueError, "mono"),
    ([np.ones(9) * 1j], ValueError, "Clip 0 is complex"),
    ([np.array(["a", "b"])], TypeError, "Clip 0 holds <U1"),
    ("word.wav", TypeError, "list of 1-D arrays"),
    (np.ones(9), ValueError, r"\[waveform\] for a single one"),
]


HEARING = [*FRONT_ENDS, Speed(1.1), Trim(8000), Noise(10)]


@pytest.mark.parametrize("clips, error, message", BAD_CLIPS)
def test_bad_clips_are_named(clips, error, message):
    for front_end in HEARING:
        with pytest.raises(error, match=message):
            front_end.transform(clips)


@pytest.mark.parametrize("step", HEARING, ids=repr)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "int32", "uint8"])
@pytest.mark.parametrize("shape", [(1, 400), (2, 400), (400, 2), (400, 1), (6, 400)])
def test_the_advice_for_a_clip_with_channels_makes_a_clip_of_it(shape, dtype, step):
    loud = NOISE[: shape[0] * shape[1]].reshape(shape) / 4
    if dtype.startswith("float"):
        clip = loud.astype(dtype)
    else:
        half = 2.0 ** (8 * np.dtype(dtype).itemsize - 1)
        clip = np.clip(loud * half + half * (dtype == "uint8"), 0, 2 * half - 1).astype(dtype)
        if dtype != "uint8":
            clip = (np.clip(loud, -1, 1 - 2**-15) * half).astype(dtype)
    with pytest.raises(ValueError, match=r"Clip 1 has shape .* is 1-D \(mono\)") as error:
        step.transform([NOISE[:400], clip])
    advised = eval(
        str(error.value).split("choose one: ")[1].removesuffix("."), {"clip": clip}
    )
    assert advised.shape == (400,)
    # What it gives is the mean of the channels, at the loudness that each of them has.
    axis = shape.index(min(shape))
    channels = [np.take(clip, i, axis) for i in range(min(shape))]
    heard = [Speed(1.0).transform([channel])[0] for channel in channels]
    np.testing.assert_allclose(advised, np.mean(heard, axis=0), atol=1e-6)


@pytest.mark.parametrize("step", HEARING, ids=repr)
def test_one_recording_in_place_of_many_is_named_with_the_cure(step):
    stereo = np.stack([NOISE[:800], NOISE[800:1600]], axis=1)
    for clips, message in (
        (NOISE[:800], r"array of shape \(800,\).*\[waveform\] for a single one"),
        (NOISE[:800].tolist(), r"Clip 0 is a single number.*\[waveform\] for a single"),
        ((NOISE[:800], 8000), "Clip 1 is a single number.*without its sampling rate"),
        (stereo, r"800 clips of 2 samples; .*\[recording.mean\(axis=1\)\]"),
        ((30000 * stereo).astype("i2"), r"\[recording.mean\(axis=1\) / 32768\]"),
        (np.ones((2, 1, 800)), r"array of shape \(2, 1, 800\); give a list of 1-D"),
        ([np.ones((1, 1, 800))], r"Clip 0 has shape \(1, 1, 800\).* Give one 1-D array"),
        (np.float64(1.0), "are a float64; give a list of 1-D arrays"),
        (np.array(1.0), r"array of shape \(\); give a list of 1-D arrays"),
        (iter([NOISE]), "give a list of 1-D arrays"),
    ):
        with pytest.raises((ValueError, TypeError), match=message):
            step.transform(clips)
    # Many clips of one length may be one array.
    assert len(step.transform(np.stack([NOISE[:800]] * 3))) == 3


MASKED = np.ma.masked_array(NOISE[:400], np.arange(400) == 7)
NO_SOUND = [
    (MASKED, ValueError, r"Clip 1 is masked at index \(7\)"),
    (NOISE[:400] > 0, ValueError, "Clip 1 holds True or False"),
    (NOISE[:400] * (1 + 1j), ValueError, "Clip 1 is complex"),
    (["0.1", "0.2"], TypeError, "Clip 1 holds <U3 values"),
    (np.array([b"0.1"]), TypeError, r"Clip 1 holds \|S3 values"),
    ("word.wav", TypeError, "Clip 1 holds <U8 values.*load_recordings"),
    (np.array(["2020-01-01"], "M8[D]"), TypeError, "Clip 1 holds datetime64"),
    ([0.1, None], ValueError, "Clip 1 holds None of type NoneType"),
    ([[0.1, 0.2], [0.3]], ValueError, "Clip 1 cannot be read as one array"),
    ((8000, NOISE), ValueError, "Clip 1 cannot be read as one array"),
    ([0.1, 2j], ValueError, "Clip 1 is complex"),
]


@pytest.mark.parametrize("step", HEARING, ids=repr)
@pytest.mark.parametrize("clip, error, message", NO_SOUND, ids=lambda x: str(x)[:20])
def test_what_is_no_sound_is_refused(clip, error, message, step):
    with pytest.raises(error, match=message):
        step.transform([NOISE[:400], clip])


@pytest.mark.parametrize("step", STEPS, ids=names)
def test_frames_and_clips_that_hide_values_are_refused(step):
    clips = clips_for(step, LENGTHS)
    step = clone(step).fit(clips)
    expected = step.transform(clips)
    open_mask = [np.ma.masked_array(clip) for clip in clips]
    assert all(map(np.array_equal, step.transform(open_mask), expected))
    hidden = np.ma.masked_array(clips[1], np.zeros(clips[1].shape))
    hidden[3] = np.ma.masked
    bad = [hidden, clips[1] * 1j, clips[1] > 0, clips[1].astype(str)]
    for clip in bad:
        with pytest.raises((ValueError, TypeError), match="Clip 1 "):
            step.transform([clips[0], clip])
    for container in (clips[0], "frames", None, {"a": clips[0]}):
        with pytest.raises((ValueError, TypeError), match="give a list of .-D arrays"):
            step.transform(container)


@pytest.mark.parametrize("step", STEPS, ids=names)
def test_tables_and_series_hold_one_clip_in_each_row(step):
    pandas = pytest.importorskip("pandas")
    clips = clips_for(step, (900,) * 4)
    step = clone(step).fit(clips)
    expected = step.transform(clips)
    series = pandas.Series(clips, index=[9, 7, 5, 3])
    assert all(map(np.array_equal, step.transform(series), expected))
    if clips[0].ndim == 1:
        table = pandas.DataFrame(np.array(clips))
        assert all(map(np.array_equal, step.transform(table), expected))
        with pytest.raises(ValueError, match=r"\[waveform\] for a single one"):
            step.transform(pandas.Series(clips[0]))


# --- processes and threads -------------------------------------------------------------


@pytest.mark.parametrize("backend", ["loky", "multiprocessing", "threading", "sequential"])
def test_front_ends_give_the_same_frames_whatever_the_context_prefers(backend):
    clips = [NOISE[:900], NOISE[900:2100], NOISE[2100:3000]]
    for front_end in FRONT_ENDS:
        expected = front_end.transform(clips)
        with joblib.parallel_config(backend, n_jobs=2):
            found = front_end.fit_transform(clips)
        assert all(map(np.array_equal, found, expected))


@pytest.mark.parametrize("front_end", FRONT_ENDS, ids=repr)
def test_a_front_end_that_more_jobs_do_not_help_says_so(front_end):
    asked = clone(front_end).set_params(n_jobs=2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asked.transform([NOISE[:900]])
    said = [str(warning.message) for warning in caught]
    if asked.works_in_kernel:
        assert said == []
    else:
        name = type(asked).__name__
        assert len(said) == 1 and said[0].startswith(f"{name}.n_jobs is 2, but")
        assert caught[0].filename == __file__


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["loky", "multiprocessing"])
def test_front_ends_can_be_sent_to_processes(backend):
    for step in STEPS:
        clips = clips_for(step, LENGTHS)
        step = clone(step).fit(clips)
        expected = step.transform(clips)
        send = joblib.Parallel(2, backend=backend)
        for found in send(joblib.delayed(step.transform)(clips) for _ in range(2)):
            assert all(map(np.array_equal, found, expected))


@pytest.mark.parametrize("window", ["nothing", None, "kaiser", ("hann", 3, 4), 1j])
def test_a_window_that_does_not_exist_is_named(window):
    for front_end in (Spectrogram(window=window), MFCC(8000, window=window)):
        with pytest.raises(ValueError, match=r"\.window is .*; it must be a name that scipy"):
            front_end.fit([NOISE])


@pytest.mark.parametrize("front_end", [Cochleagram, MFCC])
def test_the_sampling_rate_has_no_default_that_could_be_wrong(front_end):
    with pytest.raises(TypeError, match="sample_rate"):
        front_end()


@pytest.mark.parametrize("front_end", [Spectrogram, MFCC, Cochleagram, Trim, Warp])
def test_parameters_after_the_first_are_given_by_name(front_end):
    with pytest.raises(TypeError, match="positional argument"):
        front_end(8000, 2)


BAD_PARAMETERS = [
    (Cochleagram(0), "sample_rate is 0"),
    (Cochleagram(-8000), "sample_rate is -8000"),
    (Cochleagram(None), "sample_rate is None"),
    (Cochleagram(100), "Is sample_rate right"),
    (Cochleagram(8000, high_frequency=5000), "half the sampling rate"),
    (Cochleagram(8000, low_frequency=4000), "half the sampling rate"),
    (Cochleagram(8000, n_channels=0), "n_channels is 0"),
    (Cochleagram(8000, frame_rate=9000), "frame_rate is 9000"),
    (Cochleagram(8000, model="ear"), "'ear'; it must be one of 'gammatone', 'lyon'"),
    (Cochleagram(8000, low_frequency=np.inf), "low_frequency is inf; .* frequency in Hz"),
    (Cochleagram(8000, compression=-1), "compression is -1; .* above 0, or None"),
    (Cochleagram(True), "sample_rate is True; it must be a finite rate in Hz above 0"),
    (Cochleagram(8000, normalize="yes"), "normalize is 'yes'; it must be True or False"),
    (Spectrogram("phase"), "must be one of"),
    (Spectrogram(window_length=1), "window_length is 1"),
    (Spectrogram(hop_length=0), "hop_length is 0"),
]


@pytest.mark.parametrize("front_end, message", BAD_PARAMETERS, ids=str)
def test_bad_parameters_are_named(front_end, message):
    with pytest.raises(ValueError, match=message):
        front_end.fit([NOISE])
