"""At which frequencies and injections does a source lock an oscillator?"""

import copy
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from reservoir._types import ArrayLike, Floats
from reservoir.plotting.arrays import drawn
from reservoir.plotting.colors import CLASS_COLORS
from reservoir.plotting.style import legend_above, new_axes, style_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reservoir.networks.network import OscillatorNetwork

N_FREQUENCIES, N_INJECTIONS = 121, 25
SHADE = 0.45  # of a tongue; where two overlap, both colours show


class ArnoldTongueDisplay:
    """Where one source locks the oscillators of a network: frequency against injection.

    Make it with `from_network`, or from a map that was measured.

    Parameters
    ----------
    frequencies : array-like of shape (n_frequencies,)
        Of the source, in Hz, ascending.
    injections : array-like of shape (n_injections,)
        In 1/s, ascending.
    locked : array-like of bool of shape (n_injections, n_frequencies, n_oscillators)
        Whether each oscillator is locked to the source.
    natural_frequencies : array-like of shape (n_oscillators,)
        In Hz.
    half_widths : array-like of shape (n_injections,) or None, default=None
        Half of the locking range of a weak source at each injection, in Hz. It is drawn as
        dashed lines beside the natural frequencies.

    Attributes
    ----------
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    images_ : list of matplotlib collections
        The tongue of each oscillator.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from reservoir import OscillatorNetwork
    >>> from reservoir.plotting import ArnoldTongueDisplay
    >>> network = OscillatorNetwork(n_oscillators=1)
    >>> middle = network.natural_frequencies()[0]
    >>> display = ArnoldTongueDisplay.from_network(
    ...     network, middle + np.linspace(-5e6, 5e6, 11), [5e6, 1e7, 2e7]
    ... )
    >>> display.locked.sum(axis=(1, 2)).tolist()
    [4, 6, 10]
    >>> plt.close(display.figure_)
    """

    ax_: "Axes"
    figure_: "Figure"

    def __init__(
        self,
        frequencies: ArrayLike,
        injections: ArrayLike,
        locked: ArrayLike,
        natural_frequencies: ArrayLike,
        *,
        half_widths: ArrayLike | None = None,
    ) -> None:
        self.frequencies = drawn("frequencies", frequencies, None)
        self.injections = drawn("injections", injections, None)
        self.natural_frequencies = drawn("natural_frequencies", natural_frequencies, None)
        sizes = self.injections, self.frequencies, self.natural_frequencies
        shape = tuple(len(values) for values in sizes)
        per = "injection, frequency and oscillator"
        self.locked = drawn("locked", np.asarray(locked).astype(float), shape, per) > 0
        self.half_widths: Floats | None = None
        if half_widths is not None:
            shape = self.injections.shape
            self.half_widths = drawn("half_widths", half_widths, shape, "injection")

    @classmethod
    def from_network(
        cls,
        network: "OscillatorNetwork",
        frequencies: ArrayLike | None = None,
        injections: ArrayLike | None = None,
        *,
        ax: "Axes | None" = None,
    ) -> Self:
        """Measure a network under one source, over its frequency and injection; draw it.

        Parameters
        ----------
        network : OscillatorNetwork
            It stays as it is; copies get the injections.
        frequencies : array-like of shape (n_frequencies,) or None, default=None
            Of the source, in Hz. None stands for the natural frequencies and 1.5 locking
            half-widths on each side.
        injections : array-like of shape (n_injections,) or None, default=None
            In 1/s. None stands for equal steps up to the network's own.
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        ArnoldTongueDisplay
        """
        natural = network.natural_frequencies()
        if injections is None:
            strongest = float(network.injection)
            injections = np.linspace(0, strongest, N_INJECTIONS + 1)[1:]
        strengths = np.sort(np.asarray(injections, dtype=float))
        copies = [copy.copy(network).set_params(injection=strength) for strength in strengths]
        widths = np.array([other.locking_half_width() for other in copies])
        if frequencies is None:
            margin = 1.5 * widths.max()
            lowest, highest = natural.min() - margin, natural.max() + margin
            frequencies = np.linspace(lowest, highest, N_FREQUENCIES)
        sources = np.sort(np.asarray(frequencies, dtype=float))
        locked = np.stack([other.measure(sources[:, None]).locked == 0 for other in copies])
        display = cls(sources, strengths, locked, natural, half_widths=widths)
        return display.plot(ax)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw the tongues, one colour for each oscillator.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
            None: in a new figure, as wide as a column.

        Returns
        -------
        ArnoldTongueDisplay
        """
        from matplotlib.colors import ListedColormap
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        frequency, strength = self.frequencies / 1e6, self.injections / 1e6
        self.images_: list[Any] = []
        with style_of(ax):
            ax = new_axes() if ax is None else ax
            handles: list[Any] = []
            for number, natural in enumerate(self.natural_frequencies / 1e6):
                color = CLASS_COLORS[number % len(CLASS_COLORS)]
                inside = np.ma.masked_equal(self.locked[..., number].astype(int), 0)
                image = ax.pcolormesh(
                    frequency,
                    strength,
                    inside,
                    cmap=ListedColormap([color]),
                    alpha=SHADE,
                    shading="nearest",
                    rasterized=True,
                )
                self.images_.append(image)
                handles.append(Patch(color=color, alpha=SHADE, label=f"{number + 1}"))
                if self.half_widths is not None:
                    for side in (-1, 1):
                        edge = natural + side * self.half_widths / 1e6
                        ax.plot(edge, strength, "--", color=color, lw=1)
            ax.set_xlim(frequency[0], frequency[-1])
            ax.set(xlabel="frequency of the source (MHz)", ylabel="injection (10$^6$/s)")
            ax.set_title("Locked to the source")
            if self.half_widths is not None:
                label = "weak source"
                handles.append(Line2D([], [], ls="--", color="black", lw=1, label=label))
            self._add_legend(ax, handles)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self

    def _add_legend(self, ax: "Axes", handles: list[Any]) -> None:
        """Above the tongues; a single oscillator needs no number."""
        if len(self.natural_frequencies) == 1:
            handles[0].set_label("locked")
        else:
            handles[0].set_label("oscillator 1")
        legend_above(ax, min(len(handles), 4), handles)
