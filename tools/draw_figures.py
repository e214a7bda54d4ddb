"""Draw the pictures of docs/figures.md with the code that stands above each of them.

    python tools/draw_figures.py [FOLDER]     (default: docs; about half a minute)

The blocks of the page are run one after the other, in one namespace, but for those below
`<!-- not run: REASON -->`. Where a picture of figures/ follows a block, the figure that the
block drew last is saved under this name.
"""

import re
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "figures.md"
BLOCK = re.compile(
    r"(?<!-->\n)^```python\n(?P<code>.*?)^```\n(?:\n!\[[^\]]*\]\((?P<name>figures/[^)]+)\))?",
    re.DOTALL | re.MULTILINE,
)


def blocks(page=PAGE):
    """Code of each block, and the name of the picture that follows it, or None."""
    return [(found["code"], found["name"]) for found in BLOCK.finditer(page.read_text())]


def draw(folder):
    """Run all blocks, and save their pictures into a folder."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from reservoir.plotting.saving import save_figure

    names = {}
    for code, picture in blocks():
        # What a block saves by itself is shown on the page, too, and not wanted here.
        exec(re.sub(r"^figure\.savefig\(.*\)$", "", code, flags=re.MULTILINE), names)
        if picture is not None:
            target = Path(folder) / picture
            target.parent.mkdir(parents=True, exist_ok=True)
            save_figure(plt.gcf(), target)
        plt.close("all")


if __name__ == "__main__":
    draw(sys.argv[1] if len(sys.argv) > 1 else PAGE.parent)
