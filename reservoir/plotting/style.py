"""How does every figure of the package look? One style, for a column or a page of a journal.

A figure is made at the size in which it is printed, 86 mm (one column) or 178 mm (the page)
wide, so that its letters have the size they say. The style holds inside
``with figure_style():`` only; the settings of the user are the same before and after.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from reservoir.plotting.colors import CLASS_COLORS

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

COLUMN_WIDTH, PAGE_WIDTH = 86.0, 178.0  # mm
MM_PER_INCH = 25.4
DPI = 200  # of figures of points, such as PNG
FONT_SIZE, SMALL_FONT_SIZE = 8.5, 7.5  # points
SEQUENTIAL, DIVERGING = "cividis", "PuOr"  # colour maps that the colour-blind can read

RC_PARAMS: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # matplotlib brings it: figures agree everywhere
    "font.size": FONT_SIZE,
    "axes.labelsize": FONT_SIZE,
    "axes.titlesize": FONT_SIZE,
    "figure.titlesize": FONT_SIZE,
    "figure.labelsize": FONT_SIZE,
    "xtick.labelsize": SMALL_FONT_SIZE,
    "ytick.labelsize": SMALL_FONT_SIZE,
    "legend.fontsize": SMALL_FONT_SIZE,
    "legend.title_fontsize": SMALL_FONT_SIZE,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "legend.columnspacing": 1.2,
    "axes.titlelocation": "left",
    "axes.titlepad": 4.0,
    "axes.linewidth": 0.7,
    "axes.axisbelow": True,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "lines.linewidth": 1.3,
    "lines.markersize": 4.0,
    "errorbar.capsize": 2.0,
    "hatch.linewidth": 0.6,
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "savefig.dpi": DPI,
    "savefig.bbox": None,
    # Letters stay letters: journals and readers can search, edit and copy them.
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "none",
}


@contextmanager
def figure_style() -> Iterator[None]:
    """The style of the package's figures, until the end of the ``with`` block.

    It is also a decorator. Figures that are made inside keep the style; the settings of
    matplotlib are the user's again after the block.

    Yields
    ------
    None

    Examples
    --------
    >>> from matplotlib import rcParams
    >>> from reservoir.plotting import figure_style
    >>> before = rcParams["font.size"]
    >>> with figure_style():
    ...     rcParams["font.size"]
    8.5
    >>> rcParams["font.size"] == before
    True
    """
    from matplotlib import rcParams
    from matplotlib.rcsetup import cycler

    cycle = cycler(color=[color for color in CLASS_COLORS if color != "#F0E442"])
    settings: Any = {**RC_PARAMS, "axes.prop_cycle": cycle}
    # Of these alone: the first figure of a notebook starts a backend, whose settings stay.
    before = {name: rcParams[name] for name in settings}
    rcParams.update(settings)
    try:
        yield
    finally:
        rcParams.update(before)


def style_of(ax: object) -> "AbstractContextManager[None]":
    """The style of the package for a new figure; the user's own on axes that they made.

    Parameters
    ----------
    ax : matplotlib axes or None
        None: a figure is to be made.
    """
    return figure_style() if ax is None else nullcontext()


def plain(text: str) -> str:
    r"""A user's text, such as a name of a class or of a file, as it is to be read.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        matplotlib would read what stands between two dollar signs as a formula.

    Examples
    --------
    >>> from reservoir.plotting.style import plain
    >>> plain("$_$")
    '\\$_\\$'
    """
    return text.replace("$", r"\$")


def new_figure(width: float = PAGE_WIDTH, height: float = 60.0) -> "Figure":
    """An empty figure of a size on paper, which belongs to no window.

    Parameters
    ----------
    width, height : float
        In mm: `COLUMN_WIDTH` (86) or `PAGE_WIDTH` (178) wide.

    Returns
    -------
    matplotlib figure
        With constrained layout. Make it and what it holds inside ``with figure_style():``.

    Examples
    --------
    >>> from reservoir.plotting.style import COLUMN_WIDTH, figure_style, new_figure
    >>> with figure_style():
    ...     figure = new_figure(COLUMN_WIDTH, 60)
    >>> bool(abs(25.4 * figure.get_figwidth() - 86) < 1e-9)
    True
    """
    from matplotlib.figure import Figure

    size = (width / MM_PER_INCH, height / MM_PER_INCH)
    return Figure(figsize=size, layout="constrained")


def new_axes(height: float = 62.0) -> "Axes":
    """Axes of a new figure of pyplot, as wide as a column.

    Parameters
    ----------
    height : float
        Of the figure, in mm.

    Returns
    -------
    matplotlib axes
    """
    import matplotlib.pyplot as plt

    size = (COLUMN_WIDTH / MM_PER_INCH, height / MM_PER_INCH)
    return plt.subplots(figsize=size, layout="constrained")[1]


def letter_panels(panels: "Iterable[Axes]", letters: str = ascii_lowercase) -> None:
    """Put (a), (b), ... before the titles of the panels of a figure, in their order.

    A figure of a single panel needs no letter, and gets none.

    Parameters
    ----------
    panels : iterable of matplotlib axes
        With titles on the left, where the style puts them.
    letters : str, default="abcdefghijklmnopqrstuvwxyz"
        At least as many as there are panels.

    Examples
    --------
    >>> from reservoir.plotting.style import figure_style, letter_panels, new_figure
    >>> with figure_style():
    ...     panels = new_figure().subplots(1, 2)
    ...     title = panels[1].set_title("Transient")
    ...     letter_panels(panels)
    >>> [ax.get_title(loc="left") for ax in panels]
    ['(a)', '(b) Transient']
    """
    lettered = list(zip(panels, letters, strict=False))
    for ax, letter in lettered if len(lettered) > 1 else []:
        title = left_title(ax)
        title.set_text(f"({letter}) {title.get_text()}".strip())


def left_title(ax: "Axes") -> "Text":
    """The title of a panel: to set it anew would forget its distance from the panel.

    Parameters
    ----------
    ax : matplotlib axes

    Returns
    -------
    matplotlib text
    """
    from matplotlib.text import Text

    words = ax.get_title(loc="left")
    found = (child for child in ax.get_children() if isinstance(child, Text))
    return next(
        child
        for child in found
        if child.get_text() == words
        and child.get_position()[0] == 0
        and child.get_horizontalalignment() == "left"
    )


def small_text() -> Any:
    """The size of words inside a panel: that of a legend, here and in the user's style."""
    import matplotlib as mpl

    return mpl.rcParams["legend.fontsize"]


