"""What coupling does for a reservoir of several oscillators."""

from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.saving import save_figure

# Label of the values of a task, and the factor that goes with it.
PANELS = {
    "digits": ("test clips right (%)", 100.0),
    "memory": ("short-term memory capacity (steps)", 1.0),
    "parity": ("parity capacity", 1.0),
}


@dataclass(frozen=True, eq=False)
class CoupledCurve:
    """One task against the coupling.

    Attributes
    ----------
    strengths, values : ndarray of shape (n_couplings,)
        Couplings over the damping rate, and what the coupled oscillators reach.
    single : float
        What one oscillator with all nodes reaches.
    """

    strengths: NDArray[np.float64]
    values: NDArray[np.float64]
    single: float


@dataclass(frozen=True, eq=False)
class CoupledFigure:
    """What the figure of the coupled oscillators shows.

    Attributes
    ----------
    curves : dict of str to CoupledCurve
        By task: "digits", "memory" and "parity".
    synchronized : tuple of float or None
        Lowest and highest coupling at which all oscillators run at one frequency at rest;
        None: there is no such coupling.
    """

    curves: dict[str, CoupledCurve]
    synchronized: tuple[float, float] | None


def plot_coupled(data: CoupledFigure, path: str | PathLike[str]) -> None:
    """The figure of `reservoir experiment coupled`: every task against the coupling.

    Parameters
    ----------
    data : CoupledFigure
        From `CoupledExperiment.figure_data`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.8), layout="constrained")
    for ax, (task, (label, scale)) in zip(
        figure.subplots(1, len(PANELS)), PANELS.items(), strict=True
    ):
        curve = data.curves[task]
        ax.axhline(
            scale * curve.single, color=GREY, ls="--", label="one oscillator, all nodes"
        )
        ax.plot(
            curve.strengths,
            scale * curve.values,
            "o-",
            color=BLUE,
            label="coupled oscillators",
        )
        if data.synchronized is not None:
            ax.axvspan(*data.synchronized, color=ORANGE, alpha=0.12, lw=0)
        ax.set_xscale("symlog", linthresh=0.05)
        ax.set_xlim(left=0)
        ax.set(xlabel="coupling / damping rate", ylabel=label, title=task)
    figure.axes[0].legend(frameon=False, fontsize=8, loc="lower right")
    figure.suptitle("Shaded: all run at one frequency at rest", fontsize=10)
    save_figure(figure, path)
