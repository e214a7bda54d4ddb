"""Where does the energy of one inference go, and what does nobody know?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from reservoir.plotting.colors import BLUE, GREEN, GREY, ORANGE
from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import PAGE_WIDTH, figure_style, new_figure, small_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

# Colours of the bars by how sure they are.
COLORS = {"measured": GREEN, "published": BLUE, "derived": BLUE, "assumed": ORANGE}
MEANINGS = (
    (GREEN, "measured"),
    (BLUE, "published, or derived from what is"),
    (ORANGE, "rests on an assumption"),
)
DECADES_BELOW = 0.7  # room between the smallest bar and the edge
BAR_HEIGHT = 5.2  # mm of the figure for each bar


@dataclass(frozen=True)
class CostBar:
    """One bar.

    Attributes
    ----------
    name : str
    value : float or None
        In J; None is unknown.
    text : str
        The value for a reader.
    standing : str
        How sure it is.
    group : str
        Heading of the bars that belong together.
    """

    name: str
    value: float | None
    text: str
    standing: str
    group: str


@dataclass(frozen=True)
class CostFigure:
    """What the figure of a ledger shows.

    Attributes
    ----------
    title : str
    total : str
        The sum, and how many lines it lacks.
    bars : sequence of CostBar
        Those of a group one after the other.
    """

    title: str
    total: str
    bars: Sequence[CostBar]


def plot_cost(data: CostFigure, path: str | PathLike[str] | None = None) -> "Figure":
    """The figure of `reservoir cost`: bars on a logarithmic axis, unknown ones hatched.

    Parameters
    ----------
    data : CostFigure
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure

    Examples
    --------
    >>> from reservoir.plotting import plot_cost
    >>> from reservoir.plotting.cost import CostBar, CostFigure
    >>> bars = (CostBar("oscillator", 1.2e-6, "1.20 uJ", "assumed", "devices"),
    ...         CostBar("magnet", None, "unknown", "unknown", "devices"))
    >>> figure = plot_cost(CostFigure("One word", "at least 1.20 uJ", bars))
    """
    with figure_style():
        figure = new_figure(PAGE_WIDTH, 40 + BAR_HEIGHT * (len(data.bars) + 3))
        ax = plot_bars(figure.subplots(), data)
        ax.set_title(f"{data.title}\nin all {_text(data.total)}")
        handles = _legend_of(data)
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    if path is not None:
        save_figure(figure, path)
    return figure


def plot_bars(ax: "Axes", data: CostFigure) -> "Axes":
    """One bar for each line of a ledger; what is unknown fills its row with hatches.

    Parameters
    ----------
    ax : matplotlib axes
    data : CostFigure

    Returns
    -------
    matplotlib axes
    """
    known = [bar.value for bar in data.bars if bar.value]
    low = min(known, default=1e-12) * 10**-DECADES_BELOW
    high = max(known, default=1e-9) * 30
    rows, names, row, group = [], [], 0.0, None
    for bar in data.bars:
        if bar.group != group:
            group, row = bar.group, row + 1.2
            ax.text(low * 1.1, row - 0.75, group, va="center", weight="bold")
        if bar.value is None:
            settings: dict[str, Any] = {"color": "none", "edgecolor": GREY, "hatch": "////"}
            ax.barh(row, high - low, left=low, height=0.7, linewidth=0, **settings)
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            ax.text(low * 1.3, row, "unknown", va="center", size=small_text(), bbox=box)
        else:
            if bar.value > 0:
                color = COLORS[bar.standing]
                ax.barh(row, bar.value - low, left=low, height=0.7, color=color)
            end = max(bar.value, low) * 1.15
            ax.text(end, row, _text(bar.text), va="center", size=small_text())
        rows.append(row)
        names.append(bar.name)
        row += 1
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(row - 0.3, -0.1)
    ax.set_yticks(rows, names)
    ax.set_xlabel("energy of one inference (J)")
    ax.grid(axis="x", alpha=0.3)
    return ax


def _text(written: str) -> str:
    """A value with the micro sign, which a table in plain letters writes as u."""
    return re.sub(r"(\d) u(?=[A-Z])", r"\1 µ", written)


def _legend_of(data: CostFigure) -> "list[Patch]":
    """What the colours that occur mean."""
    from matplotlib.patches import Patch

    used = {COLORS[bar.standing] for bar in data.bars if bar.value is not None}
    handles = [Patch(color=color, label=text) for color, text in MEANINGS if color in used]
    hatched = Patch(facecolor="none", edgecolor=GREY, hatch="////", label="unknown, not zero")
    return [*handles, hatched]
