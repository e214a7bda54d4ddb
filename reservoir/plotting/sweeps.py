"""Accuracy along the settings of a speech experiment, with and without the oscillator."""

from reservoir.plotting.colors import BLUE, CLASSES, GREY, ORANGE

AXES = {
    "utterances": "training utterances of each digit and speaker",
    "noise": "readout noise / spread of the amplitude",
    "current": "middle of the range of currents / threshold",
    "depth": "width of the range of currents / threshold",
    "hold": "hold time / relaxation time",
    "nodes": "virtual nodes",
    "snr": "speech over white noise (dB)",
}
LOGARITHMIC = ("noise", "depth", "hold", "nodes")
CHANCE = 10.0
# Where a legend stands between chance and what any front end reaches.
BETWEEN = {"frameon": False, "fontsize": 8, "loc": "lower right", "bbox_to_anchor": (1, 0.12)}


def plot_curve(ax, experiment, axis, frontend, method, color, label):
    """One curve of accuracies with the spread over draws.

    Parameters
    ----------
    ax : matplotlib axes
    experiment : SpeechSweep
        After `run`.
    axis, frontend, method : str
    color, label : str
    """
    values, accuracies, spreads = experiment.curve(axis, frontend, method)
    ax.errorbar(
        values,
        100 * accuracies,
        100 * spreads,
        color=color,
        ls="-" if method == "oscillator" else "--",
        marker="o" if method == "oscillator" else "s",
        mfc=color if method == "oscillator" else "white",
        ms=5,
        capsize=2,
        lw=1.4,
        label=label,
    )


def _finish(ax, axis, experiment):
    if axis in LOGARITHMIC:
        ax.set_xscale("log")
        values = sorted({point.value for point in experiment.points() if point.axis == axis})
        ax.set_xticks(values, [f"{value:g}" for value in values])
        ax.minorticks_off()
    ax.axhline(CHANCE, color=GREY, lw=0.8, ls=":")
    ax.set(xlabel=AXES[axis], ylabel="test clips right (%)", ylim=(0, 102))


def plot_torrejon(experiment, path):
    """The figure of `reservoir experiment torrejon2017`: one panel for each setting.

    Parameters
    ----------
    experiment : TorrejonExperiment
        After `run`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    measured = dict.fromkeys(point.axis for point in experiment.points())
    figure = Figure(figsize=(12, 7 if len(measured) > 3 else 3.8), layout="constrained")
    axes = figure.subplots(-(-len(measured) // 3), 3, squeeze=False).ravel()
    colors = {"cochleagram": BLUE, "spectrogram-signed": ORANGE}
    for ax, axis in zip(axes, measured, strict=False):
        curves = dict.fromkeys(
            (point.frontend, point.method)
            for point in experiment.points()
            if point.axis == axis
        )
        for frontend, method in curves:
            label = f"{frontend}, {'oscillator' if method == 'oscillator' else 'alone'}"
            plot_curve(ax, experiment, axis, frontend, method, colors[frontend], label)
        base = experiment.base_values().get(axis)
        if base:
            ax.axvline(base, color=GREY, lw=0.8)
        _finish(ax, axis, experiment)
    for ax in axes[len(measured) :]:
        ax.axis("off")
    axes[0].legend(**BETWEEN)
    figure.savefig(path, dpi=130)


def plot_abreu_araujo(experiment, path):
    """The figure of `reservoir experiment abreu_araujo2020`: curves and gains.

    Parameters
    ----------
    experiment : AbreuAraujoExperiment
        After `run`.
    path : str or path-like
    """
    from matplotlib.figure import Figure

    points = experiment.points()
    measured = list(dict.fromkeys(point.axis for point in points))
    frontends = list(dict.fromkeys(point.frontend for point in points))
    figure = Figure(figsize=(5 * (len(measured) + 1), 4.6), layout="constrained")
    axes = figure.subplots(1, len(measured) + 1)
    for ax, axis in zip(axes, measured, strict=False):
        for frontend, color in zip(frontends, CLASSES, strict=False):
            for method in ("control", "oscillator"):
                label = frontend if method == "oscillator" else None
                plot_curve(ax, experiment, axis, frontend, method, color, label)
        _finish(ax, axis, experiment)
    axes[0].legend(**BETWEEN)
    for row, (frontend, color) in enumerate(zip(frontends, CLASSES, strict=False)):
        alone = experiment.curve("utterances", frontend, "control")[1][-1]
        helped = experiment.curve("utterances", frontend, "oscillator")[1][-1]
        axes[-1].barh(row, 100 * alone, color=color, alpha=0.45)
        axes[-1].barh(row, 100 * (helped - alone), left=100 * alone, color=color)
        axes[-1].text(
            2, row, f"{frontend}: {100 * (helped - alone):+.1f}", va="center", fontsize=9
        )
    axes[-1].set(
        yticks=[],
        xlim=(0, 102),
        xlabel="test clips right (%)",
        title="front end alone (pale), gain of the oscillator",
    )
    figure.savefig(path, dpi=130)
