"""Accuracy along a setting of a speech experiment, with and without the oscillator."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reservoir.plotting.colors import GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AXIS_LABELS = {
    "utterances": "training utterances of each digit and speaker",
    "noise": "readout noise / spread of the amplitude",
    "current": "middle of the range of currents / threshold",
    "depth": "width of the range of currents / threshold",
    "hold": "hold time / relaxation time",
    "nodes": "virtual nodes",
    "snr": "speech over white noise (dB)",
}
LOGARITHMIC_AXES = ("noise", "depth", "hold", "nodes")
CHANCE = 10.0  # %
# A legend stands between chance and what any front end reaches.
LEGEND_PLACE: dict[str, Any] = {
    "frameon": False,
    "fontsize": 8,
    "loc": "lower right",
    "bbox_to_anchor": (1, 0.12),
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
    values: NDArray[np.float64]
    accuracies: NDArray[np.float64]
    spreads: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SweepFigure:
    """What the figure of a speech experiment shows.

    Attributes
    ----------
    curves : tuple of Curve
    base_values : dict of str to float
        Where the base setting lies on some of the axes.
    """

    curves: tuple[Curve, ...]
    base_values: Mapping[str, float]

    def axes(self) -> list[str]:
        """The settings that are varied, in their order."""
        return list(dict.fromkeys(curve.axis for curve in self.curves))

    def along(self, axis: str) -> list[Curve]:
        """The curves along one setting."""
        return [curve for curve in self.curves if curve.axis == axis]


def plot_curve(ax: "Axes", curve: Curve, color: str, label: str | None) -> None:
    """One curve of accuracies with the spread over draws.

    Parameters
    ----------
    ax : matplotlib axes
    curve : Curve
    color : str
    label : str or None
        For the legend.
    """
    ax.errorbar(
        curve.values,
        100 * curve.accuracies,
        100 * curve.spreads,
        color=color,
        ls="-" if curve.method == "oscillator" else "--",
        marker="o" if curve.method == "oscillator" else "s",
        mfc=color if curve.method == "oscillator" else "white",
        ms=5,
        capsize=2,
        lw=1.4,
        label=label,
    )


def finish_axes(ax: "Axes", axis: str, data: SweepFigure) -> None:
    """Ticks, labels and the line of chance.

    Parameters
    ----------
    ax : matplotlib axes
    axis : str
        Key of `AXIS_LABELS`.
    data : SweepFigure
    """
    if axis in LOGARITHMIC_AXES:
        ax.set_xscale("log")
        values = sorted({float(value) for c in data.along(axis) for value in c.values})
        ax.set_xticks(values, [f"{value:g}" for value in values])
        ax.minorticks_off()
    ax.axhline(CHANCE, color=GREY, lw=0.8, ls=":")
    ax.set(xlabel=AXIS_LABELS[axis], ylabel="test clips right (%)", ylim=(0, 102))
