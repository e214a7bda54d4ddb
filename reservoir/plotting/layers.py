"""What happens in layers of spin diodes: resonances, weights, losses, confusions."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from reservoir._types import Floats, Integers
from reservoir.plotting.colors import BLUE, GREEN, GREY, ORANGE
from reservoir.plotting.confusion import plot_confusion
from reservoir.plotting.saving import save_animation, save_figure
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

N_LAST_FRAMES = 8  # frames at the end of an animation that show the network as it stays
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


@dataclass(frozen=True, eq=False)
class LayersFrame:
    """The network after some passes.

    Attributes
    ----------
    before, now : Resonances
        Of the last layer, as it is made, and at this pass.
    trained, tested : ndarray of shape (n_passes_done + 1,)
        Accuracies on training and test data, before learning and after each pass.
    n_passes : int
        That will be made.
    """

    before: Resonances
    now: Resonances
    trained: Floats
    tested: Floats
    n_passes: int


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


def animate_layers(frames: tuple[LayersFrame, ...], path: str | PathLike[str]) -> None:
    """Resonances moving while the network learns, as a GIF; the last one stays for a while.

    Parameters
    ----------
    frames : sequence of LayersFrame
        From `LayersExperiment.animation_data`.
    path : str or path-like
        Ends in .gif.
    """
    shown = np.array([frame.now.resonances for frame in frames]) / 1e6
    margin = 0.02 * np.ptp(shown)
    limits = shown.min() - margin, shown.max() + margin
    with figure_style():
        figure = new_figure(PAGE_WIDTH, 84)
        left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))

        def draw(frame: LayersFrame) -> list[Any]:
            left.clear()
            right.clear()
            done = len(frame.trained) - 1
            title = f"Last layer after {done} of {frame.n_passes} passes"
            plot_resonances(left, frame.before, frame.now, title)
            left.set_xlim(limits)
            passes = np.arange(done + 1)
            right.plot(passes, 100 * frame.trained, "-", color=GREY, label="training")
            right.plot(passes, 100 * frame.tested, "-", color=BLUE, label="test")
            right.plot(done, 100 * frame.tested[-1], "o", color=BLUE)
            right.set(
                xlim=(-0.5, frame.n_passes + 0.5),
                ylim=(0, 103),
                xlabel="passes",
                ylabel="samples right (%)",
                title=f"{100 * frame.tested[-1]:.1f} % of the test samples",
            )
            legend_above(right, 2)
            return []

        save_animation(figure, draw, [*frames, *(N_LAST_FRAMES - 1) * frames[-1:]], path)
