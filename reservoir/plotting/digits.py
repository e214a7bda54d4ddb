"""What one oscillator does with a spoken digit."""

import numpy as np

from reservoir.plotting.colors import BLUE, GREY, ORANGE


def plot_amplitude_response(ax, oscillator, drive_range):
    """Stationary amplitude against current, with the range that the input spans.

    Parameters
    ----------
    ax : matplotlib axes
    oscillator : SpinTorqueOscillator
    drive_range : tuple of float
        In units of the threshold.
    """
    low, high = drive_range
    overdrive = np.linspace(min(low, 0.5) - 0.1, high + 0.4, 400)
    current = overdrive * oscillator.threshold_current
    ax.axvspan(
        low * oscillator.threshold_current * 1e3,
        high * oscillator.threshold_current * 1e3,
        color=ORANGE,
        alpha=0.15,
        lw=0,
    )
    ax.plot(current * 1e3, oscillator.stationary_amplitude(current), color=BLUE, lw=2)
    ax.axvline(oscillator.threshold_current * 1e3, color=GREY, ls="--", lw=1)
    ax.text(
        oscillator.threshold_current * 1e3,
        ax.get_ylim()[1] * 0.97,
        " threshold",
        color="#555555",
        va="top",
    )
    ax.set(
        xlabel="current (mA)",
        ylabel="amplitude sqrt(p)",
        title="Response at rest (shaded: drive range)",
    )


def plot_masked_drive(axes, classifier, frames, first=10, n_frames=1, n_nodes=100):
    """Currents that one clip makes, and the amplitudes that answer.

    Parameters
    ----------
    axes : sequence of two matplotlib axes
    classifier : fitted ReservoirClassifier or TimeMultiplexedReservoir
    frames : ndarray of shape (n_frames, n_channels)
    first, n_frames, n_nodes : int
        Which frames to show, and how many nodes of them.
    """
    from reservoir.multiplexing.sequences import Sequences

    packed = Sequences([frames]).pack([0], np.float64)
    states = classifier._simulate_states(packed)[0]
    shown = slice(min(first, len(frames) - 1), min(first, len(frames) - 1) + n_frames)
    current = classifier.drive_.currents(frames)[shown].ravel()[:n_nodes]
    amplitude = states[shown].ravel()[:n_nodes]
    time = np.arange(len(current) + 1) * classifier.node_time_ * 1e6
    axes[0].stairs(current * 1e3, time, color=ORANGE, lw=1.2, baseline=None)
    axes[0].set(ylabel="current (mA)", title="Masked drive and node amplitudes")
    axes[0].axhline(classifier.oscillator_.threshold_current * 1e3, color=GREY, ls="--", lw=1)
    axes[1].plot(time[1:], amplitude, ".-", color=BLUE, lw=1, ms=4)
    axes[1].set(xlabel="time (µs)", ylabel="amplitude sqrt(p)")


def plot_confusion(ax, confusion, title="Confusion matrix (test clips)"):
    """Counts of true against recognised digits.

    Parameters
    ----------
    ax : matplotlib axes
    confusion : ndarray of int of shape (10, 10)
    title : str
    """
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for true, row in enumerate(confusion):
        for found, count in enumerate(row):
            if count:
                dark = shares[true, found] > 0.5
                ax.text(
                    found,
                    true,
                    str(count),
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="white" if dark else "black",
                )
    ticks = np.arange(len(confusion))
    ax.set(xticks=ticks, yticks=ticks, xlabel="recognised", ylabel="spoken", title=title)


def plot_digits(experiment, path):
    """The figure of `reservoir digits`: response, drive and nodes, confusion matrix.

    Parameters
    ----------
    experiment : DigitsExperiment
        After `run`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    classifier = experiment.estimator("oscillator", experiment.seeds[0])
    train, test = experiment.folds_[0]
    few = train[:: max(len(train) // 50, 1)]
    classifier.set_params(alpha=1e-3).fit(experiment.frames_[few], experiment.target_[few])
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    grid = figure.add_gridspec(2, 3, width_ratios=[1, 1.25, 1])
    plot_amplitude_response(
        figure.add_subplot(grid[:, 0]), classifier.oscillator_, classifier.drive_range
    )
    upper = figure.add_subplot(grid[0, 1])
    lower = figure.add_subplot(grid[1, 1], sharex=upper)
    upper.tick_params(labelbottom=False)
    plot_masked_drive((upper, lower), classifier, experiment.frames_[test[0]])
    axes = figure.add_subplot(grid[:, 2])
    if experiment.confusion_ is None:
        axes.set_axis_off()
    else:
        accuracy = np.trace(experiment.confusion_) / experiment.confusion_.sum()
        plot_confusion(
            axes,
            experiment.confusion_,
            f"{experiment.dataset}, {experiment.protocol}: {100 * accuracy:.1f} %",
        )
    figure.savefig(path, dpi=130)
