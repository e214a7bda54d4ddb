"""What happens in layers of spin diodes: resonances, weights, losses, confusions."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reservoir.plotting.colors import BLUE, GREEN, GREY, ORANGE
from reservoir.plotting.saving import save_animation, save_figure

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

    lines: NDArray[np.float64]
    resonances: NDArray[np.float64]
    polarities: NDArray[np.float64]
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
    images: NDArray[np.float64]
    losses: Mapping[str, NDArray[np.float64]]
    confusion: NDArray[np.intp]
    offsets: NDArray[np.float64]
    repairs: Mapping[str, NDArray[np.float64]]


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
    trained: NDArray[np.float64]
    tested: NDArray[np.float64]
    n_passes: int


def plot_resonances(ax: "Axes", before: Resonances, after: Resonances, title: str) -> None:
    """Where the diodes of each chain resonate, beside the lines that they weigh.

    Parameters
    ----------
    ax : matplotlib axes
    before, after : Resonances
        The first is drawn as grey dashes, the second as coloured dots.
    title : str
    """
    for number, line in enumerate(after.lines / 1e6):
        ax.axvline(line, color=GREY, lw=0.8, alpha=0.6, label=None if number else "line")
    rows = np.arange(len(after.names))[:, None] + np.zeros(len(after.lines))
    start, stop = before.resonances / 1e6, after.resonances / 1e6
    ax.plot(start.ravel(), rows.ravel(), "|", color="black", ms=7, label="as made")
    ax.hlines(rows.ravel(), start.ravel(), stop.ravel(), color="black", lw=0.8)
    for sign, color, label in POLARITIES:
        mine = after.polarities == sign
        ax.plot(
            stop[mine],
            rows[mine],
            "o",
            ms=4.5,
            color=color,
            mec="black",
            mew=0.3,
            label=label,
        )
    ax.set_yticks(range(len(after.names)), after.names)
    ax.set(
        xlabel="resonance (MHz)",
        ylabel="chain of the class",
        ylim=(len(after.names) - 0.4, -1.3),
        title=title,
    )
    ax.legend(loc="upper center", ncols=4, fontsize=8, frameon=False, borderpad=0.1)


def plot_images(figure: "Figure", axes: "list[Axes]", images: NDArray[np.float64]) -> None:
    """Weights of chains of the first layer, in the order of the features.

    Parameters
    ----------
    figure : matplotlib figure
    axes : list of matplotlib axes
        Those without a chain are switched off.
    images : ndarray of shape (n_chains, n_rows, n_columns)
        In V/W.
    """
    largest = np.abs(images).max() / 1e3
    for ax in axes:
        ax.set_axis_off()
    for number, (ax, image) in enumerate(zip(axes, images / 1e3, strict=False), start=1):
        drawn = ax.imshow(image, cmap="PuOr", vmin=-largest, vmax=largest)
        ax.set_title(f"chain {number}", fontsize=9)
    bar = figure.colorbar(drawn, ax=axes, shrink=0.8)
    bar.set_label("weight (mV/uW)")


def plot_losses(ax: "Axes", losses: Mapping[str, NDArray[np.float64]]) -> None:
    """Loss over the passes.

    Parameters
    ----------
    ax : matplotlib axes
    losses : dict of str to ndarray of shape (n_passes,)
    """
    styles = ((BLUE, "-"), (ORANGE, "--"))
    for (name, curve), (color, style) in zip(losses.items(), styles, strict=True):
        ax.plot(np.arange(1, len(curve) + 1), curve, style, color=color, label=name)
    ax.set(
        yscale="log", xlabel="pass over the training data", ylabel="mean cross-entropy (nat)"
    )
    ax.set_title("Loss while learning")
    ax.legend(frameon=False)


def plot_confusion(ax: "Axes", confusion: NDArray[np.intp], names: tuple[str, ...]) -> None:
    """How often each class is taken for which.

    Parameters
    ----------
    ax : matplotlib axes
    confusion : ndarray of int of shape (n_classes, n_classes)
    names : tuple of str
    """
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    ax.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(confusion):
        if count:
            color = "white" if shares[row, column] > 0.4 else "black"
            ax.text(
                column, row, str(count), ha="center", va="center", color=color, fontsize=8
            )
    places = range(len(names))
    ax.set_xticks(places, names)
    ax.set_yticks(places, names)
    right = np.trace(confusion)
    ax.set(
        xlabel="taken for",
        ylabel="is",
        title=f"Confusions: {right} of {confusion.sum()} test samples are right",
    )


def plot_repairs(
    ax: "Axes",
    offsets: NDArray[np.float64],
    repairs: Mapping[str, NDArray[np.float64]],
) -> None:
    """Accuracy against the errors of the resonances, with and without repair.

    Parameters
    ----------
    ax : matplotlib axes
    offsets : ndarray of shape (n_offsets,)
        In half linewidths.
    repairs : dict of str to ndarray of shape (n_draws, n_offsets)
    """
    styles = ((ORANGE, "o-"), (GREEN, "s--"), (BLUE, "^-."))
    for (name, values), (color, style) in zip(repairs.items(), styles, strict=False):
        mean, spread = 100 * values.mean(axis=0), 100 * values.std(axis=0)
        ax.errorbar(
            offsets, mean, spread, fmt=style, color=color, ms=5, capsize=2, label=name
        )
    ax.set(
        xlabel="error of the resonances (half linewidths, rms)",
        ylabel="test samples right (%)",
        title="Resonances off, and repaired",
    )
    ax.legend(frameon=False, loc="lower left")


def plot_layers(data: LayersFigure, path: str | PathLike[str]) -> None:
    """The figure of `reservoir layers`: resonances, weights, losses, confusions, repairs.

    Parameters
    ----------
    data : LayersFigure
        From `LayersExperiment.figure_data`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 10), layout="constrained")
    bands: Any = figure.subfigures(2, 1)
    upper, lower = bands
    left, right = upper.subfigures(1, 2, width_ratios=(1.5, 1))
    plot_resonances(
        left.subplots(),
        data.before,
        data.after,
        f"Last layer: resonances at its first {len(data.after.lines)} lines",
    )
    grid = right.subplots(3, 3)
    plot_images(right, list(grid.flat), data.images)
    right.suptitle("First layer: weights by input", fontsize=11)
    axes = lower.subplots(1, 3)
    plot_losses(axes[0], data.losses)
    plot_confusion(axes[1], data.confusion, data.after.names)
    plot_repairs(axes[2], data.offsets, data.repairs)
    save_figure(figure, path, dpi=110)


def animate_layers(frames: tuple[LayersFrame, ...], path: str | PathLike[str]) -> None:
    """Resonances moving while the network learns, as a GIF; the last one stays for a while.

    Parameters
    ----------
    frames : sequence of LayersFrame
        From `LayersExperiment.animation_data`.
    path : str or path-like
        Ends in .gif.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 5), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))
    shown = np.array([frame.now.resonances for frame in frames]) / 1e6
    margin = 0.02 * np.ptp(shown)
    limits = shown.min() - margin, shown.max() + margin

    def draw(frame: LayersFrame) -> list[Any]:
        left.clear()
        right.clear()
        done = len(frame.trained) - 1
        title = f"Resonances of the last layer after {done} of {frame.n_passes} passes"
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
            ylabel="accuracy (%)",
            title=f"{100 * frame.tested[-1]:.1f} % of the test samples",
        )
        right.legend(loc="lower right", frameon=False)
        return []

    save_animation(figure, draw, [*frames, *(N_LAST_FRAMES - 1) * frames[-1:]], path)
