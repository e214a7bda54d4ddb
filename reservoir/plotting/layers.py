"""What happens in layers of spin diodes: resonances, weights, losses, confusions."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reservoir._types import Floats, Integers
from reservoir.plotting.colors import BLUE, GREEN, GREY, ORANGE
from reservoir.plotting.confusion import plot_confusion
from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import (
    DIVERGING,
    PAGE_WIDTH,
    figure_style,
    legend_above,
    letter_panels,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

N_LINES = 12  # of a layer that are shown
POLARITIES = ((1, BLUE, "polarity +"), (-1, ORANGE, "polarity -"))


@dataclass(frozen=True, eq=False)
class Resonances:
    """Resonances of chains of spin diodes.

    Attributes
    ----------
    lines : ndarray of shape (n_lines,)
        Frequencies of the lines, in Hz.
    resonances : ndarray of shape (n_chains, n_lines)
        In Hz.
    polarities : ndarray of shape (n_chains, n_lines)
        1 or -1.
    names : tuple of str
        Of the chains.
    """

    lines: Floats
    resonances: Floats
    polarities: Floats
    names: tuple[str, ...]

    @classmethod
    def of_estimator(cls, model: Any) -> Self:
        """Resonances of the chains of the last layer, at its first lines.

        Parameters
        ----------
        model : fitted SpintronicClassifier
            Or another classifier of layers.

        Returns
        -------
        Resonances
        """
        return cls(
            model.line_frequencies_[-1][:N_LINES],
            model.resonances_[-1][:, :N_LINES],
            model.layers_[-1].strengths[:, :N_LINES].astype(float),
            tuple(map(str, model.classes_)),
        )


@dataclass(frozen=True, eq=False)
class LayersFigure:
    """What the figure of the layers shows.

    Attributes
    ----------
    before, after : Resonances
        Of the last layer, as it is made, and after learning.
    images : ndarray of shape (n_chains, n_rows, n_columns)
        Weights of chains of the first layer, in V/W.
    losses : dict of str to ndarray of shape (n_passes,)
        Mean loss of each pass.
    confusion : ndarray of int of shape (n_classes, n_classes)
        Test samples; first axis: what they are.
    offsets : ndarray of shape (n_offsets,)
        Rms errors of the resonances, in half linewidths.
    repairs : dict of str to ndarray of shape (n_draws, n_offsets)
        Accuracies with these errors, by what was done about them.
    """

    before: Resonances
    after: Resonances
    images: Floats
    losses: Mapping[str, Floats]
    confusion: Integers
    offsets: Floats
    repairs: Mapping[str, Floats]


def plot_resonances(ax: "Axes", before: Resonances, after: Resonances, title: str) -> "Axes":
    """Where the diodes of each chain resonate, beside the lines that they weigh.

    Parameters
    ----------
    ax : matplotlib axes
    before, after : Resonances
        The first is drawn as black dashes, the second as coloured dots.
    title : str

    Returns
    -------
    matplotlib axes
    """
    for number, line in enumerate(after.lines / 1e6):
        ax.axvline(line, color=GREY, lw=0.8, alpha=0.6, label=None if number else "line")
    rows = np.arange(len(after.names))[:, None] + np.zeros(len(after.lines))
    start, stop = before.resonances / 1e6, after.resonances / 1e6
    ax.plot(start.ravel(), rows.ravel(), "|", color="black", ms=6, label="as made")
    ax.hlines(rows.ravel(), start.ravel(), stop.ravel(), color="black", lw=0.8)
    for sign, color, label in POLARITIES:
        mine = after.polarities == sign
        ax.plot(
            stop[mine], rows[mine], "o", ms=4, color=color, mec="black", mew=0.3, label=label
        )
    ax.set_yticks(range(len(after.names)), after.names)
    ax.set(
        xlabel="resonance (MHz)",
        ylabel="chain of the class",
        ylim=(len(after.names) - 0.5, -0.5),
        title=title,
    )
    legend_above(ax, 4)
    return ax


def plot_images(axes: "list[Axes]", images: Floats) -> Any:
    """Weights of chains of the first layer, in the order of the features.

    Parameters
    ----------
    axes : list of matplotlib axes
        Those without a chain are switched off.
    images : ndarray of shape (n_chains, n_rows, n_columns)
        In V/W.

    Returns
    -------
    matplotlib colorbar
        One for all, because the colours of all chains mean the same.
    """
    largest = np.abs(images).max() / 1e3
    for ax in axes:
        ax.set_axis_off()
    for number, (ax, image) in enumerate(zip(axes, images / 1e3, strict=False), start=1):
        drawn = ax.imshow(image, cmap=DIVERGING, vmin=-largest, vmax=largest)
        ax.set_title(f"{number}", loc="center", pad=2)
    return axes[0].figure.colorbar(drawn, ax=axes, label="weight (mV/µW)")


def plot_losses(ax: "Axes", losses: Mapping[str, Floats]) -> "Axes":
    """Loss over the passes.

    Parameters
    ----------
    ax : matplotlib axes
    losses : dict of str to ndarray of shape (n_passes,)

    Returns
    -------
    matplotlib axes
    """
    styles = ((BLUE, "-"), (ORANGE, "--"))
    for (name, curve), (color, style) in zip(losses.items(), styles, strict=True):
        ax.plot(np.arange(1, len(curve) + 1), curve, style, color=color, label=name)
    ax.set(
        yscale="log",
        xlabel="pass over the training data",
        ylabel="mean cross-entropy (nat)",
        title="Loss while learning",
    )
    legend_above(ax, 1)
    return ax


def plot_repairs(ax: "Axes", offsets: Floats, repairs: Mapping[str, Floats]) -> "Axes":
    """Accuracy against the errors of the resonances, with and without repair.

    Parameters
    ----------
    ax : matplotlib axes
    offsets : ndarray of shape (n_offsets,)
        In half linewidths.
    repairs : dict of str to ndarray of shape (n_draws, n_offsets)
        Error bars are their spreads over draws.

    Returns
    -------
    matplotlib axes
    """
    styles = ((ORANGE, "o-"), (GREEN, "s--"), (BLUE, "^-."))
    for (name, values), (color, style) in zip(repairs.items(), styles, strict=False):
        mean, spread = 100 * values.mean(axis=0), 100 * values.std(axis=0)
        ax.errorbar(offsets, mean, spread, fmt=style, color=color, capsize=2, label=name)
    ax.set(
        xlabel="error of the resonances\n(half linewidths, rms)",
        ylabel="test samples right (%)",
        title="Resonances off (bars: spread over draws)",
    )
    legend_above(ax, 1)
    return ax


def plot_layers(data: LayersFigure, path: str | PathLike[str] | None = None) -> "Figure":
    """The figure of `reservoir layers`: resonances, weights, losses, confusions, repairs.

    Parameters
    ----------
    data : LayersFigure
        From `LayersExperiment.figure_data`.
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure

    Examples
    --------
    >>> from reservoir.experiments import LayersExperiment
    >>> from reservoir.plotting import plot_layers
    >>> experiment = LayersExperiment(quick=True)
    >>> rows = experiment.run()                             # doctest: +SKIP
    >>> figure = plot_layers(experiment.figure_data(), "figure.pdf")  # doctest: +SKIP
    """
    right, tested = np.trace(data.confusion), data.confusion.sum()
    with figure_style():
        figure = new_figure(PAGE_WIDTH, 218)
        bands: Any = figure.subfigures(3, 1, height_ratios=(1, 1.25, 0.95))
        resonances = bands[0].subplots()
        title = f"Last layer: resonances at its first {len(data.after.lines)} lines"
        plot_resonances(resonances, data.before, data.after, title)
        left, middle = bands[1].subfigures(1, 2, width_ratios=(1, 1.25))
        grid = left.subplots(3, 3)
        plot_images(list(grid.flat), data.images)
        left.suptitle("(b) First layer: weights of chains", x=0.02, ha="left")
        confusion = middle.subplots()
        title = f"layers: {right} of {tested} test samples right"
        plot_confusion(confusion, data.confusion, data.after.names, title)
        losses, repairs = bands[2].subplots(1, 2)
        plot_losses(losses, data.losses)
        plot_repairs(repairs, data.offsets, data.repairs)
        letter_panels([resonances, confusion, losses, repairs], "acde")
    if path is not None:
        save_figure(figure, path)
    return figure
