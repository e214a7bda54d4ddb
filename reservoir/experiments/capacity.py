"""How much does one oscillator remember and compute, and where is it best operated?

A map over the middle and the depth of the range of currents: short-term memory, parity,
information processing capacity, kernel and generalisation rank, each of the states of the
time-multiplexed oscillator itself, without a task, and of the masked drive (control).
"""

import textwrap
import time
from dataclasses import dataclass

import numpy as np

from reservoir.capacity import (
    information_processing_capacity,
    kernel_ranks,
    memory_capacity,
    parity_capacity,
)
from reservoir.experiments.controls import control
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import ResumableExperiment
from reservoir.multiplexing import TimeMultiplexedReservoir

BIASES = (0.8, 1.0, 1.2, 1.5, 2.0, 3.0)  # in units of the threshold
DEPTHS = (0.3, 0.6, 1.0, 1.6, 2.5)  # half width of the range
LIMITS = (-5.0, 8.0)
MEASURES = ("memory", "parity", "information", "kernel-rank", "generalization-rank")
N_STEPS, WASHOUT = 4000, 100
N_DELAYS = (30, 10, 5)  # of the functions of degree 1, 2, 3
RANK_STEPS = 60


@dataclass(frozen=True)
class Point:
    """One measure at one operating point, or of the masked drive, which has none."""

    method: str
    bias: float | None = None
    depth: float | None = None
    frontend: str = "none"

    @property
    def protocol(self):
        """Name in the result rows: middle and half width of the range of currents."""
        return "control" if self.bias is None else f"{self.bias:g}-{self.depth:g}"


@dataclass
class CapacityExperiment(ResumableExperiment):
    """Capacities and ranks over a map of operating points.

    Parameters
    ----------
    n_nodes : int
    loop_gain : float
        Of delayed feedback; 0: none.
    noise : float
        Readout noise, as for `TimeMultiplexedReservoir`.
    seed, n_jobs, quick, store
        As for `reservoir.experiments.resumable.ResumableExperiment`.

    Examples
    --------
    >>> from reservoir.experiments import CapacityExperiment
    >>> len(CapacityExperiment(quick=True).points())
    15
    """

    n_nodes: int = 50
    loop_gain: float = 0.0
    noise: float = 0.0

    def points(self):
        """The control, then operating points at which the top exceeds the threshold."""
        biases = (1.2, 2.0) if self.quick else BIASES
        depths = DEPTHS[2:3] if self.quick else DEPTHS
        return [Point(measure) for measure in MEASURES] + [
            Point(measure, bias, depth)
            for bias in biases
            for depth in depths
            if bias + depth > 1
            for measure in MEASURES
        ]

    def settings(self):
        """What results must share to stand in one file."""
        return super().settings() | {
            "n_nodes": self.n_nodes,
            "loop_gain": self.loop_gain,
            "noise": self.noise,
        }

    def reservoir(self, bias=None, depth=None):
        """The oscillator at an operating point, or the masked drive without it.

        Parameters
        ----------
        bias, depth : float or None
            Middle and half width of the range of currents, in units of the threshold; None:
            the control.

        Returns
        -------
        TimeMultiplexedReservoir
        """
        if bias is None:
            alone = TimeMultiplexedReservoir(
                n_nodes=self.n_nodes, noise=self.noise, random_state=self.seed
            )
            return control(alone)
        return TimeMultiplexedReservoir(
            n_nodes=self.n_nodes,
            drive_range=(bias - depth, bias + depth),
            current_limits=LIMITS,
            loop_gain=self.loop_gain,
            noise=self.noise,
            random_state=self.seed,
        ).set_params(oscillator__thermal_power=1e-3)

    def best(self, measure):
        """The operating point where a measure is largest, and its value.

        Returns
        -------
        protocol : str
        value : float
        """
        rows = [
            row for row in self.rows_ if row.method == measure and row.protocol != "control"
        ]
        row = max(rows, key=lambda row: row.value)
        return row.protocol, row.value

    def grid(self, measure):
        """Values of a measure over the map, NaN where there is no point.

        Returns
        -------
        biases, depths : ndarray
        values : ndarray of shape (n_depths, n_biases)
        """
        points = [
            point
            for point in self.points()
            if point.method == measure and point.bias is not None
        ]
        found = {row.protocol: row.value for row in self.rows_ if row.method == measure}
        biases = sorted({point.bias for point in points})
        depths = sorted({point.depth for point in points})
        values = np.full((len(depths), len(biases)), np.nan)
        for point in points:
            place = depths.index(point.depth), biases.index(point.bias)
            values[place] = found[point.protocol]
        return np.array(biases), np.array(depths), values

    def heading(self):
        """Lines above the table."""
        quick = "\nQUICK: two operating points; not the map." * self.quick
        return (
            f"Capacities of one oscillator, {self.n_nodes} nodes, loop gain "
            f"{self.loop_gain:g}, readout noise {self.noise:g}{quick}\n"
        )

    def footnotes(self):
        """Lines below the table."""
        best = "; ".join(
            f"{measure} {value:.3g} at {protocol}"
            for measure in MEASURES
            for protocol, value in [self.best(measure)]
        )
        text = (
            "protocol: middle and half width of the range of currents, over the threshold; "
            "control: the masked drive, without oscillator or loop. "
            "memory: delays 1 to 40; parity: 1 to 8 (0 left out); information: Legendre "
            "products up to degree 3 above the threshold of shuffled inputs, at most the "
            "number of independent states. Ranks: singular values above 1 % of the largest, "
            f"of unrelated and of similar inputs. Largest: {best}."
        )
        return textwrap.fill(text, 94)

    def arrays(self):
        """The maps, for the result file."""
        biases, depths, _ = self.grid(MEASURES[0])
        maps = {measure: self.grid(measure)[2] for measure in MEASURES}
        return {"bias": biases, "depth": depths} | maps

    def _measure(self, point):
        start = time.perf_counter()
        reservoir = self.reservoir(point.bias, point.depth)
        generator = np.random.default_rng([self.seed, MEASURES.index(point.method)])
        if point.method.endswith("-rank"):
            value = self._rank(point.method, reservoir)
        else:
            inputs = generator.uniform(-1.0, 1.0, N_STEPS)
            if point.method == "parity":
                inputs = np.where(inputs < 0, -1.0, 1.0)
            states = reservoir.fit([inputs[:, None]]).transform([inputs[:, None]])[0]
            value = _capacity(point.method, states, inputs, self.seed)
        row = Row(
            task="capacity",
            protocol=point.protocol,
            frontend=point.frontend,
            method=point.method,
            metric="capacity",
            value=float(value),
            spread=0.0,
            n_folds=1,
            seconds=time.perf_counter() - start,
            n_parameters=0,
        )
        return row, {}

    def _rank(self, method, reservoir):
        """Both ranks need the same streams, hence the same seed."""
        fitted = reservoir.fit([np.linspace(-1, 1, 1001)[:, None]])
        ranks = kernel_ranks(
            fitted.transform, 2 * self.n_nodes, RANK_STEPS, random_state=self.seed
        )
        return ranks.kernel if method == "kernel-rank" else ranks.generalization


def _capacity(method, states, inputs, seed):
    if method == "memory":
        return memory_capacity(states, inputs, range(1, 41), washout=WASHOUT).total
    if method == "parity":
        return parity_capacity(states, inputs, range(1, 9), washout=WASHOUT).total
    return information_processing_capacity(
        states, inputs, N_DELAYS, washout=WASHOUT, random_state=seed
    ).total
