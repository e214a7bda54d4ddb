"""How much does one oscillator remember and compute, and where is it best operated?

A map over the middle and the depth of the range of currents, or over the current and the
field of a vortex, as laboratories measure it: short-term memory, parity,
information processing capacity, kernel and generalisation rank, each of the states of the
time-multiplexed oscillator itself, without a task, and of the masked drive (control).
"""

import textwrap
import time
from dataclasses import dataclass, replace

import numpy as np

from reservoir.capacity import (
    information_processing_capacity,
    kernel_ranks,
    memory_capacity,
    parity_capacity,
)
from reservoir.devices import VortexOscillator
from reservoir.experiments.controls import control
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import ResumableExperiment
from reservoir.multiplexing.transformer import TimeMultiplexedReservoir

BIASES = (0.8, 1.0, 1.2, 1.5, 2.0, 3.0)  # in units of the threshold
DEPTHS = (0.3, 0.6, 1.0, 1.6, 2.5)  # half width of the range
LIMITS = (-5.0, 8.0)
CURRENTS = (1.4, 1.6, 1.8, 2.0, 2.3, 2.7, 3.2)  # of a vortex, in mA
HALF_WIDTH = 0.3  # mA
FIELDS = (0.2, 0.3, 0.4, 0.5, 0.6)  # T
MEASURES = ("memory", "parity", "information", "kernel-rank", "generalization-rank")
N_STEPS, WASHOUT = 4000, 100
N_DELAYS = (30, 10, 5)  # of the functions of degree 1, 2, 3
RANK_STEPS = 60


@dataclass(frozen=True)
class Point:
    """One measure at one operating point, or of the masked drive, which has none."""

    method: str
    bias: float | None = None
    other: float | None = None
    frontend: str = "none"

    @property
    def protocol(self):
        """Name in the result rows: where the point lies on both axes of the map."""
        return "control" if self.bias is None else f"{self.bias:g}-{self.other:g}"


