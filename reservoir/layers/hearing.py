"""How does a layer hear lines that stand still, that move a little, or that move far?

Each class turns the powers on the lines into the sums of the chains, and derivatives by the
sums into those by settings, powers and shifts of the lines.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

import numpy as np

from reservoir import _core
from reservoir._types import Array, Floats
from reservoir.layers.chains import Chains, DiodeChains
from reservoir.layers.lines import Band, still_band

# From powers (n_rows, n_lines) and weights (n_chains, n_lines) to sums (n_rows, n_chains).
Product: TypeAlias = Callable[[Array, Array], Array]
ROWS = 64  # samples that are followed at a time, which bounds the memory


class Hearing(Protocol):
    """From powers on the lines of a layer to the sums of its chains, and back.

    `power` and `shift` have the shape (n_samples, n_lines); shifts are in Hz, and None if the
    lines stand still.
    """

    band: Band

    def weights(self, settings: Array, strengths: Array) -> Any:
        """What the settings make of the lines, whatever the samples are."""

    def forward(self, weights: Any, power: Array, shift: Array | None) -> tuple[Array, Any]:
        """Sums (n_samples, n_chains), and what the way back needs."""

    def predict(self, weights: Any, power: Array, shift: Array | None) -> Floats:
        """Sums in double precision, whose bits do not depend on the other samples."""

    def slopes(self, weights: Any, kept: Any, slope: Array) -> Array:
        """Derivative by the settings, from that by the sums."""

    def back(self, weights: Any, kept: Any, slope: Array) -> tuple[Array, Any]:
        """Derivatives by powers and shifts; the latter None if the lines stand still."""


class StillLines:
    """Lines whose frequencies do not move: each has one weight in each chain."""

    band = still_band()

    def __init__(self, chains: Chains) -> None:
        self._chains = chains

    def weights(self, settings: Array, strengths: Array) -> Any:
        """Settings, strengths, and weights (n_chains, n_lines)."""
        return settings, strengths, self._chains.weights(settings, strengths)

    def forward(self, weights: Any, power: Array, shift: Array | None) -> tuple[Array, Any]:
        """As for `Hearing`."""
        return power @ weights[2].T, power

    def predict(self, weights: Any, power: Array, shift: Array | None) -> Floats:
        """As for `Hearing`."""
        return row_by_row(power, weights[2])

    def slopes(self, weights: Any, kept: Any, slope: Array) -> Array:
        """As for `Hearing`."""
        settings, strengths, _ = weights
        return self._chains.slopes(settings, strengths, slope.T @ kept)

    def back(self, weights: Any, kept: Any, slope: Array) -> tuple[Array, Any]:
        """As for `Hearing`."""
        return slope @ weights[2], None


class InterpolatedLines:
    """Lines that move over a band with nodes: weights are polynomials of the frequency."""

    def __init__(self, chains: DiodeChains, band: Band, dtype: Any) -> None:
        self.band = band
        self._chains = chains
        self._to_polynomials = band.to_polynomials.astype(dtype)

    def weights(self, settings: Array, strengths: Array) -> Any:
        """Settings, strengths, and coefficients (n_chains, n_nodes * n_lines)."""
        at_nodes = self._chains.weights(settings, strengths)
        cubes = at_nodes.reshape(len(settings), -1, len(self.band.nodes))
        cubes = (cubes @ self._to_polynomials.T).transpose(0, 2, 1)
        return settings, strengths, np.ascontiguousarray(cubes).reshape(len(settings), -1)

    def forward(self, weights: Any, power: Array, shift: Array | None) -> tuple[Array, Any]:
        """As for `Hearing`."""
        place = self._place(shift)
        features = self._features(power, place)
        return features @ weights[2].T, (features, power, place)

    def predict(self, weights: Any, power: Array, shift: Array | None) -> Floats:
        """As for `Hearing`."""
        return row_by_row(self._features(power, self._place(shift)), weights[2])

    def slopes(self, weights: Any, kept: Any, slope: Array) -> Array:
        """As for `Hearing`."""
        settings, strengths, _ = weights
        wanted = (slope.T @ kept[0]).reshape(len(settings), len(self.band.nodes), -1)
        wanted = np.ascontiguousarray(wanted.transpose(0, 2, 1)) @ self._to_polynomials
        return self._chains.slopes(settings, strengths, wanted.reshape(len(settings), -1))

    def back(self, weights: Any, kept: Any, slope: Array) -> tuple[Array, Any]:
        """As for `Hearing`."""
        _, power, place = kept
        by_power, by_place = np.empty_like(place), np.empty_like(place)
        _core.chebyshev.collect(slope @ weights[2], place, by_power, by_place)
        by_place *= power
        by_place *= place.dtype.type(1 / self.band.half)
        return by_power, by_place

    def _place(self, shift: Any) -> Array:
        """Shifts in Hz as places in the band, from -1 to 1."""
        real = shift.dtype.type
        place: Array = (shift - real(self.band.middle)) * real(1 / self.band.half)
        return place

    def _features(self, power: Array, place: Array) -> Array:
        """Powers times the polynomials of their lines, (n_samples, n_nodes * n_lines)."""
        n_nodes = len(self.band.nodes)
        features = np.empty((len(power), n_nodes * power.shape[1]), power.dtype)
        _core.chebyshev.spread(power, place, n_nodes, features)
        return features


class FollowedLines:
    """Lines that move far: weights are computed at the frequencies of each sample."""

    def __init__(self, chains: DiodeChains, band: Band) -> None:
        self.band = band
        self._chains = chains

    def weights(self, settings: Array, strengths: Array) -> Any:
        """Settings and strengths: the weights are other ones for each sample."""
        return settings, strengths

    def forward(self, weights: Any, power: Array, shift: Any) -> tuple[Array, Any]:
        """As for `Hearing`."""
        found, by_shift = self._chains.followed_weights(weights[0], weights[1], shift)
        sums = np.einsum("ni,jni->nj", power, found)
        return sums, (power, shift, found, by_shift)

    def predict(self, weights: Any, power: Array, shift: Any) -> Floats:
        """As for `Hearing`."""
        sums = np.empty((len(power), len(weights[0])))
        for start in range(0, len(power), ROWS):
            rows = slice(start, start + ROWS)
            found, _ = self._chains.followed_weights(weights[0], weights[1], shift[rows])
            products = found * power[rows].astype(float)
            sums[rows] = products.sum(axis=-1).T  # each row alone, in one order
        return sums

    def slopes(self, weights: Any, kept: Any, slope: Array) -> Array:
        """As for `Hearing`."""
        (settings, strengths), (power, shift, _, _) = weights, kept
        wanted = slope.T[:, :, None] * power
        return self._chains.followed_slopes(settings, strengths, shift, wanted)

    def back(self, weights: Any, kept: Any, slope: Array) -> tuple[Array, Any]:
        """As for `Hearing`."""
        power, _, found, by_shift = kept
        by_power = np.einsum("nj,jni->ni", slope, found)
        return by_power, np.einsum("nj,jni->ni", slope, by_shift) * power


def row_by_row(features: Array, weights: Array) -> Floats:
    """Sums of weighted features; a row's bits do not depend on the others."""
    sums = np.empty((len(features), len(weights)))
    _core.readout.weighted_sums(
        np.ascontiguousarray(features),
        np.ascontiguousarray(weights.T, dtype=np.float64),
        np.zeros(len(weights)),
        sums,
    )
    return sums


def blas_product(powers: Array, weights: Array) -> Array:
    """Sums of powers times weights, as fast as can be."""
    sums: Array = powers @ weights.T
    return sums


def row_product(powers: Array, weights: Array) -> Array:
    """The same, where the bits of a row do not depend on the other rows."""
    return row_by_row(powers, weights).astype(powers.dtype)
