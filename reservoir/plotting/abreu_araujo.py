"""What does the oscillator add to each front end?"""

from os import PathLike
from typing import TYPE_CHECKING, Any

from reservoir.plotting.colors import BLUE, ORANGE
from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import (
    PAGE_WIDTH,
    figure_style,
    letter_panels,
    new_figure,
    small_text,
)
from reservoir.plotting.sweeps import Curve, SweepFigure, add_legend, plot_sweep

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_gains(ax: "Axes", data: SweepFigure) -> "Axes":
    """What the oscillator adds to each front end: gains to the right, losses to the left.

    Parameters
    ----------
    ax : matplotlib axes
    data : SweepFigure
        The accuracies with the most training utterances are shown.

    Returns
    -------
    matplotlib axes
    """
    found = {(curve.frontend, curve.method): curve for curve in data.along("utterances")}
    frontends = data.frontends()
    names = []
    for row, frontend in enumerate(frontends):
        alone, helped = found[frontend, "control"], found[frontend, "oscillator"]
        gain = 100 * (helped.accuracies[-1] - alone.accuracies[-1])
        ax.barh(row, gain, height=0.6, color=BLUE if gain >= 0 else ORANGE)
        ax.annotate(
            f"{gain:+.1f}".replace("-", "−"),
            (gain, row),
            xytext=(3 if gain >= 0 else -3, 0),
            textcoords="offset points",
            ha="left" if gain >= 0 else "right",
            va="center",
            fontsize=small_text(),
        )
        name = data.titles.get(frontend, frontend)
        names.append(f"{name}: {_percent(alone)} → {_percent(helped)} %")
    ax.axvline(0, color="black", lw=0.8)
    ax.margins(x=0.15)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlabel("gain by the oscillator (points)")
    ax.set_title("Front end alone → with the oscillator")
    return ax


def _percent(curve: Curve) -> str:
    """Accuracy with the most utterances, and its spread if there were several draws."""
    spread = f" ± {100 * curve.spreads[-1]:.1f}" if curve.spreads.any() else ""
    return f"{100 * curve.accuracies[-1]:.1f}{spread}"


def plot_abreu_araujo(data: SweepFigure, path: str | PathLike[str] | None = None) -> "Figure":
    """The figure of `reservoir experiment abreu_araujo`: curves and gains.

    Parameters
    ----------
    data : SweepFigure
        From `AbreuAraujoExperiment.figure_data`.
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure
    """
    # Curves of one point would be dots; the gains say the same.
    swept = [axis for axis in data.axes() if len(data.along(axis)[0].values) > 1]
    with figure_style():
        figure = new_figure(PAGE_WIDTH, 148 if swept else 56)
        if swept:
            bands: Any = figure.subfigures(2, 1, height_ratios=(1.75, 1))
            panels = list(bands[0].subplots(1, len(swept), squeeze=False)[0])
            gains = bands[1].subplots()
            add_legend(bands[0], data, "outside upper center", 4)
        else:
            panels, gains = [], figure.subplots()
        for ax, axis in zip(panels, swept, strict=True):
            plot_sweep(ax, axis, data)
        plot_gains(gains, data)
        letter_panels([*panels, gains])
    if path is not None:
        save_figure(figure, path)
    return figure
