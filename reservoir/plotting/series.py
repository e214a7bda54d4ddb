"""How well is a time series computed, and by which method?"""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.saving import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELS = {
    "nmse": "normalised mean squared error",
    "nrmse": "normalised root mean squared error",
    "ser": "symbol error rate",
    "accuracy": "points right (%)",
    "capacity": "capacity",
}
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
    """

    title: str
    metric: str
    methods: tuple[str, ...]
    values: NDArray[np.float64]
    spreads: NDArray[np.float64]
    outputs: Mapping[str, NDArray[np.float64]]


def plot_outputs(ax: "Axes", outputs: Mapping[str, NDArray[np.float64]], method: str) -> None:
    """The target and one method's output over the first test steps.

    Parameters
    ----------
    ax : matplotlib axes
    outputs : dict of str to ndarray
        With the key "target".
    method : str
    """
    time = np.arange(len(outputs["target"]))
    ax.step(time, outputs["target"], where="mid", color="black", lw=1.6, label="target")
    ax.step(time, outputs[method], where="mid", color=ORANGE, lw=1.0, label=method)
    ax.set(xlabel="test step", ylabel="first target")
    ax.legend(frameon=False, fontsize=8, loc="upper right", ncols=2)
    ax.margins(y=0.2)


def plot_values(ax: "Axes", data: SeriesFigure) -> None:
    """One point for each method, with its spread over seeds.

    Parameters
    ----------
    ax : matplotlib axes
    data : SeriesFigure
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
            ms=6,
            capsize=2,
            color=BLUE if method.startswith("oscillator") else GREY,
            mfc="white" if method.endswith("-noise") else None,
        )
        ax.annotate(
            text,
            (scale * value, place),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    ax.set_yticks(range(len(data.methods)), data.methods)
    ax.set_ylim(-0.6, len(data.methods) - 0.2)
    if errors:
        ax.set_xscale("log")
    ax.margins(x=0.12)
    ax.grid(axis="x", color=GREY, alpha=0.3, lw=0.6)
    ax.set_xlabel(LABELS[data.metric])


def plot_series(data: SeriesFigure, path: str | PathLike[str]) -> None:
    """The figure of `reservoir series`: outputs of an oscillator, and all methods.

    Parameters
    ----------
    data : SeriesFigure
        From `SeriesExperiment.figure_data`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    shown = [
        method
        for method in data.outputs
        if method.startswith("oscillator") and not method.endswith("noise")
    ]
    figure = Figure(figsize=(11, 4.8), layout="constrained")
    if shown:
        left, right = figure.subplots(1, 2, width_ratios=(1.2, 1))
        plot_outputs(left, data.outputs, shown[-1])
    else:  # no test sequence of an oscillator to show
        right = figure.subplots()
    plot_values(right, data)
    figure.suptitle(data.title, fontsize=11)
    save_figure(figure, path)