def legend_above(ax: "Axes", n_columns: int = 2, handles: "list[Any] | None" = None) -> None:
    """A legend between the title and the panel, where it covers no data.

    Parameters
    ----------
    ax : matplotlib axes
        Its title is moved up.
    n_columns : int
    handles : list of artists with labels, or None, default=None
        None stands for all that have labels. Nothing happens if there are none.
    """
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties

    handles = ax.get_legend_handles_labels()[0] if handles is None else handles
    if not handles:
        return
    ax.legend(
        handles=handles,
        ncols=n_columns,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.3,
        borderpad=0,
        labelspacing=0.3,
        handletextpad=0.4,
        columnspacing=1.0,
        handlelength=1.6 if any(_is_line(handle) for handle in handles) else 0.9,
    )
    n_rows = -(-len(handles) // n_columns)
    row = 1.35 * FontProperties(size=small_text()).get_size_in_points()
    place = mpl.rcParams["axes.titlelocation"]
    ax.set_title(ax.get_title(loc=place), pad=mpl.rcParams["axes.titlepad"] + n_rows * row)


def _is_line(handle: Any) -> bool:
    """Whether a legend must show a stretch of line, and not only a mark or a colour."""
    get_style = getattr(handle, "get_linestyle", None)
    if handle.__class__.__name__ == "ErrorbarContainer":
        return True
    return get_style is not None and get_style() in ("-", "--", "-.", ":")
