"""What a network of oscillators does with vowels: map, learning curve, spectrum."""

import numpy as np

from reservoir.plotting.colors import BLUE, CLASSES, GREY, ORANGE

N_GRID = 120
N_KEPT = 4  # frames at the end of an animation that show the network that is kept


def plot_map(ax, classifier, network, X, y, title):
    """Synchronisation map of a network, coloured by meaning, with tokens on it.

    Parameters
    ----------
    ax : matplotlib axes
    classifier : fitted SynchronizationClassifier
        With two sources and patterns; says what a pattern means.
    network : OscillatorNetwork
        Whose map is drawn.
    X, y : array-like of shape (n_samples, n_features) and (n_samples,)
    title : str
    """
    from matplotlib.colors import to_rgb

    low, high = classifier.source_range_
    grid = np.linspace(low, high, N_GRID)
    locked = network.synchronization_map(grid, grid)
    image = np.ones((N_GRID, N_GRID, 3))
    names = classifier.classes_.tolist()
    for pattern, owner in zip(classifier.patterns_, classifier.pattern_classes_, strict=True):
        inside = (locked == pattern).all(axis=2)
        image[inside] = 0.55 + 0.45 * np.array(to_rgb(CLASSES[owner % len(CLASSES)]))
    ax.imshow(
        image.transpose(1, 0, 2),
        origin="lower",
        extent=[low / 1e6, high / 1e6] * 2,
        interpolation="nearest",
    )
    borders = (np.diff(locked, axis=0, append=locked[-1:]) != 0).any(axis=2)
    borders |= (np.diff(locked, axis=1, append=locked[:, -1:]) != 0).any(axis=2)
    shade = np.zeros((N_GRID, N_GRID, 4))
    shade[..., 3] = 0.25 * borders.T
    ax.imshow(
        shade, origin="lower", extent=[low / 1e6, high / 1e6] * 2, interpolation="nearest"
    )
    sources = classifier.input_frequencies(X) / 1e6
    for code, name in enumerate(names):
        mine = sources[np.asarray(y) == name]
        color = CLASSES[code % len(CLASSES)]
        ax.plot(*mine.T, "o", color=color, mec="black", mew=0.4, ms=4, clip_on=False)
        if len(mine):
            ax.text(
                *np.median(mine, axis=0),
                str(name),
                weight="bold",
                ha="center",
                va="center",
                bbox={"fc": "white", "ec": color, "alpha": 0.85, "pad": 1.5},
            )
    ax.set(xlabel="source A (MHz)", ylabel="source B (MHz)", title=title)


def plot_learning(ax, classifier):
    """Share of the training tokens that are right, over presentations.

    Parameters
    ----------
    ax : matplotlib axes
    classifier : fitted SynchronizationClassifier
        With ``learning="online"``.
    """
    ax.plot(100 * classifier.learning_curve_, color=BLUE, lw=1.2)
    ax.axhline(
        100 * classifier.learning_curve_.max(), color=GREY, ls="--", lw=1, label="kept"
    )
    ax.set(
        xlabel="presentations of one token of each vowel",
        ylabel="training tokens right (%)",
        title="Learning by tuning currents",
    )
    ax.legend(frameon=False, loc="lower right")


def plot_spectrum(ax, network, sources, title):
    """Emitted power without the sources and with them.

    Parameters
    ----------
    ax : matplotlib axes
    network : OscillatorNetwork
    sources : array-like of shape (n_sources,)
        In Hz.
    title : str
    """
    for X, color, label in ((None, GREY, "no source"), ([sources], BLUE, "both sources")):
        frequency, power = network.power_spectrum(X)
        ax.plot(frequency / 1e6, power[0], color=color, lw=1.2, label=label)
    for name, source in zip("ABCDEF", sources, strict=False):
        ax.axvline(source / 1e6, color=ORANGE, ls=":", lw=1.2)
        ax.text(source / 1e6 + 0.4, 0.5, name, color=ORANGE, va="bottom")
    natural = network.natural_frequencies() / 1e6
    ax.set(
        xlim=(natural.min() - 15, natural.max() + 15),
        ylim=(-60, 6),
        xlabel="frequency (MHz)",
        ylabel="emitted power (dB)",
        title=title,
    )
    ax.legend(frameon=False, loc="upper left")


def _online(experiment):
    """The classifier of `network-online` on the first fold, and its test tokens."""
    train, test = experiment.folds_[0][0]
    X, y = experiment.data_, experiment.target_
    classifier = experiment.estimator("network-online", experiment.seed)
    return classifier.fit(X[train], y[train]), X[test], y[test]


def plot_vowels(experiment, path):
    """The figure of `reservoir vowels`: maps, learning curve, spectrum of one token.

    Parameters
    ----------
    experiment : VowelsExperiment
        After `run`, of seven vowels.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    classifier, X, y = _online(experiment)
    figure = Figure(figsize=(11, 9), layout="constrained")
    axes = figure.subplots(2, 2)
    curve = classifier.learning_curve_
    before = f"As made: {100 * curve[0]:.0f} % of training tokens"
    after = (
        f"After learning: {100 * curve.max():.0f} % of training tokens, "
        f"{100 * classifier.score(X, y):.0f} % of these"
    )
    plot_map(axes[0, 0], classifier, classifier.network, X, y, before)
    plot_map(axes[0, 1], classifier, classifier.network_, X, y, after)
    plot_learning(axes[1, 0], classifier)
    right = np.flatnonzero(classifier.predict(X) == y)
    token = right[0] if right.size else 0
    plot_spectrum(
        axes[1, 1],
        classifier.network_,
        classifier.input_frequencies(X[[token]])[0],
        f"Spectrum during one token of '{y[token]}'",
    )
    figure.savefig(path, dpi=130)


def animate_learning(experiment, path, n_frames=30):
    """The map moving while the network learns, as a GIF; it ends with the network kept.

    Parameters
    ----------
    experiment : VowelsExperiment
        After `run`, of seven vowels.
    path : str or path-like
        Ends in .gif.
    n_frames : int
    """
    from matplotlib.animation import FuncAnimation, PillowWriter
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    classifier, X, y = _online(experiment)
    curve, path_of_frequencies = classifier.learning_curve_, classifier.frequency_curve_
    shown = np.unique(np.linspace(0, len(curve) - 1, n_frames).round().astype(int))
    kept = curve.argmax()
    frames = [(number, "") for number in shown] + [(kept, "kept: ")] * N_KEPT
    figure = Figure(figsize=(6, 6), layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.subplots()

    def draw(frame):
        number, prefix = frame
        ax.clear()
        network = classifier.network.tune(path_of_frequencies[number])
        share = f"{100 * curve[number]:.0f} % of training tokens"
        title = f"{prefix}presentation {number}: {share}"
        plot_map(ax, classifier, network, X, y, title)

    animation = FuncAnimation(figure, draw, frames=frames, init_func=lambda: None)
    animation.save(path, writer=PillowWriter(fps=5))
