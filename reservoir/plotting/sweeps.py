"""Accuracy along a setting of a speech experiment, with and without the oscillator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from reservoir._types import Floats
from reservoir.plotting.colors import CLASS_COLORS, GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AXIS_LABELS = {
    "utterances": "training utterances of each\ndigit and speaker",
    "noise": "readout noise /\nspread of the amplitude",
    "current": "middle of the range of\ncurrents / threshold",
    "depth": "width of the range of\ncurrents / threshold",
    "hold": "hold time / relaxation time",
    "nodes": "virtual nodes",
    "snr": "speech over white noise (dB)",
}
LOGARITHMIC_AXES = ("noise", "depth", "hold", "nodes")
CHANCE = 10.0  # %
LEAST_RANGE = 5.0  # points on an axis of accuracies
MARKERS = "os^vDP"
RING: dict[str, Any] = {  # around the base setting
    "ls": "none",
    "marker": "o",
    "mfc": "none",
    "mec": "black",
    "ms": 9,
    "mew": 0.8,
}


@dataclass(frozen=True, eq=False)
class Curve:
    """Accuracies of one method behind one front end, along one setting.

    Attributes
    ----------
    axis, frontend : str
    method : {"oscillator", "control"}
    values, accuracies, spreads : ndarray of shape (n_points,)
        Values of the setting, ascending; accuracies there, and their spreads over draws.
    """

    axis: str
    frontend: str
    method: str
    values: Floats
    accuracies: Floats
    spreads: Floats

    def with_base(self, value: float, base: tuple[float, float]) -> "Curve":
        """The same curve with the base setting among its points.

        Parameters
        ----------
        value : float
            Where the base setting lies on the axis.
        base : tuple of two floats
            Accuracy and spread there.

        Returns
        -------
        Curve
        """
        order = np.argsort(np.append(self.values, value), kind="stable")
        merged = (
            np.append(values, one)[order]
            for values, one in zip(
                (self.values, self.accuracies, self.spreads), (value, *base), strict=True
            )
        )
        return Curve(self.axis, self.frontend, self.method, *merged)


@dataclass(frozen=True, eq=False)
class SweepFigure:
    """What the figure of a speech experiment shows.

    Attributes
    ----------
    curves : tuple of Curve
    base_values : dict of str to float
        Where the base setting lies on some of the axes.
    bases : dict of (str, str) to (float, float)
        Accuracy and spread of the base setting, by front end and method.
    title : str
    titles : dict of str to str
        What a reader calls a front end; one that is not there stands as it is.
    """

    curves: tuple[Curve, ...]
    base_values: Mapping[str, float]
    bases: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    title: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)

    def axes(self) -> list[str]:
        """The settings that are varied, in their order."""
        return list(dict.fromkeys(curve.axis for curve in self.curves))

    def frontends(self) -> list[str]:
        """The front ends, in their order."""
        return list(dict.fromkeys(curve.frontend for curve in self.curves))

    def along(self, axis: str) -> list[Curve]:
        """The curves along one setting, with the base setting where it lies on the axis."""
        chosen = [curve for curve in self.curves if curve.axis == axis]
        value = self.base_values.get(axis)
        if value is None:
            return chosen
        return [
            curve.with_base(value, self.bases[curve.frontend, curve.method])
            if (curve.frontend, curve.method) in self.bases
            else curve
            for curve in chosen
        ]


def style_of_curve(frontend: str, method: str, frontends: list[str]) -> dict[str, Any]:
    """Colour and marker of a front end; open and dashed without the oscillator.

    Parameters
    ----------
    frontend, method : str
    frontends : list of str
        All of a figure.

    Returns
    -------
    dict
        Keywords of ``Axes.errorbar``.
    """
    number = frontends.index(frontend)
    color = CLASS_COLORS[number % len(CLASS_COLORS)]
    helped = method == "oscillator"
    return {
        "color": color,
        "marker": MARKERS[number % len(MARKERS)],
        "ls": "-" if helped else "--",
        "mfc": color if helped else "white",
    }


def plot_sweep(ax: "Axes", axis: str, data: SweepFigure) -> "Axes":
    """All curves along one setting, with spreads over draws.

    A ring is the base setting, and a dotted line is chance.

    Parameters
    ----------
    ax : matplotlib axes
    axis : str
        Key of `AXIS_LABELS`.
    data : SweepFigure

    Returns
    -------
    matplotlib axes
    """
    curves, frontends = data.along(axis), data.frontends()
    base = data.base_values.get(axis)
    for curve in curves:
        settings = style_of_curve(curve.frontend, curve.method, frontends)
        ax.errorbar(curve.values, 100 * curve.accuracies, 100 * curve.spreads, **settings)
        if base is not None and base in curve.values:
            height = 100 * curve.accuracies[list(curve.values).index(base)]
            ax.plot(base, height, **RING)
    values = sorted({float(value) for curve in curves for value in curve.values})
    if axis in LOGARITHMIC_AXES and len(values) > 1:
        ax.set_xscale("log")
        ax.minorticks_off()
    if len(values) == 1:
        ax.set_xlim(values[0] - 1, values[0] + 1)
    if axis in LOGARITHMIC_AXES or len(values) == 1:
        ax.set_xticks(values, [f"{value:.3g}" for value in values])
    _limit_accuracies(ax, curves)
    ax.set(xlabel=AXIS_LABELS[axis], ylabel="test clips right (%)")
    return ax


def _limit_accuracies(ax: "Axes", curves: list[Curve]) -> None:
    """Show where the curves are, and chance if they come near it."""
    ends = [100 * (c.accuracies + sign * c.spreads) for c in curves for sign in (-1, 1)]
    lowest, highest = np.concatenate(ends).min(), np.concatenate(ends).max()
    lowest = min(lowest, highest - LEAST_RANGE)
    margin = 0.06 * (highest - lowest)
    if lowest < 30:
        lowest = min(lowest, CHANCE)
        ax.axhline(CHANCE, color=GREY, lw=0.9, ls=":")
    ax.set_ylim(max(lowest - margin, 0), min(highest + margin, 102))


def add_legend(figure: Any, data: SweepFigure, place: str, n_columns: int) -> None:
    """Say what the lines, marks, rings and bars of a figure are.

    Parameters
    ----------
    figure : matplotlib figure or subfigure
    data : SweepFigure
    place : str
        As the ``loc`` of ``Figure.legend``.
    n_columns : int
    """
    several = any(curve.spreads.any() for curve in data.curves)
    title = "error bars: spread over draws of the training clips" if several else None
    figure.legend(handles=_handles_of(data), loc=place, ncols=n_columns, title=title)


def _handles_of(data: SweepFigure) -> list[Any]:
    from matplotlib.lines import Line2D

    frontends = data.frontends()
    handles = []
    for frontend in frontends:
        settings = style_of_curve(frontend, "oscillator", frontends)
        handles.append(Line2D([], [], label=data.titles.get(frontend, frontend), **settings))
    alone: dict[str, Any] = {"color": "black", "ls": "--", "marker": "o", "mfc": "white"}
    handles += [
        Line2D([], [], color="black", marker="o", label="with the oscillator"),
        Line2D([], [], label="front end alone", **alone),
    ]
    if set(data.base_values) & set(data.axes()):
        handles.append(Line2D([], [], label="base setting", **RING))
    handles.append(Line2D([], [], color=GREY, ls=":", label="chance"))
    return handles
