"""What coupling does for a reservoir of several oscillators."""

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from reservoir._types import Floats
from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import PAGE_WIDTH, figure_style, letter_panels, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Title of a task, label of its values, and the factor that goes with it.
PANELS = {
    "digits": ("Digits", "test clips right (%)", 100.0),
    "memory": ("Memory", "capacity (steps)", 1.0),
    "parity": ("Parity", "capacity (delays)", 1.0),
}


@dataclass(frozen=True, eq=False)
class CoupledCurve:
    """One task against the coupling.

    Attributes
    ----------
    strengths, values, spreads : ndarray of shape (n_couplings,)
        Couplings over the damping rate, what the coupled oscillators reach, and the spread
        of that over folds. A spread of 0 means that it was measured once.
    single, single_spread : float
        The same of one oscillator with all nodes.
    """

    strengths: Floats
    values: Floats
    spreads: Floats
    single: float
    single_spread: float


@dataclass(frozen=True, eq=False)
class CoupledFigure:
    """What the figure of the coupled oscillators shows.

    Attributes
    ----------
    curves : dict of str to CoupledCurve
        By task: "digits", "memory" and "parity".
    synchronized : tuple of float or None
        Lowest and highest coupling at which all oscillators run at one frequency without
        input; None: there is no such coupling.
    """

    curves: dict[str, CoupledCurve]
    synchronized: tuple[float, float] | None


def places_of(strengths: Floats) -> Floats:
    """Places on an axis that is logarithmic but for 0, which stands left of a break.

    Parameters
    ----------
    strengths : ndarray of shape (n_couplings,)
        Not negative.

    Returns
    -------
    ndarray of shape (n_couplings,)

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.plotting.coupled import places_of
    >>> places_of(np.array([0.0, 0.1, 1.0]))
    array([-1.6, -1. ,  0. ])
    """
    positive = strengths[strengths > 0]
    lowest = np.log10(positive.min()) if len(positive) else 0.0
    places: Floats = np.full(len(strengths), lowest - 0.6)
    places[strengths > 0] = np.log10(positive)
    return places


def plot_coupled_curve(
    ax: "Axes", task: str, curve: CoupledCurve, synchronized: tuple[float, float] | None
) -> "Axes":
    """One task against the coupling, with spreads where they were measured.

    Parameters
    ----------
    ax : matplotlib axes
    task : str
        Key of `PANELS`.
    curve : CoupledCurve
    synchronized : tuple of float or None
        Couplings that are shaded.

    Returns
    -------
    matplotlib axes
    """
    title, label, scale = PANELS[task]
    places = places_of(curve.strengths)
    one, width = scale * curve.single, scale * curve.single_spread
    if width:
        ax.axhspan(one - width, one + width, color=GREY, alpha=0.2, lw=0)
    ax.axhline(one, color=GREY, ls="--", label="one oscillator, all nodes")
    values = scale * curve.values
    spreads = scale * curve.spreads if curve.spreads.any() else None
    coupled = {"fmt": "o", "color": BLUE, "label": "coupled oscillators"}
    ax.errorbar(places, values, spreads, **coupled)  # type: ignore[arg-type]
    positive = curve.strengths > 0
    ax.plot(places[positive], values[positive], color=BLUE)
    if synchronized is not None:
        ends = [places_of(np.array([x, *curve.strengths]))[0] for x in synchronized]
        shaded = "all at one frequency without input"
        ax.axvspan(
            ends[0] - 0.04, ends[1] + 0.04, color=ORANGE, alpha=0.15, lw=0, label=shaded
        )
    ax.set_xticks(places, [f"{x:g}" for x in curve.strengths])
    if not positive.all() and positive.any():
        _break_axis(ax, places.min() + 0.3)
    if spreads is None:
        title += " (one run)"
        ax.set_ylim(0, 1.15 * max(values.max(), one))
    ax.set(xlabel="coupling / damping rate", ylabel=label, title=title)
    return ax


def _break_axis(ax: "Axes", place: float) -> None:
    """Two strokes across the horizontal axis: what is left of them is not on its scale."""
    ax.text(
        place,
        0,
        "//",
        transform=ax.get_xaxis_transform(),
        ha="center",
        va="center",
        bbox={"fc": "white", "ec": "none", "pad": 0.3},
    )


def plot_coupled(data: CoupledFigure, path: str | PathLike[str] | None = None) -> "Figure":
    """The figure of `reservoir experiment coupled`: every task against the coupling.

    Parameters
    ----------
    data : CoupledFigure
        From `CoupledExperiment.figure_data`.
    path : str or path-like or None, default=None
        PNG, PDF or SVG by its suffix. None: the figure is not saved.

    Returns
    -------
    matplotlib figure

    Examples
    --------
    >>> from reservoir.experiments import CoupledExperiment
    >>> from reservoir.plotting import plot_coupled
    >>> experiment = CoupledExperiment(quick=True)
    >>> rows = experiment.run()                             # doctest: +SKIP
    >>> figure = plot_coupled(experiment.figure_data(), "figure.pdf")  # doctest: +SKIP
    """
    with figure_style():
        figure = new_figure(PAGE_WIDTH, 70)
        axes = figure.subplots(1, len(PANELS))
        for ax, task in zip(axes, PANELS, strict=True):
            plot_coupled_curve(ax, task, data.curves[task], data.synchronized)
        letter_panels(axes)
        handles = axes[0].get_legend_handles_labels()[0]
        title = "bars and grey band: spread over folds; (b) and (c) were measured once"
        figure.legend(handles=handles, loc="outside lower center", ncols=3, title=title)
    if path is not None:
        save_figure(figure, path)
    return figure
