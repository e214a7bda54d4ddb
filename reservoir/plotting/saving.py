"""How does a figure, or an animation, become a file? Whole, or not at all."""

import io
import tempfile
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from reservoir._files import replace_file
from reservoir.plotting.style import DPI, figure_style


def save_figure(figure: Any, path: str | PathLike[str], dpi: int = DPI) -> None:
    """Draw a figure into a file that appears when it is complete.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    dpi : int, default=200

    Raises
    ------
    OSError
        If the file cannot be written; an earlier file is then as it was.
    """
    content = io.BytesIO()
    with figure_style():  # how letters go into PDF and SVG is settled only now
        figure.savefig(
            content, dpi=dpi, format=Path(path).suffix.lstrip(".").lower() or "png"
        )
    replace_file(path, content.getvalue())


def save_animation(
    figure: Any,
    draw: Callable[[Any], list[Any]],
    frames: Sequence[Any],
    path: str | PathLike[str],
) -> None:
    """Draw frame after frame into a GIF that appears when it is complete.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    draw : callable
        ``draw(frame)`` draws a frame into the figure, and gives a list of what is to be
        redrawn, which may be empty.
    frames : sequence
        Five of them are shown in a second.
    path : str or path-like
        Ends in .gif.

    Raises
    ------
    OSError
        If the file cannot be written; an earlier file is then as it was.
    """
    from matplotlib.animation import FuncAnimation, PillowWriter
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    animation = FuncAnimation(figure, draw, frames=frames, init_func=lambda: [])
    # The writer takes a name only, so it gets one in a folder that vanishes.
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder) / "animation.gif"
        animation.save(drawn, writer=PillowWriter(fps=5))
        replace_file(path, drawn.read_bytes())
