"""How much does one oscillator remember and compute, and where is it best operated?

A map over the middle and the half width of the range of currents, or over the current and
the field of a vortex, as laboratories measure it. At every point of the map: short-term
memory, parity, information processing capacity, kernel and generalisation rank. They are
measured on the states of the time-multiplexed oscillator itself, without a task, and on the
masked drive as the control.
"""

import textwrap
import time
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar

import numpy as np

from reservoir._checks import NOT_NEGATIVE, Choice, Integer, Real, Rule
from reservoir._types import Array, Floats
from reservoir.capacity import (
    information_processing_capacity,
    kernel_ranks,
    memory_capacity,
    parity_capacity,
)
from reservoir.devices import Device, VortexOscillator
from reservoir.experiments.controls import control
from reservoir.experiments.operation import CURRENT_LIMITS, POWER_FLOOR
from reservoir.experiments.own_device import (
    chosen_device,
    heading_of,
    require_feedback,
    settings_of,
    with_floor,
)
from reservoir.experiments.provenance import DataUsed, digest_of
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import Point, ResumableExperiment
from reservoir.multiplexing.transformer import TimeMultiplexedReservoir
from reservoir.plotting.capacity import CapacityFigure

BIASES = (0.8, 1.0, 1.2, 1.5, 2.0, 3.0)  # in units of the threshold
DEPTHS = (0.3, 0.6, 1.0, 1.6, 2.5)  # half width of the range, in units of the threshold
CURRENTS = (1.4, 1.6, 1.8, 2.0, 2.3, 2.7, 3.2)  # of a vortex, in mA
HALF_WIDTH = 0.3  # mA
FIELDS = (0.2, 0.3, 0.4, 0.5, 0.6)  # T
MEASURES = ("memory", "parity", "information", "kernel-rank", "generalization-rank")
N_STEPS, WASHOUT = 4000, 100
N_DELAYS = (30, 10, 5)  # of the functions of degree 1, 2, 3
RANK_STEPS = 60


@dataclass(frozen=True)
class OperatingPoint(Point):
    """One measure at one operating point, or of the masked drive.

    Attributes
    ----------
    bias, other : float or None
        Where the point lies on the axes of the map. None: the masked drive, which lies
        nowhere.
    """

    bias: float | None = None
    other: float | None = None


