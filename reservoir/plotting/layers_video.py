"""How do layers of spin diodes learn? A video of moving resonances and accuracies."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from reservoir._progress import Progress, no_progress
from reservoir._types import ArrayLike, Floats, Integers
from reservoir.plotting.colors import BLUE, GREY
from reservoir.plotting.layers import POLARITIES, Resonances
from reservoir.plotting.style import (
    PAGE_WIDTH,
    left_title,
    legend_above,
    new_figure,
)
from reservoir.plotting.video import Video

N_SHOWN = 60  # passes in a video, unless told otherwise
N_BETWEEN = 4  # frames from one shown pass to the next
N_LAST = 24  # frames at the end
RATE = 12  # frames in a second
NO_STEP = 1e-12  # half linewidths; a step of it is lost in the rounding of any detuning


@dataclass(frozen=True, eq=False)
class LayersLearningVideo(Video):
    """Resonances of the last layer that move while a network learns, and accuracies.

    The video runs forward only, and its end is the network as it has learned.

    Make it with `from_estimator`, and write it with `save`.

    Attributes
    ----------
    passes : ndarray of int of shape (n_shown,)
        The shown passes over the training data; 0: before learning.
    resonances : tuple of Resonances
        One for each shown pass.
    trained, tested : ndarray of shape (n_passes + 1,)
        Accuracies before learning and after each pass, on training data and on new data.
        `tested` is empty without new data.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.layers import SpintronicClassifier
    >>> from reservoir.plotting import LayersLearningVideo
    >>> X = np.random.default_rng(0).uniform(size=(60, 2))
    >>> model = SpintronicClassifier((4,), max_iter=5, random_state=0)
    >>> video = LayersLearningVideo.from_estimator(model, X, X[:, 0] > X[:, 1])
    >>> video.passes, video.trained.shape
    (array([0, 1, 2, 3, 4, 5]), (6,))
    >>> video.save("learning.html")  # doctest: +SKIP
    """

    rate = RATE
    title = "Layers that learn"
    drawing = "layers.js"

    passes: Integers
    resonances: tuple[Resonances, ...]
    trained: Floats
    tested: Floats

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        X_test: ArrayLike | None = None,
        y_test: ArrayLike | None = None,
        *,
        n_shown: int = N_SHOWN,
        progress: Progress = no_progress,
    ) -> Self:
        """Let a copy of a classifier learn, and look at it after each pass.

        The passes are those of `partial_fit`, each with steps of one length. From pass to
        pass it falls along the cosine along which it falls from batch to batch in `fit`.

        Parameters
        ----------
        estimator : SpintronicClassifier, or another classifier of layers
            It stays as it is. Its `max_iter` is the number of passes.
        X, y : array-like
            Training data and their classes.
        X_test, y_test : array-like or None, default=None
            New data and their classes, whose accuracy is shown, too.
        n_shown : int, default=60
            Passes that are shown at most, spread evenly from the first to the last.
        progress : callable
            Wraps the iterator of passes, e.g. in a tqdm bar.

        Returns
        -------
        LayersLearningVideo
        """
        model = clone(estimator)
        n_passes, first_step = int(model.max_iter), float(model.learning_rate_init)
        spread = np.linspace(0, n_passes, min(int(n_shown), n_passes + 1))
        shown = np.unique(spread.round().astype(int))
        found, trained, tested = [], [], []
        with threadpool_limits(1, user_api="blas"):
            for number in progress(range(n_passes + 1), n_passes + 1):
                share = (number - 0.5) / n_passes
                rate = first_step * (1 + np.cos(np.pi * share)) / 2 if number else NO_STEP
                model.set_params(learning_rate_init=rate)
                model.partial_fit(X, y, classes=np.unique(y))
                trained.append(model.score(X, y))
                if X_test is not None:
                    tested.append(model.score(X_test, y_test))
                if number in shown:
                    found.append(Resonances.of_estimator(model))
        return cls(shown, tuple(found), np.array(trained), np.array(tested))

    def moments(self) -> tuple[float, ...]:
        """What the frames show: indices into `passes`, and fractions between them."""
        last = len(self.passes) - 1
        moving = np.arange(N_BETWEEN * last) / N_BETWEEN
        return (*moving.tolist(), *(N_LAST * [float(last)]))

    def at(self, moment: float) -> tuple[int, Floats]:
        """The last shown pass before a moment, and resonances in MHz on their way."""
        step = min(int(moment), len(self.passes) - 1)
        after = min(step + 1, len(self.passes) - 1)
        start, stop = self.resonances[step].resonances, self.resonances[after].resonances
        return step, (start + (moment - step) * (stop - start)) / 1e6

    def _stage(self) -> "_LayersStage":
        return _LayersStage(self)

    def _data(self) -> dict[str, Any]:
        """What the page draws: MHz and percent."""
        first = self.resonances[0]
        shown = [(each.resonances / 1e6).round(3).tolist() for each in self.resonances]
        return {
            "names": first.names,
            "lines": (first.lines / 1e6).round(3).tolist(),
            "polarities": first.polarities.astype(int).tolist(),
            "passes": self.passes.tolist(),
            "resonances": shown,
            "trained": (100 * self.trained).round(2).tolist(),
            "tested": (100 * self.tested).round(2).tolist(),
        }


class _LayersStage:
    """A figure in which `show` moves resonances and curves to a moment."""

    def __init__(self, video: LayersLearningVideo) -> None:
        self.video = video
        self.slow: list[Any] = []
        self.figure = new_figure(PAGE_WIDTH, 84)
        self._left, self._right = self.figure.subplots(1, 2, width_ratios=(1.7, 1))
        first = video.resonances[0]
        self._rows = np.arange(len(first.names))[:, None] + np.zeros(len(first.lines))
        self._dots = self._place_resonances(first)
        self._curves = self._place_curves()
        self._accuracies = video.tested if video.tested.size else video.trained
        self._words = left_title(self._left)
        self.moving = [self._way, *self._dots, *self._curves, self._words]

    def scene(self, moment: float) -> int:
        """All moments have one scene."""
        return 0

    def show(self, moment: float) -> None:
        """Move everything to a moment."""
        video = self.video
        step, now = video.at(moment)
        start = video.resonances[0].resonances / 1e6
        gap = np.full(start.size, np.nan)
        way = np.column_stack([start.ravel(), now.ravel(), gap]).ravel()
        self._way.set_data(way, np.repeat(self._rows.ravel(), 3))
        for (sign, _, _), dots in zip(POLARITIES, self._dots, strict=True):
            mine = video.resonances[step].polarities == sign
            dots.set_data(now[mine], self._rows[mine])
        done = video.passes[step]
        for curve, values in zip(self._curves, (video.trained, video.tested), strict=False):
            curve.set_data(np.arange(done + 1), 100 * values[: done + 1])
        n_passes, shown = len(video.trained) - 1, 100 * self._accuracies[done]
        self._words.set_text(
            f"Last layer after {done} of {n_passes} passes: {shown:.1f} % right"
        )

    def _place_resonances(self, first: Resonances) -> list[Any]:
        ax, shown = self._left, np.array([r.resonances for r in self.video.resonances]) / 1e6
        margin = 0.02 * np.ptp(shown)
        for number, line in enumerate(first.lines / 1e6):
            label = None if number else "line"
            ax.axvline(line, color=GREY, lw=0.8, alpha=0.6, label=label)
        start = first.resonances.ravel() / 1e6
        ax.plot(start, self._rows.ravel(), "|", color="black", ms=6, label="as made")
        (self._way,) = ax.plot([], [], color="black", lw=0.8)
        looks: Any = {"ms": 4, "mec": "black", "mew": 0.3}
        dots = [
            ax.plot([], [], "o", color=color, label=label, **looks)[0]
            for _, color, label in POLARITIES
        ]
        ax.set_yticks(range(len(first.names)), first.names)
        ax.set(
            xlim=(shown.min() - margin, shown.max() + margin),
            ylim=(len(first.names) - 0.5, -0.5),
            xlabel="resonance (MHz)",
            ylabel="chain of the class",
            title="Last layer before learning",
        )
        legend_above(ax, 4)
        return dots

    def _place_curves(self) -> list[Any]:
        ax, video = self._right, self.video
        curves = [ax.plot([], [], color=GREY, label="training")[0]]
        if video.tested.size:
            curves += ax.plot([], [], color=BLUE, label="new data")
        lowest = 100 * min(video.trained.min(), video.tested.min(initial=1.0))
        ax.set(
            xlim=(-0.5, len(video.trained) - 0.5),
            ylim=(lowest - 3, 103),
            xlabel="passes over the training data",
            ylabel="samples right (%)",
            title="Samples right while it learns",
        )
        legend_above(ax, 2)
        return curves
