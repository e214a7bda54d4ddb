"""What if diodes, or the lines that they hear, are not at their frequencies?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from reservoir._checks import Choice, Real, Rule
from reservoir._types import Floats
from reservoir.faults.layered import LayeredFault, Wiring
from reservoir.layers import ChainLayer
from reservoir.layers.design import Design

RMS = Real(at_least=0, what="rms in half linewidths")


@dataclass(frozen=True)
class ResonanceOffset(LayeredFault):
    """Each resonance is off by an error of its own, as after tuning without measuring again.

    Parameters
    ----------
    half_linewidths : float
        Rms of the normal errors, in half linewidths of each diode.

    Raises
    ------
    TypeError or ValueError
        If it is no number, or negative.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import ResonanceOffset, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, ResonanceOffset(half_linewidths=0.5), random_state=0)
    >>> shift = worse.resonances_[0] - network.resonances_[0]
    >>> len(set(shift.ravel())) == shift.size        # each has an error of its own
    True
    """

    half_linewidths: float

    needs_resonances = True
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"half_linewidths": RMS}

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """As for `LayeredFault`."""
        return [
            _moved(self, layer, wiring.design, self.half_linewidths * errors)
            for layer in layers
            for errors in [generator.standard_normal(layer.settings.shape)]
        ]


@dataclass(frozen=True)
class ResonanceDrift(LayeredFault):
    """All resonances move together, as with temperature or field.

    Parameters
    ----------
    half_linewidths : float
        By how many of its own half linewidths each resonance moves; up if positive.

    Raises
    ------
    TypeError or ValueError
        If it is no finite number.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import ResonanceDrift, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, ResonanceDrift(half_linewidths=0.5))
    >>> bool((worse.resonances_[0] > network.resonances_[0]).all())
    True
    """

    half_linewidths: float

    needs_resonances = True
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "half_linewidths": Real(what="shift in half linewidths")
    }

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """As for `LayeredFault`."""
        # A detuning is the line less the resonance, so it falls as the resonance rises.
        return [_moved(self, layer, wiring.design, -self.half_linewidths) for layer in layers]


@dataclass(frozen=True)
class LineOffset(LayeredFault):
    """Each line is off by an error of its own: oscillators do not start at their frequency.

    Parameters
    ----------
    half_linewidths : float
        Rms of the normal errors, in half linewidths of the diode that is to hear the line.
    lines : {"all", "inputs", "neurons"}, default="all"
        Whether the lines that enter the network are off, those of its neurons, or both.

    Raises
    ------
    TypeError or ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import LineOffset, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, LineOffset(half_linewidths=0.5), random_state=0)
    >>> bool((worse.line_frequencies_[0] != network.line_frequencies_[0]).all())
    True
    """

    half_linewidths: float
    lines: str = "all"

    needs_resonances = True
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "half_linewidths": RMS,
        "lines": Choice(("all", "inputs", "neurons")),
    }

    @property
    def needs_neurons(self) -> bool:  # type: ignore[override]
        """Whether the fault is of neurons only."""
        return self.lines == "neurons"

    def changed(
        self, layers: Sequence[ChainLayer], wiring: Wiring, generator: np.random.Generator
    ) -> list[ChainLayer]:
        """As for `LayeredFault`."""
        design, found = wiring.design, list(layers)
        for index in range(len(wiring.listeners) + 1):
            layer = layers[index]
            # Drawn for every layer, so that the same lines are off by the same amount.
            errors = generator.standard_normal(len(layer.line_offsets))
            if self.lines not in ("all", "inputs" if index == 0 else "neurons"):
                continue
            designed = design.lines_of(len(layer.line_offsets))
            width = design.synapse.half_linewidth_at(designed)  # type: ignore[attr-defined]
            offsets = layer.line_offsets + self.half_linewidths * width * errors
            _check_positive(self, designed + offsets, "line")
            found[index] = replace(layer, line_offsets=offsets)
        for above, *recurrent in wiring.listeners:  # They hear the same lines.
            for place in recurrent:
                offsets = found[above].line_offsets
                found[place] = replace(found[place], line_offsets=offsets)
        return found


def _moved(
    fault: LayeredFault, layer: ChainLayer, design: Design, shift: Floats | float
) -> ChainLayer:
    """The layer with other detunings, which may lie beyond the tuning of the diodes."""
    settings = (layer.settings + shift).astype(layer.settings.dtype)
    lines = design.lines_of(settings.shape[1])
    with np.errstate(divide="ignore"):
        resonances = design.synapse.resonance(lines, settings)  # type: ignore[attr-defined]
    _check_positive(fault, resonances, "resonance")
    return replace(layer, settings=settings)


def _check_positive(fault: LayeredFault, frequencies: Floats, what: str) -> None:
    if not ((frequencies > 0) & np.isfinite(frequencies)).all():
        raise ValueError(
            f"{fault!r} would leave a {what} without a positive frequency; half_linewidths "
            "must be smaller for diodes that are so wide."
        )
