"""Parameters of small integer types, such as np.uint8, give the bits of Python's integers."""

import numpy as np
import pytest

from reservoir.audio import MFCC, Noise, Spectrogram, Trim
from reservoir.capacity import memory_capacity
from reservoir.layers import SpintronicClassifier
from reservoir.ledger import operations_of
from reservoir.masks import make_mask

GENERATOR = np.random.default_rng(0)
SOUND = np.concatenate([np.zeros(4000), GENERATOR.normal(size=3000), np.zeros(2000)])
ROWS = GENERATOR.uniform(size=(60, 3))
CLASSES = (ROWS[:, 0] > 0.5).astype(int)
INPUTS = GENERATOR.uniform(-1, 1, 600)
DELAYED = np.column_stack([np.roll(INPUTS, k) for k in range(4)])


def trained(max_iter):
    model = SpintronicClassifier((5,), max_iter=max_iter, random_state=0)
    return model.fit(ROWS, CLASSES).predict_proba(ROWS)


CASES = {
    "Noise.decibels": (lambda n: Noise(decibels=n).transform([SOUND])[0], 20),
    "Trim.decibels": (lambda n: Trim(8000, decibels=n).transform([SOUND])[0], 40),
    "Spectrogram.window_length": (
        lambda n: Spectrogram(window_length=n).fit_transform([SOUND])[0],
        127,
    ),
    "MFCC.window_length": (
        lambda n: MFCC(8000, window_length=n, n_mels=13).fit_transform([SOUND])[0],
        127,
    ),
    "MFCC.n_mels": (
        lambda n: MFCC(8000, window_length=2000, n_mels=n).fit_transform([SOUND])[0],
        126,
    ),
    "SpintronicClassifier.max_iter": (trained, 60),
    "make_mask": (lambda n: make_mask("binary", n, 5, 0, n_taps=3), 100),
    "washout": (
        lambda n: memory_capacity(DELAYED, INPUTS, range(1, 4), washout=n).total,
        100,
    ),
    "operations_of, samples": (
        lambda n: operations_of(Spectrogram(window_length=64), n).additions,
        127,
    ),
    "operations_of, window": (
        lambda n: operations_of(Spectrogram(window_length=n), 2000).additions,
        126,
    ),
}


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64])
@pytest.mark.parametrize("name", CASES)
def test_a_number_counts_the_same_in_every_type(name, kind):
    answer, number = CASES[name]
    assert np.array_equal(answer(kind(number)), answer(number))
