"""Where is an oscillator best operated?"""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reservoir.plotting.saving import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLES = {
    "memory": "short-term memory",
    "parity": "parity capacity",
    "information": "information processing capacity",
    "kernel-rank": "kernel rank",
    "generalization-rank": "generalisation rank",
}


@dataclass(frozen=True, eq=False)
class CapacityFigure:
    """What the figure of the capacities shows.

    Attributes
    ----------
    heading : str
        What was run.
    labels : tuple of two str
        Labels of the axes of the maps.
    biases, others : ndarray
        Where the maps have points along both axes.
    maps : dict of str to ndarray of shape (n_others, n_biases)
        Every measure over the map, NaN where there is no point.
    """

    heading: str
    labels: tuple[str, str]
    biases: NDArray[np.float64]
    others: NDArray[np.float64]
    maps: Mapping[str, NDArray[np.float64]]


def plot_map(ax: "Axes", data: CapacityFigure, measure: str) -> None:
    """One measure over the two axes of the map.

    Parameters
    ----------
    ax : matplotlib axes
    data : CapacityFigure
    measure : str
        Key of `TITLES`.
    """
    values = data.maps[measure]
    ax.imshow(values, origin="lower", aspect="auto", cmap="cividis")
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            color = "black" if value > middle else "white"
            ax.text(
                column, row, f"{value:.3g}", ha="center", va="center", fontsize=8, color=color
            )
    ax.set_xticks(range(len(data.biases)), [f"{bias:g}" for bias in data.biases])
    ax.set_yticks(range(len(data.others)), [f"{other:g}" for other in data.others])
    ax.set_title(TITLES[measure], fontsize=10)
    ax.set(xlabel=data.labels[0], ylabel=data.labels[1])


def plot_capacity(data: CapacityFigure, path: str | PathLike[str]) -> None:
    """The figure of `reservoir capacity`: one map for each measure.

    Parameters
    ----------
    data : CapacityFigure
        From `CapacityExperiment.figure_data`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 6.6), layout="constrained")
    axes = figure.subplots(2, 3).ravel()
    for ax, measure in zip(axes, TITLES, strict=False):
        plot_map(ax, data, measure)
    axes[-1].axis("off")
    axes[-1].text(0, 0.5, data.heading.replace(", ", "\n"), fontsize=10, va="center")
    save_figure(figure, path)
