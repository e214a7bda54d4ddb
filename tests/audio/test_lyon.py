"""Lyon's ear against scipy's sections and a plain loop, and against the older C code."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from reservoir import _core
from reservoir.audio import Cochleagram, lyon, lyon_sections

pytestmark = pytest.mark.kernel

few = settings(derandomize=True, max_examples=30, database=None)
NOISE = 0.1 * np.random.default_rng(0).normal(size=4000)
REFERENCE = Path(__file__).parent / "reference"


def plain_ear(waveform, sample_rate, smoothing_frequency, **design):
    """Every sample of every place but the front: sosfilt, then numpy sample by sample."""
    heard = [waveform]
    for section in lyon_sections(sample_rate, **design):
        heard.append(signal.sosfilt(section[None], heard[-1]))
    heard = np.maximum(np.array(heard[1:]).T, 0)
    for time, target in ((0.64, 32e-4), (0.16, 16e-4), (0.04, 8e-4), (0.01, 4e-4)):
        share = 1 - np.exp(-1 / (time * sample_rate))
        state = np.zeros(heard.shape[1])
        for sample in heard:
            sample *= 1 - state
            around = np.concatenate([state[:1], state, state[-1:]])
            mean = (around[:-2] + around[1:-1] + around[2:]) / 3
            state = np.minimum(share * sample / target + (1 - share) * mean, 0.9)
    sharp = np.maximum(heard[:, 1:-1] - heard[:, 2:], 0)
    share = 1 - np.exp(-2 * np.pi * smoothing_frequency / sample_rate)
    for _ in range(2):
        sharp = signal.lfilter([share], [1, share - 1], sharp, axis=0)
    return sharp[:, ::-1]


@pytest.mark.parametrize("sample_rate, step", [(8000, 0.25), (12500, 0.25), (16000, 0.1)])
def test_the_ear_equals_scipys_sections_and_a_plain_loop_sample_by_sample(sample_rate, step):
    ear = lyon.lyon_ear(sample_rate, 8.0, step, 20.0)
    found = ear(NOISE[:1500], np.arange(1500))
    expected = plain_ear(NOISE[:1500], sample_rate, 20.0, step=step)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-16)
    assert expected.max() > 1e-5


@pytest.mark.parametrize("sample_rate", [8000, 12500, 16000])
def test_the_ear_equals_the_stored_numbers_of_the_auditory_toolbox(sample_rate):
    table = np.load(REFERENCE / "lyon.npz")
    waveform = np.load(REFERENCE / "mfcc.npz")["waveform"] / 32768
    ear = lyon.lyon_ear(sample_rate, 8.0, 0.25, 1 / (2 * np.pi * 0.03))
    found = ear(waveform, np.arange(199, 4000, 200))
    expected = table[f"frames_{sample_rate}"][:, ::-1]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-16)
    centers = Cochleagram(sample_rate, model="lyon").center_frequencies()
    np.testing.assert_allclose(centers[::-1], table[f"centers_{sample_rate}"], rtol=1e-12)


@pytest.mark.parametrize("sample_rate, n_channels", [(8000, 64), (12500, 78), (16000, 86)])
def test_the_published_numbers_of_channels_follow_from_the_step(sample_rate, n_channels):
    ear = Cochleagram(sample_rate, model="lyon")
    assert ear.transform([NOISE])[0].shape[1] == n_channels
    assert len(ear.center_frequencies()) == n_channels


def test_places_follow_each_other_by_a_fraction_of_a_bandwidth():
    centers = lyon.lyon_center_frequencies(16000, quality=8.0, step=0.01)
    bandwidths = np.sqrt(centers**2 + 1e6) / 8
    steps = -np.diff(centers) / bandwidths[:-1]
    np.testing.assert_allclose(steps, 0.01, rtol=1e-3)
    assert centers[0] < 8000 and centers[-1] / bandwidths[-1] == pytest.approx(0.5, rel=2e-2)


def test_the_front_has_unit_gain_at_a_quarter_and_places_the_gain_of_their_ratio_at_rest():
    sections = lyon_sections(8000)
    front = signal.sosfreqz(sections[:1], [2000], fs=8000)[1]
    both = signal.sosfreqz(sections[:2], [2000, 4000], fs=8000)[1]
    assert np.abs(front) == pytest.approx(1) and np.abs(both) == pytest.approx([1, 0])
    centers = lyon.lyon_center_frequencies(8000)
    for row, ratio in zip(sections[3:], centers[:-1] / centers[1:], strict=True):
        assert row[:3].sum() / row[3:].sum() == pytest.approx(ratio)


@pytest.mark.parametrize("name", _core.available_instruction_sets())
def test_every_instruction_set_gives_the_same_ear(name, monkeypatch):
    expected = Cochleagram(8000, model="lyon").transform([NOISE])[0]
    monkeypatch.setattr(lyon, "cochlea", _core.load_kernel("cochlea", name))
    found = Cochleagram(8000, model="lyon").transform([NOISE])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-15)


@few
@given(st.integers(1, 700))
def test_what_follows_a_sample_does_not_change_it(n_samples):
    ear = lyon.lyon_ear(8000, 8.0, 0.25, 20.0)
    instants = np.arange(n_samples)
    whole, part = ear(NOISE, instants), ear(NOISE[:n_samples], instants)
    assert np.array_equal(whole, part)


def test_a_higher_tone_is_loudest_in_a_higher_channel_near_its_frequency():
    ear = Cochleagram(16000, model="lyon")
    time = np.arange(4000) / 16000
    for frequency in (200, 500, 1000, 2000, 4000):
        frames = ear.transform([np.sin(2 * np.pi * frequency * time)])[0]
        loudest = ear.center_frequencies()[frames[-1].argmax()]
        assert loudest == pytest.approx(frequency, rel=0.15)


def test_gain_control_compresses_and_a_loud_neighbour_turns_a_faint_tone_down():
    time = np.arange(8000) / 8000
    faint = 1e-4 * np.sin(2 * np.pi * 800 * time)
    near, far = (0.1 * np.sin(2 * np.pi * f * time) for f in (1000, 3000))
    ear = Cochleagram(8000, model="lyon", normalize=False)
    alone, louder, with_near, with_far = (
        frames[-1]
        for frames in ear.transform([faint, 100 * faint, faint + near, faint + far])
    )
    channel = alone.argmax()
    assert 1 < louder[channel] / alone[channel] < 10
    gains = []
    for loud, mixed in ((near, with_near), (far, with_far)):
        without = ear.transform([loud])[0][-1]
        gains.append((mixed - without)[channel] / alone[channel])
    assert gains[0] < 0.1 and gains[0] < gains[1] < 1


def test_silence_after_a_click_dies_out_and_silence_alone_is_zero():
    click = np.zeros(400000)
    click[100] = 1.0
    frames, silence = Cochleagram(8000, model="lyon").transform([click, np.zeros(999)])
    assert np.isfinite(frames).all() and frames[2].max() > 0 and frames[-1].max() < 1e-12
    assert not silence.any()


def test_a_long_silence_costs_no_more_than_sound():
    # Denormal numbers would make it many times slower; the states tell without a clock.
    click = np.zeros(400000)
    click[100] = 1.0
    tail = lyon.lyon_ear(8000, 8.0, 0.25, 5.0)(click, np.arange(399000, 400000))
    assert (np.abs(tail) > np.finfo(float).tiny).all()


BAD_PARAMETERS = [
    ({"sample_rate": 80}, "sample_rate is 80 Hz; Lyon's ear"),
    ({"sample_rate": 0}, "sample_rate is 0"),
    ({"sample_rate": float("nan")}, "sample_rate is nan"),
    ({"n_channels": 78}, "n_channels is 78; Lyon's ear has as many"),
    ({"step": 0}, "step is 0"),
    ({"quality": 0.5}, "quality is 0.5"),
    ({"smoothing_frequency": 4000}, "smoothing_frequency is 4000"),
]


@pytest.mark.parametrize("parameters, message", BAD_PARAMETERS, ids=str)
def test_bad_parameters_are_named(parameters, message):
    ear = Cochleagram(**({"sample_rate": 8000, "model": "lyon"} | parameters))
    with pytest.raises(ValueError, match=message):
        ear.transform([NOISE])
