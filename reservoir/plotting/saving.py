"""How does a figure become a file? Whole, or not at all."""

import io
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
