"""Do the maps of what a reservoir remembers and computes keep what theory says of them?"""

import pytest

from reservoir.cli import main
from reservoir.experiments import CapacityExperiment
from reservoir.plotting import plot_capacity

pytestmark = pytest.mark.slow


def test_a_map_along_the_field_is_one_of_vortices_between_threshold_and_rim(capsys):
    experiment = CapacityExperiment(along="field", n_nodes=8)
    places = {(point.bias, point.other) for point in experiment.points() if point.bias}
    assert {field for _, field in places} == {0.2, 0.3, 0.4, 0.5, 0.6}
    for current, field in places:
        played = experiment.reservoir(current, field)
        low, high = (
            1e3 * end * played.oscillator.threshold_current for end in played.drive_range
        )
        assert (low, high) == pytest.approx((current - 0.3, current + 0.3))
        assert played.oscillator.field == field
        assert played.oscillator.describe(1e-3 * high).split("%")[1].startswith(" above")
        assert played.oscillator.stationary_amplitude(1e-3 * high) < 1
    assert (1.4, 0.2) not in places and (3.2, 0.6) not in places
    assert main(["capacity", "--along", "field", "--quick", "--jobs", "1"]) == 0
    assert "perpendicular field (T)" in capsys.readouterr().out


def test_a_map_of_capacities_stays_below_the_number_of_nodes(tmp_path):
    experiment = CapacityExperiment(n_nodes=8, quick=True, store=tmp_path / "map.h5")
    rows = experiment.run()
    assert len(rows) == 15 and all(row.value <= 8 for row in rows)
    alone = {row.method: row.value for row in rows if row.protocol == "control"}
    assert alone["memory"] < 0.1 and alone["kernel-rank"] == 1  # it knows this input only
    assert alone["information"] == pytest.approx(1, abs=0.02)
    _, _, values = experiment.grid("memory")
    assert values.shape == (1, 2) and (values > 0).all()
    plot_capacity(experiment.figure_data(), tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 10_000
    again = CapacityExperiment(n_nodes=8, quick=True, store=tmp_path / "map.h5")
    assert again.run(lambda tasks, total: pytest.fail() if total else tasks) == rows
