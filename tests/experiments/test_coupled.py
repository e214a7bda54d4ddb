"""Does the experiment with coupled oscillators compare what it says?"""

import pytest

from reservoir.experiments import CoupledExperiment, Row
from reservoir.experiments.digits import DigitsExperiment
from reservoir.plotting import plot_coupled

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def quick():
    experiment = CoupledExperiment(quick=True)
    experiment.digits_ = DigitsExperiment(n_nodes=40, n_oscillators=4)
    return experiment


def test_coupling_takes_the_oscillators_from_none_to_full_synchronisation(quick):
    assert quick.synchronized(0.0) == 1
    assert quick.synchronized(0.8) == 4


def test_uncoupled_oscillators_are_worth_one_with_as_many_nodes_each(quick):
    several = quick._measure("memory", "coupled-0")
    quick.digits_ = DigitsExperiment(n_nodes=10)
    single = quick._measure("memory", "oscillator")
    # Copies of a feature share its weight, so the ridge penalty counts a quarter.
    assert several.value == pytest.approx(single.value, abs=0.02)
    assert several.n_parameters == 4 * (single.n_parameters - 10) + 10


def test_the_figure_shades_where_all_oscillators_run_together(tmp_path):
    experiment = CoupledExperiment()
    experiment.rows_ = [
        Row(
            task=task,
            protocol="series",
            frontend="none",
            method=method,
            metric="capacity",
            value=0.5,
            spread=0.0,
            n_folds=1,
            seconds=0.0,
            n_parameters=1,
        )
        for task in ("digits", "memory", "parity")
        for method in experiment.method_names()
    ]
    data = experiment.figure_data()
    low, high = data.synchronized
    assert experiment.synchronized(low) == 4 and high == 0.8
    assert all(experiment.synchronized(x) < 4 for x in experiment.strengths() if x < low)
    plot_coupled(data, tmp_path / "coupled.png")
    assert (tmp_path / "coupled.png").stat().st_size > 10_000


def test_one_oscillator_and_several_have_as_many_features():
    experiment = DigitsExperiment(n_oscillators=4)
    coupled = experiment.estimator("coupled-0.2-taps")
    assert (
        coupled.n_nodes * coupled.n_oscillators == experiment.estimator("oscillator").n_nodes
    )
    assert abs(coupled.coupling) == pytest.approx(0.2 / (2 * 410e-9))
    assert coupled.context == (4, 8)
    own = experiment.estimator("coupled-0.2-own-taps")
    assert own.own_masks and not coupled.own_masks
    assert own.set_params(own_masks=False).get_params() == coupled.get_params()
