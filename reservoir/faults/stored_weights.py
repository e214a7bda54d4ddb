"""What if the weights of a readout are stored in cells that are coarse, noisy or stuck?

A weight is that of a standardised feature (less its mean, over its spread, both from the
training data), so that weights are comparable. Each output has a range of its own, from minus
to plus its largest weight, as a column of cells with its own amplifier has. Centring, scaling
and the constant of each output are digital, and exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from reservoir._checks import NOT_NEGATIVE, Integer, Real, Rule
from reservoir._types import Floats
from reservoir.audio import SpeechClassifier
from reservoir.faults.worn import ReservoirFault
from reservoir.multiplexing import (
    MaskEnsembleClassifier,
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
)

MIN_BITS, MAX_BITS = 2, 24


class WeightFault(ReservoirFault):
    """A fault of the weights that a linear readout has learned.

    A subclass says in `stored` what becomes of weights in units of the largest of each
    output.
    """

    hosts = (
        ReservoirClassifier,
        ReservoirFrameClassifier,
        ReservoirRegressor,
        MaskEnsembleClassifier,
        SpeechClassifier,
    )
    for_each_mask = True

    def check_member(self, member: Any) -> None:
        """Refuse a readout of an earlier version, which does not know its features.

        Raises
        ------
        ValueError
        """
        if member.readout_.spreads is None:
            raise ValueError(
                f"The readout of this {type(member).__name__} comes from an earlier version, "
                f"which did not keep the spreads of its features, so {type(self).__name__} "
                "cannot compare its weights; fit again."
            )

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        readout = member.readout_
        spreads, varies = readout.spreads[:, np.newaxis], readout.spreads > 0
        weights = (spreads * readout.coefficients)[varies]
        largest = np.abs(weights).max(axis=0, initial=0.0)
        unit = np.where(largest > 0, largest, 1.0)
        stored = self.stored(weights / unit, generator)
        coefficients = np.zeros_like(readout.coefficients)
        coefficients[varies] = np.where(
            stored == weights / unit,  # A weight that stays keeps all of its bits.
            readout.coefficients[varies],
            unit * stored / spreads[varies],
        )
        # What the means of the features add is taken off digitally, by the learned weights.
        moved = readout.means @ (coefficients - readout.coefficients)
        member.readout_ = replace(
            readout, coefficients=coefficients, intercept=readout.intercept - moved
        )
        rms = self.read_rms()
        if rms > 0:
            earlier = 0.0 if readout.read_noise is None else readout.read_noise
            member.readout_ = replace(
                member.readout_,
                read_noise=np.hypot(earlier, rms * largest),
                read_seed=int(generator.integers(2**63)),
            )

    def read_rms(self) -> float:
        """Rms of the error of a stored weight at each reading, over the largest weight."""
        return 0.0

    def stored(self, weights: Floats, generator: np.random.Generator) -> Floats:
        """Weights that the cells have in place of those that they should have.

        Parameters
        ----------
        weights : ndarray of shape (n_features, n_outputs)
            From -1 to 1; the largest of each output has size 1.
        generator : numpy.random.Generator

        Returns
        -------
        ndarray of the same shape
        """
        raise NotImplementedError


@dataclass(frozen=True)
class ReadoutBits(WeightFault):
    """Each weight of the readout is stored as a whole number with a sign.

    Parameters
    ----------
    bits : int
        From 2 to 24, one of them for the sign. There are ``2**bits - 1`` levels, 0 in the
        middle.

    Raises
    ------
    ValueError
        If it is no such integer.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirClassifier
    >>> from reservoir.faults import ReadoutBits, with_faults
    >>> X = np.random.default_rng(0).normal(size=(40, 10, 2))
    >>> model = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, [0, 1] * 20)
    >>> worse = with_faults(model, ReadoutBits(bits=2), random_state=0)
    >>> worse.faults_
    ['ReadoutBits(bits=2)']
    >>> bool((worse.decision_function(X) != model.decision_function(X)).any())
    True
    """

    bits: int

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"bits": Integer(MIN_BITS, MAX_BITS)}

    def stored(self, weights: Floats, generator: np.random.Generator) -> Floats:
        """As for `WeightFault`."""
        return _nearest(weights, 2**self.bits - 1)


@dataclass(frozen=True)
class BinaryJunctions(WeightFault):
    """Each weight is the sum of junctions, of which each one adds or subtracts the same.

    Parameters
    ----------
    n_per_weight : int
        At least 1. A weight has one of ``n_per_weight + 1`` equidistant values.
    spread_share : float, default=0.0
        Relative rms of what each junction adds or subtracts.

    Raises
    ------
    TypeError or ValueError
        If they are no such numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirClassifier
    >>> from reservoir.faults import BinaryJunctions, with_faults
    >>> X = np.random.default_rng(0).normal(size=(40, 10, 2))
    >>> model = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, [0, 1] * 20)
    >>> worse = with_faults(model, BinaryJunctions(n_per_weight=63), random_state=0)
    >>> fine = with_faults(model, BinaryJunctions(n_per_weight=1023), random_state=0)
    >>> errors = [abs(other.decision_function(X) - model.decision_function(X)).max()
    ...           for other in (worse, fine)]
    >>> bool(errors[0] > errors[1])
    True
    """

    n_per_weight: int
    spread_share: float = 0.0

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "n_per_weight": Integer(1, 2**16),
        "spread_share": NOT_NEGATIVE,
    }

    def stored(self, weights: Floats, generator: np.random.Generator) -> Floats:
        """As for `WeightFault`."""
        whole = _nearest(weights, int(self.n_per_weight) + 1)
        # A sum of n independent errors of one size is one error, sqrt(n) times as large.
        rms = self.spread_share / np.sqrt(self.n_per_weight)
        drawn: Floats = whole + rms * generator.standard_normal(whole.shape)
        return drawn


@dataclass(frozen=True)
class Memristors(WeightFault):
    """Each weight is the difference of two conductances, G+ less G-, that drift with time.

    The sign says which one of the two is set; the other one stays at 0. In units of the
    largest conductance, one that was set to G at the time t0 is G (t/t0)^-nu at the time t.

    Parameters
    ----------
    n_levels : int
        Of a conductance, from 0 to the largest; at least 2.
    programming_error_share : float, default=0.0
        Rms of the normal error with which each conductance is set, over the largest one. No
        conductance is below 0.
    drift_exponent : float, default=0.0
        Mean of the exponents nu.
    drift_exponent_rms : float, default=0.0
        Rms of the exponents of single cells around the mean; they are normal.
    time_s : float, default=1.0
        Time t since the cells were set, in s.
    set_time_s : float, default=1.0
        Time t0, in s.
    read_noise_share : float, default=0.0
        Rms of the normal error of each conductance, over the largest one, anew at each
        reading. A reading is one row of features that the readout sees. Its errors depend on
        the seed and on the bytes of the row, so the same row gets the same answer. Several
        noises add their squares.

    Raises
    ------
    TypeError or ValueError
        If they are no such numbers, or `time_s` is below `set_time_s`.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirClassifier
    >>> from reservoir.faults import Memristors, with_faults
    >>> X = np.random.default_rng(0).normal(size=(40, 10, 2))
    >>> model = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, [0, 1] * 20)
    >>> fresh = Memristors(n_levels=64)
    >>> old = Memristors(
    ...     n_levels=64, drift_exponent=0.05, drift_exponent_rms=0.02, time_s=1e6
    ... )
    >>> errors = [abs(with_faults(model, cells, random_state=0).decision_function(X)
    ...               - model.decision_function(X)).max() for cells in (fresh, old)]
    >>> bool(errors[0] < errors[1])
    True
    """

    n_levels: int
    programming_error_share: float = 0.0
    drift_exponent: float = 0.0
    drift_exponent_rms: float = 0.0
    time_s: float = 1.0
    set_time_s: float = 1.0
    read_noise_share: float = 0.0

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "n_levels": Integer(2),
        "programming_error_share": NOT_NEGATIVE,
        "drift_exponent": NOT_NEGATIVE,
        "drift_exponent_rms": NOT_NEGATIVE,
        "time_s": Real(above=0, what="time in s"),
        "set_time_s": Real(above=0, what="time in s"),
        "read_noise_share": NOT_NEGATIVE,
    }

    def __post_init__(self) -> None:
        """Check the fields, and that the time runs forwards."""
        super().__post_init__()
        if self.time_s < self.set_time_s:
            self._refuse(
                "time_s", f"it must be at least set_time_s, which is {self.set_time_s!r}"
            )

    def read_rms(self) -> float:
        """That of the difference of two conductances."""
        return float(np.sqrt(2) * self.read_noise_share)

    def stored(self, weights: Floats, generator: np.random.Generator) -> Floats:
        """As for `WeightFault`."""
        cells = _pairs(weights)
        last = self.n_levels - 1
        cells = np.rint(cells * last) / last
        cells += self.programming_error_share * generator.standard_normal(cells.shape)
        exponents = self.drift_exponent + self.drift_exponent_rms * generator.standard_normal(
            cells.shape
        )
        age = (self.time_s / self.set_time_s) ** -exponents
        plus, minus = np.maximum(cells, 0.0) * age
        difference: Floats = plus - minus
        return difference


@dataclass(frozen=True)
class StuckCells(WeightFault):
    """Some of the cells whose difference is a weight cannot be set.

    Parameters
    ----------
    share_low, share_high : float, default=0.0
        Of all n cells, two for each weight. Exactly ``round(share * n)`` are stuck at 0, and
        at the conductance of the largest weight of the output. The shares add up to 1 at
        most.

    Raises
    ------
    TypeError or ValueError
        If they are no such numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirClassifier
    >>> from reservoir.faults import StuckCells, with_faults
    >>> X = np.random.default_rng(0).normal(size=(40, 10, 2))
    >>> model = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, [0, 1] * 20)
    >>> worse = with_faults(model, StuckCells(share_low=0.05), random_state=0)
    >>> worse.faults_
    ['StuckCells(share_low=0.05, share_high=0.0)']
    """

    share_low: float = 0.0
    share_high: float = 0.0

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "share_low": Real(at_least=0, at_most=1, what="share"),
        "share_high": Real(at_least=0, at_most=1, what="share"),
    }

    def __post_init__(self) -> None:
        """Check the fields, and that no cell is stuck twice."""
        super().__post_init__()
        if self.share_low + self.share_high > 1:
            self._refuse("share_high", f"with share_low={self.share_low!r} it exceeds 1")

    def stored(self, weights: Floats, generator: np.random.Generator) -> Floats:
        """As for `WeightFault`."""
        cells = _pairs(weights)
        places = generator.permutation(cells.size)
        n_low, n_high = (round(s * cells.size) for s in (self.share_low, self.share_high))
        cells.flat[places[:n_low]] = 0.0
        cells.flat[places[n_low : n_low + n_high]] = 1.0
        difference: Floats = cells[0] - cells[1]
        return difference


def _nearest(weights: Floats, n_levels: int) -> Floats:
    """The nearest of equidistant levels from -1 to 1."""
    place = (weights + 1) / 2 * (n_levels - 1)
    levels: Floats = 2 * np.rint(place) / (n_levels - 1) - 1
    return levels


def _pairs(weights: Floats) -> Floats:
    """Conductances G+ and G- of weights, of shape (2, n_features, n_outputs)."""
    return np.stack([np.maximum(weights, 0.0), np.maximum(-weights, 0.0)])
