"""How does the accuracy of one oscillator depend on its settings?"""

from os import PathLike

from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.saving import save_figure
from reservoir.plotting.sweeps import LEGEND_PLACE, SweepFigure, finish_axes, plot_curve

COLORS = {"cochleagram": BLUE, "spectrogram-signed": ORANGE}


def plot_torrejon(data: SweepFigure, path: str | PathLike[str]) -> None:
    """The figure of `reservoir experiment torrejon`: one panel for each setting.

    Parameters
    ----------
    data : SweepFigure
        From `TorrejonExperiment.figure_data`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    measured = data.axes()
    figure = Figure(figsize=(12, 7 if len(measured) > 3 else 3.8), layout="constrained")
    axes = figure.subplots(-(-len(measured) // 3), 3, squeeze=False).ravel()
    for ax, axis in zip(axes, measured, strict=False):
        for curve in data.along(axis):
            with_it = "oscillator" if curve.method == "oscillator" else "alone"
            label = f"{curve.frontend}, {with_it}"
            plot_curve(ax, curve, COLORS[curve.frontend], label)
        base = data.base_values.get(axis)
        if base:
            ax.axvline(base, color=GREY, lw=0.8)
        finish_axes(ax, axis, data)
    for ax in axes[len(measured) :]:
        ax.axis("off")
    axes[0].legend(**LEGEND_PLACE)
    save_figure(figure, path)
