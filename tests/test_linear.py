"""A linear readout: its sums, and the noise of cells that are read."""

import numpy as np
import pytest

from reservoir.readout import LinearReadout

pytestmark = pytest.mark.kernel
GENERATOR = np.random.default_rng(0)
ROWS, WEIGHTS = GENERATOR.normal(size=(7, 3)), GENERATOR.normal(size=(3, 2))
PLAIN = WEIGHTS, np.array([0.5, -1.0]), 0.0
MEANS, SPREADS = np.array([0.1, -0.2, 0.3]), np.array([1.0, 2.0, 0.0])


def test_outputs_are_weighted_sums():
    assert LinearReadout(*PLAIN)(ROWS) == pytest.approx(ROWS @ WEIGHTS + PLAIN[1])


def test_noise_depends_on_the_seed_and_the_row_and_on_no_other_row():
    noise = {"read_noise": np.array([0.1, 0.0]), "read_seed": 3}
    noisy = LinearReadout(*PLAIN, MEANS, SPREADS, **noise)
    found, plain = noisy(ROWS), LinearReadout(*PLAIN)(ROWS)
    assert np.array_equal(noisy(ROWS[::-1]), found[::-1])
    assert np.array_equal(noisy(ROWS[2:3]), found[2:3])
    assert np.array_equal(found[:, 1], plain[:, 1]) and (found[:, 0] != plain[:, 0]).all()
    other = LinearReadout(*PLAIN, MEANS, SPREADS, np.array([0.1, 0.0]), 4)
    assert (other(ROWS)[:, 0] != found[:, 0]).all()
    # A feature that did not vary has no cell, and the mean of all features no noise.
    assert noisy(MEANS[np.newaxis]) == pytest.approx(LinearReadout(*PLAIN)(MEANS[None]))


def test_noise_needs_a_seed_and_the_spreads():
    with pytest.raises(ValueError, match="with a read_seed, means and spreads"):
        LinearReadout(*PLAIN, read_noise=np.ones(2), read_seed=0)
    with pytest.raises(ValueError, match="read_noise of a readout must be"):
        LinearReadout(*PLAIN, MEANS, SPREADS, read_noise=np.ones(2))
    with pytest.raises(ValueError, match="read_noise of a readout must be"):
        LinearReadout(*PLAIN, MEANS, SPREADS, read_noise=np.ones(3), read_seed=0)
