"""Which class does a network recognise at each pair of source frequencies?"""

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reservoir._types import Array, ArrayLike, Floats, Integers
from reservoir.plotting.colors import CLASS_COLORS
from reservoir.plotting.style import legend_above, new_axes, style_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reservoir.networks.network import OscillatorNetwork
    from reservoir.networks.synchronization import SynchronizationClassifier

N_GRID = 121  # frequencies of each source on a map
PALE = 0.55  # how far the colour of a region is from that of its tokens
OUTSIDE = "#E6E6E6"  # beyond the range of the sources, where white would be a pattern
BORDER: dict[str, Any] = {"colors": "black", "linewidths": 0.5, "alpha": 0.4}
MARKERS = "os^vDPX*"  # colours are told apart by shape, too


class LockingMapDisplay:
    """Map of two source frequencies: what locks to what, and which class this means.

    Each region of one colour is where the network shows a pattern of locking that means a
    class. White regions show patterns that mean no class by themselves; there the classifier
    takes the most similar one. Grey lines are the borders of patterns. Points are tokens.

    Make it with `from_estimator`.

    Parameters
    ----------
    locked : array-like of int of shape (n_grid, n_grid, n_oscillators)
        The source that each oscillator is locked to, or -1; first axis: source A.
    limits : tuple of float
        Lowest and highest frequency of both sources on the map, in Hz.
    patterns : array-like of int of shape (n_patterns, n_oscillators)
        Patterns of locking that mean a class.
    pattern_classes : array-like of int of shape (n_patterns,)
        The class of each pattern, as an index into `names`.
    names : sequence of str
        Names of the classes.
    sources : array-like of shape (n_tokens, 2) or None, default=None
        Frequencies that each token gives to the sources, in Hz.
    labels : array-like of shape (n_tokens,) or None, default=None
        Class of each token.
    title : str, default=""

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    image_ : matplotlib image
        The regions.
    points_ : dict of str to matplotlib line
        The tokens of each class.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from reservoir import SynchronizationClassifier, datasets
    >>> from reservoir.plotting import LockingMapDisplay
    >>> vowels = datasets.make_vowels(10, ("ae", "er", "iy", "uw"), random_state=0)
    >>> classifier = SynchronizationClassifier(
    ...     learning="search", n_starts=3, random_state=0
    ... )
    >>> classifier = classifier.fit(vowels.data, vowels.target)
    >>> display = LockingMapDisplay.from_estimator(
    ...     classifier, vowels.data, vowels.target, n_grid=21
    ... )
    >>> display.ax_.get_xlabel(), sorted(display.points_)
    ('source A (MHz)', ['ae', 'er', 'iy', 'uw'])
    >>> plt.close(display.figure_)
    """

    ax_: "Axes"
    figure_: "Figure"

    def __init__(
        self,
        locked: ArrayLike,
        limits: tuple[float, float],
        patterns: ArrayLike,
        pattern_classes: ArrayLike,
        names: Any,
        sources: ArrayLike | None = None,
        labels: ArrayLike | None = None,
        *,
        title: str = "",
    ) -> None:
        self.locked: Integers = np.asarray(locked)
        self.limits = limits
        self.patterns: Integers = np.asarray(patterns)
        self.pattern_classes: Integers = np.asarray(pattern_classes)
        self.names = tuple(names)
        self.sources: Floats = np.empty((0, 2)) if sources is None else np.asarray(sources)
        self.labels: Array = np.empty(0) if labels is None else np.asarray(labels)
        self.title = title

    @classmethod
    def from_estimator(
        cls,
        estimator: "SynchronizationClassifier",
        X: ArrayLike | None = None,
        y: ArrayLike | None = None,
        *,
        n_grid: int = N_GRID,
        title: str | None = None,
        ax: "Axes | None" = None,
    ) -> Self:
        """Measure the map of a fitted classifier with two sources, and draw it.

        Parameters
        ----------
        estimator : fitted SynchronizationClassifier
            With two sources, and a readout of patterns.
        X : array-like of shape (n_tokens, n_features) or None, default=None
            Tokens to show on the map.
        y : array-like of shape (n_tokens,) or None, default=None
            Their classes; needed with X.
        n_grid : int, default=121
            Frequencies of each source.
        title : str or None, default=None
            None stands for the share of the tokens that are right.
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        LockingMapDisplay

        Raises
        ------
        ValueError
            If the classifier has not two sources or no patterns, or if y is missing.
        """
        display = cls.of_estimator(estimator, X, y, n_grid=n_grid)
        if title is not None:
            display.title = title
        elif X is not None:
            share = 100 * estimator.score(X, y)
            display.title = f"Locking map: {share:.0f} % of {len(display.labels)} tokens"
        return display.plot(ax)

    @classmethod
    def of_estimator(
        cls,
        estimator: "SynchronizationClassifier",
        X: ArrayLike | None = None,
        y: ArrayLike | None = None,
        *,
        network: "OscillatorNetwork | None" = None,
        n_grid: int = N_GRID,
        title: str = "Locking map",
    ) -> Self:
        """The map of a fitted classifier, to be drawn later with `plot`.

        Parameters
        ----------
        estimator, X, y, n_grid
            As for `from_estimator`.
        network : OscillatorNetwork or None, default=None
            None stands for the classifier's own, after learning.
        title : str

        Returns
        -------
        LockingMapDisplay
        """
        is_fitted = hasattr(estimator, "coef_")
        n_sources = len(estimator.coef_) if is_fitted else estimator.n_sources
        if n_sources != 2 or not hasattr(estimator, "patterns_"):
            raise ValueError(
                f"The classifier has {n_sources} sources and the readout "
                f"{estimator._kind_of_readout()!r}; a locking map is drawn of a fitted "
                'classifier with two sources and the readout "table" or "pattern".'
            )
        if X is not None and y is None:
            raise ValueError("X is given without y; give the classes of the tokens, too.")
        low, high = estimator.source_range_
        grid = np.linspace(low, high, n_grid)
        mapped = estimator.network_ if network is None else network
        return cls(
            mapped.synchronization_map(grid, grid),
            (low, high),
            estimator.patterns_,
            estimator.pattern_classes_,
            estimator.classes_.tolist(),
            None if X is None else estimator.input_frequencies(X),
            y,
            title=title,
        )

    def plot(self, ax: "Axes | None" = None, *, legend: bool = True) -> Self:
        """Draw the map, and the tokens on it.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.
        legend : bool, default=True
            Whether the classes are named above the map.

        Returns
        -------
        LockingMapDisplay
        """
        edges = self._edges() / 1e6
        extent = (edges[0], edges[-1], edges[0], edges[-1])
        with style_of(ax):
            ax = new_axes(90) if ax is None else ax
            ax.set_facecolor(OUTSIDE)
            self.image_ = ax.imshow(
                self._regions(), origin="lower", extent=extent, interpolation="nearest"
            )
            self._draw_borders(ax, edges)
            self._draw_tokens(ax)
            margin = 0.03 * (edges[-1] - edges[0])  # so that no token sits on the frame
            shown = (edges[0] - margin, edges[-1] + margin)
            ax.set(xlim=shown, ylim=shown)
            ax.set(xlabel="source A (MHz)", ylabel="source B (MHz)", title=self.title)
            if legend:
                legend_above(ax, 7 if len(self.names) < 8 else 6)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self

    def _regions(self) -> Floats:
        """Colours of the classes, paler than their tokens."""
        from matplotlib.colors import to_rgb

        image = np.ones((*self.locked.shape[:2], 3))
        for pattern, owner in zip(self.patterns, self.pattern_classes, strict=True):
            inside = (self.locked == pattern).all(axis=2)
            color = np.array(to_rgb(CLASS_COLORS[owner % len(CLASS_COLORS)]))
            image[inside] = PALE + (1 - PALE) * color
        return image.transpose(1, 0, 2)

    def _edges(self) -> Floats:
        """Edges of the cells of the map, whose middles are the frequencies, in Hz."""
        low, high = self.limits
        n_grid = len(self.locked)
        half = (high - low) / max(n_grid - 1, 1) / 2
        edges: Floats = np.linspace(low - half, high + half, n_grid + 1)
        return edges

    def _draw_borders(self, ax: "Axes", edges: Floats) -> None:
        """Thin lines between cells whose patterns differ, at any number of cells."""
        from matplotlib.collections import LineCollection

        lines = []
        for axis in (0, 1):
            differ = np.argwhere((np.diff(self.locked, axis=axis) != 0).any(axis=2))
            across, along = edges[differ[:, axis] + 1], differ[:, 1 - axis]
            ends = [(across, edges[along]), (across, edges[along + 1])]
            lines.append(np.array([end[:: 1 - 2 * axis] for end in ends]).transpose(2, 0, 1))
        ax.add_collection(LineCollection(list(np.concatenate(lines)), **BORDER))

    def _draw_tokens(self, ax: "Axes") -> None:
        self.points_: dict[str, Any] = {}
        for code, name in enumerate(self.names):
            mine = self.sources[self.labels == name] / 1e6
            (self.points_[str(name)],) = ax.plot(
                *mine.T,
                MARKERS[code % len(MARKERS)],
                color=CLASS_COLORS[code % len(CLASS_COLORS)],
                mec="black",
                mew=0.4,
                ms=4,
                label=str(name),
            )
