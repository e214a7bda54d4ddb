"""What a network of oscillators does with vowels: map, learning curve, spectrum."""

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reservoir.plotting.colors import BLUE, CLASS_COLORS, GREY, ORANGE
from reservoir.plotting.saving import save_animation, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N_LAST_FRAMES = 4  # frames at the end of an animation that show the network that is kept


@dataclass(frozen=True, eq=False)
class SynchronizationMap:
    """Which oscillators lock to which of two sources, and what this means.

    Attributes
    ----------
    locked : ndarray of int of shape (n_grid, n_grid, n_oscillators)
        The source that each oscillator is locked to, or -1; first axis: source A.
    limits : tuple of float
        Lowest and highest frequency of both sources on the map, in Hz.
    patterns : ndarray of int of shape (n_patterns, n_oscillators)
        Patterns of locking that mean a class.
    pattern_classes : ndarray of int of shape (n_patterns,)
        The class of each pattern, as an index into `names`.
    names : tuple of str
        Names of the classes.
    sources : ndarray of shape (n_tokens, 2)
        Frequencies that each token gives to the sources, in Hz.
    labels : ndarray of str of shape (n_tokens,)
        Class of each token.
    title : str
    """

    locked: NDArray[np.intp]
    limits: tuple[float, float]
    patterns: NDArray[np.intp]
    pattern_classes: NDArray[np.intp]
    names: tuple[str, ...]
    sources: NDArray[np.float64]
    labels: NDArray[Any]
    title: str


@dataclass(frozen=True, eq=False)
class EmissionSpectrum:
    """Power that a network emits without the sources and with them.

    Attributes
    ----------
    frequency, power_alone, power_driven : ndarray of shape (n_frequencies,)
        In Hz; in dB, without the sources and with them.
    sources : ndarray of shape (n_sources,)
        In Hz.
    natural_frequencies : ndarray of shape (n_oscillators,)
        In Hz.
    title : str
    """

    frequency: NDArray[np.float64]
    power_alone: NDArray[np.float64]
    power_driven: NDArray[np.float64]
    sources: NDArray[np.float64]
    natural_frequencies: NDArray[np.float64]
    title: str


@dataclass(frozen=True, eq=False)
class VowelsFigure:
    """What the figure of the vowels shows.

    Attributes
    ----------
    before, after : SynchronizationMap
        The network as it is made, and after learning.
    learning_curve : ndarray of shape (n_presentations + 1,)
        Share of the training tokens that are right, over presentations.
    spectrum : EmissionSpectrum
        During one token.
    """

    before: SynchronizationMap
    after: SynchronizationMap
    learning_curve: NDArray[np.float64]
    spectrum: EmissionSpectrum


def plot_map(ax: "Axes", data: SynchronizationMap) -> None:
    """Synchronisation map of a network, coloured by meaning, with tokens on it.

    Parameters
    ----------
    ax : matplotlib axes
    data : SynchronizationMap
    """
    from matplotlib.colors import to_rgb

    low, high = data.limits
    extent = (low / 1e6, high / 1e6, low / 1e6, high / 1e6)
    locked, n_grid = data.locked, len(data.locked)
    image = np.ones((n_grid, n_grid, 3))
    for pattern, owner in zip(data.patterns, data.pattern_classes, strict=True):
        inside = (locked == pattern).all(axis=2)
        color = CLASS_COLORS[owner % len(CLASS_COLORS)]
        image[inside] = 0.55 + 0.45 * np.array(to_rgb(color))
    ax.imshow(
        image.transpose(1, 0, 2), origin="lower", extent=extent, interpolation="nearest"
    )
    borders = (np.diff(locked, axis=0, append=locked[-1:]) != 0).any(axis=2)
    borders |= (np.diff(locked, axis=1, append=locked[:, -1:]) != 0).any(axis=2)
    shade = np.zeros((n_grid, n_grid, 4))
    shade[..., 3] = 0.25 * borders.T
    ax.imshow(shade, origin="lower", extent=extent, interpolation="nearest")
    sources = data.sources / 1e6
    for code, name in enumerate(data.names):
        mine = sources[data.labels == name]
        color = CLASS_COLORS[code % len(CLASS_COLORS)]
        ax.plot(*mine.T, "o", color=color, mec="black", mew=0.4, ms=4, clip_on=False)
        if len(mine):
            x, y = np.median(mine, axis=0)
            ax.text(
                x,
                y,
                name,
                weight="bold",
                ha="center",
                va="center",
                bbox={"fc": "white", "ec": color, "alpha": 0.85, "pad": 1.5},
            )
    ax.set(xlabel="source A (MHz)", ylabel="source B (MHz)", title=data.title)


