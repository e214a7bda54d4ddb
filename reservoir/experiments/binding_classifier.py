"""How do three mutually coupled oscillators learn to bind two events?"""

from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
from scipy import ndimage
from scipy.optimize import minimize
from sklearn.base import BaseEstimator

from reservoir._all_or_nothing import all_or_nothing
from reservoir._scoring import CheckedClassifier
from reservoir._types import Array, ArrayLike, Floats, Integers
from reservoir.devices import SpinTorqueOscillator
from reservoir.networks.network import OscillatorNetwork

COUPLING = 3e6  # 1/s
MAP_REACH = 6  # half-widths of mutual locking between the bias and the edge of the map
N_GRID = 61  # points of the map along each axis


def three_oscillators(coupling: float = COUPLING) -> OscillatorNetwork:
    """Three equal oscillators, coupled at the phase that pulls most.

    Parameters
    ----------
    coupling : float, default=3e6
        Size of K_ij in 1/s. Its phase is arctan(nu), at which two phases are pulled
        together sqrt(1 + nu^2) times as much as the phases of oscillators with a fixed
        frequency.

    Returns
    -------
    OscillatorNetwork
    """
    device = SpinTorqueOscillator.from_preset("romera2018")
    slope = device.nonlinear_shift(2 * device.threshold_current)
    return OscillatorNetwork(
        device,
        n_oscillators=3,
        frequencies=np.full(3, device.stationary_frequency(2 * device.threshold_current)),
        coupling=coupling * np.exp(1j * np.arctan(slope)),
    )


