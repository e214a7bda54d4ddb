"""How well do oscillators tell classes apart? A loss on a formula, with exact slopes.

For more than two sources a map of the network has too many dimensions. Far from other tones
an oscillator follows a tone of detuning u, in units of the half-width of locking, with the
coherence of Adler's equation

    h(u) = 1 for |u| <= 1,    |u| - sqrt(u^2 - 1) beyond,

and is locked to it for |u| <= 1 (R. Adler, Proc. IRE 34, 351 (1946)). Both are smoothed here,
so that they have slopes. Projections of the features to frequencies, and the frequencies of
the oscillators if these may be tuned, are trained together with a linear readout. The final
readout uses the features of the network itself.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from reservoir._types import Floats, Integers

READOUT_PENALTY = 1e-2
PROJECTION_PENALTY = 1e-3
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


@dataclass(frozen=True)
class AdlerTraining:
    """What projections, frequencies and readout are fitted to.

    The numbers that are fitted stand in one flat array: the weights of the projections, of
    shape (n_sources, n_directions + 1), then the frequencies of the oscillators if they are
    tuned, then the readout of shape (2 n_sources n_oscillators + 1, n_classes). The readout
    sees the coherence of each oscillator with each source, and the lock states.

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
    readout_penalty : float, default=1e-2
        Of the squared weights of the readout.
    projection_penalty : float, default=1e-3
        Of the squared weights of the projections.
    softness : Softness
    """

    design: Floats
    truth: Floats
    centers: Floats
    n_sources: int
    limits: Floats | None = None
    readout_penalty: float = READOUT_PENALTY
    projection_penalty: float = PROJECTION_PENALTY
    softness: Softness = Softness()

    def start(self, weights: Floats, generator: np.random.Generator) -> Floats:
        """Flat numbers to start from, with these projections and a random readout."""
        n_seen = 2 * self.n_sources * len(self.centers)
        readout = 0.01 * generator.standard_normal((n_seen + 1, self.truth.shape[1]))
        centers = self.centers if self.limits is not None else self.centers[:0]
        return np.concatenate([weights.ravel(), centers, readout.ravel()])

    def minimized(self, start: Floats, n_iterations: int) -> tuple[Floats, float]:
        """Numbers after so many iterations from a start, and their loss."""
        bounds = None
        if self.limits is not None:
            bounds = np.tile([-np.inf, np.inf], (len(start), 1))
            n_weights = self.n_sources * self.design.shape[1]
            bounds[n_weights : n_weights + len(self.limits)] = self.limits
        result = minimize(
            self.loss,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": n_iterations},
        )
        return result.x, result.fun

    def split(self, flat: Floats) -> tuple[Floats, Floats, Floats]:
        """Weights of the projections, frequencies, and weights of the readout."""
        n_weights = self.n_sources * self.design.shape[1]
        n_tuned = 0 if self.limits is None else len(self.centers)
        return (
            flat[:n_weights].reshape(self.n_sources, -1),
            flat[n_weights : n_weights + n_tuned] if n_tuned else self.centers,
            flat[n_weights + n_tuned :].reshape(-1, self.truth.shape[1]),
        )

    def predict(self, flat: Floats) -> Integers:
        """Class of every sample."""
        weights, centers, readout = self.split(flat)
        features, _ = self._features(weights, centers, self.design)
        classes: Integers = (features @ readout[:-1] + readout[-1]).argmax(axis=1)
        return classes

    def loss(self, flat: Floats) -> tuple[float, Floats]:
        """Cross-entropy with penalties, and its slope over all that is fitted.

        The samples are taken in blocks that fit into the cache of a processor.
        """
        weights, centers, readout = self.split(flat)
        loss = self.readout_penalty / 2 * (readout[:-1] ** 2).sum()
        loss += self.projection_penalty / 2 * (weights[:, :-1] ** 2).sum()
        weights_slope = self.projection_penalty * weights
        weights_slope[:, -1] = 0.0
        centers_slope = np.zeros(len(centers))
        readout_slope = self.readout_penalty * readout
        readout_slope[-1] = 0.0
        n_rows = max(BLOCK_SIZE // (self.n_sources * len(centers)), 1)
        for first in range(0, len(self.design), n_rows):
            rows = slice(first, first + n_rows)
            design, truth = self.design[rows], self.truth[rows]
            features, slopes = self._features(weights, centers, design)
            z = features @ readout[:-1] + readout[-1]
            z -= z.max(axis=1, keepdims=True)
            logarithm = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
            loss -= (truth * logarithm).sum() / len(self.design)
            slope = (np.exp(logarithm) - truth) / len(self.design)
            readout_slope[:-1] += features.T @ slope
            readout_slope[-1] += slope.sum(axis=0)
            shape = (len(design), self.n_sources, len(centers))
            of_coherence, of_locking = np.split(slope @ readout[:-1].T, 2, axis=1)
            of_detuning = of_coherence.reshape(shape) * slopes[0]
            of_detuning += of_locking.reshape(shape) * slopes[1]
            weights_slope += of_detuning.sum(axis=2).T @ design
            centers_slope -= of_detuning.sum(axis=(0, 1))
        return loss, np.concatenate(
            [
                weights_slope.ravel(),
                centers_slope[: 0 if self.limits is None else None],
                readout_slope.ravel(),
            ]
        )

    def _features(
        self, weights: Floats, centers: Floats, design: Floats
    ) -> tuple[Floats, tuple[Floats, Floats]]:
        """Coherences and lock states, and the slopes of both over the detuning."""
        u = (design @ weights.T)[:, :, None] - centers
        h, h_slope = coherence(u, self.softness)
        g, g_slope = locking(u, self.softness)
        flat = (len(design), -1)
        features = np.concatenate([h.reshape(flat), g.reshape(flat)], axis=1)
        return features, (h_slope, g_slope)
