"""What a network of oscillators does with vowels: map, learning curve, spectrum."""

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

from reservoir.plotting.colors import GREY
from reservoir.plotting.learning import OnlineLearningDisplay
from reservoir.plotting.locking import LockingMapDisplay
from reservoir.plotting.saving import save_figure
from reservoir.plotting.spectrum import EmissionSpectrumDisplay
from reservoir.plotting.style import (
    PAGE_WIDTH,
    figure_style,
    letter_panels,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class VowelsFigure:
    """What the figure of the vowels shows.

    Attributes
    ----------
    before, after : LockingMapDisplay
        The network as it is made, and after learning.
    learning : OnlineLearningDisplay
    spectrum : EmissionSpectrumDisplay
        During one token.
    """

    before: LockingMapDisplay
    after: LockingMapDisplay
    learning: OnlineLearningDisplay
    spectrum: EmissionSpectrumDisplay


def plot_vowels(data: VowelsFigure, path: str | PathLike[str] | None = None) -> "Figure":
    """The figure of `reservoir vowels`: maps, learning curve, spectrum of one token.

    Parameters
    ----------
    data : VowelsFigure
        From `VowelsExperiment.figure_data`.
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure

    Examples
    --------
    >>> from reservoir.experiments import VowelsExperiment
    >>> from reservoir.plotting import plot_vowels
    >>> experiment = VowelsExperiment(quick=True)
    >>> rows = experiment.run()                             # doctest: +SKIP
    >>> figure = plot_vowels(experiment.figure_data(), "figure.pdf")  # doctest: +SKIP
    """
    from matplotlib.patches import Patch

    with figure_style():
        figure = new_figure(PAGE_WIDTH, 158)
        axes = figure.subplots(2, 2, height_ratios=(1.5, 1))
        data.before.plot(axes[0, 0], legend=False)
        data.after.plot(axes[0, 1], legend=False)
        data.learning.plot(axes[1, 0])
        data.spectrum.plot(axes[1, 1])
        letter_panels(axes.ravel())
        points = list(data.after.points_.values())
        white = Patch(facecolor="white", edgecolor=GREY, label="no class of its own")
        figure.legend(
            handles=[*points, white],
            loc="outside upper center",
            ncols=len(points) + 1,
            columnspacing=1.0,
            handlelength=1.0,
        )
    if path is not None:
        save_figure(figure, path)
    return figure
