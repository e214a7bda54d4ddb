"""How well is a time series computed, and by which method?"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from reservoir._types import Floats
from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import (
    COLUMN_WIDTH,
    PAGE_WIDTH,
    figure_style,
    legend_above,
    letter_panels,
    new_figure,
    small_text,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LABELS = {
    "nmse": "normalised mean squared error",
    "nrmse": "normalised root mean squared error",
    "ser": "symbol error rate",
    "accuracy": "points right (%)",
    "capacity": "capacity",
}
MAX_TITLE = 28  # characters beside an axis
ERROR_METRICS = ("nmse", "nrmse", "ser")


@dataclass(frozen=True, eq=False)
class SeriesFigure:
    """What the figure of a time series shows.

    Attributes
    ----------
    title : str
    metric : str
        Key of `LABELS`.
    methods : tuple of str
    values, spreads : ndarray of shape (n_methods,)
        On test data, over seeds.
    outputs : dict of str to ndarray
        The first test steps: "target", and the output of some methods.
    inputs : ndarray
        The input of the same steps.
    target_label : str
        What the target is, with its unit.
    titles : dict of str to str
        What a reader calls a method; one that is not there stands as it is.
    """

    title: str
    metric: str
    methods: tuple[str, ...]
    values: Floats
    spreads: Floats
    outputs: Mapping[str, Floats]
    inputs: Floats
    target_label: str
    titles: Mapping[str, str] = field(default_factory=dict)

    def title_of(self, method: str) -> str:
        """What a reader calls a method, in lines that fit beside an axis."""
        # Blanks that do not break keep "400 nodes" in one line.
        parts = self.titles.get(method, method).split(", ")
        kept = ", ".join(
            part.replace(" ", "\xa0") if len(part) < MAX_TITLE else part for part in parts
        )
        return textwrap.fill(kept, MAX_TITLE).replace("\xa0", " ")

    def shown_method(self) -> str | None:
        """The oscillator whose output is drawn: the last one without noise."""
        shown = [
            method
            for method in self.outputs
            if method.startswith("oscillator") and not method.endswith("noise")
        ]
        return shown[-1] if shown else None


def plot_outputs(axes: "list[Axes]", data: SeriesFigure, method: str) -> "list[Axes]":
    """The input, the target with one method's output, and the residual of that output.

    Parameters
    ----------
    axes : list of three matplotlib axes
        One above the other.
    data : SeriesFigure
    method : str
        Key of `data.outputs`.

    Returns
    -------
    list of matplotlib axes
    """
    target, output = data.outputs["target"], data.outputs[method]
    time = np.arange(len(target))
    axes[0].plot(time, data.inputs[: len(time)], color="black", lw=0.8)
    axes[0].set(ylabel="input", title="Input of the first test steps")
    axes[1].plot(time, target, color=GREY, lw=2.6, label="target")
    axes[1].plot(time, output, color=ORANGE, lw=0.9, label=data.titles.get(method, method))
    if data.metric == "accuracy":
        axes[1].axhline(0.5, color="black", lw=0.8, ls=":", label="decision")
    axes[1].set(ylabel=data.target_label, title="Target and output")
    legend_above(axes[1], 2)
    axes[2].axhline(0, color=GREY, lw=0.8)
    axes[2].plot(time, output - target, color=ORANGE, lw=0.9)
    axes[2].set(ylabel="residual", xlabel="test step", title="Output less target")
    for ax in axes[:-1]:
        ax.tick_params(labelbottom=False)
    for ax in axes:
        ax.set_xlim(0, len(time) - 1)
    return axes


def plot_values(ax: "Axes", data: SeriesFigure) -> "Axes":
    """One point for each method, with its spread over seeds.

    Parameters
    ----------
    ax : matplotlib axes
    data : SeriesFigure

    Returns
    -------
    matplotlib axes
    """
    scale = 100 if data.metric == "accuracy" else 1
    errors = data.metric in ERROR_METRICS
    positive = [value for value in data.values if value > 0]
    lowest = min(positive, default=1) / 3
    for place, (method, found, width) in enumerate(
        zip(data.methods, data.values, data.spreads, strict=True)
    ):
        value = max(found, lowest) if errors else found
        text = f"{scale * found:.3g}" if found or not errors else "no error"
        spread = min(width, 0.9 * value) if errors else width
        ax.errorbar(
            scale * value,
            place,
            xerr=scale * spread,
            fmt="o",
            ms=5,
            capsize=2,
            color=BLUE if method.startswith("oscillator") else GREY,
            mfc="white" if method.endswith("-noise") else None,
        )
        ax.annotate(
            text,
            (scale * value, place),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=small_text(),
        )
    ax.set_yticks(range(len(data.methods)), [data.title_of(name) for name in data.methods])
    ax.set_ylim(-0.6, len(data.methods) - 0.1)
    if errors:
        ax.set_xscale("log")
    ax.margins(x=0.12)
    ax.grid(axis="x", color=GREY, alpha=0.3, lw=0.6)
    better = "lower" if errors else "higher"
    several = "\nbars: spread over seeds" if data.spreads.any() else ""
    note = f"{better} is better{several}"
    ax.set(xlabel=f"{LABELS[data.metric]}\n{note}", title="All methods")
    return ax


def plot_series(data: SeriesFigure, path: str | PathLike[str] | None = None) -> "Figure":
    """The figure of `reservoir series`: outputs of an oscillator, and all methods.

    Parameters
    ----------
    data : SeriesFigure
        From `SeriesExperiment.figure_data`.
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure

    Examples
    --------
    >>> from reservoir.experiments import SeriesExperiment
    >>> from reservoir.plotting import plot_series
    >>> experiment = SeriesExperiment(quick=True)
    >>> rows = experiment.run()                             # doctest: +SKIP
    >>> figure = plot_series(experiment.figure_data(), "figure.pdf")  # doctest: +SKIP
    """
    shown = data.shown_method()
    with figure_style():
        height = max(30 + 8.5 * len(data.methods), 100 if shown else 50)
        figure = new_figure(PAGE_WIDTH if shown else COLUMN_WIDTH, height)
        if shown is None:  # no test sequence of an oscillator to show
            panels = [plot_values(figure.subplots(), data)]
        else:
            grid = figure.add_gridspec(3, 2, height_ratios=(1, 1.6, 1), width_ratios=(1, 1))
            panels = [figure.add_subplot(grid[row, 0]) for row in range(3)]
            plot_outputs(panels, data, shown)
            panels.append(plot_values(figure.add_subplot(grid[:, 1]), data))
            figure.align_ylabels(panels[:3])
        letter_panels(panels)
        figure.suptitle(data.title, x=0.01, ha="left")
    if path is not None:
        save_figure(figure, path)
    return figure
