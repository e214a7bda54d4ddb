"""How do oscillators learn? A video of tokens, sources, locking, currents, map and curve."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reservoir._progress import Progress, no_progress
from reservoir._types import ArrayLike, Floats, Integers
from reservoir.networks.pattern_readout import PatternTable
from reservoir.plotting.learning_stage import LearningStage
from reservoir.plotting.locking import LockingMapDisplay, class_color, class_marker
from reservoir.plotting.video import Video, picture_url

if TYPE_CHECKING:
    from reservoir.networks.synchronization import SynchronizationClassifier

N_SHOWN = 60  # presentations in a video, unless told otherwise
N_GRID = 81  # frequencies of each source on its maps
RATE = 10  # frames in a second
N_TUNING = 2  # frames that show currents being tuned
N_LAST = 40  # frames at the end that say which network is kept


@dataclass(frozen=True)
class Moment:
    """What one frame shows.

    Attributes
    ----------
    step : int
        Which of the shown presentations.
    token : int or None
        The class whose token is presented; None while currents are tuned.
    last : bool
        Whether it is the end, which says what is kept.
    """

    step: int
    token: int | None = None
    last: bool = False


@dataclass(frozen=True, eq=False)
class OnlineLearningVideo(Video):
    """What four or more oscillators do while they learn, token after token.

    Each shown presentation has a moment for the token of each class, in which the sources
    stand at its frequencies and oscillators lock, and moments in which the currents are
    tuned. The video runs forward only. Its end says which presentation's network is kept.

    Make it with `from_estimator`, and write it with `save`.

    Attributes
    ----------
    names : tuple of str
        The classes.
    numbers : ndarray of int of shape (n_shown,)
        The shown presentations.
    natural : ndarray of shape (n_shown, n_oscillators)
        Natural frequencies, in Hz.
    currents : ndarray of shape (n_shown, n_oscillators)
        In A.
    sources : ndarray of shape (n_shown, n_classes, 2)
        Frequencies of both sources during the token of each class, in Hz.
    locked : ndarray of int of shape (n_shown, n_classes, n_oscillators)
        The source that each oscillator is locked to, or -1.
    answers : ndarray of int of shape (n_shown, n_classes)
        The class that is recognised in each token.
    curve : ndarray of shape (n_presentations + 1,)
        Share of the training tokens that are right.
    kept : int
        The presentation whose network is kept.
    kept_natural : ndarray of shape (n_oscillators,)
        Its natural frequencies, in Hz.
    maps : tuple of LockingMapDisplay
        One for each shown presentation; the first one holds the tokens.

    Examples
    --------
    >>> from reservoir import SynchronizationClassifier, datasets
    >>> from reservoir.plotting import OnlineLearningVideo
    >>> vowels = datasets.make_vowels(8, ("ae", "iy", "uw"), random_state=0)
    >>> classifier = SynchronizationClassifier(
    ...     learning="online", n_starts=2, n_presentations=4, random_state=0
    ... ).fit(vowels.data, vowels.target)
    >>> video = OnlineLearningVideo.from_estimator(
    ...     classifier, vowels.data, vowels.target, n_grid=11
    ... )
    >>> video.natural.shape, video.locked.shape
    ((5, 4), (5, 3, 4))
    >>> video.save("learning.html")  # doctest: +SKIP
    """

    rate = RATE
    title = "Oscillators that learn"
    drawing = "learning.js"

    names: tuple[str, ...]
    numbers: Integers
    natural: Floats
    currents: Floats
    sources: Floats
    locked: Integers
    answers: Integers
    curve: Floats
    kept: int
    kept_natural: Floats
    maps: tuple[LockingMapDisplay, ...]

    @classmethod
    def from_estimator(
        cls,
        estimator: "SynchronizationClassifier",
        X: ArrayLike,
        y: ArrayLike,
        *,
        n_shown: int = N_SHOWN,
        n_grid: int = N_GRID,
        progress: Progress = no_progress,
    ) -> Self:
        """Measure what a fitted classifier did at the presentations that it remembers.

        Nothing is fitted again: frequencies and tokens were kept by `fit`.

        Parameters
        ----------
        estimator : fitted SynchronizationClassifier
            With learning "online" and two sources.
        X : array-like of shape (n_tokens, n_features)
            Tokens that are shown on the map.
        y : array-like of shape (n_tokens,)
            Their classes.
        n_shown : int, default=60
            Presentations that are shown at most, spread evenly from the first to the last.
        n_grid : int, default=81
            Frequencies of each source on the maps.
        progress : callable
            Wraps the iterator of presentations, e.g. in a tqdm bar.

        Returns
        -------
        OnlineLearningVideo

        Raises
        ------
        ValueError
            If the classifier did not learn online, has not two sources, or if y is missing.
        """
        if not hasattr(estimator, "source_curve_"):
            raise ValueError(
                "The classifier keeps no presentations to show; fit a "
                'SynchronizationClassifier with learning="online" in this version of the '
                "package."
            )
        n_steps = len(estimator.frequency_curve_)
        spread = np.linspace(0, n_steps - 1, min(int(n_shown), n_steps))
        numbers: Integers = np.unique(spread.round().astype(int))
        steps = [
            _Step.measured(estimator, number, n_grid, (X, y) if number == 0 else (None, None))
            for number in progress(numbers.tolist(), len(numbers))
        ]
        kept = int(np.argmax(estimator.learning_curve_))
        return cls(
            names=tuple(map(str, estimator.classes_)),
            numbers=numbers,
            natural=estimator.frequency_curve_[numbers],
            currents=np.array([step.currents for step in steps]),
            sources=estimator.source_curve_[numbers],
            locked=np.array([step.locked for step in steps]),
            answers=np.array([step.answers for step in steps]),
            curve=estimator.learning_curve_,
            kept=kept,
            kept_natural=estimator.frequency_curve_[kept],
            maps=tuple(step.map for step in steps),
        )

    def moments(self) -> tuple[Moment, ...]:
        """What the frames show, in their order."""
        found = []
        for step in range(len(self.numbers)):
            found += [Moment(step, token) for token in range(len(self.names))]
            if step + 1 < len(self.numbers):
                found += N_TUNING * [Moment(step)]
        return (*found, *N_LAST * [Moment(len(self.numbers) - 1, last=True)])

    def ending(self) -> str:
        """A sentence on which network is kept, and why the curve may end below it."""
        best, end = 100 * self.curve[self.kept], 100 * self.curve[-1]
        last = len(self.curve) - 1
        if self.kept == last:
            return (
                f"Kept: the network of presentation {last}, the last one, because it is the "
                f"best on the training tokens ({best:.1f} %)."
            )
        first = (
            f"Kept: the network of presentation {self.kept} (hollow diamonds), because it "
            f"was the first of the best on the training tokens ({best:.1f} %)."
        )
        if end == best:
            return f"{first} None after it was better."
        return (
            f"{first} The curve ends below, at {end:.1f} %: a move for one token of each "
            "class may harm other tokens, which is measured only afterwards."
        )

    def _stage(self) -> LearningStage:
        return LearningStage(self)

    def _data(self) -> dict[str, Any]:
        """What the page draws: MHz, mA and percent."""
        first = self.maps[0]
        low, high = first.limits
        tokens = [
            [round(a / 1e6, 3), round(b / 1e6, 3), self.names.index(str(name))]
            for (a, b), name in zip(first.sources, first.labels, strict=True)
        ]
        return {
            "names": self.names,
            "numbers": self.numbers.tolist(),
            "natural": (self.natural / 1e6).round(3).tolist(),
            "currents": (1e3 * self.currents).round(4).tolist(),
            "sources": (self.sources / 1e6).round(3).tolist(),
            "locked": self.locked.tolist(),
            "answers": self.answers.tolist(),
            "curve": (100 * self.curve).round(2).tolist(),
            "kept": self.kept,
            "keptNatural": (self.kept_natural / 1e6).round(3).tolist(),
            "limits": [low / 1e6, high / 1e6],
            "tokens": tokens,
            "colors": [class_color(code) for code in range(len(self.names))],
            "marks": [_mark(code) for code in range(len(self.names))],
            "maps": [picture_url(each.picture()[::-1]) for each in self.maps],
            "ending": self.ending(),
        }


def _mark(code: int) -> str:
    """The mark of a class as a path of SVG, as wide as 2."""
    from matplotlib.markers import MarkerStyle

    style = MarkerStyle(class_marker(code))
    outline: Any = style.get_path().transformed(style.get_transform())
    return "".join(
        "M" + "L".join(f"{2 * x:.2f} {-2 * y:.2f}" for x, y in polygon) + "Z"
        for polygon in outline.to_polygons(closed_only=False)
    )


@dataclass(frozen=True, eq=False)
class _Step:
    """What the network of one presentation does."""

    currents: Floats
    locked: Integers
    answers: Integers
    map: LockingMapDisplay

    @classmethod
    def measured(
        cls,
        estimator: "SynchronizationClassifier",
        number: int,
        n_grid: int,
        tokens: tuple[ArrayLike | None, ArrayLike | None],
    ) -> Self:
        # As learning itself did, in single precision.
        network = estimator.network_.tune(estimator.frequency_curve_[number])
        network = network.set_params(dtype="float32")
        response = network.measure(estimator.source_curve_[number])
        table = PatternTable(estimator.patterns_, estimator.pattern_classes_)
        scores = table.scores(table.agreement(response), len(estimator.classes_))
        return cls(
            np.asarray(network.currents),
            response.locked,
            scores.argmax(axis=1),
            LockingMapDisplay.of_estimator(
                estimator, *tokens, network=network, n_grid=n_grid
            ),
        )
