"""Who locks to whom among three oscillators without sources."""

import numpy as np

from reservoir.plotting.colors import BLUE, GREY, ORANGE

PAIRS = {(0, 1): "1 and 2", (0, 2): "1 and 3", (1, 2): "2 and 3"}
SHADES = ("#CCE3F0", "#D5EDE4", "#F3E3D3")
N_GRID = 141


def plot_tongues(ax, groups, axis):
    """Tongues of mutual locking over the currents of two of three oscillators.

    Parameters
    ----------
    ax : matplotlib axes
    groups : ndarray of int of shape (n_currents, n_currents, 3)
        Equal numbers for equal frequencies; first axis: the current of oscillator 2.
    axis : ndarray of shape (n_currents,)
        In A.
    """
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Patch

    image = np.ones((*groups.shape[:2], 3))
    handles = []
    for (i, j), shade in zip(PAIRS, SHADES, strict=True):
        image[groups[..., i] == groups[..., j]] = to_rgb(shade)
        handles.append(Patch(color=shade, label=f"{PAIRS[i, j]} locked"))
    everybody = 0.4 + 0.6 * np.array(to_rgb(BLUE))
    image[groups.max(axis=2) == 0] = everybody
    handles.append(Patch(color=everybody, label="all three"))
    ax.imshow(
        image.transpose(1, 0, 2),
        origin="lower",
        extent=[axis[0] * 1e3, axis[-1] * 1e3] * 2,
        interpolation="nearest",
    )
    ax.set(xlabel="current of oscillator 2 (mA)", ylabel="current of oscillator 3 (mA)")
    return handles


def plot_binding(experiment, path):
    """The figure of `reservoir experiment romera2022`: each vowel's tokens on the tongues.

    Parameters
    ----------
    experiment : BindingExperiment
        After `run`; the first fold is shown.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    train, test = experiment.folds_[0][0]
    X, y = experiment.data_, experiment.target_
    figure = Figure(figsize=(9, 9.6), layout="constrained")
    axes = figure.subplots(2, 2, sharex=True, sharey=True)
    groups = None
    for ax, vowel in zip(axes.flat, experiment.vowels, strict=True):
        classifier = experiment.classifier().fit(X[train], y[train] == vowel)
        axis = np.linspace(*classifier.limits_, N_GRID)
        groups = classifier.tongues(axis) if groups is None else groups  # one network
        handles = plot_tongues(ax, groups, axis)
        mine = y == vowel
        for chosen, style in (
            (~mine, {"marker": "x", "color": GREY, "label": "other vowel"}),
            (mine, {"marker": "o", "color": ORANGE, "mec": "black", "label": "vowel"}),
        ):
            for rows, size in ((train, 3), (test, 6)):
                shown = rows[chosen[rows]]
                ax.plot(
                    *(1e3 * classifier.currents(X[shown])[:, 1:]).T,
                    ls="",
                    ms=size,
                    mew=0.6 if style["marker"] == "o" else 1.0,
                    **{k: v for k, v in style.items() if k != "label" or size == 6},
                )
        share = 100 * classifier.score(X[test], mine[test])
        ax.set_title(f"'{vowel}' against the others: {share:.0f} % of these test tokens")
        ax.label_outer()
    points, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(
        handles + points,
        [handle.get_label() for handle in handles] + labels,
        loc="outside lower center",
        ncols=6,
        frameon=False,
    )
    figure.savefig(path, dpi=110)
