"""What one oscillator does with a spoken digit."""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.saving import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class AmplitudeResponse:
    """The amplitude of an oscillator at rest.

    Attributes
    ----------
    current, amplitude : ndarray of shape (n_points,)
        In A; without unit.
    drive_range : tuple of float
        Lowest and highest current that the input makes, in A.
    threshold : float
        In A.
    axis : tuple of str and float
        What currents are called, and what they are multiplied by before. The drive of some
        devices is no current.
    """

    current: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    drive_range: tuple[float, float]
    threshold: float
    axis: tuple[str, float] = ("current (mA)", 1e3)


@dataclass(frozen=True, eq=False)
class MaskedDrive:
    """The currents of some virtual nodes and the amplitudes that answer.

    Attributes
    ----------
    current, amplitude : ndarray of shape (n_nodes,)
        In A; without unit.
    node_time : float
        Time for which each current is held, in s.
    threshold : float
        In A.
    axis : tuple of str and float
        What currents are called, and what they are multiplied by before. The drive of some
        devices is no current.
    """

    current: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    node_time: float
    threshold: float
    axis: tuple[str, float] = ("current (mA)", 1e3)


@dataclass(frozen=True, eq=False)
class DigitsFigure:
    """What the figure of the digits shows.

    Attributes
    ----------
    response : AmplitudeResponse
    drive : MaskedDrive
    confusion : ndarray of int of shape (n_labels, n_labels) or None
        Counts of true against recognised labels; None: the oscillator was not tested.
    title : str
        Title of the confusion matrix.
    labels : tuple of str
        What was spoken, in the order of the matrix.
    """

    response: AmplitudeResponse
    drive: MaskedDrive
    confusion: NDArray[Any] | None
    title: str
    labels: tuple[str, ...] = ()


def plot_amplitude_response(ax: "Axes", response: AmplitudeResponse) -> None:
    """Amplitude at rest against the current, with the range that the input spans.

    Parameters
    ----------
    ax : matplotlib axes
    response : AmplitudeResponse
    """
    low, high = response.drive_range
    name, scale = response.axis
    ax.axvspan(low * scale, high * scale, color=ORANGE, alpha=0.15, lw=0)
    ax.plot(response.current * scale, response.amplitude, color=BLUE, lw=2)
    ax.axvline(response.threshold * scale, color=GREY, ls="--", lw=1)
    ax.text(
        response.threshold * scale,
        ax.get_ylim()[1] * 0.97,
        " threshold",
        color="#555555",
        va="top",
    )
    ax.set(
        xlabel=name,
        ylabel="amplitude sqrt(p)",
        title="Response at rest (shaded: drive range)",
    )


def plot_masked_drive(axes: "Sequence[Axes]", drive: MaskedDrive) -> None:
    """Currents of the nodes above, and below them the amplitudes that answer.

    Parameters
    ----------
    axes : sequence of two matplotlib axes
    drive : MaskedDrive
        `reservoir.experiments.response.masked_drive` makes one.
    """
    time = np.arange(len(drive.current) + 1) * drive.node_time * 1e6
    name, scale = drive.axis
    axes[0].stairs(drive.current * scale, time, color=ORANGE, lw=1.2, baseline=None)
    axes[0].set(ylabel=name, title="Masked drive and node amplitudes")
    axes[0].axhline(drive.threshold * scale, color=GREY, ls="--", lw=1)
    axes[1].plot(time[1:], drive.amplitude, ".-", color=BLUE, lw=1, ms=4)
    axes[1].set(xlabel="time (µs)", ylabel="amplitude sqrt(p)")


def plot_confusion(
    ax: "Axes",
    confusion: NDArray[Any],
    title: str = "Confusion matrix (test clips)",
    labels: Sequence[str] = (),
) -> None:
    """Counts of true against recognised labels.

    Parameters
    ----------
    ax : matplotlib axes
    confusion : ndarray of int of shape (n_labels, n_labels)
    title : str
    labels : sequence of str
        In the order of the matrix. Empty: their numbers.
    """
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for true, row in enumerate(confusion):
        for found, count in enumerate(row):
            if count:
                dark = shares[true, found] > 0.5
                ax.text(
                    found,
                    true,
                    str(count),
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="white" if dark else "black",
                )
    ticks = np.arange(len(confusion))
    ax.set(xticks=ticks, yticks=ticks, xlabel="recognised", ylabel="spoken", title=title)
    if labels:
        long = max(map(len, labels)) > 2
        ax.set_xticklabels(labels, rotation=90 if long else 0)
        ax.set_yticklabels(labels)


def plot_digits(data: DigitsFigure, path: str | PathLike[str]) -> None:
    """The figure of `reservoir digits`: response, drive and nodes, confusion matrix.

    Parameters
    ----------
    data : DigitsFigure
        From `DigitsExperiment.figure_data`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.2), layout="constrained")
    grid = figure.add_gridspec(2, 3, width_ratios=[1, 1.25, 1])
    plot_amplitude_response(figure.add_subplot(grid[:, 0]), data.response)
    upper = figure.add_subplot(grid[0, 1])
    lower = figure.add_subplot(grid[1, 1], sharex=upper)
    upper.tick_params(labelbottom=False)
    plot_masked_drive((upper, lower), data.drive)
    axes = figure.add_subplot(grid[:, 2])
    if data.confusion is None:
        axes.set_axis_off()
    else:
        plot_confusion(axes, data.confusion, data.title, data.labels)
    save_figure(figure, path)
