"""From a bench table to a device: what a laboratory measured is read, fitted and saved."""

from reservoir.bench.fit import BenchFit, Estimate, fit_bench_table
from reservoir.bench.loading import is_bench_table, load_device
from reservoir.bench.locking import (
    InjectionScale,
    fit_locking,
    locking_edges,
    read_locking,
)
from reservoir.bench.sheet import SheetLine, device_sheet
from reservoir.bench.sweep import SourceSweep, read_sweep
from reservoir.bench.table import BenchTable, read_bench_table
from reservoir.bench.transient import Transient, fit_transient, read_transient

__all__ = [
    "BenchFit",
    "BenchTable",
    "Estimate",
    "InjectionScale",
    "SheetLine",
    "SourceSweep",
    "Transient",
    "device_sheet",
    "fit_bench_table",
    "fit_locking",
    "fit_transient",
    "is_bench_table",
    "load_device",
    "locking_edges",
    "read_bench_table",
    "read_locking",
    "read_sweep",
    "read_transient",
]
