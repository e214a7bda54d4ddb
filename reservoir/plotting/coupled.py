"""What coupling does for a reservoir of several oscillators."""

from reservoir.plotting.colors import BLUE, GREY, ORANGE

PANELS = {
    "digits": ("test clips right (%)", 100.0),
    "memory": ("short-term memory capacity (steps)", 1.0),
    "parity": ("parity capacity", 1.0),
}


def plot_coupled(experiment, path):
    """The figure of `reservoir experiment kanao2019`: every task against the coupling.

    Parameters
    ----------
    experiment : CoupledReservoirExperiment
        After `run`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.8), layout="constrained")
    for ax, (task, (label, scale)) in zip(
        figure.subplots(1, len(PANELS)), PANELS.items(), strict=True
    ):
        strengths, values, alone = experiment.curve(task)
        ax.axhline(scale * alone, color=GREY, ls="--", label="one oscillator, all nodes")
        ax.plot(strengths, scale * values, "o-", color=BLUE, label="coupled oscillators")
        whole = [x for x in strengths if experiment.synchronized(x) == 4]
        if whole:
            ax.axvspan(min(whole), max(strengths), color=ORANGE, alpha=0.12, lw=0)
        ax.set_xscale("symlog", linthresh=0.05)
        ax.set_xlim(left=0)
        ax.set(xlabel="coupling / damping rate", ylabel=label, title=task)
    figure.axes[0].legend(frameon=False, fontsize=8, loc="lower right")
    figure.suptitle("Shaded: all run at one frequency at rest", fontsize=10)
    figure.savefig(path, dpi=130)
