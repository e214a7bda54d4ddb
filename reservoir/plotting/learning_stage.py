"""What moves in the video of learning oscillators, and where does it stand?"""

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.style import PAGE_WIDTH, new_figure, small_text

if TYPE_CHECKING:
    from reservoir.plotting.learning_video import Moment, OnlineLearningVideo

SOURCE_COLORS = (BLUE, ORANGE)
SOURCE_NAMES = ("A", "B")
TUNED, RIGHT, WRONG = "black", "#00654A", "#A03C00"
CAPTION = (
    "Dots: natural frequencies of the oscillators. Dashed: sources A and B during the token. "
    "Thick line: locked to this source. Map: a colour is a class, white a pattern that means "
    "no class by itself, and the cross is the token."
)
CAPTION_WIDTH = 120  # letters
FEWEST_MICROAMPERE = 0.5  # smaller changes of a current are rounded away, and not shown


class LearningStage:
    """A figure in which `show` moves everything to a moment.

    Parameters
    ----------
    video : OnlineLearningVideo

    Attributes
    ----------
    figure : matplotlib figure
    slow, moving : list of artists
        What changes with the scene, and what with every moment.
    """

    def __init__(self, video: "OnlineLearningVideo") -> None:
        self.video = video
        self.figure = new_figure(PAGE_WIDTH, 108)
        self.figure.set_layout_engine("none")  # as words come and go, panels stay in place
        self._line = self.figure.add_axes((0.055, 0.575, 0.38, 0.335))
        self._curve = self.figure.add_axes((0.085, 0.205, 0.38, 0.25))
        self._map = self.figure.add_axes((0.6, 0.205, 0.39, 0.665))
        self.slow: list[Any] = []
        self.moving: list[Any] = []
        self._place_line()
        self._place_map()
        self._place_curve()

    def scene(self, moment: "Moment") -> tuple[int, bool, bool]:
        """What two moments have in common in which the slow artists look the same."""
        return moment.step, moment.token is None, moment.last

    def show(self, moment: "Moment") -> None:
        """Move everything to a moment."""
        self._show_words(moment)
        self._show_oscillators(moment)
        self._show_sources(moment)
        self._show_map_and_curve(moment)

    # ------------------------------------------------------------------ what stands

    def _place_line(self) -> None:
        video, ax = self.video, self._line
        n_oscillators = video.natural.shape[1]
        rows = range(n_oscillators)
        edges = np.array([*video.maps[0].limits, video.natural.min(), video.natural.max()])
        low, high = edges.min() / 1e6, edges.max() / 1e6
        margin = 0.03 * (high - low)
        ax.set(
            xlim=(low - margin, high + margin),
            ylim=(n_oscillators - 0.4, -1.1),
            xlabel="frequency (MHz)",
            ylabel="oscillator",
            yticks=rows,
            yticklabels=[str(row + 1) for row in rows],
        )
        ax.hlines(rows, low - margin, high + margin, color=GREY, lw=0.4)
        self._words = self._move(self.figure.text(0.012, 0.945, ""))
        self._vertical, self._labels = [], []
        for color, name in zip(SOURCE_COLORS, SOURCE_NAMES, strict=True):
            self._vertical.append(self._move(ax.axvline(low, color=color, lw=1.0, ls="--")))
            label = ax.text(low, -0.65, name, color=color, weight="bold", ha="center")
            self._labels.append(self._move(label))
        self._locks = [self._move(ax.plot([], [], lw=3.5, alpha=0.6)[0]) for _ in rows]
        self._arrows = [self._move(ax.plot([], [], color=TUNED, lw=1.6)[0]) for _ in rows]
        self._points = [
            self._move(ax.plot([], [], "o", ms=7, mec="black", mew=0.6)[0]) for _ in rows
        ]
        (kept,) = ax.plot([], [], "D", ms=9, mfc="none", mec="black", mew=0.9)
        self._kept = self._move(kept)
        place: Any = {"transform": ax.get_yaxis_transform(), "va": "center"}
        self._currents = [
            self._slow(ax.text(1.02, row, "0.000 mA\n+000 µA", size=small_text(), **place))
            for row in rows
        ]

    def _place_map(self) -> None:
        first = self.video.maps[0]
        first.title = " "
        first.plot(self._map)
        first.borders_.set_visible(False)  # each map brings its own
        self._image = self._slow(first.image_)
        self._image.set_data(first.picture())
        self._mapped = 0
        for line in first.points_.values():  # drawn over the map, which is drawn anew
            line.set(markersize=3)
            self._slow(line)
        (token,) = self._map.plot([], [], "P", ms=12, mfc="white", mec="black", mew=1.2)
        self._token = self._move(token)

    def _place_curve(self) -> None:
        video, ax = self.video, self._curve
        percent = 100 * video.curve
        margin = 0.08 * max(np.ptp(percent), 1.0)
        ax.set(
            xlim=(-1, len(percent)),
            ylim=(percent.min() - margin, percent.max() + margin),
            xlabel="presentations of one token of each class",
            ylabel="training tokens\nright (%)",
        )
        self._path = self._slow(ax.plot([], [], color=BLUE, lw=1.2)[0])
        self._now = self._slow(ax.plot([], [], "o", color=BLUE)[0])
        (best,) = ax.plot([], [], "D", mfc="none", mec="black", mew=1.0, ms=6)
        self._best = self._slow(best)
        words = self.figure.text(0.012, 0.02, "", va="bottom", size=small_text())
        self._caption = self._slow(words)

    def _move(self, artist: Any) -> Any:
        """Remember an artist that moves."""
        self.moving.append(artist)
        return artist

    def _slow(self, artist: Any) -> Any:
        """Remember an artist that changes with the scene only."""
        self.slow.append(artist)
        return artist

    # ------------------------------------------------------------------ what moves

    def _show_words(self, moment: "Moment") -> None:
        video = self.video
        number, n_last = video.numbers[moment.step], len(video.curve) - 1
        words, color = f"Presentation {number} of {n_last}", "black"
        if moment.last:
            words = f"{words}: learning has ended"
        elif moment.token is None:
            words = f"{words}: the currents are tuned"
        else:
            told = video.names[moment.token]
            answer = video.names[video.answers[moment.step, moment.token]]
            right = answer == told
            color = RIGHT if right else WRONG
            verdict = "right" if right else "wrong"
            words = f"{words}: token '{told}', answer '{answer}' ({verdict})"
        self._words.set(text=words, color=color)
        words = video.ending() if moment.last else CAPTION
        self._caption.set_text(fill(words, CAPTION_WIDTH))

    def _show_oscillators(self, moment: "Moment") -> None:
        video, step = self.video, moment.step
        tuning = moment.token is None and not moment.last
        after = step + 1 if tuning else step
        natural, new = video.natural[step] / 1e6, video.natural[after] / 1e6
        changes = 1e6 * (video.currents[after] - video.currents[step])
        for row, point in enumerate(self._points):
            source = -1 if moment.token is None else video.locked[step, moment.token, row]
            color = GREY if source < 0 else SOURCE_COLORS[source]
            point.set(data=([new[row]], [row]), markerfacecolor=color)
            if source < 0:
                self._locks[row].set_data([], [])
            else:
                there = video.sources[step, moment.token, source] / 1e6
                self._locks[row].set(data=([natural[row], there], [row, row]), color=color)
            self._arrows[row].set_data([natural[row], new[row]], [row, row])
            words = f"{1e3 * video.currents[after, row]:.3f} mA"
            if abs(changes[row]) >= FEWEST_MICROAMPERE:
                words += f"\n{changes[row]:+.0f} µA"
            self._currents[row].set_text(words)

    def _show_sources(self, moment: "Moment") -> None:
        shown = moment.token is not None
        for number, (line, label) in enumerate(
            zip(self._vertical, self._labels, strict=True)
        ):
            line.set_visible(shown)
            label.set_visible(shown)
            if moment.token is not None:
                there = self.video.sources[moment.step, moment.token, number] / 1e6
                line.set_xdata([there, there])
                label.set_x(there)
        if moment.token is not None:
            first, second = self.video.sources[moment.step, moment.token] / 1e6
            self._token.set_data([first], [second])
        else:
            self._token.set_data([], [])

    def _show_map_and_curve(self, moment: "Moment") -> None:
        video, number = self.video, self.video.numbers[moment.step]
        if moment.step != self._mapped:
            self._image.set_data(video.maps[moment.step].picture())
            self._mapped = moment.step
        percent = 100 * video.curve
        self._path.set_data(np.arange(number + 1), percent[: number + 1])
        self._now.set_data([number], [percent[number]])
        kept = [video.kept] if moment.last else []
        self._best.set_data(kept, percent[kept])
        rows = range(video.natural.shape[1]) if moment.last else []
        self._kept.set_data(video.kept_natural[rows] / 1e6, rows)
