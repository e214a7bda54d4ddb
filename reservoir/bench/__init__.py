"""From a bench table to a device: what a laboratory measured is read, fitted and saved."""

from reservoir.bench.fit import BenchFit, Estimate, fit_bench_table
from reservoir.bench.loading import is_bench_table, load_device
from reservoir.bench.sheet import SheetLine, device_sheet
from reservoir.bench.table import BenchTable, read_bench_table
from reservoir.bench.transient import Transient, fit_transient, read_transient

__all__ = [
    "BenchFit",
    "BenchTable",
    "Estimate",
    "SheetLine",
    "Transient",
    "device_sheet",
    "fit_bench_table",
    "fit_transient",
    "is_bench_table",
    "load_device",
    "read_bench_table",
    "read_transient",
]
