"""Every example and every tutorial runs, quietly, and draws a figure."""

import runpy
from pathlib import Path

import matplotlib
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted([*ROOT.glob("examples/plot_*.py"), *ROOT.glob("tutorials/plot_*.py")])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_runs_and_draws(path, monkeypatch, capsys):
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.get_fignums()))
    runpy.run_path(str(path), run_name="__main__")
    plt.close("all")
    assert shown and shown[0] and capsys.readouterr().out


def test_there_are_examples():
    assert len(EXAMPLES) >= 3
