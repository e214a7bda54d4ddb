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
from reservoir.layers.lines import offset_table

Fill = Callable[[slice, Array, slice, slice], None]  # rows, table, lines, points
MIN_WORK = 2**18  # Lorentzians below which a second thread costs more than it saves


class Chains(Protocol):
    """From the settings of all synapses of a layer to its weights, and back.

    `settings`, `strengths` are arrays of shape (n_chains, n_lines); weights have shape
    (n_chains, n_lines * n_nodes), the nodes of a line side by side.
    """

    def weights(self, settings: Array, strengths: Array) -> Array:
        """Weights that the settings make."""

    def slopes(self, settings: Array, strengths: Array, wanted: Array) -> Array:
        """Derivative by each setting of a sum of weights, of which each counts `wanted`."""


class IdealChains:
    """Chains whose weights are set directly; a synapse hears its own line only."""

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
    nodes : ndarray of shape (n_nodes,)
        Shifts of every line at which weights are computed, in Hz.
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
        nodes: Floats,
        dtype: Any,
        n_threads: int = 1,
        crosstalk: bool = True,
    ) -> None:
        self._n_lines = len(moved)
        self._per_bus = min(len(frequencies), self._n_lines) if crosstalk else 1
        self._shape = (synapse.stretch, *line_shape(synapse.angle))
        self._dtype = np.dtype(dtype)
        self._n_threads = n_threads
        self._n_nodes = len(nodes)
        all_lines = np.resize(frequencies, self._n_lines)
        widths = np.asarray(synapse.half_linewidth_at(all_lines))
        self._rates = (1 / widths).astype(dtype)  # half linewidths per Hz
        tables = [
            offset_table(widths[bus], all_lines[bus], moved[bus], nodes).astype(dtype)
            for bus in self._buses()
        ]
        alike = all(
            np.array_equal(table, tables[0][: len(table), : table.shape[1]])
            for table in tables
        )
        self._tables = tables[:1] if alike else tables
        self._across = [_part(table.T) for table in self._tables]

    def weights(self, settings: Array, strengths: Array) -> Array:
        """As for `Chains`."""
        shape = (len(settings), self._n_lines * self._n_nodes)
        weights = np.empty(shape, self._dtype)

        def fill(rows: slice, table: Array, lines: slice, points: slice) -> None:
            out = _part(weights[rows, points])
            _core.lorentzian.chain_weights(
                table,
                _part(settings[rows, lines]),
                _part(strengths[rows, lines]),
                *self._shape,
                out,
            )
            if out.base is None:  # a copy, because a bus is a part of each row
                weights[rows, points] = out

        self._run(fill, self._tables, len(settings), self._n_nodes)
        return weights

    def slopes(self, settings: Array, strengths: Array, wanted: Array) -> Array:
        """As for `Chains`."""
        slopes = np.empty(settings.shape, self._dtype)

        def fill(rows: slice, across: Array, lines: slice, points: slice) -> None:
            out = _part(slopes[rows, lines])
            _core.lorentzian.chain_slopes(
                across,
                _part(settings[rows, lines]),
                _part(strengths[rows, lines]),
                *self._shape,
                _part(wanted[rows, points]),
                out,
            )
            if out.base is None:
                slopes[rows, lines] = out

        self._run(fill, self._across, len(settings), self._n_nodes)
        return slopes

    # ------------------------------------------------------------------ followed lines

    def followed_weights(
        self, settings: Array, strengths: Array, shift: Array
    ) -> tuple[Array, Array]:
        """Weights of lines that stand elsewhere for each sample, and their slopes.

        Parameters
        ----------
        settings, strengths : ndarray of shape (n_chains, n_lines)
        shift : ndarray of shape (n_samples, n_lines)
            Of each line, in Hz.

        Returns
        -------
        weights, by_shift : ndarray of shape (n_chains, n_samples, n_lines)
            The weights, and their derivatives by the shift of their line, per Hz.
        """
        shape = (len(settings), *shift.shape)
        weights, by_shift = np.empty(shape, self._dtype), np.empty(shape, self._dtype)

        def fill(rows: slice, table: Array, lines: slice, points: slice) -> None:
            out = _part(weights[rows, :, lines]), _part(by_shift[rows, :, lines])
            _core.followed.followed_weights(
                table,
                self._rates[lines],
                _part(shift[:, lines]),
                _part(settings[rows, lines]),
                _part(strengths[rows, lines]),
                *self._shape,
                *out,
            )
            if out[0].base is None:
                weights[rows, :, lines], by_shift[rows, :, lines] = out

        self._run(fill, self._single(), len(settings), len(shift))
        return weights, by_shift

    def followed_slopes(
        self, settings: Array, strengths: Array, shift: Array, wanted: Array
    ) -> Array:
        """As `slopes`, for lines as in `followed_weights`.

        `wanted` has the shape (n_chains, n_samples, n_lines).
        """
        slopes = np.empty(settings.shape, self._dtype)

        def fill(rows: slice, table: Array, lines: slice, points: slice) -> None:
            out = _part(slopes[rows, lines])
            _core.followed.followed_slopes(
                table,
                self._rates[lines],
                _part(shift[:, lines]),
                _part(settings[rows, lines]),
                _part(strengths[rows, lines]),
                *self._shape,
                _part(wanted[rows, :, lines]),
                out,
            )
            if out.base is None:
                slopes[rows, lines] = out

        self._run(fill, self._single(), len(settings), len(shift))
        return slopes

    # ------------------------------------------------------------------ buses and threads

    def _buses(self) -> list[slice]:
        """The lines of each bus."""
        starts = range(0, self._n_lines, self._per_bus)
        return [slice(n, min(n + self._per_bus, self._n_lines)) for n in starts]

    def _single(self) -> list[Array]:
        """The table of each bus, also where they are alike."""
        buses = self._buses()
        if len(self._tables) == len(buses):
            return self._tables
        sizes = [bus.stop - bus.start for bus in buses]
        return [_part(self._tables[0][:size, :size]) for size in sizes]

    def _jobs(self, tables: list[Array]) -> list[tuple[Array, slice, slice]]:
        """Table, lines and points of each call: all buses at once if they are alike."""
        if len(tables) == 1:
            return [(tables[0], slice(None), slice(None))]
        n = self._n_nodes
        return [
            (table, bus, slice(bus.start * n, bus.stop * n))
            for table, bus in zip(tables, self._buses(), strict=True)
        ]

    def _run(self, fill: Fill, tables: list[Array], n_chains: int, n_points: int) -> None:
        """Fill all rows; `n_points` of each line say how much work that is."""
        jobs = self._jobs(tables)
        work = n_chains * self._n_lines * self._per_bus * n_points
        n_threads = min(self._n_threads, n_chains, max(work // MIN_WORK, 1))
        if n_threads == 1:
            for job in jobs:
                fill(slice(None), *job)
            return
        edges = np.linspace(0, n_chains, n_threads + 1).astype(int)
        with ThreadPoolExecutor(n_threads) as pool:
            tasks = [
                pool.submit(fill, slice(first, last), *job)
                for first, last in zip(edges[:-1], edges[1:], strict=True)
                for job in jobs
            ]
            for task in tasks:
                task.result()


def _part(values: Array) -> Array:
    """A part of an array as the kernels take it: itself, or a copy if it has gaps."""
    return np.ascontiguousarray(values)
