"""What does a network emit without sources, and with them?"""

from string import ascii_uppercase
from typing import TYPE_CHECKING, Self

import numpy as np

from reservoir._types import ArrayLike
from reservoir.plotting.arrays import drawn
from reservoir.plotting.colors import BLUE, GREY, ORANGE
from reservoir.plotting.style import legend_above, new_axes, small_text, style_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reservoir.networks.network import OscillatorNetwork

MARGIN = 15e6  # Hz on each side of the natural frequencies and the sources
DEPTH = 60.0  # dB that are shown below 0 dB


class EmissionSpectrumDisplay:
    """Power that a network emits, as a spectrum analyser shows it.

    Make it with `from_network`, or from spectra that were measured.

    Parameters
    ----------
    frequency : array-like of shape (n_frequencies,)
        In Hz.
    power_alone, power_driven : array-like of shape (n_frequencies,)
        Without the sources and with them, in dB. 0 dB is a line of power 1.
    sources : array-like of shape (n_sources,)
        In Hz.
    natural_frequencies : array-like of shape (n_oscillators,)
        In Hz.
    title : str, default="Emission spectrum"

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from reservoir import OscillatorNetwork
    >>> from reservoir.plotting import EmissionSpectrumDisplay
    >>> display = EmissionSpectrumDisplay.from_network(OscillatorNetwork(), [341e6, 362e6])
    >>> display.ax_.get_ylabel()
    'emitted power (dB of $|c|^2 = 1$)'
    >>> plt.close(display.figure_)
    """

    ax_: "Axes"
    figure_: "Figure"

    def __init__(
        self,
        frequency: ArrayLike,
        power_alone: ArrayLike,
        power_driven: ArrayLike,
        sources: ArrayLike,
        natural_frequencies: ArrayLike,
        *,
        title: str = "Emission spectrum",
    ) -> None:
        self.frequency = drawn("frequency", frequency, None)
        shape = self.frequency.shape
        self.power_alone = drawn("power_alone", power_alone, shape, "frequency")
        self.power_driven = drawn("power_driven", power_driven, shape, "frequency")
        self.sources = drawn("sources", sources, None)
        self.natural_frequencies = drawn("natural_frequencies", natural_frequencies, None)
        self.title = title

    @classmethod
    def from_network(
        cls,
        network: "OscillatorNetwork",
        sources: ArrayLike,
        *,
        title: str = "Emission spectrum",
        ax: "Axes | None" = None,
    ) -> Self:
        """Compute both spectra of a network, and draw them.

        Parameters
        ----------
        network : OscillatorNetwork
        sources : array-like of shape (n_sources,)
            In Hz.
        title : str, default="Emission spectrum"
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        EmissionSpectrumDisplay
        """
        return cls.of_network(network, sources, title=title).plot(ax)

    @classmethod
    def of_network(
        cls,
        network: "OscillatorNetwork",
        sources: ArrayLike,
        *,
        title: str = "Emission spectrum",
    ) -> Self:
        """Both spectra of a network, to be drawn later with `plot`.

        Parameters
        ----------
        network, sources, title
            As for `from_network`.

        Returns
        -------
        EmissionSpectrumDisplay
        """
        frequency, alone = network.power_spectrum(None)
        _, driven = network.power_spectrum(np.asarray(sources, dtype=float)[None])
        natural = network.natural_frequencies()
        return cls(frequency, alone[0], driven[0], sources, natural, title=title)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw both spectra, and lines at the sources.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        EmissionSpectrumDisplay
        """
        frequency = self.frequency / 1e6
        several = "sources on" if len(self.sources) > 1 else "source on"
        with style_of(ax):
            ax = new_axes() if ax is None else ax
            ax.plot(frequency, self.power_alone, color=GREY, lw=1.2, label="no source")
            ax.plot(frequency, self.power_driven, color=BLUE, lw=1.2, label=several)
            names = ascii_uppercase[: len(self.sources)]
            for name, source in zip(names, self.sources / 1e6, strict=True):
                label = f"source {', '.join(names)}" if name == "A" else None
                ax.axvline(source, color=ORANGE, ls=":", lw=1.2, label=label)
                ax.annotate(
                    name,
                    (source, 0.98),
                    xycoords=("data", "axes fraction"),
                    xytext=(2, 0),
                    textcoords="offset points",
                    color="#A04400",
                    va="top",
                    fontsize=small_text(),
                )
            ends = np.concatenate([self.natural_frequencies, self.sources])
            shown = (ends.min() - MARGIN) / 1e6, (ends.max() + MARGIN) / 1e6
            highest = max(self.power_alone.max(), self.power_driven.max())
            ax.set(
                xlim=shown,
                ylim=(-DEPTH, highest + 10),
                xlabel="frequency (MHz)",
                ylabel="emitted power (dB of $|c|^2 = 1$)",
                title=self.title,
            )
            legend_above(ax, 3)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self