@dataclass
class CapacityExperiment(ResumableExperiment):
    """Capacities and ranks over a map of operating points.

    Parameters
    ----------
    along : {"depth", "field"}
        The map's other axis, beside the middle of the range of currents: its half width,
        both in units of the threshold; or the perpendicular field of the vortex
        `grimaldi2014`, in T, with the current in mA, a range of 0.3 mA to either side and a
        hold that stays the same.
    n_nodes : int
    loop_gain : float
        Of delayed feedback; 0: none.
    readout_noise : float
        Readout noise, as for `TimeMultiplexedReservoir`.
    seed, n_jobs, quick, store
        As for `reservoir.experiments.resumable.ResumableExperiment`.

    Examples
    --------
    >>> from reservoir.experiments import CapacityExperiment
    >>> len(CapacityExperiment(quick=True).points())
    15
    """

    along: str = "depth"
    n_nodes: int = 50
    loop_gain: float = 0.0
    readout_noise: float = 0.0

    def points(self):
        """The control, then operating points at which the device answers as it should."""
        return [Point(measure) for measure in MEASURES] + [
            Point(measure, bias, other)
            for bias, other in self._operating_points()
            for measure in MEASURES
        ]

    def _operating_points(self):
        """Where the top of the range exceeds the threshold, and no vortex leaves its disc."""
        if self.along == "depth":
            biases = (1.2, 2.0) if self.quick else BIASES
            depths = DEPTHS[2:3] if self.quick else DEPTHS
            return [(b, depth) for b in biases for depth in depths if b + depth > 1]
        fields = FIELDS[2:3] if self.quick else FIELDS
        points = []
        for current in CURRENTS[2:4] if self.quick else CURRENTS:
            for field in fields:
                vortex = _vortex(field)
                top = 1e-3 * (current + HALF_WIDTH)
                if top > vortex.threshold_current and vortex.stationary_power(top) < 1:
                    points.append((current, field))
        return points

    def settings(self):
        """What results must share to stand in one file."""
        return super().settings() | {
            "along": self.along,
            "n_nodes": self.n_nodes,
            "loop_gain": self.loop_gain,
            "readout_noise": self.readout_noise,
        }

    def reservoir(self, bias=None, other=None):
        """The oscillator at an operating point, or the masked drive without it.

        Parameters
        ----------
        bias, other : float or None
            Where it lies on the axes of the map; None: the control.

        Returns
        -------
        TimeMultiplexedReservoir
        """
        alone = TimeMultiplexedReservoir(
            n_nodes=self.n_nodes, readout_noise=self.readout_noise, random_state=self.seed
        )
        if bias is None:
            return control(alone)
        alone.set_params(current_limits=LIMITS, loop_gain=self.loop_gain)
        if self.along == "depth":
            alone.set_params(drive_range=(bias - other, bias + other))
            return alone.set_params(oscillator__power_floor=1e-3)
        vortex = _vortex(other)
        unit = 1e3 * vortex.threshold_current
        return alone.set_params(
            oscillator=vortex,
            node_time=_vortex(FIELDS[2]).default_node_time(self.n_nodes),
            drive_range=((bias - HALF_WIDTH) / unit, (bias + HALF_WIDTH) / unit),
        )

    def axes(self):
        """Labels of the two axes of the map."""
        if self.along == "depth":
            return "middle of the currents / threshold", "half width / threshold"
        return "current (mA)", "perpendicular field (T)"

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
        biases, others : ndarray
        values : ndarray of shape (n_others, n_biases)
        """
        points = [
            point
            for point in self.points()
            if point.method == measure and point.bias is not None
        ]
        found = {row.protocol: row.value for row in self.rows_ if row.method == measure}
        biases = sorted({point.bias for point in points})
        others = sorted({point.other for point in points})
        values = np.full((len(others), len(biases)), np.nan)
        for point in points:
            place = others.index(point.other), biases.index(point.bias)
            values[place] = found[point.protocol]
        return np.array(biases), np.array(others), values

    def heading(self):
        """Lines above the table."""
        quick = "\nQUICK: two operating points; not the map." * self.quick
        return (
            f"Capacities of one {'vortex' if self.along == 'field' else 'oscillator'}, "
            f"{self.n_nodes} nodes, loop gain "
            f"{self.loop_gain:g}, readout noise {self.readout_noise:g}{quick}\n"
        )

    def footnotes(self):
        """Lines below the table."""
        best = "; ".join(
            f"{measure} {value:.3g} at {protocol}"
            for measure in MEASURES
            for protocol, value in [self.best(measure)]
        )
        text = (
            f"protocol: {' and '.join(self.axes())}; "
            "control: the masked drive, without oscillator or loop. "
            "memory: delays 1 to 40; parity: 1 to 8 (0 left out); information: Legendre "
            "products up to degree 3 above the threshold of shuffled inputs, at most the "
            "number of independent states. Ranks: singular values above 1 % of the largest, "
            f"of unrelated and of similar inputs. Largest: {best}."
        )
        return textwrap.fill(text, 94)

    def arrays(self):
        """The maps, for the result file."""
        biases, others, _ = self.grid(MEASURES[0])
        maps = {measure: self.grid(measure)[2] for measure in MEASURES}
        return {"bias": biases, self.along: others} | maps

    def _measure(self, point):
        start = time.perf_counter()
        reservoir = self.reservoir(point.bias, point.other)
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


def _vortex(field):
    device = VortexOscillator.from_preset("grimaldi2014")
    return replace(device, field=field, power_floor=1e-3)


def _capacity(method, states, inputs, seed):
    if method == "memory":
        return memory_capacity(states, inputs, range(1, 41), washout=WASHOUT).total
    if method == "parity":
        return parity_capacity(states, inputs, range(1, 9), washout=WASHOUT).total
    return information_processing_capacity(
        states, inputs, N_DELAYS, washout=WASHOUT, random_state=seed
    ).total
