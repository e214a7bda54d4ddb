"""Is every front end measured with and without the oscillator, also in noise?"""

import numpy as np
import pytest

from reservoir.experiments import AbreuAraujoExperiment, Row
from reservoir.experiments.sweeps import _with_noise
from reservoir.plotting import plot_abreu_araujo

pytestmark = pytest.mark.slow


def test_every_point_of_the_full_experiment_is_unique():
    points = AbreuAraujoExperiment().points()
    keys = {(point.protocol, point.frontend, point.method) for point in points}
    assert len(keys) == len(points) > 40


def test_every_point_stands_next_to_its_control():
    points = AbreuAraujoExperiment().points()
    sides = [
        {(point.protocol, point.frontend) for point in points if point.method == method}
        for method in ("control", "oscillator")
    ]
    assert sides[0] == sides[1]


def test_the_figure_shows_every_front_end_and_its_gain(tmp_path):
    experiment = AbreuAraujoExperiment()
    experiment.rows_ = [
        Row(
            task="digits",
            protocol=point.protocol,
            frontend=point.frontend,
            method=point.method,
            metric="accuracy",
            value=0.8 if point.method == "oscillator" else 0.5,
            spread=0.01,
            n_folds=3,
            seconds=0.0,
            n_parameters=1,
        )
        for point in experiment.points()
    ]
    data = experiment.figure_data()
    assert data.axes() == ["utterances", "snr"] and len(data.along("snr")) == 10
    plot_abreu_araujo(data, tmp_path / "gains.png")
    assert (tmp_path / "gains.png").stat().st_size > 10_000
    assert "mfcc: 80.00 % with the oscillator, 50.00 %" in experiment.footnotes()


def test_added_noise_has_the_power_that_was_asked_for():
    clip = np.sin(np.arange(20000))
    noise = _with_noise(clip, 10.0, np.random.default_rng(0)) - clip
    assert np.mean(noise**2) == pytest.approx(np.mean(clip**2) / 10, rel=0.03)
