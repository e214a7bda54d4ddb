"""Which of three oscillators without sources lock to which?"""

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reservoir._types import Floats, Integers
from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import PAGE_WIDTH, figure_style, letter_panels, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

PAIRS = {(0, 1): "1 and 2", (0, 2): "1 and 3", (1, 2): "2 and 3"}
MARGIN = 0.06  # mA around the map, so that no token sits on the frame
SHADES = ("#CCE3F0", "#D5EDE4", "#F3E3D3")


@dataclass(frozen=True, eq=False)
class BindingPanel:
    """One vowel against the others.

    Attributes
    ----------
    title : str
    currents : ndarray of shape (n_tokens, 2)
        Currents of oscillators 2 and 3 for every token, in A.
    inside : ndarray of bool of shape (n_tokens,)
        Whether the token is of the vowel.
    """

    title: str
    currents: Floats
    inside: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class BindingFigure:
    """What the figure of the binding shows.

    Attributes
    ----------
    axis : ndarray of shape (n_currents,)
        Currents of the map, in A.
    groups : ndarray of int of shape (n_currents, n_currents, 3)
        Equal numbers for equal frequencies; first axis: the current of oscillator 2.
    train, test : ndarray of int
        Indices of the tokens of the fold.
    panels : tuple of four BindingPanel
    """

    axis: Floats
    groups: Integers
    train: Integers
    test: Integers
    panels: tuple[BindingPanel, ...]


def plot_tongues(ax: "Axes", groups: Integers, axis: Floats) -> "list[Patch]":
    """Tongues of mutual locking over the currents of two of three oscillators.

    Parameters
    ----------
    ax : matplotlib axes
    groups : ndarray of int of shape (n_currents, n_currents, 3)
        Equal numbers for equal frequencies; first axis: the current of oscillator 2.
    axis : ndarray of shape (n_currents,)
        In A.

    Returns
    -------
    list of matplotlib patches
        For a legend: one for each shade.
    """
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Patch

    image = np.ones((*groups.shape[:2], 3))
    handles = []
    for (i, j), shade in zip(PAIRS, SHADES, strict=True):
        image[groups[..., i] == groups[..., j]] = to_rgb(shade)
        handles.append(Patch(color=shade, label=f"{PAIRS[i, j]} locked"))
    common = 0.4 + 0.6 * np.array(to_rgb(BLUE))
    image[groups.max(axis=2) == 0] = common
    handles.append(Patch(color=tuple(common), label="all three"))
    low, high = axis[0] * 1e3, axis[-1] * 1e3
    ax.imshow(
        image.transpose(1, 0, 2),
        origin="lower",
        extent=(low, high, low, high),
        interpolation="nearest",
    )
    ax.set(xlabel="current of oscillator 2 (mA)", ylabel="current of oscillator 3 (mA)")
    return handles


def plot_tokens(ax: "Axes", data: BindingFigure, panel: BindingPanel) -> None:
    """The tokens of a fold at their currents; those that train are small.

    Parameters
    ----------
    ax : matplotlib axes
    data : BindingFigure
    panel : BindingPanel
        One of `data.panels`.
    """
    styles: tuple[tuple[NDArray[np.bool_], str, dict[str, Any]], ...] = (
        (~panel.inside, "another vowel", {"marker": "x", "color": GREY, "mew": 1.0}),
        (
            panel.inside,
            "the vowel",
            {"marker": "o", "color": ORANGE, "mec": "black", "mew": 0.6},
        ),
    )
    for chosen, label, style in styles:
        for rows, size, kind in ((data.train, 2.5, "training"), (data.test, 5, "test")):
            shown = panel.currents[rows[chosen[rows]]]
            ax.plot(*(1e3 * shown).T, ls="", ms=size, label=f"{label}, {kind}", **style)


def plot_binding(data: BindingFigure, path: str | PathLike[str] | None = None) -> "Figure":
    """The figure of `reservoir experiment binding`: each vowel's tokens on the tongues.

    Parameters
    ----------
    data : BindingFigure
        From `BindingExperiment.figure_data`; the first fold is shown.
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure

    Examples
    --------
    >>> from reservoir.experiments import BindingExperiment
    >>> from reservoir.plotting import plot_binding
    >>> experiment = BindingExperiment(quick=True)
    >>> rows = experiment.run()                             # doctest: +SKIP
    >>> figure = plot_binding(experiment.figure_data(), "figure.pdf")  # doctest: +SKIP
    """
    with figure_style():
        figure = new_figure(PAGE_WIDTH, 198)
        axes = figure.subplots(2, 2, sharex=True, sharey=True)
        for ax, panel in zip(axes.flat, data.panels, strict=True):
            handles = plot_tongues(ax, data.groups, data.axis)
            plot_tokens(ax, data, panel)
            ax.set_title(panel.title)
            ends = 1e3 * data.axis[[0, -1]] + MARGIN * np.array([-1, 1])
            ax.set(xlim=ends, ylim=ends)
            ax.label_outer()
        letter_panels(axes.flat)
        points, _ = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles=[*handles, *points], loc="outside lower center", ncols=4)
    if path is not None:
        save_figure(figure, path)
    return figure
