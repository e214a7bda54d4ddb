"""Where is an oscillator best operated?"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import clone

from reservoir._checks import Choice, check_value
from reservoir._types import ArrayLike, Floats
from reservoir.capacity import memory_capacity, parity_capacity
from reservoir.plotting.arrays import drawn
from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import (
    PAGE_WIDTH,
    SEQUENTIAL,
    figure_style,
    letter_panels,
    new_axes,
    new_figure,
    small_text,
    style_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reservoir.multiplexing.transformer import TimeMultiplexedReservoir

# Titles of the measures, and what stands at their bars.
TITLES = {
    "memory": ("Short-term memory", "capacity (steps)"),
    "parity": ("Parity", "capacity (delays)"),
    "information": ("Information processing", "capacity (functions)"),
    "kernel-rank": ("Kernel rank: high is good", "number of states"),
    "generalization-rank": ("Generalisation rank: low is good", "number of states"),
}
RANKS = ("kernel-rank", "generalization-rank")  # drawn on one scale, to be compared
WASHOUT = 100


class CapacityMapDisplay:
    """A capacity over two axes of the operating point, with its values and a bar.

    Colours start at 0, so that equal values have equal colours whatever else is on the map.

    Make it with `from_estimator`, or from arrays.

    Parameters
    ----------
    values : array-like of shape (n_others, n_biases)
        NaN where there is no point.
    biases, others : array-like
        Where the map has points along both axes.
    labels : tuple of two str
        Of the axes.
    title, bar_label : str
    highest : float or None, default=None
        The value at the end of the bar. None stands for the largest on the map.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    image_ : matplotlib image
    bar_ : matplotlib colorbar

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.plotting import CapacityMapDisplay
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0)
    >>> display = CapacityMapDisplay.from_estimator(
    ...     reservoir, [1.5, 2.0], [0.5, 1.0], n_steps=400
    ... )
    >>> display.values.shape, display.ax_.get_xlabel()
    ((2, 2), 'middle of the currents / threshold')
    >>> plt.close(display.figure_)
    """

    ax_: "Axes"
    figure_: "Figure"

    def __init__(
        self,
        values: ArrayLike,
        biases: ArrayLike,
        others: ArrayLike,
        labels: tuple[str, str],
        *,
        title: str = "Capacity",
        bar_label: str = "capacity",
        highest: float | None = None,
    ) -> None:
        self.biases = drawn("biases", biases, None)
        self.others = drawn("others", others, None)
        shape = (len(self.others), len(self.biases))
        self.values = drawn("values", values, shape, "pair of others and biases")
        self.labels = labels
        self.title = title
        self.bar_label = bar_label
        self.highest = highest

    @classmethod
    def from_estimator(
        cls,
        estimator: "TimeMultiplexedReservoir",
        biases: ArrayLike,
        depths: ArrayLike,
        *,
        measure: str = "memory",
        n_steps: int = 1000,
        random_state: int = 0,
        ax: "Axes | None" = None,
    ) -> Self:
        """Measure a capacity over middle and half width of the currents, and draw it.

        Parameters
        ----------
        estimator : TimeMultiplexedReservoir
            Copies of it, fitted or not, get the ranges of currents.
        biases, depths : array-like
            Middle and half width of the drive range, in drive units.
        measure : {"memory", "parity"}, default="memory"
            `reservoir.capacity.memory_capacity` of the delays 1 to 20 for uniform inputs, or
            `parity_capacity` of the delays 1 to 8 for signs.
        n_steps : int, default=1000
            Inputs; the first 100 are not judged.
        random_state : int, default=0
            Seed of the inputs.
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        CapacityMapDisplay
        """
        check_value("measure", measure, Choice(("memory", "parity")))
        middles, widths = np.asarray(biases, dtype=float), np.asarray(depths, dtype=float)
        inputs = np.random.default_rng(random_state).uniform(-1.0, 1.0, n_steps)
        if measure == "parity":
            inputs = np.where(inputs < 0, -1.0, 1.0)
        values = np.empty((len(widths), len(middles)))
        for row, column in np.ndindex(values.shape):
            low, high = middles[column] - widths[row], middles[column] + widths[row]
            reservoir = clone(estimator).set_params(drive_range=(low, high))
            states = reservoir.fit_transform([inputs[:, None]])[0]
            found: Any = (
                memory_capacity(states, inputs, range(1, 21), washout=WASHOUT)
                if measure == "memory"
                else parity_capacity(states, inputs, range(1, 9), washout=WASHOUT)
            )
            values[row, column] = found.total
        labels = "middle of the currents / threshold", "half width / threshold"
        title, bar_label = TITLES[measure]
        return cls(values, middles, widths, labels, title=title, bar_label=bar_label).plot(ax)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw the map, its values, and a bar.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        CapacityMapDisplay
        """
        highest = np.nanmax(self.values) if self.highest is None else self.highest
        with style_of(ax):
            ax = new_axes() if ax is None else ax
            self.image_ = ax.imshow(
                self.values,
                origin="lower",
                aspect="auto",
                cmap=SEQUENTIAL,
                vmin=0,
                vmax=highest or 1.0,
            )
            for (row, column), value in np.ndenumerate(self.values):
                dark = value < 0.55 * highest
                ax.text(
                    column,
                    row,
                    f"{round(value, 2):.3g}" if np.isfinite(value) else "–",
                    ha="center",
                    va="center",
                    fontsize=small_text(),
                    color="white" if dark else "black",
                )
            ax.set_xticks(range(len(self.biases)), [f"{x:g}" for x in self.biases])
            ax.set_yticks(range(len(self.others)), [f"{x:g}" for x in self.others])
            ax.set(xlabel=self.labels[0], ylabel=self.labels[1], title=self.title)
            self.bar_ = ax.figure.colorbar(self.image_, ax=ax, label=self.bar_label)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self


