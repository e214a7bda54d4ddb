"""Is the sweep along the settings complete, resumable, and next to its controls?"""

import pytest

from reservoir.exceptions import StorageError
from reservoir.experiments import TorrejonExperiment
from reservoir.experiments.results import load_rows
from reservoir.experiments.sweeps import describe_gains
from reservoir.plotting import plot_torrejon

pytestmark = pytest.mark.slow


class Interrupted(Exception):
    pass


def stop_after(count):
    def progress(results, total):
        for number, row in enumerate(results):
            if number == count:
                raise Interrupted
            yield row

    return progress


@pytest.fixture(scope="module")
def finished():
    experiment = TorrejonExperiment(quick=True)
    experiment.run()
    return experiment


def timeless(rows):
    return [(row.protocol, row.frontend, row.method, row.value, row.spread) for row in rows]


def test_an_interrupted_run_goes_on_where_it_stopped(finished, tmp_path):
    path = tmp_path / "sweep.h5"
    with pytest.raises(Interrupted):
        TorrejonExperiment(quick=True, store=path).run(stop_after(4))
    assert len(load_rows(path)[0]) == 4
    measured = []

    def count(results, total):
        measured.append(total)
        return results

    rows = TorrejonExperiment(quick=True, store=path).run(count)
    assert measured == [6]
    assert timeless(rows) == timeless(finished.rows_)
    assert timeless(TorrejonExperiment(quick=True, store=path).run(count)) == timeless(rows)
    assert measured == [6, 0]


def test_results_of_other_settings_are_never_mixed_in(tmp_path):
    path = tmp_path / "sweep.h5"
    with pytest.raises(Interrupted):
        TorrejonExperiment(quick=True, store=path).run(stop_after(1))
    with pytest.raises(
        StorageError, match=r"other settings \(seed 0 instead of 1\); name another file"
    ):
        TorrejonExperiment(quick=True, seed=1, store=path).run()
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(StorageError, match="was changed or cut after"):
        TorrejonExperiment(quick=True, store=path).run()


def test_the_oscillator_stands_next_to_its_control(finished):
    _, alone, _ = finished.curve("utterances", "spectrogram-signed", "control")
    values, helped, _ = finished.curve("utterances", "spectrogram-signed", "oscillator")
    assert values.tolist() == [3, 9]
    assert (helped > alone + 0.1).all()
    assert "gain +" in describe_gains(finished.rows_, "utterances-9")


def test_the_figure_is_drawn_from_the_curves(finished, tmp_path):
    data = finished.figure_data()
    assert data.axes() == ["utterances", "noise"] and len(data.along("utterances")) == 4
    plot_torrejon(data, tmp_path / "torrejon.png")
    assert (tmp_path / "torrejon.png").stat().st_size > 10_000


def test_every_point_of_the_full_experiment_is_unique():
    points = TorrejonExperiment().points()
    keys = {(point.protocol, point.frontend, point.method) for point in points}
    assert len(keys) == len(points) > 40


def test_every_draw_of_nine_tenths_tests_another_tenth():
    experiment = TorrejonExperiment(seed=3)
    tested = [set(range(10)) - set(experiment._training_tenths(9, draw)) for draw in range(3)]
    assert all(len(tenth) == 1 for tenth in tested)
    assert len(set.union(*tested)) == 3
    assert len(experiment._training_tenths(1, 0)) == 1
