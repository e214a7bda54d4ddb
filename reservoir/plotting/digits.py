"""What one oscillator does with a spoken digit."""

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

from reservoir._types import Integers
from reservoir.plotting.confusion import plot_confusion
from reservoir.plotting.drive import MaskedDriveDisplay
from reservoir.plotting.response import AmplitudeResponseDisplay
from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import (
    PAGE_WIDTH,
    figure_style,
    letter_panels,
    new_figure,
    plain,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class DigitsFigure:
    """What the figure of the digits shows.

    Attributes
    ----------
    response : AmplitudeResponseDisplay
    drive : MaskedDriveDisplay
    confusion : ndarray of int of shape (n_labels, n_labels) or None
        Counts of true against recognised labels; None: the oscillator was not tested.
    title : str
        Title of the confusion matrix: the method that was tested, and its accuracy.
    labels : tuple of str
        What was spoken, in the order of the matrix.
    """

    response: AmplitudeResponseDisplay
    drive: MaskedDriveDisplay
    confusion: Integers | None
    title: str
    labels: tuple[str, ...] = ()


def plot_digits(data: DigitsFigure, path: str | PathLike[str] | None = None) -> "Figure":
    """The figure of `reservoir digits`: response, drive and nodes, confusion matrix.

    Parameters
    ----------
    data : DigitsFigure
        From `DigitsExperiment.figure_data`.
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure

    Examples
    --------
    >>> from reservoir.experiments import DigitsExperiment
    >>> from reservoir.plotting import plot_digits
    >>> experiment = DigitsExperiment(quick=True)
    >>> rows = experiment.run()                             # doctest: +SKIP
    >>> figure = plot_digits(experiment.figure_data(), "figure.pdf")  # doctest: +SKIP
    """
    with figure_style():
        figure = new_figure(PAGE_WIDTH, 132 if data.confusion is not None else 66)
        if data.confusion is None:
            response, drive = figure.subplots(1, 2)
            panels = [response, drive]
        else:
            grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.15))
            response = figure.add_subplot(grid[0, 0])
            confusion = figure.add_subplot(grid[:, 1])
            drive = figure.add_subplot(grid[1, 0])
            labels = data.labels or range(len(data.confusion))
            plot_confusion(confusion, data.confusion, labels, plain(data.title))
            panels = [response, drive, confusion]
        data.response.plot(response)
        data.drive.plot(drive)
        letter_panels(panels)
    if path is not None:
        save_figure(figure, path)
    return figure
