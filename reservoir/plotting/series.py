"""How well is a time series computed, and by whom?"""

import numpy as np

from reservoir.plotting.colors import BLUE, GREY, ORANGE

LABELS = {
    "nmse": "normalised mean squared error",
    "nrmse": "normalised root mean squared error",
    "ser": "symbol error rate",
    "accuracy": "points right (%)",
    "capacity": "capacity",
}


def plot_outputs(ax, shown, method):
    """The target and one method's output over the first test steps.

    Parameters
    ----------
    ax : matplotlib axes
    shown : dict of str to ndarray
        Of the experiment.
    method : str
    """
    time = np.arange(len(shown["target"]))
    ax.step(time, shown["target"], where="mid", color="black", lw=1.6, label="target")
    ax.step(time, shown[method], where="mid", color=ORANGE, lw=1.0, label=method)
    ax.set(xlabel="test step", ylabel="first target")
    ax.legend(frameon=False, fontsize=8, loc="upper right", ncols=2)
    ax.margins(y=0.2)


def plot_values(ax, rows):
    """One point a method, with its spread over seeds.

    Parameters
    ----------
    ax : matplotlib axes
    rows : list of Row
    """
    metric = rows[0].metric
    scale = 100 if metric == "accuracy" else 1
    errors = metric in ("nmse", "nrmse", "ser")
    positive = [row.value for row in rows if row.value > 0]
    lowest = min(positive, default=1) / 3
    for place, row in enumerate(rows):
        ours = row.method.startswith("oscillator")
        value = max(row.value, lowest) if errors else row.value
        text = f"{scale * row.value:.3g}" if row.value or not errors else "no error"
        spread = min(row.spread, 0.9 * value) if errors else row.spread
        ax.errorbar(
            scale * value,
            place,
            xerr=scale * spread,
            fmt="o",
            ms=6,
            capsize=2,
            color=BLUE if ours else GREY,
            mfc="white" if row.method.endswith("-noise") else None,
        )
        ax.annotate(
            text,
            (scale * value, place),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    ax.set_yticks(range(len(rows)), [row.method for row in rows])
    ax.set_ylim(-0.6, len(rows) - 0.2)
    if errors:
        ax.set_xscale("log")
    ax.margins(x=0.12)
    ax.grid(axis="x", color=GREY, alpha=0.3, lw=0.6)
    ax.set_xlabel(LABELS[metric])


def plot_series(experiment, path):
    """The figure of `reservoir series`.

    Parameters
    ----------
    experiment : SeriesExperiment
        After `run`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    shown = experiment.traces_
    outputs = [m for m in shown if m.startswith("oscillator") and not m.endswith("noise")]
    figure = Figure(figsize=(11, 4.8), layout="constrained")
    if outputs:
        left, right = figure.subplots(1, 2, width_ratios=(1.2, 1))
        plot_outputs(left, shown, outputs[-1])
    else:  # no test sequence of an oscillator to show
        right = figure.subplots()
    plot_values(right, experiment.rows_)
    figure.suptitle(experiment.heading().split("\n")[0], fontsize=11)
    figure.savefig(path, dpi=130)
