"""Do the vowels' controls see what they are said to see?"""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from reservoir import OscillatorNetwork
from reservoir.experiments import VowelsExperiment, vowels
from reservoir.experiments.vowels import _run_one
from reservoir.experiments.vowels_networks import four_oscillators, many_oscillators
from reservoir.plotting import plot_vowels

pytestmark = pytest.mark.slow


def test_the_control_reads_the_frequencies_that_the_network_of_its_fold_is_told():
    experiment = VowelsExperiment(quick=True)
    experiment.load()
    X, y = experiment.data_, experiment.target_
    train, test = experiment.folds_[0][1]
    outcomes = dict(_run_one(("network-search", 0, 1), 0, None, X, y, None, train, test))
    network, control = outcomes["network-search", 0, 1], outcomes["lda-sources", 0, 1]
    model = experiment.estimator("network-search", 0).fit(X[train], y[train])
    sources = model.input_frequencies(X)
    linear = LinearDiscriminantAnalysis().fit(sources[train], y[train])
    assert (network[0] == model.predict(X[test])).all()
    assert (control[0] == linear.predict(sources[test])).all()
    assert network[2] == 2 * 13 + 4 and control[2] == 2 * 13 + 7 * 3


def test_figure_and_animation_show_the_network_before_and_after_learning(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(vowels, "N_GRID", 16)
    experiment = VowelsExperiment(quick=True)
    experiment.load()
    data = experiment.figure_data()
    first, kept = data.learning.shares[0], data.learning.shares.max()
    assert kept > first + 0.05
    plot_vowels(data, tmp_path / "vowels.png")
    assert (tmp_path / "vowels.png").stat().st_size > 10_000
    seen = []

    def count(steps, total):
        for step in steps:
            seen.append(total)
            yield step

    video = experiment.animation_data(count)
    assert seen == 60 * [60] and video.numbers[-1] == 100
    np.testing.assert_array_equal(video.curve, data.learning.shares)
    assert video.kept == video.curve.argmax()


def test_the_four_oscillators_are_wrong_by_3_mhz_rms():
    wrong = (
        four_oscillators(7).natural_frequencies() - OscillatorNetwork().natural_frequencies()
    )
    assert np.sqrt(np.mean(wrong**2)) == pytest.approx(3e6)


def test_many_oscillators_stand_at_equal_distances_around_the_four():
    network = many_oscillators(10, 1e7)
    frequencies = network.natural_frequencies()
    spacing = 1.6 * network.locking_half_width()
    np.testing.assert_allclose(np.diff(frequencies), spacing)
    assert frequencies.mean() == pytest.approx(
        OscillatorNetwork().natural_frequencies().mean()
    )
