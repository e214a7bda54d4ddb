"""What did the bench measure of a device, and what does the fit leave over?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias

from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import PAGE_WIDTH, figure_style, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Pair: TypeAlias = tuple[Any, Any]  # sequences of x and of y
HEIGHT = 137.0  # mm
MANY = 150  # points, which are drawn smaller


@dataclass(frozen=True)
class DevicePanel:
    """One quantity of a device.

    Attributes
    ----------
    x_label, y_label : str
        With units.
    curve : tuple of two sequences
        x and y of the fit, or of the device.
    points : tuple of two sequences, default=((), ())
        x and y of what was measured.
    left_out : tuple of two sequences, default=((), ())
        Points that were not fitted.
    residue : tuple of two sequences, default=((), ())
        x, and measurement less fit.
    residue_label : str, default=""
    mark : float or None, default=None
        x of the threshold.
    logarithmic : bool, default=False
        Whether the axis of y is.
    """

    x_label: str
    y_label: str
    curve: Pair
    points: Pair = ((), ())
    left_out: Pair = ((), ())
    residue: Pair = ((), ())
    residue_label: str = ""
    mark: float | None = None
    logarithmic: bool = False


@dataclass(frozen=True)
class DeviceFigure:
    """What the figure of a device shows.

    Attributes
    ----------
    title : str
    panels : sequence of DevicePanel
        Four at most.
    """

    title: str
    panels: Sequence[DevicePanel] = field(default_factory=tuple)


def plot_device(data: DeviceFigure, path: str | PathLike[str] | None = None) -> "Figure":
    """The figure of `reservoir device`: measured points, the fit, and what it leaves over.

    Parameters
    ----------
    data : DeviceFigure
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure

    Examples
    --------
    >>> from reservoir.plotting import plot_device
    >>> from reservoir.plotting.device import DeviceFigure, DevicePanel
    >>> curve = [2.0, 4.0, 7.0], [0.0, 0.26, 0.58]
    >>> panels = [DevicePanel("current (mA)", "amplitude", curve)]
    >>> figure = plot_device(DeviceFigure("A vortex oscillator", panels))
    """
    with figure_style():
        figure = new_figure(PAGE_WIDTH, HEIGHT)
        figure.suptitle(plain(data.title))
        parts = figure.subfigures(2, 2, squeeze=False).ravel()
        for part, letter, panel in zip(parts, "abcd", data.panels, strict=False):
            _draw(part, letter, panel)
        if path is not None:
            save_figure(figure, path)
    return figure


def _draw(part: Any, letter: str, panel: DevicePanel) -> None:
    """One quantity, with what the fit leaves over below it."""
    size = 3.5 if len(panel.points[0]) < MANY else 1.5
    has_residue = len(panel.residue[0]) > 0
    if has_residue:
        ax, below = part.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        below.axhline(0, color=ORANGE, lw=1)
        below.plot(*panel.residue, "o", ms=0.8 * size, mew=0, color=BLUE)
        limit = 1.15 * max(abs(value) for value in panel.residue[1]) or 1.0
        below.set_ylim(-limit, limit)
        below.set_ylabel(panel.residue_label)
        below.set_xlabel(panel.x_label)
        part.align_ylabels([ax, below])
    else:
        ax = part.subplots()
        ax.set_xlabel(panel.x_label)
    if len(panel.left_out[0]):
        ax.plot(*panel.left_out, "o", ms=3, mfc="none", color=GREY, label="not fitted")
    if len(panel.points[0]):
        ax.plot(*panel.points, "o", ms=size, mew=0, color=BLUE, label="measured")
    measured = has_residue or len(panel.points[0]) > 0
    ax.plot(*panel.curve, "-", lw=1.3, color=ORANGE, label="fit" if measured else "device")
    if panel.mark is not None:
        ax.axvline(panel.mark, color=GREY, lw=0.8, ls=":", label="threshold")
    if panel.logarithmic:
        ax.set_yscale("log")
    ax.set_ylabel(panel.y_label)
    ax.set_title(f"({letter})", loc="left", weight="bold")
    ax.legend()