class BindingClassifier(CheckedClassifier, BaseEstimator):
    """True where three oscillators run at one frequency; two of them are told a delay each.

    The current of oscillator 1 is fixed. The current of oscillator 2 is ``center + slope
    (t2 - mean)`` with the first delay t2, and oscillator 3 has a line of its own for the
    second delay. The four numbers of the two lines are trained on a map that says, over the
    two currents, where all three lock. This indicator is smoothed, and the mean of
    -log(P + 0.1) over the training tokens is minimised: P is the smoothed indicator at a
    token of the class, and one minus the indicator at another token. `predict` asks the
    network itself.

    Parameters
    ----------
    network : OscillatorNetwork
        Such as `three_oscillators` gives: its device stated, one coupling for all pairs.
    comparator_width : float or None, default=None
        None: oscillators must be locked to each other. Else it is enough that their mean
        frequencies are within this, in Hz, as a comparator behind the oscillators tells.

    Attributes
    ----------
    bias_ : float
        Current of oscillator 1, in A.
    mean_, center_, slope_ : ndarray of shape (2,)
        Delays without unit, currents in A, A per unit of delay.
    limits_ : ndarray of shape (2,)
        Lowest and highest current of oscillators 2 and 3, in A.
    classes_ : ndarray of bool, False and True

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.experiments.binding_classifier import (
    ...     BindingClassifier, three_oscillators)
    >>> delays = np.random.default_rng(0).uniform(0, 2, (200, 2))
    >>> near = ((delays - [1.2, 0.8]) ** 2).sum(axis=1) < 0.2
    >>> classifier = BindingClassifier(three_oscillators()).fit(delays, near)
    >>> bool(classifier.score(delays, near) > 0.9)
    True
    """

    # Smoothing in half-widths of locking, and iterations of the search.
    STAGES: ClassVar[tuple[tuple[float, int], ...]] = ((0.5, 80), (0.15, 250))
    SOFTNESS: ClassVar[float] = 0.1
    # Half-widths for one standard deviation of the class, where the search starts.
    STEEPNESS: ClassVar[float] = 0.7

    def __init__(
        self, network: OscillatorNetwork, comparator_width: float | None = None
    ) -> None:
        self.network = network
        self.comparator_width = comparator_width

    @all_or_nothing
    def fit(self, X: Floats, y: ArrayLike) -> Self:
        """Train the two lines from delays to currents.

        Parameters
        ----------
        X : ndarray of shape (n_samples, 2)
            Delays.
        y : array-like of bool of shape (n_samples,)

        Returns
        -------
        self
        """
        y = np.asarray(y)
        self.classes_ = np.array([False, True])
        bias, width = bias_and_width(self.network, self.comparator_width)
        axis = np.linspace(-MAP_REACH, MAP_REACH, N_GRID)
        self.bias_: float = bias
        self.limits_: Floats = bias + width * axis[[0, -1]]
        self.mean_: Floats = X[y].mean(axis=0)
        scale = X[y].std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        inside = self._bound(self.tongues(bias + width * axis)).astype(float)
        points = (X - self.mean_) / scale
        line = self._search(self._loss(points, y), inside, axis[1] - axis[0])
        self.center_: Floats = bias + width * line[:2]
        self.slope_: Floats = width * line[2:] / scale
        return self

    def currents(self, X: ArrayLike) -> Floats:
        """Currents of the three oscillators for every token.

        Parameters
        ----------
        X : array-like of shape (n_samples, 2)
            Delays.

        Returns
        -------
        ndarray of shape (n_samples, 3)
            In A.
        """
        moved = self.center_ + self.slope_ * (np.asarray(X) - self.mean_)
        fixed = np.full(len(moved), self.bias_)
        return np.column_stack([fixed, np.clip(moved, *self.limits_)])

    def tongues(self, axis: Floats) -> Integers:
        """Which oscillators run together while the currents of oscillators 2 and 3 vary.

        Parameters
        ----------
        axis : ndarray of shape (n_currents,)
            In A; oscillator 1 stays at its current.

        Returns
        -------
        ndarray of int of shape (n_currents, n_currents, 3)
            Equal numbers for oscillators that run together; first axis: the current of
            oscillator 2.
        """
        second, third = np.meshgrid(axis, axis, indexing="ij")
        currents = np.stack([np.full(second.shape, self.bias_), second, third], axis=-1)
        return self._groups(currents.reshape(-1, 3)).reshape(currents.shape)

    def predict(self, X: ArrayLike) -> Array:
        """Whether all three oscillators run at one frequency.

        Parameters
        ----------
        X : array-like of shape (n_samples, 2)
            Delays.

        Returns
        -------
        ndarray of bool of shape (n_samples,)
        """
        return self._bound(self._groups(self.currents(X)))

    def _groups(self, currents: Floats) -> Integers:
        """Which oscillators run together at these currents."""
        groups, frequency = self.network.mutual_synchronization(currents)
        if self.comparator_width is None:
            return groups
        order = np.argsort(frequency, axis=1)
        apart = np.diff(np.take_along_axis(frequency, order, axis=1), axis=1)
        ranks = np.cumsum(apart > self.comparator_width, axis=1)
        np.put_along_axis(groups, order, np.pad(ranks, ((0, 0), (1, 0))), axis=1)
        return groups

    @staticmethod
    def _bound(groups: Integers) -> Array:
        bound: Array = groups.max(axis=-1) == 0
        return bound

    def _loss(self, points: Floats, y: Array) -> Callable[[Floats, Floats], float]:
        """The function of lines and smoothed map that training minimises."""

        def loss(flat: Floats, table: Floats) -> float:
            center, slope = flat[:2], flat[2:]
            place = (np.clip(center + slope * points, -MAP_REACH, MAP_REACH) + MAP_REACH) * (
                (N_GRID - 1) / (2 * MAP_REACH)
            )
            bound = ndimage.map_coordinates(table, place.T, order=1)
            mean: float = -np.log(np.where(y, bound, 1 - bound) + self.SOFTNESS).mean()
            return mean

        return loss

    def _search(
        self, loss: Callable[[Floats, Floats], float], inside: Floats, spacing: float
    ) -> Floats:
        """Centers and slopes of the best lines, in half-widths of locking.

        The first stage starts with every sign of the two slopes; each further stage goes on
        from the best lines so far, on a map that is smoothed less.
        """
        signs = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
        starts = [self.STEEPNESS * np.array([0.0, 0.0, *pair]) for pair in signs]
        for smoothing, n_iterations in self.STAGES:
            table = ndimage.gaussian_filter(inside, smoothing / spacing)
            options = {"maxiter": n_iterations}
            found: list[Any] = [
                minimize(loss, start, (table,), "Nelder-Mead", options=options)
                for start in starts
            ]
            starts = [min(found, key=lambda result: result.fun).x]
        return starts[0]


def bias_and_width(
    network: OscillatorNetwork, comparator_width: float | None = None
) -> tuple[float, float]:
    """Current of oscillator 1, and the change of current over which another locks to it.

    Parameters
    ----------
    network : OscillatorNetwork
    comparator_width : float or None, default=None
        In Hz; None for oscillators that must be locked.

    Returns
    -------
    bias, width : float
        In A. Two equal oscillators lock within 2 |K| sqrt(1 + nu^2) cos(arg K - arctan nu)
        (in rad/s). A comparator takes them for one within its width.
    """
    device: Any = network.oscillator
    bias: float = network.bias * device.threshold_current
    slope, coupling = device.nonlinear_shift(bias), complex(network.coupling)
    pull = 2 * np.sqrt(1 + slope**2) * (coupling * np.exp(-1j * np.arctan(slope))).real
    step = 1e-4 * bias
    tuning = (
        device.stationary_frequency(bias + step) - device.stationary_frequency(bias - step)
    ) / (2 * step)
    width = pull / (2 * np.pi) if comparator_width is None else comparator_width
    return bias, width / tuning