@dataclass(frozen=True, eq=False)
class CapacityFigure:
    """What the figure of the capacities shows.

    Attributes
    ----------
    heading : str
        What was run.
    labels : tuple of two str
        Labels of the axes of the maps.
    biases, others : ndarray
        Where the maps have points along both axes.
    maps : dict of str to ndarray of shape (n_others, n_biases)
        Every measure over the map, NaN where there is no point.
    controls : dict of str to float
        Every measure of the masked drive, without the oscillator.
    """

    heading: str
    labels: tuple[str, str]
    biases: Floats
    others: Floats
    maps: Mapping[str, Floats]
    controls: Mapping[str, float]

    def displays(self) -> dict[str, CapacityMapDisplay]:
        """One map for each measure."""
        ranks = max(np.nanmax(self.maps[name]) for name in RANKS)
        return {
            name: CapacityMapDisplay(
                self.maps[name],
                self.biases,
                self.others,
                self.labels,
                title=title,
                bar_label=bar_label,
                highest=float(ranks) if name in RANKS else None,
            )
            for name, (title, bar_label) in TITLES.items()
        }

    def notes(self) -> str:
        """What was run, and what the maps are to be compared with."""
        without = "\n".join(
            f"{TITLES[name][0].partition(':')[0]}: {value:.3g}"
            for name, value in self.controls.items()
        )
        heading = "\n".join(textwrap.wrap(" ".join(self.heading.split()), 46))
        return f"{heading}\n\nWithout the oscillator (the masked drive is read):\n{without}"


def plot_capacity(data: CapacityFigure, path: str | PathLike[str] | None = None) -> "Figure":
    """The figure of `reservoir capacity`: one map for each measure.

    Parameters
    ----------
    data : CapacityFigure
        From `CapacityExperiment.figure_data`.
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure

    Examples
    --------
    >>> from reservoir.experiments import CapacityExperiment
    >>> from reservoir.plotting import plot_capacity
    >>> experiment = CapacityExperiment(quick=True)
    >>> rows = experiment.run()                             # doctest: +SKIP
    >>> figure = plot_capacity(experiment.figure_data(), "figure.pdf")  # doctest: +SKIP
    """
    displays = data.displays()
    with figure_style():
        figure = new_figure(PAGE_WIDTH, 3 * (28 + 7 * max(len(data.others), 3)))
        axes = figure.subplots(3, 2).ravel()
        for ax, display in zip(axes, displays.values(), strict=False):
            display.plot(ax)
        letter_panels(axes[: len(displays)])
        axes[-1].axis("off")
        axes[-1].text(0, 1, data.notes(), va="top", fontsize=small_text())
        if any(np.isnan(values).any() for values in data.maps.values()):
            axes[-1].text(0, 0, "–: not an operating point", fontsize=small_text())
    if path is not None:
        save_figure(figure, path)
    return figure
