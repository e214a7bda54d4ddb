"""Are the operations of front ends counted right? Plain programs count while they run.

Each program below computes one clip step by step, as a textbook would. Its results must be
those of the front end, and its operations those of the formula.
"""

import cmath
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.signal import firwin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from reservoir.audio import MFCC, Cochleagram, Spectrogram, Speed, Trim
from reservoir.audio.gammatone import gammatone_sections
from reservoir.audio.lyon import (
    MAX_STATE,
    SPEECH_LEVEL,
    TARGETS,
    TIME_CONSTANTS,
    lyon_sections,
)
from reservoir.ledger import Operations, operations_of
from reservoir.ledger.operations import fourier, hear

RATE = 8000
CLIP = np.random.default_rng(0).normal(size=400)


class Tally:
    """Counts what its numbers do."""

    def __init__(self):
        self.multiplications = self.additions = self.functions = 0

    def of(self, values):
        return [Number(float(value), self) for value in values]

    def operations(self):
        return Operations(self.multiplications, self.additions, self.functions)


class Number:
    """A real number that counts its operations; constants are plain floats."""

    def __init__(self, value, tally):
        self.value, self.tally = value, tally

    def _made(self, value, kind):
        setattr(self.tally, kind, getattr(self.tally, kind) + 1)
        return Number(value, self.tally)

    def __mul__(self, other):
        return self._made(self.value * plain(other), "multiplications")

    def __truediv__(self, other):
        return self._made(self.value / plain(other), "multiplications")

    def __add__(self, other):
        return self._made(self.value + plain(other), "additions")

    def __sub__(self, other):
        return self._made(self.value - plain(other), "additions")

    def __pow__(self, exponent):
        return self._made(self.value**exponent, "functions")

    def log10(self):
        return self._made(math.log10(self.value), "functions")

    __rmul__, __radd__ = __mul__, __add__


def plain(number):
    return number.value if isinstance(number, Number) else float(number)


def total(numbers, tally):
    """A sum that begins at 0."""
    found = Number(0.0, tally)
    for number in numbers:
        found = found + number
    return found


def at_unit_level(clip, tally):
    level = (total((x * x for x in clip), tally) * (1 / len(clip))) ** 0.5
    return [x / level for x in clip]


def transform(x):
    """A complex Fourier transform of radix 2, of pairs of numbers."""
    n = len(x)
    if n == 1:
        return x
    even, odd = transform(x[::2]), transform(x[1::2])
    low, high = [], []
    for k, ((a, b), (c, d)) in enumerate(zip(even, odd, strict=True)):
        turn = cmath.exp(-2j * cmath.pi * k / n)
        re, im = c * turn.real - d * turn.imag, c * turn.imag + d * turn.real
        low.append((a + re, b + im))
        high.append((a - re, b - im))
    return low + high


def real_transform(x):
    """Bins of a real transform, from a complex one of half as many points."""
    half = len(x) // 2
    z = transform(list(zip(x[::2], x[1::2], strict=True)))
    found = []
    for k in range(half + 1):
        (a, b), (c, d) = z[k % half], z[-k % half]
        turn = -0.5j * cmath.exp(-1j * cmath.pi * k / half)
        sum_re, sum_im = (a + c) * 0.5, (b - d) * 0.5
        re, im = a - c, b + d
        found.append(
            (
                sum_re + (re * turn.real - im * turn.imag),
                sum_im + (re * turn.imag + im * turn.real),
            )
        )
    return found


def subtract_mean(frames, share, tally):
    for column in range(len(frames[0])):
        mean = total((row[column] for row in frames), tally) * (1 / len(frames)) * share
        for row in frames:
            row[column] = row[column] - mean
    return frames


@pytest.mark.parametrize("n_points", [4, 8, 64, 256])
def test_a_real_transform_takes_what_the_formula_says(n_points):
    tally, x = Tally(), CLIP[:n_points]
    found = real_transform(tally.of(x))
    values = np.array([complex(plain(re), plain(im)) for re, im in found])
    np.testing.assert_allclose(values, np.fft.rfft(x), atol=1e-12)
    assert tally.operations() == fourier(n_points)


