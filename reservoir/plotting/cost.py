"""Where does the energy of one inference go, and what does nobody know?"""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike

from reservoir.plotting.colors import BLUE, GREEN, GREY, ORANGE
from reservoir.plotting.saving import save_figure

# Colours of the bars by how sure they are.
COLORS = {"measured": GREEN, "published": BLUE, "derived": BLUE, "assumed": ORANGE}
MEANINGS = (
    (GREEN, "measured"),
    (BLUE, "published, or derived from what is"),
    (ORANGE, "rests on an assumption"),
)
DECADES_BELOW = 0.7  # room between the smallest bar and the edge
BAR_HEIGHT = 0.27  # inches of the figure for each bar


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


def plot_cost(data: CostFigure, path: str | PathLike[str]) -> None:
    """The figure of `reservoir cost`: bars on a logarithmic axis, unknown ones hatched.

    Parameters
    ----------
    data : CostFigure
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    known = [bar.value for bar in data.bars if bar.value]
    low = min(known, default=1e-12) * 10**-DECADES_BELOW
    high = max(known, default=1e-9) * 30
    rows, names, row = [], [], 0.0
    group = None
    figure = Figure(
        figsize=(9, 1.6 + BAR_HEIGHT * (len(data.bars) + 3)), layout="constrained"
    )
    ax = figure.subplots()
    for bar in data.bars:
        if bar.group != group:
            group, row = bar.group, row + 1.2
            ax.text(low * 1.1, row - 0.75, group, va="center", weight="bold", size=9)
        if bar.value is None:
            ax.barh(
                row,
                high - low,
                left=low,
                height=0.7,
                color="none",
                edgecolor=GREY,
                hatch="////",
                linewidth=0,
            )
            where = low * 1.3
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            ax.text(where, row, "unknown", va="center", size=8, bbox=box)
        else:
            if bar.value > 0:
                color = COLORS[bar.standing]
                ax.barh(row, bar.value - low, left=low, height=0.7, color=color)
            ax.text(max(bar.value, low) * 1.15, row, bar.text, va="center", size=8)
        rows.append(row)
        names.append(bar.name)
        row += 1
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(row - 0.3, -0.1)
    ax.set_yticks(rows, names, fontsize=8)
    ax.set_xlabel("energy of one inference (J)")
    ax.grid(axis="x", alpha=0.3)
    ax.set_axisbelow(True)
    used = {COLORS[bar.standing] for bar in data.bars if bar.value is not None}
    handles = [Patch(color=color, label=text) for color, text in MEANINGS if color in used]
    handles.append(
        Patch(facecolor="none", edgecolor=GREY, hatch="////", label="unknown, not zero")
    )
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=8)
    ax.set_title(f"{data.title}\nin all {data.total}", fontsize=10, loc="left")
    save_figure(figure, path)
