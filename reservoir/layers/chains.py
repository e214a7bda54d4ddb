"""What weight does a chain of synapses give to each line, and how does tuning change it?

The voltages of the diodes of a chain add. Each diode hears every line of its bus, so the
weight of a line is a sum over the diodes: the crosstalk is this sum.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np

from reservoir import _core
from reservoir._types import Array, Floats
from reservoir.devices.spin_diode import SpinDiode, line_shape
from reservoir.layers.lines import Band, offset_table, still_band

MIN_WORK = 2**18  # Lorentzians below which a second thread costs more than it saves


class Chains(Protocol):
    """From the settings of all synapses of a layer to its weights, and back.

    `settings`, `strengths` are arrays of shape (n_chains, n_lines); weights have shape
    (n_chains, n_lines * n_nodes), the nodes of a line side by side.
    """

    band: Band

    def weights(self, settings: Array, strengths: Array) -> Array:
        """Weights that the settings make."""

    def slopes(self, settings: Array, strengths: Array, wanted: Array) -> Array:
        """Derivative by each setting of a sum of weights, of which each counts `wanted`."""


class IdealChains:
    """Chains whose weights are set directly; a synapse hears its own line only."""

    band = still_band()

    def weights(self, settings: Array, strengths: Array) -> Array:
        """Each setting times the strength of the synapse."""
        return settings * strengths

    def slopes(self, settings: Array, strengths: Array, wanted: Array) -> Array:
        """As for `Chains`."""
        return wanted * strengths


class DiodeChains:
    """Chains of spin diodes, whose Lorentzian lines the compiled kernel sums.

    Parameters
    ----------
    synapse : SpinDiode
    frequencies : ndarray of shape (lines_per_bus,)
        Of the lines of a bus, in Hz.
    moved : ndarray of shape (n_lines,)
        By how much each line is off its frequency, in Hz.
    band : Band
        Over which the lines move.
    dtype : dtype
    n_threads : int
        That share the chains. The answer does not depend on it.
    crosstalk : bool
        Whether a diode hears all lines of its bus, or its own only.
    """

    def __init__(
        self,
        synapse: SpinDiode,
        frequencies: Floats,
        moved: Floats,
        band: Band,
        dtype: Any,
        n_threads: int = 1,
        crosstalk: bool = True,
    ) -> None:
        self.band = band
        self._n_lines = len(moved)
        self._per_bus = min(len(frequencies), self._n_lines) if crosstalk else 1
        self._cosine, self._sine = line_shape(synapse.angle)
        self._stretch = synapse.stretch
        self._dtype = np.dtype(dtype)
        self._n_threads = n_threads
        all_lines = np.resize(frequencies, self._n_lines)
        tables = [
            offset_table(synapse, all_lines[bus], moved[bus], band.nodes).astype(dtype)
            for bus in map(self._bus, range(0, self._n_lines, self._per_bus))
        ]
        n_nodes = len(band.nodes)
        alike = all(
            np.array_equal(table, tables[0][: len(table), : len(table) * n_nodes])
            for table in tables
        )
        self._tables = tables[:1] if alike else tables

    def _bus(self, start: int) -> slice:
        """The lines of the bus that begins with a line."""
        return slice(start, min(start + self._per_bus, self._n_lines))

    def weights(self, settings: Array, strengths: Array) -> Array:
        """As for `Chains`."""
        shape = (len(settings), self._n_lines * len(self.band.nodes))
        weights = np.empty(shape, self._dtype)

        def fill(rows: slice, table: Array, lines: slice, points: slice) -> None:
            part = np.ascontiguousarray
            out = part(weights[rows, points])
            _core.lorentzian.chain_weights(
                table,
                part(settings[rows, lines]),
                part(strengths[rows, lines]),
                self._stretch,
                self._cosine,
                self._sine,
                out,
            )
            if out.base is None:  # a copy, because a bus is a part of each row
                weights[rows, points] = out

        self._run(fill, len(settings))
        return weights

    def slopes(self, settings: Array, strengths: Array, wanted: Array) -> Array:
        """As for `Chains`."""
        slopes = np.empty(settings.shape, self._dtype)

        def fill(rows: slice, table: Array, lines: slice, points: slice) -> None:
            part = np.ascontiguousarray
            out = part(slopes[rows, lines])
            _core.lorentzian.chain_slopes(
                table,
                part(settings[rows, lines]),
                part(strengths[rows, lines]),
                self._stretch,
                self._cosine,
                self._sine,
                part(wanted[rows, points]),
                out,
            )
            if out.base is None:
                slopes[rows, lines] = out

        self._run(fill, len(settings))
        return slopes

    def _run(self, fill: Callable[[slice, Array, slice, slice], None], n_chains: int) -> None:
        """Fill all rows, bus by bus where the tables of the buses differ."""
        n_nodes = len(self.band.nodes)
        if len(self._tables) == 1:
            jobs = [(self._tables[0], slice(None), slice(None))]
        else:
            buses = [self._bus(n * self._per_bus) for n in range(len(self._tables))]
            jobs = [
                (table, bus, slice(bus.start * n_nodes, bus.stop * n_nodes))
                for table, bus in zip(self._tables, buses, strict=True)
            ]
        work = n_chains * self._n_lines * self._per_bus * n_nodes
        n_threads = min(self._n_threads, n_chains, max(work // MIN_WORK, 1))
        edges = np.linspace(0, n_chains, n_threads + 1).astype(int)
        tasks = [
            (slice(first, last), *job)
            for first, last in zip(edges[:-1], edges[1:], strict=True)
            for job in jobs
        ]
        if n_threads == 1:
            for task in tasks:
                fill(*task)
            return
        with ThreadPoolExecutor(n_threads) as pool:
            for done in [pool.submit(fill, *task) for task in tasks]:
                done.result()