@pytest.mark.parametrize("share", [0.0, 0.5])
@pytest.mark.parametrize("kind", ["signed", "magnitude", "power", "log-power"])
def test_a_spectrogram_takes_what_a_plain_program_takes(kind, share):
    from scipy.signal import get_window

    step = Spectrogram(kind, window_length=64, hop_length=32, mean_subtraction=share)
    tally, frames = Tally(), []
    clip = at_unit_level(tally.of(CLIP), tally)
    window = get_window("hann", 64)
    for start in range(0, len(clip) - 63, 32):
        bins = real_transform([x * w for x, w in zip(clip[start:], window, strict=False)])
        if kind == "signed":
            frames.append([re for re, _ in bins])
            continue
        powers = [re * re + im * im for re, im in bins]
        if kind == "magnitude":
            powers = [power**0.5 for power in powers]
        if kind == "log-power":
            powers = [(power + 1e-10).log10() for power in powers]
        frames.append(powers)
    if share:
        subtract_mean(frames, share, tally)
    values = np.array([[plain(x) for x in row] for row in frames])
    if kind == "log-power":
        values *= math.log(10)
    np.testing.assert_allclose(values, step.transform([CLIP])[0], atol=1e-10)
    assert operations_of(step, len(CLIP)) == tally.operations()


