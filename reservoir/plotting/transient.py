"""How does the amplitude of a device come to rest after the current is switched on?"""

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reservoir._types import ArrayLike
from reservoir.devices.device import Device
from reservoir.plotting.arrays import drawn
from reservoir.plotting.style import legend_above, new_axes, style_of
from reservoir.plotting.units import Scale, drive_scale, time_scale
from reservoir.simulation import simulate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

LINE_STYLES = ("-", "--", "-.", ":")


class TransientDisplay:
    """Amplitude against time under held currents.

    Make it with `from_device`, or from arrays that were measured.

    Parameters
    ----------
    time : array-like of shape (n_times,)
        In s.
    amplitude : array-like of shape (n_currents, n_times)
        Without unit.
    current : array-like of shape (n_currents,)
        In A, or in the drive's own unit.
    scale : Scale or None, default=None
        From SI units to the currents in the legend. None stands for mA.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    lines_ : list of matplotlib lines
        One for each current.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.plotting import TransientDisplay
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> display = TransientDisplay.from_device(
    ...     vortex, [5e-3, 7e-3], duration=1e-6, initial_power=1e-3
    ... )
    >>> [line.get_label() for line in display.lines_]
    ['5 mA', '7 mA']
    >>> plt.close(display.figure_)
    """

    ax_: "Axes"
    figure_: "Figure"

    def __init__(
        self,
        time: ArrayLike,
        amplitude: ArrayLike,
        current: ArrayLike,
        *,
        scale: Scale | None = None,
    ) -> None:
        self.time = drawn("time", time, None)
        self.current = drawn("current", current, None)
        shape = (len(self.current), len(self.time))
        self.amplitude = drawn("amplitude", amplitude, shape, "current and time")
        self.scale = scale

    @classmethod
    def from_device(
        cls,
        device: Device,
        current: ArrayLike,
        *,
        duration: float,
        n_times: int = 300,
        initial_power: float | None = None,
        ax: "Axes | None" = None,
    ) -> Self:
        """Switch currents on, and draw what `reservoir.simulate` answers.

        Parameters
        ----------
        device : device
        current : float or array-like of shape (n_currents,)
            In A, or in the drive's own unit; each is held for the whole duration.
        duration : float
            In s.
        n_times : int, default=300
            Times at which the amplitude is shown.
        initial_power : float or None, default=None
            As for `reservoir.simulate`.
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        TransientDisplay
        """
        currents = np.atleast_1d(np.asarray(current, dtype=float))
        rows = np.repeat(currents[:, None], n_times, axis=1)
        hold = duration / n_times
        amplitude = simulate(device, rows, hold, initial_power=initial_power)
        time = hold * np.arange(1, n_times + 1)
        return cls(time, amplitude, currents, scale=drive_scale(device)).plot(ax)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw the transients.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        TransientDisplay
        """
        factor, label = self.scale or Scale(1e3, "current (mA)")
        unit = label.partition("(")[2].rstrip(")").removeprefix("no unit")
        time = time_scale(float(self.time[-1]))
        self.lines_: list[Line2D] = []
        with style_of(ax):
            ax = new_axes() if ax is None else ax
            for number, (value, row) in enumerate(
                zip(self.current, self.amplitude, strict=True)
            ):
                settings: dict[str, Any] = {"ls": LINE_STYLES[number % len(LINE_STYLES)]}
                name = f"{factor * value:.3g} {unit}".strip()
                self.lines_ += ax.plot(time.factor * self.time, row, label=name, **settings)
            ax.set(
                xlabel=time.label,
                ylabel=r"amplitude $\sqrt{p}$",
                title="Transient after the current is switched on",
                xlim=(0, time.factor * self.time[-1]),
            )
            legend_above(ax, 4)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self
