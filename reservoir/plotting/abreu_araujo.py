"""What does the oscillator add to each front end?"""

from os import PathLike
from typing import TYPE_CHECKING

from reservoir.plotting.colors import CLASS_COLORS
from reservoir.plotting.saving import save_figure
from reservoir.plotting.sweeps import LEGEND_PLACE, SweepFigure, finish_axes, plot_curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_gains(ax: "Axes", data: SweepFigure) -> None:
    """Accuracy of each front end alone, and the gain of the oscillator on top.

    Parameters
    ----------
    ax : matplotlib axes
    data : SweepFigure
        The accuracies with the most training utterances are shown.
    """
    values = {
        (curve.frontend, curve.method): curve.accuracies[-1]
        for curve in data.along("utterances")
    }
    frontends = dict.fromkeys(frontend for frontend, _ in values)
    for row, (frontend, color) in enumerate(zip(frontends, CLASS_COLORS, strict=False)):
        alone, helped = values[frontend, "control"], values[frontend, "oscillator"]
        ax.barh(row, 100 * alone, color=color, alpha=0.45)
        ax.barh(row, 100 * (helped - alone), left=100 * alone, color=color)
        ax.text(2, row, f"{frontend}: {100 * (helped - alone):+.1f}", va="center", fontsize=9)
    ax.set(
        yticks=[],
        xlim=(0, 102),
        xlabel="test clips right (%)",
        title="front end alone (pale), gain of the oscillator",
    )


def plot_abreu_araujo(data: SweepFigure, path: str | PathLike[str]) -> None:
    """The figure of `reservoir experiment abreu_araujo`: curves and gains.

    Parameters
    ----------
    data : SweepFigure
        From `AbreuAraujoExperiment.figure_data`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    measured = data.axes()
    frontends = dict.fromkeys(curve.frontend for curve in data.curves)
    colors = dict(zip(frontends, CLASS_COLORS, strict=False))
    figure = Figure(figsize=(5 * (len(measured) + 1), 4.6), layout="constrained")
    axes = figure.subplots(1, len(measured) + 1)
    for ax, axis in zip(axes, measured, strict=False):
        for curve in data.along(axis):
            label = curve.frontend if curve.method == "oscillator" else None
            plot_curve(ax, curve, colors[curve.frontend], label)
        finish_axes(ax, axis, data)
    axes[0].legend(**LEGEND_PLACE)
    plot_gains(axes[-1], data)
    save_figure(figure, path)
