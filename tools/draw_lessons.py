"""Draw the pictures of docs/lessons.md, and print their numbers, from the examples.

    python tools/draw_lessons.py [NAME ...]

Without names all lessons are drawn, into docs/lessons/.
"""

import runpy
import sys
from pathlib import Path

import matplotlib

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ("noise_helps", "drift_retrain", "dead_oscillator", "coupling_maps")


def main(names: list[str]) -> None:
    """Run the examples of these names, and save what they would show."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    folder = ROOT / "docs" / "lessons"
    folder.mkdir(exist_ok=True)
    for name in names or LESSONS:
        print(f"--- {name}")
        plt.show = lambda name=name: plt.savefig(folder / f"{name}.png", dpi=110)
        runpy.run_path(str(ROOT / "examples" / f"plot_{name}.py"), run_name="__main__")
        plt.close("all")


if __name__ == "__main__":
    main(sys.argv[1:])