def test_mel_cepstra_take_what_a_plain_program_takes():
    from scipy.fft import dct
    from scipy.signal import get_window

    step = MFCC(RATE, n_coefficients=5, n_mels=8, n_deltas=1)
    tally = Tally()
    clip = at_unit_level(tally.of(CLIP), tally)
    n_window, hop, n_transform = 200, 80, 256
    window, bands = get_window("hann", n_window), step._mel_bands()
    silence = [Number(0.0, tally)] * n_window
    padded = silence[: (n_window + 1) // 2] + clip + silence[: n_window // 2]
    loudness = []
    for start in range(0, len(padded) - n_window + 1, hop):
        part = [x * w for x, w in zip(padded[start:], window, strict=False)]
        bins = real_transform(part + silence[: n_transform - n_window])
        powers = [re * re + im * im for re, im in bins]
        row = []
        for band in bands:
            summed = total((powers[k] * band[k] for k in np.flatnonzero(band)), tally)
            row.append(summed.log10() * 10.0)
        loudness.append(row)
    floor = max((x for row in loudness for x in row), key=plain) - 80.0
    loudness = [[max(x, floor, key=plain) for x in row] for row in loudness]
    matrix = dct(np.eye(8), norm="ortho")[:, :5]
    first = [
        [
            total((x * w for x, w in zip(row, column, strict=True)), tally)
            for column in matrix.T
        ]
        for row in loudness
    ]
    edge = [first[0]] * 2 + first + [first[-1]] * 2
    slopes = [
        [
            (c - b + (d - a) * 2.0) * 0.1
            for a, b, c, d in zip(
                edge[k - 2], edge[k - 1], edge[k + 1], edge[k + 2], strict=True
            )
        ]
        for k in range(2, len(edge) - 2)
    ]
    values = [[plain(x) for x in one + two] for one, two in zip(first, slopes, strict=True)]
    np.testing.assert_allclose(values, step.transform([CLIP])[0], atol=1e-10)
    assert operations_of(step, len(CLIP)) == tally.operations()


def test_a_gammatone_bank_takes_what_a_plain_program_takes():
    from scipy.signal import butter

    step = Cochleagram(RATE, n_channels=3, mean_subtraction=0.5)
    tally = Tally()
    clip = at_unit_level(tally.of(CLIP), tally)
    zeros, poles, gain = gammatone_sections(step.center_frequencies(), RATE)
    (b0, b1, b2), (_, a1, a2) = butter(2, 50.0, fs=RATE)
    ends = [79, 159, 239, 319, 399]
    frames = [[None] * 3 for _ in ends]
    for channel in range(3):
        first, second = tally.of(np.zeros(4)), tally.of(np.zeros(4))
        low_first, low_second = tally.of(np.zeros(2))
        for n, x in enumerate(clip):
            signal = x * gain[channel]
            for k in range(4):
                before = signal
                signal = before + first[k]
                first[k] = second[k] + before * zeros[k, channel] - signal * poles[0, channel]
                second[k] = signal * -poles[1, channel]
            before = signal if plain(signal) > 0 else Number(0.0, tally)
            signal = before * b0 + low_first
            low_first = low_second + before * b1 - signal * a1
            low_second = before * b2 - signal * a2
            if n in ends:
                frames[ends.index(n)][channel] = signal ** (1 / 3)
    subtract_mean(frames, 0.5, tally)
    values = [[plain(x) for x in row] for row in frames]
    np.testing.assert_allclose(values, step.transform([CLIP])[0], rtol=1e-9)
    assert operations_of(step, len(CLIP)) == tally.operations()


def test_lyons_ear_takes_what_a_plain_program_takes():
    step = Cochleagram(RATE, model="lyon", step=4.0)
    tally = Tally()
    clip = [x * SPEECH_LEVEL for x in at_unit_level(tally.of(CLIP), tally)]
    rows = lyon_sections(RATE, 8.0, 4.0)
    n = len(rows)
    memory = [tally.of(np.zeros(2)) for _ in rows]
    states = [tally.of(np.zeros(n)) for _ in TARGETS]
    means = [tally.of(np.zeros(n)) for _ in range(2)]
    before_first = Number(0.0, tally)
    shares = -np.expm1(-1 / (TIME_CONSTANTS * RATE))
    share = -math.expm1(-2 * math.pi * (100 / (6 * math.pi)) / RATE)
    frames = []
    for number, x in enumerate(clip):
        sound = []
        for (b0, b1, b2, _, a1, a2), held in zip(rows, memory, strict=True):
            y = x * b0 + held[0]
            held[0] = x * b1 - y * a1 + held[1]
            held[1] = x * b2 - y * a2
            sound.append(y if plain(y) > 0 else Number(0.0, tally))
            x = y
        for stage, (part, target) in enumerate(zip(shares, TARGETS, strict=True)):
            old = states[stage]
            around = [old[0], *old, old[-1]]
            sound = [y - y * s for y, s in zip(sound, old, strict=True)]
            states[stage] = [
                min(
                    y * (part / target)
                    + (around[k] + around[k + 1] + around[k + 2]) * ((1 - part) / 3),
                    Number(MAX_STATE, tally),
                    key=plain,
                )
                for k, y in enumerate(sound)
            ]
        for k, y in enumerate(sound):
            left = sound[k - 1] if k else before_first
            change = left - y
            change = change if plain(change) > 0 else Number(0.0, tally)
            means[0][k] = means[0][k] + (change - means[0][k]) * share
            means[1][k] = means[1][k] + (means[0][k] - means[1][k]) * share
        if number % 80 == 79:
            frames.append([plain(y) for y in reversed(means[1][2:])])
    np.testing.assert_allclose(frames, step.transform([CLIP])[0], rtol=1e-7, atol=1e-15)
    assert operations_of(step, len(CLIP)) == tally.operations()


def test_trimming_takes_what_a_plain_program_takes():
    step = Trim(RATE)
    tally = Tally()
    clip = np.concatenate([np.zeros(300), CLIP, np.zeros(500)])
    sums = [Number(0.0, tally)]
    for x in tally.of(clip):
        sums.append(sums[-1] + x * x)
    begins = range(0, len(clip) - 200 + 80, 80)
    powers = [sums[min(b + 200, len(clip))] - sums[min(b, len(clip))] for b in begins]
    limit = max(powers, key=plain) * 1e-4
    loud = [b for b, power in zip(begins, powers, strict=True) if plain(power) > plain(limit)]
    kept = clip[loud[0] : loud[-1] + 200]
    np.testing.assert_array_equal(kept, step.transform([clip])[0])
    assert operations_of(step, len(clip)) == tally.operations()


def test_another_speed_takes_what_a_filter_of_phases_takes():
    tally, step = Tally(), Speed(1.25)
    up, down = 4, 5
    filter_ = firwin(2 * 10 * down + 1, 1 / down, window=("kaiser", 5.0)) * up
    n_taps = math.ceil(len(filter_) / up)
    clip, found = tally.of(CLIP), []
    for n in range(math.ceil(len(CLIP) * up / down)):
        terms = []
        place = n * down + len(filter_) // 2
        for k in range(n_taps):
            index, tap = place // up - k, place % up + k * up
            x = clip[index] if 0 <= index < len(clip) else Number(0.0, tally)
            terms.append(x * (filter_[tap] if tap < len(filter_) else 0.0))
        found.append(plain(total(terms, tally)))
    np.testing.assert_allclose(found, step.transform([CLIP])[0], atol=1e-12)
    assert operations_of(step, len(CLIP)) == tally.operations()
    assert operations_of(Speed(1.0), 400) == Operations()
    assert Fraction(1.25) == Fraction(down, up)


def test_a_pipeline_takes_its_steps_together_and_what_nobody_counted_is_unknown():
    clips = [CLIP, CLIP[:300]]
    ear = Cochleagram(RATE, n_channels=4)
    frames, found = hear(make_pipeline(Trim(RATE), Speed(1.25), ear), clips)
    trimmed = Trim(RATE).transform(clips)
    faster = Speed(1.25).transform(trimmed)
    expected = Operations()
    for clip, cut, fast in zip(clips, trimmed, faster, strict=True):
        expected += operations_of(Trim(RATE), len(clip))
        expected += operations_of(Speed(1.25), len(cut)) + operations_of(ear, len(fast))
    assert found == expected
    assert [len(each) for each in frames] == [len(each) for each in ear.transform(faster)]
    _, unknown = hear(make_pipeline(FunctionTransformer(), ear), clips)
    assert unknown is None
    with pytest.raises(TypeError, match="of a FunctionTransformer are not counted"):
        operations_of(FunctionTransformer(), 400)