def plot_learning(ax: "Axes", learning_curve: NDArray[np.float64]) -> None:
    """Share of the training tokens that are right, over presentations.

    Parameters
    ----------
    ax : matplotlib axes
    learning_curve : ndarray of shape (n_presentations + 1,)
    """
    ax.plot(100 * learning_curve, color=BLUE, lw=1.2)
    ax.axhline(100 * learning_curve.max(), color=GREY, ls="--", lw=1, label="kept")
    ax.set(
        xlabel="presentations of one token of each vowel",
        ylabel="training tokens right (%)",
        title="Learning by tuning currents",
    )
    ax.legend(frameon=False, loc="lower right")


def plot_spectrum(ax: "Axes", data: EmissionSpectrum) -> None:
    """Emitted power without the sources and with them.

    Parameters
    ----------
    ax : matplotlib axes
    data : EmissionSpectrum
    """
    frequency = data.frequency / 1e6
    ax.plot(frequency, data.power_alone, color=GREY, lw=1.2, label="no source")
    ax.plot(frequency, data.power_driven, color=BLUE, lw=1.2, label="both sources")
    for name, source in zip("ABCDEF", data.sources, strict=False):
        ax.axvline(source / 1e6, color=ORANGE, ls=":", lw=1.2)
        ax.text(source / 1e6 + 0.4, 0.5, name, color=ORANGE, va="bottom")
    natural = data.natural_frequencies / 1e6
    ax.set(
        xlim=(natural.min() - 15, natural.max() + 15),
        ylim=(-60, 6),
        xlabel="frequency (MHz)",
        ylabel="emitted power (dB)",
        title=data.title,
    )
    ax.legend(frameon=False, loc="upper left")


def plot_vowels(data: VowelsFigure, path: str | PathLike[str]) -> None:
    """The figure of `reservoir vowels`: maps, learning curve, spectrum of one token.

    Parameters
    ----------
    data : VowelsFigure
        From `VowelsExperiment.figure_data`.
    path : str or path-like
        PNG, PDF or SVG by its suffix.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 9), layout="constrained")
    axes = figure.subplots(2, 2)
    plot_map(axes[0, 0], data.before)
    plot_map(axes[0, 1], data.after)
    plot_learning(axes[1, 0], data.learning_curve)
    plot_spectrum(axes[1, 1], data.spectrum)
    save_figure(figure, path)


def animate_learning(maps: tuple[SynchronizationMap, ...], path: str | PathLike[str]) -> None:
    """The map moving while the network learns, as a GIF; the last map stays for a while.

    Parameters
    ----------
    maps : sequence of SynchronizationMap
        From `VowelsExperiment.animation_data`.
    path : str or path-like
        Ends in .gif.
    """
    from matplotlib.figure import Figure

    frames = [*maps, *(N_LAST_FRAMES - 1) * maps[-1:]]
    figure = Figure(figsize=(6, 6), layout="constrained")
    ax = figure.subplots()

    def draw(frame: SynchronizationMap) -> list[Any]:
        ax.clear()
        plot_map(ax, frame)
        return []

    save_animation(figure, draw, frames, path)
