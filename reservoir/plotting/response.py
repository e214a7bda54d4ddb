"""How strongly does a device oscillate at each current?"""

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reservoir._types import ArrayLike
from reservoir.devices.device import Device
from reservoir.devices.logistic import has_rates
from reservoir.plotting.arrays import drawn
from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.style import new_axes, small_text, style_of
from reservoir.plotting.units import Scale, drive_scale
from reservoir.simulation import simulate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reservoir.multiplexing.base import BaseReservoir

N_POINTS = 400
N_SETTLING = 50  # default node times until a device that states no steady state has one


class AmplitudeResponseDisplay:
    """Amplitude of a device against the current that is held.

    Make it with `from_device` or `from_estimator`, or from arrays that were measured.

    Parameters
    ----------
    current, amplitude : array-like of shape (n_points,)
        In A (or in the drive's own unit); without unit.
    threshold : float or None, default=None
        In A. None: it is not marked.
    drive_range : tuple of two floats or None, default=None
        Lowest and highest current that the input of a reservoir makes, in A.
    hold_time : float or None, default=None
        How long each current was held, in s. None: until the amplitude is steady.
    scale : Scale or None, default=None
        From SI units to the horizontal axis. None stands for a current in mA.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    line_ : matplotlib line
        The response curve.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.plotting import AmplitudeResponseDisplay
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> display = AmplitudeResponseDisplay.from_device(vortex, np.linspace(2e-3, 8e-3, 61))
    >>> display.ax_.get_xlabel()
    'current (mA)'
    >>> plt.close(display.figure_)
    """

    ax_: "Axes"
    figure_: "Figure"

    def __init__(
        self,
        current: ArrayLike,
        amplitude: ArrayLike,
        *,
        threshold: float | None = None,
        drive_range: tuple[float, float] | None = None,
        hold_time: float | None = None,
        scale: Scale | None = None,
    ) -> None:
        self.current = drawn("current", current, None)
        self.amplitude = drawn("amplitude", amplitude, self.current.shape, "current")
        self.threshold = threshold
        self.drive_range = drive_range
        self.hold_time = hold_time
        self.scale = scale

    @classmethod
    def from_device(
        cls,
        device: Device,
        current: ArrayLike | None = None,
        *,
        hold_time: float | None = None,
        drive_range: tuple[float, float] | None = None,
        ax: "Axes | None" = None,
    ) -> Self:
        """Compute the response of a device, and draw it.

        Parameters
        ----------
        device : device
        current : array-like of shape (n_points,) or None, default=None
            In A, or in the drive's own unit. None stands for 0.4 to 3 drive units.
        hold_time : float or None, default=None
            Every current is held for this time, in s, from where a sequence starts. None: the
            steady amplitude. A device that does not state it is simulated for 50 of its
            default node times.
        drive_range : tuple of two floats or None, default=None
            Shaded, in A.
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        AmplitudeResponseDisplay
        """
        display = cls._computed(device, current, hold_time, drive_range)
        return display.plot(ax)

    @classmethod
    def from_estimator(cls, estimator: "BaseReservoir", *, ax: "Axes | None" = None) -> Self:
        """Compute the response of a fitted reservoir's device around its drive range.

        Parameters
        ----------
        estimator : fitted ReservoirClassifier, ReservoirRegressor or TimeMultiplexedReservoir
        ax : matplotlib axes or None, default=None

        Returns
        -------
        AmplitudeResponseDisplay
        """
        return cls.of_estimator(estimator).plot(ax)

    @classmethod
    def of_estimator(cls, estimator: "BaseReservoir") -> Self:
        """The response of a fitted reservoir's device, to be drawn later with `plot`.

        Parameters
        ----------
        estimator : fitted ReservoirClassifier, ReservoirRegressor or TimeMultiplexedReservoir

        Returns
        -------
        AmplitudeResponseDisplay
        """
        device: Any = estimator.oscillator_
        low, high = estimator.drive_range
        unit = device.drive_unit
        if has_rates(device):
            current = np.linspace(min(low, 0.5) - 0.1, high + 0.4, N_POINTS) * unit
        else:  # it may be known there only
            current = np.linspace(low, high, N_POINTS) * unit
        return cls._computed(device, current, None, (low * unit, high * unit))

    @classmethod
    def _computed(
        cls,
        device: Device,
        current: ArrayLike | None,
        hold_time: float | None,
        drive_range: tuple[float, float] | None,
    ) -> Self:
        if current is None:
            current = np.linspace(0.4, 3.0, N_POINTS) * device.drive_unit
        current = np.asarray(current, dtype=float)
        if hold_time is None and has_rates(device):
            amplitude = device.stationary_amplitude(current)
        elif hold_time is None:
            many = np.repeat(current[:, None], N_SETTLING, axis=1)
            amplitude = simulate(device, many, device.default_node_time(1))[:, -1]
        else:
            amplitude = simulate(device, current[:, None], hold_time)[:, 0]
        return cls(
            current,
            amplitude,
            threshold=getattr(device, "threshold_current", None),
            drive_range=drive_range,
            hold_time=hold_time,
            scale=drive_scale(device),
        )

    def plot(self, ax: "Axes | None" = None, **line_settings: Any) -> Self:
        """Draw the response.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.
        **line_settings
            Of the line, such as `color` and `label`.

        Returns
        -------
        AmplitudeResponseDisplay
        """
        factor, label = self.scale or Scale(1e3, "current (mA)")
        with style_of(ax):
            ax = new_axes() if ax is None else ax
            settings: dict[str, Any] = {"color": BLUE, "lw": 1.6} | line_settings
            (self.line_,) = ax.plot(factor * self.current, self.amplitude, **settings)
            if self.drive_range is not None:
                ax.axvspan(*(factor * x for x in self.drive_range), color=ORANGE, alpha=0.18)
            if self.threshold is not None:
                ax.axvline(factor * self.threshold, color=GREY, ls="--", lw=1)
            self._name_lines(ax, factor)
            held = "Response: steady amplitude"
            if self.hold_time is not None:
                held = f"Response after a hold of {self.hold_time * 1e9:.3g} ns"
            ax.set(xlabel=label, ylabel=self._label(), title=held)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self

    def _label(self) -> str:
        is_current = self.scale is None or self.scale.label.startswith("current")
        return r"amplitude $\sqrt{p}$" if is_current else "state of the device"

    def _name_lines(self, ax: "Axes", factor: float) -> None:
        """Words above the curve, for which the axis makes room."""
        low, high = ax.get_ylim()
        words = {}
        if self.threshold is not None:
            words["threshold"] = factor * self.threshold, "left", "#555555"
        if self.drive_range is not None:
            words["drive range"] = factor * self.drive_range[1], "right", "#A04400"
        if words:
            ax.set_ylim(low, high + 0.16 * len(words) * (high - low))
        for row, (word, (place, side, color)) in enumerate(words.items()):
            ax.annotate(
                word,
                (place, 1 - 0.02 - 0.12 * row),
                xycoords=("data", "axes fraction"),
                xytext=(2 if side == "left" else -2, 0),
                textcoords="offset points",
                ha=side,
                va="top",
                color=color,
                fontsize=small_text(),
            )
