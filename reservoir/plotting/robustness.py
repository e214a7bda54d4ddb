"""How does accuracy fall with the severity of a fault?"""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reservoir.plotting.colors import BLUE, GREEN, GREY, ORANGE
from reservoir.plotting.saving import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Color and marker of each method; those that are not named share the last color.
STYLES = {
    "oscillator": (BLUE, "o"),
    "network": (BLUE, "o"),
    "layers": (BLUE, "o"),
    "network-5": ("#CC79A7", "P"),
    "network-6": ("#E69F00", "X"),
    "network-8": (GREEN, "^"),
    "network-10": ("#56B4E9", "v"),
    "control": (GREY, "s"),
    "echo-state": (GREEN, "^"),
    "mlp": (ORANGE, "D"),
}
LOSS_SIZES = {1: 7, 5: 13}  # of the ring that marks so many lost points
N_COLUMNS = 3
MAX_SHOWN_ERROR = 1.5  # The mean of the series as an answer has an NRMSE of 1.


@dataclass(frozen=True, eq=False)
class FaultCurve:
    """Accuracies of one method with one fault.

    Attributes
    ----------
    method : str
    severities, accuracies, spreads : ndarray of shape (n_severities,)
        From mild to severe; means over draws and folds, and spreads over draws.
    clean : float
        Accuracy without a fault.
    lost : dict of int to float
        By points that are lost, the severity at which they are. Points that are never lost
        are left out.
    """

    method: str
    severities: NDArray[np.float64]
    accuracies: NDArray[np.float64]
    spreads: NDArray[np.float64]
    clean: float
    lost: Mapping[int, float]


@dataclass(frozen=True, eq=False)
class FaultPanel:
    """All methods with one fault.

    Attributes
    ----------
    name, label : str
        Of the fault, and of its severity.
    scale : {"log", "linear"}
    is_falling : bool
        Whether a smaller severity is worse.
    curves : tuple of FaultCurve
    is_error : bool
        Whether the curves show an error, the NRMSE, in the place of an accuracy.
    """

    name: str
    label: str
    scale: str
    is_falling: bool
    curves: tuple[FaultCurve, ...]
    is_error: bool = False


@dataclass(frozen=True, eq=False)
class RobustnessFigure:
    """What the figure of the faults shows.

    Attributes
    ----------
    heading : str
    panels : tuple of FaultPanel
    """

    heading: str
    panels: tuple[FaultPanel, ...]


def plot_fault(ax: "Axes", panel: FaultPanel) -> None:
    """Accuracy against the severity of one fault.

    A ring marks where 1 point is lost, a larger one where 5 are. A dotted line is the
    accuracy without a fault.

    Parameters
    ----------
    ax : matplotlib axes
    panel : FaultPanel
    """
    unit, sign = (1, -1) if panel.is_error else (100, 1)
    for curve in panel.curves:
        color, marker = STYLES.get(curve.method, (GREY, "x"))
        ax.errorbar(
            curve.severities,
            unit * curve.accuracies,
            unit * curve.spreads,
            color=color,
            marker=marker,
            ms=4,
            capsize=2,
            lw=1.3,
            label=curve.method,
        )
        ax.axhline(unit * curve.clean, color=color, lw=0.8, ls=":")
        for points, severity in curve.lost.items():
            ax.plot(
                severity,
                unit * (curve.clean - sign * points / 100),
                "o",
                mfc="none",
                mec=color,
                ms=LOSS_SIZES[points],
                mew=1.5,
            )
    positive = all((curve.severities > 0).all() for curve in panel.curves)
    if panel.scale == "log" and positive:
        ax.set_xscale("log")
        values = sorted({float(x) for curve in panel.curves for x in curve.severities})
        ax.set_xticks(values, [f"{value:g}" for value in values], fontsize=7)
        ax.minorticks_off()
    if panel.is_falling:
        ax.invert_xaxis()
    ax.set_title(panel.name, fontsize=10)
    ax.set(xlabel=panel.label)
    if panel.is_error:
        ax.set(ylabel="NRMSE of the test series", ylim=(0, MAX_SHOWN_ERROR))
    else:
        ax.set(ylabel="test samples right (%)", ylim=(0, 102))


def plot_robustness(data: RobustnessFigure, path: str | PathLike[str]) -> None:
    """The figure of `reservoir robustness`: one panel for each fault.

    Parameters
    ----------
    data : RobustnessFigure
        From `RobustnessExperiment.figure_data`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    n_rows = -(-len(data.panels) // N_COLUMNS)
    n_columns = min(N_COLUMNS, len(data.panels))
    figure = Figure(figsize=(max(4.2 * n_columns, 7), 3.4 * n_rows + 1), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    for ax in axes[len(data.panels) :]:
        ax.axis("off")
    shown: dict[str, Line2D] = {}
    for ax, panel in zip(axes, data.panels, strict=False):
        plot_fault(ax, panel)
        for curve in panel.curves:
            color, marker = STYLES.get(curve.method, (GREY, "x"))
            shown[curve.method] = Line2D([], [], color=color, marker=marker, ms=4)
    for points, size in LOSS_SIZES.items():
        ring = Line2D([], [], color="black", marker="o", mfc="none", ms=size, ls="none")
        shown[f"{points} point{'s' * (points > 1)} lost"] = ring
    shown["without a fault"] = Line2D([], [], color="black", ls=":", lw=0.8)
    figure.legend(
        list(shown.values()),
        list(shown),
        loc="outside lower center",
        ncols=len(shown),
        frameon=False,
        fontsize=8,
    )
    figure.suptitle(data.heading.strip(), fontsize=9)
    save_figure(figure, path)
