"""Does docs/figures.md show every plot function, with the picture that its code draws?"""

import re
import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from reservoir import plotting

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "figures.md").read_text()
TOOL = runpy.run_path(str(ROOT / "tools" / "draw_figures.py"))


@pytest.mark.parametrize("name", plotting.__all__)
def test_every_plot_function_stands_on_the_page(name):
    assert f"`{name}`" in PAGE or f"{name}." in PAGE or f"{name}(" in PAGE


def test_every_picture_of_the_page_is_there_and_small():
    for name in re.findall(r"\]\(([^)]+\.png)\)", PAGE):
        assert (ROOT / "docs" / name).stat().st_size < 500_000, name
    drawn = {name for _, name in TOOL["blocks"]() if name}
    kept = {f"figures/{path.name}" for path in (ROOT / "docs" / "figures").iterdir()}
    assert drawn == kept


@pytest.mark.slow
def test_the_blocks_of_the_page_draw_its_pictures(tmp_path):
    TOOL["draw"](tmp_path)
    for _, name in TOOL["blocks"]():
        if name:
            # The size follows from the code; letters may differ between versions.
            kept, drawn = (plt.imread(folder / name) for folder in (ROOT / "docs", tmp_path))
            assert drawn.shape == kept.shape, name
