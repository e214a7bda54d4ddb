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
BORDER = 0.25  # darkness of the borders of patterns
MARKERS = "os^vDPX*"  # colours are told apart by shape, too


def class_color(code: int) -> str:
    """The colour of a class on a map, by its number."""
    return CLASS_COLORS[code % len(CLASS_COLORS)]


def class_marker(code: int) -> str:
    """The mark of a token on a map, by the number of its class."""
    return MARKERS[code % len(MARKERS)]


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
    >>> classifier = SynchronizationClassifier(learning="search", random_state=0, n_starts=3)
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
        fitted = hasattr(estimator, "coef_")
        n_sources = len(estimator.coef_) if fitted else estimator.n_sources
        if n_sources != 2 or not hasattr(estimator, "patterns_"):
            kind = "patterns" if hasattr(estimator, "patterns_") else "no patterns"
            raise ValueError(
                f"The classifier has {n_sources} sources and {kind}; a "
                "locking map is drawn of a fitted classifier with two sources and patterns, "
                'as learning "search" or "online" gives.'
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
        low, high = (limit / 1e6 for limit in self.limits)
        settings: Any = {
            "origin": "lower",
            "extent": (low, high, low, high),
            "interpolation": "nearest",
        }
        with style_of(ax):
            ax = new_axes(90) if ax is None else ax
            ax.set_facecolor(OUTSIDE)
            self.image_ = ax.imshow(self._regions(), **settings)
            borders = self._borders()
            ax.imshow(borders, cmap="gray_r", alpha=BORDER * borders, **settings)
            self._draw_tokens(ax)
            margin = 0.035 * (high - low)  # so that no token sits on the frame
            ax.set(xlim=(low - margin, high + margin), ylim=(low - margin, high + margin))
            ax.set(xlabel="source A (MHz)", ylabel="source B (MHz)", title=self.title)
            if legend:
                legend_above(ax, 7 if len(self.names) < 8 else 6)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self

    def picture(self) -> Floats:
        """The map itself, without tokens and axes.

        Returns
        -------
        ndarray of shape (n_grid, n_grid, 3)
            Red, green and blue from 0 to 1; the first row: the lowest frequency of B.
        """
        return self._regions() * (1 - BORDER * self._borders()[..., None])

    def _regions(self) -> Floats:
        """Colours of the classes, paler than their tokens."""
        from matplotlib.colors import to_rgb

        image = np.ones((*self.locked.shape[:2], 3))
        for pattern, owner in zip(self.patterns, self.pattern_classes, strict=True):
            inside = (self.locked == pattern).all(axis=2)
            color = np.array(to_rgb(class_color(owner)))
            image[inside] = PALE + (1 - PALE) * color
        return image.transpose(1, 0, 2)

    def _borders(self) -> Floats:
        """Where the pattern changes to the next row or column."""
        locked = self.locked
        borders = (np.diff(locked, axis=0, append=locked[-1:]) != 0).any(axis=2)
        borders |= (np.diff(locked, axis=1, append=locked[:, -1:]) != 0).any(axis=2)
        shade: Floats = borders.T.astype(float)
        return shade

    def _draw_tokens(self, ax: "Axes") -> None:
        self.points_: dict[str, Any] = {}
        for code, name in enumerate(self.names):
            mine = self.sources[self.labels == name] / 1e6
            (self.points_[str(name)],) = ax.plot(
                *mine.T,
                class_marker(code),
                color=class_color(code),
                mec="black",
                mew=0.4,
                ms=4,
                label=str(name),
            )
