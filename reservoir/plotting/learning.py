"""How does a synchronisation classifier get better while it learns?"""

from typing import TYPE_CHECKING, Self

import numpy as np

from reservoir._checks import Choice, check_value
from reservoir._types import ArrayLike
from reservoir.plotting.arrays import drawn
from reservoir.plotting.colors import BLUE, ORANGE
from reservoir.plotting.style import legend_above, new_axes, style_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reservoir.networks.synchronization import SynchronizationClassifier

# What a step is, and what learning does.
STEPS = {
    "online": ("presentations of one token of each class", "Learning by tuning currents"),
    "gradient": ("starts, and the best one refined", "Learning by slopes"),
    "search": ("refined random starts", "Search for combinations and patterns"),
}


class OnlineLearningDisplay:
    """Share of the training tokens that are right, while a network is tuned.

    Online learning goes on after its best network, which is the one that is kept. So the
    curve of the networks may end lower than what is kept, and a second line, which never
    falls, shows the best network so far; a mark shows which one is kept in the end.
    scikit-learn's `LearningCurveDisplay` shows something else: test accuracy against the
    number of training samples.

    Parameters
    ----------
    shares : array-like of shape (n_steps,)
        Between 0 and 1.
    learning : {"online", "search"}, default="online"
        What a step is.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    line_ : matplotlib line
    best_line_ : matplotlib line or None
        The best so far, of online learning.
    kept_ : int
        The step whose network is kept.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from reservoir.plotting import OnlineLearningDisplay
    >>> display = OnlineLearningDisplay([0.3, 0.8, 0.95, 0.9]).plot()
    >>> display.kept_, display.ax_.get_ylabel()
    (2, 'training tokens right (%)')
    >>> plt.close(display.figure_)
    """

    ax_: "Axes"
    figure_: "Figure"

    def __init__(self, shares: ArrayLike, *, learning: str = "online") -> None:
        check_value("learning", learning, Choice(tuple(STEPS)))
        self.shares = drawn("shares", shares, None)
        self.learning = learning

    @classmethod
    def from_estimator(
        cls, estimator: "SynchronizationClassifier", *, ax: "Axes | None" = None
    ) -> Self:
        """Draw what a classifier kept of its learning.

        Parameters
        ----------
        estimator : fitted SynchronizationClassifier
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        OnlineLearningDisplay
        """
        return cls(estimator.learning_curve_, learning=estimator.learning).plot(ax)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw the curve, and the best network so far, with a mark at the one that is kept.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        OnlineLearningDisplay
        """
        self.kept_ = int(self.shares.argmax())
        best = 100 * self.shares[self.kept_]
        steps, title = STEPS[self.learning]
        with style_of(ax):
            ax = new_axes() if ax is None else ax
            (self.line_,) = ax.plot(100 * self.shares, color=BLUE, lw=1.2)
            (mark,) = ax.plot(self.kept_, best, "D", color=ORANGE, mec="black", mew=0.5)
            kept = f"step {self.kept_}, {best:.1f} %"
            self.best_line_ = None
            if self.learning == "online":
                self.line_.set_label("network of each step")
                so_far = 100 * np.maximum.accumulate(self.shares)
                label = f"best so far, which is kept: {kept}"
                (self.best_line_,) = ax.plot(so_far, "--", color=ORANGE, lw=1.2, label=label)
            else:
                mark.set_label(f"kept: {kept}")
            ax.set(
                xlabel=steps,
                ylabel="training tokens right (%)",
                title=title,
            )
            legend_above(ax, 1)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self
