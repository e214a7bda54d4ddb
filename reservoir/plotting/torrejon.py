"""How does the accuracy of one oscillator depend on its settings?"""

from os import PathLike
from typing import TYPE_CHECKING

from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import (
    PAGE_WIDTH,
    figure_style,
    letter_panels,
    new_figure,
)
from reservoir.plotting.sweeps import SweepFigure, add_legend, plot_sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

N_COLUMNS = 3


def plot_torrejon(data: SweepFigure, path: str | PathLike[str] | None = None) -> "Figure":
    """The figure of `reservoir experiment torrejon`: one panel for each setting.

    Parameters
    ----------
    data : SweepFigure
        From `TorrejonExperiment.figure_data`.
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure

    Examples
    --------
    >>> from reservoir.experiments import TorrejonExperiment
    >>> from reservoir.plotting import plot_torrejon
    >>> experiment = TorrejonExperiment(quick=True)
    >>> rows = experiment.run()                             # doctest: +SKIP
    >>> figure = plot_torrejon(experiment.figure_data(), "figure.pdf")  # doctest: +SKIP
    """
    measured = data.axes()
    n_columns = min(N_COLUMNS, len(measured))
    n_rows = -(-len(measured) // n_columns)
    with figure_style():
        figure = new_figure(PAGE_WIDTH, 58 * n_rows + 16)
        axes = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for ax, axis in zip(axes, measured, strict=False):
            plot_sweep(ax, axis, data)
        for number, ax in enumerate(axes):
            if number >= len(measured):
                ax.axis("off")
            elif number % n_columns:
                ax.set_ylabel("")
        letter_panels(axes[: len(measured)])
        add_legend(figure, data, "outside lower center", 3)
    if path is not None:
        save_figure(figure, path)
    return figure
