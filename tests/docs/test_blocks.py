"""Does every Python block of the README and of the site run, page by page, as it stands?"""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("blocks.py")
BLOCKS = runpy.run_path(str(SCRIPT))
PAGES = [
    path
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if BLOCKS["blocks_of"](path.read_text(encoding="utf-8"))
]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_the_page_run_in_a_fresh_process(page, tmp_path):
    environment = {
        name: value for name, value in os.environ.items() if name != "RESERVOIR_DATA"
    }
    done = subprocess.run(
        [sys.executable, SCRIPT, page],
        capture_output=True,
        cwd=tmp_path,
        env=environment | {"MPLBACKEND": "Agg"},
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_a_wrong_answer_and_an_error_are_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python\n>>> 1 + 1\n3\n\n```\n")
    assert BLOCKS["run"](page) == 1
    page.write_text("```python\n1 / 0\n```\n")
    with pytest.raises(ZeroDivisionError):
        BLOCKS["run"](page)
    page.write_text("<!-- not run: no laboratory -->\n```python\n1 / 0\n```\n")
    assert BLOCKS["run"](page) == 0


def test_pages_without_the_mark_are_found():
    assert len(PAGES) > 10
