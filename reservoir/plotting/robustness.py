"""How does accuracy fall with the severity of a fault?"""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reservoir._types import ArrayLike, Floats
from reservoir.faults.applying import with_faults
from reservoir.faults.fault import Fault
from reservoir.plotting.arrays import drawn
from reservoir.plotting.colors import BLUE, GREEN, GREY, ORANGE
from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import (
    COLUMN_WIDTH,
    PAGE_WIDTH,
    figure_style,
    legend_above,
    letter_panels,
    new_axes,
    new_figure,
    style_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colour and marker of each method of `reservoir robustness`; another gets the next colour.
STYLES = {
    "oscillator": (BLUE, "o"),
    "network-search": (BLUE, "o"),
    "layers": (BLUE, "o"),
    "network-search-5": ("#CC79A7", "P"),
    "network-search-6": ("#E69F00", "X"),
    "network-search-8": (GREEN, "^"),
    "network-search-10": ("#56B4E9", "v"),
    "control": (GREY, "s"),
    "echo-state": (GREEN, "^"),
    "mlp": (ORANGE, "D"),
}
LOSS_SIZES = {1: 7, 5: 11}  # of the ring that marks so many lost points
N_COLUMNS = 2
MIN_APART = 0.09  # of labels on the axis of severities, over its length
MAX_SHOWN_ERROR = 1.5  # The mean of the series as an answer has an NRMSE of 1.
BARS = "error bars: spread over draws of the fault"


@dataclass(frozen=True, eq=False)
class FaultCurve:
    """Accuracies of one method with one fault.

    Attributes
    ----------
    method : str
    severities, accuracies, spreads : ndarray of shape (n_severities,)
        From mild to severe; means over draws and folds, and spreads over draws.
    clean : float
        Accuracy without a fault.
    lost : dict of int to float
        By points that are lost, the severity at which they are. Points that are never lost
        are left out.
    title : str or None
        What a reader calls the method; None: as it is.
    """

    method: str
    severities: Floats
    accuracies: Floats
    spreads: Floats
    clean: float
    lost: Mapping[int, float] = field(default_factory=dict)
    title: str | None = None


class RobustnessDisplay:
    """Accuracy of one or more methods against the severity of one fault.

    Error bars are spreads over draws of the fault. A dotted line is the accuracy without a
    fault. A ring marks where 1 point is lost, a larger one where 5 are.

    Make it with `from_estimator` or `from_predictions`.

    Parameters
    ----------
    curves : sequence of FaultCurve
    label : str
        What the severity is, with its unit.
    title : str, default=""
    scale : {"linear", "log"}, default="linear"
    is_falling : bool, default=False
        Whether a smaller severity is worse.
    is_error : bool, default=False
        Whether the curves show an error, the NRMSE, in the place of an accuracy.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    errorbars_ : dict of str to matplotlib container
        By method.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from reservoir import ReservoirClassifier, datasets
    >>> from reservoir.faults import ThresholdDrift
    >>> from reservoir.plotting import RobustnessDisplay
    >>> waves = datasets.make_sine_square(60, random_state=0)
    >>> X, y = waves.data.reshape(60, 8, 1), waves.target[::8]
    >>> classifier = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, y)
    >>> display = RobustnessDisplay.from_estimator(
    ...     classifier, X, y, ThresholdDrift, [0.01, 0.1], label="drift of the threshold"
    ... )
    >>> display.ax_.get_ylabel()
    'test samples right (%)'
    >>> plt.close(display.figure_)
    """

    ax_: "Axes"
    figure_: "Figure"

    def __init__(
        self,
        curves: Sequence[FaultCurve],
        label: str,
        *,
        title: str = "",
        scale: str = "linear",
        is_falling: bool = False,
        is_error: bool = False,
    ) -> None:
        self.curves = tuple(curves)
        self.label = label
        self.title = title
        self.scale = scale
        self.is_falling = is_falling
        self.is_error = is_error

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        fault: Callable[[float], Fault],
        severities: ArrayLike,
        *,
        n_draws: int = 5,
        label: str = "severity",
        ax: "Axes | None" = None,
    ) -> Self:
        """Put a fault of each severity into copies of a fitted classifier, and draw scores.

        Parameters
        ----------
        estimator : fitted classifier
            One that the fault can be put into; it stays as it is.
        X, y : array-like
            Test samples and their labels.
        fault : callable
            ``fault(severity)`` is a fault, such as the class
            `reservoir.faults.ThresholdDrift`.
        severities : array-like of shape (n_severities,)
            From mild to severe.
        n_draws : int, default=5
            Draws of each fault, with the seeds 0, 1, and so on.
        label : str, default="severity"
            What the severity is, with its unit.
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        RobustnessDisplay
        """
        steps = np.asarray(severities)  # whole numbers stay whole: bits are counted
        scores = np.array(
            [
                [
                    with_faults(estimator, fault(severity), random_state=draw).score(X, y)
                    for draw in range(n_draws)
                ]
                for severity in steps.tolist()
            ]
        )
        name = type(estimator).__name__
        clean = float(estimator.score(X, y))
        places, spreads = steps.astype(float), scores.std(axis=1)
        curve = FaultCurve(name, places, scores.mean(axis=1), spreads, clean)
        title = type(fault(steps.tolist()[0])).__name__
        return cls([curve], label, title=title).plot(ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        severities: ArrayLike,
        *,
        clean: float,
        name: str = "classifier",
        label: str = "severity",
        ax: "Axes | None" = None,
    ) -> Self:
        """Draw the accuracy of predictions that were made with faults.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
        y_pred : array-like of shape (n_severities, n_draws, n_samples)
            Predicted with each draw of a fault of each severity.
        severities : array-like of shape (n_severities,)
        clean : float
            Accuracy without a fault.
        name : str, default="classifier"
            For the legend.
        label : str, default="severity"
            What the severity is, with its unit.
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        RobustnessDisplay

        Raises
        ------
        ValueError
            If the predictions do not fit the labels or the severities.
        """
        steps = drawn("severities", severities, None)
        truth, predicted = np.asarray(y_true), np.asarray(y_pred)
        ends = (len(steps), *truth.shape)
        if predicted.ndim != 3 or predicted.shape[::2] != ends:
            raise ValueError(
                f"y_pred has shape {predicted.shape}; it must have three axes: "
                f"{len(steps)} severities, the draws, and {truth.size} samples."
            )
        scores = (predicted == truth).mean(axis=-1)
        curve = FaultCurve(name, steps, scores.mean(axis=1), scores.std(axis=1), clean)
        return cls([curve], label).plot(ax)

    def plot(self, ax: "Axes | None" = None, *, legend: bool = True) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.
        legend : bool, default=True
            Whether the methods are named above the panel.

        Returns
        -------
        RobustnessDisplay
        """
        self.errorbars_: dict[str, Any] = {}
        with style_of(ax):
            ax = new_axes() if ax is None else ax
            for curve in self.curves:
                self.errorbars_[curve.method] = _draw_curve(ax, curve, self.is_error)
            self._finish_severities(ax)
            ax.set(title=self.title, xlabel=self.label)
            if self.is_error:
                ax.set(ylabel="NRMSE of the test series", ylim=(0, MAX_SHOWN_ERROR))
            else:
                ax.set(ylabel="test samples right (%)", ylim=(0, 103))
            if legend:
                legend_above(ax, 3)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self

    def _finish_severities(self, ax: "Axes") -> None:
        positive = all((curve.severities > 0).all() for curve in self.curves)
        if self.scale == "log" and positive:
            ax.set_xscale("log")
            values = sorted({float(x) for curve in self.curves for x in curve.severities})
            ax.set_xticks(values, _apart(values))
            ax.minorticks_off()
        if self.is_falling and not ax.xaxis_inverted():
            ax.invert_xaxis()


def _apart(values: Sequence[float]) -> list[str]:
    """Labels of rising values on a log axis; empty where the next one is too close."""
    places = np.log(values)
    nearest = MIN_APART * (places[-1] - places[0])
    labels, shown = [f"{values[-1]:g}"], places[-1]
    for value, place in zip(values[-2::-1], places[-2::-1], strict=True):
        is_apart = shown - place >= nearest
        labels.append(f"{value:g}" if is_apart else "")
        shown = place if is_apart else shown
    return labels[::-1]


def _draw_curve(ax: "Axes", curve: FaultCurve, is_error: bool) -> Any:
    """The curve, its level without a fault, and rings where points are lost."""
    unit, sign = (1.0, -1) if is_error else (100.0, 1)
    color: Any
    color, marker = STYLES.get(curve.method, (None, "o"))
    bars = ax.errorbar(
        curve.severities,
        unit * curve.accuracies,
        unit * curve.spreads,
        color=color,
        marker=marker,
        capsize=2,
        label=curve.method if curve.title is None else curve.title,
    )
    color = bars.lines[0].get_color()
    ax.axhline(unit * curve.clean, color=color, lw=0.8, ls=":")
    for points, severity in curve.lost.items():
        height = unit * (curve.clean - sign * points / 100)
        size = LOSS_SIZES[points]
        ax.plot(severity, height, "o", mfc="none", mec=color, ms=size, mew=1.2)
    return bars


@dataclass(frozen=True, eq=False)
class RobustnessFigure:
    """What the figure of the faults shows.

    Attributes
    ----------
    heading : str
    panels : tuple of RobustnessDisplay
        One for each fault.
    """

    heading: str
    panels: tuple[RobustnessDisplay, ...]


def plot_robustness(
    data: RobustnessFigure, path: str | PathLike[str] | None = None
) -> "Figure":
    """The figure of `reservoir robustness`: one panel for each fault.

    Parameters
    ----------
    data : RobustnessFigure
        From `RobustnessExperiment.figure_data`.
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure
    """
    n_columns = min(N_COLUMNS, len(data.panels))
    n_rows = -(-len(data.panels) // N_COLUMNS)
    with figure_style():
        width = PAGE_WIDTH if n_columns > 1 else COLUMN_WIDTH
        figure = new_figure(width, 55 * n_rows + 26)
        axes = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for ax in axes[len(data.panels) :]:
            ax.axis("off")
        for ax, panel in zip(axes, data.panels, strict=False):
            panel.plot(ax, legend=False)
        letter_panels(axes[: len(data.panels)])
        handles = _legend_of(data.panels)
        if len(axes) > len(data.panels):  # a place is left
            axes[-1].legend(handles=handles, loc="center", labelspacing=0.8, title=BARS)
        else:
            columns = 3 * n_columns - 2
            figure.legend(
                handles=handles, loc="outside lower center", ncols=columns, title=BARS
            )
        words = " ".join(data.heading.split())
        figure.suptitle(textwrap.fill(words, 48 * n_columns), x=0.01, ha="left")
    if path is not None:
        save_figure(figure, path)
    return figure


def _legend_of(panels: Sequence[RobustnessDisplay]) -> list[Any]:
    """All methods of a figure, and what the rings and dots are."""
    from matplotlib.lines import Line2D

    shown: dict[str, Any] = {}
    for panel in panels:
        for method, bars in panel.errorbars_.items():
            shown.setdefault(method, bars)
    handles = list(shown.values())
    for points, size in LOSS_SIZES.items():
        label = f"{points} point{'s' * (points > 1)} lost"
        ring: dict[str, Any] = {"mfc": "none", "mec": "black", "ms": size, "ls": "none"}
        handles.append(Line2D([], [], marker="o", label=label, **ring))
    handles.append(Line2D([], [], color="black", ls=":", lw=0.8, label="without a fault"))
    return handles
