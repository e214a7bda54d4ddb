"""Where is an oscillator best operated?"""

import numpy as np

TITLES = {
    "memory": "short-term memory",
    "parity": "parity capacity",
    "information": "information processing capacity",
    "kernel-rank": "kernel rank",
    "generalization-rank": "generalisation rank",
}


def plot_map(ax, experiment, measure):
    """One measure over middle and half width of the range of currents.

    Parameters
    ----------
    ax : matplotlib axes
    experiment : CapacityExperiment
        After `run`.
    measure : str

    Returns
    -------
    matplotlib image
    """
    biases, others, values = experiment.grid(measure)
    image = ax.imshow(values, origin="lower", aspect="auto", cmap="cividis")
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            color = "black" if value > middle else "white"
            ax.text(
                column, row, f"{value:.3g}", ha="center", va="center", fontsize=8, color=color
            )
    ax.set_xticks(range(len(biases)), [f"{bias:g}" for bias in biases])
    ax.set_yticks(range(len(others)), [f"{other:g}" for other in others])
    ax.set_title(TITLES[measure], fontsize=10)
    return image


def plot_capacity(experiment, path):
    """The figure of `reservoir capacity`: one map for each measure.

    Parameters
    ----------
    experiment : CapacityExperiment
        After `run`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 6.6), layout="constrained")
    axes = figure.subplots(2, 3).ravel()
    for ax, measure in zip(axes, TITLES, strict=False):
        plot_map(ax, experiment, measure)
        along_x, along_y = experiment.axes()
        ax.set(xlabel=along_x, ylabel=along_y)
    axes[-1].axis("off")
    axes[-1].text(0, 0.5, experiment.heading().replace(", ", "\n"), fontsize=10, va="center")
    figure.savefig(path, dpi=130)
