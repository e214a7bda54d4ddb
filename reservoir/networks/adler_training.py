"""How well do oscillators tell classes apart? A loss on a formula, with exact slopes.

For more than two sources a map of the network has too many dimensions. Far from other tones
an oscillator follows a tone of detuning u, in units of the half-width of locking, with the
coherence of Adler's equation

    h(u) = 1 for |u| <= 1,    |u| - sqrt(u^2 - 1) beyond,

and is locked to it for |u| <= 1 (R. Adler, Proc. IRE 34, 351 (1946)). Both are smoothed here,
so that they have slopes. Projections of the features to frequencies are trained together
with a linear readout, and so are the frequencies of the oscillators if they may be tuned, and
their couplings (`relayed_locking`) if these are learned. The final readout uses the features
of the network itself.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from reservoir._types import Array, Complexes, Floats, Integers
from reservoir.networks.relayed_locking import Heard, hear

READOUT_PENALTY = 1e-2
PROJECTION_PENALTY = 1e-3
COUPLING_PENALTY = 1e-3
BLOCK_SIZE = 16384  # detunings, of which a dozen arrays lie in the cache


@dataclass(frozen=True)
class Softness:
    """How much the edge of locking is smoothed.

    Attributes
    ----------
    rounding : float, default=0.25
        eps^2 of sqrt(x) ~ sqrt((x + sqrt(x^2 + eps^2)) / 2), with x = u^2 - 1.
    border : float, default=0.5
        Width of the edge, in u^2.
    """

    rounding: float = 0.25
    border: float = 0.5


def coherence(u: Floats, softness: Softness) -> tuple[Floats, Floats]:
    """Smoothed coherence h(u) and its slope, of the shape of u."""
    x = u * u - 1
    root = np.sqrt(x * x + softness.rounding)
    s = np.sqrt((x + root) / 2)  # its slope is u s / root
    c = np.sqrt(1 + s * s)
    h = c - s
    return h, -h / c * u * s / root


def locking(u: Floats, softness: Softness) -> tuple[Floats, Floats]:
    """Smoothed indicator of |u| <= 1 and its slope, of the shape of u."""
    p = 1 / (1 + np.exp(np.clip((u * u - 1) / softness.border, -40, 40)))
    return p, -2 * u / softness.border * p * (1 - p)


class Trained(NamedTuple):
    """What is fitted, or the slopes over it.

    Attributes
    ----------
    weights : ndarray of shape (n_sources, n_directions + 1)
        Of the projections.
    centers : ndarray of shape (n_oscillators,)
        Frequencies of the oscillators, in half-widths of locking.
    couplings : ndarray of complex of shape (n_oscillators, n_oscillators)
        As in `relayed_locking`.
    readout : ndarray of shape (2 n_sources n_oscillators + 1, n_classes)
    """

    weights: Floats
    centers: Floats
    couplings: Complexes
    readout: Floats


@dataclass(frozen=True)
class AdlerTraining:
    """What projections, frequencies, couplings and readout are fitted to.

    The numbers that are fitted stand in one flat array: the weights of the projections, then
    the frequencies of the oscillators if they are tuned, then the real and imaginary parts of
    the couplings between different oscillators if they are learned, then the readout. The
    readout sees the coherence of each oscillator with each source, and the lock states.

    Attributes
    ----------
    design : ndarray of shape (n_samples, n_directions + 1)
        Whitened features and a column of ones.
    truth : ndarray of shape (n_samples, n_classes)
        1 for the class of each sample, else 0.
    centers : ndarray of shape (n_oscillators,)
        Natural frequencies, in units of the half-width of locking. Training starts from
        them if they are tuned.
    n_sources : int
    limits : ndarray of shape (n_oscillators, 2), default=None
        Between which frequencies each oscillator is tuned, in the same unit. None stands
        for oscillators that stay where they are.
    couplings : ndarray of complex of shape (n_oscillators, n_oscillators), default=None
        As in `relayed_locking`. Training starts from them if they are learned. None stands
        for oscillators that do not hear each other.
    coupling_limit : float, default=0.0
        Largest real and imaginary part of a coupling that is learned. 0 stands for couplings
        that stay as they are.
    readout_penalty : float, default=1e-2
        Of the squared weights of the readout.
    projection_penalty : float, default=1e-3
        Of the squared weights of the projections.
    coupling_penalty : float, default=1e-3
        Of the squared sizes of the couplings.
    softness : Softness
    """

    design: Floats
    truth: Floats
    centers: Floats
    n_sources: int
    limits: Floats | None = None
    couplings: Complexes | None = None
    coupling_limit: float = 0.0
    readout_penalty: float = READOUT_PENALTY
    projection_penalty: float = PROJECTION_PENALTY
    coupling_penalty: float = COUPLING_PENALTY
    softness: Softness = Softness()

    def start(self, weights: Floats, generator: np.random.Generator) -> Floats:
        """Flat numbers to start from, with these projections and a random readout."""
        n_seen = 2 * self.n_sources * len(self.centers)
        readout = 0.01 * generator.standard_normal((n_seen + 1, self.truth.shape[1]))
        return self._flat(Trained(weights, self.centers, self._given_couplings(), readout))

    def minimized(self, start: Floats, n_iterations: int) -> tuple[Floats, float]:
        """Numbers after so many iterations from a start, and their loss."""
        bounds = np.tile([-np.inf, np.inf], (len(start), 1))
        n_weights, n_tuned, n_parts = self._sizes()
        if self.limits is not None:
            bounds[n_weights : n_weights + n_tuned] = self.limits
        limit = self.coupling_limit
        bounds[n_weights + n_tuned : n_weights + n_tuned + n_parts] = [-limit, limit]
        result = minimize(
            self.loss,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": n_iterations},
        )
        return result.x, result.fun

    def split(self, flat: Floats) -> Trained:
        """What the flat numbers mean, with what stays as it is."""
        weights, centers, parts, readout = np.split(flat, np.cumsum(self._sizes()))
        couplings = self._given_couplings()
        if len(parts):
            couplings = np.zeros_like(couplings)
            couplings[_others(couplings)] = parts.view(complex)
        return Trained(
            weights.reshape(self.n_sources, -1),
            self.centers if self.limits is None else centers,
            couplings,
            readout.reshape(-1, self.truth.shape[1]),
        )

    def predict(self, flat: Floats) -> Integers:
        """Class of every sample."""
        trained = self.split(flat)
        u, _ = self._detunings(trained, self.design)
        features, _ = self._features(u)
        scores = features @ trained.readout[:-1] + trained.readout[-1]
        classes: Integers = scores.argmax(axis=1)
        return classes

    def loss(self, flat: Floats) -> tuple[float, Floats]:
        """Cross-entropy with penalties, and its slope over all that is fitted.

        The samples are taken in blocks that fit into the cache of a processor.
        """
        trained = self.split(flat)
        weights, centers, couplings, readout = trained
        loss = self.readout_penalty / 2 * (readout[:-1] ** 2).sum()
        loss += self.projection_penalty / 2 * (weights[:, :-1] ** 2).sum()
        loss += self.coupling_penalty / 2 * (np.abs(couplings) ** 2).sum()
        slopes = Trained(
            self.projection_penalty * weights,
            np.zeros(len(centers)),
            self.coupling_penalty * couplings,
            self.readout_penalty * readout,
        )
        slopes.weights[:, -1] = 0.0
        slopes.readout[-1] = 0.0
        n_rows = max(BLOCK_SIZE // (self.n_sources * len(centers)), 1)
        for first in range(0, len(self.design), n_rows):
            rows = slice(first, first + n_rows)
            loss += self._add_block(trained, slopes, self.design[rows], self.truth[rows])
        return loss, self._flat(slopes)

    def _add_block(
        self, trained: Trained, slopes: Trained, design: Floats, truth: Floats
    ) -> float:
        """Cross-entropy of some samples; its slopes are added to `slopes`."""
        u, heard = self._detunings(trained, design)
        features, (h_slope, g_slope) = self._features(u)
        z = features @ trained.readout[:-1] + trained.readout[-1]
        z -= z.max(axis=1, keepdims=True)
        logarithm = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        slope = (np.exp(logarithm) - truth) / len(self.design)
        of_coherence, of_locking = np.split(slope @ trained.readout[:-1].T, 2, axis=1)
        of_u = of_coherence.reshape(u.shape) * h_slope
        of_u += of_locking.reshape(u.shape) * g_slope
        if heard is not None:
            of_u, of_couplings = heard.slopes(of_u)
            slopes.couplings[:] += of_couplings
        slopes.weights[:] += of_u.sum(axis=2).T @ design
        slopes.centers[:] -= of_u.sum(axis=(0, 1))
        slopes.readout[:-1] += features.T @ slope
        slopes.readout[-1] += slope.sum(axis=0)
        return float(-(truth * logarithm).sum() / len(self.design))

    def _detunings(self, trained: Trained, design: Floats) -> tuple[Floats, Heard | None]:
        """Detunings in half-widths of the bands that all tones make, and how they came."""
        u = (design @ trained.weights.T)[:, :, None] - trained.centers
        if self.couplings is None:
            return u, None
        heard = hear(u, trained.couplings, self.softness.rounding)
        return heard.scaled, heard

    def _features(self, u: Floats) -> tuple[Floats, tuple[Floats, Floats]]:
        """Coherences and lock states, and the slopes of both over the detuning."""
        h, h_slope = coherence(u, self.softness)
        g, g_slope = locking(u, self.softness)
        flat = (len(u), -1)
        features = np.concatenate([h.reshape(flat), g.reshape(flat)], axis=1)
        return features, (h_slope, g_slope)

    def _given_couplings(self) -> Complexes:
        """Couplings to start from, which are 0 for oscillators that hear nobody."""
        if self.couplings is not None:
            return self.couplings
        return np.zeros((len(self.centers), len(self.centers)), complex)

    def _sizes(self) -> tuple[int, int, int]:
        """How many weights, frequencies and parts of couplings are fitted."""
        n = len(self.centers)
        return (
            self.n_sources * self.design.shape[1],
            0 if self.limits is None else n,
            2 * n * (n - 1) if self.couplings is not None and self.coupling_limit else 0,
        )

    def _flat(self, trained: Trained) -> Floats:
        """The fitted ones of these numbers, one after another."""
        _, n_tuned, n_parts = self._sizes()
        parts = trained.couplings[_others(trained.couplings)].view(float)
        return np.concatenate(
            [
                trained.weights.ravel(),
                trained.centers[:n_tuned],
                parts[:n_parts],
                trained.readout.ravel(),
            ]
        )


def _others(couplings: Complexes) -> Array:
    """Where a matrix couples different oscillators."""
    return ~np.eye(len(couplings), dtype=bool)
