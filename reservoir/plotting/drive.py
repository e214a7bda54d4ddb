"""Which currents does one sequence make, and which states answer?"""

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reservoir._types import ArrayLike
from reservoir.plotting.arrays import drawn
from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.style import new_axes, small_text, style_of
from reservoir.plotting.units import LABELS_OF_STATES, Scale, drive_scale, time_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reservoir.multiplexing.base import BaseReservoir

GAP = 0.08  # between the two panels, as a share of the height


class MaskedDriveDisplay:
    """Currents of virtual nodes above, and below them the states that answer.

    Make it with `from_estimator`.

    Parameters
    ----------
    current : array-like of shape (n_holds,)
        In A, or in the drive's own unit; each is held for `node_time`.
    states : array-like of shape (n_holds,)
        What is read at the end of each hold.
    node_time : float
        In s.
    threshold : float or None, default=None
        In A. None: it is not marked.
    title : str, default=""
    read : str, default="amplitude"
        What the states are: "amplitude", "power", "frequency" or "phase".
    scale : Scale or None, default=None
        From SI units to the axis of the currents. None stands for mA.

    Attributes
    ----------
    ax_ : matplotlib axes
        The frame of both panels.
    axes_ : tuple of two matplotlib axes
        The currents, and the states.
    figure_ : matplotlib figure

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.plotting import MaskedDriveDisplay
    >>> frames = np.random.default_rng(0).normal(size=(20, 3))
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=50, random_state=0).fit([frames])
    >>> display = MaskedDriveDisplay.from_estimator(reservoir, frames, first_frame=10)
    >>> display.ax_.get_title(loc="left")
    'Frame 10: all 50 nodes'
    >>> plt.close(display.figure_)
    """

    ax_: "Axes"
    figure_: "Figure"

    def __init__(
        self,
        current: ArrayLike,
        states: ArrayLike,
        node_time: float,
        *,
        threshold: float | None = None,
        title: str = "",
        read: str = "amplitude",
        scale: Scale | None = None,
    ) -> None:
        self.current = drawn("current", current, None)
        self.states = drawn("states", states, self.current.shape, "current")
        self.node_time = node_time
        self.threshold = threshold
        self.title = title
        self.read = read
        self.scale = scale

    @classmethod
    def from_estimator(
        cls,
        estimator: "BaseReservoir",
        sequence: ArrayLike,
        *,
        first_frame: int = 0,
        n_frames: int = 1,
        n_nodes: int | None = None,
        ax: "Axes | None" = None,
    ) -> Self:
        """Play one sequence to a fitted reservoir, and draw currents and states.

        Parameters
        ----------
        estimator : fitted ReservoirClassifier, ReservoirRegressor or TimeMultiplexedReservoir
            With one oscillator.
        sequence : array-like of shape (n_frames_of_it, n_channels)
        first_frame, n_frames : int
            The first frame that is shown, counted from 0, and the number of frames. A first
            frame beyond the end stands for the last one.
        n_nodes : int or None, default=None
            How many holds of these frames are shown. None: all.
        ax : matplotlib axes or None, default=None
            It becomes the frame of two panels. None: in a new figure, as wide as a column.

        Returns
        -------
        MaskedDriveDisplay
        """
        display = cls.of_estimator(
            estimator, sequence, first_frame=first_frame, n_frames=n_frames, n_nodes=n_nodes
        )
        return display.plot(ax)

    @classmethod
    def of_estimator(
        cls,
        estimator: "BaseReservoir",
        sequence: ArrayLike,
        *,
        first_frame: int = 0,
        n_frames: int = 1,
        n_nodes: int | None = None,
    ) -> Self:
        """The same as `from_estimator`, to be drawn later with `plot`.

        Parameters
        ----------
        estimator, sequence, first_frame, n_frames, n_nodes
            As for `from_estimator`.

        Returns
        -------
        MaskedDriveDisplay

        Raises
        ------
        ValueError
            If the reservoir has several oscillators, whose states do not follow one another.
        """
        size = estimator.n_nodes
        played: Any = [np.asarray(sequence)]
        states = estimator.node_states(played)[0]
        if states.shape[1] != size:
            raise ValueError(
                f"The estimator has {states.shape[1] // size} oscillators; a masked drive is "
                "drawn with one. Fit one with n_oscillators=1."
            )
        first = min(first_frame, len(states) - 1)
        last = min(first + n_frames, len(states))
        shown = slice(first * size, last * size)
        current = estimator.drive_currents(played)[0][shown][:n_nodes]
        frames = f"Frame {first}" if last == first + 1 else f"Frames {first} to {last - 1}"
        whole = (last - first) * size
        part = f"all {size} nodes" if len(current) == whole else f"{len(current)} of {whole}"
        part += " nodes" * (len(current) < whole)
        device: Any = estimator.oscillator_
        return cls(
            current,
            states.ravel()[shown][:n_nodes],
            estimator.node_time_,
            threshold=getattr(device, "threshold_current", None),
            title=f"{frames}: {part}",
            read=estimator.read,
            scale=drive_scale(device),
        )

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw the currents above the states.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
            It becomes the frame of two panels. None: in a new figure, as wide as a column.

        Returns
        -------
        MaskedDriveDisplay
        """
        factor, label = self.scale or Scale(1e3, "current (mA)")
        edges = np.arange(len(self.current) + 1) * self.node_time
        time = time_scale(float(edges[-1]))
        with style_of(ax):
            ax = new_axes(80) if ax is None else ax
            ax.set_axis_off()
            ax.set_title(self.title)
            height = (1 - GAP) / 2
            upper = ax.inset_axes((0, 1 - height, 1, height))
            lower = ax.inset_axes((0, 0, 1, height), sharex=upper)
            upper.stairs(
                factor * self.current, time.factor * edges, color=ORANGE, baseline=None
            )
            if self.threshold is not None:
                self._mark_threshold(upper, factor * self.threshold)
            upper.set(ylabel=label)
            upper.tick_params(labelbottom=False)
            marker = "." if len(self.states) <= 120 else ""
            lower.plot(time.factor * edges[1:], self.states, marker=marker, color=BLUE, lw=1)
            lower.set(xlabel=time.label, ylabel=LABELS_OF_STATES[self.read])
            lower.set_xlim(0, time.factor * edges[-1])
        self.ax_, self.axes_ = ax, (upper, lower)
        self.figure_ = ax.figure  # type: ignore[assignment]
        return self

    def _mark_threshold(self, ax: "Axes", threshold: float) -> None:
        low, high = ax.get_ylim()
        if not low < threshold < high:
            return
        ax.axhline(threshold, color=GREY, ls="--", lw=1)
        ax.set_ylim(low, high + 0.2 * (high - low))
        ax.text(
            0.99,
            0.97,
            "dashed: threshold",
            transform=ax.transAxes,
            ha="right",
            va="top",
            color="#555555",
            fontsize=small_text(),
        )