@dataclass
class CapacityExperiment(ResumableExperiment):
    """Capacities and ranks over a map of operating points.

    Parameters
    ----------
    along : {"depth", "field"}
        The second axis of the map. "depth": the first axis is the middle of the range of
        currents and the second its half width, both in units of the threshold. "field": the
        device is the vortex `grimaldi2014`, the first axis is its current in mA, and the
        second the perpendicular field in T; the range of currents is 0.3 mA to either side,
        and the hold is the same at every point.
    n_nodes : int
    loop_gain : float
        Loop gain of delayed feedback; 0: no feedback.
    oscillator : device, preset name or None
        What is played; only along "depth". None: the preset "torrejon2017".
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
    _: KW_ONLY
    loop_gain: float = 0.0
    readout_noise: float = 0.0
    oscillator: Device | str | None = None

    summary = "Map what one oscillator remembers and computes"
    spread_over = "one measurement, hence 0"
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "along": Choice(("depth", "field")),
        "n_nodes": Integer(1),
        "loop_gain": Real(above=-1, below=1),
        "readout_noise": NOT_NEGATIVE,
        **ResumableExperiment._parameter_ranges,
    }

    def __post_init__(self) -> None:
        """Check the parameters."""
        super().__post_init__()
        chosen_device(self.oscillator)
        if self.oscillator is not None and self.along == "field":
            raise ValueError(
                "Along 'field' the device is the vortex grimaldi2014, whose field is "
                "changed; an oscillator of your own is mapped along 'depth'."
            )
        if self.loop_gain:
            require_feedback("CapacityExperiment", self.oscillator, "There is a loop gain")

    def points(self) -> list[OperatingPoint]:
        """The control, then operating points at which the device answers as it should."""
        places = self._operating_points()
        return [OperatingPoint("control", measure) for measure in MEASURES] + [
            OperatingPoint(f"{bias:g}-{other:g}", measure, bias=bias, other=other)
            for bias, other in places
            for measure in MEASURES
        ]

    def _operating_points(self) -> list[tuple[float, float]]:
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

    def settings(self) -> dict[str, Any]:
        """The settings in which the results of one file must agree."""
        return super().settings() | {
            "along": self.along,
            "n_nodes": self.n_nodes,
            "loop_gain": self.loop_gain,
            "readout_noise": self.readout_noise,
            **settings_of(self.oscillator),
        }

    def reservoir(
        self, bias: float | None = None, other: float | None = None
    ) -> TimeMultiplexedReservoir:
        """The oscillator at an operating point, or the masked drive without it.

        Parameters
        ----------
        bias, other : float or None
            Where it lies on the axes of the map; None: the control.

        Returns
        -------
        TimeMultiplexedReservoir
        """
        single = TimeMultiplexedReservoir(
            n_nodes=self.n_nodes, readout_noise=self.readout_noise, random_state=self.seed
        )
        if bias is None or other is None:
            return control(single)
        single.set_params(current_limits=CURRENT_LIMITS, loop_gain=self.loop_gain)
        if self.along == "depth":
            single.set_params(drive_range=(bias - other, bias + other))
            single.set_params(oscillator=with_floor(chosen_device(self.oscillator)))
            return single
        vortex = _vortex(other)
        unit = 1e3 * vortex.threshold_current
        single.set_params(
            oscillator=vortex,
            node_time=_vortex(FIELDS[2]).default_node_time(self.n_nodes),
            drive_range=((bias - HALF_WIDTH) / unit, (bias + HALF_WIDTH) / unit),
        )
        return single

    def axes(self) -> tuple[str, str]:
        """Labels of the two axes of the map."""
        if self.along == "depth":
            return "middle of the currents / threshold", "half width / threshold"
        return "current (mA)", "perpendicular field (T)"

    def best(self, measure: str) -> tuple[str, float]:
        """The operating point where a measure is largest, and its value.

        Parameters
        ----------
        measure : str
            One of `MEASURES`.

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

    def grid(self, measure: str) -> tuple[Floats, Floats, Floats]:
        """Values of a measure over the map, NaN where there is no point.

        Parameters
        ----------
        measure : str
            One of `MEASURES`.

        Returns
        -------
        biases, others : ndarray
        values : ndarray of shape (n_others, n_biases)
        """
        found = {row.protocol: row.value for row in self.rows_ if row.method == measure}
        places = self._operating_points()
        biases = sorted({bias for bias, _ in places})
        others = sorted({other for _, other in places})
        values = np.full((len(others), len(biases)), np.nan)
        for bias, other in places:
            values[others.index(other), biases.index(bias)] = found[f"{bias:g}-{other:g}"]
        return np.array(biases), np.array(others), values

    def heading(self) -> str:
        """Lines above the table."""
        quick = "\nQUICK: two operating points; not the map." * self.quick
        return (
            f"Capacities of one {'vortex' if self.along == 'field' else 'oscillator'}, "
            f"{self.n_nodes} nodes, loop gain "
            f"{self.loop_gain:g}, readout noise {self.readout_noise:g}{quick}"
            f"{heading_of(self.oscillator)}\n"
        )

    def footnotes(self) -> str:
        """Lines below the table."""
        best = "; ".join(
            f"{measure} {value:.3g} at {protocol}"
            for measure in MEASURES
            for protocol, value in [self.best(measure)]
        )
        text = (
            f"protocol: the two numbers are {' and '.join(self.axes())}. "
            "control: the masked drive is read, without oscillator or loop. "
            "memory: the delays are 1 to 40. parity: the delays are 1 to 8. Delay 0 is left "
            "out. information: products of Legendre polynomials up to degree 3 count if they "
            "exceed the threshold of shuffled inputs. Their sum is at most the number of "
            "independent states. kernel-rank, generalization-rank: the singular values above "
            "1 % of the largest are counted, for unrelated and for similar inputs. "
            f"The largest values are: {best}."
        )
        return textwrap.fill(text, 94)

    def data_used(self) -> DataUsed:
        """The random inputs of the capacities, and the seed."""
        inputs = [_inputs(name, self.seed) for name in MEASURES if "rank" not in name]
        return DataUsed("random inputs", digest_of(*inputs), (self.seed,))

    def arrays(self) -> dict[str, Floats]:
        """The maps, for the result file."""
        biases, others, _ = self.grid(MEASURES[0])
        return {"bias": biases, self.along: others} | self._maps()

    def figure_data(self) -> CapacityFigure:
        """All maps with their axes."""
        biases, others, _ = self.grid(MEASURES[0])
        controls = {row.method: row.value for row in self.rows_ if row.protocol == "control"}
        return CapacityFigure(
            self.heading(), self.axes(), biases, others, self._maps(), controls
        )

    def _maps(self) -> dict[str, Floats]:
        return {measure: self.grid(measure)[2] for measure in MEASURES}

    def _measure(self, point: OperatingPoint) -> tuple[Row, dict[str, Array]]:
        start = time.perf_counter()
        reservoir = self.reservoir(point.bias, point.other)
        if point.method.endswith("-rank"):
            value = self._rank(point.method, reservoir)
        else:
            inputs = _inputs(point.method, self.seed)
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

    def _rank(self, method: str, reservoir: TimeMultiplexedReservoir) -> float:
        """Both ranks need the same streams, hence the same seed."""
        fitted = reservoir.fit([np.linspace(-1, 1, 1001)[:, None]])
        ranks = kernel_ranks(
            fitted.transform, 2 * int(self.n_nodes), RANK_STEPS, random_state=self.seed
        )
        rank: float = ranks.kernel if method == "kernel-rank" else ranks.generalization
        return rank


def _inputs(method: str, seed: int) -> Floats:
    """Random inputs of a capacity."""
    generator = np.random.default_rng([seed, MEASURES.index(method)])
    inputs = generator.uniform(-1.0, 1.0, N_STEPS)
    return np.where(inputs < 0, -1.0, 1.0) if method == "parity" else inputs


def _vortex(field: float) -> VortexOscillator:
    device: VortexOscillator = VortexOscillator.from_preset("grimaldi2014")
    return replace(device, field=field, power_floor=POWER_FLOOR)


def _capacity(method: str, states: Floats, inputs: Floats, seed: int) -> float:
    found: Any
    if method == "memory":
        found = memory_capacity(states, inputs, range(1, 41), washout=WASHOUT)
    elif method == "parity":
        found = parity_capacity(states, inputs, range(1, 9), washout=WASHOUT)
    else:
        found = information_processing_capacity(
            states, inputs, N_DELAYS, washout=WASHOUT, random_state=seed
        )
    return float(found.total)
