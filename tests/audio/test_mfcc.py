"""Cepstra against librosa's stored numbers, the cosine transform, and scipy's slopes."""

from pathlib import Path

import numpy as np
import pytest
from scipy import fft, signal

from reservoir.audio import MFCC, mfcc

NOISE = np.random.default_rng(0).normal(size=4000)
REFERENCE = np.load(Path(__file__).parent / "reference" / "mfcc.npz")


@pytest.mark.parametrize("sample_rate", [8000, 16000])
def test_cepstra_and_their_slopes_equal_librosas_stored_numbers(sample_rate):
    front_end = MFCC(sample_rate, n_deltas=2, normalize=False)
    found = front_end.transform([REFERENCE["waveform"]])[0]
    # librosa takes the transform in single precision.
    np.testing.assert_allclose(found, REFERENCE[f"mfcc_{sample_rate}"], atol=2e-4)


def test_all_coefficients_are_the_cosine_transform_of_the_levels_of_the_bands():
    front_end = MFCC(8000, n_coefficients=26, dynamic_range=300.0)
    cepstra = front_end.transform([NOISE])[0]
    levels = fft.idct(cepstra, norm="ortho")
    clip = NOISE / np.sqrt(np.mean(NOISE**2))
    piece = clip[1600 - 100 : 1600 + 100] * signal.get_window("hann", 200)
    power = np.abs(
        np.exp(-2j * np.pi * np.outer(np.arange(129), np.arange(200)) / 256) @ piece
    )
    bands = mfcc.mel_bands(np.arange(129) * 31.25, 26, 0, 4000)
    np.testing.assert_allclose(levels[20], 10 * np.log10(bands @ power**2), rtol=1e-9)
    fewer = MFCC(8000, n_coefficients=5, dynamic_range=300.0).transform([NOISE])[0]
    np.testing.assert_allclose(fewer, cepstra[:, :5], rtol=1e-12)


def test_slopes_equal_those_of_scipys_fitted_lines_and_of_a_straight_line():
    frames = np.random.default_rng(1).normal(size=(20, 3))
    expected = signal.savgol_filter(frames, 5, 1, deriv=1, axis=0, mode="nearest")
    np.testing.assert_allclose(mfcc.slopes(frames), expected, atol=1e-12)
    line = np.arange(9.0)[:, None] * [2.0, -1.0]
    np.testing.assert_allclose(mfcc.slopes(line)[2:-2], np.tile([2.0, -1.0], (5, 1)))


@pytest.mark.slow
def test_bands_have_unit_area_and_the_mel_scale_its_inverse():
    frequencies = np.linspace(0, 4000, 400001)
    areas = mfcc.mel_bands(frequencies, 26, 0, 4000).sum(axis=1) * 0.01
    np.testing.assert_allclose(areas, 1, rtol=1e-6)
    points = np.array([0.0, 500.0, 1000.0, 1000.1, 6400.0])
    mels = mfcc.frequency_to_mel(points)
    np.testing.assert_allclose(mels[[0, 1, 2, 4]], [0, 7.5, 15, 42])
    np.testing.assert_allclose(mfcc.mel_to_frequency(mels), points, rtol=1e-12, atol=1e-12)


def test_standardized_channels_have_mean_zero_and_unit_spread_in_every_clip():
    front_end = MFCC(8000, n_deltas=1, standardize=True)
    for frames in front_end.transform([NOISE, 5 * NOISE[:2000]]):
        np.testing.assert_allclose(frames.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(frames.std(axis=0), 1, rtol=1e-12)
    for clip in (np.zeros(3000), NOISE[:1]):
        frames = front_end.transform([clip])[0]
        assert frames.shape[1] == 26 and not frames.any()


def test_loudness_moves_only_the_first_coefficient_unless_it_is_normalized():
    plain = MFCC(8000, normalize=False)
    quiet, loud = plain.transform([NOISE, 10 * NOISE])
    np.testing.assert_allclose(loud[:, 0] - quiet[:, 0], 20 * np.sqrt(26), rtol=1e-9)
    np.testing.assert_allclose(loud[:, 1:], quiet[:, 1:], atol=1e-9)
    quiet, loud = MFCC(8000).transform([NOISE, 10 * NOISE])
    np.testing.assert_allclose(loud, quiet, atol=1e-9)


def test_quiet_bands_are_raised_to_the_dynamic_range():
    click = np.zeros(4000)
    click[2000] = 1.0
    levels = fft.idct(
        MFCC(8000, n_coefficients=26, dynamic_range=30.0).transform([click])[0], norm="ortho"
    )
    assert np.ptp(levels) == pytest.approx(30)


@pytest.mark.parametrize("n_samples", [1, 79, 80, 81, 4000])
def test_frame_counts_follow_their_formula(n_samples):
    assert MFCC(8000).transform([NOISE[:n_samples]])[0].shape == (1 + n_samples // 80, 13)


BAD_PARAMETERS = [
    ({"sample_rate": None}, "sample_rate is None"),
    ({"sample_rate": 0}, "sample_rate is 0"),
    ({"sample_rate": 20}, "sample_rate is 20 Hz; 25 ms"),
    ({"n_coefficients": 27}, "n_coefficients is 27; there are no more"),
    ({"n_coefficients": 0}, "n_coefficients is 0"),
    ({"n_mels": 200}, "n_mels is 200; band .* is so narrow"),
    ({"n_deltas": 3}, "n_deltas is 3"),
    ({"low_frequency": -1}, "low_frequency is -1"),
    ({"high_frequency": 4001}, "high_frequency is 4001 Hz"),
    ({"low_frequency": 5000}, "low_frequency .5000 Hz"),
    ({"dynamic_range": 0}, "dynamic_range is 0"),
    ({"window_length": 1}, "window_length is 1"),
    ({"hop_length": 0.5}, "hop_length is 0.5"),
]


@pytest.mark.parametrize("parameters, message", BAD_PARAMETERS, ids=str)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        MFCC(**({"sample_rate": 8000} | parameters)).fit([NOISE])
